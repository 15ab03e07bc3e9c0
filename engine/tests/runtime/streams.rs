//! Bodies in pieces, both ways, and how much of them may be in flight.

use std::io::Write;

use dodici_engine::command::{Command, DispatcherOptions};
use dodici_engine::event::Event;
use dodici_engine::message::{Request, RequestBody};

use crate::harness::{Engine, Peer, Server, exchange, get, options, sentence, upload};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const POST: &str = "POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n";
const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn uploading(engine: &mut Engine, server: &Server, request: Request) -> Peer {
    let client = engine.client(server);
    engine.send(client, 1, request);
    engine.tells(&["connected", "1 capacity 65536"]);
    server.accepts()
}

#[test]
fn pieces_of_unknown_number_are_chunks() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", None));
    engine.chunk(1, "hello");
    peer.reads(&format!("{POST}transfer-encoding: chunked\r\n\r\n5\r\nhello"));
    engine.chunk(1, "0123456789");
    peer.reads("\r\na\r\n0123456789");
    engine.finish(1);
    peer.reads("\r\n0\r\n\r\n");
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
}

#[test]
fn pieces_of_declared_length_are_sent_as_they_are() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", Some(6)));
    engine.chunk(1, "abc");
    engine.chunk(1, "def");
    engine.finish(1);
    peer.reads(&format!("{POST}content-length: 6\r\n\r\nabcdef"));
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
}

#[test]
fn a_declared_body_is_whole_with_its_last_octet_and_an_answer_before_its_end_keeps_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, upload("/", Some(6)));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    engine.chunk(1, "def");
    peer.reads(&format!("{POST}content-length: 6\r\n\r\nabcdef"));
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
    engine.finish(1);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.writes(EMPTY);
    engine.tells(&["2 head 200", "2 end"]);
}

#[test]
fn an_answer_before_the_last_declared_octet_ends_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", Some(6)));
    engine.chunk(1, "abcde");
    peer.reads(&format!("{POST}content-length: 6\r\n\r\nabcde"));
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end, closing", "disconnected: Reset"]);
    peer.is_closed();
}

#[test]
fn a_piece_behind_a_whole_declared_body_is_void() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", Some(6)));
    engine.chunk(1, "abcdef");
    peer.reads(&format!("{POST}content-length: 6\r\n\r\nabcdef"));
    engine.chunk(1, "g");
    engine.finish(1);
    engine.is_silent();
    peer.is_silent();
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
}

#[test]
fn the_source_of_a_whole_declared_body_is_granted_more_so_that_it_goes_on_to_its_end() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", Some(65_536)));
    engine.chunk(1, vec![b'x'; 65_536]);
    peer.reads(&format!("{POST}content-length: 65536\r\n\r\n"));
    peer.reads_octets(65_536);
    engine.settles();
    assert_ne!(capacity_told(&mut engine), 0);
    engine.finish(1);
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
}

#[test]
fn an_empty_stream_where_no_content_is_anticipated_keeps_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let body = RequestBody::Stream { declared: None, expects_content: false };
    engine.send(client, 1, Request { body, unexpected_content: true, ..get("/") });
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.finish(1);
    peer.reads(GET);
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
}

#[test]
fn a_stream_without_pieces_says_so() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", None));
    engine.settles();
    peer.is_silent();
    engine.finish(1);
    peer.reads(&format!("{POST}content-length: 0\r\n\r\n"));
}

#[test]
fn a_body_shorter_than_declared_fails_and_its_connection_closes() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", Some(6)));
    engine.chunk(1, "abc");
    peer.reads(&format!("{POST}content-length: 6\r\n\r\nabc"));
    engine.finish(1);
    engine.tells(&["1 failed: RequestContentLengthMismatch", "disconnected: Aborted"]);
    peer.is_closed();
}

#[test]
fn nothing_beyond_the_declared_length_is_written() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", Some(6)));
    engine.chunk(1, "abc");
    peer.reads(&format!("{POST}content-length: 6\r\n\r\nabc"));
    engine.chunk(1, "defg");
    engine.tells(&["1 failed: RequestContentLengthMismatch", "disconnected: Aborted"]);
    peer.is_closed();
}

#[test]
fn a_failed_stream_is_not_sent_again_even_if_its_method_is_idempotent() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let request = Request { idempotent: true, ..upload("/", None) };
    let mut peer = uploading(&mut engine, &server, request);
    engine.chunk(1, "abc");
    peer.reads(POST);
    peer.reads("transfer-encoding: chunked\r\n\r\n3\r\nabc");
    drop(peer);
    engine.tells(&["1 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
    engine.is_silent();
    server.is_unvisited();
}

#[test]
fn an_answer_before_the_end_of_the_upload_ends_the_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", None));
    engine.chunk(1, "abc");
    peer.reads(POST);
    peer.reads("transfer-encoding: chunked\r\n\r\n3\r\nabc");
    peer.writes("HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n");
    engine.tells(&["1 head 413", "1 end, closing", "disconnected: Reset"]);
    peer.is_closed();
    engine.chunk(1, "late");
    engine.finish(1);
    engine.is_silent();
}

#[test]
fn what_a_server_said_before_it_hung_up_on_an_upload_is_told() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", None));
    engine.chunk(1, "abc");
    peer.reads(POST);
    peer.writes("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    // Closed with unread octets: the engine's next write meets a reset.
    drop(peer);
    engine.chunk(1, vec![b'x'; 1000]);
    engine.tells(&["1 head 403", "1 end, closing", "disconnected: Reset"]);
}

#[test]
fn a_body_in_one_large_piece_is_written_as_the_server_reads_it() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let body = vec![b'x'; 20_000_000];
    let request = Request { body: RequestBody::Whole(body.into()), ..get("/") };
    engine.send(client, 1, request);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.reads_octets(20_000_000);
    peer.writes(EMPTY);
    engine.tells(&["connected", "1 head 200", "1 end"]);
}

#[test]
fn a_source_is_granted_more_only_while_the_server_reads() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut peer = uploading(&mut engine, &server, upload("/", None));
    let (mut granted, mut sent) = (65_536, 0);
    // The server reads nothing: when the socket's buffers are full, no capacity is left to use.
    while granted > sent {
        engine.chunk(1, vec![b'x'; granted - sent]);
        sent = granted;
        engine.settles();
        granted += capacity_told(&mut engine);
        assert!(sent < 64_000_000, "{sent} octets for a server that reads nothing");
    }
    #[cfg(target_os = "linux")]
    assert!(sent <= 1024 * 1024, "{sent} octets for a server that reads nothing");
    peer.reads(POST);
    peer.reads("transfer-encoding: chunked\r\n\r\n");
    peer.reads_octets(sent);
    let event = engine.next();
    assert!(matches!(event, Event::Capacity { octets, .. } if octets <= 256 * 1024));
}

/// The capacity that was told until now.
fn capacity_told(engine: &mut Engine) -> usize {
    let mut octets = 0;
    for event in engine.drain() {
        match event {
            Event::Capacity { octets: more, .. } => octets += more as usize,
            other => panic!("{}", sentence(&other)),
        }
    }
    octets
}

#[test]
fn an_unread_body_stops_after_64_kib_and_goes_on_when_it_is_released() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    let server = std::thread::spawn(move || {
        peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 30000000\r\n\r\n");
        peer.writes(vec![b'x'; 30_000_000]);
    });
    engine.tells(&["connected", "1 head 200"]);
    engine.tells_octets(1, 65_536);
    engine.is_silent();
    assert!(!server.is_finished(), "somebody took 30 MB");
    // The window doubles for a consumer that keeps up, but not beyond 1 MiB.
    let mut left = 30_000_000 - 65_536;
    let mut window = 65_536;
    while left > 0 {
        engine.release(1, window);
        window = (window * 2).min(1_048_576);
        let expected = left.min(window as usize);
        engine.tells_octets(1, expected);
        left -= expected;
    }
    engine.tells(&["1 end"]);
    server.join().unwrap();
}

#[test]
fn a_paused_exchange_is_told_nothing_until_it_is_resumed() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour");
    engine.tells(&["connected", "1 head 200", "1 data four"]);
    engine.command(Command::Pause { exchange: exchange(1) });
    engine.settles();
    peer.writes(" five");
    engine.is_silent();
    engine.command(Command::Resume { exchange: exchange(1) });
    engine.tells(&["1 data  five", "1 end"]);
}

#[test]
fn an_exchange_that_was_paused_while_it_waited_is_told_its_head_only() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    engine.command(Command::Pause { exchange: exchange(1) });
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour");
    engine.tells(&["connected", "1 head 200"]);
    engine.is_silent();
    engine.command(Command::Resume { exchange: exchange(1) });
    engine.tells(&["1 data four", "1 end"]);
}

#[test]
fn the_servers_end_is_noticed_behind_a_paused_exchange_that_has_all_that_came() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    engine.tells(&["connected", "1 head 200", "1 data hello"]);
    engine.command(Command::Pause { exchange: exchange(1) });
    engine.settles();
    peer.finishes();
    engine.tells(&["1 failed: OtherSideClosed", "disconnected: OtherSideClosed"]);
}

#[test]
fn what_came_before_the_servers_end_is_kept_for_a_paused_exchange() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    engine.command(Command::Pause { exchange: exchange(1) });
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nuntil the end").unwrap();
    drop(peer);
    engine.tells(&["connected", "1 head 200"]);
    engine.is_silent();
    engine.command(Command::Resume { exchange: exchange(1) });
    engine.tells(&["1 data until the end", "1 end, closing", "disconnected: Reset"]);
}

#[test]
fn the_source_of_a_body_is_asked_for_when_the_server_asks_to_continue() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { expect_continue: true, ..upload("/", Some(5)) });
    engine.tells(&["connected"]);
    let mut peer = server.accepts();
    peer.reads(&format!("{POST}content-length: 5\r\n\r\n"));
    engine.is_silent();
    peer.writes("HTTP/1.1 100 Continue\r\n\r\n");
    engine.tells(&["1 capacity 65536"]);
    engine.chunk(1, "hello");
    peer.reads("hello");
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
}

#[test]
fn whole_content_that_waits_to_continue_keeps_others_waiting() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(DispatcherOptions { pipelining: 4, ..options(&server) });
    let body = RequestBody::Whole("hello".into());
    engine.send(client, 1, Request { body, expect_continue: true, ..get("/") });
    engine.send(client, 2, get("/"));
    engine.tells(&["connected"]);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.is_silent();
    peer.writes("HTTP/1.1 100 Continue\r\n\r\n");
    peer.reads("hello");
    peer.reads(GET);
    peer.writes(EMPTY.repeat(2));
    engine.tells(&["1 head 200", "1 end", "2 head 200", "2 end"]);
}

#[test]
fn content_that_nobody_asks_for_goes_after_a_second() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let body = RequestBody::Whole("hello".into());
    engine.send(client, 1, Request { body, expect_continue: true, ..get("/") });
    engine.tells(&["connected"]);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.reads("hello");
    peer.writes(EMPTY);
    engine.tells(&["1 head 200", "1 end"]);
}
