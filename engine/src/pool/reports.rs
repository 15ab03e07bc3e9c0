//! What the reports of sessions mean for a pool and its exchanges.

use super::exchange::{Exchange, Place};
use super::slot::OpenSlot;
use super::{Opening, State};
use crate::conn::{Octets, Report, Returned, SessionId};
use crate::error::Error;
use crate::event::{Event, SessionInfo, Traffic};
use crate::message::{DispatcherId, ExchangeId, Fields, Phase, RequestBody, ResponseHead, Standing, Timings};

impl State {
    pub(super) fn report(&mut self, session: SessionId, report: Report) {
        match report {
            Report::Opened { local, remote } => self.opened(session, SessionInfo { local, remote }),
            Report::OpenFailed { error } => self.open_failed(session, error),
            Report::Informational { exchange, head } => {
                self.sink.emit(Event::Informational { exchange, head });
            }
            Report::Head { exchange, head, timings } => self.head(session, exchange, head, timings),
            Report::Data { exchange, bytes } => self.sink.emit(Event::Data { exchange, bytes }),
            Report::Landed { exchange, slab, octets, is_low } => {
                self.sink.emit(Event::Landed { exchange, slab, octets, is_low })
            }
            Report::Capacity { exchange, octets } => {
                self.sink.emit(Event::Capacity { exchange, octets });
            }
            Report::ContentFault { exchange, error } => self.sink.emit(Event::ContentFault { exchange, error }),
            Report::End { exchange, trailers, timings } => self.end(session, exchange, trailers, timings),
            Report::Sent { exchange } => self.sent(session, exchange),
            Report::Draining => {
                if let Some(slot) = self.slot(session) {
                    slot.is_closing = true;
                }
            }
            Report::Failed { exchange, error, octets, standing } => {
                if let Some(slot) = self.slot(session) {
                    slot.is_closing = true;
                    slot.remove(exchange);
                }
                self.fail(exchange, error, octets, Some(standing), false);
            }
            Report::Expired { exchange, error, octets, standing } => {
                if let Some(slot) = self.slot(session) {
                    slot.is_closing = true;
                }
                self.fail(exchange, error, octets, Some(standing), true);
            }
            Report::Upgraded { exchange, head, timings, octets } => {
                self.upgraded(session, exchange, (head, timings), octets);
            }
            Report::TunnelEnded { exchange } => {
                let (trailers, timings) = (Fields::default(), Timings::default());
                self.sink.emit(Event::End { exchange, trailers, is_closing: false, timings });
            }
            Report::TunnelClosed { exchange, error, octets } => match error {
                Some(error) => {
                    let standing = Standing { phase: Phase::Tunnel, is_reused: false, is_retryable: false };
                    self.fail(exchange, error, octets, Some(standing), false);
                }
                None => drop(self.exchanges.remove(exchange)),
            },
            Report::Closed { error, returned, octets } => {
                self.closed(session, error, returned, octets);
            }
            Report::Broken => self.broken(session),
        }
    }

    fn slot(&mut self, session: SessionId) -> Option<&mut OpenSlot> {
        self.pool(session.dispatcher)?.slots.session(session.slot, session.generation)
    }

    fn opened(&mut self, session: SessionId, info: SessionInfo) {
        let dispatcher = session.dispatcher;
        let Some(pool) = self.pool(dispatcher) else {
            return;
        };
        if pool.slots.opened(session.slot, session.generation) {
            self.sink.emit(Event::Connected { dispatcher, session: info });
            self.fill(dispatcher, Opening::Allowed);
        }
    }

    /// The requests that this session was to serve fail with it. While others are open they serve all.
    fn open_failed(&mut self, session: SessionId, error: Error) {
        let dispatcher = session.dispatcher;
        let Some(pool) = self.pool(dispatcher) else {
            return;
        };
        if !pool.slots.open_failed(session.slot, session.generation) {
            return;
        }
        let victims = if pool.slots.open() > 0 {
            0
        } else if pool.slots.connecting() > 0 {
            pool.options.pipelining.max(1) as usize
        } else {
            usize::MAX
        };
        let share = pool.options.share;
        self.sessions_gone(share, 1);
        self.sink.emit(Event::ConnectFailed { dispatcher, error: error.clone() });
        self.fail_first(dispatcher, victims, Phase::Connecting, &error, Octets::default());
        self.fill(dispatcher, Opening::NotNow);
    }

    fn head(&mut self, session: SessionId, exchange: ExchangeId, head: ResponseHead, timings: Timings) {
        self.sink.emit(Event::Head { exchange, head, timings });
        let unblocked = self.slot(session).and_then(|slot| slot.blocking.take_if(|blocking| *blocking == exchange));
        if unblocked.is_some() {
            self.fill_later(session.dispatcher);
        }
    }

    fn sent(&mut self, session: SessionId, exchange: ExchangeId) {
        let sent = self.slot(session).and_then(|slot| slot.writing.take_if(|writing| *writing == exchange));
        if sent.is_some() {
            self.fill_later(session.dispatcher);
        }
    }

    fn end(&mut self, session: SessionId, exchange: ExchangeId, trailers: Fields, timings: Timings) {
        self.exchanges.remove(exchange);
        let is_closing = self.slot(session).is_some_and(|slot| slot.is_closing);
        self.sink.emit(Event::End { exchange, trailers, is_closing, timings });
        let Some(pool) = self.pool(session.dispatcher) else {
            return;
        };
        if let Some(slot) = pool.slots.session(session.slot, session.generation) {
            slot.remove(exchange);
            pool.slots.list_if_idle(session.slot);
            if let Some(share) = pool.options.share {
                self.share_out(share, session.dispatcher);
            }
            self.fill_later(session.dispatcher);
        }
    }

    fn upgraded(
        &mut self,
        session: SessionId,
        exchange: ExchangeId,
        (head, timings): (ResponseHead, Timings),
        octets: Octets,
    ) {
        let dispatcher = session.dispatcher;
        let Some(pool) = self.pool(dispatcher) else {
            return;
        };
        let share = pool.options.share;
        let Some(slot) = pool.slots.close(session.slot, session.generation) else {
            return;
        };
        self.sessions_gone(share, 1);
        if let Some(known) = self.exchanges.get_mut(exchange) {
            known.place = Place::Tunnel(session, slot.session);
        }
        self.exchanges.unwatch(exchange);
        let (error, traffic) = (Error::Upgraded, octets.into());
        self.sink.emit(Event::Disconnected { dispatcher, error, traffic });
        self.sink.emit(Event::Upgraded { exchange, head, timings });
        self.fill(dispatcher, Opening::Allowed);
    }

    /// A session is gone. Its head fails, if the session's end was a failure; the others wait again
    /// unless the peer may have acted on them.
    fn closed(&mut self, session: SessionId, error: Error, returned: Vec<Returned>, octets: Octets) {
        let dispatcher = session.dispatcher;
        let Some(pool) = self.pool(dispatcher) else {
            return self.left(session, error, octets);
        };
        let share = pool.options.share;
        let Some(slot) = pool.slots.close(session.slot, session.generation) else {
            return;
        };
        self.sessions_gone(share, 1);
        if slot.requests == 0 && error.is_peers() {
            // It ended before it was given a request: that was a try of the one that waits for it. A peer that ends
            // each connection at once would otherwise be connected to until its user has heard of a start.
            self.fail_first(dispatcher, 1, Phase::Sending, &error, octets);
        }
        let mut again = Vec::new();
        let mut is_head = true;
        let mut returned = returned.into_iter().peekable();
        for exchange in slot.outstanding {
            let back = returned.next_if(|back| back.exchange == exchange);
            if self.exchanges.get(exchange).is_none() {
                // It was aborted.
                is_head = false;
                continue;
            }
            let standing = back.as_ref().map(|back| back.standing);
            match back {
                Some(back) if !back.sent => again.push(back),
                Some(back)
                    if (!is_head || error.is_informational() || back.crossed_the_end(&error))
                        && back.may_be_sent_again() =>
                {
                    again.push(back);
                }
                _ if error.is_informational() => {
                    self.fail(exchange, Error::OtherSideClosed, octets, standing, false);
                }
                _ => self.fail(exchange, error.clone(), octets, standing, false),
            }
            is_head = false;
        }
        self.sink.emit(Event::Disconnected { dispatcher, error, traffic: octets.into() });
        self.wait_again(again);
        self.fill(dispatcher, Opening::Allowed);
    }

    /// Fails up to `count` of the requests that wait, the oldest first. Nothing of them was sent.
    fn fail_first(&mut self, dispatcher: DispatcherId, count: usize, phase: Phase, error: &Error, octets: Octets) {
        let standing = Standing { phase, is_reused: false, is_retryable: true };
        for _ in 0..count {
            let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) else {
                return;
            };
            let Some(first) = pool.queue.front(&self.exchanges) else {
                return;
            };
            pool.queue.pop();
            self.fail(first, error.clone(), octets, Some(standing), false);
        }
    }

    /// Puts exchanges back to the front of their queue, in order.
    fn wait_again(&mut self, again: Vec<Returned>) {
        let restarted: Vec<ExchangeId> = again.iter().filter(|back| back.sent).map(|back| back.exchange).collect();
        for back in again.into_iter().rev() {
            let Some(Exchange { dispatcher, started, place, .. }) = self.exchanges.get_mut(back.exchange) else {
                continue;
            };
            *started &= !back.sent;
            *place = Place::Queued(back.request);
            if let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) {
                pool.queue.push_front(back.exchange);
            }
            self.exchanges.watch(back.exchange);
        }
        for exchange in restarted {
            self.sink.emit(Event::Restart { exchange });
        }
    }

    /// A session of a destroyed pool is gone.
    fn left(&mut self, session: SessionId, error: Error, octets: Octets) {
        let dispatcher = session.dispatcher;
        let Some(index) = self.leaving.iter().position(|sessions| sessions.contains(&session)) else {
            return;
        };
        self.sink.emit(Event::Disconnected { dispatcher, error, traffic: octets.into() });
        let sessions = &mut self.leaving[index];
        sessions.retain(|known| *known != session);
        if sessions.is_empty() {
            self.leaving.swap_remove(index);
            self.sink.emit(Event::Destroyed { dispatcher });
        }
    }

    /// A session's task panicked: what it had is lost.
    fn broken(&mut self, session: SessionId) {
        if let Some(exchange) = self.exchanges.tunnel_over(session) {
            return self.fail(exchange, Error::Internal, Octets::default(), None, false);
        }
        self.open_failed(session, Error::Internal);
        self.closed(session, Error::Internal, Vec::new(), Octets::default());
    }

    /// Ends an exchange with an error, if its user still wants to know. `is_closing`: its session will end for it, though
    /// perhaps not at once.
    pub(super) fn fail(
        &mut self,
        exchange: ExchangeId,
        error: Error,
        octets: Octets,
        standing: Option<Standing>,
        is_closing: bool,
    ) {
        if self.exchanges.remove(exchange).is_some() {
            self.sink.emit(Event::Failed { exchange, error, traffic: octets.into(), standing, is_closing });
        }
    }
}

impl Returned {
    /// The peer may have acted on it. A second time does no harm where the method says so
    /// (RFC 9110 section 9.2.2); a streamed body cannot be had twice.
    fn may_be_sent_again(&self) -> bool {
        self.request.idempotent && !self.begun && !matches!(self.request.body, RequestBody::Stream { .. })
    }
}

impl Returned {
    /// It was sent over a connection that had served before, and instead of any octet of a response came the
    /// end: most likely the peer gave up an idle connection while the request was on its way (RFC 9112 section
    /// 9.3.1). On a fresh connection it would be an answer of a kind, so that nothing is tried for ever. What has
    /// content is left to its caller, whatever it says of being idempotent.
    fn crossed_the_end(&self, error: &Error) -> bool {
        self.standing.is_reused
            && matches!(self.standing.phase, Phase::Sending | Phase::Waiting)
            && matches!(self.request.body, RequestBody::None)
            && matches!(error, Error::OtherSideClosed | Error::System { .. } | Error::Lent(_))
    }
}

impl Error {
    /// The peer's doing.
    fn is_peers(&self) -> bool {
        matches!(self, Self::OtherSideClosed | Self::System { .. } | Self::BadResponse)
    }

    /// It tells why a session ended, and blames no exchange.
    fn is_informational(&self) -> bool {
        matches!(
            self,
            Self::Reset | Self::IdleTimeout | Self::Aborted | Self::ServerNameChanged | Self::MadeRoom | Self::Upgraded
        )
    }
}

impl From<Octets> for Traffic {
    fn from(Octets { read, written }: Octets) -> Self {
        Self { read, written }
    }
}
