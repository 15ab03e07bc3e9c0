//! Contents of which there is much: they are read straight into memory of the caller's, where he offers some.

use std::sync::{Arc, Mutex};

use dodici_engine::command::DispatcherOptions;
use dodici_engine::event::Event;

use crate::harness::{Engine, Peer, Server, Slabs, exchange, get, options, sentence};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const KIB: usize = 1024;

/// What a content of so many octets is.
fn content(octets: usize) -> Vec<u8> {
    (0..octets).map(|at| (at / 7) as u8).collect()
}

/// So many slabs of 64 KiB.
fn slabs(count: usize) -> Slabs {
    Arc::new(Mutex::new(vec![vec![0; 64 * KIB]; count]))
}

fn asked(engine: &mut Engine, server: &Server, options: DispatcherOptions) -> Peer {
    let client = engine.dispatcher(options);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.tells(&["connected"]);
    peer
}

/// What comes of the body, as it is taken, until something else is told; whether any of it was in a slab, and what comes then.
fn body(engine: &mut Engine) -> (Vec<u8>, bool, String) {
    let (mut told, mut is_any_landed) = (Vec::new(), false);
    loop {
        let before = told.len();
        match engine.next() {
            Event::Data { bytes, .. } => told.extend_from_slice(&bytes),
            Event::Landed { slab, octets, .. } => {
                is_any_landed = true;
                told.extend_from_slice(&(*slab).as_ref()[..octets]);
            }
            other => return (told, is_any_landed, sentence(&other)),
        }
        engine.release(1, u32::try_from(told.len() - before).unwrap());
    }
}

/// The peer sends its answer; a thread of its own, because it does not fit into what the system holds.
fn answers(mut peer: Peer, head: &str, content: Vec<u8>, tail: &str) -> std::thread::JoinHandle<Peer> {
    let (head, tail) = (head.to_owned(), tail.to_owned());
    std::thread::spawn(move || {
        peer.writes([head.as_bytes(), &content, tail.as_bytes()].concat());
        peer
    })
}

#[test]
fn content_in_each_framing_is_told_whole_and_in_order() {
    let sent = content(1000 * KIB);
    for (head, tail, end) in [
        (format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", sent.len()), "", "1 end"),
        (
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", sent.len()),
            "\r\n0\r\n\r\n",
            "1 end",
        ),
        ("HTTP/1.1 200 OK\r\n\r\n".to_owned(), "", "1 end, closing"),
    ] {
        let (server, mut engine) = (Server::start(), Engine::start_with_slabs(&slabs(2)));
        let peer = asked(&mut engine, &server, options(&server));
        let answering = answers(peer, &head, sent.clone(), tail);
        engine.tells(&["1 head 200"]);
        if end.ends_with("closing") {
            answering.join().unwrap().finishes();
        }
        let (told, is_any_landed, then) = body(&mut engine);
        assert!(told == sent, "{} octets of {}", told.len(), sent.len());
        assert!(is_any_landed);
        assert_eq!(then, end);
    }
}

#[test]
fn a_slab_into_which_nothing_came_is_there_again() {
    let slabs = slabs(1);
    let (server, mut engine) = (Server::start(), Engine::start_with_slabs(&slabs));
    let mut peer = asked(&mut engine, &server, options(&server));
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n");
    engine.tells(&["1 head 200"]);
    engine.settles();
    assert_eq!(slabs.lock().unwrap().len(), 1);
    engine.abort(1);
    engine.tells(&["1 aborted, closing", "disconnected: Aborted"]);
}

#[test]
fn no_more_is_read_than_the_window_has() {
    let slabs: Slabs = Arc::new(Mutex::new(vec![vec![0; 256 * KIB]; 4]));
    let (server, mut engine) = (Server::start(), Engine::start_with_slabs(&slabs));
    let peer = asked(&mut engine, &server, options(&server));
    let answering = answers(peer, "HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n", content(200_000), "");
    engine.tells(&["1 head 200"]);
    let mut told = 0;
    while told < 64 * KIB {
        match engine.next() {
            Event::Data { bytes, .. } => told += bytes.len(),
            Event::Landed { octets, .. } => told += octets,
            other => panic!("{}", sentence(&other)),
        }
    }
    answering.join().unwrap();
    engine.is_silent();
    assert_eq!(told, 64 * KIB);
}

#[test]
fn content_that_is_too_large_fails_where_it_becomes_that() {
    let (server, mut engine) = (Server::start(), Engine::start_with_slabs(&slabs(4)));
    let options = DispatcherOptions { max_response_size: Some(100_000), ..options(&server) };
    let peer = asked(&mut engine, &server, options);
    let answering = answers(peer, "HTTP/1.1 200 OK\r\n\r\n", content(101_000), "");
    engine.tells(&["1 head 200"]);
    let (told, is_any_landed, then) = body(&mut engine);
    assert!(told.len() <= 100_000 && is_any_landed);
    assert_eq!(then, "1 failed: ResponseExceededMaxSize");
    answering.join().unwrap();
}

#[test]
fn the_end_of_a_connection_follows_what_came_before_it() {
    for (resets, error) in [(false, "OtherSideClosed"), (true, "System { syscall: Read, errno: 104 }")] {
        let (server, mut engine) = (Server::start(), Engine::start_with_slabs(&slabs(4)));
        let mut peer = asked(&mut engine, &server, options(&server));
        peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        engine.tells(&["1 head 200"]);
        peer.writes(content(30_000));
        let mut told = Vec::new();
        while told.len() < 30_000 {
            match engine.next() {
                Event::Data { bytes, .. } => told.extend_from_slice(&bytes),
                Event::Landed { slab, octets, .. } => told.extend_from_slice(&(*slab).as_ref()[..octets]),
                other => panic!("{}", sentence(&other)),
            }
        }
        assert!(told == content(30_000));
        if resets {
            peer.resets();
        } else {
            drop(peer);
        }
        engine.tells(&[&format!("1 failed: {error}")]);
    }
}

#[test]
fn a_paused_content_takes_no_slab() {
    let slabs = slabs(1);
    let (server, mut engine) = (Server::start(), Engine::start_with_slabs(&slabs));
    let mut peer = asked(&mut engine, &server, options(&server));
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n");
    engine.tells(&["1 head 200"]);
    engine.command(dodici_engine::command::Command::Pause { exchange: exchange(1) });
    engine.settles();
    peer.writes(content(50_000));
    engine.is_silent();
    engine.command(dodici_engine::command::Command::Resume { exchange: exchange(1) });
    let (told, _, then) = body(&mut engine);
    assert!(told == content(50_000));
    assert_eq!(then, "1 end");
}
