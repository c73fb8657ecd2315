//! What is still to happen, in order of time.

use super::event::Event;
use std::collections::BTreeMap;

/// Events of one stretch of 4 ms stand together and are put in order when their time comes: a heap of all of them was a
/// third of the work of a run of 10,000 mirrors, because each step through it missed the cache.
const STRETCH_BITS: u32 = 12;

struct Due {
    time: u64,
    number: u64,
    event: Event,
}

#[derive(Default)]
pub struct Agenda {
    /// The stretch that is going on, and its events, the next one last.
    stretch: u64,
    now: Vec<Due>,
    later: BTreeMap<u64, Vec<Due>>,
}

impl Agenda {
    /// Adds an event. Of two at the same time the one with the lower number comes first.
    pub fn push(&mut self, time: u64, number: u64, event: Event) {
        let (stretch, due) = (time >> STRETCH_BITS, Due { time, number, event });
        if stretch > self.stretch {
            self.later.entry(stretch).or_default().push(due);
        } else {
            let after = |other: &Due| (other.time, other.number) > (time, number);
            self.now.insert(self.now.partition_point(after), due);
        }
    }

    pub fn pop(&mut self) -> Option<(u64, Event)> {
        if self.now.is_empty() {
            (self.stretch, self.now) = self.later.pop_first()?;
            self.now.sort_unstable_by_key(|due| std::cmp::Reverse((due.time, due.number)));
        }
        self.now.pop().map(|due| (due.time, due.event))
    }
}
