//! What a failure says of how its exchange stood: how far it was, on what kind of connection, and whether making
//! the request again does harm.

use std::net::TcpListener;

use dodici_engine::event::Event;
use dodici_engine::message::{Phase, Standing};

use crate::harness::{Engine, Server, get, options_for, post, sentence, upload};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// How the next exchange to fail stood.
fn standing(engine: &mut Engine) -> Standing {
    loop {
        match engine.next() {
            Event::Failed { standing: Some(standing), .. } => return standing,
            Event::Failed { .. } => panic!("nobody knows"),
            event => drop(sentence(&event)),
        }
    }
}

fn fresh(phase: Phase, is_retryable: bool) -> Standing {
    Standing { phase, is_reused: false, is_retryable }
}

#[test]
fn without_a_connection_any_request_may_be_made_again() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut engine = Engine::start();
    let client = engine.dispatcher(options_for("127.0.0.1", port));
    engine.send(client, 1, post("/", "hello"));
    assert_eq!(standing(&mut engine), fresh(Phase::Connecting, true));
}

#[test]
fn while_its_body_comes_a_request_is_being_sent() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, upload("/", None));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "hello");
    peer.reads("POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello");
    peer.resets();
    assert_eq!(standing(&mut engine), fresh(Phase::Sending, false));
}

#[test]
fn once_it_was_sent_a_request_waits_and_may_be_made_again_if_twice_is_as_once() {
    for (request, is_retryable) in [(get("/"), true), (post("/", ""), false)] {
        let (server, mut engine) = (Server::start(), Engine::start());
        let client = engine.client(&server);
        engine.send(client, 1, request);
        let mut peer = server.accepts();
        peer.reads(if is_retryable { GET } else { "POST / HTTP/1.1\r\n" });
        peer.resets();
        assert_eq!(standing(&mut engine), fresh(Phase::Waiting, is_retryable));
    }
}

#[test]
fn a_first_octet_of_the_response_begins_its_head_and_a_head_its_body() {
    for (bytes, phase) in [("HTTP/1.1 2", Phase::Head), ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe", Phase::Body)]
    {
        let (server, mut engine) = (Server::start(), Engine::start());
        let client = engine.client(&server);
        engine.send(client, 1, get("/"));
        let mut peer = server.accepts();
        peer.reads(GET);
        peer.writes(bytes);
        peer.finishes();
        assert_eq!(standing(&mut engine), fresh(phase, true));
    }
}

#[test]
fn a_connection_that_carried_an_answer_is_a_reused_one() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 end"]);
    engine.send(client, 2, post("/", "hello"));
    peer.reads("POST / HTTP/1.1\r\n");
    drop(peer);
    assert_eq!(standing(&mut engine), Standing { phase: Phase::Waiting, is_reused: true, is_retryable: false });
}
