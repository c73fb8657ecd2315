//! What a release changes, file by file, from verified tree nodes alone (DRAFT-8).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::ledger::{Ledger, Loss, rewrites};
use yadgar_protocol::release::{Part, RECORDS_PREFIX, Release};
use yadgar_protocol::tree::{Change, Content, Entry, diff, for_each};
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{BlockId, Path};

/// A file on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Its part.
    pub part: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its content.
    pub content: Content,
}

impl Side {
    fn of(part: &str, entry: &Entry) -> Self {
        Self { part: part.to_owned(), size: entry.size, content: entry.content }
    }

    /// What its entry links to.
    pub const fn link(&self) -> BlockId {
        match self.content {
            Content::Block(id) => id,
            Content::List { root, .. } => root,
        }
    }
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is gone.
    Removed,
    /// It has other content (and may have moved as well).
    Changed,
    /// Only its part is another.
    Moved,
    /// It is new.
    Added,
}

/// A file that differs. At least one side is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path.
    pub path: Path,
    /// As it was.
    pub old: Option<Side>,
    /// As it is to be.
    pub new: Option<Side>,
}

impl FileChange {
    /// How it differs.
    pub fn kind(&self) -> Kind {
        match (&self.old, &self.new) {
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            (Some(old), Some(new)) if old.content == new.content => Kind::Moved,
            _ => Kind::Changed,
        }
    }

    /// True for a file under `records/`.
    pub fn is_record(&self) -> bool {
        self.path.as_str().starts_with(RECORDS_PREFIX)
    }
}

/// All files that differ, ascending by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// The files.
    pub files: Vec<FileChange>,
}

/// Compares two releases, part by part. Subtrees that both have are not read.
///
/// # Errors
/// When a tree node that is needed is missing or damaged.
pub fn review(
    blocks: &dyn ReadBlocks,
    old: Option<&Release>,
    new: &Release,
) -> Result<Review, ReadFault> {
    let mut files: BTreeMap<Path, (Option<Side>, Option<Side>)> = BTreeMap::new();
    for part in &new.parts {
        let before = old.and_then(|o| o.part(&part.name));
        diff(blocks, before, part, &mut |change| match change {
            Change::Added(e) => files.entry(e.path.clone()).or_default().1 = side(part, &e),
            Change::Removed(e) => files.entry(e.path.clone()).or_default().0 = side(part, &e),
            Change::Changed { old, new } => {
                files.insert(new.path.clone(), (side(part, &old), side(part, &new)));
            }
        })?;
    }
    let gone = |p: &&Part| new.part(&p.name).is_none();
    for part in old.into_iter().flat_map(|o| &o.parts).filter(gone) {
        for_each(blocks, part, None, &mut |e| {
            files.entry(e.path.clone()).or_default().0 = side(part, &e);
            ControlFlow::Continue(())
        })?;
    }
    let files = files.into_iter().map(|(path, (old, new))| FileChange { path, old, new });
    Ok(Review { files: files.collect() })
}

#[allow(clippy::unnecessary_wraps)] // Both places take an Option.
fn side(part: &Part, entry: &Entry) -> Option<Side> {
    Some(Side::of(&part.name, entry))
}

impl Review {
    /// How many files differ in this way: records, and others.
    pub fn count(&self, kind: Kind) -> Loss {
        let of = |record| {
            let files = self.files.iter().filter(|f| f.kind() == kind);
            files.filter(|f| f.is_record() == record).count() as u64
        };
        Loss { records: of(true), files: of(false) }
    }

    /// What a node that has just been set up with `old` says to `new` (HOLD-2, HOLD-3).
    pub fn holds(&self, old: &Release, new: &Release) -> Holds {
        let files = |r: &Release| r.parts.iter().map(|p| p.files).fold(0, u64::saturating_add);
        let mut denied = Denied::none(new.archive);
        denied.add(new.withdrawn.iter().filter(|w| !old.withdrawn.contains(w)));
        let mut holds = Holds::default();
        for file in &self.files {
            let Some(before) = &file.old else { continue };
            match (denied.covers(&before.link()).is_some(), file.is_record()) {
                (true, true) => holds.withdrawn.records += 1,
                (true, false) => holds.withdrawn.files += 1,
                (false, true) if file.new.is_none() => holds.dropped += 1,
                (false, true) if file.kind() == Kind::Changed => holds.rewritten += 1,
                (false, _) => {}
            }
        }
        let had = Loss { records: old.records, files: files(old).saturating_sub(old.records) };
        let ledger = Ledger::new(had);
        let after = ledger.withdraw(holds.withdrawn);
        holds.withdrawals_held = after.is_none();
        let ledger = after.unwrap_or(ledger);
        holds.rewriting_held = rewrites(holds.rewritten, old.records);
        holds.release_held = ledger.release(holds.dropped, files(old), files(new)).is_none();
        holds
    }
}

/// What nodes will not do by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holds {
    /// Files that are withdrawn newly and were in the release before.
    pub withdrawn: Loss,
    /// Records that are gone and not withdrawn.
    pub dropped: u64,
    /// Records that have other content, and are not withdrawn.
    pub rewritten: u64,
    /// The withdrawals wait for each operator's yes.
    pub withdrawals_held: bool,
    /// The release is not shown before each operator's yes, because of what it drops.
    pub release_held: bool,
    /// The same because of what it rewrites.
    pub rewriting_held: bool,
}
