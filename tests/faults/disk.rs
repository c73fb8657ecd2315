//! A model of a disk that loses what was not synced.
//!
//! A file has what lasts (its bytes at the last sync of the file) and what was written since; a folder has the names
//! that last (those at the last sync of the folder) and what changed since. A power cut keeps what lasts. Of the rest
//! it keeps anything: of a folder's changes the first few, in their order; of a file's writes any, in whole sectors,
//! whatever came before or after. That is what POSIX allows, and more than most file systems do.

use crate::oplog::{Act, Step};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a disk writes at once.
const SECTOR: u64 = 512;

/// A change of a file that may be lost.
#[derive(Debug, Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
    Punch(u64, u64),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Write(at, data) => {
                let (at, end) = (*at as usize, *at as usize + data.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[at..end].copy_from_slice(data);
            }
            Self::Truncate(len) => bytes.resize(*len as usize, 0),
            Self::Punch(at, len) => {
                let end = (at + len).min(bytes.len() as u64) as usize;
                if let Some(range) = bytes.get_mut(*at as usize..end) {
                    range.fill(0);
                }
            }
        }
    }
}

/// A change of the names in a folder.
#[derive(Debug, Clone)]
enum Name {
    Is(String, usize),
    Gone(String),
    Moved(String, String, usize),
}

impl Name {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Is(name, node) => drop(names.insert(name.clone(), *node)),
            Self::Gone(name) => drop(names.remove(name)),
            Self::Moved(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Node {
    File {
        lasting: Vec<u8>,
        now: Vec<u8>,
        since: Vec<(usize, Change)>,
    },
    Folder {
        lasting: BTreeMap<String, usize>,
        now: BTreeMap<String, usize>,
        since: Vec<(usize, Name)>,
    },
}

impl Node {
    /// What ended before the sync began lasts.
    fn sync(&mut self, start: usize) {
        match self {
            Self::File { lasting, since, .. } => {
                since.iter().filter(|(end, _)| *end < start).for_each(|(_, c)| c.apply(lasting));
                since.retain(|(end, _)| *end >= start);
            }
            Self::Folder { lasting, since, .. } => {
                since.iter().filter(|(end, _)| *end < start).for_each(|(_, c)| c.apply(lasting));
                since.retain(|(end, _)| *end >= start);
            }
        }
    }
}

/// What is left of a node.
enum Left {
    Names(BTreeMap<String, usize>),
    Bytes(Vec<u8>),
}

/// Paths below the root, with their bytes.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// How the unsynced part of one image is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    LoseAll,
    KeepAll,
    /// Each change by itself.
    Some,
    /// Each change by itself, and of writes some sectors only.
    Torn,
    /// The last change of each file only: the order is turned round.
    LastOnly,
}

/// The disk below one folder.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
}

impl Disk {
    /// A disk that holds what the folder holds now, all of it synced.
    pub fn of(root: &Path) -> Self {
        let mut disk = Self { root: root.to_owned(), nodes: Vec::new() };
        disk.take(root);
        disk
    }

    fn take(&mut self, path: &Path) -> usize {
        let at = self.nodes.len();
        if !path.is_dir() {
            let bytes = std::fs::read(path).unwrap_or_default();
            self.nodes.push(Node::File { lasting: bytes.clone(), now: bytes, since: vec![] });
            return at;
        }
        self.nodes.push(folder());
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if !kind.is_dir() && !kind.is_file() {
                continue;
            }
            let child = self.take(&entry.path());
            let name = entry.file_name().into_string().unwrap();
            let Node::Folder { lasting, now, .. } = &mut self.nodes[at] else { unreachable!() };
            lasting.insert(name.clone(), child);
            now.insert(name, child);
        }
        at
    }

    /// The node of a path as the running victim sees it.
    fn node(&self, path: &Path) -> Option<usize> {
        let mut at = 0;
        for name in path.strip_prefix(&self.root).ok()? {
            let Node::Folder { now, .. } = &self.nodes[at] else { return None };
            at = *now.get(name.to_str()?)?;
        }
        Some(at)
    }

    fn name(&mut self, path: &Path, start: usize, change: impl Fn(String) -> Name) {
        let folder = self.node(path.parent().unwrap()).expect("the folder of a name is there");
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Node::Folder { now, since, .. } = &mut self.nodes[folder] else { unreachable!() };
        let change = change(name);
        change.apply(now);
        since.push((start, change));
    }

    fn change(&mut self, path: &Path, start: usize, change: Change) {
        let at = self.node(path).unwrap_or_else(|| panic!("{} is not there", path.display()));
        let Node::File { now, since, .. } = &mut self.nodes[at] else { unreachable!() };
        change.apply(now);
        since.push((start, change));
    }

    fn add(&mut self, path: &Path, step: &Step, node: Node) {
        let at = self.nodes.len();
        self.nodes.push(node);
        self.name(path, step.end, |name| Name::Is(name, at));
    }

    /// Does a step of the victim. Steps come by their beginning, those that sync by their end.
    pub fn step(&mut self, step: &Step) {
        let end = step.end;
        match &step.act {
            Act::Said(_) => {}
            Act::Create(path) => {
                if self.node(path).is_none() {
                    self.add(
                        path,
                        step,
                        Node::File { lasting: vec![], now: vec![], since: vec![] },
                    );
                }
            }
            Act::Mkdir(path) => self.add(path, step, folder()),
            Act::Write(path, at, data) => self.change(path, end, Change::Write(*at, data.clone())),
            Act::Append(path, data) => {
                let node = self.node(path).expect("what is written is there");
                let Node::File { now, .. } = &self.nodes[node] else { unreachable!() };
                let at = now.len() as u64;
                self.change(path, end, Change::Write(at, data.clone()));
            }
            Act::Truncate(path, len) => self.change(path, end, Change::Truncate(*len)),
            Act::Punch(path, at, len) => self.change(path, end, Change::Punch(*at, *len)),
            Act::Rename(from, to) => {
                let node = self.node(from).expect("what is renamed is there");
                let to = to.file_name().unwrap().to_str().unwrap().to_owned();
                self.name(from, end, |from| Name::Moved(from, to.clone(), node));
            }
            Act::Link(from, to) => {
                let node = self.node(from).expect("what is linked is there");
                self.name(to, end, |name| Name::Is(name, node));
            }
            Act::Unlink(path) | Act::Rmdir(path) => {
                // A socket is no part of the model.
                if self.node(path).is_some() {
                    self.name(path, end, Name::Gone);
                }
            }
            Act::Sync(path) => {
                let at = self.node(path).expect("what is synced is there");
                self.nodes[at].sync(step.start);
            }
            Act::SyncAll => self.nodes.iter_mut().for_each(|node| node.sync(step.start)),
        }
    }

    /// Everything as the victim saw it.
    pub fn seen(&self) -> Files {
        let now = |node: &Node| match node {
            Node::Folder { now, .. } => Left::Names(now.clone()),
            Node::File { now, .. } => Left::Bytes(now.clone()),
        };
        files(&self.nodes.iter().map(now).collect::<Vec<_>>())
    }

    /// An image that a power cut may leave, by this seed.
    pub fn image(&self, seed: u64) -> Files {
        let mut random = StdRng::seed_from_u64(seed);
        let moods = [Mood::LoseAll, Mood::KeepAll, Mood::Some, Mood::Torn, Mood::LastOnly];
        let mood = moods[random.random_range(0..moods.len())];
        let left = self.nodes.iter().map(|node| survive(node, mood, &mut random));
        files(&left.collect::<Vec<_>>())
    }
}

/// The files below the root, which is the first node.
fn files(left: &[Left]) -> Files {
    let (mut out, mut todo) = (Files::new(), vec![(0, PathBuf::new())]);
    while let Some((at, path)) = todo.pop() {
        match &left[at] {
            Left::Names(names) => {
                todo.extend(names.iter().map(|(name, child)| (*child, path.join(name))));
            }
            Left::Bytes(bytes) => drop(out.insert(path, bytes.clone())),
        }
    }
    out
}

fn folder() -> Node {
    Node::Folder { lasting: BTreeMap::new(), now: BTreeMap::new(), since: vec![] }
}

/// What is left of a node: its names, or its bytes.
fn survive(node: &Node, mood: Mood, random: &mut StdRng) -> Left {
    match node {
        Node::Folder { lasting, since, .. } => {
            let mut names = lasting.clone();
            let kept = match mood {
                Mood::LoseAll => 0,
                Mood::KeepAll => since.len(),
                _ => random.random_range(0..=since.len()),
            };
            since[..kept].iter().for_each(|(_, change)| change.apply(&mut names));
            Left::Names(names)
        }
        Node::File { lasting, since, .. } => {
            let mut bytes = lasting.clone();
            for (n, (_, change)) in since.iter().enumerate() {
                let kept = match mood {
                    Mood::LoseAll => false,
                    Mood::KeepAll => true,
                    Mood::Some | Mood::Torn => random.random(),
                    Mood::LastOnly => n + 1 == since.len(),
                };
                match change {
                    Change::Write(at, data) if mood == Mood::Torn => {
                        tear(&mut bytes, *at, data, random);
                    }
                    _ if kept => change.apply(&mut bytes),
                    _ => {}
                }
            }
            Left::Bytes(bytes)
        }
    }
}

/// Some sectors of a write reach the disk: the first few, or any.
fn tear(bytes: &mut Vec<u8>, at: u64, data: &[u8], random: &mut StdRng) {
    let mut first = (data.len() as u64).min(SECTOR - at % SECTOR);
    let sectors = (at + data.len() as u64).div_ceil(SECTOR) - at / SECTOR;
    let in_order: bool = random.random();
    let kept = random.random_range(0..=sectors);
    let (mut pos, mut n) = (0, 0);
    while pos < data.len() as u64 {
        let piece = &data[pos as usize..(pos + first) as usize];
        if if in_order { n < kept } else { random.random() } {
            Change::Write(at + pos, piece.to_vec()).apply(bytes);
        }
        pos += first;
        n += 1;
        first = SECTOR.min(data.len() as u64 - pos);
    }
}
