//! Writing a carrier (CAR-1, CAR-2).

use crate::survey::{Fault, PartFound, Visit, Walk};
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use yadgar_protocol::BlockId;
use yadgar_protocol::carrier::{header, section};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

use super::before;
use crate::store::{BlockStore, StoreError};

/// Earlier release payloads in a carrier (CAR-2).
pub(super) const MAX_EARLIER: usize = 256;

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The carrier cannot be written.
    #[error("{what}: {source}")]
    Write {
        /// What was being done, with the file.
        what: String,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// No space left where the carrier is written.
    #[error("no space left on the disk while {0}")]
    DiskFull(String),
    /// The file system of the target ends at a smaller size (FAT32: 4 GiB).
    #[error("the disk cannot hold so large a file (FAT32 ends at 4 GiB): {0}")]
    FileTooLarge(String),
    /// There is a file of that name already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// The release has no such part.
    #[error("the release has no part called {0:?}")]
    NoSuchPart(String),
    /// A volume of this size cannot hold the head and a block with what leads to it.
    #[error("{0} bytes are too few for a volume of this archive")]
    TooSmall(u64),
    /// More volumes than a set may have.
    #[error("more than {0} volumes")]
    TooManyVolumes(usize),
    /// A set of this many bytes is more than parity can be made of.
    #[error("parity cannot be made for this many bytes: {0}")]
    TooLargeForParity(String),
    /// What was written does not read back as it should.
    #[error("the disk does not give back what was written to it: {0}")]
    ReadBack(String),
}

impl ExportError {
    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        let what = what.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(what),
            io::ErrorKind::FileTooLarge => Self::FileTooLarge(what),
            _ => Self::Write { what, source },
        }
    }
}

/// What to write.
#[derive(Default, Clone, Copy)]
pub struct ExportOptions<'a> {
    /// Names of the parts; all without.
    pub parts: Option<&'a [String]>,
    /// Blocks that the receiver has: left out, so that the carrier holds only what is new. See
    /// [`blocks_of`]. The head and the release payloads are always written.
    pub except: Option<&'a HashSet<BlockId>>,
    /// The receiver trusts this release or a newer one: payloads up to it are left out.
    pub after: Option<u64>,
    /// What is left out because it was withdrawn (WD-7).
    pub denied: Option<&'a Denied>,
    /// The bulletin of the archive, written behind the head (CAR-2).
    pub bulletin: Option<&'a [u8]>,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportProgress {
    /// Blocks written.
    pub blocks: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Bytes of all files of the parts: about where `bytes` will end. Less, when files share
    /// blocks or blocks are left out or missing; a little more otherwise.
    pub expected: u64,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ExportSummary {
    /// Sections in the carrier.
    pub blocks: u64,
    /// Length of the carrier, in bytes.
    pub bytes: u64,
    /// Earlier release payloads in it.
    pub earlier_releases: u64,
    /// Blocks left out because the receiver has them.
    pub left_out: u64,
    /// Blocks that are not in the store. Not fatal: any subset is a valid carrier.
    pub missing: u64,
    /// What the store has of each part.
    pub parts: Vec<PartFound>,
    /// Files that are not wholly in it, and why: the first 100.
    pub faults: Vec<Fault>,
}

/// Writes the carrier of `head` from what is in `store` (CAR-2): head, release payload, up to 256
/// earlier ones, then part by part (all without `parts`) tree nodes and blocks; each block once.
///
/// # Errors
/// See [`ExportError`]. What is in `out` then is a torn carrier.
pub fn export(
    store: &dyn BlockStore,
    head: &Accepted,
    parts: Option<&[String]>,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(ExportProgress),
) -> Result<ExportSummary, ExportError> {
    let options = ExportOptions { parts, ..ExportOptions::default() };
    export_with(store, head, options, out, progress)
}

/// [`export`] with more to choose.
///
/// # Errors
/// See [`export`].
pub fn export_with(
    store: &dyn BlockStore,
    head: &Accepted,
    options: ExportOptions<'_>,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(ExportProgress),
) -> Result<ExportSummary, ExportError> {
    let parts = chosen(&head.release, options.parts)?;
    let expected = parts.iter().map(|part| part.bytes).sum();
    let mut writer = Writer {
        store,
        except: options.except,
        out,
        structure: HashSet::new(),
        buffer: Vec::new(),
        left_out: 0,
        at: ExportProgress { expected, ..ExportProgress::default() },
        progress,
    };
    let earlier_releases = writer.front(head, &options)?;
    let mut found = Vec::new();
    let mut walk = Walk::new(&mut writer).without(options.denied);
    for part in parts {
        // Two walks: a receiver with half of a carrier knows at least all names of this part.
        let nodes = walk.part(part, false)?;
        let mut files = walk.part(part, true)?;
        files.missing_blocks += nodes.missing_blocks;
        found.push(files);
    }
    let mut faults = std::mem::take(&mut walk.faults);
    // A node that both walks met.
    let mut met = HashSet::new();
    faults.retain(|fault| met.insert((fault.part.clone(), fault.path.clone())));
    let out = |source| ExportError::io("writing the carrier", source);
    writer.out.flush().map_err(out)?;
    Ok(ExportSummary {
        blocks: writer.at.blocks,
        bytes: writer.at.bytes,
        earlier_releases,
        left_out: writer.left_out,
        missing: found.iter().map(|part| part.missing_blocks).sum(),
        parts: found,
        faults,
    })
}

/// All blocks of some parts of a release (all parts without) as far as they are known in `store`:
/// what a receiver who has this release need not get again.
///
/// # Errors
/// When the store cannot be read, or the release has no such part.
pub fn blocks_of(
    store: &dyn BlockStore,
    release: &Release,
    parts: Option<&[String]>,
) -> Result<HashSet<BlockId>, ExportError> {
    let mut collect = Collect { store, ids: HashSet::new() };
    let mut walk = Walk::new(&mut collect);
    for part in chosen(release, parts)? {
        walk.part(part, true)?;
    }
    Ok(collect.ids)
}

pub(super) fn chosen<'r>(
    release: &'r Release,
    names: Option<&[String]>,
) -> Result<Vec<&'r Part>, ExportError> {
    if let Some(name) = names.into_iter().flatten().find(|name| release.part(name).is_none()) {
        return Err(ExportError::NoSuchPart(name.clone()));
    }
    let wanted = |part: &&Part| names.is_none_or(|names| names.contains(&part.name));
    Ok(release.parts.iter().filter(wanted).collect())
}

/// The payloads of the releases before `release`, newest first, down to the one after `after` (CAR-2).
pub(crate) fn earlier(
    store: &dyn BlockStore,
    release: &Release,
    after: Option<u64>,
) -> Result<Vec<(BlockId, Vec<u8>)>, StoreError> {
    let mut found = Vec::new();
    let mut at = Some((before(release), release.sequence));
    while let Some((Some(id), sequence)) = at.take()
        && found.len() < MAX_EARLIER
        && after.is_none_or(|after| sequence > after.saturating_add(1))
        && let Some(payload) = store.get(&id)?
    {
        at = Release::decode(&payload).ok().map(|r| (before(&r), r.sequence));
        found.push((id, payload));
    }
    Ok(found)
}

struct Writer<'a> {
    store: &'a dyn BlockStore,
    except: Option<&'a HashSet<BlockId>>,
    out: &'a mut dyn Write,
    /// Structure that is written or left out; of content the walk asks once only.
    structure: HashSet<BlockId>,
    buffer: Vec<u8>,
    left_out: u64,
    at: ExportProgress,
    progress: &'a mut dyn FnMut(ExportProgress),
}

impl Writer<'_> {
    /// Header, head, bulletin and release payloads; gives the number of earlier ones.
    fn front(&mut self, head: &Accepted, options: &ExportOptions<'_>) -> Result<u64, ExportError> {
        let id = BlockId::dag_cbor(&head.bytes);
        self.buffer = header(&id);
        self.write()?;
        self.section(&id, &head.bytes)?;
        if let Some(bulletin) = options.bulletin {
            self.section(&BlockId::dag_cbor(bulletin), bulletin)?;
        }
        self.section(&head.head.link, &head.head.release.payload)?;
        self.structure.extend([id, head.head.link]);
        let earlier = earlier(self.store, &head.release, options.after)?;
        for (id, payload) in &earlier {
            self.structure.insert(*id);
            self.section(id, payload)?;
        }
        Ok(earlier.len() as u64)
    }

    fn section(&mut self, id: &BlockId, bytes: &[u8]) -> Result<(), ExportError> {
        self.buffer.clear();
        section(id, bytes, &mut self.buffer);
        self.write()?;
        self.at.blocks += 1;
        (self.progress)(self.at);
        Ok(())
    }

    fn write(&mut self) -> Result<(), ExportError> {
        let failed = |source| ExportError::io("writing the carrier", source);
        self.out.write_all(&self.buffer).map_err(failed)?;
        self.at.bytes += self.buffer.len() as u64;
        Ok(())
    }

    fn is_left_out(&mut self, id: &BlockId) -> bool {
        let left_out = self.except.is_some_and(|ids| ids.contains(id));
        self.left_out += u64::from(left_out);
        left_out
    }
}

impl Visit for Writer<'_> {
    type Error = ExportError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ExportError> {
        let bytes = self.store.get(id)?;
        if let Some(bytes) = &bytes
            && self.structure.insert(*id)
            && !self.is_left_out(id)
        {
            self.section(id, bytes)?;
        }
        Ok(bytes)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ExportError> {
        if self.is_left_out(id) {
            return Ok(Some(bytes));
        }
        let Some(data) = self.store.get(id)? else { return Ok(None) };
        self.section(id, &data)?;
        Ok(Some(data.len() as u64))
    }
}

/// Collects ids without reading content.
struct Collect<'a> {
    store: &'a dyn BlockStore,
    ids: HashSet<BlockId>,
}

impl Visit for Collect<'_> {
    type Error = ExportError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, ExportError> {
        self.ids.insert(*id);
        Ok(self.store.get(id)?)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, ExportError> {
        self.ids.insert(*id);
        Ok(Some(bytes))
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
pub(super) mod tests;
