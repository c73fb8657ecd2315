//! Walks the records of a segment file and finds the next good one after damage.

use super::record::{RECORD_HEADER, RECORD_MAGIC, RecordHeader, read_erased_header};
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
    /// A record that was erased.
    Erased {
        /// Where its header starts.
        offset: u64,
        /// Length of header and data.
        len: u64,
        /// All of its data is zero. Otherwise the erasing was cut short, or they rotted.
        whole: bool,
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

/// What a header says.
enum Head {
    Record(RecordHeader),
    /// Length of the data.
    Erased(u32),
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
        let Some(head) = self.header_at(offset)? else {
            let next = self.resync(offset + 1)?;
            self.pos = next;
            return Ok(Some(Step::Bad { offset, len: next - offset, header: None }));
        };
        let (header, len) = match head {
            Head::Record(header) => (Some(header), header.record_len()),
            Head::Erased(data_len) => (None, RECORD_HEADER as u64 + u64::from(data_len)),
        };
        let record_end = offset + len;
        if record_end > self.end {
            self.pos = self.end;
            let len = self.end - offset;
            return Ok(Some(Step::Bad { offset, len, header }));
        }
        self.pos = record_end;
        // At most the length of a block.
        let data = self.view(offset + RECORD_HEADER as u64, len as usize - RECORD_HEADER)?;
        Ok(Some(match header {
            None => Step::Erased { offset, len, whole: data.iter().all(|byte| *byte == 0) },
            Some(header) if header.fits(data) => Step::Good { offset, header },
            Some(_) => Step::Bad { offset, len, header },
        }))
    }

    fn header_at(&mut self, offset: u64) -> io::Result<Option<Head>> {
        if self.end - offset < RECORD_HEADER as u64 {
            return Ok(None);
        }
        let bytes = self.view(offset, RECORD_HEADER)?;
        let record = RecordHeader::decode(bytes).map(Head::Record);
        Ok(record.or_else(|| read_erased_header(bytes).map(Head::Erased)))
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
