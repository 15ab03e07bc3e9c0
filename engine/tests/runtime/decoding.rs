//! Contents that are told without their codings: with which capacity, what ends them, and what becomes of the connection.

use std::io::Write as _;
use std::time::Duration;

use dodici_engine::command::Command;
use dodici_engine::event::Event;
use dodici_engine::message::{Decoding, DispatcherId, Request};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::harness::{Engine, Peer, Server, exchange, get, options, sentence};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const MIB: usize = 1024 * 1024;
const END_OF_FILE: &str =
    r#"Content(ContentFault { code: "Z_BUF_ERROR", number: -5, reason: "unexpected end of file" })"#;
const BAD_HEADER: &str =
    r#"Content(ContentFault { code: "Z_DATA_ERROR", number: -3, reason: "incorrect header check" })"#;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn decoded() -> Request {
    Request { decoding: Some(Box::default()), ..get("/") }
}

fn head(coding: &str, length: usize) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {length}\r\n\r\n")
}

/// A request that is to be answered.
fn asked(engine: &mut Engine, server: &Server, request: Request) -> (DispatcherId, Peer) {
    let client = engine.client(server);
    engine.send(client, 1, request);
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.tells(&["connected"]);
    (client, peer)
}

#[test]
fn a_content_is_told_without_its_codings_and_the_connection_serves_on() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = asked(&mut engine, &server, decoded());
    let content = gzip(b"hello");
    peer.writes([head("gzip", content.len()).as_bytes(), &content].concat());
    engine.tells(&["1 head 200, decoded", "1 data hello", "1 end"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.writes([head("gzip", 2).as_bytes(), b"ok"].concat());
    engine.tells(&["2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn every_framing_of_a_content_is_that_of_its_coded_octets() {
    let content = gzip(b"hello");
    let chunks: Vec<Vec<u8>> =
        content.chunks(3).map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()).collect();
    let chunked = [
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n",
        chunks.concat().as_slice(),
        b"0\r\nx: y\r\n\r\n",
    ]
    .concat();
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = asked(&mut engine, &server, decoded());
    peer.writes(chunked);
    engine.tells(&["1 head 200, decoded", "1 data hello", "1 end"]);
    engine.send(client, 2, decoded());
    peer.reads(GET);
    peer.writes(
        [b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n", content.as_slice()].concat(),
    );
    peer.finishes();
    engine.tells(&["2 head 200, decoded", "2 data hello", "2 end, closing", "disconnected: Reset"]);
}

#[test]
fn what_is_not_wanted_or_not_known_is_told_as_it_is() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = asked(&mut engine, &server, decoded());
    peer.writes(head("own", 2) + "ab");
    engine.tells(&["1 head 200", "1 data ab", "1 end"]);
    let decoding = Decoding { skipped_statuses: [200].into(), ..Decoding::default() };
    engine.send(client, 2, Request { decoding: Some(Box::new(decoding)), ..get("/") });
    peer.reads(GET);
    peer.writes(head("gzip", 2) + "ab");
    engine.tells(&["2 head 200", "2 data ab", "2 end"]);
}

#[test]
fn a_content_that_ends_too_soon_is_told_before_its_end_and_the_connection_serves_on() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = asked(&mut engine, &server, decoded());
    let content = gzip(b"hello");
    peer.writes([head("gzip", content.len() - 1).as_bytes(), &content[..content.len() - 1]].concat());
    engine.tells(&["1 head 200, decoded", "1 data hello", &format!("1 content fault: {END_OF_FILE}"), "1 end"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
}

#[test]
fn a_content_that_is_none_costs_the_connection_only_if_there_is_more_of_it_to_come() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = asked(&mut engine, &server, decoded());
    peer.writes(head("gzip", 12) + "abcdefghijkl");
    engine.tells(&["1 head 200, decoded", &format!("1 content fault: {BAD_HEADER}"), "1 end"]);
    engine.send(client, 2, decoded());
    peer.reads(GET);
    peer.writes(head("gzip", 13) + "abcdefghijkl");
    engine.tells(&["2 head 200, decoded", &format!("2 failed: {BAD_HEADER}"), "disconnected: Aborted"]);
    peer.is_closed();
}

#[test]
fn a_content_that_becomes_too_large_fails() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let decoding = Some(Box::new(Decoding { max_size: 99_999, ..Decoding::default() }));
    let (_, mut peer) = asked(&mut engine, &server, Request { decoding, ..get("/") });
    let content = gzip(&vec![0; 100_000]);
    peer.writes([head("gzip", content.len() + 1).as_bytes(), &content].concat());
    engine.tells(&["1 head 200, decoded"]);
    engine.tells_octets(1, 65_536);
    engine.release(1, 65_536);
    engine.tells(&["1 failed: ContentTooLarge { size: 100000, limit: 99999 }", "disconnected: Aborted"]);
}

#[test]
fn the_capacity_is_that_of_the_octets_that_are_told() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (client, mut peer) = asked(&mut engine, &server, decoded());
    let content = gzip(&vec![0; 8 * MIB]);
    peer.writes([head("gzip", content.len()).as_bytes(), &content].concat());
    engine.tells(&["1 head 200, decoded"]);
    engine.tells_octets(1, 65_536);
    engine.is_silent();
    let (mut left, mut window) = (8 * MIB - 65_536, 65_536);
    while left > 0 {
        engine.release(1, u32::try_from(window).unwrap());
        window = (2 * window).min(MIB).min(left);
        engine.tells_octets(1, window);
        left -= window;
    }
    engine.release(1, u32::try_from(window).unwrap());
    engine.tells(&["1 end"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
}

#[test]
fn nothing_is_undone_while_its_user_pauses() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = asked(&mut engine, &server, decoded());
    engine.command(Command::Pause { exchange: exchange(1) });
    engine.settles();
    let content = gzip(b"hello");
    peer.writes([head("gzip", content.len()).as_bytes(), &content].concat());
    engine.tells(&["1 head 200, decoded"]);
    engine.is_silent();
    engine.command(Command::Resume { exchange: exchange(1) });
    engine.tells(&["1 data hello", "1 end"]);
}

#[test]
fn an_abort_ends_what_is_being_undone() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = asked(&mut engine, &server, decoded());
    let content = gzip(&vec![0; 8 * MIB]);
    peer.writes([head("gzip", content.len()).as_bytes(), &content].concat());
    engine.tells(&["1 head 200, decoded"]);
    engine.tells_octets(1, 65_536);
    engine.abort(1);
    engine.tells(&["1 aborted, closing", "disconnected: Aborted"]);
    peer.is_closed();
}

#[test]
fn the_body_timer_stands_still_while_the_user_is_the_slow_one_and_runs_while_the_peer_is() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let short = Duration::from_millis(80);
    let (_, mut peer) = asked(&mut engine, &server, Request { body_timeout: Some(short), ..decoded() });
    let content = gzip(&vec![0; 100_000]);
    let first = &content[..content.len() - 1];
    peer.writes([head("gzip", content.len()).as_bytes(), first].concat());
    engine.tells(&["1 head 200, decoded"]);
    engine.tells_octets(1, 65_536);
    // Another connection's timer tells that a multiple of the time has passed.
    let other = engine.dispatcher(options(&server));
    engine.send(other, 2, Request { headers_timeout: Some(3 * short), ..get("/") });
    engine.tells(&["connected", "2 failed: HeadersTimeout", "disconnected: HeadersTimeout"]);
    engine.release(1, 65_536);
    engine.tells_octets(1, 100_000 - 65_536);
    engine.tells(&["1 failed: BodyTimeout", "disconnected: BodyTimeout"]);
}

#[test]
fn a_content_that_costs_much_and_yields_nothing_lets_others_go_on() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let (_, mut peer) = asked(&mut engine, &server, decoded());
    let content = gzip(b"").repeat(100_000);
    let other = engine.dispatcher(options(&server));
    engine.send(other, 2, get("/"));
    let mut second = server.accepts();
    engine.tells(&["connected"]);
    second.reads(GET);
    peer.writes([head("gzip", content.len()).as_bytes(), &content].concat());
    engine.tells(&["1 head 200, decoded"]);
    second.writes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let mut told = Vec::new();
    while told.len() < 4 {
        told.push(sentence(&engine.next()));
    }
    assert_eq!(told, ["2 head 200", "2 data ok", "2 end", "1 end"]);
}

#[test]
fn who_is_asked_behind_another_is_undone_on_its_own() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut pipelining = options(&server);
    pipelining.pipelining = 2;
    let client = engine.dispatcher(pipelining);
    engine.send(client, 1, decoded());
    let mut peer = server.accepts();
    engine.tells(&["connected"]);
    engine.send(client, 2, get("/"));
    peer.reads(&GET.repeat(2));
    let content = gzip(b"hello");
    let plain = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    peer.writes([head("gzip", content.len()).as_bytes(), &content, plain].concat());
    engine.tells(&["1 head 200, decoded", "1 data hello", "1 end", "2 head 200", "2 data ok", "2 end"]);
    assert!(engine.drain().iter().all(|event| !matches!(event, Event::Failed { .. })));
}
