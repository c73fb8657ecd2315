//! In which order the indexes of a mirror are read, by the hints of its catalogs (STATIC-4).
//!
//! Packs of a kind stand in the order in which they were written. Who has nothing begins with the first, who lacks the
//! newest finds it in the last; so both ends of each kind come first, and then what is beside a pack that had something.
//! A wrong hint costs time: in the end all are read.

use super::limits::MAX_KINDS;
use std::collections::BTreeMap;
use yadgar_protocol::pack::{Holds, PackRef};
use yadgar_protocol::{BlockId, Codec};

/// What a block is of, as a catalog tells packs apart.
pub(super) fn holds(id: &BlockId) -> Holds {
    match id.codec {
        Codec::DagCbor => Holds::Structure,
        Codec::Raw => Holds::Content,
    }
}

/// Packs by kind, as catalogs list them.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    named: BTreeMap<(Holds, Vec<String>), usize>,
    lists: Vec<(Holds, Vec<u32>)>,
    count: u32,
}

impl Kinds {
    /// Takes the next pack.
    pub(super) fn add(&mut self, pack: &PackRef) {
        let parts = if pack.holds == Holds::Content { pack.parts.clone() } else { Vec::new() };
        let key = (pack.holds, parts);
        let kind = match self.named.get(&key) {
            Some(kind) => *kind,
            None if self.named.len() < MAX_KINDS => {
                self.named.insert(key, self.lists.len());
                self.lists.push((pack.holds, Vec::new()));
                self.lists.len() - 1
            }
            None => MAX_KINDS - 1,
        };
        if let Some((_, list)) = self.lists.get_mut(kind) {
            list.push(self.count);
        }
        self.count += 1;
    }

    /// The order of these packs.
    pub(super) fn order(self) -> Order {
        let order = |wanted: Holds| {
            let mut keys = Vec::with_capacity(self.count as usize);
            for (kind, (holds, list)) in self.lists.iter().enumerate() {
                for (at, pack) in list.iter().enumerate() {
                    let behind = list.len() - 1 - at;
                    keys.push((*holds != wanted, at.min(behind), at < behind, kind, *pack));
                }
            }
            keys.sort_unstable();
            keys.into_iter().map(|(.., pack)| pack).collect()
        };
        Order { structure: order(Holds::Structure), content: order(Holds::Content) }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Order {
    /// All packs, for who looks for structure, and for content.
    structure: Box<[u32]>,
    content: Box<[u32]>,
}

impl Order {
    /// Up to `most` packs of those that `is_unread` takes, for who looks for what is of `wanted` and found such a thing
    /// in `near`.
    pub(super) fn next(
        &self,
        wanted: Holds,
        near: Option<u32>,
        is_unread: impl Fn(u32) -> bool,
        most: usize,
    ) -> Vec<u32> {
        let beside = near.into_iter().flat_map(|at| [at.checked_add(1), at.checked_sub(1)]);
        let mut next: Vec<u32> = beside.flatten().filter(|pack| is_unread(*pack)).collect();
        let order = match wanted {
            Holds::Structure => &self.structure,
            Holds::Content => &self.content,
        };
        let others = order.iter().copied().filter(|pack| is_unread(*pack) && !next.contains(pack));
        let others: Vec<u32> = others.take(most.saturating_sub(next.len())).collect();
        next.extend(others);
        next.truncate(most);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::pack::FileRef;

    fn order(kinds: &[(Holds, &str, u32)]) -> Order {
        let mut out = Kinds::default();
        for (holds, part, count) in kinds {
            let (file, parts) = (FileRef::of(part.as_bytes()), vec![(*part).to_owned()]);
            let pack = PackRef { pack: file, holds: *holds, index: file, parts, blocks: 1 };
            (0..*count).for_each(|_| out.add(&pack));
        }
        out.order()
    }

    #[test]
    fn both_ends_of_each_kind_come_first_and_all_come_once() {
        let kinds =
            [(Holds::Structure, "core", 3), (Holds::Content, "core", 5), (Holds::Content, "m", 2)];
        let order = order(&kinds);
        assert_eq!(*order.structure, [2, 0, 1, 7, 9, 3, 8, 6, 4, 5]);
        assert_eq!(*order.content, [7, 9, 3, 8, 6, 4, 5, 2, 0, 1]);
        let read = [7, 9];
        let next = |near| order.next(Holds::Content, near, |n| n < 10 && !read.contains(&n), 3);
        assert_eq!(next(None), [3, 8, 6]);
        assert_eq!(next(Some(4)), [5, 3, 8]);
        // What is beside the ends, and has been read, is nothing.
        assert_eq!(next(Some(9)), [8, 3, 6]);
        assert!(order.next(Holds::Content, Some(0), |_| false, 3).is_empty());
    }

    #[test]
    fn kinds_without_end_are_one() {
        let names: Vec<String> = (0..200).map(|n| format!("p{n}")).collect();
        let kinds: Vec<_> = names.iter().map(|name| (Holds::Content, name.as_str(), 1)).collect();
        let order = order(&kinds);
        let mut all = order.content.to_vec();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..200));
    }
}
