//! What is published: three editions of one archive with real trees, lists and signed heads. Contents have
//! real names and lengths, and no bytes.

use super::bits::Bits;
use super::lab::{Blocks, Rng};
use super::layout::layout;
use super::trustlab::{Lab, Made, blocks};
use std::cell::RefCell;
use std::collections::BTreeMap;
use yadgar_protocol::blocks::{Encoding, Packed, ReadBlocks, ReadError};
use yadgar_protocol::chunk::{Chunk, build_list};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::sync::{Frame, Gossip};
use yadgar_protocol::tree::{Content, Entry, build};
use yadgar_protocol::trust::{State, Verdict, judge};
use yadgar_protocol::withdraw::{Denied, Reason, Withdrawal, item};
use yadgar_protocol::{ArchiveId, BlockId, Hash, Path};

/// How large the archive is.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Records that everybody has before the run.
    pub records: u64,
    /// Files of one block that the second edition adds, and how long they are.
    pub pictures: u64,
    pub picture_bytes: (u64, u64),
    /// Files of many blocks that it adds, and of how many.
    pub films: u64,
    pub film_blocks: u64,
    /// Records that the third edition corrects; it also withdraws a picture.
    pub corrected: u64,
}

pub struct Block {
    pub id: BlockId,
    pub bytes: u64,
    /// The bytes of a node; contents have none.
    pub node: Option<Vec<u8>>,
    /// Bytes of the frame that carries it.
    pub frame: u64,
}

pub struct Edition {
    pub release: Release,
    pub head: Vec<u8>,
    /// Its blocks in the order of a plan; `parent` is a place in this list.
    pub order: Vec<u32>,
    pub parent: Vec<Option<u32>>,
    pub below: Vec<Vec<u32>>,
    /// By place: twice the number of its part, one more for what is no node of a tree.
    pub class: Vec<u8>,
    /// By block: its place in the order.
    pub place: Vec<Option<u32>>,
    pub whole: Bits,
    pub denied: Denied,
    pub gone: Bits,
    /// Bytes of the message that gossips its head; `None` when it is too long.
    pub gossip: Option<u64>,
}

/// What became of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    Accept,
    Known,
    Older,
    Refuse,
}

/// A ruling, and the number of the state that follows.
type Judgement = (Ruling, Option<usize>);

pub struct Catalog {
    pub archive: ArchiveId,
    pub blocks: Vec<Block>,
    pub index: BTreeMap<BlockId, u32>,
    pub editions: Vec<Edition>,
    /// A head that is signed by strangers; its number follows the editions'.
    pub forged: Vec<u8>,
    payloads: Blocks,
    states: RefCell<Vec<State>>,
    judged: RefCell<BTreeMap<(Option<usize>, usize), Judgement>>,
}

/// Path to the pieces of a file: their numbers and lengths.
type Files = BTreeMap<String, Vec<(u64, u64)>>;

fn content(number: u64) -> BlockId {
    BlockId::raw(&number.to_be_bytes())
}

fn entry(path: &str, pieces: &[(u64, u64)], nodes: &mut Blocks) -> Entry {
    let size = pieces.iter().map(|(_, bytes)| bytes).sum();
    let content = match pieces {
        [(number, _)] => Content::Block(content(*number)),
        many => {
            let chunk = |(n, bytes): &(u64, u64)| Chunk { id: content(*n), bytes: *bytes };
            let list = build_list(&many.iter().map(chunk).collect::<Vec<_>>());
            nodes.extend(list.nodes);
            Content::List { root: list.root, hash: Hash::of(path.as_bytes()) }
        }
    };
    Entry::new(Path::new(path).unwrap(), size, content)
}

fn part(name: &str, files: &Files, nodes: &mut Blocks) -> Part {
    let entries: Vec<_> = files.iter().map(|(path, p)| entry(path, p, nodes)).collect();
    let tree = build(&entries).unwrap();
    nodes.extend(tree.nodes);
    Part { name: name.into(), root: tree.root, bytes: tree.bytes, files: tree.files }
}

/// The files of each edition, and the content that the last one withdraws.
fn files(shape: &Shape, rng: &mut Rng) -> ([[Files; 2]; 3], BlockId) {
    let mut number = 0;
    let mut piece = |from, to| {
        number += 1;
        (number, rng.range(from, to))
    };
    let mut records = Files::new();
    for n in 0..shape.records {
        records.insert(format!("records/r{n:06}.cbor"), vec![piece(600, 2_400)]);
    }
    let mut media = Files::from([("media/readme.txt".to_owned(), vec![piece(100, 200)])]);
    let first = [records.clone(), media.clone()];
    let (from, to) = shape.picture_bytes;
    for n in 0..shape.pictures {
        media.insert(format!("media/{}/p{n:05}.jpg", n % 9), vec![piece(from, to)]);
    }
    for n in 0..shape.films {
        let pieces = (0..shape.film_blocks).map(|_| piece(65_536, 262_144)).collect();
        media.insert(format!("media/films/f{n:03}.mp4"), pieces);
    }
    let second = [records.clone(), media.clone()];
    let step = (shape.records / shape.corrected.max(1)).max(1);
    for n in (0..shape.records).step_by(step as usize).take(shape.corrected as usize) {
        records.insert(format!("records/r{n:06}.cbor"), vec![piece(600, 2_400)]);
    }
    let withdrawn = media.remove("media/0/p00000.jpg").unwrap();
    ([first, second, [records, media]], content(withdrawn[0].0))
}

impl Catalog {
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let (lab, mut nodes) = (Lab::new(), Blocks::new());
        let (editions, withdrawn) = files(shape, &mut Rng(seed));
        let mut made: Vec<Made> = Vec::new();
        for (at, [records, media]) in editions.iter().enumerate() {
            let mut release = lab.unsigned(made.last(), 1);
            release.parts =
                vec![part("core", records, &mut nodes), part("media", media, &mut nodes)];
            release.records = records.len() as u64;
            if at == 2 {
                let (date, reason) = ("2026-01-02".into(), Reason::Withheld);
                let item = item(&lab.id, &withdrawn);
                release.withdrawn = vec![Withdrawal { item, date, reason, sequence: 3 }];
            }
            made.push(lab.signed(release, &lab.keys[..2]));
        }
        let next = lab.unsigned(made.last(), 9);
        let mut all = Self {
            archive: lab.id,
            blocks: Vec::new(),
            index: BTreeMap::new(),
            editions: Vec::new(),
            forged: lab.signed(next, &[7, 8]).head,
            payloads: blocks(&made),
            states: RefCell::default(),
            judged: RefCell::default(),
        };
        let layouts: Vec<_> = made.iter().map(|made| layout(&made.release, &nodes)).collect();
        for placed in layouts.iter().flatten() {
            all.add(placed.id, placed.bytes, nodes.get(&placed.id));
        }
        for (made, placed) in made.iter().zip(layouts) {
            let edition = all.edition(made, &placed);
            all.editions.push(edition);
        }
        all
    }

    fn add(&mut self, id: BlockId, bytes: u64, node: Option<&Vec<u8>>) {
        if self.index.contains_key(&id) {
            return;
        }
        self.index.insert(id, self.blocks.len() as u32);
        let empty = Packed { id, encoding: Encoding::Plain, data: Vec::new() };
        let mut frame = Vec::new();
        Frame::Block(empty).encode(&mut frame);
        self.blocks.push(Block {
            id,
            bytes,
            node: node.cloned(),
            frame: frame.len() as u64 + bytes,
        });
    }

    fn edition(&self, made: &Made, placed: &[super::layout::Placed]) -> Edition {
        let order: Vec<u32> = placed.iter().map(|p| self.index[&p.id]).collect();
        let mut place = vec![None; self.blocks.len()];
        order.iter().zip(0..).for_each(|(id, at)| place[*id as usize] = Some(at));
        let parent: Vec<_> = placed
            .iter()
            .map(|p| p.parent.and_then(|id| place[self.index[&id] as usize]))
            .collect();
        let mut below = vec![Vec::new(); order.len()];
        for (at, parent) in parent.iter().enumerate() {
            parent.iter().for_each(|p| below[*p as usize].push(at as u32));
        }
        let mut denied = Denied::none(self.archive);
        denied.add(&made.release.withdrawn);
        let (mut whole, mut gone) = (Bits::new(self.blocks.len()), Bits::new(self.blocks.len()));
        for id in &order {
            whole.insert(*id);
        }
        let is_gone = |block: &Block| denied.covers(&block.id).is_some();
        let withdrawn = self.blocks.iter().zip(0..).filter(|(block, _)| is_gone(block));
        for (_, at) in withdrawn {
            gone.insert(at);
        }
        let gossip = Gossip::Head(&made.head).encode().map(|message| message.len() as u64);
        let (release, head) = (made.release.clone(), made.head.clone());
        let class = placed.iter().map(|p| p.class).collect();
        Edition { release, head, order, parent, below, class, place, whole, denied, gone, gossip }
    }

    /// Bytes of the contents that an edition has and the one before has not.
    pub fn new_bytes(&self, edition: usize) -> u64 {
        let mut new = self.editions[edition].whole.clone();
        if let Some(before) = edition.checked_sub(1) {
            new.take_away(&self.editions[before].whole);
        }
        let is_content = |at: &u32| self.blocks[*at as usize].node.is_none();
        new.iter().filter(is_content).map(|at| self.blocks[at as usize].bytes).sum()
    }

    pub fn head(&self, number: usize) -> &[u8] {
        self.editions.get(number).map_or(&self.forged, |edition| &edition.head)
    }

    /// The crate's own rules. What they say of a state and a head is worked out once: they are a function.
    pub fn judge(&self, state: Option<usize>, head: usize) -> Judgement {
        if let Some(known) = self.judged.borrow().get(&(state, head)) {
            return *known;
        }
        let before = state.map(|at| self.states.borrow()[at].clone());
        let judged = judge(&self.archive, before.as_ref(), self.head(head), &self.payloads);
        let ruling = match judged.verdict {
            Verdict::Accept(_) => Ruling::Accept,
            Verdict::Known => Ruling::Known,
            Verdict::Older => Ruling::Older,
            Verdict::Refuse(_) => Ruling::Refuse,
            other => panic!("no run brings {other:?}"),
        };
        let next = judged.next.map(|next| {
            let mut states = self.states.borrow_mut();
            let known = states.iter().position(|state| *state == next);
            known.unwrap_or_else(|| {
                states.push(next);
                states.len() - 1
            })
        });
        let answer = (ruling, next.or(state));
        self.judged.borrow_mut().insert((state, head), answer);
        answer
    }
}

/// The store of one mirror, as plans see it.
pub struct Local<'a> {
    pub catalog: &'a Catalog,
    pub held: &'a Bits,
}

impl ReadBlocks for Local<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        let at = self.catalog.index.get(id).copied().filter(|at| self.held.has(*at));
        Ok(at.and_then(|at| self.catalog.blocks[at as usize].node.clone()))
    }

    fn has_block(&self, id: &BlockId) -> Result<bool, ReadError> {
        Ok(self.catalog.index.get(id).is_some_and(|at| self.held.has(*at)))
    }
}
