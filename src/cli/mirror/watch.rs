//! `yadgar mirror --watch DIR`: what is put into a folder, or onto a stick that is plugged in, is taken.
//!
//! Carriers of the archives of this home are verified and merged; of others nothing is taken. Nothing in the folder
//! is changed, run, or followed out of it; files are added only when that was asked for (`--give-back`).

use super::back;
use crate::access::Access;
use crate::carrier::{ImportSummary, Mount, ReleaseFound, Stamp, Watch, mounts_below};
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

/// Folders of a stick that are looked into.
const MAX_FOLDERS: usize = 256;

/// Folders that are watched.
pub struct Watching {
    pub ui: Ui,
    pub access: Access,
    pub node: MirrorHandle,
    /// What have files ask for is written beside them.
    pub give_back: bool,
    pub stop: Arc<AtomicBool>,
}

/// One of them, or a stick that is plugged in below one.
struct Folder {
    dir: PathBuf,
    /// Of a stick: the number of its mount.
    mount: Option<u64>,
    watch: Watch,
    /// Its volumes did not make a whole, so all files are read together when it is quiet.
    together: bool,
    /// What was told of it last: nothing is told twice in a row.
    told: Option<String>,
    /// Since it was told last that it is done.
    done: Done,
    /// Have files that were answered, and those that were seen last.
    answered: Vec<(PathBuf, Stamp)>,
    asked: Vec<(PathBuf, Stamp)>,
}

/// What was done with a stick.
#[derive(Default)]
struct Done {
    /// It was told, and nothing happened since.
    told: bool,
    new_blocks: u64,
    new_bytes: u64,
    written: u64,
}

impl Folder {
    fn new(dir: PathBuf, mount: Option<u64>) -> Self {
        Self {
            dir,
            mount,
            watch: Watch::new(),
            together: false,
            told: None,
            done: Done::default(),
            answered: Vec::new(),
            asked: Vec::new(),
        }
    }
}

impl Watching {
    /// Watches until `stop`.
    pub fn run(&self, dirs: &[PathBuf]) {
        let mut folders: Vec<_> = dirs.iter().map(|dir| Folder::new(dir.clone(), None)).collect();
        let mut sticks: Vec<Folder> = Vec::new();
        let mut waited = EVERY.0;
        while !self.stop.load(Ordering::SeqCst) {
            if waited < EVERY.0 {
                std::thread::sleep(EVERY.1);
                waited += EVERY.1;
                continue;
            }
            waited = Duration::ZERO;
            plugged(dirs, &mut sticks);
            for folder in folders.iter_mut().chain(&mut sticks) {
                self.look(folder);
            }
        }
    }

    fn look(&self, folder: &mut Folder) {
        let found = match stamps(folder) {
            Ok(found) => found,
            // A stick that is not there is no fault.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.tell(folder, error.to_string()),
        };
        let look = folder.watch.look(&found);
        if !look.ready.is_empty() {
            folder.done.told = false;
            self.take(folder, &look.ready, false);
        } else if folder.together && !look.busy {
            folder.together = false;
            let all: Vec<_> = found.into_iter().map(|(path, _)| path).collect();
            self.take(folder, &all, true);
        } else if !look.busy {
            if self.give_back {
                self.answer(folder);
            }
            self.say_done(folder);
        }
    }

    /// Writes what is asked for in the folder, once its have files keep still.
    fn answer(&self, folder: &mut Folder) {
        let asked = back::asked(&folder.dir);
        let still = asked == folder.asked;
        folder.asked = asked;
        if !still || folder.asked == folder.answered {
            return;
        }
        folder.answered.clone_from(&folder.asked);
        for (file, _) in folder.asked.clone() {
            match back::answer(&self.access, &file) {
                Ok(Some((path, bytes))) => {
                    folder.done.told = false;
                    folder.done.written += bytes;
                    if let Ok(stamp) = stamp(&path) {
                        folder.watch.passed(path, stamp);
                    }
                }
                Ok(None) => {}
                Err(error) => self.tell(folder, error.what),
            }
        }
    }

    /// One line for each stick, when nothing is left to do on it.
    fn say_done(&self, folder: &mut Folder) {
        let done = std::mem::take(&mut folder.done);
        folder.done.told = true;
        if done.told || (folder.mount.is_none() && done.written == 0) {
            return;
        }
        let (dir, new) = (folder.dir.display().to_string(), done.new_blocks);
        let (bytes, written) = (size(done.new_bytes), size(done.written));
        self.ui.say(
            format!("{dir}: taken: {new} new blocks ({bytes}); written: {written}. It is safe to pull it out now."),
            format!("{dir}: برداشته شد: {new} بلوک تازه ({bytes})؛ نوشته شد: {written}. اکنون می‌توانید آن را جدا کنید."),
        );
        self.ui.json(&json!({
            "event": "stick-done", "folder": dir, "new_blocks": new,
            "new_bytes": done.new_bytes, "written_bytes": done.written,
        }));
    }

    fn take(&self, folder: &mut Folder, paths: &[PathBuf], together: bool) {
        match self.import(paths) {
            Ok((done, refused)) => {
                folder.done.new_blocks += done.new_blocks;
                folder.done.new_bytes += done.new_bytes;
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

/// Notes what is plugged in below the folders, and what is so no more.
fn plugged(dirs: &[PathBuf], sticks: &mut Vec<Folder>) {
    let folders = dirs.iter().filter_map(|dir| dir.canonicalize().ok());
    let mounts: Vec<_> = folders.flat_map(|dir| mounts_below(&dir)).collect();
    let is =
        |stick: &Folder, mount: &Mount| stick.mount == Some(mount.id) && stick.dir == mount.path;
    sticks.retain(|stick| mounts.iter().any(|mount| is(stick, mount)));
    for mount in mounts {
        if !sticks.iter().any(|stick| is(stick, &mount)) {
            sticks.push(Folder::new(mount.path, Some(mount.id)));
        }
    }
}

/// The carriers of a folder, with what tells a changed one. On a stick also those in its folders, where volumes are.
fn stamps(folder: &Folder) -> io::Result<Vec<(PathBuf, Stamp)>> {
    let mut paths = files::in_folder(&folder.dir)?;
    if folder.mount.is_some() {
        for entry in std::fs::read_dir(&folder.dir)?.flatten().take(MAX_FOLDERS) {
            // Of a link this says that it is one.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                paths.extend(files::in_folder(&entry.path()).unwrap_or_default());
            }
        }
    }
    // One that went away meanwhile is not there.
    let known = |path: PathBuf| stamp(&path).ok().map(|stamp| (path, stamp));
    Ok(paths.into_iter().filter_map(known).collect())
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    let meta = std::fs::symlink_metadata(path)?;
    Ok(Stamp { length: meta.len(), modified: meta.modified().ok() })
}
