//! What is kept for others stays bounded, whoever tells what.
use super::*;
use crate::limits::*;
use crate::{ArchiveId, Hash};
use core::time::Duration;
use proptest::prelude::*;

const NOW: Duration = Duration::from_secs(1_000);
const DAY: Duration = Duration::from_millis(DHT_KEEP_MS);

fn key(n: u32) -> DhtKey {
    DhtKey::of(&ArchiveId(Hash::of(&n.to_le_bytes())))
}

type Store = Providers<u32, u8>;

#[test]
fn dht_4_a_record_lasts_a_day_and_is_renewed() {
    let mut all = Store::default();
    all.add(key(1), 7, 7, vec![1], NOW).unwrap();
    all.add(key(1), 7, 7, vec![2; 99], NOW + DAY / 2).unwrap();
    let kept: Vec<_> = all.of(&key(1), NOW + DAY).collect();
    assert_eq!((kept.len(), kept[0].addresses.len()), (1, MAX_DHT_ADDRESSES));
    assert_eq!(all.of(&key(1), NOW + DAY * 2).count(), 0);
    assert_eq!(all.len(), 1);
    all.forget(NOW + DAY * 2);
    assert!(all.is_empty());
}

#[test]
fn dht_4_one_network_does_not_fill_a_key() {
    let mut all = Store::default();
    for n in 0..100 {
        let kept = all.add(key(1), n, 5, vec![], NOW);
        assert_eq!(kept.is_ok(), (n as usize) < MAX_DHT_KEY_CLASS);
    }
    // Others come in all the same, until the key is full.
    let others = (200..400).filter(|n| all.add(key(1), *n, u64::from(*n), vec![], NOW).is_ok());
    assert_eq!(others.count(), MAX_DHT_KEY_RECORDS - MAX_DHT_KEY_CLASS);
}

#[test]
fn dht_4_one_node_tells_of_few_archives() {
    let mut all = Store::default();
    let kept = (0..10_000).filter(|n| all.add(key(*n), 7, 7, vec![], NOW).is_ok()).count();
    assert_eq!(kept, MAX_DHT_PEER_RECORDS);
    // Under many names of one network it is little more.
    let more = (0..10_000).filter(|n| all.add(key(*n), 100 + n, 7, vec![], NOW).is_ok()).count();
    assert_eq!(kept + more, MAX_DHT_CLASS_RECORDS);
    assert!(all.add(key(3), 9, 9, vec![], NOW).is_ok(), "others are not kept out");
    all.remove_peer(&7);
    assert!(all.len() <= MAX_DHT_CLASS_RECORDS + 1 - kept);
}

#[test]
fn dht_4_when_full_what_is_there_stays() {
    let mut all = Store::default();
    let mut n = 0;
    while all.add(key(n), n, u64::from(n), vec![], NOW) != Err(Refused::Full) {
        n += 1;
    }
    assert_eq!(all.len(), MAX_DHT_RECORDS);
    assert_eq!(all.of(&key(0), NOW).count(), 1);
    assert!(all.add(key(n), n, u64::from(n), vec![], NOW + DAY).is_ok(), "a day later it is gone");
}

proptest! {
    #[test]
    fn dht_4_never_over_any_bound(
        told in prop::collection::vec((0u32..40, 0u32..200, 0u64..6, 0u64..200), 1..400)
    ) {
        let mut all = Store::default();
        let mut now = NOW;
        for (n, peer, class, pass) in told {
            now += Duration::from_secs(pass * 60);
            let _ = all.add(key(n), peer, class, vec![0; 9], now);
            let records: Vec<_> = (0..40).flat_map(|n| all.of(&key(n), now)).collect();
            prop_assert!(records.len() <= all.len() && all.len() <= MAX_DHT_RECORDS);
            prop_assert!(records.iter().filter(|k| k.peer == peer).count() <= MAX_DHT_PEER_RECORDS);
            prop_assert!(all.of(&key(n), now).count() <= MAX_DHT_KEY_RECORDS);
            prop_assert!(records.iter().all(|k| k.addresses.len() <= MAX_DHT_ADDRESSES));
        }
    }
}
