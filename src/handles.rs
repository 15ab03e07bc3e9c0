//! What JavaScript calls for every batch of requests and every large piece of a body. These are functions of Node-API as
//! they are: a call takes some 20 ns, that of a method of a class 500, because napi-derive looks up and borrows what it is called on.

use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;

use dodici_engine::engine::Doorbell;
use napi::bindgen_prelude::{Env, Error, JsValue, Object, Result, Status, Unknown};
use napi::{JsError, check_status, sys};

use crate::bell::Bell;
use crate::memory::octets_of;
use crate::slabs::{Slabs, octets_at};

/// What the functions need; for the thread of one environment.
pub(crate) struct Handles {
    doorbell: Doorbell,
    /// `None` once the engine has failed.
    bell: Cell<Option<Bell>>,
    slabs: Arc<Slabs>,
}

impl Handles {
    pub(crate) fn new(doorbell: Doorbell, bell: Bell, slabs: Arc<Slabs>) -> Self {
        Self { doorbell, bell: Cell::new(Some(bell)), slabs }
    }

    /// The bell is about to go.
    pub(crate) fn forget_bell(&self) {
        self.bell.set(None);
    }

    /// An object of the functions, each of which holds `self`.
    pub(crate) fn functions<'env>(self: &Rc<Self>, env: &'env Env) -> Result<Object<'env>> {
        let object = Object::new(env)?;
        let calls: [(&CStr, sys::napi_callback); 4] =
            [(c"ring", Some(ring)), (c"hold", Some(hold)), (c"letGo", Some(let_go)), (c"lend", Some(lend))];
        for (name, call) in calls {
            let mut function = ptr::null_mut();
            let handles = Rc::into_raw(Rc::clone(self)).cast_mut().cast();
            // SAFETY: `name` is a C string of that length, `handles` what `handles_of` takes it for, and `function` a
            // place for the result. The finalizer runs once nobody can call the function, and gives back what was
            // taken with `into_raw`; where it cannot be added, that is never given back.
            unsafe {
                check_status!(sys::napi_create_function(
                    env.raw(),
                    name.as_ptr(),
                    name.count_bytes().cast_signed(),
                    call,
                    handles,
                    &mut function
                ))?;
                check_status!(sys::napi_add_finalizer(
                    env.raw(),
                    function,
                    handles,
                    Some(finalize),
                    ptr::null_mut(),
                    ptr::null_mut()
                ))?;
                check_status!(sys::napi_set_named_property(env.raw(), object.raw(), name.as_ptr(), function))?;
            }
        }
        Ok(object)
    }

    fn lend(&self, place: u32, (address, length): (*mut u8, usize)) -> Result<()> {
        // SAFETY: lib/native/slabs.js keeps what is lent, in the array of its places, until LANDED has named it; and
        // that array for as long as the environment has an engine, whose thread is joined before the memory goes.
        if length < octets_at(place as usize) || !unsafe { self.slabs.lend(place, address) } {
            return Err(Error::new(Status::InvalidArg, "no slab, or no place for it"));
        }
        Ok(())
    }
}

/// The handles of a function that is called, and the first of what it is called with.
///
/// # Safety
///
/// `info` is that of a call, which is under way, of a function that [`Handles::functions`] has made.
unsafe fn handles_of<'call, const COUNT: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> (&'call Handles, [sys::napi_value; COUNT]) {
    let mut handles = ptr::null_mut();
    let mut values = [ptr::null_mut(); COUNT];
    let mut count = COUNT;
    // SAFETY: as the caller says; `values` has room for `count`, and what is not wanted may be null. The function
    // holds its handles while it is called.
    let handles = unsafe {
        sys::napi_get_cb_info(env, info, &mut count, values.as_mut_ptr(), ptr::null_mut(), &mut handles);
        &*handles.cast::<Handles>()
    };
    (handles, values)
}

/// Wakes the engine: submissions wait.
unsafe extern "C" fn ring(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: Node-API calls this for a function that was made with it.
    let (handles, []) = unsafe { handles_of(env, info) };
    handles.doorbell.ring();
    ptr::null_mut()
}

/// Keeps the event loop alive from now on. It is refused only where the environment is about to end.
unsafe extern "C" fn hold(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: as in `ring`.
    let (handles, []) = unsafe { handles_of(env, info) };
    let _ = handles.bell.get().map(|bell| bell.hold(env));
    ptr::null_mut()
}

/// Lets the event loop end from now on.
unsafe extern "C" fn let_go(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: as in `ring`.
    let (handles, []) = unsafe { handles_of(env, info) };
    let _ = handles.bell.get().map(|bell| bell.let_go(env));
    ptr::null_mut()
}

/// Lends a slab: a piece of a body will be told to be in it. Until then JavaScript keeps it, and does not touch it.
unsafe extern "C" fn lend(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: as in `ring`.
    let (handles, [place, slab]) = unsafe { handles_of(env, info) };
    let mut number = 0;
    // SAFETY: `place` and `slab` are values of this call, or undefined where it has fewer; `number` is a place for the result.
    let memory = unsafe {
        check_status!(sys::napi_get_value_uint32(env, place, &mut number))
            .and_then(|()| octets_of(&Env::from_raw(env), &Unknown::from_raw_unchecked(env, slab)))
    };
    if let Err(error) = memory.and_then(|memory| handles.lend(number, memory)) {
        // SAFETY: `env` is the environment of this call.
        unsafe { JsError::from(error).throw_into(env) };
    }
    ptr::null_mut()
}

unsafe extern "C" fn finalize(_env: sys::napi_env, handles: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `Handles::functions` made this pointer of a count, once for each finalizer.
    drop(unsafe { Rc::from_raw(handles.cast::<Handles>()) });
}
