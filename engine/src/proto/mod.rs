//! Protocols as bytes and instants: no sockets, no tasks, no clock. `now` is always an argument.

pub mod h1;
pub mod socks5;
pub mod tunnel;
