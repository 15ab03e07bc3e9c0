//! Requests whose content is none, or all there.

use bytes::Bytes;
use dodici_engine::message::{ExchangeId, Request, RequestBody};
use dodici_engine::proto::h1::{Output, RequestContent};

use crate::wire::{OK, Wire, get, request, upgrade};

#[test]
fn the_connection_field_goes_where_the_head_has_room_for_it() {
    let mut wire = Wire::new();
    wire.send(&get());
    assert_eq!(wire.written(), "GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\naccept: */*\r\n\r\n");
}

#[test]
fn a_connection_that_ends_says_so() {
    for (request, close) in [
        (get(), true),
        (request("HEAD"), false),
        (request("CONNECT"), false),
        (Request { reset: Some(true), ..get() }, false),
        (Request { reset: Some(false), ..get() }, true),
    ] {
        let mut wire = Wire::new();
        wire.send_with(&request, close);
        assert!(wire.written().contains("\r\nconnection: close\r\n"), "{request:?}");
        assert!(!wire.connection.accepts_requests());
    }
}

#[test]
fn the_last_request_of_a_connection_is_answered_and_then_it_ends() {
    let mut wire = Wire::new();
    wire.send_with(&get(), true);
    assert_eq!(wire.hear(OK), ["head 200", "end, close"]);
}

#[test]
fn head_keeps_the_connection_where_the_user_says_so() {
    let mut wire = Wire::new();
    wire.send(&Request { reset: Some(false), ..request("HEAD") });
    assert!(wire.written().contains("\r\nconnection: keep-alive\r\n"));
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn an_upgrade_has_its_own_connection_field() {
    let mut wire = Wire::new();
    wire.send(&upgrade());
    assert_eq!(wire.written(), "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
}

#[test]
fn content_follows_the_head() {
    let mut wire = Wire::new();
    wire.send(&Request { body: RequestBody::Whole(Bytes::from_static(b"hello")), ..request("POST") });
    assert!(wire.written().ends_with("accept: */*\r\n\r\nhello"));
    assert!(wire.connection.accepts_requests());
    assert!(!wire.connection.is_writing_body());
}

#[test]
fn the_answer_to_a_request_is_how_much_of_its_content_was_sent() {
    let whole = RequestBody::Whole(Bytes::from_static(b"hello"));
    let stream = || RequestBody::Stream { declared: None, expects_content: true };
    for (body, expect_continue, content) in [
        (RequestBody::None, false, RequestContent::Sent),
        (whole.clone(), false, RequestContent::Sent),
        (whole, true, RequestContent::Held),
        (stream(), false, RequestContent::Awaited),
        (stream(), true, RequestContent::Held),
    ] {
        let (mut wire, request) = (Wire::new(), Request { body, expect_continue, ..request("POST") });
        let exchange = ExchangeId { slot: 0, generation: 0 };
        assert_eq!(wire.connection.send(exchange, &request, false, wire.now, &mut Output::new()), content);
    }
}

#[test]
fn content_that_the_method_does_not_anticipate_ends_the_connection() {
    let mut request =
        Request { body: RequestBody::Whole(Bytes::from_static(b"hello")), unexpected_content: true, ..get() };
    let mut wire = Wire::new();
    wire.send(&request);
    assert!(wire.written().contains("\r\nconnection: keep-alive\r\n"));
    assert_eq!(wire.hear(OK), ["head 200", "end, close"]);

    request.reset = Some(false);
    let mut wire = Wire::new();
    wire.send(&request);
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
}

#[test]
fn nothing_that_the_peer_says_makes_it_write() {
    let mut wire = Wire::new();
    wire.send(&get());
    wire.written();
    for bytes in [&b"HTTP/1.1 103 Early Hints\r\n\r\n"[..], OK, b"HTTP/1.1 408 Request Timeout\r\n\r\n"] {
        wire.hear(bytes);
        assert_eq!(wire.written(), "");
    }
}

#[test]
#[should_panic(expected = "takes none")]
fn a_request_on_a_connection_that_ends_is_a_mistake_of_the_caller() {
    let mut wire = Wire::new();
    wire.send_with(&get(), true);
    wire.send(&get());
}

#[test]
fn an_answer_before_the_transport_took_the_request_ends_the_connection() {
    let mut wire = Wire::new();
    wire.send(&get());
    wire.connection.written(true, wire.now);
    assert_eq!(wire.hear(OK), ["head 200", "end, close"]);
}
