//! What an index says of its pack, in little memory: it stays as long as its mirror is asked.

use super::room::{Room, Share};
use std::sync::Arc;
use yadgar_protocol::BlockId;
use yadgar_protocol::blocks::Encoding;
use yadgar_protocol::pack::{Member, PackIndex};

/// A member of a pack. A pack and its counts are bounded far below what these can say.
#[derive(Debug, Clone, Copy)]
struct Spot {
    /// Where it begins in the pack.
    start: u32,
    /// Its first block, in the list of all.
    first: u32,
    encoding: Encoding,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Listed {
    /// All blocks in order, with their plain lengths.
    blocks: Box<[(BlockId, u32)]>,
    /// All members in order.
    spots: Box<[Spot]>,
    /// Bytes of the pack.
    bytes: u32,
    _room: Room,
}

impl Listed {
    /// Bytes that so many members and blocks take.
    pub(super) fn cost(members: usize, blocks: usize) -> usize {
        size_of::<Self>() + members * size_of::<Spot>() + blocks * size_of::<(BlockId, u32)>()
    }

    /// Takes over what an index says; `None` when there is no room for it.
    pub(super) fn new(index: &PackIndex, share: &Arc<Share>) -> Option<Self> {
        let (members, blocks) = (index.members.len(), index.ids().count());
        let room = share.take(Self::cost(members, blocks))?;
        let small = |n: u64| u32::try_from(n).ok();
        let mut this = (Vec::with_capacity(members), Vec::with_capacity(blocks), 0u32);
        let (spots, all, start) = (&mut this.0, &mut this.1, &mut this.2);
        for member in &index.members {
            let first = u32::try_from(all.len()).ok()?;
            spots.push(Spot { start: *start, first, encoding: member.encoding });
            *start = start.checked_add(small(member.stored)?)?;
            for (id, bytes) in &member.blocks {
                all.push((*id, small(*bytes)?));
            }
        }
        let (spots, blocks, bytes) = this;
        Some(Self { blocks: blocks.into(), spots: spots.into(), bytes, _room: room })
    }

    /// How many members there are.
    pub(super) fn members(&self) -> u32 {
        u32::try_from(self.spots.len()).unwrap_or(u32::MAX)
    }

    fn spot(&self, member: u32) -> Option<Spot> {
        self.spots.get(member as usize).copied()
    }

    /// Where a member begins in its pack, and how long it is there.
    pub(super) fn place(&self, member: u32) -> Option<(u64, u64)> {
        let start = self.spot(member)?.start;
        let end = self.spot(member.checked_add(1)?).map_or(self.bytes, |next| next.start);
        Some((start.into(), end.saturating_sub(start).into()))
    }

    fn of(&self, member: u32) -> &[(BlockId, u32)] {
        let Some(spot) = self.spot(member) else { return &[] };
        let next = member.checked_add(1).and_then(|next| self.spot(next));
        let end = next.map_or(self.blocks.len(), |next| next.first as usize);
        self.blocks.get(spot.first as usize..end).unwrap_or_default()
    }

    /// The blocks of a member.
    pub(super) fn ids(&self, member: u32) -> impl Iterator<Item = BlockId> {
        self.of(member).iter().map(|(id, _)| *id)
    }

    /// A member, as its index has it.
    pub(super) fn member(&self, member: u32) -> Option<Member> {
        let (encoding, (_, stored)) = (self.spot(member)?.encoding, self.place(member)?);
        let blocks = self.of(member).iter().map(|(id, bytes)| (*id, u64::from(*bytes)));
        Some(Member { stored, encoding, blocks: blocks.collect() })
    }

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::room::Budget;
    use super::*;
    use yadgar_protocol::pack::FileRef;

    #[test]
    fn it_says_what_the_index_says_in_little_memory() {
        let block = |n: u32| (BlockId::raw(&n.to_be_bytes()), u64::from(n));
        let member = |stored, ids: std::ops::Range<u32>| Member {
            stored,
            encoding: Encoding::Zstd,
            blocks: ids.map(block).collect(),
        };
        let members = vec![member(7, 0..3), member(100, 3..4), member(1, 4..9)];
        let pack = FileRef { bytes: 108, ..FileRef::of(b"pack") };
        let index = PackIndex { pack, members };
        let share = Share::of(Arc::new(Budget::new(10_000)));
        let listed = Listed::new(&index, &share).unwrap();
        let places: Vec<_> = (0..4).map(|n| listed.place(n)).collect();
        assert_eq!(places, [Some((0, 7)), Some((7, 100)), Some((107, 1)), None]);
        for (n, member) in (0..).zip(&index.members) {
            assert_eq!(listed.member(n).as_ref(), Some(member));
            assert!(listed.ids(n).eq(member.blocks.iter().map(|(id, _)| *id)));
        }
        assert_eq!((listed.member(3), listed.ids(3).count(), listed.blocks()), (None, 0, 9));
        assert_eq!(share.own(), Listed::cost(3, 9));
        // What a block by itself takes, with its place in the table of the mirror.
        assert!(Listed::cost(1, 1) - Listed::cost(0, 0) <= 52);
        drop(listed);
        assert_eq!(share.own(), 0);
        let tight = Share::of(Arc::new(Budget::new(2 * Listed::cost(3, 9) - 1)));
        assert!(Listed::new(&index, &tight).is_none() && tight.own() == 0);
    }
}
