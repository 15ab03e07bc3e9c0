//! Content in chunks, up to the last chunk.

use dodici_engine::proto::h1::Config;

use crate::wire::{Wire, config, get};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// A connection whose response has chunked content from here on.
fn chunked() -> Wire {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(HEAD), ["head 200"]);
    wire
}

#[test]
fn chunks_are_handed_out_without_their_framing() {
    let mut wire = chunked();
    assert_eq!(wire.hear(b"5\r\nhello\r\n00A\r\n, world!!!"), ["data hello", "data , world!!!"]);
    assert_eq!(wire.hear(b"\r\n0\r\n\r\n"), ["end"]);
}

#[test]
fn one_byte_at_a_time_is_the_same() {
    let mut wire = chunked();
    let content = b"2;a=b;c=\"d;\\\"\"\r\nok\r\n0;x\r\n\r\n";
    let steps: Vec<String> = content.chunks(1).flat_map(|octet| wire.hear(octet)).collect();
    assert_eq!(steps, ["data o", "data k", "end"]);
}

#[test]
fn framing_is_read_even_without_capacity() {
    let mut wire = chunked();
    assert!(wire.hear_with_capacity(b"2\r\nok\r\n0\r\n\r\n", 0).is_empty());
    assert_eq!(wire.left(), b"ok\r\n0\r\n\r\n");
    assert_eq!(wire.hear_with_capacity(b"", 2), ["data ok", "end"]);
}

#[test]
fn a_size_is_hexadecimal_digits_and_nothing_else() {
    for size in ["\r\n", ";a\r\n", " 5", "+5", "-5", "0x5", "5 \r\n", "g", "\n"] {
        assert_eq!(chunked().hear(size.as_bytes()), ["INVALID_CHUNK_SIZE"], "{size:?}");
    }
}

#[test]
fn a_size_of_64_bits_is_taken_and_a_larger_one_refused() {
    assert_eq!(chunked().hear(b"ffffffffffffffff\r\nhello"), ["data hello"]);
    for size in ["10000000000000000", "10000000000000005", &"0".repeat(33)] {
        assert_eq!(chunked().hear(size.as_bytes()), ["INVALID_CHUNK_SIZE"], "{size}");
    }
}

#[test]
fn only_crlf_ends_a_size_line_and_the_data() {
    for (content, step) in [
        ("5\n", "CR_EXPECTED"),
        ("5;a\n", "CR_EXPECTED"),
        ("5;a=b\n", "CR_EXPECTED"),
        ("5\r\r", "STRICT"),
        ("5;a\rb", "STRICT"),
    ] {
        assert_eq!(chunked().hear(content.as_bytes()), [step], "{content:?}");
    }
    for (content, step) in [("5\r\nhello\n", "CR_EXPECTED"), ("5\r\nhello\rx", "STRICT"), ("5\r\nhello!", "STRICT")] {
        assert_eq!(chunked().hear(content.as_bytes()), ["data hello", step], "{content:?}");
    }
}

#[test]
fn a_malformed_extension_is_refused() {
    for extension in [";\r", "; a", ";a b", ";a=b c", ";a=\"b\r", ";a=\"b\u{1}", ";a=\"b\"c", ";a=b\"c\"", ";=b"] {
        let line = format!("5{extension}");
        assert_eq!(chunked().hear(line.as_bytes()), ["STRICT"], "{extension:?}");
    }
}

#[test]
fn extensions_are_bounded_over_the_whole_response() {
    let mut wire = chunked();
    let chunk = format!("1;{}\r\nx\r\n", "a".repeat(6000));
    assert_eq!(wire.hear(chunk.repeat(2).as_bytes()), ["data x", "data x"]);
    assert_eq!(wire.hear(chunk.as_bytes()), ["CHUNK_EXTENSIONS_OVERFLOW"]);
}

#[test]
fn only_a_last_coding_of_exactly_chunked_makes_chunks() {
    for codings in ["chunked", "Chunked \t", "gzip, chunked", ", chunked,", "gzip\r\ntransfer-encoding: chunked"] {
        let mut wire = Wire::awaiting_head();
        let response = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {codings}\r\n\r\n0\r\n\r\n");
        assert_eq!(wire.hear(response.as_bytes()), ["head 200", "end"], "{codings:?}");
    }
    for codings in ["xchunked", "chunkedx", "\"chunked\"", "chunked;q=1", "chunked, gzip", "identity", ""] {
        let mut wire = Wire::awaiting_head();
        let response = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {codings}\r\n\r\n0");
        assert_eq!(wire.hear(response.as_bytes()), ["head 200", "data 0"], "{codings:?}");
        assert_eq!(wire.hear_end(), ["end, close"], "{codings:?}");
    }
}

#[test]
fn content_beyond_the_maximum_is_an_error() {
    let mut wire = Wire::with(Config { max_response_size: Some(5), ..config() });
    wire.send(&get());
    wire.hear(HEAD);
    assert_eq!(wire.hear(b"3\r\nabc\r\n3\r\ndef"), ["data abc", "ResponseExceededMaxSize"]);
}

#[test]
fn a_fin_inside_content_is_an_error_named_after_what_the_head_said_of_the_connection() {
    let mut wire = chunked();
    assert_eq!(wire.hear(b"5\r\nhel"), ["data hel"]);
    assert_eq!(wire.hear_end(), ["OtherSideClosed"]);

    let mut wire = Wire::awaiting_head();
    wire.hear(b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel");
    assert_eq!(wire.hear_end(), ["INVALID_EOF_STATE"]);
}

#[test]
fn what_is_left_of_a_chunk_is_content_that_its_caller_may_read_by_himself() {
    let mut wire = Wire::awaiting_head();
    assert_eq!(wire.hear(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe"), ["head 200", "data he"]);
    assert_eq!(wire.connection.content_ahead(), 3);
    wire.connection.receive_content(3, wire.now).unwrap();
    assert_eq!(wire.connection.content_ahead(), 0);
    assert_eq!(wire.hear(b"\r\n3"), [""; 0]);
    assert_eq!(wire.connection.content_ahead(), 0);
    assert_eq!(wire.hear(b"\r\nyou\r\n0\r\n\r\n"), ["data you", "end"]);
}
