//! The HTTP/1.1 client state machine from outside: bytes and instants in, steps and bytes out. A module per
//! state, and one for each way out of it.

mod awaiting_head;
mod body_chunked;
mod body_length;
mod body_until_close;
mod expect_continue;
mod heads;
mod idle;
mod informational;
mod keep_alive;
mod output;
mod pipelining;
mod send;
mod send_stream;
mod timers;
mod trailers;
mod tunnel;
mod wire;
