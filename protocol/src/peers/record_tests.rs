//! Records and lists: what is one, and what is none.
use super::*;
use crate::cbor;
use crate::ids::PublicKey;
use crate::limits::{
    MAX_PEER_ADDRESSES, MAX_PEER_LIST, MAX_PEER_LIST_BYTES, MAX_PEER_RECORD_BYTES,
};
use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

pub fn secret(n: u32) -> SigningKey {
    SigningKey::from_bytes(blake3::hash(&n.to_le_bytes()).as_bytes())
}

pub fn key(n: u32) -> PublicKey {
    PublicKey::from_bytes(secret(n).verifying_key().to_bytes()).unwrap()
}

pub fn at(text: &str) -> PeerAddress {
    let at: core::net::SocketAddr = text.parse().unwrap();
    PeerAddress { quic: false, ip: at.ip(), port: at.port() }
}

pub fn sign(n: u32, unsigned: Unsigned) -> Peer {
    let signature = secret(n).sign(&unsigned.to_be_signed()).to_bytes();
    unsigned.with(signature).unwrap()
}

pub fn peer(n: u32, seq: u64, addrs: &[&str]) -> Peer {
    let addrs = addrs.iter().map(|a| at(a)).collect();
    sign(n, Unsigned::new(key(n), seq, addrs).unwrap())
}

fn clause(addrs: &[&str]) -> &'static str {
    let addrs = addrs.iter().map(|a| at(a)).collect();
    Unsigned::new(key(1), 1, addrs).unwrap_err().clause
}

#[test]
fn peer_3_addresses_that_no_record_has() {
    for ip in [
        "0.0.0.0",
        "0.1.2.3",
        "100.64.0.1",
        "169.254.1.1",
        "169.254.169.254",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.251",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::ffff:10.0.0.1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001::1]",
        "[2001:db8::1]",
        "[2002:a00:1::1]",
        "[64:ff9b::a00:1]",
        "[3fff::1]",
    ] {
        assert_eq!(clause(&[&format!("{ip}:4774")]), "PEER-3", "{ip}");
    }
    assert_eq!(clause(&["9.9.9.9:22"]), "PEER-3");
    assert_eq!(clause(&["9.9.9.9:4774", "10.0.0.1:4774"]), "PEER-3");
    assert_eq!(clause(&[]), "PEER-2");
    for good in ["9.9.9.9:443", "[2620:fe::9]:4774"] {
        assert_eq!(peer(1, 1, &[good]).scope(), Scope::Global);
    }
    for good in ["10.0.0.1:80", "172.16.0.1:4774", "192.168.1.1:4774", "[fd00::1]:4774"] {
        assert_eq!(peer(1, 1, &[good]).scope(), Scope::Lan);
    }
}

#[test]
fn peer_4_nobody_else_can_change_it() {
    let good = peer(1, 7, &["9.9.9.9:4774", "[2620:fe::9]:4774"]);
    assert_eq!(Peer::decode(good.bytes()), Ok(good.clone()));
    for at in 0..good.bytes().len() {
        for bit in 0..8 {
            let mut bad = good.bytes().to_vec();
            bad[at] ^= 1 << bit;
            assert!(Peer::decode(&bad).is_err(), "byte {at}");
        }
    }
    let other = Unsigned::new(key(2), 7, good.addresses().to_vec()).unwrap();
    let signature = secret(1).sign(&other.to_be_signed()).to_bytes();
    assert_eq!(other.with(signature).unwrap_err().clause, "PEER-4");
}

#[test]
fn peer_2_the_longest_record_fits() {
    let addrs = (0..20u16).map(|n| PeerAddress { port: 60_000 + n, ..at("[2620:fe::9]:4774") });
    let longest = sign(1, Unsigned::new(key(1), u64::MAX, addrs.collect()).unwrap());
    assert_eq!(longest.addresses().len(), MAX_PEER_ADDRESSES);
    assert!(longest.bytes().len() <= MAX_PEER_RECORD_BYTES);
    let other = |n| sign(n, Unsigned::new(key(n), u64::MAX, longest.addresses().to_vec()).unwrap());
    let many: Vec<_> = (0..20).map(other).collect();
    let list = encode_list(&many);
    assert!(list.len() <= MAX_PEER_LIST_BYTES);
    assert_eq!(decode_list(&list, |_| None).unwrap(), many[..MAX_PEER_LIST]);
}

#[derive(serde::Serialize)]
struct List {
    peers: Vec<serde_bytes::ByteBuf>,
    format: u64,
}

#[test]
fn peer_5_lists() {
    let list = |peers: &[&Peer], format| {
        let peers = peers.iter().map(|p| p.bytes().to_vec().into()).collect();
        decode_list(&cbor::encode(&List { peers, format }), |_| None).map_err(|e| e.clause)
    };
    let (a, b) = (peer(1, 1, &["9.9.9.9:4774"]), peer(1, 2, &["10.0.0.1:4774"]));
    assert_eq!(list(&[&a, &b], 1).map(|l| l.len()), Ok(2), "one of each scope");
    assert_eq!(list(&[&a, &a], 1), Err("PEER-5"));
    assert_eq!(list(&[&a], 2), Err("ENC-9"));
    let many: Vec<_> = (0..17).map(|n| peer(n, 1, &["9.9.9.9:4774"])).collect();
    let many: Vec<_> = many.iter().collect();
    assert_eq!(list(&many, 1), Err("PEER-5"));
}

#[test]
fn peer_5_only_the_very_bytes_that_were_checked_are_not_checked_again() {
    let known = peer(1, 1, &["9.9.9.9:4774"]);
    let mut memory = Memory::new(key(0), [1; 32], [2; 32]);
    let from = Teller { key: key(1), ip: "9.9.9.9".parse().unwrap() };
    assert!(memory.checked(&from, known.bytes()).is_none());
    assert_eq!(memory.hear(&from, std::slice::from_ref(&known), core::time::Duration::ZERO), 1);
    assert_eq!(memory.checked(&from, known.bytes()), Some(&known));
    // Another signature, which comes last in its bytes.
    let mut forged = known.bytes().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let other = peer(2, 1, &["9.8.9.9:4774"]);
    let read = |record: &[u8]| {
        let asked = std::cell::Cell::new(0);
        let checked = |bytes: &[u8]| {
            asked.set(asked.get() + 1);
            memory.checked(&from, bytes).cloned()
        };
        let peers = [record, other.bytes()].map(|bytes| bytes.to_vec().into()).into();
        let list = decode_list(&cbor::encode(&List { peers, format: 1 }), checked);
        list.map(|list| (list.len(), asked.get())).map_err(|e| e.clause)
    };
    assert_eq!(read(known.bytes()), Ok((2, 2)));
    assert_eq!(read(&forged), Err("PEER-4"));
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(peer) = Peer::decode(&bytes) {
            prop_assert_eq!(peer.bytes(), &bytes[..]);
        }
        let _ = decode_list(&bytes, |_| None);
    }
}
