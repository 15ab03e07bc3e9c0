//! Protocols as bytes and instants: no sockets, no tasks, no clock. `now` is always an argument.

#[cfg(feature = "coding")]
pub mod coding;
pub mod h1;
pub mod socks5;
pub mod tunnel;
