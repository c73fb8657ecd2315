//! What a release changes, from its trees alone.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use yadgar_protocol::Path;
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::release::Release;
use yadgar_protocol::tree::{Change, Content, diff, for_each};

/// A file that stands in another part than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its path.
    pub path: Path,
    /// The part it was in.
    pub from: String,
    /// The part it is in.
    pub to: String,
}

/// The files that differ, each list ascending by path.
#[derive(Debug, Default)]
pub struct Changes {
    /// Files that are new.
    pub added: Vec<Path>,
    /// Files with other content; one that also moved is in both lists.
    pub changed: Vec<Path>,
    /// Files that are gone.
    pub removed: Vec<Path>,
    /// Files that went from one part to another.
    pub moved: Vec<Moved>,
}

/// A file on one side: part and content.
type Side = BTreeMap<Path, (String, Content)>;

/// Compares two releases part by part.
///
/// # Errors
/// When tree nodes of one of them are missing or damaged.
pub fn between(
    blocks: &dyn ReadBlocks,
    old: Option<&Release>,
    new: &Release,
) -> Result<Changes, ReadFault> {
    let (mut added, mut removed) = (Side::new(), Side::new());
    let mut changes = Changes::default();
    for part in &new.parts {
        let before = old.and_then(|o| o.part(&part.name));
        diff(blocks, before, part, &mut |change| match change {
            Change::Added(e) => drop(added.insert(e.path, (part.name.clone(), e.content))),
            Change::Changed { new, .. } => changes.changed.push(new.path),
            Change::Removed(e) => drop(removed.insert(e.path, (part.name.clone(), e.content))),
        })?;
    }
    let gone = |p: &&yadgar_protocol::release::Part| new.part(&p.name).is_none();
    for part in old.into_iter().flat_map(|o| &o.parts).filter(gone) {
        for_each(blocks, part, None, &mut |e| {
            removed.insert(e.path, (part.name.clone(), e.content));
            ControlFlow::Continue(())
        })?;
    }
    changes.settle(added, removed);
    Ok(changes)
}

impl Changes {
    /// What is gone from one part and new in another has moved.
    fn settle(&mut self, added: Side, mut removed: Side) {
        for (path, (to, content)) in added {
            let Some((from, before)) = removed.remove(&path) else {
                self.added.push(path);
                continue;
            };
            if before != content {
                self.changed.push(path.clone());
            }
            self.moved.push(Moved { path, from, to });
        }
        self.removed = removed.into_keys().collect();
        self.changed.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_another_part_has_moved() {
        let path = |p: &str| Path::new(p).unwrap();
        let block = |data: &[u8]| {
            Content::Block(yadgar_protocol::BlockId::of(yadgar_protocol::Codec::Raw, data))
        };
        let side = |files: &[(&str, &str, &[u8])]| -> Side {
            files.iter().map(|(p, part, data)| (path(p), ((*part).into(), block(data)))).collect()
        };
        let mut changes = Changes { changed: vec![path("c")], ..Changes::default() };
        changes.settle(
            side(&[("a", "core", b"1"), ("b", "core", b"2"), ("n", "core", b"3")]),
            side(&[("a", "media", b"1"), ("b", "media", b"old"), ("r", "media", b"4")]),
        );
        assert_eq!(changes.added, [path("n")]);
        assert_eq!(changes.removed, [path("r")]);
        assert_eq!(changes.changed, [path("b"), path("c")]);
        let moved = |p: &str| Moved { path: path(p), from: "media".into(), to: "core".into() };
        assert_eq!(changes.moved, [moved("a"), moved("b")]);
    }
}
