//! Getting a connection, and not getting one.

use std::net::SocketAddr;

use dodici_engine::event::Event;

use crate::harness::{Engine, Server, dispatch, get, options, options_for, sentence};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";

/// An address where nobody listens.
fn deserted() -> SocketAddr {
    Server::start().address
}

#[test]
fn a_refused_connection_fails_all_that_wait_for_it() {
    let (address, mut engine) = (deserted(), Engine::start());
    let client = engine.dispatcher(options_for("127.0.0.1", address.port()));
    engine.commands([dispatch(client, 1, get("/")), dispatch(client, 2, get("/"))]);
    let errno = libc::ECONNREFUSED;
    let told = format!("Connect([ConnectAttempt {{ target: Inet({address}), errno: {errno} }}])");
    engine.tells(&[&format!("connect failed: {told}")]);
    engine.tells(&[&format!("1 failed: {told}"), &format!("2 failed: {told}")]);
    engine.is_silent();
}

#[test]
fn the_next_request_after_a_refused_connection_tries_again() {
    let (address, mut engine) = (deserted(), Engine::start());
    let client = engine.dispatcher(options_for("127.0.0.1", address.port()));
    for told in ["1 failed: Connect(", "2 failed: Connect("] {
        engine.send(client, told[..1].parse().unwrap(), get("/"));
        let failed = sentence(&engine.next());
        assert!(failed.starts_with("connect failed: Connect("), "{failed}");
        let failed = sentence(&engine.next());
        assert!(failed.starts_with(told), "{failed}");
    }
}

#[test]
fn a_name_that_does_not_exist_fails_with_the_resolvers_code() {
    let mut engine = Engine::start();
    let client = engine.dispatcher(options_for("does-not-exist.invalid", 80));
    engine.send(client, 1, get("/"));
    let told = sentence(&engine.next());
    // Where there is no name server at all, the resolver says to try again.
    let known = ["ENOTFOUND", "EAI_AGAIN"].map(|code| format!("connect failed: Resolve {{ code: \"{code}\" }}"));
    assert!(known.contains(&told), "{told}");
    engine.tells(&[&told.replace("connect failed", "1 failed")]);
}

#[test]
fn a_name_is_resolved_and_its_addresses_are_tried_in_turn() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.dispatcher(options_for("localhost", server.address.port()));
    engine.send(client, 1, get("/"));
    server.accepts().reads(GET);
}

#[test]
fn an_attempt_is_announced_to_those_who_want_to_know() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = options(&server);
    options.announce_connecting = true;
    let client = engine.dispatcher(options);
    engine.is_silent();
    engine.send(client, 1, get("/"));
    engine.tells(&["connecting", "connected"]);
}

#[test]
fn a_connection_says_what_its_ends_are() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let peer = server.accepts();
    let event = engine.next();
    let Event::Connected { session, .. } = event else { panic!("{}", sentence(&event)) };
    assert_eq!(session.remote, Some(server.address));
    assert_eq!(session.local, peer.stream.peer_addr().ok());
}

#[test]
fn a_client_opens_one_connection_however_much_waits() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.commands((1..20).map(|number| dispatch(client, number, get("/"))));
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.tells(&["connected"]);
    engine.is_silent();
    server.is_unvisited();
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_comes_from_the_local_address_that_was_asked_for() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = options(&server);
    options.local_address = Some("127.0.0.2".parse().unwrap());
    let client = engine.dispatcher(options);
    engine.send(client, 1, get("/"));
    let peer = server.accepts();
    assert_eq!(peer.stream.peer_addr().unwrap().ip().to_string(), "127.0.0.2");
}

#[cfg(unix)]
mod unix {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    use super::{Engine, GET, get, options_for};

    /// Serves one request on `listener`, which `path` leads to.
    fn serves(listener: &UnixListener, path: &str) {
        let mut engine = Engine::start();
        let mut options = options_for("h", 80);
        options.socket_path = Some(path.to_owned());
        let client = engine.dispatcher(options);
        engine.send(client, 1, get("/"));
        let (mut stream, _) = listener.accept().unwrap();
        let mut told = vec![0; GET.len()];
        stream.read_exact(&mut told).unwrap();
        assert_eq!(told, GET.as_bytes());
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
        drop(stream);
        engine.tells(&["disconnected: OtherSideClosed"]);
    }

    #[test]
    fn a_unix_socket_is_as_good() {
        let path = std::env::temp_dir().join(format!("dodici-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        serves(&listener, path.to_str().unwrap());
        std::fs::remove_file(&path).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn so_is_an_abstract_one() {
        use std::os::linux::net::SocketAddrExt;

        let name = format!("dodici-{}", std::process::id());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let listener = UnixListener::bind_addr(&address).unwrap();
        serves(&listener, &format!("\0{name}"));
    }

    #[test]
    fn a_unix_socket_that_is_not_there_is_named_in_the_error() {
        let mut engine = Engine::start();
        let mut options = options_for("h", 80);
        options.socket_path = Some("/nonexistent/socket".to_owned());
        let client = engine.dispatcher(options);
        engine.send(client, 1, get("/"));
        let attempt = "ConnectAttempt { target: Unix(\"/nonexistent/socket\"), errno: 2 }";
        let told = format!("Connect([{attempt}])");
        engine.tells(&[&format!("connect failed: {told}"), &format!("1 failed: {told}")]);
    }
}
