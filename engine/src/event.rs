//! The door out: what the engine tells its caller. Only the bridge and the tests hear these.

use std::net::SocketAddr;

use bytes::Bytes;

use crate::error::Error;
use crate::message::{DispatcherId, ExchangeId, Fields, ResponseHead, Standing, Timings};
use crate::net::{SocketId, Wish};
use crate::slab::Slab;

/// One thing that happened. Events of one exchange come in the order
/// `Informational* (Head (Data | Landed)* ContentFault? End | Upgraded Data* End?)`, or are cut short by one `Failed`; after `End` of a
/// response, after `Failed`, and after `Aborted` the engine knows the exchange no more.
#[derive(Debug)]
pub enum Event {
    /// A session is being opened (only with `announce_connecting`).
    Connecting {
        /// Whose.
        dispatcher: DispatcherId,
    },
    /// A session is open.
    Connected {
        /// Whose.
        dispatcher: DispatcherId,
        /// The two ends of it.
        session: SessionInfo,
    },
    /// A session could not be opened; the exchanges that waited for it fail right behind this.
    ConnectFailed {
        /// Whose.
        dispatcher: DispatcherId,
        /// Why.
        error: Error,
    },
    /// A session ended; the exchange at its head, where it is to blame, has failed just before.
    Disconnected {
        /// Whose.
        dispatcher: DispatcherId,
        /// Why.
        error: Error,
        /// What went over it.
        traffic: Traffic,
    },
    /// The answer to [`crate::command::Command::Destroy`].
    Destroyed {
        /// Which.
        dispatcher: DispatcherId,
    },
    /// The request lost its connection through no fault of its own and waits again: its user is to be
    /// told anew that it starts ([`crate::command::Command::Start`]).
    Restart {
        /// Which.
        exchange: ExchangeId,
    },
    /// The answer to [`crate::command::Command::Abort`]: the last that is said of the exchange.
    Aborted {
        /// Which.
        exchange: ExchangeId,
        /// Its session takes no more requests, and [`Event::Disconnected`] will follow.
        is_closing: bool,
    },
    /// An interim response (1xx).
    Informational {
        /// Of which.
        exchange: ExchangeId,
        /// The head.
        head: ResponseHead,
    },
    /// The final response's head.
    Head {
        /// Of which.
        exchange: ExchangeId,
        /// The head.
        head: ResponseHead,
        /// When the steps up to it were done.
        timings: Timings,
    },
    /// As `Data`, in memory of the caller's own.
    Landed {
        /// Of which.
        exchange: ExchangeId,
        /// Where they are: at its start.
        slab: Box<dyn Slab>,
        /// How many they are; at least one.
        octets: usize,
        /// The window of the exchange is low ([`crate::flow::Window::is_low`]).
        is_low: bool,
    },
    /// A piece of the response body, or of the tunnel's incoming octets; takes capacity.
    Data {
        /// Of which.
        exchange: ExchangeId,
        /// What; not empty.
        bytes: Bytes,
    },
    /// The content of the response, which is told without its codings, is not what they say. [`Event::End`] follows.
    ContentFault {
        /// Of which.
        exchange: ExchangeId,
        /// What is wrong.
        error: Error,
    },
    /// The response is complete; on a tunnel: the peer sends nothing more (the writing side lives on).
    End {
        /// Which.
        exchange: ExchangeId,
        /// The trailer section; mostly empty.
        trailers: Fields,
        /// Its session takes no more requests, and [`Event::Disconnected`] will follow.
        is_closing: bool,
        /// When the steps of the exchange were done; none of a tunnel.
        timings: Timings,
    },
    /// The connection is the user's now: a tunnel under the name of its exchange, until both ends are
    /// finished, [`Event::Failed`] or [`crate::command::Command::Abort`].
    Upgraded {
        /// Which.
        exchange: ExchangeId,
        /// The head of the response.
        head: ResponseHead,
        /// When the steps up to it were done.
        timings: Timings,
    },
    /// So many more octets of the request body (or the tunnel's outgoing octets) may be handed over.
    Capacity {
        /// Whose.
        exchange: ExchangeId,
        /// How many.
        octets: u32,
    },
    /// Something is wanted of a socket that the caller lends, or is to connect and to lend.
    Lent {
        /// For whom.
        dispatcher: DispatcherId,
        /// Which; chosen by the engine, and never used twice.
        socket: SocketId,
        /// What.
        wish: Wish,
    },
    /// The exchange failed.
    Failed {
        /// Which.
        exchange: ExchangeId,
        /// Why.
        error: Error,
        /// What had gone over its session; zero where it had none.
        traffic: Traffic,
        /// How it stood; `None` where the engine itself failed and does not know.
        standing: Option<Standing>,
        /// Its session takes no more requests, and [`Event::Disconnected`] will follow, but not at once: what was
        /// asked before it is answered first.
        is_closing: bool,
    },
}

/// The two ends of a session, where they are internet addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// Ours.
    pub local: Option<SocketAddr>,
    /// The peer's.
    pub remote: Option<SocketAddr>,
}

/// Octets over a session since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Received.
    pub read: u64,
    /// Sent.
    pub written: u64,
}
