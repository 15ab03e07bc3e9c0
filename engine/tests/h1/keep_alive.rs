//! Whether the connection persists, and how long it may be idle.

use std::time::Duration;

use dodici_engine::message::Request;

use crate::wire::{Wire, config, get, request};

fn end_of(head: &str) -> String {
    let response = format!("{head}\r\ncontent-length: 0\r\n\r\n");
    Wire::awaiting_head().hear(response.as_bytes()).pop().expect("an end")
}

/// The idle time after a response with a `keep-alive` field; `None` when the connection is closed.
fn idle_time_after(keep_alive: &str, threshold: i64) -> Option<Duration> {
    let mut config = config();
    config.keep_alive.threshold = threshold;
    let mut wire = Wire::with(config);
    wire.send(&get());
    let response = format!("HTTP/1.1 200 OK\r\nkeep-alive: {keep_alive}\r\ncontent-length: 0\r\n\r\n");
    wire.hear(response.as_bytes());
    wire.time_left()
}

#[test]
fn http_1_1_persists_unless_it_says_close() {
    assert_eq!(end_of("HTTP/1.1 200 OK"), "end");
    assert_eq!(end_of("HTTP/1.1 200 OK\r\nproxy-connection: close"), "end");
    for value in ["close", "CLOSE", "x, close", "close\t", "keep-alive, close", "x\r\nconnection: close"] {
        assert_eq!(end_of(&format!("HTTP/1.1 200 OK\r\nconnection: {value}")), "end, close", "{value}");
    }
}

#[test]
fn http_1_0_does_not_persist_unless_it_says_keep_alive() {
    assert_eq!(end_of("HTTP/1.0 200 OK"), "end, close");
    assert_eq!(end_of("HTTP/1.0 200 OK\r\nconnection: Keep-Alive"), "end");
    assert_eq!(end_of("HTTP/1.0 200 OK\r\nconnection: keep-alive, close"), "end, close");
}

#[test]
fn chunks_in_http_1_0_end_the_connection() {
    let response = b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(Wire::awaiting_head().hear(response), ["head 200", "end, close"]);
}

#[test]
fn transfer_codings_in_http_1_0_end_the_connection_also_where_there_is_no_content() {
    let mut wire = Wire::new();
    wire.send(&Request { reset: Some(false), ..request("HEAD") });
    let response = b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(wire.hear(response), ["head 200", "end, close"]);
}

#[test]
fn a_response_that_says_close_stops_further_requests_at_once() {
    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\n");
    assert!(!wire.connection.accepts_requests());
}

#[test]
fn without_a_hint_the_idle_time_is_the_configured_one() {
    assert_eq!(idle_time_after("max=5", 2000), Some(Duration::from_secs(4)));
}

#[test]
fn a_hint_counts_less_the_threshold_and_up_to_the_maximum() {
    assert_eq!(idle_time_after("timeout=10", 2000), Some(Duration::from_secs(8)));
    assert_eq!(idle_time_after("max=5, Timeout=10", 2000), Some(Duration::from_secs(8)));
    assert_eq!(idle_time_after("timeout=10", -2000), Some(Duration::from_secs(12)));
    assert_eq!(idle_time_after("timeout=10000", 2000), Some(Duration::from_secs(600)));
    assert_eq!(idle_time_after("timeout=99999999999999999999999", 2000), Some(Duration::from_secs(600)));
}

#[test]
fn a_hint_that_leaves_no_time_ends_the_connection() {
    for hint in ["timeout=0", "timeout=1", "timeout=2"] {
        assert_eq!(idle_time_after(hint, 2000), None, "{hint}");
    }
    let mut wire = Wire::awaiting_head();
    let response = b"HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(wire.hear(response), ["head 200", "end, close"]);
}
