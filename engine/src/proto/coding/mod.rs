//! Content codings being undone (RFC 9110 section 8.4): octets in, octets out, and never more of either than was asked
//! for. Which codings a response has and in which order they come off is known here; the codings themselves are in the
//! modules beside it, and what they look like as bits is their packages' business.
//!
//! ```text
//!            raw ──► [ layer 0 ] ──► [ layer 1 ] ──► … ──► output
//!                    the last coding                 the first coding of the field
//! ```

mod brotli;
mod deflate;
mod zstd;

use bytes::{Buf, Bytes, BytesMut};

use crate::error::{ContentFault, Error};
use crate::message::{Decoding, ResponseHead};

/// How many codings a content may have: a chain of them makes much work of few octets.
const MAX_LAYERS: usize = 5;

/// What is undone at once. node:zlib's pieces have this size too, so that both tell of the same size where one is too
/// large.
const STEP: usize = 16 * 1024;

/// The largest piece that is handed out. Smaller ones cost their user more: each is an event.
const PIECE: usize = 64 * 1024;

/// What a step counts as at least, in octets: one that yields nothing costs time as well.
const LEAST_EFFORT: usize = 1024;

/// One coding being undone.
trait Codec {
    /// Undoes some of `input` into `output`, neither of them more than there is. Is called again with what is left of the
    /// input, and without any as long as the output was filled.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, ContentFault>;

    /// The octets so far are a whole content.
    fn is_complete(&self) -> bool;
}

/// What one step has done.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    /// Octets of the input.
    used: usize,
    /// Octets of the output.
    written: usize,
    /// Nothing that follows is the coding's.
    has_ended: bool,
}

/// A content's decoder.
pub struct Decoder {
    /// In the order in which octets go through them; at least one.
    layers: Vec<Layer>,
    /// Octets that a layer may become; 0: any number.
    max_size: u64,
}

struct Layer {
    codec: Box<dyn Codec>,
    input: Bytes,
    /// The last step filled its output: there may be more without more input.
    is_full: bool,
    has_ended: bool,
    /// Octets that came out of it.
    size: u64,
}

/// What [`Decoder::decode`] has to give.
#[derive(Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Octets; not empty. There may be more.
    Data(Bytes),
    /// Nothing without more input.
    Hungry,
    /// There is something, or seems to be, and no capacity for it.
    Full,
    /// The effort is used up, and there is still something to be done.
    Tired,
}

/// What one layer has to give.
enum Produced {
    Octets(usize),
    Hungry,
    Tired,
}

impl Decoder {
    /// What undoes the codings of a response, if its user wants that and all are known.
    #[must_use]
    pub fn of(head: &ResponseHead, wanted: &Decoding) -> Option<Self> {
        if head.status < 200
            || (wanted.skips_errors && head.status >= 400)
            || wanted.skipped_statuses.contains(&head.status)
        {
            return None;
        }
        let lines = head.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"content-encoding"));
        let codings = lines.flat_map(|(_, value)| value.split(|&octet| octet == b',')).map(<[u8]>::trim_ascii);
        let mut layers = Vec::new();
        for (index, coding) in codings.enumerate() {
            if index == MAX_LAYERS {
                return None;
            }
            if !coding.is_empty() {
                layers.push(Layer::new(codec(coding)?));
            }
        }
        // The last coding comes off first.
        layers.reverse();
        (!layers.is_empty()).then_some(Self { layers, max_size: wanted.max_size })
    }

    /// More input. To be called when [`Self::decode`] is hungry, and with nothing else between the two.
    pub fn feed(&mut self, input: Bytes) {
        if let Some(first) = self.layers.first_mut()
            && !first.has_ended
        {
            first.input = input;
        }
    }

    /// At most `capacity` octets of the content. `effort` counts down the octets that go in and out of the layers, and
    /// ends the call when it is used up, however little has come of them.
    ///
    /// # Errors
    ///
    /// `Content` when the octets are not what their coding says, `ContentTooLarge` when a layer becomes larger than is
    /// wanted. What was undone last is lost with it, and nothing more is to be asked.
    pub fn decode(&mut self, capacity: usize, effort: &mut usize) -> Result<Decoded, Error> {
        if !self.layers.iter().any(Layer::has_work) {
            return Ok(Decoded::Hungry);
        }
        if capacity == 0 {
            return Ok(Decoded::Full);
        }
        let limit = capacity.min(PIECE);
        let mut output = BytesMut::new();
        let mut is_tired = false;
        while output.len() < limit {
            let start = output.len();
            output.resize((start + STEP).min(limit), 0);
            let produced = produce(&mut self.layers, &mut output[start..], self.max_size, effort)?;
            let octets = if let Produced::Octets(octets) = produced { octets } else { 0 };
            output.truncate(start + octets);
            is_tired = matches!(produced, Produced::Tired);
            if octets == 0 {
                break;
            }
        }
        Ok(match (output.is_empty(), is_tired) {
            (false, _) => Decoded::Data(output.freeze()),
            (true, true) => Decoded::Tired,
            (true, false) => Decoded::Hungry,
        })
    }

    /// Why the content is none if nothing follows.
    #[must_use]
    pub fn fault_at_end(&self) -> Option<Error> {
        let is_complete = self.layers.iter().all(|layer| layer.codec.is_complete());
        (!is_complete).then(|| Error::Content(unexpected_end()))
    }
}

/// Runs the last of `layers`, and those before it as far as it needs them.
fn produce(layers: &mut [Layer], output: &mut [u8], max_size: u64, effort: &mut usize) -> Result<Produced, Error> {
    let Some((layer, before)) = layers.split_last_mut() else {
        return Ok(Produced::Hungry);
    };
    loop {
        if layer.has_work() {
            if *effort == 0 {
                return Ok(Produced::Tired);
            }
            let step = layer.step(output).map_err(Error::Content)?;
            *effort = effort.saturating_sub((step.used + step.written).max(LEAST_EFFORT));
            if max_size > 0 && layer.size > max_size {
                return Err(Error::ContentTooLarge { size: layer.size, limit: max_size });
            }
            if step.written > 0 {
                return Ok(Produced::Octets(step.written));
            }
            continue;
        }
        if before.is_empty() {
            return Ok(Produced::Hungry);
        }
        let mut input = vec![0; STEP];
        match produce(before, &mut input, max_size, effort)? {
            Produced::Octets(octets) if !layer.has_ended => {
                input.truncate(octets);
                layer.input = Bytes::from(input);
            }
            // Behind the end of this layer, but the one before it is to have its own.
            Produced::Octets(_) => {}
            nothing => return Ok(nothing),
        }
    }
}

impl Layer {
    fn new(codec: Box<dyn Codec>) -> Self {
        Self { codec, input: Bytes::new(), is_full: false, has_ended: false, size: 0 }
    }

    fn has_work(&self) -> bool {
        !self.has_ended && (self.is_full || !self.input.is_empty())
    }

    fn step(&mut self, output: &mut [u8]) -> Result<Step, ContentFault> {
        let step = self.codec.step(&self.input, output)?;
        if step.used == 0 && step.written == 0 && !step.has_ended && !self.input.is_empty() {
            // No codec does that; if one did, it would do so for ever.
            return Err(unexpected_end());
        }
        self.input.advance(step.used);
        self.is_full = step.written == output.len();
        self.has_ended = step.has_ended;
        self.size += step.written as u64;
        if self.has_ended {
            self.input = Bytes::new();
        }
        Ok(step)
    }
}

/// The registered names (RFC 9110 section 8.4.1, RFC 7932, RFC 8878). `compress` is not among them: nobody sends it.
fn codec(coding: &[u8]) -> Option<Box<dyn Codec>> {
    let is = |name: &[u8]| coding.eq_ignore_ascii_case(name);
    if is(b"gzip") || is(b"x-gzip") {
        Some(Box::new(deflate::Gzip::new()))
    } else if is(b"deflate") {
        Some(Box::new(deflate::Deflate::new()))
    } else if is(b"br") {
        Some(Box::new(brotli::Brotli::new()))
    } else if is(b"zstd") {
        Some(Box::new(zstd::Zstd::new()?))
    } else {
        None
    }
}

/// As zlib has it, whatever the coding.
fn unexpected_end() -> ContentFault {
    ContentFault { code: "Z_BUF_ERROR", number: -5, reason: "unexpected end of file".into() }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Decoder of {} layers", self.layers.len())
    }
}
