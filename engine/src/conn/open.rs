//! The task of a session: it makes a transport in time, drives HTTP/1.1 over it, then perhaps a tunnel,
//! and says how it ended. One task from the first to the last.
//!
//! ```text
//! connecting ──► h1 ──► closed
//!      │          └───► tunnel ──► gone
//!      └─► failed
//! ```

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use super::h1::{Driver, Opening, Outcome, Remains};
use super::mailbox::Mailbox;
use super::reading::Spare;
use super::tunnel::{Ended, Tunnel};
use super::{Listener, Opener, Report, Session, SessionId, Work};
use crate::error::Error;
use crate::message::{ResponseHead, Timings};
use crate::net::{Attempted, Connect, Connected, Transport};
use crate::proto::h1::{Config, Heads};

/// Opens HTTP/1.1 sessions over the transports of a connector. Needs tokio's local runtime.
pub struct H1Opener(Rc<Means>);

/// What the sessions of an opener have in common.
struct Means {
    connector: Rc<dyn Connect>,
    timeout: Option<Duration>,
    config: Config,
    common: Common,
}

impl H1Opener {
    /// `timeout`: how long the transport may take.
    #[must_use]
    pub fn new(connector: Rc<dyn Connect>, timeout: Option<Duration>, config: Config, common: Common) -> Self {
        Self(Rc::new(Means { connector, timeout, config, common }))
    }
}

/// What all sessions of a thread have in common.
#[derive(Clone, Debug)]
pub struct Common {
    /// Memory to read into.
    pub(super) spare: Spare,
    /// Heads that were understood.
    pub(super) heads: Heads,
}

impl Default for Common {
    fn default() -> Self {
        let heads = Heads::default();
        Self { spare: Spare::beside(heads.clone()), heads }
    }
}

impl Opener for H1Opener {
    fn open(&self, session: SessionId, server_name: Option<&str>, listener: Rc<dyn Listener>) -> Rc<dyn Session> {
        let mailbox = Rc::new(Mailbox::default());
        let life = Life {
            session,
            listener: Rc::clone(&listener),
            mailbox: Rc::clone(&mailbox),
            server_name: server_name.map(Box::from),
            means: Rc::clone(&self.0),
        };
        // A function of its own that took it would have it twice in its memory.
        let task = Box::pin(async move { life.live().await });
        tokio::task::spawn_local(Guarded { task: Some(task), session, listener });
        mailbox
    }
}

struct Life {
    session: SessionId,
    listener: Rc<dyn Listener>,
    mailbox: Rc<Mailbox>,
    server_name: Option<Box<str>>,
    means: Rc<Means>,
}

impl Life {
    async fn live(&self) {
        let began = Instant::now();
        let (transport, steps) = match self.connect().await {
            None => return,
            Some(Err(error)) => return self.report(Report::OpenFailed { error }),
            Some(Ok(Connected { transport, local, remote, steps })) => {
                self.report(Report::Opened { local, remote });
                (transport, steps)
            }
        };
        let outcome = Driving(Some(self.driver(transport, Opening { began, steps }))).await;
        match *outcome {
            Outcome::Closed { error, returned, octets } => {
                self.report(Report::Closed { error, returned, octets });
            }
            Outcome::Upgraded { head, timings, tunnel } => self.tunnel(head, timings, tunnel).await,
        }
    }

    fn driver(&self, transport: Box<dyn Transport>, opening: Opening) -> Driver {
        Driver::new(
            self.session,
            Rc::clone(&self.listener),
            Rc::clone(&self.mailbox),
            transport,
            opening,
            self.means.config.clone(),
            self.means.common.clone(),
        )
    }

    /// `None`: nobody wants it any more.
    async fn connect(&self) -> Option<Result<Connected, Error>> {
        let attempted = Attempted::default();
        let mut connecting = self.means.connector.connect(self.server_name.as_deref(), attempted.clone());
        let mut timeout = pin!(self.means.timeout.map(tokio::time::sleep));
        poll_fn(|context| {
            self.mailbox.wake_up(context);
            let outcome = if let Some(Work::Close { .. }) = self.mailbox.take() {
                Poll::Ready(None)
            } else if let Poll::Ready(outcome) = connecting.as_mut().poll(context) {
                Poll::Ready(Some(outcome))
            } else if let Some(sleep) = timeout.as_mut().as_pin_mut() {
                sleep.poll(context).map(|()| Some(Err(Error::ConnectTimeout(attempted.addresses()))))
            } else {
                Poll::Pending
            };
            self.mailbox.fall_asleep();
            outcome
        })
        .await
    }

    async fn tunnel(&self, head: ResponseHead, timings: Timings, remains: Box<Remains>) {
        let exchange = remains.exchange;
        self.report(Report::Upgraded { exchange, head, timings, octets: remains.wire.octets });
        let mut tunnel = Tunnel::new(self.session, Rc::clone(&self.listener), Rc::clone(&self.mailbox), *remains);
        let ended = poll_fn(|context| tunnel.poll(context)).await;
        let octets = tunnel.octets();
        drop(tunnel);
        if let Ended::Told(error) = ended {
            self.report(Report::TunnelClosed { exchange, error, octets });
        }
    }

    fn report(&self, report: Report) {
        self.listener.report(self.session, report);
    }
}

/// A driver until it stops. As a future without more about it, with an outcome of a word, it takes the least of a task's
/// memory, and the place that a tunnel has after it.
struct Driving(Option<Driver>);

impl Future for Driving {
    type Output = Box<Outcome>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Box<Outcome>> {
        let Some(driver) = &mut self.0 else {
            return Poll::Pending;
        };
        let stopped = ready!(driver.poll(context));
        self.0.take().map_or(Poll::Pending, |driver| Poll::Ready(Box::new(driver.into_outcome(stopped))))
    }
}

/// Catches what a session's task throws, so that it fails its own exchanges and nothing else.
struct Guarded<F> {
    task: Option<Pin<Box<F>>>,
    session: SessionId,
    listener: Rc<dyn Listener>,
}

impl<F: Future<Output = ()>> Future for Guarded<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(task) = &mut self.task else {
            return Poll::Ready(());
        };
        let thrown: Box<dyn Any + Send> = match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(context))) {
            Ok(polled) => {
                ready!(polled);
                self.task = None;
                return Poll::Ready(());
            }
            Err(thrown) => thrown,
        };
        // The process's panic hook has said what it was.
        drop(thrown);
        self.task = None;
        self.listener.report(self.session, Report::Broken);
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::{self, IoSlice};

    use bytes::BufMut;
    use tokio::runtime::{Builder, LocalOptions};

    use super::*;
    use crate::message::DispatcherId;
    use crate::net::{Connecting, Peek, Steps, Transport};
    use crate::proto::h1::KeepAlive;

    /// A transport that is broken in a way that its author did not think of.
    struct Faulty;

    impl Transport for Faulty {
        fn poll_read(&mut self, _: &mut Context<'_>, _: &mut dyn BufMut) -> Poll<io::Result<usize>> {
            panic!("a fault in the transport")
        }

        fn poll_write(&mut self, _: &mut Context<'_>, _: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn peek(&mut self) -> Peek {
            Peek::Silent
        }
    }

    struct FaultyConnector;

    impl Connect for FaultyConnector {
        fn connect(&self, _: Option<&str>, _: Attempted) -> Connecting {
            let transport = Box::new(Faulty);
            Box::pin(async { Ok(Connected { transport, local: None, remote: None, steps: Steps::default() }) })
        }
    }

    #[derive(Default)]
    struct Heard(RefCell<Vec<String>>);

    impl Listener for Heard {
        fn report(&self, _: SessionId, report: Report) {
            self.0.borrow_mut().push(format!("{report:?}"));
        }
    }

    /// Thousands of connections may idle at a time.
    #[test]
    fn the_memory_of_a_sessions_task_is_that_of_its_driver_and_little_more() {
        let config = Config { max_header_size: 16_384, max_response_size: None, keep_alive: KeepAlive::default() };
        let H1Opener(means) = H1Opener::new(Rc::new(FaultyConnector), None, config, Common::default());
        let session = SessionId { dispatcher: DispatcherId { slot: 0, generation: 0 }, slot: 0, generation: 1 };
        let listener = Rc::new(Heard::default());
        let life = Life { session, listener, mailbox: Rc::default(), server_name: None, means };
        assert!(size_of_val(&life.live()) <= size_of::<Driver>() + 64);
    }

    #[test]
    fn a_panic_ends_its_session_and_leaves_the_runtime_alone() {
        let runtime = Builder::new_current_thread().enable_time().build_local(LocalOptions::default()).unwrap();
        let config = Config { max_header_size: 16_384, max_response_size: None, keep_alive: KeepAlive::default() };
        let opener = H1Opener::new(Rc::new(FaultyConnector), None, config, Common::default());
        let dispatcher = DispatcherId { slot: 0, generation: 0 };
        let session = SessionId { dispatcher, slot: 0, generation: 1 };
        let heard = Rc::new(Heard::default());
        runtime.block_on(async {
            let _session = opener.open(session, None, Rc::clone(&heard) as Rc<dyn Listener>);
            // The session's task is queued before this one.
            tokio::task::yield_now().await;
        });
        assert_eq!(*heard.0.borrow(), ["Opened { local: None, remote: None }", "Broken"]);
    }
}
