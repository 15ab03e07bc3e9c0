//! Forgetting: one exchange in each phase, and all that a dispatcher has.

use std::time::Duration;

use dodici_engine::command::Command;
use dodici_engine::event::Event;
use dodici_engine::message::ExchangeId;

use crate::harness::{Engine, Server, dispatch, exchange, get, options, sentence, upload};

const GET: &str = "GET / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn an_exchange_that_waits_is_removed_and_its_connection_stays() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.commands((1..4).map(|number| dispatch(client, number, get("/"))));
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.abort(2);
    engine.tells(&["connected", "2 aborted"]);
    peer.writes(OK);
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["1 head 200", "1 data ok", "1 end"]);
    engine.tells(&["3 head 200", "3 data ok", "3 end"]);
}

#[test]
fn an_exchange_that_is_aborted_while_its_connection_becomes_free_costs_no_connection() {
    let server = Server::start();
    let mut engine = Engine::start_with_retort(|event| match event {
        Event::End { exchange: of, .. } if *of == exchange(1) => Some(Command::Abort { exchange: exchange(2) }),
        _ => None,
    });
    let client = engine.client(&server);
    engine.commands((1..4).map(|number| dispatch(client, number, get("/"))));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    engine.tells(&["2 aborted", "3 head 200", "3 data ok", "3 end"]);
    peer.is_silent();
}

#[test]
fn an_exchange_that_has_not_started_no_longer_holds_up_the_others() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let dispatcher = engine.client(&server);
    let request = Box::new(get("/"));
    let started = false;
    engine.command(Command::Dispatch { dispatcher, exchange: exchange(1), request, started, waited: Duration::ZERO });
    engine.send(dispatcher, 2, get("/"));
    let mut peer = server.accepts();
    engine.tells(&["connected"]);
    engine.settles();
    peer.is_silent();
    engine.abort(1);
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["1 aborted", "2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn the_connection_of_an_unanswered_exchange_is_closed_and_the_abort_is_the_last_that_is_told_of_it() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    engine.abort(1);
    engine.tells(&["connected", "1 aborted, closing", "disconnected: Aborted"]);
    peer.is_closed();
    engine.is_silent();
    engine.send(client, 2, get("/"));
    server.accepts().reads(GET);
}

#[test]
fn so_is_the_connection_of_an_exchange_whose_body_is_on_its_way() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour");
    engine.tells(&["connected", "1 head 200", "1 data four"]);
    engine.abort(1);
    engine.tells(&["1 aborted, closing", "disconnected: Aborted"]);
    peer.is_closed();
}

#[test]
fn so_is_the_connection_of_an_exchange_that_uploads() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    engine.send(client, 1, upload("/", None));
    let mut peer = server.accepts();
    engine.tells(&["connected", "1 capacity 65536"]);
    engine.chunk(1, "abc");
    peer.reads("POST / HTTP/1.1\r\nhost: h\r\nconnection: keep-alive\r\n");
    peer.reads("transfer-encoding: chunked\r\n\r\n3\r\nabc");
    engine.abort(1);
    engine.chunk(1, "never sent");
    engine.finish(1);
    peer.is_closed();
    engine.tells(&["1 aborted, closing", "disconnected: Aborted"]);
    engine.is_silent();
}

#[test]
fn a_connection_that_nobody_waits_for_any_more_is_opened_and_kept() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let client = engine.client(&server);
    let abort = Command::Abort { exchange: exchange(1) };
    engine.commands([dispatch(client, 1, get("/")), abort]);
    let mut peer = server.accepts();
    engine.tells(&["1 aborted", "connected"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
}

#[test]
fn a_slot_that_is_used_again_forgets_what_was_there() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let dispatcher = engine.client(&server);
    engine.send(dispatcher, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    let exchange = ExchangeId { slot: 1, generation: 2 };
    let request = Box::new(get("/"));
    engine.command(Command::Dispatch { dispatcher, exchange, request, started: true, waited: Duration::ZERO });
    engine.tells(&["connected", "disconnected: Aborted", "connected"]);
    let mut peer = server.accepts();
    peer.reads(GET);
    // The answer is about the former exchange, and the present one is left alone.
    engine.abort(1);
    let event = engine.next();
    let Event::Aborted { exchange, is_closing: false } = event else { panic!("{}", sentence(&event)) };
    assert_eq!(exchange.generation, 1);
    peer.writes(OK);
    engine.tells(&["1 head 200", "1 data ok", "1 end"]);
}

#[test]
fn an_abort_of_an_unknown_exchange_is_answered_too() {
    let (server, mut engine) = (Server::start(), Engine::start());
    engine.abort(9);
    engine.tells(&["9 aborted"]);
    let client = engine.client(&server);
    engine.send(client, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["connected", "1 head 200", "1 data ok", "1 end"]);
    // Over already, and so is its claim to the connection.
    engine.abort(1);
    engine.tells(&["1 aborted"]);
    engine.send(client, 2, get("/"));
    peer.reads(GET);
    peer.writes(OK);
    engine.tells(&["2 head 200", "2 data ok", "2 end"]);
}

#[test]
fn destroying_closes_the_connections_and_forgets_the_rest() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut options = options(&server);
    options.connections = 2;
    let dispatcher = engine.dispatcher(options);
    engine.commands((1..4).map(|number| dispatch(dispatcher, number, get("/"))));
    let (mut first, mut second) = (server.accepts(), server.accepts());
    first.reads(GET);
    second.reads(GET);
    engine.command(Command::Destroy { dispatcher });
    engine.tells(&["connected", "connected"]);
    engine.tells(&["disconnected: Destroyed", "disconnected: Destroyed", "destroyed"]);
    first.is_closed();
    second.is_closed();
    engine.send(dispatcher, 4, get("/"));
    engine.is_silent();
}

#[test]
fn destroying_before_there_is_a_connection_says_no_more_than_that() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let dispatcher = engine.client(&server);
    let destroy = Command::Destroy { dispatcher };
    engine.commands([dispatch(dispatcher, 1, get("/")), destroy]);
    engine.tells(&["destroyed"]);
    engine.is_silent();
}

#[test]
fn a_name_of_a_destroyed_dispatcher_may_be_used_again_at_once() {
    let (server, mut engine) = (Server::start(), Engine::start());
    let mut dispatcher = engine.client(&server);
    engine.send(dispatcher, 1, get("/"));
    let mut peer = server.accepts();
    peer.reads(GET);
    let destroy = Command::Destroy { dispatcher };
    dispatcher.generation += 1;
    let options = Box::new(options(&server));
    let open = Command::Open { dispatcher, options };
    engine.commands([destroy, open, dispatch(dispatcher, 2, get("/"))]);
    engine.tells(&["connected", "disconnected: Destroyed", "destroyed", "connected"]);
    server.accepts().reads(GET);
}
