//! TLS by rustls: what a caller wants of it, compiled once, and the handshake over a connected stream.
//! What a peer's certificate must fulfil is in `verify`, what we show of ourselves in `identity`.

mod identity;
mod names;
mod rules;
mod stream;
mod trust;
mod verify;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, CertificateError, ClientConfig, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Stream, Transport};
use crate::error::{Error, TlsFault};
use identity::Identities;
pub use identity::Identity;
use stream::Tls;
pub use trust::Trust;
use verify::{Rejection, Verifier};

/// What a caller wants of TLS.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Whom to trust.
    pub trust: Trust,
    /// Whether a certificate that nobody vouches for ends the handshake.
    pub verifies: bool,
    /// Our own certificates, for peers that ask. Of several with the same kind of key the last counts.
    pub identities: Vec<Identity>,
    /// The protocols that are offered, the most wanted first (RFC 7301).
    pub alpn: Vec<Vec<u8>>,
    /// TLS 1.2 is offered.
    pub offers_tls12: bool,
    /// TLS 1.3 is offered.
    pub offers_tls13: bool,
    /// The suites that are offered, by their names in IANA's registry; `None`: all that there are.
    pub cipher_suites: Option<Vec<String>>,
    /// How many sessions are kept to be resumed; 0: none.
    pub cached_sessions: usize,
}

/// Options that rustls cannot follow, or material that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

/// [`TlsOptions`], ready for use by any number of connections, which resume each other's sessions.
#[derive(Clone, Debug)]
pub struct TlsContext(Arc<ClientConfig>);

impl TlsContext {
    /// Compiles options.
    ///
    /// # Errors
    ///
    /// Where there is nothing left to offer, or an identity cannot be used.
    pub fn new(options: TlsOptions) -> Result<Self, Unusable> {
        let provider = Arc::new(provider(options.cipher_suites.as_deref())?);
        let mut versions: Vec<&'static SupportedProtocolVersion> = Vec::new();
        if options.offers_tls13 {
            versions.push(&TLS13);
        }
        if options.offers_tls12 {
            versions.push(&TLS12);
        }
        let algorithms = provider.signature_verification_algorithms;
        let identities = Identities::read(&options.identities, &provider)?;
        let trust = options.trust.with(&identities.trusted)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|_| Unusable)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier::new(trust, options.verifies, algorithms)));
        let mut config = builder.with_client_cert_resolver(Arc::new(identities));
        config.alpn_protocols = options.alpn;
        config.resumption = match options.cached_sessions {
            0 => Resumption::disabled(),
            count => Resumption::in_memory_sessions(count),
        };
        Ok(Self(Arc::new(config)))
    }

    /// The handshake with `name`, over a stream that is connected.
    pub(super) async fn handshake<S: Stream>(&self, name: &str, stream: S) -> Result<TlsStream<S>, Error> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| Error::Tls(TlsFault::ServerName))?;
        match TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await {
            Ok(stream) => Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Error::Tls(TlsFault::EndedEarly)),
            Err(error) => Err(super::failed(crate::error::Syscall::Read, &error)),
        }
    }

    /// The same, as a transport.
    pub(super) async fn connect<S: Stream + 'static>(
        &self,
        name: &str,
        stream: S,
    ) -> Result<Box<dyn Transport>, Error> {
        Ok(Box::new(Tls::new(self.handshake(name, stream).await?)))
    }
}

/// The cryptography: all of it, or some of its suites, in the caller's order.
fn provider(suites: Option<&[String]>) -> Result<CryptoProvider, Unusable> {
    let mut provider = ring::default_provider();
    let Some(names) = suites else {
        return Ok(provider);
    };
    let all = std::mem::take(&mut provider.cipher_suites);
    for name in names {
        let wanted = all.iter().find(|suite| suite.suite().as_str() == Some(name)).ok_or(Unusable)?;
        provider.cipher_suites.push(*wanted);
    }
    Ok(provider)
}

/// What TLS says of a failure of its own, if it is one.
pub(super) fn fault(error: &io::Error) -> Option<Error> {
    use rustls::Error as Tls;

    if error.kind() == io::ErrorKind::UnexpectedEof {
        // The peer left without saying so (close_notify): whatever has come may have been cut.
        return Some(Error::OtherSideClosed);
    }
    let error = error.get_ref()?.downcast_ref::<Tls>()?;
    Some(match error {
        Tls::InvalidCertificate(CertificateError::Other(other)) => match other.0.downcast_ref::<Rejection>() {
            Some(Rejection { fault, name, certificate }) => {
                Error::Certificate { fault: *fault, name: name.clone(), certificate: certificate.clone() }
            }
            None => Error::Tls(TlsFault::Handshake),
        },
        Tls::AlertReceived(alert) => Error::Tls(TlsFault::Alert(number(*alert))),
        Tls::DecryptError => Error::Tls(TlsFault::BadRecord),
        Tls::PeerSentOversizedRecord | Tls::InvalidMessage(_) => Error::Tls(TlsFault::NotTls),
        Tls::PeerIncompatible(_) => Error::Tls(TlsFault::Incompatible),
        Tls::NoApplicationProtocol => Error::Tls(TlsFault::Alert(number(AlertDescription::NoApplicationProtocol))),
        _ => Error::Tls(TlsFault::Handshake),
    })
}

fn number(alert: AlertDescription) -> u8 {
    alert.into()
}

/// A certificate as bytes that errors carry.
fn octets(certificate: &CertificateDer<'_>) -> Bytes {
    Bytes::copy_from_slice(certificate)
}
