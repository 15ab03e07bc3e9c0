//! Time: what ends when it takes too long, and never too early. The tests wait for the engine's own
//! events, not for the clock.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use dodici_engine::command::Command;
use dodici_engine::message::Request;

use crate::harness::{Engine, Peer, Server, dispatch, exchange, get, options, options_for, request, upload};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const SHORT: Duration = Duration::from_millis(80);

/// Waits for three times [`SHORT`], by the engine's clock: a request that nobody answers.
fn a_while(engine: &mut Engine, server: &Server) -> Peer {
    let client = engine.client(server);
    let request = Request { headers_timeout: Some(3 * SHORT), ..get("/") };
    engine.send(client, 99, request);
    let peer = server.accepts();
    engine.tells(&["connected", "99 failed: HeadersTimeout", "disconnected: HeadersTimeout"]);
    peer
}

#[test]
fn a_response_head_that_is_late_fails_the_request() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let started = Instant::now();
    engine.send(client, 1, Request { headers_timeout: Some(SHORT), ..get("/") });
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 failed: HeadersTimeout", "disconnected: HeadersTimeout"]);
    assert!(started.elapsed() >= SHORT, "early: {:?}", started.elapsed());
    peer.reads(GET);
    peer.is_closed();
}

#[test]
fn a_shorter_time_holds_after_a_longer_one_on_the_same_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let patient = Request { headers_timeout: Some(Duration::from_secs(300)), ..get("/") };
    let hasty = Request { headers_timeout: Some(SHORT), ..get("/") };
    engine.commands([dispatch(client, 1, patient), dispatch(client, 2, hasty)]);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    peer.reads(GET);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    engine.tells(&["2 failed: HeadersTimeout", "disconnected: HeadersTimeout"]);
}

#[test]
fn a_longer_time_holds_after_a_shorter_one_on_the_same_connection() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let hasty = Request { headers_timeout: Some(SHORT), ..get("/") };
    let patient = Request { headers_timeout: Some(Duration::from_secs(300)), ..get("/") };
    engine.commands([dispatch(client, 1, hasty), dispatch(client, 2, patient)]);
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    peer.reads(GET);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    let _other = a_while(&mut engine, &server);
    peer.writes(OK);
    engine.tells(&["2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn a_body_that_falls_silent_fails_the_request() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { body_timeout: Some(SHORT), ..get("/") });
    let mut peer = server.accepts();
    peer.reads(GET);
    let written = Instant::now();
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour");
    engine.tells(&["connected", "1 head 200", "1 data four"]);
    engine.tells(&["1 failed: BodyTimeout", "disconnected: BodyTimeout"]);
    assert!(written.elapsed() >= SHORT, "early: {:?}", written.elapsed());
}

#[test]
fn a_paused_body_may_take_its_time() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { body_timeout: Some(SHORT), ..get("/") });
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour");
    engine.command(Command::Pause { exchange: exchange(1) });
    engine.tells(&["connected", "1 head 200"]);
    engine.settles();
    engine.drain();
    let _other = a_while(&mut engine, &server);
    engine.command(Command::Resume { exchange: exchange(1) });
    let resumed = Instant::now();
    loop {
        let told = crate::harness::sentence(&engine.next());
        if told == "1 failed: BodyTimeout" {
            break;
        }
        assert!(told.starts_with("1 data"), "{told}");
    }
    assert!(resumed.elapsed() + Duration::from_millis(5) >= SHORT, "{:?}", resumed.elapsed());
}

#[test]
fn an_upload_that_takes_its_time_is_not_a_late_response() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { headers_timeout: Some(SHORT), ..upload("/", None) });
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    let _other = a_while(&mut engine, &server);
    engine.finish(1);
    peer.reads("POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n");
    peer.reads("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    engine.tells(&["1 failed: HeadersTimeout", "disconnected: HeadersTimeout"]);
}

#[test]
fn an_idle_connection_is_closed_after_its_time() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = options(&server);
    options.keep_alive_timeout = SHORT;
    let client = engine.dispatcher(options);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    let answered = Instant::now();
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end", "disconnected: IdleTimeout"]);
    assert!(answered.elapsed() >= SHORT, "early: {:?}", answered.elapsed());
    peer.is_closed();
}

#[test]
fn the_servers_hint_less_the_threshold_bounds_the_idle_time() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 0\r\n\r\n");
    // Two seconds less two: not worth keeping.
    engine.tells(&["connected", "1 head 200", "1 end, closing", "disconnected: Reset"]);
}

#[test]
fn a_connection_that_does_not_come_about_in_time_fails_what_waits_for_it() {
    let (server, mut engine) = (Overrun::start(), Engine::start());
    let mut options = options_for("127.0.0.1", server.address.port());
    options.connect_timeout = Some(SHORT);
    let client = engine.dispatcher(options);
    let started = Instant::now();
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, get("/"))]);
    let told = format!("ConnectTimeout([{}])", server.address);
    engine.tells(&[&format!("connect failed: {told}")]);
    engine.tells(&[&format!("1 failed: {told}"), &format!("2 failed: {told}")]);
    assert!(started.elapsed() >= SHORT, "early: {:?}", started.elapsed());
}

#[test]
fn a_connection_that_nobody_wants_any_more_is_given_up() {
    let (server, mut engine) = (Overrun::start(), Engine::start());
    let dispatcher = engine.dispatcher(options_for("127.0.0.1", server.address.port()));
    engine.send(dispatcher, 1, get("/"));
    engine.settles();
    engine.command(Command::Destroy { dispatcher });
    engine.tells(&["destroyed"]);
}

/// A request that may take three times [`SHORT`] as a whole.
fn hasty(path: &str) -> Request {
    Request { timeout: Some(3 * SHORT), ..get(path) }
}

#[test]
fn an_exchange_that_takes_too_long_fails_and_its_connection_ends() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let started = Instant::now();
    engine.send(client, 1, hasty("/"));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 failed, closing: Timeout(240ms)", "disconnected: Aborted"]);
    assert!(started.elapsed() >= 3 * SHORT, "early: {:?}", started.elapsed());
    peer.reads(GET);
    peer.is_closed();
    engine.send(client, 2, get("/"));
    server.accepts().reads(GET);
}

#[test]
fn a_response_whose_pieces_come_in_time_is_late_as_a_whole() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { body_timeout: Some(SHORT), ..hasty("/") });
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
    engine.tells(&["connected", "1 head 200"]);
    loop {
        peer.writes("x");
        let told = crate::harness::sentence(&engine.next());
        if told == "1 failed, closing: Timeout(240ms)" {
            break;
        }
        assert_eq!(told, "1 data x");
    }
    engine.tells(&["disconnected: Aborted"]);
}

#[test]
fn the_time_of_an_exchange_runs_on_while_its_user_pauses() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, hasty("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.command(Command::Pause { exchange: exchange(1) });
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    engine.tells(&["connected", "1 head 200", "1 failed, closing: Timeout(240ms)", "disconnected: Aborted"]);
}

#[test]
fn the_time_of_an_exchange_runs_on_while_its_body_is_written() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { timeout: Some(3 * SHORT), ..upload("/", None) });
    let _peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    engine.tells(&["1 failed, closing: Timeout(240ms)", "disconnected: Aborted"]);
}

#[test]
fn an_exchange_whose_time_is_over_while_it_waits_leaves_the_others_alone() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, hasty("/")), dispatch(client, 3, get("/"))]);
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.tells(&["connected", "2 failed: Timeout(240ms)"]);
    peer.writes(OK);
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["1 head 200", "1 data ok", "1 end", "3 head 200", "3 data ok", "3 end"]);
}

#[test]
fn an_exchange_whose_time_is_over_before_it_started_no_longer_holds_up_the_others() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let dispatcher = engine.client(&server);
    let (request, started) = (Box::new(hasty("/")), false);
    engine.command(Command::Dispatch { dispatcher, exchange: exchange(1), request, started, waited: Duration::ZERO });
    engine.send(dispatcher, 2, get("/"));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 failed: Timeout(240ms)"]);
    peer.reads(GET);
}

#[test]
fn the_time_of_an_exchange_runs_while_its_connection_is_opened() {
    let (server, mut engine) = (Overrun::start(), Engine::start());
    let client = engine.dispatcher(options_for("127.0.0.1", server.address.port()));
    let started = Instant::now();
    engine.send(client, 1, hasty("/"));
    engine.tells(&["1 failed: Timeout(240ms)"]);
    assert!(started.elapsed() >= 3 * SHORT, "early: {:?}", started.elapsed());
}

#[test]
fn a_pipelined_exchange_that_takes_too_long_lets_those_before_it_be_answered() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = options(&server);
    options.pipelining = 3;
    let client = engine.dispatcher(options);
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, hasty("/")), dispatch(client, 3, get("/"))]);
    let mut peer = server.accepts();
    peer.reads(&[GET; 3].concat());
    engine.tells(&["connected", "2 failed, closing: Timeout(240ms)"]);
    peer.writes(OK);
    engine.tells(&["1 head 200", "1 data ok", "1 end, closing", "disconnected: Aborted", "3 restart"]);
    peer.is_closed();
}

#[test]
fn an_exchange_that_waits_again_has_the_time_that_is_left() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    let started = Instant::now();
    engine.send(client, 2, hasty("/"));
    peer.reads(GET);
    peer.finishes();
    engine.tells(&["disconnected: OtherSideClosed", "2 restart"]);
    engine.command(Command::Start { exchange: exchange(2) });
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.tells(&["connected", "2 failed, closing: Timeout(240ms)", "disconnected: Aborted"]);
    assert!(started.elapsed() >= 3 * SHORT, "early: {:?}", started.elapsed());
}

#[test]
fn a_tunnel_may_stand_for_longer_than_it_took_to_be_made() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, Request { timeout: Some(3 * SHORT), ..request("CONNECT", "a:1") });
    let mut peer = server.accepts();
    peer.reads("CONNECT a:1 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    peer.writes("HTTP/1.1 200 OK\r\n\r\n");
    engine.tells(&["connected", "disconnected: Upgraded", "1 upgraded 200", "1 capacity 65536"]);
    let _other = a_while(&mut engine, &server);
    peer.writes("hello");
    engine.tells(&["1 data hello"]);
}

#[test]
fn an_exchange_that_ended_in_time_is_not_told_of_again() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, hasty("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    engine.send(client, 2, hasty("/"));
    peer.reads(GET);
    engine.abort(2);
    engine.tells(&["2 aborted, closing", "disconnected: Aborted"]);
    let _other = a_while(&mut engine, &server);
    engine.is_silent();
}

/// A server whose queue of connections is full: it answers nobody.
struct Overrun {
    address: std::net::SocketAddr,
    _socket: socket2::Socket,
    _waiting: Vec<TcpStream>,
}

impl Overrun {
    fn start() -> Self {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
        socket.bind(&any.into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
            waiting.push(stream);
        }
        Self { address, _socket: socket, _waiting: waiting }
    }
}
