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
    let mut gate = Gate::new(NetLimits { per_network: 3, inbound: 6, ..NetLimits::MIRROR });
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
