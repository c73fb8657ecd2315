//! Records and lists of them (PEER-1 to PEER-5).

use super::address::{PeerAddress, Scope};
use crate::cbor;
use crate::ids::PublicKey;
use crate::limits::{
    MAX_PEER_ADDRESSES, MAX_PEER_LIST, MAX_PEER_LIST_BYTES, MAX_PEER_RECORD_BYTES,
};
use crate::reject::Reject;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// What is signed besides the payload: no other signature of such a key begins like this.
const CONTEXT: &[u8] = b"yadgar peer v1\0";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    key: PublicKey,
    seq: u64,
    addrs: Vec<PeerAddress>,
    format: u64,
}

#[derive(Serialize, Deserialize)]
struct Signed(
    #[serde(with = "serde_bytes")] Vec<u8>,
    #[serde(with = "crate::cbor::bytes_array")] [u8; 64],
);

/// A record that is not signed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    payload: Payload,
    scope: Scope,
}

impl Unsigned {
    /// A record of these addresses, all of one scope; the first of them when they are too many.
    ///
    /// # Errors
    /// `PEER-2` and `PEER-3` for addresses that no record may have, or none.
    pub fn new(key: PublicKey, seq: u64, mut addrs: Vec<PeerAddress>) -> Result<Self, Reject> {
        addrs.sort_unstable();
        addrs.dedup();
        addrs.truncate(MAX_PEER_ADDRESSES);
        let scope = check_addresses(&addrs)?;
        Ok(Self { payload: Payload { key, seq, addrs, format: cbor::FORMAT }, scope })
    }

    /// True when `peer` says the same, by its number apart.
    pub(super) fn is_old(&self, peer: &Peer) -> bool {
        peer.payload.key == self.payload.key && peer.payload.addrs == self.payload.addrs
    }

    /// The bytes that its key signs (Ed25519).
    pub fn to_be_signed(&self) -> Vec<u8> {
        [CONTEXT, &cbor::encode(&self.payload)].concat()
    }

    /// The record with its signature.
    ///
    /// # Errors
    /// `PEER-4` when the signature is not valid.
    pub fn with(self, signature: [u8; 64]) -> Result<Peer, Reject> {
        if !self.payload.key.verify_strict(&self.to_be_signed(), &signature) {
            return Err(Reject::new("PEER-4", "a signature that is not valid"));
        }
        let bytes = cbor::encode(&Signed(cbor::encode(&self.payload), signature));
        Ok(Peer { payload: self.payload, scope: self.scope, bytes })
    }
}

fn check_addresses(addrs: &[PeerAddress]) -> Result<Scope, Reject> {
    if addrs.is_empty() || addrs.len() > MAX_PEER_ADDRESSES {
        return Err(Reject::new("PEER-2", "no addresses, or too many"));
    }
    if !addrs.is_sorted_by(|a, b| a < b) {
        return Err(Reject::new("PEER-2", "addresses out of order"));
    }
    let bad = Reject::new("PEER-3", "addresses that no record may have, or of several scopes");
    let scope = addrs[0].scope().ok_or(bad.clone())?;
    match addrs.iter().all(|addr| addr.scope() == Some(scope)) {
        true => Ok(scope),
        false => Err(bad),
    }
}

/// A record: where a node listens, signed by itself. One that exists has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    payload: Payload,
    scope: Scope,
    bytes: Vec<u8>,
}

impl Peer {
    /// Reads and checks a record.
    ///
    /// # Errors
    /// `ENC-1`, `ENC-8`, `ENC-9`, `PEER-1` to `PEER-4`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let Signed(payload, signature) = cbor::decode(bytes, MAX_PEER_RECORD_BYTES)?;
        let payload: Payload = cbor::decode(&payload, MAX_PEER_RECORD_BYTES)?;
        cbor::check_format(payload.format, "PEER-1")?;
        let scope = check_addresses(&payload.addrs)?;
        Unsigned { payload, scope }.with(signature)
    }

    /// Its bytes, as they are passed on.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whose it is: the key of the node's libp2p identity.
    pub fn key(&self) -> PublicKey {
        self.payload.key
    }

    /// Which of several records of a node is the newest.
    pub fn sequence(&self) -> u64 {
        self.payload.seq
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[PeerAddress] {
        &self.payload.addrs
    }

    /// True when one of them is at this IP address.
    pub fn names(&self, ip: IpAddr) -> bool {
        self.addresses().iter().any(|a| a.ip == ip)
    }

    /// Where these addresses mean something.
    pub fn scope(&self) -> Scope {
        self.scope
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    peers: Vec<serde_bytes::ByteBuf>,
    format: u64,
}

/// A list as it goes over the wire; only the first records when they are too many.
pub fn encode_list<'a>(peers: impl IntoIterator<Item = &'a Peer>) -> Vec<u8> {
    let some = peers.into_iter().take(MAX_PEER_LIST);
    let peers = some.map(|peer| serde_bytes::ByteBuf::from(peer.bytes.clone())).collect();
    cbor::encode(&List { peers, format: cbor::FORMAT })
}

/// Reads a list. One bad record spoils it: nobody passes on what he has not checked. `checked` gives the record that was
/// read from the same bytes before, if there is one: most of what is told is known, and a signature costs more than to
/// look.
///
/// # Errors
/// `PEER-5` for a list that is too long or has a record twice; those of [`Peer::decode`].
pub fn decode_list(
    bytes: &[u8],
    checked: impl Fn(&[u8]) -> Option<Peer>,
) -> Result<Vec<Peer>, Reject> {
    let list: List = cbor::decode(bytes, MAX_PEER_LIST_BYTES)?;
    cbor::check_format(list.format, "PEER-1")?;
    if list.peers.len() > MAX_PEER_LIST {
        return Err(Reject::new("PEER-5", "too many records"));
    }
    let known = |bytes: &[u8]| checked(bytes).filter(|peer| peer.bytes == bytes);
    let read = |bytes: &serde_bytes::ByteBuf| known(bytes).map_or_else(|| Peer::decode(bytes), Ok);
    let peers: Vec<_> = list.peers.iter().map(read).collect::<Result<_, _>>()?;
    for (at, peer) in peers.iter().enumerate() {
        if peers[..at].iter().any(|p| p.key() == peer.key() && p.scope == peer.scope) {
            return Err(Reject::new("PEER-5", "two records of one node and scope"));
        }
    }
    Ok(peers)
}
