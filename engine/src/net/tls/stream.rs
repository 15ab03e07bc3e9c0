//! A stream under TLS: as a transport, and as a stream that another one is inside of (TLS with a proxy).

use std::future::Future;
use std::io::{self, IoSlice, Read};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BufMut;
use rustls::ClientConnection;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio_rustls::client::TlsStream;

use crate::net::stream::{Readiness, Stream};
use crate::net::{Peek, Transport};

pub(super) struct Tls<S>(TlsStream<S>);

impl<S> Tls<S> {
    pub(super) fn new(stream: TlsStream<S>) -> Self {
        Self(stream)
    }
}

impl<S: Stream> Transport for Tls<S> {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut dyn BufMut) -> Poll<io::Result<usize>> {
        pin!(self.0.read_buf(buffer)).poll(context)
    }

    fn poll_write(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn set_type_of_service(&mut self, value: u32) {
        self.0.get_ref().0.set_type_of_service(value);
    }

    fn peek(&mut self) -> Peek {
        // Nobody left anything in the session.
        if self.0.get_mut().0.may_be_readable() { self.0.look() } else { Peek::Silent }
    }
}

impl<S: Stream> Readiness for TlsStream<S> {
    fn may_be_readable(&mut self) -> bool {
        let (stream, session) = self.get_mut();
        // A fault is news, too.
        !session.process_new_packets().is_ok_and(|state| state.plaintext_bytes_to_read() == 0)
            || stream.may_be_readable()
    }

    /// What has come may be of TLS's own (tickets), which is taken here and is no news.
    fn look(&mut self) -> Peek {
        let (stream, session) = self.get_mut();
        match advance(stream, session) {
            Ok(true) => Peek::Readable,
            Ok(false) => Peek::Ended,
            Err(error) if is_none_yet(&error) => Peek::Silent,
            Err(error) => Peek::Failed(error),
        }
    }

    fn set_type_of_service(&self, value: u32) {
        self.get_ref().0.set_type_of_service(value);
    }

    fn receive_now(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let (stream, session) = self.get_mut();
        if advance(stream, session)? { session.reader().read(octets) } else { Ok(0) }
    }
}

/// Takes what is there now until some of it is the peer's and not TLS's own: true. False: the peer has ended.
fn advance<S: Stream>(stream: &mut S, session: &mut ClientConnection) -> io::Result<bool> {
    loop {
        let state = session.process_new_packets().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        if state.plaintext_bytes_to_read() > 0 {
            return Ok(true);
        }
        if state.peer_has_closed() || session.read_tls(&mut Now(stream))? == 0 {
            return Ok(false);
        }
    }
}

fn is_none_yet(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Reads what is there now.
struct Now<'a, S>(&'a mut S);

impl<S: Stream> Read for Now<'_, S> {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        self.0.receive_now(octets)
    }
}
