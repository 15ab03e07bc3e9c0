//! Content in each of its framings, put together here, so that it is known what has to come out: all of it,
//! in order, and the trailers. Then the same with an octet damaged, where only what is true of any answer
//! can be said, and that nothing comes out which was not content.
#![no_main]

use dodici_engine::error::Error;
use dodici_engine::proto::h1::Received;
use dodici_fuzz::client::{Client, Step};
use dodici_fuzz::plan::{PLAN, Plan};
use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;
use std::io::Write as _;

const EXTENSIONS: [&[u8]; 8] =
    [b"", b"", b"", b";a", b";a=b", b";a=\"b;\\\"\xff\t\"", b";a;b=c;d=\"\"", b";a=!#$%&'*+-.^_`|~9Z"];

const TRAILERS: [&[u8]; 4] = [b"", b"a: b\r\n", b"content-length: 9\r\nx:\t y \r\n", b"transfer-encoding: chunked\r\n"];
const TRAILERS_READ: [&[(&[u8], &[u8])]; 4] =
    [&[], &[(b"a", b"b")], &[(b"content-length", b"9"), (b"x", b"y")], &[(b"transfer-encoding", b"chunked")]];

/// Octets that say how: the framing and the trailers, then where and how one octet is damaged.
const HOW: usize = 4;

fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = data.split_first_chunk::<HOW>() else { return };
    let Some(mut plan) = Plan::read(rest) else { return };
    plan.plain = 0;
    plan.asked.method = dodici_engine::message::Method::Other;
    let message = Message::new(how, &rest[PLAN..]);
    let is_damaged = how[3] != 0;
    plan.wire = Cow::Owned(message.wire);
    if let (true, Cow::Owned(wire)) = (is_damaged, &mut plan.wire) {
        let at = usize::from(u16::from_le_bytes([how[1], how[2]])) % wire.len();
        wire[at] ^= how[3];
    }

    let (content, ending) = hear(&plan);
    if is_damaged {
        assert!(content.len() <= plan.wire.len(), "more content than octets");
        return;
    }
    let is_too_much = plan.max_response_size.is_some_and(|max| message.content.len() as u64 > max);
    let end = match ending {
        Ending::Ended(end) => Some(end),
        // All limits are far above the heads of this target, but not always above its trailers.
        Ending::Failed(Error::HeadersOverflow) if plan.max_header_size <= 100 => None,
        Ending::Failed(Error::ResponseExceededMaxSize) if is_too_much => None,
        Ending::Waits if matches!(message.framing, Framing::UntilClose) && !plan.closes => {
            assert_eq!(content, message.content);
            None
        }
        Ending::Failed(_) | Ending::Waits => panic!("{ending:?}"),
    };
    if let Some((trailers, reuse)) = end {
        assert!(!is_too_much, "more content than allowed");
        assert_eq!(content, message.content);
        let expected = TRAILERS_READ[message.trailers];
        assert!(trailers.iter().map(|(name, value)| (&name[..], &value[..])).eq(expected.iter().copied()));
        assert!(!reuse || !plan.asked.is_unfinished && !matches!(message.framing, Framing::UntilClose));
    } else {
        assert!(message.content.starts_with(&content), "content that was not said");
    }
});

#[derive(Debug)]
enum Ending {
    Ended((Vec<(Vec<u8>, Vec<u8>)>, bool)),
    Failed(Error),
    Waits,
}

/// What comes out of the plan's octets, in pieces and with capacities that the plan says.
fn hear(plan: &Plan<'_>) -> (Vec<u8>, Ending) {
    let [piece, capacity] = plan.spare.map(|octet| if octet == 0 { 64 * 1024 } else { usize::from(octet) });
    let mut client = Client::new(plan);
    let mut content = Vec::new();
    loop {
        let step = match client.step(capacity) {
            Step::Waits if !client.has_heard_all() => {
                client.hear(piece);
                continue;
            }
            Step::Waits if plan.closes && client.is_open => client.end(),
            step => step,
        };
        match step {
            Step::Received(Received::Data(bytes)) => content.extend_from_slice(&bytes),
            Step::Received(Received::End { trailers, reuse }) => {
                let trailers = trailers.iter().map(|(name, value)| (name.to_vec(), value.to_vec()));
                return (content, Ending::Ended((trailers.collect(), reuse)));
            }
            Step::Received(_) => {}
            Step::Failed(error) => return (content, Ending::Failed(error)),
            Step::Waits => return (content, Ending::Waits),
        }
    }
}

enum Framing {
    Length,
    Chunked,
    UntilClose,
}

/// An answer and what is in it.
struct Message {
    framing: Framing,
    wire: Vec<u8>,
    content: Vec<u8>,
    trailers: usize,
}

impl Message {
    fn new(how: &[u8; HOW], script: &[u8]) -> Self {
        let framing = match how[0] & 3 {
            0 => Framing::Length,
            1 => Framing::UntilClose,
            _ => Framing::Chunked,
        };
        let mut message =
            Self { framing, wire: Vec::with_capacity(1024), content: Vec::with_capacity(512), trailers: 0 };
        message.wire.extend_from_slice(b"HTTP/1.1 200\r\n");
        match message.framing {
            Framing::Length => {
                message.wire.extend_from_slice(b"a:\r\n");
                message.content.extend_from_slice(script);
            }
            Framing::UntilClose => {
                message.wire.extend_from_slice(b"\r\n");
                message.wire.extend_from_slice(script);
                message.content.extend_from_slice(script);
            }
            Framing::Chunked => message.chunked(usize::from(how[0] >> 2 & 3), script),
        }
        if let Framing::Length = message.framing {
            write!(message.wire, "Content-Length: {}\r\n\r\n", script.len()).expect("memory");
            message.wire.extend_from_slice(script);
        }
        message
    }

    /// Each chunk is an octet that says its looks, one that says its size, and its data.
    fn chunked(&mut self, trailers: usize, mut script: &[u8]) {
        self.wire.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
        while let [looks, size, rest @ ..] = script {
            let (data, rest) = rest.split_at(usize::from(*size).min(rest.len()));
            script = rest;
            if data.is_empty() {
                break;
            }
            self.chunk_size(*looks, data.len());
            self.wire.extend_from_slice(data);
            self.wire.extend_from_slice(b"\r\n");
            self.content.extend_from_slice(data);
        }
        self.chunk_size(script.first().copied().unwrap_or(0), 0);
        self.wire.extend_from_slice(TRAILERS[trailers]);
        self.wire.extend_from_slice(b"\r\n");
        self.trailers = trailers;
    }

    fn chunk_size(&mut self, looks: u8, size: usize) {
        let zeros = usize::from(looks >> 4);
        let result = match looks & 8 {
            0 => write!(self.wire, "{size:0zeros$x}"),
            _ => write!(self.wire, "{size:0zeros$X}"),
        };
        result.expect("memory");
        self.wire.extend_from_slice(EXTENSIONS[usize::from(looks & 7)]);
        self.wire.extend_from_slice(b"\r\n");
    }
}
