//! What a folder has already, and which of its packs stay (STATIC-9, STATIC-10).

use super::MirrorError;
use super::folder::Folder;
use super::reach::Reach;
use std::collections::{BTreeMap, BTreeSet};
use yadgar_protocol::limits::{MAX_CATALOG_BYTES, MAX_PACK_INDEX_BYTES, MAX_STATIC_HEAD_BYTES};
use yadgar_protocol::pack::{
    Catalog, FileRef, HEAD_NAME, Holds, Named, PackIndex, PackRef, StaticHead,
};

/// Packs below this are put together when there are many, in bytes.
const SMALL_PACK: u64 = 1 << 20;
/// How many of them of a kind may be.
const MAX_SMALL: usize = 16;

/// A pack of the folder that is there and has its index.
pub struct Pack {
    pub entry: PackRef,
    pub index: PackIndex,
}

/// What the head of the folder leads to.
#[derive(Default)]
pub struct Known {
    /// Its bytes and what they mean.
    pub head: Option<(Vec<u8>, StaticHead)>,
    /// Names of all that it leads to, also of what is damaged.
    pub names: BTreeSet<Named>,
    /// Packs that are there.
    pub packs: Vec<Pack>,
    /// Packs that are not, or are damaged: their blocks are written again.
    pub damaged: u64,
}

/// The head that is in a folder; `None` for none.
///
/// # Errors
/// When another file has its name.
fn head(folder: &Folder) -> Result<Option<(Vec<u8>, StaticHead)>, MirrorError> {
    if folder.length(&Named::Head)?.is_none() {
        return Ok(None);
    }
    let foreign = || MirrorError::InTheWay(HEAD_NAME.to_owned());
    let bytes = folder.read(&Named::Head, MAX_STATIC_HEAD_BYTES)?.ok_or_else(foreign)?;
    // After a power cut a file of a stick can have its length and no content.
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let head = match StaticHead::decode(&bytes) {
        Ok(head) => head,
        // Or a part of it. Where packs of ours are, the head was ours, too.
        Err(_) if folder.has_ours()? => return Ok(None),
        Err(_) => return Err(foreign()),
    };
    Ok(Some((bytes, head)))
}

impl Known {
    /// Reads it. Of packs only indexes and lengths are looked at.
    ///
    /// # Errors
    /// When something that is not ours has a name that is needed.
    pub fn read(folder: &Folder) -> Result<Self, MirrorError> {
        let mut known = Self { head: head(folder)?, ..Self::default() };
        let catalogs = known.head.iter().flat_map(|(_, head)| &head.catalogs);
        for file in catalogs.copied().collect::<Vec<_>>() {
            let named = Named::Index(file.hash);
            known.names.insert(named);
            let bytes = checked(folder, &named, &file, MAX_CATALOG_BYTES)?;
            let Some(catalog) = bytes.and_then(|bytes| Catalog::decode(&bytes).ok()) else {
                known.damaged += 1;
                continue;
            };
            for entry in catalog.packs {
                known.pack(folder, entry)?;
            }
        }
        Ok(known)
    }

    fn pack(&mut self, folder: &Folder, entry: PackRef) -> Result<(), MirrorError> {
        let (pack, index) = (Named::Pack(entry.pack.hash), Named::Index(entry.index.hash));
        self.names.extend([pack, index]);
        let bytes = checked(folder, &index, &entry.index, MAX_PACK_INDEX_BYTES)?;
        let index = bytes.and_then(|bytes| PackIndex::decode(&bytes).ok());
        let there = folder.length(&pack)? == Some(entry.pack.bytes);
        match index.filter(|index| there && index.pack == entry.pack) {
            Some(index) => self.packs.push(Pack { entry, index }),
            None => self.damaged += 1,
        }
        Ok(())
    }

    /// Which packs stay, by their places in `packs`. With `strict` none stays that holds anything that is not
    /// reachable.
    pub fn staying(&self, reach: &Reach, strict: bool) -> BTreeSet<usize> {
        let all = self.packs.iter().enumerate();
        let mut stay: BTreeSet<usize> =
            all.filter(|(_, pack)| stays(pack, reach, strict)).map(|(n, _)| n).collect();
        if !reach.whole {
            return stay;
        }
        let mut small = BTreeMap::<_, Vec<usize>>::new();
        for n in &stay {
            let entry = &self.packs[*n].entry;
            if entry.pack.bytes < SMALL_PACK {
                let kind = match entry.holds {
                    Holds::Structure => None,
                    Holds::Content => Some(&entry.parts),
                };
                small.entry(kind).or_default().push(*n);
            }
        }
        for many in small.values().filter(|list| list.len() > MAX_SMALL) {
            stay.retain(|n| !many.contains(n));
        }
        stay
    }
}

fn stays(pack: &Pack, reach: &Reach, strict: bool) -> bool {
    let blocks = || pack.index.members.iter().flat_map(|member| &member.blocks);
    if strict {
        return blocks().all(|(id, _)| reach.ids.contains(id));
    }
    let all = pack.index.members.iter().map(|member| member.plain_bytes()).sum::<u64>();
    let live = blocks().filter(|(id, _)| reach.ids.contains(id));
    // While it cannot be told what is reachable, nothing is dropped because it seems not to be.
    !reach.whole || live.map(|(_, bytes)| bytes).sum::<u64>() * 2 >= all
}

/// The bytes of a file if they are what they should be.
fn checked(
    folder: &Folder,
    named: &Named,
    file: &FileRef,
    most: usize,
) -> Result<Option<Vec<u8>>, MirrorError> {
    Ok(folder.read(named, most)?.filter(|bytes| file.check(bytes).is_ok()))
}
