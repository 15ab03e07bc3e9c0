//! The way to an origin through a proxy: TLS with the proxy where it wants that, a tunnel that it is asked for, and TLS
//! with the origin inside of it. How a proxy is asked is known in `proto`.
//!
//! ```text
//!  TCP ──► TLS with the proxy ──► tunnel ──► TLS with the origin
//!  └────────── reach_time ─────┘            └── security_time ──┘
//!  └──────────────── answer_time ────────┘
//! ```

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout_at;

use super::stream::{Readiness, Stream};
use super::{Attempted, Connect, Connected, Connecting, Endpoint, Peek, Resolver, Security, failed, secure, tcp, unix};
use crate::error::{Error, Syscall};
use crate::proto::h1::Output;
use crate::proto::{socks5, tunnel};

/// What is beyond an [`Endpoint`] that is a proxy.
#[derive(Clone, Debug)]
pub struct Tunnel {
    /// How the proxy is asked for it.
    pub ask: Ask,
    /// How long the connection to the proxy may take, with TLS; `None`: for ever.
    pub reach_time: Option<Duration>,
    /// How long it may take until the tunnel is open, from the beginning; `None`: for ever.
    pub answer_time: Option<Duration>,
    /// TLS with the origin, where the scheme asks for it.
    pub security: Option<Security>,
    /// How long TLS with the origin may take; `None`: for ever.
    pub security_time: Option<Duration>,
    /// The origin must speak for the name in `security`, whatever name a request asks for.
    pub keeps_server_name: bool,
}

/// How a proxy is asked for a tunnel.
#[derive(Clone, Debug)]
pub enum Ask {
    /// By CONNECT.
    Connect(tunnel::Ask),
    /// By SOCKS5.
    Socks5(socks5::Ask),
}

/// Connects through tunnels of a proxy.
pub struct ProxyConnector(Rc<Way>);

struct Way {
    proxy: Endpoint,
    resolver: Rc<Resolver>,
    tunnel: Tunnel,
}

/// Ours and the proxy's end of a connection, where they are internet addresses.
struct Ends {
    local: Option<SocketAddr>,
    remote: Option<SocketAddr>,
    /// When the proxy's name was resolved.
    resolved: Option<Instant>,
}

impl ProxyConnector {
    /// Always by way of `proxy`.
    #[must_use]
    pub fn new(proxy: Endpoint, resolver: Rc<Resolver>, tunnel: Tunnel) -> Self {
        Self(Rc::new(Way { proxy, resolver, tunnel }))
    }
}

impl Connect for ProxyConnector {
    fn connect(&self, server_name: Option<&str>, attempted: Attempted) -> Connecting {
        let way = Rc::clone(&self.0);
        let server_name: Option<Box<str>> = server_name.map(Box::from);
        Box::pin(async move { way.go(server_name.as_deref(), &attempted).await })
    }
}

impl Way {
    async fn go(&self, server_name: Option<&str>, attempted: &Attempted) -> Result<Connected, Error> {
        let (Ends { local, remote, resolved }, stream) = self.open(attempted).await?;
        let Tunnel { security, security_time, keeps_server_name, .. } = &self.tunnel;
        let security = security.as_ref().map(|Security { context, server_name: own }| {
            let asked = if *keeps_server_name { None } else { server_name };
            (context, asked.unwrap_or(own))
        });
        let secured = until(deadline(*security_time), secure(stream, security, resolved));
        let (transport, steps) = secured.await.unwrap_or_else(|| Err(Error::ConnectTimeout(Vec::new())))?;
        Ok(Connected { transport, local, remote, steps })
    }

    /// A tunnel, and the ends of the connection to the proxy.
    async fn open(&self, attempted: &Attempted) -> Result<(Ends, Tunnelled), Error> {
        let Tunnel { ask, reach_time, answer_time, .. } = &self.tunnel;
        let late = || at_proxy(Error::TunnelTimeout);
        let answer_by = deadline(*answer_time);
        let reached = until(deadline(*reach_time), self.reach(attempted));
        // Of two limits that are equal the one that knows the addresses is told.
        let is_answer_due_first = answer_time.is_some_and(|time| reach_time.is_none_or(|reach| time < reach));
        let reached =
            if is_answer_due_first { until(answer_by, reached).await.ok_or_else(late)? } else { reached.await };
        let reached = reached.unwrap_or_else(|| Err(Error::ConnectTimeout(attempted.addresses())));
        let (ends, mut stream) = reached.map_err(at_proxy)?;
        let ahead = until(answer_by, negotiate(&mut stream, ask)).await.unwrap_or_else(|| Err(late()))?;
        Ok((ends, Tunnelled { ahead, stream }))
    }

    async fn reach(&self, attempted: &Attempted) -> Result<(Ends, Box<dyn Stream>), Error> {
        let Endpoint { socket_path, security, .. } = &self.proxy;
        if let Some(path) = socket_path {
            #[cfg(unix)]
            let stream = unix::connect(path).await?;
            #[cfg(not(unix))]
            return Err(unix::absent(path));
            #[cfg(unix)]
            return Ok((Ends { local: None, remote: None, resolved: None }, boxed(stream, security.as_ref()).await?));
        }
        let (stream, resolved) = tcp::connect(&self.proxy, &self.resolver, attempted).await?;
        let ends = Ends { local: stream.local_addr().ok(), remote: stream.peer_addr().ok(), resolved };
        Ok((ends, boxed(stream, security.as_ref()).await?))
    }
}

async fn boxed<S: Stream + 'static>(stream: S, security: Option<&Security>) -> Result<Box<dyn Stream>, Error> {
    match security {
        Some(Security { context, server_name }) => Ok(Box::new(context.handshake(server_name, stream).await?)),
        None => Ok(Box::new(stream)),
    }
}

/// Has the proxy make a tunnel of the connection. What it said behind its answer is the origin's.
async fn negotiate(stream: &mut Box<dyn Stream>, ask: &Ask) -> Result<BytesMut, Error> {
    /// More than an answer has, mostly.
    const READ: usize = 1024;
    let (mut output, mut input) = (Output::new(), BytesMut::new());
    let mut opening = Opening::new(ask, Instant::now(), &mut output);
    let mut write_error = None;
    loop {
        input.reserve(READ);
        let turn = async {
            if write_error.is_none() {
                // What the proxy said before it failed may still be its answer.
                write_error = write(stream, &mut output).await.err();
            }
            stream.read_buf(&mut input).await
        };
        let read = match until(opening.deadline(), turn).await {
            Some(read) => read,
            None => match opening.handle_timeout(Instant::now()) {
                Some(error) => return Err(error),
                None => continue,
            },
        };
        match (read, write_error.take()) {
            (Ok(0) | Err(_), Some(error)) => return Err(at_proxy(failed(Syscall::Write, &error))),
            (Ok(0), None) => return Err(at_proxy(opening.receive_end(Instant::now()))),
            (Err(error), None) => return Err(at_proxy(failed(Syscall::Read, &error))),
            (Ok(_), error) => write_error = error,
        }
        if opening.receive(&mut input, Instant::now(), &mut output)? {
            return Ok(input);
        }
    }
}

async fn write(stream: &mut Box<dyn Stream>, output: &mut Output) -> io::Result<()> {
    while !output.is_empty() {
        let mut slices = [IoSlice::new(&[]); 4];
        let count = output.io_slices(&mut slices);
        match stream.write_vectored(&slices[..count]).await? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => output.advance(written),
        }
    }
    stream.flush().await
}

/// A tunnel that was asked for.
enum Opening {
    Connect(Box<tunnel::Opening>),
    Socks5(Box<socks5::Opening>),
}

impl Opening {
    fn new(ask: &Ask, now: Instant, output: &mut Output) -> Self {
        match ask {
            Ask::Connect(ask) => Self::Connect(Box::new(tunnel::Opening::new(ask, now, output))),
            Ask::Socks5(ask) => Self::Socks5(Box::new(socks5::Opening::new(ask.clone(), now, output))),
        }
    }

    fn receive(&mut self, input: &mut BytesMut, now: Instant, output: &mut Output) -> Result<bool, Error> {
        let received = match self {
            Self::Connect(opening) => opening.receive(input, now),
            Self::Socks5(opening) => opening.receive(input, now, output),
        };
        received.map_err(|error| match error {
            // Its word on the tunnel.
            Error::TunnelRefused { .. } | Error::Socks5(_) => error,
            error => at_proxy(error),
        })
    }

    fn receive_end(&mut self, now: Instant) -> Error {
        match self {
            Self::Connect(opening) => opening.receive_end(now),
            Self::Socks5(opening) => opening.receive_end(),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Connect(opening) => opening.deadline(),
            Self::Socks5(opening) => opening.deadline(),
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Option<Error> {
        match self {
            Self::Connect(opening) => opening.handle_timeout(now).map(at_proxy),
            Self::Socks5(opening) => {
                let is_beyond_proxy = opening.is_beyond_proxy();
                let error = opening.handle_timeout(now)?;
                Some(if is_beyond_proxy { error } else { at_proxy(error) })
            }
        }
    }
}

fn at_proxy(error: Error) -> Error {
    Error::AtProxy(Box::new(error))
}

fn deadline(time: Option<Duration>) -> Option<Instant> {
    time.and_then(|time| Instant::now().checked_add(time))
}

/// `None`: the deadline has come first.
async fn until<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => timeout_at(deadline.into(), future).await.ok(),
        None => Some(future.await),
    }
}

/// The inside of a tunnel.
struct Tunnelled {
    /// What has come and nobody has read.
    ahead: BytesMut,
    stream: Box<dyn Stream>,
}

impl AsyncRead for Tunnelled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let count = self.ahead.len().min(buffer.remaining());
        buffer.put_slice(&self.ahead[..count]);
        self.ahead.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnelled {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Readiness for Tunnelled {
    fn may_be_readable(&mut self) -> bool {
        !self.ahead.is_empty() || self.stream.may_be_readable()
    }

    fn look(&mut self) -> Peek {
        if self.ahead.is_empty() { self.stream.look() } else { Peek::Readable }
    }

    fn set_type_of_service(&self, value: u32) {
        self.stream.set_type_of_service(value);
    }

    fn receive_now(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() {
            return self.stream.receive_now(octets);
        }
        let count = self.ahead.len().min(octets.len());
        self.ahead.copy_to_slice(&mut octets[..count]);
        Ok(count)
    }
}
