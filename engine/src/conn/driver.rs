//! The two halves that every driver has: a transport with what goes through it, and a timer.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::BytesMut;
use tokio::time::Sleep;

use super::Octets;
use super::reading::{Reading, Spare};
use crate::error::{Error, Syscall};
use crate::net::{Peek, Transport, failed};
use crate::proto::h1::Output;

/// How many pieces go into one vectored write.
const SLICES: usize = 16;

/// A transport, the bytes that came and are not understood yet, and the bytes that are to go.
pub(super) struct Wire {
    pub(super) transport: Box<dyn Transport>,
    pub(super) input: BytesMut,
    pub(super) output: Output,
    pub(super) octets: Octets,
    /// The peer has finished sending.
    pub(super) ended: bool,
    /// Reading has failed behind octets that had to be told first.
    failure: Option<Box<Error>>,
    /// What was written has reached the system.
    is_flushed: bool,
    type_of_service: Option<u32>,
    reading: Reading,
}

impl Wire {
    pub(super) fn new(transport: Box<dyn Transport>, spare: Spare) -> Self {
        Self {
            transport,
            input: BytesMut::new(),
            output: Output::new(),
            octets: Octets::default(),
            ended: false,
            failure: None,
            is_flushed: true,
            type_of_service: None,
            reading: Reading::new(spare),
        }
    }

    /// Where in the session the next octet of the output will stand.
    pub(super) fn pushed(&self) -> u64 {
        self.octets.written + self.output.len() as u64
    }

    pub(super) fn set_type_of_service(&mut self, value: u32) {
        if self.type_of_service.replace(value) != Some(value) {
            self.transport.set_type_of_service(value);
        }
    }

    /// Why an idle connection cannot be used again, if the system knows of something.
    pub(super) fn find_end(&mut self) -> Option<Error> {
        match self.transport.peek() {
            Peek::Silent => None,
            Peek::Readable => Some(Error::BadResponse),
            Peek::Ended => Some(Error::OtherSideClosed),
            Peek::Failed(error) => Some(failed(Syscall::Read, &error)),
        }
    }

    /// Writes until nothing is left (ready) or the socket takes no more.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.output.is_empty() {
            self.is_flushed = false;
            let mut slices = [IoSlice::new(&[]); SLICES];
            let count = self.output.io_slices(&mut slices);
            match ready!(self.transport.poll_write(context, &slices[..count])) {
                Ok(0) => {
                    return Poll::Ready(Err(failed(Syscall::Write, &io::ErrorKind::WriteZero.into())));
                }
                Ok(written) => {
                    self.output.advance(written);
                    self.octets.written += written as u64;
                }
                Err(error) => return Poll::Ready(Err(failed(Syscall::Write, &error))),
            }
        }
        if !self.is_flushed {
            let flushed = ready!(self.transport.poll_flush(context));
            self.is_flushed = true;
            flushed.map_err(|error| failed(Syscall::Write, &error))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once, and notes the peer's end. `capacity`: how much can be handed out.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>, capacity: usize) -> Poll<Result<(), Error>> {
        if let Some(error) = self.failure.take() {
            return Poll::Ready(Err(*error));
        }
        if self.input.capacity() == 0 {
            ready!(self.transport.poll_readable(context));
        }
        self.reading.reserve(&mut self.input, capacity);
        match self.transport.poll_read(context, &mut self.input) {
            Poll::Pending => {
                self.reading.give_back(&mut self.input, capacity);
                return Poll::Pending;
            }
            Poll::Ready(Ok(0)) => self.ended = true,
            Poll::Ready(Ok(read)) => {
                self.octets.read += read as u64;
                self.reading.record(read, self.input.len() == self.input.capacity());
            }
            Poll::Ready(Err(error)) => return Poll::Ready(Err(failed(Syscall::Read, &error))),
        }
        Poll::Ready(Ok(()))
    }

    /// The next read tells of a failure that was met behind octets which are to be told first.
    pub(super) fn fail_next(&mut self, error: Error) {
        self.failure = Some(Box::new(error));
    }

    /// As [`Self::poll_read`], into `memory`, until it is full or nothing more is there. Ready with how many octets that were,
    /// which is 0 only at the end.
    pub(super) fn poll_fill(&mut self, context: &mut Context<'_>, memory: &mut [u8]) -> Poll<Result<usize, Error>> {
        if let Some(error) = self.failure.take() {
            return Poll::Ready(Err(*error));
        }
        let mut filled = 0;
        while filled < memory.len() && !self.ended {
            match self.transport.poll_read(context, &mut &mut memory[filled..]) {
                Poll::Pending if filled == 0 => {
                    self.reading.give_back(&mut self.input, 0);
                    return Poll::Pending;
                }
                Poll::Pending => break,
                Poll::Ready(Ok(0)) => self.ended = true,
                Poll::Ready(Ok(read)) => filled += read,
                Poll::Ready(Err(error)) => {
                    let error = failed(Syscall::Read, &error);
                    if filled == 0 {
                        return Poll::Ready(Err(error));
                    }
                    self.fail_next(error);
                    break;
                }
            }
        }
        self.octets.read += filled as u64;
        Poll::Ready(Ok(filled))
    }
}

/// The time of what a task does in one go: read when the first asks for it, because to read it costs as much as many of the
/// things that want to know it.
#[derive(Debug, Default)]
pub(super) struct Clock(Option<Instant>);

impl Clock {
    pub(super) fn now(&mut self) -> Instant {
        *self.0.get_or_insert_with(Instant::now)
    }

    /// What comes next is done later.
    pub(super) fn go_on(&mut self) {
        self.0 = None;
    }

    /// It is known, and lies before `instant`.
    fn is_before(&self, instant: Instant) -> bool {
        self.0.is_some_and(|now| now < instant)
    }
}

/// A timer for a deadline that mostly moves later, such as a time-out that every request sets anew. It
/// is armed again only for an earlier deadline; an alarm for one that has moved is the caller's to ignore.
#[derive(Debug, Default)]
pub struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    /// When it rings, unless it has rung.
    armed: Option<Instant>,
}

impl Alarm {
    /// It is set and will ring, not later than at `deadline`: to poll it would do nothing.
    pub(super) fn is_set(&self, deadline: Instant, clock: &Clock) -> bool {
        self.armed.is_some_and(|armed| armed <= deadline && clock.is_before(armed))
    }

    /// Ready when an instant not later than `deadline` has come.
    pub fn poll(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                if self.armed.is_none_or(|armed| deadline < armed) {
                    sleep.as_mut().reset(deadline.into());
                    self.armed = Some(deadline);
                }
                sleep
            }
            None => {
                self.armed = Some(deadline);
                self.sleep.insert(Box::pin(tokio::time::sleep_until(deadline.into())))
            }
        };
        ready!(sleep.as_mut().poll(context));
        self.armed = None;
        Poll::Ready(())
    }
}

/// The peer reset the connection.
pub(super) fn is_reset(error: &Error) -> bool {
    match error {
        Error::System { errno, .. } => io::Error::from_raw_os_error(*errno).kind() == io::ErrorKind::ConnectionReset,
        _ => false,
    }
}
