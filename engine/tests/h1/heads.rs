//! Heads that come again.

use std::time::Instant;

use bytes::BytesMut;
use dodici_engine::error::Error;
use dodici_engine::message::{ExchangeId, Method, Request, ResponseHead};
use dodici_engine::proto::h1::{Config, Connection, Heads, Output, Received};

use crate::wire::{Wire, config, get};

/// What a connection that knows `heads` makes of the first head of an answer to `request`, and whether content follows.
fn hear(heads: &Heads, config: Config, request: &Request, answer: &[u8]) -> Result<(ResponseHead, bool), Error> {
    let now = Instant::now();
    let mut connection = Connection::sharing(config, heads.clone(), now);
    connection.send(ExchangeId { slot: 0, generation: 0 }, request, false, now, &mut Output::new());
    let mut input = BytesMut::from(answer);
    match connection.receive(&mut input, usize::MAX, now)? {
        Some(Received::Head(head) | Received::Informational(head)) => Ok((head, connection.content_ahead() > 0)),
        other => panic!("no head: {other:?}"),
    }
}

fn number(heads: &Heads, answer: &[u8]) -> Option<u64> {
    hear(heads, config(), &get(), answer).unwrap().0.number.map(Into::into)
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\netag: a\r\n\r\nabc";

#[test]
fn a_head_that_comes_again_gets_a_number_and_is_the_same() {
    let heads = Heads::default();
    let heard: Vec<_> = (0..4).map(|_| hear(&heads, config(), &get(), ANSWER).unwrap()).collect();
    assert_eq!(heard[0].0.number, None);
    assert!(heard[1].0.number.is_some());
    let unnumbered = |(head, has_content): &(ResponseHead, bool)| {
        format!("{:?} {has_content}", ResponseHead { number: None, ..head.clone() })
    };
    for (again, _) in &heard[2..] {
        assert_eq!(again.number, heard[1].0.number);
    }
    assert!(heard.iter().all(|again| unnumbered(again) == unnumbered(&heard[0])));
}

#[test]
fn a_head_that_comes_again_in_pieces_has_its_number() {
    let heads = Heads::default();
    number(&heads, ANSWER);
    let known = number(&heads, ANSWER);
    let mut wire = Wire::knowing(heads.clone(), config());
    wire.send(&get());
    wire.hear(&ANSWER[..10]);
    assert_eq!(wire.hear(&ANSWER[10..]), ["head 200", "data abc", "end"]);
    assert_eq!(number(&heads, ANSWER), known);
}

#[test]
fn another_head_has_another_number_also_on_connections_that_share_nothing() {
    let heads = Heads::default();
    let other = ANSWER.to_ascii_uppercase();
    let numbers = [ANSWER, &other].map(|answer| {
        number(&heads, answer);
        number(&heads, answer)
    });
    assert!(numbers[0].is_some() && numbers[1].is_some() && numbers[0] != numbers[1]);
    let apart = Heads::default();
    number(&apart, ANSWER);
    assert_ne!(number(&apart, ANSWER), numbers[0]);
    assert_eq!(number(&heads, ANSWER), numbers[0]);
}

#[test]
fn the_same_head_means_something_else_in_answer_to_head() {
    let heads = Heads::default();
    let head = Request { method: Method::Head, reset: Some(false), ..get() };
    for _ in 0..3 {
        assert!(hear(&heads, config(), &get(), ANSWER).unwrap().1);
        assert!(!hear(&heads, config(), &head, ANSWER).unwrap().1);
    }
}

#[test]
fn the_same_head_is_too_large_where_less_is_allowed() {
    let heads = Heads::default();
    for _ in 0..3 {
        assert!(hear(&heads, config(), &get(), ANSWER).is_ok());
    }
    let strict = Config { max_header_size: 16, ..config() };
    assert_eq!(hear(&heads, strict, &get(), ANSWER).unwrap_err(), Error::HeadersOverflow);
}

#[test]
fn interim_heads_and_large_ones_have_no_number() {
    let heads = Heads::default();
    let large = format!("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx: {}\r\n\r\n", "x".repeat(2048));
    let behind_an_empty_line = [b"\r\n".as_slice(), ANSWER].concat();
    for _ in 0..3 {
        assert_eq!(number(&heads, b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), None);
        assert_eq!(number(&heads, large.as_bytes()), None);
        assert_eq!(number(&heads, &behind_an_empty_line), None);
    }
}

#[test]
fn heads_that_differ_each_time_do_not_displace_one_that_comes_again_but_others_that_do_in_time() {
    let heads = Heads::default();
    let answers: Vec<_> = (0..1000)
        .map(|number| format!("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx: {number}\r\n\r\n").into_bytes())
        .collect();
    number(&heads, ANSWER);
    let known = number(&heads, ANSWER);
    for answer in &answers {
        assert_eq!(number(&heads, answer), None);
    }
    assert_eq!(number(&heads, ANSWER), known);
    for answer in &answers {
        let numbers = [(); 3].map(|()| number(&heads, answer));
        assert!(numbers[0].is_none() && numbers[1].is_some() && numbers[1] == numbers[2]);
    }
    assert_ne!(number(&heads, ANSWER), known);
}
