//! The mailbox of a session's task: work waits here until the task takes it. One thread; no locks.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::task::{Context, Waker};

use super::{Session, Work};

/// Work that waits, and how to wake the one who does it.
#[derive(Debug)]
pub(super) struct Mailbox {
    work: RefCell<VecDeque<Work>>,
    waker: RefCell<Option<Waker>>,
    /// The task runs at this moment and looks here again before it sleeps.
    awake: Cell<bool>,
}

impl Default for Mailbox {
    fn default() -> Self {
        // Mostly a request at a time.
        let work = RefCell::new(VecDeque::with_capacity(1));
        Self { work, waker: RefCell::default(), awake: Cell::default() }
    }
}

impl Mailbox {
    /// The task begins to run.
    pub(super) fn wake_up(&self, context: &Context<'_>) {
        self.awake.set(true);
        let mut waker = self.waker.borrow_mut();
        match &*waker {
            Some(known) if known.will_wake(context.waker()) => {}
            _ => *waker = Some(context.waker().clone()),
        }
    }

    /// The task stops running.
    pub(super) fn fall_asleep(&self) {
        self.awake.set(false);
    }

    /// The oldest piece of work.
    pub(super) fn take(&self) -> Option<Work> {
        self.work.borrow_mut().pop_front()
    }

    /// Whether there is work.
    pub(super) fn has_work(&self) -> bool {
        !self.work.borrow().is_empty()
    }
}

impl Session for Mailbox {
    fn submit(&self, work: Work) {
        self.work.borrow_mut().push_back(work);
        if !self.awake.get()
            && let Some(waker) = &*self.waker.borrow()
        {
            waker.wake_by_ref();
        }
    }
}
