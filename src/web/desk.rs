//! What is wanted of a host, what is under way, and what came along unasked.

use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use yadgar_protocol::BlockId;

/// A member of a pack: the number of the pack in the catalog, that of the member in the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At {
    pub(super) pack: u32,
    pub(super) member: u32,
}

/// Members of one pack, one behind the other, for which one question is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) pack: u32,
    pub(super) members: std::ops::Range<u32>,
}

impl Run {
    pub(super) fn iter(&self) -> impl Iterator<Item = At> + use<> {
        let pack = self.pack;
        self.members.clone().map(move |member| At { pack, member })
    }
}

/// See the module. Bounded by what the fetch asks for, and by `spare_bytes`.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Blocks that are asked for and not answered, with where they are.
    wanted: HashMap<BlockId, At>,
    /// Members to be asked for, in this order; those that are no longer in `queued` are passed over.
    queue: VecDeque<At>,
    queued: BTreeSet<At>,
    /// Members that are under way.
    flying: BTreeSet<At>,
    /// Members as they are stored, of which something may be wanted soon.
    spare: BTreeMap<At, Bytes>,
    spare_order: VecDeque<At>,
    spare_held: usize,
}

impl Desk {
    /// A block is wanted. True when its member lies here: it is to be opened.
    pub(super) fn want(&mut self, id: BlockId, at: At) -> bool {
        self.wanted.insert(id, at);
        if self.spare.contains_key(&at) {
            return true;
        }
        if !self.flying.contains(&at) && self.queued.insert(at) {
            self.queue.push_back(at);
        }
        false
    }

    /// True while there is something to ask for.
    pub(super) fn has_queue(&self) -> bool {
        !self.queued.is_empty()
    }

    /// The next question: the member whose turn it is and those behind it that are wanted too, up to `most`
    /// bytes. They are under way from now on.
    pub(super) fn cut(&mut self, length: &dyn Fn(At) -> u64, most: u64) -> Option<Run> {
        let first = loop {
            let first = self.queue.pop_front()?;
            if self.queued.remove(&first) {
                break first;
            }
        };
        let (mut bytes, mut end) = (length(first), first.member + 1);
        loop {
            let next = At { member: end, ..first };
            if !self.queued.contains(&next) || bytes.saturating_add(length(next)) > most {
                break;
            }
            self.queued.remove(&next);
            bytes += length(next);
            end += 1;
        }
        let run = Run { pack: first.pack, members: first.member..end };
        self.flying.extend(run.iter());
        Some(run)
    }

    /// All members of a pack come, although only some were asked for.
    pub(super) fn all_fly(&mut self, run: &Run) {
        for at in run.iter() {
            self.queued.remove(&at);
            self.flying.insert(at);
        }
    }

    /// True when a block of this member is waited for.
    pub(super) fn is_awaited(&self, at: At, ids: impl IntoIterator<Item = BlockId>) -> bool {
        let mut ids = ids.into_iter();
        ids.any(|id| self.wanted.get(&id) == Some(&at))
    }

    /// The block comes now: whether it was wanted.
    pub(super) fn answer(&mut self, id: &BlockId) -> bool {
        self.wanted.remove(id).is_some()
    }

    /// The member has come.
    pub(super) fn landed(&mut self, at: At) {
        self.flying.remove(&at);
        self.queued.remove(&at);
    }

    /// What is wanted of these members, which will not come: it is no longer wanted.
    pub(super) fn lost(&mut self, members: &BTreeSet<At>) -> Vec<BlockId> {
        members.iter().for_each(|at| self.landed(*at));
        let lost: Vec<_> =
            self.wanted.iter().filter(|(_, at)| members.contains(at)).map(|(id, _)| *id).collect();
        self.wanted.retain(|_, at| !members.contains(at));
        lost
    }

    /// These members did not come and are to be asked for again, those first of which something is wanted; the
    /// others are forgotten.
    pub(super) fn again(&mut self, members: &BTreeSet<At>) {
        self.flying.retain(|at| !members.contains(at));
        let wanted: BTreeSet<At> =
            self.wanted.values().filter(|at| members.contains(at)).copied().collect();
        for at in wanted.into_iter().rev() {
            if self.queued.insert(at) {
                self.queue.push_front(at);
            }
        }
    }

    /// Keeps a member of which something may be wanted soon; the oldest ones go.
    pub(super) fn keep(&mut self, at: At, stored: Bytes, most: usize) {
        if let Some(before) = self.spare.insert(at, stored.clone()) {
            self.spare_held -= before.len();
        } else {
            self.spare_order.push_back(at);
        }
        self.spare_held += stored.len();
        while self.spare_held > most
            && let Some(oldest) = self.spare_order.pop_front()
        {
            let gone = self.spare.remove(&oldest);
            self.spare_held -= gone.map_or(0, |bytes| bytes.len());
        }
    }

    /// A member that lies here.
    pub(super) fn spare(&self, at: At) -> Option<Bytes> {
        self.spare.get(&at).cloned()
    }

    /// Everything anew: what was wanted.
    pub(super) fn clear(&mut self) -> Vec<BlockId> {
        std::mem::take(self).wanted.into_keys().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> BlockId {
        BlockId::raw(&n.to_be_bytes())
    }

    fn at(member: u32) -> At {
        At { pack: 0, member }
    }

    #[test]
    fn neighbours_are_one_question_up_to_a_length() {
        let mut desk = Desk::default();
        for member in [3, 1, 2, 7, 4] {
            assert!(!desk.want(id(member), at(member)));
        }
        desk.want(id(9), At { pack: 1, member: 5 });
        let mut runs = Vec::new();
        while let Some(run) = desk.cut(&|_| 10, 20) {
            runs.push((run.pack, run.members));
        }
        assert_eq!(runs, [(0, 3..5), (0, 1..3), (0, 7..8), (1, 5..6)]);
        // What is under way is not asked for twice.
        desk.want(id(3), at(3));
        desk.want(id(33), at(3));
        assert!(!desk.has_queue());
        assert!(desk.is_awaited(at(3), [id(33)]) && !desk.is_awaited(at(2), [id(33)]));
        assert!(desk.answer(&id(33)) && !desk.answer(&id(33)));
    }

    #[test]
    fn what_did_not_come_is_asked_for_again_or_lost() {
        let mut desk = Desk::default();
        for member in [1, 2, 3] {
            desk.want(id(member), at(member));
        }
        let run = desk.cut(&|_| 10, 100).unwrap();
        assert_eq!(run.members, 1..4);
        assert!(desk.answer(&id(1)));
        desk.landed(at(1));
        desk.again(&run.iter().collect());
        let run = desk.cut(&|_| 10, 100).unwrap();
        assert_eq!(run.members, 2..4);
        assert_eq!(desk.lost(&BTreeSet::from([at(3)])), [id(3)]);
        assert_eq!(desk.clear(), [id(2)]);
    }

    #[test]
    fn spare_members_are_bounded() {
        let mut desk = Desk::default();
        for member in 0..10 {
            desk.keep(at(member), Bytes::from_static(&[0; 10]), 35);
        }
        assert_eq!(desk.spare.len(), 3);
        assert!(desk.want(id(9), at(9)) && !desk.want(id(1), at(1)));
    }
}
