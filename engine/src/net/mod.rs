//! Byte streams and the ways to get one: names, TCP, Unix sockets, TLS, proxies, sockets of the caller. What flows over them, and
//! who asked for it, is not known here.

mod dns;
mod fallback;
mod lent;
mod proxy;
mod stream;
mod tcp;
mod tls;
mod unix;

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::BufMut;

use crate::error::{Error, Syscall};
use crate::origin::Origin;
pub use dns::Resolver;
pub use fallback::FallbackConnector;
pub use lent::{Lender, LentConnector, LentSockets, News, SocketId, Wish};
pub use proxy::{Ask, ProxyConnector, Tunnel};
use stream::{Plain, Stream};
pub use tls::{Identity, TlsContext, TlsOptions, Trust, Unusable};

/// A connected byte stream.
pub trait Transport {
    /// Reads into the spare capacity of `buffer`, of which there is some. `Ok(0)`: the peer has finished sending.
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut dyn BufMut) -> Poll<io::Result<usize>>;

    /// Whether to read may be of use; if not, the task is woken when it is. Before memory is found to read into.
    fn poll_readable(&mut self, _context: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Writes from the front of `slices` and says how many octets.
    fn poll_write(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;

    /// Sees to it that what was written reaches the system.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Finishes the writing side.
    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Changes the type of service (IPv4) or traffic class (IPv6) of what is sent, where there is such a thing.
    fn set_type_of_service(&mut self, _: u32) {}

    /// Whether the peer has said anything, as far as the runtime has heard of it: requests are given out behind a
    /// look at the system.
    fn peek(&mut self) -> Peek;
}

/// What a look at a transport shows, without taking anything from it.
#[derive(Debug)]
pub enum Peek {
    /// Nothing has come.
    Silent,
    /// Octets wait to be read.
    Readable,
    /// The peer has finished sending.
    Ended,
    /// The transport is broken.
    Failed(io::Error),
}

/// A transport that was just made.
pub struct Connected {
    /// The stream.
    pub transport: Box<dyn Transport>,
    /// Our end, where it is an internet address.
    pub local: Option<SocketAddr>,
    /// The peer's end, where it is an internet address.
    pub remote: Option<SocketAddr>,
    /// When what it took was done.
    pub steps: Steps,
}

/// When the steps to a transport were done; `None` for those that it does not take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    /// The host's name was resolved.
    pub resolved: Option<Instant>,
    /// The stream was connected; one that the caller lends with all that it took to get it.
    pub connected: Option<Instant>,
    /// TLS was ready.
    pub secured: Option<Instant>,
}

/// A transport in the making; dropping it gives up.
pub type Connecting = Pin<Box<dyn Future<Output = Result<Connected, Error>>>>;

/// Makes transports. Bounding the time is the caller's business.
pub trait Connect {
    /// Starts to make one; `attempted` keeps the addresses that are tried. `server_name`: whom the peer must speak
    /// for, where that is not the connector's own.
    fn connect(&self, server_name: Option<&str>, attempted: Attempted) -> Connecting;
}

/// The addresses that were tried so far, also when the trial is given up.
#[derive(Clone, Debug, Default)]
pub struct Attempted(Rc<RefCell<Vec<SocketAddr>>>);

impl Attempted {
    /// One more address is being tried.
    pub fn push(&self, address: SocketAddr) {
        let mut addresses = self.0.borrow_mut();
        // Mostly there is one; a list that grows by itself begins with four.
        addresses.reserve_exact(1);
        addresses.push(address);
    }

    /// All of them, in order.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.0.borrow().clone()
    }
}

/// Where to connect to, and how.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The host and port.
    pub origin: Origin,
    /// A Unix socket to use instead.
    pub socket_path: Option<String>,
    /// The local address to connect from.
    pub local_address: Option<IpAddr>,
    /// The head start of an address before the next one is tried beside it; `None`: only the first is tried.
    pub attempt_timeout: Option<Duration>,
    /// TCP keep-alive: the time before the first probe; `None`: off.
    pub tcp_keep_alive: Option<Duration>,
    /// Nagle's algorithm is off.
    pub no_delay: bool,
    /// The type of service (IPv4) or traffic class (IPv6) of what is sent.
    pub type_of_service: Option<u32>,
    /// TLS, where the scheme asks for it.
    pub security: Option<Security>,
}

/// TLS with a peer of this name.
#[derive(Clone, Debug)]
pub struct Security {
    /// How.
    pub context: TlsContext,
    /// The name that the peer's certificate must speak for, and that it is asked for (RFC 6066 section 3);
    /// an address is not asked for.
    pub server_name: String,
}

/// Connects to an [`Endpoint`] through the system's sockets.
#[derive(Debug)]
pub struct SystemConnector {
    endpoint: Rc<Endpoint>,
    resolver: Rc<Resolver>,
}

impl SystemConnector {
    /// Always connects to `endpoint`.
    #[must_use]
    pub fn new(endpoint: Endpoint, resolver: Rc<Resolver>) -> Self {
        Self { endpoint: Rc::new(endpoint), resolver }
    }
}

impl Connect for SystemConnector {
    fn connect(&self, server_name: Option<&str>, attempted: Attempted) -> Connecting {
        let (endpoint, resolver) = (Rc::clone(&self.endpoint), Rc::clone(&self.resolver));
        let server_name: Option<Box<str>> = server_name.map(Box::from);
        Box::pin(async move {
            let security = endpoint
                .security
                .as_ref()
                .map(|Security { context, server_name: own }| (context, server_name.as_deref().unwrap_or(own)));
            if let Some(path) = &endpoint.socket_path {
                #[cfg(unix)]
                let stream = unix::connect(path).await?;
                #[cfg(not(unix))]
                return Err(unix::absent(path));
                #[cfg(unix)]
                let (transport, steps) = secure(stream, security, None).await?;
                #[cfg(unix)]
                return Ok(Connected { transport, local: None, remote: None, steps });
            }
            let (stream, resolved) = tcp::connect(&endpoint, &resolver, &attempted).await?;
            let (local, remote) = (stream.local_addr().ok(), stream.peer_addr().ok());
            let (transport, steps) = secure(stream, security, resolved).await?;
            Ok(Connected { transport, local, remote, steps })
        })
    }
}

/// A stream that was just connected as a transport. `resolved`: when the name of its host was.
async fn secure<S: Stream + 'static>(
    stream: S,
    security: Option<(&TlsContext, &str)>,
    resolved: Option<Instant>,
) -> Result<(Box<dyn Transport>, Steps), Error> {
    let connected = Some(Instant::now());
    Ok(match security {
        Some((context, server_name)) => {
            // Of its own memory: a plain connection, which is what thousands of may be made at once, has no use for it.
            let transport = Box::pin(context.connect(server_name, stream)).await?;
            (transport, Steps { resolved, connected, secured: Some(Instant::now()) })
        }
        None => (Box::new(Plain(stream)), Steps { resolved, connected, secured: None }),
    })
}

/// The `errno` of a failed call. The few errors that the standard library makes up itself have none;
/// they say EINVAL, which is what the system says to such arguments.
pub(crate) fn errno(error: &io::Error) -> i32 {
    /// `EINVAL` on every Unix, and close enough elsewhere.
    const EINVAL: i32 = 22;
    error.raw_os_error().unwrap_or(EINVAL)
}

/// A failed call on a connected transport as the engine says it.
pub(crate) fn failed(syscall: Syscall, error: &io::Error) -> Error {
    tls::fault(error).or_else(|| lent::fault(error)).unwrap_or_else(|| Error::System { syscall, errno: errno(error) })
}
