//! Memory for what is known of packs: one bound for all hosts of the program.
//!
//! Indexes are not signed, and a host may invent as many as it likes. What they take is counted before it is kept, and
//! given back when it is dropped. No host has more than it leaves free, so none can keep the others out.

use super::limits::{MAX_KNOWN_BYTES, MEMORY_SHARE};
use crate::net::machine;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// What all hosts may take together.
#[derive(Debug)]
pub(super) struct Budget {
    most: usize,
    held: Mutex<usize>,
}

impl Budget {
    /// One of so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    /// That of this program: of a small machine a part, otherwise [`MAX_KNOWN_BYTES`].
    pub(super) fn of_program() -> Arc<Self> {
        static ONE: OnceLock<Arc<Budget>> = OnceLock::new();
        ONE.get_or_init(|| Arc::new(Self::new(for_memory(machine::memory())))).clone()
    }

    fn held(&self) -> MutexGuard<'_, usize> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn for_memory(bytes: Option<u64>) -> usize {
    let part = bytes.map(|bytes| usize::try_from(bytes / MEMORY_SHARE).unwrap_or(usize::MAX));
    part.map_or(MAX_KNOWN_BYTES, |part| part.min(MAX_KNOWN_BYTES))
}

/// What one host has of it.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<Budget>,
    own: AtomicUsize,
}

impl Share {
    /// Nothing yet.
    pub(super) fn of(budget: Arc<Budget>) -> Arc<Self> {
        Arc::new(Self { budget, own: AtomicUsize::new(0) })
    }

    /// Room for so many bytes; `None` when the host would have more than it leaves free.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Option<Room> {
        let mut held = self.budget.held();
        let all = held.checked_add(bytes)?;
        let own = self.own.load(Relaxed).checked_add(bytes)?;
        if own > self.budget.most.checked_sub(all)? {
            return None;
        }
        *held = all;
        self.own.store(own, Relaxed);
        Some(Room { share: self.clone(), bytes })
    }

    #[cfg(test)]
    pub(super) fn own(&self) -> usize {
        self.own.load(Relaxed)
    }
}

/// Bytes that are taken until this is dropped.
#[derive(Debug)]
pub(super) struct Room {
    share: Arc<Share>,
    bytes: usize,
}

impl Room {
    /// Gives back what is not needed.
    pub(super) fn shrink_to(&mut self, bytes: usize) {
        let back = self.bytes.saturating_sub(bytes);
        // Both under the lock, by which `take` judges them together.
        let mut held = self.share.budget.held();
        *held = held.saturating_sub(back);
        let own = self.share.own.load(Relaxed);
        self.share.own.store(own.saturating_sub(back), Relaxed);
        self.bytes -= back;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_host_has_more_than_it_leaves_free_and_all_is_given_back() {
        let budget = Arc::new(Budget::new(1000));
        let [greedy, other] = [0; 2].map(|_| Share::of(budget.clone()));
        let mut rooms: Vec<_> = std::iter::from_fn(|| greedy.take(100)).collect();
        assert_eq!((rooms.len(), greedy.own()), (5, 500));
        let room = other.take(250).unwrap();
        assert!(other.take(1).is_none() && greedy.take(1).is_none());
        assert!(other.take(usize::MAX).is_none());
        rooms[0].shrink_to(40);
        rooms.pop();
        assert_eq!((greedy.own(), *budget.held()), (340, 590));
        drop((rooms, room));
        assert_eq!((greedy.own(), other.own(), *budget.held()), (0, 0, 0));
    }

    #[test]
    fn a_small_machine_has_less() {
        let gib = 1 << 30;
        assert_eq!(for_memory(None), MAX_KNOWN_BYTES);
        assert_eq!(for_memory(Some(64 * gib)), MAX_KNOWN_BYTES);
        assert_eq!(for_memory(Some(gib / 2)), 64 << 20);
    }
}
