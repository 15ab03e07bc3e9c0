//! Any octets as a SOCKS5 proxy's, in pieces and with time between them, against a reader of RFC 1928 and RFC 1929: the same
//! outcome, the same octets written, the origin's octets untouched, wherever they are cut; and no state lasts longer than it may.
#![no_main]

use std::io::IoSlice;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::BytesMut;
use dodici_engine::error::{Error, Socks5Fault};
use dodici_engine::proto::h1::Output;
use dodici_engine::proto::socks5::{Ask, Credentials, Name, Opening, Target};
use dodici_fuzz::plan::now;
use libfuzzer_sys::fuzz_target;

/// Octets that say how.
const HOW: usize = 4;

const STEP_TIME: Duration = Duration::from_millis(100);

fuzz_target!(|data: &[u8]| {
    let Some((how, wire)) = data.split_first_chunk::<HOW>() else { return };
    let case = Case::new(how);
    let expected = case.read(wire);
    assert_eq!(expected, case.hear(wire, wire.len().max(1), Duration::ZERO));
    let piece = usize::from(how[2]).max(1);
    assert_eq!(expected, case.hear(wire, piece, Duration::ZERO));
    let late = case.hear(wire, piece, Duration::from_millis(u64::from(how[3])));
    if late.result == Err(Error::TunnelTimeout) {
        assert!(expected.written.starts_with(&late.written), "other octets");
    } else {
        assert_eq!(expected, late);
    }
});

/// What the proxy is asked.
struct Case {
    user: Option<(Vec<u8>, Vec<u8>)>,
    target: Target,
    /// The same as the RFC writes it.
    address: Vec<u8>,
    port: u16,
}

#[derive(Debug, PartialEq)]
struct Outcome {
    result: Result<bool, Error>,
    /// To the proxy.
    written: Vec<u8>,
    /// What the proxy said and was not taken, where the tunnel is open.
    rest: Vec<u8>,
    /// Whether it is the origin that is waited for.
    is_beyond: bool,
}

impl Case {
    fn new(how: &[u8; HOW]) -> Self {
        let name = |length: usize| Name::new(&vec![b'n'; length]).expect("a short name");
        let (target, address) = match how[0] & 3 {
            0 => (Target::Address(Ipv4Addr::new(1, 2, 3, 4).into()), vec![1, 1, 2, 3, 4]),
            1 => (Target::Address(Ipv6Addr::LOCALHOST.into()), [&[4][..], &[0; 15], &[1]].concat()),
            _ => {
                let length = usize::from(how[1]);
                (Target::Name(name(length)), [&[3, how[1]][..], &vec![b'n'; length]].concat())
            }
        };
        let credential = |length: u8| vec![b'n'; usize::from(length)];
        let user = (how[0] & 4 != 0).then(|| (credential(how[0]), credential(how[1])));
        Self { user, target, address, port: u16::from_be_bytes([how[0], how[1]]) }
    }

    fn ask(&self, step_time: Option<Duration>) -> Ask {
        let credentials = self.user.as_ref().map(|(user, password)| Credentials {
            user: Name::new(user).expect("short"),
            password: Name::new(password).expect("short"),
        });
        Ask { target: self.target.clone(), port: self.port, credentials, step_time }
    }

    /// The whole of it, from the RFCs.
    fn read(&self, mut wire: &[u8]) -> Outcome {
        // RFC 1928 section 3.
        let mut outcome = Outcome { result: Ok(false), written: vec![5], rest: Vec::new(), is_beyond: false };
        outcome.written.extend_from_slice(if self.user.is_some() { &[2, 2, 0] } else { &[1, 0] });
        let Some([version, method]) = take(&mut wire) else { return outcome };
        let has_asked = match (version, method, &self.user) {
            (0..5 | 6.., ..) => return outcome.fails(Socks5Fault::Version(version)),
            (5, 0, _) => true,
            (5, 2, Some((user, password))) => {
                // RFC 1929 section 2.
                outcome.written.push(1);
                for word in [user, password] {
                    outcome.written.push(word.len() as u8);
                    outcome.written.extend_from_slice(word);
                }
                false
            }
            (5, 2, None) => return outcome.fails(Socks5Fault::CredentialsWanted),
            (5, 255, _) => return outcome.fails(Socks5Fault::NoMethod),
            (5, other, _) => return outcome.fails(Socks5Fault::Method(other)),
        };
        if !has_asked {
            match take(&mut wire) {
                None => return outcome,
                Some([1, 0]) => {}
                Some([1, _]) => return outcome.fails(Socks5Fault::Credentials),
                Some([other, _]) => return outcome.fails(Socks5Fault::CredentialsVersion(other)),
            }
        }
        // RFC 1928 section 4.
        outcome.written.extend_from_slice(&[5, 1, 0]);
        outcome.written.extend_from_slice(&self.address);
        outcome.written.extend_from_slice(&self.port.to_be_bytes());
        outcome.is_beyond = true;
        // Section 6.
        let Some([version, reply, _, kind]) = take(&mut wire) else { return outcome };
        if version != 5 {
            return outcome.fails(Socks5Fault::ReplyVersion(version));
        }
        if reply != 0 {
            return outcome.fails(Socks5Fault::Reply(reply));
        }
        let length = match kind {
            1 => 4,
            4 => 16,
            3 => match take(&mut wire) {
                Some([length]) => usize::from(length),
                None => return outcome,
            },
            other => return outcome.fails(Socks5Fault::AddressType(other)),
        };
        if let Some(rest) = wire.get(length + 2..) {
            outcome.result = Ok(true);
            outcome.rest = rest.to_vec();
        }
        outcome
    }

    /// What the engine makes of it.
    fn hear(&self, wire: &[u8], piece: usize, pause: Duration) -> Outcome {
        let mut output = Output::new();
        let step_time = (!pause.is_zero()).then_some(STEP_TIME);
        let mut time = now();
        let mut opening = Opening::new(self.ask(step_time), time, &mut output);
        let mut input = BytesMut::new();
        let mut result = Ok(false);
        let mut pieces = wire.chunks(piece);
        while result == Ok(false) {
            let Some(said) = pieces.next() else { break };
            time += pause;
            let deadline = opening.deadline();
            assert_eq!(deadline.is_some(), step_time.is_some());
            // Of the greeting with what belongs to it, and of the request.
            assert!(deadline.is_none_or(|deadline| deadline <= now() + 2 * STEP_TIME + pause), "a longer wait");
            match opening.handle_timeout(time) {
                Some(error) => {
                    assert!(deadline.is_some_and(|deadline| deadline <= time), "too early");
                    result = Err(error);
                }
                None => {
                    assert!(deadline.is_none_or(|deadline| deadline > time), "too late");
                    input.extend_from_slice(said);
                    result = opening.receive(&mut input, time, &mut output);
                }
            }
        }
        let mut rest = Vec::new();
        match result {
            Ok(true) => {
                assert_eq!(opening.deadline(), None);
                rest.extend_from_slice(&input);
                pieces.for_each(|piece| rest.extend_from_slice(piece));
            }
            Ok(false) => assert_eq!(opening.receive_end(), Error::OtherSideClosed),
            Err(_) => {}
        }
        Outcome { result, written: written(&output), rest, is_beyond: opening.is_beyond_proxy() }
    }
}

impl Outcome {
    fn fails(mut self, fault: Socks5Fault) -> Self {
        self.result = Err(Error::Socks5(fault));
        self
    }
}

fn take<const N: usize>(wire: &mut &[u8]) -> Option<[u8; N]> {
    let (octets, rest) = wire.split_first_chunk()?;
    *wire = rest;
    Some(*octets)
}

fn written(output: &Output) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); 4];
    let count = output.io_slices(&mut slices);
    slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
}
