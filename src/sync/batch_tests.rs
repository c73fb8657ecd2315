use super::*;
use crate::store::MemoryStore;
use yadgar_protocol::Codec;
use yadgar_protocol::sync::bundle;

const MOST: usize = 256 * 1024;

/// A record as records are: much alike, a little different.
fn record(n: u32) -> Packed {
    let text = format!(
        "{{\"type\":\"victim\",\"number\":{n},\"note\":\"{}\"}}",
        "no real person ".repeat(30)
    );
    Packed::plain(Codec::Raw, text.into_bytes())
}

fn noise(len: usize) -> Packed {
    let mut bytes = vec![0; len];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    Packed::plain(Codec::Raw, bytes)
}

fn wanted(blocks: &[Packed], bundled: bool) -> VecDeque<Wanted> {
    blocks.iter().map(|block| Wanted { id: block.id, bundled }).collect()
}

fn store_of(blocks: &[Packed]) -> MemoryStore {
    let store = MemoryStore::new();
    store.put(blocks.to_vec()).unwrap();
    store
}

fn opened(bundled: &Bundled) -> Vec<Packed> {
    match bundled {
        Bundled::Together { frame, .. } => bundle::open(frame, &inflate).unwrap(),
        Bundled::Alone(_) => panic!("records shrink together"),
    }
}

#[test]
fn records_travel_together_and_take_less() {
    let records: Vec<_> = (0..60).map(record).collect();
    let store = store_of(&records);
    let one_by_one = read(&store, wanted(&records, true), MOST, false).unwrap();
    assert!(one_by_one.bundles.is_empty());
    let alone: usize =
        one_by_one.each.iter().flat_map(|(_, block)| block).map(|b| b.data.len()).sum();
    let together = read(&store, wanted(&records, true), MOST, true).unwrap();
    let [Bundled::Together { ids, frame }] = together.bundles.as_slice() else {
        panic!("one bundle")
    };
    assert_eq!((ids.len(), together.each.len()), (60, 0));
    assert!(frame.len() * 4 < alone, "{} of {alone}", frame.len());
    assert_eq!(opened(&together.bundles[0]), records);
}

#[test]
fn what_is_large_missing_or_not_to_be_bundled_goes_alone() {
    let blocks = [record(1), noise(20_000), noise(3_000), record(2)];
    let store = store_of(&blocks);
    let mut later = wanted(&blocks, true);
    later[0].bundled = false;
    later.push_back(Wanted { id: record(3).id, bundled: true });
    let read = read(&store, later, MOST, true).unwrap();
    let alone: Vec<_> = read.each.iter().map(|(id, block)| (*id, block.is_some())).collect();
    assert_eq!(alone, [(blocks[0].id, true), (blocks[1].id, true), (record(3).id, false)]);
    let in_bundles: usize = read
        .bundles
        .iter()
        .map(|bundled| match bundled {
            Bundled::Together { ids, .. } => ids.len(),
            Bundled::Alone(blocks) => blocks.len(),
        })
        .sum();
    assert_eq!(in_bundles, 2);
}

#[test]
fn a_full_bundle_is_followed_by_another() {
    let text = |n: u32| format!("{n}").repeat(4_000).into_bytes();
    let blocks: Vec<_> = (10_000..10_064).map(|n| text(n)[..16_000].to_vec()).collect();
    let blocks: Vec<_> = blocks.into_iter().map(|data| Packed::plain(Codec::Raw, data)).collect();
    let read = read(&store_of(&blocks), wanted(&blocks, true), 8 * MOST, true).unwrap();
    assert!(read.bundles.len() > 1 && read.each.is_empty() && read.later.is_empty());
    let all: Vec<_> = read.bundles.iter().flat_map(opened).collect();
    assert_eq!(all, blocks);
}
