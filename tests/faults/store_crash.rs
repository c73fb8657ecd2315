//! The store is killed, and the disk refuses and fills up: what was promised stays.
//!
//! The victim is this test binary, started again with a directory in its environment. It says on
//! its standard output what the store has promised; whatever happens then, that must be there.

use crate::common::test_name;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use yadgar::store::pack::Deflater;
use yadgar::store::{BlockStore, DiskStore, StoreError, StoreOptions};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::{BlockId, Codec};

const DIR: &str = "YADGAR_CRASH_DIR";
const START: &str = "YADGAR_CRASH_START";
const BATCHES: &str = "YADGAR_CRASH_BATCHES";
/// Set: the victim erases instead.
const ERASE: &str = "YADGAR_CRASH_ERASE";
/// Blocks between two flushes.
const BATCH: u32 = 6;
const OPTIONS: StoreOptions = StoreOptions { quota: None, compress: true, segment_bytes: 30_000 };

/// Block `n`: some compress, some do not.
fn block(n: u32) -> Packed {
    let mut data = vec![n as u8; 200 + (n as usize * 37) % 3000];
    if n.is_multiple_of(2) {
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    }
    Packed::plain(Codec::Raw, data)
}

/// The victim. Does nothing when it is run as an ordinary test.
#[test]
fn victim() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let number = |name| std::env::var(name).unwrap().parse::<u32>().unwrap();
    let (start, batches) = (number(START), number(BATCHES));
    if std::env::var_os(ERASE).is_some() {
        return erasing_victim(Path::new(&dir), batches * BATCH);
    }
    let store = stubborn(|| DiskStore::open(Path::new(&dir), OPTIONS));
    for batch in 0..batches {
        let from = start + batch * BATCH;
        stubborn(|| {
            // Two puts, so that one may be in the segment and the other not.
            store.put((from..from + 1).map(block).collect())?;
            store.put((from + 1..from + BATCH).map(block).collect())?;
            store.flush()
        });
        let mut out = std::io::stdout();
        writeln!(out, "\npromised {}", from + BATCH).unwrap();
        out.flush().unwrap();
    }
    for n in start..start + batches * BATCH {
        assert_eq!(store.get(&block(n).id).unwrap().unwrap(), block(n).data);
    }
    drop(store);
    println!("\nfinished");
}

/// What is erased of `count` blocks, in two goes.
fn to_erase(count: u32) -> [Vec<BlockId>; 2] {
    let ids = |rest| (0..count).filter(|n| n % 3 == rest).map(|n| block(n).id).collect();
    [ids(0), ids(1)]
}

/// Erases two thirds of a store; the last blocks are not flushed before.
fn erasing_victim(dir: &Path, count: u32) {
    let store = stubborn(|| DiskStore::open(dir, OPTIONS));
    for (round, ids) in to_erase(count).iter().enumerate() {
        stubborn(|| store.erase(ids).map(drop));
        println!("\npromised {}", round + 1);
    }
    drop(store);
    println!("\nfinished");
}

/// One refusal of the disk is injected at most: the second or third attempt must do.
fn stubborn<T>(mut act: impl FnMut() -> Result<T, StoreError>) -> T {
    let mut last = None;
    for _ in 0..3 {
        match act() {
            Ok(value) => return value,
            Err(error) => last = Some(error),
        }
    }
    panic!("{}", last.unwrap());
}

fn start_victim(dir: &Path, from: u32, batches: u32, strace: &[&str]) -> Child {
    start(dir, from, batches, strace, false)
}

fn start(dir: &Path, start: u32, batches: u32, strace: &[&str], erase: bool) -> Child {
    let exe = std::env::current_exe().unwrap();
    let mut command = match strace {
        [] => Command::new(&exe),
        options => {
            let mut command = Command::new("strace");
            command.args(["-f", "-qq"]).args(options).arg(&exe);
            command
        }
    };
    command.args([
        "--exact",
        &*test_name(module_path!(), "victim"),
        "--nocapture",
        "--test-threads=1",
    ]);
    command.env(DIR, dir).env(START, start.to_string()).env(BATCHES, batches.to_string());
    if erase {
        command.env(ERASE, "1");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Reads what a victim says; `on_promise` may end it. Returns the last promise and whether it
/// came to its end.
fn listen(child: &mut Child, mut on_promise: impl FnMut(&mut Child)) -> (u32, bool) {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut promised, mut finished) = (0, false);
    for line in lines {
        let Ok(line) = line else { break };
        if let Some(number) = line.strip_prefix("promised ") {
            promised = number.parse().unwrap();
            on_promise(child);
        }
        finished |= line == "finished";
    }
    child.wait().unwrap();
    (promised, finished)
}

/// Opens what is left and checks it: all that was promised, nothing wrong, no leftovers.
fn check(dir: &Path, promised: u32, how: &str) {
    let store = DiskStore::open(dir, OPTIONS).unwrap();
    for n in 0..promised {
        let data = store.get(&block(n).id).unwrap();
        assert_eq!(data, Some(block(n).data), "block {n} of {promised} after {how}");
    }
    for n in promised..promised + 2 * BATCH {
        let data = store.get(&block(n).id).unwrap();
        assert!(data.is_none_or(|data| data == block(n).data));
    }
    let report = store.scan(&mut |_| {}).unwrap();
    assert!(report.is_clean(), "{report:?} after {how}");
    drop(store);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        names.push(entry.unwrap().file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["index.redb", "lock", "segments"], "after {how}");
    for entry in std::fs::read_dir(dir.join("segments")).unwrap() {
        assert_eq!(entry.unwrap().path().extension().unwrap(), "seg", "after {how}");
    }
}

#[test]
fn killed_at_any_moment_it_has_all_it_promised() {
    let dir = tempfile::tempdir().unwrap();
    let mut promised = 0;
    for round in 0..20_u64 {
        let mut child = start_victim(dir.path(), promised, 1000, &[]);
        let mut left = 1 + round % 4;
        let (now, finished) = listen(&mut child, |child| {
            left = left.saturating_sub(1);
            if left == 0 {
                std::thread::sleep(std::time::Duration::from_micros(round * 731 % 5000));
                child.kill().unwrap();
            }
        });
        assert!(now > promised && !finished);
        promised = now;
        check(dir.path(), promised, &format!("kill {round}"));
    }
}

/// Strace with an injection of `what` at the N-th call of `call`, for every N (or every `step`-th)
/// until the victim makes fewer calls. Returns how many victims there were.
fn at_every_call(
    call: &str,
    what: &str,
    step: usize,
    judge: impl Fn(&Path, u32, bool, &str),
) -> usize {
    for (victims, n) in (1..2000).step_by(step).enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("trace");
        let store = dir.path().join("store");
        let inject = format!("inject={call}:{what}:when={n}");
        let trace = format!("trace={call}");
        let log = log.to_str().unwrap();
        let options = ["-o", log, "-e", &trace, "-e", &inject];
        let mut child = start_victim(&store, 0, 3, &options);
        let (promised, finished) = listen(&mut child, |_| {});
        let log = std::fs::read_to_string(log).unwrap();
        if !log.contains("INJECTED") && !log.contains("killed by SIGKILL") {
            assert!(finished && promised == 3 * BATCH, "nothing was injected:\n{log}");
            return victims;
        }
        judge(&store, promised, finished, &inject);
    }
    panic!("the victim never came to its end");
}

/// Every byte of the segments of a store.
fn raw(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir.join("segments")).unwrap() {
        all.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    all
}

/// The last bytes of a block as it is kept: they are overwritten last.
fn trace_of(n: u32) -> Vec<u8> {
    let packed = Deflater::default().deflate(&block(n).data).unwrap_or(block(n).data);
    packed[packed.len().saturating_sub(64)..].to_vec()
}

/// After a crash of the erasing victim: each block is whole or gone, what was promised is gone, and
/// the same call again ends with the bytes in no file.
fn check_erased(dir: &Path, count: u32, promised: u32, how: &str) {
    let held = |store: &DiskStore, n: u32| store.get(&block(n).id).unwrap();
    let store = DiskStore::open(dir, OPTIONS).unwrap();
    for n in 0..count {
        match held(&store, n) {
            Some(data) => assert_eq!(data, block(n).data, "block {n} after {how}"),
            None => assert!(n % 3 != 2, "block {n} is lost after {how}"),
        }
        if n % 3 < promised {
            assert_eq!(held(&store, n), None, "block {n} after {how}");
        }
    }
    assert!(store.damage().count == 0 && store.scan(&mut |_| {}).unwrap().is_clean(), "{how}");
    for ids in to_erase(count) {
        store.erase(&ids).unwrap();
    }
    assert!(store.scan(&mut |_| {}).unwrap().is_clean(), "{how}");
    let all = raw(dir);
    for n in 0..count {
        let trace = trace_of(n);
        let found = all.windows(trace.len()).any(|bytes| bytes == trace);
        assert_eq!(found, n % 3 == 2, "bytes of block {n} after {how}");
    }
    drop(store);
    let store = DiskStore::open(dir, OPTIONS).unwrap();
    for n in 0..count {
        assert_eq!(held(&store, n).is_some(), n % 3 == 2, "block {n} after {how}");
    }
}

#[test]
fn killed_at_any_call_an_erasing_leaves_blocks_whole_or_gone() {
    if !has_strace() {
        return;
    }
    let count = 2 * BATCH;
    let faults = [
        ("pwrite64", "signal=SIGKILL", 1),
        ("fdatasync", "signal=SIGKILL", 1),
        ("pwrite64", "error=EIO", 2),
        ("fdatasync", "error=EIO", 1),
    ];
    for (call, fault, step) in faults {
        let mut victims = 0;
        for n in (1..2000).step_by(step) {
            let dir = tempfile::tempdir().unwrap();
            let (log, home) = (dir.path().join("trace"), dir.path().join("store"));
            let store = DiskStore::open(&home, OPTIONS).unwrap();
            store.put((0..count).map(block).collect()).unwrap();
            drop(store);
            let inject = format!("inject={call}:{fault}:when={n}");
            let trace = format!("trace={call}");
            let options = ["-o", log.to_str().unwrap(), "-e", &trace, "-e", &inject];
            let mut child = start(&home, 0, 2, &options, true);
            let (promised, finished) = listen(&mut child, |_| {});
            let log = std::fs::read_to_string(log).unwrap();
            let how = format!("{inject}, promised {promised}");
            check_erased(&home, count, promised, &how);
            if !log.contains("INJECTED") && !log.contains("killed by SIGKILL") {
                assert!(finished && promised == 2, "{how}");
                break;
            }
            victims += 1;
        }
        assert!(victims >= 2, "{call} {fault}: {victims}");
    }
}

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: strace is not installed, faults are not injected");
    }
    found
}

#[test]
fn killed_at_every_sync_it_has_all_it_promised() {
    if !has_strace() {
        return;
    }
    for (call, step) in [("fdatasync", 1), ("fsync", 1), ("ftruncate", 1), ("pwrite64", 2)] {
        let victims =
            at_every_call(call, "signal=SIGKILL", step, |dir, promised, finished, how| {
                assert!(!finished);
                check(dir, promised, how);
            });
        assert!(victims >= 2, "{call}: {victims}");
    }
}

#[test]
fn one_refusal_of_the_disk_is_survived_by_the_same_process() {
    if !has_strace() {
        return;
    }
    let faults = [
        ("fdatasync", "error=EIO", 1),
        ("fsync", "error=EIO", 1),
        ("ftruncate", "error=ENOSPC", 1),
        ("pwrite64", "error=ENOSPC", 2),
        ("pwrite64", "error=EIO", 3),
    ];
    for (call, fault, step) in faults {
        let victims = at_every_call(call, fault, step, |dir, promised, finished, how| {
            assert!(finished && promised == 3 * BATCH, "promised {promised} with {how}");
            check(dir, promised, how);
        });
        assert!(victims >= 2, "{call}: {victims}");
    }
}

/// A kill leaves what was written in the system's cache; a power cut does not. So the order of the
/// calls is checked itself: no write to the index over unsynced records, no promise over unsynced
/// anything.
#[test]
fn data_is_synced_before_the_index_and_the_index_before_the_promise() {
    if !has_strace() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("trace");
    let calls = "trace=write,pwrite64,ftruncate,fsync,fdatasync";
    let options = ["-y", "-o", log.to_str().unwrap(), "-e", calls];
    let mut child = start_victim(&dir.path().join("store"), 0, 4, &options);
    assert_eq!(listen(&mut child, |_| {}), (4 * BATCH, true));
    let mut unsynced: BTreeSet<&str> = BTreeSet::new();
    let (mut index_writes, mut promises) = (0, 0);
    let text = std::fs::read_to_string(&log).unwrap();
    for line in text.lines() {
        let Some((_, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let file = call.split(['<', '>']).nth(1).unwrap_or_default();
        let is_index = file.ends_with("index.redb");
        if call.starts_with("fsync(") || call.starts_with("fdatasync(") {
            unsynced.remove(file);
        } else if is_index || file.ends_with(".seg") {
            if is_index {
                assert!(unsynced.iter().all(|file| !file.ends_with(".seg")), "{line}");
                index_writes += 1;
            }
            unsynced.insert(file);
        } else if call.contains("promised") {
            assert!(unsynced.is_empty(), "{unsynced:?} before {line}");
            promises += 1;
        }
    }
    assert!(index_writes > 8 && promises == 4, "{index_writes} {promises}");
}

/// A file system of 8 MiB.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "yadgar-test"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Noise, so that nothing compresses.
fn noise(n: u32) -> Packed {
    let mut data = vec![0; 40_000];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    Packed::plain(Codec::Raw, data)
}

#[test]
fn a_full_disk_loses_nothing_and_works_again_when_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(dir.path()) else {
        eprintln!("SKIPPED: no right to mount a file system, the disk is not filled");
        return;
    };
    let ballast = dir.path().join("ballast");
    std::fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let home = dir.path().join("store");
    let options = StoreOptions { segment_bytes: 1 << 20, ..OPTIONS };
    let store = DiskStore::open(&home, options).unwrap();
    let mut put = 0;
    let error = loop {
        // Some puts are followed by a flush: the disk fills up in either.
        let batch = (put..put + 3).map(noise).collect();
        let done = store.put(batch);
        let done = if put % 2 == 0 { done.and_then(|()| store.flush()) } else { done };
        match done {
            Ok(()) => put += 3,
            Err(error) => break error,
        }
        assert!(put < 1000);
    };
    assert!(matches!(error, StoreError::DiskFull(_)), "{error}");
    assert!(put > 60, "{put}");
    let all_there = |store: &DiskStore, count: u32| {
        for n in 0..count {
            assert_eq!(store.get(&noise(n).id).unwrap(), Some(noise(n).data), "block {n}");
        }
    };
    all_there(&store, put);
    for n in 0..5 {
        // To the last byte, and again and again.
        let small = Packed::plain(Codec::Raw, noise(n).data[..900].to_vec());
        let _ = store.put(vec![small]).and_then(|()| store.flush());
        let _ = store.put(vec![noise(put + n)]).and_then(|()| store.flush());
    }
    all_there(&store, put);
    std::fs::remove_file(&ballast).unwrap();
    store.put((put..put + 20).map(noise).collect()).unwrap();
    store.flush().unwrap();
    all_there(&store, put + 20);
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
    drop(store);
    let store = DiskStore::open(&home, options).unwrap();
    all_there(&store, put + 20);
    assert!(store.scan(&mut |_| {}).unwrap().is_clean());
}
