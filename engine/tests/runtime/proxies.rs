//! Origins behind a proxy: the way there, and every way in which it can fail. TLS is tested where there is a server that
//! speaks it, from JavaScript.

use std::time::{Duration, Instant};

use bytes::Bytes;
use dodici_engine::command::{Command, DispatcherOptions};
use dodici_engine::message::RequestHead;
use dodici_engine::net::{Ask, Tunnel};
use dodici_engine::proto::{socks5, tunnel};

use crate::harness::{Engine, Peer, Server, dispatch, exchange, get, options, options_for};

const CONNECT: &str = "CONNECT a.test:80 HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n";
const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const SHORT: Duration = Duration::from_millis(80);

fn by(ask: Ask, server: &Server) -> DispatcherOptions {
    let tunnel = Tunnel {
        ask,
        reach_time: Some(Duration::from_secs(10)),
        answer_time: None,
        security: None,
        security_time: None,
        keeps_server_name: false,
    };
    DispatcherOptions { tunnel: Some(tunnel), ..options(server) }
}

fn by_connect(server: &Server) -> DispatcherOptions {
    let line = "CONNECT a.test:80 HTTP/1.1\r\nhost: a.test\r\n";
    let ask = tunnel::Ask {
        head: RequestHead { bytes: Bytes::from_static(line.as_bytes()), connection_at: Some(line.len()) },
        max_header_size: 1000,
        headers_timeout: Some(Duration::from_secs(300)),
    };
    by(Ask::Connect(ask), server)
}

fn by_socks5(server: &Server, step_time: Option<Duration>) -> DispatcherOptions {
    let name = |text: &str| socks5::Name::new(text.as_bytes()).unwrap();
    let ask = socks5::Ask {
        target: socks5::Target::Name(name("a.test")),
        port: 80,
        credentials: Some(socks5::Credentials { user: name("u"), password: name("p") }),
        step_time,
    };
    by(Ask::Socks5(ask), server)
}

/// A proxy that was asked for a tunnel, and the engine that asked.
fn asked(change: impl FnOnce(&mut DispatcherOptions)) -> (Server, Engine, Peer) {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = by_connect(&server);
    change(&mut options);
    let client = engine.dispatcher(options);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(CONNECT);
    (server, engine, peer)
}

#[track_caller]
fn fails(engine: &mut Engine, error: &str) {
    engine.tells(&[&format!("connect failed: {error}"), &format!("1 failed: {error}")]);
}

#[test]
fn a_request_goes_through_the_tunnel_and_so_does_the_next() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(by_connect(&server));
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, get("/"))]);
    let mut peer = server.accepts();
    peer.reads(CONNECT);
    peer.is_silent();
    engine.is_silent();
    peer.writes("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.reads(GET);
    peer.writes(OK);
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end", "2 head 200", "2 data ok", "2 end"]);
    server.is_unvisited();
}

#[test]
fn an_answer_that_comes_octet_by_octet_is_as_good() {
    let (_server, mut engine, mut peer) = asked(|_| {});
    for octet in b"HTTP/1.1 103 Wait\r\n\r\nHTTP/1.1 200 OK\r\nx: y\r\n\r\n" {
        peer.writes([*octet]);
    }
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
}

#[test]
fn octets_behind_the_answer_are_the_origins() {
    let (_server, mut engine, mut peer) = asked(|_| {});
    peer.writes(format!("HTTP/1.1 200 OK\r\n\r\n{OK}"));
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
}

#[test]
fn a_refusal_is_told_with_its_status() {
    let (_server, mut engine, mut peer) = asked(|_| {});
    peer.writes("HTTP/1.1 407 No\r\ncontent-length: 3\r\n\r\nnot");
    fails(&mut engine, "TunnelRefused { status: 407 }");
    peer.is_closed();
}

#[test]
fn an_end_instead_of_an_answer_is_the_proxys() {
    for said in ["", "HTTP/1.1 200 OK\r\n"] {
        let (_server, mut engine, mut peer) = asked(|_| {});
        peer.writes(said);
        peer.finishes();
        fails(&mut engine, "AtProxy(OtherSideClosed)");
        peer.is_closed();
    }
}

#[test]
fn a_reset_is_the_proxys() {
    let (_server, mut engine, peer) = asked(|_| {});
    peer.resets();
    fails(&mut engine, &format!("AtProxy(System {{ syscall: Read, errno: {} }})", libc::ECONNRESET));
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let address = Server::start().address;
    let mut engine = Engine::start();
    let mut options = by_connect(&Server::start());
    options.origin.port = address.port();
    let client = engine.dispatcher(options);
    engine.send(client, 1, get("/"));
    let errno = libc::ECONNREFUSED;
    fails(&mut engine, &format!("AtProxy(Connect([ConnectAttempt {{ target: Inet({address}), errno: {errno} }}]))"));
}

#[test]
fn the_name_of_the_proxy_is_resolved_and_its_addresses_are_tried_in_turn() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let options =
        DispatcherOptions { origin: options_for("localhost", server.address.port()).origin, ..by_connect(&server) };
    let client = engine.dispatcher(options);
    engine.send(client, 1, get("/"));
    server.accepts().reads(CONNECT);
}

#[test]
fn what_is_no_http_is_the_proxys() {
    let (_server, mut engine, mut peer) = asked(|_| {});
    peer.writes("gibberish\r\n\r\n");
    fails(
        &mut engine,
        "AtProxy(Parse(ParseError { code: InvalidConstant, reason: \"not an HTTP/1 response\", position: 0 }))",
    );
    peer.is_closed();
}

#[test]
fn an_answer_that_does_not_end_is_the_proxys() {
    let (_server, mut engine, mut peer) = asked(|_| {});
    peer.writes(format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(1000)));
    fails(&mut engine, "AtProxy(HeadersOverflow)");
}

#[test]
fn a_proxy_that_is_silent_has_the_time_of_a_head() {
    let started = Instant::now();
    let (_server, mut engine, mut peer) = asked(|options| {
        if let Some(Tunnel { ask: Ask::Connect(ask), .. }) = &mut options.tunnel {
            ask.headers_timeout = Some(SHORT);
        }
    });
    fails(&mut engine, "AtProxy(HeadersTimeout)");
    assert!(started.elapsed() >= SHORT);
    peer.is_closed();
}

#[test]
fn the_time_for_an_answer_is_not_made_longer_by_octets() {
    let (_server, mut engine, mut peer) = asked(|options| {
        options.tunnel.as_mut().unwrap().answer_time = Some(SHORT);
    });
    peer.writes("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 O");
    fails(&mut engine, "AtProxy(TunnelTimeout)");
    peer.is_closed();
}

#[test]
fn an_abort_of_all_that_wait_leaves_the_tunnel_to_those_who_come() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(by_connect(&server));
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(CONNECT);
    engine.abort(1);
    engine.tells(&["1 aborted"]);
    engine.send(client, 2, get("/"));
    peer.writes("HTTP/1.1 200 OK\r\n\r\n");
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn destroying_ends_a_connection_that_is_no_tunnel_yet() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(by_connect(&server));
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(CONNECT);
    engine.command(Command::Destroy { dispatcher: client });
    engine.tells(&["destroyed"]);
    peer.is_closed();
    engine.command(Command::Abort { exchange: exchange(1) });
    engine.tells(&["1 aborted"]);
}

#[test]
fn a_tunnel_that_went_away_while_it_was_idle_is_not_used() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(by_connect(&server));
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(CONNECT);
    peer.writes("HTTP/1.1 200 OK\r\n\r\n");
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    peer.finishes();
    engine.tells(&["disconnected: OtherSideClosed"]);
    engine.send(client, 2, get("/"));
    server.accepts().reads(CONNECT);
}

#[test]
fn a_socks5_proxy_is_asked_step_by_step() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(by_socks5(&server, None));
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads("\x05\x02\x02\x00");
    for octet in [5, 2] {
        peer.writes([octet]);
    }
    peer.reads("\x01\x01u\x01p");
    peer.writes([1, 0]);
    peer.reads("\x05\x01\x00\x03\x06a.test\x00\x50");
    peer.writes([5, 0, 0, 1, 127, 0, 0, 1, 0, 80]);
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
}

#[test]
fn a_socks5_proxy_refuses_ends_and_is_silent() {
    let cases: [(&[&[u8]], &str); 4] = [
        (&[&[5, 0xff]], "Socks5(NoMethod)"),
        (&[&[5, 0], &[5, 5, 0, 1]], "Socks5(Reply(5))"),
        // Nobody has heard of the origin yet; and then somebody has.
        (&[], "AtProxy(TunnelTimeout)"),
        (&[&[5, 0]], "TunnelTimeout"),
    ];
    for (words, error) in cases {
        let (server, mut engine) = (Server::start(), Engine::start());
        let client = engine.dispatcher(by_socks5(&server, Some(SHORT)));
        engine.send(client, 1, get("/"));
        let mut peer = server.accepts();
        peer.reads("\x05\x02\x02\x00");
        for (index, word) in words.iter().enumerate() {
            peer.writes(word);
            if index == 0 && word[1] == 0 {
                peer.reads("\x05\x01\x00\x03\x06a.test\x00\x50");
            }
        }
        fails(&mut engine, error);
        peer.is_closed();
    }
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(by_socks5(&server, None));
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads("\x05\x02\x02\x00");
    peer.finishes();
    fails(&mut engine, "AtProxy(OtherSideClosed)");
}
