//! `gzip` (RFC 1952) and `deflate`, which is zlib's format (RFC 1950), or what is inside that (RFC 1951).

use flate2::{Decompress, FlushDecompress, Status};

use super::{Codec, Step};
use crate::error::ContentFault;

/// The largest window that there is, as its number of bits.
const WINDOW_BITS: u8 = 15;

/// Members, one behind the other.
///
/// ```text
/// Member ──end──► Between ──another octet──► Member
///                    └─────────0───────────► Ended
/// ```
pub(super) struct Gzip(Place);

enum Place {
    Member(Box<Decompress>),
    Between,
    /// Zeros fill up the last block of a tape. Nothing is looked for behind them.
    Ended,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self(Place::member())
    }
}

impl Place {
    fn member() -> Self {
        Self::Member(Box::new(Decompress::new_gzip(WINDOW_BITS)))
    }
}

impl Codec for Gzip {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, ContentFault> {
        if let (Place::Between, Some(&octet)) = (&self.0, input.first()) {
            self.0 = if octet == 0 { Place::Ended } else { Place::member() };
        }
        match &mut self.0 {
            Place::Member(member) => {
                let (step, is_over) = inflate(member, input, output)?;
                if is_over {
                    self.0 = Place::Between;
                }
                Ok(step)
            }
            Place::Between => Ok(Step::default()),
            Place::Ended => Ok(Step { has_ended: true, ..Step::default() }),
        }
    }

    fn is_complete(&self) -> bool {
        !matches!(self.0, Place::Member(_))
    }
}

/// One stream, of which the first octet tells the format: zlib's has 8 as its lower half, the method, and no encoder
/// begins a raw block so.
pub(super) struct Deflate {
    /// From the first octet on.
    stream: Option<Box<Decompress>>,
    is_complete: bool,
}

impl Deflate {
    pub(super) fn new() -> Self {
        Self { stream: None, is_complete: false }
    }
}

impl Codec for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, ContentFault> {
        let Some(octet) = input.first().copied().or(self.stream.is_some().then_some(0)) else {
            return Ok(Step::default());
        };
        let stream = self.stream.get_or_insert_with(|| Box::new(Decompress::new(octet & 0x0f == 8)));
        let (step, is_over) = inflate(stream, input, output)?;
        self.is_complete = is_over;
        Ok(Step { has_ended: is_over, ..step })
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }
}

/// Whether the stream is over comes with the step.
fn inflate(stream: &mut Decompress, input: &[u8], output: &mut [u8]) -> Result<(Step, bool), ContentFault> {
    let (before_in, before_out) = (stream.total_in(), stream.total_out());
    let status = stream.decompress(input, output, FlushDecompress::None).map_err(|error| {
        if error.needs_dictionary().is_some() {
            return ContentFault { code: "Z_NEED_DICT", number: 2, reason: "Missing dictionary".into() };
        }
        let reason = match error.message() {
            // The package has forgotten which: its fast path says it, and its slow path says this.
            Some("repeated call with bad state") => "invalid literal, length or distance",
            Some(reason) => reason,
            None => "Zlib error",
        };
        let reason = reason.into();
        ContentFault { code: "Z_DATA_ERROR", number: -3, reason }
    })?;
    let count = |octets: u64| usize::try_from(octets).unwrap_or(usize::MAX);
    let step = Step {
        used: count(stream.total_in() - before_in),
        written: count(stream.total_out() - before_out),
        has_ended: false,
    };
    Ok((step, status == Status::StreamEnd))
}
