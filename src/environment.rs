//! One environment's engine: its thread, what its JavaScript asks of it, and its end.

use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use dodici_engine::engine::Doorbell;
#[cfg(not(feature = "echo"))]
use dodici_engine::engine::run;
use dodici_ring::{Consumer, Producer};
use napi::bindgen_prelude::{Env, Error, Function, Object, Result, Status, Unknown};
use napi::{check_status, sys};
use napi_derive::napi;

use crate::allocations::counted;
use crate::bell::Bell;
#[cfg(feature = "echo")]
use crate::echo::run;
use crate::handles::Handles;
use crate::memory::{Pin, Pinned};
use crate::port::Rings;
use crate::slabs::Slabs;
use crate::trays::{self, Trays};

/// The engine of one environment, as its JavaScript holds it.
#[napi]
pub struct Engine {
    handles: Rc<Handles>,
    failed: Arc<AtomicBool>,
    /// `None` once its failure was taken.
    running: Option<Running>,
}

/// What an engine has until it ends.
#[derive(Clone, Copy)]
struct Running {
    bell: Bell,
    /// What the clean-up hook is called with.
    ending: *mut Ending,
}

#[napi]
impl Engine {
    /// Starts the engine's thread over three pieces of shared memory, each a typed array on a
    /// SharedArrayBuffer: the two rings, and trays for pieces of bodies. `drain` is called when completions wait.
    #[napi(constructor)]
    pub fn new(
        env: &Env,
        submissions: Unknown<'_>,
        completions: Unknown<'_>,
        trays: Unknown<'_>,
        drain: Function<'_, (), ()>,
    ) -> Result<Self> {
        let submissions = Pinned::new(env, &submissions)?;
        let completions = Pinned::new(env, &completions)?;
        let trays = Pinned::new(env, &trays)?;
        if trays.length < trays::OCTETS {
            return Err(Error::new(Status::InvalidArg, "not enough memory for trays"));
        }
        let pins = [submissions.pin, completions.pin, trays.pin];
        // SAFETY: all pieces of memory stay until `end` has joined the engine's thread, or until there is no such
        // thread because a step below failed. JavaScript keeps the rules of rings (lib/native/ring.js) and of trays
        // (lib/native/trays.js).
        let (submissions, completions, trays) = unsafe {
            (
                Consumer::new(submissions.address, submissions.length),
                Producer::new(completions.address, completions.length),
                Arc::new(Trays::new(trays.address)),
            )
        };
        let bell = Bell::new(env, &drain)?;
        let doorbell = Doorbell::new();
        let closing = Arc::new(AtomicBool::new(false));
        let failed = Arc::new(AtomicBool::new(false));
        let slabs = Arc::new(Slabs::new());
        let rings = Rings::new(submissions, completions, bell, Arc::clone(&closing), Arc::clone(&slabs), trays);
        let thread = thread::Builder::new()
            .name("dodici".to_owned())
            .spawn({
                let doorbell = doorbell.clone();
                let failed = Arc::clone(&failed);
                move || {
                    if counted(|| run(rings, doorbell)).is_err() {
                        failed.store(true, Ordering::Release);
                        bell.ring();
                    }
                }
            })
            .map_err(|error| {
                // SAFETY: there is no thread that could use it.
                unsafe { bell.melt() };
                Error::new(Status::GenericFailure, error.to_string())
            })?;
        let ending = Box::into_raw(Box::new(Ending { closing, doorbell: doorbell.clone(), thread, pins }));
        // SAFETY: `end` takes the box back, once: an environment runs each hook once, and `take_failure` takes the
        // hook away before it calls `end`.
        check_status!(unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(end), ending.cast()) })?;
        let handles = Rc::new(Handles::new(doorbell, bell, slabs));
        Ok(Self { handles, failed, running: Some(Running { bell, ending }) })
    }

    /// Whether the engine has ended by a fault of its own, which is said once: nothing more will come from it.
    /// What it held, its pieces of memory and `drain`, it holds no longer.
    #[napi]
    pub fn take_failure(&mut self, env: &Env) -> Result<bool> {
        if !self.failed.load(Ordering::Acquire) {
            return Ok(false);
        }
        let Some(Running { bell, ending }) = self.running.take() else {
            return Ok(false);
        };
        // SAFETY: JavaScript runs, so that the hooks have not: the box is still there, and `end`, without its hook,
        // is called for it here and nowhere else. It joins the thread, and no other has the bell; our own copies
        // are gone with `running` and `forget_bell`.
        unsafe {
            check_status!(sys::napi_remove_env_cleanup_hook(env.raw(), Some(end), ending.cast()))?;
            end(ending.cast());
            self.handles.forget_bell();
            bell.melt();
        }
        Ok(true)
    }

    /// The functions that are called often: `ring` wakes the engine because submissions wait; `hold` keeps the event loop
    /// alive from now on, and `letGo` lets it end; `lend` lends a slab.
    #[napi]
    pub fn handles<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.handles.functions(env)
    }
}

/// What the end of an engine takes.
struct Ending {
    closing: Arc<AtomicBool>,
    doorbell: Doorbell,
    thread: JoinHandle<()>,
    /// What keeps the memory of the rings and the trays.
    pins: [Pin; 3],
}

/// The environment ends, and so does the engine, before the memory that it writes to goes; or the engine has
/// ended already.
unsafe extern "C" fn end(ending: *mut c_void) {
    // SAFETY: `Engine::new` made this pointer of a box and gave it to nobody else.
    let ending = unsafe { Box::from_raw(ending.cast::<Ending>()) };
    ending.closing.store(true, Ordering::Release);
    ending.doorbell.ring();
    // A thread that panicked has ended as well, which is all that matters here.
    let _ = ending.thread.join();
    // The thread that used the memory has ended.
    drop(ending.pins);
}
