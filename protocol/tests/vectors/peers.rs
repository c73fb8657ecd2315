//! peers.md: records of addresses, and lists of them.

use crate::case::{Case, Outcome, bytes, list, number, settle, text};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use yadgar_protocol::Reject;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::peers::{Peer, PeerAddress, Scope, Unsigned, decode_list, encode_list};

/// A record or a list to be read, or a record to be made.
pub fn run(case: &Case) -> Outcome {
    settle(match case.kind {
        "peer" => read(&bytes(case.input, "hex")),
        "peer-list" => read_list(&bytes(case.input, "hex")),
        "make-peer" => make(case.input),
        other => panic!("unknown kind {other}"),
    })
}

fn key(peer: &Peer) -> String {
    hex::encode(peer.key().as_bytes())
}

fn scope(peer: &Peer) -> &'static str {
    match peer.scope() {
        Scope::Global => "global",
        Scope::Lan => "lan",
        Scope::Loopback => "loopback",
    }
}

fn said(address: &PeerAddress) -> String {
    let kind = if address.quic { "quic" } else { "tcp" };
    format!("{kind} {} {}", address.ip, address.port)
}

fn read(data: &[u8]) -> Result<Outcome, Reject> {
    let peer = Peer::decode(data)?;
    assert_eq!(peer.bytes(), data, "what is passed on is what came");
    let addrs: Vec<_> = peer.addresses().iter().map(said).collect();
    let out = Outcome::good().with("key", key(&peer)).with("seq", peer.sequence());
    Ok(out.with("scope", scope(&peer)).with("addrs", addrs))
}

fn read_list(data: &[u8]) -> Result<Outcome, Reject> {
    let peers = decode_list(data, |_| None)?;
    assert_eq!(encode_list(&peers), data);
    let told: Vec<_> = peers.iter().map(|peer| json!([key(peer), scope(peer)])).collect();
    Ok(Outcome::good().with("peers", told))
}

fn address(words: &Value) -> PeerAddress {
    let words: Vec<_> = words.as_str().unwrap().split(' ').collect();
    let (ip, port) = (words[1].parse().unwrap(), words[2].parse().unwrap());
    PeerAddress { quic: words[0] == "quic", ip, port }
}

fn make(input: &Value) -> Result<Outcome, Reject> {
    let secret =
        SigningKey::from_bytes(&hex::decode(text(input, "seed")).unwrap().try_into().unwrap());
    let key = PublicKey::from_bytes(secret.verifying_key().to_bytes())?;
    let addrs = list(input, "addrs").iter().map(address).collect();
    let unsigned = Unsigned::new(key, number(input, "seq"), addrs)?;
    let signature = secret.sign(&unsigned.to_be_signed()).to_bytes();
    Ok(Outcome::good().with("hex", hex::encode(unsigned.with(signature)?.bytes())))
}
