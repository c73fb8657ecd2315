//! Opening a vault: the heads of all records, and what a crash left behind.

use super::record::{HEAD, Kind, MOST_UNITS, Span, UNIT, noise, open_data, open_head};
use super::seal::Keys;
use super::write::Writer;
use super::{Container, Place, State, Vault, VaultOptions, read_span};
use crate::durable;
use crate::store::StoreError;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

/// Read at once: where blocks are large, one head; where they are small, many.
const WINDOW: usize = 4096;

/// The lock on a vault, held until dropped.
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Said, not left to the closing: see the store's own lock.
        let _ = self.0.unlock();
    }
}

/// The name of a container.
pub fn name(number: u32) -> String {
    format!("{number:08}")
}

/// The number in the name of a container, in its one form.
pub fn number_of(file: &str) -> Option<u32> {
    let number = file.parse().ok()?;
    (name(number) == file).then_some(number)
}

/// See [`Vault::open`].
pub fn open(dir: &Path, keys: Arc<Keys>, options: VaultOptions) -> Result<Vault, StoreError> {
    let io = |error| StoreError::io(format!("open {}", dir.display()), error);
    durable::create_dir_durable(dir).map_err(io)?;
    // On the folder itself: no further file.
    let lock = File::open(dir).map_err(io)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(dir.display().to_string())),
        Err(TryLockError::Error(error)) => return Err(io(error)),
    }
    let lock = Lock(lock);
    let mut state = State::default();
    let mut unmarked = 0;
    for number in numbers(dir).map_err(io)? {
        let path = dir.join(name(number));
        let io = |error| StoreError::io(format!("open {}", path.display()), error);
        unmarked = match container(&path).map_err(io)? {
            Some(file) => take(&mut state, &keys, number, Arc::new(file)).map_err(io)?,
            None => {
                tracing::warn!(container = number, "something that is no file has its place");
                state.foreign = Some(number);
                0
            }
        };
    }
    let bytes = state.containers.values().map(|c| u64::from(c.end) * UNIT as u64).sum();
    let writer = Mutex::new(Writer::new(bytes, unmarked));
    let state = RwLock::new(state);
    Ok(Vault {
        dir: dir.to_owned(),
        keys,
        options,
        state,
        writing: writer,
        compacting: Mutex::new(()),
        _lock: lock,
    })
}

/// Opens a container; `None` for what is no file of this folder: a link, which may lead anywhere, a folder, a pipe.
fn container(path: &Path) -> std::io::Result<Option<File>> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    // Of the same width on every system that we run on.
    OpenOptions::new().read(true).write(true).custom_flags(flags as i32).open(path).map(Some)
}

fn numbers(dir: &Path) -> std::io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        found.extend(entry?.file_name().to_str().and_then(number_of));
    }
    found.sort_unstable();
    Ok(found)
}

/// What lies at a place of a container.
pub enum Met {
    /// A record with a good head.
    Record(Kind, Span),
    /// Bytes that have none.
    Bad(Span),
}

/// Walks the records of a container.
pub struct Walker<'a> {
    keys: &'a Keys,
    file: &'a File,
    number: u32,
    at: u32,
    end: u32,
    window: Vec<u8>,
    window_at: u64,
    lossy: bool,
}

impl<'a> Walker<'a> {
    /// From the beginning to `end`, in units.
    pub fn new(keys: &'a Keys, file: &'a File, number: u32, end: u32) -> Self {
        Self { keys, file, number, at: 0, end, window: Vec::new(), window_at: 0, lossy: false }
    }

    /// True when the disk could not read some of the heads so far.
    pub fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// The next record or bad range; `None` at the end.
    pub fn step(&mut self) -> std::io::Result<Option<Met>> {
        let from = self.at;
        while self.at < self.end {
            let number = self.number;
            let span = |at, units| Span { container: number, at, units };
            let Some((kind, units)) = self.head()? else {
                self.at += 1;
                continue;
            };
            if self.at > from {
                return Ok(Some(Met::Bad(span(from, self.at - from))));
            }
            self.at += units;
            return Ok(Some(Met::Record(kind, span(from, units))));
        }
        let bad = Span { container: self.number, at: from, units: self.end - from };
        Ok((self.end > from).then_some(Met::Bad(bad)))
    }

    /// The head here, when the record is wholly before the end.
    fn head(&mut self) -> std::io::Result<Option<(Kind, u32)>> {
        let offset = u64::from(self.at) * UNIT as u64;
        let held = self.window_at + self.window.len() as u64;
        if offset < self.window_at || offset + HEAD as u64 > held {
            let left = u64::from(self.end - self.at) * UNIT as u64;
            self.window.resize(left.min(WINDOW as u64) as usize, 0);
            self.window_at = offset;
            match self.file.read_exact_at(&mut self.window, offset) {
                // The disk has lost these bytes: no head can be here.
                Err(error) if error.raw_os_error() == Some(EIO) => {
                    self.window.fill(0);
                    self.lossy = true;
                }
                other => other?,
            }
        }
        let bytes = self.window.get((offset - self.window_at) as usize..).unwrap_or_default();
        let found = open_head(self.keys, self.number, self.at, bytes);
        Ok(found.filter(|(_, units)| *units <= self.end - self.at))
    }
}

/// EIO: the disk could not read. Same number on every Unix.
const EIO: i32 = 5;

/// Takes the records of a container, and cuts off its torn end. A later record of a block wins: it was written
/// because the earlier one was damaged. Returns the bytes behind the last mark; they are durable now.
fn take(state: &mut State, keys: &Keys, number: u32, file: Arc<File>) -> std::io::Result<u64> {
    let len = file.metadata()?.len();
    let end = u32::try_from(len / UNIT as u64).unwrap_or(u32::MAX);
    let mut walker = Walker::new(keys, &file, number, end);
    // What may be torn: behind the last mark.
    let mut behind = Vec::new();
    let mut any = false;
    while let Some(met) = walker.step()? {
        any |= !matches!(met, Met::Bad(_));
        if let Met::Record(Kind::Mark, _) = met {
            std::mem::take(&mut behind).into_iter().for_each(|promised| settle(state, promised));
        } else {
            behind.push(met);
        }
    }
    let marked = end - behind.iter().map(|met| span_of(met).units).sum::<u32>();
    let mut good_end = marked;
    let (mut bad, mut gaps) = (Vec::new(), Vec::new());
    let mut lossy = walker.is_lossy();
    for met in behind {
        let span = span_of(&met);
        match is_whole(keys, &file, &met)? {
            Some(true) => {
                good_end = span.at + span.units;
                gaps.append(&mut bad);
                settle(state, met);
            }
            whole => {
                lossy |= whole.is_none();
                bad.push(span);
            }
        }
    }
    let torn = u64::from(good_end) * UNIT as u64 != len;
    // Where nothing at all can be read the key may be another one, or the file somebody else's: nothing is cut
    // off then, and what a crash left of a first record is told as damage. Nor where the disk could not read: it
    // may have been promised, and be read the next time.
    let closed = torn && (!any || lossy);
    if closed {
        tracing::warn!(container = number, "the end of a container cannot be read");
        state.unknown.append(&mut bad);
    } else if torn {
        tracing::info!(container = number, "a torn end is cut off");
        file.set_len(u64::from(good_end) * UNIT as u64)?;
    }
    if lossy {
        state.unknown.append(&mut gaps);
    }
    for span in &gaps {
        blank(keys, &file, span)?;
    }
    if torn || good_end > marked {
        // After a kill these bytes may be in the system's cache only: what is taken for held is durable first.
        file.sync_all()?;
    }
    let end = if closed { end } else { good_end };
    state.containers.insert(number, Container { file, end, closed });
    Ok(u64::from(good_end - marked) * UNIT as u64)
}

fn span_of(met: &Met) -> Span {
    match met {
        Met::Record(_, span) | Met::Bad(span) => *span,
    }
}

/// Whether the data is right, too; `None` when the disk cannot read it.
pub(super) fn is_whole(keys: &Keys, file: &File, met: &Met) -> std::io::Result<Option<bool>> {
    match met {
        Met::Bad(_) => Ok(Some(false)),
        Met::Record(Kind::Block(block), span) => match read_span(file, span) {
            Ok(record) => Ok(Some(open_data(keys, block, record).is_some())),
            Err(error) if error.raw_os_error() == Some(EIO) => Ok(None),
            Err(error) => Err(error),
        },
        Met::Record(..) => Ok(Some(true)),
    }
}

/// Makes an erased record of a gap: writes of which a power cut kept the later ones only. It was never promised, and
/// would be told as damage for ever.
fn blank(keys: &Keys, file: &File, gap: &Span) -> std::io::Result<()> {
    let (mut at, end) = (gap.at, gap.at + gap.units);
    while at < end {
        let span = Span { at, units: (end - at).min(MOST_UNITS), ..*gap };
        let record = noise(keys, &Kind::Erased, &span).map_err(std::io::Error::other)?;
        file.write_all_at(&record, span.offset())?;
        at += span.units;
    }
    Ok(())
}

fn settle(state: &mut State, met: Met) {
    match met {
        Met::Record(Kind::Block(block), span) => {
            state.insert(block.hash, Place::new(&block, span.container, span.at));
        }
        Met::Record(..) => {}
        Met::Bad(span) => {
            tracing::warn!(
                container = span.container,
                units = span.units,
                "damaged bytes in a container"
            );
            state.unknown.push(span);
        }
    }
}
