//! The plan of a run: what was asked, with which limits, what the peer says, and whether it then closes.
//! Its first octets are the plan proper, at fixed places so that a mutation of one leaves the others alone.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Instant;

use bytes::Bytes;
use dodici_engine::message::{ExchangeId, Method, Request, RequestBody, RequestHead};
use dodici_engine::proto::h1::{Config, Connection, KeepAlive, Output};

use crate::script;

/// Octets before the script.
pub const PLAN: usize = 5;

/// The only instant there is: time does not pass here.
static NOW: LazyLock<Instant> = LazyLock::new(Instant::now);

const HEADER_SIZES: [usize; 8] = [16 * 1024, 1024, 256, 100, 32, 9, 3, 1];
const RESPONSE_SIZES: [Option<u64>; 4] = [None, Some(0), Some(5), Some(100)];
const THRESHOLDS: [i64; 4] = [2000, 0, -1000, i64::MAX];

/// What was asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub method: Method,
    pub upgrade: bool,
    /// Its body is still being written when the answer comes.
    pub is_unfinished: bool,
    /// It waits with its body for `100 (Continue)`.
    pub expects_continue: bool,
    /// The `reset` option.
    pub reset: Option<bool>,
    /// `connection: close` was said.
    pub close: bool,
}

/// What happens in a run.
#[derive(Debug)]
pub struct Plan<'a> {
    pub max_header_size: usize,
    pub max_response_size: Option<u64>,
    /// In milliseconds.
    pub keep_alive_threshold: i64,
    /// Plain requests that were sent before `asked`.
    pub plain: usize,
    pub asked: Asked,
    /// What the peer says.
    pub wire: Cow<'a, [u8]>,
    /// The peer closes afterwards.
    pub closes: bool,
    /// Octets of the plan that its target may use.
    pub spare: [u8; 2],
}

impl<'a> Plan<'a> {
    /// Reads a plan; none when there are too few octets for one.
    ///
    /// ```text
    ///  octet 0   bits 0–1 what is asked, 2–3 plain requests before it, 4 stays open, 5 reset: false,
    ///            6 unfinished, 7 the script has tokens
    ///  octet 1   bits 0–2 maxHeaderSize, 3–4 maxResponseSize, 5 close, 6–7 keepAliveTimeoutThreshold
    ///  octet 2   bit 0 expects 100, 4–7 all set: the script may become large
    ///  octets 3–4  the target's
    /// ```
    #[must_use]
    pub fn read(data: &'a [u8]) -> Option<Self> {
        let (&[what, limits, more, spare @ ..], script) = data.split_first_chunk::<PLAN>()?;
        let (method, upgrade) = match what & 3 {
            0 => (Method::Other, false),
            1 => (Method::Head, false),
            2 => (Method::Connect, false),
            _ => (Method::Other, true),
        };
        Some(Self {
            max_header_size: HEADER_SIZES[usize::from(limits & 7)],
            max_response_size: RESPONSE_SIZES[usize::from(limits >> 3 & 3)],
            keep_alive_threshold: THRESHOLDS[usize::from(limits >> 6)],
            plain: usize::from(what >> 2 & 3),
            asked: Asked {
                method,
                upgrade,
                is_unfinished: what & 0x40 != 0,
                expects_continue: more & 1 != 0,
                reset: (what & 0x20 != 0).then_some(false),
                close: limits & 0x20 != 0,
            },
            wire: script::expand(script, what & 0x80 != 0, more >= 0xf0),
            closes: what & 0x10 == 0,
            spare,
        })
    }

    /// A connection on which everything was asked.
    #[must_use]
    pub fn connection(&self) -> Connection {
        let mut connection = Connection::new(self.config(), now());
        let mut output = Output::new();
        for slot in 0..self.plain {
            connection.send(exchange(slot), &plain(), false, now(), &mut output);
        }
        let asked = &self.asked;
        let mut request = Request {
            method: asked.method,
            upgrade: asked.upgrade,
            reset: asked.reset,
            expect_continue: asked.expects_continue,
            ..plain()
        };
        if asked.is_unfinished {
            request.body = RequestBody::Stream { declared: None, expects_content: true };
        } else if asked.expects_continue {
            request.body = RequestBody::Whole(Bytes::from_static(b"hello"));
        }
        connection.send(exchange(self.plain), &request, asked.close, now(), &mut output);
        connection
    }

    fn config(&self) -> Config {
        Config {
            max_header_size: self.max_header_size,
            max_response_size: self.max_response_size,
            keep_alive: keep_alive(self.keep_alive_threshold),
        }
    }
}

/// The instant of everything.
#[must_use]
pub fn now() -> Instant {
    *NOW
}

/// The exchange in a slot.
#[must_use]
pub fn exchange(slot: usize) -> ExchangeId {
    ExchangeId { slot: slot as u32, generation: 0 }
}

/// How long connections are kept.
#[must_use]
pub fn keep_alive(threshold: i64) -> KeepAlive {
    KeepAlive { threshold, ..KeepAlive::default() }
}

/// A request with nothing special about it.
#[must_use]
pub fn plain() -> Request {
    Request {
        method: Method::Other,
        head: RequestHead { bytes: Bytes::from_static(b"GET / HTTP/1.1\r\nhost: a\r\n"), connection_at: None },
        body: RequestBody::None,
        upgrade: false,
        idempotent: true,
        blocking: false,
        reset: None,
        unexpected_content: false,
        decoding: None,
        expect_continue: false,
        server_name: None,
        type_of_service: None,
        headers_timeout: None,
        body_timeout: None,
        timeout: None,
    }
}
