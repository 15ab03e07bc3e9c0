//! An exchange of a session, as its driver knows it: how far it is, and when its steps were done.

use std::time::Instant;

use super::content::Content;
use crate::flow::Window;
use crate::message::{ExchangeId, Moment, Request, RequestBody, Timings};
use crate::net::Steps;

pub(super) struct Exchange {
    pub(super) id: ExchangeId,
    pub(super) request: Box<Request>,
    pub(super) window: Window,
    pub(super) progress: Progress,
    pub(super) content: Content,
    /// Where in the session its last octet ends, once that is known.
    pub(super) end: Option<u64>,
    /// Since when its user waits.
    pub(super) dispatched: Instant,
    pub(super) timings: Timings,
    pub(super) aborted: bool,
}

/// How a connection was opened.
pub(in crate::conn) struct Opening {
    pub(in crate::conn) began: Instant,
    pub(in crate::conn) steps: Steps,
}

/// How far an exchange is.
///
/// ```text
/// Unsent ──► Sent ──► Answered
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// The connection does not know of it.
    Unsent,
    /// The connection knows of it; its first octet is the `first`th of the session.
    Sent { first: u64 },
    /// Its user has heard of the response.
    Answered,
}

impl Opening {
    /// What of it an exchange has waited for that is the first on the connection: what was done before its dispatch was
    /// done for another one.
    pub(super) fn timings(&self, dispatched: Instant, now: Instant) -> Timings {
        let within = |done: Option<Instant>| match done {
            Some(done) if done > dispatched => Moment::since(dispatched, done),
            _ => Moment::NEVER,
        };
        let Steps { resolved, connected, secured } = self.steps;
        let waited = secured.or(connected).is_some_and(|opened| opened > dispatched);
        Timings {
            queued: Moment::since(dispatched, if waited { self.began } else { now }),
            dns: within(resolved),
            connect: within(connected),
            tls: within(secured),
            ..Timings::default()
        }
    }
}

impl Exchange {
    /// Whether any of it may have reached the peer. On a connection that never carried an answer it
    /// counts as sent once it was tried: to try again and again could go on for ever.
    pub(super) fn was_sent(&self, written: u64, is_reused: bool) -> bool {
        match self.progress {
            Progress::Unsent => false,
            Progress::Answered => true,
            Progress::Sent { first } => {
                !is_reused
                    || written > first
                    // Its source was told to begin, and cannot begin again.
                    || matches!(self.request.body, RequestBody::Stream { .. })
            }
        }
    }
}
