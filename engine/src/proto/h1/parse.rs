//! Sections of lines: the head of a response and the trailer section behind a chunked body.
//!
//! A [`Section`] finds the end of a section while its bytes arrive and keeps the limits; every octet is
//! looked at once, however the bytes are cut. Only then is the section parsed. What its fields mean for
//! the connection is decided in `framing`.

use bytes::{Buf, Bytes};
use httparse::Status;
use memchr::{memchr, memchr2};

use crate::error::{Error, ParseCode, ParseError};
use crate::message::{Field, FieldLines, Fields, ResponseHead};

/// Empty lines before a status line that are skipped, in octets (RFC 9112 section 2.2 allows one line;
/// servers that add one behind each body exist).
const MAX_LEADING: usize = 16;

/// What stands before the reason phrase: `HTTP/1.1 200 `.
const BEFORE_REASON: usize = 13;

/// The raw octets of a section, as a multiple of the limit on names and values. The shortest field line
/// has one counted octet in five (`a: \r\n`); the rest is room for white space around values.
const RAW_FACTOR: usize = 8;

/// Room for the status line and the section's end in the raw limit.
const RAW_ALLOWANCE: usize = 1024;

/// Field lines that are parsed without an allocation for them.
const FEW_LINES: usize = 48;

/// A head together with the minor version of its status line, which matters for persistence only.
#[derive(Debug)]
pub(super) struct ParsedHead {
    pub(super) head: ResponseHead,
    pub(super) minor_version: u8,
}

/// A section while it arrives: how much of it was looked at and what was counted in it.
///
/// The figure is for a head; a trailer section starts in `Field`.
///
/// ```text
///    CRLF                        CRLF                CRLF
///   ┌────┐                                          ┌────┐
///   │    ▼                                          │    ▼
///  Leading ──── any octet ────▶ Status ────────▶ Field ──── empty line ────▶ end
/// ```
#[derive(Debug)]
pub(super) struct Section {
    line: Line,
    /// Octets of the input that were looked at; a CR at the end of the input was not.
    scanned: usize,
    /// Where the present line starts.
    line_start: usize,
    /// Where the section proper starts: behind the skipped empty lines.
    start: usize,
    /// Where the colon of the present line is.
    colon: Option<usize>,
    /// The present line's value, without the white space around it; empty until some of it is seen.
    value_start: usize,
    value_end: usize,
    /// Complete field lines.
    lines: usize,
    /// Octets of the names and values in complete lines.
    octets: usize,
}

/// Which line of a section is arriving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Leading,
    Status,
    Field,
}

/// How the present line ends. Only CRLF ends one: RFC 9112 section 2.2 lets a recipient take a bare LF for
/// it, but the ways in which others read one differ, and smuggling lives on such differences.
enum LineEnd {
    /// Not yet.
    None,
    /// With CRLF, behind which the next line starts.
    Before(usize),
    BareLineFeed,
    BareCarriageReturn,
}

impl Section {
    /// The head of a response.
    pub(super) fn head() -> Self {
        Self::starting_with(Line::Leading)
    }

    /// A trailer section.
    pub(super) fn trailers() -> Self {
        Self::starting_with(Line::Field)
    }

    fn starting_with(line: Line) -> Self {
        Self {
            line,
            scanned: 0,
            line_start: 0,
            start: 0,
            colon: None,
            value_start: 0,
            value_end: 0,
            lines: 0,
            octets: 0,
        }
    }

    /// None of it was looked at yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.scanned == 0
    }

    /// Octets of names and values in the complete lines.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// Looks at what is new in `input`, which starts where it started in the last call. Says where the
    /// section ends once it is complete.
    pub(super) fn find_end(&mut self, input: &[u8], limit: usize) -> Result<Option<usize>, Error> {
        let raw_limit = limit.saturating_mul(RAW_FACTOR).saturating_add(RAW_ALLOWANCE).min(u32::MAX as usize / 2);
        loop {
            let from = self.scanned;
            let line_end = self.find_line_end(input);
            self.look_at(input, from);
            self.check_status_line(input)?;
            let line_octets = self.line_octets();
            if line_octets > 0 && self.octets + line_octets >= limit || self.scanned > raw_limit {
                return Err(Error::HeadersOverflow);
            }
            let next_line = match line_end {
                LineEnd::None => return Ok(None),
                LineEnd::BareLineFeed => return Err(self.bare_line_feed()),
                LineEnd::BareCarriageReturn => return Err(self.bare_carriage_return()),
                LineEnd::Before(next_line) => next_line,
            };
            if self.end_line(input)? {
                return Ok(Some(next_line));
            }
            self.scanned = next_line;
            self.line_start = next_line;
            if self.line == Line::Leading {
                self.start = next_line;
            }
            self.colon = None;
            self.value_start = next_line;
            self.value_end = next_line;
        }
    }

    /// Moves `scanned` to the end of the present line or of the input.
    fn find_line_end(&mut self, input: &[u8]) -> LineEnd {
        let Some(offset) = memchr2(b'\r', b'\n', &input[self.scanned..]) else {
            self.scanned = input.len();
            return LineEnd::None;
        };
        let at = self.scanned + offset;
        self.scanned = at;
        if input[at] == b'\n' {
            return LineEnd::BareLineFeed;
        }
        match input.get(at + 1) {
            None => LineEnd::None,
            Some(b'\n') => LineEnd::Before(at + 2),
            Some(_) => LineEnd::BareCarriageReturn,
        }
    }

    fn bare_line_feed(&self) -> Error {
        let code = match self.line {
            Line::Leading => ParseCode::InvalidConstant,
            Line::Field if self.colon.is_none() => ParseCode::InvalidHeaderToken,
            _ => ParseCode::CrExpected,
        };
        fault(code, "line feed without carriage return", self.scanned)
    }

    fn bare_carriage_return(&self) -> Error {
        let code = match self.line {
            Line::Leading => ParseCode::InvalidConstant,
            Line::Field if self.colon.is_some() => ParseCode::LfExpected,
            Line::Field if self.scanned > self.line_start => ParseCode::InvalidHeaderToken,
            _ => ParseCode::Strict,
        };
        fault(code, "carriage return without line feed", self.scanned)
    }

    /// Takes notice of the octets of the present line between `from` and `scanned`.
    fn look_at(&mut self, input: &[u8], mut from: usize) {
        if self.line == Line::Leading && self.scanned > self.line_start {
            self.line = Line::Status;
        }
        if self.line != Line::Field {
            return;
        }
        if self.colon.is_none() {
            let Some(offset) = memchr(b':', &input[from..self.scanned]) else {
                return;
            };
            let colon = from + offset;
            self.colon = Some(colon);
            from = colon + 1;
            self.value_start = from;
            self.value_end = from;
        }
        let visible = |octet: &u8| *octet != b' ' && *octet != b'\t';
        let new = &input[from..self.scanned];
        if self.value_end == self.value_start {
            match new.iter().position(visible) {
                Some(offset) => self.value_start = from + offset,
                None => return,
            }
        }
        if let Some(offset) = new.iter().rposition(visible) {
            self.value_end = from + offset + 1;
        }
    }

    /// What the present line adds to the counted octets, as far as it was looked at.
    fn line_octets(&self) -> usize {
        match (self.line, self.colon) {
            (Line::Leading, _) => 0,
            // The reason phrase stands alone against the limit, so that the limit on names and values
            // means the same whatever the server says beside the number.
            (Line::Status, _) => (self.scanned - self.line_start).saturating_sub(BEFORE_REASON),
            (Line::Field, None) => self.scanned - self.line_start,
            (Line::Field, Some(colon)) => colon - self.line_start + self.value_end.saturating_sub(self.value_start),
        }
    }

    /// Refuses what is not HTTP/1 as soon as its first octets are there, without waiting for a line end
    /// that may never come.
    fn check_status_line(&self, input: &[u8]) -> Result<(), Error> {
        const NAME: &[u8] = b"HTTP/";
        if self.line != Line::Status {
            return Ok(());
        }
        let line = &input[self.line_start..self.scanned];
        let name = &line[..line.len().min(NAME.len())];
        if !NAME.starts_with(name) {
            return Err(fault(ParseCode::InvalidConstant, "not an HTTP/1 response", self.line_start));
        }
        let version = &line[name.len()..];
        let matches = |index: usize, allowed: &[u8]| version.get(index).is_none_or(|octet| allowed.contains(octet));
        if matches(0, b"1") && matches(1, b".") && matches(2, b"01") && matches(3, b" ") {
            return Ok(());
        }
        Err(fault(ParseCode::InvalidVersion, "HTTP version other than 1.0 and 1.1", self.line_start + NAME.len()))
    }

    /// Counts a complete line; whether it was the one that ends the section.
    fn end_line(&mut self, input: &[u8]) -> Result<bool, Error> {
        let line = &input[self.line_start..self.scanned];
        match self.line {
            Line::Leading => {
                if self.scanned + 2 > MAX_LEADING {
                    return Err(fault(
                        ParseCode::InvalidConstant,
                        "too many empty lines before the response",
                        self.scanned,
                    ));
                }
            }
            Line::Status => self.line = Line::Field,
            Line::Field => match line.first() {
                None => return Ok(true),
                Some(b' ' | b'\t') if self.lines == 0 => {
                    return Err(fault(
                        ParseCode::UnexpectedSpace,
                        "white space before the first field",
                        self.line_start,
                    ));
                }
                // A folded line (RFC 9112 section 5.2).
                Some(b' ' | b'\t') => {
                    return Err(fault(ParseCode::InvalidHeaderToken, "folded field line", self.line_start));
                }
                Some(_) if self.colon.is_none() => {
                    return Err(fault(ParseCode::InvalidHeaderToken, "field line without colon", self.scanned));
                }
                Some(_) => {
                    self.octets += self.line_octets();
                    self.lines += 1;
                }
            },
        }
        Ok(false)
    }

    /// Parses the complete head, `bytes` being the input up to its end.
    pub(super) fn parse_head(&self, mut bytes: Bytes) -> Result<ParsedHead, Error> {
        let end = bytes.len();
        bytes.advance(self.start);
        let parsed = self.with_lines(|lines| {
            let mut response = httparse::Response::new(lines);
            match response.parse(&bytes) {
                Ok(Status::Complete(_)) => {}
                Ok(Status::Partial) => return Err(httparse::Error::Status),
                Err(error) => return Err(error),
            }
            let status = response.code.ok_or(httparse::Error::Status)?;
            let minor_version = response.version.ok_or(httparse::Error::Version)?;
            Ok((status, minor_version, locate(&bytes, response.headers)))
        });
        let (status, minor_version, lines) = parsed.map_err(|error| placed(error, end))?;
        if status < 100 {
            return Err(fault(ParseCode::InvalidStatus, "status code below 100", self.start + BEFORE_REASON));
        }
        // httparse hides a reason phrase that is not ASCII, so it is taken from the line itself.
        let line_end = memchr(b'\r', &bytes).unwrap_or(0);
        let reason = position(BEFORE_REASON.min(line_end))..position(line_end);
        let head = ResponseHead { status, reason, fields: Fields { bytes, lines }, is_decoded: false, number: None };
        Ok(ParsedHead { head, minor_version })
    }

    /// Parses the complete trailer section, `bytes` being the input up to its end.
    pub(super) fn parse_trailers(&self, bytes: Bytes) -> Result<Fields, Error> {
        if self.lines == 0 {
            return Ok(Fields::default());
        }
        let parsed = self.with_lines(|lines| match httparse::parse_headers(&bytes, lines)? {
            Status::Complete((_, fields)) => Ok(locate(&bytes, fields)),
            Status::Partial => Err(httparse::Error::HeaderName),
        });
        let lines = parsed.map_err(|error| placed(error, bytes.len()))?;
        Ok(Fields { bytes, lines })
    }

    /// Lends an array with room for exactly the field lines that were counted.
    fn with_lines<'b, R>(&self, parse: impl FnOnce(&mut [httparse::Header<'b>]) -> R) -> R {
        if self.lines <= FEW_LINES {
            parse(&mut [httparse::EMPTY_HEADER; FEW_LINES])
        } else {
            parse(&mut vec![httparse::EMPTY_HEADER; self.lines])
        }
    }
}

/// A fault at a place in the section.
pub(super) fn fault(code: ParseCode, reason: &'static str, at: usize) -> Error {
    Error::Parse(ParseError { code, reason, position: at as u64 })
}

/// What httparse found, in llhttp's names. It does not say where, so the place is where it was noticed.
fn placed(error: httparse::Error, noticed_at: usize) -> Error {
    let (code, reason) = match error {
        httparse::Error::Version => (ParseCode::InvalidVersion, "HTTP version other than 1.0 and 1.1"),
        httparse::Error::Status => (ParseCode::InvalidStatus, "malformed status line"),
        httparse::Error::HeaderValue => (ParseCode::InvalidHeaderToken, "forbidden octet in a field value"),
        httparse::Error::HeaderName
        | httparse::Error::NewLine
        | httparse::Error::Token
        | httparse::Error::TooManyHeaders => (ParseCode::InvalidHeaderToken, "forbidden octet in a field name"),
    };
    fault(code, reason, noticed_at)
}

/// Turns slices of `bytes` into ranges.
fn locate(bytes: &[u8], fields: &[httparse::Header<'_>]) -> FieldLines {
    let base = bytes.as_ptr() as usize;
    let range = |slice: &[u8]| {
        // An empty slice may point anywhere.
        let start = (slice.as_ptr() as usize).saturating_sub(base).min(bytes.len() - slice.len());
        position(start)..position(start + slice.len())
    };
    fields.iter().map(|field| Field { name: range(field.name.as_bytes()), value: range(field.value) }).collect()
}

/// A place in a section; the raw limit keeps every one of them far below 2^32.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
