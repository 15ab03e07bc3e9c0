//! Content that ends with the connection.

use crate::wire::Wire;

#[test]
fn content_without_framing_ends_with_the_connection() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\n\r\nhel"), ["head 200", "data hel"]);
    assert_eq!(wire.hear(b"lo"), ["data lo"]);
    assert_eq!(wire.hear_end(), ["end, close"]);
    assert!(wire.connection.is_idle());
}

#[test]
fn no_request_follows_it_whatever_the_head_says() {
    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\n");
    assert!(!wire.connection.accepts_requests());
}

#[test]
fn it_waits_for_capacity() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear_with_capacity(b"HTTP/1.0 200 OK\r\n\r\nhello", 2), ["head 200", "data he"]);
    assert_eq!(wire.left(), b"llo");
    assert_eq!(wire.hear(b""), ["data llo"]);
    assert_eq!(wire.hear_end(), ["end, close"]);
}
