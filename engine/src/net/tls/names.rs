//! For whom a certificate speaks, beyond what webpki makes of it: the rules of Node.js's `tls.checkServerIdentity`, which
//! allows a wild card for a part of the first label, and counts the common name where there is no alternative one
//! (RFC 6125 sections 6.4.3 and 6.4.4).

use rustls::pki_types::ServerName;
use x509_cert::Certificate;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Whether a certificate speaks for a host. Addresses have no such rules.
pub(super) fn speaks_for(certificate: &Certificate, name: &ServerName<'_>) -> bool {
    let ServerName::DnsName(host) = name else {
        return false;
    };
    let certificate = certificate.tbs_certificate();
    let Ok(alternatives) = certificate.get_extension::<SubjectAltName>() else {
        return false;
    };
    let mut names = alternatives
        .iter()
        .flat_map(|(_, names)| &names.0)
        .filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.as_str()),
            _ => None,
        })
        .peekable();
    if names.peek().is_some() {
        return names.any(|pattern| matches(pattern, host.as_ref()));
    }
    let common_names = certificate.subject().iter().filter(|attribute| attribute.oid == COMMON_NAME);
    // Most are octets of ASCII, whatever their type says that they may be; of others none matches.
    common_names
        .filter_map(|attribute| std::str::from_utf8(attribute.value.value()).ok())
        .any(|pattern| matches(pattern, host.as_ref()))
}

fn matches(pattern: &str, host: &str) -> bool {
    let [pattern, host] = [pattern, host].map(|name| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase());
    let (first, domain) = pattern.split_once('.').unwrap_or((&pattern, ""));
    let (host_first, host_domain) = host.split_once('.').unwrap_or((&host, ""));
    if domain != host_domain || pattern.split('.').any(|label| label.is_empty() || !label.bytes().all(is_graphic)) {
        return false;
    }
    match first.split_once('*') {
        // Neither more than one, nor for all of a top-level domain; and what is encoded is no text.
        Some((before, after)) if !first.contains("xn--") => {
            !after.contains('*')
                && domain.contains('.')
                && before.len() + after.len() <= host_first.len()
                && host_first.starts_with(before)
                && host_first.ends_with(after)
        }
        _ => first == host_first,
    }
}

fn is_graphic(octet: u8) -> bool {
    octet.is_ascii_graphic() || octet == 0x7f
}
