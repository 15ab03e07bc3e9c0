//! The ways out of HTTP, and the requests that ask for one in vain.

use crate::wire::{Wire, request, upgrade};

#[test]
fn a_switch_that_was_asked_for_leaves_the_rest_to_the_tunnel() {
    let mut wire = Wire::new();
    wire.send(&upgrade());
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n\x00tunnel";
    assert_eq!(wire.hear(switch), ["upgraded 101"]);
    assert_eq!(wire.left(), b"\x00tunnel");
    assert!(wire.connection.is_idle());
    assert!(!wire.connection.accepts_requests());
    assert_eq!(wire.connection.deadline(), None);
}

#[test]
fn an_upgrade_that_is_not_granted_is_an_ordinary_response_and_the_last() {
    let mut wire = Wire::new();
    wire.send(&upgrade());
    let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno";
    assert_eq!(wire.hear(response), ["head 200", "data no", "end, close"]);
}

#[test]
fn connect_is_a_tunnel_whatever_the_final_status() {
    for status in [200, 407] {
        let mut wire = Wire::new();
        wire.send(&request("CONNECT"));
        let response = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\nno");
        assert_eq!(wire.hear(response.as_bytes()), [format!("upgraded {status}")]);
        assert_eq!(wire.left(), b"no");
    }
}

#[test]
fn connect_has_interim_responses_as_well() {
    let mut wire = Wire::new();
    wire.send(&request("CONNECT"));
    let response = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(wire.hear(response), ["informational 103", "upgraded 200"]);
}

#[test]
fn neither_is_followed_by_a_request() {
    for request in [upgrade(), request("CONNECT")] {
        let mut wire = Wire::new();
        wire.send(&request);
        assert!(!wire.connection.accepts_requests());
    }
}

#[test]
fn the_fin_of_a_tunnel_is_not_ours() {
    let mut wire = Wire::new();
    wire.send(&request("CONNECT"));
    wire.hear(b"HTTP/1.1 200 OK\r\n\r\n");
    assert!(wire.hear_end().is_empty());
}
