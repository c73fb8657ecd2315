//! The nodes of the drill: real processes, what they said and when, what they count.

use crate::common::{Home, PATIENCE};
use crate::country;
use crate::fake_clock::clocked;
use crate::lab::yadgar;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for something; only ends a drill that hangs.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(PAUSE);
    }
}

/// A running mirror.
struct Process {
    child: Child,
    said: Arc<Mutex<Vec<(Instant, Value)>>>,
}

/// What a node counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Blocks that it got, by its own account.
    pub number: u64,
    /// Their bytes, as they came.
    pub blocks: u64,
    /// Of these, bytes that it had already.
    pub twice: u64,
    /// Bytes that reached its machine, by the system's account.
    pub wire: u64,
}

/// One machine with a node.
pub struct Member {
    pub name: String,
    pub island: usize,
    pub home: Home,
    process: Option<Process>,
}

impl Member {
    pub fn new(name: &str, island: usize, home: Home) -> Self {
        Self { name: name.into(), island, home, process: None }
    }

    /// Starts its mirror, under a wall clock that shows what stands in a file.
    pub fn start(&mut self, more: &[&str], clock: Option<(&Path, &Path)>) {
        let mut args = vec!["mirror", "--yes", "--json"];
        args.extend(more);
        let mut command = yadgar(&self.name, &self.home, &args);
        if let Some((library, file)) = clock {
            command = clocked(command, library, file);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (stdout, said) = (child.stdout.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let all = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str(&line) {
                    all.lock().unwrap().push((Instant::now(), value));
                }
            }
        });
        self.process = Some(Process { child, said });
    }

    /// When this process first said that a release is complete.
    pub fn complete(&self, sequence: u64) -> Option<Instant> {
        let said = self.process.as_ref()?.said.lock().unwrap();
        let is = |e: &Value| e["event"] == "complete" && e["sequence"] == sequence;
        said.iter().find(|(_, event)| is(event)).map(|(at, _)| *at)
    }

    /// Ends it: as a person does, or as a power cut does.
    pub fn stop(&mut self, gently: bool) {
        let Some(mut process) = self.process.take() else { return };
        if gently {
            let pid = rustix::process::Pid::from_child(&process.child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        } else {
            process.child.kill().unwrap();
        }
        let end = Instant::now() + PATIENCE;
        while process.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "a mirror does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn status(&self) -> Value {
        self.home.ok(&["status"])
    }

    pub fn counts(&self) -> Counts {
        let received = self.status()["node"]["archives"][0]["received"].clone();
        let of = |name: &str| received[name].as_u64().unwrap();
        let wire = country::reached(&self.name);
        Counts { number: of("blocks"), blocks: of("bytes"), twice: of("bytes_twice"), wire }
    }

    /// What it holds of the only archive: newest trusted and complete release.
    pub fn releases(&self) -> (Value, Value) {
        let archive = &self.status()["archives"][0];
        (archive["trusted"].clone(), archive["complete"].clone())
    }

    /// The file by which it knows whom and what to trust.
    pub fn state(&self, archive: &str) -> Vec<u8> {
        let file: PathBuf = self.home.path().join("archives").join(archive).join("state");
        std::fs::read(file).unwrap()
    }

    /// Its id on the network, and those of its peers.
    fn links(&self) -> Option<(String, Vec<String>)> {
        let node = &self.status()["node"];
        let own = node["listening"][0].as_str()?.rsplit("/p2p/").next()?.to_owned();
        let peers = node["peers"].as_array()?.iter();
        Some((own, peers.filter_map(|p| Some(p["peer"].as_str()?.to_owned())).collect()))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.stop(false);
    }
}

/// True when each of these nodes can be reached from the first by connections between them.
pub fn is_one_net(members: &[&Member]) -> bool {
    let links: Option<Vec<_>> = members.iter().map(|member| member.links()).collect();
    let Some(links) = links else { return false };
    let mut reached = BTreeSet::from([links[0].0.clone()]);
    for _ in 0..links.len() {
        for (own, peers) in &links {
            if reached.contains(own) {
                reached.extend(peers.iter().cloned());
            } else if peers.iter().any(|peer| reached.contains(peer)) {
                reached.insert(own.clone());
            }
        }
    }
    links.iter().all(|(own, _)| reached.contains(own))
}

/// An order of `n` things that a seed decides.
pub fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut random = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
    let mut order: Vec<_> = (0..n).collect();
    for at in (1..n).rev() {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        order.swap(at, (u64::from_le_bytes(bytes) % (at as u64 + 1)) as usize);
    }
    order
}
