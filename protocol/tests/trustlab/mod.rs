//! Makes archives, releases and heads for the tests of the trust rules.
#![allow(dead_code)]

use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;
use yadgar_protocol::envelope::{Context, Envelope, to_be_signed};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::release::{CORE, Part, Release};
use yadgar_protocol::trust::{Base, Role, TrustRoot};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

pub type Blocks = BTreeMap<BlockId, Vec<u8>>;
pub const NONE: Blocks = BTreeMap::new();

pub fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

pub fn public(n: u8) -> PublicKey {
    PublicKey::from_bytes(key(n).verifying_key().to_bytes()).unwrap()
}

pub fn sign(e: &mut Envelope, context: Context, archive: &ArchiveId, n: u8) {
    let signature = key(n).sign(&to_be_signed(context, archive, &e.payload)).to_bytes();
    e.add(public(n), &signature);
}

/// A signed release.
#[derive(Debug, Clone)]
pub struct Made {
    pub release: Release,
    pub head: Vec<u8>,
}

impl Made {
    pub fn payload(&self) -> Vec<u8> {
        self.release.encode()
    }

    pub fn hash(&self) -> Hash {
        Hash::of(&self.payload())
    }
}

/// The payloads of releases as blocks.
pub fn blocks<'a>(made: impl IntoIterator<Item = &'a Made>) -> Blocks {
    made.into_iter().map(|m| (BlockId::dag_cbor(&m.payload()), m.payload())).collect()
}

/// An archive of root keys 1, 2, 3 (two needed) and, at first, release keys 4, 5, 6 (two needed).
#[derive(Clone)]
pub struct Lab {
    pub id: ArchiveId,
    pub roots: Vec<Envelope>,
    pub keys: [u8; 3],
}

impl Lab {
    pub fn new() -> Self {
        let keys = [4, 5, 6];
        let root = Role::new([1, 2, 3].map(public), 2);
        let payload =
            TrustRoot::first("Test", root, Role::new(keys.map(public), 2), [0; 16]).encode();
        let id = ArchiveId(Hash::of(&payload));
        let mut e = Envelope::unsigned(payload);
        sign(&mut e, Context::TrustRoot, &id, 1);
        sign(&mut e, Context::TrustRoot, &id, 2);
        Self { id, roots: vec![e], keys }
    }

    pub fn unsigned(&self, before: Option<&Made>, mark: u64) -> Release {
        let root = BlockId::dag_cbor(b"tree");
        Release {
            date: "2026-01-02".into(),
            kind: "release".into(),
            prev: before.map(Made::hash),
            parts: vec![Part { name: CORE.into(), root, bytes: 1, files: mark }],
            format: 1,
            archive: self.id,
            records: 0,
            sequence: before.map_or(1, |b| b.release.sequence + 1),
            withdrawn: vec![],
            root_version: self.roots.len() as u64,
        }
    }

    pub fn signed(&self, release: Release, signers: &[u8]) -> Made {
        let mut e = Envelope::unsigned(release.encode());
        for n in signers {
            sign(&mut e, Context::Release, &self.id, *n);
        }
        Made { head: Head::new(self.roots.clone(), e).encode(), release }
    }

    /// A release on `before`, by two of the keys; `mark` tells it from others there.
    pub fn next(&self, before: Option<&Made>, mark: u64) -> Made {
        self.signed(self.unsigned(before, mark), &self.keys[..2])
    }

    /// Releases 1 to `n`.
    pub fn chain(&self, n: u64) -> Vec<Made> {
        self.on(None, n, 1)
    }

    /// `n` releases on `before`.
    pub fn on(&self, before: Option<&Made>, n: u64, mark: u64) -> Vec<Made> {
        let mut made: Vec<Made> = Vec::new();
        for _ in 0..n {
            let next = self.next(made.last().or(before), mark);
            made.push(next);
        }
        made
    }

    /// The next trust root, with other release keys and a base, signed by `signers`.
    pub fn rotated_by(&self, keys: [u8; 3], base: Option<&Made>, signers: &[u8]) -> Self {
        let last = self.roots.last().unwrap();
        let mut next = TrustRoot::decode(&last.payload).unwrap();
        next.version += 1;
        next.prev = Some(last.payload_hash());
        next.nonce = None;
        next.archive = Some(self.id);
        next.release = Role::new(keys.map(public), 2);
        next.base = base.map(|b| Base(b.release.sequence, b.hash()));
        let mut e = Envelope::unsigned(next.encode());
        for n in signers {
            sign(&mut e, Context::TrustRoot, &self.id, *n);
        }
        let mut roots = self.roots.clone();
        roots.push(e);
        Self { id: self.id, roots, keys }
    }

    pub fn rotated(&self, keys: [u8; 3], base: Option<&Made>) -> Self {
        self.rotated_by(keys, base, &[1, 2])
    }
}

/// Small numbers from a seed (xorshift64*), the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}
