//! Unix sockets (`socketPath`); a path that begins with NUL is an abstract name on Linux.

use super::Connected;
use crate::error::Error;

/// Connects to the socket at `path`.
#[cfg(unix)]
pub(super) async fn connect(path: &str) -> Result<Connected, Error> {
    use super::errno;
    use crate::error::{ConnectAttempt, Target};

    match tokio::net::UnixStream::connect(path).await {
        Ok(stream) => Ok(Connected { transport: Box::new(stream::Unix(stream)), local: None, remote: None }),
        Err(error) => {
            Err(Error::Connect(vec![ConnectAttempt { target: Target::Unix(path.to_owned()), errno: errno(&error) }]))
        }
    }
}

/// There are no Unix sockets here: as if nothing was at `path`.
#[cfg(not(unix))]
pub(super) async fn connect(path: &str) -> Result<Connected, Error> {
    use crate::error::{ConnectAttempt, Target};

    const ENOENT: i32 = 2;
    Err(Error::Connect(vec![ConnectAttempt { target: Target::Unix(path.to_owned()), errno: ENOENT }]))
}

#[cfg(unix)]
mod stream {
    use std::future::Future;
    use std::io::{self, IoSlice};
    use std::mem::MaybeUninit;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll};

    use bytes::BytesMut;
    use socket2::SockRef;
    use tokio::io::{AsyncReadExt, AsyncWrite};
    use tokio::net::UnixStream;

    use crate::net::{Peek, Transport, peeked};

    pub(super) struct Unix(pub(super) UnixStream);

    impl Transport for Unix {
        fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
            pin!(self.0.read_buf(buffer)).poll(context)
        }

        fn poll_write(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write_vectored(context, slices)
        }

        fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }

        fn peek(&mut self) -> Peek {
            peeked(SockRef::from(&self.0).peek(&mut [MaybeUninit::uninit()]))
        }
    }
}
