//! The bridge: translates between JavaScript values and engine messages. It knows no rule of HTTP.
//!
//! JavaScript writes submission records into one ring of shared memory and reads completion records from
//! another; what is left for native calls is to make the engine, to ring it, and to hold the event loop.

mod allocations;
mod completion;
#[cfg(feature = "echo")]
mod echo;
mod environment;
mod layout;
mod port;
mod submission;

use napi::bindgen_prelude::{Env, Object, Result};
use napi_derive::napi;

/// The numbers of the records, by name: the ring's and the messages'.
#[napi]
pub fn layout(env: &Env) -> Result<Object<'_>> {
    let mut table = Object::new(env)?;
    for (name, value) in dodici_ring::layout::TABLE.iter().chain(layout::TABLE) {
        table.set(name, *value)?;
    }
    Ok(table)
}
