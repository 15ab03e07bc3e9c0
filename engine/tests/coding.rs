//! Content codings from outside: octets in, octets out. Every coding is undone whole, octet by octet, and cut in two at
//! every place; cut off at every place it is no content; and what is wrong has the name that node:zlib has for it.

use std::io::Write;

use bytes::Bytes;
use dodici_engine::error::{ContentFault, Error};
use dodici_engine::message::{Decoding, Field, Fields, ResponseHead};
use dodici_engine::proto::coding::{Decoded, Decoder};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

const TEXT: &str = "twelve twelve twelve twelve twelve twelve twelve twelve twelve twelve ";

/// `twelve ` twenty times, and 64 MiB of zeros, as Node.js encodes them.
const BROTLI: &str = "1b8b00f88d54b5bf0661a3bb536576115b24f03703";
const BROTLI_BOMB: &str = "cbffff3ff82700e2b14020f7fe8fffff7ff04f00c4611180eefd1fffffffe09f0088c30200ddfb3ffeffffc13f0110870500\
                           baf77ffcffff837f02200e0b0074effff8ffff07ff04401c1600e8defff1ffff0ffe0980382c00d0bdffcbffff3ffc130071\
                           5800a07bff07";
const MIB: usize = 1024 * 1024;

#[test]
fn every_coding_is_undone_wherever_its_octets_are_cut() {
    for (coding, content, text) in contents() {
        assert_eq!(undone(coding, &[&content]).unwrap(), text, "{coding} whole");
        let octets: Vec<&[u8]> = content.chunks(1).collect();
        assert_eq!(undone(coding, &octets).unwrap(), text, "{coding} octet by octet");
        for at in 0..=content.len() {
            let (one, other) = content.split_at(at);
            assert_eq!(undone(coding, &[one, other]).unwrap(), text, "{coding} cut at {at}");
        }
    }
}

#[test]
fn every_coding_is_undone_into_any_capacity() {
    for (coding, content, text) in contents() {
        for capacity in [1, 2, 7, 100] {
            let mut decoder = decoder(coding, Decoding::default()).unwrap();
            decoder.feed(Bytes::from(content.clone()));
            let mut told = Vec::new();
            while let Decoded::Data(bytes) = decoder.decode(capacity, &mut usize::MAX.clone()).unwrap() {
                assert!(bytes.len() <= capacity);
                told.extend_from_slice(&bytes);
            }
            assert_eq!((told, decoder.fault_at_end()), (text.clone(), None), "{coding} into {capacity}");
        }
    }
}

#[test]
fn a_content_that_is_cut_off_is_none_wherever_that_is() {
    let (member, frame) = (gzip(TEXT.as_bytes()).len(), zstd(TEXT.as_bytes()).len());
    for (coding, content, _) in contents() {
        for length in 0..content.len() {
            // Of two members or frames the first is a content as well, and so it is with one behind it that is skipped.
            let is_whole = match coding {
                "gzip" => length == member,
                "zstd" => length == frame || length == frame + 10,
                _ => false,
            };
            let error = undone(coding, &[&content[..length]]).err();
            let expected = (!is_whole).then(|| fault("Z_BUF_ERROR", -5, "unexpected end of file"));
            assert_eq!(error, expected, "{coding} of {length} octets");
        }
    }
}

#[test]
fn what_follows_a_content_is_not_its_own() {
    for (coding, content, rest, outcome) in [
        ("gzip", gzip(b"x"), &b"\0garbage"[..], Ok(b"x".to_vec())),
        ("gzip", gzip(b"x"), b"garbage", Err(fault("Z_DATA_ERROR", -3, "incorrect header check"))),
        ("gzip", gzip(b"x"), b"\x1f", Err(fault("Z_BUF_ERROR", -5, "unexpected end of file"))),
        ("deflate", zlib(b"x"), b"garbage", Ok(b"x".to_vec())),
        ("deflate", raw(b"x"), b"garbage", Ok(b"x".to_vec())),
        ("br", hexadecimal(BROTLI), b"garbage", Ok("twelve ".repeat(20).into_bytes())),
        ("zstd", zstd(b"x"), b"garbage", Ok(b"x".to_vec())),
        ("zstd", zstd(b"x"), b"\0\0", Ok(b"x".to_vec())),
        ("zstd", zstd(b"x"), b"\x28\x2a", Ok(b"x".to_vec())),
        ("zstd", zstd(b"x"), b"\x28\xb5", Err(fault("Z_BUF_ERROR", -5, "unexpected end of file"))),
        ("zstd", zstd(b"x"), b"\x5f\x2a\x4d", Err(fault("Z_BUF_ERROR", -5, "unexpected end of file"))),
    ] {
        let whole = [content.as_slice(), rest].concat();
        assert_eq!(undone(coding, &[&whole]), outcome, "{coding} before {rest:?}");
        assert_eq!(undone(coding, &[&content, rest]), outcome, "{coding} before {rest:?} in a piece of its own");
    }
}

#[test]
fn what_is_wrong_has_the_name_that_node_has_for_it() {
    let mut wrong_sum = gzip(TEXT.as_bytes());
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 0xff;
    let mut wrong_length = gzip(TEXT.as_bytes());
    let at = wrong_length.len() - 1;
    wrong_length[at] ^= 0xff;
    let mut wide = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3, 0x15, 0, 0];
    wide.extend([0; 100]);
    for (coding, content, code, number, reason) in [
        ("gzip", b"abcdefghijkl".to_vec(), "Z_DATA_ERROR", -3, "incorrect header check"),
        ("gzip", wrong_sum, "Z_DATA_ERROR", -3, "incorrect data check"),
        ("gzip", wrong_length, "Z_DATA_ERROR", -3, "incorrect length check"),
        ("deflate", b"\x78\x9d0123456789".to_vec(), "Z_DATA_ERROR", -3, "incorrect header check"),
        ("deflate", b"\x78\xbb\0\0\0\0".to_vec(), "Z_NEED_DICT", 2, "Missing dictionary"),
        ("deflate", b"\x07garbage".to_vec(), "Z_DATA_ERROR", -3, "invalid block type"),
        ("br", b"abcdefghijkl".to_vec(), "ERR__ERROR_FORMAT_PADDING_1", -14, "Decompression failed"),
        ("br", hexadecimal("115e8c01e09f0008c402011d"), "ERR__ERROR_FORMAT_WINDOW_BITS", -13, "Decompression failed"),
        ("zstd", b"abcdefghijkl".to_vec(), "ZSTD_error_prefix_unknown", 10, "Unknown frame descriptor"),
        ("zstd", wide, "ZSTD_error_frameParameter_windowTooLarge", 16, "Frame requires too much memory for decoding"),
    ] {
        let error = undone(coding, &[&content]).unwrap_err();
        assert_eq!(error, fault(code, number, reason), "{coding} {content:x?}");
        let octets: Vec<&[u8]> = content.chunks(1).collect();
        assert_eq!(undone(coding, &octets).unwrap_err(), error, "{coding} octet by octet");
    }
}

#[test]
fn no_octet_that_is_changed_makes_it_panic() {
    for (coding, content, _) in contents() {
        for at in 0..content.len() {
            for mask in [0x01, 0x10, 0x5a, 0x80, 0xff] {
                let mut changed = content.clone();
                changed[at] ^= mask;
                let _ = undone(coding, &[&changed]);
            }
        }
    }
}

#[test]
fn the_last_coding_of_the_field_comes_off_first() {
    let content = zstd(&gzip(&hexadecimal(BROTLI)));
    let octets: Vec<&[u8]> = content.chunks(1).collect();
    for field in ["br, gzip, zstd", "BR,GZip ,\tZSTD", ", br,gzip,,zstd"] {
        assert_eq!(undone(field, &[&content]).unwrap(), "twelve ".repeat(20).as_bytes());
        assert_eq!(undone(field, &octets).unwrap(), "twelve ".repeat(20).as_bytes());
    }
    let mut head = head(200, "br");
    let mut bytes = head.fields.bytes.to_vec();
    let (start, end) = (bytes.len() as u32, bytes.len() as u32 + 16);
    bytes.extend_from_slice(b"CONTENT-ENCODINGgzip, zstd");
    head.fields.bytes = bytes.into();
    let more = Field { name: start..end, value: end..end + 10 };
    head.fields.lines = head.fields.lines.iter().cloned().chain([more]).collect();
    let mut decoder = Decoder::of(&head, &Decoding::default()).unwrap();
    assert_eq!(run(&mut decoder, &[&content]).unwrap(), "twelve ".repeat(20).as_bytes());
}

#[test]
fn a_layer_that_is_cut_off_inside_another_is_no_content() {
    for cut in [gzip(&gzip(b"x")[..20]), gzip(&gzip(b"x"))[..30].to_vec()] {
        assert_eq!(undone("gzip, gzip", &[&cut]).unwrap_err(), fault("Z_BUF_ERROR", -5, "unexpected end of file"));
    }
}

#[test]
fn what_is_not_known_or_not_wanted_is_left_as_it_is() {
    let wanted =
        |skips_errors, skipped: &[u16]| Decoding { skips_errors, skipped_statuses: skipped.into(), max_size: 0 };
    for (status, field, wanted, is_decoded) in [
        (200, "gzip", wanted(true, &[204, 304]), true),
        (200, "gzip,gzip,gzip,gzip,gzip", wanted(true, &[]), true),
        (200, "gzip,gzip,gzip,gzip,gzip,gzip", wanted(true, &[]), false),
        (200, "gzip,gzip,gzip,gzip,gzip,", wanted(true, &[]), false),
        (200, "compress", wanted(true, &[]), false),
        (200, "gzip, own", wanted(true, &[]), false),
        (200, "", wanted(true, &[]), false),
        (200, " , ", wanted(true, &[]), false),
        (103, "gzip", wanted(false, &[]), false),
        (304, "gzip", wanted(false, &[204, 304]), false),
        (304, "gzip", wanted(false, &[]), true),
        (404, "gzip", wanted(true, &[]), false),
        (404, "gzip", wanted(false, &[]), true),
    ] {
        assert_eq!(Decoder::of(&head(status, field), &wanted).is_some(), is_decoded, "{status} {field:?}");
    }
}

#[test]
fn a_layer_may_not_become_larger_than_is_wanted() {
    let limited = |coding: &str, content: &[u8], max_size| {
        let mut decoder = decoder(coding, Decoding { max_size, ..Decoding::default() }).unwrap();
        run(&mut decoder, &[content]).map(|told| told.len())
    };
    let content = gzip(&[0; 5000]);
    assert_eq!(limited("gzip", &content, 5000), Ok(5000));
    assert_eq!(limited("gzip", &content, 4999), Err(Error::ContentTooLarge { size: 5000, limit: 4999 }));
    // The inner layer is small again.
    let content = gzip(&gzip(&[0; 5000]));
    assert_eq!(limited("gzip, gzip", &content, 4999), Err(Error::ContentTooLarge { size: 5000, limit: 4999 }));
    let content = gzip(&[gzip(b"x"), vec![0; 5000]].concat());
    assert!(matches!(limited("gzip, gzip", &content, 1000), Err(Error::ContentTooLarge { limit: 1000, .. })));
}

#[test]
fn a_bomb_gives_no_more_than_is_asked_for() {
    let zeros = vec![0; 64 * MIB];
    for (coding, content) in [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("deflate", raw(&zeros)),
        ("br", hexadecimal(BROTLI_BOMB)),
        ("zstd", zstd(&zeros)),
        ("gzip, gzip", gzip(&gzip(&zeros))),
    ] {
        let mut decoder = decoder(coding, Decoding::default()).unwrap();
        decoder.feed(Bytes::from(content));
        let mut effort = usize::MAX;
        let Decoded::Data(bytes) = decoder.decode(100, &mut effort).unwrap() else { panic!("{coding} says nothing") };
        assert_eq!(&bytes[..], &[0; 100]);
        // What it cost: at most the octets that are undone at once, and those that went into them.
        assert!(usize::MAX - effort < 200 * 1024, "{coding} took {}", usize::MAX - effort);
        assert_eq!(decoder.decode(0, &mut effort), Ok(Decoded::Full));
        let mut length = bytes.len();
        while let Decoded::Data(bytes) = decoder.decode(usize::MAX, &mut effort).unwrap() {
            assert!(bytes.len() <= 64 * 1024);
            length += bytes.len();
        }
        assert_eq!((length, decoder.fault_at_end()), (64 * MIB, None), "{coding}");
    }
}

#[test]
fn a_content_that_yields_nothing_ends_a_call_all_the_same() {
    let content = gzip(b"").repeat(10_000);
    let mut decoder = decoder("gzip", Decoding::default()).unwrap();
    decoder.feed(Bytes::from(content));
    let mut calls = 1;
    while decoder.decode(100, &mut MIB.clone()).unwrap() == Decoded::Tired {
        calls += 1;
    }
    assert!(calls > 5, "{calls} calls");
    assert_eq!(decoder.fault_at_end(), None);
}

/// A coding, a content, and what it is.
fn contents() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let text = TEXT.as_bytes().to_vec();
    let skipped = b"\x5a\x2a\x4d\x18\x02\0\0\0\xff\xff".to_vec();
    vec![
        ("gzip", gzip(&text), text.clone()),
        ("x-gzip", gzip(b""), Vec::new()),
        ("gzip", [gzip(&text), gzip(b"!")].concat(), [text.as_slice(), b"!"].concat()),
        ("deflate", zlib(&text), text.clone()),
        ("deflate", raw(&text), text.clone()),
        ("br", hexadecimal(BROTLI), "twelve ".repeat(20).into_bytes()),
        ("br", hexadecimal("3b"), Vec::new()),
        ("zstd", zstd(&text), text.clone()),
        ("zstd", zstd(b""), Vec::new()),
        ("zstd", [zstd(&text), skipped, zstd(b"!")].concat(), [text.as_slice(), b"!"].concat()),
        ("gzip, zstd", zstd(&gzip(&text)), text),
    ]
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn raw(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![0; zstd_safe::compress_bound(content.len())];
    let length = zstd_safe::compress(&mut encoded[..], content, 3).unwrap();
    encoded.truncate(length);
    encoded
}

fn hexadecimal(digits: &str) -> Vec<u8> {
    digits.as_bytes().chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn head(status: u16, field: &str) -> ResponseHead {
    let bytes = Bytes::from(format!("Content-Encoding{field}"));
    let lines = vec![Field { name: 0..16, value: 16..bytes.len() as u32 }];
    ResponseHead {
        status,
        reason: 0..0,
        fields: Fields { bytes, lines: lines.into_iter().collect() },
        is_decoded: false,
        number: None,
    }
}

fn decoder(field: &str, wanted: Decoding) -> Option<Decoder> {
    Decoder::of(&head(200, field), &wanted)
}

fn undone(field: &str, pieces: &[&[u8]]) -> Result<Vec<u8>, Error> {
    run(&mut decoder(field, Decoding::default()).unwrap(), pieces)
}

fn run(decoder: &mut Decoder, pieces: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut told = Vec::new();
    for piece in pieces {
        decoder.feed(Bytes::copy_from_slice(piece));
        loop {
            match decoder.decode(usize::MAX, &mut usize::MAX.clone())? {
                Decoded::Data(bytes) => told.extend_from_slice(&bytes),
                Decoded::Hungry => break,
                other => panic!("{other:?} with all the capacity and effort there is"),
            }
        }
    }
    decoder.fault_at_end().map_or(Ok(told), Err)
}

fn fault(code: &'static str, number: i32, reason: &str) -> Error {
    Error::Content(ContentFault { code, number, reason: reason.into() })
}
