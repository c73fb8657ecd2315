//! What is known of the sources: which blocks each said it lacks.

use crate::ids::BlockId;
use std::collections::btree_map::Entry;
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
    version: u64,
}

impl Lacks {
    /// Adds one. Says whether it is new, and gives the one that was forgotten for it.
    fn insert(&mut self, id: u64) -> (bool, Option<u64>) {
        if !self.set.insert(id) {
            return (false, None);
        }
        self.order.push_back(id);
        let oldest = if self.order.len() > LACKS { self.order.pop_front() } else { None };
        (true, oldest.filter(|oldest| self.set.remove(oldest)))
    }
}

fn short(id: &BlockId) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = id.hash.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The sources there are now.
#[derive(Debug, Default)]
pub struct Sources {
    all: BTreeMap<SourceId, Lacks>,
    /// By how many of them a block is lacked.
    lacking: BTreeMap<u64, usize>,
    versions: u64,
}

impl Sources {
    /// Adds a source that lacks nothing as far as is known.
    pub fn add(&mut self, source: SourceId) {
        let version = self.next_version();
        let before = self.all.insert(source, Lacks { version, ..Lacks::default() });
        self.had(before);
    }

    /// Forgets a source.
    pub fn remove(&mut self, source: SourceId) {
        let before = self.all.remove(&source);
        self.had(before);
        // What only this one might have had is lacked by all that are left: they are to see it again.
        let version = self.next_version();
        self.all.values_mut().for_each(|lacks| lacks.version = version);
    }

    /// Lacks that are no longer known.
    fn had(&mut self, lacks: Option<Lacks>) {
        lacks.into_iter().flat_map(|lacks| lacks.set).for_each(|id| self.forget(id));
    }

    fn forget(&mut self, id: u64) {
        if let Entry::Occupied(mut count) = self.lacking.entry(id) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    fn next_version(&mut self) -> u64 {
        self.versions += 1;
        self.versions
    }

    /// As long as this is the same, the source lacks what it lacked, and a block that some other source might have is
    /// not one that all lack, unless a denial of it came since.
    pub fn version(&self, source: SourceId) -> u64 {
        self.all.get(&source).map_or(0, |lacks| lacks.version)
    }

    /// True for a source of now.
    pub fn has(&self, source: SourceId) -> bool {
        self.all.contains_key(&source)
    }

    /// Notes that `source` lacks a block.
    pub fn note_lack(&mut self, source: SourceId, id: &BlockId) {
        let version = self.versions + 1;
        let Some(lacks) = self.all.get_mut(&source) else { return };
        let (is_new, forgotten) = lacks.insert(short(id));
        if forgotten.is_some() {
            (lacks.version, self.versions) = (version, version);
        }
        *self.lacking.entry(short(id)).or_default() += usize::from(is_new);
        forgotten.into_iter().for_each(|id| self.forget(id));
    }

    /// True when `source` said it lacks the block.
    pub fn lacks(&self, source: SourceId, id: &BlockId) -> bool {
        self.all.get(&source).is_some_and(|lacks| lacks.set.contains(&short(id)))
    }

    /// True when there is no source that might have the block.
    pub fn all_lack(&self, id: &BlockId) -> bool {
        self.lacking.get(&short(id)).copied().unwrap_or(0) >= self.all.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
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
        assert_eq!(sources.all[&s].set.len(), LACKS);
        assert!(!sources.lacks(s, &id(9)) && sources.lacks(s, &id(10)));
        assert!(sources.all_lack(&id(LACKS + 9)) && !sources.all_lack(&id(0)));
        sources.add(SourceId(2));
        assert!(!sources.all_lack(&id(LACKS + 9)));
        // Whoever goes, or comes anew, is no longer counted among those that lack it.
        sources.note_lack(SourceId(2), &id(LACKS + 9));
        assert!(sources.all_lack(&id(LACKS + 9)));
        sources.remove(s);
        assert!(sources.all_lack(&id(LACKS + 9)) && !sources.all_lack(&id(LACKS + 8)));
        sources.add(SourceId(2));
        assert!(!sources.all_lack(&id(LACKS + 9)) && sources.lacking.is_empty());
    }
}
