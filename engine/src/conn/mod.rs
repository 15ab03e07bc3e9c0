//! Sessions: a task that marries one transport to one protocol, and the two doors of it. [`Work`] goes in,
//! [`Report`]s come out. Who gets which request, and what the world is told, is not decided here.

mod driver;
mod h1;
mod mailbox;
mod open;
mod reading;
mod tunnel;

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;

use crate::error::Error;
use crate::message::{DispatcherId, ExchangeId, Fields, Request, ResponseHead, Standing, Timings};
use crate::slab::Slab;

pub use driver::Alarm;
pub use open::{Common, H1Opener};

/// Names a session among those of all dispatchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionId {
    /// Whose.
    pub dispatcher: DispatcherId,
    /// Index in the pool's table.
    pub slot: u32,
    /// Tells two users of one slot apart.
    pub generation: u32,
}

/// A connection as a pool sees it.
pub trait Session {
    /// Hands over a piece of work. It is done later, in order; nothing is reported before this returns.
    fn submit(&self, work: Work);
}

/// Makes sessions.
pub trait Opener {
    /// Starts to open one; [`Report::Opened`] or [`Report::OpenFailed`] follows, unless it is closed
    /// before. `server_name`: whom the peer must speak for, where that is not the opener's own.
    fn open(&self, session: SessionId, server_name: Option<&str>, listener: Rc<dyn Listener>) -> Rc<dyn Session>;
}

/// Hears what becomes of sessions.
pub trait Listener {
    /// One thing that happened on `session`.
    fn report(&self, session: SessionId, report: Report);

    /// Memory to read a piece of a large content into, `most` octets of it, where there is some; it is dropped, or goes back with
    /// [`Report::Landed`].
    fn slab(&self, _most: usize) -> Option<Box<dyn Slab>> {
        None
    }
}

/// What a session can be asked. Work about an exchange that it does not have (any more) is void.
#[derive(Debug)]
pub enum Work {
    /// Sends a request.
    Request {
        /// Its name.
        exchange: ExchangeId,
        /// What.
        request: Box<Request>,
        /// The session ends after this exchange, and the peer is told so.
        close: bool,
        /// Since when its user waits.
        dispatched: Instant,
    },
    /// Sends a piece of a streamed body, or of a tunnel.
    Chunk {
        /// Whose.
        exchange: ExchangeId,
        /// What.
        bytes: Bytes,
    },
    /// Ends a streamed body, or the writing side of a tunnel.
    Finish {
        /// Whose.
        exchange: ExchangeId,
    },
    /// So many octets were taken.
    Release {
        /// Whose.
        exchange: ExchangeId,
        /// How many.
        octets: u32,
    },
    /// Reads nothing more for an exchange.
    Pause {
        /// Which.
        exchange: ExchangeId,
    },
    /// The end of `Pause`.
    Resume {
        /// Which.
        exchange: ExchangeId,
    },
    /// Forgets an exchange; the session ends as soon as what was asked before it is answered.
    Abort {
        /// Which.
        exchange: ExchangeId,
    },
    /// The time of an exchange is over: as `Abort`, but [`Report::Expired`] says how it stood.
    Expire {
        /// Which.
        exchange: ExchangeId,
        /// What it fails with.
        error: Error,
    },
    /// Ends the session now.
    Close {
        /// What [`Report::Closed`] will say.
        error: Error,
    },
}

/// What a session tells.
#[derive(Debug)]
pub enum Report {
    /// It is open.
    Opened {
        /// Our end.
        local: Option<SocketAddr>,
        /// The peer's end.
        remote: Option<SocketAddr>,
    },
    /// It could not be opened; nothing follows.
    OpenFailed {
        /// Why.
        error: Error,
    },
    /// An interim response.
    Informational {
        /// Of which.
        exchange: ExchangeId,
        /// The head.
        head: ResponseHead,
    },
    /// The response's head.
    Head {
        /// Of which.
        exchange: ExchangeId,
        /// The head.
        head: ResponseHead,
        /// When the steps up to it were done.
        timings: Timings,
    },
    /// A piece of the response body, or of a tunnel.
    Data {
        /// Of which.
        exchange: ExchangeId,
        /// What.
        bytes: Bytes,
    },
    /// As `Data`, in a slab.
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
    /// The content of the response is not what its coding says. `End` follows: the connection has nothing to do with it.
    ContentFault {
        /// Of which.
        exchange: ExchangeId,
        /// What is wrong.
        error: Error,
    },
    /// The response is complete.
    End {
        /// Which.
        exchange: ExchangeId,
        /// The trailer section.
        trailers: Fields,
        /// When its steps were done.
        timings: Timings,
    },
    /// So many more octets of the streamed body, or for the tunnel, are welcome.
    Capacity {
        /// Whose.
        exchange: ExchangeId,
        /// How many.
        octets: u32,
    },
    /// The streamed body of this request is complete.
    Sent {
        /// Which.
        exchange: ExchangeId,
    },
    /// The session takes no more requests and ends after those that it has.
    Draining,
    /// One exchange failed, by its own fault; `Closed` follows.
    Failed {
        /// Which.
        exchange: ExchangeId,
        /// Why.
        error: Error,
        /// What had gone over the session.
        octets: Octets,
        /// How it stood.
        standing: Standing,
    },
    /// The answer to [`Work::Expire`]; `Closed` follows once what was asked before it is answered.
    Expired {
        /// Which.
        exchange: ExchangeId,
        /// Why.
        error: Error,
        /// What had gone over the session.
        octets: Octets,
        /// How it stood.
        standing: Standing,
    },
    /// The session left HTTP. From now on it is the tunnel of this exchange, and no session of a pool.
    Upgraded {
        /// Which.
        exchange: ExchangeId,
        /// The head of the response.
        head: ResponseHead,
        /// When the steps up to it were done.
        timings: Timings,
        /// What had gone over the session.
        octets: Octets,
    },
    /// The tunnel's peer sends nothing more.
    TunnelEnded {
        /// Which.
        exchange: ExchangeId,
    },
    /// The tunnel is gone; nothing follows.
    TunnelClosed {
        /// Which.
        exchange: ExchangeId,
        /// Why, where it did not end as it should.
        error: Option<Error>,
        /// What had gone over the session.
        octets: Octets,
    },
    /// The session is gone; nothing follows.
    Closed {
        /// Why.
        error: Error,
        /// The exchanges that it had not answered, oldest first.
        returned: Vec<Returned>,
        /// What had gone over it.
        octets: Octets,
    },
    /// The session's task panicked, in whatever state it was; nothing follows.
    Broken,
}

/// An exchange that its session had not answered.
#[derive(Debug)]
pub struct Returned {
    /// Which.
    pub exchange: ExchangeId,
    /// Its request.
    pub request: Box<Request>,
    /// Any of it may have reached the peer.
    pub sent: bool,
    /// Its user has heard of the response.
    pub begun: bool,
    /// How it stood.
    pub standing: Standing,
}

/// Octets over a session since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Octets {
    /// Received.
    pub read: u64,
    /// Sent.
    pub written: u64,
}
