//! What a walk still has to ask, in order, and where in it each source has nothing.
//!
//! Sources that are fetching the same release deny a lot, and each is asked again after every answer. So it is kept, for
//! each source, which stretch of the queue was looked through and is all lacked by it: a step is met once by each source
//! that lacks it, however often that source is asked.

use super::source::{SourceId, Sources};
use super::step::Step;
use crate::ids::BlockId;
use std::collections::BTreeMap;

/// Steps by place. Places are never used again: they grow at the end and fall in front.
#[derive(Debug, Default)]
pub struct Queue {
    steps: BTreeMap<i64, Step>,
    front: i64,
    back: i64,
    barren: BTreeMap<SourceId, Barren>,
}

/// From `from` on and before `to`, a source lacks every step that is there: as long as what is known of the sources is
/// of this version.
#[derive(Debug, Clone, Copy)]
struct Barren {
    version: u64,
    from: i64,
    to: i64,
}

/// A look through the queue for one source, from its front on.
#[derive(Debug)]
pub struct Scan {
    source: SourceId,
    at: i64,
    known: Barren,
    /// Where the stretch of lacked steps began that `at` ends.
    since: Option<i64>,
}

impl Queue {
    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// True when this block waits. Looks at all steps.
    pub fn contains(&self, id: &BlockId) -> bool {
        self.steps.values().any(|step| step.id() == id)
    }

    /// Adds at the end.
    pub fn push_back(&mut self, step: Step) {
        self.steps.insert(self.back, step);
        self.back += 1;
    }

    /// Adds in front.
    pub fn push_front(&mut self, step: Step) {
        self.front -= 1;
        self.steps.insert(self.front, step);
    }

    /// Begins a look for `source`.
    pub fn scan(&self, source: SourceId, sources: &Sources) -> Scan {
        let version = sources.version(source);
        let known = self.barren.get(&source).copied().filter(|known| known.version == version);
        let known = known.unwrap_or(Barren { version, from: i64::MIN, to: i64::MIN });
        Scan { source, at: i64::MIN, known, since: None }
    }

    /// The next step of a look, `None` at the end. It stays the next one until it is passed or removed.
    pub fn next(&self, scan: &mut Scan) -> Option<&Step> {
        loop {
            let (place, step) = self.steps.range(scan.at..).next()?;
            if !(scan.known.from..scan.known.to).contains(place) {
                scan.at = *place;
                return Some(step);
            }
            scan.since.get_or_insert(scan.known.from);
            scan.at = scan.known.to;
        }
    }

    /// Goes on to the step after the next one, which the source lacks.
    pub fn pass_lacked(&self, scan: &mut Scan) {
        scan.since.get_or_insert(scan.at);
        scan.at += 1;
    }

    /// The same for one that only waits, so that it has to be looked at again.
    pub fn pass(&mut self, scan: &mut Scan) {
        self.note(scan);
        scan.since = None;
        scan.at += 1;
    }

    /// Takes the next step out.
    pub fn remove(&mut self, scan: &Scan) -> Option<Step> {
        self.steps.remove(&scan.at)
    }

    /// Remembers what a look has found: the longest stretch.
    pub fn note(&mut self, scan: &Scan) {
        let Some(from) = scan.since else { return };
        let found = Barren { from, to: scan.at, ..scan.known };
        let before = self.barren.entry(scan.source).or_insert(found);
        let length = |it: &Barren| it.to.saturating_sub(it.from);
        if before.version != found.version || length(&found) > length(before) {
            *before = found;
        }
    }

    /// Forgets a source.
    pub fn forget(&mut self, source: SourceId) {
        self.barren.remove(&source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(n: u64) -> Step {
        Step::Loose { id: BlockId::raw(&n.to_be_bytes()), bytes: n }
    }

    /// Looks through the queue for what `source` may have, and says how many steps were met.
    fn look(queue: &mut Queue, source: SourceId, sources: &Sources) -> (Vec<u64>, usize) {
        let (mut scan, mut found, mut met) = (queue.scan(source, sources), Vec::new(), 0);
        while let Some(step) = queue.next(&mut scan) {
            met += 1;
            if sources.lacks(source, step.id()) {
                queue.pass_lacked(&mut scan);
            } else {
                found.push(step.bytes());
                queue.pass(&mut scan);
            }
        }
        queue.note(&scan);
        (found, met)
    }

    #[test]
    fn what_a_source_lacks_is_met_once() {
        let (mut queue, mut sources, s) = (Queue::default(), Sources::default(), SourceId(1));
        sources.add(s);
        sources.add(SourceId(2));
        for n in 0..100 {
            queue.push_back(step(n));
            sources.note_lack(s, step(n).id());
        }
        assert_eq!(look(&mut queue, s, &sources), (vec![], 100));
        assert_eq!(look(&mut queue, s, &sources), (vec![], 0));
        // What comes back in front, and what is new at the end, is met; the rest is not.
        sources.note_lack(s, step(200).id());
        queue.push_front(step(200));
        queue.push_front(step(201));
        queue.push_back(step(202));
        assert_eq!(look(&mut queue, s, &sources), (vec![201, 202], 3));
        assert_eq!(look(&mut queue, s, &sources), (vec![201, 202], 2));
        assert_eq!(look(&mut queue, SourceId(2), &sources).0.len(), 103);
        // Whoever comes anew, or is left after another went, is asked for all.
        sources.remove(SourceId(2));
        assert_eq!(look(&mut queue, s, &sources), (vec![201, 202], 103));
        sources.add(s);
        assert_eq!(look(&mut queue, s, &sources).0.len(), 103);
    }

    #[test]
    fn a_place_that_was_passed_is_not_given_to_another_step() {
        let (mut queue, mut sources, s) = (Queue::default(), Sources::default(), SourceId(1));
        sources.add(s);
        queue.push_front(step(1));
        sources.note_lack(s, step(1).id());
        assert_eq!(look(&mut queue, s, &sources), (vec![], 1));
        let mut scan = queue.scan(SourceId(2), &sources);
        assert!(queue.next(&mut scan).is_some() && queue.remove(&scan).is_some());
        queue.push_front(step(2));
        queue.push_back(step(3));
        assert_eq!(look(&mut queue, s, &sources).0, [2, 3]);
    }
}
