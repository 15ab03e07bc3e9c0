//! The engine as its driver sees it, with everything checked that is true of any answer whatever.

use bytes::{Bytes, BytesMut};
use dodici_engine::error::Error;
use dodici_engine::message::{Fields, ResponseHead};
use dodici_engine::proto::h1::{Connection, Output, Received};

use crate::plan::{Plan, now};

/// What became of a call.
#[derive(Debug)]
pub enum Step {
    Received(Received),
    /// More octets or capacity are needed.
    Waits,
    Failed(Error),
}

/// A connection and what of the peer's octets it has not taken.
#[derive(Debug)]
pub struct Client<'a> {
    pub plan: &'a Plan<'a>,
    pub connection: Connection,
    pub input: BytesMut,
    /// Octets of the wire that were given.
    pub given: usize,
    /// Octets of content in the present response.
    content: u64,
    /// Neither failed nor ended nor left HTTP.
    pub is_open: bool,
}

impl<'a> Client<'a> {
    #[must_use]
    pub fn new(plan: &'a Plan<'a>) -> Self {
        let connection = plan.connection();
        Self { plan, connection, input: BytesMut::new(), given: 0, content: 0, is_open: true }
    }

    /// The peer says the next `octets`.
    pub fn hear(&mut self, octets: usize) {
        let end = (self.given + octets).min(self.plan.wire.len());
        self.input.extend_from_slice(&self.plan.wire[self.given..end]);
        self.given = end;
    }

    /// Whether all was said.
    #[must_use]
    pub fn has_heard_all(&self) -> bool {
        self.given == self.plan.wire.len()
    }

    /// The next step.
    pub fn step(&mut self, capacity: usize) -> Step {
        let before = self.input.len();
        let result = self.connection.receive(&mut self.input, capacity, now());
        let taken = before - self.input.len();
        if taken > 0 {
            self.check_rest();
        }
        match result {
            Ok(Some(received)) => {
                self.check(&received, taken, capacity);
                Step::Received(received)
            }
            Ok(None) => {
                if self.is_open && capacity == usize::MAX {
                    let bound = 8 * self.plan.max_header_size + 1024 + 2;
                    assert!(self.input.len() <= bound, "{} octets are held", self.input.len());
                }
                Step::Waits
            }
            Err(error) => {
                self.failed();
                Step::Failed(error)
            }
        }
    }

    /// The peer closes.
    pub fn end(&mut self) -> Step {
        let result = self.connection.receive_end(now());
        assert!(!self.connection.accepts_requests(), "a connection without a peer takes requests");
        match result {
            Ok(Some(received)) => {
                assert!(matches!(received, Received::End { reuse: false, .. }), "{received:?} at the end");
                self.is_open = false;
                Step::Received(received)
            }
            Ok(None) => Step::Waits,
            Err(error) => {
                self.failed();
                Step::Failed(error)
            }
        }
    }

    fn failed(&mut self) {
        self.is_open = false;
        assert!(!self.connection.accepts_requests(), "a failed connection takes requests");
        assert!(self.connection.deadline().is_none(), "a failed connection has a deadline");
        let left = self.input.len();
        let again = self.connection.receive(&mut self.input, usize::MAX, now());
        assert!(matches!(again, Ok(None)), "a failed connection says {again:?}");
        assert_eq!(left, self.input.len(), "a failed connection takes octets");
    }

    /// What is left is the end of what was given.
    fn check_rest(&self) {
        let given = &self.plan.wire[..self.given];
        assert!(self.input.len() <= given.len() && given.ends_with(&self.input), "the rest is another");
    }

    fn check(&mut self, received: &Received, taken: usize, capacity: usize) {
        assert!(self.is_open, "{received:?} on a connection that is over");
        match received {
            Received::Informational(head) => {
                assert!(taken > 0 && (102..200).contains(&head.status), "an interim {}", head.status);
                check_head(head, self.plan.max_header_size);
            }
            Received::Continue => {
                assert!(taken > 0 && self.plan.asked.expects_continue, "nobody waits to continue");
                self.connection.send_content(now(), &mut Output::new());
            }
            Received::Head(head) => {
                assert!(taken > 0 && (200..1000).contains(&head.status), "a final {}", head.status);
                check_head(head, self.plan.max_header_size);
            }
            Received::Upgraded(head) => {
                check_head(head, self.plan.max_header_size);
                self.is_open = false;
            }
            Received::Data(bytes) => self.check_data(bytes, taken, capacity),
            Received::End { trailers, reuse } => {
                check_fields(trailers, self.plan.max_header_size);
                self.content = 0;
                self.is_open = *reuse;
                assert!(*reuse || !self.connection.accepts_requests(), "a used-up connection takes requests");
            }
        }
    }

    fn check_data(&mut self, bytes: &Bytes, taken: usize, capacity: usize) {
        let at = self.given - self.input.len();
        assert!(!bytes.is_empty() && bytes.len() <= taken && bytes.len() <= capacity, "{} octets", bytes.len());
        assert_eq!(self.plan.wire[at - bytes.len()..at], bytes[..], "content that was not said");
        self.content += bytes.len() as u64;
        assert!(self.plan.max_response_size.is_none_or(|max| self.content <= max), "more content than allowed");
    }
}

fn check_head(head: &ResponseHead, limit: usize) {
    let reason = head.reason();
    assert!(reason.is_empty() || reason.len() < limit, "a reason of {} octets", reason.len());
    assert!(reason.iter().all(|octet| is_text(*octet)), "a reason with control octets");
    check_fields(&head.fields, limit);
}

fn check_fields(fields: &Fields, limit: usize) {
    let mut size = 0;
    for (name, value) in fields.iter() {
        size += name.len() + value.len();
        assert!(!name.is_empty() && name.iter().all(|octet| is_token(*octet)), "a name that is none");
        assert!(value.iter().all(|octet| is_text(*octet)), "a value with control octets");
        let visible = |octet: Option<&u8>| !matches!(octet, Some(b' ' | b'\t'));
        assert!(visible(value.first()) && visible(value.last()), "white space around a value");
    }
    assert!(size == 0 || size < limit, "fields of {size} octets");
}

/// What a field value and a reason phrase consist of (RFC 9110 section 5.5, RFC 9112 section 4).
pub(crate) fn is_text(octet: u8) -> bool {
    TEXT[usize::from(octet)]
}

/// `tchar` (RFC 9110 section 5.6.2).
pub(crate) fn is_token(octet: u8) -> bool {
    TOKEN[usize::from(octet)]
}

// Tables, since each comparison of an instrumented program is a call.
static TEXT: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = octet == 9 || octet >= 0x20 && octet != 0x7f;
        octet += 1;
    }
    table
};

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let tchar = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut index = 0;
    while index < tchar.len() {
        table[tchar[index] as usize] = true;
        index += 1;
    }
    table
};
