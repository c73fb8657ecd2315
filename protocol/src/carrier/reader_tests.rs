//! Carriers, whole and damaged in every way we could think of (CAR-1 to CAR-6).
use super::super::{header, section};
use super::*;
use crate::ids::Codec;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A carrier with the ids of its blocks and where each section begins.
struct Lab {
    bytes: Vec<u8>,
    ids: Vec<BlockId>,
    starts: Vec<usize>,
}

fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
    out
}

fn lab_of(blocks: &[(Codec, Vec<u8>)]) -> Lab {
    let head = BlockId::dag_cbor(&blocks[0].1);
    let mut lab = Lab { bytes: header(&head), ids: Vec::new(), starts: Vec::new() };
    for (codec, data) in blocks {
        let id = BlockId::of(*codec, data);
        lab.starts.push(lab.bytes.len());
        section(&id, data, &mut lab.bytes);
        lab.ids.push(id);
    }
    lab
}

fn lab(lengths: &[usize]) -> Lab {
    let codec = |i| if i % 2 == 0 { Codec::DagCbor } else { Codec::Raw };
    let block = |(i, n): (usize, &usize)| (codec(i), noise(*n, i as u64));
    lab_of(&lengths.iter().enumerate().map(block).collect::<Vec<_>>())
}

fn read(bytes: &[u8], piece: usize) -> Vec<Event> {
    let (mut reader, mut out) = (CarReader::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        reader.feed(piece);
        while let Some(event) = reader.next(false) {
            out.push(event);
        }
        assert!(reader.buf.len() < LOOKAHEAD + COMPACT + 2 * piece.len());
    }
    while let Some(event) = reader.next(true) {
        out.push(event);
    }
    out
}

fn ids(events: &[Event]) -> Vec<BlockId> {
    let id = |e: &Event| match e {
        Event::Block { id, .. } => Some(*id),
        _ => None,
    };
    events.iter().filter_map(id).collect()
}

fn skipped(events: &[Event]) -> Vec<(u64, u64)> {
    let range = |e: &Event| match e {
        Event::Skipped { from, to, .. } => Some((*from, *to)),
        _ => None,
    };
    events.iter().filter_map(range).collect()
}

/// Every byte is in the header, a section or one skipped range; every block has its hash.
fn check_cover(bytes: &[u8], events: &[Event]) {
    let mut at = 0;
    let mut length_skipped = false;
    for (i, event) in events.iter().enumerate() {
        match event {
            Event::Header { root } => {
                assert_eq!(i, 0);
                at += root.map_or(0, |_| HEADER_BYTES as u64);
            }
            Event::Block { id, data, offset } => {
                let mut expected = Vec::new();
                section(id, data, &mut expected);
                let end = *offset as usize + data.len();
                let from = at as usize;
                if bytes.get(from..from + expected.len()) == Some(&expected) {
                    assert_eq!(from + expected.len(), end);
                } else {
                    assert!(length_skipped, "a block without its length at {at}");
                    assert!(expected.ends_with(&bytes[from..end]));
                }
                assert!(id.matches(&bytes[*offset as usize..end]));
                at = end as u64;
            }
            Event::Skipped { from, to, .. } => {
                assert_eq!(*from, at);
                assert!(from < to);
                at = *to;
            }
        }
        length_skipped = matches!(event, Event::Skipped { from, to, .. } if to - from <= 3);
    }
    assert_eq!(at, bytes.len() as u64);
}

/// One changed byte: at most one block is lost, and it does not go unnoticed.
fn check_flip(lab: &Lab, at: usize, value: u8) {
    let mut bytes = lab.bytes.clone();
    bytes[at] = value;
    let events = read(&bytes, 1 << 16);
    check_cover(&bytes, &events);
    let found: BTreeSet<_> = ids(&events).into_iter().collect();
    let lost = lab.ids.iter().filter(|id| !found.contains(id)).count();
    if at < HEADER_BYTES {
        assert_eq!(lost, 0, "a block lost by byte {at} of the header");
        let Event::Header { root } = &events[0] else { panic!("no header event") };
        assert_ne!(*root, Some(lab.ids[0]), "byte {at} of the header went unnoticed");
        return;
    }
    assert!(lost <= 1, "{lost} blocks lost by byte {at}");
    let noticed = !skipped(&events).is_empty() || found.iter().any(|id| !lab.ids.contains(id));
    assert!(noticed, "byte {at} went unnoticed");
    let hit = lab.starts.partition_point(|s| *s <= at) - 1;
    let others = lab.ids.iter().enumerate().filter(|(i, _)| *i != hit);
    assert!(others.into_iter().all(|(_, id)| found.contains(id)), "byte {at} lost another block");
}

#[test]
fn car_1_and_2_round_trip() {
    let lab = lab(&[300, 0, 1, 91, 92, 127, 16_347, 16_348, MAX_BLOCK_BYTES]);
    for piece in [1 << 20, 4096, 997] {
        let events = read(&lab.bytes, piece);
        assert_eq!(events[0], Event::Header { root: Some(lab.ids[0]) });
        assert_eq!(ids(&events), lab.ids);
        assert!(skipped(&events).is_empty());
        check_cover(&lab.bytes, &events);
    }
    // Byte by byte, for a small one.
    let small = super::tests::lab(&[40, 0, 500]);
    assert_eq!(read(&small.bytes, 1), read(&small.bytes, 1 << 20));
}

#[test]
fn car_1_header_as_other_tools_write_it() {
    // Computed by hand from the CARv1 specification: dag-cbor of {"roots": [link], "version": 1}.
    let id = BlockId { codec: Codec::DagCbor, hash: crate::Hash([7; 32]) };
    let link = format!("d82a5825000171{}", "1e20".to_owned() + &"07".repeat(32));
    let text = format!("3aa265726f6f747381{link}6776657273696f6e01");
    assert_eq!(hex::encode(header(&id)), text);
    assert_eq!(header(&id).len(), HEADER_BYTES);
}

#[test]
fn car_5_one_changed_byte_everywhere() {
    let lab = lab(&[120, 0, 37, 200, 1, 90]);
    for at in 0..lab.bytes.len() {
        let header_of_section = lab.starts.iter().any(|s| (*s..s + 8).contains(&at));
        for value in 0..=255u8 {
            // Lengths and prefixes with every value; elsewhere a few.
            let try_it = header_of_section || matches!(value ^ lab.bytes[at], 0x01 | 0x80 | 0xff);
            if try_it && value != lab.bytes[at] {
                check_flip(&lab, at, value);
            }
        }
    }
}

#[test]
fn car_5_a_wrong_length_that_ends_at_a_later_section() {
    // 164 + 2 and 292 + 2: with one bit changed, the first length spans two sections exactly.
    let lab = lab(&[128, 90, 300]);
    let end = lab.starts[2] - lab.starts[0] - 2;
    let mut bytes = lab.bytes.clone();
    let mut number = Vec::new();
    let (mut rest, at) = (end, lab.starts[0]);
    while rest >= 0x80 {
        number.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    number.push(rest as u8);
    bytes[at..at + 2].copy_from_slice(&number);
    let events = read(&bytes, 1 << 20);
    assert_eq!(ids(&events), lab.ids);
    assert_eq!(skipped(&events), [(at as u64, at as u64 + 2)]);
    check_cover(&bytes, &events);
}

#[test]
fn car_5_cut_off_at_every_byte() {
    let lab = lab(&[120, 0, 37, 200]);
    for length in 0..lab.bytes.len() {
        let bytes = &lab.bytes[..length];
        let events = read(bytes, 1 << 20);
        check_cover(bytes, &events);
        let whole = lab.starts.iter().skip(1).filter(|s| **s <= length).count();
        assert_eq!(ids(&events), lab.ids[..whole]);
        let torn = length < HEADER_BYTES || !lab.starts.contains(&length);
        assert_eq!(skipped(&events).len(), usize::from(torn && length > 0), "at {length}");
    }
}

#[test]
fn car_5_nothing_but_rubbish() {
    for bytes in [vec![], vec![0; 5], vec![0; 1 << 20], noise(1 << 20, 1)] {
        let events = read(&bytes, 1 << 16);
        assert_eq!(events[0], Event::Header { root: None });
        check_cover(&bytes, &events);
        assert!(ids(&events).is_empty());
    }
}

#[test]
fn car_3_order_repeats_and_other_carriers_behind() {
    let lab = lab(&[120, 0, 37, 200]);
    let cut = |i: usize| {
        let end = lab.starts.get(i + 1).copied().unwrap_or(lab.bytes.len());
        &lab.bytes[lab.starts[i]..end]
    };
    let bytes = [&lab.bytes[..HEADER_BYTES], cut(2), cut(0), cut(2), cut(3), cut(1)].concat();
    let events = read(&bytes, 100);
    assert_eq!(ids(&events), [2, 0, 2, 3, 1].map(|i| lab.ids[i]));
    assert!(skipped(&events).is_empty());
    // Two carriers one after the other: only the second header is skipped.
    let twice = [&lab.bytes[..], &lab.bytes].concat();
    let events = read(&twice, 100);
    assert_eq!(ids(&events), [&lab.ids[..], &lab.ids].concat());
    let from = lab.bytes.len() as u64;
    assert_eq!(skipped(&events), [(from, from + HEADER_BYTES as u64)]);
    // Sections without any header.
    let events = read(&lab.bytes[HEADER_BYTES..], 100);
    assert_eq!((&events[0], ids(&events)), (&Event::Header { root: None }, lab.ids.clone()));
    assert!(skipped(&events).is_empty());
}

#[test]
fn car_3_too_long_a_block_is_not_taken() {
    let long = noise(MAX_BLOCK_BYTES + 1, 9);
    let lab = lab_of(&[(Codec::Raw, vec![1; 50]), (Codec::Raw, long), (Codec::Raw, vec![2; 50])]);
    let events = read(&lab.bytes, 1 << 16);
    assert_eq!(ids(&events), [lab.ids[0], lab.ids[2]]);
    assert_eq!(skipped(&events), [(lab.starts[1] as u64, lab.starts[2] as u64)]);
}

/// A block of nothing but beginnings of sections, each of them claiming the longest block.
fn traps(length: usize) -> Vec<u8> {
    let mut one = vec![0xa4, 0x80, 0x10, 0x01, 0x55, 0x1e, 0x20];
    one.resize(40, 3);
    one.into_iter().cycle().take(length).collect()
}

/// A block full of plausible ends: the shortest thing that looks like a section.
fn ends(length: usize) -> Vec<u8> {
    [0x24, 0x01, 0x55, 0x1e, 0x20].into_iter().cycle().take(length).collect()
}

#[test]
fn car_5_a_block_made_to_mislead_loses_no_other() {
    let inner = lab(&[100, 100, 100]).bytes;
    let nested = [inner.clone(), noise(999, 1), inner].concat();
    let raw = |data| (Codec::Raw, data);
    // The last bytes of this one, the next section and its block look like one good section.
    let victim = noise(500, 77);
    let mut behind = Vec::new();
    section(&BlockId::raw(&victim), &victim, &mut behind);
    let mut overlap = noise(600, 78);
    let reach = [&[9; 20][..], &behind[..300]].concat();
    let mut false_one = Vec::new();
    section(&BlockId::raw(&reach), &reach, &mut false_one);
    overlap.extend_from_slice(&false_one[..false_one.len() - 300]);
    for bad in [nested, overlap, traps(MAX_BLOCK_BYTES), ends(MAX_BLOCK_BYTES)] {
        let length = bad.len();
        let lab = lab_of(&[raw(noise(50, 3)), raw(bad), raw(victim.clone()), raw(noise(60, 4))]);
        let from = lab.starts[1];
        for at in [from, from + 1, from + 2, from + 3, from + 5, from + 20, from + length / 2] {
            check_flip(&lab, at, lab.bytes[at] ^ 0x81);
            check_flip(&lab, at, lab.bytes[at] ^ 0x01);
        }
    }
}

#[test]
fn car_5_work_is_bounded() {
    for bad in [traps(8 << 20), ends(8 << 20)] {
        let mut reader = CarReader::new();
        reader.feed(&bad);
        while reader.next(true).is_some() {}
        assert!(reader.spent <= CREDIT_START + CREDIT_PER_BYTE * bad.len() as u64);
        assert_eq!(reader.position(), bad.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn car_5_one_changed_byte_in_a_bigger_one(
        lengths in prop::collection::vec(0usize..40_000, 1..6),
        spot in any::<prop::sample::Index>(),
        near in prop::option::of(0usize..40),
        change in 1u8..=255,
    ) {
        let lab = lab(&lengths);
        let at = match near {
            // The beginning of a section, where it matters most.
            Some(n) => (lab.starts[spot.index(lab.starts.len())] + n).min(lab.bytes.len() - 1),
            None => spot.index(lab.bytes.len()),
        };
        check_flip(&lab, at, lab.bytes[at] ^ change);
    }

    #[test]
    fn car_6_much_damage_gives_up_every_whole_block(
        lengths in prop::collection::vec(0usize..3_000, 2..12),
        rubbish in prop::collection::vec((0usize..12, 1usize..200), 0..6),
        hits in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let clean = lab(&lengths);
        let mut bytes = clean.bytes[..HEADER_BYTES].to_vec();
        let mut expected = BTreeSet::new();
        let hits: BTreeSet<_> = hits.iter().map(|i| i.index(clean.bytes.len())).collect();
        for (i, start) in clean.starts.iter().enumerate() {
            for (_, length) in rubbish.iter().filter(|(before, _)| *before == i) {
                bytes.extend(noise(*length, *length as u64));
            }
            let end = clean.starts.get(i + 1).copied().unwrap_or(clean.bytes.len());
            let mut one = clean.bytes[*start..end].to_vec();
            hits.range(start..&end).for_each(|at| one[at - start] ^= 0x40);
            if hits.range(start..&end).next().is_none() {
                expected.insert(clean.ids[i]);
            }
            bytes.extend(one);
        }
        let events = read(&bytes, 1 << 14);
        check_cover(&bytes, &events);
        let found: BTreeSet<_> = ids(&events).into_iter().collect();
        prop_assert!(expected.is_subset(&found));
    }
}

#[test]
fn car_2_the_length_of_a_section_is_known_beforehand() {
    for bytes in [0, 1, 91, 92, 16_347, 16_348, 262_144] {
        let data = vec![7; bytes];
        let mut out = Vec::new();
        section(&BlockId::raw(&data), &data, &mut out);
        assert_eq!(out.len() as u64, super::super::section_length(bytes));
    }
}
