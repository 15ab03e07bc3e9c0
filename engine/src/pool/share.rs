//! What the pools of one agent share: how many sessions they may have together, and how many of them idle.
//!
//! A pool that wants a session beyond that waits in line. Whenever a session goes, the first in line is filled; so
//! that one goes, an idle one is closed, or else one that becomes free while a pool in line has none at all.

use std::collections::{HashMap, VecDeque};

use crate::message::DispatcherId;

/// The bounds, under the name that the caller gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The same for all pools that share; never used again for others.
    pub id: u32,
    /// How many sessions they may have together; `None`: no bound.
    pub max_sessions: Option<u32>,
    /// How many of these may be idle; `None`: no bound.
    pub max_idle: Option<u32>,
}

/// All shares, with what is taken of them.
#[derive(Debug, Default)]
pub(super) struct Shares(HashMap<u32, Taken>);

#[derive(Debug, Default)]
struct Taken {
    sessions: u32,
    members: Vec<DispatcherId>,
    /// Members that want a session, in the order of their wishes.
    line: VecDeque<DispatcherId>,
}

impl Shares {
    pub(super) fn join(&mut self, share: Share, member: DispatcherId) {
        self.0.entry(share.id).or_default().members.push(member);
    }

    pub(super) fn leave(&mut self, share: Share, member: DispatcherId) {
        if let Some(taken) = self.0.get_mut(&share.id) {
            taken.members.retain(|known| *known != member);
            taken.line.retain(|known| *known != member);
            self.forget_if_unused(share);
        }
    }

    /// Takes a session's place for `member`, which else stands in line from now on.
    pub(super) fn take(&mut self, share: Share, member: DispatcherId) -> bool {
        let Some(taken) = self.0.get_mut(&share.id) else {
            return true;
        };
        let is_free = share.max_sessions.is_none_or(|limit| taken.sessions < limit.max(1));
        if is_free {
            taken.sessions += 1;
            taken.line.retain(|known| *known != member);
        } else if !taken.line.contains(&member) {
            taken.line.push_back(member);
        }
        is_free
    }

    /// So many sessions of a member are gone.
    pub(super) fn give_back(&mut self, share: Share, sessions: usize) {
        if let Some(taken) = self.0.get_mut(&share.id) {
            taken.sessions = taken.sessions.saturating_sub(u32::try_from(sessions).unwrap_or(u32::MAX));
            self.forget_if_unused(share);
        }
    }

    /// Puts one that stands in line before all others.
    pub(super) fn bring_forward(&mut self, share: Share, member: DispatcherId) {
        if let Some(taken) = self.0.get_mut(&share.id) {
            taken.line.retain(|known| *known != member);
            taken.line.push_front(member);
        }
    }

    /// Takes the first out of the line.
    pub(super) fn next_in_line(&mut self, share: Share) -> Option<DispatcherId> {
        self.0.get_mut(&share.id)?.line.pop_front()
    }

    /// Who stands in line.
    pub(super) fn line(&self, share: Share) -> impl Iterator<Item = DispatcherId> {
        self.0.get(&share.id).into_iter().flat_map(|taken| taken.line.iter().copied())
    }

    pub(super) fn members(&self, share: Share) -> impl Iterator<Item = DispatcherId> {
        self.0.get(&share.id).into_iter().flat_map(|taken| taken.members.iter().copied())
    }

    fn forget_if_unused(&mut self, share: Share) {
        if self.0.get(&share.id).is_some_and(|taken| taken.members.is_empty() && taken.sessions == 0) {
            self.0.remove(&share.id);
        }
    }
}
