//! The HTTP/1.1 driver: feeds [`Connection`] with what the transport brings, and the transport with what
//! it says. No rule of HTTP lives here, only the order in which things are done.

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;

use super::driver::{Alarm, Clock, Wire, is_reset};
use super::mailbox::Mailbox;
use super::{Common, Listener, Octets, Report, Returned, SessionId, Work};
use crate::error::Error;
use crate::flow::{Grant, Window};
use crate::message::{ExchangeId, Moment, Phase, Request, ResponseHead, Standing, Timings};
use crate::net::Transport;
use crate::proto::h1::{Config, Connection, Output, Received, RequestContent};
use content::{Content, Landed};
pub(super) use exchange::Opening;
use exchange::{Exchange, Progress};

mod content;
mod exchange;
#[cfg(test)]
mod tests;

/// One connection and the exchanges on it.
pub(super) struct Driver {
    session: SessionId,
    listener: Rc<dyn Listener>,
    mailbox: Rc<Mailbox>,
    wire: Wire,
    connection: Connection,
    alarm: Alarm,
    /// How the connection was opened, until the first request is sent.
    opening: Option<Box<Opening>>,
    /// Oldest first; the same as in `connection`, but for one that was not given to it.
    exchanges: VecDeque<Exchange>,
    /// What the source of the streamed body, if there is one, may hand over.
    upload: Option<Upload>,
    /// A slab that begins with content which was in the input; the rest of it is to be read.
    begun: Option<Landed>,
    /// Whose content waits for `100 (Continue)`.
    expectant: Option<ExchangeId>,
    /// Writing failed. What the peer said before may still be an answer, so that reading goes on.
    write_error: Option<Box<Error>>,
    /// The task has slept since the transport was made: the peer had time to go away.
    has_slept: bool,
    /// An exchange was completed on this connection: it is a reused one.
    is_reused: bool,
    /// [`Report::Draining`] was said.
    is_draining: bool,
    /// Something was added to the output since the last write.
    has_news_to_write: bool,
    /// What undoing codings may still cost in this turn.
    effort: usize,
    /// It was not enough: the task goes on in the next turn.
    is_tired: bool,
}

struct Upload {
    exchange: ExchangeId,
    grant: Grant,
}

/// Why the driver stops.
pub(super) enum Outcome {
    /// The session is over.
    Closed { error: Error, returned: Vec<Returned>, octets: Octets },
    /// The connection became a tunnel.
    Upgraded { head: ResponseHead, timings: Timings, tunnel: Box<Remains> },
}

/// What a tunnel takes over.
pub(super) struct Remains {
    pub(super) exchange: ExchangeId,
    pub(super) wire: Wire,
    pub(super) window: Window,
}

/// What ends [`Driver::run`].
enum Stop {
    Closed(Error),
    Upgraded(ResponseHead),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Closed(error)
    }
}

impl Driver {
    pub(super) fn new(
        session: SessionId,
        listener: Rc<dyn Listener>,
        mailbox: Rc<Mailbox>,
        transport: Box<dyn Transport>,
        opening: Opening,
        config: Config,
        common: Common,
    ) -> Self {
        Self {
            session,
            listener,
            mailbox,
            wire: Wire::new(transport, common.spare),
            connection: Connection::sharing(config, common.heads, Instant::now()),
            alarm: Alarm::default(),
            opening: Some(Box::new(opening)),
            // One is what most connections ever have; a queue that grows by itself begins with four.
            exchanges: VecDeque::with_capacity(1),
            upload: None,
            begun: None,
            expectant: None,
            write_error: None,
            has_slept: false,
            is_reused: false,
            is_draining: false,
            has_news_to_write: false,
            effort: 0,
            is_tired: false,
        }
    }

    /// Does all that can be done now. Once ready it must not be called again.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Stopped> {
        self.mailbox.wake_up(context);
        self.effort = content::EFFORT;
        let stop = self.run(context);
        self.mailbox.fall_asleep();
        match stop {
            Ok(()) => {
                self.has_slept = true;
                Poll::Pending
            }
            Err(stop) => Poll::Ready(Stopped(stop)),
        }
    }

    /// Takes the driver apart after it has stopped.
    pub(super) fn into_outcome(mut self, stopped: Stopped) -> Outcome {
        match stopped.0 {
            Stop::Closed(error) => {
                let octets = self.wire.octets;
                Outcome::Closed { error, returned: self.returned(), octets }
            }
            Stop::Upgraded(head) => match self.exchanges.pop_front() {
                Some(Exchange { id: exchange, window, timings, .. }) => {
                    let tunnel = Box::new(Remains { exchange, wire: self.wire, window });
                    Outcome::Upgraded { head, timings, tunnel }
                }
                // The connection upgrades only an exchange that it was given.
                None => Outcome::Closed { error: Error::Internal, returned: Vec::new(), octets: self.wire.octets },
            },
        }
    }

    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Stop> {
        let mut clock = Clock::default();
        loop {
            while let Some(work) = self.mailbox.take() {
                self.work(work, clock.now())?;
            }
            self.write(context, &mut clock);
            if self.has_to_receive() {
                self.receive(clock.now())?;
            }
            if self.has_news_to_write || self.mailbox.has_work() {
                continue;
            }
            if std::mem::take(&mut self.is_tired) {
                // Others come first.
                context.waker().wake_by_ref();
                return Ok(());
            }
            if let Some(capacity) = self.capacity_to_read()
                && let Poll::Ready(read) = self.poll_read(context, capacity)
            {
                let landed = read.map_err(|error| self.write_error.take().map_or(error, |known| *known))?;
                // What comes next is timed from now on; the reads of a fast peer can fill a long turn.
                clock.go_on();
                if let Some(landed) = landed {
                    self.land(landed, clock.now())?;
                }
                continue;
            }
            let Some(deadline) = self.connection.deadline() else {
                return Ok(());
            };
            if self.alarm.is_set(deadline, &clock) || self.alarm.poll(context, deadline).is_pending() {
                return Ok(());
            }
            clock.go_on();
            let now = clock.now();
            if self.connection.is_content_due(now) {
                self.send_content(now);
            }
            if let Some(error) = self.connection.handle_timeout(now) {
                return Err(error.into());
            }
        }
    }

    fn work(&mut self, work: Work, now: Instant) -> Result<(), Stop> {
        match work {
            Work::Request { exchange, request, close, dispatched } => {
                self.send(exchange, request, close, dispatched, now)
            }
            Work::Chunk { exchange, bytes } => self.send_chunk(exchange, bytes, now),
            Work::Finish { exchange } => self.finish_body(exchange, now),
            Work::Release { exchange, octets } => {
                self.with_window(exchange, |window| window.release(octets));
                Ok(())
            }
            Work::Pause { exchange } => {
                self.with_window(exchange, Window::pause);
                Ok(())
            }
            Work::Resume { exchange } => {
                self.with_window(exchange, Window::resume);
                Ok(())
            }
            Work::Abort { exchange } => self.abort(exchange),
            Work::Expire { exchange, error } => self.expire(exchange, error),
            Work::Close { error } => Err(error.into()),
        }
    }

    /// Reads before it writes: on a connection that was used, or only waited, the peer may have gone
    /// away, or said what nobody asked for. Then this request, of which nothing was sent, needs another
    /// connection.
    fn send(
        &mut self,
        exchange: ExchangeId,
        request: Box<Request>,
        close: bool,
        dispatched: Instant,
        now: Instant,
    ) -> Result<(), Stop> {
        let must_look = self.has_slept && self.connection.is_idle();
        let timings = match self.opening.take() {
            Some(opening) => opening.timings(dispatched, now),
            None => Timings { queued: Moment::since(dispatched, now), ..Timings::default() },
        };
        self.exchanges.push_back(Exchange {
            id: exchange,
            request,
            window: Window::new(),
            progress: Progress::Unsent,
            content: Content::Plain,
            end: None,
            dispatched,
            timings,
            aborted: false,
        });
        let first = self.wire.pushed();
        let Some(sent) = self.exchanges.back_mut() else {
            return Ok(());
        };
        if must_look && let Some(error) = self.wire.find_end() {
            if !self.is_reused {
                // It was a try: a server that ends each connection at once would be asked for ever.
                sent.progress = Progress::Sent { first };
            }
            return Err(error.into());
        }
        if !self.connection.accepts_requests() {
            return Err(Error::Reset.into());
        }
        if let Some(value) = sent.request.type_of_service {
            self.wire.set_type_of_service(value);
        }
        self.has_news_to_write = true;
        let content = self.connection.send(exchange, &sent.request, close, now, &mut self.wire.output);
        sent.progress = Progress::Sent { first };
        sent.end = (content == RequestContent::Sent).then(|| self.wire.pushed());
        match content {
            RequestContent::Sent => {}
            RequestContent::Held => self.expectant = Some(exchange),
            RequestContent::Awaited => self.begin_upload(exchange),
        }
        Ok(())
    }

    fn begin_upload(&mut self, exchange: ExchangeId) {
        let mut grant = Grant::new();
        let octets = grant.begin();
        self.upload = Some(Upload { exchange, grant });
        self.report(Report::Capacity { exchange, octets });
    }

    /// The content that waited for `100 (Continue)` goes: all of it, or its source begins.
    fn send_content(&mut self, now: Instant) {
        let Some(exchange) = self.expectant.take() else {
            return;
        };
        self.has_news_to_write = true;
        self.connection.send_content(now, &mut self.wire.output);
        if self.connection.is_writing_body() {
            self.begin_upload(exchange);
        } else {
            self.sent(exchange);
        }
    }

    fn send_chunk(&mut self, exchange: ExchangeId, bytes: Bytes, now: Instant) -> Result<(), Stop> {
        let Some(upload) = self.upload.as_mut().filter(|upload| upload.exchange == exchange) else {
            return Ok(());
        };
        upload.grant.use_up(bytes.len());
        self.has_news_to_write = true;
        let sent = self.connection.send_chunk(exchange, bytes, &mut self.wire.output);
        sent.map_err(|error| self.fail(exchange, error))?;
        // Content that its method does not anticipate ends the connection.
        self.say_whether_draining(true);
        if self.connection.has_sent_declared_length() {
            // The peer may answer at once, and the connection must not seem to be in the middle of a request.
            // The source is granted more all the same: without it, it might not go on to its end.
            self.end_body(exchange, now)?;
        }
        Ok(())
    }

    fn finish_body(&mut self, exchange: ExchangeId, now: Instant) -> Result<(), Stop> {
        if self.upload.take_if(|upload| upload.exchange == exchange).is_none() || !self.connection.is_writing_body() {
            return Ok(());
        }
        self.end_body(exchange, now)
    }

    fn end_body(&mut self, exchange: ExchangeId, now: Instant) -> Result<(), Stop> {
        self.has_news_to_write = true;
        self.connection
            .finish_body(exchange, now, &mut self.wire.output)
            .map_err(|error| self.fail(exchange, error))?;
        self.sent(exchange);
        Ok(())
    }

    /// All of a request's body is on its way; it is the youngest.
    fn sent(&mut self, exchange: ExchangeId) {
        if let Some(youngest) = self.exchanges.back_mut() {
            youngest.end = Some(self.wire.pushed());
        }
        self.report(Report::Sent { exchange });
    }

    /// Fails one exchange by its own fault; nothing sensible can follow it on this connection.
    fn fail(&mut self, exchange: ExchangeId, error: Error) -> Stop {
        if let Some(index) = self.exchanges.iter().position(|known| known.id == exchange) {
            let standing = self.standing(&self.exchanges[index], index == 0);
            self.exchanges.remove(index);
            self.report(Report::Failed { exchange, error, octets: self.wire.octets, standing });
        }
        Stop::Closed(Error::Aborted)
    }

    /// There is no way to take back a request but to close the connection. What was asked before it is
    /// answered first.
    fn abort(&mut self, exchange: ExchangeId) -> Result<(), Stop> {
        if let Some(aborted) = self.exchanges.iter_mut().find(|known| known.id == exchange) {
            aborted.aborted = true;
        }
        self.stop_at_aborted()
    }

    /// As an abort, but its user does not know yet.
    fn expire(&mut self, exchange: ExchangeId, error: Error) -> Result<(), Stop> {
        let Some(index) = self.exchanges.iter().position(|known| known.id == exchange) else {
            return Ok(());
        };
        let standing = self.standing(&self.exchanges[index], index == 0);
        self.report(Report::Expired { exchange, error, octets: self.wire.octets, standing });
        self.abort(exchange)
    }

    fn stop_at_aborted(&self) -> Result<(), Stop> {
        match self.exchanges.front() {
            Some(head) if head.aborted => Err(Error::Aborted.into()),
            _ => Ok(()),
        }
    }

    fn with_window(&mut self, exchange: ExchangeId, change: impl FnOnce(&mut Window)) {
        if let Some(known) = self.exchanges.iter_mut().find(|known| known.id == exchange) {
            change(&mut known.window);
        }
    }

    fn write(&mut self, context: &mut Context<'_>, clock: &mut Clock) {
        let before = self.wire.octets.written;
        if self.write_error.is_none()
            && let Poll::Ready(Err(error)) = self.wire.poll_write(context)
        {
            self.write_error = Some(Box::new(error));
        }
        if std::mem::take(&mut self.has_news_to_write) || self.wire.octets.written > before {
            self.connection.written(!self.wire.output.is_empty(), clock.now());
            self.note_sent(clock.now());
        }
        if self.write_error.is_some() {
            self.wire.output = Output::new();
            return;
        }
        if let Some(upload) = &mut self.upload {
            let octets = upload.grant.replenish(self.wire.output.len());
            let exchange = upload.exchange;
            if octets > 0 {
                self.report(Report::Capacity { exchange, octets });
            }
        }
    }

    /// Something was written. Requests are written in order, so that those before one that was sent are as well.
    fn note_sent(&mut self, now: Instant) {
        let written = self.wire.octets.written;
        let unsent = self.exchanges.iter_mut().rev().take_while(|exchange| exchange.timings.sent.is_never());
        for exchange in unsent.filter(|exchange| exchange.end.is_some_and(|end| end <= written)) {
            exchange.timings.sent = Moment::since(exchange.dispatched, now);
        }
    }

    /// There may be something to understand, or to find out about what is under way.
    fn has_to_receive(&self) -> bool {
        !self.wire.input.is_empty() || self.wire.ended || !self.connection.is_between_responses()
    }

    /// Understands as much of the input as there is capacity for.
    fn receive(&mut self, now: Instant) -> Result<(), Stop> {
        loop {
            if !self.decode() {
                return Ok(());
            }
            let capacity = match self.exchanges.front_mut() {
                None => 0,
                Some(head) => {
                    if head.timings.first_byte.is_never() && !self.wire.input.is_empty() {
                        head.timings.first_byte = Moment::since(head.dispatched, now);
                    }
                    head.capacity()
                }
            };
            if self.begin_slab(capacity) {
                return Ok(());
            }
            let received =
                self.connection.receive(&mut self.wire.input, capacity, now).map_err(|error| self.blame(error))?;
            if let Some(received) = received {
                self.handle(received, now)?;
                continue;
            }
            self.stop_at_faulty()?;
            if !self.wire.ended || (self.is_stalled() && !self.wire.input.is_empty()) {
                return Ok(());
            }
            // The system tells of a reset once. Where a write has heard of it, reads find an orderly end. (Behind a
            // FIN it tells writes EPIPE instead.)
            if let Some(error) = self.write_error.take_if(|error| is_reset(error)) {
                return Err((*error).into());
            }
            let last = self.connection.receive_end(now).map_err(|error| self.blame(error))?;
            if let Some(received) = last {
                self.handle(received, now)?;
                return Err(Error::Reset.into());
            }
            return Err(self.blame(Error::OtherSideClosed).into());
        }
    }

    fn handle(&mut self, received: Received, now: Instant) -> Result<(), Stop> {
        let Some(head) = self.exchanges.front_mut() else {
            return Err(Error::Internal.into());
        };
        let exchange = head.id;
        match received {
            Received::Informational(head) => self.report(Report::Informational { exchange, head }),
            Received::Continue => self.send_content(now),
            Received::Head(mut response) => {
                head.progress = Progress::Answered;
                head.content = Content::of(&response, &head.request);
                response.is_decoded = !matches!(head.content, Content::Plain);
                let timings = head.timings;
                self.report(Report::Head { exchange, head: response, timings });
                self.say_whether_draining(true);
            }
            Received::Data(bytes) => match &mut head.content {
                Content::Plain => {
                    head.window.take(bytes.len());
                    self.report(Report::Data { exchange, bytes });
                }
                Content::Coded(decoder) => decoder.feed(bytes),
                Content::Faulty(_) => {}
            },
            Received::End { trailers, reuse } => {
                let timings = Timings { end: Moment::since(head.dispatched, now), ..head.timings };
                if let Some(error) = std::mem::take(&mut head.content).fault_at_end() {
                    self.report(Report::ContentFault { exchange, error });
                }
                self.exchanges.pop_front();
                self.upload.take_if(|upload| upload.exchange == exchange);
                self.is_reused = true;
                self.say_whether_draining(reuse);
                self.report(Report::End { exchange, trailers, timings });
                if !reuse {
                    return Err(Error::Reset.into());
                }
                self.stop_at_aborted()?;
            }
            Received::Upgraded(response) => {
                head.timings.end = Moment::since(head.dispatched, now);
                return Err(Stop::Upgraded(response));
            }
        }
        Ok(())
    }

    /// The pool hears it before it could think of giving another request.
    fn say_whether_draining(&mut self, reuse: bool) {
        let takes_more = reuse && self.connection.accepts_requests();
        if !self.is_draining && !takes_more {
            self.is_draining = true;
            self.report(Report::Draining);
        }
    }

    /// The head's body waits for its user to take some of it.
    fn is_stalled(&self) -> bool {
        self.exchanges.front().is_some_and(|head| head.progress == Progress::Answered && head.window.capacity() == 0)
    }

    /// How much is worth reading; `None`: nothing, so that TCP tells the peer to wait. While a body is
    /// stalled that is so once something waits; before, the next thing to come may be the peer's end.
    fn capacity_to_read(&self) -> Option<usize> {
        if self.wire.ended || (self.is_stalled() && !self.wire.input.is_empty()) {
            return None;
        }
        Some(self.exchanges.front().map_or(0, |head| head.window.capacity()))
    }

    /// A peer that vanished is best described by the write that it did not take.
    fn blame(&mut self, error: Error) -> Error {
        match error {
            Error::OtherSideClosed => self.write_error.take().map_or(error, |known| *known),
            error => error,
        }
    }

    fn report(&self, report: Report) {
        self.listener.report(self.session, report);
    }

    /// The exchanges that were not answered, and the requests that were not even looked at.
    fn returned(&mut self) -> Vec<Returned> {
        let (written, is_reused) = (self.wire.octets.written, self.is_reused);
        let mut returned: Vec<Returned> = std::mem::take(&mut self.exchanges)
            .into_iter()
            .enumerate()
            .map(|(index, exchange)| Returned {
                exchange: exchange.id,
                sent: exchange.was_sent(written, is_reused),
                begun: exchange.progress == Progress::Answered,
                standing: self.standing(&exchange, index == 0),
                request: exchange.request,
            })
            .collect();
        while let Some(work) = self.mailbox.take() {
            if let Work::Request { exchange, request, .. } = work {
                let standing = Standing { phase: Phase::Sending, is_reused, is_retryable: true };
                returned.push(Returned { exchange, request, sent: false, begun: false, standing });
            }
        }
        returned
    }

    /// How an exchange stands; `is_head`: its response is next.
    fn standing(&self, exchange: &Exchange, is_head: bool) -> Standing {
        let written = self.wire.octets.written;
        let phase = match exchange.progress {
            Progress::Answered => Phase::Body,
            Progress::Sent { .. } if is_head && self.connection.has_response_begun() => Phase::Head,
            Progress::Sent { .. } if exchange.end.is_some_and(|end| written >= end) => Phase::Waiting,
            Progress::Sent { .. } | Progress::Unsent => Phase::Sending,
        };
        let is_untouched = match exchange.progress {
            Progress::Unsent => true,
            Progress::Sent { first } => written <= first,
            Progress::Answered => false,
        };
        Standing { phase, is_reused: self.is_reused, is_retryable: is_untouched || exchange.request.idempotent }
    }
}

/// The driver's reason to stop, for [`Driver::into_outcome`].
pub(super) struct Stopped(Stop);
