//! The slots of a pool: one for each session that it has or makes.
//!
//! ```text
//! Vacant ──open──► Connecting ──Opened──► Open ──Closed, Upgraded──► Vacant
//!    ▲                 │
//!    └───OpenFailed────┘
//! ```

use std::collections::VecDeque;
use std::rc::Rc;

use crate::conn::Session;
use crate::message::ExchangeId;

/// All slots of a pool.
#[derive(Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    /// Vacant slots.
    vacant: Vec<u32>,
    /// Open slots that had nothing to do when they were put here; the last one is the warmest.
    idle: Vec<u32>,
    connecting: usize,
    open: usize,
}

#[derive(Default)]
struct Slot {
    /// Counts the sessions that the slot had.
    generation: u32,
    state: State,
}

#[derive(Default)]
enum State {
    #[default]
    Vacant,
    Connecting(Rc<dyn Session>, Option<Box<str>>),
    Open(OpenSlot),
}

/// What a pool knows about an open session.
pub(super) struct OpenSlot {
    pub(super) session: Rc<dyn Session>,
    /// Whom the peer speaks for, where that is not the dispatcher's own.
    pub(super) server_name: Option<Box<str>>,
    /// Oldest first.
    pub(super) outstanding: VecDeque<ExchangeId>,
    /// The request whose streamed body is not complete.
    pub(super) writing: Option<ExchangeId>,
    /// The blocking request whose response head has not come.
    pub(super) blocking: Option<ExchangeId>,
    /// It takes no more requests.
    pub(super) is_closing: bool,
    /// How many requests it was given.
    pub(super) requests: u32,
    /// It is among the idle ones.
    is_listed: bool,
}

/// A session that is taken away from its pool.
pub(super) enum Drained {
    /// It was being opened.
    Connecting(Rc<dyn Session>),
    /// It was open.
    Open { slot: u32, generation: u32, open: OpenSlot },
}

impl Slots {
    pub(super) fn connecting(&self) -> usize {
        self.connecting
    }

    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// How many there are, open or being opened.
    pub(super) fn sessions(&self) -> usize {
        self.connecting + self.open
    }

    /// How many have nothing to do.
    pub(super) fn idle_count(&self) -> usize {
        self.idle.iter().filter(|&&slot| self.is_idle(slot)).count()
    }

    /// The open slot that has nothing to do since the longest time.
    pub(super) fn coldest(&self) -> Option<u32> {
        self.idle.iter().copied().find(|&slot| self.is_idle(slot))
    }

    fn is_idle(&self, slot: u32) -> bool {
        matches!(self.slots.get(slot as usize), Some(Slot { state: State::Open(open), .. }) if open.is_idle())
    }

    /// Takes a vacant slot for a session that is to be opened: its index and generation.
    pub(super) fn reserve(&mut self) -> (u32, u32) {
        let slot = self.vacant.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let reserved = &mut self.slots[slot as usize];
        reserved.generation = reserved.generation.wrapping_add(1);
        (slot, reserved.generation)
    }

    /// The session of a reserved slot is being opened.
    pub(super) fn connect(&mut self, slot: u32, session: Rc<dyn Session>, server_name: Option<Box<str>>) {
        self.slots[slot as usize].state = State::Connecting(session, server_name);
        self.connecting += 1;
    }

    /// The session is open. False when the slot is not waiting for that.
    pub(super) fn opened(&mut self, slot: u32, generation: u32) -> bool {
        let Some(found) = self.find(slot, generation) else {
            return false;
        };
        let (session, server_name) = match std::mem::take(&mut found.state) {
            State::Connecting(session, server_name) => (session, server_name),
            other => {
                found.state = other;
                return false;
            }
        };
        found.state = State::Open(OpenSlot {
            session,
            server_name,
            outstanding: VecDeque::new(),
            writing: None,
            blocking: None,
            is_closing: false,
            requests: 0,
            is_listed: false,
        });
        self.connecting -= 1;
        self.open += 1;
        self.list_if_idle(slot);
        true
    }

    /// Gives up a slot that is connecting. False when it is not.
    pub(super) fn open_failed(&mut self, slot: u32, generation: u32) -> bool {
        let Some(found) = self.find(slot, generation) else {
            return false;
        };
        if !matches!(found.state, State::Connecting(..)) {
            return false;
        }
        found.state = State::Vacant;
        self.connecting -= 1;
        self.vacant.push(slot);
        true
    }

    /// Gives up an open slot.
    pub(super) fn close(&mut self, slot: u32, generation: u32) -> Option<OpenSlot> {
        let found = self.find(slot, generation)?;
        match std::mem::take(&mut found.state) {
            State::Open(open) => {
                self.open -= 1;
                self.vacant.push(slot);
                if open.is_listed {
                    self.idle.retain(|&listed| listed != slot);
                }
                Some(open)
            }
            other => {
                found.state = other;
                None
            }
        }
    }

    /// An open slot, by the session that it has.
    pub(super) fn session(&mut self, slot: u32, generation: u32) -> Option<&mut OpenSlot> {
        match &mut self.find(slot, generation)?.state {
            State::Open(open) => Some(open),
            _ => None,
        }
    }

    /// An open slot.
    pub(super) fn get(&mut self, slot: u32) -> Option<&mut OpenSlot> {
        match &mut self.slots.get_mut(slot as usize)?.state {
            State::Open(open) => Some(open),
            _ => None,
        }
    }

    /// Notes that a slot has nothing to do, if that is so.
    pub(super) fn list_if_idle(&mut self, slot: u32) {
        if let Some(open) = self.get(slot)
            && open.is_idle()
            && !open.is_listed
        {
            open.is_listed = true;
            self.idle.push(slot);
        }
    }

    /// The open slot that has nothing to do since the shortest time, whatever its peer's name.
    pub(super) fn idle(&mut self) -> Option<u32> {
        while let Some(&slot) = self.idle.last() {
            match self.get(slot) {
                Some(open) if open.is_idle() => return Some(slot),
                Some(open) => open.is_listed = false,
                None => {}
            }
            self.idle.pop();
        }
        None
    }

    /// The same, with a peer of this name.
    pub(super) fn idle_named(&mut self, server_name: Option<&str>) -> Option<u32> {
        let warmest = self.idle()?;
        if self.is_idle_named(warmest, server_name) {
            return Some(warmest);
        }
        self.idle.iter().rev().copied().find(|&slot| self.is_idle_named(slot, server_name))
    }

    fn is_idle_named(&self, slot: u32, server_name: Option<&str>) -> bool {
        match self.slots.get(slot as usize) {
            Some(Slot { state: State::Open(open), .. }) => open.is_idle() && open.server_name.as_deref() == server_name,
            _ => false,
        }
    }

    /// An open slot that is about to be given a request.
    pub(super) fn take(&mut self, slot: u32) -> Option<&mut OpenSlot> {
        if self.idle.pop_if(|listed| *listed == slot).is_none() && self.get(slot)?.is_listed {
            self.idle.retain(|&listed| listed != slot);
        }
        let taken = self.get(slot)?;
        taken.is_listed = false;
        Some(taken)
    }

    /// Of the open slots that pass `test` the one with the least to do.
    pub(super) fn least_loaded(&self, test: impl Fn(&OpenSlot) -> bool) -> Option<u32> {
        let loads = (0..).zip(&self.slots).filter_map(|(index, slot)| match &slot.state {
            State::Open(open) if test(open) => Some((open.outstanding.len(), index)),
            _ => None,
        });
        loads.min().map(|(_, index)| index)
    }

    /// Takes all sessions away.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Drained> {
        let slots = std::mem::take(self).slots;
        (0..).zip(slots).filter_map(|(index, slot)| match slot.state {
            State::Vacant => None,
            State::Connecting(session, _) => Some(Drained::Connecting(session)),
            State::Open(open) => Some(Drained::Open { slot: index, generation: slot.generation, open }),
        })
    }

    fn find(&mut self, slot: u32, generation: u32) -> Option<&mut Slot> {
        self.slots.get_mut(slot as usize).filter(|slot| slot.generation == generation)
    }
}

impl OpenSlot {
    fn is_idle(&self) -> bool {
        self.outstanding.is_empty() && !self.is_closing
    }

    /// An exchange is over, however.
    pub(super) fn remove(&mut self, exchange: ExchangeId) {
        if self.outstanding.front() == Some(&exchange) {
            self.outstanding.pop_front();
        } else {
            self.outstanding.retain(|&known| known != exchange);
        }
        self.writing.take_if(|writing| *writing == exchange);
        self.blocking.take_if(|blocking| *blocking == exchange);
    }
}
