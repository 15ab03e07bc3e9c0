//! The queue of a dispatcher: first in, first out. It holds names only. A name whose exchange was
//! forgotten stays until it comes to the front, or until such names are the most.

use std::collections::VecDeque;

use super::exchange::Exchanges;
use crate::message::ExchangeId;

/// So many forgotten names do not matter.
const TOLERATED: usize = 64;

/// Names of queued exchanges.
#[derive(Debug, Default)]
pub(super) struct Queue {
    names: VecDeque<ExchangeId>,
    waiting: usize,
}

impl Queue {
    /// How many exchanges wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(super) fn push(&mut self, id: ExchangeId) {
        self.names.push_back(id);
        self.waiting += 1;
    }

    /// Puts one that waited before in front of all others.
    pub(super) fn push_front(&mut self, id: ExchangeId) {
        self.names.push_front(id);
        self.waiting += 1;
    }

    /// The exchange that has waited longest.
    pub(super) fn front(&mut self, exchanges: &Exchanges) -> Option<ExchangeId> {
        while let Some(&id) = self.names.front() {
            if exchanges.queued(id).is_some() {
                return Some(id);
            }
            self.names.pop_front();
        }
        None
    }

    /// Takes away what [`Self::front`] said.
    pub(super) fn pop(&mut self) {
        self.names.pop_front();
        self.waiting -= 1;
    }

    /// One of the waiting exchanges was forgotten; `exchanges` no longer has it.
    pub(super) fn forget_one(&mut self, exchanges: &Exchanges) {
        self.waiting -= 1;
        if self.names.len() > 2 * self.waiting + TOLERATED {
            self.names.retain(|&id| exchanges.queued(id).is_some());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::message::DispatcherId;
    use crate::pool::exchange::{Exchange, Place};
    use crate::pool::select::tests::get;

    fn queued() -> Exchange {
        let dispatcher = DispatcherId { slot: 0, generation: 0 };
        let place = Place::Queued(Box::new(get()));
        Exchange { dispatcher, started: true, paused: false, dispatched: Instant::now(), deadline: None, place }
    }

    #[test]
    fn forgotten_exchanges_are_passed_over_and_do_not_pile_up() {
        let (mut queue, mut exchanges) = (Queue::default(), Exchanges::new());
        let names: Vec<_> = (0..1000).map(|slot| ExchangeId { slot, generation: 1 }).collect();
        for &id in &names {
            exchanges.insert(id, queued());
            queue.push(id);
        }
        for &id in &names[..999] {
            exchanges.remove(id);
            queue.forget_one(&exchanges);
        }
        assert_eq!(queue.waiting(), 1);
        assert!(queue.names.len() <= TOLERATED + 2, "{} names", queue.names.len());
        assert_eq!(queue.front(&exchanges), Some(names[999]));
    }
}
