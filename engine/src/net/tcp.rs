//! TCP: the addresses of a host race each other, each with a head start over the next (RFC 8305), in the order
//! that Node's `autoSelectFamily` has.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Sleep;

use super::stream::set_type_of_service;
use super::{Attempted, Endpoint, Resolver, errno};
use crate::error::{ConnectAttempt, Error, Target};

/// What libuv sets beside the initial delay of TCP keep-alive.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(1);
#[cfg(not(windows))]
const KEEP_ALIVE_RETRIES: u32 = 10;

/// How much the system may hold that it has not sent. Its own bound grows to some 4 MiB, and a source would be
/// pulled that far for a peer that reads nothing.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_LIMIT: u32 = 128 * 1024;

/// Connects to the first address of the endpoint's host that answers. Says as well when its name was resolved, if it
/// has one.
pub(super) async fn connect(
    endpoint: &Endpoint,
    resolver: &Rc<Resolver>,
    attempted: &Attempted,
) -> Result<(TcpStream, Option<Instant>), Error> {
    let mut addresses = alternate_families(resolver.resolve(&endpoint.origin).await?);
    let resolved = endpoint.origin.host.parse::<IpAddr>().is_err().then(Instant::now);
    if let Some(local) = endpoint.local_address
        && addresses.iter().any(|address| address.is_ipv4() == local.is_ipv4())
    {
        addresses.retain(|address| address.is_ipv4() == local.is_ipv4());
    }
    let head_start = endpoint.attempt_timeout.unwrap_or_else(|| {
        addresses.truncate(1);
        Duration::ZERO
    });
    let mut race =
        Race { endpoint, attempted, addresses: &addresses, runners: Vec::with_capacity(1), failures: Vec::new() };
    let mut clock = pin!(tokio::time::sleep(head_start));
    let stream = poll_fn(|context| race.poll(context, clock.as_mut(), head_start)).await?;
    Ok((stream, resolved))
}

/// Attempts to connect, at several addresses at once.
///
/// The next address is tried when the one before it has failed, or had its head start.
struct Race<'a> {
    endpoint: &'a Endpoint,
    attempted: &'a Attempted,
    addresses: &'a [SocketAddr],
    /// The attempts that were begun, by the index of their address, and are not over.
    runners: Vec<(usize, Runner<'a>)>,
    failures: Vec<(usize, i32)>,
}

type Runner<'a> = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + 'a>>;

impl Race<'_> {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        mut clock: Pin<&mut Sleep>,
        head_start: Duration,
    ) -> Poll<Result<TcpStream, Error>> {
        if self.begun() == 0 {
            self.begin_next();
        }
        loop {
            let mut has_failure = false;
            let mut index = 0;
            while index < self.runners.len() {
                let (address, runner) = &mut self.runners[index];
                match runner.as_mut().poll(context) {
                    Poll::Ready(Ok(stream)) => return Poll::Ready(Ok(stream)),
                    Poll::Ready(Err(error)) => {
                        self.failures.push((*address, errno(&error)));
                        drop(self.runners.remove(index));
                        has_failure = true;
                    }
                    Poll::Pending => index += 1,
                }
            }
            if self.failures.len() == self.addresses.len() {
                return Poll::Ready(Err(self.failure()));
            }
            if self.begun() == self.addresses.len() {
                return Poll::Pending;
            }
            if !has_failure && clock.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            clock.as_mut().reset(tokio::time::Instant::now() + head_start);
            self.begin_next();
        }
    }

    fn begun(&self) -> usize {
        self.runners.len() + self.failures.len()
    }

    fn begin_next(&mut self) {
        let index = self.begun();
        if let Some(&address) = self.addresses.get(index) {
            self.attempted.push(address);
            self.runners.push((index, Box::pin(connect_to(self.endpoint, address))));
        }
    }

    fn failure(&mut self) -> Error {
        self.failures.sort_unstable();
        let attempts = self
            .failures
            .iter()
            .map(|&(index, errno)| ConnectAttempt { target: Target::Inet(self.addresses[index]), errno });
        Error::Connect(attempts.collect())
    }
}

async fn connect_to(endpoint: &Endpoint, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(local) = endpoint.local_address {
        socket.bind(SocketAddr::new(local, 0))?;
    }
    if let Some(value) = endpoint.type_of_service {
        set_type_of_service(&SockRef::from(&socket), value);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Transport;
    use crate::net::stream::Plain;
    use crate::origin::Origin;

    #[test]
    fn families_take_turns_and_the_resolvers_first_address_stays_first() {
        let parse = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|address| address.parse().unwrap()).collect()
        };
        let given = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"]);
        let expected = parse(&["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"]);
        assert_eq!(alternate_families(given), expected);
    }

    #[test]
    fn a_connection_has_the_type_of_service_that_was_asked_for() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        for (asked, set) in [(Some(0x10), 0x10), (None, 0)] {
            let endpoint = Endpoint {
                origin: Origin { host: address.ip().to_string(), port: address.port() },
                socket_path: None,
                local_address: None,
                attempt_timeout: None,
                tcp_keep_alive: None,
                no_delay: true,
                type_of_service: asked,
                security: None,
            };
            let stream = runtime.block_on(connect_to(&endpoint, address)).unwrap();
            let of = |stream: &TcpStream| SockRef::from(stream).tos_v4().unwrap();
            assert_eq!(of(&stream), set);
            let mut plain = Plain(stream);
            plain.set_type_of_service(0x08);
            assert_eq!(of(&plain.0), 0x08, "and the one that a request asks for later");
        }
    }
}
