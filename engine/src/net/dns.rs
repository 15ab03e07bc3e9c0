//! Names to addresses, by the system's resolver (`getaddrinfo`), as Node's `net.connect` asks it.

use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};

use crate::error::Error;
use crate::origin::Origin;

/// The flags that Node passes when the caller names no family: only families that this machine has an
/// address of.
#[cfg(unix)]
const FLAGS: i32 = libc::AI_ADDRCONFIG;
#[cfg(not(unix))]
const FLAGS: i32 = 0;

/// The addresses of an origin, in the resolver's order. The resolver blocks, so that it runs on a
/// thread of its own; a literal address does not need it.
pub(super) async fn resolve(origin: &Origin) -> Result<Vec<SocketAddr>, Error> {
    let port = origin.port;
    if let Ok(address) = origin.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let host = origin.host.clone();
    tokio::task::spawn_blocking(move || lookup(&host, port)).await.unwrap_or(Err(Error::Internal))
}

fn lookup(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    let hints = AddrInfoHints { flags: FLAGS, socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(|error| failure(&error))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for mut address in found.flatten().map(|entry| entry.sockaddr) {
        address.set_port(port);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() { Err(Error::Resolve { code: "ENOTFOUND" }) } else { Ok(addresses) }
}

/// Node says ENOTFOUND for the two ways of saying that there is no such name, and libuv's names else.
fn failure(error: &LookupError) -> Error {
    let code = match error.kind() {
        LookupErrorKind::NoName | LookupErrorKind::NoData => "ENOTFOUND",
        LookupErrorKind::Again => "EAI_AGAIN",
        LookupErrorKind::Badflags => "EAI_BADFLAGS",
        LookupErrorKind::Family => "EAI_FAMILY",
        LookupErrorKind::Memory => "EAI_MEMORY",
        LookupErrorKind::Service => "EAI_SERVICE",
        LookupErrorKind::Socktype => "EAI_SOCKTYPE",
        LookupErrorKind::System => "EAI_SYSTEM",
        // A name with a NUL in it never reaches the resolver.
        LookupErrorKind::IO => "ENOTFOUND",
        LookupErrorKind::Fail | LookupErrorKind::Unknown => "EAI_FAIL",
    };
    Error::Resolve { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_nul_is_not_found() {
        assert_eq!(lookup("a\0b", 80), Err(Error::Resolve { code: "ENOTFOUND" }));
    }

    #[test]
    fn localhost_resolves_to_loopback_with_the_port() {
        let addresses = lookup("localhost", 8080).unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback() && address.port() == 8080));
    }
}
