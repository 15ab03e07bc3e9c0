//! The connection engine of dodici: commands in, events out.
//!
//! It owns sockets, HTTP/1.1 framing, pooling and timers, and does not know that Node exists. What can be
//! wrong about HTTP/1.1 is wrong, and tested, in [`proto`], which has no sockets, no tasks and no clock.
#![forbid(unsafe_code)]

pub mod command;
pub mod conn;
pub mod engine;
pub mod error;
pub mod event;
pub mod flow;
pub mod message;
pub mod net;
pub mod origin;
pub mod pool;
pub mod proto;
