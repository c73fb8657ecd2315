//! Of what archive a folder is that has packs and no head that can be read: they hold the payloads of its releases.

use super::MirrorError;
use super::folder::Folder;
use crate::store::pack::inflate;
use yadgar_protocol::limits::MAX_PACK_INDEX_BYTES;
use yadgar_protocol::pack::{Member, Named, PackIndex};
use yadgar_protocol::release::Release;
use yadgar_protocol::{ArchiveId, BlockId, Codec};

/// A release whose payload is in a pack of the folder.
pub struct Found {
    pub link: BlockId,
    pub archive: ArchiveId,
    pub sequence: u64,
}

/// The releases whose payloads begin a pack, as they do where the writer of a static mirror put them. `None` where no pack
/// has an index: nothing of them can be read, with any head.
///
/// # Errors
/// When the file system refuses.
pub fn releases(folder: &Folder) -> Result<Option<Vec<Found>>, MirrorError> {
    let indexes = folder.indexes()?;
    if indexes.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for named in indexes {
        let bytes = folder.read(&named, MAX_PACK_INDEX_BYTES)?;
        // A catalog is no index of a pack, and one that is damaged is passed over.
        if let Some(index) = bytes.and_then(|bytes| PackIndex::decode(&bytes).ok()) {
            of_pack(folder, &index, &mut found);
        }
    }
    Ok(Some(found))
}

/// Member by member, as long as they hold payloads.
fn of_pack(folder: &Folder, index: &PackIndex, found: &mut Vec<Found>) {
    let mut from = 0;
    for member in &index.members {
        let before = found.len();
        found.extend(of_member(folder, index, (member, from)).into_iter().flatten());
        if found.len() == before {
            return;
        }
        from += member.stored;
    }
}

fn of_member(
    folder: &Folder,
    index: &PackIndex,
    (member, from): (&Member, u64),
) -> Option<Vec<Found>> {
    let (first, _) = member.blocks.first()?;
    if first.codec != Codec::DagCbor {
        return None;
    }
    let length = usize::try_from(member.stored).ok()?;
    let stored = folder.piece(&Named::Pack(index.pack.hash), from, length)?;
    let blocks = member.open(&stored, &inflate).ok()?;
    let release = |block: &yadgar_protocol::blocks::Packed| {
        let release = Release::decode(&block.unpack(&inflate).ok()?).ok()?;
        Some(Found { link: block.id, archive: release.archive, sequence: release.sequence })
    };
    Some(blocks.iter().map_while(release).collect())
}
