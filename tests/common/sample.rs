//! A small signed archive, made from files in memory with keys that never change.
#![allow(dead_code, clippy::unwrap_used)]

use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;
use std::path::Path as FsPath;
use yadgar_protocol::chunk::{self, Chunk, build_list, next_cut};
use yadgar_protocol::envelope::{Context, Envelope, to_be_signed};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::notice::Notice;
use yadgar_protocol::release::{Part, RECORDS_PREFIX, Release};
use yadgar_protocol::tree::{self, Content, Entry};
use yadgar_protocol::trust::{Accepted, Base, Role, TrustRoot, check_head};
use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
use yadgar_protocol::{ArchiveId, BlockId, Hash, Path};

/// A file: its path and its content.
pub type File = (String, Vec<u8>);

/// Blocks and the checked head.
pub struct Sample {
    pub blocks: BTreeMap<BlockId, Vec<u8>>,
    pub accepted: Accepted,
}

impl Sample {
    /// Release `sequence` of an archive called `name`: the files of each part, in any order. Three
    /// release keys, of which two sign.
    pub fn new(name: &str, sequence: u64, parts: &[(&str, Vec<File>)]) -> Self {
        let prev = (sequence > 1).then(|| Hash::of(b"the release before"));
        Self::with_prev(name, sequence, prev, parts, vec![])
    }

    /// The release that follows another one and withdraws these contents.
    pub fn withdrawing(before: &Accepted, parts: &[(&str, Vec<File>)], gone: &[BlockId]) -> Self {
        let sequence = before.release.sequence + 1;
        let mut all = Denied::none(before.release.archive);
        all.add(&before.release.withdrawn);
        all.add(&items(&before.release.archive, gone, sequence));
        let all = all.list().cloned().collect();
        Self::with_prev(before.name(), sequence, Some(before.release_hash()), parts, all)
    }

    /// A signed notice of the archive that withdraws these contents, encoded.
    pub fn notice(&self, gone: &[BlockId]) -> Vec<u8> {
        let release = &self.accepted.release;
        let notice = Notice {
            date: "2026-06-02".into(),
            kind: "notice".into(),
            format: 1,
            archive: release.archive,
            sequence: release.sequence,
            withdrawn: items(&release.archive, gone, release.sequence),
            root_version: 1,
        };
        let mut envelope = Envelope::unsigned(notice.encode());
        sign(&mut envelope, Context::Notice, &release.archive, 3);
        sign(&mut envelope, Context::Notice, &release.archive, 4);
        yadgar_protocol::cbor::encode(&envelope)
    }

    /// What the entry of a path links to.
    pub fn link(&self, path: &str) -> BlockId {
        let path = Path::new(path).unwrap();
        let parts = self.accepted.release.parts.iter();
        let mut found = parts.filter_map(|part| tree::get(&self.blocks, part, &path).unwrap());
        found.next().unwrap().link()
    }

    /// The release that follows another one of the same archive.
    pub fn after(before: &Accepted, parts: &[(&str, Vec<File>)]) -> Self {
        let sequence = before.release.sequence + 1;
        Self::with_prev(before.name(), sequence, Some(before.release_hash()), parts, vec![])
    }

    /// The release by which root keys settle a fork: the same keys go on from `base` (TRUST-27).
    pub fn settling(base: &Accepted, parts: &[(&str, Vec<File>)]) -> Self {
        let mut sample = Self::after(base, parts);
        let mut release = sample.accepted.release.clone();
        let id = release.archive;
        let first = base.trust_root().clone();
        let second = TrustRoot {
            base: Some(Base(base.release.sequence, base.release_hash())),
            prev: Some(base.head.roots[0].payload_hash()),
            nonce: None,
            archive: Some(id),
            version: 2,
            ..first
        };
        let mut root = Envelope::unsigned(second.encode());
        sign(&mut root, Context::TrustRoot, &id, 1);
        sign(&mut root, Context::TrustRoot, &id, 2);
        release.root_version = 2;
        let mut envelope = Envelope::unsigned(release.encode());
        sign(&mut envelope, Context::Release, &id, 3);
        sign(&mut envelope, Context::Release, &id, 4);
        let head = Head::new(vec![base.head.roots[0].clone(), root], envelope).encode();
        sample.accepted = check_head(&id, &head).unwrap();
        sample
    }

    fn with_prev(
        name: &str,
        sequence: u64,
        prev: Option<Hash>,
        parts: &[(&str, Vec<File>)],
        withdrawn: Vec<Withdrawal>,
    ) -> Self {
        let mut blocks = BTreeMap::new();
        let parts: Vec<_> = parts.iter().map(|(n, files)| part(n, files, &mut blocks)).collect();
        let (id, root) = trust_root(name);
        let count = |(_, files): &(Part, u64)| *files;
        let release = Release {
            date: "2026-06-01".into(),
            kind: "release".into(),
            prev,
            records: parts.first().map_or(0, count),
            parts: parts.into_iter().map(|(part, _)| part).collect(),
            format: 1,
            archive: id,
            sequence,
            withdrawn,
            root_version: 1,
        };
        let mut envelope = Envelope::unsigned(release.encode());
        sign(&mut envelope, Context::Release, &id, 3);
        sign(&mut envelope, Context::Release, &id, 4);
        let head = Head::new(vec![root], envelope).encode();
        Self { blocks, accepted: check_head(&id, &head).unwrap() }
    }

    /// The sample archive of the repository, its portraits as a part of their own.
    pub fn of_repository() -> Self {
        let folder = FsPath::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive");
        let (mut core, mut portraits) = (Vec::new(), Vec::new());
        for (path, bytes) in files_below(&folder) {
            if path.starts_with("portraits/") {
                portraits.push((path, bytes));
            } else {
                core.push((path, bytes));
            }
        }
        Self::new("یادمان نمونه (ساختگی)", 1, &[("core", core), ("portraits", portraits)])
    }
}

/// Every file below a folder, with its path in an archive.
pub fn files_below(folder: &FsPath) -> Vec<File> {
    let (mut found, mut todo) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(dir) = todo.pop() {
        for item in std::fs::read_dir(&dir).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.push((name.replace('\\', "/"), std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn items(archive: &ArchiveId, gone: &[BlockId], sequence: u64) -> Vec<Withdrawal> {
    let one = |id: &BlockId| Withdrawal {
        item: item(archive, id),
        date: "2026-06-02".into(),
        reason: Reason::Withheld,
        sequence,
    };
    let mut list: Vec<_> = gone.iter().map(one).collect();
    list.sort_by_key(|w| w.item);
    list
}

fn public(n: u8) -> PublicKey {
    PublicKey::from_bytes(SigningKey::from_bytes(&[n; 32]).verifying_key().to_bytes()).unwrap()
}

fn sign(envelope: &mut Envelope, context: Context, archive: &ArchiveId, n: u8) {
    let message = to_be_signed(context, archive, &envelope.payload);
    let signature = SigningKey::from_bytes(&[n; 32]).sign(&message).to_bytes();
    envelope.add(public(n), &signature);
}

fn trust_root(name: &str) -> (ArchiveId, Envelope) {
    let roots = Role::new([public(1), public(2)], 2);
    let release = Role::new([public(3), public(4), public(5)], 2);
    let payload = TrustRoot::first(name, roots, release, [7; 16]).encode();
    let id = ArchiveId(Hash::of(&payload));
    let mut envelope = Envelope::unsigned(payload);
    sign(&mut envelope, Context::TrustRoot, &id, 1);
    sign(&mut envelope, Context::TrustRoot, &id, 2);
    (id, envelope)
}

/// A part and the number of its records.
fn part(name: &str, files: &[File], blocks: &mut BTreeMap<BlockId, Vec<u8>>) -> (Part, u64) {
    let mut entries: Vec<_> =
        files.iter().map(|(path, bytes)| entry(path, bytes, blocks)).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let records = entries.iter().filter(|e| e.path.as_str().starts_with(RECORDS_PREFIX)).count();
    let tree = tree::build(&entries).unwrap();
    blocks.extend(tree.nodes);
    let part = Part { name: name.into(), root: tree.root, bytes: tree.bytes, files: tree.files };
    (part, records as u64)
}

fn entry(path: &str, bytes: &[u8], blocks: &mut BTreeMap<BlockId, Vec<u8>>) -> Entry {
    let path = Path::new(path).unwrap();
    let content = if chunk::is_small(bytes.len() as u64) {
        let id = BlockId::raw(bytes);
        blocks.insert(id, bytes.to_vec());
        Content::Block(id)
    } else {
        let (mut chunks, mut rest) = (Vec::new(), bytes);
        while let Some(cut) = next_cut(rest, true) {
            let (block, after) = rest.split_at(cut);
            let id = BlockId::raw(block);
            blocks.insert(id, block.to_vec());
            chunks.push(Chunk { id, bytes: cut as u64 });
            rest = after;
        }
        match chunks.as_slice() {
            [one] => Content::Block(one.id),
            _ => {
                let list = build_list(&chunks);
                blocks.extend(list.nodes);
                Content::List { root: list.root, hash: Hash::of(bytes) }
            }
        }
    };
    Entry::new(path, bytes.len() as u64, content)
}
