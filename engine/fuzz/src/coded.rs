//! Contents with their codings, put on by encoders of other packages, and readers of them that are not the engine's: the
//! formats of RFC 1952 by the letter around miniz_oxide, the reference decoder of RFC 7932, and ruzstd.

use std::io::Read as _;

use brotlic::decode::{BrotliDecoder, DecoderInfo};
use brotlic::encode::{BrotliEncoderOptions, BrotliOperation};
use brotlic::{Quality, WindowSize};
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// Nobody looks at what a content becomes beyond this.
pub const MOST: usize = 128 * 1024;

/// What is put on a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Zlib,
    Raw,
    Brotli,
    Zstd,
}

/// What a reader says of octets.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are a content.
    Whole(Vec<u8>),
    /// They are none, or the beginning of one.
    Not,
    /// They become more than anybody looks at, or need a memory that nobody has to have.
    TooMuch,
}

impl Coding {
    pub const ALL: [Self; 5] = [Self::Gzip, Self::Zlib, Self::Raw, Self::Brotli, Self::Zstd];

    /// As a field says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib | Self::Raw => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Puts itself on `content`; `looks` are the encoder's level, and optional parts.
    #[must_use]
    pub fn put_on(self, content: &[u8], looks: u8) -> Vec<u8> {
        let level = looks & 7;
        match self {
            // In two members.
            Self::Gzip if looks & 0x80 != 0 => {
                let (one, other) = content.split_at(content.len() / 2);
                [member(one, looks), member(other, looks >> 4)].concat()
            }
            Self::Gzip => member(content, looks),
            Self::Zlib => compress_to_vec_zlib(content, level),
            Self::Raw => compress_to_vec(content, level),
            Self::Brotli => brotli(content, level, 10 + (looks >> 3) % 15),
            Self::Zstd if looks & 0x80 != 0 => {
                let (one, other) = content.split_at(content.len() / 2);
                let skipped = b"\x5a\x2a\x4d\x18\x02\0\0\0\xff\xff";
                [frame(one, looks), skipped.to_vec(), frame(other, looks >> 4)].concat()
            }
            Self::Zstd => frame(content, looks),
        }
    }

    /// Reads octets that have it. What stands behind a content is passed over as [`dodici_engine`] says it is.
    #[must_use]
    pub fn read(self, octets: &[u8]) -> Verdict {
        match self {
            Self::Gzip => read_gzip(octets),
            // The first octet tells which of the two it is.
            Self::Zlib | Self::Raw => match octets.first() {
                None => Verdict::Not,
                Some(octet) => match inflate(octets, octet & 0x0f == 8, MOST) {
                    Ok((content, _)) => Verdict::Whole(content),
                    Err(verdict) => verdict,
                },
            },
            Self::Brotli => read_brotli(octets),
            Self::Zstd => read_zstd(octets),
        }
    }
}

/// RFC 1952 section 2.3.
fn member(content: &[u8], looks: u8) -> Vec<u8> {
    let flags = looks >> 3 & 0x0f;
    let [is_text, has_sum, has_extra, has_name] = [1, 2, 4, 8].map(|bit| flags & bit != 0);
    let mut octets = vec![0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 2, 3];
    octets[3] = u8::from(is_text) | u8::from(has_sum) << 1 | u8::from(has_extra) << 2 | u8::from(has_name) << 3;
    if has_extra {
        octets.extend_from_slice(b"\x06\0AB\x02\0xy");
    }
    if has_name {
        octets.extend_from_slice(b"name\0");
    }
    if has_sum {
        let sum = crc(&octets).to_le_bytes();
        octets.extend_from_slice(&sum[..2]);
    }
    octets.extend_from_slice(&compress_to_vec(content, looks & 7));
    octets.extend_from_slice(&crc(content).to_le_bytes());
    octets.extend_from_slice(&(content.len() as u32).to_le_bytes());
    octets
}

fn brotli(content: &[u8], level: u8, window: u8) -> Vec<u8> {
    let mut encoder = BrotliEncoderOptions::new()
        .quality(Quality::new(level).expect("a quality"))
        .window_size(WindowSize::new(window).expect("a window"))
        .build()
        .expect("an encoder");
    let mut octets = vec![0; content.len() + content.len() / 8 + 1024];
    let done = encoder.compress(content, &mut octets, BrotliOperation::Finish).expect("an encoder that works");
    assert!(encoder.is_finished());
    octets.truncate(done.bytes_written);
    octets
}

fn frame(content: &[u8], looks: u8) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::CompressionLevel(i32::from(looks & 7))).expect("a level");
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(looks & 8 != 0)).expect("a flag");
    context.set_parameter(zstd_safe::CParameter::ContentSizeFlag(looks & 16 != 0)).expect("a flag");
    let mut octets = vec![0; zstd_safe::compress_bound(content.len())];
    let length = context.compress2(&mut octets[..], content).expect("an encoder that works");
    octets.truncate(length);
    octets
}

/// A content and its octets, if they are one; with a header of zlib's or none.
fn inflate(octets: &[u8], is_zlib: bool, most: usize) -> Result<(Vec<u8>, usize), Verdict> {
    let mut flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    if is_zlib {
        flags |= inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER;
    }
    let mut content = vec![0; (octets.len() * 8).clamp(1024, most + 1)];
    let (mut used, mut length) = (0, 0);
    let mut state = Box::<DecompressorOxide>::default();
    loop {
        let (status, more_used, written) = decompress(&mut state, &octets[used..], &mut content, length, flags);
        used += more_used;
        length += written;
        match status {
            TINFLStatus::Done => {
                content.truncate(length);
                // Under a fuzzer the package takes any sum.
                let is_right = !is_zlib || octets[..used].ends_with(&adler(&content).to_be_bytes());
                return if is_right { Ok((content, used)) } else { Err(Verdict::Not) };
            }
            TINFLStatus::HasMoreOutput if content.len() > most => return Err(Verdict::TooMuch),
            TINFLStatus::HasMoreOutput => content.resize(most + 1, 0),
            _ => return Err(Verdict::Not),
        }
    }
}

/// RFC 1952 section 2.2: members, up to a zero.
fn read_gzip(octets: &[u8]) -> Verdict {
    let mut content = Vec::new();
    let mut rest = octets;
    loop {
        let Some(header) = header(rest) else { return Verdict::Not };
        rest = &rest[header..];
        let (member, used) = match inflate(rest, false, MOST - content.len()) {
            Ok(read) => read,
            Err(verdict) => return verdict,
        };
        let Some((trailer, behind)) = rest[used..].split_first_chunk::<8>() else { return Verdict::Not };
        let [sum, size] = [0, 4].map(|at| u32::from_le_bytes(trailer[at..at + 4].try_into().expect("four")));
        if sum != crc(&member) || size != member.len() as u32 {
            return Verdict::Not;
        }
        content.extend_from_slice(&member);
        match behind {
            [] | [0, ..] => return Verdict::Whole(content),
            _ => rest = behind,
        }
    }
}

/// The octets of a member's header, if it is one.
fn header(octets: &[u8]) -> Option<usize> {
    let (&[0x1f, 0x8b, 8, flags, ..], _) = octets.split_first_chunk::<10>()? else { return None };
    // Section 2.3.1.2: a reserved bit is an error.
    if flags & 0xe0 != 0 {
        return None;
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let length = octets.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    // A name, a comment.
    for bit in [8, 16] {
        if flags & bit != 0 {
            at += octets.get(at..)?.iter().position(|octet| *octet == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        let sum = octets.get(at..at + 2)?;
        if crc(&octets[..at]) as u16 != u16::from_le_bytes([sum[0], sum[1]]) {
            return None;
        }
        at += 2;
    }
    (at <= octets.len()).then_some(at)
}

fn read_brotli(octets: &[u8]) -> Verdict {
    let mut decoder = BrotliDecoder::new();
    let mut content = vec![0; MOST + 1];
    match decoder.decompress(octets, &mut content) {
        Ok(done) => match done.info {
            DecoderInfo::Finished if done.bytes_written <= MOST => {
                content.truncate(done.bytes_written);
                Verdict::Whole(content)
            }
            DecoderInfo::NeedsMoreInput if done.bytes_written <= MOST => Verdict::Not,
            _ => Verdict::TooMuch,
        },
        Err(_) => Verdict::Not,
    }
}

/// RFC 8878 section 3: frames, of which some are to be skipped, up to what is none.
fn read_zstd(mut octets: &[u8]) -> Verdict {
    let mut content = Vec::new();
    let mut has_frame = false;
    loop {
        if octets.is_empty() {
            return if has_frame { Verdict::Whole(content) } else { Verdict::Not };
        }
        let mut magic = octets[..octets.len().min(4)].to_vec();
        if let [0x50..=0x5f, ..] = magic[..] {
            magic[0] = 0x50;
        }
        let is_known =
            [[0x28, 0xb5, 0x2f, 0xfd], [0x50, 0x2a, 0x4d, 0x18]].iter().any(|known| known.starts_with(&magic));
        if has_frame && !is_known {
            return Verdict::Whole(content);
        }
        let mut decoder = FrameDecoder::new();
        match decoder.init(&mut octets) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let Some(rest) = octets.get(length as usize..) else { return Verdict::Not };
                octets = rest;
                continue;
            }
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Verdict::TooMuch,
            Err(_) => return Verdict::Not,
        }
        while !decoder.is_finished() {
            if decoder.decode_blocks(&mut octets, BlockDecodingStrategy::UptoBytes(MOST)).is_err() {
                return Verdict::Not;
            }
            if decoder.read_to_end(&mut content).is_err() {
                return Verdict::Not;
            }
            if content.len() > MOST {
                return Verdict::TooMuch;
            }
        }
        if decoder.read_to_end(&mut content).is_err() || content.len() > MOST {
            return Verdict::TooMuch;
        }
        let (said, found) = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
        if said.is_some() && said != found {
            return Verdict::Not;
        }
        has_frame = true;
    }
}

/// RFC 1950 section 8.2.
fn adler(octets: &[u8]) -> u32 {
    let add = |(one, other), octet: &u8| {
        let one = (one + u32::from(*octet)) % 65521;
        (one, (other + one) % 65521)
    };
    let (one, other) = octets.iter().fold((1, 0), add);
    other << 16 | one
}

/// RFC 1952 section 8.
fn crc(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |sum, octet| TABLE[usize::from(sum as u8 ^ octet)] ^ sum >> 8)
}

static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut sum = octet as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ sum >> 1 } else { sum >> 1 };
            bit += 1;
        }
        table[octet] = sum;
        octet += 1;
    }
    table
};
