//! Packs for what is in none yet (STATIC-8).

use super::MirrorError;
use super::blocks::Blocks;
use super::folder::Folder;
use super::reach::Reach;
use crate::survey::Visit;
use std::collections::{BTreeSet, HashSet};
use yadgar_protocol::BlockId;
use yadgar_protocol::pack::{FileRef, Gather, Holds, Member, Named, PackBuilder, PackRef};
use zstd::bulk::Compressor;

/// Level for members of small blocks: they are written once and read by many.
const LEVEL: i32 = 12;

/// What was written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Blocks put into new packs.
    pub blocks: u64,
    /// Packs, indexes and catalogs written; what was there already is not counted.
    pub files: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Bytes of files of the release that were looked at.
    pub seen: u64,
}

/// Fills packs, one after the other.
pub struct Writer<'a> {
    folder: &'a Folder,
    blocks: &'a Blocks<'a>,
    /// In a pack that is listed.
    held: HashSet<BlockId>,
    small: Gather,
    pack: PackBuilder,
    holds: Holds,
    parts: BTreeSet<String>,
    deflater: Compressor<'static>,
    pub packs: Vec<PackRef>,
    pub done: Written,
    progress: &'a mut dyn FnMut(Written),
}

impl<'a> Writer<'a> {
    pub fn new(
        folder: &'a Folder,
        blocks: &'a Blocks<'a>,
        held: HashSet<BlockId>,
        progress: &'a mut dyn FnMut(Written),
    ) -> Result<Self, MirrorError> {
        Ok(Self {
            folder,
            blocks,
            held,
            small: Gather::default(),
            pack: PackBuilder::default(),
            holds: Holds::Structure,
            parts: BTreeSet::new(),
            deflater: Compressor::new(LEVEL).map_err(|e| MirrorError::write("a pack", e))?,
            packs: Vec::new(),
            done: Written::default(),
            progress,
        })
    }

    /// Writes what is reachable of structure. What is not at hand is left out.
    pub fn structure(&mut self, reach: &Reach) -> Result<(), MirrorError> {
        for (part, ids) in &reach.structure {
            for id in ids {
                if !self.held.contains(id)
                    && let Some(bytes) = self.blocks.get(id)?
                {
                    self.add(id, &bytes, part.as_deref())?;
                }
            }
        }
        self.end_pack()
    }

    /// From here on blocks are content of this part.
    pub fn begin(&mut self, part: &str) -> Result<(), MirrorError> {
        self.end_pack()?;
        self.holds = Holds::Content;
        self.parts = BTreeSet::from([part.to_owned()]);
        Ok(())
    }

    fn add(&mut self, id: &BlockId, bytes: &[u8], part: Option<&str>) -> Result<(), MirrorError> {
        if Gather::takes(bytes.len()) {
            if !self.small.push(*id, bytes) {
                self.end_member()?;
                self.small.push(*id, bytes);
            }
        } else if self.alone(id)?.is_none() {
            return Ok(());
        }
        self.parts.extend(part.map(str::to_owned));
        self.count(id);
        Ok(())
    }

    /// Writes a block as a member of its own. Gives its plain length; `None` when it is not at hand.
    fn alone(&mut self, id: &BlockId) -> Result<Option<u64>, MirrorError> {
        let Some((packed, plain)) = self.blocks.packed(id)? else { return Ok(None) };
        self.end_member()?;
        self.member(PackBuilder::alone(packed, plain))?;
        Ok(Some(plain))
    }

    fn count(&mut self, id: &BlockId) {
        self.held.insert(*id);
        self.done.blocks += 1;
    }

    fn end_member(&mut self) -> Result<(), MirrorError> {
        if self.small.is_empty() {
            return Ok(());
        }
        let deflater = &mut self.deflater;
        let member =
            std::mem::take(&mut self.small).pack(&mut |plain| deflater.compress(plain).ok());
        self.member(member)
    }

    fn member(&mut self, member: (Member, Vec<u8>)) -> Result<(), MirrorError> {
        if let Err(member) = self.pack.push(member) {
            self.put()?;
            // An empty pack has room for any member.
            if self.pack.push(member).is_err() {
                return Err(MirrorError::TooLarge);
            }
        }
        Ok(())
    }

    /// Ends the pack that is being filled.
    pub fn end_pack(&mut self) -> Result<(), MirrorError> {
        self.end_member()?;
        self.put()
    }

    fn put(&mut self) -> Result<(), MirrorError> {
        if self.pack.is_empty() {
            return Ok(());
        }
        let (index, data) = std::mem::take(&mut self.pack).finish();
        self.file(Named::Pack(index.pack.hash), &data)?;
        let bytes = index.encode();
        let file = FileRef::of(&bytes);
        self.file(Named::Index(file.hash), &bytes)?;
        self.packs.push(PackRef {
            pack: index.pack,
            holds: self.holds,
            index: file,
            parts: self.parts.iter().cloned().collect(),
            blocks: index.ids().count() as u64,
        });
        Ok(())
    }

    /// Writes a file, and counts it if it was not there.
    pub fn file(&mut self, named: Named, bytes: &[u8]) -> Result<(), MirrorError> {
        if self.folder.put(&named, bytes)? {
            self.done.files += 1;
            self.done.bytes += bytes.len() as u64;
        }
        Ok(())
    }
}

/// The walk in which content is written.
impl Visit for Writer<'_> {
    type Error = MirrorError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, MirrorError> {
        self.blocks.get(id)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, MirrorError> {
        self.done.seen += bytes;
        (self.progress)(self.done);
        if self.held.contains(id) {
            return Ok(Some(bytes));
        }
        if usize::try_from(bytes).is_ok_and(Gather::takes) {
            let Some(data) = self.blocks.get(id)? else { return Ok(None) };
            self.add(id, &data, None)?;
            return Ok(Some(data.len() as u64));
        }
        let Some(plain) = self.alone(id)? else { return Ok(None) };
        self.count(id);
        Ok(Some(plain))
    }
}
