//! The engine through its two doors, against real sockets: every octet of the server is the test's.

mod aborting;
mod connecting;
mod decoding;
mod harness;
mod pipelining;
mod proxies;
mod requests;
mod slabs;
mod standing;
mod streams;
mod timeouts;
mod timings;
mod tunnels;
