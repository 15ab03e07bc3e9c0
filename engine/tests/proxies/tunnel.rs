//! CONNECT: what is written, and what each answer means.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use dodici_engine::error::{Error, ParseCode};
use dodici_engine::message::RequestHead;
use dodici_engine::proto::h1::Output;
use dodici_engine::proto::tunnel::{Ask, Opening};

use crate::written;

const LINE: &str = "CONNECT a.test:443 HTTP/1.1\r\nhost: a.test\r\n";

fn ask() -> Ask {
    let bytes = format!("{LINE}proxy-authorization: Basic dTpw\r\nproxy-connection: keep-alive\r\n");
    Ask {
        head: RequestHead { bytes: Bytes::from(bytes), connection_at: Some(LINE.len()) },
        max_header_size: 1000,
        headers_timeout: Some(Duration::from_secs(30)),
    }
}

fn opening() -> Opening {
    Opening::new(&ask(), Instant::now(), &mut Output::new())
}

/// What becomes of an answer that comes at once, and what of it is left; and that octet by octet it is the same.
#[track_caller]
fn hears(answer: &[u8]) -> (Result<bool, Error>, Vec<u8>) {
    let (now, mut input) = (Instant::now(), BytesMut::from(answer));
    let whole = opening().receive(&mut input, now);
    let (mut opening, mut left) = (opening(), BytesMut::new());
    let mut piecemeal = Ok(false);
    for octet in answer {
        left.extend_from_slice(&[*octet]);
        if piecemeal == Ok(false) {
            piecemeal = opening.receive(&mut left, now);
        }
    }
    match (&whole, &piecemeal) {
        (Err(Error::Parse(whole)), Err(Error::Parse(piecemeal))) => assert_eq!(whole.code, piecemeal.code),
        _ => assert_eq!(whole, piecemeal),
    }
    if whole.is_ok() {
        assert_eq!(input, left);
    }
    (whole, input.to_vec())
}

#[test]
fn the_request_says_that_nothing_follows_it() {
    let mut output = Output::new();
    let _ = Opening::new(&ask(), Instant::now(), &mut output);
    assert_eq!(
        String::from_utf8(written(&mut output)).unwrap(),
        format!("{LINE}connection: close\r\nproxy-authorization: Basic dTpw\r\nproxy-connection: keep-alive\r\n\r\n")
    );
}

#[test]
fn a_200_opens_the_tunnel_whatever_its_fields_say() {
    let answers = [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 Connection established\r\nproxy-agent: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    ];
    for answer in answers {
        assert_eq!(hears(answer.as_bytes()), (Ok(true), vec![]), "{answer}");
    }
}

#[test]
fn what_comes_behind_the_head_is_the_origins() {
    assert_eq!(hears(b"HTTP/1.1 200 OK\r\n\r\n\x16\x03"), (Ok(true), vec![0x16, 3]));
}

#[test]
fn interim_answers_are_passed_over() {
    assert_eq!(hears(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").0, Ok(true));
}

#[test]
fn any_other_status_is_a_refusal() {
    for status in [201, 204, 301, 403, 407, 502] {
        let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 3\r\n\r\nnot");
        assert_eq!(hears(answer.as_bytes()).0, Err(Error::TunnelRefused { status }));
    }
}

#[test]
fn a_switch_of_protocols_was_not_asked_for() {
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    assert_eq!(hears(answer).0, Err(Error::BadUpgrade));
}

#[test]
fn what_is_no_http_is_an_error() {
    for (answer, code) in [
        (&b"gibberish\r\n\r\n"[..], ParseCode::InvalidConstant),
        (b"HTTP/2.0 200 OK\r\n\r\n", ParseCode::InvalidVersion),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ParseCode::InvalidHeaderToken),
        (b"\x05\x00", ParseCode::InvalidConstant),
    ] {
        let (Err(Error::Parse(fault)), _) = hears(answer) else {
            panic!("{}", String::from_utf8_lossy(answer));
        };
        assert_eq!(fault.code, code);
    }
}

#[test]
fn a_head_that_is_too_large_is_an_error() {
    let answer = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1000));
    assert_eq!(hears(answer.as_bytes()).0, Err(Error::HeadersOverflow));
}

#[test]
fn an_end_before_the_head_is_complete_is_an_error() {
    for said in ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nx: y\r\n"] {
        let mut opening = opening();
        assert_eq!(opening.receive(&mut BytesMut::from(said.as_bytes()), Instant::now()), Ok(false));
        assert_eq!(opening.receive_end(Instant::now()), Error::OtherSideClosed);
    }
}

#[test]
fn the_whole_head_has_its_time() {
    let now = Instant::now();
    let mut opening = Opening::new(&ask(), now, &mut Output::new());
    let late = now + Duration::from_secs(30);
    assert_eq!(opening.deadline(), Some(late));
    assert_eq!(opening.receive(&mut BytesMut::from(&b"HTTP/1.1 200 O"[..]), now + Duration::from_secs(29)), Ok(false));
    assert_eq!(opening.handle_timeout(now + Duration::from_secs(29)), None);
    assert_eq!(opening.handle_timeout(late), Some(Error::HeadersTimeout));
}
