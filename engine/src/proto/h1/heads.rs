//! Heads that come again. A server says much the same before each of its answers, octet for octet as long as its clock
//! shows the same second. What such a head means was found out once: here it is kept, by all that it depends on. No rule of HTTP
//! lives here.
//!
//! ```text
//!        first time          second time
//! New ────────────────► Seen ─────────────► Known ──► (forgotten, for another one in its place)
//! ```

use std::cell::RefCell;
use std::hash::Hasher;
use std::num::NonZeroU64;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHasher;

use super::framing::Framing;
use crate::message::{Method, ResponseHead};

/// How many are kept.
const PLACES: usize = 32;

/// Larger ones are rare, and what is kept has to be bounded.
const LARGEST: usize = 2 * 1024;

/// The heads that connections have understood lately. They may share them, those of one thread for example.
#[derive(Clone, Debug, Default)]
pub struct Heads(Rc<RefCell<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    places: [Place; PLACES],
    /// Where the last one was found.
    last: usize,
}

/// Where a head is kept follows from its octets.
#[derive(Debug, Default)]
struct Place {
    known: Option<Known>,
    /// Part of the hash of the last one that was seen and not known. A head that differs each time is not worth being kept;
    /// one that is taken for another is kept too early, and that is all.
    trace: u32,
}

/// What was found out, and what it depends on.
#[derive(Debug)]
struct Known {
    /// With all octets of it; a final one.
    head: ResponseHead,
    /// The bound that it was held to.
    limit: usize,
    /// The method that was answered.
    method: Method,
    framing: Framing,
}

/// What is known of a head.
pub(super) enum Sought {
    /// What it means.
    Known(ResponseHead, Framing),
    /// It comes again, and may be kept here.
    Seen(usize),
    New,
}

impl Heads {
    /// What the head at the front of `input` means, if it is the one that was found last.
    pub(super) fn last(&self, input: &[u8], limit: usize, method: Method) -> Option<(ResponseHead, Framing)> {
        let memory = &*self.0.borrow();
        let known = memory.places[memory.last].known.as_ref()?;
        (known.is_for(limit, method) && input.starts_with(known.octets())).then(|| (known.head.clone(), known.framing))
    }

    /// Forgets them all.
    pub fn forget(&self) {
        self.0.take();
    }

    /// What is known of the head with these octets.
    pub(super) fn find(&self, octets: &[u8], limit: usize, method: Method) -> Sought {
        if octets.len() > LARGEST {
            return Sought::New;
        }
        let mut hasher = FxHasher::default();
        hasher.write(octets);
        let hash = hasher.finish();
        let memory = &mut *self.0.borrow_mut();
        let at = (hash >> 32) as usize % PLACES;
        let place = &mut memory.places[at];
        if let Some(known) = &place.known
            && known.is_for(limit, method)
            && octets == known.octets()
        {
            memory.last = at;
            return Sought::Known(known.head.clone(), known.framing);
        }
        let trace = hash as u32;
        if std::mem::replace(&mut place.trace, trace) == trace { Sought::Seen(at) } else { Sought::New }
    }

    /// Keeps a head that comes again where it was sought, if it is a final one. Its `fields` have all of its octets, and hold no
    /// others. It gets a number.
    pub(super) fn keep(&self, at: usize, head: &mut ResponseHead, framing: Framing, limit: usize, method: Method) {
        /// The number of the next one. It is for all threads, so that no two heads ever have the same.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        if head.status < 200 {
            return;
        }
        head.number = NonZeroU64::new(NEXT.fetch_add(1, Ordering::Relaxed));
        let memory = &mut *self.0.borrow_mut();
        memory.places[at].known = Some(Known { head: head.clone(), limit, method, framing });
        memory.last = at;
    }
}

impl Known {
    fn octets(&self) -> &[u8] {
        &self.head.fields.bytes
    }

    fn is_for(&self, limit: usize, method: Method) -> bool {
        self.limit == limit && self.method == method
    }
}
