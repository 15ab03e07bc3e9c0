//! The door in: what a caller may ask of the engine. Only the bridge and the tests make these.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::message::{DispatcherId, ExchangeId, Request};
use crate::net::{News, Security, SocketId, Tunnel};
use crate::origin::Origin;
use crate::pool::Share;

/// One thing asked of the engine. A command about an exchange or a dispatcher that the engine does not
/// know (any more) is void: the caller settles first, the engine follows.
#[derive(Debug)]
pub enum Command {
    /// Makes a dispatcher. No connection is opened before a request needs one.
    Open {
        /// Its name from now on.
        dispatcher: DispatcherId,
        /// How it behaves.
        options: Box<DispatcherOptions>,
    },
    /// Queues a request.
    Dispatch {
        /// Where.
        dispatcher: DispatcherId,
        /// Its name from now on.
        exchange: ExchangeId,
        /// What.
        request: Box<Request>,
        /// The caller has told its user that the request starts. Without it nothing of the request is
        /// written before [`Command::Start`] has come.
        started: bool,
        /// How long its user has waited for it before this.
        waited: Duration,
    },
    /// The user was told that the request starts; it may be written.
    Start {
        /// Which.
        exchange: ExchangeId,
    },
    /// Forget the exchange. Queued: it is removed. Running: its connection is closed (there is no other
    /// way in HTTP/1.1), and the innocents behind it are queued again. [`crate::event::Event::Aborted`]
    /// answers, whatever the engine knew of it.
    Abort {
        /// Which.
        exchange: ExchangeId,
    },
    /// The user has taken so many octets of the response body (or of the tunnel): capacity again.
    Release {
        /// Whose.
        exchange: ExchangeId,
        /// How many.
        octets: u32,
    },
    /// The user does not want more for now: nothing more is read for it, and its body timer stands still.
    Pause {
        /// Which.
        exchange: ExchangeId,
    },
    /// The end of [`Command::Pause`].
    Resume {
        /// Which.
        exchange: ExchangeId,
    },
    /// A piece of a streamed request body, or of the tunnel's outgoing octets; never more than the
    /// capacity that was granted.
    Chunk {
        /// Whose.
        exchange: ExchangeId,
        /// What; not empty.
        bytes: Bytes,
    },
    /// The end of a streamed request body, or of the tunnel's writing side.
    Finish {
        /// Whose.
        exchange: ExchangeId,
    },
    /// Changes how many requests may be outstanding on one connection.
    Pipelining {
        /// Whose.
        dispatcher: DispatcherId,
        /// 0: one at a time and each on a connection of its own (`connection: close`).
        value: u32,
    },
    /// Ends a dispatcher: what it still holds is forgotten without an event, its sessions are closed, and
    /// [`crate::event::Event::Destroyed`] answers when the last of them is. Tunnels live on.
    Destroy {
        /// Which.
        dispatcher: DispatcherId,
    },
    /// News of a socket that the caller lends ([`crate::event::Event::Lent`]).
    Lent {
        /// Which.
        socket: SocketId,
        /// What.
        news: News,
    },
    /// Everything ends now: no event follows and the engine's loop returns.
    Shutdown,
}

/// How a dispatcher behaves. Undici's option names in the comments.
#[derive(Clone, Debug)]
pub struct DispatcherOptions {
    /// Where its connections go: the origin of its requests, or a proxy.
    pub origin: Origin,
    /// A Unix socket to connect to instead (`socketPath`).
    pub socket_path: Option<String>,
    /// The local address to connect from (`localAddress`).
    pub local_address: Option<IpAddr>,
    /// How many sessions it may have; a client has one (`connections`).
    pub connections: u32,
    /// How many requests may be outstanding on a session (`pipelining`).
    pub pipelining: u32,
    /// How long a session may take to open; `None`: for ever (`connectTimeout`). Tunnels have times of their own.
    pub connect_timeout: Option<Duration>,
    /// The head start of an address before the next one is tried beside it (`autoSelectFamilyAttemptTimeout`);
    /// `None`: only the first address is tried (`autoSelectFamily: false`).
    pub attempt_timeout: Option<Duration>,
    /// How long an idle session lives when its server gave no hint (`keepAliveTimeout`).
    pub keep_alive_timeout: Duration,
    /// The most that a hint of the server can make of it (`keepAliveMaxTimeout`).
    pub keep_alive_max_timeout: Duration,
    /// What is taken off a hint, in milliseconds (`keepAliveTimeoutThreshold`); may be negative.
    pub keep_alive_timeout_threshold: i64,
    /// The most octets of names and values in a head or trailer section (`maxHeaderSize`).
    pub max_header_size: usize,
    /// The most octets in a response body; `None`: no bound (`maxResponseSize`).
    pub max_response_size: Option<u64>,
    /// After how many requests a session ends; `None`: never (`maxRequestsPerClient`).
    pub max_requests: Option<u32>,
    /// TCP keep-alive: the time before the first probe; `None`: off (`connect.keepAlive`,
    /// `connect.keepAliveInitialDelay`).
    pub tcp_keep_alive: Option<Duration>,
    /// Nagle's algorithm is off (`connect.noDelay`).
    pub no_delay: bool,
    /// The type of service (IPv4) or traffic class (IPv6) of what is sent (`typeOfService`).
    pub type_of_service: Option<u32>,
    /// TLS, where the scheme asks for it.
    pub security: Option<Security>,
    /// The origin is behind a proxy.
    pub tunnel: Option<Tunnel>,
    /// The caller connects: its sockets are asked for and lent (`connect` as a function). With TLS they are asked for
    /// even without this, where ours does not get on with a peer.
    pub lends_sockets: bool,
    /// What it shares with other dispatchers (`maxConnections`, `maxIdleConnections`).
    pub share: Option<Share>,
    /// Tell of connections being opened ([`crate::event::Event::Connecting`]).
    pub announce_connecting: bool,
}
