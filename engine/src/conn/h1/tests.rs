//! The driver over a transport that is a script: what the system knows before the runtime does.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::Waker;

use bytes::BufMut;

use super::*;
use crate::conn::Session;
use crate::error::Syscall;
use crate::message::{DispatcherId, Method, RequestBody, RequestHead};
use crate::net::{Peek, Steps};
use crate::proto::h1::KeepAlive;
use crate::slab::Slab;

/// What a test decides about the transport, and what was written to it.
#[derive(Default)]
struct Script {
    /// What is read next, one after the other, the end where that is nothing, or a failure; then no more, for ever.
    incoming: RefCell<VecDeque<Result<&'static [u8], i32>>>,
    /// The next look finds this.
    peek: Cell<Option<Peek>>,
    /// Writing fails with this.
    write_failure: Cell<Option<i32>>,
    written: RefCell<Vec<u8>>,
    /// Each type of service that was asked for, and how much was written before.
    types_of_service: RefCell<Vec<(u32, usize)>>,
}

struct Scripted(Rc<Script>);

impl Transport for Scripted {
    fn poll_read(&mut self, _: &mut Context<'_>, buffer: &mut dyn BufMut) -> Poll<io::Result<usize>> {
        match self.0.incoming.borrow_mut().pop_front() {
            Some(Err(errno)) => Poll::Ready(Err(io::Error::from_raw_os_error(errno))),
            Some(Ok(bytes)) => {
                buffer.put_slice(bytes);
                Poll::Ready(Ok(bytes.len()))
            }
            None => Poll::Pending,
        }
    }

    fn poll_write(&mut self, _: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if let Some(errno) = self.0.write_failure.get() {
            return Poll::Ready(Err(io::Error::from_raw_os_error(errno)));
        }
        let mut written = self.0.written.borrow_mut();
        let before = written.len();
        slices.iter().for_each(|slice| written.extend_from_slice(slice));
        Poll::Ready(Ok(written.len() - before))
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn set_type_of_service(&mut self, value: u32) {
        let written = self.0.written.borrow().len();
        self.0.types_of_service.borrow_mut().push((value, written));
    }

    fn peek(&mut self) -> Peek {
        self.0.peek.take().unwrap_or(Peek::Silent)
    }
}

/// Hears nothing but the content.
#[derive(Default)]
struct Listening {
    pieces: RefCell<Vec<String>>,
}

impl Listener for Listening {
    fn report(&self, _: SessionId, report: Report) {
        let piece = match report {
            Report::Data { bytes, .. } => format!("data {}", String::from_utf8_lossy(&bytes)),
            Report::Landed { slab, octets, .. } => {
                format!("slab {}", String::from_utf8_lossy(&(*slab).as_ref()[..octets]))
            }
            _ => return,
        };
        self.pieces.borrow_mut().push(piece);
    }

    fn slab(&self, _: usize) -> Option<Box<dyn Slab>> {
        Some(Box::new(Memory(vec![0; 65_536])))
    }
}

#[derive(Debug)]
struct Memory(Vec<u8>);

impl Slab for Memory {
    fn give(self: Box<Self>) -> u32 {
        0
    }
}

impl AsRef<[u8]> for Memory {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Memory {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

/// Runs a driver by hand.
struct Bench {
    script: Rc<Script>,
    listening: Rc<Listening>,
    mailbox: Rc<Mailbox>,
    driver: Option<Driver>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn new() -> Self {
        let (script, mailbox) = (Rc::new(Script::default()), Rc::new(Mailbox::default()));
        let listening = Rc::new(Listening::default());
        let keep_alive = KeepAlive::default();
        let dispatcher = DispatcherId { slot: 0, generation: 0 };
        let driver = Driver::new(
            SessionId { dispatcher, slot: 0, generation: 1 },
            Rc::clone(&listening) as Rc<dyn Listener>,
            Rc::clone(&mailbox),
            Box::new(Scripted(Rc::clone(&script))),
            Opening { began: Instant::now(), steps: Steps::default() },
            Config { max_header_size: 16_384, max_response_size: None, keep_alive },
            Common::default(),
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { script, listening, mailbox, driver: Some(driver), runtime }
    }

    fn ask(&self, number: u32) {
        self.ask_with(number, None);
    }

    fn ask_with(&self, number: u32, type_of_service: Option<u32>) {
        let head = Bytes::from_static(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n");
        let request = Request {
            method: Method::Other,
            head: RequestHead { connection_at: Some(head.len()), bytes: head },
            body: RequestBody::None,
            upgrade: false,
            idempotent: false,
            blocking: false,
            reset: None,
            unexpected_content: false,
            decoding: None,
            expect_continue: false,
            server_name: None,
            type_of_service,
            headers_timeout: None,
            body_timeout: None,
            timeout: None,
        };
        let exchange = ExchangeId { slot: number, generation: 0 };
        let request = Box::new(request);
        self.mailbox.submit(Work::Request { exchange, request, close: false, dispatched: Instant::now() });
    }

    /// The driver goes on and does not stop.
    fn goes_on(&mut self) {
        let _guard = self.runtime.enter();
        let driver = self.driver.as_mut().unwrap();
        assert!(driver.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }

    /// The driver stops: why, and which exchanges come back, sent or not.
    fn stops(&mut self) -> (Error, Vec<(u32, bool)>) {
        let _guard = self.runtime.enter();
        let mut driver = self.driver.take().unwrap();
        let Poll::Ready(stopped) = driver.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("the driver goes on");
        };
        match driver.into_outcome(stopped) {
            Outcome::Closed { error, returned, .. } => {
                let returned = returned.iter().map(|back| (back.exchange.slot, back.sent));
                (error, returned.collect())
            }
            Outcome::Upgraded { .. } => panic!("the connection was upgraded"),
        }
    }

    /// One request was answered and the connection is idle.
    fn used() -> Self {
        let mut bench = Self::new();
        bench.ask(1);
        bench.goes_on();
        bench.script.incoming.borrow_mut().push_back(Ok(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
        bench.goes_on();
        bench.script.written.take();
        bench
    }
}

#[test]
fn before_an_idle_connection_is_used_again_the_system_is_asked_whether_the_peer_has_gone() {
    for (peek, error) in [(Peek::Ended, Error::OtherSideClosed), (Peek::Readable, Error::BadResponse)] {
        let mut bench = Bench::used();
        bench.script.peek.set(Some(peek));
        bench.ask(2);
        assert_eq!(bench.stops(), (error, vec![(2, false)]));
        assert_eq!(*bench.script.written.borrow(), b"");
    }
}

#[test]
fn a_request_of_which_a_used_connection_took_nothing_was_not_sent() {
    let mut bench = Bench::used();
    bench.script.write_failure.set(Some(libc::EPIPE));
    bench.ask(2);
    bench.goes_on();
    bench.mailbox.submit(Work::Close { error: Error::OtherSideClosed });
    assert_eq!(bench.stops(), (Error::OtherSideClosed, vec![(2, false)]));
}

#[test]
fn on_a_fresh_connection_it_counts_as_sent_so_that_it_is_not_tried_for_ever() {
    let mut bench = Bench::new();
    bench.script.write_failure.set(Some(libc::EPIPE));
    bench.ask(1);
    bench.goes_on();
    bench.mailbox.submit(Work::Close { error: Error::OtherSideClosed });
    assert_eq!(bench.stops(), (Error::OtherSideClosed, vec![(1, true)]));
}

#[test]
fn so_does_one_that_finds_a_fresh_connection_ended_or_talking() {
    for (peek, error) in [(Peek::Ended, Error::OtherSideClosed), (Peek::Readable, Error::BadResponse)] {
        let mut bench = Bench::new();
        bench.goes_on();
        bench.script.peek.set(Some(peek));
        bench.ask(1);
        assert_eq!(bench.stops(), (error, vec![(1, true)]));
        assert_eq!(*bench.script.written.borrow(), b"");
    }
}

/// The first of two pipelined requests gets a body that ends with its connection; the second cannot be written.
fn half_a_body_and_a_failing_write(errno: i32) -> Bench {
    let mut bench = Bench::used();
    bench.ask(1);
    bench.goes_on();
    bench.script.write_failure.set(Some(errno));
    bench.ask(2);
    bench.goes_on();
    bench.script.incoming.borrow_mut().push_back(Ok(b"HTTP/1.1 200 OK\r\n\r\nhalf"));
    bench.goes_on();
    bench.script.incoming.borrow_mut().push_back(Ok(b""));
    bench
}

#[test]
fn a_reset_that_a_write_has_heard_of_is_no_end_of_a_body() {
    let mut bench = half_a_body_and_a_failing_write(libc::ECONNRESET);
    let error = Error::System { syscall: Syscall::Write, errno: libc::ECONNRESET };
    assert_eq!(bench.stops(), (error, vec![(1, true), (2, false)]));
}

#[test]
fn a_peer_that_has_ended_before_a_write_failed_has_ended_its_body() {
    let mut bench = half_a_body_and_a_failing_write(libc::EPIPE);
    assert_eq!(bench.stops(), (Error::Reset, vec![(2, false)]));
}

#[test]
fn requests_that_were_not_looked_at_come_back_too() {
    let mut bench = Bench::used();
    bench.mailbox.submit(Work::Close { error: Error::Destroyed });
    bench.ask(2);
    bench.ask(3);
    assert_eq!(bench.stops(), (Error::Destroyed, vec![(2, false), (3, false)]));
}

#[test]
fn the_type_of_service_is_set_before_the_request_that_asks_for_it_and_once() {
    let mut bench = Bench::new();
    for (number, value) in [(1, None), (2, Some(8)), (3, Some(8)), (4, None), (5, Some(16))] {
        bench.script.written.take();
        bench.ask_with(number, value);
        bench.goes_on();
        bench.script.incoming.borrow_mut().push_back(Ok(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
        bench.goes_on();
    }
    assert_eq!(*bench.script.types_of_service.borrow(), [(8, 0), (16, 0)]);
}

#[test]
fn a_session_that_waits_for_content_to_read_into_a_slab_keeps_no_memory_of_its_own() {
    let mut bench = Bench::used();
    bench.ask(1);
    bench.goes_on();
    bench.script.incoming.borrow_mut().push_back(Ok(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nx"));
    bench.goes_on();
    assert_eq!(bench.driver.unwrap().wire.input.capacity(), 0);
}

/// What is told of a content of which some comes with the head, and then this.
fn told_of(length: &'static str, then: &[Result<&'static [u8], i32>]) -> Vec<String> {
    let mut bench = Bench::used();
    bench.ask(1);
    bench.goes_on();
    let mut incoming = bench.script.incoming.borrow_mut();
    incoming.extend([Ok("HTTP/1.1 200 OK\r\ncontent-length: ".as_bytes()), Ok(length.as_bytes()), Ok(b"\r\n\r\none ")]);
    incoming.extend(then);
    drop(incoming);
    bench.goes_on();
    bench.listening.pieces.take()
}

#[test]
fn what_came_with_the_head_of_a_large_content_lies_in_a_slab_before_what_follows() {
    let told = told_of("100000", &[Ok(b"two "), Ok(b"three")]);
    assert_eq!(told, ["slab one two three"]);
}

#[test]
fn what_came_with_the_head_is_told_although_nothing_follows() {
    let told = told_of("100000", &[]);
    assert_eq!(told, ["slab one "]);
}

#[test]
fn what_came_with_the_head_of_a_small_content_is_told_as_it_is() {
    let told = told_of("1000", &[Ok(b"two")]);
    assert_eq!(told, ["data one ", "data two"]);
}

#[test]
fn what_came_with_the_head_is_told_before_the_failure_behind_it() {
    for (failure, error) in [
        (Err(libc::ECONNRESET), Error::System { syscall: Syscall::Read, errno: libc::ECONNRESET }),
        (Ok(b"".as_slice()), Error::OtherSideClosed),
    ] {
        let mut bench = Bench::used();
        bench.ask(1);
        bench.goes_on();
        bench
            .script
            .incoming
            .borrow_mut()
            .extend([Ok(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\none".as_slice()), failure]);
        assert_eq!(bench.stops(), (error, vec![(1, true)]));
        assert_eq!(bench.listening.pieces.take(), ["slab one"]);
    }
}
