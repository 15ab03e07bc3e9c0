//! The tunnel driver: octets both ways, each way with its capacity and its own end. No protocol here.
//!
//! ```text
//!            peer's FIN                  Finish
//!   both ways ────────► only outgoing    both ways ────────► only incoming
//!        both ends are finished ──► gone
//! ```

use std::rc::Rc;
use std::task::{Context, Poll};

use super::driver::Wire;
use super::h1::Remains;
use super::mailbox::Mailbox;
use super::{Listener, Octets, Report, SessionId, Work};
use crate::error::{Error, Syscall};
use crate::flow::{Grant, Window};
use crate::message::ExchangeId;
use crate::net::failed;

pub(super) struct Tunnel {
    session: SessionId,
    listener: Rc<dyn Listener>,
    mailbox: Rc<Mailbox>,
    exchange: ExchangeId,
    wire: Wire,
    window: Window,
    grant: Grant,
    outgoing: Outgoing,
    /// [`Report::TunnelEnded`] was said.
    end_told: bool,
}

/// Our side of the tunnel.
///
/// ```text
/// Open ──Finish──► Finishing ──all written──► Finished
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outgoing {
    Open,
    Finishing,
    Finished,
}

/// How a tunnel ended.
pub(super) enum Ended {
    /// Both sides are finished, or one failed.
    Told(Option<Error>),
    /// The user has forgotten it.
    Silently,
}

impl Tunnel {
    pub(super) fn new(session: SessionId, listener: Rc<dyn Listener>, mailbox: Rc<Mailbox>, remains: Remains) -> Self {
        let Remains { exchange, wire, window } = remains;
        let mut grant = Grant::new();
        let octets = grant.begin();
        listener.report(session, Report::Capacity { exchange, octets });
        Self { session, listener, mailbox, exchange, wire, window, grant, outgoing: Outgoing::Open, end_told: false }
    }

    pub(super) fn octets(&self) -> Octets {
        self.wire.octets
    }

    /// Does all that can be done now.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ended> {
        self.mailbox.wake_up(context);
        let outcome = self.run(context);
        self.mailbox.fall_asleep();
        match outcome {
            Ok(None) => Poll::Pending,
            Ok(Some(ended)) => Poll::Ready(ended),
            Err(error) => Poll::Ready(Ended::Told(Some(error))),
        }
    }

    fn run(&mut self, context: &mut Context<'_>) -> Result<Option<Ended>, Error> {
        while let Some(work) = self.mailbox.take() {
            match work {
                Work::Chunk { bytes, .. } if self.outgoing == Outgoing::Open => {
                    self.grant.use_up(bytes.len());
                    self.wire.output.push_bytes(bytes);
                }
                Work::Finish { .. } if self.outgoing == Outgoing::Open => {
                    self.outgoing = Outgoing::Finishing;
                }
                Work::Release { octets, .. } => self.window.release(octets),
                Work::Pause { .. } => self.window.pause(),
                Work::Resume { .. } => self.window.resume(),
                Work::Abort { .. } | Work::Close { .. } => return Ok(Some(Ended::Silently)),
                Work::Request { .. } | Work::Chunk { .. } | Work::Finish { .. } | Work::Expire { .. } => {}
            }
        }
        self.write(context)?;
        self.read(context)?;
        let is_over = self.end_told && self.outgoing == Outgoing::Finished;
        Ok(is_over.then_some(Ended::Told(None)))
    }

    fn write(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        if let Poll::Ready(written) = self.wire.poll_write(context) {
            written?;
            if self.outgoing == Outgoing::Finishing
                && let Poll::Ready(finished) = self.wire.transport.poll_shutdown(context)
            {
                finished.map_err(|error| failed(Syscall::Write, &error))?;
                self.outgoing = Outgoing::Finished;
            }
        }
        if self.outgoing == Outgoing::Open {
            let octets = self.grant.replenish(self.wire.output.len());
            if octets > 0 {
                self.report(Report::Capacity { exchange: self.exchange, octets });
            }
        }
        Ok(())
    }

    fn read(&mut self, context: &mut Context<'_>) -> Result<(), Error> {
        loop {
            let capacity = self.window.capacity();
            if !self.wire.input.is_empty() {
                if capacity == 0 {
                    return Ok(());
                }
                let octets = capacity.min(self.wire.input.len());
                let bytes = self.wire.input.split_to(octets).freeze();
                self.window.take(octets);
                self.report(Report::Data { exchange: self.exchange, bytes });
                continue;
            }
            if self.wire.ended {
                if !self.end_told {
                    self.end_told = true;
                    self.report(Report::TunnelEnded { exchange: self.exchange });
                }
                return Ok(());
            }
            if capacity == 0 {
                return Ok(());
            }
            let Poll::Ready(read) = self.wire.poll_read(context, capacity) else {
                return Ok(());
            };
            read?;
        }
    }

    fn report(&self, report: Report) {
        self.listener.report(self.session, report);
    }
}
