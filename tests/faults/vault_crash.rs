//! The encrypted store is killed at any call: what was promised stays, what was erased is in no file.
//!
//! The victim is this test binary, started again with a directory in its environment, under strace, which kills it
//! at the N-th call of one kind, for every N until it makes fewer calls.

use crate::common::test_name;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use yadgar::store::disk::ScanEvent;
use yadgar::store::vault::seal::Keys;
use yadgar::store::vault::{Vault, VaultOptions};
use yadgar::store::{BlockStore, StoreError};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::{BlockId, Codec};

const DIR: &str = "YADGAR_VAULT_DIR";
/// Set: the victim erases instead.
const ERASE: &str = "YADGAR_VAULT_ERASE";
/// Set: the victim writes its containers again instead.
const COMPACT: &str = "YADGAR_VAULT_COMPACT";
/// Blocks between two flushes, and how often.
const BATCH: u32 = 5;
const BATCHES: u32 = 3;
const ALL: u32 = BATCH * BATCHES;
/// More containers than they make.
const FILES: u32 = 12;

fn open(dir: &Path) -> Vault {
    let options = VaultOptions { quota: None, container_bytes: 9_000 };
    Vault::open(dir, Arc::new(Keys::derive(&[7; 32])), options).unwrap()
}

/// Block `n`: noise, so that its sealed bytes are its own in any case.
fn block(n: u32) -> Packed {
    let mut data = vec![0; 200 + (n as usize * 311) % 2500];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    Packed::plain(Codec::Raw, data)
}

/// Every third block is erased.
fn to_erase() -> Vec<BlockId> {
    (0..ALL).step_by(3).map(|n| block(n).id).collect()
}

/// The victim. Does nothing when it is run as an ordinary test.
#[test]
fn victim() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = open(Path::new(&dir));
    if std::env::var_os(COMPACT).is_some() {
        store.compact(10, &|| true).unwrap();
        println!("\npromised 1");
    } else if std::env::var_os(ERASE).is_some() {
        store.erase(&to_erase()).unwrap();
        println!("\npromised 1");
    } else {
        for from in (0..ALL).step_by(BATCH as usize) {
            store.put(vec![block(from)]).unwrap();
            store.put((from + 1..from + BATCH).map(block).collect()).unwrap();
            store.flush().unwrap();
            println!("\npromised {}", from + BATCH);
        }
    }
    drop(store);
    println!("\nfinished");
}

/// Lets reads of a compacting victim fail from the `n`-th on (`+`), or the `n`-th alone; whether one was reached.
fn unread_at(n: usize, on: &str, dir: &Path) -> bool {
    let log = dir.with_extension("log");
    let inject = format!("inject=pread64:error=EIO:when={n}{on}");
    let mut command = Command::new("strace");
    // Not those by which the program itself is loaded.
    command.args(["-f", "-qq", "-e", "trace=pread64", "-e", &inject]);
    for number in 1..=FILES {
        command.arg("-P").arg(dir.join(format!("{number:08}")));
    }
    command.arg("-o").arg(&log).arg(std::env::current_exe().unwrap());
    command
        .args(["--exact", &*test_name(module_path!(), "victim"), "--test-threads=1"])
        .env(DIR, dir)
        .env(COMPACT, "1");
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.unwrap().success(), "pread64 {n}{on}");
    std::fs::read_to_string(log).unwrap().contains("(INJECTED)")
}

/// Kills a victim at the `n`-th call; what it promised, and whether it came to its end.
fn kill_at(call: &str, n: usize, dir: &Path, other: Option<&str>) -> (u32, bool) {
    let inject = format!("inject={call}:signal=SIGKILL:when={n}");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
    command.arg(std::env::current_exe().unwrap());
    command
        .args(["--exact", &*test_name(module_path!(), "victim"), "--nocapture", "--test-threads=1"])
        .env(DIR, dir);
    if let Some(other) = other {
        command.env(other, "1");
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let promised = text.lines().filter_map(|l| l.strip_prefix("promised ")?.parse().ok()).max();
    (promised.unwrap_or(0), text.lines().any(|line| line == "finished"))
}

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: strace is not installed, nothing is killed");
    }
    found
}

fn is_clean(store: &Vault) -> bool {
    store.scan(&mut |_| ()).unwrap().is_clean()
}

#[test]
fn killed_at_any_call_it_has_all_it_promised() {
    if !has_strace() {
        return;
    }
    for (call, step) in [("pwrite64", 2), ("fdatasync", 1), ("fsync", 1)] {
        let mut victims = 0;
        for n in (1..500).step_by(step) {
            let dir = tempfile::tempdir().unwrap();
            let data = dir.path().join("data");
            let (promised, finished) = kill_at(call, n, &data, None);
            if finished {
                assert_eq!(promised, ALL);
                break;
            }
            victims += 1;
            let how = format!("{call} {n}, promised {promised}");
            let store = open(&data);
            for n in 0..ALL {
                let data = store.get(&block(n).id).unwrap();
                assert!(data.as_ref().is_none_or(|data| *data == block(n).data), "{how}");
                assert!(data.is_some() || n >= promised, "block {n} after {how}");
            }
            assert!(store.damage().count == 0 && is_clean(&store), "{how}");
            // It can be gone on with.
            store.put((0..ALL).map(block).collect()).unwrap();
            drop(store);
            let store = open(&data);
            assert_eq!(store.stats().unwrap().blocks, u64::from(ALL), "{how}");
            assert!(is_clean(&store), "{how}");
        }
        assert!(victims >= 3, "{call}: {victims}");
    }
}

/// A piece of the sealed bytes of each block.
fn pieces(dir: &Path, store: &Vault) -> BTreeMap<BlockId, Vec<u8>> {
    let mut pieces = BTreeMap::new();
    let visit = &mut |event| {
        if let ScanEvent::Good { id, segment, offset, .. } = event {
            let bytes = std::fs::read(dir.join(format!("{segment:08}"))).unwrap();
            let at = offset as usize + 150;
            pieces.insert(id, bytes[at..at + 64].to_vec());
        }
    };
    store.scan(visit).unwrap();
    pieces
}

fn raw(dir: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(dir).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn wd_6_killed_at_any_call_an_erasing_is_finished_by_the_next() {
    if !has_strace() {
        return;
    }
    for call in ["pwrite64", "fdatasync"] {
        let mut victims = 0;
        for n in 1..500 {
            let dir = tempfile::tempdir().unwrap();
            let data = dir.path().join("data");
            let store = open(&data);
            store.put((0..ALL).map(block).collect()).unwrap();
            store.flush().unwrap();
            let pieces = pieces(&data, &store);
            drop(store);
            let (promised, finished) = kill_at(call, n, &data, Some(ERASE));
            let how = format!("{call} {n}, promised {promised}");
            let gone = to_erase();
            let store = open(&data);
            if promised == 0 {
                store.erase(&gone).unwrap();
            }
            let all = raw(&data);
            for (id, piece) in &pieces {
                let found = memchr::memmem::find(&all, piece).is_some();
                assert_eq!(found, !gone.contains(id), "{how}");
                let read: Result<_, StoreError> = store.get(id);
                assert_eq!(read.unwrap().is_some(), !gone.contains(id), "{how}");
            }
            drop(store);
            assert!(is_clean(&open(&data)), "{how}");
            if finished {
                break;
            }
            victims += 1;
        }
        assert!(victims >= 2, "{call}: {victims}");
    }
}

#[test]
fn killed_at_any_call_a_compaction_loses_nothing_and_brings_nothing_back() {
    if !has_strace() {
        return;
    }
    for call in ["pwrite64", "fdatasync", "fsync", "unlink"] {
        let mut victims = 0;
        for n in 1..500 {
            let dir = tempfile::tempdir().unwrap();
            let data = dir.path().join("data");
            let store = open(&data);
            store.put((0..ALL).map(block).collect()).unwrap();
            store.flush().unwrap();
            let pieces = pieces(&data, &store);
            let gone: Vec<BlockId> = (0..ALL).filter(|n| n % 3 != 0).map(|n| block(n).id).collect();
            store.erase(&gone).unwrap();
            drop(store);
            let before = raw(&data).len();
            let (promised, finished) = kill_at(call, n, &data, Some(COMPACT));
            let how = format!("{call} {n}, promised {promised}");
            let store = open(&data);
            let visit = &mut |event| {
                if let ScanEvent::Good { id, .. } = event {
                    assert!(!gone.contains(&id), "a copy of an erased block after {how}");
                }
            };
            assert!(store.scan(visit).unwrap().is_clean(), "{how}");
            for id in &gone {
                assert_eq!(store.get(id).unwrap(), None, "{how}");
            }
            store.compact(10, &|| true).unwrap();
            let all = raw(&data);
            assert!(all.len() * 2 < before, "{how}: {before} {}", all.len());
            for n in 0..ALL {
                let id = block(n).id;
                let read = store.get(&id).unwrap();
                assert_eq!(read, (!gone.contains(&id)).then(|| block(n).data), "{how}");
                let found = memchr::memmem::find(&all, &pieces[&id]).is_some();
                assert!(!found || !gone.contains(&id), "{how}");
            }
            assert!(is_clean(&store), "{how}");
            drop(store);
            let store = open(&data);
            assert_eq!(store.stats().unwrap().blocks as usize, ALL as usize - gone.len(), "{how}");
            if finished {
                break;
            }
            victims += 1;
        }
        assert!(victims >= 1, "{call}: {victims}");
    }
}

/// Where the disk cannot read, a compaction takes nothing away: all is there when it can be read again.
#[test]
fn what_cannot_be_read_is_there_after_a_compaction() {
    if !has_strace() {
        return;
    }
    for on in ["", "+"] {
        let mut reached = 0;
        for n in 1..500 {
            let dir = tempfile::tempdir().unwrap();
            let data = dir.path().join("data");
            let store = open(&data);
            store.put((0..ALL).map(block).collect()).unwrap();
            store.flush().unwrap();
            let (kept, gone): (Vec<u32>, Vec<u32>) = (0..ALL).partition(|n| n % 3 == 0);
            store.erase(&gone.iter().map(|n| block(*n).id).collect::<Vec<_>>()).unwrap();
            drop(store);
            let was_reached = unread_at(n, on, &data);
            let store = open(&data);
            for one in kept {
                let read = store.get(&block(one).id).unwrap();
                assert_eq!(read, Some(block(one).data), "block {one} after pread64 {n}{on}");
            }
            assert!(is_clean(&store), "pread64 {n}{on}");
            if !was_reached {
                break;
            }
            reached += 1;
        }
        assert!(reached >= 3, "{reached}");
    }
}
