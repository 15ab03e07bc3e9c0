//! Engine events as completion records.

use std::fmt::Write as _;
use std::num::NonZeroU64;

use bytes::Bytes;
use dodici_engine::error::{ConnectAttempt, Error, Socks5Fault, Syscall, Target, TlsFault};
use dodici_engine::event::{Event, SessionInfo, Traffic};
use dodici_engine::message::{DispatcherId, ExchangeId, Fields, Phase, ResponseHead, Standing, Timings};
use dodici_engine::net::Wish;

use crate::known_heads::{KnownHeads, Telling};
use crate::layout::*;

/// A record about to be written: its kind, and its payload in two parts.
pub(crate) struct Record<'a> {
    pub(crate) kind: u16,
    /// Words and texts.
    pub(crate) head: &'a [u8],
    /// Octets of a body, taken as they are.
    pub(crate) body: &'a [u8],
}

/// Writes the words of one record after the other into memory that it keeps.
#[derive(Default)]
pub(crate) struct Encoder {
    scratch: Vec<u8>,
    heads: KnownHeads,
}

impl Encoder {
    /// An event as it stands.
    pub(crate) fn event<'a>(&'a mut self, event: &'a Event) -> Record<'a> {
        self.scratch.clear();
        let mut body: &[u8] = &[];
        let kind = match event {
            Event::Connecting { dispatcher } => {
                self.dispatcher(*dispatcher);
                CONNECTING
            }
            Event::Connected { dispatcher, session } => {
                self.dispatcher(*dispatcher);
                self.session(session);
                CONNECTED
            }
            Event::ConnectFailed { dispatcher, error } => {
                self.dispatcher(*dispatcher);
                self.failure(error, Traffic::default(), 0);
                CONNECT_FAILED
            }
            Event::Disconnected { dispatcher, error, traffic } => {
                self.dispatcher(*dispatcher);
                self.failure(error, *traffic, 0);
                DISCONNECTED
            }
            Event::Destroyed { dispatcher } => {
                self.dispatcher(*dispatcher);
                DESTROYED
            }
            Event::Restart { exchange } => {
                self.exchange(*exchange);
                RESTART
            }
            Event::Informational { exchange, head } => {
                self.head(*exchange, head, &Timings::default());
                INFORMATIONAL
            }
            Event::Head { exchange, head, timings } => {
                self.head(*exchange, head, timings);
                HEAD
            }
            Event::Upgraded { exchange, head, timings } => {
                self.head(*exchange, head, timings);
                UPGRADED
            }
            Event::Data { exchange, bytes } => {
                self.exchange(*exchange);
                body = bytes;
                DATA
            }
            Event::Landed { exchange, slab, octets, .. } => {
                self.exchange(*exchange);
                body = &(**slab).as_ref()[..*octets];
                DATA
            }
            Event::ContentFault { exchange, error } => {
                self.exchange(*exchange);
                self.failure(error, Traffic::default(), 0);
                CONTENT_FAULT
            }
            Event::End { exchange, trailers, is_closing, timings } => {
                self.exchange(*exchange);
                self.fields(closing(*is_closing), timings, &[], trailers, None);
                END
            }
            Event::Capacity { exchange, octets } => {
                self.exchange(*exchange);
                self.word(*octets);
                CAPACITY
            }
            Event::Aborted { exchange, is_closing } => {
                self.exchange(*exchange);
                self.word(u32::from(*is_closing));
                ABORTED
            }
            Event::Lent { dispatcher, socket, wish } => {
                self.dispatcher(*dispatcher);
                self.word(*socket);
                match wish {
                    Wish::Connect { server_name } => {
                        body = server_name.as_deref().unwrap_or_default().as_bytes();
                        LENT_CONNECT
                    }
                    Wish::Write(bytes) => {
                        body = bytes;
                        LENT_WRITE
                    }
                    Wish::Release(octets) => {
                        self.word(*octets);
                        LENT_RELEASE
                    }
                    Wish::Finish => LENT_FINISH,
                    Wish::Drop => LENT_DROP,
                }
            }
            Event::Failed { exchange, error, traffic, standing, is_closing } => {
                self.exchange(*exchange);
                let closing = if *is_closing { STANDING_FLAG_CLOSING } else { 0 };
                self.failure(error, *traffic, standing.map_or(0, word_of) | closing);
                FAILED
            }
        };
        Record { kind: kind as u16, head: &self.scratch, body }
    }

    /// A piece of a body that lies in a slab.
    pub(crate) fn landed(&mut self, exchange: ExchangeId, place: u32, length: usize, is_low: bool) -> Record<'_> {
        self.scratch.clear();
        self.exchange(exchange);
        self.word(place);
        self.word(length as u32);
        self.word(u32::from(is_low));
        Record { kind: LANDED as u16, head: &self.scratch, body: &[] }
    }

    /// Slabs would be of use.
    pub(crate) fn slabs_wanted(&mut self) -> Record<'_> {
        self.scratch.clear();
        self.word(0);
        self.word(0);
        Record { kind: SLABS_WANTED as u16, head: &self.scratch, body: &[] }
    }

    /// A head whose response is complete with `body`, and has no trailers.
    pub(crate) fn response<'a>(
        &'a mut self,
        exchange: ExchangeId,
        head: &ResponseHead,
        body: &'a Bytes,
        is_closing: bool,
        timings: &Timings,
    ) -> Record<'a> {
        self.scratch.clear();
        self.exchange(exchange);
        self.fields(status_of(head) + closing(is_closing), timings, head.reason(), &head.fields, head.number);
        Record { kind: RESPONSE as u16, head: &self.scratch, body }
    }

    fn word(&mut self, value: u32) {
        self.scratch.extend_from_slice(&value.to_le_bytes());
    }

    fn long(&mut self, value: u64) {
        self.scratch.extend_from_slice(&value.to_le_bytes());
    }

    fn exchange(&mut self, exchange: ExchangeId) {
        self.word(exchange.slot);
        self.word(exchange.generation);
    }

    fn dispatcher(&mut self, dispatcher: DispatcherId) {
        self.word(dispatcher.slot);
        self.word(dispatcher.generation);
    }

    fn head(&mut self, exchange: ExchangeId, head: &ResponseHead, timings: &Timings) {
        self.exchange(exchange);
        self.fields(status_of(head), timings, head.reason(), &head.fields, head.number);
    }

    /// The moments stand before what may be known: they are never the same.
    fn fields(&mut self, status: u32, timings: &Timings, reason: &[u8], fields: &Fields, number: Option<NonZeroU64>) {
        let Timings { queued, sent, first_byte, end, dns, connect, tls } = *timings;
        let opening = [dns, connect, tls];
        let opened = if opening.iter().all(|step| step.is_never()) { 0 } else { HEAD_FLAG_OPENED };
        let status = status | opened;
        let known = number.and_then(|number| self.heads.find(number));
        let status_at = self.scratch.len();
        self.word(status | known.map_or(0, |place| HEAD_FLAG_KNOWN | place << HEAD_PLACE_SHIFT));
        for moment in [queued, sent, first_byte, end].into_iter().chain(opening) {
            self.word(moment.word());
        }
        if known.is_some() {
            return;
        }
        let start = self.scratch.len();
        let text_length = reason.len() + fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        self.scratch.reserve((HEAD_WORDS as usize + fields.lines.len() * 2) * 4 + text_length);
        self.word(reason.len() as u32);
        self.word(fields.lines.len() as u32);
        self.word(text_length as u32);
        for (name, value) in fields.iter() {
            self.word(name.len() as u32);
            self.word(value.len() as u32);
        }
        self.scratch.extend_from_slice(reason);
        for (name, value) in fields.iter() {
            self.scratch.extend_from_slice(name);
            self.scratch.extend_from_slice(value);
        }
        if !fields.lines.is_empty() {
            let telling = match self.heads.tell(&self.scratch[start..], number) {
                Telling::Known(place) => {
                    self.scratch.truncate(start);
                    HEAD_FLAG_KNOWN | place << HEAD_PLACE_SHIFT
                }
                Telling::Kept(place) => HEAD_FLAG_KEPT | place << HEAD_PLACE_SHIFT,
                Telling::Whole => 0,
            };
            self.scratch[status_at..status_at + 4].copy_from_slice(&(status | telling).to_le_bytes());
        }
    }

    fn session(&mut self, session: &SessionInfo) {
        let address = |end: Option<std::net::SocketAddr>| end.map(|end| end.ip().to_string()).unwrap_or_default();
        let (local, remote) = (address(session.local), address(session.remote));
        self.word(session.local.map_or(0, |end| u32::from(end.port())));
        self.word(session.remote.map_or(0, |end| u32::from(end.port())));
        self.word(local.len() as u32);
        self.word(remote.len() as u32);
        self.scratch.extend_from_slice(local.as_bytes());
        self.scratch.extend_from_slice(remote.as_bytes());
    }

    fn failure(&mut self, error: &Error, traffic: Traffic, standing: u32) {
        let (mut errno, mut syscall, mut position, mut text) = (0, 0, 0, String::new());
        let (error, at_proxy) = match error {
            Error::AtProxy(error) => (&**error, ERROR_FLAG_AT_PROXY),
            error => (error, 0),
        };
        let kind = match error {
            // One is as good as two.
            Error::AtProxy(_) => ERROR_INTERNAL,
            Error::TunnelRefused { status } => {
                errno = u32::from(*status);
                ERROR_TUNNEL_REFUSED
            }
            Error::TunnelTimeout => ERROR_TUNNEL_TIMEOUT,
            Error::Socks5(fault) => {
                errno = number_of_socks5(*fault);
                ERROR_SOCKS5
            }
            Error::Connect(attempts) => {
                lines(&mut text, attempts);
                ERROR_CONNECT
            }
            Error::Resolve { code } => {
                text.push_str(code);
                ERROR_RESOLVE
            }
            Error::ConnectTimeout(addresses) => {
                let attempts =
                    addresses.iter().map(|address| ConnectAttempt { target: Target::Inet(*address), errno: 0 });
                lines(&mut text, &attempts.collect::<Vec<_>>());
                ERROR_CONNECT_TIMEOUT
            }
            Error::Certificate { fault, name, certificate } => {
                text.push_str(fault.name());
                text.push('\n');
                text.push_str(name);
                text.push('\n');
                for octet in certificate {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "{octet:02x}");
                }
                ERROR_CERTIFICATE
            }
            Error::Lent(socket) => {
                errno = *socket;
                ERROR_LENT
            }
            Error::Tls(fault) => {
                errno = number_of(*fault);
                ERROR_TLS
            }
            Error::HeadersTimeout => ERROR_HEADERS_TIMEOUT,
            Error::BodyTimeout => ERROR_BODY_TIMEOUT,
            Error::Timeout(given) => {
                errno = u32::try_from(given.as_millis()).unwrap_or(u32::MAX);
                ERROR_TIMEOUT
            }
            Error::HeadersOverflow => ERROR_HEADERS_OVERFLOW,
            Error::ResponseExceededMaxSize => ERROR_RESPONSE_EXCEEDED_MAX_SIZE,
            Error::Content(fault) => {
                errno = fault.number.cast_unsigned();
                text.push_str(fault.code);
                text.push('\n');
                text.push_str(&fault.reason);
                ERROR_CONTENT
            }
            Error::ContentTooLarge { size, limit } => {
                // Writing to a string cannot fail.
                let _ = write!(text, "{size}\n{limit}");
                ERROR_CONTENT_TOO_LARGE
            }
            Error::ResponseContentLengthMismatch => ERROR_RESPONSE_CONTENT_LENGTH_MISMATCH,
            Error::RequestContentLengthMismatch => ERROR_REQUEST_CONTENT_LENGTH_MISMATCH,
            Error::Parse(fault) => {
                position = fault.position;
                text.push_str(fault.code.name());
                text.push('\n');
                text.push_str(fault.reason);
                ERROR_PARSE
            }
            Error::BadResponse => ERROR_BAD_RESPONSE,
            Error::BadUpgrade => ERROR_BAD_UPGRADE,
            Error::OtherSideClosed => ERROR_OTHER_SIDE_CLOSED,
            Error::System { syscall: call, errno: number } => {
                errno = number.cast_unsigned();
                syscall = match call {
                    Syscall::Read => 1,
                    Syscall::Write => 2,
                };
                ERROR_SYSTEM
            }
            Error::Reset => ERROR_RESET,
            Error::Aborted => ERROR_ABORTED,
            Error::IdleTimeout => ERROR_IDLE_TIMEOUT,
            Error::ServerNameChanged => ERROR_SERVER_NAME_CHANGED,
            Error::MadeRoom => ERROR_MADE_ROOM,
            Error::Upgraded => ERROR_UPGRADED,
            Error::Destroyed => ERROR_DESTROYED,
            Error::Internal => ERROR_INTERNAL,
        };
        self.word(kind + at_proxy);
        self.word(errno);
        self.word(syscall);
        self.long(position);
        self.long(traffic.read);
        self.long(traffic.written);
        self.word(standing);
        self.scratch.extend_from_slice(text.as_bytes());
    }
}

fn word_of(standing: Standing) -> u32 {
    let phase = match standing.phase {
        Phase::Connecting => PHASE_CONNECTING,
        Phase::Sending => PHASE_SENDING,
        Phase::Waiting => PHASE_WAITING,
        Phase::Head => PHASE_HEAD,
        Phase::Body => PHASE_BODY,
        Phase::Tunnel => PHASE_TUNNEL,
    };
    let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
    phase | flag(standing.is_reused, STANDING_FLAG_REUSED) | flag(standing.is_retryable, STANDING_FLAG_RETRYABLE)
}

fn number_of(fault: TlsFault) -> u32 {
    match fault {
        TlsFault::EndedEarly => TLS_ENDED_EARLY,
        TlsFault::NotTls => TLS_NOT_TLS,
        TlsFault::BadRecord => TLS_BAD_RECORD,
        TlsFault::Incompatible => TLS_INCOMPATIBLE,
        TlsFault::ServerName => TLS_SERVER_NAME,
        TlsFault::Handshake => TLS_HANDSHAKE,
        TlsFault::Alert(number) => TLS_ALERT + u32::from(number),
    }
}

fn number_of_socks5(fault: Socks5Fault) -> u32 {
    let (number, octet) = match fault {
        Socks5Fault::Version(octet) => (SOCKS5_VERSION, octet),
        Socks5Fault::NoMethod => (SOCKS5_NO_METHOD, 0),
        Socks5Fault::Method(octet) => (SOCKS5_METHOD, octet),
        Socks5Fault::CredentialsWanted => (SOCKS5_CREDENTIALS_WANTED, 0),
        Socks5Fault::CredentialsVersion(octet) => (SOCKS5_CREDENTIALS_VERSION, octet),
        Socks5Fault::Credentials => (SOCKS5_CREDENTIALS, 0),
        Socks5Fault::ReplyVersion(octet) => (SOCKS5_REPLY_VERSION, octet),
        Socks5Fault::Reply(octet) => (SOCKS5_REPLY, octet),
        Socks5Fault::AddressType(octet) => (SOCKS5_ADDRESS_TYPE, octet),
    };
    number + u32::from(octet)
}

fn status_of(head: &ResponseHead) -> u32 {
    u32::from(head.status) + if head.is_decoded { HEAD_FLAG_DECODED } else { 0 }
}

fn closing(is_closing: bool) -> u32 {
    if is_closing { HEAD_FLAG_CLOSING } else { 0 }
}

/// `errno port address`, a line each.
fn lines(text: &mut String, attempts: &[ConnectAttempt]) {
    for attempt in attempts {
        // Writing to a string cannot fail.
        let _ = match &attempt.target {
            Target::Inet(address) => writeln!(text, "{} {} {}", attempt.errno, address.port(), address.ip()),
            Target::Unix(path) => writeln!(text, "{} 0 {path}", attempt.errno),
        };
    }
}
