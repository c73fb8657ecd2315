//! What a search found is dialled with care.
use super::super::record_tests::key;
use super::*;
use crate::limits::MAX_PEER_DIALS;
use crate::peers::Network;

const NOW: Duration = Duration::from_secs(10);

fn found(n: u32, at: &str) -> Found {
    let at: core::net::SocketAddr = at.parse().unwrap();
    Found {
        key: key(n),
        addresses: vec![PeerAddress { quic: false, ip: at.ip(), port: at.port() }],
    }
}

fn memory() -> Memory {
    Memory::new(key(999), [1; 32], [2; 32])
}

#[test]
fn dht_9_few_of_one_search_and_of_different_networks() {
    let mut memory = memory();
    let many = |n: u32| (0..n).map(|n| found(n, &format!("9.9.{n}.1:4774"))).collect::<Vec<_>>();
    assert_eq!(memory.found(many(100), &BTreeSet::new(), MAX_DHT_FOUND, NOW).len(), MAX_DHT_FOUND);
    let one_network = (0..100).map(|n| found(n, &format!("9.8.7.{n}:4774"))).collect();
    assert_eq!(memory.found(one_network, &BTreeSet::new(), MAX_DHT_FOUND, NOW).len(), 1);
    let enough = (500..500 + PEERS_WANTED as u32).map(|n| *key(n).as_bytes()).collect();
    assert_eq!(memory.found(many(100), &enough, MAX_DHT_FOUND, NOW).len(), 1);
    assert_eq!(memory.found(many(100), &enough, MAX_DHT_FOUND - 1, NOW).len(), 0);
    assert_eq!(memory.found(many(100), &BTreeSet::new(), 2, NOW).len(), 2);
    assert_eq!(memory.found(many(100), &BTreeSet::new(), 0, NOW), []);
    let connected = (0..100).map(|n| *key(n).as_bytes()).take(3).collect();
    assert_eq!(memory.found(many(3), &connected, MAX_DHT_FOUND, NOW), []);
    assert_eq!(
        memory.found(vec![found(999, "9.9.9.9:4774")], &BTreeSet::new(), MAX_DHT_FOUND, NOW),
        [],
        "ourselves"
    );
}

#[test]
fn dht_9_private_addresses_only_of_our_own_networks() {
    let mut memory = memory();
    let bad = |memory: &mut Memory, at: &str| {
        memory.found(vec![found(1, at)], &BTreeSet::new(), MAX_DHT_FOUND, NOW)
    };
    for at in [
        "192.168.1.7:4774",
        "10.0.0.1:4774",
        "127.0.0.1:4774",
        "169.254.169.254:80",
        "100.64.1.1:4774",
        "9.9.9.9:25",
        "[fe80::1]:4774",
    ] {
        assert_eq!(bad(&mut memory, at), [], "{at}");
    }
    let lan = Network::new(&[1; 32], "192.168.1.2".parse().unwrap(), 24, None);
    memory.situated(vec![lan], Vec::new(), false);
    assert_eq!(bad(&mut memory, "192.168.1.7:4774").len(), 1);
    assert_eq!(bad(&mut memory, "192.168.2.7:4774"), []);
}

/// Answers of liars all name one victim.
#[test]
fn dht_9_an_address_is_dialled_seldom_whoever_names_it() {
    let mut memory = memory();
    let dialled = (0..600u64).flat_map(|second| {
        let victim = found(second as u32, &format!("9.9.9.9:{}", 2_000 + second));
        memory.found(vec![victim], &BTreeSet::new(), MAX_DHT_FOUND, Duration::from_secs(second))
    });
    assert_eq!(dialled.count(), MAX_PEER_DIALS);
}
