use super::*;
use crate::Hash;
use crate::beacon::BEACON_PORT;
use crate::limits::{
    BEACON_AGAIN_MS, BEACON_FORGET_MS, BEACON_LONGEST_MS, MAX_BEACON_CANDIDATES, MAX_BEACON_HEARD,
    MAX_BEACON_PROVED,
};
use proptest::prelude::*;

const PORTS: Ports = Ports { node: 4774, page: 0 };

fn archive(n: u64) -> ArchiveId {
    ArchiveId(Hash::of(&n.to_le_bytes()))
}

fn seed(n: u64) -> [u8; 32] {
    *blake3::hash(&n.to_le_bytes()).as_bytes()
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn at(n: u8) -> SocketAddr {
    SocketAddr::new([10, 0, 0, n].into(), BEACON_PORT)
}

fn node(n: u8, mode: Mode, archives: &[(ArchiveId, bool)], ports: Ports) -> Beacon {
    let mut beacon = Beacon::new(mode, seed(n.into()));
    let place = Place { address: at(n).ip(), prefix: 16, interface: 1 };
    beacon.set_places(&[place], &[], ms(0));
    beacon.set_archives(archives, ports, ms(0));
    beacon
}

fn server(n: u8) -> Beacon {
    node(n, Mode::Talk, &[(archive(1), true)], PORTS)
}

fn reader(n: u8) -> Beacon {
    node(n, Mode::Talk, &[(archive(1), false)], Ports::default())
}

/// All that it does now.
fn acts(beacon: &mut Beacon, now: Duration) -> Vec<Act> {
    std::iter::from_fn(|| beacon.next(now)).collect()
}

fn sent(acts: &[Act]) -> Vec<(Option<SocketAddr>, Datagram)> {
    let send = |act: &Act| match act {
        Act::Send { to, datagram, .. } => Some((*to, datagram.clone())),
        Act::Found(_) => None,
    };
    acts.iter().filter_map(send).collect()
}

fn found(acts: &[Act]) -> Vec<Candidate> {
    let found = |act: &Act| match act {
        Act::Found(candidate) => Some(candidate.clone()),
        Act::Send { .. } => None,
    };
    acts.iter().filter_map(found).collect()
}

/// A network on which everybody hears everybody, with no delay. Runs to `end`; who found whom when.
fn run(
    nodes: &mut [(u8, Beacon)],
    from: u64,
    end: u64,
    mut passes: impl FnMut(u8, Option<SocketAddr>) -> bool,
) -> Vec<(u64, u8, Candidate)> {
    let (mut all, mut now) = (Vec::new(), from);
    while now < end {
        let mut wire = Vec::new();
        loop {
            for (n, beacon) in nodes.iter_mut() {
                let acts = acts(beacon, ms(now));
                all.extend(found(&acts).into_iter().map(|c| (now, *n, c)));
                let send = sent(&acts).into_iter().filter(|(to, _)| passes(*n, *to));
                wire.extend(send.map(|(to, datagram)| (*n, to, datagram)));
            }
            if wire.is_empty() {
                break;
            }
            for (n, to, datagram) in wire.drain(..) {
                for (other, beacon) in nodes.iter_mut() {
                    if to.is_none() || to == Some(at(*other)) {
                        beacon.received(datagram.bytes(), at(n), ms(now));
                    }
                }
            }
        }
        let wake = nodes.iter_mut().filter_map(|(_, beacon)| beacon.wake(ms(now))).min();
        now = wake.map_or(end, |wake| wake.as_millis() as u64).max(now + 1);
    }
    all
}

/// An announcement by whoever knows the archive, from any address it likes.
fn forged(n: u64, from: SocketAddr, port: u16, echo: Echo) -> Datagram {
    let mut random = [0; DATAGRAM_BYTES];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut random);
    let mut slots = [None; BEACON_SLOTS];
    slots[0] = Some(BeaconKey::of(&archive(1)));
    let body = Body { kind: Kind::Announce, ports: Ports { node: port, page: 0 }, echo };
    Datagram::seal(random, &slots, &body, from.ip())
}

#[test]
fn bea_8_a_reader_that_asks_finds_who_serves() {
    let mut nodes = [(1, server(1)), (2, reader(2)), (3, reader(3))];
    let found = run(&mut nodes, 0, 2_000, |_, _| true);
    for reader in [2, 3] {
        let (when, _, who) = found.iter().find(|(_, n, _)| *n == reader).unwrap();
        assert!(*when < 1_000, "{when} ms");
        assert_eq!((who.source, who.node()), (at(1), Some("10.0.0.1:4774".parse().unwrap())));
        assert!(who.answered && who.archives == BTreeSet::from([archive(1)]));
    }
    assert!(found.iter().all(|(_, n, _)| *n != 1), "nobody finds a reader");
}

#[test]
fn bea_8_nodes_that_serve_find_each_other_and_who_serves_nothing_yet_finds_them() {
    let empty = node(3, Mode::Talk, &[(archive(1), false)], PORTS);
    let mut nodes = [(1, server(1)), (2, server(2)), (3, empty)];
    let found = run(&mut nodes, 0, 3_000, |_, _| true);
    let pairs: BTreeSet<_> = found.iter().map(|(_, n, c)| (*n, c.source)).collect();
    let expected = [(1, at(2)), (2, at(1)), (3, at(1)), (3, at(2))];
    assert_eq!(pairs, BTreeSet::from(expected));
}

#[test]
fn bea_4_other_archives_are_not_found_and_all_of_many_are() {
    let many: Vec<_> = (0..20).map(|n| (archive(n), true)).collect();
    let wanted = node(2, Mode::Talk, &[(archive(17), false)], Ports::default());
    let other = node(3, Mode::Talk, &[(archive(99), false)], Ports::default());
    let mut nodes = [(1, node(1, Mode::Talk, &many, PORTS)), (2, wanted), (3, other)];
    let found = run(&mut nodes, 0, 5_000, |_, _| true);
    assert!(found.iter().any(|(_, n, _)| *n == 2), "an ask is for one, whatever is announced");
    assert!(found.iter().all(|(_, n, c)| *n == 2 && c.archives.len() == 1));
}

/// On a hotspot that drops what is for everybody: the gateway is asked, and it serves.
#[test]
fn bea_6_only_the_gateway_can_be_reached() {
    let mut guest = reader(2);
    let place = Place { address: at(2).ip(), prefix: 16, interface: 1 };
    guest.set_places(&[place], &[at(1)], ms(0));
    let mut nodes = [(1, server(1)), (2, guest)];
    let alone = |_: u8, to: Option<SocketAddr>| to.is_some();
    let found = run(&mut nodes, 0, 1_000, alone);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].1, found[0].2.source), (2, at(1)));
}

#[test]
fn bea_8_an_address_that_appears_is_used_soon() {
    let mut nodes = [(1, server(1)), (2, reader(2))];
    let place = Place { address: at(2).ip(), prefix: 16, interface: 1 };
    nodes[1].1.set_places(&[], &[], ms(0));
    assert!(run(&mut nodes, 0, 200_000, |n, _| n != 1).is_empty());
    nodes[1].1.set_places(&[place], &[], ms(200_000));
    let found = run(&mut nodes, 200_000, 200_500, |n, to| n != 1 || to.is_some());
    assert_eq!(found.iter().map(|(_, n, _)| *n).collect::<Vec<_>>(), [2]);
}

#[test]
fn bea_11_nobody_is_believed_who_does_not_answer() {
    let mut reader = reader(2);
    acts(&mut reader, ms(0));
    let mut asked = 0;
    for now in 0..20_000 {
        if now == 0 {
            let fake = forged(1, at(9), 4774, NO_ECHO);
            assert!(reader.received(fake.bytes(), at(9), ms(now)));
        }
        let acts = acts(&mut reader, ms(now));
        assert!(found(&acts).is_empty());
        asked += sent(&acts).iter().filter(|(to, _)| *to == Some(at(9))).count();
    }
    assert_eq!((asked, reader.counts()), (3, (0, 0, 0)));
}

#[test]
fn bea_11_an_answer_counts_once_and_from_the_one_asked_only() {
    let mut reader = reader(2);
    reader.received(forged(1, at(9), 4774, NO_ECHO).bytes(), at(9), ms(500));
    let acts_then = acts(&mut reader, ms(500));
    let (_, ask) = sent(&acts_then).into_iter().find(|(to, _)| *to == Some(at(9))).unwrap();
    let mut other_port = at(9);
    other_port.set_port(5000);
    for (n, from) in [(2, at(8)), (3, other_port)] {
        reader.received(forged(n, from, 4774, ask.echo()).bytes(), from, ms(500));
    }
    reader.received(forged(4, at(9), 4774, *b"guessed!").bytes(), at(9), ms(500));
    assert!(found(&acts(&mut reader, ms(500))).is_empty());
    reader.received(forged(5, at(9), 4774, ask.echo()).bytes(), at(9), ms(500));
    assert_eq!(found(&acts(&mut reader, ms(500))).len(), 1);
    reader.received(forged(6, at(9), 4774, ask.echo()).bytes(), at(9), ms(500 + BEACON_AGAIN_MS));
    assert!(found(&acts(&mut reader, ms(500 + BEACON_AGAIN_MS))).is_empty(), "used already");
}

/// Somebody without the archive repeats what they heard, or passes it on as their own.
#[test]
fn bea_2_repeated_and_passed_on_datagrams_find_nobody() {
    let (mut server, mut reader) = (server(1), reader(2));
    let heard = sent(&acts(&mut server, ms(300))).remove(0).1;
    let ask = sent(&acts(&mut reader, ms(300))).remove(0).1;
    assert!(server.received(ask.bytes(), at(66), ms(300)));
    assert!(sent(&acts(&mut server, ms(300))).is_empty(), "asked in another's name");
    assert!(reader.received(heard.bytes(), at(66), ms(300)));
    assert_eq!(reader.counts(), (0, 0, 0));
    for _ in 0..5 {
        reader.received(heard.bytes(), at(1), ms(300));
        server.received(ask.bytes(), at(2), ms(300));
    }
    assert_eq!(reader.counts(), (1, 0, 0));
    assert_eq!(sent(&acts(&mut server, ms(300))).len(), 1, "one answer to one ask");
    reader.received(ask.bytes(), at(2), ms(300));
    assert_eq!(reader.counts(), (1, 0, 0), "it does not take itself for another");
}

#[test]
fn bea_10_an_answer_goes_to_the_asker_and_names_what_was_asked_for() {
    let known: Vec<_> = (1..5).map(|n| (archive(n), true)).collect();
    let mut server = node(1, Mode::Talk, &known, PORTS);
    acts(&mut server, ms(300));
    let ask = sent(&acts(&mut reader(2), ms(300))).remove(0).1;
    let mut asker = at(2);
    asker.set_port(40_000);
    server.received(ask.bytes(), asker, ms(300));
    let answers = sent(&acts(&mut server, ms(300)));
    let [(Some(to), answer)] = answers.as_slice() else { panic!("one answer") };
    assert_eq!(*to, asker);
    let said = |n| answer.open(&BeaconKey::of(&archive(n)), at(1).ip()).unwrap();
    let expected = Body { kind: Kind::Announce, ports: PORTS, echo: ask.echo() };
    assert_eq!([said(1), said(2), said(3), said(4)], [Some(expected), None, None, None]);
}

#[test]
fn bea_7_far_sources_are_not_looked_at() {
    let mut server = server(1);
    let far = ["8.8.8.8:4775", "10.1.0.1:4775", "192.168.1.1:4775", "127.0.0.1:4775"];
    let far = far.iter().chain(&["[fe80::1%2]:4775", "[::1]:4775", "10.0.0.2:0"]);
    for far in far {
        let far: SocketAddr = far.parse().unwrap();
        let datagram = forged(1, far, 4774, NO_ECHO);
        assert!(!server.received(datagram.bytes(), far, ms(0)), "{far}");
    }
    assert_eq!(server.counts(), (0, 0, 0));
}

#[test]
fn bea_14_told_again_after_a_minute_and_after_failures_later_and_later() {
    let mut nodes = [(1, server(1)), (2, reader(2))];
    let mut times = Vec::new();
    let mut now = 0;
    while now < 5 * BEACON_FORGET_MS {
        let found = run(&mut nodes, now, now + 100, |_, _| true);
        now += 100;
        if !found.is_empty() {
            times.push(now);
            nodes[1].1.judged(&"10.0.0.1:4774".parse().unwrap(), times.len() < 4, ms(now));
        }
    }
    let pauses: Vec<_> = times.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(pauses[..3].iter().all(|p| (BEACON_AGAIN_MS..3 * BEACON_LONGEST_MS).contains(p)));
    let wait = |fails: u32| (BEACON_AGAIN_MS << fails).min(BEACON_FORGET_MS);
    for (fails, pause) in (0..).zip(&pauses[3..]) {
        assert!((wait(fails)..wait(fails) + 3 * BEACON_LONGEST_MS).contains(pause), "{pauses:?}");
    }
    assert!(pauses.len() >= 5, "{pauses:?}");
}

/// 30,000 announcements, by somebody who has the archive and takes any address: a bounded amount is
/// looked at and kept, proved ones stay, and who is real is found afterwards.
#[test]
fn bea_13_a_flood_costs_little_and_displaces_nobody_who_proved_good() {
    let mut nodes = [(1, server(1)), (2, reader(2))];
    let found = run(&mut nodes, 0, 1_000, |_, _| true);
    assert_eq!(found.len(), 1);
    nodes[1].1.judged(&"10.0.0.1:4774".parse().unwrap(), true, ms(1_000));
    let victim = &mut nodes[1].1;
    let (mut looked, mut said) = (0, 0);
    for n in 0..30_000u64 {
        let now = ms(1_000 + n / 30);
        let from = SocketAddr::new([10, 0, (n >> 8) as u8, n as u8].into(), 1024 + n as u16);
        let echo = if n % 2 == 0 { NO_ECHO } else { *b"whatever" };
        looked += usize::from(victim.received(forged(n, from, 4774, echo).bytes(), from, now));
        said += sent(&acts(victim, now)).len();
        let (heard, candidates, proved) = victim.counts();
        assert!(heard <= MAX_BEACON_HEARD && candidates <= MAX_BEACON_CANDIDATES && proved == 1);
    }
    assert!(looked <= 4_000, "looked at {looked} in a second");
    assert!(said <= 2 * 16 + 2, "{said} sent");
    // A newcomer after the flood.
    nodes[0] = (3, server(3));
    nodes[0].1.set_archives(&[(archive(1), true)], PORTS, ms(2_000));
    let found = run(&mut nodes, 2_000, 70_000, |_, _| true);
    assert!(found.iter().any(|(_, n, c)| *n == 2 && c.source == at(3)));
    assert_eq!(nodes[1].1.counts().2, 1, "the proved one is still there");
}

/// While the air is full of announcements by somebody who does not listen: who answers is found.
#[test]
fn bea_11_who_answers_is_found_during_a_flood() {
    for seed in 0..10 {
        let mut nodes = [(1, server(1)), (2, reader(2))];
        nodes[1].1.dice = Dice::new(self::seed(1_000 + seed));
        let mut found = None;
        for now in 0..8_000u64 {
            for n in 0..1 + now % 2 {
                let n = seed * 100_000 + 2 * now + n;
                let from = SocketAddr::new([10, 0, 1, (n % 200) as u8].into(), 1024 + n as u16);
                let fake = forged(n, from, 4774, NO_ECHO);
                nodes.iter_mut().for_each(|(_, node)| {
                    node.received(fake.bytes(), from, ms(now));
                });
            }
            if !run(&mut nodes, now, now + 1, |_, _| true).is_empty() {
                found = Some(now);
                break;
            }
        }
        assert!(found.is_some(), "not found, with seed {seed}");
    }
}

/// Those who answer truthfully for ever so many addresses take no more than their places.
#[test]
fn bea_14_candidates_are_few_and_a_proved_one_never_gives_way() {
    let mut reader = reader(2);
    let mut most = 0;
    for n in 0..5_000u64 {
        let now = ms(n * 100);
        let from =
            SocketAddr::new([10, 0, (n >> 7) as u8, (n & 127) as u8 + 3].into(), BEACON_PORT);
        reader.received(forged(2 * n, from, 4774, NO_ECHO).bytes(), from, now);
        for (to, ask) in sent(&acts(&mut reader, now)) {
            let Some(to) = to else { continue };
            let answer = forged(1_000_000 + 2 * n, to, 4774, ask.echo());
            reader.received(answer.bytes(), to, now);
        }
        for candidate in found(&acts(&mut reader, now)) {
            reader.judged(&candidate.node().unwrap(), n < 200, now);
        }
        let (heard, candidates, proved) = reader.counts();
        assert!(heard <= MAX_BEACON_HEARD && candidates <= MAX_BEACON_CANDIDATES);
        most = most.max(proved);
        assert!(proved <= MAX_BEACON_PROVED);
        if n == 1_000 {
            assert_eq!(proved, MAX_BEACON_PROVED, "none gave way");
        }
    }
    assert_eq!(most, MAX_BEACON_PROVED);
}

#[test]
fn bea_14_an_address_has_two_places() {
    let mut reader = reader(2);
    for n in 0..1_000u64 {
        let mut from = at(9);
        from.set_port(1_024 + n as u16);
        reader.received(forged(n, from, 4774, NO_ECHO).bytes(), from, ms(n * 1_000));
        assert!(reader.counts().0 <= 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// BEA-9: whatever comes, from wherever, whenever.
    #[test]
    fn bea_9_who_listens_sends_nothing(
        events in prop::collection::vec((0..6u8, any::<u8>(), 0..100_000u64), 0..60), n: u64,
    ) {
        let mut listener = node(2, Mode::Listen, &[(archive(1), true)], PORTS);
        let (mut server, mut now) = (server(1), 0);
        for (what, who, after) in events {
            now += after;
            let place = Place { address: at(2).ip(), prefix: 16, interface: who.into() };
            match what {
                0 => listener.set_places(&[place], &[at(who)], ms(now)),
                1 | 2 => listener.set_archives(&[(archive(1), who % 2 == 0)], PORTS, ms(now)),
                3 => drop(listener.received(forged(n ^ now, at(who), 4774, NO_ECHO).bytes(), at(who), ms(now))),
                4 => listener.judged(&at(who), who % 2 == 0, ms(now)),
                _ => {
                    let mut asker = reader(who.max(3));
                    for (_, datagram) in sent(&acts(&mut asker, ms(300))) {
                        listener.received(datagram.bytes(), at(who.max(3)), ms(now));
                    }
                    for (_, datagram) in sent(&acts(&mut server, ms(now))) {
                        listener.received(datagram.bytes(), at(1), ms(now));
                    }
                }
            }
            prop_assert!(sent(&acts(&mut listener, ms(now))).is_empty());
            prop_assert!(listener.wake(ms(now)).is_none());
        }
    }

    /// Whatever the order in which nodes appear and how lossy the air is, all are found in the end.
    #[test]
    fn bea_8_lossy_air(seed: u64, loss in 0..70u64) {
        let mut dice = Dice::new(self::seed(seed));
        let mut nodes = [(1, server(1)), (2, reader(2)), (3, server(3))];
        let mut found = BTreeSet::new();
        let mut now = 0;
        while found.len() < 4 {
            prop_assert!(now < 3_600_000, "{found:?}");
            let batch = run(&mut nodes, now, now + 500, |_, _| dice.below(100) >= loss);
            found.extend(batch.into_iter().map(|(_, n, c)| (n, c.source)));
            now += 500;
        }
    }
}

#[test]
fn bea_9_who_listens_hears() {
    let listener = node(2, Mode::Listen, &[(archive(1), false)], Ports::default());
    let mut nodes = [(1, server(1)), (2, listener)];
    let found = run(&mut nodes, 0, 1_000, |_, _| true);
    assert_eq!(found.iter().map(|(_, n, c)| (*n, c.answered)).collect::<Vec<_>>(), [(2, false)]);
}

/// While a source serves, a reader has nothing to ask, and asks nothing: not even who was heard before.
#[test]
fn bea_9_who_looks_for_nothing_sends_nothing() {
    let (mut looks, mut serves) = (reader(1), server(2));
    let first = acts(&mut looks, ms(500));
    assert!(!sent(&first).is_empty());
    acts(&mut serves, ms(0));
    for (_, datagram) in sent(&first) {
        serves.received(datagram.bytes(), at(1), ms(500));
    }
    for (_, datagram) in sent(&acts(&mut serves, ms(500))) {
        assert!(looks.received(datagram.bytes(), at(2), ms(500)));
    }
    assert_ne!(looks.counts(), (0, 0, 0));
    looks.set_archives(&[], Ports::default(), ms(600));
    for second in 1..600 {
        assert!(sent(&acts(&mut looks, ms(second * 1000))).is_empty(), "{second}");
    }
    looks.set_archives(&[(archive(1), false)], Ports::default(), ms(600_000));
    assert!(!sent(&acts(&mut looks, ms(600_500))).is_empty());
}
