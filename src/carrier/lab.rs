//! A small archive for the tests.

use super::export::export;
use crate::store::{BlockStore, MemoryStore};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeSet;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::chunk::{Chunk, build_list, is_small, next_cut};
use yadgar_protocol::envelope::{Context, Envelope, to_be_signed};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::notice::Notice;
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Content, Entry, build};
use yadgar_protocol::trust::{Accepted, Base, Role, TrustRoot, check_head};
use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash, Path};

/// A maintainer with one key, and a store that has all releases.
pub struct Lab {
    pub archive: ArchiveId,
    pub store: MemoryStore,
    pub heads: Vec<Accepted>,
    key: SigningKey,
    release_key: SigningKey,
    roots: Vec<Envelope>,
}

pub type Files<'a> = &'a [(&'a str, Vec<u8>)];

pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
    out
}

fn sign(key: &SigningKey, context: Context, archive: &ArchiveId, payload: Vec<u8>) -> Envelope {
    let public = PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
    let mut envelope = Envelope::unsigned(payload);
    let signature = key.sign(&to_be_signed(context, archive, &envelope.payload));
    envelope.add(public, &signature.to_bytes());
    envelope
}

impl Lab {
    pub fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
        let (root, release) = (Role::new([public], 1), Role::new([public], 1));
        let payload = TrustRoot::first("Lab", root, release, [seed; 16]).encode();
        let archive = ArchiveId(Hash::of(&payload));
        let root = sign(&key, Context::TrustRoot, &archive, payload);
        let release_key = key.clone();
        Self {
            archive,
            store: MemoryStore::new(),
            heads: Vec::new(),
            key,
            release_key,
            roots: vec![root],
        }
    }

    /// A new trust root that stands by the first `base` releases only; from then on `release_key` signs.
    pub fn rotate(&mut self, base: usize, release_key: u8) {
        self.heads.truncate(base);
        self.release_key = SigningKey::from_bytes(&[release_key; 32]);
        let public =
            |key: &SigningKey| PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
        let before = TrustRoot::decode(&self.roots[self.roots.len() - 1].payload).unwrap();
        let next = TrustRoot {
            base: self.heads.last().map(|head| Base(head.release.sequence, head.release_hash())),
            prev: Some(Hash::of(&before.encode())),
            nonce: None,
            archive: Some(self.archive),
            release: Role::new([public(&self.release_key)], 1),
            version: before.version + 1,
            ..before
        };
        self.roots.push(sign(&self.key, Context::TrustRoot, &self.archive, next.encode()));
    }

    /// Publishes the next release of these parts.
    pub fn publish(&mut self, parts: &[(&str, Files<'_>)]) -> &Accepted {
        self.publish_without(parts, &[])
    }

    /// The next release, which withdraws these contents too.
    pub fn publish_without(&mut self, parts: &[(&str, Files<'_>)], gone: &[BlockId]) -> &Accepted {
        let sequence = self.heads.len() as u64 + 1;
        let before = self.heads.last().map_or(&[][..], |head| &head.release.withdrawn);
        let mut all = Denied::none(self.archive);
        all.add(before);
        all.add(&self.items(gone, sequence));
        let withdrawn = all.list().cloned().collect();
        let parts = parts.iter().map(|(name, files)| self.part(name, files)).collect();
        let last = self.heads.last();
        let release = Release {
            date: "2026-01-02".into(),
            kind: "release".into(),
            prev: last.map(Accepted::release_hash),
            parts,
            format: 1,
            archive: self.archive,
            records: 0,
            sequence: self.heads.len() as u64 + 1,
            withdrawn,
            root_version: self.roots.len() as u64,
        };
        let payload = release.encode();
        self.put(Codec::DagCbor, payload.clone());
        let signed = sign(&self.release_key, Context::Release, &self.archive, payload);
        let head = Head::new(self.roots.clone(), signed).encode();
        self.heads.push(check_head(&self.archive, &head).unwrap());
        self.heads.last().unwrap()
    }

    fn items(&self, gone: &[BlockId], sequence: u64) -> Vec<Withdrawal> {
        let mut list = Denied::none(self.archive);
        let one = |id: &BlockId| Withdrawal {
            item: item(&self.archive, id),
            date: "2026-02-03".into(),
            reason: Reason::Withheld,
            sequence,
        };
        list.add(&gone.iter().map(one).collect::<Vec<_>>());
        list.list().cloned().collect()
    }

    /// A signed notice, encoded.
    pub fn notice(&self, gone: &[BlockId]) -> Vec<u8> {
        let sequence = self.heads.len() as u64;
        let notice = Notice {
            date: "2026-02-03".into(),
            kind: "notice".into(),
            format: 1,
            archive: self.archive,
            sequence,
            withdrawn: self.items(gone, sequence),
            root_version: self.roots.len() as u64,
        };
        let signed = sign(&self.release_key, Context::Notice, &self.archive, notice.encode());
        yadgar_protocol::cbor::encode(&signed)
    }

    /// What the entry of a path links to, in the newest release that has it.
    pub fn link(&self, path: &str) -> BlockId {
        let path = Path::new(path).unwrap();
        let parts = self.heads.iter().rev().flat_map(|head| &head.release.parts);
        let mut found =
            parts.filter_map(|part| yadgar_protocol::tree::get(&self.store, part, &path).unwrap());
        found.next().unwrap().link()
    }

    pub fn head(&self) -> &Accepted {
        self.heads.last().unwrap()
    }

    /// The carrier of the newest release.
    pub fn carrier(&self) -> Vec<u8> {
        let mut out = Vec::new();
        export(&self.store, self.head(), None, &mut out, &mut |_| ()).unwrap();
        out
    }

    fn put(&self, codec: Codec, data: Vec<u8>) -> BlockId {
        let block = Packed::plain(codec, data);
        let id = block.id;
        self.store.put(vec![block]).unwrap();
        id
    }

    fn part(&self, name: &str, files: Files<'_>) -> Part {
        let paths: BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), files.len());
        let mut entries: Vec<_> = files.iter().map(|(path, data)| self.file(path, data)).collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let tree = build(&entries).unwrap();
        for (_, node) in tree.nodes {
            self.put(Codec::DagCbor, node);
        }
        Part { name: name.into(), root: tree.root, bytes: tree.bytes, files: tree.files }
    }

    fn file(&self, path: &str, data: &[u8]) -> Entry {
        let path = Path::new(path).unwrap();
        let size = data.len() as u64;
        let mut chunks = Vec::new();
        let mut rest = data;
        while !is_small(size)
            && let Some(length) = next_cut(rest, true)
        {
            let (chunk, behind) = rest.split_at(length);
            chunks.push(Chunk { id: self.put(Codec::Raw, chunk.to_vec()), bytes: length as u64 });
            rest = behind;
        }
        if chunks.len() < 2 {
            let id = self.put(Codec::Raw, data.to_vec());
            return Entry::new(path, size, Content::Block(id));
        }
        let list = build_list(&chunks);
        for (_, node) in list.nodes {
            self.put(Codec::DagCbor, node);
        }
        Entry::new(path, size, Content::List { root: list.root, hash: Hash::of(data) })
    }
}

/// Two parts: small files in many nodes, and two large ones that share most of their blocks.
pub fn lab() -> Lab {
    lab_of(600_000)
}

/// The same with larger files: about 2 MB.
pub fn big_lab() -> Lab {
    lab_of(1_700_000)
}

fn lab_of(film: usize) -> Lab {
    let mut lab = Lab::new(1);
    let names: Vec<String> = (0..150).map(|n| format!("records/r{n:03}.json")).collect();
    let core: Vec<_> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), noise(n * 3, n as u64))).collect();
    let film = noise(film, 1000);
    let longer = [noise(10, 1001), film.clone()].concat();
    let media = [("a.mp4", film), ("b.mp4", longer), ("c.jpg", noise(5_000, 1002))];
    lab.publish(&[("core", &core[..100])]);
    lab.publish(&[("core", &core), ("media", &media)]);
    lab
}

/// True when every block of the head's release is in a store.
pub fn is_whole(store: &dyn BlockStore, head: &Accepted) -> bool {
    let denied = Denied::none(head.release.archive);
    let found = crate::survey::survey(store, &head.release, None, &denied, &mut |_| ());
    found.unwrap().is_whole()
}
