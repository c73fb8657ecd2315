//! Helpers of the black-box tests: the real program, homes in temporary folders, running nodes.
#![allow(dead_code)] // Each test file uses some of them.

pub mod quick_key;
pub mod reply;
pub mod watch;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Nothing in a test depends on speed; this only ends a test that hangs.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// Of all keys.
const PASSPHRASE: &str = "correct horse battery";

/// The name of a test in the module that asks, by its `module_path!()`: for a program that runs one of its own tests again.
pub fn test_name(module: &str, test: &str) -> String {
    match module.split_once("::") {
        Some((_, inside)) => format!("{inside}::{test}"),
        None => test.to_owned(),
    }
}

/// A home of yadgar in a temporary folder, with a passphrase file beside it.
pub struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        Self { dir }
    }

    /// A home with a key and an archive.
    pub fn publisher(name: &str) -> Self {
        let home = Self::new();
        quick_key::write(&home.path(), PASSPHRASE);
        home.ok(&["archive", "create", "--name", name, "--passphrase-file", &home.pass()]);
        home
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// A path beside the home.
    pub fn beside(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    pub fn pass(&self) -> String {
        self.beside("passphrase")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yadgar"));
        command.env_remove("YADGAR_HOME").arg("--home").arg(self.path()).args(args);
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs with `--json`, expects success, gives the last line.
    pub fn ok(&self, args: &[&str]) -> Value {
        let output = self.command(args).arg("--json").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {:?} {stderr}", output.status);
        let stdout = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(stdout.lines().last().unwrap_or("null")).unwrap()
    }

    /// Runs, expects this exit code, gives stderr.
    pub fn fails(&self, args: &[&str], exit: i32) -> String {
        let output = self.run(args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {stderr}{stdout}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        stderr
    }

    pub fn publish(&self, folder: &Path) -> Value {
        self.ok(&["publish", folder.to_str().unwrap(), "--passphrase-file", &self.pass()])
    }

    /// Starts a mirror on loopback without LAN discovery and waits until it listens.
    pub fn mirror(&self, invites: &[&str], more: &[&str]) -> Node {
        let mut args = vec!["mirror", "--no-mdns", "--yes", "--json"];
        if !more.contains(&"--listen") {
            args.extend(["--listen", "/ip4/127.0.0.1/tcp/0"]);
        }
        args.extend(more);
        args.extend(invites);
        let mut node = Node::start(self.command(&args));
        let event = node.wait(|e| e["event"] == "listening");
        node.address = event["address"].as_str().unwrap().to_owned();
        node
    }

    /// An invite with these addresses.
    pub fn invite(&self, addresses: &[&str]) -> String {
        let mut args = vec!["invite"];
        for address in addresses {
            args.extend(["--address", address]);
        }
        self.ok(&args)["invite"].as_str().unwrap().to_owned()
    }
}

/// A running `yadgar --json` process.
pub struct Node {
    pub address: String,
    child: Child,
    lines: Receiver<Value>,
}

impl Node {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (send, lines) = sync_channel(1024);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str(&line)
                    && send.send(value).is_err()
                {
                    return;
                }
            }
        });
        Self { address: String::new(), child, lines }
    }

    /// The next event that `wanted` takes.
    pub fn wait(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = self.lines.recv_timeout(left).expect("the node ended or hangs");
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Waits until this release of any archive is complete.
    pub fn wait_complete(&self, sequence: u64) -> Value {
        self.wait(|e| e["event"] == "complete" && e["sequence"] == sequence)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the process has ended.
    pub fn ended(mut self) {
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "the process does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a small site: pages, records, a large file that has a block list.
pub fn small_site(folder: &Path) {
    for i in 0..40u32 {
        let name = format!("records/r{i:02}.json");
        write(folder, &name, format!("{{\"schema\":\"victim/1\",\"n\":{i}}}").as_bytes());
    }
    write(folder, "index.html", b"<html lang=fa dir=rtl><p>sample</html>");
    write(folder, "en/index.html", b"<html lang=en><p>sample</html>");
    write(folder, "media/large.bin", &film(1_500_000, 7));
}

/// A film of noise: the privacy gate takes no large files of which nothing is known.
pub fn film(length: usize, seed: u8) -> Vec<u8> {
    let head = b"\0\0\0\x10ftypisom\0\0\0\0";
    let body = length - head.len();
    let size = u32::try_from(body).unwrap().to_be_bytes();
    [&head[..], &size, b"mdat", &noise(body - 8, seed)].concat()
}

pub fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(length: usize, seed: u8) -> Vec<u8> {
    let mut out = vec![0; length];
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut out);
    out
}

/// All files below a folder: relative path and hash.
pub fn tree_of(folder: &Path) -> std::collections::BTreeMap<String, blake3::Hash> {
    fn walk(root: &Path, at: &Path, out: &mut std::collections::BTreeMap<String, blake3::Hash>) {
        for item in std::fs::read_dir(at).unwrap() {
            let path = item.unwrap().path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                out.insert(name, blake3::hash(&std::fs::read(&path).unwrap()));
            }
        }
    }
    let mut out = std::collections::BTreeMap::new();
    walk(folder, folder, &mut out);
    out
}
