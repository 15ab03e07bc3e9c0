//! Names to addresses, by the system's resolver (`getaddrinfo`), as Node's `net.connect` asks it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::task::{Poll, Waker};

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};
use tokio::task::{spawn_blocking, spawn_local};

use crate::error::Error;
use crate::origin::Origin;

/// The flags that Node passes when the caller names no family: only families that this machine has an
/// address of.
#[cfg(unix)]
const FLAGS: i32 = libc::AI_ADDRCONFIG;
#[cfg(not(unix))]
const FLAGS: i32 = 0;

/// Asks the system, once for all who want to know the same name at the same time.
///
/// An answer is nobody's any more once those who waited have it: the system does not say how long it holds, and
/// keeps what it may keep itself.
#[derive(Debug, Default)]
pub struct Resolver(RefCell<HashMap<String, Rc<Question>>>);

/// A question that was asked, and those who wait for the answer.
#[derive(Debug, Default)]
struct Question {
    answer: RefCell<Option<Answer>>,
    waiting: RefCell<Vec<Waker>>,
}

type Answer = Result<Rc<[IpAddr]>, Error>;

impl Resolver {
    /// The addresses of an origin, in the resolver's order. The resolver blocks, so that it runs on a thread of its
    /// own; a literal address does not need it.
    pub(super) async fn resolve(self: &Rc<Self>, origin: &Origin) -> Result<Vec<SocketAddr>, Error> {
        let addresses = match origin.host.parse::<IpAddr>() {
            Ok(address) => Rc::new([address]),
            Err(_) => self.ask(&origin.host).await?,
        };
        Ok(addresses.iter().map(|&address| SocketAddr::new(address, origin.port)).collect())
    }

    async fn ask(self: &Rc<Self>, host: &str) -> Answer {
        let known = self.0.borrow().get(host).map(Rc::clone);
        let question = known.unwrap_or_else(|| self.begin(host));
        poll_fn(|context| match &*question.answer.borrow() {
            Some(answer) => Poll::Ready(answer.clone()),
            None => {
                question.waiting.borrow_mut().push(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }

    /// A task of its own gets the answer: whoever asked first may give up.
    fn begin(self: &Rc<Self>, host: &str) -> Rc<Question> {
        let (resolver, host, question) = (Rc::clone(self), host.to_owned(), Rc::new(Question::default()));
        self.0.borrow_mut().insert(host.clone(), Rc::clone(&question));
        let asked = Rc::clone(&question);
        spawn_local(async move {
            let name = host.clone();
            let answer = spawn_blocking(move || lookup(&name)).await.unwrap_or(Err(Error::Internal));
            resolver.0.borrow_mut().remove(&host);
            *asked.answer.borrow_mut() = Some(answer.map(Rc::from));
            for waker in asked.waiting.take() {
                waker.wake();
            }
        });
        question
    }
}

fn lookup(host: &str) -> Result<Vec<IpAddr>, Error> {
    let hints = AddrInfoHints { flags: FLAGS, socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(|error| failure(&error))?;
    let mut addresses = Vec::new();
    for address in found.flatten().map(|entry| entry.sockaddr.ip()) {
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
    use std::future::Future;

    use tokio::runtime::{Builder, LocalOptions};

    use super::*;

    #[test]
    fn a_name_with_a_nul_is_not_found() {
        assert_eq!(lookup("a\0b"), Err(Error::Resolve { code: "ENOTFOUND" }));
    }

    #[test]
    fn localhost_resolves_to_loopback() {
        assert!(lookup("localhost").unwrap().iter().all(IpAddr::is_loopback));
    }

    #[test]
    fn those_who_ask_at_the_same_time_share_one_question() {
        let runtime = Builder::new_current_thread().enable_time().build_local(LocalOptions::default()).unwrap();
        runtime.block_on(async {
            let resolver = Rc::new(Resolver::default());
            let origin = Origin { host: "localhost".to_owned(), port: 8080 };
            let mut asking: Vec<_> = (0..3).map(|_| Box::pin(resolver.resolve(&origin))).collect();
            for one in &mut asking {
                let is_pending = poll_fn(|context| Poll::Ready(one.as_mut().poll(context).is_pending())).await;
                assert!(is_pending);
            }
            assert_eq!(resolver.0.borrow().len(), 1);
            drop(asking.remove(0));
            for one in asking {
                assert!(one.await.unwrap().iter().all(|address| address.port() == 8080));
            }
            assert!(resolver.0.borrow().is_empty());
        });
    }
}
