use super::*;

fn relay_at(ip: &str) -> (PeerId, Multiaddr) {
    let peer = PeerId::random();
    (peer, format!("/ip4/{ip}/tcp/4774/p2p/{peer}").parse().unwrap())
}

#[test]
fn relays_are_asked_only_when_nobody_reaches_us_and_in_different_networks() {
    let (mut reach, now) = (Reach::new(PeerId::random()), Instant::now());
    let relays: Vec<_> =
        ["8.8.8.1", "8.8.8.2", "9.9.9.1", "7.7.7.1", "10.0.0.1"].map(relay_at).into();
    for (peer, at) in &relays {
        reach.identified(*peer, Some(at.clone()), true);
    }
    reach.identified(PeerId::random(), Some(relay_at("6.6.6.6").1), false);
    reach.identified(PeerId::random(), None, true);
    assert!(reach.wanted(now, |end| end - 1).is_empty(), "nothing is known yet");
    let server = PeerId::random();
    reach.answers(server, None, true, now);
    assert!(reach.not_reached(&server));
    assert_eq!(*reach.verdict().borrow(), Some(false));
    let wanted = reach.wanted(now, |end| end - 1);
    assert_eq!(wanted.len(), RELAYS_WANTED);
    let networks: BTreeSet<_> = wanted.iter().map(|(_, at)| network_of(at)).collect();
    assert!(networks.len() == RELAYS_WANTED && !networks.contains(&None));
    let ids: Vec<_> = wanted.iter().map(|_| ListenerId::next()).collect();
    for ((peer, at), id) in wanted.iter().zip(&ids) {
        reach.asked(*id, *peer, at, now);
        assert!(reach.confirmed(&reach.circuit_at(at)));
    }
    assert!(
        reach.wanted(now, |end| end - 1).is_empty() && reach.unwanted(now + ASKING * 2).is_empty()
    );
    assert_eq!(reach.status(true, None).circuits.len(), RELAYS_WANTED);
    // One is lost: another is asked, and that one not before its pause is over.
    reach.closed(ids[0], now);
    assert_eq!(reach.status(true, None).circuits.len(), RELAYS_WANTED - 1);
    assert!(reach.wanted(now, |end| end - 1).iter().all(|(peer, _)| *peer != wanted[0].0));
    // Somebody reaches us: no relay is needed.
    assert!(reach.confirmed(&"/ip4/5.5.5.5/tcp/4774".parse().unwrap()));
    assert!(reach.reachable() && reach.wanted(now + RELAY_PAUSE, |_| 0).is_empty());
    assert_eq!(reach.unwanted(now), [ids[1]]);
}

#[test]
fn silence_means_that_nobody_reaches_us() {
    let (mut reach, now) = (Reach::new(PeerId::random()), Instant::now());
    reach.answers(PeerId::random(), None, false, now);
    reach.look(now + Duration::from_secs(3_600));
    assert_eq!(*reach.verdict().borrow(), None, "nobody was asked");
    reach.answers(PeerId::random(), None, true, now);
    reach.look(now + Duration::from_secs(3_600));
    assert_eq!(*reach.verdict().borrow(), Some(false));
}

#[test]
fn relays_are_chosen_at_random() {
    let (mut reach, now) = (Reach::new(PeerId::random()), Instant::now());
    for n in 1..9 {
        let (peer, at) = relay_at(&format!("8.8.{n}.1"));
        reach.identified(peer, Some(at), true);
    }
    reach.failed = true;
    reach.judge();
    let first: BTreeSet<_> =
        (0..8).map(|n| reach.wanted(now, |end| n.min(end - 1)).remove(0).0).collect();
    assert_eq!(first.len(), 8, "not by their names");
}

#[test]
fn a_place_that_is_not_given_is_given_up() {
    let (mut reach, now) = (Reach::new(PeerId::random()), Instant::now());
    let (peer, at) = relay_at("8.8.8.1");
    let id = ListenerId::next();
    reach.asked(id, peer, &at, now);
    assert!(reach.unwanted(now + ASKING).is_empty());
    assert_eq!(reach.unwanted(now + ASKING * 2), [id]);
}

#[test]
fn an_address_counts_once_with_and_without_our_id() {
    let mut reach = Reach::new(PeerId::random());
    for text in ["/ip4/5.5.5.5/tcp/4774", "/ip4/5.5.5.5/udp/4774/quic-v1"] {
        let addr: Multiaddr = text.parse().unwrap();
        assert!(reach.confirmed(&addr.clone().with_p2p(reach.local).unwrap()));
        assert!(!reach.confirmed(&addr), "{addr}");
        assert!(reach.status(true, None).external.contains(&addr));
    }
    assert_eq!(reach.status(true, Some(12)).relaying.map(|r| r.offered), Some(true));
}

#[tokio::test]
async fn whoever_waits_is_told_once_a_peer_has_said_who_it_is() {
    let (mut reach, peer) = (Reach::new(PeerId::random()), PeerId::random());
    let (answer, wait) = oneshot::channel();
    reach.wait(peer, answer);
    reach.identified(PeerId::random(), None, false);
    reach.identified(peer, None, false);
    wait.await.unwrap();
    let (answer, wait) = oneshot::channel();
    reach.wait(peer, answer);
    wait.await.unwrap();
    reach.gone(&peer);
    let (answer, wait) = oneshot::channel::<()>();
    drop(wait);
    reach.wait(peer, answer);
    assert_eq!(reach.waiting.len(), 1);
    reach.wait(PeerId::random(), oneshot::channel().0);
    assert_eq!(reach.waiting.len(), 1, "who waits no more is forgotten");
}
