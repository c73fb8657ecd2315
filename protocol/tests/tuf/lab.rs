//! Archives whose keys are numbers, signed as a case says.

use ed25519_dalek::{Signer, SigningKey};
use yadgar_protocol::envelope::{Context, Envelope, to_be_signed};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::release::{CORE, Part, Release};
use yadgar_protocol::trust::{Base, Role, TrustRoot};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n + 1; 32])
}

fn public(n: u8) -> PublicKey {
    PublicKey::from_bytes(key(n).verifying_key().to_bytes()).unwrap()
}

/// A role of numbered keys.
pub fn role(keys: &[u8], threshold: u64) -> Role {
    Role::new(keys.iter().map(|n| public(*n)), threshold)
}

/// A payload signed by numbered keys.
pub fn signed(context: Context, archive: &ArchiveId, payload: Vec<u8>, keys: &[u8]) -> Envelope {
    let mut envelope = Envelope::unsigned(payload);
    for n in keys {
        let message = to_be_signed(context, archive, &envelope.payload);
        envelope.add(public(*n), &key(*n).sign(&message).to_bytes());
    }
    envelope
}

/// Trust roots so far.
#[derive(Clone)]
pub struct Archive {
    pub id: ArchiveId,
    pub roots: Vec<Envelope>,
}

impl Archive {
    /// Version 1.
    pub fn new(root: Role, release: Role, signers: &[u8]) -> Self {
        let payload = TrustRoot::first("Test", root, release, [0; 16]).encode();
        let id = ArchiveId(Hash::of(&payload));
        Self { id, roots: vec![signed(Context::TrustRoot, &id, payload, signers)] }
    }

    /// Root key 1, release key 2.
    pub fn small() -> Self {
        Self::new(role(&[1], 1), role(&[2], 1), &[1])
    }

    /// The last trust root.
    pub fn last(&self) -> TrustRoot {
        TrustRoot::decode(&self.roots[self.roots.len() - 1].payload).unwrap()
    }

    /// One more trust root.
    pub fn rotate(&mut self, root: Role, release: Role, base: Option<Base>, signers: &[u8]) {
        let mut next = self.last();
        next.version += 1;
        next.prev = Some(self.roots[self.roots.len() - 1].payload_hash());
        (next.nonce, next.archive, next.base) = (None, Some(self.id), base);
        (next.root, next.release) = (root, release);
        self.roots.push(signed(Context::TrustRoot, &self.id, next.encode(), signers));
    }

    /// A release under the last trust root.
    pub fn release(&self, sequence: u64, prev: Option<&Release>) -> Release {
        let empty = BlockId::dag_cbor(b"tree");
        Release {
            date: "2026-01-02".into(),
            kind: "release".into(),
            prev: prev.map(|release| Hash::of(&release.encode())),
            parts: vec![Part { name: CORE.into(), root: empty, bytes: 1, files: 1 }],
            format: 1,
            archive: self.id,
            records: 0,
            sequence,
            withdrawn: vec![],
            root_version: self.roots.len() as u64,
        }
    }

    /// Its head.
    pub fn head(&self, release: &Release, signers: &[u8]) -> Vec<u8> {
        self.head_of(release.encode(), signers)
    }

    /// A head of any payload.
    pub fn head_of(&self, payload: Vec<u8>, signers: &[u8]) -> Vec<u8> {
        let release = signed(Context::Release, &self.id, payload, signers);
        Head::new(self.roots.clone(), release).encode()
    }
}
