//! Memory of the caller's that contents are read straight into: nobody copies them on their way.

use std::fmt::Debug;

/// Memory for one piece of a content. It is the engine's alone until it is let go: given away with what was read into
/// it, or dropped, so that the caller may offer it again.
pub trait Slab: AsRef<[u8]> + AsMut<[u8]> + Debug + Send {
    /// Gives it away. The number is the caller's name for it.
    fn give(self: Box<Self>) -> u32;
}
