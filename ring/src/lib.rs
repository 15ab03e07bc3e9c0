//! The shared memory of dodici: a ring of records between exactly two threads, one that writes and one that
//! reads. Either may be JavaScript on the same memory, so the [`layout`] is a contract. The ring knows nothing
//! of what the records say, takes no lock and wakes nobody: it tells its caller when a bell must be rung.
//!
//! Only atomics and `alloc` are used. All `unsafe` code that touches the memory is in `memory.rs`; the two
//! sides keep the invariants that it asks for.
#![cfg_attr(not(any(test, loom)), no_std)]

extern crate alloc;

mod consumer;
pub mod layout;
#[cfg(not(loom))]
mod memory;
#[cfg(loom)]
#[path = "model.rs"]
mod memory;
mod producer;

pub use consumer::{Consumer, Corrupt, Message};
#[cfg(loom)]
pub use memory::ring;
pub use producer::{Full, Pending, Producer};
