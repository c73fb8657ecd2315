//! Faults, points, bans.
use super::*;
use crate::limits::*;
use core::net::IpAddr;
use core::time::Duration;
use proptest::prelude::*;

const NOW: Duration = Duration::from_secs(1_000);
const HALF: Duration = Duration::from_millis(SCORE_HALF_MS);
const BAN: Duration = Duration::from_millis(BAN_MS);
const SECOND: Duration = Duration::from_secs(1);
const FAULTS: [Fault; 6] = [
    Fault::Lie,
    Fault::RefusedHead,
    Fault::InvalidGossip,
    Fault::DhtGarbage,
    Fault::Stall,
    Fault::Flood,
];

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

#[test]
fn score_1_a_lie_is_enough_and_others_add_up() {
    let mut scores = Scores::default();
    assert_eq!(scores.note(1, Fault::Lie, NOW), Standing::Banned);
    assert_eq!(scores.note(2, Fault::InvalidGossip, NOW), Standing::Good);
    assert_eq!(scores.note(2, Fault::InvalidGossip, NOW), Standing::Ignored);
    assert_eq!(scores.note(2, Fault::InvalidGossip, NOW), Standing::Ignored);
    assert_eq!(scores.note(2, Fault::InvalidGossip, NOW), Standing::Ignored);
    assert_eq!(scores.note(2, Fault::InvalidGossip, NOW), Standing::Banned);
    assert!(scores.is_empty(), "both begin anew after their bans");
    let floods = (0..).take_while(|_| scores.note(3, Fault::Flood, NOW) != Standing::Banned);
    assert_eq!(floods.count(), SCORE_BAN as usize - 1);
}

#[test]
fn score_1_nobody_is_refused_or_ignored_for_a_slow_line() {
    let mut scores = Scores::default();
    for _ in 0..100 {
        assert_eq!(scores.note(1, Fault::Stall, NOW), Standing::Good);
    }
    assert_eq!(scores.points(&1, NOW), SCORE_STALLS);
}

#[test]
fn score_2_points_halve() {
    let mut scores = Scores::default();
    for _ in 0..4 {
        scores.note(1, Fault::InvalidGossip, NOW);
    }
    let points = [0, 1, 2, 3].map(|n| scores.points(&1, NOW + HALF * n));
    assert_eq!(points, [80, 40, 20, 10]);
    assert_eq!(scores.points(&1, NOW + HALF / 2), 60);
    assert_eq!(scores.standing(&1, NOW + HALF), Standing::Ignored);
    assert_eq!(scores.standing(&1, NOW + HALF + SECOND), Standing::Good);
    assert_eq!(scores.all(NOW + HALF * 20), []);
    assert!(scores.is_empty());
}

#[test]
fn score_4_who_has_least_gives_way() {
    let mut scores = Scores::default();
    scores.note(0, Fault::RefusedHead, NOW);
    for n in 1..=10_000 {
        scores.note(n, Fault::Flood, NOW);
    }
    assert_eq!(scores.len(), MAX_SCORES);
    assert_eq!(scores.points(&0, NOW), Fault::RefusedHead.points());
}

proptest! {
    /// Points never grow by themselves, never exceed what was noted, and the order of names does not matter.
    #[test]
    fn score_2_properties(
        steps in prop::collection::vec((0u8..5, 0usize..6, 0u64..2_000), 1..200)
    ) {
        let (mut scores, mut now) = (Scores::default(), NOW);
        let mut noted = [0u64; 5];
        for (peer, fault, pass) in steps {
            let before: Vec<_> = (0..5).map(|p| scores.points(&p, now)).collect();
            now += Duration::from_secs(pass);
            for p in 0..5u8 {
                prop_assert!(scores.points(&p, now) <= before[usize::from(p)]);
            }
            let fault = FAULTS[fault];
            noted[usize::from(peer)] += u64::from(fault.points());
            let had = scores.points(&peer, now);
            let standing = scores.note(peer, fault, now);
            if standing == Standing::Banned {
                prop_assert!(had + 1 + fault.points() >= SCORE_BAN);
                prop_assert_eq!(scores.points(&peer, now), 0);
            } else {
                prop_assert_eq!(scores.standing(&peer, now), standing);
                prop_assert!(scores.points(&peer, now) < SCORE_BAN);
            }
            prop_assert!(u64::from(scores.points(&peer, now)) <= noted[usize::from(peer)]);
            prop_assert!(scores.len() <= 5);
        }
    }

    /// However many are banned from wherever, what is remembered is bounded, and the last one is refused.
    #[test]
    fn score_5_bans_are_bounded(bans in prop::collection::vec((0u32..9_000, 0u32..9_000), 1..3_000)) {
        let mut all = Bans::default();
        for (n, (peer, from)) in bans.into_iter().enumerate() {
            let now = NOW + Duration::from_millis(n as u64);
            all.ban(peer, Some(IpAddr::from((0x0900_0000 + from).to_be_bytes())), now);
            prop_assert!(all.is_banned(&peer, now + BAN - SECOND) && !all.is_banned(&peer, now + BAN));
            let (peers, addresses) = all.len();
            prop_assert!(peers <= MAX_BANS && addresses <= MAX_BANS);
        }
    }
}

#[test]
fn score_6_an_address_is_refused_briefly_and_only_after_three() {
    let (mut bans, nat) = (Bans::default(), ip("9.9.9.1"));
    // One peer, however often, does not shut out its neighbours.
    (0..10).for_each(|_| bans.ban(1, nat, NOW));
    bans.ban(2, nat, NOW);
    assert!(!bans.is_address_banned(nat, NOW));
    let later = NOW + BAN - SECOND;
    bans.ban(3, nat, later);
    let brief = Duration::from_millis(ADDRESS_BAN_MS);
    assert!(bans.is_address_banned(nat, later + brief - SECOND));
    assert!(!bans.is_address_banned(ip("9.9.9.2"), later));
    assert!(!bans.is_address_banned(nat, later + brief));
    // Those who are private are told as none.
    (10..20).for_each(|n| bans.ban(n, None, later));
    assert!(bans.is_banned(&10, later) && !bans.is_address_banned(None, later));
}

#[test]
fn score_6_offenders_of_long_ago_do_not_count() {
    let (mut bans, nat, mut now) = (Bans::default(), ip("9.9.9.1"), NOW);
    for n in 0..9 {
        bans.ban(n, nat, now);
        assert!(!bans.is_address_banned(nat, now));
        now += BAN / 2;
    }
}

#[test]
fn score_6_an_ipv6_line_is_its_64() {
    let mut bans = Bans::default();
    for n in 1..=3 {
        bans.ban(n, ip(&format!("2a00:db8:1:2::{n}")), NOW);
    }
    assert!(bans.is_address_banned(ip("2a00:db8:1:2::77"), NOW));
    assert!(!bans.is_address_banned(ip("2a00:db8:1:3::1"), NOW));
}

#[test]
fn score_7_a_crowd_behind_one_address_gets_less_gossip() {
    assert_eq!([0, 1, 4, 5, 8, 99].map(crowded), [0, 0, 0, 1, 16, SCORE_BAN]);
}
