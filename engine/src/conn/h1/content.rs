//! What becomes of a content on its way from the connection to its user: nothing, or its codings are undone. How they are is
//! known in `proto::coding`; here, when, and what it may cost.

use super::{Driver, Exchange, Stop};
use crate::conn::Report;
use crate::error::Error;
use crate::message::{Request, ResponseHead};
use crate::proto::coding::{Decoded, Decoder};

/// Octets in and out of decoders in one turn of a session's task. A content that costs much and yields nothing, such as a
/// layer of layers that are empty, would otherwise hold up all other sessions.
pub(super) const EFFORT: usize = 1024 * 1024;

/// The content of the response that arrives.
///
/// ```text
/// Plain
/// Coded ──not what its coding says──► Faulty
/// ```
#[derive(Default)]
pub(super) enum Content {
    /// As it is.
    #[default]
    Plain,
    /// Through this.
    Coded(Box<Decoder>),
    /// Nobody wants the rest. Where that is here already the connection lives on.
    Faulty(Error),
}

impl Content {
    pub(super) fn of(head: &ResponseHead, request: &Request) -> Self {
        let decoder = request.decoding.as_ref().and_then(|wanted| Decoder::of(head, wanted));
        decoder.map_or(Self::Plain, |decoder| Self::Coded(Box::new(decoder)))
    }

    /// What is wrong with it when nothing more comes.
    pub(super) fn fault_at_end(self) -> Option<Error> {
        match self {
            Self::Plain => None,
            Self::Coded(decoder) => decoder.fault_at_end(),
            Self::Faulty(error) => Some(error),
        }
    }
}

impl Exchange {
    /// How much of the response body may be taken from the connection.
    pub(super) fn capacity(&self) -> usize {
        match self.content {
            Content::Faulty(_) => usize::MAX,
            _ => self.window.capacity(),
        }
    }
}

impl Driver {
    /// Undoes what the decoder has, as far as the window reaches. False: something is left, for want of capacity, or for
    /// the next turn; and until it is gone nothing more is taken from the connection.
    pub(super) fn decode(&mut self) -> bool {
        while let Some(Exchange { id, window, content, .. }) = self.exchanges.front_mut()
            && let Content::Coded(decoder) = content
        {
            match decoder.decode(window.capacity(), &mut self.effort) {
                Ok(Decoded::Data(bytes)) => {
                    let exchange = *id;
                    window.take(bytes.len());
                    self.report(Report::Data { exchange, bytes });
                }
                Ok(Decoded::Hungry) => return true,
                Ok(Decoded::Full) => {
                    self.connection.stand_still();
                    return false;
                }
                Ok(Decoded::Tired) => {
                    self.is_tired = true;
                    return false;
                }
                Err(error) => *content = Content::Faulty(error),
            }
        }
        true
    }

    /// The rest of a content that is none is not waited for.
    pub(super) fn stop_at_faulty(&mut self) -> Result<(), Stop> {
        match self.exchanges.front() {
            Some(Exchange { id, content: Content::Faulty(error), .. }) if !self.wire.ended => {
                Err(self.fail(*id, error.clone()))
            }
            _ => Ok(()),
        }
    }
}
