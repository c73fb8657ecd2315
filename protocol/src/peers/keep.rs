//! The memory on a disk (PEER-9). Private to a home: never sent.

use super::address::NetworkTag;
use super::memory::Memory;
use super::record::Peer;
use super::table::{Entry, Place};
use crate::cbor;
use crate::ids::PublicKey;
use crate::limits::{MAX_PEER_FILE_BYTES, MAX_PEER_LANS};
use crate::reject::Reject;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Kinds of places.
const GLOBAL: u8 = 0;
const LAN: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Line(
    /// Kind of the place, and which LAN of `lans`.
    u8,
    u8,
    /// Proved, told by its own node.
    bool,
    bool,
    #[serde(with = "crate::cbor::bytes_array")] [u8; 8],
    #[serde(with = "serde_bytes")] Vec<u8>,
);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: serde_bytes::ByteBuf,
    seq: u64,
    lans: Vec<NetworkTag>,
    peers: Vec<Line>,
    format: u64,
}

const LOOPBACK: u8 = 2;

impl Memory {
    /// The bytes to keep, when something changed since this was asked last.
    pub fn to_keep(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let mut peers = Vec::new();
        for ((place, _), entry) in self.table.iter() {
            let (kind, lan) = match place {
                Place::Global => (GLOBAL, Some(0)),
                Place::Loopback => (LOOPBACK, Some(0)),
                Place::Lan(tag) => (LAN, self.lans.iter().position(|lan| lan == tag)),
            };
            let Some(lan) = lan.and_then(|at| u8::try_from(at).ok()) else { continue };
            let bytes = entry.peer.bytes().to_vec();
            peers.push(Line(kind, lan, entry.proved, entry.direct, entry.class, bytes));
        }
        let key = self.home.to_vec().into();
        let (seq, lans) = (self.seq, self.lans.clone());
        Some(cbor::encode(&File { key, seq, lans, peers, format: cbor::FORMAT }))
    }

    /// The memory that was kept.
    ///
    /// # Errors
    /// `ENC-1`, `ENC-8`, `ENC-9`, `PEER-9` when the file is damaged; those of [`Peer::decode`].
    pub fn from_kept(bytes: &[u8], own: PublicKey, seed: [u8; 32]) -> Result<Self, Reject> {
        let bad = || Reject::new("PEER-9", "a memory that is damaged");
        let file: File = cbor::decode(bytes, MAX_PEER_FILE_BYTES)?;
        cbor::check_format(file.format, "PEER-9")?;
        let home = <[u8; 32]>::try_from(file.key.as_slice()).map_err(|_| bad())?;
        if file.lans.len() > MAX_PEER_LANS {
            return Err(bad());
        }
        let mut memory = Self::new(own, home, seed);
        for Line(kind, lan, proved, direct, class, bytes) in file.peers {
            let peer = Peer::decode(&bytes)?;
            let place = match kind {
                GLOBAL => Place::Global,
                LAN => Place::Lan(*file.lans.get(usize::from(lan)).ok_or_else(bad)?),
                LOOPBACK => Place::Loopback,
                _ => return Err(bad()),
            };
            let (name, next) = ((place, *peer.key().as_bytes()), Duration::ZERO);
            let (shown, fails, dialling) = (None, 0, false);
            let entry = Entry { peer, proved, direct, shown, class, fails, next, dialling };
            if !memory.table.restore(name, entry) {
                return Err(bad());
            }
        }
        (memory.seq, memory.lans) = (file.seq, file.lans);
        Ok(memory)
    }
}
