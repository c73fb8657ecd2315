//! HAVE-1 to HAVE-5.
use super::*;
use proptest::prelude::*;

fn id(codec: Codec, number: u32) -> BlockId {
    BlockId::of(codec, &number.to_le_bytes())
}

fn ids(codec: Codec, numbers: std::ops::Range<u32>) -> Vec<BlockId> {
    numbers.map(|n| id(codec, n)).collect()
}

fn file(parts: Vec<HavePart>) -> Have {
    let state = HaveState { parts, release: Hash::of(b"release"), sequence: 7 };
    Have::new(ArchiveId(Hash::of(b"root")), None, vec![state])
}

fn part(name: &str, lacks: Option<Lacks>) -> HavePart {
    HavePart { name: name.into(), lacks }
}

#[test]
fn have_3_structure_is_named_and_nothing_else_seems_to_lack() {
    let lacking = ids(Codec::DagCbor, 0..500);
    let set = Lacks::of(&lacking).unwrap().open().unwrap();
    assert!(lacking.iter().all(|id| set.contains(id)));
    assert!(!ids(Codec::DagCbor, 500..100_000).iter().any(|id| set.contains(id)));
    assert!(!ids(Codec::Raw, 0..1000).iter().any(|id| set.contains(id)));
}

#[test]
fn have_4_no_lacking_block_is_missed_and_few_others_seem_to_lack() {
    for count in [1, 2, 100, 20_000] {
        let lacking = ids(Codec::Raw, 0..count);
        let lacks = Lacks::of(&lacking).unwrap();
        assert!(lacks.2.len() <= count as usize * 10 / 8 + 1, "{} bytes", lacks.2.len());
        let set = lacks.open().unwrap();
        assert!(lacking.iter().all(|id| set.contains(id)));
        let wrong = ids(Codec::Raw, 1 << 20..(1 << 20) + 51_200);
        let wrong = wrong.iter().filter(|id| set.contains(id)).count();
        assert!(wrong < 300, "{wrong} of 51200, 200 are expected");
    }
}

#[test]
fn have_5_a_have_file_stays_small() {
    let most = Lacks::of(&ids(Codec::Raw, 0..MAX_HAVE_BLOCKS as u32)).unwrap();
    assert!(Lacks::of(&ids(Codec::Raw, 0..MAX_HAVE_BLOCKS as u32 + 1)).is_none());
    assert!(Lacks::of(&ids(Codec::DagCbor, 0..MAX_HAVE_NODES as u32 + 1)).is_none());
    let core = Lacks::of(&ids(Codec::DagCbor, 0..9)).unwrap();
    let one = file(vec![part("core", Some(core.clone())), part("media", Some(most.clone()))]);
    let bytes = one.clone().encode_bounded();
    assert_eq!(Have::decode(&bytes).unwrap(), one);
    // Two that do not fit together: of one nothing is said.
    let parts = vec![
        part("core", Some(core)),
        part("a-films", Some(most.clone())),
        part("media", Some(most)),
    ];
    let mut parts = parts;
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    let bytes = file(parts).encode_bounded();
    let left = Have::decode(&bytes).unwrap();
    let names: Vec<_> = left.states[0].parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"core") && bytes.len() <= MAX_HAVE_BYTES);
}

#[test]
fn have_1_have_2_what_is_refused() {
    let good = file(vec![part("core", None), part("media", None)]);
    assert_eq!(Have::decode(&good.encode()).unwrap(), good);
    let clause = |have: &Have| Have::decode(&have.encode()).unwrap_err().clause;
    let mut bad = good.clone();
    bad.kind = "head".into();
    assert_eq!(clause(&bad), "HAVE-1");
    let newer = Have { format: 2, ..good.clone() };
    assert_eq!(clause(&newer), "ENC-9");
    let unsorted = Have { want: Some(vec!["media".into(), "core".into()]), ..good.clone() };
    assert_eq!(clause(&unsorted), "HAVE-1");
    let mut bad = good.clone();
    bad.states[0].parts.reverse();
    assert_eq!(clause(&bad), "HAVE-2");
    let mut bad = good.clone();
    bad.states.push(bad.states[0].clone());
    assert_eq!(clause(&bad), "HAVE-2");
    bad.states[1].sequence = 6;
    assert!(Have::decode(&bad.encode()).is_ok());
    bad.states.push(HaveState { sequence: 5, ..bad.states[1].clone() });
    assert_eq!(clause(&bad), "HAVE-1");
}

#[test]
fn have_3_have_4_hostile_sets_cost_nothing() {
    let clause = |nodes: &[u8], count, bits: &[u8]| {
        let lacks = Lacks(ByteBuf::from(nodes), count, ByteBuf::from(bits));
        Have::decode(&file(vec![part("core", Some(lacks))]).encode()).err().map(|e| e.clause)
    };
    let two = [[0; 8], [1; 8]].concat();
    assert_eq!(clause(&two, 0, &[]), None);
    assert_eq!(clause(&two[..15], 0, &[]), Some("HAVE-3"));
    assert_eq!(clause(&[two[8..].to_vec(), two[..8].to_vec()].concat(), 0, &[]), Some("HAVE-3"));
    assert_eq!(clause(&[two[..8].to_vec(), two[..8].to_vec()].concat(), 0, &[]), Some("HAVE-3"));
    // A count that the bytes cannot hold, none at all, and one beyond the bound.
    assert_eq!(clause(&[], 100_000, &[0; 8]), Some("HAVE-4"));
    assert_eq!(clause(&[], 0, &[]), Some("HAVE-4"));
    assert_eq!(clause(&[], u64::MAX, &[0; 8]), Some("HAVE-4"));
    // One place: 0 and its 8 bits, then padding of zeros, less than a byte of it.
    assert_eq!(clause(&[], 1, &[0x7f, 0x80]), None);
    assert_eq!(clause(&[], 1, &[0x7f, 0x81]), Some("HAVE-4"));
    assert_eq!(clause(&[], 1, &[0x7f, 0x80, 0]), Some("HAVE-4"));
    // Beyond the places that there are.
    assert_eq!(clause(&[], 1, &[0x80, 0]), Some("HAVE-4"));
    assert_eq!(clause(&[], 2, &[0xff; 1000]), Some("HAVE-4"));
}

proptest! {
    #[test]
    fn have_4_every_set_reads_back(numbers in prop::collection::btree_set(any::<u32>(), 1..200)) {
        let lacking: Vec<_> = numbers.iter().map(|n| id(Codec::Raw, *n)).collect();
        let lacks = Lacks::of(&lacking).unwrap();
        let set = lacks.open().unwrap();
        prop_assert!(lacking.iter().all(|id| set.contains(id)));
        prop_assert_eq!(write_rice(&set.places), lacks.2.to_vec());
    }

    /// What the fuzz target `volumes` holds, for bytes that are nearly right.
    #[test]
    fn have_1_what_is_accepted_encodes_to_the_same_bytes(
        numbers in prop::collection::btree_set(any::<u32>(), 1..40),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let lacking: Vec<_> = numbers.iter().map(|n| id(Codec::Raw, *n)).collect();
        let mut bytes = file(vec![part("core", Lacks::of(&lacking))]).encode();
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(have) = Have::decode(&bytes) {
            prop_assert_eq!(have.encode(), bytes);
            let parts = have.states.iter().flat_map(|state| &state.parts);
            for lacks in parts.filter_map(|part| part.lacks.as_ref()) {
                lacks.open().unwrap().contains(&lacking[0]);
            }
        }
    }

    #[test]
    fn have_1_random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Have::decode(&bytes);
        let lacks = Lacks(ByteBuf::new(), 20, ByteBuf::from(bytes));
        let _ = lacks.open();
    }
}
