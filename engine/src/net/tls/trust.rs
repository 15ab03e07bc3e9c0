//! Whom a client trusts. As OpenSSL has it: certificates that vouch for themselves, as anchors of a chain and each
//! as it is; others that are among them only help to build a chain.

use std::collections::HashSet;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::name::Name;

use super::Unusable;
use super::rules::Anchor;

/// Trusted certificates.
#[derive(Clone, Debug)]
pub struct Trust(Arc<Certificates>);

#[derive(Clone, Debug)]
struct Certificates {
    anchors: RootCertStore,
    /// What webpki does not know of each of them, in their order.
    rules: Vec<Anchor>,
    /// The names of the anchors.
    names: Vec<Name>,
    /// The anchors: a peer may also show one of them itself.
    exact: HashSet<CertificateDer<'static>>,
    /// What vouches for others, and is vouched for by others.
    links: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Reads certificates out of texts in PEM, any number in each.
    ///
    /// # Errors
    ///
    /// Where a text holds no certificate, or one that cannot be read.
    pub fn from_pem<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Unusable> {
        let mut trusted = Certificates {
            anchors: RootCertStore::empty(),
            rules: Vec::new(),
            names: Vec::new(),
            exact: HashSet::new(),
            links: Vec::new(),
        };
        for text in texts {
            let mut is_empty = true;
            for certificate in CertificateDer::pem_slice_iter(text) {
                trusted.add(certificate.map_err(|_| Unusable)?)?;
                is_empty = false;
            }
            if is_empty {
                return Err(Unusable);
            }
        }
        Ok(Self(Arc::new(trusted)))
    }

    /// The same, and some more.
    pub(super) fn with(&self, certificates: &[CertificateDer<'static>]) -> Result<Self, Unusable> {
        if certificates.is_empty() {
            return Ok(self.clone());
        }
        let mut trusted = Certificates::clone(&self.0);
        for certificate in certificates {
            trusted.add(certificate.clone())?;
        }
        Ok(Self(Arc::new(trusted)))
    }

    pub(super) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.0.anchors.roots
    }

    /// Whether an anchor of this name and key may vouch for a server at that time, through so many others.
    pub(super) fn vouches(&self, anchor: &TrustAnchor<'_>, now: UnixTime, between: usize) -> bool {
        let mut known = self.0.anchors.roots.iter().zip(&self.0.rules);
        known.any(|(one, rules)| one == anchor && rules.vouches(now, between))
    }

    pub(super) fn has_anchor(&self, name: &Name) -> bool {
        self.0.names.contains(name)
    }

    pub(super) fn holds(&self, certificate: &CertificateDer<'_>) -> bool {
        self.0.exact.contains(certificate)
    }

    pub(super) fn links(&self) -> &[CertificateDer<'static>] {
        &self.0.links
    }
}

impl Certificates {
    fn add(&mut self, certificate: CertificateDer<'static>) -> Result<(), Unusable> {
        let decoded = Certificate::from_der(&certificate).map_err(|_| Unusable)?;
        let subject = decoded.tbs_certificate().subject();
        if decoded.tbs_certificate().issuer() == subject {
            // What webpki does not take as an anchor can still be shown itself.
            if self.anchors.add(certificate.clone()).is_ok() {
                self.rules.push(Anchor::of(&decoded));
            }
            self.names.push(subject.clone());
            self.exact.insert(certificate);
        } else {
            self.links.push(certificate);
        }
        Ok(())
    }
}
