//! Connections that left HTTP: after `101`, and after `2xx` to CONNECT.

use dodici_engine::command::Command;
use dodici_engine::message::DispatcherId;

use crate::harness::{Engine, Peer, Server, exchange, get, request, upgrade};

const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";

fn tunnel(engine: &mut Engine, server: &Server) -> (DispatcherId, Peer) {
    let client = engine.client(server);
    engine.send(client, 1, upgrade("/"));
    let mut peer = server.accepts();
    peer.reads("GET / HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    peer.writes(SWITCHING);
    engine.tells(&["connected", "disconnected: Upgraded", "1 upgraded 101", "1 capacity 65536"]);
    (client, peer)
}

#[test]
fn an_upgraded_connection_carries_octets_both_ways() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = tunnel(&mut engine, &server);
    engine.chunk(1, "ping");
    peer.reads("ping");
    peer.writes("pong");
    engine.tells(&["1 data pong"]);
}

#[test]
fn what_came_with_the_response_is_the_tunnels() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, upgrade("/"));
    let mut peer = server.accepts();
    peer.writes(format!("{SWITCHING}HTTP/1.1 is history"));
    engine.tells(&["connected", "disconnected: Upgraded", "1 upgraded 101", "1 capacity 65536"]);
    engine.tells(&["1 data HTTP/1.1 is history"]);
}

#[test]
fn connect_makes_a_tunnel_of_a_2xx_response() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, request("CONNECT", "example:443"));
    let mut peer = server.accepts();
    peer.reads("CONNECT example:443 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    peer.writes("HTTP/1.1 200 Connection established\r\n\r\n");
    engine.tells(&["connected", "disconnected: Upgraded", "1 upgraded 200", "1 capacity 65536"]);
    peer.writes("hello");
    engine.tells(&["1 data hello"]);
}

#[test]
fn the_next_request_gets_a_connection_of_its_own() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, _peer) = tunnel(&mut engine, &server);
    engine.send(client, 2, get("/"));
    server.accepts().reads("GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n");
}

#[test]
fn each_side_finishes_on_its_own_and_then_the_tunnel_is_forgotten() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = tunnel(&mut engine, &server);
    peer.finishes();
    engine.tells(&["1 end"]);
    engine.chunk(1, "still here");
    peer.reads("still here");
    engine.finish(1);
    peer.is_closed();
    engine.is_silent();
}

#[test]
fn the_engines_side_may_finish_first() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = tunnel(&mut engine, &server);
    engine.chunk(1, "bye");
    engine.finish(1);
    peer.reads("bye");
    peer.is_closed();
    peer.writes("bye");
    engine.tells(&["1 data bye"]);
    peer.finishes();
    engine.tells(&["1 end"]);
}

#[test]
fn an_aborted_tunnel_is_closed_and_its_end_is_not_told() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = tunnel(&mut engine, &server);
    engine.abort(1);
    engine.tells(&["1 aborted"]);
    peer.is_closed();
    engine.is_silent();
}

#[test]
fn a_tunnel_outlives_its_dispatcher() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (dispatcher, mut peer) = tunnel(&mut engine, &server);
    engine.command(Command::Destroy { dispatcher });
    engine.tells(&["destroyed"]);
    peer.writes("hello");
    engine.tells(&["1 data hello"]);
    engine.chunk(1, "hello");
    peer.reads("hello");
}

#[test]
fn a_reset_fails_the_tunnel() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, peer) = tunnel(&mut engine, &server);
    peer.resets();
    let told = format!("1 failed: System {{ syscall: Read, errno: {} }}", libc::ECONNRESET);
    engine.tells(&[&told]);
}

#[test]
fn an_unread_tunnel_stops_reading_until_it_is_released() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = tunnel(&mut engine, &server);
    let server = std::thread::spawn(move || peer.writes(vec![b'x'; 200_000]));
    engine.tells_octets(1, 65_536);
    engine.is_silent();
    engine.release(1, 65_536);
    engine.tells_octets(1, 131_072);
    engine.release(1, 131_072);
    engine.tells_octets(1, 200_000 - 65_536 - 131_072);
    engine.tells(&["1 end"]);
    server.join().unwrap();
}

#[test]
fn a_paused_tunnel_is_told_nothing_until_it_is_resumed() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = tunnel(&mut engine, &server);
    engine.command(Command::Pause { exchange: exchange(1) });
    engine.settles();
    peer.writes("hello");
    engine.is_silent();
    engine.command(Command::Resume { exchange: exchange(1) });
    engine.tells(&["1 data hello"]);
}
