//! `yadgar mirror --watch DIR`: what is put into a folder, or onto a stick that is plugged in, is taken.
//!
//! Carriers of the archives of this home are verified and merged; of others nothing is taken. Nothing in the folder
//! is written, run, or followed out of it.

use crate::access::Access;
use crate::carrier::{ImportSummary, ReleaseFound, Stamp, Watch};
use crate::cli::import::{files, take_in};
use crate::cli::ui::size;
use crate::cli::{CliError, Ui};
use crate::node::mirror::MirrorHandle;
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a folder is looked at, and how soon it is noticed that the mirror stops.
const EVERY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_millis(100));

/// Folders that are watched.
pub struct Watching {
    pub ui: Ui,
    pub access: Access,
    pub node: MirrorHandle,
    pub stop: Arc<AtomicBool>,
}

/// One of them.
struct Folder {
    dir: PathBuf,
    watch: Watch,
    /// Its volumes did not make a whole, so all files are read together when it is quiet.
    together: bool,
    /// What was told of it last: nothing is told twice in a row.
    told: Option<String>,
}

impl Watching {
    /// Watches until `stop`.
    pub fn run(&self, dirs: &[PathBuf]) {
        let new = |dir: &PathBuf| Folder {
            dir: dir.clone(),
            watch: Watch::new(),
            together: false,
            told: None,
        };
        let mut folders: Vec<_> = dirs.iter().map(new).collect();
        let mut waited = EVERY.0;
        while !self.stop.load(Ordering::SeqCst) {
            if waited < EVERY.0 {
                std::thread::sleep(EVERY.1);
                waited += EVERY.1;
                continue;
            }
            waited = Duration::ZERO;
            for folder in &mut folders {
                self.look(folder);
            }
        }
    }

    fn look(&self, folder: &mut Folder) {
        let found = match stamps(&folder.dir) {
            Ok(found) => found,
            // A stick that is not there is no fault.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.tell(folder, error.to_string()),
        };
        let look = folder.watch.look(&found);
        if !look.ready.is_empty() {
            self.take(folder, &look.ready, false);
        } else if folder.together && !look.busy {
            folder.together = false;
            let all: Vec<_> = found.into_iter().map(|(path, _)| path).collect();
            self.take(folder, &all, true);
        }
    }

    fn take(&self, folder: &mut Folder, paths: &[PathBuf], together: bool) {
        match self.import(paths) {
            Ok((done, refused)) => {
                let whole = done.releases.iter().all(ReleaseFound::is_whole);
                folder.together = !together && !whole && !done.sets.is_empty();
                if !folder.together {
                    self.report(folder, paths, &done, refused);
                }
                let failed = paths.iter().zip(&done.files).filter(|(_, f)| f.may_do_better());
                let failed: Vec<_> = failed.map(|(path, _)| path.clone()).collect();
                if !failed.is_empty() {
                    folder.watch.again(&failed);
                    self.tell(
                        folder,
                        "some files could not be read to their end; they are tried again",
                    );
                }
            }
            Err(error) => {
                // The disk was full, or the stick was pulled out: another try may do better.
                folder.watch.again(paths);
                self.tell(folder, error.what);
            }
        }
    }

    fn import(&self, paths: &[PathBuf]) -> Result<(ImportSummary, Option<String>), CliError> {
        let known = self.access.archives.list()?;
        let done = take_in(&self.ui, &self.access, paths, Some(known.clone()), None)?;
        for archive in known {
            self.node.changed_blocking(archive);
        }
        Ok(done)
    }

    fn report(
        &self,
        folder: &mut Folder,
        paths: &[PathBuf],
        done: &ImportSummary,
        refused: Option<String>,
    ) {
        files::report(&self.ui, paths, done);
        let (dir, new) = (folder.dir.display().to_string(), done.new_blocks);
        for release in &done.releases {
            let (sequence, bytes) = (release.sequence, size(done.new_bytes));
            self.ui.say(
                format!("{dir}: release {sequence}, {new} new blocks ({bytes})"),
                format!("{dir}: نسخه‌ی {sequence}، {new} بلوک تازه ({bytes})"),
            );
            self.ui.json(&json!({
                "event": "watched", "folder": dir, "archive": release.archive.to_string(),
                "sequence": sequence, "whole": release.is_whole(), "new_blocks": new,
                "new_bytes": done.new_bytes,
            }));
        }
        match refused {
            Some(why) => self.tell(folder, why),
            None => folder.told = None,
        }
    }

    /// Tells what is wrong with a folder, unless that was told last.
    fn tell(&self, folder: &mut Folder, what: impl Into<String>) {
        let what = what.into();
        if folder.told.as_ref() == Some(&what) {
            return;
        }
        let dir = folder.dir.display().to_string();
        self.ui.warn(format!("{dir}: {what}"), format!("{dir}: {what}"));
        self.ui.json(&json!({ "event": "watch-problem", "folder": dir, "what": what }));
        folder.told = Some(what);
    }
}

/// The carriers of a folder, with what tells a changed one.
fn stamps(dir: &Path) -> io::Result<Vec<(PathBuf, Stamp)>> {
    let mut found = Vec::new();
    for path in files::in_folder(dir)? {
        // One that went away meanwhile is not there.
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        found.push((path, Stamp { length: meta.len(), modified: meta.modified().ok() }));
    }
    Ok(found)
}
