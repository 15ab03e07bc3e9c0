//! What becomes of a content on its way from the connection to its user: nothing, or its codings are undone. How they are is
//! known in `proto::coding`; here, when, and what it may cost.

use std::task::{Context, Poll, ready};
use std::time::Instant;

use super::{Driver, Exchange, Stop};
use crate::conn::Report;
use crate::error::Error;
use crate::message::{Request, ResponseHead};
use crate::proto::coding::{Decoded, Decoder};
use crate::slab::Slab;

/// Octets in and out of decoders in one turn of a session's task. A content that costs much and yields nothing, such as a
/// layer of layers that are empty, would otherwise hold up all other sessions.
pub(super) const EFFORT: usize = 1024 * 1024;

/// From so many octets on content is worth a slab.
const LARGE: usize = 16 * 1024;

/// Content that was read straight into a slab, and how much it is.
pub(super) type Landed = (Box<dyn Slab>, usize);

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
    /// Moves content from the input into a slab, where much more of it is to come and there is a slab: what is read next follows
    /// it there, so that the user gets one piece instead of two. At most `capacity` octets may be taken. Whether it was done.
    pub(super) fn begin_slab(&mut self, capacity: usize) -> bool {
        let octets = self.wire.input.len();
        let most = self.content_ahead().min(capacity);
        if octets == 0 || octets >= LARGE || most < LARGE || self.wire.ended || self.begun.is_some() {
            return false;
        }
        let Some(mut slab) = self.listener.slab(most) else {
            return false;
        };
        (*slab).as_mut()[..octets].copy_from_slice(&self.wire.input);
        self.wire.input.clear();
        self.begun = Some((slab, octets));
        true
    }

    /// Reads what is there, at most `capacity` octets of content: into the input, or, where nothing but content is next and
    /// there is much of it, into a slab if there is one.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        capacity: usize,
    ) -> Poll<Result<Option<Landed>, Error>> {
        let most = self.content_ahead().min(capacity);
        if let Some((mut slab, begun)) = self.begun.take() {
            let memory = (*slab).as_mut();
            let end = most.min(memory.len()).max(begun);
            let more = match self.wire.poll_fill(context, &mut memory[begun..end]) {
                Poll::Ready(Ok(more)) => more,
                Poll::Ready(Err(error)) => {
                    self.wire.fail_next(error);
                    0
                }
                Poll::Pending => 0,
            };
            return Poll::Ready(Ok(Some((slab, begun + more))));
        }
        if most >= LARGE
            && self.wire.input.is_empty()
            && let Some(mut slab) = self.listener.slab(most)
        {
            let memory = (*slab).as_mut();
            let most = most.min(memory.len());
            let octets = ready!(self.wire.poll_fill(context, &mut memory[..most]))?;
            return Poll::Ready(Ok((octets > 0).then_some((slab, octets))));
        }
        ready!(self.wire.poll_read(context, capacity))?;
        Poll::Ready(Ok(None))
    }

    /// How many octets of content, to be told as they are, are next.
    fn content_ahead(&self) -> usize {
        match self.exchanges.front() {
            Some(Exchange { content: Content::Plain, .. }) => {
                usize::try_from(self.connection.content_ahead()).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// Tells of content in a slab.
    pub(super) fn land(&mut self, (slab, octets): Landed, now: Instant) -> Result<(), Stop> {
        self.connection.receive_content(octets, now).map_err(|error| self.blame(error))?;
        let Some(head) = self.exchanges.front_mut() else {
            return Err(Error::Internal.into());
        };
        let exchange = head.id;
        head.window.take(octets);
        let is_low = head.window.is_low();
        self.report(Report::Landed { exchange, slab, octets, is_low });
        Ok(())
    }

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
