//! SOCKS5: what is written in each state, and what each word of the proxy means.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use dodici_engine::error::{Error, Socks5Fault};
use dodici_engine::proto::h1::Output;
use dodici_engine::proto::socks5::{Ask, Credentials, Name, Opening, Target};

use crate::written;

const STEP: Duration = Duration::from_secs(5);

fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

fn ask(target: Target) -> Ask {
    Ask { target, port: 443, credentials: None, step_time: Some(STEP) }
}

fn to_name() -> Ask {
    ask(Target::Name(name("a.test")))
}

fn with_credentials() -> Ask {
    Ask { credentials: Some(Credentials { user: name("user"), password: name("pw") }), ..to_name() }
}

/// A conversation: what is said to the proxy, at the beginning and in answer to each of its words.
fn talk(ask: &Ask, words: &[&[u8]]) -> (Result<bool, Error>, Vec<Vec<u8>>) {
    let (now, mut output, mut input) = (Instant::now(), Output::new(), BytesMut::new());
    let mut opening = Opening::new(ask.clone(), now, &mut output);
    let mut said = vec![written(&mut output)];
    let mut outcome = Ok(false);
    for word in words {
        input.extend_from_slice(word);
        outcome = opening.receive(&mut input, now, &mut output);
        said.push(written(&mut output));
        if outcome.is_err() {
            break;
        }
    }
    (outcome, said)
}

fn outcome(ask: &Ask, words: &[&[u8]]) -> Result<bool, Error> {
    let whole = talk(ask, words).0;
    let octets: Vec<u8> = words.concat();
    let pieces: Vec<&[u8]> = octets.chunks(1).collect();
    assert_eq!(talk(ask, &pieces).0, whole, "octet by octet");
    whole
}

const REPLY: &[u8] = &[5, 0, 0, 1, 127, 0, 0, 1, 0x12, 0x34];

#[test]
fn without_credentials_none_is_the_only_method() {
    let (outcome, said) = talk(&to_name(), &[&[5, 0], REPLY]);
    assert_eq!(outcome, Ok(true));
    assert_eq!(said, [&[5, 1, 0][..], b"\x05\x01\x00\x03\x06a.test\x01\xbb", b""]);
}

#[test]
fn credentials_are_shown_to_a_proxy_that_asks_for_them() {
    let (outcome, said) = talk(&with_credentials(), &[&[5, 2], &[1, 0], REPLY]);
    assert_eq!(outcome, Ok(true));
    assert_eq!(said, [&[5, 2, 2, 0][..], b"\x01\x04user\x02pw", b"\x05\x01\x00\x03\x06a.test\x01\xbb", b""]);
}

#[test]
fn credentials_are_not_shown_to_a_proxy_that_does_not_ask() {
    let (outcome, said) = talk(&with_credentials(), &[&[5, 0], REPLY]);
    assert_eq!(outcome, Ok(true));
    assert_eq!(said[1], b"\x05\x01\x00\x03\x06a.test\x01\xbb");
}

#[test]
fn addresses_are_told_as_octets() {
    let said = |address: &str| talk(&ask(Target::Address(address.parse().unwrap())), &[&[5, 0]]).1.remove(1);
    assert_eq!(said("127.0.0.1"), [5, 1, 0, 1, 127, 0, 0, 1, 1, 0xbb]);
    let mut expected = vec![5, 1, 0, 4, 0x20, 1, 0x0d, 0xb8];
    expected.extend([0; 11]);
    expected.extend([1, 1, 0xbb]);
    assert_eq!(said("2001:db8::1"), expected);
}

#[test]
fn it_may_have_connected_from_anywhere() {
    let name: &[u8] = b"\x05\x00\x00\x03\x04name\x00\x50";
    let ipv6: &[u8] = &[5, 0, 0, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 80];
    let empty: &[u8] = &[5, 0, 0, 3, 0, 0, 80];
    for reply in [REPLY, name, ipv6, empty] {
        assert_eq!(outcome(&to_name(), &[&[5, 0], reply]), Ok(true));
        assert_eq!(outcome(&to_name(), &[&[5, 0], &reply[..reply.len() - 1]]), Ok(false));
    }
}

#[test]
fn what_comes_behind_the_reply_is_the_origins() {
    let (now, mut output) = (Instant::now(), Output::new());
    let mut opening = Opening::new(to_name(), now, &mut output);
    let mut input = BytesMut::from(&[&[5, 0], REPLY, b"hello"].concat()[..]);
    assert_eq!(opening.receive(&mut input, now, &mut output), Ok(true));
    assert_eq!(&input[..], b"hello");
}

#[test]
fn each_refusal_has_its_name() {
    let faults: [(&[&[u8]], Socks5Fault); 10] = [
        (&[&[4, 0]], Socks5Fault::Version(4)),
        (&[b"HTTP/1.1 400 Bad Request\r\n\r\n"], Socks5Fault::Version(b'H')),
        (&[&[5, 0xff]], Socks5Fault::NoMethod),
        (&[&[5, 1]], Socks5Fault::Method(1)),
        (&[&[5, 2], &[1, 1]], Socks5Fault::Credentials),
        (&[&[5, 2], &[5, 0]], Socks5Fault::CredentialsVersion(5)),
        (&[&[5, 0], &[4, 0, 0, 1]], Socks5Fault::ReplyVersion(4)),
        (&[&[5, 0], &[5, 5, 0, 1]], Socks5Fault::Reply(5)),
        (&[&[5, 0], &[5, 9, 0, 1]], Socks5Fault::Reply(9)),
        (&[&[5, 0], &[5, 0, 0, 2]], Socks5Fault::AddressType(2)),
    ];
    for (words, fault) in faults {
        assert_eq!(outcome(&with_credentials(), words), Err(Error::Socks5(fault)));
    }
    assert_eq!(outcome(&to_name(), &[&[5, 2]]), Err(Error::Socks5(Socks5Fault::CredentialsWanted)));
}

#[test]
fn more_than_255_octets_are_no_name() {
    assert!(Name::new(&[b'x'; 255]).is_some());
    assert!(Name::new(&[b'x'; 256]).is_none());
}

#[test]
fn the_proxys_own_words_and_the_way_to_the_origin_have_their_time_each() {
    let (now, mut output) = (Instant::now(), Output::new());
    let mut opening = Opening::new(with_credentials(), now, &mut output);
    assert_eq!(opening.deadline(), Some(now + STEP));
    let later = now + Duration::from_secs(4);
    assert_eq!(opening.receive(&mut BytesMut::from(&[5, 2][..]), later, &mut output), Ok(false));
    assert_eq!(opening.deadline(), Some(now + STEP));
    assert!(!opening.is_beyond_proxy());
    assert_eq!(opening.receive(&mut BytesMut::from(&[1, 0][..]), later, &mut output), Ok(false));
    assert_eq!(opening.deadline(), Some(later + STEP));
    assert!(opening.is_beyond_proxy());
    assert_eq!(opening.handle_timeout(later), None);
    assert_eq!(opening.handle_timeout(later + STEP), Some(Error::TunnelTimeout));
    assert_eq!(opening.deadline(), None);
}

#[test]
fn an_end_is_an_error_in_every_state() {
    let opening = Opening::new(to_name(), Instant::now(), &mut Output::new());
    assert_eq!(opening.receive_end(), Error::OtherSideClosed);
}
