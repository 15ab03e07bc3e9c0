//! Where every exchange is.
//!
//! ```text
//!           given to a session           101, or 2xx to CONNECT
//! Queued ─────────────────────► Running ───────────────────────► Tunnel
//!    ▲                             │
//!    └──── its session ended ──────┘
//! ```

use std::rc::Rc;

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
pub(super) struct Exchanges(Table<Exchange>);

impl Exchanges {
    pub(super) fn new() -> Self {
        Self(Table::new())
    }

    pub(super) fn insert(&mut self, id: ExchangeId, exchange: Exchange) {
        self.0.insert(id.slot, id.generation, exchange);
    }

    pub(super) fn get(&self, id: ExchangeId) -> Option<&Exchange> {
        self.0.get(id.slot, id.generation)
    }

    pub(super) fn get_mut(&mut self, id: ExchangeId) -> Option<&mut Exchange> {
        self.0.get_mut(id.slot, id.generation)
    }

    pub(super) fn remove(&mut self, id: ExchangeId) -> Option<Exchange> {
        self.0.remove(id.slot, id.generation)
    }

    /// The exchange that uses a slot.
    pub(super) fn occupant(&self, slot: u32) -> Option<ExchangeId> {
        self.0.occupant(slot).map(|generation| ExchangeId { slot, generation })
    }

    /// The tunnel over a session.
    pub(super) fn tunnel_over(&self, session: SessionId) -> Option<ExchangeId> {
        self.0.iter().find_map(|(slot, generation, exchange)| match exchange.place {
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
