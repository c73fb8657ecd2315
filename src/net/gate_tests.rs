use super::*;

fn addr(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

fn inbound(gate: &mut Gate, n: usize, peer: PeerId, remote: &str) -> Result<(), String> {
    let id = ConnectionId::new_unchecked(n);
    let (local, remote) = (addr("/ip4/192.0.2.1/tcp/1"), addr(remote));
    gate.handle_pending_inbound_connection(id, &local, &remote).map_err(why)?;
    gate.handle_established_inbound_connection(id, peer, &local, &remote).map_err(why)?;
    Ok(())
}

fn why(denied: ConnectionDenied) -> String {
    denied.downcast::<GateError>().unwrap().to_string()
}

#[test]
fn limits_by_total_peer_and_network() {
    let mut gate =
        Gate::new(NetLimits { per_network: 3, inbound: 6, per_peer: 2, ..NetLimits::MIRROR });
    let peer = PeerId::random();
    for n in 0..2 {
        inbound(&mut gate, n, peer, "/ip4/203.0.113.1/tcp/1").unwrap();
    }
    let third = inbound(&mut gate, 2, peer, "/ip4/203.0.113.1/tcp/1").unwrap_err();
    assert!(third.contains("with this peer"));
    inbound(&mut gate, 3, PeerId::random(), "/ip4/203.0.113.2/tcp/1").unwrap();
    let fourth = inbound(&mut gate, 4, PeerId::random(), "/ip4/203.0.113.3/tcp/1").unwrap_err();
    assert!(fourth.contains("network"));
    for n in 5..8 {
        inbound(&mut gate, n, PeerId::random(), "/ip4/192.168.0.9/tcp/1").unwrap();
    }
    let full = inbound(&mut gate, 8, PeerId::random(), "/ip4/192.168.0.9/tcp/1").unwrap_err();
    assert!(full.contains("inbound"));
    let (knocked, crowds) = gate.turned_away();
    assert_eq!(knocked, 1, "whom another's place would help, not who had enough");
    assert_eq!((crowds.len(), crowds[0].len()), (1, 2), "those of the network that was full");
    gate.ban(peer, None);
    inbound(&mut gate, 9, peer, "/ip4/9.9.9.9/tcp/1").unwrap_err();
    assert_eq!(gate.turned_away(), (0, vec![]), "nor who is refused");
    let mut many = Gate::new(NetLimits::MIRROR);
    let at = |n: usize| format!("/ip4/8.{n}.8.8/tcp/4774");
    (0..99).for_each(|n| drop(inbound(&mut many, n, PeerId::random(), &at(n))));
    assert_eq!(many.turned_away().0, crate::net::limits::MAX_LET_GO, "not all at once");
}

/// Who has many small networks in a large one takes no more than half of the places for guests.
#[test]
fn slot_3_a_range_of_addresses_has_half_of_the_places() {
    let mut gate = Gate::new(NetLimits::MIRROR);
    let mut come =
        |n: usize, ip: String| inbound(&mut gate, n, PeerId::random(), &format!("/{ip}/tcp/4774"));
    let came = (0..99).filter(|n| come(*n, format!("ip4/50.1.{n}.10")).is_ok()).count();
    assert_eq!(came, NetLimits::MIRROR.per_range);
    assert!(come(100, "ip4/50.1.200.1".into()).unwrap_err().contains("range"));
    let (knocked, crowds) = gate.turned_away();
    assert_eq!((knocked, crowds[0].len()), (0, came), "one of the range makes room");
    let mut come =
        |n: usize, ip: String| inbound(&mut gate, n, PeerId::random(), &format!("/{ip}/tcp/4774"));
    let wide = (200..299).filter(|n| come(*n, format!("ip6/2a00:1:{n}::1")).is_ok()).count();
    assert_eq!(wide, NetLimits::MIRROR.inbound - came);
}

#[test]
fn the_gate_keeps_bans() {
    let mut gate = Gate::new(NetLimits::MIRROR);
    let (peer, nat) = (PeerId::random(), addr("/ip4/203.0.113.1/tcp/9"));
    gate.ban(peer, Some(&nat));
    assert!(gate.is_banned(&peer));
    assert!(inbound(&mut gate, 0, peer, "/ip4/198.51.100.1/tcp/1").is_err());
    // Others behind the same address are let in until there are too many liars.
    assert!(inbound(&mut gate, 1, PeerId::random(), "/ip4/203.0.113.1/tcp/1").is_ok());
    gate.ban(PeerId::random(), Some(&nat));
    gate.ban(PeerId::random(), Some(&nat));
    assert!(inbound(&mut gate, 2, PeerId::random(), "/ip4/203.0.113.1/tcp/1").is_err());
    assert!(inbound(&mut gate, 3, PeerId::random(), "/ip4/203.0.113.2/tcp/1").is_ok());
}

#[test]
fn a_share_lets_in_the_lan_only_and_dials_nobody() {
    use crate::net::NetProfile;
    let mut gate = Gate::new(NetLimits::SHARE).within(NetProfile::Share.powers());
    let mut knock = |n, local: &str, remote: &str| {
        let id = ConnectionId::new_unchecked(n);
        gate.handle_pending_inbound_connection(id, &addr(local), &addr(remote)).map_err(why)
    };
    knock(0, "/ip4/10.42.0.1/tcp/1", "/ip4/10.42.0.7/tcp/2").unwrap();
    knock(1, "/ip6/fe80::1/tcp/1", "/ip6/fe80::7/tcp/2").unwrap();
    for (local, remote) in [
        ("/ip4/10.42.0.1/tcp/1", "/ip4/203.0.113.1/tcp/2"),
        ("/ip4/203.0.113.1/tcp/1", "/ip4/10.42.0.7/tcp/2"),
        ("/ip4/10.42.0.1/tcp/1", "/ip4/100.64.0.1/tcp/2"),
        ("/ip4/10.42.0.1/tcp/1", "/ip6/2001:db8::1/tcp/2"),
    ] {
        assert!(knock(2, local, remote).unwrap_err().contains("local network"), "{remote}");
    }
    let dialled = gate.handle_pending_outbound_connection(
        ConnectionId::new_unchecked(3),
        None,
        &[],
        libp2p::core::Endpoint::Dialer,
    );
    assert!(why(dialled.unwrap_err()).contains("does not dial"));
}

fn dial(gate: &mut Gate, n: usize, peer: Option<PeerId>, to: &[&str]) -> Result<(), String> {
    let (id, role) = (ConnectionId::new_unchecked(n), libp2p::core::Endpoint::Dialer);
    let to: Vec<_> = to.iter().map(|text| addr(text)).collect();
    gate.handle_pending_outbound_connection(id, peer, &to, role).map_err(why).map(drop)
}

#[test]
fn a_stranger_cannot_make_us_dial_what_is_not_its_own() {
    let mut gate = Gate::new(NetLimits { pending_outbound: 1000, ..NetLimits::MIRROR });
    let peer = Some(PeerId::random());
    let (private, public) = ("/ip4/192.168.1.1/tcp/4774", "/ip4/8.8.8.8/tcp/4774");
    assert!(dial(&mut gate, 0, peer, &[private]).unwrap_err().contains("stranger"));
    assert!(dial(&mut gate, 1, peer, &[public, private]).is_err());
    dial(&mut gate, 2, peer, &[public]).unwrap();
    let more = (3..100).filter(|n| dial(&mut gate, *n, peer, &[public]).is_ok()).count();
    assert!(more < 20, "{more}");
    // What the node itself wants is dialled; that wish holds for one dial.
    gate.expect(ConnectionId::new_unchecked(200), Learnt::Named);
    dial(&mut gate, 200, peer, &[private]).unwrap();
    assert!(dial(&mut gate, 200, peer, &[private]).is_err());
    // A behaviour that asks others for addresses is theirs to answer.
    dial(&mut gate, 201, peer, &[]).unwrap();
}

#[test]
fn who_comes_through_a_relay_counts_as_that() {
    let mut gate = Gate::new(NetLimits { relayed: 3, per_network: 2, ..NetLimits::MIRROR });
    let relay = "/ip4/8.8.8.8/tcp/4774/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
    let local = addr(&format!("{relay}/p2p-circuit"));
    let mut enter = |n| {
        let (id, peer) = (ConnectionId::new_unchecked(n), PeerId::random());
        let remote = Multiaddr::empty().with_p2p(peer).unwrap();
        gate.handle_pending_inbound_connection(id, &local, &remote).map_err(why)?;
        gate.handle_established_inbound_connection(id, peer, &local, &remote).map_err(why)?;
        Ok::<(), String>(())
    };
    for n in 0..3 {
        enter(n).unwrap();
    }
    assert!(enter(3).unwrap_err().contains("relays"));
    assert_eq!((gate.load().relayed, gate.load().inbound), (3, 3));
    // The relay's own network is as free as before.
    inbound(&mut gate, 4, PeerId::random(), "/ip4/8.8.8.9/tcp/1").unwrap();
}

fn open(gate: &mut Gate, n: usize, learnt: Option<Learnt>, to: &str) -> Result<(), String> {
    let (id, peer) = (ConnectionId::new_unchecked(n), PeerId::random());
    learnt.inspect(|learnt| gate.expect(id, *learnt));
    dial(gate, n, Some(peer), &[to])?;
    let port = libp2p::core::transport::PortUse::New;
    let role = libp2p::core::Endpoint::Dialer;
    let opened = gate.handle_established_outbound_connection(id, peer, &addr(to), role, port);
    opened.map_err(why).map(drop)
}

/// However many come, and however much others make us dial, there is room for those that the user named.
#[test]
fn slot_1_a_full_mirror_still_opens_what_its_user_named() {
    let mut gate = Gate::new(NetLimits::MIRROR);
    let at = |n: usize| format!("/ip4/8.{n}.8.8/tcp/4774");
    let came = (0..99).filter(|n| inbound(&mut gate, *n, PeerId::random(), &at(*n)).is_ok());
    assert_eq!(came.count(), NetLimits::MIRROR.inbound);
    let ways = [Learnt::Remembered, Learnt::Found, Learnt::Search, Learnt::Listed, Learnt::Lan];
    let others =
        (100..250).filter(|n| open(&mut gate, *n, Some(ways[n % 5]), &at(*n)).is_ok()).count();
    let named = gate.slots().named();
    assert_eq!(others, NetLimits::MIRROR.total - NetLimits::MIRROR.inbound - named);
    // Dials that hang hold no place of theirs either.
    let mut hanging = Gate::new(NetLimits::MIRROR);
    let hang = |gate: &mut Gate, n: usize, learnt| {
        gate.expect(ConnectionId::new_unchecked(n), learnt);
        dial(gate, n, Some(PeerId::random()), &[&at(n % 200)])
    };
    let begun = (0..200).filter(|n| hang(&mut hanging, *n, ways[n % 5]).is_ok()).count();
    assert_eq!(begun, NetLimits::MIRROR.pending_outbound - named);
    for n in 300..300 + named {
        hang(&mut hanging, n, Learnt::Named).unwrap();
        open(&mut gate, n, Some(Learnt::Named), &at(n % 200)).unwrap();
    }
    assert!(open(&mut gate, 400, Some(Learnt::Named), &at(1)).is_err(), "now it is full");
}

/// What strangers make us dial takes half of the places at most, and none of those that are kept for the user's.
#[test]
fn dials_of_strangers_leave_places_for_our_own() {
    let mut gate = Gate::new(NetLimits { outbound: 8, ..NetLimits::MIRROR });
    for n in 0..4 {
        open(&mut gate, n, None, "/ip4/8.8.8.8/tcp/4774").unwrap();
    }
    let fifth = open(&mut gate, 4, None, "/ip4/9.9.9.9/tcp/4774").unwrap_err();
    assert!(fifth.contains("learnt like this"), "{fifth}");
    // Their network is as free for us as before.
    for n in 5..7 {
        open(&mut gate, n, Some(Learnt::Remembered), "/ip4/8.8.8.9/tcp/4774").unwrap();
    }
    open(&mut gate, 7, Some(Learnt::Remembered), "/ip4/7.7.7.7/tcp/4774").unwrap_err();
    for n in 8..10 {
        open(&mut gate, n, Some(Learnt::Named), "/ip4/7.7.7.7/tcp/4774").unwrap();
    }
    assert_eq!(gate.load().outbound, 8);
}
