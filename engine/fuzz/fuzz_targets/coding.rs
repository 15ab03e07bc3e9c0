//! Contents in each coding and in several, put on by other packages' encoders, whole, cut off or damaged, and octets that
//! are no content at all. Wherever they are cut, and with any capacity and effort at each call, the same comes of them; it is
//! what a decoder of other people makes of them; and no call gives more, or takes longer, than it may.
#![no_main]

use std::borrow::Cow;

use bytes::Bytes;
use dodici_engine::error::Error;
use dodici_engine::message::{Decoding, Field, Fields, ResponseHead};
use dodici_engine::proto::coding::{Decoded, Decoder};
use dodici_fuzz::coded::{Coding, MOST, Verdict};
use libfuzzer_sys::fuzz_target;

/// Octets that say how.
const HOW: usize = 12;

/// A piece that is handed out has no more.
const PIECE: usize = 64 * 1024;

fuzz_target!(|data: &[u8]| {
    let Some((how, script)) = data.split_first_chunk::<HOW>() else { return };
    let case = Case::new(how, script);
    let whole = Outcome::of(&case, None);
    let cut = Outcome::of(&case, Some(how));
    case.check(&whole, &cut);
});

/// What the peer sends.
struct Case<'a> {
    /// In the order of the field.
    codings: Vec<Coding>,
    octets: Cow<'a, [u8]>,
    /// What was there before the codings, if that is what has to come out.
    content: Option<Vec<u8>>,
    max_size: u64,
}

impl<'a> Case<'a> {
    /// ```text
    ///  octet 0   bits 0–2 the coding, 3–4 how many more there are, 5 the octets have no coding, 6 maxSize
    ///  octet 1   the looks of the coding
    ///  octet 2   how often the script is repeated
    ///  octet 3   bits 0–1 undamaged, damaged, cut off, followed by something, 4–7 all set: the content may become large
    ///  octets 4–6  where and how
    ///  octets 7–11 pieces, capacities, effort
    /// ```
    fn new(how: &[u8; HOW], script: &'a [u8]) -> Self {
        let coding = |number: u8| Coding::ALL[usize::from(number) % Coding::ALL.len()];
        let mut codings = vec![coding(how[0] & 7)];
        for more in 0..how[0] >> 3 & 3 {
            codings.push(coding(how[1] >> more));
        }
        let max_size = if how[0] & 0x40 == 0 { 0 } else { 1 + u64::from(how[1]) * 8 };
        if how[0] & 0x20 != 0 {
            return Self { codings, octets: Cow::Borrowed(script), content: None, max_size };
        }
        let (times, most) = match how[3] {
            0xf0.. => (64 * usize::from(how[2]), MOST),
            _ => (usize::from(how[2]), 2048),
        };
        let content = script.repeat(times.min(most / script.len().max(1)).max(1));
        let mut octets = codings.iter().fold(content.clone(), |content, coding| coding.put_on(&content, how[1]));
        let at = usize::from(u16::from_le_bytes([how[4], how[5]])) % octets.len();
        let is_damaged = match how[3] & 3 {
            1 if how[6] != 0 => {
                octets[at] ^= how[6];
                true
            }
            2 => {
                octets.truncate(at);
                true
            }
            3 => {
                octets.extend_from_slice(&how[4..7]);
                true
            }
            _ => false,
        };
        Self { codings, octets: Cow::Owned(octets), content: (!is_damaged).then_some(content), max_size }
    }

    fn decoder(&self) -> Decoder {
        let names: Vec<&str> = self.codings.iter().map(|coding| coding.name()).collect();
        let bytes = Bytes::from(format!("Content-Encoding{}", names.join(", ")));
        let lines = [Field { name: 0..16, value: 16..bytes.len() as u32 }].into_iter().collect();
        let head = ResponseHead {
            status: 200,
            reason: 0..0,
            fields: Fields { bytes, lines },
            is_decoded: false,
            number: None,
        };
        let wanted = Decoding { max_size: self.max_size, ..Decoding::default() };
        Decoder::of(&head, &wanted).expect("codings that are known")
    }

    fn check(&self, whole: &Outcome, cut: &Outcome) {
        let is_prefix = |one: &[u8], other: &[u8]| one.starts_with(other) || other.starts_with(one);
        assert!(is_prefix(&whole.content, &cut.content), "other content");
        // What was undone last is lost with an error, and with layers or a limit there may be two of them to be found.
        let is_simple = self.codings.len() == 1 && self.max_size == 0;
        match (&whole.ending, &cut.ending) {
            (Ending::TooMuch, _) | (_, Ending::TooMuch) => return,
            (Ending::Whole, Ending::Whole) => assert_eq!(whole.content, cut.content),
            (Ending::Failed(one), Ending::Failed(other)) if is_simple => assert_eq!(code(one), code(other)),
            (Ending::Failed(_), Ending::Failed(_)) => {}
            _ => panic!("{:?}, but in pieces {:?}", whole.ending, cut.ending),
        }
        if self.max_size > 0 {
            assert!(!matches!(whole.ending, Ending::Whole) || whole.content.len() as u64 <= self.max_size);
            return;
        }
        if let Some(content) = &self.content {
            assert!(matches!(whole.ending, Ending::Whole), "{:?}", whole.ending);
            assert_eq!(content, &whole.content);
        }
        if let [coding] = self.codings[..] {
            self.compare(coding, whole);
        }
    }

    /// With what others make of it.
    fn compare(&self, coding: Coding, whole: &Outcome) {
        match (coding.read(&self.octets), &whole.ending) {
            (Verdict::TooMuch, _) => {}
            (Verdict::Whole(content), Ending::Whole) => assert_eq!(content, whole.content),
            (Verdict::Not, Ending::Failed(_)) => {}
            // Of damaged frames ruzstd and the reference decoder, which is the engine's, each refuse some that the other takes:
            // ruzstd passes over a content of another size than its frame says, and is strict about the ends of literals.
            _ if coding == Coding::Zstd && self.content.is_none() => {}
            (verdict, ending) => {
                panic!("{coding:?}: {ending:?}, and the other reader: {verdict:?}, of {:02x?}", self.octets)
            }
        }
    }
}

fn code(error: &Error) -> &'static str {
    let Error::Content(fault) = error else { panic!("{error:?}") };
    // The decoders of br number the places where they notice the same.
    fault.code.trim_end_matches(|digit: char| digit.is_ascii_digit())
}

#[derive(Debug)]
enum Ending {
    Whole,
    Failed(Error),
    /// Nobody looks at more.
    TooMuch,
}

struct Outcome {
    content: Vec<u8>,
    ending: Ending,
}

impl Outcome {
    fn of(case: &Case<'_>, how: Option<&[u8; HOW]>) -> Self {
        let mut decoder = case.decoder();
        let mut content = Vec::new();
        let mut rest = &case.octets[..];
        let mut turn = 0;
        // Not too many pieces, and not too many calls.
        let least = rest.len() / 128 + 1;
        let turned = |how: &[u8; HOW], at: usize, turn: usize| usize::from(how[at + turn % 2]);
        while !rest.is_empty() {
            let piece = how.map_or(usize::MAX, |how| turned(how, 7, turn).max(least)).min(rest.len());
            decoder.feed(Bytes::copy_from_slice(&rest[..piece]));
            rest = &rest[piece..];
            loop {
                turn += 1;
                let capacity = how.map_or(usize::MAX, |how| match turned(how, 9, turn) {
                    octet @ 0..=0x7f => octet * (1 + content.len() / 256),
                    octet => octet << 9,
                });
                let mut effort = how.map_or(usize::MAX, |how| 1 + (usize::from(how[11]) << 8));
                let before = effort;
                match decoder.decode(capacity, &mut effort) {
                    Ok(Decoded::Data(bytes)) => {
                        assert!(!bytes.is_empty() && bytes.len() <= capacity.min(PIECE), "{} octets", bytes.len());
                        content.extend_from_slice(&bytes);
                    }
                    Ok(Decoded::Hungry) => break,
                    Ok(Decoded::Full) => {
                        assert_eq!((capacity, before), (0, effort), "no capacity");
                        // What there is to be done is done with the next call.
                        if how.is_some_and(|how| how[9] == 0 && how[10] == 0) {
                            return Self { content, ending: Ending::TooMuch };
                        }
                    }
                    Ok(Decoded::Tired) => assert_eq!(effort, 0, "tired too early"),
                    Err(error) => return Self { content, ending: Ending::Failed(error) },
                }
                assert!(turn < 1 << 20, "calls without end");
                if content.len() > MOST {
                    return Self { content, ending: Ending::TooMuch };
                }
            }
        }
        let ending = decoder.fault_at_end().map_or(Ending::Whole, Ending::Failed);
        Self { content, ending }
    }
}
