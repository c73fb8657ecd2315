//! What is believed, passed on and forgotten, with tellers who lie.
use super::record_tests::{at, key, peer, sign};
use super::*;
use crate::limits::{
    MAX_PEER_DIALS, MAX_PEER_FILE_BYTES, MAX_PEER_LIST, MAX_PEER_TRIES, MAX_PEERS_GLOBAL,
    MAX_PEERS_PER_ADDRESS, MAX_PEERS_PER_NETWORK, MAX_PEERS_PER_TELLER, PEER_DIAL_FEW_MS,
    PEER_DIAL_MS, PEER_FEW_LASTS_MS, PEER_PAUSE_MS, PEERS_FEW, PEERS_WANTED,
};
use core::time::Duration;
use std::collections::BTreeSet;

const NOW: Duration = Duration::ZERO;
const HOUR: Duration = Duration::from_secs(3_600);

fn memory() -> Memory {
    Memory::new(key(0), [1; 32], [2; 32])
}

fn network(memory: &Memory, ip: &str) -> Network {
    Network::new(memory.home(), ip.parse().unwrap(), 24, None)
}

fn teller(n: u32, ip: &str) -> Teller {
    Teller { key: key(n), ip: ip.parse().unwrap() }
}

/// A public address for each number, each in a network of its own.
fn public(n: u32) -> String {
    format!("9.{}.{}.7:4774", n / 256, n % 256)
}

fn tell(memory: &mut Memory, teller: &Teller, peers: &[Peer]) -> usize {
    peers.chunks(MAX_PEER_LIST).map(|list| memory.hear(teller, list, NOW)).sum()
}

/// A memory with so many proved records.
fn proved(count: u32) -> Memory {
    let mut memory = memory();
    for n in 1..=count {
        let addr = public(n);
        tell(&mut memory, &teller(n, addr.split(':').next().unwrap()), &[peer(n, 1, &[&addr])]);
        memory.proved(&key(n), at(&addr).ip, NOW);
    }
    assert_eq!(memory.known().iter().filter(|k| k.proved).count(), count as usize);
    memory
}

#[test]
fn peer_7_private_addresses_of_far_tellers_count_for_nothing() {
    let mut memory = memory();
    memory.situated(vec![network(&memory, "192.168.1.7")], Vec::new(), false);
    let all = [
        peer(1, 1, &["192.168.1.9:4774"]),
        peer(2, 1, &["10.0.0.9:4774"]),
        peer(3, 1, &["127.0.0.1:4774"]),
    ];
    for far in ["9.9.9.9", "192.168.2.9", "10.0.0.9", "127.0.0.1"] {
        assert_eq!(tell(&mut memory, &teller(9, far), &all), 0, "{far}");
    }
    // A neighbour is believed what is in our own network, and no more.
    assert_eq!(tell(&mut memory, &teller(9, "192.168.1.9"), &all), 1);
    assert_eq!(memory.known()[0].addresses, [at("192.168.1.9:4774")]);
}

#[test]
fn peer_6_addresses_of_a_lan_stay_there() {
    let mut memory = memory();
    let home = network(&memory, "192.168.1.7");
    let own = ["192.168.1.7:4774", "9.9.9.9:4774", "127.0.0.1:4774", "10.0.0.1:4774"];
    memory.situated(vec![home], own.iter().map(|a| at(a)).collect(), false);
    for (place, unsigned) in memory.unsigned() {
        memory.signed(place, sign(0, unsigned));
    }
    assert!(memory.unsigned().is_empty(), "nothing changed");
    tell(&mut memory, &teller(1, "192.168.1.9"), &[peer(1, 1, &["192.168.1.9:4774"])]);
    let scopes = |memory: &mut Memory, asker: Teller| {
        let list = memory.answer(&asker);
        list.iter().map(|p| (p.key(), p.scope())).collect::<BTreeSet<_>>()
    };
    let far = scopes(&mut memory, teller(5, "8.8.8.8"));
    assert_eq!(far, BTreeSet::from([(key(0), Scope::Global)]));
    // Nor to whoever has such an address elsewhere.
    assert_eq!(scopes(&mut memory, teller(5, "192.168.2.9")), far);
    let near = scopes(&mut memory, teller(5, "192.168.1.5"));
    let lan = [(key(0), Scope::Lan), (key(1), Scope::Lan)];
    assert_eq!(near, far.union(&lan.into()).copied().collect());
    // In another network of the same numbers, what was heard in the first is neither told nor dialled.
    let away = Network::new(memory.home(), home.ip, 24, Some("192.168.1.254".parse().unwrap()));
    memory.situated(vec![away], Vec::new(), false);
    memory.unsigned();
    assert!(scopes(&mut memory, teller(5, "192.168.1.5")).is_empty());
    assert_eq!(memory.due(HOUR, &BTreeSet::new(), PEERS_WANTED), None);
    memory.situated(vec![home], Vec::new(), false);
    assert!(memory.due(HOUR, &BTreeSet::new(), PEERS_WANTED).is_some());
}

#[test]
fn peer_6_what_only_others_told_is_not_passed_on() {
    let mut memory = memory();
    let told = peer(1, 1, &[&public(1)]);
    tell(&mut memory, &teller(9, "8.8.8.8"), std::slice::from_ref(&told));
    assert!(memory.answer(&teller(5, "7.7.7.7")).is_empty());
    memory.proved(&key(1), at(&public(2)).ip, NOW);
    assert!(memory.answer(&teller(5, "7.7.7.7")).is_empty(), "another address");
    memory.proved(&key(1), at(&public(1)).ip, NOW);
    assert_eq!(memory.answer(&teller(5, "7.7.7.7")), [told]);
    assert!(memory.answer(&teller(1, "7.7.7.7")).is_empty(), "he knows himself");
}

#[test]
fn peer_8_a_liar_pushes_nobody_out() {
    let mut memory = proved(192);
    for n in 1_000..1_010 {
        tell(&mut memory, &teller(n, &format!("7.7.{}.7", n % 256)), &[peer(n, 1, &[&public(n)])]);
    }
    let before: BTreeSet<_> = memory.known().iter().map(|k| *k.key.as_bytes()).collect();
    // Under any number of names, of any number of nodes, from two networks.
    for n in 2_000..4_000 {
        let from = teller(n, if n % 2 == 0 { "6.6.6.6" } else { "5.5.5.5" });
        tell(&mut memory, &from, &[peer(n, 1, &[&public(n)])]);
    }
    let after: BTreeSet<_> = memory.known().iter().map(|k| *k.key.as_bytes()).collect();
    assert!(before.is_subset(&after));
    assert!(after.len() <= before.len() + 2 * MAX_PEERS_PER_TELLER);
    assert!(after.len() <= MAX_PEERS_GLOBAL);
}

#[test]
fn peer_8_all_who_come_by_tor_are_one_class() {
    let mut memory = memory();
    memory.situated(Vec::new(), vec![at("127.0.0.1:4774")], false);
    for n in 1..100 {
        tell(&mut memory, &teller(n, "127.0.0.1"), &[peer(n, 1, &[&public(n)])]);
    }
    assert_eq!(memory.known().len(), MAX_PEERS_PER_TELLER);
    assert!(memory.unsigned().is_empty() && memory.answer(&teller(5, "::1")).len() < MAX_PEER_LIST);
}

#[test]
fn peer_8_hearsay_keeps_the_owner_of_an_address_from_no_memory() {
    let mut memory = memory();
    // Names enough for one address and for all of its network, told by others and by nodes that are elsewhere.
    for n in 10..30 {
        let from = teller(if n % 2 == 0 { n } else { 99 }, &format!("6.0.{n}.1"));
        let last = if n < 20 { 9 } else { n };
        tell(&mut memory, &from, &[peer(n, 1, &[&format!("9.9.9.{last}:{}", 4_000 + n)])]);
    }
    assert_eq!(memory.known().len(), MAX_PEERS_PER_NETWORK);
    let honest = |n: u32| [peer(n, 1, &[&format!("9.9.9.9:{}", 5_000 + n)])];
    assert_eq!(tell(&mut memory, &teller(50, "6.1.1.1"), &honest(1)), 0, "hearsay");
    assert_eq!(tell(&mut memory, &teller(1, "6.1.1.1"), &honest(1)), 0, "from elsewhere");
    for n in 1..=MAX_PEERS_PER_ADDRESS as u32 {
        assert_eq!(tell(&mut memory, &teller(n, "9.9.9.9"), &honest(n)), 1, "{n}");
        assert!(memory.answer(&teller(40, "7.7.7.7")).contains(&honest(n)[0]), "it is told on");
    }
    // Who showed that it is there gives way to nobody, nor who proved good.
    assert_eq!(tell(&mut memory, &teller(60, "9.9.9.9"), &honest(60)), 0);
    memory.proved(&key(21), at("9.9.9.21:4021").ip, NOW);
    for n in 70..90 {
        let all = [peer(n, 1, &[&format!("9.9.9.{n}:4774")])];
        tell(&mut memory, &teller(n, &format!("9.9.9.{n}")), &all);
    }
    let known: Vec<_> = memory.known().iter().map(|k| k.key).collect();
    assert!((1..=4).all(|n| known.contains(&key(n))), "{known:?}");
    assert!(memory.known().iter().filter(|k| k.proved).all(|k| k.key == key(21)));
    assert_eq!(known.len(), MAX_PEERS_PER_NETWORK);
    // A node that named its address and then another's has shown nothing of that.
    tell(&mut memory, &teller(200, "5.5.5.5"), &[peer(200, 1, &["5.5.5.5:4774"])]);
    tell(&mut memory, &teller(200, "5.5.5.5"), &[peer(200, 2, &["5.5.6.6:4774"])]);
    for n in 201..204 {
        tell(&mut memory, &teller(n, "6.2.2.2"), &[peer(n, 1, &["5.5.6.6:4774"])]);
    }
    for n in 210..214 {
        assert_eq!(tell(&mut memory, &teller(n, "5.5.6.6"), &[peer(n, 1, &["5.5.6.6:4774"])]), 1);
    }
}

#[test]
fn peer_8_from_everywhere_only_the_unproved_give_way() {
    let mut memory = proved(100);
    for n in 2_000..6_000 {
        tell(
            &mut memory,
            &teller(n, &format!("6.{}.{}.1", n / 256, n % 256)),
            &[peer(n, 1, &[&public(n)])],
        );
    }
    let known = memory.known();
    assert_eq!(known.len(), MAX_PEERS_GLOBAL);
    assert_eq!(known.iter().filter(|k| k.proved).count(), 100);
}

#[test]
fn peer_8_few_of_one_address_and_network() {
    let mut memory = memory();
    for n in 1..100 {
        let from = teller(n, &format!("6.0.{n}.1"));
        tell(&mut memory, &from, &[peer(n, 1, &[&format!("9.9.9.9:{}", 4_000 + n)])]);
    }
    assert_eq!(memory.known().len(), MAX_PEERS_PER_ADDRESS);
    for n in 100..200 {
        let from = teller(n, &format!("6.0.{n}.1"));
        tell(&mut memory, &from, &[peer(n, 1, &[&format!("9.9.9.{n}:4774")])]);
    }
    assert_eq!(memory.known().len(), MAX_PEERS_PER_NETWORK);
    // Nor by a record that was elsewhere first.
    tell(&mut memory, &teller(300, "6.1.1.1"), &[peer(300, 1, &[&public(300)])]);
    tell(&mut memory, &teller(300, "6.1.1.1"), &[peer(300, 2, &["9.9.9.9:4774"])]);
    let at_victim = |k: &Known| k.addresses.contains(&at("9.9.9.9:4774"));
    assert!(!memory.known().iter().any(at_victim));
}

#[test]
fn peer_10_nobody_is_hammered() {
    let mut memory = memory();
    let (mut now, mut dials) = (NOW, 0);
    // A liar tells the same victim again and again, with new records and new names, for a day.
    for round in 0..86_400u32 {
        now = Duration::from_secs(round.into());
        let n = round % 500 + 1;
        let list = [peer(n, round.into(), &[&format!("9.9.9.9:{}", 2_000 + round % 3_000)])];
        if round % 30 == 0 {
            memory.hear(&teller(n, "6.6.6.6"), &list, now);
        }
        if let Some(dial) = memory.due(now, &BTreeSet::new(), PEERS_WANTED) {
            dials += 1;
            memory.dialled(&dial, round % 2 == 0, now);
        }
    }
    // Four records, five dials each, in eight minutes at least: 30 s, 1, 2, 4 min and the next.
    let rounds = now.as_secs() / (450 * 3 / 4) + 1;
    assert!(dials <= rounds * 4 * u64::from(MAX_PEER_TRIES), "{dials}");
    assert!(dials > 100, "the test does not dial");
}

#[test]
fn peer_10_who_lost_everybody_waits_no_longer_than_who_had_nobody() {
    let mut memory = proved(12);
    let second = Duration::from_secs(1);
    let connected: BTreeSet<_> = (1..=8).map(|n| *key(n).as_bytes()).collect();
    let mut now = HOUR;
    let probe = memory.due(now, &connected, PEERS_WANTED).unwrap();
    memory.dialled(&probe, true, now);
    assert_eq!(memory.due(now + second * 299, &connected, PEERS_WANTED), None, "there are enough");
    // All are gone at once.
    now += second * 2;
    let dial = memory.due(now, &BTreeSet::new(), PEERS_WANTED).unwrap();
    memory.dialled(&dial, false, now);
    assert_eq!(memory.due(now + second, &BTreeSet::new(), PEERS_WANTED), None, "one at a time");
    // Those that were tried in vain before are tried again.
    for _ in 0..12 {
        now += second * 2;
        let dial = memory.due(now, &BTreeSet::new(), PEERS_WANTED);
        dial.iter().for_each(|dial| memory.dialled(dial, false, now));
    }
    now += second * 2;
    assert_eq!(memory.due(now, &BTreeSet::new(), PEERS_WANTED), None, "all were tried");
    memory.moved(now);
    assert!(memory.due(now, &BTreeSet::new(), PEERS_WANTED).is_some());
}

#[test]
fn peer_10_who_has_few_tries_what_is_remembered_sooner() {
    let quick = Duration::from_millis(PEER_DIAL_FEW_MS);
    // Away for long: of many that proved good, one is left. Strangers that dialled are many, and do not count.
    let (strangers, count) = ((500..540).map(|n| *key(n).as_bytes()).collect(), 60_u32);
    let took = |chosen: usize, since: Duration| {
        let (mut memory, mut now) = (proved(count), HOUR);
        // It begins with few, and that begins to count.
        let first = memory.due(now, &strangers, chosen);
        first.iter().for_each(|dial| memory.put_off(dial, now));
        now += since + Duration::from_millis(PEER_PAUSE_MS);
        for _ in 0..count {
            let dial = memory.due(now, &strangers, chosen);
            if let Some(dial) = dial {
                memory.dialled(&dial, false, now);
            }
            now += quick;
        }
        memory.known().iter().filter(|known| known.fails > 0).count()
    };
    assert_eq!(took(PEERS_FEW - 1, NOW), count as usize, "each of them once");
    let slow = u64::from(count) * PEER_DIAL_FEW_MS / PEER_DIAL_MS;
    assert!(took(PEERS_FEW, NOW) as u64 <= slow + 1, "else at the usual pace");
    let long = Duration::from_millis(PEER_FEW_LASTS_MS);
    assert!(took(PEERS_FEW - 1, long) as u64 <= slow + 1, "there are no others");
}

#[test]
fn peer_10_a_dial_that_was_not_begun_counts_for_nothing() {
    let (mut memory, nobody) = (memory(), BTreeSet::new());
    let list = [peer(2, 1, &[&public(2)]), peer(3, 1, &[&public(3)])];
    tell(&mut memory, &teller(9, "8.8.8.8"), &list);
    let mut now = NOW;
    for _ in 0..10 * MAX_PEER_TRIES {
        let dial = memory.due(now, &nobody, 0).expect("forgotten, or its address used up");
        memory.put_off(&dial, now);
        let other = memory.due(now, &nobody, 0).expect("it took the turn of another");
        assert_ne!(dial, other);
        memory.put_off(&other, now);
        assert_eq!(memory.due(now + Duration::from_millis(PEER_DIAL_MS), &nobody, 0), None);
        now += Duration::from_millis(PEER_PAUSE_MS);
    }
    assert!(memory.known().iter().all(|known| known.fails == 0));
}

#[test]
fn peer_10_guests_are_looked_for_however_many_dials_hang() {
    let mut memory = proved(60);
    let addr = public(100);
    let guest = teller(100, addr.split(':').next().unwrap());
    tell(&mut memory, &guest, &[peer(100, 1, &[&addr])]);
    let inbound = BTreeSet::from([*key(100).as_bytes()]);
    // None of them ever ends.
    for n in 0..10 {
        assert!(
            memory.due(HOUR + Duration::from_millis(n * PEER_DIAL_FEW_MS), &inbound, 0).is_some()
        );
    }
    let check = memory.due_check(HOUR, &inbound).unwrap();
    assert_eq!(check.key, key(100));
}

#[test]
fn peer_10_a_probe_of_one_that_is_gone_is_followed_by_another_and_checks_go_on_beside() {
    let mut memory = proved(12);
    let second = Duration::from_secs(1);
    let connected: BTreeSet<_> = (1..=8).map(|n| *key(n).as_bytes()).collect();
    let addr = public(20);
    let guest = teller(20, addr.split(':').next().unwrap());
    tell(&mut memory, &guest, &[peer(20, 1, &[&addr])]);
    let inbound = BTreeSet::from([*key(20).as_bytes()]);
    let all: BTreeSet<_> = connected.union(&inbound).copied().collect();
    let gone = memory.due(HOUR, &all, PEERS_WANTED).unwrap();
    memory.dialled(&gone, false, HOUR);
    let there = memory.due(HOUR + second * 2, &all, PEERS_WANTED).unwrap();
    memory.dialled(&there, true, HOUR + second * 2);
    assert_eq!(memory.due(HOUR + second * 4, &all, PEERS_WANTED), None);
    let check = memory.due_check(HOUR + second * 4, &inbound).unwrap();
    assert_eq!(check.key, key(20));
    // That a guest cannot be reached is no reason to probe others.
    memory.dialled(&check, false, HOUR + second * 5);
    assert_eq!(memory.due(HOUR + second * 7, &all, PEERS_WANTED), None);
    assert!(memory.due(HOUR + second * 302, &all, PEERS_WANTED).is_some());
}

#[test]
fn peer_10_the_unproved_are_forgotten_and_the_proved_are_not() {
    let mut memory = proved(1);
    tell(&mut memory, &teller(9, "8.8.8.8"), &[peer(2, 1, &[&public(2)])]);
    for hour in 1..40 {
        let now = HOUR * hour;
        for _ in 0..4 {
            let later = now + Duration::from_secs(10 * u64::from(hour));
            if let Some(dial) = memory.due(later, &BTreeSet::new(), PEERS_WANTED) {
                memory.dialled(&dial, false, later);
            }
        }
    }
    let known = memory.known();
    assert_eq!((known.len(), known[0].key), (1, key(1)));
    assert!(known[0].fails > MAX_PEER_TRIES);
    // Who moved elsewhere is not proved any more.
    tell(&mut memory, &teller(1, "8.8.8.8"), &[peer(1, 2, &[&public(3)])]);
    assert!(!memory.known()[0].proved);
}

#[test]
fn peer_4_the_highest_number_wins_and_ones_own_is_caught_up_with() {
    let mut memory = memory();
    let from = teller(9, "8.8.8.8");
    assert_eq!(tell(&mut memory, &from, &[peer(1, 5, &[&public(1)])]), 1);
    assert_eq!(tell(&mut memory, &from, &[peer(1, 5, &[&public(2)])]), 0);
    assert_eq!(tell(&mut memory, &from, &[peer(1, 4, &[&public(2)])]), 0);
    assert_eq!(tell(&mut memory, &from, &[peer(1, 6, &[&public(2)])]), 1);
    memory.situated(Vec::new(), vec![at("9.9.9.9:4774")], false);
    let (place, first) = memory.unsigned().remove(0);
    memory.signed(place, sign(0, first));
    // The disk was lost: others know a later one.
    tell(&mut memory, &from, &[peer(0, 70, &["9.9.9.8:4774"])]);
    let (place, next) = memory.unsigned().remove(0);
    let next = sign(0, next);
    assert_eq!(next.sequence(), 71);
    memory.signed(place, next.clone());
    tell(&mut memory, &from, &[next]);
    assert!(memory.unsigned().is_empty(), "our own words are no news");
}

#[test]
fn peer_9_what_is_kept_comes_back_and_damage_is_seen() {
    let mut memory = proved(192);
    let home = network(&memory, "192.168.1.7");
    memory.situated(vec![home], Vec::new(), false);
    let neighbour = teller(1, "192.168.1.9");
    tell(&mut memory, &neighbour, &[peer(1, 1, &["192.168.1.9:4774"])]);
    let bytes = memory.to_keep().unwrap();
    assert!(bytes.len() < MAX_PEER_FILE_BYTES);
    assert_eq!(memory.to_keep(), None, "nothing new");
    let mut again = Memory::from_kept(&bytes, key(0), [3; 32]).unwrap();
    assert_eq!(again.home(), memory.home());
    again.situated(vec![home], Vec::new(), false);
    assert_eq!(again.known(), memory.known());
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert!(Memory::from_kept(&bytes[..cut], key(0), [3; 32]).is_err());
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 97) {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        // Some bits say no more than whether something is proved, or who told it.
        let _ = Memory::from_kept(&bad, key(0), [3; 32]);
    }
}

#[test]
fn peer_9_tags_of_networks_say_nothing_outside() {
    let net = |home: u8, ip: &str, prefix, gate: Option<&str>| {
        Network::new(&[home; 32], ip.parse().unwrap(), prefix, gate.map(|g| g.parse().unwrap())).tag
    };
    let one = net(1, "192.168.1.7", 24, Some("192.168.1.1"));
    assert_eq!(one, net(1, "192.168.1.200", 24, Some("192.168.1.1")));
    assert_ne!(one, net(2, "192.168.1.7", 24, Some("192.168.1.1")));
    assert_ne!(one, net(1, "192.168.1.7", 24, None));
    assert_ne!(one, net(1, "192.168.1.7", 16, Some("192.168.1.1")));
}

/// One address, one node after the other: mirrors with a new identity, addresses that a router gives out again.
#[test]
fn peer_8_who_is_gone_gives_way_to_who_is_there_now() {
    let mut memory = memory();
    memory.situated(vec![network(&memory, "192.168.1.7")], Vec::new(), false);
    let of = |n: u32| [peer(n, 1, &["192.168.1.9:4774"])];
    let (there, ip) = ("192.168.1.9", at("192.168.1.9:4774").ip);
    let mut now = NOW;
    let come = |memory: &mut Memory, n: u32, now: Duration| {
        let taken = memory.hear(&teller(n, there), &of(n), now);
        memory.proved(&key(n), ip, now);
        taken
    };
    for n in 1..=MAX_PEERS_PER_ADDRESS as u32 {
        assert_eq!(come(&mut memory, n, now), 1);
    }
    assert_eq!(come(&mut memory, 99, now), 0, "those that may be there stay");
    for n in 100..110 {
        // They are gone: nobody answers for a day.
        for _ in 0..3_000 {
            now += Duration::from_secs(30);
            if let Some(dial) = memory.due(now, &BTreeSet::new(), PEERS_WANTED) {
                memory.dialled(&dial, false, now);
            }
        }
        let rumour = memory.hear(&teller(98, "192.168.1.8"), &of(n), now);
        assert_eq!(rumour, 0, "a neighbour's word pushes out nobody");
        assert_eq!(come(&mut memory, n, now), 1);
        assert_eq!(memory.known().len(), MAX_PEERS_PER_ADDRESS);
    }
}

/// A liar has nodes enough that all claim to be at the address of a victim, and tells of new ones whenever there is room.
#[test]
fn peer_10_an_address_is_dialled_seldom_whoever_names_it() {
    let mut memory = memory();
    let (mut n, mut times) = (1, Vec::new());
    for second in 0..7_200 {
        let now = Duration::from_secs(second);
        while memory.hear(
            &teller(n, &format!("8.{}.{}.1", n / 256 % 256, n % 256)),
            &[peer(n, 1, &["9.9.9.7:4774"])],
            now,
        ) == 1
        {
            n += 1;
        }
        if let Some(dial) = memory.due(now, &BTreeSet::new(), PEERS_WANTED) {
            times.push(second);
            memory.dialled(&dial, false, now);
        }
    }
    assert!(n > 10 && times.len() > 20, "he tried: {n}, {times:?}");
    let most = times.iter().map(|at| times.iter().filter(|t| (*at..at + 600).contains(t)).count());
    assert_eq!(most.max(), Some(MAX_PEER_DIALS));
}

#[test]
fn peer_10_who_dialled_us_is_looked_for_where_it_says() {
    let mut memory = memory();
    let inbound: BTreeSet<_> = (1..=3).map(|n| *key(n).as_bytes()).collect();
    // Its own word; a rumour of somebody who is connected too; and somebody who proved good.
    tell(
        &mut memory,
        &teller(1, "9.0.1.7"),
        &[peer(1, 1, &[&public(1)]), peer(2, 1, &[&public(2)])],
    );
    tell(&mut memory, &teller(3, "9.0.3.7"), &[peer(3, 1, &[&public(3)])]);
    memory.proved(&key(3), at(&public(3)).ip, NOW);
    assert_eq!(memory.due(NOW, &inbound, PEERS_WANTED), None, "all are connected");
    let dial = memory.due_check(NOW, &inbound).unwrap();
    assert_eq!((dial.key, dial.address), (key(1), at(&public(1))));
    memory.dialled(&dial, true, NOW);
    assert_eq!(memory.due_check(NOW, &inbound), None, "not again at once");
    memory.proved(&key(1), dial.address.ip, NOW);
    assert_eq!(memory.due_check(HOUR, &inbound), None, "nor when it is known to be there");
}
