//! Content that waits until the peer asks for it (RFC 9110 section 10.1.1).

use std::time::Duration;

use bytes::Bytes;
use dodici_engine::message::{ExchangeId, Request, RequestBody};

use crate::wire::{OK, Wire, post_stream, request};

const HEAD: &str = "POST / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\naccept: */*\r\n";
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

fn expecting(body: RequestBody) -> (Wire, ExchangeId) {
    let mut wire = Wire::new();
    let exchange = wire.send(&Request { body, expect_continue: true, ..request("POST") });
    (wire, exchange)
}

fn whole() -> (Wire, ExchangeId) {
    expecting(RequestBody::Whole(Bytes::from_static(b"hello")))
}

fn stream(declared: Option<u64>) -> (Wire, ExchangeId) {
    expecting(post_stream(declared).body)
}

#[test]
fn whole_content_goes_when_the_peer_asks_for_it() {
    let (mut wire, _) = whole();
    assert_eq!(wire.written(), format!("{HEAD}\r\n"));
    assert_eq!(wire.hear(CONTINUE), ["continue"]);
    wire.send_content();
    assert_eq!(wire.written(), "hello");
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn a_streamed_body_begins_when_the_peer_asks_for_it() {
    let (mut wire, exchange) = stream(None);
    assert_eq!(wire.written(), format!("{HEAD}transfer-encoding: chunked\r\n\r\n"));
    assert_eq!(wire.hear(CONTINUE), ["continue"]);
    wire.send_content();
    wire.send_chunk(exchange, "hello").unwrap();
    wire.send_chunk(exchange, "you").unwrap();
    wire.finish_body(exchange).unwrap();
    assert_eq!(wire.written(), "5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n");
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn a_streamed_body_that_turns_out_to_be_empty_ends_as_it_was_announced() {
    let (mut wire, exchange) = stream(None);
    wire.send_content();
    wire.finish_body(exchange).unwrap();
    assert_eq!(wire.written(), format!("{HEAD}transfer-encoding: chunked\r\n\r\n0\r\n\r\n"));
}

#[test]
fn a_declared_length_is_announced_with_the_head() {
    let (mut wire, exchange) = stream(Some(5));
    assert_eq!(wire.written(), format!("{HEAD}content-length: 5\r\n\r\n"));
    wire.send_content();
    wire.send_chunk(exchange, "hello").unwrap();
    wire.finish_body(exchange).unwrap();
    assert_eq!(wire.written(), "hello");
}

#[test]
fn after_an_answer_that_needs_no_content_none_is_sent_and_the_connection_ends() {
    for (mut wire, _) in [whole(), stream(None), stream(Some(5))] {
        wire.written();
        let steps = wire.hear(b"HTTP/1.1 417 Expectation Failed\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(steps, ["head 417", "end, close"]);
        wire.send_content();
        assert_eq!(wire.written(), "");
    }
}

#[test]
fn content_waits_for_one_second() {
    let (mut wire, _) = whole();
    assert_eq!(wire.time_left(), Some(Duration::from_secs(1)));
    assert_eq!(wire.pass(Duration::from_millis(999)), None);
    assert!(!wire.connection.is_content_due(wire.now));
    assert_eq!(wire.pass(Duration::from_millis(1)), None);
    assert!(wire.connection.is_content_due(wire.now));
    wire.send_content();
    assert_eq!(wire.time_left(), Some(Duration::from_secs(30)));
}

#[test]
fn a_late_or_second_100_says_nothing_new() {
    let (mut wire, _) = whole();
    wire.send_content();
    wire.written();
    assert_eq!(wire.hear(CONTINUE), ["continue"]);
    assert_eq!(wire.hear(CONTINUE), ["continue"]);
    wire.send_content();
    assert_eq!(wire.written(), "");
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn too_many_of_them_are_too_many_interim_responses() {
    let (mut wire, _) = whole();
    assert_eq!(wire.hear(&CONTINUE.repeat(65)).last().unwrap(), "BadResponse");
}

#[test]
fn nothing_else_is_written_while_content_waits() {
    let (wire, _) = whole();
    assert!(wire.connection.is_writing_body());
}

#[test]
fn a_late_100_for_one_request_lets_go_no_content_of_the_next() {
    let (mut wire, _) = whole();
    wire.send_content();
    let body = RequestBody::Whole(Bytes::from_static(b"second"));
    wire.send(&Request { body, expect_continue: true, ..request("POST") });
    wire.written();
    assert_eq!(wire.hear(CONTINUE), [""; 0]);
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
    assert_eq!(wire.hear(CONTINUE), ["continue"]);
    wire.send_content();
    assert_eq!(wire.written(), "second");
}
