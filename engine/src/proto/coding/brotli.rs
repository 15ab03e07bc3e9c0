//! `br` (RFC 7932). A window has 16 MiB at most; the large windows that are no part of the RFC are refused.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{Codec, Step};
use crate::error::ContentFault;

pub(super) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    /// Counted by the package.
    total: usize,
    is_complete: bool,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let [one, other, third] = [StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default()];
        Self { state: Box::new(BrotliState::new_strict(one, other, third)), total: 0, is_complete: false }
    }
}

impl Codec for Brotli {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, ContentFault> {
        let (mut available, mut used, mut room, mut written) = (input.len(), 0, output.len(), 0);
        let result = BrotliDecompressStream(
            &mut available,
            &mut used,
            input,
            &mut room,
            &mut written,
            output,
            &mut self.total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => Err(fault(self.state.error_code as i32)),
            BrotliResult::ResultSuccess => {
                self.is_complete = true;
                Ok(Step { used, written, has_ended: true })
            }
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {
                Ok(Step { used, written, has_ended: false })
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.is_complete
    }
}

/// The numbers and names are the reference decoder's, which Node.js puts `ERR_` before.
fn fault(number: i32) -> ContentFault {
    let code = match number {
        -1 => "ERR__ERROR_FORMAT_EXUBERANT_NIBBLE",
        -2 => "ERR__ERROR_FORMAT_RESERVED",
        -3 => "ERR__ERROR_FORMAT_EXUBERANT_META_NIBBLE",
        -4 => "ERR__ERROR_FORMAT_SIMPLE_HUFFMAN_ALPHABET",
        -5 => "ERR__ERROR_FORMAT_SIMPLE_HUFFMAN_SAME",
        -6 => "ERR__ERROR_FORMAT_CL_SPACE",
        -7 => "ERR__ERROR_FORMAT_HUFFMAN_SPACE",
        -8 => "ERR__ERROR_FORMAT_CONTEXT_MAP_REPEAT",
        -9 => "ERR__ERROR_FORMAT_BLOCK_LENGTH_1",
        -10 => "ERR__ERROR_FORMAT_BLOCK_LENGTH_2",
        -11 => "ERR__ERROR_FORMAT_TRANSFORM",
        -12 => "ERR__ERROR_FORMAT_DICTIONARY",
        -13 => "ERR__ERROR_FORMAT_WINDOW_BITS",
        -14 => "ERR__ERROR_FORMAT_PADDING_1",
        -15 => "ERR__ERROR_FORMAT_PADDING_2",
        -16 => "ERR__ERROR_FORMAT_DISTANCE",
        -18 => "ERR__ERROR_COMPOUND_DICTIONARY",
        -19 => "ERR__ERROR_DICTIONARY_NOT_SET",
        -20 => "ERR__ERROR_INVALID_ARGUMENTS",
        -21 => "ERR__ERROR_ALLOC_CONTEXT_MODES",
        -22 => "ERR__ERROR_ALLOC_TREE_GROUPS",
        -25 => "ERR__ERROR_ALLOC_CONTEXT_MAP",
        -26 => "ERR__ERROR_ALLOC_RING_BUFFER_1",
        -27 => "ERR__ERROR_ALLOC_RING_BUFFER_2",
        -30 => "ERR__ERROR_ALLOC_BLOCK_TYPE_TREES",
        _ => "ERR__ERROR_UNREACHABLE",
    };
    ContentFault { code, number, reason: "Decompression failed".into() }
}
