//! Several exchanges outstanding on one connection.

use dodici_engine::message::Request;

use crate::wire::{OK, Wire, get, post_stream};

#[test]
fn answers_come_in_the_order_of_the_requests() {
    let mut wire = Wire::new();
    let first = wire.send(&get());
    let second = wire.send(&get());
    assert_eq!(wire.connection.outstanding(), 2);
    assert_eq!(wire.connection.outstanding_exchanges().collect::<Vec<_>>(), [first, second]);
    assert_eq!(wire.connection.head_exchange(), Some(first));
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
    assert_eq!(wire.connection.head_exchange(), Some(second));
    assert_eq!(wire.hear(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"), ["head 404", "end"]);
    assert!(wire.connection.is_idle());
}

#[test]
fn answers_may_come_together_with_an_empty_line_between_them() {
    let mut wire = Wire::new();
    wire.send(&get());
    wire.send(&get());
    assert_eq!(wire.hear(&[OK, b"\r\n", OK].concat()), ["head 200", "end", "head 200", "end"]);
}

#[test]
fn an_answer_that_says_close_leaves_the_others_outstanding() {
    let mut wire = Wire::new();
    wire.send(&get());
    let second = wire.send(&get());
    let response = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(wire.hear(&[response, OK].concat()), ["head 200", "end, close"]);
    assert_eq!(wire.connection.outstanding_exchanges().collect::<Vec<_>>(), [second]);
    assert_eq!(wire.connection.deadline(), None);
}

#[test]
fn a_request_that_ends_the_connection_lets_those_before_it_be_answered() {
    let mut wire = Wire::new();
    wire.send(&get());
    wire.send_with(&get(), true);
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
    assert_eq!(wire.hear(OK), ["head 200", "end, close"]);
}

#[test]
fn an_error_leaves_all_that_is_unanswered_outstanding() {
    let mut wire = Wire::new();
    let first = wire.send(&get());
    let second = wire.send(&get());
    assert_eq!(wire.hear(b"garbage"), ["INVALID_CONSTANT"]);
    assert_eq!(wire.connection.outstanding_exchanges().collect::<Vec<_>>(), [first, second]);
    assert!(wire.hear(OK).is_empty());
}

#[test]
fn a_stream_behind_another_request_is_not_ended_by_that_ones_answer() {
    let mut wire = Wire::new();
    wire.send(&get());
    let second = wire.send(&post_stream(None));
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
    assert!(wire.connection.is_writing_body());
    wire.send_chunk(second, "x").expect("a chunk");
    wire.finish_body(second).expect("the end");
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn a_blocking_request_blocks_until_its_head_is_there() {
    let mut wire = Wire::new();
    wire.send(&Request { blocking: true, ..get() });
    assert!(wire.connection.is_blocked());
    wire.hear(b"HTTP/1.1 103 Early Hints\r\n\r\n");
    assert!(wire.connection.is_blocked());
    wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n");
    assert!(!wire.connection.is_blocked());
}
