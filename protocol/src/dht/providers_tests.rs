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

const HOUR: Duration = Duration::from_millis(DHT_SETTLED_MS);

/// A network of its own in a larger one of its own.
fn alone(n: u32) -> Class {
    Class { network: n.into(), coarse: n.into() }
}

fn add(all: &mut Store, n: u32, peer: u32, class: Class, now: Duration) -> Result<(), Refused> {
    all.add(key(n), peer, class, vec![], (now, 7))
}

#[test]
fn dht_4_a_record_lasts_a_day_and_is_renewed() {
    let mut all = Store::default();
    all.add(key(1), 7, alone(7), vec![1], (NOW, 0)).unwrap();
    all.add(key(1), 7, alone(7), vec![2; 99], (NOW + DAY / 2, 0)).unwrap();
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
        let kept = add(&mut all, 1, n, alone(5), NOW);
        assert_eq!(kept.is_ok(), (n as usize) < MAX_DHT_KEY_CLASS);
    }
    // Nor do many of one larger network.
    let near = |n: u32| Class { network: (1_000 + n).into(), coarse: 5 };
    let more = (100..200).filter(|n| add(&mut all, 1, *n, near(*n), NOW).is_ok()).count();
    assert_eq!(more, MAX_DHT_KEY_COARSE - MAX_DHT_KEY_CLASS);
    // Others come in all the same, until the key is full.
    let others = (200..400).filter(|n| add(&mut all, 1, *n, alone(*n), NOW).is_ok());
    assert_eq!(others.count(), MAX_DHT_KEY_RECORDS - MAX_DHT_KEY_COARSE);
}

#[test]
fn dht_4_what_is_over_takes_no_room() {
    let near = |n: u32| Class { network: (n / MAX_DHT_KEY_CLASS as u32).into(), coarse: 5 };
    let mut all = Store::default();
    for n in 0..MAX_DHT_KEY_COARSE as u32 {
        add(&mut all, 1, n, near(n), NOW).unwrap();
    }
    let other = Class { network: 9, coarse: 5 };
    assert_eq!(add(&mut all, 1, 900, other, NOW + DAY / 2), Err(Refused::Full));
    assert_eq!(add(&mut all, 1, 900, near(0), NOW + DAY / 2), Err(Refused::TooMany));
    // They were announced once. A day later the larger network has its places again, and so has the smaller one.
    assert_eq!(add(&mut all, 1, 900, other, NOW + DAY), Ok(()));
    assert_eq!(add(&mut all, 1, 901, near(0), NOW + DAY), Ok(()));
    assert_eq!(all.len(), 2);
    // Of many keys, too.
    let told = |all: &mut Store, now| {
        (0..MAX_DHT_PEER_RECORDS as u32 + 9)
            .filter(|n| add(all, 9 + n, 7, alone(7), now).is_ok())
            .count()
    };
    assert_eq!(told(&mut all, NOW + DAY), MAX_DHT_PEER_RECORDS);
    all.remove(&key(9), &7);
    let mut some = (0..9).map(|n| add(&mut all, 1_000 + n, 7, alone(7), NOW + DAY * 2));
    assert!(some.all(|kept| kept.is_ok()));
}

#[test]
fn dht_4_who_came_first_does_not_hold_a_key_for_good() {
    let mut all = Store::default();
    for n in 0..MAX_DHT_KEY_RECORDS as u32 {
        add(&mut all, 1, n, alone(n), NOW).unwrap();
    }
    assert_eq!(add(&mut all, 1, 900, alone(900), NOW), Err(Refused::Full), "all came of late");
    // They renew what they told, and give way all the same.
    let later = NOW + HOUR;
    for n in 0..MAX_DHT_KEY_RECORDS as u32 {
        add(&mut all, 1, n, alone(n), later).unwrap();
    }
    add(&mut all, 1, 900, alone(900), later).unwrap();
    // However many come then: the newest stay for an hour.
    for n in 1_000..1_900 {
        let _ = add(&mut all, 1, n, alone(n), later);
    }
    let held: Vec<_> = all.of(&key(1), later).map(|kept| kept.peer).collect();
    assert!(held.contains(&900) && held.len() == MAX_DHT_KEY_RECORDS && all.len() == held.len());
    // Which one goes is chosen by the random number.
    let gone = |chance: u64| {
        let mut all = Store::default();
        (0..MAX_DHT_KEY_RECORDS as u32).for_each(|n| add(&mut all, 1, n, alone(n), NOW).unwrap());
        all.add(key(1), 900, alone(900), vec![], (later, chance)).unwrap();
        let held: Vec<_> = all.of(&key(1), later).map(|kept| kept.peer).collect();
        (0..MAX_DHT_KEY_RECORDS as u32).find(|n| !held.contains(n))
    };
    assert_eq!((gone(0), gone(3), gone(u64::MAX)), (Some(0), Some(3), Some(15)));
}

#[test]
fn dht_4_one_node_tells_of_few_archives() {
    let mut all = Store::default();
    let kept = (0..10_000).filter(|n| add(&mut all, *n, 7, alone(7), NOW).is_ok()).count();
    assert_eq!(kept, MAX_DHT_PEER_RECORDS);
    // Under many names of one network it is little more.
    let more = (0..10_000).filter(|n| add(&mut all, *n, 100 + n, alone(7), NOW).is_ok()).count();
    assert_eq!(kept + more, MAX_DHT_CLASS_RECORDS);
    assert!(add(&mut all, 3, 9, alone(9), NOW).is_ok(), "others are not kept out");
    all.remove_peer(&7);
    assert!(all.len() <= MAX_DHT_CLASS_RECORDS + 1 - kept);
}

#[test]
fn dht_4_when_full_what_is_there_stays() {
    let mut all = Store::default();
    let mut n = 0;
    while add(&mut all, n, n, alone(n), NOW) != Err(Refused::Full) {
        n += 1;
    }
    assert_eq!(all.len(), MAX_DHT_RECORDS);
    assert_eq!(all.of(&key(0), NOW).count(), 1);
    assert!(add(&mut all, n, n, alone(n), NOW + DAY).is_ok(), "a day later it is gone");
}

proptest! {
    #[test]
    fn dht_4_never_over_any_bound(
        told in prop::collection::vec((0u32..40, 0u32..200, 0u64..6, 0u64..200, any::<u64>()), 1..400)
    ) {
        let mut all = Store::default();
        let mut now = NOW;
        for (n, peer, class, pass, chance) in told {
            now += Duration::from_secs(pass * 60);
            let class = Class { network: class, coarse: class / 2 };
            let _ = all.add(key(n), peer, class, vec![0; 9], (now, chance));
            let records: Vec<_> = (0..40).flat_map(|n| all.of(&key(n), now)).collect();
            prop_assert!(records.len() <= all.len() && all.len() <= MAX_DHT_RECORDS);
            prop_assert!(records.iter().filter(|k| k.peer == peer).count() <= MAX_DHT_PEER_RECORDS);
            prop_assert!(all.of(&key(n), now).count() <= MAX_DHT_KEY_RECORDS);
            prop_assert!(records.iter().all(|k| k.addresses.len() <= MAX_DHT_ADDRESSES));
        }
    }
}
