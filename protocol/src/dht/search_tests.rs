//! When is looked and told.
use super::*;
use crate::limits::*;
use crate::{ArchiveId, Hash};
use core::time::Duration;

fn archive(n: u8) -> ArchiveId {
    ArchiveId(Hash([n; 32]))
}

/// All that happens in so many seconds when each act ends at once: seconds and acts.
fn run(search: &mut Search, from: u64, seconds: u64, connected: usize) -> Vec<(u64, Act)> {
    let mut acts = Vec::new();
    for second in from..from + seconds {
        while let Some(act) = search.due(5, connected, true, Duration::from_secs(second)) {
            search.ended(&act.key());
            acts.push((second, act));
        }
    }
    acts
}

#[test]
fn dht_7_at_start_then_now_and_then() {
    let mut search = Search::new([1; 32]);
    assert!(search.follow(archive(1), false, Duration::ZERO));
    assert_eq!(search.due(0, 0, true, Duration::ZERO), None, "there is nobody to ask");
    let key = DhtKey::of(&archive(1));
    assert_eq!(search.due(1, 0, true, Duration::ZERO), Some(Act::Look(key)));
    assert_eq!(search.archive(&key), Some(archive(1)));
    search.ended(&key);
    let lonely = run(&mut search, 1, 3_600, 0).len();
    let many = run(&mut search, 10_000, 3_600, PEERS_WANTED).len();
    let (often, seldom) = (3_600_000 / DHT_LONELY_MS, 3_600_000 / DHT_LOOK_MS);
    assert!(lonely as u64 >= often * 3 / 4 && lonely as u64 <= often * 3 / 2, "{lonely}");
    assert!(many as u64 >= seldom / 2 && many as u64 <= seldom * 3 / 2, "{many}");
    assert_eq!(run(&mut search, 20_000, 30, PEERS_WANTED).len(), 1);
    assert_eq!(run(&mut search, 20_030, 30, PEERS_WANTED).len(), 0);
    search.hurry(Duration::from_secs(20_060));
    assert_eq!(run(&mut search, 20_060, 30, PEERS_WANTED).len(), 1);
}

#[test]
fn dht_8_told_more_often_while_young() {
    let mut search = Search::new([2; 32]);
    search.follow(archive(1), true, Duration::ZERO);
    let key = DhtKey::of(&archive(1));
    assert_eq!(search.due(1, 0, false, Duration::ZERO), Some(Act::Look(key)), "not reachable");
    search.ended(&key);
    let told = |acts: Vec<(u64, Act)>| {
        acts.into_iter().filter(|(_, act)| *act == Act::Tell(key)).map(|(at, _)| at)
    };
    let day: Vec<_> = told(run(&mut search, 1, 86_400, 99)).collect();
    assert!(day[0] == 1 && day.windows(2).take(3).all(|two| two[1] - two[0] > 10), "{day:?}");
    assert!((7..20).contains(&day.len()), "{day:?}");
    let longest = day.windows(2).map(|two| two[1] - two[0]).max().unwrap();
    assert!(longest * 1_000 <= DHT_TELL_MS * 5 / 4 && longest * 2_000 < DHT_KEEP_MS);
    // A release that is whole at last is told at once.
    search.follow(archive(2), false, Duration::from_secs(90_000));
    run(&mut search, 90_000, 5, 99);
    search.follow(archive(2), true, Duration::from_secs(90_010));
    let acts = run(&mut search, 90_010, 1, 99);
    assert_eq!(acts, [(90_010, Act::Tell(DhtKey::of(&archive(2))))]);
}

#[test]
fn dht_7_few_at_once_and_none_for_ever() {
    let mut search = Search::new([3; 32]);
    let taken = (0..200).filter(|n| search.follow(archive(*n), true, Duration::ZERO)).count();
    assert_eq!(taken, MAX_DHT_ARCHIVES);
    let now = Duration::from_secs(5);
    let begun: Vec<_> = std::iter::from_fn(|| search.due(5, 0, true, now)).collect();
    assert_eq!(begun.len(), MAX_DHT_LOOKUPS);
    assert_eq!(search.due(5, 0, true, now + Duration::from_secs(1)), None);
    // An end that never came is not waited for.
    let later = now + Duration::from_millis(DHT_PATIENCE_MS);
    assert!(search.due(5, 0, true, later).is_some());
}

#[test]
fn dht_8_what_is_served_no_more_is_taken_back_once() {
    let mut search = Search::new([1; 32]);
    let (key, now) = (DhtKey::of(&archive(1)), Duration::from_secs(1));
    search.follow(archive(1), true, now);
    assert_eq!(search.due(1, 0, true, now), Some(Act::Tell(key)));
    search.follow(archive(1), false, now);
    search.follow(archive(1), false, now);
    assert_eq!(search.due(0, 0, true, now), Some(Act::Hush(key)), "nobody needs to be there");
    assert_eq!(search.due(0, 0, true, now), None);
    search.follow(archive(1), true, now);
    search.ended(&key);
    assert_eq!(search.due(1, 0, true, now), Some(Act::Tell(key)));
    // Nothing was told of this one.
    search.follow(archive(2), false, now);
    assert!(!matches!(search.due(1, 0, true, now), Some(Act::Hush(_))));
}

#[test]
fn dht_9_what_is_dialled_counts_for_the_search_not_for_the_answer() {
    let mut search = Search::new([1; 32]);
    let (key, now) = (DhtKey::of(&archive(1)), Duration::from_secs(1));
    search.follow(archive(1), false, now);
    assert_eq!(search.left(&key), 0, "nothing was looked for");
    assert_eq!(search.due(1, 0, true, now), Some(Act::Look(key)));
    search.spent(&key, 3);
    assert_eq!(search.left(&key), MAX_DHT_FOUND - 3);
    search.spent(&key, 99);
    search.ended(&key);
    assert_eq!(search.left(&key), 0);
    let later = now + Duration::from_secs(3_600);
    assert_eq!(search.due(1, 0, true, later), Some(Act::Look(key)));
    assert_eq!(search.left(&key), MAX_DHT_FOUND);
}
