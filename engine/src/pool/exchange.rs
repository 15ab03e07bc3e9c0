//! Where every exchange is.
//!
//! ```text
//!           given to a session           101, or 2xx to CONNECT
//! Queued ─────────────────────► Running ───────────────────────► Tunnel
//!    ▲                             │
//!    └──── its session ended ──────┘
//! ```

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Instant;

use super::table::Table;
use crate::conn::{Session, SessionId};
use crate::message::{DispatcherId, ExchangeId, Request};

/// An exchange that the engine knows.
pub(super) struct Exchange {
    pub(super) dispatcher: DispatcherId,
    /// Its user was told that it starts.
    pub(super) started: bool,
    /// Its user wants nothing for now.
    pub(super) paused: bool,
    /// Since when its user waits.
    pub(super) dispatched: Instant,
    /// When its time is over, if it has a bound.
    pub(super) deadline: Option<Instant>,
    pub(super) place: Place,
}

pub(super) enum Place {
    /// In its dispatcher's queue. The request waits here, so that forgetting one is cheap.
    Queued(Box<Request>),
    /// On the session in this slot of its dispatcher.
    Running(u32),
    /// It is a tunnel, and no longer its dispatcher's.
    Tunnel(SessionId, Rc<dyn Session>),
}

/// All exchanges, by the names that the caller gave them.
pub(super) struct Exchanges {
    table: Table<Exchange>,
    /// Whose time is bounded, the first to be over first. One that was taken out here as over may still be in the table.
    deadlines: BTreeSet<(Instant, ExchangeId)>,
}

impl Exchanges {
    pub(super) fn new() -> Self {
        Self { table: Table::new(), deadlines: BTreeSet::new() }
    }

    pub(super) fn insert(&mut self, id: ExchangeId, exchange: Exchange) {
        if let Some(deadline) = exchange.deadline {
            self.deadlines.insert((deadline, id));
        }
        self.table.insert(id.slot, id.generation, exchange);
    }

    pub(super) fn get(&self, id: ExchangeId) -> Option<&Exchange> {
        self.table.get(id.slot, id.generation)
    }

    pub(super) fn get_mut(&mut self, id: ExchangeId) -> Option<&mut Exchange> {
        self.table.get_mut(id.slot, id.generation)
    }

    pub(super) fn remove(&mut self, id: ExchangeId) -> Option<Exchange> {
        let removed = self.table.remove(id.slot, id.generation)?;
        if let Some(deadline) = removed.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        Some(removed)
    }

    /// When the next time is over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// Takes one whose time is over by `now`. It is told so once, unless it waits again.
    pub(super) fn take_late(&mut self, now: Instant) -> Option<ExchangeId> {
        let &(deadline, id) = self.deadlines.first()?;
        (deadline <= now).then(|| {
            self.deadlines.pop_first();
            id
        })
    }

    /// It waits again: if its time is over, it has to be told so again.
    pub(super) fn watch(&mut self, id: ExchangeId) {
        if let Some(deadline) = self.get(id).and_then(|exchange| exchange.deadline) {
            self.deadlines.insert((deadline, id));
        }
    }

    /// Its time is no longer bounded.
    pub(super) fn unwatch(&mut self, id: ExchangeId) {
        if let Some(deadline) = self.get_mut(id).and_then(|exchange| exchange.deadline.take()) {
            self.deadlines.remove(&(deadline, id));
        }
    }

    /// The exchange that uses a slot.
    pub(super) fn occupant(&self, slot: u32) -> Option<ExchangeId> {
        self.table.occupant(slot).map(|generation| ExchangeId { slot, generation })
    }

    /// The tunnel over a session.
    pub(super) fn tunnel_over(&self, session: SessionId) -> Option<ExchangeId> {
        self.table.iter().find_map(|(slot, generation, exchange)| match exchange.place {
            Place::Tunnel(over, _) if over == session => Some(ExchangeId { slot, generation }),
            _ => None,
        })
    }

    /// The request of a queued exchange.
    pub(super) fn queued(&self, id: ExchangeId) -> Option<(&Request, bool)> {
        match self.get(id)? {
            Exchange { place: Place::Queued(request), started, .. } => Some((request, *started)),
            _ => None,
        }
    }
}
