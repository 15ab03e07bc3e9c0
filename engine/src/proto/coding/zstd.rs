//! `zstd` (RFC 8878), with a window of 8 MiB at most: that is all that a decoder has to have (RFC 9659 section 3).

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

use super::{Codec, Step};
use crate::error::ContentFault;

const WINDOW_LOG: u32 = 23;

/// What a frame begins with (RFC 8878 section 3.1.1).
const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Frames, one behind the other.
///
/// ```text
/// Magic ──known, or the first──► Frame ──end──► Magic
///   └────not known───► Ended
/// ```
pub(super) struct Zstd {
    context: DCtx<'static>,
    place: Place,
    /// A frame that is not to be skipped has ended.
    has_frame: bool,
}

enum Place {
    /// So many octets of the number that tells what follows. It is the decoder's only when it is known: behind a whole
    /// frame may stand anything.
    Magic {
        octets: [u8; 4],
        count: usize,
    },
    Frame {
        is_skippable: bool,
    },
    Ended,
}

const MAGIC: Place = Place::Magic { octets: [0; 4], count: 0 };

impl Zstd {
    /// `None` where there is no memory.
    pub(super) fn new() -> Option<Self> {
        let mut context = DCtx::try_create()?;
        context.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).ok()?;
        Some(Self { context, place: MAGIC, has_frame: false })
    }

    /// Gives octets to the decoder. Whether the frame is over comes with the step.
    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<(Step, bool), ContentFault> {
        let (mut source, mut target) = (InBuffer::around(input), OutBuffer::around(output));
        let hint = self.context.decompress_stream(&mut target, &mut source).map_err(fault)?;
        let step = Step { used: source.pos(), written: target.pos(), has_ended: false };
        Ok((step, hint == 0))
    }
}

impl Codec for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, ContentFault> {
        match &mut self.place {
            Place::Magic { octets, count } => {
                let used = input.len().min(octets.len() - *count);
                octets[*count..*count + used].copy_from_slice(&input[..used]);
                *count += used;
                if *count < octets.len() {
                    return Ok(Step { used, ..Step::default() });
                }
                let (octets, is_skippable) = (*octets, is_skippable(*octets));
                if self.has_frame && octets != FRAME && !is_skippable {
                    self.place = Place::Ended;
                    return Ok(Step { used, has_ended: true, ..Step::default() });
                }
                // What is no frame at the beginning is for the decoder to refuse.
                self.place = Place::Frame { is_skippable };
                let (step, _) = self.run(&octets, output)?;
                Ok(Step { used, ..step })
            }
            &mut Place::Frame { is_skippable } => {
                let (step, is_over) = self.run(input, output)?;
                if is_over {
                    self.has_frame |= !is_skippable;
                    self.place = MAGIC;
                }
                Ok(step)
            }
            Place::Ended => Ok(Step { has_ended: true, ..Step::default() }),
        }
    }

    fn is_complete(&self) -> bool {
        match self.place {
            Place::Magic { octets, count } => self.has_frame && (count == 0 || !is_prefix(&octets[..count])),
            Place::Frame { .. } => false,
            Place::Ended => true,
        }
    }
}

/// Whether a frame may begin so, of either kind.
fn is_prefix(octets: &[u8]) -> bool {
    let is_skippable = octets.first().is_some_and(|first| (0x50..=0x5f).contains(first))
        && [0x2a, 0x4d, 0x18].starts_with(&octets[1..]);
    FRAME.starts_with(octets) || is_skippable
}

/// RFC 8878 section 3.1.2.
fn is_skippable([first, rest @ ..]: [u8; 4]) -> bool {
    (0x50..=0x5f).contains(&first) && rest == [0x2a, 0x4d, 0x18]
}

/// The numbers are the reference decoder's; its names are Node.js's codes.
fn fault(code: usize) -> ContentFault {
    let number = i32::try_from(0_usize.wrapping_sub(code)).unwrap_or(1);
    let name = match number {
        10 => "ZSTD_error_prefix_unknown",
        12 => "ZSTD_error_version_unsupported",
        14 => "ZSTD_error_frameParameter_unsupported",
        16 => "ZSTD_error_frameParameter_windowTooLarge",
        20 => "ZSTD_error_corruption_detected",
        22 => "ZSTD_error_checksum_wrong",
        24 => "ZSTD_error_literals_headerWrong",
        30 => "ZSTD_error_dictionary_corrupted",
        32 => "ZSTD_error_dictionary_wrong",
        44 => "ZSTD_error_tableLog_tooLarge",
        46 => "ZSTD_error_maxSymbolValue_tooLarge",
        48 => "ZSTD_error_maxSymbolValue_tooSmall",
        62 => "ZSTD_error_init_missing",
        64 => "ZSTD_error_memory_allocation",
        66 => "ZSTD_error_workSpace_tooSmall",
        70 => "ZSTD_error_dstSize_tooSmall",
        72 => "ZSTD_error_srcSize_wrong",
        80 => "ZSTD_error_noForwardProgress_destFull",
        82 => "ZSTD_error_noForwardProgress_inputEmpty",
        _ => "ZSTD_error_GENERIC",
    };
    ContentFault { code: name, number, reason: zstd_safe::get_error_name(code).into() }
}
