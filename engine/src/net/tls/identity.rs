//! Who we are, for peers that ask: certificates and their keys, out of PEM or PKCS #12, and which of them a peer gets
//! to see. What PKCS #12 looks like is the package's to know; what OpenSSL makes of its content is known here.

use std::sync::Arc;

use p12_keystore::Pkcs12Archive;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use x509_cert::der::{Any, Decode};

use super::Unusable;

/// A certificate with its key.
#[derive(Clone, Debug)]
pub enum Identity {
    /// As PEM (RFC 7468).
    Pem {
        /// The chain, the leaf first.
        certificates: Vec<u8>,
        /// The key of the leaf, not encrypted.
        key: Vec<u8>,
    },
    /// As PKCS #12 (RFC 7292).
    Pkcs12 {
        /// The whole file.
        file: Vec<u8>,
        /// What it is encrypted with, as UTF-8.
        passphrase: Vec<u8>,
    },
}

/// All that we are.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// One for each kind of key, as OpenSSL has it: the last that was given.
    keys: Vec<Arc<CertifiedKey>>,
    /// The other certificates of PKCS #12 files, which Node.js also trusts.
    pub(super) trusted: Vec<CertificateDer<'static>>,
}

impl Identities {
    pub(super) fn read(given: &[Identity], provider: &CryptoProvider) -> Result<Self, Unusable> {
        let mut identities = Self::default();
        for identity in given {
            let certified = match identity {
                Identity::Pem { certificates, key } => from_pem(certificates, key, provider)?,
                Identity::Pkcs12 { file, passphrase } => {
                    let certified = from_pkcs12(file, passphrase, provider)?;
                    identities.trusted.extend(certified.cert.iter().skip(1).cloned());
                    certified
                }
            };
            identities.keys.retain(|other| other.key.algorithm() != certified.key.algorithm());
            identities.keys.push(Arc::new(certified));
        }
        Ok(identities)
    }
}

impl ResolvesClientCert for Identities {
    /// The first for which the peer has a scheme, in the peer's order.
    fn resolve(&self, _issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let of_scheme = |scheme| self.keys.iter().find(|one| one.key.choose_scheme(&[scheme]).is_some());
        schemes.iter().copied().find_map(of_scheme).map(Arc::clone)
    }

    fn has_certs(&self) -> bool {
        !self.keys.is_empty()
    }
}

fn from_pem(certificates: &[u8], key: &[u8], provider: &CryptoProvider) -> Result<CertifiedKey, Unusable> {
    let chain = CertificateDer::pem_slice_iter(certificates).collect::<Result<Vec<_>, _>>().map_err(|_| Unusable)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| Unusable)?;
    CertifiedKey::from_der(chain, key, provider).map_err(|_| Unusable)
}

/// The first key, the first certificate that belongs to it, and behind that all the others in their order: neither
/// names nor local identifiers count.
fn from_pkcs12(file: &[u8], passphrase: &[u8], provider: &CryptoProvider) -> Result<CertifiedKey, Unusable> {
    let passphrase = std::str::from_utf8(passphrase).map_err(|_| Unusable)?;
    // The version, the content, and behind them the sum, without which nothing says that the file is whole.
    if !Vec::<Any>::from_der(file).is_ok_and(|parts| parts.len() == 3) {
        return Err(Unusable);
    }
    let archive = Pkcs12Archive::from_pkcs12(file, passphrase).map_err(|_| Unusable)?;
    let key = archive.keys.first().ok_or(Unusable)?.key.as_der().to_vec();
    let key = provider.key_provider.load_private_key(PrivatePkcs8KeyDer::from(key).into()).map_err(|_| Unusable)?;
    let mut certificates: Vec<_> =
        archive.certs.iter().map(|bag| CertificateDer::from(bag.cert.as_der().to_vec())).collect();
    let is_ours =
        |one: &CertificateDer<'static>| CertifiedKey::new(vec![one.clone()], Arc::clone(&key)).keys_match().is_ok();
    let leaf = certificates.iter().position(is_ours).ok_or(Unusable)?;
    certificates[..=leaf].rotate_right(1);
    Ok(CertifiedKey::new(certificates, key))
}

#[cfg(test)]
mod tests {
    use rustls::SignatureAlgorithm;
    use rustls::crypto::ring;

    use super::*;

    const PASSPHRASE: &[u8] = b"open sesame";

    fn file(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/tests/pkcs12/{name}.p12", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn bundle(name: &str) -> Identity {
        Identity::Pkcs12 { file: file(name), passphrase: PASSPHRASE.to_vec() }
    }

    fn read(file: &[u8], passphrase: &[u8]) -> Result<CertifiedKey, Unusable> {
        from_pkcs12(file, passphrase, &ring::default_provider())
    }

    #[test]
    fn the_ciphers_of_many_years_are_read() {
        for (name, passphrase) in [
            ("modern", PASSPHRASE),
            ("legacy", PASSPHRASE),
            ("triple-des", PASSPHRASE),
            ("elliptic", PASSPHRASE),
            ("plain", PASSPHRASE),
        ] {
            let identity = read(&file(name), passphrase).unwrap_or_else(|_| panic!("{name}"));
            assert_eq!(identity.keys_match(), Ok(()), "{name}");
            assert_eq!(identity.cert.len(), 2, "{name}: the leaf and its issuer");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let modern = file("modern");
        assert!(read(&modern, b"sesame").is_err(), "a wrong passphrase");
        assert!(read(&modern, b"").is_err(), "none");
        assert!(read(&modern, b"\xff").is_err(), "one that is no text");
        assert!(read(&modern[..modern.len() - 1], PASSPHRASE).is_err(), "an end that is missing");
        assert!(read(b"", PASSPHRASE).is_err(), "nothing");
        assert!(read(&file("without-mac"), PASSPHRASE).is_err(), "no sum");
        assert!(read(&file("certificates-alone"), PASSPHRASE).is_err(), "no key");
        assert!(read(&file("key-alone"), PASSPHRASE).is_err(), "no certificate");
    }

    /// Each octet changed in turn, where nothing is encrypted and the sum is made in one round: no panic.
    #[test]
    fn a_damaged_file_does_no_harm() {
        let plain = file("plain");
        for position in 0..plain.len() {
            for change in [0x01, 0x80] {
                let mut damaged = plain.clone();
                damaged[position] ^= change;
                let _ = Pkcs12Archive::from_pkcs12(&damaged, "open sesame");
            }
        }
    }

    #[test]
    fn a_peer_sees_the_identity_that_fits_its_first_scheme() {
        let given = [bundle("modern"), bundle("elliptic")];
        let identities = Identities::read(&given, &ring::default_provider()).unwrap();
        let shown = |schemes: &[SignatureScheme]| identities.resolve(&[], schemes).map(|one| one.key.algorithm());
        let (rsa, curve) = (SignatureScheme::RSA_PSS_SHA256, SignatureScheme::ECDSA_NISTP256_SHA256);
        assert_eq!(shown(&[SignatureScheme::ED25519, curve, rsa]), Some(SignatureAlgorithm::ECDSA));
        assert_eq!(shown(&[rsa, curve]), Some(SignatureAlgorithm::RSA));
        assert_eq!(shown(&[SignatureScheme::ED25519]), None);
        assert_eq!(identities.trusted.len(), 2, "whoever vouches for them");
    }

    #[test]
    fn of_two_with_the_same_kind_of_key_the_last_counts() {
        let identities = Identities::read(&[bundle("modern"), bundle("legacy")], &ring::default_provider()).unwrap();
        assert_eq!(identities.keys.len(), 1);
    }
}
