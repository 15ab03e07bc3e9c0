//! Who gets which request: dispatchers with their queues and sessions, and every exchange's place. Bytes,
//! sockets and protocols are the sessions' business.

mod exchange;
mod queue;
mod reports;
mod select;
mod share;
mod slot;
mod table;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Instant;

use crate::conn::{Listener, Octets, Opener, Report, SessionId, Work};
use crate::error::Error;
use crate::event::{Event, Traffic};
use crate::message::{DispatcherId, ExchangeId, Phase, Request, RequestBody, Standing};
use crate::slab::Slab;
use exchange::{Exchange, Exchanges, Place};
use queue::Queue;
pub use share::Share;
use share::Shares;
use slot::{Drained, Slots};
use table::Table;

/// Where events go.
pub trait Sink {
    /// One thing that happened.
    fn emit(&self, event: Event);

    /// [`Pools::fill_due`] is to be called behind the commands that wait.
    fn fill_soon(&self);

    /// See [`Listener::slab`].
    fn slab(&self, _most: usize) -> Option<Box<dyn Slab>> {
        None
    }
}

/// How a pool shares out its requests.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many sessions it may have.
    pub connections: u32,
    /// How many requests may be outstanding on a session; 0: one, and each on a session of its own.
    pub pipelining: u32,
    /// After how many requests a session ends; `None` and 0: never.
    pub max_requests: Option<u32>,
    /// What it shares with other pools.
    pub share: Option<Share>,
    /// Tell of sessions being opened.
    pub announce_connecting: bool,
}

/// All pools of an engine. Commands come in here, and so do the reports of sessions.
pub struct Pools {
    state: RefCell<State>,
    sink: Rc<dyn Sink>,
}

struct State {
    /// Ourselves, for the sessions.
    listener: Weak<Pools>,
    sink: Rc<dyn Sink>,
    exchanges: Exchanges,
    pools: Table<Pool>,
    shares: Shares,
    /// The pools that are to be filled at the end of the turn.
    due: Vec<DispatcherId>,
    /// The sessions of destroyed pools, by pool, until the last one is closed.
    leaving: Vec<Vec<SessionId>>,
}

struct Pool {
    options: Options,
    opener: Box<dyn Opener>,
    queue: Queue,
    slots: Slots,
    /// It is to be filled at the end of the turn, and not before.
    due: Option<Opening>,
}

/// Whether a request that finds no session may have one opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Allowed,
    /// One has just failed, while other sessions live: they are waited for.
    NotNow,
}

impl Pools {
    /// No pools yet.
    #[must_use]
    pub fn new(sink: Rc<dyn Sink>) -> Rc<Self> {
        Rc::new_cyclic(|listener| Self {
            sink: Rc::clone(&sink),
            state: RefCell::new(State {
                listener: Weak::clone(listener),
                sink,
                exchanges: Exchanges::new(),
                pools: Table::new(),
                shares: Shares::default(),
                due: Vec::new(),
                leaving: Vec::new(),
            }),
        })
    }

    /// Makes a pool whose sessions come from `opener`.
    pub fn open(&self, id: DispatcherId, options: Options, opener: Box<dyn Opener>) {
        let pool = Pool { options, opener, queue: Queue::default(), slots: Slots::default(), due: None };
        let state = &mut *self.state.borrow_mut();
        if let Some(share) = options.share {
            state.shares.join(share, id);
        }
        state.pools.insert(id.slot, id.generation, pool);
    }

    /// Queues a request; `now`: its user waits from now on.
    pub fn dispatch(
        &self,
        dispatcher: DispatcherId,
        exchange: ExchangeId,
        request: Box<Request>,
        started: bool,
        now: Instant,
    ) {
        let state = &mut *self.state.borrow_mut();
        if let Some(settled) = state.exchanges.occupant(exchange.slot) {
            // The caller uses a slot again once it has settled what was there.
            state.abort(settled);
        }
        let Some(pool) = state.pools.get_mut(dispatcher.slot, dispatcher.generation) else {
            return;
        };
        pool.queue.push(exchange);
        let deadline = request.timeout.and_then(|timeout| now.checked_add(timeout));
        let place = Place::Queued(request);
        state
            .exchanges
            .insert(exchange, Exchange { dispatcher, started, paused: false, dispatched: now, deadline, place });
        state.fill(dispatcher, Opening::Allowed);
    }

    /// A queued request may be written.
    pub fn start(&self, exchange: ExchangeId) {
        let state = &mut *self.state.borrow_mut();
        if let Some(known) = state.exchanges.get_mut(exchange) {
            known.started = true;
            let dispatcher = known.dispatcher;
            state.fill(dispatcher, Opening::Allowed);
        }
    }

    /// Forgets an exchange.
    pub fn abort(&self, exchange: ExchangeId) {
        let is_closing = self.state.borrow_mut().abort(exchange);
        self.sink.emit(Event::Aborted { exchange, is_closing });
    }

    /// Fails an exchange through the engine's own fault.
    pub fn fail(&self, exchange: ExchangeId) {
        let state = &mut *self.state.borrow_mut();
        if state.exchanges.get(exchange).is_some() {
            let (error, traffic) = (Error::Internal, Traffic::default());
            self.sink.emit(Event::Failed { exchange, error, traffic, standing: None, is_closing: false });
            state.abort(exchange);
        }
    }

    /// Hands work to the session or tunnel of the exchange that it is about, if it has one.
    pub fn forward(&self, exchange: ExchangeId, work: Work) {
        let state = &mut *self.state.borrow_mut();
        let Some(known) = state.exchanges.get_mut(exchange) else {
            return;
        };
        match work {
            Work::Pause { .. } => known.paused = true,
            Work::Resume { .. } => known.paused = false,
            _ => {}
        }
        match &known.place {
            Place::Queued(_) => {}
            Place::Tunnel(_, session) => session.submit(work),
            Place::Running(slot) => {
                let DispatcherId { slot: pool, generation } = known.dispatcher;
                if let Some(pool) = state.pools.get_mut(pool, generation)
                    && let Some(open) = pool.slots.get(*slot)
                {
                    open.session.submit(work);
                }
            }
        }
    }

    /// Changes how many requests may be outstanding on a session.
    pub fn set_pipelining(&self, dispatcher: DispatcherId, value: u32) {
        let state = &mut *self.state.borrow_mut();
        if let Some(pool) = state.pools.get_mut(dispatcher.slot, dispatcher.generation) {
            pool.options.pipelining = value;
            state.fill_later(dispatcher);
        }
    }

    /// There is something for [`Pools::fill_due`].
    #[must_use]
    pub fn is_any_due(&self) -> bool {
        !self.state.borrow().due.is_empty()
    }

    /// Gives out what became due since the last call. To be called at the end of a turn, behind its commands:
    /// they may have taken back the very request that is next, which is free only while it is not given out.
    pub fn fill_due(&self) {
        let state = &mut *self.state.borrow_mut();
        while let Some(dispatcher) = state.due.pop() {
            if let Some(opening) = state.pool(dispatcher).and_then(|pool| pool.due.take()) {
                state.fill(dispatcher, opening);
            }
        }
    }

    /// When the next exchange's time is over.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.state.borrow().exchanges.deadline()
    }

    /// Ends the exchanges whose time is over by `now`. Whether there was one.
    pub fn expire(&self, now: Instant) -> bool {
        let state = &mut *self.state.borrow_mut();
        let mut is_any = false;
        while let Some(exchange) = state.exchanges.take_late(now) {
            is_any = true;
            state.expire(exchange);
        }
        is_any
    }

    /// Ends a pool: what it has is forgotten and its sessions are closed.
    pub fn destroy(&self, dispatcher: DispatcherId) {
        self.state.borrow_mut().destroy(dispatcher);
    }
}

impl Listener for Pools {
    fn report(&self, session: SessionId, report: Report) {
        match report {
            // Those that come most, and change nothing here.
            Report::Landed { exchange, slab, octets, is_low } => {
                self.sink.emit(Event::Landed { exchange, slab, octets, is_low })
            }
            Report::Data { exchange, bytes } => self.sink.emit(Event::Data { exchange, bytes }),
            Report::Capacity { exchange, octets } => {
                self.sink.emit(Event::Capacity { exchange, octets });
            }
            report => self.state.borrow_mut().report(session, report),
        }
    }

    fn slab(&self, most: usize) -> Option<Box<dyn Slab>> {
        self.sink.slab(most)
    }
}

impl State {
    fn pool(&mut self, dispatcher: DispatcherId) -> Option<&mut Pool> {
        self.pools.get_mut(dispatcher.slot, dispatcher.generation)
    }

    /// A session of a pool may take a request that waits, or another request is the first. The turn's commands
    /// are heard before it is given out.
    fn fill_later(&mut self, dispatcher: DispatcherId) {
        let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) else {
            return;
        };
        if pool.queue.waiting() > 0 && pool.due.replace(Opening::Allowed).is_none() {
            self.due.push(dispatcher);
            self.sink.fill_soon();
        }
    }

    /// Gives queued requests to sessions, oldest first, as long as there is one for the first; opens
    /// sessions for those that find none. A pool that is due waits for the end of the turn.
    ///
    /// At once it is done for a request that is new or has started and for a session that has opened or gone:
    /// whoever handed the request over counts on its being written, even where he aborts it at once; the session is
    /// to write as soon as it can; and one that is gone takes nothing.
    fn fill(&mut self, dispatcher: DispatcherId, opening: Opening) {
        let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) else {
            return;
        };
        if let Some(due) = &mut pool.due {
            *due = opening;
            return;
        }
        while let Some(front) = pool.queue.front(&self.exchanges) {
            let Some(exchange) = self.exchanges.get_mut(front) else {
                return;
            };
            let Place::Queued(request) = &exchange.place else {
                return;
            };
            let Some(slot) = select::select(&mut pool.slots, request, pool.options.pipelining) else {
                break;
            };
            if !exchange.started {
                return;
            }
            let (paused, dispatched) = (exchange.paused, exchange.dispatched);
            let place = std::mem::replace(&mut exchange.place, Place::Running(slot));
            pool.queue.pop();
            if let (Place::Queued(request), Some(open)) = (place, pool.slots.take(slot)) {
                open.give(front, request, dispatched, &pool.options);
                if paused {
                    open.session.submit(Work::Pause { exchange: front });
                }
            }
        }
        if opening == Opening::Allowed {
            self.open_sessions(dispatcher);
        }
    }

    /// Opens as many sessions as the waiting requests need.
    fn open_sessions(&mut self, dispatcher: DispatcherId) {
        let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) else {
            return;
        };
        let Some(listener) = self.listener.upgrade() else {
            return;
        };
        let Some(server_name) = pool.queue.front(&self.exchanges).and_then(|front| self.exchanges.queued(front)) else {
            return;
        };
        let server_name = server_name.0.server_name.clone();
        let limit = pool.options.connections.max(1) as usize;
        let depth = pool.options.pipelining.max(1) as usize;
        while pool.slots.connecting() * depth < pool.queue.waiting()
            && pool.slots.connecting() + pool.slots.open() < limit
        {
            if let Some(share) = pool.options.share
                && !self.shares.take(share, dispatcher)
            {
                return self.make_room(share);
            }
            if pool.options.announce_connecting {
                self.sink.emit(Event::Connecting { dispatcher });
            }
            let (slot, generation) = pool.slots.reserve();
            let session = SessionId { dispatcher, slot, generation };
            let opened = pool.opener.open(session, server_name.as_deref(), Rc::clone(&listener) as Rc<dyn Listener>);
            pool.slots.connect(slot, opened, server_name.clone());
        }
        if pool.slots.connecting() == 0 {
            // There is no room for another one, and those that idle have the wrong name.
            pool.close_idle(Error::ServerNameChanged);
        }
    }

    /// Somebody stands in line for a session, and there are as many as there may be: an idle one goes.
    fn make_room(&mut self, share: Share) {
        let members: Vec<_> = self.shares.members(share).collect();
        for member in members {
            if self.pool(member).is_some_and(|pool| pool.close_idle(Error::MadeRoom)) {
                return;
            }
        }
    }

    /// A session of a pool has become free. It goes where another pool, which stands in line, has none at all, or
    /// where nobody needs it here; so do those that idle beyond the bound.
    fn share_out(&mut self, share: Share, dispatcher: DispatcherId) {
        let waits_here = self.pool(dispatcher).is_some_and(|pool| pool.queue.waiting() > 0);
        let line: Vec<_> = self.shares.line(share).filter(|other| *other != dispatcher).collect();
        let needy = line
            .into_iter()
            .find(|&other| !waits_here || self.pool(other).is_some_and(|pool| pool.slots.sessions() == 0));
        if let Some(needy) = needy {
            self.shares.bring_forward(share, needy);
            if let Some(pool) = self.pool(dispatcher) {
                pool.close_idle(Error::MadeRoom);
            }
        } else if let Some(limit) = share.max_idle
            && !waits_here
        {
            let members: Vec<_> = self.shares.members(share).collect();
            let idle = |state: &mut Self, member| state.pool(member).map_or(0, |pool| pool.slots.idle_count());
            let counts: Vec<_> = members.iter().map(|&member| (idle(self, member), member)).collect();
            if counts.iter().map(|(count, _)| count).sum::<usize>() > limit as usize
                && let Some(&(_, member)) = counts.iter().max_by_key(|(count, _)| *count)
                && let Some(pool) = self.pool(member)
            {
                pool.close_idle(Error::MadeRoom);
            }
        }
    }

    /// So many sessions of a pool are gone: who stands in line may have their place.
    fn sessions_gone(&mut self, share: Option<Share>, sessions: usize) {
        let Some(share) = share else {
            return;
        };
        self.shares.give_back(share, sessions);
        for _ in 0..sessions {
            while let Some(next) = self.shares.next_in_line(share) {
                if self.pool(next).is_some_and(|pool| pool.queue.waiting() > 0) {
                    self.open_sessions(next);
                    break;
                }
            }
        }
    }

    /// Whether a session ends for it.
    fn abort(&mut self, id: ExchangeId) -> bool {
        let Some(exchange) = self.exchanges.remove(id) else {
            return false;
        };
        let dispatcher = exchange.dispatcher;
        match exchange.place {
            Place::Queued(_) => {
                if let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) {
                    pool.queue.forget_one(&self.exchanges);
                    // It may have been the one that the others waited for.
                    self.fill_later(dispatcher);
                }
                false
            }
            Place::Running(slot) => {
                let Some(open) = self.pool(dispatcher).and_then(|pool| pool.slots.get(slot)) else {
                    return false;
                };
                open.is_closing = true;
                open.session.submit(Work::Abort { exchange: id });
                true
            }
            Place::Tunnel(_, session) => {
                session.submit(Work::Abort { exchange: id });
                false
            }
        }
    }

    /// The time of an exchange is over. One that waits goes without harm to others; of one that is under way its session
    /// knows how it stands.
    fn expire(&mut self, id: ExchangeId) {
        let Some(Exchange { dispatcher, dispatched, deadline: Some(deadline), place, .. }) = self.exchanges.get(id)
        else {
            return;
        };
        let (dispatcher, error) = (*dispatcher, Error::Timeout(*deadline - *dispatched));
        match *place {
            Place::Queued(_) => {
                let standing = Standing { phase: Phase::Connecting, is_reused: false, is_retryable: true };
                self.fail(id, error, Octets::default(), Some(standing), false);
                if let Some(pool) = self.pools.get_mut(dispatcher.slot, dispatcher.generation) {
                    pool.queue.forget_one(&self.exchanges);
                    // It may have been the one that the others waited for.
                    self.fill_later(dispatcher);
                }
            }
            Place::Running(slot) => {
                if let Some(open) = self.pool(dispatcher).and_then(|pool| pool.slots.get(slot)) {
                    open.session.submit(Work::Expire { exchange: id, error });
                }
            }
            Place::Tunnel(..) => {}
        }
    }

    fn destroy(&mut self, dispatcher: DispatcherId) {
        let Some(mut pool) = self.pools.remove(dispatcher.slot, dispatcher.generation) else {
            return;
        };
        while let Some(queued) = pool.queue.front(&self.exchanges) {
            pool.queue.pop();
            self.exchanges.remove(queued);
        }
        let share = pool.options.share;
        if let Some(share) = share {
            self.shares.leave(share, dispatcher);
        }
        self.sessions_gone(share, pool.slots.sessions());
        let mut sessions = Vec::new();
        for drained in pool.slots.drain() {
            let session = match drained {
                Drained::Connecting(session) => session,
                Drained::Open { slot, generation, open } => {
                    for running in open.outstanding {
                        self.exchanges.remove(running);
                    }
                    sessions.push(SessionId { dispatcher, slot, generation });
                    open.session
                }
            };
            session.submit(Work::Close { error: Error::Destroyed });
        }
        if sessions.is_empty() {
            self.sink.emit(Event::Destroyed { dispatcher });
        } else {
            self.leaving.push(sessions);
        }
    }
}

impl Pool {
    /// Closes the session that has been idle for the longest time. False if there is none.
    fn close_idle(&mut self, error: Error) -> bool {
        let Some(open) = self.slots.coldest().and_then(|coldest| self.slots.take(coldest)) else {
            return false;
        };
        open.is_closing = true;
        open.session.submit(Work::Close { error });
        true
    }
}

impl slot::OpenSlot {
    /// Gives a request to the session, and notes what that means for the next one.
    fn give(&mut self, exchange: ExchangeId, request: Box<Request>, dispatched: Instant, options: &Options) {
        self.requests = self.requests.saturating_add(1);
        let Options { pipelining, max_requests, .. } = *options;
        let close = select::closes(&request, self.requests, max_requests, pipelining);
        let is_stream = matches!(request.body, RequestBody::Stream { .. });
        // Whether a stream has content, the session says once it knows.
        self.is_closing = close || (request.unexpected_content && request.reset != Some(false) && !is_stream);
        if is_stream || request.expect_continue {
            self.writing = Some(exchange);
        }
        if request.blocking {
            self.blocking = Some(exchange);
        }
        self.outstanding.push_back(exchange);
        self.session.submit(Work::Request { exchange, request, close, dispatched });
    }
}
