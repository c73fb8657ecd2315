//! What the sync tests share: a seeded generator, releases made from it, a store that can fail.
#![allow(dead_code)] // each test program uses its part

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use yadgar_protocol::blocks::{ReadBlocks, ReadError};
use yadgar_protocol::chunk::{Chunk, build_list};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Content, Entry, build};
use yadgar_protocol::{ArchiveId, BlockId, Hash, Path};

/// SplitMix64: written out here so that a seed means the same for ever.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to - 1`.
    pub fn range(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    pub fn bytes(&mut self, len: u64) -> Vec<u8> {
        (0..len.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).take(len as usize).collect()
    }
}

pub type Blocks = BTreeMap<BlockId, Vec<u8>>;
/// Path to the pieces of the file.
pub type Files = BTreeMap<String, Vec<Vec<u8>>>;

/// Puts a file into `blocks`.
pub fn entry(path: &str, pieces: &[Vec<u8>], blocks: &mut Blocks) -> Entry {
    let size = pieces.iter().map(|p| p.len() as u64).sum();
    let mut chunks = Vec::new();
    for piece in pieces {
        let id = BlockId::raw(piece);
        blocks.insert(id, piece.clone());
        chunks.push(Chunk { id, bytes: piece.len() as u64 });
    }
    let content = match chunks.as_slice() {
        [one] => Content::Block(one.id),
        many => {
            let list = build_list(many);
            blocks.extend(list.nodes);
            Content::List { root: list.root, hash: Hash::of(&pieces.concat()) }
        }
    };
    Entry::new(Path::new(path).unwrap(), size, content)
}

/// Makes a release of named parts.
pub fn release(sequence: u64, parts: &[(&str, Files)]) -> (Release, Blocks) {
    let mut blocks = Blocks::new();
    let mut made = Vec::new();
    for (name, files) in parts {
        let entries: Vec<_> = files.iter().map(|(p, f)| entry(p, f, &mut blocks)).collect();
        let tree = build(&entries).unwrap();
        blocks.extend(tree.nodes);
        made.push(Part {
            name: (*name).into(),
            root: tree.root,
            bytes: tree.bytes,
            files: tree.files,
        });
    }
    let release = Release {
        date: "2026-01-01".into(),
        kind: "release".into(),
        prev: (sequence > 1).then(|| Hash::of(&sequence.to_le_bytes())),
        parts: made,
        format: 1,
        archive: ArchiveId(Hash::of(b"archive")),
        records: 0,
        sequence,
        withdrawn: vec![],
        root_version: 1,
    };
    (release, blocks)
}

/// Small files, some of them twice, and a large one now and then.
pub fn some_files(rng: &mut Rng, count: u64) -> Files {
    let mut files = Files::new();
    let twice = rng.bytes(300);
    for n in 0..count {
        let pieces = match rng.range(0, 40) {
            0 => (0..rng.range(24, 50)).map(|_| rng.bytes(2900)).collect(),
            1..4 => vec![twice.clone()],
            4 => vec![Vec::new()],
            _ => {
                let len = rng.range(1, 1500);
                vec![rng.bytes(len)]
            }
        };
        let folder = rng.range(0, 9);
        files.insert(format!("{folder}/file-{n}.bin"), pieces);
    }
    // One large file at least, with a piece that occurs in it twice.
    let mut pieces: Vec<_> = (0..30).map(|_| rng.bytes(2500)).collect();
    pieces[20] = pieces[3].clone();
    files.insert("large.bin".into(), pieces);
    files
}

pub fn names(release: &Release) -> Vec<String> {
    release.parts.iter().map(|p| p.name.clone()).collect()
}

/// A store in memory that counts and can fail.
#[derive(Default)]
pub struct Store {
    pub blocks: RefCell<Blocks>,
    /// Listed, but no longer readable.
    pub rotten: RefCell<Vec<BlockId>>,
    /// Fails when it reaches zero; never when it is `None`.
    pub fails_in: Cell<Option<u64>>,
}

impl Store {
    pub fn of(blocks: &Blocks) -> Self {
        Self { blocks: RefCell::new(blocks.clone()), ..Self::default() }
    }

    pub fn put(&self, id: BlockId, plain: &[u8]) {
        self.rotten.borrow_mut().retain(|r| *r != id);
        self.blocks.borrow_mut().insert(id, plain.to_vec());
    }

    fn access(&self) -> Result<(), ReadError> {
        let Some(left) = self.fails_in.get() else { return Ok(()) };
        self.fails_in.set(Some(left.saturating_sub(1)));
        if left == 0 { Err(ReadError("disk".into())) } else { Ok(()) }
    }
}

impl ReadBlocks for Store {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        self.access()?;
        let is_rotten = self.rotten.borrow().contains(id);
        Ok(self.blocks.borrow().get(id).filter(|_| !is_rotten).cloned())
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        self.access()?;
        Ok(self.blocks.borrow().contains_key(id))
    }
}
