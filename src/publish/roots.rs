//! The signed trust roots that a maintainer's home keeps for its archives, also before the first release.

use crate::durable::{Mode, write_atomic};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::cbor;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::limits::MAX_HEAD_BYTES;
use yadgar_protocol::trust::check_chain;

fn file(home: &Path, archive: &ArchiveId) -> PathBuf {
    home.join("archives").join(archive.to_string()).join("roots")
}

/// Writes the trust roots of an archive.
///
/// # Errors
/// When the home cannot be written.
pub fn save(home: &Path, archive: &ArchiveId, roots: &[Envelope]) -> Result<()> {
    let file = file(home, archive);
    if let Some(folder) = file.parent() {
        crate::durable::create_dir_durable(folder)?;
    }
    write_atomic(&file, &cbor::encode(&roots), Mode::Private)
}

/// Reads and checks them; `None` when this home has none.
///
/// # Errors
/// When the file cannot be read or does not belong to the archive.
pub fn load(home: &Path, archive: &ArchiveId) -> Result<Option<Vec<Envelope>>> {
    let bytes = match std::fs::read(file(home, archive)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let damaged = |e| Error::new(ErrorKind::InvalidData, format!("the trust roots: {e}"));
    let roots: Vec<Envelope> = cbor::decode(&bytes, MAX_HEAD_BYTES).map_err(damaged)?;
    check_chain(archive, &roots).map_err(damaged)?;
    Ok(Some(roots))
}

/// The name of an archive that was made in this home, also before its first release. `None` when this
/// home has no readable trust roots of it.
pub fn name_of(home: &Path, archive: &ArchiveId) -> Option<String> {
    let roots = load(home, archive).ok().flatten()?;
    check_chain(archive, &roots).ok()?.pop().map(|root| root.name)
}

/// The trust roots to sign under: those that this home keeps or those of the trusted head, whichever
/// list is longer. `None` when there are neither.
///
/// # Errors
/// When the file cannot be read, or when the two lists are not one the beginning of the other: then
/// somebody signed two trust roots of one version.
pub fn in_force(
    home: &Path,
    archive: &ArchiveId,
    trusted: Option<&yadgar_protocol::trust::Accepted>,
) -> Result<Option<Vec<Envelope>>> {
    let kept = load(home, archive)?;
    let (Some(kept), Some(trusted)) = (&kept, trusted.map(|t| &t.head.roots)) else {
        return Ok(kept.or_else(|| trusted.map(|t| t.head.roots.clone())));
    };
    if !kept.iter().zip(trusted).all(|(a, b)| a.payload == b.payload) {
        let what = "the trust roots of this home and those of the trusted release differ";
        return Err(Error::new(ErrorKind::InvalidData, what));
    }
    Ok(Some(if kept.len() > trusted.len() { kept.clone() } else { trusted.clone() }))
}

/// The fork that stands in this home, from its proof file, checked. `None` when there is none.
///
/// # Errors
/// When the file cannot be read or proves nothing.
pub fn fork(
    home: &Path,
    archive: &ArchiveId,
) -> Result<Option<yadgar_protocol::trust::CheckedFork>> {
    let path = home.join("archives").join(archive.to_string()).join("fork-proof");
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let damaged = |e| Error::new(ErrorKind::InvalidData, format!("the fork proof: {e}"));
    let fork = yadgar_protocol::trust::Fork::decode(&bytes).map_err(damaged)?;
    fork.check(archive).map(Some).map_err(damaged)
}
