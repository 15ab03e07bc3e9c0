//! Nothing is outstanding.

use crate::wire::{OK, Wire, get};

#[test]
fn a_byte_that_nobody_asked_for_makes_the_connection_unusable() {
    for bytes in [&b"HTTP/1.1 200 OK\r\n\r\n"[..], b"\r\n", b"x"] {
        let mut wire = Wire::new();
        assert_eq!(wire.hear(bytes), ["BadResponse"]);
        assert!(!wire.connection.accepts_requests());
        assert!(wire.hear(b"").is_empty());
    }
}

#[test]
fn surplus_behind_the_last_answer_makes_the_connection_unusable() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(&[OK, b"x"].concat()), ["head 200", "end", "BadResponse"]);
    assert!(!wire.connection.accepts_requests());
}

#[test]
fn surplus_is_known_as_soon_as_the_answer_ends() {
    let mut wire = Wire::awaiting_head();
    let mut input = bytes::BytesMut::from(&[OK, b"x"].concat()[..]);
    for _ in ["head", "end"] {
        let step = wire.connection.receive(&mut input, 0, wire.now);
        assert!(matches!(step, Ok(Some(_))));
    }
    assert!(!wire.connection.accepts_requests());
}

#[test]
fn a_fin_is_no_error_but_no_request_follows() {
    let mut wire = Wire::new();
    assert!(wire.hear_end().is_empty());
    assert!(!wire.connection.accepts_requests());
}

#[test]
fn the_answer_to_one_request_leaves_it_ready_for_the_next() {
    let mut wire = Wire::new();
    for _ in 0..3 {
        assert!(wire.connection.is_idle());
        assert!(wire.connection.accepts_requests());
        wire.send(&get());
        assert_eq!(wire.hear(OK), ["head 200", "end"]);
        assert!(!wire.connection.has_response_begun());
    }
}
