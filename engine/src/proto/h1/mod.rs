//! HTTP/1.1 (RFC 9112), the client side: a state machine from bytes and instants to events and bytes.
//!
//! [`Connection`] is the whole of it as its driver sees it. Nothing here opens, reads or writes a socket,
//! spawns a task or looks at a clock; the only inputs are arguments.

mod connection;
mod decode;
mod encode;
mod framing;
mod heads;
mod keep_alive;
mod output;
mod parse;

pub use connection::{Config, Connection, Received, RequestContent};
pub use heads::Heads;
pub use keep_alive::KeepAlive;
pub use output::Output;
