//! The mirrors of a test, and what is waited for.

use crate::nets::{noise, packed};
use crate::sample::Sample;
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar::net::NetConfig;
use yadgar::node::mirror::{self, HOSTS_EVERY, MirrorConfig, MirrorHandle, NodeStatus};
use yadgar::store::{ArchiveStates, BlockStore as _, MemoryStore};
use yadgar::sync::Timing;
use yadgar_protocol::ArchiveId;

/// Nothing here depends on speed; this only ends a test that hangs, also one of hundreds of mirrors on a slow machine.
const PATIENCE: Duration = Duration::from_secs(1_200);
/// How often it is looked, and how often it is said how far it is.
const LOOK: Duration = Duration::from_secs(1);
const TELL: Duration = Duration::from_secs(20);
/// Heads are asked for so often, beside gossip.
const HEADS_EVERY: Duration = Duration::from_secs(60);

/// The file of those that are remembered.
const PEERS: &str = "peers";

/// A mirror.
struct Resident {
    node: MirrorHandle,
    store: Arc<MemoryStore>,
    states: Arc<ArchiveStates>,
    address: String,
    dir: tempfile::TempDir,
}

impl Resident {
    async fn start(
        id: ArchiveId,
        addresses: &[String],
        release: Option<&Sample>,
        remembers: Option<tempfile::TempDir>,
    ) -> Self {
        let peers = remembers.as_ref().map(|dir| dir.path().join(PEERS));
        let dir = remembers.unwrap_or_else(home);
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        let store = Arc::new(MemoryStore::new());
        let mut settings = states.settings(&id).unwrap();
        settings.addresses = addresses.to_vec();
        states.set_settings(&id, &settings).unwrap();
        if let Some(release) = release {
            keep(&store, &states, release);
        }
        let listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
        let net = NetConfig {
            mdns: false,
            quic: false,
            loopback_dht: true,
            loopback_peers: true,
            ..NetConfig::mirror(listen)
        };
        let config = MirrorConfig {
            store: store.clone(),
            states: states.clone(),
            net,
            // As it is outside of tests: hundreds in one process answer slowly, and none is to be given up for that.
            timing: Timing::default(),
            heads_every: HEADS_EVERY,
            hosts_every: HOSTS_EVERY,
            beacon: false,
            // Only who travels has to know others after a start.
            peers,
        };
        let node = mirror::start(config).await.unwrap().0;
        let address = node.status().await.unwrap().listening[0].clone();
        Self { node, store, states, address, dir }
    }

    async fn status(&self) -> NodeStatus {
        self.node.status().await.unwrap()
    }
}

fn keep(store: &MemoryStore, states: &ArchiveStates, release: &Sample) {
    let (id, head) = (release.accepted.release.archive, &release.accepted.bytes);
    store.put(packed(release)).unwrap();
    states.set_trusted(&id, head).unwrap();
    states.set_complete(&id, head).unwrap();
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// All of them.
pub struct Town {
    release: Sample,
    residents: Vec<Resident>,
    /// Chooses who goes and who is asked, the same in each run.
    drawn: u64,
}

fn files(sequence: u64) -> Vec<(String, Vec<u8>)> {
    let media = (0..5).map(|n| (format!("media/{n}.bin"), noise(n, 900)));
    media.chain([("media/new.bin".into(), noise(sequence * 1000, 900))]).collect()
}

impl Town {
    pub fn new() -> Self {
        let release = Sample::new("Town", 1, &[("core", files(1))]);
        Self { release, residents: Vec::new(), drawn: 0 }
    }

    fn id(&self) -> ArchiveId {
        self.release.accepted.release.archive
    }

    fn draw(&mut self, end: usize) -> usize {
        self.drawn += 1;
        let bytes = noise(self.drawn, 8);
        (u64::from_le_bytes(bytes.try_into().unwrap()) % end as u64) as usize
    }

    /// The first mirror, which has the release; its address.
    pub async fn found(&mut self) -> String {
        let first = Resident::start(self.id(), &[], Some(&self.release), None).await;
        let address = first.address.clone();
        self.residents.push(first);
        address
    }

    /// One more, which knows these addresses and nothing else.
    pub async fn settle(&mut self, addresses: &[String]) {
        let one = Resident::start(self.id(), addresses, None, None).await;
        self.residents.push(one);
    }

    /// One comes, which knows this address, learns where so many others are, and goes. What it keeps.
    pub async fn visit(&self, known: &str, others: usize) -> tempfile::TempDir {
        let known = [known.to_owned()];
        let one = Resident::start(self.id(), &known, None, Some(home())).await;
        let until = tokio::time::Instant::now() + PATIENCE;
        while one.status().await.remembered.len() < others {
            assert!(tokio::time::Instant::now() < until, "others are remembered");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        one.node.shutdown().await;
        // Its blocks were in memory: it begins anew, but for whom it knows.
        std::fs::remove_dir_all(one.dir.path().join("archives")).unwrap();
        one.dir
    }

    /// It comes back, and knows nothing but whom it remembers.
    pub async fn come_back(&mut self, kept: tempfile::TempDir) {
        let one = Resident::start(self.id(), &[], None, Some(kept)).await;
        self.residents.push(one);
    }

    /// The address of one that is there.
    pub fn somebody(&mut self) -> String {
        let at = self.draw(self.residents.len());
        self.residents[at].address.clone()
    }

    /// So many go at once; the oldest ones, or any.
    pub async fn kill(&mut self, count: usize, oldest: bool) {
        let mut gone = Vec::new();
        for _ in 0..count {
            let at = if oldest { 0 } else { self.draw(self.residents.len() / 2 + 1) };
            gone.push(self.residents.remove(at));
        }
        futures::future::join_all(gone.iter().map(|one| one.node.shutdown())).await;
    }

    /// The next release, at one of them.
    pub async fn publish_somewhere(&mut self) {
        let sequence = self.release.accepted.release.sequence + 1;
        self.release = Sample::after(&self.release.accepted, &[("core", files(sequence))]);
        let at = self.draw(self.residents.len());
        let one = &self.residents[at];
        keep(&one.store, &one.states, &self.release);
        one.node.changed(self.id()).await;
    }

    /// Waits until this is true of each.
    async fn each(&self, what: &str, is: impl Fn(&NodeStatus) -> bool) {
        let (since, all) = (Instant::now(), self.residents.len());
        let mut waiting: Vec<_> = self.residents.iter().collect();
        let mut told = TELL;
        while !waiting.is_empty() {
            let all_of_them = futures::future::join_all(waiting.iter().map(|one| one.status()));
            let told_of: Vec<_> = waiting.iter().zip(all_of_them.await).collect();
            let not: Vec<_> = told_of.into_iter().filter(|(_, status)| !is(status)).collect();
            let (took, left) = (since.elapsed(), not.len());
            let first = not.first().map(|(_, status)| status);
            assert!(took < PATIENCE, "{what}: {left} of {all} not; {first:?}");
            if took > told {
                told += TELL;
                // Of one of them: how many it knows, how many of those proved good, with how many it is linked, and what it has.
                let how = first.map(|one| {
                    let proved = one.remembered.iter().filter(|peer| peer.proved).count();
                    (one.remembered.len(), proved, one.peers.len(), one.archives.first())
                });
                println!("{what}: after {} s {left} of {all} not yet; {how:?}", took.as_secs());
            }
            waiting = not.into_iter().map(|(one, _)| *one).collect();
            tokio::time::sleep(LOOK).await;
        }
    }

    /// All have this release, whole.
    pub async fn all_have(&self, sequence: u64) {
        let id = self.id().to_string();
        let has = |s: &NodeStatus| {
            s.archives.iter().any(|a| a.archive == id && a.complete == Some(sequence))
        };
        self.each(&format!("release {sequence}"), has).await;
    }

    /// All are connected with so many.
    pub async fn all_linked(&self, least: usize) {
        self.each("connections", |s| s.peers.len() >= least).await;
    }

    /// All have so many others in their tables.
    pub async fn all_in_the_dht(&self, least: usize) {
        self.each("the DHT", |s| s.dht.others >= least && s.dht.reachable).await;
    }

    /// Ends all of them.
    pub async fn stop(self) {
        futures::future::join_all(self.residents.iter().map(|one| one.node.shutdown())).await;
    }
}

/// What this process has in memory, in MiB.
pub fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
