//! Requests whose content comes piece by piece.

use dodici_engine::error::Error;
use dodici_engine::message::{Request, RequestBody};

use crate::wire::{OK, Wire, get, post_stream};

const HEAD: &str = "POST / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\naccept: */*\r\n";

fn get_stream() -> Request {
    Request { body: RequestBody::Stream { declared: None, expects_content: false }, unexpected_content: true, ..get() }
}

#[test]
fn the_head_is_held_back_until_there_is_content() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    assert_eq!(wire.written(), "");
    assert!(wire.connection.is_writing_body());
    wire.send_chunk(exchange, "hello").expect("a chunk");
    assert_eq!(wire.written(), format!("{HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello"));
    wire.send_chunk(exchange, "0123456789abcdef").expect("a chunk");
    assert_eq!(wire.written(), "\r\n10\r\n0123456789abcdef");
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.written(), "\r\n0\r\n\r\n");
    assert!(!wire.connection.is_writing_body());
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn an_empty_stream_says_that_it_is_empty_where_content_is_expected() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.written(), format!("{HEAD}content-length: 0\r\n\r\n"));
}

#[test]
fn an_empty_stream_says_nothing_where_none_is_expected() {
    let mut wire = Wire::new();
    let exchange = wire.send(&get_stream());
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.written(), "GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\naccept: */*\r\n\r\n");
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn a_stream_that_the_method_does_not_anticipate_ends_the_connection_once_there_is_content() {
    let mut wire = Wire::new();
    let exchange = wire.send(&get_stream());
    assert!(wire.connection.accepts_requests());
    wire.send_chunk(exchange, "x").expect("a chunk");
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.hear(OK), ["head 200", "end, close"]);
}

#[test]
fn empty_pieces_write_nothing() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.send_chunk(exchange, "").expect("nothing");
    assert_eq!(wire.written(), "");
    wire.send_chunk(exchange, "x").expect("a chunk");
    wire.written();
    wire.send_chunk(exchange, "").expect("nothing");
    assert_eq!(wire.written(), "");
}

#[test]
fn a_declared_length_needs_no_chunks() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(Some(5)));
    wire.send_chunk(exchange, "hel").expect("a piece");
    wire.send_chunk(exchange, "lo").expect("a piece");
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.written(), format!("{HEAD}content-length: 5\r\n\r\nhello"));
}

#[test]
fn a_declared_length_is_known_to_be_sent_with_its_last_octet() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(Some(5)));
    assert!(!wire.connection.has_sent_declared_length());
    wire.send_chunk(exchange, "hel").expect("a piece");
    assert!(!wire.connection.has_sent_declared_length());
    wire.send_chunk(exchange, "lo").expect("a piece");
    assert!(wire.connection.has_sent_declared_length());
    wire.written();
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.written(), "");
    assert!(!wire.connection.has_sent_declared_length());
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
    assert!(wire.connection.accepts_requests());
}

#[test]
fn without_a_declared_length_only_the_end_says_that_all_is_sent() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.send_chunk(exchange, "hello").expect("a chunk");
    assert!(!wire.connection.has_sent_declared_length());
}

#[test]
fn nothing_beyond_the_declared_length_is_written() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(Some(5)));
    wire.send_chunk(exchange, "hel").expect("a piece");
    wire.written();
    assert_eq!(wire.send_chunk(exchange, "lo!"), Err(Error::RequestContentLengthMismatch));
    assert_eq!(wire.finish_body(exchange), Ok(()));
    assert_eq!(wire.written(), "");
    assert!(!wire.connection.accepts_requests());
    assert_eq!(wire.connection.head_exchange(), Some(exchange));
}

#[test]
fn less_than_the_declared_length_is_a_mismatch() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(Some(5)));
    wire.send_chunk(exchange, "hel").expect("a piece");
    assert_eq!(wire.finish_body(exchange), Err(Error::RequestContentLengthMismatch));

    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(Some(5)));
    assert_eq!(wire.finish_body(exchange), Err(Error::RequestContentLengthMismatch));
    assert_eq!(wire.written(), "");
}

#[test]
fn an_answer_before_the_end_of_the_request_ends_the_connection() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.send_chunk(exchange, "hello").expect("a chunk");
    wire.written();
    assert_eq!(wire.hear(OK), ["head 200", "end, close"]);
    wire.send_chunk(exchange, "more").expect("void");
    wire.finish_body(exchange).expect("void");
    assert_eq!(wire.written(), "");
    assert!(!wire.connection.is_writing_body());
}

#[test]
fn an_answer_may_begin_before_the_end_of_the_request() {
    let mut wire = Wire::new();
    let exchange = wire.send(&post_stream(None));
    wire.send_chunk(exchange, "hello").expect("a chunk");
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no"), ["head 200", "data o"]);
    wire.finish_body(exchange).expect("the end");
    assert_eq!(wire.hear(b"k"), ["data k", "end"]);
}

#[test]
fn pieces_for_another_exchange_are_void() {
    let mut wire = Wire::new();
    let first = wire.send(&get());
    wire.hear(OK);
    wire.send(&post_stream(None));
    wire.written();
    wire.send_chunk(first, "hello").expect("void");
    wire.finish_body(first).expect("void");
    assert_eq!(wire.written(), "");
}

#[test]
#[should_panic(expected = "inside another one's body")]
fn a_request_inside_the_body_of_another_is_a_mistake_of_the_caller() {
    let mut wire = Wire::new();
    wire.send(&post_stream(None));
    wire.send(&get());
}
