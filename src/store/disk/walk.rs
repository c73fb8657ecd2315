//! Walks the records of a segment file and finds the next good one after damage.

use super::record::{RECORD_HEADER, RECORD_MAGIC, RecordHeader};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Read at once. Larger than the largest record.
const WINDOW: usize = 1 << 20;
/// What is given up at once where the disk cannot read.
const SECTOR: usize = 4096;
/// Stands for bytes that the disk cannot read.
const UNREADABLE: u8 = 0xee;
/// EIO: the disk could not read. Same number on every Unix.
pub const EIO: i32 = 5;

/// What lies at a place of a segment.
pub enum Step {
    /// A record, its hash checked.
    Good {
        /// Where its header starts.
        offset: u64,
        /// Its header.
        header: RecordHeader,
    },
    /// Bytes that are no good record.
    Bad {
        /// Where they start.
        offset: u64,
        /// How many.
        len: u64,
        /// The header, when that is fine and only the data is damaged or missing.
        header: Option<RecordHeader>,
    },
}

/// Reads the records of `file` between two offsets.
pub struct Walker<'a> {
    file: &'a File,
    pos: u64,
    end: u64,
    window: Vec<u8>,
    window_at: u64,
    lossy: bool,
}

impl<'a> Walker<'a> {
    /// Walks from `pos`, where a record starts, to `end`.
    pub fn new(file: &'a File, pos: u64, end: u64) -> Self {
        Self { file, pos, end, window: Vec::new(), window_at: 0, lossy: false }
    }

    /// True when the disk could not read some of the bytes so far.
    pub fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// The next record or damaged range; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read. Bytes that the disk has lost (EIO) count as damaged instead.
    pub fn step(&mut self) -> io::Result<Option<Step>> {
        if self.pos >= self.end {
            return Ok(None);
        }
        let offset = self.pos;
        let Some(header) = self.header_at(offset)? else {
            let next = self.resync(offset + 1)?;
            self.pos = next;
            return Ok(Some(Step::Bad { offset, len: next - offset, header: None }));
        };
        let record_end = offset + header.record_len();
        if record_end > self.end {
            self.pos = self.end;
            let len = self.end - offset;
            return Ok(Some(Step::Bad { offset, len, header: Some(header) }));
        }
        self.pos = record_end;
        let data = self.view(offset + RECORD_HEADER as u64, header.stored_len as usize)?;
        Ok(Some(if header.fits(data) {
            Step::Good { offset, header }
        } else {
            Step::Bad { offset, len: record_end - offset, header: Some(header) }
        }))
    }

    fn header_at(&mut self, offset: u64) -> io::Result<Option<RecordHeader>> {
        if self.end - offset < RECORD_HEADER as u64 {
            return Ok(None);
        }
        Ok(RecordHeader::decode(self.view(offset, RECORD_HEADER)?))
    }

    /// The first place from `from` on where a good header stands, or the end.
    fn resync(&mut self, from: u64) -> io::Result<u64> {
        let mut at = from;
        while self.end.saturating_sub(at) >= RECORD_HEADER as u64 {
            // At most the window's length, so it fits usize.
            let len = (self.end - at).min(WINDOW as u64) as usize;
            let bytes = self.view(at, len)?;
            match bytes.windows(RECORD_MAGIC.len()).position(|w| w == RECORD_MAGIC) {
                Some(found) => {
                    at += found as u64;
                    if self.header_at(at)?.is_some() {
                        return Ok(at);
                    }
                    at += 1;
                }
                // The magic may straddle the window's end.
                None => at += (len - RECORD_MAGIC.len() + 1) as u64,
            }
        }
        Ok(self.end)
    }

    /// `len` bytes (at most [`WINDOW`]) at `offset`, all before the end.
    fn view(&mut self, offset: u64, len: usize) -> io::Result<&[u8]> {
        let held = self.window_at..=self.window_at + self.window.len() as u64;
        if !(held.contains(&offset) && held.contains(&(offset + len as u64))) {
            let size = (self.end - offset).min(WINDOW.max(len) as u64) as usize;
            self.window.resize(size, 0);
            self.window_at = offset;
            match fill(self.file, &mut self.window, offset) {
                Ok(whole) => self.lossy |= !whole,
                Err(error) => {
                    self.window.clear();
                    return Err(error);
                }
            }
        }
        let start = (offset - self.window_at) as usize;
        self.window.get(start..start + len).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Reads, and marks what the disk has lost; true when that is nothing.
fn fill(file: &File, out: &mut [u8], offset: u64) -> io::Result<bool> {
    match file.read_exact_at(out, offset) {
        Err(error) if error.raw_os_error() == Some(EIO) => {}
        other => return other.map(|()| true),
    }
    let mut at = offset;
    for piece in out.chunks_mut(SECTOR) {
        match file.read_exact_at(piece, at) {
            Err(error) if error.raw_os_error() == Some(EIO) => piece.fill(UNREADABLE),
            other => other?,
        }
        at += piece.len() as u64;
    }
    Ok(false)
}
