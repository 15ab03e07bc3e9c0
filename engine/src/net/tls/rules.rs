//! What OpenSSL demands of certificates beyond webpki, which reads no key usage (RFC 5280 section 4.2.1.3), and knows of a
//! trust anchor no more than its name, key and name constraints. A certificate that fulfils less is not refused for good:
//! Node's own `tls` has the last word, and the words.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::der::Decode;
use x509_cert::der::oid::{AssociatedOid, ObjectIdentifier};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints, SubjectAltName};

const SERVER_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");

/// What is known of a trust anchor.
#[derive(Clone, Debug)]
pub(super) struct Anchor {
    not_before: Duration,
    not_after: Duration,
    /// It may vouch for servers at all.
    vouches: bool,
    path_length: Option<u8>,
}

impl Anchor {
    pub(super) fn of(certificate: &Certificate) -> Self {
        let validity = certificate.tbs_certificate().validity();
        let constraints = extension::<BasicConstraints>(certificate).ok().flatten();
        Self {
            not_before: validity.not_before.to_unix_duration(),
            not_after: validity.not_after.to_unix_duration(),
            vouches: is_authority(certificate) && may_serve(certificate) && knows_what_is_critical(certificate),
            path_length: constraints.and_then(|constraints| constraints.path_len_constraint),
        }
    }

    /// It may vouch for a server at that time, through so many others.
    pub(super) fn vouches(&self, now: UnixTime, between: usize) -> bool {
        let now = Duration::from_secs(now.as_secs());
        self.vouches
            && (self.not_before..=self.not_after).contains(&now)
            && self.path_length.is_none_or(|length| between <= usize::from(length))
    }
}

/// The certificate of a server may be used in TLS.
pub(super) fn is_for_tls(leaf: &Certificate) -> bool {
    let uses = [KeyUsages::DigitalSignature, KeyUsages::KeyEncipherment, KeyUsages::KeyAgreement];
    may_serve(leaf) && may_be_used(leaf, &uses)
}

/// An authority's certificate may be used for the signatures of others.
pub(super) fn may_sign(authority: &Certificate) -> bool {
    may_be_used(authority, &[KeyUsages::KeyCertSign])
}

/// Those of version 1 cannot say what they are; a key usage says it as well as basic constraints.
fn is_authority(certificate: &Certificate) -> bool {
    let is_old = certificate.tbs_certificate().version() == Version::V1;
    let is_said = match extension::<BasicConstraints>(certificate) {
        Ok(Some(constraints)) => constraints.ca,
        Ok(None) => is_old || extension::<KeyUsage>(certificate).is_ok_and(|usage| usage.is_some()),
        Err(_) => false,
    };
    is_said && may_sign(certificate)
}

/// It has one of these uses, or says nothing of them.
fn may_be_used(certificate: &Certificate, uses: &[KeyUsages]) -> bool {
    match extension::<KeyUsage>(certificate) {
        Ok(usage) => usage.is_none_or(|usage| uses.iter().any(|&one| usage.0.contains(one))),
        Err(_) => false,
    }
}

/// The same of its extended use.
fn may_serve(certificate: &Certificate) -> bool {
    match extension::<ExtendedKeyUsage>(certificate) {
        Ok(usage) => usage.is_none_or(|usage| usage.0.contains(&SERVER_AUTHENTICATION)),
        Err(_) => false,
    }
}

fn knows_what_is_critical(certificate: &Certificate) -> bool {
    let known =
        [BasicConstraints::OID, ExtendedKeyUsage::OID, KeyUsage::OID, NameConstraints::OID, SubjectAltName::OID];
    let mut extensions = certificate.tbs_certificate().extensions().into_iter().flatten();
    extensions.all(|extension| !extension.critical || known.contains(&extension.extn_id))
}

fn extension<'a, T: Decode<'a> + AssociatedOid>(certificate: &'a Certificate) -> Result<Option<T>, T::Error> {
    Ok(certificate.tbs_certificate().get_extension::<T>()?.map(|(_, value)| value))
}
