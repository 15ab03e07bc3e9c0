//! A table by slot and generation: the caller chooses both, and uses a slot again with another
//! generation. What is asked of an older generation finds nothing.

/// Values under names that their caller chose.
#[derive(Debug)]
pub(super) struct Table<T> {
    entries: Vec<Option<Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    generation: u32,
    value: T,
}

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Puts a value into a slot, whatever was there.
    pub(super) fn insert(&mut self, slot: u32, generation: u32, value: T) {
        let slot = slot as usize;
        if slot >= self.entries.len() {
            self.entries.resize_with(slot + 1, || None);
        }
        self.entries[slot] = Some(Entry { generation, value });
    }

    pub(super) fn get(&self, slot: u32, generation: u32) -> Option<&T> {
        match self.entries.get(slot as usize) {
            Some(Some(entry)) if entry.generation == generation => Some(&entry.value),
            _ => None,
        }
    }

    pub(super) fn get_mut(&mut self, slot: u32, generation: u32) -> Option<&mut T> {
        match self.entries.get_mut(slot as usize) {
            Some(Some(entry)) if entry.generation == generation => Some(&mut entry.value),
            _ => None,
        }
    }

    pub(super) fn remove(&mut self, slot: u32, generation: u32) -> Option<T> {
        let entry = self.entries.get_mut(slot as usize)?;
        let removed = entry.take_if(|entry| entry.generation == generation)?;
        if slot as usize + 1 == self.entries.len() {
            self.shorten();
        }
        Some(removed.value)
    }

    /// The last entry is gone. What the table has grown by when much was under way it does not keep for ever.
    fn shorten(&mut self) {
        /// Less is not worth a reallocation.
        const FEW: usize = 64;
        let used = self.entries.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.entries.truncate(used);
        let capacity = self.entries.capacity();
        if capacity > FEW && used < capacity / 4 {
            self.entries.shrink_to((used * 2).max(FEW));
        }
    }

    /// The generation that a slot is used by.
    pub(super) fn occupant(&self, slot: u32) -> Option<u32> {
        self.entries.get(slot as usize)?.as_ref().map(|entry| entry.generation)
    }

    /// All values with their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32, &T)> {
        (0..)
            .zip(&self.entries)
            .filter_map(|(slot, entry)| entry.as_ref().map(|entry| (slot, entry.generation, &entry.value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_generation_of_a_slot_finds_nothing() {
        let mut table = Table::new();
        table.insert(3, 7, "seven");
        assert_eq!(table.get(3, 7), Some(&"seven"));
        assert_eq!(table.get(3, 6), None);
        assert_eq!(table.remove(3, 8), None);
        assert_eq!(table.occupant(3), Some(7));
        assert_eq!(table.remove(3, 7), Some("seven"));
        assert_eq!(table.occupant(3), None);
    }

    #[test]
    fn a_table_that_was_large_becomes_small_again() {
        let mut table = Table::new();
        for slot in 0..10_000 {
            table.insert(slot, 0, slot);
        }
        for slot in 0..10_000 {
            assert_eq!(table.remove(slot, 0), Some(slot));
        }
        assert!(table.entries.capacity() <= 64, "{}", table.entries.capacity());
        for slot in (0..10_000).rev() {
            table.insert(slot, 1, slot);
        }
        for slot in (0..10_000).rev() {
            assert_eq!(table.remove(slot, 1), Some(slot));
        }
        assert!(table.entries.capacity() <= 64, "{}", table.entries.capacity());
    }
}
