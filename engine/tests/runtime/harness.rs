//! The two sides of a test: an engine whose events are read as sentences, and a server whose every octet
//! is in the test's hands.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use dodici_engine::command::{Command, DispatcherOptions};
use dodici_engine::engine::{Doorbell, Port, run};
use dodici_engine::event::Event;
use dodici_engine::message::{DispatcherId, ExchangeId, Method, Request, RequestBody, RequestHead, ResponseHead};
use dodici_engine::origin::Origin;
use dodici_engine::slab::Slab;

/// How long anything may take before a test is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine on a thread of its own.
pub(crate) struct Engine {
    commands: Sender<Command>,
    events: Receiver<Event>,
    /// Events that were looked at too early.
    ahead: VecDeque<Event>,
    doorbell: Doorbell,
    thread: Option<JoinHandle<std::io::Result<()>>>,
    dispatchers: u32,
    barriers: u32,
}

/// A port over queues.
struct Queues {
    commands: Receiver<Command>,
    /// Commands that come before those of `commands`.
    first: VecDeque<Command>,
    events: Sender<Event>,
    unflushed: Vec<Event>,
    retort: Retort,
    slabs: Slabs,
}

/// The memory of slabs that are offered.
pub(crate) type Slabs = Arc<Mutex<Vec<Vec<u8>>>>;

/// One that is not.
#[derive(Debug)]
struct TakenSlab {
    memory: Vec<u8>,
    slabs: Slabs,
}

impl Slab for TakenSlab {
    fn give(mut self: Box<Self>) -> u32 {
        self.memory = Vec::new();
        0
    }
}

impl AsRef<[u8]> for TakenSlab {
    fn as_ref(&self) -> &[u8] {
        &self.memory
    }
}

impl AsMut<[u8]> for TakenSlab {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.memory
    }
}

impl Drop for TakenSlab {
    fn drop(&mut self) {
        if !self.memory.is_empty() {
            self.slabs.lock().unwrap().push(std::mem::take(&mut self.memory));
        }
    }
}

/// What the caller had to say at the moment of an event, before it could hear of it.
type Retort = fn(&Event) -> Option<Command>;

impl Port for Queues {
    fn next_command(&mut self) -> Option<Command> {
        self.first.pop_front().or_else(|| self.commands.try_recv().ok())
    }

    fn sleep(&mut self) -> bool {
        assert!(self.unflushed.is_empty(), "the engine sleeps on events that it has not flushed");
        self.first.extend(self.commands.try_recv());
        self.first.is_empty()
    }

    fn event(&mut self, event: Event) {
        self.first.extend((self.retort)(&event));
        self.unflushed.push(event);
    }

    fn slab(&mut self, _: usize) -> Option<Box<dyn Slab>> {
        let memory = self.slabs.lock().unwrap().pop()?;
        Some(Box::new(TakenSlab { memory, slabs: Arc::clone(&self.slabs) }))
    }

    fn flush(&mut self) {
        for event in self.unflushed.drain(..) {
            // The test may be over already.
            let _ = self.events.send(event);
        }
    }
}

impl Engine {
    pub(crate) fn start() -> Self {
        Self::start_with_retort(|_| None)
    }

    pub(crate) fn start_with_retort(retort: Retort) -> Self {
        Self::start_with(retort, Slabs::default())
    }

    /// The engine may read into these.
    pub(crate) fn start_with_slabs(slabs: &Slabs) -> Self {
        Self::start_with(|_| None, Arc::clone(slabs))
    }

    fn start_with(retort: Retort, slabs: Slabs) -> Self {
        let (commands, engine_commands) = mpsc::channel();
        let (engine_events, events) = mpsc::channel();
        let doorbell = Doorbell::new();
        let bell = doorbell.clone();
        let thread = std::thread::spawn(move || {
            let (first, unflushed) = (VecDeque::new(), Vec::new());
            run(Queues { commands: engine_commands, first, events: engine_events, unflushed, retort, slabs }, bell)
        });
        Self { commands, events, ahead: VecDeque::new(), doorbell, thread: Some(thread), dispatchers: 0, barriers: 0 }
    }

    /// A dispatcher with one connection to `server`.
    pub(crate) fn client(&mut self, server: &Server) -> DispatcherId {
        self.dispatcher(options(server))
    }

    pub(crate) fn dispatcher(&mut self, options: DispatcherOptions) -> DispatcherId {
        self.dispatchers += 1;
        let dispatcher = DispatcherId { slot: self.dispatchers, generation: 1 };
        self.command(Command::Open { dispatcher, options: Box::new(options) });
        dispatcher
    }

    pub(crate) fn command(&self, command: Command) {
        self.commands.send(command).expect("the engine has gone");
        self.doorbell.ring();
    }

    /// Several commands that the engine sees at once.
    pub(crate) fn commands(&self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            self.commands.send(command).expect("the engine has gone");
        }
        self.doorbell.ring();
    }

    /// Dispatches a request that has started.
    pub(crate) fn send(&self, dispatcher: DispatcherId, number: u32, request: Request) {
        self.command(dispatch(dispatcher, number, request));
    }

    pub(crate) fn chunk(&self, number: u32, bytes: impl Into<Bytes>) {
        self.command(Command::Chunk { exchange: exchange(number), bytes: bytes.into() });
    }

    pub(crate) fn finish(&self, number: u32) {
        self.command(Command::Finish { exchange: exchange(number) });
    }

    pub(crate) fn release(&self, number: u32, octets: u32) {
        self.command(Command::Release { exchange: exchange(number), octets });
    }

    pub(crate) fn abort(&self, number: u32) {
        self.command(Command::Abort { exchange: exchange(number) });
    }

    /// The next event.
    pub(crate) fn next(&mut self) -> Event {
        self.ahead.pop_front().unwrap_or_else(|| self.events.recv_timeout(PATIENCE).expect("the engine says nothing"))
    }

    /// The next events are these; `data` may come in any number of pieces.
    #[track_caller]
    pub(crate) fn tells(&mut self, expected: &[&str]) {
        for &line in expected {
            let mut told = sentence(&self.next());
            while line.contains(" data ") && told.len() < line.len() && line.starts_with(&told) {
                let next = self.next();
                let Event::Data { bytes, .. } = &next else {
                    self.ahead.push_front(next);
                    break;
                };
                told.push_str(&String::from_utf8_lossy(bytes));
            }
            assert_eq!(told, line);
        }
    }

    /// So many octets of the body come, and their number alone matters.
    #[track_caller]
    pub(crate) fn tells_octets(&mut self, number: u32, octets: usize) {
        let mut told = 0;
        while told < octets {
            match self.next() {
                Event::Data { exchange: of, bytes } if of == exchange(number) => told += bytes.len(),
                other => panic!("{told} of {octets} octets, then {}", sentence(&other)),
            }
        }
        assert_eq!(told, octets);
    }

    /// What was told until now and not looked at.
    pub(crate) fn drain(&mut self) -> Vec<Event> {
        self.ahead.drain(..).collect()
    }

    /// The engine has done all that it was asked and all that its sockets had for it, and said nothing.
    #[track_caller]
    pub(crate) fn is_silent(&mut self) {
        self.settles();
        let told: Vec<String> = self.ahead.iter().map(sentence).collect();
        assert_eq!(told, Vec::<String>::new());
    }

    /// Waits until the engine has done what it was asked.
    pub(crate) fn settles(&mut self) {
        self.barriers += 1;
        let dispatcher = DispatcherId { slot: 0, generation: self.barriers };
        let options = Box::new(options_for("192.0.2.1", 1));
        self.command(Command::Open { dispatcher, options });
        self.command(Command::Destroy { dispatcher });
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect("the engine does not settle");
            match event {
                Event::Destroyed { dispatcher: destroyed } if destroyed == dispatcher => return,
                event => self.ahead.push_back(event),
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Shutdown);
        self.doorbell.ring();
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(Ok(())))), "the engine did not end well: {ended:?}");
        }
    }
}

/// A listening socket.
pub(crate) struct Server {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// The server's end of a connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    pub(crate) fn accepts(&self) -> Peer {
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Peer { stream }
    }

    /// Nobody waits to be accepted.
    #[track_caller]
    pub(crate) fn is_unvisited(&self) {
        self.listener.set_nonblocking(true).unwrap();
        let accepted = self.listener.accept();
        self.listener.set_nonblocking(false).unwrap();
        assert_eq!(accepted.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

impl Peer {
    /// Exactly this comes.
    #[track_caller]
    pub(crate) fn reads(&mut self, expected: &str) {
        let mut told = vec![0; expected.len()];
        let mut filled = 0;
        while filled < told.len() {
            let read = self.stream.read(&mut told[filled..]).expect("the engine writes nothing");
            assert_ne!(read, 0, "closed after {:?}", String::from_utf8_lossy(&told[..filled]));
            filled += read;
        }
        assert_eq!(String::from_utf8_lossy(&told), expected);
    }

    pub(crate) fn reads_octets(&mut self, octets: usize) {
        let mut buffer = vec![0; octets];
        self.stream.read_exact(&mut buffer).unwrap();
    }

    pub(crate) fn writes(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// The engine's end is closed and nothing more comes.
    #[track_caller]
    pub(crate) fn is_closed(&mut self) {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => assert_eq!(String::from_utf8_lossy(&rest), ""),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }

    /// Nothing has come.
    #[track_caller]
    pub(crate) fn is_silent(&mut self) {
        self.stream.set_nonblocking(true).unwrap();
        let mut buffer = [0; 100];
        let read = self.stream.read(&mut buffer);
        self.stream.set_nonblocking(false).unwrap();
        let told = read.map(|read| String::from_utf8_lossy(&buffer[..read]).into_owned());
        assert_eq!(told.unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    pub(crate) fn finishes(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Closes with RST.
    pub(crate) fn resets(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

pub(crate) fn exchange(number: u32) -> ExchangeId {
    ExchangeId { slot: number, generation: 1 }
}

pub(crate) fn dispatch(dispatcher: DispatcherId, number: u32, request: Request) -> Command {
    let request = Box::new(request);
    Command::Dispatch { dispatcher, exchange: exchange(number), request, started: true, waited: Duration::ZERO }
}

/// A dispatcher with one connection to `server`, with undici's defaults.
pub(crate) fn options(server: &Server) -> DispatcherOptions {
    options_for("127.0.0.1", server.address.port())
}

pub(crate) fn options_for(host: &str, port: u16) -> DispatcherOptions {
    DispatcherOptions {
        origin: Origin { host: host.to_owned(), port },
        socket_path: None,
        local_address: None,
        connections: 1,
        pipelining: 1,
        connect_timeout: Some(Duration::from_secs(10)),
        keep_alive_timeout: Duration::from_secs(4),
        keep_alive_max_timeout: Duration::from_secs(600),
        keep_alive_timeout_threshold: 2000,
        max_header_size: 16_384,
        max_response_size: None,
        max_requests: None,
        tcp_keep_alive: Some(Duration::from_secs(60)),
        attempt_timeout: Some(Duration::from_millis(250)),
        no_delay: true,
        type_of_service: None,
        security: None,
        tunnel: None,
        lends_sockets: false,
        share: None,
        announce_connecting: false,
    }
}

pub(crate) fn get(path: &str) -> Request {
    let request = request("GET", path);
    Request { idempotent: true, ..request }
}

/// A POST with its body at once.
pub(crate) fn post(path: &str, body: &'static str) -> Request {
    let mut request = request("POST", path);
    let mut head = request.head.bytes.to_vec();
    head.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    request.head.bytes = head.into();
    Request { body: RequestBody::Whole(Bytes::from_static(body.as_bytes())), ..request }
}

/// A POST whose body comes in pieces.
pub(crate) fn upload(path: &str, declared: Option<u64>) -> Request {
    Request { body: RequestBody::Stream { declared, expects_content: true }, ..request("POST", path) }
}

pub(crate) fn request(method: &str, path: &str) -> Request {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: h\r\n");
    Request {
        method: match method {
            "HEAD" => Method::Head,
            "CONNECT" => Method::Connect,
            _ => Method::Other,
        },
        head: RequestHead { connection_at: Some(head.len()), bytes: head.into() },
        body: RequestBody::None,
        upgrade: false,
        idempotent: false,
        blocking: false,
        reset: None,
        unexpected_content: false,
        decoding: None,
        expect_continue: false,
        server_name: None,
        type_of_service: None,
        headers_timeout: None,
        body_timeout: None,
        timeout: None,
    }
}

/// A request to leave HTTP for another protocol.
pub(crate) fn upgrade(path: &str) -> Request {
    let mut request = get(path);
    let mut head = request.head.bytes.to_vec();
    head.extend_from_slice(b"connection: upgrade\r\nupgrade: echo\r\n");
    request.head = RequestHead { bytes: head.into(), connection_at: None };
    Request { upgrade: true, ..request }
}

/// An event in words: the number of its exchange, what happened, and the details that matter.
pub(crate) fn sentence(event: &Event) -> String {
    let mut line = String::new();
    let written = match event {
        Event::Connecting { .. } => write!(line, "connecting"),
        Event::Connected { .. } => write!(line, "connected"),
        Event::ConnectFailed { error, .. } => write!(line, "connect failed: {error:?}"),
        Event::Disconnected { error, .. } => write!(line, "disconnected: {error:?}"),
        Event::Destroyed { .. } => write!(line, "destroyed"),
        Event::Restart { exchange } => write!(line, "{} restart", exchange.slot),
        Event::Informational { exchange, head } => {
            write!(line, "{} informational {}", exchange.slot, head.status)
        }
        Event::Head { exchange, head: ResponseHead { status, is_decoded: true, .. }, .. } => {
            write!(line, "{} head {status}, decoded", exchange.slot)
        }
        Event::Head { exchange, head, .. } => write!(line, "{} head {}", exchange.slot, head.status),
        Event::ContentFault { exchange, error } => write!(line, "{} content fault: {error:?}", exchange.slot),
        Event::Landed { exchange, octets, .. } => write!(line, "{} landed {octets}", exchange.slot),
        Event::Data { exchange, bytes } => {
            write!(line, "{} data {}", exchange.slot, String::from_utf8_lossy(bytes))
        }
        Event::End { exchange, is_closing: true, .. } => write!(line, "{} end, closing", exchange.slot),
        Event::End { exchange, is_closing: false, .. } => write!(line, "{} end", exchange.slot),
        Event::Upgraded { exchange, head, .. } => {
            write!(line, "{} upgraded {}", exchange.slot, head.status)
        }
        Event::Capacity { exchange, octets } => {
            write!(line, "{} capacity {octets}", exchange.slot)
        }
        Event::Lent { socket, wish, .. } => write!(line, "socket {socket}: {wish:?}"),
        Event::Failed { exchange, error, is_closing, .. } => {
            write!(line, "{} failed{}: {error:?}", exchange.slot, if *is_closing { ", closing" } else { "" })
        }
        Event::Aborted { exchange, is_closing: true } => write!(line, "{} aborted, closing", exchange.slot),
        Event::Aborted { exchange, is_closing: false } => write!(line, "{} aborted", exchange.slot),
    };
    written.expect("a string takes everything");
    line
}
