//! From a release to the files, in an order in which the folder can be read at any moment (STATIC-9 to STATIC-11).

use super::MirrorError;
use super::blocks::Blocks;
use super::folder::Folder;
use super::known::Known;
use super::lost;
use super::reach::Reach;
use super::write::{Writer, Written};
use crate::store::BlockStore;
use crate::survey::{Fault, PartFound, Walk};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use yadgar_protocol::Hash;
use yadgar_protocol::head::Head;
use yadgar_protocol::limits::MAX_CATALOGS;
use yadgar_protocol::pack::{Catalog, FileRef, Holds, Named, PackRef, StaticHead};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

/// What to write.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Names of the parts; all without.
    pub parts: Option<&'a [String]>,
    /// What is left out because it was withdrawn (WD-7).
    pub denied: &'a Denied,
    /// The bulletin of the archive.
    pub bulletin: Option<&'a [u8]>,
    /// Also over a newer release, and over packs of which nothing tells whose they are.
    pub force: bool,
}

/// What the folder holds, and what was done for it.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Summary {
    /// Number of the release.
    pub sequence: u64,
    /// Packs that the head leads to.
    pub packs: u64,
    /// Bytes of all files that the head leads to, and its own.
    pub bytes: u64,
    /// Bytes of all files of the parts, plain.
    pub plain_bytes: u64,
    /// Blocks that were put into new packs.
    pub new_blocks: u64,
    /// Files that were written, besides `head`.
    pub new_files: u64,
    /// Bytes of these.
    pub new_bytes: u64,
    /// False when `head` was there as it is.
    pub head_replaced: bool,
    /// Files that were removed.
    pub removed: u64,
    /// Catalogs and packs of the folder that were gone or damaged, and are made up for.
    pub damaged: u64,
    /// Blocks that are neither in the store nor in the folder.
    pub missing: u64,
    /// Files left out because they were withdrawn.
    pub withdrawn: u64,
    /// Files that are not wholly in it, and why: the first 100.
    pub not_whole: Vec<Fault>,
}

/// Writes the static mirror of `head` into a folder, new or of an earlier export. `progress` hears of the bytes of
/// files that were looked at, and of how many there are.
///
/// # Errors
/// See [`MirrorError`]. The folder's `head` then is as it was, and all that it leads to is there.
pub fn write(
    store: &dyn BlockStore,
    head: &Accepted,
    dir: &Path,
    options: Options<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Summary, MirrorError> {
    let parts = chosen(&head.release, options.parts)?;
    let total = parts.iter().map(|part| part.bytes).sum();
    let folder = Folder::open(dir)?;
    let known = Known::read(&folder)?;
    may_replace(&folder, &known, head, options.force)?;
    let denied = denied_note(options.denied);
    let strict = known.head.as_ref().is_some_and(|(_, head)| head.denied != denied);
    let payload = (head.head.link, head.head.release.payload.as_slice());
    let blocks = Blocks::new(store, &folder, &known.packs, payload);
    let reach = Reach::new(store, &blocks, head, &parts, options.denied)?;
    let stay = known.staying(&reach, strict);
    let staying = || stay.iter().map(|n| &known.packs[*n]);
    let held: HashSet<_> = staying().flat_map(|pack| pack.index.ids()).copied().collect();
    let mut hear = |done: Written| progress(done.seen, total);
    let mut writer = Writer::new(&folder, &blocks, held, &mut hear)?;
    writer.structure(&reach)?;
    let (found, not_whole) = content(&mut writer, &parts, options.denied)?;
    let mut packs: Vec<PackRef> = staying().map(|pack| pack.entry.clone()).collect();
    packs.append(&mut writer.packs);
    packs.sort_by_key(|pack| rank(pack, &head.release));
    let catalogs = catalogs(&mut writer, packs.clone())?;
    let bulletin = options.bulletin.map(<[u8]>::to_vec);
    let archive = head.release.archive;
    let new = StaticHead::new(archive, head.bytes.clone(), bulletin, denied, catalogs.clone());
    let new = new.encode();
    // Whatever the new head leads to is durable before it is there.
    folder.sync()?;
    let head_replaced = folder.put(&Named::Head, &new)?;
    folder.sync()?;
    let names = names(&packs, &catalogs);
    let dropped: BTreeSet<Named> = if strict { gone(&known, &names) } else { BTreeSet::new() };
    let kept = |named: &Named| {
        names.contains(named) || known.names.contains(named) && !dropped.contains(named)
    };
    let removed = folder.clean(&|named| !kept(named))?;
    folder.sync()?;
    let files = packs.iter().flat_map(|pack| [pack.pack, pack.index]).chain(catalogs);
    Ok(Summary {
        sequence: head.release.sequence,
        packs: packs.len() as u64,
        bytes: files.map(|file| file.bytes).sum::<u64>() + new.len() as u64,
        plain_bytes: total,
        new_blocks: writer.done.blocks,
        new_files: writer.done.files,
        new_bytes: writer.done.bytes,
        head_replaced,
        removed,
        damaged: known.damaged,
        missing: found.iter().map(|part| part.missing_blocks).sum(),
        withdrawn: found.iter().map(|part| part.withdrawn).sum(),
        not_whole,
    })
}

fn chosen<'r>(
    release: &'r Release,
    names: Option<&[String]>,
) -> Result<Vec<&'r Part>, MirrorError> {
    if let Some(name) = names.into_iter().flatten().find(|name| release.part(name).is_none()) {
        return Err(MirrorError::NoSuchPart(name.clone()));
    }
    let wanted = |part: &&Part| names.is_none_or(|names| names.contains(&part.name));
    Ok(release.parts.iter().filter(wanted).collect())
}

/// Another archive is never replaced, a newer release only when that was asked for.
fn may_replace(
    folder: &Folder,
    known: &Known,
    head: &Accepted,
    force: bool,
) -> Result<(), MirrorError> {
    let Some((_, there)) = &known.head else { return without_head(folder, head, force) };
    if there.archive != head.release.archive {
        return Err(MirrorError::OtherArchive(there.archive.to_string()));
    }
    let payload = Head::decode(&there.head).ok().map(|head| head.release.payload);
    let found = payload.as_ref().and_then(|payload| Release::decode(payload).ok());
    let (Some(payload), Some(found)) = (payload, found) else { return Ok(()) };
    let same = payload == head.head.release.payload;
    as_new(found.sequence, same, head, force)
}

/// The same where a power cut took the head, or it was never written: by what the packs say.
fn without_head(folder: &Folder, head: &Accepted, force: bool) -> Result<(), MirrorError> {
    let Some(found) = lost::releases(folder)? else { return Ok(()) };
    let archive = head.release.archive;
    if let Some(other) = found.iter().find(|one| one.archive != archive) {
        return Err(MirrorError::OtherArchive(other.archive.to_string()));
    }
    let Some(newest) = found.iter().map(|one| one.sequence).max() else {
        return if force { Ok(()) } else { Err(MirrorError::HeadLost) };
    };
    let same = found.iter().any(|one| one.sequence == newest && one.link == head.head.link);
    as_new(newest, same, head, force)
}

fn as_new(found: u64, same: bool, head: &Accepted, force: bool) -> Result<(), MirrorError> {
    let ours = head.release.sequence;
    if force || same || found < ours {
        return Ok(());
    }
    Err(MirrorError::NotOlder { found, ours })
}

/// What a later writing compares, to know whether something was withdrawn since (STATIC-9).
fn denied_note(denied: &Denied) -> Option<Hash> {
    let items: Vec<u8> = denied.list().flat_map(|one| one.item.0).collect();
    (!items.is_empty()).then(|| Hash::of(&items))
}

/// Writes the content of all parts, and says what was there.
fn content(
    writer: &mut Writer<'_>,
    parts: &[&Part],
    denied: &Denied,
) -> Result<(Vec<PartFound>, Vec<Fault>), MirrorError> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for part in parts {
        writer.begin(&part.name)?;
        let mut walk = Walk::new(writer).without(Some(denied));
        found.push(walk.part(part, true)?);
        faults.append(&mut walk.faults);
    }
    writer.end_pack()?;
    faults.truncate(100);
    Ok((found, faults))
}

/// Structure first, then the parts in the order of the release.
fn rank(pack: &PackRef, release: &Release) -> usize {
    let place = |name: &String| release.parts.iter().position(|part| part.name == *name);
    match pack.holds {
        Holds::Structure => 0,
        Holds::Content => {
            pack.parts.iter().filter_map(place).min().map_or(usize::MAX, |place| place + 1)
        }
    }
}

fn catalogs(writer: &mut Writer<'_>, packs: Vec<PackRef>) -> Result<Vec<FileRef>, MirrorError> {
    let mut out = Vec::new();
    for catalog in Catalog::split(packs) {
        let bytes = catalog.encode();
        let file = FileRef::of(&bytes);
        if out.len() >= MAX_CATALOGS {
            return Err(MirrorError::TooLarge);
        }
        writer.file(Named::Index(file.hash), &bytes)?;
        out.push(file);
    }
    Ok(out)
}

/// Names of all that the new head leads to.
fn names(packs: &[PackRef], catalogs: &[FileRef]) -> BTreeSet<Named> {
    let both = |pack: &PackRef| [Named::Pack(pack.pack.hash), Named::Index(pack.index.hash)];
    let catalogs = catalogs.iter().map(|file| Named::Index(file.hash));
    packs.iter().flat_map(both).chain(catalogs).collect()
}

/// Packs and their indexes that the head before led to and the new one does not: they may hold what was withdrawn.
fn gone(known: &Known, names: &BTreeSet<Named>) -> BTreeSet<Named> {
    known.names.difference(names).copied().collect()
}
