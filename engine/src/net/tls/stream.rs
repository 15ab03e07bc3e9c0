//! A stream under TLS, as a transport.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio_rustls::client::TlsStream;

use crate::net::{Peek, Readiness, Transport};

/// What is read at once while nobody waits for it: more than all tickets that a server sends.
const LOOK: usize = 16 * 1024;

pub(super) struct Tls<S>(TlsStream<S>);

impl<S> Tls<S> {
    pub(super) fn new(stream: TlsStream<S>) -> Self {
        Self(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Readiness + Unpin> Transport for Tls<S> {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
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

    /// What has come may be of TLS's own (tickets), which is taken here and is no news.
    fn peek(&mut self) -> Peek {
        let (stream, session) = self.0.get_mut();
        if !stream.may_be_readable() {
            return Peek::Silent;
        }
        let mut octets = [0; LOOK];
        loop {
            match stream.receive_now(&mut octets) {
                Ok(0) => return Peek::Ended,
                Ok(count) => {
                    let mut rest = &octets[..count];
                    while !rest.is_empty() {
                        let processed = session.read_tls(&mut rest).and_then(|_| {
                            session
                                .process_new_packets()
                                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
                        });
                        match processed {
                            Err(error) => return Peek::Failed(error),
                            Ok(state) if state.plaintext_bytes_to_read() > 0 => return Peek::Readable,
                            Ok(state) if state.peer_has_closed() => return Peek::Ended,
                            Ok(_) => {}
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Peek::Silent,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Peek::Silent,
                Err(error) => return Peek::Failed(error),
            }
        }
    }
}
