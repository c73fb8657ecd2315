//! Power cuts: a victim is recorded, its log is cut anywhere, and what a disk may have kept is opened.

use crate::disk::{Disk, Files};
use crate::oplog::{self, Act, Step};
use crate::strace;
use crate::victims::Kind;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

/// `WORKLOAD:SEED`: this one only.
const REPLAY: &str = "YADGAR_POWER";
/// How many seeds of each workload; the default is in the tests.
const SEEDS: &str = "YADGAR_POWER_SEEDS";

/// A folder in memory where there is one: what is tested is not the speed of this disk.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

/// Says something whether the test fails or not: what a macro prints is kept back for tests that pass.
pub fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

/// A victim that was watched from its first call to its last.
pub struct Recording {
    before: Disk,
    /// Each by its beginning, those that sync by their end.
    steps: Vec<(usize, Step)>,
}

impl Recording {
    /// Runs `victim`, which changes the folder `root`, and checks that the model of the disk ends where the real one
    /// does.
    pub fn of(victim: &Command, root: &Path, log: &Path) -> Self {
        let before = Disk::of(root);
        let options = ["-xx", "-v", "-s", "8388608", "-e", oplog::CALLS];
        let ended = strace::run(strace::traced(victim, log, &options));
        assert!(ended.status.success(), "{ended:?}");
        let steps = oplog::parse(&std::fs::read_to_string(log).unwrap(), root);
        let key = |step: &Step| {
            if let Act::Sync(_) | Act::SyncAll = step.act { step.end } else { step.start }
        };
        let mut steps: Vec<_> = steps.into_iter().map(|step| (key(&step), step)).collect();
        steps.sort_by_key(|(key, _)| *key);
        let recording = Self { before, steps };
        let mut disk = recording.before.clone();
        recording.steps.iter().for_each(|(_, step)| disk.step(step));
        let (seen, real) = (disk.seen(), Disk::of(root).seen());
        let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&seen), names(&real), "the model of the disk is wrong");
        for (path, bytes) in &real {
            assert!(
                seen[path] == *bytes,
                "the model of the disk is wrong about {}",
                path.display()
            );
        }
        recording
    }

    /// The same as if the victim had not synced these files and folders.
    fn without_syncs(mut self, of: impl Fn(&Path) -> bool) -> Self {
        self.steps.retain(|(_, step)| !matches!(&step.act, Act::Sync(path) if of(path)));
        self
    }

    /// The image of a power cut by this seed, and what had been said before it.
    pub fn cut(&self, seed: u64) -> (Files, String) {
        let mut random = StdRng::seed_from_u64(seed);
        let at = random.random_range(0..=self.steps.len());
        let (mut disk, mut said) = (self.before.clone(), String::new());
        for (_, step) in &self.steps[..at] {
            if let Act::Said(text) = &step.act {
                said.push_str(text);
            }
            disk.step(step);
        }
        (disk.image(random.random()), said)
    }
}

/// Writes an image to a folder.
pub fn write(image: &Files, root: &Path) {
    std::fs::create_dir_all(root).unwrap();
    for (path, bytes) in image {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // As the program makes its own: a key file that others may read is refused.
        let mut file = std::fs::OpenOptions::new();
        let file = file.write(true).create_new(true).mode(0o600).open(path);
        file.unwrap().write_all(bytes).unwrap();
    }
}

/// The seeds to try of a workload, by default `count`.
pub fn seeds(workload: &str, count: u64) -> std::ops::Range<u64> {
    if let Ok(replay) = std::env::var(REPLAY) {
        let (name, seed) = replay.split_once(':').expect("YADGAR_POWER is WORKLOAD:SEED");
        let seed: u64 = seed.parse().unwrap();
        return if name == workload { seed..seed + 1 } else { 0..0 };
    }
    0..std::env::var(SEEDS).map_or(count, |n| n.parse().unwrap())
}

/// Tries the seeds; a failure says how to have it again.
pub fn try_seeds(workload: &str, count: u64, one: impl Fn(u64, &str)) {
    let seeds = seeds(workload, count);
    let tried = seeds.end - seeds.start;
    for seed in seeds {
        let how = format!("a power cut, again with {REPLAY}={workload}:{seed}");
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| one(seed, &how)));
        if let Err(panic) = done {
            say(&format!("FAILED: {how}"));
            std::panic::resume_unwind(panic);
        }
    }
    say(&format!("{workload}: {tried} power cuts survived"));
}

fn record(kind: Kind, dir: &Path) -> Recording {
    let root = dir.join("victim");
    kind.prepare(&root);
    Recording::of(&kind.command(&root), &root, &dir.join("log"))
}

fn cut_and_check(kind: Kind, recording: &Recording, seed: u64, how: &str) {
    let image = scratch();
    let (files, said) = recording.cut(seed);
    let promised = said.lines().filter_map(|line| line.strip_prefix("promised "));
    let promised = promised.filter_map(|n| n.parse().ok()).max().unwrap_or(0);
    write(&files, image.path());
    kind.check(image.path(), promised, how);
}

fn cut_a_victim(kind: Kind, count: u64) {
    if !strace::is_here() {
        return;
    }
    let dir = scratch();
    let recording = record(kind, dir.path());
    try_seeds(kind.name(), count, |seed, how| cut_and_check(kind, &recording, seed, how));
}

/// The check of the checks: a program that left out one kind of sync would be found out.
#[test]
fn a_sync_that_is_left_out_is_found() {
    if !strace::is_here() {
        return;
    }
    let ends = |path: &Path, end: &str| path.to_string_lossy().ends_with(end);
    let left_out = [
        (Kind::Store, "of segments", ".seg"),
        (Kind::Store, "of the folder of segments", "segments"),
        (Kind::Vault, "of containers", "00000001"),
        (Kind::Heads, "of files before they are renamed", ".tmp"),
        (Kind::Heads, "of the folders of archives", "archives/*"),
    ];
    for (kind, what, end) in left_out {
        let dir = scratch();
        let recording = record(kind, dir.path()).without_syncs(|path| match end {
            "archives/*" => path.parent().is_some_and(|parent| parent.ends_with("archives")),
            end => ends(path, end),
        });
        let found = (0..200).find(|seed| {
            let check = || cut_and_check(kind, &recording, *seed, "a sync was left out");
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err()
        });
        assert!(found.is_some(), "nobody noticed that syncs {what} were left out");
        say(&format!("{}: syncs {what} left out, found by seed {}", kind.name(), found.unwrap()));
    }
}

#[test]
fn a_store_keeps_what_it_promised_when_the_power_goes() {
    cut_a_victim(Kind::Store, 200);
}

#[test]
fn a_store_that_is_indexed_anew_keeps_what_it_promised_when_the_power_goes() {
    cut_a_victim(Kind::Rebuild, 60);
}

#[test]
fn an_erasing_leaves_blocks_whole_or_gone_when_the_power_goes() {
    cut_a_victim(Kind::Erase, 100);
}

#[test]
fn a_store_that_compacts_survives_power_cuts() {
    cut_a_victim(Kind::Compact, 40);
}

#[test]
fn an_encrypted_store_keeps_what_it_promised_when_the_power_goes() {
    cut_a_victim(Kind::Vault, 100);
}

#[test]
fn what_is_trusted_never_goes_back_when_the_power_goes() {
    cut_a_victim(Kind::Heads, 100);
}
