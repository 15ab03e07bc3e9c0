//! A reader of requests as a strict server has it (RFC 9112 sections 3, 6 and 7), to read what the engine
//! writes. It knows nothing of how that is written.

use crate::client::{is_text, is_token};

/// What stands in front of a server.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// The lines of the head, without the empty one behind them; empty until all are there.
    pub head: &'a [u8],
    pub content: Vec<u8>,
    /// All of it is there.
    pub is_complete: bool,
    /// Its octets.
    pub octets: usize,
}

/// Reads the first request.
///
/// # Panics
///
/// When it is none.
#[must_use]
pub fn read(wire: &[u8]) -> Request<'_> {
    let mut request = Request::default();
    let mut rest = wire;
    let mut length = None;
    let mut is_chunked = false;
    let mut is_first = true;
    loop {
        let end = wire.len() - rest.len();
        let Some(line) = line(&mut rest) else { return request };
        if std::mem::take(&mut is_first) {
            let mut words = line.split(|octet| *octet == b' ');
            let [method, target, version] = [(); 3].map(|()| words.next().unwrap_or_default());
            let is_request = !method.is_empty() && method.iter().all(|octet| is_token(*octet)) && !target.is_empty();
            let is_line = is_request && version == b"HTTP/1.1" && words.next().is_none();
            assert!(is_line, "no request line: {}", line.escape_ascii());
        } else if line.is_empty() {
            request.head = &wire[..end];
            break;
        } else {
            let colon = line.iter().position(|octet| *octet == b':').expect("a colon");
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            assert!(!name.is_empty() && name.iter().all(|octet| is_token(*octet)), "{}", line.escape_ascii());
            assert!(value.iter().all(|octet| is_text(*octet)), "{}", line.escape_ascii());
            if name.eq_ignore_ascii_case(b"content-length") {
                assert!(length.is_none(), "two lengths");
                let digits = std::str::from_utf8(value).expect("digits");
                length = Some(digits.parse::<usize>().expect("a number"));
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                assert!(!is_chunked && value == b"chunked", "codings: {}", value.escape_ascii());
                is_chunked = true;
            }
        }
    }
    assert!(length.is_none() || !is_chunked, "two framings");
    if is_chunked {
        request.is_complete = read_chunks(&mut rest, &mut request.content);
    } else {
        let length = length.unwrap_or(0);
        let content = &rest[..length.min(rest.len())];
        request.content.extend_from_slice(content);
        request.is_complete = content.len() == length;
        rest = &rest[content.len()..];
    }
    request.octets = wire.len() - rest.len();
    request
}

/// Reads chunked content; whether it is complete. Trailers are not sent by anybody here.
fn read_chunks(rest: &mut &[u8], content: &mut Vec<u8>) -> bool {
    loop {
        let Some(size) = line(rest) else { return false };
        assert!(!size.is_empty() && size.iter().all(u8::is_ascii_hexdigit), "chunk size {}", size.escape_ascii());
        let size = std::str::from_utf8(size).expect("digits");
        let size = usize::from_str_radix(size, 16).expect("a number");
        if size > 0 {
            let data = &rest[..size.min(rest.len())];
            content.extend_from_slice(data);
            *rest = &rest[data.len()..];
            if data.len() < size {
                return false;
            }
        }
        match line(rest) {
            None => return false,
            Some(end) => assert!(end.is_empty(), "{} behind a chunk", end.escape_ascii()),
        }
        if size == 0 {
            return true;
        }
    }
}

/// A line, without its CRLF; none when it is not all there.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.windows(2).position(|octets| octets == b"\r\n")?;
    let line = &rest[..end];
    assert!(!line.iter().any(|octet| matches!(octet, b'\r' | b'\n' | b'\0')), "{}", line.escape_ascii());
    *rest = &rest[end + 2..];
    Some(line)
}
