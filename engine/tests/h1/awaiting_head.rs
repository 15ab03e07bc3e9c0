//! The status line and the fields, up to the empty line.

use crate::wire::{OK, Wire, config, get};

#[test]
fn a_head_is_handed_over_when_its_empty_line_is_there() {
    let mut wire = Wire::awaiting_head();
    assert!(wire.hear(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r").is_empty());
    assert_eq!(wire.hear(b"\n"), ["head 200", "end"]);
}

#[test]
fn one_byte_at_a_time_is_the_same() {
    let mut wire = Wire::awaiting_head();
    let steps: Vec<String> = OK.chunks(1).flat_map(|octet| wire.hear(octet)).collect();
    assert_eq!(steps, ["head 200", "end"]);
}

#[test]
fn what_is_not_http_is_refused_before_its_line_ends() {
    for bytes in ["x", "HTTPS", "http/1.1", "GET / HTTP/1.1", "\0\0\x06\x04"] {
        assert_eq!(Wire::awaiting_head().hear(bytes.as_bytes()), ["INVALID_CONSTANT"], "{bytes}");
    }
}

#[test]
fn other_versions_are_refused_before_their_line_ends() {
    for bytes in ["HTTP/2", "HTTP/1.2", "HTTP/0.9", "HTTP/01.1", "HTTP/11.1", "HTTP/1.01", "HTTP/1.1\t"] {
        assert_eq!(Wire::awaiting_head().hear(bytes.as_bytes()), ["INVALID_VERSION"], "{bytes}");
    }
}

#[test]
fn a_malformed_status_is_refused() {
    for line in ["HTTP/1.1  200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 200 O\0K"] {
        let head = format!("{line}\r\n\r\n");
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), ["INVALID_STATUS"], "{line}");
    }
}

#[test]
fn a_reason_may_be_missing() {
    for line in ["HTTP/1.1 204", "HTTP/1.1 204 "] {
        let head = format!("{line}\r\n\r\n");
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), ["head 204", "end"], "{line}");
    }
}

#[test]
fn a_bare_line_feed_ends_no_line() {
    for (head, code) in [
        ("HTTP/1.1 200 OK\n", "CR_EXPECTED"),
        ("HTTP/1.1 200 OK\r\na: b\n", "CR_EXPECTED"),
        ("HTTP/1.1 200 OK\r\na: b\r\n\n", "INVALID_HEADER_TOKEN"),
    ] {
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), [code], "{head:?}");
    }
}

#[test]
fn a_bare_carriage_return_ends_no_line() {
    for (head, code) in [
        ("HTTP/1.1 200 OK\rx", "STRICT"),
        ("HTTP/1.1 200 OK\r\na: b\rx", "LF_EXPECTED"),
        ("HTTP/1.1 200 OK\r\na: b\r\r", "LF_EXPECTED"),
        ("HTTP/1.1 200 OK\r\na: b\r\n\rx", "STRICT"),
    ] {
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), [code], "{head:?}");
    }
}

#[test]
fn a_field_line_is_refused_as_soon_as_it_ends_without_being_one() {
    for (line, code) in
        [("abc", "INVALID_HEADER_TOKEN"), (" a: b", "UNEXPECTED_SPACE"), ("a: b\r\n c", "INVALID_HEADER_TOKEN")]
    {
        let head = format!("HTTP/1.1 200 OK\r\n{line}\r\n");
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), [code], "{line:?}");
    }
}

#[test]
fn forbidden_octets_in_names_and_values_are_refused() {
    for line in ["a : b", ": b", "a(: b", "a\u{e9}: b", "a: b\u{1}", "a: b\u{7f}", "a: b\0"] {
        let head = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), ["INVALID_HEADER_TOKEN"], "{line:?}");
    }
}

#[test]
fn names_and_values_overflow_at_the_limit_and_not_before() {
    for (octets, step) in [(99, "head 200"), (100, "HeadersOverflow")] {
        let mut wire = Wire::with(dodici_engine::proto::h1::Config { max_header_size: 100, ..config() });
        wire.send(&get());
        let head = format!("HTTP/1.1 200 OK\r\na: \t{} \t\r\n\r\n", "b".repeat(octets - 1));
        assert_eq!(wire.hear(head.as_bytes()), [step], "{octets}");
    }
}

#[test]
fn an_endless_value_overflows_while_it_arrives() {
    let mut wire = Wire::awaiting_head();
    assert!(wire.hear(b"HTTP/1.1 200 OK\r\na: ").is_empty());
    assert!(wire.hear(&[b'b'; 16 * 1024 - 2]).is_empty());
    assert_eq!(wire.hear(b"b"), ["HeadersOverflow"]);
}

#[test]
fn endless_white_space_overflows_too() {
    let mut wire = Wire::awaiting_head();
    assert!(wire.hear(b"HTTP/1.1 200 OK\r\na:").is_empty());
    assert_eq!(wire.hear(&[b' '; 200 * 1024]), ["HeadersOverflow"]);
}

#[test]
fn an_endless_reason_overflows() {
    let mut wire = Wire::awaiting_head();
    assert!(wire.hear(b"HTTP/1.1 200 ").is_empty());
    assert_eq!(wire.hear(&[b'x'; 16 * 1024]), ["HeadersOverflow"]);
}

#[test]
fn as_many_fields_as_fit_the_limit_are_taken() {
    let mut wire = Wire::awaiting_head();
    let head = format!("HTTP/1.1 204 No Content\r\n{}\r\n", "a:b\r\n".repeat(8000));
    assert_eq!(wire.hear(head.as_bytes()), ["head 204", "end"]);
}

#[test]
fn an_empty_line_before_the_status_line_is_skipped_but_not_many() {
    let mut wire = Wire::awaiting_head();
    assert!(wire.hear(b"\r\n\r\n").is_empty());
    assert_eq!(wire.hear(OK), ["head 200", "end"]);
    assert_eq!(Wire::awaiting_head().hear(&b"\r\n".repeat(9)), ["INVALID_CONSTANT"]);
}

#[test]
fn a_content_length_that_is_no_plain_number_is_refused() {
    for value in ["", "+5", "-5", "0x5", "5 5", "5, 5", "5x", "18446744073709551616"] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {value}\r\n\r\n");
        assert_eq!(Wire::awaiting_head().hear(head.as_bytes()), ["INVALID_CONTENT_LENGTH"], "{value}");
    }
}

#[test]
fn a_second_content_length_is_refused() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(Wire::awaiting_head().hear(head), ["UNEXPECTED_CONTENT_LENGTH"]);
}

#[test]
fn content_length_and_transfer_encoding_exclude_each_other() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(Wire::awaiting_head().hear(head), ["INVALID_TRANSFER_ENCODING"]);
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(Wire::awaiting_head().hear(head), ["INVALID_CONTENT_LENGTH"]);
}

#[test]
fn a_fin_before_the_end_of_the_head_is_the_other_side_closing() {
    for bytes in ["", "\r\n", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nconnection: close\r\n"] {
        let mut wire = Wire::awaiting_head();
        assert!(wire.hear(bytes.as_bytes()).is_empty());
        assert_eq!(wire.hear_end(), ["OtherSideClosed"], "{bytes:?}");
    }
}

#[test]
fn the_first_byte_of_a_response_is_noticed() {
    let mut wire = Wire::awaiting_head();
    assert!(!wire.connection.has_response_begun());
    wire.hear(b"H");
    assert!(wire.connection.has_response_begun());
}

#[test]
fn the_position_of_a_fault_counts_from_the_start_of_the_response() {
    let mut wire = Wire::awaiting_head();
    let mut input = bytes::BytesMut::from(&b"HTTP/1.1 200 OK\r\nabc\r\n"[..]);
    let error = wire.connection.receive(&mut input, 0, wire.now).expect_err("no colon");
    let dodici_engine::error::Error::Parse(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.position, 20);
}
