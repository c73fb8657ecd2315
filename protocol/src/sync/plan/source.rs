//! What is known of the sources: which blocks each said it lacks.

use crate::ids::BlockId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Denials remembered for one source, oldest forgotten first: about half a megabyte. Several times
/// what all queues of a part can hold, so that no block that is still waiting is asked in a circle.
const LACKS: usize = 16_384;

/// Some source of blocks: a peer, a mirror, a folder. The number is the driver's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(pub u64);

/// Blocks that a source lacks, by the first 8 bytes of their hashes: a chance collision costs
/// nothing but one source for one block.
#[derive(Debug, Default)]
struct Lacks {
    set: BTreeSet<u64>,
    order: VecDeque<u64>,
}

impl Lacks {
    fn insert(&mut self, id: &BlockId) {
        if !self.set.insert(short(id)) {
            return;
        }
        self.order.push_back(short(id));
        if self.order.len() > LACKS
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
    }
}

fn short(id: &BlockId) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = id.hash.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The sources there are now.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<SourceId, Lacks>);

impl Sources {
    /// Adds a source that lacks nothing as far as is known.
    pub fn add(&mut self, source: SourceId) {
        self.0.insert(source, Lacks::default());
    }

    /// Forgets a source.
    pub fn remove(&mut self, source: SourceId) {
        self.0.remove(&source);
    }

    /// True for a source of now.
    pub fn has(&self, source: SourceId) -> bool {
        self.0.contains_key(&source)
    }

    /// Notes that `source` lacks a block.
    pub fn note_lack(&mut self, source: SourceId, id: &BlockId) {
        if let Some(lacks) = self.0.get_mut(&source) {
            lacks.insert(id);
        }
    }

    /// True when `source` said it lacks the block.
    pub fn lacks(&self, source: SourceId, id: &BlockId) -> bool {
        self.0.get(&source).is_some_and(|lacks| lacks.set.contains(&short(id)))
    }

    /// True when there is no source that might have the block.
    pub fn all_lack(&self, id: &BlockId) -> bool {
        self.0.values().all(|lacks| lacks.set.contains(&short(id)))
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_are_bounded_and_the_newest_are_kept() {
        let (mut sources, s) = (Sources::default(), SourceId(1));
        sources.add(s);
        let id = |n: usize| BlockId::raw(&n.to_be_bytes());
        for n in 0..LACKS + 10 {
            sources.note_lack(s, &id(n));
            sources.note_lack(s, &id(n));
        }
        assert_eq!(sources.0[&s].set.len(), LACKS);
        assert!(!sources.lacks(s, &id(9)) && sources.lacks(s, &id(10)));
        assert!(sources.all_lack(&id(LACKS + 9)) && !sources.all_lack(&id(0)));
        sources.add(SourceId(2));
        assert!(!sources.all_lack(&id(LACKS + 9)));
    }
}
