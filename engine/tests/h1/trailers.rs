//! The section behind the last chunk.

use crate::wire::Wire;

/// A connection whose response has got as far as its trailer section.
fn trailers() -> Wire {
    let mut wire = Wire::awaiting_head();
    let response = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n";
    assert_eq!(wire.hear(response), ["head 200"]);
    wire
}

#[test]
fn trailers_are_handed_over_with_the_end() {
    let mut wire = trailers();
    assert!(wire.hear(b"a: b\r\nC:\t d \t\r\n\r").is_empty());
    assert_eq!(wire.hear(b"\n"), ["trailer a: b", "trailer C: d", "end"]);
}

#[test]
fn what_they_say_of_framing_changes_nothing() {
    let mut wire = trailers();
    let section = b"content-length: 99\r\nconnection: close\r\n\r\n";
    assert_eq!(wire.hear(section), ["trailer content-length: 99", "trailer connection: close", "end"]);
}

#[test]
fn they_are_lines_like_those_of_a_head() {
    for (section, code) in [
        ("\n", "INVALID_HEADER_TOKEN"),
        ("a: b\n", "CR_EXPECTED"),
        ("a: b\rc", "LF_EXPECTED"),
        ("abc\r\n", "INVALID_HEADER_TOKEN"),
        ("a : b\r\n\r\n", "INVALID_HEADER_TOKEN"),
        ("a: b\r\n c\r\n", "INVALID_HEADER_TOKEN"),
        ("a: \u{1}\r\n\r\n", "INVALID_HEADER_TOKEN"),
    ] {
        assert_eq!(trailers().hear(section.as_bytes()), [code], "{section:?}");
    }
}

#[test]
fn they_overflow_while_they_arrive() {
    let mut wire = trailers();
    assert!(wire.hear(b"a: ").is_empty());
    assert_eq!(wire.hear(&[b'b'; 16 * 1024]), ["HeadersOverflow"]);
}

#[test]
fn a_fin_inside_them_is_an_error() {
    let mut wire = trailers();
    assert!(wire.hear(b"a: b\r\n").is_empty());
    assert_eq!(wire.hear_end(), ["OtherSideClosed"]);
}
