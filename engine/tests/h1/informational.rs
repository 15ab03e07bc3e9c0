//! Interim responses: never the answer, and bounded.

use std::time::Duration;

use crate::wire::{OK, Wire, upgrade};

#[test]
fn interim_responses_come_before_the_answer() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(b"HTTP/1.1 102 Processing\r\n\r\n"), ["informational 102"]);
    assert_eq!(wire.hear(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), ["informational 103"]);
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn an_interim_response_has_no_content_whatever_it_announces() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(
        wire.hear(b"HTTP/1.1 103 Early Hints\r\ncontent-length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
        ["informational 103", "head 204", "end"]
    );
}

#[test]
fn nobody_asked_to_be_told_to_continue() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(b"HTTP/1.1 100 Continue\r\n\r\n"), ["BadResponse"]);
}

#[test]
fn a_switch_that_nobody_asked_for_is_refused() {
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    assert_eq!(Wire::awaiting_head().hear(switch), ["BadUpgrade"]);
}

#[test]
fn a_switch_that_does_not_say_to_what_is_refused() {
    let mut wire = Wire::new();
    wire.send(&upgrade());
    assert_eq!(wire.hear(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), ["BadUpgrade"]);
}

#[test]
fn interim_responses_are_bounded_in_number() {
    let mut wire = Wire::awaiting_head();
    let steps = wire.hear(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(65));
    assert_eq!(steps.len(), 65);
    assert_eq!(steps[64], "BadResponse");
}

#[test]
fn interim_responses_are_bounded_in_size() {
    let mut wire = Wire::awaiting_head();
    let hint = format!("HTTP/1.1 103 Early Hints\r\nlink: {}\r\n\r\n", "x".repeat(16_000));
    let steps = wire.hear(hint.repeat(5).as_bytes());
    assert_eq!(steps.len(), 5);
    assert_eq!(steps[4], "HeadersOverflow");
}

#[test]
fn interim_responses_restart_the_headers_timer_but_not_for_ever() {
    let mut wire = Wire::awaiting_head();
    let mut waited = Duration::ZERO;
    while wire.pass(Duration::from_secs(20)).is_none() {
        waited += Duration::from_secs(20);
        assert_eq!(wire.hear(b"HTTP/1.1 102 Processing\r\n\r\n"), ["informational 102"]);
    }
    // Four times the 30 seconds are over at 120.
    assert_eq!(waited, Duration::from_secs(100));
}
