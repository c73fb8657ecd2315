//! One test for each clause of trust.md.
use super::*;
use crate::envelope::{Context, Envelope, to_be_signed};
use crate::head::Head;
use crate::ids::PublicKey;
use crate::ids::{BlockId, Hash};
use crate::release::{CORE, Part};
use crate::trust::Role;
use crate::trust::TrustRoot;
use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}
fn public(n: u8) -> PublicKey {
    PublicKey::from_bytes(key(n).verifying_key().to_bytes()).unwrap()
}
fn sign(e: &mut Envelope, context: Context, archive: &ArchiveId, n: u8) {
    let signature = key(n).sign(&to_be_signed(context, archive, &e.payload)).to_bytes();
    e.add(public(n), &signature);
}

/// An archive of root keys 1, 2 (both needed) and release keys 3, 4, 5 (two needed).
struct Lab {
    id: ArchiveId,
    roots: Vec<Envelope>,
}

impl Lab {
    fn new() -> Self {
        let root = Role::new([public(1), public(2)], 2);
        let release = Role::new([public(3), public(4), public(5)], 2);
        let payload = TrustRoot::first("Test", root, release, [0; 16]).encode();
        let id = ArchiveId(Hash::of(&payload));
        let mut e = Envelope::unsigned(payload);
        sign(&mut e, Context::TrustRoot, &id, 1);
        sign(&mut e, Context::TrustRoot, &id, 2);
        Self { id, roots: vec![e] }
    }

    fn release(&self, sequence: u64, prev: Option<Hash>, files: u64) -> Release {
        let root = BlockId::dag_cbor(b"tree");
        Release {
            date: "2026-01-02".into(),
            kind: "release".into(),
            prev,
            parts: vec![Part { name: CORE.into(), root, bytes: 1, files }],
            format: 1,
            archive: self.id,
            records: 0,
            sequence,
            withdrawn: vec![],
            root_version: self.roots.len() as u64,
        }
    }

    fn head(&self, release: &Release, signers: &[u8]) -> Vec<u8> {
        let mut e = Envelope::unsigned(release.encode());
        for n in signers {
            sign(&mut e, Context::Release, &self.id, *n);
        }
        Head::new(self.roots.clone(), e).encode()
    }

    /// Heads 1..=n of one chain, with the payload blocks.
    fn chain(&self, n: u64) -> (Vec<Vec<u8>>, BTreeMap<BlockId, Vec<u8>>) {
        let (mut heads, mut blocks, mut prev) = (Vec::new(), BTreeMap::new(), None);
        for sequence in 1..=n {
            let release = self.release(sequence, prev, sequence);
            let payload = release.encode();
            prev = Some(Hash::of(&payload));
            blocks.insert(BlockId::dag_cbor(&payload), payload);
            heads.push(self.head(&release, &[3, 4]));
        }
        (heads, blocks)
    }

    fn rotated(&self, release_keys: [u8; 2], signers: &[u8]) -> Self {
        let last = self.roots.last().unwrap();
        let mut next = TrustRoot::decode(&last.payload).unwrap();
        next.version += 1;
        next.prev = Some(last.payload_hash());
        next.nonce = None;
        next.archive = Some(self.id);
        next.release = Role::new(release_keys.map(public), 2);
        let mut e = Envelope::unsigned(next.encode());
        for n in signers {
            sign(&mut e, Context::TrustRoot, &self.id, *n);
        }
        let mut roots = self.roots.clone();
        roots.push(e);
        Self { id: self.id, roots }
    }
}

fn refused(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refuse(reject) => reject.clause,
        other => panic!("not refused: {other:?}"),
    }
}

const NONE: BTreeMap<BlockId, Vec<u8>> = BTreeMap::new();

#[test]
fn trust_2_another_archive() {
    let (heads, _) = Lab::new().chain(1);
    let other = ArchiveId(Hash::of(b"other"));
    assert_eq!(refused(judge(&other, None, &heads[0], &NONE)), "TRUST-2");
}

#[test]
fn trust_4_and_5_root_signatures() {
    let lab = Lab::new();
    let mut weak = Lab::new();
    weak.roots[0].signatures.pop();
    let head = weak.head(&weak.release(1, None, 1), &[3, 4]);
    assert_eq!(refused(judge(&lab.id, None, &head, &NONE)), "TRUST-4");
    let half = lab.rotated([6, 7], &[1]);
    let head = half.head(&half.release(1, None, 1), &[6, 7]);
    assert_eq!(refused(judge(&lab.id, None, &head, &NONE)), "TRUST-5");
}

#[test]
fn trust_6_root_version() {
    let lab = Lab::new();
    let mut release = lab.release(1, None, 1);
    release.root_version = 2;
    assert_eq!(refused(judge(&lab.id, None, &lab.head(&release, &[3, 4]), &NONE)), "TRUST-6");
}

#[test]
fn trust_7_below_threshold() {
    let lab = Lab::new();
    let head = lab.head(&lab.release(1, None, 1), &[3]);
    assert_eq!(refused(judge(&lab.id, None, &head, &NONE)), "TRUST-7");
    let head = lab.head(&lab.release(1, None, 1), &[3, 9]);
    assert_eq!(refused(judge(&lab.id, None, &head, &NONE)), "ENV-5");
}

#[test]
fn trust_8_link() {
    let lab = Lab::new();
    let mut head = Head::decode(&lab.chain(1).0[0]).unwrap();
    head.link = BlockId::dag_cbor(b"other");
    assert_eq!(refused(judge(&lab.id, None, &head.encode(), &NONE)), "TRUST-8");
}

#[test]
fn trust_9_sequence_without_predecessor() {
    let lab = Lab::new();
    let head = lab.head(&lab.release(2, None, 1), &[3, 4]);
    assert_eq!(refused(judge(&lab.id, None, &head, &NONE)), "TRUST-9");
}

#[test]
fn trust_10_and_14_roots() {
    let lab = Lab::new();
    let (heads, _) = lab.chain(2);
    let (a, b) = (lab.rotated([6, 7], &[1, 2]), lab.rotated([7, 8], &[1, 2]));
    let head_a = a.head(&a.release(1, None, 1), &[6, 7]);
    let head_b = b.head(&b.release(1, None, 1), &[7, 8]);
    let trusted = check_head(&lab.id, &head_a).unwrap();
    assert!(matches!(judge(&lab.id, Some(&trusted), &head_b, &NONE), Verdict::RootFork));
    assert!(matches!(judge(&lab.id, Some(&trusted), &heads[1], &NONE), Verdict::SupersededRoot));
}

#[test]
fn trust_11_12_13_same_fork_older() {
    let lab = Lab::new();
    let (heads, _) = lab.chain(2);
    let trusted = check_head(&lab.id, &heads[1]).unwrap();
    assert!(matches!(judge(&lab.id, Some(&trusted), &heads[1], &NONE), Verdict::Known(None)));
    assert!(matches!(judge(&lab.id, Some(&trusted), &heads[0], &NONE), Verdict::Older));
    let other = lab.head(&lab.release(2, trusted.release.prev, 99), &[4, 5]);
    assert!(matches!(judge(&lab.id, Some(&trusted), &other, &NONE), Verdict::Fork(_)));
    // The same release with more signatures is the same release.
    let more = lab.head(&trusted.release, &[3, 4, 5]);
    assert!(matches!(judge(&lab.id, Some(&trusted), &more, &NONE), Verdict::Known(None)));
}

#[test]
fn trust_15_gaps_need_the_chain() {
    let lab = Lab::new();
    let (heads, blocks) = lab.chain(5);
    let trusted = check_head(&lab.id, &heads[0]).unwrap();
    assert!(matches!(judge(&lab.id, Some(&trusted), &heads[4], &NONE), Verdict::NeedsAncestor(_)));
    assert!(matches!(judge(&lab.id, Some(&trusted), &heads[4], &blocks), Verdict::Accept(_)));
    assert!(matches!(judge(&lab.id, Some(&trusted), &heads[1], &NONE), Verdict::Accept(_)));
    let strange = lab.head(&lab.release(2, Some(Hash::of(b"x")), 1), &[3, 4]);
    assert!(matches!(judge(&lab.id, Some(&trusted), &strange, &NONE), Verdict::Fork(_)));
    let far = lab.head(&lab.release(u64::MAX, Some(Hash::of(b"x")), 1), &[3, 4]);
    assert_eq!(refused(judge(&lab.id, Some(&trusted), &far, &NONE)), "TRUST-15");
}

#[test]
fn trust_16_first_head_of_any_sequence() {
    let lab = Lab::new();
    let (heads, _) = lab.chain(5);
    assert!(matches!(judge(&lab.id, None, &heads[4], &NONE), Verdict::Accept(_)));
}
