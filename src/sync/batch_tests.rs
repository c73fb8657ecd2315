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
    // Alike, but none shrinks alone.
    let alike = |n: u8| [&noise(15_999).data[..], &[n]].concat();
    let blocks: Vec<_> = (0..64).map(|n| Packed::plain(Codec::Raw, alike(n))).collect();
    let read = read(&store_of(&blocks), wanted(&blocks, true), 8 * MOST, true).unwrap();
    assert!(read.bundles.len() > 1 && read.each.is_empty() && read.later.is_empty());
    let all: Vec<_> = read.bundles.iter().flat_map(opened).collect();
    assert_eq!(all, blocks);
}

#[test]
fn what_gains_nothing_by_company_goes_as_it_is_kept() {
    // Long runs of a letter shrink to nothing each, and are kept so.
    let blocks: Vec<_> = (b'a'..=b'd').map(|n| Packed::plain(Codec::Raw, vec![n; 9_000])).collect();
    let store = store_of(&blocks);
    let kept: Vec<_> = blocks.iter().map(|b| store.get_packed(&b.id).unwrap().unwrap()).collect();
    let read = read(&store, wanted(&blocks, true), MOST, true).unwrap();
    let less = |frame: &[u8]| frame.len() < kept.iter().map(|b| b.data.len()).sum();
    match read.bundles.as_slice() {
        [Bundled::Alone(alone)] => assert_eq!(alone, &kept),
        [Bundled::Together { frame, .. }] => assert!(less(frame)),
        other => panic!("{other:?}"),
    }
    let other = Packed::plain(Codec::Raw, noise(7_000).data[3_000..].to_vec());
    let noise = [noise(3_000), other];
    let read = super::read(&store_of(&noise), wanted(&noise, true), MOST, true).unwrap();
    assert!(matches!(read.bundles.as_slice(), [Bundled::Alone(alone)] if alone[..] == noise));
}
