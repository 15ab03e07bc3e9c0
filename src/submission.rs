//! Submission records as engine commands.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dodici_engine::command::{Command, DispatcherOptions};
use dodici_engine::message::{Decoding, DispatcherId, ExchangeId, Method, Request, RequestBody, RequestHead};
use dodici_engine::net::{Ask, News, Security, Tunnel};
use dodici_engine::origin::Origin;
use dodici_engine::pool::Share;
use dodici_engine::proto::{socks5, tunnel};

use crate::layout::*;
use crate::tls;
use crate::trays::Trays;

/// What a record says; `None` where it says nothing that is known. JavaScript of our own writes them, so
/// that does not happen, and if it did, a lost record would be better than a lost process.
pub(crate) fn decode(kind: u16, payload: &[u8], trays: &Arc<Trays>) -> Option<Command> {
    let words = Words(payload);
    let exchange = || Some(ExchangeId { slot: words.at(0)?, generation: words.at(1)? });
    let dispatcher = || Some(DispatcherId { slot: words.at(0)?, generation: words.at(1)? });
    Some(match u32::from(kind) {
        OPEN => Command::Open { dispatcher: dispatcher()?, options: Box::new(options(words)?) },
        DISPATCH => dispatch(words, trays)?,
        START => Command::Start { exchange: exchange()? },
        ABORT => Command::Abort { exchange: exchange()? },
        RELEASE => Command::Release { exchange: exchange()?, octets: words.at(2)? },
        PAUSE => Command::Pause { exchange: exchange()? },
        RESUME => Command::Resume { exchange: exchange()? },
        CHUNK => Command::Chunk { exchange: exchange()?, bytes: Bytes::copy_from_slice(words.octets(2, 0, None)?) },
        CHUNK_ON_TRAY => Command::Chunk { exchange: exchange()?, bytes: trays.load(words.at(2)?, words.at(3)?)? },
        FINISH => Command::Finish { exchange: exchange()? },
        PIPELINING => Command::Pipelining { dispatcher: dispatcher()?, value: words.at(2)? },
        DESTROY => Command::Destroy { dispatcher: dispatcher()? },
        LENT_CONNECTED | LENT_DATA | LENT_ENDED | LENT_FAILED | LENT_WRITTEN => {
            Command::Lent { socket: words.at(0)?, news: news(u32::from(kind), words)? }
        }
        _ => return None,
    })
}

fn news(kind: u32, words: Words<'_>) -> Option<News> {
    Some(match kind {
        LENT_CONNECTED => {
            let local_length = words.at(LENT_LOCAL_LENGTH)? as usize;
            let end = |from: usize, length: usize, port: u32| {
                let address = str::from_utf8(words.octets(LENT_WORDS, from, Some(length))?).ok()?;
                Some(SocketAddr::new(address.parse().ok()?, u16::try_from(words.at(port)?).ok()?))
            };
            News::Connected {
                local: end(0, local_length, LENT_LOCAL_PORT),
                remote: end(local_length, words.at(LENT_REMOTE_LENGTH)? as usize, LENT_REMOTE_PORT),
            }
        }
        LENT_DATA => News::Data(Bytes::copy_from_slice(words.octets(2, 0, None)?)),
        LENT_ENDED => News::Ended,
        LENT_FAILED => News::Failed,
        _ => News::Written(words.at(2)?),
    })
}

fn dispatch(words: Words<'_>, trays: &Arc<Trays>) -> Option<Command> {
    let flags = words.at(DISPATCH_FLAGS)?;
    let is = |flag: u32| flags & flag != 0;
    let head_length = words.at(DISPATCH_HEAD_LENGTH)? as usize;
    // One copy out of the ring for head and body together.
    let mut bytes = Bytes::copy_from_slice(words.octets(DISPATCH_WORDS, 0, None)?);
    if head_length > bytes.len() {
        return None;
    }
    let head = bytes.split_to(head_length);
    let server_name_length = words.at(DISPATCH_SERVER_NAME_LENGTH)? as usize;
    let server_name = if server_name_length == 0 {
        None
    } else if server_name_length <= bytes.len() {
        Some(str::from_utf8(&bytes.split_to(server_name_length)).ok()?.into())
    } else {
        return None;
    };
    let decoding_length = words.at(DISPATCH_DECODING_LENGTH)? as usize;
    let decoding = if decoding_length == 0 {
        None
    } else if decoding_length <= bytes.len() {
        Some(Box::new(decoding(&bytes.split_to(decoding_length))?))
    } else {
        return None;
    };
    let on_trays = words.at(DISPATCH_ON_TRAYS)?;
    let body = if is(DISPATCH_FLAG_WHOLE_BODY) {
        RequestBody::Whole(if on_trays == 0 { bytes } else { trays.collect(&bytes, on_trays)? })
    } else if is(DISPATCH_FLAG_STREAMED_BODY) {
        RequestBody::Stream {
            declared: is(DISPATCH_FLAG_DECLARED).then_some(words.long(DISPATCH_DECLARED_LOW)?),
            expects_content: is(DISPATCH_FLAG_EXPECTS_CONTENT),
        }
    } else {
        RequestBody::None
    };
    let method = if is(DISPATCH_FLAG_HEAD) {
        Method::Head
    } else if is(DISPATCH_FLAG_CONNECT) {
        Method::Connect
    } else {
        Method::Other
    };
    let request = Request {
        method,
        head: RequestHead {
            bytes: head,
            connection_at: is(DISPATCH_FLAG_CONNECTION_FIELD).then_some(words.at(DISPATCH_CONNECTION_AT)? as usize),
        },
        body,
        upgrade: is(DISPATCH_FLAG_UPGRADE),
        idempotent: is(DISPATCH_FLAG_IDEMPOTENT),
        blocking: is(DISPATCH_FLAG_BLOCKING),
        reset: if is(DISPATCH_FLAG_RESET) { Some(true) } else { is(DISPATCH_FLAG_KEEP).then_some(false) },
        unexpected_content: is(DISPATCH_FLAG_UNEXPECTED_CONTENT),
        expect_continue: is(DISPATCH_FLAG_EXPECT_CONTINUE),
        server_name,
        type_of_service: words.at(DISPATCH_TYPE_OF_SERVICE)?.checked_sub(1),
        decoding,
        headers_timeout: words.timeout(DISPATCH_HEADERS_TIMEOUT)?,
        body_timeout: words.timeout(DISPATCH_BODY_TIMEOUT)?,
        timeout: words.timeout(DISPATCH_TIMEOUT)?,
    };
    Some(Command::Dispatch {
        dispatcher: DispatcherId {
            slot: words.at(DISPATCH_DISPATCHER_SLOT)?,
            generation: words.at(DISPATCH_DISPATCHER_GENERATION)?,
        },
        exchange: ExchangeId { slot: words.at(0)?, generation: words.at(1)? },
        request: Box::new(request),
        started: is(DISPATCH_FLAG_STARTED),
        waited: Duration::from_micros(u64::from(words.at(DISPATCH_WAITED)?)),
    })
}

fn decoding(octets: &[u8]) -> Option<Decoding> {
    let max_size = octets.get(DECODING_MAX_SIZE as usize..DECODING_SKIPS_ERRORS as usize)?;
    let statuses = octets.get(DECODING_SKIPPED_STATUSES as usize..)?.chunks_exact(2);
    Some(Decoding {
        max_size: u64::from_le_bytes(max_size.try_into().ok()?),
        skips_errors: octets[DECODING_SKIPS_ERRORS as usize] != 0,
        skipped_statuses: statuses.map(|status| u16::from_le_bytes([status[0], status[1]])).collect(),
    })
}

fn options(words: Words<'_>) -> Option<DispatcherOptions> {
    let flags = words.at(OPEN_FLAGS)?;
    let is = |flag: u32| flags & flag != 0;
    let mut texts = Texts { words, at: 0 };
    let host = texts.text(OPEN_HOST_LENGTH)?;
    let socket_path = texts.text(OPEN_SOCKET_PATH_LENGTH)?;
    let local_address = texts.text(OPEN_LOCAL_ADDRESS_LENGTH)?;
    let server_name = texts.text(OPEN_SERVER_NAME_LENGTH)?;
    let security = match words.at(OPEN_TLS_CONTEXT)? {
        0 => None,
        id => Some(Security { context: tls::context(id)?, server_name }),
    };
    let tunnel = match words.at(OPEN_TUNNEL)? {
        0 => None,
        kind => Some(tunnel(kind, words, texts, is)?),
    };
    Some(DispatcherOptions {
        origin: Origin { host, port: u16::try_from(words.at(OPEN_PORT)?).ok()? },
        socket_path: (!socket_path.is_empty()).then_some(socket_path),
        local_address: local_address.parse::<IpAddr>().ok(),
        connections: words.at(OPEN_CONNECTIONS)?,
        pipelining: words.at(OPEN_PIPELINING)?,
        connect_timeout: words.timeout(OPEN_CONNECT_TIMEOUT)?,
        attempt_timeout: words.timeout(OPEN_ATTEMPT_TIMEOUT)?,
        keep_alive_timeout: words.duration(OPEN_KEEP_ALIVE_TIMEOUT)?,
        keep_alive_max_timeout: words.duration(OPEN_KEEP_ALIVE_MAX_TIMEOUT)?,
        keep_alive_timeout_threshold: i64::from(words.at(OPEN_KEEP_ALIVE_THRESHOLD)?.cast_signed()),
        max_header_size: words.at(OPEN_MAX_HEADER_SIZE)? as usize,
        max_response_size: is(OPEN_FLAG_MAX_RESPONSE_SIZE).then_some(words.long(OPEN_MAX_RESPONSE_SIZE_LOW)?),
        max_requests: match words.at(OPEN_MAX_REQUESTS)? {
            0 => None,
            count => Some(count),
        },
        tcp_keep_alive: is(OPEN_FLAG_TCP_KEEP_ALIVE).then_some(words.duration(OPEN_TCP_KEEP_ALIVE)?),
        no_delay: is(OPEN_FLAG_NO_DELAY),
        type_of_service: is(OPEN_FLAG_TYPE_OF_SERVICE).then_some(words.at(OPEN_TYPE_OF_SERVICE)?),
        security,
        tunnel,
        share: match words.at(OPEN_SHARE)? {
            0 => None,
            id => Some(Share {
                id,
                max_sessions: words.at(OPEN_SHARE_SESSIONS).filter(|&count| count > 0),
                max_idle: words.at(OPEN_SHARE_IDLE)?.checked_sub(1),
            }),
        },
        lends_sockets: is(OPEN_FLAG_LENDS_SOCKETS),
        announce_connecting: is(OPEN_FLAG_ANNOUNCE_CONNECTING),
    })
}

fn tunnel(kind: u32, words: Words<'_>, mut texts: Texts<'_>, is: impl Fn(u32) -> bool) -> Option<Tunnel> {
    let server_name = texts.text(OPEN_TUNNEL_SERVER_NAME_LENGTH)?;
    let head = texts.octets(OPEN_TUNNEL_HEAD_LENGTH)?;
    let target = texts.text(OPEN_TUNNEL_TARGET_LENGTH)?;
    let user = texts.octets(OPEN_TUNNEL_USER_LENGTH)?;
    let password = texts.octets(OPEN_TUNNEL_PASSWORD_LENGTH)?;
    let answer_time = words.timeout(OPEN_TUNNEL_ANSWER_TIMEOUT)?;
    let (ask, answer_time) = if kind == TUNNEL_CONNECT {
        let ask = tunnel::Ask {
            head: RequestHead {
                bytes: Bytes::copy_from_slice(head),
                connection_at: Some(words.at(OPEN_TUNNEL_CONNECTION_AT)? as usize),
            },
            max_header_size: words.at(OPEN_TUNNEL_MAX_HEADER_SIZE)? as usize,
            headers_timeout: words.timeout(OPEN_TUNNEL_HEADERS_TIMEOUT)?,
        };
        (Ask::Connect(ask), answer_time)
    } else {
        let ask = socks5::Ask {
            target: match target.parse() {
                Ok(address) => socks5::Target::Address(address),
                Err(_) => socks5::Target::Name(socks5::Name::new(target.as_bytes())?),
            },
            port: u16::try_from(words.at(OPEN_TUNNEL_TARGET_PORT)?).ok()?,
            credentials: if is(OPEN_FLAG_CREDENTIALS) {
                let (user, password) = (socks5::Name::new(user)?, socks5::Name::new(password)?);
                Some(socks5::Credentials { user, password })
            } else {
                None
            },
            step_time: answer_time,
        };
        (Ask::Socks5(ask), None)
    };
    Some(Tunnel {
        ask,
        reach_time: words.timeout(OPEN_CONNECT_TIMEOUT)?,
        answer_time,
        security: match words.at(OPEN_TUNNEL_TLS_CONTEXT)? {
            0 => None,
            id => Some(Security { context: tls::context(id)?, server_name }),
        },
        security_time: words.timeout(OPEN_TUNNEL_SECURE_TIMEOUT)?,
        keeps_server_name: is(OPEN_FLAG_KEEPS_SERVER_NAME),
    })
}

/// The texts behind the words of an `OPEN`, one after the other.
struct Texts<'a> {
    words: Words<'a>,
    at: usize,
}

impl<'a> Texts<'a> {
    /// The next, whose length is in that word.
    fn octets(&mut self, length: u32) -> Option<&'a [u8]> {
        let length = self.words.at(length)? as usize;
        let octets = self.words.octets(OPEN_WORDS, self.at, Some(length))?;
        self.at += length;
        Some(octets)
    }

    fn text(&mut self, length: u32) -> Option<String> {
        Some(str::from_utf8(self.octets(length)?).ok()?.to_owned())
    }
}

/// A payload as words and octets, every access checked.
#[derive(Clone, Copy)]
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn at(&self, word: u32) -> Option<u32> {
        let start = word as usize * 4;
        let octets = self.0.get(start..start + 4)?;
        Some(u32::from_le_bytes(octets.try_into().ok()?))
    }

    /// Two words as one number, the low half first.
    fn long(&self, word: u32) -> Option<u64> {
        Some(u64::from(self.at(word)?) | u64::from(self.at(word + 1)?) << 32)
    }

    fn duration(&self, word: u32) -> Option<Duration> {
        Some(Duration::from_millis(u64::from(self.at(word)?)))
    }

    /// A duration whose 0 means that there is none.
    fn timeout(&self, word: u32) -> Option<Option<Duration>> {
        let duration = self.duration(word)?;
        Some((!duration.is_zero()).then_some(duration))
    }

    /// Octets behind `words` words: from `from` on, `length` of them or the rest.
    fn octets(&self, words: u32, from: usize, length: Option<usize>) -> Option<&'a [u8]> {
        let rest = self.0.get((words as usize * 4).checked_add(from)?..)?;
        match length {
            Some(length) => rest.get(..length),
            None => Some(rest),
        }
    }
}
