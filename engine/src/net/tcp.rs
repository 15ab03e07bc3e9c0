//! TCP: the addresses of a host are tried in turn, as Node's `autoSelectFamily` does.

use std::future::Future;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use super::{Attempted, Connected, Endpoint, Peek, Transport, dns, errno, peeked};
use crate::error::{ConnectAttempt, Error, Target};

/// What libuv sets beside the initial delay of TCP keep-alive.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(1);
#[cfg(not(windows))]
const KEEP_ALIVE_RETRIES: u32 = 10;

/// How much the system may hold that it has not sent. Its own bound grows to some 4 MiB, and a source would be
/// pulled that far for a peer that reads nothing.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_LIMIT: u32 = 128 * 1024;

#[cfg(unix)]
const ETIMEDOUT: i32 = libc::ETIMEDOUT;
#[cfg(not(unix))]
const ETIMEDOUT: i32 = 10060;

/// Connects to the first address of the endpoint's host that answers.
pub(super) async fn connect(endpoint: &Endpoint, attempted: &Attempted) -> Result<Connected, Error> {
    let mut addresses = alternate_families(dns::resolve(&endpoint.origin).await?);
    if let Some(local) = endpoint.local_address
        && addresses.iter().any(|address| address.is_ipv4() == local.is_ipv4())
    {
        addresses.retain(|address| address.is_ipv4() == local.is_ipv4());
    }
    if endpoint.attempt_timeout.is_none() {
        addresses.truncate(1);
    }
    let mut failures = Vec::new();
    let last = addresses.len().saturating_sub(1);
    for (index, address) in addresses.into_iter().enumerate() {
        attempted.push(address);
        let attempt = connect_to(endpoint, address);
        let outcome = match endpoint.attempt_timeout {
            Some(limit) if index < last => match tokio::time::timeout(limit, attempt).await {
                Ok(outcome) => outcome.map_err(|error| errno(&error)),
                Err(_elapsed) => Err(ETIMEDOUT),
            },
            _ => attempt.await.map_err(|error| errno(&error)),
        };
        match outcome {
            Ok(stream) => {
                return Ok(Connected {
                    local: stream.local_addr().ok(),
                    remote: stream.peer_addr().ok(),
                    transport: Box::new(Tcp(stream)),
                });
            }
            Err(errno) => failures.push(ConnectAttempt { target: Target::Inet(address), errno }),
        }
    }
    Err(Error::Connect(failures))
}

async fn connect_to(endpoint: &Endpoint, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(local) = endpoint.local_address {
        socket.bind(SocketAddr::new(local, 0))?;
    }
    let stream = socket.connect(address).await?;
    // The connection works without these; Node does not fail for them either.
    let _ = stream.set_nodelay(endpoint.no_delay);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_LIMIT);
    if let Some(delay) = endpoint.tcp_keep_alive {
        let _ = SockRef::from(&stream).set_tcp_keepalive(&keep_alive(delay));
    }
    Ok(stream)
}

fn keep_alive(delay: Duration) -> TcpKeepalive {
    let probes = TcpKeepalive::new().with_interval(KEEP_ALIVE_INTERVAL);
    #[cfg(not(windows))]
    let probes = probes.with_retries(KEEP_ALIVE_RETRIES);
    // The system counts in seconds and takes no zero.
    if delay < Duration::from_secs(1) { probes } else { probes.with_time(delay) }
}

/// The order in which Node tries addresses: the resolver's, but the families take turns, the first
/// address's family first.
fn alternate_families(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_ipv4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv4() == first_is_ipv4);
    let mut ordered = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let before = ordered.len();
        ordered.extend(first.next());
        ordered.extend(second.next());
        if ordered.len() == before {
            return ordered;
        }
    }
}

struct Tcp(TcpStream);

impl Transport for Tcp {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut BytesMut) -> Poll<io::Result<usize>> {
        pin!(self.0.read_buf(buffer)).poll(context)
    }

    fn poll_write(&mut self, context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn peek(&mut self) -> Peek {
        peeked(SockRef::from(&self.0).peek(&mut [MaybeUninit::uninit()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_the_resolvers_first_address_stays_first() {
        let parse = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|address| address.parse().unwrap()).collect()
        };
        let given = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"]);
        let expected = parse(&["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"]);
        assert_eq!(alternate_families(given), expected);
    }
}
