//! What the benches of the engine drive, without sockets, tasks and clocks: a connection whose peer answers what it is
//! told to, and a pool whose sessions exist on paper. Nothing is measured here.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use dodici_engine::conn::{Common, H1Opener, Listener, Opener, Report, Session, SessionId, Work};
use dodici_engine::event::Event;
use dodici_engine::message::{DispatcherId, ExchangeId, Fields, Method, Request, RequestBody, RequestHead, Timings};
use dodici_engine::net::{Attempted, Connect, Connected, Connecting, Peek, Steps, Transport};
use dodici_engine::pool::{Options, Pools, Sink};
use dodici_engine::proto::h1::{Config, Connection, KeepAlive, Output, Received};

const GET: &[u8] = b"GET /small.json HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n";
const POST: &[u8] = b"POST /post HTTP/1.1\r\nhost: 127.0.0.1:8080\r\ncontent-length: 1024\r\n";
const HEAD: &str = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n\
    Connection: keep-alive\r\n";

/// A GET as the bridge makes it.
pub(crate) fn get() -> Request {
    request(GET, RequestBody::None)
}

/// A POST of 1 KiB.
pub(crate) fn post() -> Request {
    request(POST, RequestBody::Whole(Bytes::from_static(&[b'x'; 1024])))
}

fn request(head: &'static [u8], body: RequestBody) -> Request {
    Request {
        method: Method::Other,
        head: RequestHead { bytes: Bytes::from_static(head), connection_at: Some(head.len()) },
        idempotent: matches!(body, RequestBody::None),
        body,
        upgrade: false,
        blocking: false,
        reset: None,
        unexpected_content: false,
        decoding: None,
        expect_continue: false,
        server_name: None,
        type_of_service: None,
        headers_timeout: Some(Duration::from_secs(300)),
        body_timeout: Some(Duration::from_secs(300)),
        timeout: None,
    }
}

/// A 200 with so many octets of content and their number in its head.
pub(crate) fn answer(octets: usize) -> Vec<u8> {
    let mut answer = format!("{HEAD}Content-Length: {octets}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + octets, b'x');
    answer
}

/// The same with so many fields more.
pub(crate) fn answer_with_fields(octets: usize, fields: usize) -> Vec<u8> {
    let more: String = (0..fields).map(|number| format!("X-Field-{number}: some value of a field\r\n")).collect();
    let mut answer = format!("{HEAD}{more}Content-Length: {octets}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + octets, b'x');
    answer
}

/// Such answers with heads that differ: in turn, each is one that was not understood before, or long ago.
pub(crate) fn answers_with_fields(octets: usize, fields: usize) -> Vec<Vec<u8>> {
    let answer = String::from_utf8(answer_with_fields(octets, fields)).expect("ASCII");
    (0..1024).map(|number| answer.replacen("nginx", &format!("{number:05}"), 1).into_bytes()).collect()
}

/// A 200 with so many chunks of so many octets.
pub(crate) fn answer_in_chunks(count: usize, octets: usize) -> Vec<u8> {
    let mut answer = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..count {
        answer.extend_from_slice(format!("{octets:x}\r\n").as_bytes());
        answer.resize(answer.len() + octets, b'x');
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

/// One connection, and what goes over it.
pub(crate) struct Wire {
    connection: Connection,
    output: Output,
    input: BytesMut,
    now: Instant,
    sent: u32,
}

fn config() -> Config {
    let time = Duration::from_secs(600);
    Config {
        max_header_size: 16 * 1024,
        max_response_size: None,
        keep_alive: KeepAlive { timeout: time, max_timeout: time, threshold: 0 },
    }
}

impl Wire {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let connection = Connection::new(config(), now);
        Self { connection, output: Output::new(), input: BytesMut::with_capacity(64 * 1024), now, sent: 0 }
    }

    /// Sends a request, all of which is taken at once: how many octets it was.
    pub(crate) fn send(&mut self, request: &Request) -> usize {
        let exchange = ExchangeId { slot: 0, generation: self.sent };
        self.sent = self.sent.wrapping_add(1);
        self.connection.send(exchange, request, false, self.now, &mut self.output);
        let octets = self.output.len();
        self.output.advance(octets);
        self.connection.written(false, self.now);
        octets
    }

    /// Sends a request and takes its answer, copied into the buffer as a socket would: how much content it had.
    pub(crate) fn exchange(&mut self, request: &Request, answer: &[u8]) -> usize {
        self.send(request);
        self.input.extend_from_slice(answer);
        let mut octets = 0;
        loop {
            match self.connection.receive(&mut self.input, usize::MAX, self.now) {
                Ok(Some(Received::Data(piece))) => octets += piece.len(),
                Ok(Some(Received::End { reuse, .. })) => {
                    assert!(reuse, "the connection goes on");
                    return octets;
                }
                Ok(Some(_)) => {}
                other => panic!("the answer is whole: {other:?}"),
            }
        }
    }
}

/// A pool whose sessions are real, each on the task that drives it, over transports that answer by themselves.
pub(crate) struct Sessions {
    pools: Rc<Pools>,
    ended: Rc<Cell<u32>>,
    generation: u32,
    now: Instant,
}

struct PaperConnector(Bytes);

/// Answers each write with the same answer, which is news for the next turn as it is from a socket.
struct PaperTransport {
    answer: Bytes,
    progress: Progress,
}

enum Progress {
    Silent,
    Written,
    Answered,
}

/// Counts the exchanges that have ended.
struct Counting(Rc<Cell<u32>>);

impl Connect for PaperConnector {
    fn connect(&self, _server_name: Option<&str>, _attempted: Attempted) -> Connecting {
        let transport = Box::new(PaperTransport { answer: self.0.clone(), progress: Progress::Silent });
        Box::pin(async { Ok(Connected { transport, local: None, remote: None, steps: Steps::default() }) })
    }
}

impl Transport for PaperTransport {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut dyn BufMut) -> Poll<io::Result<usize>> {
        ready!(self.poll_readable(context));
        self.progress = Progress::Silent;
        buffer.put_slice(&self.answer);
        Poll::Ready(Ok(self.answer.len()))
    }

    fn poll_readable(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.progress {
            Progress::Silent => Poll::Pending,
            Progress::Written => {
                self.progress = Progress::Answered;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Progress::Answered => Poll::Ready(()),
        }
    }

    fn poll_write(&mut self, _context: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.progress = Progress::Written;
        Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
    }

    fn poll_flush(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn peek(&mut self) -> Peek {
        Peek::Silent
    }
}

impl Sink for Counting {
    fn emit(&self, event: Event) {
        if let Event::End { .. } = event {
            self.0.set(self.0.get() + 1);
        }
    }

    fn fill_soon(&self) {}
}

impl Sessions {
    /// To be used on a local runtime.
    pub(crate) fn new(connections: u32, answer: &[u8]) -> Self {
        let ended = Rc::default();
        let pools = Pools::new(Rc::new(Counting(Rc::clone(&ended))));
        let options =
            Options { connections, pipelining: 1, max_requests: None, share: None, announce_connecting: false };
        let connector = Rc::new(PaperConnector(Bytes::copy_from_slice(answer)));
        let opener = H1Opener::new(connector, None, config(), Common::default());
        pools.open(DISPATCHER, options, Box::new(opener));
        Self { pools, ended, generation: 0, now: Instant::now() }
    }

    /// So many requests at once: waits until all of them are answered.
    pub(crate) async fn turn(&mut self, requests: u32) {
        self.generation = self.generation.wrapping_add(1);
        self.ended.set(0);
        for slot in 0..requests {
            let exchange = ExchangeId { slot, generation: self.generation };
            self.pools.dispatch(DISPATCHER, exchange, Box::new(get()), true, self.now);
        }
        while self.ended.get() < requests {
            tokio::task::yield_now().await;
            self.pools.fill_due();
        }
    }
}

const DISPATCHER: DispatcherId = DispatcherId { slot: 0, generation: 0 };

/// What the sessions of a pool were given, and not answered yet.
type Given = Rc<RefCell<Vec<(SessionId, ExchangeId)>>>;

/// A pool with all its sessions open.
pub(crate) struct PaperPool {
    pools: Rc<Pools>,
    given: Given,
    generation: u32,
    now: Instant,
}

struct PaperSession {
    id: SessionId,
    given: Given,
}

impl Session for PaperSession {
    fn submit(&self, work: Work) {
        if let Work::Request { exchange, .. } = work {
            self.given.borrow_mut().push((self.id, exchange));
        }
    }
}

/// Opens sessions, and remembers which.
struct PaperOpener {
    given: Given,
    opened: Rc<RefCell<Vec<SessionId>>>,
}

impl Opener for PaperOpener {
    fn open(&self, session: SessionId, _server_name: Option<&str>, _listener: Rc<dyn Listener>) -> Rc<dyn Session> {
        self.opened.borrow_mut().push(session);
        Rc::new(PaperSession { id: session, given: Rc::clone(&self.given) })
    }
}

/// Hears nothing.
struct Deaf;

impl Sink for Deaf {
    fn emit(&self, _event: Event) {}

    fn fill_soon(&self) {}
}

impl PaperPool {
    pub(crate) fn new(connections: u32, pipelining: u32) -> Self {
        let (given, opened) = (Given::default(), Rc::<RefCell<Vec<SessionId>>>::default());
        let pools = Pools::new(Rc::new(Deaf));
        let options = Options { connections, pipelining, max_requests: None, share: None, announce_connecting: false };
        let opener = PaperOpener { given: Rc::clone(&given), opened: Rc::clone(&opened) };
        pools.open(DISPATCHER, options, Box::new(opener));
        let mut pool = Self { pools, given, generation: 0, now: Instant::now() };
        pool.dispatch(connections);
        for session in opened.take() {
            pool.pools.report(session, Report::Opened { local: None, remote: None });
        }
        pool.answer();
        pool
    }

    /// So many requests at once, each answered as soon as a session has it: how many were answered.
    pub(crate) fn turn(&mut self, requests: u32) -> usize {
        self.dispatch(requests);
        self.answer()
    }

    fn dispatch(&mut self, requests: u32) {
        self.generation = self.generation.wrapping_add(1);
        for slot in 0..requests {
            let exchange = ExchangeId { slot, generation: self.generation };
            self.pools.dispatch(DISPATCHER, exchange, Box::new(get()), true, self.now);
        }
        self.pools.fill_due();
    }

    fn answer(&self) -> usize {
        let mut answered = 0;
        loop {
            let given = self.given.take();
            if given.is_empty() {
                return answered;
            }
            answered += given.len();
            for (session, exchange) in given {
                let (trailers, timings) = (Fields::default(), Timings::default());
                self.pools.report(session, Report::End { exchange, trailers, timings });
            }
            self.pools.fill_due();
        }
    }
}
