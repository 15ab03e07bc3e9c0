//! Whom a client trusts: certificates, as anchors of a chain, and each of them as it is.

use std::collections::HashSet;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::Unusable;

/// Trusted certificates.
#[derive(Clone, Debug)]
pub struct Trust(Arc<Certificates>);

#[derive(Debug)]
struct Certificates {
    anchors: RootCertStore,
    /// OpenSSL, and so Node.js, also trusts a peer that shows one of them itself.
    exact: HashSet<CertificateDer<'static>>,
}

impl Trust {
    /// Reads certificates out of texts in PEM, any number in each.
    ///
    /// # Errors
    ///
    /// Where a text holds no certificate, or one that cannot be read.
    pub fn from_pem<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Unusable> {
        let mut anchors = RootCertStore::empty();
        let mut exact = HashSet::new();
        for text in texts {
            let before = exact.len();
            for certificate in CertificateDer::pem_slice_iter(text) {
                let certificate = certificate.map_err(|_| Unusable)?;
                // What is no anchor can still be shown itself.
                let _ = anchors.add(certificate.clone());
                exact.insert(certificate);
            }
            if exact.len() == before && CertificateDer::pem_slice_iter(text).next().is_none() {
                return Err(Unusable);
            }
        }
        Ok(Self(Arc::new(Certificates { anchors, exact })))
    }

    pub(super) fn anchors(&self) -> &RootCertStore {
        &self.0.anchors
    }

    pub(super) fn holds(&self, certificate: &CertificateDer<'_>) -> bool {
        self.0.exact.contains(certificate)
    }
}
