//! The state machine of one connection: which exchange the peer's bytes belong to, where in its response
//! they stand, how long the next of them may take, and whether another request may follow. How heads,
//! chunks and requests look as bytes is known in the modules beside it; the steps of a response are in
//! `receiving`.

mod receiving;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::decode::Decoder;
use super::encode::{self, StreamEncoder};
use super::heads::Heads;
use super::keep_alive::KeepAlive;
use super::output::Output;
use super::parse::{Section, fault};
use crate::error::{Error, ParseCode};
use crate::message::{ExchangeId, Fields, Method, Request, RequestBody, ResponseHead};

/// How long content waits for `100 (Continue)`: then the server most likely does not know the expectation,
/// and waits itself (RFC 9110 section 10.1.1). As long as other clients wait.
const CONTINUE_TIME: Duration = Duration::from_secs(1);

/// The limits of a connection.
#[derive(Clone, Debug)]
pub struct Config {
    /// The most octets of names and values in a head or trailer section.
    pub max_header_size: usize,
    /// The most octets in a response body; `None`: no bound.
    pub max_response_size: Option<u64>,
    /// How long it may be idle.
    pub keep_alive: KeepAlive,
}

/// One step of a response, of the exchange that was [`Connection::head_exchange`] before the step.
#[derive(Clone, Debug)]
pub enum Received {
    /// An interim response.
    Informational(ResponseHead),
    /// `100 (Continue)`, which the request has asked for: [`Connection::send_content`] is due.
    Continue,
    /// The final response's head.
    Head(ResponseHead),
    /// A piece of the body; not empty.
    Data(Bytes),
    /// The response is complete, and its exchange no longer outstanding.
    End {
        /// The trailer section; mostly empty.
        trailers: Fields,
        /// Whether the connection lives on. If not, it is to be closed now, and what is still outstanding
        /// was not answered.
        reuse: bool,
    },
    /// The connection has left HTTP. What is left of the input belongs to the tunnel.
    Upgraded(ResponseHead),
}

/// How much of a request's content [`Connection::send`] has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestContent {
    /// All of it, if there is any.
    Sent,
    /// It waits for `100 (Continue)`: [`Connection::send_content`] will be due.
    Held,
    /// It comes in pieces.
    Awaited,
}

/// One connection, the client side.
///
/// After an error (from any method) it is closed: it takes nothing, says nothing and has no deadline, but
/// still knows what is outstanding.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    state: State,
    /// What is outstanding, oldest first.
    exchanges: VecDeque<Exchange>,
    /// The streamed request body that is being written; always the youngest exchange's.
    stream: Option<StreamEncoder>,
    /// The content that waits for `100 (Continue)`; always the youngest exchange's.
    held: Option<Held>,
    /// No further request may be sent.
    closing: bool,
    /// The transport did not take all that was written.
    is_write_blocked: bool,
    /// How long the connection may be idle, by the last response's hint.
    idle_time: Duration,
    /// When the present state has lasted too long.
    deadline: Option<Instant>,
    /// When the headers timer was started, which interim responses start anew for a while.
    headers_awaited: Instant,
    /// The head or trailer section that is arriving.
    section: Section,
    /// Heads that were understood before.
    heads: Heads,
    /// What is known of the oldest exchange's response.
    response: Response,
}

/// Where in the oldest outstanding response the next octet of the peer stands.
///
/// ```text
///              send                      head (1xx: stays)
///  ┌──▶ Idle ───────▶ AwaitingHead ──┬─────────────────▶ BodyLength ───────────────────┐
///  │                    ▲            ├─────────────────▶ BodyChunked ──▶ Trailers ─────┤
///  │                    │            ├─────────────────▶ BodyUntilClose ── FIN ────────┤
///  │                    │            └── 101, CONNECT ─▶ Tunnel                        │
///  │                    └──────────────── end, another outstanding ────────────────────┤
///  └───────────────────────────────────── end, nothing outstanding ────────────────────┤
///                                                                                      │
///  Closed ◀── any error or timeout; FIN ────────────── end, not to be used again ──────┘
/// ```
#[derive(Debug)]
enum State {
    /// Nothing is outstanding; any octet is one too many.
    Idle,
    /// The oldest exchange's status line and fields, or an interim response before them.
    AwaitingHead,
    /// So many octets of content; zero where there is none.
    BodyLength { remaining: u64 },
    /// Content in chunks.
    BodyChunked(Decoder),
    /// The trailer section behind the last chunk.
    Trailers,
    /// Content up to the end of the connection.
    BodyUntilClose,
    /// No longer HTTP.
    Tunnel,
    /// Over.
    Closed,
}

/// Content that waits for `100 (Continue)`.
#[derive(Debug)]
struct Held {
    /// All of it; `None`: it will come in pieces.
    whole: Option<Bytes>,
    /// When it waits no longer.
    until: Option<Instant>,
}

/// What of a request matters until its response is complete.
#[derive(Debug)]
struct Exchange {
    id: ExchangeId,
    method: Method,
    upgrade: bool,
    blocking: bool,
    /// `100 (Continue)` is welcome.
    expect_continue: bool,
    /// Its connection ends with it when it turns out to have content.
    close_on_content: bool,
    headers_timeout: Option<Duration>,
    body_timeout: Option<Duration>,
}

/// What is known of the oldest exchange's response.
#[derive(Debug, Default)]
struct Response {
    /// Octets of it that were taken from the input, for the positions in errors.
    octets: u64,
    /// Octets of its content.
    content: u64,
    /// Any octet of it has come.
    has_begun: bool,
    /// Its head allows another response behind it.
    persistent: bool,
    /// Interim responses before it, and what their names and values amount to.
    informational: u32,
    informational_size: usize,
}

impl Connection {
    /// A fresh connection; it is idle from `now` on.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        Self::sharing(config, Heads::default(), now)
    }

    /// The same, for which the heads that others have understood need not be understood again.
    #[must_use]
    pub fn sharing(config: Config, heads: Heads, now: Instant) -> Self {
        let idle_time = config.keep_alive.timeout;
        Self {
            config,
            state: State::Idle,
            // As many as most connections have at a time.
            exchanges: VecDeque::with_capacity(1),
            stream: None,
            held: None,
            closing: false,
            is_write_blocked: false,
            idle_time,
            deadline: now.checked_add(idle_time),
            headers_awaited: now,
            section: Section::head(),
            heads,
            response: Response::default(),
        }
    }

    /// Takes a request. `close`: the `connection` field says so and the connection ends after this exchange.
    ///
    /// All of it goes to `output`, except that the head of a streamed body is held back until its first
    /// piece or its end. With an expectation only the head goes, and the content waits for
    /// [`Self::send_content`].
    ///
    /// # Panics
    ///
    /// Unless [`Self::accepts_requests`], and while [`Self::is_writing_body`]: the bytes of two requests
    /// would mix.
    pub fn send(
        &mut self,
        exchange: ExchangeId,
        request: &Request,
        close: bool,
        now: Instant,
        output: &mut Output,
    ) -> RequestContent {
        assert!(self.accepts_requests(), "a request on a connection that takes none");
        assert!(!self.is_writing_body(), "a request inside another one's body");
        // The server may answer HEAD with content all the same, and an upgrade or tunnel is the last thing
        // on a connection.
        let last_by_nature = request.upgrade || request.method != Method::Other;
        let persistent = !close && !request.reset.unwrap_or(last_by_nature);
        self.closing = !persistent;
        let close_on_content = request.unexpected_content && request.reset != Some(false);
        let content = match &request.body {
            RequestBody::None => {
                encode::write_head(&request.head, persistent, output);
                encode::end_head(output);
                RequestContent::Sent
            }
            RequestBody::Whole(bytes) => {
                encode::write_head(&request.head, persistent, output);
                encode::end_head(output);
                self.closing |= close_on_content;
                if request.expect_continue {
                    self.hold(Some(bytes.clone()), now)
                } else {
                    output.push_from(bytes, 0);
                    RequestContent::Sent
                }
            }
            RequestBody::Stream { declared, expects_content } => {
                let mut stream = StreamEncoder::new(request.head.clone(), persistent, *declared, *expects_content);
                let content = if request.expect_continue {
                    stream.begin(output);
                    self.hold(None, now)
                } else {
                    RequestContent::Awaited
                };
                self.stream = Some(stream);
                content
            }
        };
        self.exchanges.push_back(Exchange {
            id: exchange,
            method: request.method,
            upgrade: request.upgrade,
            blocking: request.blocking,
            expect_continue: request.expect_continue,
            close_on_content,
            headers_timeout: request.headers_timeout,
            body_timeout: request.body_timeout,
        });
        if matches!(self.state, State::Idle) {
            self.await_head(now);
        }
        content
    }

    /// Lets go the content that waits for `100 (Continue)`: whole content is written, and a streamed body may
    /// begin. Void when none waits.
    pub fn send_content(&mut self, now: Instant, output: &mut Output) {
        let Some(held) = self.held.take() else {
            return;
        };
        if let Some(bytes) = held.whole {
            output.push_bytes(bytes);
            if self.awaits_youngest() {
                self.start_headers_timer(now);
            }
        }
    }

    /// Content has waited for `100 (Continue)` long enough: [`Self::send_content`] is due.
    #[must_use]
    pub fn is_content_due(&self, now: Instant) -> bool {
        self.held.as_ref().is_some_and(|held| held.until.is_some_and(|until| until <= now))
    }

    /// A piece of a streamed body. Void when the exchange is not the one whose body is being written.
    ///
    /// # Errors
    ///
    /// `RequestContentLengthMismatch` when it exceeds the declared length; nothing of it is written.
    pub fn send_chunk(&mut self, exchange: ExchangeId, bytes: Bytes, output: &mut Output) -> Result<(), Error> {
        if bytes.is_empty() || !self.is_streaming(exchange) {
            return Ok(());
        }
        self.held = None;
        if let (Some(stream), Some(youngest)) = (&mut self.stream, self.exchanges.back()) {
            self.closing |= youngest.close_on_content;
            let written = stream.write(bytes, output);
            self.closed_by(written)?;
        }
        Ok(())
    }

    /// The streamed body that is being written has its declared length: only its end is missing.
    #[must_use]
    pub fn has_sent_declared_length(&self) -> bool {
        self.stream.as_ref().is_some_and(StreamEncoder::has_sent_declared_length)
    }

    /// The end of a streamed body. Void when the exchange is not the one whose body is being written.
    ///
    /// # Errors
    ///
    /// `RequestContentLengthMismatch` when the body is shorter than its declared length; it gets no end.
    pub fn finish_body(&mut self, exchange: ExchangeId, now: Instant, output: &mut Output) -> Result<(), Error> {
        if !self.is_streaming(exchange) {
            return Ok(());
        }
        self.held = None;
        if let Some(stream) = self.stream.take() {
            let finished = stream.finish(output);
            self.closed_by(finished)?;
        }
        if self.awaits_youngest() {
            self.start_headers_timer(now);
        }
        Ok(())
    }

    /// The transport took some of the output; `is_blocked`: it does not take the rest for now.
    ///
    /// The headers timer then starts again, since a response is not late before the request is there; and
    /// it also runs while a streamed body is stuck, since nothing else would end that.
    pub fn written(&mut self, is_blocked: bool, now: Instant) {
        self.is_write_blocked = is_blocked;
        if !self.awaits_youngest() {
            return;
        }
        if self.stream.is_none() || is_blocked {
            self.start_headers_timer(now);
        } else {
            self.deadline = None;
        }
    }

    /// The next step, taken from the front of `input`; `None` when more bytes or capacity are needed. To be
    /// called until then, with the same bytes in front as were left there.
    ///
    /// `capacity`: octets of content that may be handed out. Without any, the body timer stands still until
    /// a call with some.
    ///
    /// # Errors
    ///
    /// What is wrong with the peer's bytes: `Parse`, `HeadersOverflow`, `ResponseExceededMaxSize`,
    /// `BadResponse`, `BadUpgrade`.
    pub fn receive(&mut self, input: &mut BytesMut, capacity: usize, now: Instant) -> Result<Option<Received>, Error> {
        let received = self.receive_step(input, capacity, now);
        let received = received.map_err(|error| self.positioned(error));
        self.closed_by(received)
    }

    /// How many octets of content are next, with nothing before, between or behind them that would have to be understood.
    #[must_use]
    pub fn content_ahead(&self) -> u64 {
        match &self.state {
            State::BodyLength { remaining } => *remaining,
            State::BodyChunked(decoder) => decoder.data_ahead(),
            State::BodyUntilClose => u64::MAX,
            _ => 0,
        }
    }

    /// No response is under way: as long as there is no input there is nothing to receive.
    #[must_use]
    pub fn is_between_responses(&self) -> bool {
        matches!(self.state, State::Idle | State::AwaitingHead)
    }

    /// Takes notice of content that did not go through [`Self::receive`], of which nothing is left in the input: at most
    /// [`Self::content_ahead`], and what may be handed out.
    ///
    /// # Errors
    ///
    /// `ResponseExceededMaxSize`.
    pub fn receive_content(&mut self, octets: usize, now: Instant) -> Result<(), Error> {
        let counted = self.count_content(octets, now);
        self.closed_by(counted)
    }

    /// The user of the response body is the slow one, and nothing is to be received for now: the body timer stands still
    /// until [`Self::receive`] is called again.
    pub fn stand_still(&mut self) {
        if matches!(self.state, State::BodyLength { .. } | State::BodyChunked(_) | State::BodyUntilClose) {
            self.deadline = None;
        }
    }

    /// The peer has finished sending, and all that it sent went through [`Self::receive`].
    ///
    /// # Errors
    ///
    /// When a response is thereby cut short. As with undici the name depends on whether the response was
    /// to be the connection's last: `OtherSideClosed` if not, else what its framing says.
    pub fn receive_end(&mut self, now: Instant) -> Result<Option<Received>, Error> {
        let end = match &self.state {
            State::Idle | State::Tunnel | State::Closed => Ok(None),
            State::BodyUntilClose | State::BodyLength { remaining: 0 } => {
                self.response.persistent = false;
                Ok(Some(self.finish_response(Fields::default(), true, now)))
            }
            State::AwaitingHead => Err(Error::OtherSideClosed),
            _ if self.response.persistent => Err(Error::OtherSideClosed),
            State::BodyLength { .. } => Err(Error::ResponseContentLengthMismatch),
            State::BodyChunked(_) | State::Trailers => {
                let error = fault(ParseCode::InvalidEofState, "closed inside chunked content", 0);
                Err(self.positioned(error))
            }
        };
        if !matches!(self.state, State::Tunnel) {
            self.close();
        }
        end
    }

    /// When [`Self::handle_timeout`] is due, or content is ([`Self::is_content_due`]).
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let until = self.held.as_ref().and_then(|held| held.until);
        match (self.deadline, until) {
            (Some(deadline), Some(until)) => Some(deadline.min(until)),
            (deadline, until) => deadline.or(until),
        }
    }

    /// What has timed out by `now`, if anything: `HeadersTimeout`, `BodyTimeout` or `IdleTimeout`.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Error> {
        if self.deadline? > now {
            return None;
        }
        let error = match self.state {
            State::Idle => Error::IdleTimeout,
            State::AwaitingHead => Error::HeadersTimeout,
            _ => Error::BodyTimeout,
        };
        self.close();
        Some(error)
    }

    /// The oldest outstanding exchange.
    #[must_use]
    pub fn head_exchange(&self) -> Option<ExchangeId> {
        self.exchanges.front().map(|exchange| exchange.id)
    }

    /// How many exchanges are outstanding.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.exchanges.len()
    }

    /// The outstanding exchanges, oldest first.
    pub fn outstanding_exchanges(&self) -> impl Iterator<Item = ExchangeId> {
        self.exchanges.iter().map(|exchange| exchange.id)
    }

    /// Nothing is outstanding.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// A request body is unfinished: a streamed one, or one that waits for `100 (Continue)`.
    #[must_use]
    pub fn is_writing_body(&self) -> bool {
        self.stream.is_some() || self.held.is_some()
    }

    /// A blocking request waits for its response head.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.blocking)
    }

    /// Whether another request may ever be sent over it.
    #[must_use]
    pub fn accepts_requests(&self) -> bool {
        !self.closing && !matches!(self.state, State::Tunnel | State::Closed)
    }

    /// Whether any byte of the oldest outstanding response has come.
    #[must_use]
    pub fn has_response_begun(&self) -> bool {
        self.response.has_begun
    }

    /// The oldest exchange's response is next.
    fn await_head(&mut self, now: Instant) {
        self.state = State::AwaitingHead;
        self.response = Response::default();
        self.deadline = None;
        if self.stream.is_none() || self.exchanges.len() > 1 {
            self.start_headers_timer(now);
        }
    }

    /// Holds the content of the request that is being sent back.
    fn hold(&mut self, whole: Option<Bytes>, now: Instant) -> RequestContent {
        self.held = Some(Held { whole, until: later(now, Some(CONTINUE_TIME)) });
        RequestContent::Held
    }

    fn start_headers_timer(&mut self, now: Instant) {
        self.headers_awaited = now;
        self.deadline = later(now, self.exchanges.front().and_then(|exchange| exchange.headers_timeout));
    }

    /// The response that is awaited is that of the request that is being written, or was written last.
    fn awaits_youngest(&self) -> bool {
        matches!(self.state, State::AwaitingHead) && self.exchanges.len() == 1
    }

    fn is_streaming(&self, exchange: ExchangeId) -> bool {
        self.stream.is_some() && self.exchanges.back().is_some_and(|youngest| youngest.id == exchange)
    }

    /// Nothing goes in or out any more.
    fn close(&mut self) {
        self.state = State::Closed;
        self.closing = true;
        self.stream = None;
        self.held = None;
        self.deadline = None;
    }

    fn closed_by<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if result.is_err() {
            self.close();
        }
        result
    }

    /// Turns a place in the present section or piece into one in the response.
    fn positioned(&self, error: Error) -> Error {
        match error {
            Error::Parse(mut error) => {
                error.position = error.position.saturating_add(self.response.octets);
                Error::Parse(error)
            }
            other => other,
        }
    }
}

/// `now` and a time; never when there is none, or when it lies beyond what the clock can say.
fn later(now: Instant, time: Option<Duration>) -> Option<Instant> {
    time.and_then(|time| now.checked_add(time))
}
