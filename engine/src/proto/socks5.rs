//! The client's side of SOCKS5 (RFC 1928), with a user and a password (RFC 1929): has a proxy connect to an origin.
//!
//! ```text
//!  Greeting ──no credentials asked──────────────► Requesting ──reply──► open
//!     └──credentials asked──► Authenticating ──welcome──┘
//! ```
//!
//! Each state has the same time; nothing that a proxy says makes it longer.

// Addresses, and no sockets.
use core::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};

use super::h1::Output;
use crate::error::{Error, Socks5Fault};

const VERSION: u8 = 5;
const AUTHENTICATION_VERSION: u8 = 1;
const CONNECT: u8 = 1;

/// Methods of authentication.
const NONE: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

/// Kinds of addresses.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// What a proxy is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Where to: an address, or a name that the proxy resolves.
    pub target: Target,
    /// The port.
    pub port: u16,
    /// Who asks, where that may be told.
    pub credentials: Option<Credentials>,
    /// How long each state may take; `None`: for ever.
    pub step_time: Option<Duration>,
}

/// Where the proxy is to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address.
    Address(IpAddr),
    /// A name of at most 255 octets.
    Name(Name),
}

/// A user and a password, each of at most 255 octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub user: Name,
    /// What only he knows.
    pub password: Name,
}

/// Octets whose count fits into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Box<[u8]>);

impl Name {
    /// `None` where there are more than 255.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        (octets.len() <= usize::from(u8::MAX)).then(|| Self(octets.into()))
    }

    fn write(&self, output: &mut Output) {
        let length = u8::try_from(self.0.len()).unwrap_or(u8::MAX);
        output.push(&[length]);
        output.push(&self.0);
    }
}

/// A tunnel that was asked for.
#[derive(Debug)]
pub struct Opening {
    ask: Ask,
    state: State,
    deadline: Option<Instant>,
}

/// What the proxy is to say next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Which method it takes.
    Greeting,
    /// Whether it takes the credentials.
    Authenticating,
    /// Whether it has connected.
    Requesting,
    /// Nothing: what follows is the origin's.
    Open,
}

impl Opening {
    /// Asks: the greeting goes to `output`.
    #[must_use]
    pub fn new(ask: Ask, now: Instant, output: &mut Output) -> Self {
        match ask.credentials {
            Some(_) => output.push(&[VERSION, 2, PASSWORD, NONE]),
            None => output.push(&[VERSION, 1, NONE]),
        }
        let mut opening = Self { ask, state: State::Greeting, deadline: None };
        opening.start_timer(now);
        opening
    }

    /// The proxy says what is in `input`, and is answered in `output`. True: the tunnel is open, and what is left of
    /// the input is the origin's.
    ///
    /// # Errors
    ///
    /// `Socks5`, where it refuses or speaks another protocol.
    pub fn receive(&mut self, input: &mut BytesMut, now: Instant, output: &mut Output) -> Result<bool, Error> {
        loop {
            let is_complete = match self.state {
                State::Greeting => self.receive_method(input, now, output),
                State::Authenticating => self.receive_status(input, now, output),
                State::Requesting => self.receive_reply(input),
                State::Open => return Ok(true),
            };
            if !is_complete.map_err(Error::Socks5)? {
                return Ok(false);
            }
        }
    }

    /// The proxy has finished sending.
    #[must_use]
    pub fn receive_end(&self) -> Error {
        Error::OtherSideClosed
    }

    /// When [`Self::handle_timeout`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What has timed out by `now`, if anything.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Error> {
        if self.deadline? > now {
            return None;
        }
        self.deadline = None;
        Some(Error::TunnelTimeout)
    }

    /// It is the origin that does not answer, as far as one can tell: the proxy has said all that is its own.
    #[must_use]
    pub fn is_beyond_proxy(&self) -> bool {
        matches!(self.state, State::Requesting | State::Open)
    }

    fn receive_method(&mut self, input: &mut BytesMut, now: Instant, output: &mut Output) -> Result<bool, Socks5Fault> {
        let &[version, method, ..] = &input[..] else {
            return Ok(false);
        };
        match (version, method) {
            (VERSION, NONE) => self.request(now, output),
            (VERSION, NONE_ACCEPTABLE) => return Err(Socks5Fault::NoMethod),
            (VERSION, PASSWORD) => {
                let Some(Credentials { user, password }) = &self.ask.credentials else {
                    return Err(Socks5Fault::CredentialsWanted);
                };
                output.push(&[AUTHENTICATION_VERSION]);
                user.write(output);
                password.write(output);
                // The time for the greeting is the time for the credentials as well.
                self.state = State::Authenticating;
            }
            (VERSION, other) => return Err(Socks5Fault::Method(other)),
            (other, _) => return Err(Socks5Fault::Version(other)),
        }
        input.advance(2);
        Ok(true)
    }

    fn receive_status(&mut self, input: &mut BytesMut, now: Instant, output: &mut Output) -> Result<bool, Socks5Fault> {
        let &[version, status, ..] = &input[..] else {
            return Ok(false);
        };
        match (version, status) {
            (AUTHENTICATION_VERSION, 0) => {}
            (AUTHENTICATION_VERSION, _) => return Err(Socks5Fault::Credentials),
            (other, _) => return Err(Socks5Fault::CredentialsVersion(other)),
        }
        input.advance(2);
        self.request(now, output);
        Ok(true)
    }

    fn receive_reply(&mut self, input: &mut BytesMut) -> Result<bool, Socks5Fault> {
        let &[version, reply, _, kind, ..] = &input[..] else {
            return Ok(false);
        };
        if version != VERSION {
            return Err(Socks5Fault::ReplyVersion(version));
        }
        if reply != 0 {
            return Err(Socks5Fault::Reply(reply));
        }
        // Where it connected from is of no use.
        let address = match (kind, input.get(4)) {
            (IPV4, _) => 4,
            (IPV6, _) => 16,
            (NAME, Some(&length)) => 1 + usize::from(length),
            (NAME, None) => return Ok(false),
            (other, _) => return Err(Socks5Fault::AddressType(other)),
        };
        let end = 4 + address + 2;
        if input.len() < end {
            return Ok(false);
        }
        input.advance(end);
        self.state = State::Open;
        self.deadline = None;
        Ok(true)
    }

    fn request(&mut self, now: Instant, output: &mut Output) {
        output.push(&[VERSION, CONNECT, 0]);
        match &self.ask.target {
            Target::Address(IpAddr::V4(address)) => {
                output.push(&[IPV4]);
                output.push(&address.octets());
            }
            Target::Address(IpAddr::V6(address)) => {
                output.push(&[IPV6]);
                output.push(&address.octets());
            }
            Target::Name(name) => {
                output.push(&[NAME]);
                name.write(output);
            }
        }
        output.push(&self.ask.port.to_be_bytes());
        self.state = State::Requesting;
        self.start_timer(now);
    }

    fn start_timer(&mut self, now: Instant) {
        self.deadline = self.ask.step_time.and_then(|time| now.checked_add(time));
    }
}
