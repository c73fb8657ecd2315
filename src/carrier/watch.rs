//! Which files of a watched folder are to be read now: those that are new or changed, and not being written any more.
//!
//! It decides by what a look at the folder shows, and knows no clock: who looks decides how often.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

/// Looks in a row that must show a file unchanged before it is read.
const QUIET_LOOKS: u32 = 2;
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
}

impl Watch {
    /// Nothing was seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what is in the folder now. Files that are ready count as read from then on, until they change.
    pub fn look(&mut self, found: &[(PathBuf, Stamp)]) -> Look {
        let mut look = Look::default();
        for (path, stamp) in found {
            let new = Seen { stamp: *stamp, looks: 0, done: false };
            let seen = self.files.entry(path.clone()).or_insert(new);
            if seen.stamp != *stamp {
                *seen = Seen { stamp: *stamp, looks: 0, done: false };
            }
            seen.looks = seen.looks.saturating_add(1);
            if seen.done {
                continue;
            }
            if seen.looks < QUIET_LOOKS {
                look.busy = true;
            } else {
                seen.done = true;
                look.ready.push(path.clone());
            }
        }
        if self.files.len() > MAX_REMEMBERED {
            let here: Vec<_> = found.iter().map(|(path, _)| path).collect();
            self.files.retain(|path, _| here.contains(&path));
        }
        look
    }

    /// Lets a file be read again although it did not change: what was tried failed for another reason.
    pub fn again(&mut self, paths: &[PathBuf]) {
        for path in paths {
            if let Some(seen) = self.files.get_mut(path) {
                seen.done = false;
                seen.looks = 0;
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
    fn endless_names_are_forgotten() {
        let mut watch = Watch::new();
        for n in 0..MAX_REMEMBERED + 50 {
            watch.look(&[file(&format!("{n}.car"), 1, 1)]);
        }
        assert!(watch.files.len() <= MAX_REMEMBERED);
    }
}
