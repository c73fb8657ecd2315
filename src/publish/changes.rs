//! What a release changes, from its trees alone.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use yadgar_protocol::Path;
use yadgar_protocol::blocks::{ReadBlocks, ReadFault};
use yadgar_protocol::release::{Part, Release};
use yadgar_protocol::tree::{Change, Entry, diff, for_each};

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

/// A path that differs: part and entry on each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The path.
    pub path: Path,
    /// As it was; `None` when it is new.
    pub old: Option<(String, Entry)>,
    /// As it is; `None` when it is gone.
    pub new: Option<(String, Entry)>,
}

/// What is known of a path while the parts are compared: before and after.
type Sides = BTreeMap<Path, (Option<(String, Entry)>, Option<(String, Entry)>)>;

/// Compares two releases part by part.
///
/// # Errors
/// When tree nodes of one of them are missing or damaged.
pub fn between(
    blocks: &dyn ReadBlocks,
    old: Option<&Release>,
    new: &Release,
) -> Result<Changes, ReadFault> {
    Ok(Changes::of(deltas(blocks, old, new).map_err(|(_, fault)| fault)?))
}

/// Every path that differs, ascending. Subtrees that both releases have are not read.
///
/// # Errors
/// The name of the part whose tree nodes are missing or damaged, and the fault.
pub fn deltas(
    blocks: &dyn ReadBlocks,
    old: Option<&Release>,
    new: &Release,
) -> Result<Vec<Delta>, (String, ReadFault)> {
    let mut sides = Sides::new();
    for part in &new.parts {
        let own = |entry| Some((part.name.clone(), entry));
        let before = old.and_then(|o| o.part(&part.name));
        diff(blocks, before, part, &mut |change| match change {
            Change::Added(e) => {
                let path = e.path.clone();
                sides.entry(path).or_default().1 = own(e);
            }
            Change::Removed(e) => {
                let path = e.path.clone();
                sides.entry(path).or_default().0 = own(e);
            }
            Change::Changed { old, new } => {
                sides.insert(new.path.clone(), (own(old), own(new)));
            }
        })
        .map_err(|fault| (part.name.clone(), fault))?;
    }
    let gone = |p: &&Part| new.part(&p.name).is_none();
    for part in old.into_iter().flat_map(|o| &o.parts).filter(gone) {
        for_each(blocks, part, None, &mut |e| {
            let path = e.path.clone();
            sides.entry(path).or_default().0 = Some((part.name.clone(), e));
            ControlFlow::Continue(())
        })
        .map_err(|fault| (part.name.clone(), fault))?;
    }
    Ok(sides.into_iter().map(|(path, (old, new))| Delta { path, old, new }).collect())
}

impl Changes {
    /// What is gone from one part and new in another has moved.
    fn of(deltas: Vec<Delta>) -> Self {
        let mut out = Self::default();
        for Delta { path, old, new } in deltas {
            match (old, new) {
                (None, None) => {}
                (None, Some(_)) => out.added.push(path),
                (Some(_), None) => out.removed.push(path),
                (Some((from, old)), Some((to, new))) => {
                    if old.content != new.content || from == to {
                        out.changed.push(path.clone());
                    }
                    if from != to {
                        out.moved.push(Moved { path, from, to });
                    }
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::{BlockId, tree::Content};

    #[test]
    fn a_file_in_another_part_has_moved() {
        let path = |p: &str| Path::new(p).unwrap();
        let side = |p: &str, part: &str, data: &str| {
            let content = Content::Block(BlockId::raw(data.as_bytes()));
            (!part.is_empty()).then(|| (part.to_owned(), Entry::new(path(p), 1, content)))
        };
        let delta = |p: &str, old: (&str, &str), new: (&str, &str)| Delta {
            path: path(p),
            old: side(p, old.0, old.1),
            new: side(p, new.0, new.1),
        };
        let changes = Changes::of(vec![
            delta("a", ("media", "1"), ("core", "1")),
            delta("b", ("media", "old"), ("core", "2")),
            delta("c", ("core", "1"), ("core", "2")),
            delta("n", ("", ""), ("core", "3")),
            delta("r", ("media", "4"), ("", "")),
        ]);
        assert_eq!(changes.added, [path("n")]);
        assert_eq!(changes.removed, [path("r")]);
        assert_eq!(changes.changed, [path("b"), path("c")]);
        let moved = |p: &str| Moved { path: path(p), from: "media".into(), to: "core".into() };
        assert_eq!(changes.moved, [moved("a"), moved("b")]);
    }
}
