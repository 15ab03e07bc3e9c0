//! The look at the system before requests are given out: what the peers have sent by then, their end above all, the
//! sessions have heard. One look serves all requests of a turn, where each session's own would cost a system call per
//! request.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

/// Asks the runtime for its events between two polls of a task.
pub(super) struct Lookout {
    look: Arc<Look>,
    waker: Waker,
    is_asked: bool,
}

/// One look. The runtime wakes it once it has read the system's events and has woken those whom they concern.
struct Look {
    is_done: AtomicBool,
    task: Waker,
}

impl Wake for Look {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_done.store(true, Ordering::Relaxed);
        self.task.wake_by_ref();
    }
}

impl Lookout {
    /// For the task of this waker.
    pub(super) fn new(task: Waker) -> Self {
        let look = Arc::new(Look { is_done: AtomicBool::new(false), task });
        Self { waker: Arc::clone(&look).into(), look, is_asked: false }
    }

    /// True: the system was looked at since this was asked first, and sessions that have news run before whoever is woken
    /// now. False: it will be, and the task is woken then. To be called on a task of the runtime.
    pub(super) fn look(&mut self) -> bool {
        if self.is_asked {
            let is_done = self.look.is_done.swap(false, Ordering::Relaxed);
            self.is_asked = !is_done;
            return is_done;
        }
        self.is_asked = true;
        // A task that yields is woken behind the events of the system; nothing else does that.
        let _ = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(&self.waker));
        false
    }
}
