//! Which files of a watched folder are to be read now: those that are new or changed, and not being written any more.
//!
//! It decides by what a look at the folder shows, and knows no clock: who looks decides how often.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::SystemTime;

/// Looks in a row that must show a file unchanged before it is read.
const QUIET_LOOKS: u32 = 2;
/// Times that the pause before another try is doubled, from none on.
const MAX_DOUBLINGS: u32 = 8;
/// Files that are remembered, of which a folder may lose sight for a while (a stick that is pulled out).
const MAX_REMEMBERED: usize = 10_000;

/// What tells a changed file from the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Length, in bytes.
    pub length: u64,
    /// When it was changed last, by the file system: only compared for being another.
    pub modified: Option<SystemTime>,
}

struct Seen {
    stamp: Stamp,
    /// Looks since it changed.
    looks: u32,
    /// It was read as it is.
    done: bool,
    /// Tries that failed, and looks until the next one.
    tries: u32,
    wait: u32,
    /// The look that saw it last.
    look: u64,
}

impl Seen {
    fn new(stamp: Stamp, look: u64) -> Self {
        Self { stamp, looks: 0, done: false, tries: 0, wait: 0, look }
    }
}

/// What one look came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Files to be read now.
    pub ready: Vec<PathBuf>,
    /// Some file is still changing.
    pub busy: bool,
}

/// The files of a folder as they were seen.
#[derive(Default)]
pub struct Watch {
    files: BTreeMap<PathBuf, Seen>,
    looks: u64,
}

impl Watch {
    /// Nothing was seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what is in the folder now. Files that are ready count as read from then on, until they change.
    pub fn look(&mut self, found: &[(PathBuf, Stamp)]) -> Look {
        let mut look = Look::default();
        self.looks += 1;
        for (path, stamp) in found {
            let new = || Seen::new(*stamp, self.looks);
            let seen = self.files.entry(path.clone()).or_insert_with(new);
            let was_away = seen.look + 1 < self.looks;
            // Plugged in again, what failed before need not wait.
            if seen.stamp != *stamp || (was_away && seen.tries > 0) {
                *seen = new();
            }
            seen.look = self.looks;
            if seen.done {
                continue;
            }
            if seen.wait > 0 {
                seen.wait -= 1;
                continue;
            }
            seen.looks = seen.looks.saturating_add(1);
            if seen.looks < QUIET_LOOKS {
                look.busy = true;
            } else {
                seen.done = true;
                look.ready.push(path.clone());
            }
        }
        if self.files.len() > MAX_REMEMBERED {
            let here: BTreeSet<_> = found.iter().map(|(path, _)| path).collect();
            self.files.retain(|path, _| here.contains(path));
        }
        look
    }

    /// Notes a file that need not be read: it was written here.
    pub fn passed(&mut self, path: PathBuf, stamp: Stamp) {
        let seen = Seen { done: true, ..Seen::new(stamp, self.looks) };
        self.files.insert(path, seen);
    }

    /// Lets files be read again although they did not change: the medium or the disk failed. Each time it takes twice as
    /// long until the next try, but for one that was away meanwhile.
    pub fn again(&mut self, paths: &[PathBuf]) {
        for path in paths {
            if let Some(seen) = self.files.get_mut(path) {
                seen.done = false;
                seen.looks = 0;
                seen.wait = (1 << seen.tries.min(MAX_DOUBLINGS)) - 1;
                seen.tries = seen.tries.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn file(name: &str, length: u64, changed: u64) -> (PathBuf, Stamp) {
        let modified = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(changed));
        (PathBuf::from(name), Stamp { length, modified })
    }

    fn names(look: &Look) -> Vec<&str> {
        look.ready.iter().map(|path| path.to_str().unwrap()).collect()
    }

    #[test]
    fn a_file_that_is_being_written_waits() {
        let mut watch = Watch::new();
        for length in [10, 20, 30] {
            let look = watch.look(&[file("a.car", length, 1), file("b.car", 5, length)]);
            assert!(look.ready.is_empty() && look.busy);
        }
        let found = [file("a.car", 30, 1), file("b.car", 6, 99)];
        let look = watch.look(&found);
        assert_eq!((names(&look), look.busy), (vec!["a.car"], true));
        let look = watch.look(&found);
        assert_eq!((names(&look), look.busy), (vec!["b.car"], false));
        assert_eq!(watch.look(&found), Look::default());
    }

    #[test]
    fn what_was_read_is_read_again_only_when_it_changes() {
        let mut watch = Watch::new();
        let found = [file("a.car", 10, 1)];
        watch.look(&found);
        assert_eq!(names(&watch.look(&found)), ["a.car"]);
        // Pulled out and plugged in again.
        assert_eq!(watch.look(&[]), Look::default());
        assert_eq!(watch.look(&found), Look::default());
        // The same length, written again.
        let changed = [file("a.car", 10, 2)];
        assert!(watch.look(&changed).busy);
        assert_eq!(names(&watch.look(&changed)), ["a.car"]);
        watch.again(&[PathBuf::from("a.car"), PathBuf::from("b.car")]);
        watch.look(&changed);
        assert_eq!(names(&watch.look(&changed)), ["a.car"]);
    }

    #[test]
    fn what_could_not_be_read_is_tried_again_less_and_less_often() {
        let mut watch = Watch::new();
        let found = [file("a.car", 10, 1)];
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let looks = (1..2_000).find(|_| !watch.look(&found).ready.is_empty()).unwrap();
            pauses.push(looks);
            watch.again(&[PathBuf::from("a.car")]);
        }
        assert_eq!(pauses[..5], [2, 2, 3, 5, 9]);
        assert_eq!(pauses[10..], [257, 257]);
        // Pulled out and plugged in: at once.
        watch.look(&[]);
        assert!(watch.look(&found).busy);
        assert_eq!(names(&watch.look(&found)), ["a.car"]);
    }

    #[test]
    fn endless_names_are_forgotten() {
        let mut watch = Watch::new();
        for n in 0..MAX_REMEMBERED + 50 {
            watch.look(&[file(&format!("{n}.car"), 1, 1)]);
        }
        assert!(watch.files.len() <= MAX_REMEMBERED);
    }
}
