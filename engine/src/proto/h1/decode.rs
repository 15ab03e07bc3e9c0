//! The chunked transfer coding of a response (RFC 9112 section 7.1), all of it but the data, which its
//! caller takes, and the trailer section, which is a section of lines.

use super::parse::fault;
use crate::error::{Error, ParseCode};

/// Octets of chunk extensions that a response may have in all. They mean nothing to us.
const MAX_EXTENSIONS: usize = 16 * 1024;

/// Digits of a chunk size. Sixteen are enough for any; leading zeros are allowed, an endless row of them is not.
const MAX_DIGITS: u8 = 32;

/// Where in the chunked content the next octet stands.
///
/// ```text
///  ┌─▶ Size ───── ; ─────▶ ExtensionStart ◀──────── ; ────────┬─────────────┐
///  │     │                       │ tchar                      │             │
///  │     │                       ▼                            │             │
///  │     │       ┌────── ExtensionName ─ = ▶ ExtensionValue ─ tchar ▶ ExtensionToken
///  │     CR      CR                                │ "                      │
///  │     ▼       ▼                                 ▼                        │
///  │    SizeLineFeed ◀───── CR ──── QuotedEnd ◀ " Quoted ◀─ \ ▶ QuotedPair  │
///  │     │   │   ▲                      └─ ; ▶ ExtensionStart               │
///  │     │   0   └────────────────────────── CR ───────────────────────────┘
///  │     ▼   ▼
///  │   Data  Last
///  │     │ all of it
///  │     ▼
///  │  DataCarriageReturn
///  │     ▼
///  └─ DataLineFeed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Size,
    ExtensionStart,
    ExtensionName,
    ExtensionValue,
    ExtensionToken,
    Quoted,
    QuotedPair,
    QuotedEnd,
    SizeLineFeed,
    Data,
    DataCarriageReturn,
    DataLineFeed,
    Last,
}

/// What comes next in chunked content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More bytes are needed to tell.
    Unknown,
    /// So many octets of data, at least one.
    Data(u64),
    /// The trailer section.
    Trailers,
}

/// Reads chunk sizes and what stands around them.
#[derive(Debug)]
pub(super) struct Decoder {
    place: Place,
    /// The size of the present chunk, of which so many octets are still to come.
    remaining: u64,
    /// Digits of the present chunk's size.
    digits: u8,
    /// Octets of extensions in this response.
    extensions: usize,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { place: Place::Size, remaining: 0, digits: 0, extensions: 0 }
    }

    /// Reads up to the next data or the end. The first number says how many octets of `input` were used.
    pub(super) fn read(&mut self, input: &[u8]) -> Result<(usize, Next), Error> {
        let mut used = 0;
        loop {
            match self.place {
                Place::Data => return Ok((used, Next::Data(self.remaining))),
                Place::Last => return Ok((used, Next::Trailers)),
                _ => {}
            }
            let Some(&octet) = input.get(used) else {
                return Ok((used, Next::Unknown));
            };
            self.place = self.step(octet, used)?;
            used += 1;
        }
    }

    /// How many octets come next that are data for certain.
    pub(super) fn data_ahead(&self) -> u64 {
        if self.place == Place::Data { self.remaining } else { 0 }
    }

    /// Takes notice that `octets` of the data that [`Self::read`] announced were taken.
    pub(super) fn take(&mut self, octets: u64) {
        self.remaining = self.remaining.saturating_sub(octets);
        if self.remaining == 0 {
            self.place = Place::DataCarriageReturn;
        }
    }

    fn step(&mut self, octet: u8, at: usize) -> Result<Place, Error> {
        if matches!(
            self.place,
            Place::ExtensionStart
                | Place::ExtensionName
                | Place::ExtensionValue
                | Place::ExtensionToken
                | Place::Quoted
                | Place::QuotedPair
                | Place::QuotedEnd
        ) {
            self.extensions += 1;
            if self.extensions > MAX_EXTENSIONS {
                return Err(fault(ParseCode::ChunkExtensionsOverflow, "too much in chunk extensions", at));
            }
        }
        match (self.place, octet) {
            (Place::Size, b'\r' | b';') if self.digits == 0 => {
                Err(fault(ParseCode::InvalidChunkSize, "chunk size is missing", at))
            }
            (Place::Size, b';') => Ok(Place::ExtensionStart),
            (
                Place::Size | Place::ExtensionName | Place::ExtensionValue | Place::ExtensionToken | Place::QuotedEnd,
                b'\r',
            ) => Ok(Place::SizeLineFeed),
            (
                Place::Size | Place::ExtensionName | Place::ExtensionValue | Place::ExtensionToken | Place::QuotedEnd,
                b'\n',
            ) if self.digits > 0 => {
                Err(fault(ParseCode::CrExpected, "line feed without carriage return in a chunk size line", at))
            }
            (Place::Size, _) => self.add_digit(octet, at),

            (Place::ExtensionName | Place::ExtensionValue | Place::ExtensionToken | Place::QuotedEnd, b';') => {
                Ok(Place::ExtensionStart)
            }
            (Place::ExtensionStart | Place::ExtensionName, _) if is_token(octet) => Ok(Place::ExtensionName),
            (Place::ExtensionName, b'=') => Ok(Place::ExtensionValue),
            (Place::ExtensionValue | Place::ExtensionToken, _) if is_token(octet) => Ok(Place::ExtensionToken),
            (Place::ExtensionValue, b'"') => Ok(Place::Quoted),
            (Place::Quoted, b'"') => Ok(Place::QuotedEnd),
            (Place::Quoted, b'\\') => Ok(Place::QuotedPair),
            (Place::Quoted | Place::QuotedPair, b'\t' | b' '..=b'~' | 0x80..) => Ok(Place::Quoted),
            (
                Place::ExtensionStart
                | Place::ExtensionName
                | Place::ExtensionValue
                | Place::ExtensionToken
                | Place::Quoted
                | Place::QuotedPair
                | Place::QuotedEnd,
                _,
            ) => Err(fault(ParseCode::Strict, "malformed chunk extension", at)),

            (Place::SizeLineFeed, b'\n') => {
                self.digits = 0;
                Ok(if self.remaining == 0 { Place::Last } else { Place::Data })
            }
            (Place::SizeLineFeed, _) => {
                Err(fault(ParseCode::Strict, "carriage return without line feed in a chunk size line", at))
            }
            (Place::DataCarriageReturn, b'\r') => Ok(Place::DataLineFeed),
            (Place::DataCarriageReturn, b'\n') => {
                Err(fault(ParseCode::CrExpected, "line feed without carriage return behind chunk data", at))
            }
            (Place::DataLineFeed, b'\n') => Ok(Place::Size),
            (Place::DataCarriageReturn | Place::DataLineFeed, _) => {
                Err(fault(ParseCode::Strict, "chunk data is longer than its size", at))
            }
            (Place::Data | Place::Last, _) => Ok(self.place),
        }
    }

    fn add_digit(&mut self, octet: u8, at: usize) -> Result<Place, Error> {
        let Some(digit) = char::from(octet).to_digit(16) else {
            return Err(fault(ParseCode::InvalidChunkSize, "chunk size is not a number", at));
        };
        self.digits = self.digits.saturating_add(1);
        if self.digits > MAX_DIGITS {
            return Err(fault(ParseCode::InvalidChunkSize, "chunk size has too many digits", at));
        }
        let size = if self.digits == 1 { 0 } else { self.remaining };
        self.remaining = size
            .checked_mul(16)
            .and_then(|size| size.checked_add(u64::from(digit)))
            .ok_or_else(|| fault(ParseCode::InvalidChunkSize, "chunk size is too large", at))?;
        Ok(Place::Size)
    }
}

/// `tchar` (RFC 9110 section 5.6.2).
fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}
