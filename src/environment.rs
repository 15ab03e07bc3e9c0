//! One environment's engine: its thread, the bell that wakes its JavaScript, and its end.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use dodici_engine::engine::Doorbell;
#[cfg(not(feature = "echo"))]
use dodici_engine::engine::run;
use dodici_ring::{Consumer, Producer};
use napi::bindgen_prelude::{Env, Error, Function, JsValue, Result, Status, Unknown};
use napi::{check_status, sys};
use napi_derive::napi;

use crate::allocations::counted;
#[cfg(feature = "echo")]
use crate::echo::run;
use crate::port::Rings;
use crate::slabs::{Slabs, octets_at};
use crate::trays::{self, Trays};

/// Wakes JavaScript: its function is called once for any number of rings that it has not answered yet.
#[derive(Clone, Copy)]
pub(crate) struct Bell(sys::napi_threadsafe_function);

// SAFETY: Node-API allows calls of a threadsafe function from any thread; that is what it is for.
unsafe impl Send for Bell {}

impl Bell {
    /// Makes a bell that calls `function`, and does not keep the event loop alive until it is held.
    fn new(env: &Env, function: &Function<'_, (), ()>) -> Result<Self> {
        let name = env.create_string("dodici")?;
        let mut bell = ptr::null_mut();
        // SAFETY: `env`, `function` and `name` are live values of this environment, and `bell` is a place
        // for the result. No call-back of ours is passed, so Node calls `function` without arguments.
        check_status!(unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                function.raw(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                ptr::null_mut(),
                None,
                ptr::null_mut(),
                None,
                &mut bell,
            )
        })?;
        let bell = Self(bell);
        bell.let_go(env)?;
        Ok(bell)
    }

    /// Wakes JavaScript. In an environment that is ending the call does nothing.
    pub(crate) fn ring(self) {
        // SAFETY: the function outlives the engine's thread, because the environment's clean-up hook, which
        // was added after it and so runs before it goes, joins that thread. A refusal (the environment is
        // closing) needs no answer: nobody is there to hear.
        unsafe {
            sys::napi_call_threadsafe_function(self.0, ptr::null_mut(), sys::ThreadsafeFunctionCallMode::nonblocking);
        }
    }

    fn hold(self, env: &Env) -> Result<()> {
        // SAFETY: called on the thread of `env`, to which the function belongs.
        check_status!(unsafe { sys::napi_ref_threadsafe_function(env.raw(), self.0) })
    }

    fn let_go(self, env: &Env) -> Result<()> {
        // SAFETY: as in `hold`.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), self.0) })
    }

    /// Gives up the function, and what it refers to in JavaScript.
    ///
    /// # Safety
    ///
    /// The bell is not used afterwards, by any copy.
    unsafe fn melt(self) {
        // SAFETY: the function is alive, since nobody else releases it, and the caller keeps the rest.
        unsafe { sys::napi_release_threadsafe_function(self.0, sys::ThreadsafeFunctionReleaseMode::release) };
    }
}

/// The engine of one environment, as its JavaScript holds it.
#[napi]
pub struct Engine {
    doorbell: Doorbell,
    failed: Arc<AtomicBool>,
    slabs: Arc<Slabs>,
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
        Ok(Self { doorbell, failed, slabs, running: Some(Running { bell, ending }) })
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
        // is called for it here and nowhere else. It joins the thread, and no other has the bell; our own copy
        // is gone with `running`.
        unsafe {
            check_status!(sys::napi_remove_env_cleanup_hook(env.raw(), Some(end), ending.cast()))?;
            end(ending.cast());
            bell.melt();
        }
        Ok(true)
    }

    /// Wakes the engine: submissions wait.
    #[napi]
    pub fn ring(&self) {
        self.doorbell.ring();
    }

    /// Lends a slab: a piece of a body will be told to be in it. Until then JavaScript keeps it, and does not touch it.
    #[napi]
    pub fn lend(&self, env: &Env, place: u32, slab: Unknown<'_>) -> Result<()> {
        let (address, length) = memory_of(env, &slab)?;
        // SAFETY: lib/native/slabs.js keeps what is lent, in the array of its places, until LANDED has named it; and
        // that array for as long as the environment has an engine, whose thread is joined before the memory goes.
        if length < octets_at(place as usize) || !unsafe { self.slabs.lend(place, address) } {
            return Err(Error::new(Status::InvalidArg, "no slab, or no place for it"));
        }
        Ok(())
    }

    /// Keeps the event loop alive from now on.
    #[napi]
    pub fn hold(&self, env: &Env) -> Result<()> {
        self.running.map_or(Ok(()), |running| running.bell.hold(env))
    }

    /// Lets the event loop end from now on.
    #[napi]
    pub fn let_go(&self, env: &Env) -> Result<()> {
        self.running.map_or(Ok(()), |running| running.bell.let_go(env))
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

/// Keeps a JavaScript value until it is dropped, which is done on the thread of its environment and before that
/// goes.
struct Pin {
    env: sys::napi_env,
    reference: sys::napi_ref,
}

impl Pin {
    fn new(env: &Env, value: &Unknown<'_>) -> Result<Self> {
        let mut reference = ptr::null_mut();
        // SAFETY: `value` is a live value of `env`, and `reference` is a place for the result.
        check_status!(unsafe { sys::napi_create_reference(env.raw(), value.raw(), 1, &mut reference) })?;
        Ok(Self { env: env.raw(), reference })
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        // SAFETY: thread and time are right, as the type demands. `new` made the reference, and nobody else
        // deletes it.
        unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}

/// A typed array whose memory stays where it is until the pin is dropped.
struct Pinned {
    address: *mut u8,
    length: usize,
    pin: Pin,
}

impl Pinned {
    fn new(env: &Env, array: &Unknown<'_>) -> Result<Self> {
        let (address, length) = memory_of(env, array)?;
        Ok(Self { address, length, pin: Pin::new(env, array)? })
    }
}

/// Where the octets of a `Uint8Array` lie, and how many they are.
fn memory_of(env: &Env, array: &Unknown<'_>) -> Result<(*mut u8, usize)> {
    let mut length = 0;
    let mut address = ptr::null_mut();
    let mut kind = 0;
    // SAFETY: `array` is a live value, the others are places for results; Node-API answers with a status
    // where it is no typed array.
    check_status!(unsafe {
        sys::napi_get_typedarray_info(
            env.raw(),
            array.raw(),
            &mut kind,
            &mut length,
            &mut address,
            ptr::null_mut(),
            ptr::null_mut(),
        )
    })?;
    if kind != sys::TypedarrayType::uint8_array {
        return Err(Error::new(Status::InvalidArg, "a Uint8Array is expected"));
    }
    Ok((address.cast(), length))
}
