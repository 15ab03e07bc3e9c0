//! How an HTTP proxy is asked for a tunnel (CONNECT, RFC 9110 section 9.3.6). The request and its answer are HTTP/1.1
//! and known in `h1`; here is what the answer means.
//!
//! ```text
//!  Asked ─── 1xx: stays ──► 200 ──► open
//!    └── another status, garbage, end, timeout ──► error
//! ```

use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::h1::{Config, Connection, KeepAlive, Output, Received};
use crate::error::Error;
use crate::message::{ExchangeId, Method, Request, RequestBody, RequestHead};

/// What a proxy is asked, and what its answer may be.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The head of the request, with the authority as its target.
    pub head: RequestHead,
    /// The most octets of names and values in the head of the answer.
    pub max_header_size: usize,
    /// How long the whole head of the answer may take after the request was sent; `None`: for ever.
    pub headers_timeout: Option<Duration>,
}

/// A tunnel that was asked for.
#[derive(Debug)]
pub struct Opening {
    connection: Connection,
}

impl Opening {
    /// Asks: the request goes to `output`.
    #[must_use]
    pub fn new(ask: &Ask, now: Instant, output: &mut Output) -> Self {
        // Nothing follows on this connection, so that it is never idle.
        let keep_alive =
            KeepAlive { timeout: Duration::from_secs(1), max_timeout: Duration::from_secs(1), threshold: 0 };
        let config = Config { max_header_size: ask.max_header_size, max_response_size: None, keep_alive };
        let mut connection = Connection::new(config, now);
        let request = Request {
            method: Method::Connect,
            head: ask.head.clone(),
            body: RequestBody::None,
            upgrade: false,
            idempotent: false,
            blocking: false,
            reset: None,
            unexpected_content: false,
            expect_continue: false,
            server_name: None,
            type_of_service: None,
            decoding: None,
            headers_timeout: ask.headers_timeout,
            body_timeout: None,
            timeout: None,
        };
        connection.send(ExchangeId { slot: 0, generation: 0 }, &request, true, now, output);
        Self { connection }
    }

    /// The proxy says what is in `input`. True: the tunnel is open, and what is left of it is the origin's.
    ///
    /// # Errors
    ///
    /// `TunnelRefused` where the answer is no, and what `h1` says where it is none.
    pub fn receive(&mut self, input: &mut BytesMut, now: Instant) -> Result<bool, Error> {
        while let Some(received) = self.connection.receive(input, 0, now)? {
            if let Received::Upgraded(head) = received {
                // RFC 9110 section 9.3.6 has any 2xx open the tunnel; undici, and so our users, know of 200.
                return if head.status == 200 { Ok(true) } else { Err(Error::TunnelRefused { status: head.status }) };
            }
        }
        Ok(false)
    }

    /// The proxy has finished sending.
    #[must_use]
    pub fn receive_end(&mut self, now: Instant) -> Error {
        self.connection.receive_end(now).err().unwrap_or(Error::OtherSideClosed)
    }

    /// When [`Self::handle_timeout`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.connection.deadline()
    }

    /// What has timed out by `now`, if anything.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Error> {
        self.connection.handle_timeout(now)
    }
}
