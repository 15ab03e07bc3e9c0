//! The grammar of single lines and field values: what each says by itself.

use crate::client::{is_text, is_token};

/// Allowance LONG-CHUNK-SIZE: RFC 9112 section 7.1 has any number of leading zeros.
const MAX_SIZE_DIGITS: usize = 32;

/// Allowance LONG-EXTENSIONS: RFC 9112 section 7.1.1 wants a bound and leaves it to the recipient.
const MAX_EXTENSION_OCTETS: usize = 16 * 1024;

/// A status line up to its reason.
pub(super) const STATUS_LINE: &[u8] = b"HTTP/1.1 200";

/// Rule 3. Allowance CONTROL-IN-REASON: refused, where the rule lets it pass as well.
pub(super) fn status_line(line: &[u8]) -> Option<(bool, u16, &[u8])> {
    let (&[b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ b'0'..=b'1', b' ', a, b, c], rest) =
        line.split_first_chunk::<12>()?
    else {
        return None;
    };
    let status = std::str::from_utf8(&[a, b, c]).ok()?.parse().ok().filter(|_| a.is_ascii_digit())?;
    let reason = match rest {
        [] => rest,
        [b' ', reason @ ..] => reason,
        _ => return None,
    };
    (status >= 100 && reason.iter().all(|octet| is_text(*octet))).then_some((minor == b'0', status, reason))
}

/// A field line that may be wrong.
pub(super) struct FieldLine<'a> {
    pub(super) name: &'a [u8],
    /// None without a colon.
    pub(super) value: Option<&'a [u8]>,
}

impl FieldLine<'_> {
    pub(super) fn octets(&self) -> usize {
        self.name.len() + self.value.map_or(0, <[u8]>::len)
    }
}

pub(super) fn field_line(line: &[u8]) -> FieldLine<'_> {
    match line.iter().position(|octet| *octet == b':') {
        None => FieldLine { name: line, value: None },
        Some(colon) => FieldLine { name: &line[..colon], value: Some(without_white_space(&line[colon + 1..])) },
    }
}

/// Rule 5: `OWS` is SP and HTAB.
pub(super) fn without_white_space(value: &[u8]) -> &[u8] {
    let is_visible = |octet: &u8| !matches!(octet, b' ' | b'\t');
    let start = value.iter().position(is_visible).unwrap_or(value.len());
    let end = value.iter().rposition(is_visible).map_or(start, |last| last + 1);
    &value[start..end]
}

/// Rule 12: the size of a chunk, and how many octets its extensions have.
///
/// Allowance BAD-WHITE-SPACE: RFC 9112 section 7.1.1 lets white space around `;` and `=` be read; it is refused
/// as llhttp does. Allowance EMPTY-EXTENSION-VALUE: nothing behind the `=` is taken as llhttp does; it means
/// nothing and delimits nothing.
pub(super) fn chunk_size(line: &[u8], extensions_before: usize) -> Option<(u64, usize)> {
    let digits = line.iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
    if digits == 0 || digits > MAX_SIZE_DIGITS {
        return None;
    }
    let mut size: u128 = 0;
    for digit in &line[..digits] {
        size = size * 16 + u128::from(char::from(*digit).to_digit(16)?);
    }
    let size = u64::try_from(size).ok()?;
    let extensions = &line[digits..];
    if extensions_before + extensions.len() > MAX_EXTENSION_OCTETS {
        return None;
    }
    let mut rest = extensions;
    while !rest.is_empty() {
        rest = token(rest.strip_prefix(b";")?, 1)?;
        if let Some(value) = rest.strip_prefix(b"=") {
            rest = match value.strip_prefix(b"\"") {
                Some(quoted) => quoted_string(quoted)?,
                None => token(value, 0)?,
            };
        }
    }
    Some((size, extensions.len()))
}

/// What stands behind a token of at least so many octets.
fn token(text: &[u8], least: usize) -> Option<&[u8]> {
    let octets = text.iter().take_while(|octet| is_token(**octet)).count();
    (octets >= least).then(|| &text[octets..])
}

/// What stands behind a quoted string whose first quote was read (RFC 9110 section 5.6.4).
fn quoted_string(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        text = match text {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', octet, rest @ ..] if is_text(*octet) => rest,
            [octet, rest @ ..] if is_text(*octet) && *octet != b'\\' => rest,
            _ => return None,
        };
    }
}

/// Rule 8.
pub(super) fn content_length(value: &[u8]) -> Option<u64> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
    number.filter(|_| is_number)
}

/// The transfer codings in a field value: a list whose elements may have quoted strings as parameters, with
/// commas in them (RFC 9112 section 7). Allowance UNCLOSED-QUOTE: a value with half a quoted string is no list
/// by any grammar, and every comma in it counts.
pub(super) fn elements_of_codings(value: &[u8]) -> Vec<&[u8]> {
    let mut elements = Vec::new();
    let (mut start, mut at, mut is_quoted) = (0, 0, false);
    while at < value.len() {
        match value[at] {
            b'\\' if is_quoted => at += 1,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => {
                elements.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    elements.push(&value[start..]);
    if is_quoted {
        elements = value.split(|octet| *octet == b',').collect();
    }
    elements.into_iter().map(without_white_space).filter(|element| !element.is_empty()).collect()
}

/// The `timeout` parameter of a `keep-alive` field, in seconds: what digits it starts with, as undici has it.
pub(super) fn timeout(value: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"timeout=";
    value.split(|octet| *octet == b',').map(without_white_space).find_map(|element| {
        let (name, seconds) = element.split_at_checked(NAME.len())?;
        let digits = seconds.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let digits = std::str::from_utf8(&seconds[..digits]).ok()?;
        let is_it = name.eq_ignore_ascii_case(NAME) && !digits.is_empty();
        is_it.then(|| digits.parse().unwrap_or(u64::MAX))
    })
}
