//! The connection engine of dodici: commands in, events out.
//!
//! It owns sockets, HTTP/1.1 framing, pooling and timers, and does not know that Node exists. What can be
//! wrong about HTTP/1.1 is wrong, and tested, in [`proto`], which has no sockets, no tasks and no clock.
#![forbid(unsafe_code)]

#[cfg(feature = "runtime")]
pub mod command;
#[cfg(feature = "runtime")]
pub mod conn;
#[cfg(feature = "runtime")]
pub mod engine;
pub mod error;
#[cfg(feature = "runtime")]
pub mod event;
#[cfg(feature = "runtime")]
pub mod flow;
pub mod message;
#[cfg(feature = "runtime")]
pub mod net;
#[cfg(feature = "runtime")]
pub mod origin;
#[cfg(feature = "runtime")]
pub mod pool;
pub mod proto;
#[cfg(feature = "runtime")]
pub mod slab;
