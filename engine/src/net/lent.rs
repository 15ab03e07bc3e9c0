//! Sockets that the caller owns and lends: it connects them itself and carries their octets. To a session they are
//! transports like any other.
//!
//! ```text
//! Wanted ──Connected──► Open ──Ended──► Ended
//!    └──────Failed──────┴──────Failed─────┴──► Failed
//! ```

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{Attempted, Connect, Connected, Connecting, Peek, Steps, Transport};
use crate::error::Error;

/// How much may be on its way to the caller's socket.
const OUTGOING_LIMIT: usize = 128 * 1024;

/// Taken octets are told of when there are so many.
const RELEASE_THRESHOLD: u32 = 32 * 1024;

/// Names a lent socket; never used twice.
pub type SocketId = u32;

/// What the caller tells of a socket.
#[derive(Clone, Debug)]
pub enum News {
    /// It is connected.
    Connected {
        /// Our end, where it is an internet address.
        local: Option<SocketAddr>,
        /// The peer's end, where it is an internet address.
        remote: Option<SocketAddr>,
    },
    /// Octets came; not empty.
    Data(Bytes),
    /// The peer has finished sending.
    Ended,
    /// It could not be connected, or failed; the caller knows why.
    Failed,
    /// So many octets were written.
    Written(u32),
}

/// What the caller is asked to do with a socket.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Connect it.
    Connect {
        /// Whom the peer must speak for, where that is not the dispatcher's own.
        server_name: Option<Box<str>>,
    },
    /// Write this.
    Write(Bytes),
    /// So many octets were taken: read on.
    Release(u32),
    /// Finish the writing side.
    Finish,
    /// Nobody wants it any more; nothing follows.
    Drop,
}

/// The way to the caller.
pub trait Lender {
    /// Asks for one thing.
    fn wish(&self, socket: SocketId, wish: Wish);
}

/// All lent sockets of an engine.
#[derive(Default)]
pub struct LentSockets(RefCell<State>);

#[derive(Default)]
struct State {
    last: SocketId,
    sockets: HashMap<SocketId, Socket>,
}

/// Ours and the peer's, where they are internet addresses.
type Ends = (Option<SocketAddr>, Option<SocketAddr>);

#[derive(Default)]
struct Socket {
    /// The two ends, once it is connected.
    ends: Option<Ends>,
    incoming: VecDeque<Bytes>,
    has_ended: bool,
    has_failed: bool,
    /// Octets that the caller has not written yet.
    unwritten: usize,
    /// Octets that were taken and not told of.
    unreleased: u32,
    /// The task of the session.
    waker: Option<Waker>,
}

impl LentSockets {
    /// The caller tells something. Of a socket that was dropped it is void.
    pub fn hear(&self, id: SocketId, news: News) {
        let waker = {
            let mut state = self.0.borrow_mut();
            let Some(socket) = state.sockets.get_mut(&id) else {
                return;
            };
            match news {
                News::Connected { local, remote } => socket.ends = Some((local, remote)),
                News::Data(bytes) => socket.incoming.push_back(bytes),
                News::Ended => socket.has_ended = true,
                News::Failed => socket.has_failed = true,
                News::Written(octets) => socket.unwritten = socket.unwritten.saturating_sub(octets as usize),
            }
            socket.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn add(&self) -> SocketId {
        let mut state = self.0.borrow_mut();
        state.last = state.last.wrapping_add(1);
        let id = state.last;
        state.sockets.insert(id, Socket::default());
        id
    }

    fn with<R>(&self, id: SocketId, look: impl FnOnce(&mut Socket) -> R) -> Option<R> {
        self.0.borrow_mut().sockets.get_mut(&id).map(look)
    }
}

/// Has the caller connect its sockets.
pub struct LentConnector {
    sockets: Rc<LentSockets>,
    lender: Rc<dyn Lender>,
}

impl LentConnector {
    /// Its sockets come from `lender`, whose news reach `sockets`.
    #[must_use]
    pub fn new(sockets: Rc<LentSockets>, lender: Rc<dyn Lender>) -> Self {
        Self { sockets, lender }
    }
}

impl Connect for LentConnector {
    fn connect(&self, server_name: Option<&str>, _: Attempted) -> Connecting {
        let id = self.sockets.add();
        let lent = Lent { id, sockets: Rc::clone(&self.sockets), lender: Rc::clone(&self.lender) };
        let server_name = server_name.map(Box::from);
        Box::pin(async move {
            lent.lender.wish(id, Wish::Connect { server_name });
            let ends = poll_fn(|context| lent.poll_connected(context)).await?;
            let steps = Steps { connected: Some(Instant::now()), ..Steps::default() };
            Ok(Connected { local: ends.0, remote: ends.1, transport: Box::new(lent), steps })
        })
    }
}

/// A lent socket as a transport.
struct Lent {
    id: SocketId,
    sockets: Rc<LentSockets>,
    lender: Rc<dyn Lender>,
}

impl Lent {
    fn poll_connected(&self, context: &mut Context<'_>) -> Poll<Result<Ends, Error>> {
        self.poll(context, |socket| match socket.ends {
            _ if socket.has_failed => Poll::Ready(Err(Error::Lent(self.id))),
            Some(ends) => Poll::Ready(Ok(ends)),
            None => Poll::Pending,
        })
    }

    /// Looks at the socket; the task is woken by its next news where nothing is ready.
    fn poll<R>(&self, context: &mut Context<'_>, look: impl FnOnce(&mut Socket) -> Poll<R>) -> Poll<R> {
        let polled = self.sockets.with(self.id, |socket| {
            let polled = look(socket);
            if polled.is_pending() {
                socket.waker = Some(context.waker().clone());
            }
            polled
        });
        polled.unwrap_or(Poll::Pending)
    }

    fn failed(&self) -> io::Error {
        io::Error::other(Failed(self.id))
    }
}

impl Transport for Lent {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut dyn BufMut) -> Poll<io::Result<usize>> {
        let mut release = 0;
        let polled = self.poll(context, |socket| {
            if let Some(front) = socket.incoming.front_mut() {
                let count = front.len().min(buffer.chunk_mut().len());
                buffer.put_slice(&front[..count]);
                front.advance(count);
                if front.is_empty() {
                    socket.incoming.pop_front();
                }
                socket.unreleased += u32::try_from(count).unwrap_or(u32::MAX);
                if socket.unreleased >= RELEASE_THRESHOLD {
                    release = std::mem::take(&mut socket.unreleased);
                }
                Poll::Ready(Ok(count))
            } else if socket.has_failed {
                Poll::Ready(Err(self.failed()))
            } else if socket.has_ended {
                Poll::Ready(Ok(0))
            } else {
                Poll::Pending
            }
        });
        if release > 0 {
            self.lender.wish(self.id, Wish::Release(release));
        }
        polled
    }

    fn poll_write(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut bytes = BytesMut::new();
        let polled = self.poll(context, |socket| {
            if socket.has_failed {
                return Poll::Ready(Err(self.failed()));
            }
            let mut room = OUTGOING_LIMIT.saturating_sub(socket.unwritten);
            if room == 0 {
                return Poll::Pending;
            }
            for slice in slices {
                let count = slice.len().min(room);
                bytes.extend_from_slice(&slice[..count]);
                room -= count;
            }
            socket.unwritten += bytes.len();
            Poll::Ready(Ok(bytes.len()))
        });
        if !bytes.is_empty() {
            self.lender.wish(self.id, Wish::Write(bytes.freeze()));
        }
        polled
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.lender.wish(self.id, Wish::Finish);
        Poll::Ready(Ok(()))
    }

    fn peek(&mut self) -> Peek {
        self.sockets
            .with(self.id, |socket| {
                if !socket.incoming.is_empty() {
                    Peek::Readable
                } else if socket.has_failed {
                    Peek::Failed(self.failed())
                } else if socket.has_ended {
                    Peek::Ended
                } else {
                    Peek::Silent
                }
            })
            .unwrap_or(Peek::Ended)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.sockets.0.borrow_mut().sockets.remove(&self.id);
        self.lender.wish(self.id, Wish::Drop);
    }
}

/// Travels through an `io::Error`.
#[derive(Debug)]
struct Failed(SocketId);

impl std::fmt::Display for Failed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the lent socket {} failed", self.0)
    }
}

impl std::error::Error for Failed {}

/// Which lent socket an error comes from, if from one.
pub(super) fn fault(error: &io::Error) -> Option<Error> {
    error.get_ref()?.downcast_ref::<Failed>().map(|Failed(id)| Error::Lent(*id))
}
