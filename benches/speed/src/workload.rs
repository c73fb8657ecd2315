//! Seeded workloads: the same seed gives the same bytes. Nothing in them is about anybody.

use crate::Res;
use std::fs;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// Bytes written at once.
const PIECE: usize = 1 << 20;
/// What the second version of a film has more.
const INSERTED: usize = 64 << 10;

const WORDS: [&str; 24] = [
    "memory", "name", "city", "winter", "street", "witness", "family", "letter", "archive",
    "photo", "date", "river", "school", "garden", "window", "square", "night", "bread", "silence",
    "report", "number", "list", "source", "page",
];

/// What is published and fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// W1: a site of small files.
    Site,
    /// W2: records.
    Records,
    /// W3: large files of noise.
    Media,
    /// W3S: less noise, for slow lines.
    Slow,
    /// Very many records, for the idle mirror.
    Many,
    /// A little noise, for each of many guests.
    Slice,
}

impl Work {
    /// Name of its folder, and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "W1",
            Self::Records => "W2",
            Self::Media => "W3",
            Self::Slow => "W3S",
            Self::Many => "many",
            Self::Slice => "slice",
        }
    }
}

/// How large everything is.
#[derive(Debug, Clone)]
pub struct Scale {
    /// The sizes that the goals are about.
    pub full: bool,
    /// Files of W1.
    pub site: usize,
    /// Records of W2.
    pub records: usize,
    /// Files of W3, and the bytes of each.
    pub media: (usize, u64),
    /// The same of W3S.
    pub slow: (usize, u64),
    /// Records of the idle mirror.
    pub many: usize,
    /// How long the idle mirror is watched.
    pub idle: std::time::Duration,
    /// Guests of the busy mirror.
    pub guests: usize,
    /// What each of them fetches, in bytes.
    pub slice: u64,
}

impl Scale {
    /// What the goals are about.
    pub fn long() -> Self {
        Self {
            full: true,
            site: 2_000,
            records: 50_000,
            media: (8, 128 * MIB),
            slow: (2, 64 * MIB),
            many: 100_000,
            idle: std::time::Duration::from_secs(60),
            guests: 50,
            slice: 8 * MIB,
        }
    }

    /// Small enough for every change.
    pub fn short() -> Self {
        Self {
            full: false,
            site: 500,
            records: 5_000,
            media: (2, 64 * MIB),
            slow: (2, 8 * MIB),
            many: 10_000,
            idle: std::time::Duration::from_secs(5),
            guests: 12,
            slice: 4 * MIB,
        }
    }

    /// Bytes that have to fit where the bench works: source, two homes, and what was fetched.
    pub fn room(&self) -> u64 {
        5 * (self.media.0 as u64 * self.media.1) + self.many as u64 * 8 * KIB + 512 * MIB
    }
}

/// A stream of bytes that depends on seed and name only.
pub struct Noise {
    source: blake3::OutputReader,
    buffer: [u8; 4096],
    used: usize,
}

impl Noise {
    pub fn new(seed: u64, name: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&seed.to_le_bytes()).update(name.as_bytes());
        Self { source: hasher.finalize_xof(), buffer: [0; 4096], used: 4096 }
    }

    fn next(&mut self) -> u64 {
        if self.used == self.buffer.len() {
            self.source.fill(&mut self.buffer);
            self.used = 0;
        }
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.buffer[self.used..self.used + 8]);
        self.used += 8;
        u64::from_le_bytes(bytes)
    }

    /// A number from `low` up to and without `high`.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// Letters of four bits each. Digits could be somebody's telephone number, which the privacy gate stops.
    fn letters(&mut self, length: usize) -> String {
        let bits = self.next();
        (0..length).map(|n| char::from(b'a' + ((bits >> (4 * n)) & 15) as u8)).collect()
    }

    /// Words, with others that are in no list between them.
    fn text(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length + 16);
        while text.len() < length {
            if self.range(0, 10) < 7 {
                text.push_str(WORDS[self.range(0, WORDS.len() as u64) as usize]);
            } else {
                text.push_str(&self.letters(10));
            }
            text.push(' ');
        }
        text.truncate(length);
        text
    }

    /// Bytes that nothing compresses.
    fn fill(&mut self, bytes: &mut [u8]) {
        self.source.fill(bytes);
    }
}

/// Makes a workload below `tree`.
///
/// # Errors
/// When it cannot be written.
pub fn make(work: Work, scale: &Scale, seed: u64, tree: &Path) -> Res<()> {
    let mut noise = Noise::new(seed, work.name());
    match work {
        Work::Site => site(tree, scale.site, &mut noise),
        Work::Records => records(tree, scale.records, &mut noise),
        Work::Many => records(tree, scale.many, &mut noise),
        Work::Media => films(tree, scale.media, &mut noise),
        Work::Slow => films(tree, scale.slow, &mut noise),
        Work::Slice => films(tree, (1, scale.slice), &mut noise),
    }
}

fn put(path: &Path, bytes: &[u8]) -> Res<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(path, bytes)?)
}

/// Pages, data and pictures of 1 to 40 KiB.
fn site(tree: &Path, files: usize, noise: &mut Noise) -> Res<()> {
    for i in 0..files {
        let length = noise.range(KIB, 40 * KIB) as usize;
        match noise.range(0, 100) {
            0..55 => {
                let text = format!(
                    "<!doctype html><html lang=en><title>{i}</title><p>{}",
                    noise.text(length)
                );
                put(&tree.join(format!("pages/{:02}/p{i:04}.html", i % 40)), text.as_bytes())?;
            }
            55..75 => {
                let text = format!("{{\"t\":\"{}\"}}", noise.text(length));
                put(&tree.join(format!("data/d{i:04}.json")), text.as_bytes())?;
            }
            _ => {
                put(&tree.join(format!("img/{:02}/i{i:04}.jpg", i % 20)), &picture(length, noise))?
            }
        }
    }
    Ok(())
}

/// Looks like a JPEG of 128 by 128 from outside; its content is noise.
fn picture(length: usize, noise: &mut Noise) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    let mut segment = |mark: u8, body: &[u8]| {
        let length = (body.len() as u16 + 2).to_be_bytes();
        out.extend([&[0xff, mark][..], &length, body].concat());
    };
    segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    segment(0xdb, &[&[0][..], &[1; 64]].concat());
    segment(0xc0, &[8, 0, 128, 0, 128, 1, 1, 0x11, 0]);
    segment(0xc4, &[&[0, 1][..], &[0; 16]].concat());
    segment(0xda, &[1, 1, 0, 0, 0x3f, 0]);
    let mut body = vec![0; length];
    noise.fill(&mut body);
    // 0xff would begin a mark.
    out.extend(body.iter().map(|b| if *b == 0xff { 0xfe } else { *b }));
    out.extend([0xff, 0xd9]);
    out
}

fn records(tree: &Path, count: usize, noise: &mut Noise) -> Res<()> {
    for i in 0..count {
        let (name, age) = (noise.letters(16), noise.range(5, 90));
        let length = noise.range(900, 1_300) as usize;
        let text = format!(
            "{{\"id\":{i},\"name\":\"{name}\",\"age\":{age},\"note\":\"{}\"}}\n",
            noise.text(length)
        );
        put(&tree.join(format!("{:03}/r{i:06}.json", i / 500)), text.as_bytes())?;
    }
    Ok(())
}

fn film_name(n: usize) -> String {
    format!("m{n:02}.mp4")
}

/// What a film begins with: its kind, and how long the box of `content` bytes is.
fn film_head(content: u64) -> Vec<u8> {
    let size = (content as u32 + 8).to_be_bytes();
    [&b"\0\0\0\x10ftypisom\0\0\0\0"[..], &size, b"mdat"].concat()
}

/// Files that look like films and are noise.
fn films(tree: &Path, (files, bytes): (usize, u64), noise: &mut Noise) -> Res<()> {
    fs::create_dir_all(tree)?;
    let mut piece = vec![0; PIECE];
    for i in 0..files {
        let mut file = fs::File::create(tree.join(film_name(i)))?;
        let mut left = bytes - film_head(0).len() as u64;
        file.write_all(&film_head(left))?;
        while left > 0 {
            let now = left.min(PIECE as u64) as usize;
            noise.fill(&mut piece[..now]);
            file.write_all(&piece[..now])?;
            left -= now as u64;
        }
    }
    Ok(())
}

/// Turns W4 into its second version: one in a hundred small files has 8 to 64 bytes more, and one film 64 KiB more
/// in its middle. Files are replaced, not written into.
///
/// # Errors
/// When a file cannot be read or written.
pub fn edit(tree: &Path, seed: u64) -> Res<()> {
    let mut noise = Noise::new(seed, "edit");
    let mut small = files_of(&tree.join("site"))?;
    small.sort();
    let first = noise.range(0, 100) as usize;
    for n in 0..(small.len() / 100).max(1) {
        let path = &small[(first + 100 * n) % small.len()];
        let path = tree.join("site").join(path);
        let mut bytes = fs::read(&path)?;
        let at = noise.range(400, bytes.len() as u64 - 100) as usize;
        let length = noise.range(8, 65) as usize;
        let text: Vec<u8> = noise.text(length).into_bytes();
        bytes.splice(at..at, text);
        replace(&path, |file| file.write_all(&bytes))?;
    }
    let last = files_of(&tree.join("media"))?.len() - 1;
    lengthen(&tree.join("media").join(film_name(last.min(3))), &mut noise)
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> std::io::Result<()>,
) -> Res<()> {
    let new = path.with_extension("new");
    let mut file = BufWriter::with_capacity(PIECE, fs::File::create(&new)?);
    write(&mut file)?;
    file.flush()?;
    Ok(fs::rename(new, path)?)
}

fn lengthen(film: &Path, noise: &mut Noise) -> Res<()> {
    let head = film_head(0).len() as u64;
    let mut old = fs::File::open(film)?;
    let content = old.metadata()?.len() - head;
    let middle = content / 2 + 12_345;
    let mut more = vec![0; INSERTED];
    noise.fill(&mut more);
    old.seek(SeekFrom::Start(head))?;
    replace(film, |file| {
        file.write_all(&film_head(content + INSERTED as u64))?;
        std::io::copy(&mut (&old).take(middle), file)?;
        file.write_all(&more)?;
        std::io::copy(&mut old, file).map(drop)
    })
}

/// Paths of all files below a folder, relative to it.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_of(root: &Path) -> Res<Vec<PathBuf>> {
    let (mut out, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(root.join(&folder))? {
            let item = item?;
            let path = folder.join(item.file_name());
            if item.file_type()?.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Scale {
        Scale { site: 40, records: 30, media: (2, 3 * MIB), ..Scale::short() }
    }

    fn w4(seed: u64, tree: &Path) {
        make(Work::Site, &small(), seed, &tree.join("site")).unwrap();
        make(Work::Media, &small(), seed, &tree.join("media")).unwrap();
    }

    fn hashes(tree: &Path) -> Vec<(PathBuf, blake3::Hash)> {
        let mut files = files_of(tree).unwrap();
        files.sort();
        files
            .into_iter()
            .map(|f| (f.clone(), blake3::hash(&fs::read(tree.join(f)).unwrap())))
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let tree = |name: &str, seed| {
            w4(seed, &dir.path().join(name));
            make(Work::Records, &small(), seed, &dir.path().join(name).join("records")).unwrap();
            hashes(&dir.path().join(name))
        };
        let first = tree("a", 1);
        assert_eq!(first.len(), 40 + 2 + 30);
        assert_eq!(first, tree("b", 1));
        assert_ne!(first, tree("c", 2));
    }

    #[test]
    fn an_edit_changes_little() {
        let dir = tempfile::tempdir().unwrap();
        w4(1, dir.path());
        let before = hashes(dir.path());
        let size = |p: &Path| fs::metadata(dir.path().join(p)).unwrap().len();
        let old: u64 = before.iter().map(|(p, _)| size(p)).sum();
        edit(dir.path(), 1).unwrap();
        let after = hashes(dir.path());
        assert_eq!(before.len(), after.len());
        assert_eq!(before.iter().zip(&after).filter(|(a, b)| a != b).count(), 2);
        let grown = after.iter().map(|(p, _)| size(p)).sum::<u64>() - old;
        assert!((INSERTED as u64 + 8..=INSERTED as u64 + 64).contains(&grown), "{grown}");
        let film = fs::read(dir.path().join("media/m01.mp4")).unwrap();
        assert_eq!(film[..24], film_head(film.len() as u64 - 24)[..]);
    }
}
