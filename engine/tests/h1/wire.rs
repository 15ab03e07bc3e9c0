//! A connection with a wire on either side: requests that go out are text, and what the peer says comes
//! back as one line for each step.

use std::io::IoSlice;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use dodici_engine::error::Error;
use dodici_engine::message::{ExchangeId, Method, Request, RequestBody, RequestHead};
use dodici_engine::proto::h1::{Config, Connection, Heads, KeepAlive, Output, Received};

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

pub(crate) struct Wire {
    pub(crate) connection: Connection,
    pub(crate) now: Instant,
    input: BytesMut,
    output: Output,
    exchanges: u32,
}

impl Wire {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::knowing(Heads::default(), config)
    }

    /// A connection that knows `heads`.
    pub(crate) fn knowing(heads: Heads, config: Config) -> Self {
        let now = Instant::now();
        Self {
            connection: Connection::sharing(config, heads, now),
            now,
            input: BytesMut::new(),
            output: Output::new(),
            exchanges: 0,
        }
    }

    /// A connection over which a GET was sent.
    pub(crate) fn awaiting_head() -> Self {
        let mut wire = Self::new();
        wire.send(&get());
        wire
    }

    pub(crate) fn send(&mut self, request: &Request) -> ExchangeId {
        self.send_with(request, false)
    }

    pub(crate) fn send_with(&mut self, request: &Request, close: bool) -> ExchangeId {
        let exchange = ExchangeId { slot: self.exchanges, generation: 0 };
        self.exchanges += 1;
        self.connection.send(exchange, request, close, self.now, &mut self.output);
        exchange
    }

    pub(crate) fn send_chunk(&mut self, exchange: ExchangeId, bytes: &'static str) -> Result<(), Error> {
        let bytes = Bytes::from_static(bytes.as_bytes());
        self.connection.send_chunk(exchange, bytes, &mut self.output)
    }

    pub(crate) fn send_content(&mut self) {
        self.connection.send_content(self.now, &mut self.output);
    }

    pub(crate) fn finish_body(&mut self, exchange: ExchangeId) -> Result<(), Error> {
        self.connection.finish_body(exchange, self.now, &mut self.output)
    }

    /// What was written since the last call.
    pub(crate) fn written(&mut self) -> String {
        let mut text = String::new();
        while !self.output.is_empty() {
            let mut slices = [IoSlice::new(&[]); 2];
            let count = self.output.io_slices(&mut slices);
            let front: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
            text.push_str(&String::from_utf8(front.clone()).expect("requests are text here"));
            self.output.advance(front.len());
        }
        text
    }

    /// The peer says `bytes`.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Vec<String> {
        self.hear_with_capacity(bytes, usize::MAX)
    }

    /// The peer says `bytes`, of whose content so much may be handed out, in all.
    pub(crate) fn hear_with_capacity(&mut self, bytes: &[u8], mut capacity: usize) -> Vec<String> {
        self.input.extend_from_slice(bytes);
        let mut steps = Vec::new();
        loop {
            match self.connection.receive(&mut self.input, capacity, self.now) {
                Ok(Some(received)) => {
                    if let Received::Data(bytes) = &received {
                        capacity -= bytes.len();
                    }
                    steps.extend(lines(received));
                }
                Ok(None) => return steps,
                Err(error) => {
                    steps.push(fault(&error));
                    return steps;
                }
            }
        }
    }

    /// The peer has finished sending.
    pub(crate) fn hear_end(&mut self) -> Vec<String> {
        match self.connection.receive_end(self.now) {
            Ok(received) => received.into_iter().flat_map(lines).collect(),
            Err(error) => vec![fault(&error)],
        }
    }

    /// What the peer said and nobody took.
    pub(crate) fn left(&self) -> &[u8] {
        &self.input
    }

    pub(crate) fn pass(&mut self, time: Duration) -> Option<Error> {
        self.now += time;
        self.connection.handle_timeout(self.now)
    }

    /// How long until the deadline.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        let deadline = self.connection.deadline()?;
        Some(deadline.saturating_duration_since(self.now))
    }
}

pub(crate) fn config() -> Config {
    Config { max_header_size: 16 * 1024, max_response_size: None, keep_alive: KeepAlive::default() }
}

pub(crate) fn get() -> Request {
    request("GET")
}

/// A request without content whose headers and body timeouts are 30 and 20 seconds.
pub(crate) fn request(method: &str) -> Request {
    let line = format!("{method} / HTTP/1.1\r\nhost: a\r\n");
    Request {
        method: match method {
            "HEAD" => Method::Head,
            "CONNECT" => Method::Connect,
            _ => Method::Other,
        },
        head: RequestHead { connection_at: Some(line.len()), bytes: Bytes::from(line + "accept: */*\r\n") },
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
        headers_timeout: Some(Duration::from_secs(30)),
        body_timeout: Some(Duration::from_secs(20)),
        timeout: None,
    }
}

pub(crate) fn upgrade() -> Request {
    Request {
        head: RequestHead {
            bytes: Bytes::from_static(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n"),
            connection_at: None,
        },
        upgrade: true,
        ..get()
    }
}

pub(crate) fn post_stream(declared: Option<u64>) -> Request {
    Request { body: RequestBody::Stream { declared, expects_content: true }, ..request("POST") }
}

fn lines(received: Received) -> Vec<String> {
    let latin1 = |octets: &[u8]| octets.iter().copied().map(char::from).collect::<String>();
    match received {
        Received::Informational(head) => vec![format!("informational {}", head.status)],
        Received::Continue => vec!["continue".to_owned()],
        Received::Head(head) => vec![format!("head {}", head.status)],
        Received::Data(bytes) => vec![format!("data {}", latin1(&bytes))],
        Received::Upgraded(head) => vec![format!("upgraded {}", head.status)],
        Received::End { trailers, reuse } => {
            let trailers = trailers.iter().map(|(name, value)| format!("trailer {}: {}", latin1(name), latin1(value)));
            let end = if reuse { "end" } else { "end, close" };
            trailers.chain([end.to_owned()]).collect()
        }
    }
}

fn fault(error: &Error) -> String {
    match error {
        Error::Parse(error) => error.code.name().to_owned(),
        error => format!("{error:?}"),
    }
}
