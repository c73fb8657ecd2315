//! What a maintainer's home will withdraw with the next release: what was decided here, and the urgent
//! notices that were adopted here.
//!
//! ```text
//! archives/ID/pending   withdrawals that no release carries yet
//! archives/ID/notices   signed notices whose items no release carries yet
//! ```

use crate::durable::{Mode, create_dir_durable, write_atomic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::limits::{MAX_NOTICES, MAX_WITHDRAWN};
use yadgar_protocol::notice::Notice;
use yadgar_protocol::release::Release;
use yadgar_protocol::withdraw::{Reason, Withdrawal};
use yadgar_protocol::{ArchiveId, Hash, cbor};

/// More than the longest list takes.
const MAX_BYTES: usize = 8 << 20;

/// A withdrawal that was decided here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// What, as the release will name it (WD-1).
    pub item: Hash,
    /// Where it was, for the maintainer's eyes; it leaves the home with no release.
    pub path: String,
    /// Why.
    pub reason: Reason,
}

fn file(home: &Path, archive: &ArchiveId, name: &str) -> PathBuf {
    home.join("archives").join(archive.to_string()).join(name)
}

fn read<T: Serialize + serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    cbor::decode(&bytes, MAX_BYTES)
        .map_err(|e| Error::new(ErrorKind::InvalidData, format!("{}: {e}", path.display())))
}

fn write<T: Serialize>(path: &Path, list: &[T]) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_dir_durable(folder)?;
    }
    write_atomic(path, &cbor::encode(&list), Mode::Private)
}

/// The withdrawals that wait for the next release.
///
/// # Errors
/// When the file cannot be read or is not what [`add`] writes.
pub fn load(home: &Path, archive: &ArchiveId) -> Result<Vec<Pending>> {
    read(&file(home, archive, "pending"))
}

/// Adds withdrawals; one that waits already takes the new reason.
///
/// # Errors
/// When the file cannot be read or written, or the list would be longer than a release's.
pub fn add(home: &Path, archive: &ArchiveId, new: &[Pending]) -> Result<()> {
    let mut list = load(home, archive)?;
    list.retain(|p| !new.iter().any(|n| n.item == p.item));
    list.extend_from_slice(new);
    if list.len() > MAX_WITHDRAWN {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "more withdrawals than a release can list",
        ));
    }
    write(&file(home, archive, "pending"), &list)
}

/// The notices that were adopted here and are not in a release yet.
///
/// # Errors
/// When the file cannot be read or is not what [`add_notice`] writes.
pub fn notices(home: &Path, archive: &ArchiveId) -> Result<Vec<Envelope>> {
    read(&file(home, archive, "notices"))
}

/// Keeps a signed notice, and forgets what it carries among [`load`].
///
/// # Errors
/// When the files cannot be read or written.
pub fn add_notice(home: &Path, archive: &ArchiveId, notice: &Envelope) -> Result<()> {
    let mut list = notices(home, archive)?;
    list.retain(|n| n.payload != notice.payload);
    list.push(notice.clone());
    if list.len() > MAX_NOTICES {
        return Err(Error::new(ErrorKind::InvalidInput, "64 notices wait for a release already"));
    }
    write(&file(home, archive, "notices"), &list)?;
    let carried = Notice::decode(&notice.payload).map(|n| n.withdrawn).unwrap_or_default();
    forget(home, archive, &carried)
}

/// Forgets what a release carries.
///
/// # Errors
/// When the files cannot be read or written.
pub fn settle(home: &Path, archive: &ArchiveId, release: &Release) -> Result<()> {
    forget(home, archive, &release.withdrawn)?;
    let list = notices(home, archive)?;
    let carried = |e: &Envelope| {
        Notice::decode(&e.payload).is_ok_and(|n| {
            n.withdrawn.iter().all(|w| release.withdrawn.iter().any(|r| r.item == w.item))
        })
    };
    let left: Vec<_> = list.iter().filter(|e| !carried(e)).cloned().collect();
    if left.len() < list.len() { write(&file(home, archive, "notices"), &left) } else { Ok(()) }
}

fn forget(home: &Path, archive: &ArchiveId, carried: &[Withdrawal]) -> Result<()> {
    let list = load(home, archive)?;
    let left: Vec<_> =
        list.iter().filter(|p| !carried.iter().any(|w| w.item == p.item)).cloned().collect();
    if left.len() < list.len() { write(&file(home, archive, "pending"), &left) } else { Ok(()) }
}

/// The list of the next release (WD-4): that of the release before, then what the notices say, then what
/// waits here. The first trace of an item stays, also one that names a later release, which was set aside
/// since: see [`crate::store::acts::cumulative`]. What waits gets the date and number of the release, so
/// that two maintainers get the same bytes whenever they decided.
///
/// # Errors
/// When the files cannot be read.
pub fn withdrawn(
    home: &Path,
    archive: &ArchiveId,
    before: Option<&Release>,
    date: &str,
    sequence: u64,
) -> Result<Vec<Withdrawal>> {
    let mut out: BTreeMap<Hash, Withdrawal> = BTreeMap::new();
    let mut add = |w: Withdrawal| {
        out.entry(w.item).or_insert(w);
    };
    before.into_iter().flat_map(|b| &b.withdrawn).cloned().for_each(&mut add);
    for notice in notices(home, archive)? {
        let known = Notice::decode(&notice.payload).map(|n| n.withdrawn).unwrap_or_default();
        known.into_iter().for_each(&mut add);
    }
    for p in load(home, archive)? {
        add(Withdrawal { item: p.item, date: date.to_owned(), reason: p.reason, sequence });
    }
    Ok(out.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wd_4_what_waits_and_what_notices_say_joins_the_list_once() {
        let home = tempfile::tempdir().unwrap();
        let archive = ArchiveId(Hash::of(b"a"));
        let pending =
            |n: u8, reason| Pending { item: Hash([n; 32]), path: "records/x".into(), reason };
        add(home.path(), &archive, &[pending(2, Reason::Error), pending(1, Reason::Withheld)])
            .unwrap();
        add(home.path(), &archive, &[pending(2, Reason::Duplicate)]).unwrap();
        assert_eq!(load(home.path(), &archive).unwrap().len(), 2);
        let urgent = Withdrawal {
            item: Hash([1; 32]),
            date: "2026-01-01".into(),
            reason: Reason::Withheld,
            sequence: 3,
        };
        let notice = Notice {
            date: "2026-01-01".into(),
            kind: "notice".into(),
            format: 1,
            archive,
            sequence: 3,
            withdrawn: vec![urgent.clone()],
            root_version: 1,
        };
        add_notice(home.path(), &archive, &Envelope::unsigned(notice.encode())).unwrap();
        assert_eq!(load(home.path(), &archive).unwrap(), [pending(2, Reason::Duplicate)]);
        let list = withdrawn(home.path(), &archive, None, "2026-02-02", 4).unwrap();
        assert_eq!(list[0], urgent);
        assert_eq!((list[1].sequence, list[1].reason), (4, Reason::Duplicate));
        let release = Release {
            date: "2026-02-02".into(),
            kind: "release".into(),
            prev: None,
            parts: vec![],
            format: 1,
            archive,
            records: 0,
            sequence: 4,
            withdrawn: list.clone(),
            root_version: 1,
        };
        settle(home.path(), &archive, &release).unwrap();
        assert!(load(home.path(), &archive).unwrap().is_empty());
        assert!(notices(home.path(), &archive).unwrap().is_empty());
        let next = withdrawn(home.path(), &archive, Some(&release), "2026-03-03", 5).unwrap();
        assert_eq!(next, list, "the first trace stays");
    }
}
