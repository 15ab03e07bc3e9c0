//! The bell by which the engine's thread wakes JavaScript, and which holds the event loop.

use std::ptr;

use napi::bindgen_prelude::{Env, Function, JsValue, Result};
use napi::{check_status, sys};

/// Wakes JavaScript: its function is called once for any number of rings that it has not answered yet.
#[derive(Clone, Copy)]
pub(crate) struct Bell(sys::napi_threadsafe_function);

// SAFETY: Node-API allows calls of a threadsafe function from any thread; that is what it is for.
unsafe impl Send for Bell {}

impl Bell {
    /// Makes a bell that calls `function`, and does not keep the event loop alive until it is held.
    pub(crate) fn new(env: &Env, function: &Function<'_, (), ()>) -> Result<Self> {
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
        bell.let_go(env.raw())?;
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

    pub(crate) fn hold(self, env: sys::napi_env) -> Result<()> {
        // SAFETY: called on the thread of `env`, to which the function belongs.
        check_status!(unsafe { sys::napi_ref_threadsafe_function(env, self.0) })
    }

    pub(crate) fn let_go(self, env: sys::napi_env) -> Result<()> {
        // SAFETY: as in `hold`.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(env, self.0) })
    }

    /// Gives up the function, and what it refers to in JavaScript.
    ///
    /// # Safety
    ///
    /// The bell is not used afterwards, by any copy.
    pub(crate) unsafe fn melt(self) {
        // SAFETY: the function is alive, since nobody else releases it, and the caller keeps the rest.
        unsafe { sys::napi_release_threadsafe_function(self.0, sys::ThreadsafeFunctionReleaseMode::release) };
    }
}
