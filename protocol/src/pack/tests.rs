//! STATIC-1 to STATIC-7.
use super::*;
use crate::blocks::{Encoding, Packed};
use crate::cbor::encode;
use crate::ids::{ArchiveId, BlockId, Codec, Hash};
use crate::limits::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A compressor of runs of one byte; crate tests bring no zstd.
fn squeeze(plain: &[u8]) -> Option<Vec<u8>> {
    let first = *plain.first()?;
    let same = plain.iter().all(|byte| *byte == first) && plain.len() > 5;
    same.then(|| [&[first][..], &(plain.len() as u32).to_be_bytes()].concat())
}

fn unsqueeze(data: &[u8], max: usize) -> Option<Vec<u8>> {
    if data.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Some(Vec::new());
    }
    let [byte, rest @ ..] = data else { return None };
    let length = u32::from_be_bytes(rest.try_into().ok()?) as usize;
    (length <= max).then(|| vec![*byte; length])
}

/// A pack of these blocks, as a writer makes it.
fn pack(blocks: &[Vec<u8>]) -> (PackIndex, Vec<u8>) {
    let (mut out, mut small) = (PackBuilder::default(), Gather::default());
    let flush = |small: &mut Gather, out: &mut PackBuilder| {
        if !small.is_empty() {
            out.push(std::mem::take(small).pack(&mut squeeze)).unwrap();
        }
    };
    for plain in blocks {
        let id = BlockId::raw(plain);
        if Gather::takes(plain.len()) {
            if !small.push(id, plain) {
                flush(&mut small, &mut out);
                assert!(small.push(id, plain));
            }
            continue;
        }
        flush(&mut small, &mut out);
        let block = Packed { id, encoding: Encoding::Plain, data: plain.clone() };
        out.push(PackBuilder::alone(block, plain.len() as u64)).unwrap();
    }
    flush(&mut small, &mut out);
    out.finish()
}

fn file(n: u8) -> FileRef {
    FileRef { hash: Hash([n; 32]), bytes: 9 }
}

fn head() -> StaticHead {
    StaticHead::new(ArchiveId(Hash([1; 32])), vec![7], Some(vec![8]), None, vec![file(2)])
}

fn pack_ref(n: u8) -> PackRef {
    let parts = vec!["core".into()];
    PackRef { pack: file(n), holds: Holds::Content, index: file(n), parts, blocks: 1 }
}

fn clause<T>(result: Result<T, crate::Reject>) -> &'static str {
    result.err().map_or("accepted", |reject| reject.clause)
}

#[test]
fn static_1_names() {
    let hash = Hash::of(b"x");
    assert_eq!(Named::parse("head"), Some(Named::Head));
    assert_eq!(Named::parse(&index_name(&hash)), Some(Named::Index(hash)));
    assert_eq!(Named::parse(&pack_name(&hash)), Some(Named::Pack(hash)));
    let long = format!("{}a", pack_name(&hash));
    let (upper, bare) = (pack_name(&hash).to_uppercase(), &pack_name(&hash)[2..]);
    for other in ["", "Head", "p/", "i/../head", "p/readme.txt", &long, &upper, bare] {
        assert_eq!(Named::parse(other), None, "{other}");
    }
}

#[test]
fn static_2_a_file_is_its_hash_and_length() {
    let file = FileRef::of(b"abc");
    file.check(b"abc").unwrap();
    assert_eq!(clause(file.check(b"abd")), "STATIC-2");
    assert_eq!(clause(file.check(b"ab")), "STATIC-2");
    let longer = FileRef { bytes: 4, ..file };
    assert_eq!(clause(longer.check(b"abc")), "STATIC-2");
}

#[test]
fn static_3_heads_are_bounded() {
    let good = head();
    assert_eq!(StaticHead::decode(&good.encode()).unwrap(), good);
    let full = StaticHead::new(
        good.archive,
        vec![0; MAX_HEAD_BYTES],
        Some(vec![0; MAX_BULLETIN_BYTES]),
        Some(Hash([3; 32])),
        vec![FileRef { hash: Hash([4; 32]), bytes: MAX_CATALOG_BYTES as u64 }; MAX_CATALOGS],
    );
    assert!(full.encode().len() <= MAX_STATIC_HEAD_BYTES);
    assert_eq!(StaticHead::decode(&full.encode()).unwrap(), full);
    let none = vec![];
    for bad in [
        StaticHead { kind: "head".into(), ..head() },
        StaticHead { head: none.clone(), ..head() },
        StaticHead { head: vec![0; MAX_HEAD_BYTES + 1], ..head() },
        StaticHead { bulletin: Some(none.into()), ..head() },
        StaticHead { catalogs: vec![], ..head() },
        StaticHead { catalogs: vec![file(1); MAX_CATALOGS + 1], ..head() },
        StaticHead { catalogs: vec![FileRef { bytes: 0, ..file(1) }], ..head() },
        StaticHead { format: 0, ..head() },
    ] {
        assert_eq!(clause(StaticHead::decode(&bad.encode())), "STATIC-3");
    }
    let newer = StaticHead { format: 2, ..head() };
    assert_eq!(clause(StaticHead::decode(&newer.encode())), "ENC-9");
}

#[test]
fn static_4_catalogs_are_cut_and_bounded() {
    let many = |count: u32| {
        let one = |n: u32| PackRef { pack: FileRef::of(&n.to_be_bytes()), ..pack_ref(1) };
        (0..count).map(one).collect::<Vec<_>>()
    };
    for count in [1, 1024, 1025, 3000] {
        let catalogs = Catalog::split(many(count));
        assert_eq!(catalogs.len(), (count as usize).div_ceil(MAX_CATALOG_PACKS));
        let read = |c: &Catalog| Catalog::decode(&c.encode()).unwrap().packs;
        assert_eq!(catalogs.iter().flat_map(read).collect::<Vec<_>>(), many(count));
    }
    // With the longest lists of parts the bytes are the bound.
    let parts: Vec<String> = (0..32).map(|n| format!("{n:032}")).collect();
    let wide: Vec<_> =
        many(1000).into_iter().map(|p| PackRef { parts: parts.clone(), ..p }).collect();
    let catalogs = Catalog::split(wide);
    assert!(catalogs.len() > 3);
    for catalog in &catalogs {
        let bytes = catalog.encode();
        assert!(
            bytes.len() <= MAX_CATALOG_BYTES && bytes.len() > MAX_CATALOG_BYTES / 3 * 2
                || catalog == catalogs.last().unwrap()
        );
        Catalog::decode(&bytes).unwrap();
    }
    assert!(Catalog::split(vec![]).is_empty());
    let catalog = |packs| Catalog { packs, ..Catalog::split(many(1)).remove(0) };
    let with = |change: &dyn Fn(&mut PackRef)| {
        let mut one = pack_ref(1);
        change(&mut one);
        catalog(vec![one])
    };
    for bad in [
        catalog(vec![]),
        catalog(vec![pack_ref(1), pack_ref(1)]),
        catalog(many(1025)),
        Catalog { kind: "catalog".into(), ..catalog(many(1)) },
        Catalog { format: 0, ..catalog(many(1)) },
        with(&|p| p.blocks = 0),
        with(&|p| p.blocks = MAX_PACK_BLOCKS as u64 + 1),
        with(&|p| p.pack.bytes = MAX_PACK_BYTES as u64 + 1),
        with(&|p| p.index.bytes = MAX_PACK_INDEX_BYTES as u64 + 1),
        with(&|p| p.parts = vec!["media".into(), "core".into()]),
        with(&|p| p.parts = vec!["Core".into()]),
    ] {
        assert_eq!(clause(Catalog::decode(&bad.encode())), "STATIC-4", "{bad:?}");
    }
}

#[test]
fn static_5_indexes_are_bounded_and_add_up() {
    let (good, data) = pack(&[vec![1; 100], vec![2; 20_000], vec![3; 7]]);
    assert_eq!(PackIndex::decode(&good.encode()).unwrap(), good);
    assert_eq!(good.pack, FileRef::of(&data));
    let member = |change: &dyn Fn(&mut Member)| {
        let mut one = good.clone();
        change(&mut one.members[0]);
        one.pack.bytes = one.members.iter().map(|m| m.stored).sum();
        one
    };
    let other = (BlockId::raw(b"other"), 0);
    let twice = good.members[0].blocks[0];
    let mut longer = good.clone();
    longer.pack.bytes += 1;
    let mut empty = good.clone();
    (empty.pack.bytes, empty.members) = (1, vec![]);
    for bad in [
        longer,
        empty,
        member(&|m| m.stored = 0),
        member(&|m| m.stored = MAX_MEMBER_BYTES as u64 + 1),
        member(&|m| m.blocks.clear()),
        member(&|m| m.blocks.push(twice)),
        member(&|m| m.blocks = (0..513u32).map(|n| (BlockId::raw(&n.to_be_bytes()), 1)).collect()),
        member(&|m| m.blocks.push((other.0, MAX_MEMBER_BYTES as u64))),
        member(&|m| m.blocks[0].1 = u64::MAX),
        member(&|m| m.encoding = Encoding::Plain),
    ] {
        assert_eq!(clause(PackIndex::decode(&bad.encode())), "STATIC-5", "{bad:?}");
    }
    // One id for each codec is two blocks.
    let two = member(&|m| m.blocks.push((BlockId { codec: Codec::DagCbor, ..twice.0 }, 0)));
    PackIndex::decode(&two.encode()).unwrap();
    for (encoding, codec) in [(2, 0x55), (0, 0x56), (0x100, 0x55), (0, 0x155)] {
        let members = vec![(1u64, encoding as u64, vec![(codec as u64, Hash([0; 32]), 1u64)])];
        type WireMember = (u64, u64, Vec<(u64, Hash, u64)>);
        #[derive(serde::Serialize)]
        struct Wire {
            kind: &'static str,
            pack: FileRef,
            format: u64,
            members: Vec<WireMember>,
        }
        let pack = FileRef { bytes: 1, ..file(1) };
        let bytes = encode(&Wire { kind: "static-index", pack, format: 1, members });
        assert_eq!(clause(PackIndex::decode(&bytes)), "STATIC-5");
    }
}

#[test]
fn static_5_the_largest_index_has_room() {
    let block = |n: u32| (BlockId::raw(&n.to_be_bytes()), 65_537);
    let member = |n| Member { stored: 1_024, encoding: Encoding::Zstd, blocks: vec![block(n)] };
    let members: Vec<_> = (0..MAX_PACK_BLOCKS as u32).map(member).collect();
    let pack = FileRef { bytes: MAX_PACK_BYTES as u64, ..file(1) };
    let index = PackIndex { pack, members };
    assert!(index.encode().len() <= MAX_PACK_INDEX_BYTES);
    PackIndex::decode(&index.encode()).unwrap();
}

/// Of what a stranger sends, what stays takes no more room than it needs.
#[test]
fn static_5_an_index_takes_no_more_memory_than_it_needs() {
    let block = |n: u32| (BlockId::raw(&n.to_be_bytes()), 1);
    let member = |n| Member { stored: 1, encoding: Encoding::Zstd, blocks: vec![block(n)] };
    let pack = FileRef { bytes: 1_000, ..file(1) };
    let index = PackIndex { pack, members: (0..1_000).map(member).collect() };
    let index = PackIndex::decode(&index.encode()).unwrap();
    assert_eq!(index.members.capacity(), 1_000);
    assert!(index.members.iter().all(|member| member.blocks.capacity() == 1));
}

#[test]
fn static_6_members_are_checked() {
    let blocks = [vec![9; 5000], vec![9; 300], [1, 2, 3, 4].repeat(5000)];
    let (index, data) = pack(&blocks);
    assert_eq!(index.members.len(), 2);
    assert_eq!(index.members[0].encoding, Encoding::Zstd);
    let (first, second) = data.split_at(index.members[0].stored as usize);
    let opened = index.members[0].open(first, &unsqueeze).unwrap();
    assert_eq!(opened.iter().map(|b| b.data.clone()).collect::<Vec<_>>(), blocks[..2]);
    assert_eq!(index.members[1].open(second, &unsqueeze).unwrap()[0].data, blocks[2]);
    let mut wrong = second.to_vec();
    wrong[7] ^= 1;
    for bad in [&wrong[..], &second[1..], &[]] {
        assert_eq!(clause(index.members[1].open(bad, &unsqueeze)), "STATIC-6");
    }
    // A frame that gives more, less, or nothing at all.
    for frame in [[9, 0, 0, 0x14, 0xb5], [9, 0, 0, 0x14, 0xb3], [9, 255, 255, 255, 255]] {
        assert_eq!(clause(index.members[0].open(&frame, &unsqueeze)), "STATIC-6");
    }
    // What stands alone comes as it is stored.
    let (mut gather, plain) = (Gather::default(), vec![5; 9_000]);
    assert!(gather.push(BlockId::raw(&plain), &plain));
    let (member, stored) = gather.pack(&mut squeeze);
    let opened = member.open(&stored, &unsqueeze).unwrap();
    assert_eq!((opened[0].encoding, &opened[0].data), (Encoding::Zstd, &stored));
}

#[test]
fn static_6_the_empty_block_has_bytes_in_a_pack() {
    let (index, data) = pack(&[vec![]]);
    assert!(!data.is_empty());
    assert_eq!(PackIndex::decode(&index.encode()).unwrap(), index);
    let opened = index.members[0].open(&data, &unsqueeze).unwrap();
    assert_eq!(opened[0].id, BlockId::raw(b""));
    let ranges = index.ranges(&|_| true, 0, 1);
    assert_eq!(ranges[0].bytes, data.len() as u64);
}

#[test]
fn static_6_bounds_of_members_and_packs() {
    let mut small = Gather::default();
    assert!(!small.push(BlockId::raw(b""), &vec![0; MAX_BUNDLED_BLOCK + 1]));
    for n in 0..MAX_MEMBER_BLOCKS as u32 {
        assert!(small.push(BlockId::raw(&n.to_be_bytes()), &n.to_be_bytes()));
    }
    assert!(!small.push(BlockId::raw(b"x"), b"x"));
    let mut small = Gather::default();
    for n in 0..16u8 {
        assert!(small.push(BlockId::raw(&[n]), &[n; MAX_BUNDLED_BLOCK]));
    }
    assert!(!small.push(BlockId::raw(b"x"), b"x"));
    let mut out = PackBuilder::default();
    for n in 0..64u8 {
        let data = vec![n; MAX_BLOCK_BYTES];
        let block = Packed { id: BlockId::raw(&[n]), encoding: Encoding::Plain, data };
        out.push(PackBuilder::alone(block, MAX_BLOCK_BYTES as u64)).unwrap();
    }
    let one = Packed { id: BlockId::raw(b"x"), encoding: Encoding::Plain, data: vec![1] };
    out.push(PackBuilder::alone(one, 1)).unwrap_err();
    assert_eq!(out.finish().1.len(), MAX_PACK_BYTES);
}

proptest! {
    #[test]
    fn static_7_ranges_hold_what_is_wanted_and_little_else(
        lengths in prop::collection::vec(1u64..2_000, 1..60),
        wanted in prop::collection::btree_set(0usize..60, 0..20),
        gap in 0u64..3_000,
        most in 1u64..6_000,
    ) {
        let id = |n: usize| BlockId::raw(&n.to_be_bytes());
        let member = |(n, bytes): (usize, &u64)| Member {
            stored: *bytes,
            encoding: Encoding::Plain,
            blocks: vec![(id(n), *bytes)],
        };
        let members: Vec<_> = lengths.iter().enumerate().map(member).collect();
        let index = PackIndex { pack: file(1), members };
        let ids: BTreeSet<_> = wanted.iter().map(|n| id(*n)).collect();
        let ranges = index.ranges(&|id| ids.contains(id), gap, most);
        let at = |n: usize| lengths[..n].iter().sum::<u64>();
        let mut covered = BTreeSet::new();
        for range in &ranges {
            prop_assert_eq!(range.from, at(range.members.start));
            prop_assert_eq!(range.end(), at(range.members.end));
            prop_assert!(range.bytes <= most || range.members.len() == 1);
            // It begins and ends with what is wanted.
            prop_assert!(wanted.contains(&range.members.start));
            prop_assert!(wanted.contains(&(range.members.end - 1)));
            let pieces: Vec<_> = index.pieces(range).collect();
            prop_assert_eq!(pieces.len(), range.members.len());
            prop_assert_eq!(pieces.last().unwrap().1.end, range.bytes);
            let mut idle = 0;
            for n in range.members.clone() {
                prop_assert!(covered.insert(n));
                idle = if wanted.contains(&n) { 0 } else { idle + lengths[n] };
                prop_assert!(idle <= gap);
            }
        }
        prop_assert!(wanted.iter().filter(|n| **n < lengths.len()).all(|n| covered.contains(n)));
        prop_assert!(ranges.is_sorted_by(|a, b| a.end() <= b.from));
    }

    #[test]
    fn static_6_what_is_packed_comes_out(
        sizes in prop::collection::vec((0usize..40_000, any::<bool>()), 1..40),
    ) {
        let block = |(n, (size, run)): (usize, &(usize, bool))| match run {
            true => vec![n as u8; *size],
            false => (0..*size).map(|at| (at * 7 + n) as u8).collect(),
        };
        let mut blocks: Vec<Vec<u8>> = sizes.iter().enumerate().map(block).collect();
        let mut seen = BTreeSet::new();
        blocks.retain(|block| seen.insert(block.clone()));
        let (index, data) = pack(&blocks);
        let index = PackIndex::decode(&index.encode()).unwrap();
        let mut out = Vec::new();
        for range in index.ranges(&|_| true, 0, 70_000) {
            let body = &data[range.from as usize..range.end() as usize];
            for (member, place) in index.pieces(&range) {
                let stored = &body[place.start as usize..place.end as usize];
                for packed in member.open(stored, &unsqueeze).unwrap() {
                    out.push(packed.unpack(&unsqueeze).unwrap());
                }
            }
        }
        prop_assert_eq!(out, blocks);
    }

    #[test]
    fn garbage_is_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = StaticHead::decode(&bytes);
        let _ = Catalog::decode(&bytes);
        let _ = PackIndex::decode(&bytes);
        let (index, _) = pack(&[vec![1; 100]]);
        let _ = index.members[0].open(&bytes, &unsqueeze);
    }
}
