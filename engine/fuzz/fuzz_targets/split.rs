//! The same octets, whole and cut somewhere, with any capacity for content at each call: what comes of them
//! is the same, faults with their places included.
#![no_main]

use std::io::Write as _;

use dodici_engine::error::Error;
use dodici_engine::message::{Fields, ResponseHead};
use dodici_engine::proto::h1::Received;
use dodici_fuzz::client::{Client, Step};
use dodici_fuzz::plan::Plan;
use libfuzzer_sys::fuzz_target;

/// How the octets are cut: the sizes of pieces and of capacities, in turns.
const CUTS: usize = 8;

fuzz_target!(|data: &[u8]| {
    let Some((cuts, rest)) = data.split_first_chunk::<CUTS>() else { return };
    let Some(plan) = Plan::read(rest) else { return };
    let whole = Account::of(&plan, None);
    let cut = Account::of(&plan, Some(cuts));
    assert_eq!(whole.events, cut.events);
    if whole.is_too_large {
        // Whole, the piece that was too much was not handed out at all.
        assert!(cut.content.starts_with(&whole.content), "other content");
    } else {
        assert_eq!(whole.content, cut.content);
    }
});

/// All that happened, in octets that are quick to compare.
#[derive(Default)]
struct Account {
    events: Vec<u8>,
    /// The content of all responses.
    content: Vec<u8>,
    is_too_large: bool,
}

impl Account {
    fn of(plan: &Plan<'_>, cuts: Option<&[u8; CUTS]>) -> Self {
        let mut account = Self::default();
        let mut client = Client::new(plan);
        let mut turn = 0;
        // Not too many pieces.
        let least = plan.wire.len() / 128 + 1;
        while client.is_open {
            let piece = cuts.map_or(plan.wire.len(), |cuts| usize::from(cuts[turn % (CUTS / 2)]).max(least));
            client.hear(piece);
            loop {
                let capacity = cuts.map_or(usize::MAX, |cuts| usize::from(cuts[CUTS / 2 + turn % (CUTS / 2)]) * least);
                turn += 1;
                let mut step = client.step(capacity);
                if matches!(step, Step::Waits) && capacity < usize::MAX {
                    step = client.step(usize::MAX);
                }
                if !account.take(step) {
                    break;
                }
            }
            if client.has_heard_all() {
                break;
            }
        }
        if client.is_open && plan.closes {
            let step = client.end();
            account.take(step);
        }
        account.events.push(u8::from(client.connection.accepts_requests()));
        account
    }

    fn take(&mut self, step: Step) -> bool {
        match step {
            Step::Waits => return false,
            Step::Failed(Error::ResponseExceededMaxSize) => {
                self.is_too_large = true;
                self.events.push(b'L');
                return false;
            }
            Step::Failed(error) => {
                self.event(b'E');
                match error {
                    Error::Parse(error) => {
                        self.events.extend_from_slice(&error.position.to_le_bytes());
                        self.events.push(error.code as u8);
                        self.events.extend_from_slice(error.reason.as_bytes());
                    }
                    error => write!(self.events, "{error:?}").unwrap(),
                }
                return false;
            }
            Step::Received(Received::Informational(head)) => self.head(b'I', &head),
            Step::Received(Received::Continue) => self.event(b'C'),
            Step::Received(Received::Head(head)) => self.head(b'H', &head),
            Step::Received(Received::Upgraded(head)) => self.head(b'U', &head),
            Step::Received(Received::Data(bytes)) => self.content.extend_from_slice(&bytes),
            Step::Received(Received::End { trailers, reuse }) => {
                self.event(b'.');
                self.events.push(u8::from(reuse));
                self.fields(&trailers);
            }
        }
        true
    }

    /// The name of an event, and how much content came before it.
    fn event(&mut self, name: u8) {
        self.events.push(name);
        self.events.extend_from_slice(&self.content.len().to_le_bytes());
    }

    fn head(&mut self, name: u8, head: &ResponseHead) {
        self.event(name);
        self.events.extend_from_slice(&head.status.to_le_bytes());
        self.events.extend_from_slice(&head.reason.start.to_le_bytes());
        self.events.extend_from_slice(&head.reason.end.to_le_bytes());
        self.fields(&head.fields);
    }

    fn fields(&mut self, fields: &Fields) {
        self.events.extend_from_slice(&fields.lines.len().to_le_bytes());
        for line in fields.lines.iter() {
            for place in [line.name.start, line.name.end, line.value.start, line.value.end] {
                self.events.extend_from_slice(&place.to_le_bytes());
            }
        }
        self.events.extend_from_slice(&fields.bytes);
    }
}
