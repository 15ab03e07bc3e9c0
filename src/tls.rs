//! Contexts of TLS, as JavaScript holds them: it makes one of options, and names it when it opens a dispatcher.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use dodici_engine::net::{self, Identity, Unusable};
use napi::bindgen_prelude::{Buffer, Error, Result, Status};
use napi_derive::napi;

/// The contexts that JavaScript holds, of all environments, by name.
static CONTEXTS: LazyLock<Mutex<Contexts>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Contexts {
    last: u32,
    known: HashMap<u32, net::TlsContext>,
}

/// The context of that name.
pub(crate) fn context(id: u32) -> Option<net::TlsContext> {
    CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner).known.get(&id).cloned()
}

/// Certificates that are trusted.
#[napi]
pub struct Trust(net::Trust);

#[napi]
impl Trust {
    /// Reads certificates out of texts in PEM. Throws where one holds none that can be read.
    #[napi(constructor)]
    pub fn new(texts: Vec<Buffer>) -> Result<Self> {
        net::Trust::from_pem(texts.iter().map(AsRef::as_ref)).map(Self).map_err(unusable)
    }
}

/// A certificate with its key, in one of two forms.
#[napi(object)]
pub struct TlsIdentity {
    /// The chain, as PEM; then `key` is there as well.
    pub certificates: Option<Buffer>,
    /// The key of the first of the chain, as PEM, not encrypted.
    pub key: Option<Buffer>,
    /// All of it, as PKCS #12.
    pub pfx: Option<Buffer>,
    /// What `pfx` is encrypted with.
    pub passphrase: Option<Buffer>,
}

/// What a context of TLS is made of.
#[napi(object)]
pub struct TlsOptions {
    /// Whether certificates that nobody vouches for are refused.
    pub verifies: bool,
    /// Who we are, for peers that ask.
    pub identities: Vec<TlsIdentity>,
    /// Protocols to offer.
    pub alpn: Vec<String>,
    /// TLS 1.2 may be used.
    pub tls12: bool,
    /// TLS 1.3 may be used.
    pub tls13: bool,
    /// IANA's names of the suites to offer; all when there are none.
    pub cipher_suites: Option<Vec<String>>,
    /// How many sessions are kept to be resumed.
    pub cached_sessions: u32,
}

/// A context of TLS. It has to be held until the engine knows the dispatcher that uses it.
#[napi]
pub struct TlsContext {
    id: u32,
}

#[napi]
impl TlsContext {
    /// Compiles options. Throws where the engine cannot follow them, or not read what they hold.
    #[napi(constructor)]
    pub fn new(trust: &Trust, options: TlsOptions) -> Result<Self> {
        let identities = options.identities.into_iter().map(identity).collect::<Result<_>>()?;
        let context = net::TlsContext::new(net::TlsOptions {
            trust: trust.0.clone(),
            verifies: options.verifies,
            identities,
            alpn: options.alpn.into_iter().map(String::into_bytes).collect(),
            offers_tls12: options.tls12,
            offers_tls13: options.tls13,
            cipher_suites: options.cipher_suites,
            cached_sessions: options.cached_sessions as usize,
        })
        .map_err(unusable)?;
        let mut contexts = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        contexts.last += 1;
        let id = contexts.last;
        contexts.known.insert(id, context);
        Ok(Self { id })
    }

    /// Its name in the record that opens a dispatcher.
    #[napi(getter)]
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for TlsContext {
    fn drop(&mut self) {
        CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner).known.remove(&self.id);
    }
}

fn identity(given: TlsIdentity) -> Result<Identity> {
    let octets = |buffer: Buffer| buffer.to_vec();
    match (given.certificates, given.key, given.pfx) {
        (Some(certificates), Some(key), None) => {
            Ok(Identity::Pem { certificates: octets(certificates), key: octets(key) })
        }
        (None, None, Some(file)) => {
            Ok(Identity::Pkcs12 { file: octets(file), passphrase: given.passphrase.map(octets).unwrap_or_default() })
        }
        _ => Err(unusable(Unusable)),
    }
}

fn unusable(_: Unusable) -> Error {
    Error::new(Status::InvalidArg, "these TLS options are not for the engine")
}
