//! The steps of a response: each takes what it needs from the front of the input and moves the state on.

use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};

use super::super::decode::{Decoder, Next};
use super::super::framing::{Content, Framing};
use super::super::heads::Sought;
use super::super::parse::Section;
use super::{Connection, Received, State, later};
use crate::error::Error;
use crate::message::{Fields, Method, ResponseHead};

/// Interim responses that one exchange may have.
const MAX_INFORMATIONAL: u32 = 64;

/// Interim responses restart the headers timer, but the final head must have come after so many times its
/// length: a server that goes on saying `102` would hold the request for ever.
const INFORMATIONAL_TIME_FACTOR: u32 = 4;

/// Names and values of one exchange's interim responses together, as a multiple of the limit on a head.
const INFORMATIONAL_SIZE_FACTOR: usize = 4;

/// A head that is complete.
struct Arrived {
    head: ResponseHead,
    framing: Framing,
    /// What it took of the input.
    octets: usize,
    /// What its names and values amount to, where it is that of an interim response.
    size: usize,
}

impl Arrived {
    /// A head that was known, and is at the front of the input.
    fn known(head: ResponseHead, framing: Framing, input: &mut BytesMut) -> Self {
        let octets = head.fields.bytes.len();
        input.advance(octets);
        Self { head, framing, octets, size: 0 }
    }
}

impl Connection {
    pub(super) fn receive_step(
        &mut self,
        input: &mut BytesMut,
        capacity: usize,
        now: Instant,
    ) -> Result<Option<Received>, Error> {
        self.response.has_begun |= !input.is_empty() && !self.exchanges.is_empty();
        match &mut self.state {
            State::Idle if input.is_empty() => Ok(None),
            State::Idle => Err(Error::BadResponse),
            State::AwaitingHead => self.receive_head(input, capacity, now),
            State::BodyLength { remaining: 0 } => {
                Ok(Some(self.finish_response(Fields::default(), input.is_empty(), now)))
            }
            State::BodyLength { remaining } => {
                let remaining = *remaining;
                let bytes = self.take_content(input, remaining, capacity, now)?;
                Ok(bytes.map(Received::Data))
            }
            State::BodyChunked(_) => self.receive_chunked(input, capacity, now),
            State::Trailers => self.receive_trailers(input, now),
            State::BodyUntilClose => {
                let bytes = self.take_content(input, u64::MAX, capacity, now)?;
                Ok(bytes.map(Received::Data))
            }
            State::Tunnel | State::Closed => Ok(None),
        }
    }

    fn receive_head(&mut self, input: &mut BytesMut, capacity: usize, now: Instant) -> Result<Option<Received>, Error> {
        let Some(Arrived { head, framing, octets, size }) = self.take_head(input)? else {
            return Ok(None);
        };
        let Some(exchange) = self.exchanges.front_mut() else {
            return Err(Error::BadResponse);
        };
        self.response.octets += octets as u64;
        match head.status {
            100 if exchange.expect_continue => {
                self.count_informational(size, now)?;
                // The content that waits, if any does, is the youngest exchange's.
                if self.exchanges.len() > 1 {
                    return self.receive_step(input, capacity, now);
                }
                return Ok(Some(Received::Continue));
            }
            // Nobody asked to be told to continue.
            100 => return Err(Error::BadResponse),
            101 if !exchange.upgrade || !framing.upgrade || self.stream.is_some() || self.held.is_some() => {
                return Err(Error::BadUpgrade);
            }
            101 => return Ok(Some(self.upgrade(head))),
            102..200 => {
                self.count_informational(size, now)?;
                return Ok(Some(Received::Informational(head)));
            }
            // Whatever the status, the socket is the user's: so undici has it.
            _ if exchange.method == Method::Connect => return Ok(Some(self.upgrade(head))),
            _ => {}
        }
        exchange.blocking = false;
        self.deadline = later(now, exchange.body_timeout);
        self.response.persistent = framing.persistent;
        match self.config.keep_alive.idle_time(framing.keep_alive) {
            Some(idle_time) if framing.persistent => self.idle_time = idle_time,
            _ => self.closing = true,
        }
        self.state = match framing.content {
            Content::Length(remaining) => State::BodyLength { remaining },
            Content::Chunked => State::BodyChunked(Decoder::new()),
            Content::UntilClose => State::BodyUntilClose,
        };
        Ok(Some(Received::Head(head)))
    }

    /// Takes a complete head off the input. One that is known by its octets is not read again.
    fn take_head(&mut self, input: &mut BytesMut) -> Result<Option<Arrived>, Error> {
        let limit = self.config.max_header_size;
        let method = self.exchanges.front().map_or(Method::Other, |exchange| exchange.method);
        if self.section.is_untouched()
            && let Some((head, framing)) = self.heads.last(input, limit, method)
        {
            return Ok(Some(Arrived::known(head, framing, input)));
        }
        let Some(octets) = self.section.find_end(input, limit)? else {
            return Ok(None);
        };
        let section = std::mem::replace(&mut self.section, Section::head());
        let place = match self.heads.find(&input[..octets], limit, method) {
            Sought::Known(head, framing) => return Ok(Some(Arrived::known(head, framing, input))),
            Sought::Seen(place) => Some(place),
            Sought::New => None,
        };
        let mut bytes = input.split_to(octets).freeze();
        if place.is_some() {
            // What is kept is not to hold all of the buffer.
            bytes = Bytes::copy_from_slice(&bytes);
        }
        let mut parsed = section.parse_head(bytes)?;
        let framing = Framing::of(&parsed, method)?;
        if let Some(place) = place
            && parsed.head.fields.bytes.len() == octets
        {
            self.heads.keep(place, &mut parsed.head, framing, limit, method);
        }
        Ok(Some(Arrived { head: parsed.head, framing, octets, size: section.octets() }))
    }

    fn count_informational(&mut self, size: usize, now: Instant) -> Result<(), Error> {
        let response = &mut self.response;
        response.informational += 1;
        if response.informational > MAX_INFORMATIONAL {
            return Err(Error::BadResponse);
        }
        response.informational_size = response.informational_size.saturating_add(size);
        if response.informational_size >= self.config.max_header_size.saturating_mul(INFORMATIONAL_SIZE_FACTOR) {
            return Err(Error::HeadersOverflow);
        }
        if self.deadline.is_some() {
            let timeout = self.exchanges.front().and_then(|exchange| exchange.headers_timeout);
            let longest = timeout.map(|timeout| timeout.saturating_mul(INFORMATIONAL_TIME_FACTOR));
            let last = later(self.headers_awaited, longest);
            self.deadline = later(now, timeout).map(|deadline| last.map_or(deadline, |last| deadline.min(last)));
        }
        Ok(())
    }

    fn receive_chunked(
        &mut self,
        input: &mut BytesMut,
        capacity: usize,
        now: Instant,
    ) -> Result<Option<Received>, Error> {
        let State::BodyChunked(decoder) = &mut self.state else {
            return Ok(None);
        };
        let (used, next) = decoder.read(input)?;
        let _ = input.split_to(used);
        self.response.octets += used as u64;
        match next {
            Next::Unknown => {
                self.run_body_timer(capacity, now);
                Ok(None)
            }
            Next::Data(remaining) => {
                let bytes = self.take_content(input, remaining, capacity, now)?;
                Ok(bytes.map(Received::Data))
            }
            Next::Trailers => {
                self.section = Section::trailers();
                self.state = State::Trailers;
                self.run_body_timer(1, now);
                self.receive_trailers(input, now)
            }
        }
    }

    fn receive_trailers(&mut self, input: &mut BytesMut, now: Instant) -> Result<Option<Received>, Error> {
        let limit = self.config.max_header_size;
        let Some(end) = self.section.find_end(input, limit)? else {
            return Ok(None);
        };
        let section = std::mem::replace(&mut self.section, Section::head());
        // What trailers say of framing is not read: it came too late (RFC 9110 section 6.5.1).
        let trailers = section.parse_trailers(input.split_to(end).freeze())?;
        Ok(Some(self.finish_response(trailers, input.is_empty(), now)))
    }

    /// Takes content from `input`, as much as there is, is due and may be handed out.
    fn take_content(
        &mut self,
        input: &mut BytesMut,
        due: u64,
        capacity: usize,
        now: Instant,
    ) -> Result<Option<Bytes>, Error> {
        self.run_body_timer(capacity, now);
        let octets = input.len().min(capacity).min(usize::try_from(due).unwrap_or(usize::MAX));
        if octets == 0 {
            return Ok(None);
        }
        self.count_content(octets, now)?;
        Ok(Some(input.split_to(octets).freeze()))
    }

    /// So many octets of content have come, no more than are due.
    pub(super) fn count_content(&mut self, octets: usize, now: Instant) -> Result<(), Error> {
        let octets = octets as u64;
        self.response.content = self.response.content.saturating_add(octets);
        if self.config.max_response_size.is_some_and(|max| self.response.content > max) {
            return Err(Error::ResponseExceededMaxSize);
        }
        self.response.octets += octets;
        match &mut self.state {
            State::BodyLength { remaining } => *remaining = remaining.saturating_sub(octets),
            State::BodyChunked(decoder) => decoder.take(octets),
            _ => {}
        }
        self.deadline = later(now, self.exchanges.front().and_then(|exchange| exchange.body_timeout));
        Ok(())
    }

    /// The body timer stands still while the user is the slow one, and starts anew afterwards.
    fn run_body_timer(&mut self, capacity: usize, now: Instant) {
        if capacity == 0 {
            self.deadline = None;
        } else if self.deadline.is_none() {
            self.deadline = later(now, self.exchanges.front().and_then(|exchange| exchange.body_timeout));
        }
    }

    pub(super) fn finish_response(&mut self, trailers: Fields, is_input_empty: bool, now: Instant) -> Received {
        let response = std::mem::take(&mut self.response);
        self.exchanges.pop_front();
        // The body that is being written is the youngest exchange's: was it this one's, the server has
        // answered before it heard everything, and what is still to come would be taken for a request.
        // So it would be behind a body that the transport has not taken whole.
        let is_request_unfinished = self.exchanges.is_empty() && (self.is_writing_body() || self.is_write_blocked);
        let is_last = self.closing && self.exchanges.is_empty();
        let reuse = response.persistent && !is_request_unfinished && !is_last;
        if !reuse {
            // With it goes what was still to be written.
            self.close();
        } else if self.exchanges.is_empty() {
            // Octets behind the last answer are nobody's; the next call says so.
            self.closing |= !is_input_empty;
            self.state = State::Idle;
            self.deadline = later(now, Some(self.idle_time));
        } else {
            self.await_head(now);
        }
        Received::End { trailers, reuse }
    }

    fn upgrade(&mut self, head: ResponseHead) -> Received {
        self.exchanges.pop_front();
        self.close();
        self.state = State::Tunnel;
        Received::Upgraded(head)
    }
}
