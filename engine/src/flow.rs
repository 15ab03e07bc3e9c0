//! Capacity: how much may be in flight, in both directions. Numbers only; nothing is sent, read or
//! waited for here.

/// What every exchange starts with.
const INITIAL: u32 = 64 * 1024;

/// What the incoming window may grow to.
const INCOMING_LIMIT: u32 = 1024 * 1024;

/// What the outgoing window may grow to.
const OUTGOING_LIMIT: u32 = 256 * 1024;

/// The incoming window of an exchange: octets that may be handed to the user before it has released
/// some.
///
/// It doubles while the consumer keeps up (everything was released after the window had run dry), so
/// that a large download does not pay a thread hop for every 64 KiB.
#[derive(Debug)]
pub struct Window {
    size: u32,
    used: u32,
    ran_dry: bool,
    paused: bool,
}

impl Window {
    /// A window of the initial size.
    #[must_use]
    pub fn new() -> Self {
        Self { size: INITIAL, used: 0, ran_dry: false, paused: false }
    }

    /// How many octets may be handed out now.
    #[must_use]
    pub fn capacity(&self) -> usize {
        if self.paused { 0 } else { (self.size - self.used) as usize }
    }

    /// Less than half is left: unless the user releases some, nothing may soon be handed out.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.used > self.size / 2
    }

    /// So many octets were handed out; never more than the capacity.
    pub fn take(&mut self, octets: usize) {
        let octets = u32::try_from(octets).unwrap_or(u32::MAX);
        self.used = self.used.saturating_add(octets).min(self.size);
        self.ran_dry |= self.used == self.size;
    }

    /// The user has taken so many octets.
    pub fn release(&mut self, octets: u32) {
        self.used = self.used.saturating_sub(octets);
        if self.used == 0 && self.ran_dry {
            self.ran_dry = false;
            self.size = (self.size * 2).min(INCOMING_LIMIT);
        }
    }

    /// The user wants no more for now.
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// The end of [`Self::pause`].
    pub fn resume(&mut self) {
        self.paused = false;
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}

/// The outgoing window of an exchange: octets that its body source may hand over before the socket has
/// taken some. It doubles while the socket is the faster one.
#[derive(Debug)]
pub struct Grant {
    size: u32,
    granted: u32,
}

impl Grant {
    /// Nothing is granted yet.
    #[must_use]
    pub fn new() -> Self {
        Self { size: INITIAL, granted: 0 }
    }

    /// What is granted to a source that begins.
    pub fn begin(&mut self) -> u32 {
        self.granted = self.size;
        self.size
    }

    /// The source has handed over so many octets.
    pub fn use_up(&mut self, octets: usize) {
        let octets = u32::try_from(octets).unwrap_or(u32::MAX);
        self.granted = self.granted.saturating_sub(octets);
    }

    /// What may be granted anew while `unwritten` octets wait for the socket; 0 while that is too
    /// little to be worth telling.
    pub fn replenish(&mut self, unwritten: usize) -> u32 {
        if self.granted == 0 && unwritten == 0 {
            self.size = (self.size * 2).min(OUTGOING_LIMIT);
        }
        let unwritten = u32::try_from(unwritten).unwrap_or(u32::MAX);
        let room = self.size.saturating_sub(self.granted).saturating_sub(unwritten);
        if room < self.size / 2 {
            return 0;
        }
        self.granted += room;
        room
    }
}

impl Default for Grant {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_starts_with_64_kib_and_is_used_up() {
        let mut window = Window::new();
        window.take(65_000);
        assert_eq!(window.capacity(), 536);
        window.take(536);
        assert_eq!(window.capacity(), 0);
    }

    #[test]
    fn a_window_doubles_up_to_1_mib_while_the_consumer_keeps_up() {
        let mut window = Window::new();
        let mut sizes = Vec::new();
        for _ in 0..6 {
            let capacity = window.capacity();
            sizes.push(capacity / 1024);
            window.take(capacity);
            window.release(u32::try_from(capacity).unwrap());
        }
        assert_eq!(sizes, [64, 128, 256, 512, 1024, 1024]);
    }

    #[test]
    fn a_window_keeps_its_size_for_a_consumer_that_lags() {
        let mut window = Window::new();
        window.take(65_536);
        window.release(1000);
        window.take(1000);
        window.release(2000);
        assert_eq!(window.capacity(), 2000);
    }

    #[test]
    fn a_window_is_low_when_less_than_half_of_it_is_left() {
        let mut window = Window::new();
        window.take(32_768);
        assert!(!window.is_low());
        window.take(1);
        assert!(window.is_low());
        window.release(1);
        assert!(!window.is_low());
    }

    #[test]
    fn a_paused_window_has_no_capacity_until_it_is_resumed() {
        let mut window = Window::new();
        window.pause();
        assert_eq!(window.capacity(), 0);
        window.resume();
        assert_eq!(window.capacity(), 65_536);
    }

    #[test]
    fn releasing_more_than_was_taken_gives_no_more_than_the_window() {
        let mut window = Window::new();
        window.take(10);
        window.release(u32::MAX);
        assert_eq!(window.capacity(), 65_536);
    }

    #[test]
    fn a_source_is_granted_64_kib_and_as_much_again_as_the_socket_takes() {
        let mut grant = Grant::new();
        assert_eq!(grant.begin(), 65_536);
        grant.use_up(65_536);
        assert_eq!(grant.replenish(65_000), 0);
        assert_eq!(grant.replenish(10_000), 55_536);
    }

    #[test]
    fn a_grant_grows_up_to_256_kib_while_the_socket_is_the_faster_one() {
        let mut grant = Grant::new();
        let mut octets = grant.begin();
        let mut grants = vec![octets / 1024];
        for _ in 0..3 {
            grant.use_up(octets as usize);
            octets = grant.replenish(0);
            grants.push(octets / 1024);
        }
        assert_eq!(grants, [64, 128, 256, 256]);
    }
}
