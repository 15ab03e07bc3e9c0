//! Any octets as a proxy's answer to CONNECT, in pieces and with time between them: a tunnel exactly where the model has one,
//! with the very octets behind it, wherever they are cut; and nothing that a proxy says makes the wait longer than it may be.
#![no_main]

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use dodici_engine::error::Error;
use dodici_engine::message::{Method, RequestHead};
use dodici_engine::proto::h1::Output;
use dodici_engine::proto::tunnel::{Ask, Opening};
use dodici_fuzz::model::{Account, Ending, Why};
use dodici_fuzz::plan::{Asked, Plan, now};
use libfuzzer_sys::fuzz_target;

const HEAD: &[u8] = b"CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n";

const HEADERS_TIMEOUT: Duration = Duration::from_millis(100);

/// Interim answers may put it off to so many times its value in all.
const LONGEST: u32 = 4;

fuzz_target!(|data: &[u8]| {
    let Some(mut plan) = Plan::read(data) else { return };
    plan.plain = 0;
    plan.max_response_size = None;
    plan.asked = Asked {
        method: Method::Connect,
        upgrade: false,
        is_unfinished: false,
        expects_continue: false,
        reset: None,
        close: true,
    };
    let whole = Outcome::of(&plan, plan.wire.len(), Duration::ZERO);
    whole.compare(&plan);
    let piece = usize::from(plan.spare[0]).max(plan.wire.len() / 128 + 1);
    assert_eq!(whole, Outcome::of(&plan, piece, Duration::ZERO));
    let late = Outcome::of(&plan, piece, Duration::from_millis(u64::from(plan.spare[1])));
    assert!(late == whole || late.result == Err(Error::HeadersTimeout), "{late:?} instead of {whole:?}");
});

#[derive(Debug, PartialEq)]
struct Outcome {
    result: Result<bool, Error>,
    /// What is the origin's.
    rest: Vec<u8>,
    /// What the proxy's end means, if it came to that.
    at_end: Option<Error>,
}

impl Outcome {
    fn of(plan: &Plan<'_>, piece: usize, pause: Duration) -> Self {
        let mut output = Output::new();
        let ask = Ask {
            head: RequestHead { bytes: Bytes::from_static(HEAD), connection_at: Some(HEAD.len()) },
            max_header_size: plan.max_header_size,
            headers_timeout: (!pause.is_zero()).then_some(HEADERS_TIMEOUT),
        };
        let mut time = now();
        let mut opening = Opening::new(&ask, time, &mut output);
        assert_eq!(output.len(), HEAD.len() + b"connection: close\r\n\r\n".len());
        let mut input = BytesMut::new();
        let mut said = 0;
        while said < plan.wire.len() {
            let end = (said + piece).min(plan.wire.len());
            input.extend_from_slice(&plan.wire[said..end]);
            said = end;
            time += pause;
            let deadline = opening.deadline();
            assert_eq!(deadline.is_some(), !pause.is_zero());
            assert!(deadline.is_none_or(|deadline| deadline <= now() + LONGEST * HEADERS_TIMEOUT), "a longer wait");
            if let Some(error) = opening.handle_timeout(time) {
                assert!(deadline.is_some_and(|deadline| deadline <= time), "too early");
                return Self { result: Err(error), rest: Vec::new(), at_end: None };
            }
            match opening.receive(&mut input, time) {
                Ok(false) => {}
                Ok(true) => {
                    // What the proxy says then is the origin's as well.
                    input.extend_from_slice(&plan.wire[said..]);
                    assert!(plan.wire.ends_with(&input), "the rest is another");
                    return Self { result: Ok(true), rest: input.to_vec(), at_end: None };
                }
                result => return Self { result, rest: Vec::new(), at_end: None },
            }
        }
        Self { result: Ok(false), rest: Vec::new(), at_end: plan.closes.then(|| opening.receive_end(time)) }
    }

    fn compare(&self, plan: &Plan<'_>) {
        let account = Account::of(plan);
        let answer = account.answers.first();
        if let Some((head, rest)) = answer.and_then(|answer| answer.head.as_ref().zip(answer.tunnel)) {
            let is_it = match &self.result {
                Ok(is_open) => *is_open && head.status == 200 && self.rest == rest,
                Err(Error::TunnelRefused { status }) => *status == head.status && head.status != 200,
                Err(Error::HeadersOverflow | Error::Parse(_)) => account.is_borderline,
                Err(_) => false,
            };
            assert!(is_it, "{self:?}: {account:?}");
            return;
        }
        let is_named = match (&self.result, account.ending) {
            (Ok(true), _) => false,
            (Ok(false), Ending::Waiting { .. }) => !plan.closes,
            (Ok(false), Ending::Refused(Why::Cut { .. } | Why::Syntax { is_partial: true })) => true,
            (Ok(false), _) => plan.wire.is_empty() || account.is_borderline,
            (Err(Error::HeadersOverflow | Error::Parse(_)), _) if account.is_borderline => true,
            (Err(Error::Parse(_)), Ending::Refused(Why::Syntax { .. })) => true,
            // Counted while a line arrives, and what is wrong in it is seen at its end.
            (Err(Error::HeadersOverflow), Ending::Refused(Why::Overflow | Why::Syntax { .. })) => true,
            (Err(Error::BadResponse), Ending::Refused(Why::Unexpected)) => true,
            (Err(Error::BadUpgrade), Ending::Refused(Why::Upgrade)) => true,
            // What could not have become right may be wrong already.
            (
                Err(Error::HeadersOverflow | Error::Parse(_)),
                Ending::Waiting { hopeless: true } | Ending::Refused(Why::Cut { hopeless: true }),
            ) => true,
            _ => false,
        };
        assert!(is_named, "{self:?}: {account:?}");
    }
}
