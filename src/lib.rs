//! The bridge: translates between JavaScript values and engine messages. It knows no rule of HTTP.
//!
//! JavaScript writes submission records into one ring of shared memory and reads completion records from
//! another; what is left for native calls is to make the engine, to ring it, and to hold the event loop.

mod allocations;
mod bell;
mod completion;
#[cfg(feature = "echo")]
mod echo;
mod environment;
mod handles;
mod known_heads;
mod layout;
mod memory;
mod port;
mod slabs;
mod submission;
mod tls;
mod trays;

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

/// What the addon's Rust side has allocated in this process and not freed, in all environments together.
#[napi(object)]
pub struct Allocations {
    /// How many blocks.
    pub blocks: i64,
    /// How many octets in them, as they were asked for.
    pub octets: i64,
}

/// What is allocated now.
#[napi]
#[must_use]
pub fn allocations() -> Allocations {
    let (blocks, octets) = allocations::live();
    Allocations { blocks, octets }
}
