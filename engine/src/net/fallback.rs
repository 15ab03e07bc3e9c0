//! TLS that rustls does not speak: where a handshake fails for what only the caller's TLS may know (an old suite, a
//! certificate of another age), the caller connects and lends its socket.

use std::cell::Cell;
use std::rc::Rc;

use super::{Attempted, Connect, Connecting, LentConnector};
use crate::error::{CertificateFault, Error, TlsFault};

/// Connects by a connector of ours, and once that cannot do it, by sockets that the caller lends.
pub struct FallbackConnector<C> {
    own: C,
    lent: Rc<LentConnector>,
    /// The caller's TLS could do what ours could not.
    lends: Rc<Cell<bool>>,
}

impl<C> FallbackConnector<C> {
    /// `own` is tried first.
    #[must_use]
    pub fn new(own: C, lent: LentConnector) -> Self {
        Self { own, lent: Rc::new(lent), lends: Rc::default() }
    }
}

impl<C: Connect> Connect for FallbackConnector<C> {
    fn connect(&self, server_name: Option<&str>, attempted: Attempted) -> Connecting {
        if self.lends.get() {
            return self.lent.connect(server_name, attempted);
        }
        let connecting = self.own.connect(server_name, attempted.clone());
        let (lent, lends) = (Rc::clone(&self.lent), Rc::clone(&self.lends));
        let server_name: Option<Box<str>> = server_name.map(Box::from);
        Box::pin(async move {
            match connecting.await {
                Err(error) if is_beyond_us(&error) => {
                    let connected = lent.connect(server_name.as_deref(), attempted).await;
                    lends.set(connected.is_ok());
                    connected
                }
                outcome => outcome,
            }
        })
    }
}

/// The peer may get on with a TLS that knows more.
fn is_beyond_us(error: &Error) -> bool {
    /// `handshake_failure`, `protocol_version` and `insufficient_security` (RFC 8446 section 6).
    const NOTHING_IN_COMMON: [u8; 3] = [40, 70, 71];
    match error {
        Error::Certificate { fault, .. } => *fault == CertificateFault::Rejected,
        Error::Tls(TlsFault::Incompatible | TlsFault::Handshake) => true,
        Error::Tls(TlsFault::Alert(alert)) => NOTHING_IN_COMMON.contains(alert),
        Error::AtProxy(error) => is_beyond_us(error),
        _ => false,
    }
}
