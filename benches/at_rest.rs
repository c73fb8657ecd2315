//! Figures of the three stores with many small blocks: plain on the disk, encrypted, in memory. Prints a table.
//!
//! `cargo bench --bench at_rest -- [BLOCKS]`, 100,000 without an argument. Each store is measured in a process of its
//! own, so that memory is its alone. Nothing here passes or fails: speed is told, not tested.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use yadgar::store::vault::key::{Cost, create, open};
use yadgar::store::vault::{Vault, VaultOptions};
use yadgar::store::{BlockStore, DiskStore, MemoryStore, StoreOptions};
use yadgar_protocol::Codec;
use yadgar_protocol::blocks::Packed;

const STORE: &str = "YADGAR_BENCH_STORE";
/// Blocks put at once, as a fetch does.
const AT_ONCE: u32 = 256;

/// Block `n`: about 600 bytes that look like a record, half of it noise.
fn block(n: u32) -> Packed {
    let mut data =
        format!("{{\"schema\":\"victim/1\",\"n\":{n},\"note\":\"{}\"}}", "text ".repeat(60));
    data.truncate(350);
    let mut bytes = data.into_bytes();
    let mut noise = [0; 250];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut noise);
    bytes.extend(noise);
    Packed::plain(Codec::Raw, bytes)
}

/// Resident memory of this process in MiB; 0 where that cannot be told.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:"));
    let number = line.and_then(|l| l.split_whitespace().nth(1)).and_then(|n| n.parse::<u64>().ok());
    number.unwrap_or(0) / 1024
}

fn make(kind: &str, dir: &Path) -> Arc<dyn BlockStore> {
    match kind {
        "memory" => Arc::new(MemoryStore::new()),
        "plain" => Arc::new(DiskStore::open(dir, StoreOptions::default()).unwrap()),
        _ => {
            let keys =
                open(dir, b"passphrase").or_else(|_| create(dir, b"passphrase", Cost::STANDARD));
            let keys = Arc::new(keys.unwrap());
            Arc::new(Vault::open(&dir.join("data"), keys, VaultOptions::default()).unwrap())
        }
    }
}

fn bytes_below(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).unwrap().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => bytes_below(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

fn measure(kind: &str, count: u32) {
    let dir = tempfile::tempdir().unwrap();
    let before = resident();
    let store = make(kind, dir.path());
    let start = Instant::now();
    for from in (0..count).step_by(AT_ONCE as usize) {
        store.put((from..count.min(from + AT_ONCE)).map(block).collect()).unwrap();
    }
    store.flush().unwrap();
    let put = start.elapsed().as_secs_f64();
    let mut opened = 0.0;
    let store = if kind == "memory" {
        store
    } else {
        drop(store);
        let start = Instant::now();
        let store = make(kind, dir.path());
        opened = start.elapsed().as_secs_f64();
        store
    };
    let memory = resident().saturating_sub(before);
    let start = Instant::now();
    // In an order that is not that of the file.
    let mut times = Vec::with_capacity(count as usize);
    for n in 0..count {
        let n = (u64::from(n) * 7919 % u64::from(count)) as u32;
        let id = block(n).id;
        let one = Instant::now();
        assert!(store.get(&id).unwrap().is_some());
        times.push(one.elapsed().as_secs_f64() * 1e6);
    }
    let get = start.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let of = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or(0.0);
    let rate = |seconds: f64| f64::from(count) / seconds;
    println!(
        "| {kind} | {:.0} | {opened:.2} s | {:.0} | {:.0} / {:.0} µs | {memory} MiB | {:.1} MB |",
        rate(put),
        rate(get),
        of(50),
        of(95),
        bytes_below(dir.path()) as f64 / 1e6
    );
}

fn main() {
    let count = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(100_000);
    if let Ok(kind) = std::env::var(STORE) {
        return measure(&kind, count);
    }
    println!("{count} blocks of 600 bytes\n");
    println!(
        "| store | put, blocks/s | open | get, blocks/s | one read, p50 / p95 | memory after opening | on the disk |"
    );
    println!("|---|---|---|---|---|---|---|");
    for kind in ["plain", "encrypted", "memory"] {
        let program = std::env::current_exe().unwrap();
        let mut again = Command::new(program);
        assert!(again.arg(count.to_string()).env(STORE, kind).status().unwrap().success());
    }
}
