//! What the addon's Rust side has allocated and not freed, so that a leak can be told from memory that the
//! system's allocator or V8 merely keeps.
//!
//! An engine's thread makes nearly all allocations. It counts in memory of its own, with plain loads and
//! stores: two locked additions per allocation would cost some 2 % of a small request. All other threads
//! share one counter.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The blocks that all environments together have allocated and not freed, and the octets in them, as they were
/// asked for.
pub(crate) fn live() -> (i64, i64) {
    let engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut live = SHARED.read();
    for engine in engines.iter() {
        let (blocks, octets) = engine.0.read();
        live = (live.0 + blocks, live.1 + octets);
    }
    live
}

/// Runs `thread`, whose allocations are counted apart from those of other threads meanwhile.
pub(crate) fn counted<R>(thread: impl FnOnce() -> R) -> R {
    let counting = Counting::begin();
    let result = thread();
    drop(counting);
    result
}

/// Allocations minus what was freed.
#[derive(Default)]
struct Counter {
    blocks: AtomicI64,
    octets: AtomicI64,
}

impl Counter {
    const fn new() -> Self {
        Self { blocks: AtomicI64::new(0), octets: AtomicI64::new(0) }
    }

    fn read(&self) -> (i64, i64) {
        (self.blocks.load(Ordering::Relaxed), self.octets.load(Ordering::Relaxed))
    }

    /// For a counter that any thread writes.
    fn add_shared(&self, blocks: i64, octets: i64) {
        self.blocks.fetch_add(blocks, Ordering::Relaxed);
        self.octets.fetch_add(octets, Ordering::Relaxed);
    }

    /// For a counter that only one thread writes.
    fn add_own(&self, blocks: i64, octets: i64) {
        let (old_blocks, old_octets) = self.read();
        self.blocks.store(old_blocks + blocks, Ordering::Relaxed);
        self.octets.store(old_octets + octets, Ordering::Relaxed);
    }
}

/// A counter in the list of those that are read.
struct Listed(&'static Counter);

static SHARED: Counter = Counter::new();
static ENGINES: Mutex<Vec<Listed>> = Mutex::new(Vec::new());

thread_local! {
    static OWN: Cell<Option<&'static Counter>> = const { Cell::new(None) };
}

/// While it lives, its thread counts on its own.
struct Counting(&'static Counter);

impl Counting {
    fn begin() -> Self {
        let counter: &'static Counter = Box::leak(Box::default());
        ENGINES.lock().unwrap_or_else(PoisonError::into_inner).push(Listed(counter));
        OWN.set(Some(counter));
        Self(counter)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        OWN.set(None);
        let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
        engines.retain(|listed| !ptr::eq(listed.0, self.0));
        let (blocks, octets) = self.0.read();
        SHARED.add_shared(blocks, octets);
        drop(engines);
        // SAFETY: `begin` leaked this box. Nobody has the reference any more: this thread's cell and the list
        // have let it go, and readers hold the list's lock.
        drop(unsafe { Box::from_raw(ptr::from_ref(self.0).cast_mut()) });
    }
}

struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

fn count(blocks: i64, octets: i64) {
    // A thread that is ending has no cell any more, but may still free.
    match OWN.try_with(Cell::get) {
        Ok(Some(own)) => own.add_own(blocks, octets),
        _ => SHARED.add_shared(blocks, octets),
    }
}

/// A layout's size as it is counted; no allocation is larger than `isize::MAX`.
fn octets(size: usize) -> i64 {
    size as i64
}

// SAFETY: every call goes to the system's allocator as it came, and counting allocates nothing.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            count(1, octets(layout.size()));
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            count(1, octets(layout.size()));
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-1, -octets(layout.size()));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `realloc`.
        let new_block = unsafe { System.realloc(block, layout, new_size) };
        if !new_block.is_null() {
            count(0, octets(new_size) - octets(layout.size()));
        }
        new_block
    }
}
