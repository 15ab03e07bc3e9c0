//! Several requests outstanding on one connection: which may be, and what becomes of them when it fails.

use dodici_engine::command::Command;
use dodici_engine::message::{DispatcherId, Request, RequestBody};

use crate::harness::{Engine, Peer, Server, dispatch, exchange, get, options, post, request, upgrade, upload};

const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// A client that may have four requests outstanding.
fn pipelining(engine: &mut Engine, server: &Server) -> DispatcherId {
    let mut options = options(server);
    options.pipelining = 4;
    engine.dispatcher(options)
}

fn wire(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n")
}

/// The second of two requests is written when, and only when, the first was answered.
fn waits_for_the_answer(first: Request, first_wire: &str, second: Request, second_wire: &str) {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    engine.commands([dispatch(client, 1, first), dispatch(client, 2, second)]);
    let mut peer = server.accepts();
    peer.reads(first_wire);
    engine.settles();
    peer.is_silent();
    peer.writes(EMPTY);
    peer.reads(second_wire);
}

#[test]
fn idempotent_requests_follow_each_other_up_to_the_limit() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    for number in 1..6 {
        engine.send(client, number, get(&format!("/{number}")));
    }
    let mut peer = server.accepts();
    for number in 1..5 {
        peer.reads(&wire(&format!("/{number}")));
    }
    engine.tells(&["connected"]);
    engine.is_silent();
    peer.is_silent();
    peer.writes(EMPTY);
    peer.reads(&wire("/5"));
    peer.writes(EMPTY.repeat(4));
    engine.tells(&["1 head 200", "1 end", "2 head 200", "2 end", "3 head 200", "3 end"]);
    engine.tells(&["4 head 200", "4 end", "5 head 200", "5 end"]);
}

#[test]
fn a_higher_limit_holds_for_requests_that_wait_already() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.commands([dispatch(client, 1, get("/1")), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    peer.reads(&wire("/1"));
    engine.settles();
    peer.is_silent();
    engine.command(Command::Pipelining { dispatcher: client, value: 2 });
    peer.reads(&wire("/2"));
}

#[test]
fn a_request_that_is_not_idempotent_waits_for_those_before_it() {
    waits_for_the_answer(get("/1"), &wire("/1"), post("/2", "x"), "POST /2 HTTP/1.1\r\n");
}

#[test]
fn an_upgrade_waits_for_those_before_it() {
    waits_for_the_answer(get("/1"), &wire("/1"), upgrade("/2"), "GET /2 HTTP/1.1\r\n");
}

#[test]
fn a_streamed_body_waits_for_those_before_it() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    let streamed = Request { idempotent: true, ..upload("/2", None) };
    engine.commands([dispatch(client, 1, get("/1")), dispatch(client, 2, streamed)]);
    let mut peer = server.accepts();
    peer.reads(&wire("/1"));
    engine.tells(&["connected"]);
    engine.is_silent();
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end", "2 capacity 65536"]);
}

#[test]
fn an_idempotent_request_follows_one_that_is_not() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    engine.commands([dispatch(client, 1, request("POST", "/1")), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    peer.reads("POST /1 HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n");
    peer.reads(&wire("/2"));
}

#[test]
fn nothing_follows_a_blocking_request_before_its_response_head() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    let blocking = Request { blocking: true, ..get("/1") };
    engine.commands([dispatch(client, 1, blocking), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    peer.reads(&wire("/1"));
    engine.settles();
    peer.is_silent();
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
    peer.reads(&wire("/2"));
}

#[test]
fn nothing_follows_a_request_that_closes_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    let closing = Request { reset: Some(true), ..get("/1") };
    engine.commands([dispatch(client, 1, closing), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    peer.reads("GET /1 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    peer.writes(EMPTY);
    peer.is_closed();
    engine.tells(&["connected", "1 head 200", "1 end, closing", "disconnected: Reset", "connected"]);
    server.accepts().reads(&wire("/2"));
}

#[test]
fn nothing_follows_a_streamed_body_before_its_end() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    engine.commands([dispatch(client, 1, upload("/1", None)), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    let head = "POST /1 HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n";
    peer.reads(&format!("{head}transfer-encoding: chunked\r\n\r\n3\r\nabc"));
    engine.settles();
    peer.is_silent();
    engine.finish(1);
    peer.reads("\r\n0\r\n\r\n");
    peer.reads(&wire("/2"));
}

#[test]
fn content_that_was_waited_for_is_followed_at_once() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    let expecting = Request { expect_continue: true, ..post("/1", "x") };
    engine.commands([dispatch(client, 1, expecting), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    peer.reads("POST /1 HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\n");
    engine.settles();
    peer.is_silent();
    // Nothing is told of it, and no command comes.
    peer.writes("HTTP/1.1 100 Continue\r\n\r\n");
    peer.reads("x");
    peer.reads(&wire("/2"));
}

#[test]
fn the_last_declared_octet_is_the_end_of_a_streamed_body() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    engine.commands([dispatch(client, 1, upload("/1", Some(3))), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    let head = "POST /1 HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n";
    peer.reads(&format!("{head}content-length: 3\r\n\r\nabc"));
    peer.reads(&wire("/2"));
    engine.finish(1);
    peer.writes(EMPTY.repeat(2));
    engine.tells(&["1 head 200", "1 end", "2 head 200", "2 end"]);
}

#[test]
fn nothing_follows_a_streamed_body_that_its_method_does_not_anticipate() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = pipelining(&mut engine, &server);
    let body = RequestBody::Stream { declared: None, expects_content: false };
    let unexpected = Request { body, unexpected_content: true, ..get("/1") };
    engine.commands([dispatch(client, 1, unexpected), dispatch(client, 2, get("/2"))]);
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    engine.finish(1);
    let head = "GET /1 HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n";
    peer.reads(&format!("{head}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    engine.is_silent();
    peer.is_silent();
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end, closing", "disconnected: Reset", "connected"]);
    peer.is_closed();
    server.accepts().reads(&wire("/2"));
}

/// Three requests on one connection, none of them answered.
fn three_outstanding(engine: &mut Engine, server: &Server) -> (DispatcherId, Peer) {
    let client = pipelining(engine, server);
    engine.commands((1..4).map(|number| dispatch(client, number, get(&format!("/{number}")))));
    let mut peer = server.accepts();
    for number in 1..4 {
        peer.reads(&wire(&format!("/{number}")));
    }
    engine.tells(&["connected"]);
    (client, peer)
}

#[test]
fn when_the_connection_fails_its_head_fails_and_the_innocents_wait_to_be_started_again() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, peer) = three_outstanding(&mut engine, &server);
    drop(peer);
    engine.tells(&["1 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
    engine.tells(&["2 restart", "3 restart", "connected"]);
    let mut peer = server.accepts();
    engine.settles();
    peer.is_silent();
    engine.command(Command::Start { exchange: exchange(2) });
    peer.reads(&wire("/2"));
    engine.command(Command::Start { exchange: exchange(3) });
    peer.reads(&wire("/3"));
    peer.writes(EMPTY.repeat(2));
    engine.tells(&["2 head 200", "2 end", "3 head 200", "3 end"]);
}

#[test]
fn when_the_server_closes_after_a_response_those_behind_it_wait_again() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = three_outstanding(&mut engine, &server);
    peer.writes("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    engine.tells(&["1 head 200", "1 end, closing", "disconnected: Reset", "2 restart", "3 restart"]);
}

#[test]
fn when_the_head_is_aborted_the_innocents_wait_again() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = three_outstanding(&mut engine, &server);
    engine.abort(1);
    engine.tells(&["1 aborted, closing", "disconnected: Aborted", "2 restart", "3 restart", "connected"]);
    peer.is_closed();
}

#[test]
fn what_was_asked_before_an_aborted_request_is_answered_first() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = three_outstanding(&mut engine, &server);
    engine.abort(2);
    engine.tells(&["2 aborted, closing"]);
    engine.send(client, 4, get("/4"));
    engine.is_silent();
    peer.is_silent();
    peer.writes(EMPTY.repeat(2));
    engine.tells(&["1 head 200", "1 end, closing", "disconnected: Aborted", "3 restart", "connected"]);
    let mut peer = server.accepts();
    engine.command(Command::Start { exchange: exchange(3) });
    peer.reads(&wire("/3"));
    peer.reads(&wire("/4"));
}
