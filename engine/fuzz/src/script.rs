//! The octets that a peer says, from the octets that the fuzzer mutates. As they are, or with tokens: then
//! a single octet stands for a whole piece of a message, so that one mutation puts a field, a chunk or a
//! status line somewhere else.

use std::borrow::Cow;

/// The most octets that a script expands to: enough for most; and for all limits, which is slow.
const MAX_EXPANDED: usize = 2 * 1024;
const MAX_EXPANDED_LARGE: usize = 20 * 1024;

/// Stands before an octet that means itself.
const LITERAL: u8 = 0xff;

/// Stands before a count: what came before is repeated.
const REPEAT: u8 = 0xfe;

/// What the octets from 0x80 stand for.
pub const TOKENS: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 204 No Content\r\n",
    b"HTTP/1.1 304 Not Modified\r\n",
    b"HTTP/1.1 100 Continue\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n",
    b"HTTP/1.1 404\r\n",
    b"HTTP/1.1 500 \r\n",
    b"HTTP/1.1 ",
    b"HTTP/1.0 ",
    b"HTTP/2 200\r\n",
    b"ICE/1.1 200 OK\r\n",
    b"Content-Length: ",
    b"content-length:0\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 05\r\n",
    b"Content-Length: 18446744073709551615\r\n",
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: 5, 5\r\n",
    b"Transfer-Encoding: ",
    b"Transfer-Encoding: chunked\r\n",
    b"TRANSFER-ENCODING:\tCHUNKED \r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: chunked, gzip\r\n",
    b"Transfer-Encoding: ,chunked,,\r\n",
    b"Transfer-Encoding:\r\n",
    b"Connection: ",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Connection: upgrade\r\n",
    b"Upgrade: websocket\r\n",
    b"Keep-Alive: ",
    b"Keep-Alive: timeout=1\r\n",
    b"Keep-Alive: timeout=5, max=9\r\n",
    b"timeout=",
    b"chunked",
    b"close",
    b"keep-alive",
    b"upgrade",
    b"a: b\r\n",
    b"x-long-name-of-a-field: a value with some white space in it \t\r\n",
    b"a:\r\n",
    b": a\r\n",
    b"a : b\r\n",
    b" folded\r\n",
    b"\tfolded\r\n",
    b"a: \x80\xff\r\n",
    b"a: \x01\r\n",
    b"hello",
    b"5\r\nhello\r\n",
    b"5\r\n",
    b"1\r\na\r\n",
    b"0\r\n",
    b"0\r\n\r\n",
    b"000000000000000000000000000005\r\nhello\r\n",
    b"ffffffffffffffff\r\n",
    b"10000000000000000\r\n",
    b"5;a\r\nhello\r\n",
    b"5;a=b\r\nhello\r\n",
    b"5;a=\"b\\\"c\"\r\nhello\r\n",
    b"5 \r\nhello\r\n",
    b"5; a = b\r\nhello\r\n",
    b";a=",
    b";name-of-an-extension=\"a quoted value, with all sorts of (things) in it\"",
    b"\"",
    b"\\",
    b"\n",
    b"\r",
    b"\0",
    b"0x5\r\n",
    b"+5\r\n",
    b"-5\r\n",
    b"Trailer: a\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"HTTP/1.1 099 Low\r\n",
    b"HTTP/1.1 999 High\r\n",
];

/// What the peer says.
#[must_use]
pub fn expand(script: &[u8], has_tokens: bool, is_large: bool) -> Cow<'_, [u8]> {
    if !has_tokens {
        return Cow::Borrowed(script);
    }
    let max = if is_large { MAX_EXPANDED_LARGE } else { MAX_EXPANDED };
    let mut octets = Vec::with_capacity(512);
    let mut last = 0;
    let mut rest = script.iter();
    while let Some(&octet) = rest.next() {
        match octet {
            LITERAL => {
                last = octets.len();
                octets.extend(rest.next());
            }
            REPEAT => {
                let times = rest.next().copied().unwrap_or(0);
                let end = octets.len();
                for _ in 0..times {
                    if octets.len() + end - last > max {
                        break;
                    }
                    octets.extend_from_within(last..end);
                }
            }
            _ => {
                last = octets.len();
                match octet.checked_sub(0x80) {
                    Some(index) => octets.extend_from_slice(TOKENS.get(usize::from(index)).unwrap_or(&b"".as_slice())),
                    None => octets.push(octet),
                }
            }
        }
        if octets.len() > max {
            break;
        }
    }
    Cow::Owned(octets)
}
