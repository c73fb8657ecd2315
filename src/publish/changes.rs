//! What a release changes, from its trees alone.

use std::ops::ControlFlow;
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::{Change, diff, for_each};

/// Most paths that are named one by one.
const MAX_EXAMPLES: usize = 20;

/// Counts of changed files, and some of them by name.
#[derive(Debug, Default)]
pub struct Changes {
    /// Files that are new.
    pub added: u64,
    /// Files with other content.
    pub changed: u64,
    /// Files that are gone.
    pub removed: u64,
    /// Up to 20 of them, with `+`, `~` or `-` in front.
    pub examples: Vec<String>,
}

impl Changes {
    fn note(&mut self, sign: char, path: &yadgar_protocol::Path) {
        match sign {
            '+' => self.added += 1,
            '~' => self.changed += 1,
            _ => self.removed += 1,
        }
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(format!("{sign} {path}"));
        }
    }
}

/// Compares two releases part by part. A file that moves to another part counts as removed and added.
///
/// # Errors
/// When tree nodes of one of them are missing or damaged.
pub fn between(
    blocks: &dyn ReadBlocks,
    old: Option<&Release>,
    new: &Release,
) -> Result<Changes, ReadFault> {
    let mut changes = Changes::default();
    let mut visit = |change: Change| match change {
        Change::Added(e) => changes.note('+', &e.path),
        Change::Changed { new, .. } => changes.note('~', &new.path),
        Change::Removed(e) => changes.note('-', &e.path),
    };
    for part in &new.parts {
        diff(blocks, old.and_then(|o| o.part(&part.name)), part, &mut visit)?;
    }
    let gone = |p: &&yadgar_protocol::release::Part| new.part(&p.name).is_none();
    for part in old.into_iter().flat_map(|o| &o.parts).filter(gone) {
        for_each(blocks, part, None, &mut |entry| {
            visit(Change::Removed(entry));
            ControlFlow::Continue(())
        })?;
    }
    Ok(changes)
}
