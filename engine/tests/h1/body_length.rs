//! Content whose length is known from the head, and content that cannot be.

use dodici_engine::error::Error;
use dodici_engine::message::Request;
use dodici_engine::proto::h1::Config;

use crate::wire::{Wire, config, get, request};

#[test]
fn content_is_handed_out_as_it_comes() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe"), ["head 200", "data he"]);
    assert_eq!(wire.hear(b"llo"), ["data llo", "end"]);
}

#[test]
fn no_more_is_handed_out_than_there_is_capacity_for() {
    let mut wire = Wire::awaiting_head();
    let response = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    assert_eq!(wire.hear_with_capacity(response, 0), ["head 200"]);
    assert_eq!(wire.hear_with_capacity(b"", 2), ["data he"]);
    assert_eq!(wire.hear_with_capacity(b"", 3), ["data llo", "end"]);
}

#[test]
fn content_that_its_caller_has_read_by_himself_counts_as_any_other() {
    let mut wire = Wire::with(Config { max_response_size: Some(8), ..config() });
    wire.send(&get());
    assert_eq!(wire.connection.content_ahead(), 0);
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhe"), ["head 200", "data he"]);
    assert_eq!(wire.connection.content_ahead(), 7);
    wire.connection.receive_content(6, wire.now).unwrap();
    assert_eq!(wire.connection.content_ahead(), 1);
    assert_eq!(wire.connection.receive_content(1, wire.now), Err(Error::ResponseExceededMaxSize));

    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
    wire.connection.receive_content(5, wire.now).unwrap();
    assert_eq!(wire.hear(b""), ["end"]);
}

#[test]
fn the_end_takes_no_capacity() {
    let mut wire = Wire::awaiting_head();
    let response = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(wire.hear_with_capacity(response, 0), ["head 200", "end"]);
}

#[test]
fn the_answer_to_head_has_no_content_whatever_it_announces() {
    for field in ["content-length: 5", "transfer-encoding: chunked"] {
        let mut wire = Wire::new();
        wire.send(&Request { reset: Some(false), ..request("HEAD") });
        let response = format!("HTTP/1.1 200 OK\r\n{field}\r\n\r\n");
        assert_eq!(wire.hear(response.as_bytes()), ["head 200", "end"], "{field}");
    }
}

#[test]
fn an_answer_to_head_without_any_framing_ends_the_connection() {
    let mut wire = Wire::new();
    wire.send(&Request { reset: Some(false), ..request("HEAD") });
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\n\r\n"), ["head 200", "end, close"]);
}

#[test]
fn statuses_without_content_have_none_and_end_the_connection_if_they_announce_some() {
    for status in [204, 304] {
        let response = format!("HTTP/1.1 {status} X\r\n\r\n");
        assert_eq!(Wire::awaiting_head().hear(response.as_bytes())[1], "end");
        for field in ["content-length: 5", "transfer-encoding: chunked"] {
            let response = format!("HTTP/1.1 {status} X\r\n{field}\r\n\r\n");
            assert_eq!(Wire::awaiting_head().hear(response.as_bytes())[1], "end, close", "{field}");
        }
    }
}

#[test]
fn content_beyond_the_maximum_is_an_error() {
    let mut wire = Wire::with(Config { max_response_size: Some(5), ..config() });
    wire.send(&get());
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello"), ["head 200", "data hello"]);
    assert_eq!(wire.hear(b"!"), ["ResponseExceededMaxSize"]);
}

#[test]
fn a_fin_inside_content_is_an_error_named_after_what_the_head_said_of_the_connection() {
    for (fields, error) in [
        ("content-length: 5\r\n", "OtherSideClosed"),
        ("connection: close\r\ncontent-length: 5\r\n", "ResponseContentLengthMismatch"),
    ] {
        let mut wire = Wire::awaiting_head();
        let response = format!("HTTP/1.1 200 OK\r\n{fields}\r\nhel");
        assert_eq!(wire.hear(response.as_bytes()), ["head 200", "data hel"]);
        assert_eq!(wire.hear_end(), [error]);
    }
}
