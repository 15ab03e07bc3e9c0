//! Memory of JavaScript's: where it lies, and how to keep it.

use std::ptr;

use napi::bindgen_prelude::{Env, Error, JsValue, Result, Status, Unknown};
use napi::{check_status, sys};

/// Keeps a JavaScript value until it is dropped, which is done on the thread of its environment and before that
/// goes.
pub(crate) struct Pin {
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
pub(crate) struct Pinned {
    pub(crate) address: *mut u8,
    pub(crate) length: usize,
    pub(crate) pin: Pin,
}

impl Pinned {
    pub(crate) fn new(env: &Env, array: &Unknown<'_>) -> Result<Self> {
        let (address, length) = octets_of(env, array)?;
        Ok(Self { address, length, pin: Pin::new(env, array)? })
    }
}

/// Where the octets of a `Uint8Array` lie, and how many they are.
pub(crate) fn octets_of(env: &Env, array: &Unknown<'_>) -> Result<(*mut u8, usize)> {
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
