//! The nouns of an exchange: who it is, what is sent, what came back. Data only: no rule of HTTP, no
//! input or output lives here.

use std::num::NonZeroU64;
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

/// Names an exchange (a request and its response) across the thread boundary.
///
/// The caller chooses the slot and may use it again with another generation as soon as it has
/// settled the exchange on its side; whatever the engine still says of the old generation is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId {
    /// Index in the caller's table.
    pub slot: u32,
    /// Tells two users of one slot apart.
    pub generation: u32,
}

/// Names a dispatcher (a client, a pool) across the thread boundary; chosen like [`ExchangeId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DispatcherId {
    /// Index in the caller's table.
    pub slot: u32,
    /// Tells two users of one slot apart.
    pub generation: u32,
}

/// What the framing of a response depends on in its request's method (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Its response never has content.
    Head,
    /// A 2xx response turns the connection into a tunnel.
    Connect,
    /// Any other method.
    Other,
}

/// A request, validated and serialized by the caller.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the framing of the response depends on.
    pub method: Method,
    /// The head as bytes.
    pub head: RequestHead,
    /// The content.
    pub body: RequestBody,
    /// The request asks for a protocol upgrade (`101`).
    pub upgrade: bool,
    /// May be sent again when its connection failed before an answer (RFC 9110 section 9.2.2), and may
    /// be pipelined behind another request.
    pub idempotent: bool,
    /// Nothing is pipelined behind it until its response head has arrived.
    pub blocking: bool,
    /// `Some(true)`: close the connection after it. `Some(false)`: keep it, even where the method would
    /// close it. `None`: by the method.
    pub reset: Option<bool>,
    /// It carries content that its method does not anticipate: its connection is not used again.
    pub unexpected_content: bool,
    /// Its head says `expect: 100-continue`: the content is held back until the peer asks for it, or has
    /// been silent for a while (RFC 9110 section 10.1.1).
    pub expect_continue: bool,
    /// Whom the peer's certificate must speak for, where that is not the dispatcher's own (the `host` field, or
    /// `servername`): the request goes over a connection that was made for this name.
    pub server_name: Option<Box<str>>,
    /// The type of service (IPv4) or traffic class (IPv6) of the connection from this request on.
    pub type_of_service: Option<u32>,
    /// The codings of the response's content are to be undone, where they are known.
    pub decoding: Option<Box<Decoding>>,
    /// How long the whole response head may take after the request was sent; `None`: for ever.
    pub headers_timeout: Option<Duration>,
    /// How long the peer may be silent between two pieces of the response body; `None`: for ever.
    pub body_timeout: Option<Duration>,
    /// How long all of it may take, from its dispatch to the end of its response or until it is a tunnel; `None`: for
    /// ever.
    pub timeout: Option<Duration>,
}

/// Which contents are to be told without their codings (`interceptors.decompress`).
#[derive(Clone, Debug, Default)]
pub struct Decoding {
    /// Octets that each layer may become; 0: any number (`maxSize`).
    pub max_size: u64,
    /// Statuses from 400 on are left as they are (`skipErrorResponses`).
    pub skips_errors: bool,
    /// Other statuses that are (`skipStatusCodes`).
    pub skipped_statuses: Box<[u16]>,
}

/// A serialized request head: request line and field lines, each ended by CRLF, without the empty line
/// that ends the head.
///
/// Two things depend on the connection and are the encoder's to add: the `connection` field, and the
/// framing field of a [`RequestBody::Stream`]. For the other bodies the head already says
/// `content-length` where one is due.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// The lines.
    pub bytes: Bytes,
    /// Where in `bytes` the `connection` field goes; `None` when the head has its own (an upgrade).
    pub connection_at: Option<usize>,
}

/// The content of a request.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// No content.
    None,
    /// All of it; its length stands in the head.
    Whole(Bytes),
    /// It comes piece by piece. The head is held back until the first piece or the end, because an
    /// empty stream is framed differently.
    Stream {
        /// The length that the caller declared (`content-length`); chunked where there is none.
        declared: Option<u64>,
        /// The method anticipates content: an empty stream says `content-length: 0`.
        expects_content: bool,
    },
}

/// One field line of a head or trailer section, as two ranges of the section's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name, as received.
    pub name: Range<u32>,
    /// The value, without the white space around it.
    pub value: Range<u32>,
}

/// Field lines, in order. All copies are the same memory; without a line there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldLines(Option<Arc<[Field]>>);

impl Deref for FieldLines {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl FromIterator<Field> for FieldLines {
    fn from_iter<I: IntoIterator<Item = Field>>(lines: I) -> Self {
        let lines: Arc<[Field]> = lines.into_iter().collect();
        Self((!lines.is_empty()).then_some(lines))
    }
}

/// A parsed section of field lines over the bytes it came in.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// The bytes that the ranges point into.
    pub bytes: Bytes,
    /// The field lines, in order.
    pub lines: FieldLines,
}

impl Fields {
    /// The name of a field line.
    #[must_use]
    pub fn name(&self, field: &Field) -> &[u8] {
        &self.bytes[field.name.start as usize..field.name.end as usize]
    }

    /// The value of a field line.
    #[must_use]
    pub fn value(&self, field: &Field) -> &[u8] {
        &self.bytes[field.value.start as usize..field.value.end as usize]
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.lines.iter().map(|field| (self.name(field), self.value(field)))
    }
}

/// A parsed response head, final or interim.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The reason phrase, as a range of `fields.bytes`.
    pub reason: Range<u32>,
    /// The field lines.
    pub fields: Fields,
    /// The content is told without its codings, of which the fields speak all the same.
    pub is_decoded: bool,
    /// Heads with the same number have the same octets; they may also have the same without one.
    pub number: Option<NonZeroU64>,
}

impl ResponseHead {
    /// The reason phrase; may be empty, may hold any octet but CR, LF and NUL.
    #[must_use]
    pub fn reason(&self) -> &[u8] {
        &self.fields.bytes[self.reason.start as usize..self.reason.end as usize]
    }
}

/// How far an exchange is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has no connection yet.
    Connecting,
    /// Its request is being written.
    Sending,
    /// The request is written, and no octet of the response has come.
    Waiting,
    /// The response head, or an interim response before it, is arriving.
    Head,
    /// The response body is arriving.
    Body,
    /// It is a tunnel.
    Tunnel,
}

/// How an exchange stood when it failed: what its caller needs to decide about another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How far it was.
    pub phase: Phase,
    /// Its connection had carried an answer before.
    pub is_reused: bool,
    /// Making the request again does no harm: none of it was written, or twice is as once (RFC 9110
    /// section 9.2.2).
    pub is_retryable: bool,
}

/// A moment in the life of an exchange, as the time since it was dispatched, in one word: microseconds, and beyond some
/// 35 minutes in steps of 1,024 of them, which last for 25 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(u32);

impl Moment {
    /// It has not come, or never will.
    pub const NEVER: Self = Self(u32::MAX);

    const COARSE: u32 = 1 << 31;
    const COARSE_BITS: u32 = 10;

    /// The time from `dispatched` to `now`; none where that lies before it.
    #[must_use]
    pub fn since(dispatched: Instant, now: Instant) -> Self {
        let microseconds = now.saturating_duration_since(dispatched).as_micros();
        match u32::try_from(microseconds) {
            Ok(fine) if fine < Self::COARSE => Self(fine),
            _ => {
                let coarse = u32::try_from(microseconds >> Self::COARSE_BITS).unwrap_or(u32::MAX);
                Self(Self::COARSE | coarse.min(Self::COARSE - 2))
            }
        }
    }

    /// It has not come.
    #[must_use]
    pub fn is_never(self) -> bool {
        self == Self::NEVER
    }

    /// The time; `None` if it has not come.
    #[must_use]
    pub fn time(self) -> Option<Duration> {
        let Self(word) = self;
        match word {
            _ if self.is_never() => None,
            fine if fine < Self::COARSE => Some(Duration::from_micros(fine.into())),
            coarse => Some(Duration::from_micros(u64::from(coarse - Self::COARSE) << Self::COARSE_BITS)),
        }
    }

    /// As it travels.
    #[must_use]
    pub fn word(self) -> u32 {
        self.0
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self::NEVER
    }
}

/// When the steps of an exchange were done. An exchange that was sent again tells of its last attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// It no longer waited for its turn: a session took it, or began to be opened that took it then.
    pub queued: Moment,
    /// The name of the host was resolved, for the session that took it.
    pub dns: Moment,
    /// That session's stream was connected.
    pub connect: Moment,
    /// That session's TLS was ready.
    pub tls: Moment,
    /// The last octet of the request was given to the system.
    pub sent: Moment,
    /// The first octet of the response came, or of an interim response before it.
    pub first_byte: Moment,
    /// The response was complete, or a tunnel stood.
    pub end: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(time: Duration) -> Option<Duration> {
        let dispatched = Instant::now();
        Moment::since(dispatched, dispatched + time).time()
    }

    #[test]
    fn a_moment_is_told_in_microseconds_and_after_half_an_hour_in_milliseconds_of_a_kind() {
        assert_eq!(told(Duration::from_nanos(1_999)), Some(Duration::from_micros(1)));
        assert_eq!(told(Duration::from_secs(2_000)), Some(Duration::from_secs(2_000)));
        let hours = Duration::from_secs(3 * 3_600);
        let told = told(hours).unwrap();
        assert!(told <= hours && hours - told < Duration::from_micros(1_024), "{told:?}");
    }

    #[test]
    fn a_moment_before_the_dispatch_is_that_of_the_dispatch_and_the_last_that_can_be_told_is_not_never() {
        let now = Instant::now();
        assert_eq!(Moment::since(now + Duration::from_secs(1), now).time(), Some(Duration::ZERO));
        let year = told(Duration::from_secs(365 * 86_400)).unwrap();
        assert_eq!(year.as_secs() / 86_400, 25);
        assert_eq!(Moment::default().time(), None);
    }
}
