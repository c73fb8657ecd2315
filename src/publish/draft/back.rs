//! What a release takes back of the records of the one before (REC-18), as far as the blocks that are here tell: for the
//! eyes of signers, whatever the builder let pass.

use super::super::succession::{Outcome, compare, is_record};
use super::review::{FileChange, Kind, Review, Side};
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::record::Fault;
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::Content;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{Hash, Path};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Back {
    /// Records that are taken back, ascending by path, with what is wrong.
    pub records: Vec<(Path, Vec<Fault>)>,
    /// Changed records of which nothing here tells.
    pub unknown: u64,
}

/// Compares the changed records of a release with those of the one before. At most two records are in memory at a time.
pub fn back(blocks: &dyn ReadBlocks, review: &Review, new: &Release) -> Back {
    let mut denied = Denied::none(new.archive);
    denied.add(&new.withdrawn);
    let mut out = Back::default();
    let differs = |file: &&FileChange| matches!(file.kind(), Kind::Removed | Kind::Changed);
    for file in review.files.iter().filter(|f| is_record(f.path.as_str())).filter(differs) {
        let Some(before) = &file.old else { continue };
        let Ok(after) = file.new.as_ref().map(|side| read(blocks, side).ok_or(())).transpose()
        else {
            out.unknown += 1;
            continue;
        };
        let old = read(blocks, before);
        let withdrawn = denied.covers(&before.link()).is_some();
        match compare(&hash(before), old.as_deref(), after.as_deref(), withdrawn) {
            Outcome::Kept => {}
            Outcome::Taken(faults, ..) => out.records.push((file.path.clone(), faults)),
            Outcome::Unknown(_) | Outcome::NoRecord => out.unknown += 1,
        }
    }
    out
}

const fn hash(side: &Side) -> Hash {
    match side.content {
        Content::Block(id) => id.hash,
        Content::List { hash, .. } => hash,
    }
}

fn read(blocks: &dyn ReadBlocks, side: &Side) -> Option<Vec<u8>> {
    match side.content {
        Content::Block(id) => blocks.block(&id).ok().flatten(),
        // Longer than any record.
        Content::List { .. } => None,
    }
}
