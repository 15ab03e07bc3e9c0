//! What the fields of a response head mean for the connection: how its content is delimited and whether
//! the connection persists (RFC 9112 sections 6.3 and 9.3). The content itself is not touched here.

use std::time::Duration;

use super::keep_alive;
use super::parse::{ParsedHead, fault};
use crate::error::{Error, ParseCode};
use crate::message::Method;

/// How the content of a response is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// So many octets; zero also where there can be none.
    Length(u64),
    /// Chunked transfer coding.
    Chunked,
    /// All octets until the peer closes.
    UntilClose,
}

/// What a response head says about the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framing {
    pub(super) content: Content,
    /// The connection may carry another request afterwards.
    pub(super) persistent: bool,
    /// How long the server says it keeps an idle connection.
    pub(super) keep_alive: Option<Duration>,
    /// `upgrade` stands in both fields where it must (RFC 9110 section 7.8).
    pub(super) upgrade: bool,
}

/// The fields that matter, as far as they were read.
#[derive(Default)]
struct Control {
    length: Option<u64>,
    has_transfer_encoding: bool,
    /// The last coding of all is `chunked`.
    is_chunked: bool,
    close: bool,
    keep_alive: bool,
    connection_upgrade: bool,
    upgrade: bool,
    keep_alive_time: Option<Duration>,
}

impl Framing {
    /// Reads the head of a response to a request with `method`.
    pub(super) fn of(parsed: &ParsedHead, method: Method) -> Result<Self, Error> {
        let control = Control::read(parsed)?;
        let status = parsed.head.status;
        let is_old = parsed.minor_version == 0;
        let announced = control.has_transfer_encoding || control.length.is_some_and(|length| length > 0);

        // There were no transfer codings in HTTP/1.0: who says so has a framing that may not be what it says,
        // also where there is no content (RFC 9112 section 6.1).
        let mut persistent = !control.close && (!is_old || control.keep_alive && !control.has_transfer_encoding);
        let content = if method == Method::Head {
            // Who forgets that HEAD has no content most likely also leaves out how long it is: without
            // a framing field only an explicit word keeps the connection.
            persistent &= control.keep_alive || control.has_transfer_encoding || control.length.is_some();
            Content::Length(0)
        } else if status < 200 || status == 204 || status == 304 {
            // What was announced may follow all the same, and would be read as the next response.
            persistent &= !announced;
            Content::Length(0)
        } else if control.is_chunked {
            Content::Chunked
        } else if let (Some(length), false) = (control.length, control.has_transfer_encoding) {
            Content::Length(length)
        } else {
            persistent = false;
            Content::UntilClose
        };
        Ok(Self {
            content,
            persistent,
            keep_alive: control.keep_alive_time,
            upgrade: control.connection_upgrade && control.upgrade,
        })
    }
}

impl Control {
    fn read(parsed: &ParsedHead) -> Result<Self, Error> {
        let fields = &parsed.head.fields;
        let mut control = Self::default();
        for field in fields.lines.iter() {
            let (name, value) = (fields.name(field), fields.value(field));
            let at = field.value.start as usize;
            match name.len() {
                7 if name.eq_ignore_ascii_case(b"upgrade") => control.upgrade = true,
                10 if name.eq_ignore_ascii_case(b"connection") => control.read_connection(value),
                10 if name.eq_ignore_ascii_case(b"keep-alive") => {
                    control.keep_alive_time = control.keep_alive_time.or_else(|| keep_alive::time(value));
                }
                14 if name.eq_ignore_ascii_case(b"content-length") => control.read_length(value, at)?,
                17 if name.eq_ignore_ascii_case(b"transfer-encoding") => control.read_codings(value, at)?,
                _ => {}
            }
        }
        Ok(control)
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in elements(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            self.connection_upgrade |= option.eq_ignore_ascii_case(b"upgrade");
        }
    }

    /// `1*DIGIT`, once, below 2^64, and not beside `transfer-encoding` (RFC 9112 section 6.3). What may be
    /// repaired (equal values) is refused as well, as llhttp does.
    fn read_length(&mut self, value: &[u8], at: usize) -> Result<(), Error> {
        if self.has_transfer_encoding {
            return Err(fault(ParseCode::InvalidContentLength, "content-length beside transfer-encoding", at));
        }
        if self.length.is_some() {
            return Err(fault(ParseCode::UnexpectedContentLength, "second content-length", at));
        }
        if value.is_empty() {
            return Err(fault(ParseCode::InvalidContentLength, "empty content-length", at));
        }
        let mut length: u64 = 0;
        for octet in value {
            if !octet.is_ascii_digit() {
                return Err(fault(ParseCode::InvalidContentLength, "content-length is not a number", at));
            }
            length = length
                .checked_mul(10)
                .and_then(|length| length.checked_add(u64::from(octet - b'0')))
                .ok_or_else(|| fault(ParseCode::InvalidContentLength, "content-length is too large", at))?;
        }
        self.length = Some(length);
        Ok(())
    }

    /// Only a last coding of exactly `chunked` delimits the content (RFC 9112 section 6.3, rule 4).
    fn read_codings(&mut self, value: &[u8], at: usize) -> Result<(), Error> {
        if self.length.is_some() {
            return Err(fault(ParseCode::InvalidTransferEncoding, "transfer-encoding beside content-length", at));
        }
        self.has_transfer_encoding = true;
        if let Some(last) = elements(value).last() {
            self.is_chunked = last.eq_ignore_ascii_case(b"chunked");
        }
        Ok(())
    }
}

/// The elements of a list, without the white space around them and without the empty ones (RFC 9110
/// section 5.6.1.2).
pub(super) fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|octet| *octet == b',').map(trim).filter(|element| !element.is_empty())
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
