//! When the steps of an exchange were done: each where it happened, none where it did not, and in their order.

use std::time::{Duration, Instant};

use dodici_engine::command::Command;
use dodici_engine::event::Event;
use dodici_engine::message::{Moment, Request, Timings};

use crate::harness::{Engine, Peer, Server, dispatch, exchange, get, options, options_for, request, sentence, upload};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const MOMENT: Duration = Duration::from_millis(5);
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// The timings at the head and at the end of an exchange.
#[track_caller]
fn told(engine: &mut Engine, number: u32) -> (Timings, Timings) {
    let mut at_head = None;
    loop {
        match engine.next() {
            Event::Head { exchange: of, timings, .. } if of == exchange(number) => at_head = Some(timings),
            Event::End { exchange: of, timings, .. } if of == exchange(number) => return (at_head.unwrap(), timings),
            Event::Failed { .. } | Event::ConnectFailed { .. } => panic!("it failed"),
            _ => {}
        }
    }
}

/// The names of the steps that happened. They are in order.
#[track_caller]
fn steps(timings: &Timings) -> Vec<&'static str> {
    let Timings { queued, dns, connect, tls, sent, first_byte, end } = *timings;
    let all = [
        ("queued", queued),
        ("dns", dns),
        ("connect", connect),
        ("tls", tls),
        ("sent", sent),
        ("first byte", first_byte),
        ("end", end),
    ];
    let happened: Vec<_> = all.into_iter().filter(|(_, moment)| !moment.is_never()).collect();
    assert!(happened.is_sorted_by_key(|(_, moment)| moment.time()), "{happened:?}");
    happened.into_iter().map(|(name, _)| name).collect()
}

fn time(moment: Moment) -> Duration {
    moment.time().expect("it happened")
}

/// Waits for [`MOMENT`], by the engine's clock: a request that nobody answers.
fn a_moment(engine: &mut Engine, server: &Server) -> Peer {
    let client = engine.client(server);
    engine.send(client, 99, Request { headers_timeout: Some(MOMENT), ..get("/") });
    let peer = server.accepts();
    engine.tells(&["connected", "99 failed: HeadersTimeout", "disconnected: HeadersTimeout"]);
    peer
}

#[test]
fn a_fresh_connection_is_opened_for_its_first_request_and_reused_by_the_next() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(options_for("localhost", server.address.port()));
    let began = Instant::now();
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    let (at_head, at_end) = told(&mut engine, 1);
    assert_eq!(steps(&at_head), ["queued", "dns", "connect", "sent", "first byte"]);
    assert_eq!(steps(&at_end), ["queued", "dns", "connect", "sent", "first byte", "end"]);
    assert!(time(at_end.end) <= began.elapsed());
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.writes(OK);
    let (_, at_end) = told(&mut engine, 2);
    assert_eq!(steps(&at_end), ["queued", "sent", "first byte", "end"]);
}

#[test]
fn an_address_needs_no_resolving() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    assert_eq!(steps(&told(&mut engine, 1).1), ["queued", "connect", "sent", "first byte", "end"]);
}

#[test]
fn a_request_that_waits_for_another_is_queued_until_that_is_answered() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, get("/"))]);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    let (_, first) = told(&mut engine, 1);
    peer.reads(GET);
    peer.writes(OK);
    let (_, second) = told(&mut engine, 2);
    assert_eq!(steps(&second), ["queued", "sent", "first byte", "end"]);
    // They were dispatched at once.
    assert!(time(second.queued) >= time(first.end));
}

#[test]
fn the_first_byte_is_that_of_an_interim_response_and_not_of_the_head() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 103 Early\r\n\r\n");
    engine.tells(&["connected", "1 informational 103"]);
    let _other = a_moment(&mut engine, &server);
    peer.writes(OK);
    let (_, timings) = told(&mut engine, 1);
    assert!(time(timings.end) - time(timings.first_byte) >= MOMENT, "{timings:?}");
}

#[test]
fn a_streamed_body_is_sent_with_its_last_piece() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, upload("/", Some(6)));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    peer.reads("POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\ncontent-length: 6\r\n\r\nabc");
    let _other = a_moment(&mut engine, &server);
    engine.chunk(1, "def");
    engine.finish(1);
    peer.reads("def");
    peer.writes(OK);
    let (_, timings) = told(&mut engine, 1);
    assert!(time(timings.sent) - time(timings.connect) >= MOMENT, "{timings:?}");
}

#[test]
fn a_request_that_is_answered_before_it_was_sent_tells_so() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, upload("/", None));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    peer.reads("POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n");
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
    let Event::Head { timings, .. } = engine.next() else { panic!("no head") };
    assert_eq!(steps(&timings), ["queued", "connect", "first byte"]);
    engine.finish(1);
    peer.reads("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    peer.writes("ok");
    let Event::Data { .. } = engine.next() else { panic!("no data") };
    let Event::End { timings, .. } = engine.next() else { panic!("no end") };
    assert!(time(timings.sent) >= time(timings.first_byte), "{timings:?}");
}

#[test]
fn a_request_that_was_sent_again_tells_of_its_last_attempt() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    told(&mut engine, 1);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.finishes();
    engine.tells(&["disconnected: OtherSideClosed", "2 restart"]);
    engine.command(Command::Start { exchange: exchange(2) });
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    assert_eq!(steps(&told(&mut engine, 2).1), ["queued", "connect", "sent", "first byte", "end"]);
}

#[test]
fn a_connection_that_was_opened_for_another_is_not_this_ones_doing() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    engine.abort(1);
    let mut peer = server.accepts();
    engine.tells(&["1 aborted", "connected"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.writes(OK);
    assert_eq!(steps(&told(&mut engine, 2).1), ["queued", "sent", "first byte", "end"]);
}

#[test]
fn a_tunnel_tells_when_it_stood() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, request("CONNECT", "a:1"));
    let mut peer = server.accepts();
    peer.reads("CONNECT a:1 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    peer.writes("HTTP/1.1 200 OK\r\n\r\n");
    engine.tells(&["connected", "disconnected: Upgraded"]);
    let event = engine.next();
    let Event::Upgraded { timings, .. } = event else { panic!("{}", sentence(&event)) };
    assert_eq!(steps(&timings), ["queued", "connect", "sent", "first byte", "end"]);
}

#[test]
fn pipelined_requests_have_their_own_first_bytes_and_ends() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = options(&server);
    options.pipelining = 2;
    let client = engine.dispatcher(options);
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, get("/"))]);
    let mut peer = server.accepts();
    peer.reads(&[GET; 2].concat());
    peer.writes([OK, OK].concat());
    assert_eq!(steps(&told(&mut engine, 1).1), ["queued", "connect", "sent", "first byte", "end"]);
    assert_eq!(steps(&told(&mut engine, 2).1), ["queued", "sent", "first byte", "end"]);
}
