//! A stream of the system as a transport, and what is asked of such a stream beside reading and writing.

use std::future::Future;
use std::io::{self, IoSlice, Read};
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BufMut;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, Interest};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::{Peek, Transport};

/// What the runtime has heard of a stream, and what the system says of it.
pub(super) trait Readiness {
    /// The runtime has heard that there may be something to read. It hears of it between two turns.
    fn may_be_readable(&mut self) -> bool;

    /// See [`Transport::poll_readable`]. A stream that keeps something back that it has read is always asked.
    fn poll_readable(&mut self, _context: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Whether the peer has said anything.
    fn look(&mut self) -> Peek;

    /// Changes the type of service.
    fn set_type_of_service(&self, value: u32);

    /// Reads what is there now.
    fn receive_now(&mut self, octets: &mut [u8]) -> io::Result<usize>;
}

/// A stream that another one can be inside of.
pub(super) trait Stream: AsyncRead + AsyncWrite + Readiness + Unpin {}

impl<S: AsyncRead + AsyncWrite + Readiness + Unpin> Stream for S {}

macro_rules! readiness {
    ($stream:ty) => {
        impl Readiness for $stream {
            fn may_be_readable(&mut self) -> bool {
                self.try_io(Interest::READABLE, || Ok(())).is_ok()
            }

            fn poll_readable(&mut self, context: &mut Context<'_>) -> Poll<()> {
                // What is wrong the read will say.
                self.poll_read_ready(context).map(drop)
            }

            fn look(&mut self) -> Peek {
                peeked(SockRef::from(&*self).peek(&mut [MaybeUninit::uninit()]))
            }

            fn set_type_of_service(&self, value: u32) {
                set_type_of_service(&SockRef::from(self), value);
            }

            fn receive_now(&mut self, octets: &mut [u8]) -> io::Result<usize> {
                (&*SockRef::from(&*self)).read(octets)
            }
        }
    };
}

readiness!(TcpStream);
#[cfg(unix)]
readiness!(UnixStream);

/// Octets as they are.
pub(super) struct Plain<S>(pub(super) S);

impl<S: Stream> Transport for Plain<S> {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut dyn BufMut) -> Poll<io::Result<usize>> {
        pin!(self.0.read_buf(buffer)).poll(context)
    }

    fn poll_readable(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll_readable(context)
    }

    fn poll_write(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match slices {
            // Most requests are one piece, and `send` costs the system less than `writev`.
            [piece] => Pin::new(&mut self.0).poll_write(context, piece),
            pieces => Pin::new(&mut self.0).poll_write_vectored(context, pieces),
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn set_type_of_service(&mut self, value: u32) {
        self.0.set_type_of_service(value);
    }

    fn peek(&mut self) -> Peek {
        if self.0.may_be_readable() { self.0.look() } else { Peek::Silent }
    }
}

/// Where the system does not take it, octets go all the same, as in Node.
pub(super) fn set_type_of_service(socket: &SockRef<'_>, value: u32) {
    let _ = socket.set_tos_v4(value);
    let _ = socket.set_tclass_v6(value);
}

/// Turns what `recv` with `MSG_PEEK` said into a [`Peek`].
fn peeked(result: io::Result<usize>) -> Peek {
    match result {
        Ok(0) => Peek::Ended,
        Ok(_) => Peek::Readable,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Peek::Silent,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Peek::Silent,
        Err(error) => Peek::Failed(error),
    }
}
