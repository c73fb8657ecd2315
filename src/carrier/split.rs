//! A release as several files of a bounded size, on a stick that may be full of other things (CAR-8 to CAR-10).
//!
//! Each volume is written beside its place, under the name with `.part`, and gets its name when it is whole and
//! on the disk. What is there already is compared and kept: an export that was cut off goes on where it stopped.
//! A file that is not ours is never changed.

use super::export::{ExportError, ExportOptions};
use super::file::{check_free, forget_pages, give_name};
use super::parity::{self, Making, Parity};
use super::plan::{Front, Item, Plan, longest_mark};
use crate::store::BlockStore;
use crate::survey::PartFound;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use yadgar_protocol::carrier::{ParitySet, Volume, header, section, section_length, section_start};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{BlockId, Hash};

/// Bytes written or read at a time.
const PIECE: usize = 1 << 20;
/// Times that a release is cut again until parity volumes fit too.
const LAYOUT_ROUNDS: u32 = 16;
/// Largest file of FAT32, in bytes.
pub const FAT32_FILE: u64 = (1 << 32) - 1;

/// How a release is split.
#[derive(Clone, Copy)]
pub struct SplitOptions<'a> {
    /// What to write.
    pub export: ExportOptions<'a>,
    /// Most bytes of a volume; above FAT32's limit that counts.
    pub size: u64,
    /// Beginning of the names: `data` gives `data-001-of-012.car`.
    pub base: &'a str,
    /// Volumes of parity to be written too.
    pub parity: Option<Parity>,
    /// Replace files of these names that are something else.
    pub force: bool,
}

/// One volume.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct VolumeWritten {
    /// Name of the file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// It was there whole already.
    pub kept: bool,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct SplitSummary {
    /// In the order of their numbers, those of parity last.
    pub volumes: Vec<VolumeWritten>,
    /// How many of them are parity.
    pub parity: u64,
    /// Blocks left out because the receiver has them.
    pub left_out: u64,
    /// Blocks that are not in the store.
    pub missing: u64,
    /// What the store has of each part.
    pub parts: Vec<PartFound>,
}

/// Writes the volumes of a release into the folder `dir`. `progress` hears of the bytes that are there, and of
/// how many it will be.
///
/// # Errors
/// See [`ExportError`]. The volumes that are whole by then stay; the same call goes on.
pub fn split(
    dir: &Path,
    store: &dyn BlockStore,
    head: &Accepted,
    options: SplitOptions<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<SplitSummary, ExportError> {
    let size = options.size.min(FAT32_FILE);
    let front = Front::new(store, head, &options.export, size)?;
    let (plan, parity) = layout(store, head, &options, &front, size)?;
    let set = plan.set(&front.head.0, parity);
    let count = plan.volumes.len() as u64;
    let bytes: u64 = plan.volumes.iter().flatten().map(|(_, n)| section_length(*n as usize)).sum();
    // Parity is made by reading all of it again.
    let total = if parity == 0 { bytes } else { 2 * bytes };
    let mut done = SplitSummary {
        left_out: plan.left_out,
        missing: plan.parts.iter().map(|part| part.missing_blocks).sum(),
        parts: plan.parts,
        parity,
        ..SplitSummary::default()
    };
    let path = |number| dir.join(volume_name(options.base, number, count + parity));
    let mut at = 0;
    for (items, number) in plan.volumes.iter().zip(1..) {
        let mark = Volume::new(set, number, count, parity).encode();
        let mut out = OneVolume { store, front: &front, mark, items, missing: 0 };
        let path = path(number);
        let volume =
            out.write_to(&path, options.force, &mut |bytes| progress(at + bytes, total))?;
        at += volume.0;
        done.missing += out.missing;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        done.volumes.push(VolumeWritten { name, bytes: volume.0, kept: volume.1 });
    }
    if parity > 0 {
        let lengths: Vec<u64> = done.volumes.iter().map(|volume| volume.bytes).collect();
        let set = parity_set(set, parity, lengths)?;
        let data = (1..=count).map(path).collect();
        let paths = (count + 1..=count + parity).map(path).collect();
        let making = Making { front: &front, set, data, paths, force: options.force };
        let written = making.write(&mut |bytes| {
            at += bytes;
            progress(at, total);
        })?;
        done.volumes.extend(written);
    }
    Ok(done)
}

fn parity_set(set: Hash, parity: u64, lengths: Vec<u64>) -> Result<ParitySet, ExportError> {
    let bytes: u64 = lengths.iter().sum();
    let shard = ParitySet::shard_for(lengths.len() as u64 + parity);
    let refused =
        |_| ExportError::TooLargeForParity(format!("{bytes} bytes in {} volumes", lengths.len()));
    ParitySet::new(set, shard, parity, lengths.clone()).map_err(refused)
}

/// Cuts the release so that no volume exceeds `size`, those of parity neither, which are a little longer than the
/// longest of the others. Gives the number of parity volumes too.
fn layout(
    store: &dyn BlockStore,
    head: &Accepted,
    options: &SplitOptions<'_>,
    front: &Front,
    size: u64,
) -> Result<(Plan, u64), ExportError> {
    let mut cap = size;
    for _ in 0..LAYOUT_ROUNDS {
        let plan = Plan::new(store, head, &options.export, front, cap)?;
        let Some(parity) = options.parity else { return Ok((plan, 0)) };
        let parity = parity.of(plan.volumes.len() as u64);
        let before = front.length(&longest_mark(), true);
        let blocks = |volume: &Vec<Item>| {
            volume.iter().map(|(_, n)| section_length(*n as usize)).sum::<u64>() + before
        };
        let set = parity_set(Hash([0; 32]), parity, plan.volumes.iter().map(blocks).collect())?;
        let longest = parity::length(front, &set);
        if longest <= size {
            return Ok((plan, parity));
        }
        cap = cap.saturating_sub(longest - size);
    }
    Err(ExportError::TooSmall(size))
}

/// The name of a volume; every file system of sticks takes it, and it says nothing.
pub fn volume_name(base: &str, number: u64, total: u64) -> String {
    format!("{base}-{number:03}-of-{total:03}.car")
}

/// True for the beginning of a name that every file system of sticks takes.
pub fn is_base(base: &str) -> bool {
    let reserved = ["con", "prn", "aux", "nul"];
    (1..=32).contains(&base.len())
        && base.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && !base.starts_with('-')
        && !reserved.contains(&base.to_ascii_lowercase().as_str())
}

/// A volume that is going to be written.
struct OneVolume<'a> {
    store: &'a dyn BlockStore,
    front: &'a Front,
    mark: Vec<u8>,
    items: &'a [Item],
    /// Blocks that went from the store since the plan was made.
    missing: u64,
}

impl OneVolume<'_> {
    /// Writes the volume unless it is there. Gives its length, and whether it was there.
    fn write_to(
        &mut self,
        path: &Path,
        force: bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(u64, bool), ExportError> {
        let length = self.length();
        if let Some(file) = ours(path, force)? {
            let same = self.matching(file).map_err(|e| reading(path, e))?;
            if same.1 == length && fs::metadata(path).is_ok_and(|m| m.len() == length) {
                progress(length);
                return Ok((length, true));
            }
            check_free(path, force)?;
        }
        let part = part_of(path);
        let (file, from) = self.open_part(&part, force)?;
        let failed = |e| ExportError::io(format!("writing {}", part.display()), e);
        let mut out = BufWriter::with_capacity(PIECE, file);
        let (written, sections) = self.write_rest(&mut out, from, progress)?;
        let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        forget_pages(&file);
        drop(file);
        let again = File::open(&part).and_then(|file| self.matching_of(file, sections));
        let again = again.map_err(|e| reading(&part, e))?;
        if again.1 != written {
            let what = format!("{}: {} bytes of {written}", part.display(), again.1);
            return Err(ExportError::ReadBack(what));
        }
        give_name(&part, path, force)?;
        Ok((written, false))
    }

    fn fronts(&self) -> Vec<(BlockId, &[u8])> {
        let mark = (BlockId::dag_cbor(&self.mark), self.mark.as_slice());
        let rest = self.front.first.iter().chain(&self.front.earlier);
        let rest = rest.map(|(id, bytes)| (*id, bytes.as_slice()));
        let head = (self.front.head.0, self.front.head.1.as_slice());
        [head, mark].into_iter().chain(rest).collect()
    }

    /// Ids and lengths of all sections.
    fn sections(&self) -> Vec<Item> {
        let front = self.fronts();
        let front = front.iter().map(|(id, bytes)| (*id, bytes.len() as u32));
        front.chain(self.items.iter().copied()).collect()
    }

    fn length(&self) -> u64 {
        let sections = self.sections();
        let sections = sections.iter().map(|(_, n)| section_length(*n as usize)).sum::<u64>();
        header(&self.front.head.0).len() as u64 + sections
    }

    fn matching(&self, file: File) -> io::Result<(usize, u64)> {
        self.matching_of(file, self.sections())
    }

    /// How many sections of a file are these, and where the last of them ends; 0 when not even the header
    /// is ours.
    fn matching_of(&self, file: File, sections: Vec<Item>) -> io::Result<(usize, u64)> {
        let mut input = BufReader::with_capacity(PIECE, file);
        let mut buffer = Vec::new();
        let header = header(&self.front.head.0);
        buffer.resize(header.len(), 0);
        if !read_up_to(&mut input, &mut buffer)? || buffer != header {
            return Ok((0, 0));
        }
        let (mut count, mut end) = (0, header.len() as u64);
        for (id, length) in sections {
            let frame = section_start(&id, length as usize);
            buffer.resize(frame.len(), 0);
            if !read_up_to(&mut input, &mut buffer)? || buffer != frame {
                break;
            }
            buffer.resize(length as usize, 0);
            if !read_up_to(&mut input, &mut buffer)? || !id.matches(&buffer) {
                break;
            }
            count += 1;
            end += section_length(length as usize);
        }
        Ok((count, end))
    }

    /// The file that is being written, cut to what is right of it, and how many sections that is.
    fn open_part(&self, part: &Path, force: bool) -> Result<(File, Option<usize>), ExportError> {
        let failed = |e| ExportError::io(format!("making {}", part.display()), e);
        let Some(mut file) = ours(part, force)? else {
            let file =
                OpenOptions::new().write(true).create_new(true).open(part).map_err(failed)?;
            return Ok((file, None));
        };
        if !begins_as(&mut file, &self.front.head.0).map_err(|e| reading(part, e))? && !force {
            return Err(ExportError::Exists(part.to_path_buf()));
        }
        file.rewind().map_err(failed)?;
        let (sections, end) = self.matching(file).map_err(|e| reading(part, e))?;
        let mut file = OpenOptions::new().write(true).open(part).map_err(failed)?;
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::Start(end)).map_err(failed)?;
        Ok((file, (end > 0).then_some(sections)))
    }

    /// Writes header and sections, without the first `from` ones. Gives the length of the whole, and the
    /// sections that are in it.
    fn write_rest(
        &mut self,
        out: &mut dyn Write,
        from: Option<usize>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(u64, Vec<Item>), ExportError> {
        let failed = |e| ExportError::io("writing a volume", e);
        let header = header(&self.front.head.0);
        if from.is_none() {
            out.write_all(&header).map_err(failed)?;
        }
        let (mut at, mut written, mut buffer) = (header.len() as u64, Vec::new(), Vec::new());
        let fronts: Vec<_> =
            self.fronts().iter().map(|(id, bytes)| (*id, bytes.to_vec())).collect();
        for (n, (id, length)) in self.sections().into_iter().enumerate() {
            if from.is_none_or(|from| n >= from) {
                let data = match fronts.get(n) {
                    Some((_, bytes)) => Some(bytes.clone()),
                    None => self.store.get(&id)?,
                };
                let Some(data) = data.filter(|data| data.len() == length as usize) else {
                    self.missing += 1;
                    continue;
                };
                buffer.clear();
                section(&id, &data, &mut buffer);
                out.write_all(&buffer).map_err(failed)?;
            }
            at += section_length(length as usize);
            written.push((id, length));
            progress(at);
        }
        out.flush().map_err(failed)?;
        Ok((at, written))
    }
}

/// Opens a file of a name that is ours; `None` when there is none. What is no plain file is never followed.
pub(super) fn ours(path: &Path, force: bool) -> Result<Option<File>, ExportError> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => Err(ExportError::Exists(path.to_path_buf())),
        Ok(_) if force => Ok(File::open(path).ok()),
        Ok(_) => File::open(path).map(Some).map_err(|e| reading(path, e)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(reading(path, error)),
    }
}

/// True when a file is the beginning of a carrier of this head, be it ever so short.
pub(super) fn begins_as(file: &mut File, head: &BlockId) -> io::Result<bool> {
    let (header, mut start) = (header(head), Vec::new());
    file.take(header.len() as u64).read_to_end(&mut start)?;
    Ok(header.starts_with(&start))
}

pub(super) fn reading(path: &Path, error: io::Error) -> ExportError {
    ExportError::io(format!("reading {}", path.display()), error)
}

pub(super) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// False when the input ends before.
fn read_up_to(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
