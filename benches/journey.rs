//! Figures of the main path on real folders, with the real program; prints a table.
//!
//! `cargo bench --bench journey -- FOLDER...` measures each folder; without a folder it makes 1 GiB of
//! noise in 8 files. Nothing here passes or fails: speed is told, not tested.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const RUNS: usize = 3;

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn command(&self, home: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yadgar"));
        command.arg("--home").arg(self.dir.path().join(home)).arg("--json").args(args);
        command.stdin(Stdio::null()).stderr(Stdio::inherit());
        command
    }

    fn run(&self, home: &str, args: &[&str]) -> Value {
        let output = self.command(home, args).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }

    fn seconds(&self, home: &str, args: &[&str]) -> f64 {
        let start = Instant::now();
        self.run(home, args);
        start.elapsed().as_secs_f64()
    }

    fn forget(&self, home: &str) {
        let _ = std::fs::remove_dir_all(self.dir.path().join(home));
    }

    fn mirror(&self, home: &str, listen: &str) -> (Child, String) {
        let args = ["mirror", "--yes", "--no-mdns", "--listen", listen];
        let mut child = self.command(home, &args).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if event["event"] == "listening" {
                return (child, event["address"].as_str().unwrap().to_owned());
            }
        }
        panic!("the mirror ended: {:?}", child.wait());
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn resident_mib(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn size_of(folder: &Path) -> (u64, u64) {
    let mut sum = (0, 0);
    for item in std::fs::read_dir(folder).unwrap() {
        let item = item.unwrap();
        let kind = item.file_type().unwrap();
        if kind.is_dir() {
            let below = size_of(&item.path());
            sum = (sum.0 + below.0, sum.1 + below.1);
        } else if kind.is_file() {
            sum = (sum.0 + 1, sum.1 + item.metadata().unwrap().len());
        }
    }
    sum
}

fn row(what: &str, seconds: f64, bytes: u64) {
    println!("| {what} | {seconds:.2} s | {:.0} MB/s |", bytes as f64 / 1e6 / seconds);
}

fn fetch_over(bench: &Bench, listen: &str, label: &str, bytes: u64) {
    let (mut node, address) = bench.mirror("publisher", listen);
    let invite = bench.run("publisher", &["invite", "--address", &address]);
    let invite = invite["invite"].as_str().unwrap();
    let times = (0..RUNS).map(|_| {
        bench.forget("reader");
        bench.seconds("reader", &["fetch", invite])
    });
    row(label, median(times.collect()), bytes);
    if let Some(mib) = resident_mib(node.id()) {
        println!("| mirror after serving it {RUNS} times ({label}) | {mib:.0} MiB resident | |");
    }
    node.kill().unwrap();
    node.wait().unwrap();
}

fn measure(folder: &Path) {
    let bench = Bench { dir: tempfile::tempdir().unwrap() };
    let (files, bytes) = size_of(folder);
    println!("\n## {} ({files} files, {:.1} MB)\n", folder.display(), bytes as f64 / 1e6);
    println!("| work | median of {RUNS} | rate |\n|---|---|---|");
    let pass = bench.dir.path().join("passphrase");
    std::fs::write(&pass, "only for this bench\n").unwrap();
    let pass = pass.to_str().unwrap();
    let source = folder.to_str().unwrap();
    let mut times = Vec::new();
    for _ in 0..RUNS {
        bench.forget("publisher");
        bench.run("publisher", &["key", "new", "--passphrase-file", pass]);
        bench.run("publisher", &["archive", "create", "--name", "b", "--passphrase-file", pass]);
        times.push(bench.seconds("publisher", &["publish", source, "--passphrase-file", pass]));
    }
    row("publish", median(times), bytes);
    let again = bench.seconds("publisher", &["publish", source, "--passphrase-file", pass]);
    row("publish again, unchanged (one run)", again, bytes);
    let (mut node, _) = bench.mirror("publisher", "/ip4/127.0.0.1/tcp/0");
    std::thread::sleep(std::time::Duration::from_secs(3));
    if let Some(mib) = resident_mib(node.id()) {
        println!("| idle mirror | {mib:.0} MiB resident | |");
    }
    node.kill().unwrap();
    node.wait().unwrap();
    fetch_over(&bench, "/ip4/127.0.0.1/tcp/0", "fetch, TCP", bytes);
    fetch_over(&bench, "/ip4/127.0.0.1/udp/0/quic-v1", "fetch, QUIC", bytes);
    row("checkout (one run)", bench.seconds("reader", &["checkout", &at(&bench, "out")]), bytes);
    row("verify (one run)", bench.seconds("reader", &["verify"]), bytes);
    let car = at(&bench, "a.car");
    row("export (one run)", bench.seconds("reader", &["export", &car]), bytes);
    let times = (0..RUNS).map(|_| {
        bench.forget("third");
        bench.seconds("third", &["import", &car])
    });
    row("import", median(times.collect()), bytes);
}

fn at(bench: &Bench, name: &str) -> String {
    bench.dir.path().join(name).display().to_string()
}

fn noise(folder: &Path) {
    for i in 0..8u8 {
        let mut bytes = vec![0; 128 << 20];
        blake3::Hasher::new().update(&[i]).finalize_xof().fill(&mut bytes);
        std::fs::write(folder.join(format!("noise{i}.bin")), bytes).unwrap();
    }
}

fn main() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("yadgar {}, {cores} cores, loopback", env!("CARGO_PKG_VERSION"));
    let folders: Vec<PathBuf> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    for folder in &folders {
        measure(folder);
    }
    if folders.is_empty() {
        let dir = tempfile::tempdir().unwrap();
        noise(dir.path());
        measure(dir.path());
    }
}
