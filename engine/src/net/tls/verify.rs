//! Whether a peer's certificate is acceptable. webpki walks the chain and matches the names; what lives here is
//! what Node.js (OpenSSL) does beyond that, and its name for each fault. Where the two may differ, the fault is one for
//! which Node's own `tls` is asked.

use std::cell::Cell;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::rules::{is_for_tls, may_sign};
use super::{Trust, names, octets};
use crate::error::CertificateFault;

/// Judges the certificates of peers.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    verifies: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Why a certificate was refused; travels through rustls as an error of ours.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) fault: CertificateFault,
    /// Whom it should have spoken for.
    pub(super) name: Box<str>,
    /// The peer's own certificate, as DER.
    pub(super) certificate: Bytes,
}

impl Display for Rejection {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.fault.name())
    }
}

impl std::error::Error for Rejection {}

impl Verifier {
    pub(super) fn new(trust: Trust, verifies: bool, algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { trust, verifies, algorithms }
    }

    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), CertificateFault> {
        let parsed = EndEntityCert::try_from(leaf).map_err(|_| CertificateFault::Rejected)?;
        let decoded = decoded(leaf)?;
        if self.trust.holds(leaf) {
            in_time(&decoded, now)?;
        } else {
            self.walk(&parsed, leaf, chain, now)?;
        }
        if !is_for_tls(&decoded) {
            Err(CertificateFault::Rejected)
        } else if parsed.verify_is_valid_for_subject_name(name).is_ok() || names::speaks_for(&decoded, name) {
            Ok(())
        } else {
            Err(CertificateFault::Name)
        }
    }

    /// Looks for a path to somebody who is trusted.
    fn walk(
        &self,
        parsed: &EndEntityCert<'_>,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), CertificateFault> {
        let links: Vec<_> = chain.iter().chain(self.trust.links()).cloned().collect();
        let is_doubtful = Cell::new(false);
        let is_good = |path: &VerifiedPath<'_>| {
            let is_good = self.trust.vouches(path.anchor(), now, path.intermediate_certificates().count())
                && path.intermediate_certificates().all(|link| decoded(&link.der()).is_ok_and(|link| may_sign(&link)));
            if is_good {
                return Ok(());
            }
            is_doubtful.set(true);
            Err(webpki::Error::UnknownIssuer)
        };
        parsed
            .verify_for_usage(
                self.algorithms.all,
                self.trust.anchors(),
                &links,
                now,
                KeyUsage::server_auth(),
                None,
                Some(&is_good),
            )
            .map(drop)
            .map_err(|error| {
                if is_doubtful.get() { CertificateFault::Rejected } else { self.fault_of(&error, leaf, chain, now) }
            })
    }

    /// OpenSSL's name for what webpki found.
    fn fault_of(
        &self,
        error: &webpki::Error,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> CertificateFault {
        match error {
            webpki::Error::CertExpired { .. } => CertificateFault::Expired,
            webpki::Error::CertNotValidYet { .. } => CertificateFault::NotYetValid,
            // Where one is there all the same, it may be of a kind that OpenSSL takes.
            _ => match self.missing_issuer(leaf, chain, now) {
                Ok(None) => CertificateFault::Rejected,
                Ok(Some(fault)) | Err(fault) => fault,
            },
        }
    }

    /// What OpenSSL says where nobody vouches for this chain: how it ends. But a certificate out of its time is
    /// worse, and the leaf's word is the last. `None`: an anchor has the name that is looked for.
    fn missing_issuer(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Option<CertificateFault>, CertificateFault> {
        let leaf = decoded(leaf)?;
        let shown = chain.iter().map(decoded).collect::<Result<Vec<_>, _>>()?;
        let links = self.trust.links().iter().map(decoded).collect::<Result<Vec<_>, _>>()?;
        let mut path = vec![&leaf];
        let mut is_linked = false;
        while let Some(last) = path.last()
            && !is_self_issued(last)
            && path.len() <= shown.len() + links.len() + 1
        {
            let issuer = last.tbs_certificate().issuer();
            if self.trust.has_anchor(issuer) {
                return Ok(None);
            }
            let is_issuer = |other: &&Certificate| other.tbs_certificate().subject() == issuer;
            if let Some(link) = links.iter().find(is_issuer) {
                is_linked = true;
                path.push(link);
            } else if let Some(link) = shown.iter().find(is_issuer) {
                path.push(link);
            } else {
                break;
            }
        }
        for certificate in &path {
            in_time(certificate, now)?;
        }
        let ends_with_itself = path.last().is_some_and(|last| is_self_issued(last));
        Ok(Some(match (path.len(), ends_with_itself) {
            (1, true) => CertificateFault::SelfSigned,
            (_, true) => CertificateFault::SelfSignedInChain,
            (1, false) => CertificateFault::LeafSignature,
            (_, false) if is_linked => CertificateFault::IssuerMissing,
            (_, false) => CertificateFault::IssuerMissingHere,
        }))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.verifies
            && let Err(fault) = self.judge(end_entity, intermediates, server_name, now)
        {
            let rejection = Rejection { fault, name: server_name.to_str().into(), certificate: octets(end_entity) };
            return Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(rejection)))));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn decoded(certificate: &CertificateDer<'_>) -> Result<Certificate, CertificateFault> {
    Certificate::from_der(certificate).map_err(|_| CertificateFault::Rejected)
}

fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.tbs_certificate().issuer() == certificate.tbs_certificate().subject()
}

fn in_time(certificate: &Certificate, now: UnixTime) -> Result<(), CertificateFault> {
    let validity = certificate.tbs_certificate().validity();
    let now = Duration::from_secs(now.as_secs());
    if now < validity.not_before.to_unix_duration() {
        Err(CertificateFault::NotYetValid)
    } else if now > validity.not_after.to_unix_duration() {
        Err(CertificateFault::Expired)
    } else {
        Ok(())
    }
}
