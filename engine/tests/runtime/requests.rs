//! One request after another: what goes over the wire, what is told, and when a connection is used again.

use std::time::Duration;

use dodici_engine::command::Command;
use dodici_engine::event::Event;
use dodici_engine::message::{DispatcherId, Request};

use crate::harness::{Engine, Peer, Server, exchange, get, options, post, request, sentence};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const GET_CLOSE: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn a_request_is_written_once_there_is_a_connection_and_its_response_is_told() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    engine.tells(&["connected", "1 head 200", "1 data hello", "1 end"]);
}

#[test]
fn the_next_request_uses_the_same_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    engine.tells(&["connected"]);
    for number in 1..4 {
        peer.reads(GET);
        peer.writes(OK);
        let n = number.to_string();
        engine.tells(&[&(n.clone() + " head 200"), &(n.clone() + " data ok"), &(n + " end")]);
        engine.send(client, number + 1, get("/"));
    }
}

#[test]
fn a_body_in_one_piece_follows_its_head() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, post("/", "abc"));
    let mut peer = server.accepts();
    peer.reads("POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\ncontent-length: 3\r\n\r\nabc");
    peer.writes("HTTP/1.1 204 No Content\r\n\r\n");
    engine.tells(&["connected", "1 head 204", "1 end"]);
}

#[test]
fn interim_responses_are_told_before_the_final_one() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 103 Early Hints\r\n\r\n");
    peer.writes(OK);
    engine.tells(&["connected", "1 informational 103", "1 head 200", "1 data ok", "1 end"]);
}

#[test]
fn nothing_is_written_before_the_request_has_started() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let dispatcher = engine.client(&server);
    let request = Box::new(get("/"));
    let started = false;
    engine.command(Command::Dispatch { dispatcher, exchange: exchange(1), request, started, waited: Duration::ZERO });
    let mut peer = server.accepts();
    engine.tells(&["connected"]);
    engine.is_silent();
    peer.is_silent();
    engine.command(Command::Start { exchange: exchange(1) });
    peer.reads(GET);
}

#[test]
fn a_connection_that_the_server_closed_while_idle_is_replaced_unnoticed() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    drop(peer);
    engine.tells(&["disconnected: OtherSideClosed"]);
    engine.send(client, 2, post("/", "abc"));
    let mut peer = server.accepts();
    peer.reads("POST / HTTP/1.1\r\n");
    peer.writes(OK);
    engine.tells(&["connected", "2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn octets_that_nobody_asked_for_end_an_idle_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    peer.writes(OK);
    engine.tells(&["disconnected: BadResponse"]);
    peer.is_closed();
}

#[test]
fn surplus_behind_a_response_never_answers_the_next_request() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    engine.send(client, 2, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK.repeat(2));
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end, closing"]);
    engine.tells(&["disconnected: BadResponse"]);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
    engine.tells(&["connected", "2 head 201", "2 end"]);
}

#[test]
fn a_response_that_says_close_ends_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end, closing", "disconnected: Reset"]);
    peer.is_closed();
}

#[test]
fn the_end_of_a_response_says_whether_its_connection_takes_more() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    engine.is_silent();
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    engine.tells(&["2 head 200", "2 end, closing", "disconnected: Reset"]);

    engine.send(client, 3, Request { reset: Some(false), ..request("HEAD", "/") });
    let mut peer = server.accepts();
    peer.reads("HEAD / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n");
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    engine.tells(&["connected", "3 head 200", "3 end"]);
    engine.send(client, 4, request("HEAD", "/"));
    peer.reads("HEAD / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    engine.tells(&["4 head 200", "4 end, closing", "disconnected: Reset"]);
}

#[test]
fn a_body_without_length_ends_with_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    drop(peer);
    engine.tells(&["connected", "1 head 200", "1 data until the end", "1 end, closing", "disconnected: Reset"]);
}

#[test]
fn without_pipelining_every_request_has_its_own_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = {
        let mut options = options(&server);
        options.pipelining = 0;
        engine.dispatcher(options)
    };
    engine.send(client, 1, get("/"));
    engine.send(client, 2, get("/"));
    for number in ["1", "2"] {
        let mut peer = server.accepts();
        peer.reads(GET_CLOSE);
        peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        let (head, end) = (format!("{number} head 200"), format!("{number} end, closing"));
        engine.tells(&["connected", &head, &end, "disconnected: Reset"]);
    }
}

#[test]
fn the_connection_closes_after_head_and_after_the_last_of_max_requests() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, request("HEAD", "/"));
    let mut peer = server.accepts();
    peer.reads("HEAD / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    engine.tells(&["connected", "1 head 200", "1 end, closing", "disconnected: Reset"]);

    let mut options = options(&server);
    options.max_requests = Some(2);
    let client = engine.dispatcher(options);
    engine.send(client, 2, get("/"));
    engine.send(client, 3, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    peer.reads(GET_CLOSE);
    peer.writes(OK);
    engine.tells(&["connected", "2 head 200", "2 data ok", "2 end"]);
    engine.tells(&["3 head 200", "3 data ok", "3 end, closing", "disconnected: Reset"]);
}

#[test]
fn a_connection_that_ends_before_the_answer_fails_the_request() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    drop(peer);
    engine.tells(&["connected", "1 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
}

#[test]
fn a_reset_before_the_answer_fails_the_request_with_the_system_call() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.resets();
    let told = format!("System {{ syscall: Read, errno: {} }}", libc::ECONNRESET);
    engine.tells(&["connected", &format!("1 failed: {told}"), &format!("disconnected: {told}")]);
}

#[test]
fn a_failure_says_how_much_went_over_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour");
    engine.tells(&["connected", "1 head 200", "1 data four"]);
    drop(peer);
    let event = engine.next();
    let Event::Failed { traffic, .. } = event else { panic!("{}", sentence(&event)) };
    assert_eq!((traffic.written, traffic.read), (GET.len() as u64, 42));
}

#[test]
fn bytes_that_are_not_http_fail_the_request() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("SSH-2.0-OpenSSH_9.6\r\n\r\n");
    engine.tells(&["connected"]);
    let told = sentence(&engine.next());
    assert!(told.starts_with("1 failed: Parse("), "{told}");
    let told = sentence(&engine.next());
    assert!(told.starts_with("disconnected: Parse("), "{told}");
    peer.is_closed();
}

#[test]
fn a_pool_opens_a_connection_for_each_request_that_waits_up_to_its_limit() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = {
        let mut options = options(&server);
        options.connections = 2;
        engine.dispatcher(options)
    };
    for number in 1..4 {
        engine.send(client, number, get("/"));
    }
    let (mut first, mut second) = (server.accepts(), server.accepts());
    engine.tells(&["connected", "connected"]);
    first.reads(GET);
    second.reads(GET);
    engine.is_silent();
    server.is_unvisited();
    second.writes(OK);
    second.reads(GET);
}

#[test]
fn commands_about_unknown_exchanges_and_dispatchers_are_void_but_for_the_answer_to_an_abort() {
    let mut engine = Engine::start();
    let dispatcher = DispatcherId { slot: 77, generation: 3 };
    engine.abort(9);
    engine.tells(&["9 aborted"]);
    engine.release(9, 100);
    engine.chunk(9, "abc");
    engine.finish(9);
    engine.command(Command::Start { exchange: exchange(9) });
    engine.send(dispatcher, 10, get("/"));
    engine.command(Command::Pipelining { dispatcher, value: 4 });
    engine.command(Command::Destroy { dispatcher });
    engine.is_silent();
}

/// A connection over which one request was answered, and the second was sent.
fn used(engine: &mut Engine, server: &Server, second: Request) -> Peer {
    let client = engine.client(server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    engine.send(client, 2, second);
    peer
}

#[test]
fn a_request_that_crossed_the_end_of_a_used_connection_is_sent_again() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = used(&mut engine, &server, get("/"));
    peer.reads(GET);
    drop(peer);
    engine.tells(&["disconnected: OtherSideClosed", "2 restart"]);
    engine.command(Command::Start { exchange: exchange(2) });
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn but_once_only() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = used(&mut engine, &server, get("/"));
    peer.reads(GET);
    drop(peer);
    engine.tells(&["disconnected: OtherSideClosed", "2 restart"]);
    engine.command(Command::Start { exchange: exchange(2) });
    let mut peer = server.accepts();
    peer.reads(GET);
    drop(peer);
    engine.tells(&["connected", "2 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
}

#[test]
fn and_not_if_it_may_have_had_an_effect_or_has_content_or_an_octet_has_come() {
    let idempotent = Request { idempotent: true, ..post("/", "hello") };
    for (second, reads, answer) in
        [(post("/", "hello"), "POST", ""), (idempotent, "POST", ""), (get("/"), GET, "HTTP/1.1 2")]
    {
        let (server, mut engine) = (Server::start(), Engine::start());
        let mut peer = used(&mut engine, &server, second);
        peer.reads(reads);
        peer.writes(answer);
        peer.finishes();
        engine.tells(&["2 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
    }
}
