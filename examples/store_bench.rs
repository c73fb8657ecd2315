//! Measures a block store: `cargo run --release --example store_bench -- [DIR] [MiB]`.
//!
//! Puts noise (so that nothing compresses) in blocks of 64 KiB and of 1.2 KB, reads it back in
//! another order and opens the store again. DIR should be on the disk that is to be measured.

use std::path::{Path, PathBuf};
use std::time::Instant;
use yadgar::store::{BlockStore, DiskStore, StoreOptions};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::{BlockId, Codec};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let mut args = std::env::args_os().skip(1);
    let dir = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let mib: u64 = match args.next() {
        Some(text) => text.to_string_lossy().parse()?,
        None => 512,
    };
    for (name, len, share) in [("64 KiB", 65_536, 1), ("1.2 KB", 1_200, 4)] {
        let dir = dir.join(format!("store-bench-{}", std::process::id()));
        let done = measure(&dir, name, len, (mib << 20) / share / len as u64);
        std::fs::remove_dir_all(&dir)?;
        done?;
    }
    Ok(())
}

/// Block `n` of noise.
fn block(n: u64, len: usize) -> Packed {
    let mut data = vec![0; len];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut data);
    Packed::plain(Codec::Raw, data)
}

fn measure(dir: &Path, name: &str, len: usize, count: u64) -> Outcome {
    let mb = (count * len as u64) as f64 / 1e6;
    let say = |what: &str, start: Instant| {
        let seconds = start.elapsed().as_secs_f64();
        println!("{name:8} {what:32} {:8.0} MB/s   {seconds:7.2} s", mb / seconds);
    };
    let store = DiskStore::open(dir, StoreOptions::default())?;
    let mut ids: Vec<BlockId> = Vec::new();
    let mut spent = std::time::Duration::ZERO;
    let batch = (4 << 20) / len as u64;
    for from in (0..count).step_by(batch as usize) {
        let blocks: Vec<Packed> = (from..count.min(from + batch)).map(|n| block(n, len)).collect();
        ids.extend(blocks.iter().map(|block| block.id));
        let start = Instant::now();
        store.put(blocks)?;
        spent += start.elapsed();
    }
    let start = Instant::now();
    store.flush()?;
    spent += start.elapsed();
    say("ingest", Instant::now() - spent);
    // By id, which is no order at all on the disk.
    ids.sort_unstable();
    let start = Instant::now();
    for id in &ids {
        store.get(id)?.ok_or("a block is gone")?;
    }
    say("read, one thread", start);
    let start = Instant::now();
    for id in &ids {
        assert!(store.has(id)?);
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / ids.len() as f64;
    println!("{name:8} {:32} {micros:8.2} us each", "has");
    let start = Instant::now();
    assert!(store.scan(&mut |_| {})?.is_clean());
    say("scan", start);
    let bytes = store.disk_bytes();
    drop(store);
    let start = Instant::now();
    let store = DiskStore::open(dir, StoreOptions::default())?;
    let millis = start.elapsed().as_secs_f64() * 1e3;
    println!("{name:8} {:32} {millis:8.0} ms", format!("open, {count} blocks"));
    drop(store);
    let index = dir.join("index.redb");
    let index_bytes = std::fs::metadata(&index)?.len();
    std::fs::remove_file(&index)?;
    let start = Instant::now();
    drop(DiskStore::open(dir, StoreOptions::default())?);
    say("open without an index", start);
    let over = (bytes as f64 / 1e6 - mb) / mb * 100.0;
    println!("{name:8} {:32} {over:8.1} %   (index {index_bytes} bytes)", "space beyond the data");
    Ok(())
}
