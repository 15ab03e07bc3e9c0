//! The three timers, of which at most one runs.

use std::time::Duration;

use dodici_engine::error::Error;
use dodici_engine::message::Request;

use crate::wire::{OK, Wire, get, post_stream};

const IDLE: Duration = Duration::from_secs(4);
const HEADERS: Duration = Duration::from_secs(30);
const BODY: Duration = Duration::from_secs(20);
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_idle_connection_times_out_once() {
    let mut wire = Wire::new();
    assert_eq!(wire.time_left(), Some(IDLE));
    assert_eq!(wire.pass(IDLE - SECOND), None);
    assert_eq!(wire.pass(SECOND), Some(Error::IdleTimeout));
    assert_eq!(wire.pass(SECOND), None);
    assert!(!wire.connection.accepts_requests());
}

#[test]
fn the_head_of_a_response_may_take_so_long_in_all() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.pass(HEADERS - SECOND), None);
    wire.hear(b"HTTP/1.1 200 OK\r\n");
    assert_eq!(wire.pass(SECOND), Some(Error::HeadersTimeout));
    assert_eq!(wire.connection.outstanding(), 1);
}

#[test]
fn no_timeout_means_for_ever() {
    let mut wire = Wire::new();
    wire.send(&Request { headers_timeout: None, body_timeout: None, ..get() });
    assert_eq!(wire.time_left(), None);
    wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe");
    assert_eq!(wire.time_left(), None);
}

#[test]
fn a_timeout_beyond_the_clock_means_for_ever() {
    let mut wire = Wire::new();
    wire.send(&Request { headers_timeout: Some(Duration::MAX), ..get() });
    assert_eq!(wire.time_left(), None);
}

#[test]
fn the_headers_timer_waits_for_the_end_of_a_stream() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.send_chunk(exchange, "hello").expect("a chunk");
    assert_eq!(wire.time_left(), None);
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.time_left(), Some(HEADERS));
}

#[test]
fn a_stream_that_is_stuck_runs_the_headers_timer() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.send_chunk(exchange, "hello").expect("a chunk");
    wire.connection.written(true, wire.now);
    assert_eq!(wire.pass(HEADERS - SECOND), None);
    wire.connection.written(true, wire.now);
    assert_eq!(wire.time_left(), Some(HEADERS));
    wire.connection.written(false, wire.now);
    assert_eq!(wire.time_left(), None);
    wire.connection.written(true, wire.now);
    assert_eq!(wire.pass(HEADERS), Some(Error::HeadersTimeout));
}

#[test]
fn a_response_is_not_late_before_the_request_was_taken() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.pass(SECOND * 10), None);
    wire.connection.written(false, wire.now);
    assert_eq!(wire.time_left(), Some(HEADERS));
}

#[test]
fn the_next_response_has_its_time_from_the_end_of_the_one_before() {
    let mut wire = Wire::new();
    wire.send(&get());
    wire.send(&get());
    assert_eq!(wire.pass(SECOND * 10), None);
    wire.connection.written(false, wire.now);
    assert_eq!(wire.time_left(), Some(HEADERS - SECOND * 10));
    wire.hear(OK);
    assert_eq!(wire.time_left(), Some(HEADERS));
}

#[test]
fn the_body_timer_starts_again_with_each_piece() {
    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
    assert_eq!(wire.time_left(), Some(BODY));
    assert_eq!(wire.pass(BODY - SECOND), None);
    wire.hear(b"he");
    assert_eq!(wire.pass(BODY - SECOND), None);
    assert_eq!(wire.pass(SECOND), Some(Error::BodyTimeout));
}

#[test]
fn chunk_framing_does_not_keep_the_body_timer_alive() {
    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_eq!(wire.pass(BODY - SECOND), None);
    wire.hear(b"5;a=b\r\n");
    assert_eq!(wire.pass(SECOND), Some(Error::BodyTimeout));
}

#[test]
fn trailers_are_under_the_body_timer() {
    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\na:");
    assert_eq!(wire.pass(BODY), Some(Error::BodyTimeout));
}

#[test]
fn the_body_timer_stands_still_while_the_reader_is_the_slow_one() {
    for head in ["content-length: 5\r\n", "transfer-encoding: chunked\r\n", ""] {
        let mut wire = Wire::awaiting_head();
        let head = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
        assert_eq!(wire.hear_with_capacity(head.as_bytes(), 0), ["head 200"]);
        assert_eq!(wire.pass(BODY * 10), None, "{head}");
        wire.hear_with_capacity(b"", 1);
        assert_eq!(wire.time_left(), Some(BODY), "{head}");
    }
}

#[test]
fn after_the_last_answer_the_idle_timer_runs() {
    let mut wire = Wire::awaiting_head();
    wire.hear(OK);
    assert_eq!(wire.time_left(), Some(IDLE));
}
