//! The engine's thread: it takes commands from a [`Port`], lets the sessions run, and gives events to the
//! port, which is flushed once a turn.
//!
//! A turn begins when the doorbell, the first event or the first pool that is due wakes [`Turn`]. It is
//! queued behind the tasks that are ready already, so that what they have to say is flushed together. Requests
//! are given out behind the commands, and behind a look at the system: an abort that has come is heard first, and so is
//! the end of a connection.

mod lookout;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, LocalOptions};

use crate::command::{Command, DispatcherOptions};
use crate::conn::{Alarm, Common, H1Opener, Work};
use crate::event::Event;
use crate::message::{DispatcherId, ExchangeId};
use crate::net::{
    Connect, Endpoint, FallbackConnector, Lender, LentConnector, LentSockets, ProxyConnector, Resolver, SocketId,
    SystemConnector, Wish,
};
use crate::pool::{Options, Pools, Sink};
use crate::proto::h1::{Config, KeepAlive};
use crate::slab::Slab;
use lookout::Lookout;

/// How many commands are taken before the sessions get their turn.
const COMMANDS_AT_ONCE: usize = 512;

/// How many names can be looked up at the same time. A slow name server must not hold up the others:
/// four, as libuv has it, is too few for that.
const RESOLVER_THREADS: usize = 16;

/// The engine's side of the way to its caller: over shared memory, or in tests over queues.
pub trait Port {
    /// The next command, if there is one.
    fn next_command(&mut self) -> Option<Command>;

    /// The engine is about to wait and asks to be rung. False if there are commands already.
    fn sleep(&mut self) -> bool;

    /// Takes an event. It must not wait; what it must hold is bounded, because every exchange has a
    /// window.
    fn event(&mut self, event: Event);

    /// The turn is over: events become visible, and the caller is woken at most once.
    fn flush(&mut self);

    /// Memory for a piece of a large content, of which no more than `most` octets may come, where the caller offers some. It comes back with the event that tells of
    /// the piece, or is dropped.
    fn slab(&mut self, _most: usize) -> Option<Box<dyn Slab>> {
        None
    }
}

/// Wakes the engine from any thread.
#[derive(Clone, Debug, Default)]
pub struct Doorbell(Arc<OnceLock<Waker>>);

impl Doorbell {
    /// A doorbell for one engine.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the engine look for commands.
    pub fn ring(&self) {
        // Pairs with the fence in `Turn::poll`: either this sees the waker, or the engine, which looks
        // for commands after it has left its waker here, sees the command.
        fence(Ordering::SeqCst);
        if let Some(waker) = self.0.get() {
            waker.wake_by_ref();
        }
    }
}

/// Runs an engine on this thread until [`Command::Shutdown`].
///
/// # Errors
///
/// When the operating system grants no event queue, or when the port panicked.
pub fn run(port: impl Port + 'static, doorbell: Doorbell) -> io::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(RESOLVER_THREADS)
        .thread_name("dodici-resolver")
        .build_local(LocalOptions::default())?;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let outlet = Rc::new(Outlet::new(port));
        let pools = Pools::new(Rc::clone(&outlet) as Rc<dyn Sink>);
        runtime.block_on(runtime.spawn_local(Turn::new(outlet, pools, doorbell)))
    }));
    // A resolver that hangs must not be waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(io::Error::other("the engine panicked")),
    }
}

/// Takes events to the port, and sees to it that they are flushed.
struct Outlet<P> {
    port: RefCell<P>,
    /// Events that go out with the next turn.
    deferred: RefCell<Vec<Event>>,
    is_unflushed: Cell<bool>,
    turn: RefCell<Option<Waker>>,
}

impl<P: Port> Outlet<P> {
    fn new(port: P) -> Self {
        Self {
            port: RefCell::new(port),
            deferred: RefCell::default(),
            is_unflushed: Cell::new(false),
            turn: RefCell::default(),
        }
    }

    /// Takes an event that is to stand behind all that the task which runs now says.
    fn defer(&self, event: Event) {
        self.deferred.borrow_mut().push(event);
        self.has_news();
    }

    /// There is something to flush.
    fn has_news(&self) {
        if !self.is_unflushed.replace(true) {
            self.wake_turn();
        }
    }

    fn flush(&self) {
        for event in self.deferred.take() {
            self.port.borrow_mut().event(event);
        }
        if self.is_unflushed.replace(false) {
            self.port.borrow_mut().flush();
        }
    }
}

impl<P> Outlet<P> {
    fn wake_turn(&self) {
        if let Some(turn) = &*self.turn.borrow() {
            turn.wake_by_ref();
        }
    }
}

impl<P: Port> Sink for Outlet<P> {
    fn emit(&self, event: Event) {
        self.port.borrow_mut().event(event);
        self.has_news();
    }

    fn fill_soon(&self) {
        self.wake_turn();
    }

    fn slab(&self, most: usize) -> Option<Box<dyn Slab>> {
        self.port.borrow_mut().slab(most)
    }
}

/// The task that takes commands and ends turns.
struct Turn<P> {
    outlet: Rc<Outlet<P>>,
    pools: Rc<Pools>,
    /// The sockets that the caller lends.
    sockets: Rc<LentSockets>,
    resolver: Rc<Resolver>,
    /// What the sessions have in common.
    common: Common,
    doorbell: Doorbell,
    /// From the first poll on.
    lookout: Option<Lookout>,
    /// Rings for the exchanges whose time is over.
    alarm: Alarm,
}

impl<P: Port + 'static> Future for Turn<P> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // A task has one waker for all its life.
        self.doorbell.0.get_or_init(|| context.waker().clone());
        self.outlet.turn.borrow_mut().get_or_insert_with(|| context.waker().clone());
        fence(Ordering::SeqCst);

        self.outlet.flush();
        let mut taken = 0;
        let mut clock = Clock::default();
        while taken < COMMANDS_AT_ONCE {
            let command = self.outlet.port.borrow_mut().next_command();
            match command {
                Some(Command::Shutdown) => return Poll::Ready(()),
                Some(command) => self.route_safely(command, &mut clock),
                None => break,
            }
            taken += 1;
        }
        if self.mind_deadlines(context) {
            // What that has to say is flushed first.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.pools.is_any_due() {
            if self.lookout.get_or_insert_with(|| Lookout::new(context.waker().clone())).look() {
                self.pools.fill_due();
            } else if taken == 0 {
                return Poll::Pending;
            }
        }
        if taken > 0 {
            // The sessions that were given work run first.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.outlet.port.borrow_mut().sleep() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// The time of a turn: read when the first request needs it, and the same for all.
#[derive(Default)]
struct Clock(Option<Instant>);

impl Clock {
    /// So long ago, as far as the clock goes back.
    fn before(&mut self, time: Duration) -> Instant {
        let now = *self.0.get_or_insert_with(Instant::now);
        now.checked_sub(time).unwrap_or(now)
    }
}

impl<P: Port + 'static> Turn<P> {
    fn new(outlet: Rc<Outlet<P>>, pools: Rc<Pools>, doorbell: Doorbell) -> Self {
        Self {
            outlet,
            pools,
            sockets: Rc::default(),
            resolver: Rc::default(),
            common: Common::default(),
            doorbell,
            lookout: None,
            alarm: Alarm::default(),
        }
    }

    /// Ends the exchanges whose time is over, and sees to it that the turn comes when the next one's is. Whether there was
    /// one.
    fn mind_deadlines(&mut self, context: &mut Context<'_>) -> bool {
        let mut is_any = false;
        while let Some(deadline) = self.pools.deadline() {
            if self.alarm.poll(context, deadline).is_pending() {
                break;
            }
            is_any |= self.pools.expire(Instant::now());
        }
        is_any
    }

    /// A panic fails the exchange that the command is about, and no other.
    fn route_safely(&self, command: Command, clock: &mut Clock) {
        let exchange = exchange_of(&command);
        if catch_unwind(AssertUnwindSafe(|| self.route(command, clock))).is_err()
            && let Some(exchange) = exchange
        {
            self.pools.fail(exchange);
        }
    }

    fn route(&self, command: Command, clock: &mut Clock) {
        let pools = &self.pools;
        match command {
            Command::Open { dispatcher, options } => {
                let (sharing, opener) = self.prepare(dispatcher, *options);
                pools.open(dispatcher, sharing, Box::new(opener));
            }
            Command::Dispatch { dispatcher, exchange, request, started, waited } => {
                pools.dispatch(dispatcher, exchange, request, started, clock.before(waited));
            }
            Command::Start { exchange } => pools.start(exchange),
            Command::Abort { exchange } => pools.abort(exchange),
            Command::Release { exchange, octets } => {
                pools.forward(exchange, Work::Release { exchange, octets });
            }
            Command::Pause { exchange } => pools.forward(exchange, Work::Pause { exchange }),
            Command::Resume { exchange } => pools.forward(exchange, Work::Resume { exchange }),
            Command::Chunk { exchange, bytes } => {
                pools.forward(exchange, Work::Chunk { exchange, bytes });
            }
            Command::Finish { exchange } => pools.forward(exchange, Work::Finish { exchange }),
            Command::Pipelining { dispatcher, value } => pools.set_pipelining(dispatcher, value),
            Command::Destroy { dispatcher } => pools.destroy(dispatcher),
            Command::Lent { socket, news } => self.sockets.hear(socket, news),
            // The turn has ended with it.
            Command::Shutdown => {}
        }
    }

    /// Sorts a dispatcher's options by whom they concern.
    fn prepare(&self, dispatcher: DispatcherId, options: DispatcherOptions) -> (Options, H1Opener) {
        let sharing = Options {
            connections: options.connections,
            pipelining: options.pipelining,
            max_requests: options.max_requests,
            share: options.share,
            announce_connecting: options.announce_connecting,
        };
        let lender = Rc::new(Borrowing { dispatcher, outlet: Rc::clone(&self.outlet) });
        let lent = LentConnector::new(Rc::clone(&self.sockets), lender);
        let is_secure = options.security.is_some();
        let endpoint = Endpoint {
            origin: options.origin,
            socket_path: options.socket_path,
            local_address: options.local_address,
            attempt_timeout: options.attempt_timeout,
            tcp_keep_alive: options.tcp_keep_alive,
            no_delay: options.no_delay,
            type_of_service: options.type_of_service,
            security: options.security,
        };
        let resolver = Rc::clone(&self.resolver);
        let (connector, timeout): (Rc<dyn Connect>, _) = match options.tunnel {
            _ if options.lends_sockets => (Rc::new(lent), options.connect_timeout),
            Some(tunnel) => {
                let is_secure = is_secure || tunnel.security.is_some();
                // Each part of the way has its own time.
                (with_fallback(ProxyConnector::new(endpoint, resolver, tunnel), is_secure, lent), None)
            }
            None => (with_fallback(SystemConnector::new(endpoint, resolver), is_secure, lent), options.connect_timeout),
        };
        let config = Config {
            max_header_size: options.max_header_size,
            max_response_size: options.max_response_size,
            keep_alive: KeepAlive {
                timeout: options.keep_alive_timeout,
                max_timeout: options.keep_alive_max_timeout,
                threshold: options.keep_alive_timeout_threshold,
            },
        };
        (sharing, H1Opener::new(connector, timeout, config, self.common.clone()))
    }
}

/// Where there is TLS, the caller's may be able to do what ours cannot.
fn with_fallback(connector: impl Connect + 'static, is_secure: bool, lent: LentConnector) -> Rc<dyn Connect> {
    if is_secure { Rc::new(FallbackConnector::new(connector, lent)) } else { Rc::new(connector) }
}

/// The way to the caller's sockets, for one dispatcher.
struct Borrowing<P> {
    dispatcher: DispatcherId,
    outlet: Rc<Outlet<P>>,
}

impl<P: Port> Lender for Borrowing<P> {
    fn wish(&self, socket: SocketId, wish: Wish) {
        let event = Event::Lent { dispatcher: self.dispatcher, socket, wish };
        match event {
            // Behind what the session's task has still to say of errors, which the caller knows as long as it has
            // the socket.
            Event::Lent { wish: Wish::Drop, .. } => self.outlet.defer(event),
            event => self.outlet.emit(event),
        }
    }
}

fn exchange_of(command: &Command) -> Option<ExchangeId> {
    match command {
        Command::Dispatch { exchange, .. }
        | Command::Start { exchange }
        | Command::Abort { exchange }
        | Command::Release { exchange, .. }
        | Command::Pause { exchange }
        | Command::Resume { exchange }
        | Command::Chunk { exchange, .. }
        | Command::Finish { exchange } => Some(*exchange),
        Command::Open { .. }
        | Command::Pipelining { .. }
        | Command::Destroy { .. }
        | Command::Lent { .. }
        | Command::Shutdown => None,
    }
}
