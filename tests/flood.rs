//! Hostile nodes flood the DHT and gossip of a mirror: its memory stays flat, and an honest head goes through.
//!
//! All are on loopback, which is exempt from what counts by address: connections, records and nodes of one network, dials of
//! one IP address (PEER-10), refused addresses. What counts by peer, by rate and in all holds, and is what is tried here.
//!
//! The hostile ones are a process of their own (this test program again), so that the memory that is measured is that of the
//! honest ones.

#[path = "flood/hostile.rs"]
mod hostile;
#[path = "common/nets.rs"]
mod nets;
#[path = "common/sample.rs"]
mod sample;

use nets::{TIMING, noise, packed};
use sample::Sample;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar::net::NetConfig;
use yadgar::node::mirror::{self, HOSTS_EVERY, MirrorConfig, MirrorHandle};
use yadgar::store::{ArchiveStates, BlockStore as _, MemoryStore};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::limits::MAX_DHT_RECORDS;
use yadgar_protocol::sync::{Gossip, gossip_topic};

/// This only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the flood lasts before memory is looked at.
const FLOOD: Duration = Duration::from_secs(20);
/// Heads are asked for when a connection comes up, and then not before the test is over: later ones come by gossip.
const HEADS_EVERY: Duration = Duration::from_secs(3_600);
/// How much more they may have at most in its second half than in its first, in MiB: what grows with time would show.
const STEADY_MIB: u64 = 32;
/// How much the honest mirrors may grow by it, all three together, in MiB: buffers of connections and queues of a few MiB each.
const GROWTH_MIB: u64 = 96;

/// Bytes that come for a control message of gossip, on average: much less than one has.
const ANSWER_BYTES: u64 = 200;

struct Mirror {
    node: MirrorHandle,
    store: Arc<MemoryStore>,
    states: Arc<ArchiveStates>,
    address: String,
    _dir: tempfile::TempDir,
}

impl Mirror {
    async fn start(id: ArchiveId, known: &[String]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let states = Arc::new(ArchiveStates::open(&dir.path().join("archives")).unwrap());
        let store = Arc::new(MemoryStore::new());
        let mut settings = states.settings(&id).unwrap();
        settings.addresses = known.to_vec();
        states.set_settings(&id, &settings).unwrap();
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
            timing: TIMING,
            heads_every: HEADS_EVERY,
            hosts_every: HOSTS_EVERY,
            beacon: false,
            peers: None,
        };
        let node = mirror::start(config).await.unwrap().0;
        let address = node.status().await.unwrap().listening[0].clone();
        Self { node, store, states, address, _dir: dir }
    }

    async fn publish(&self, release: &Sample) {
        let (id, head) = (release.accepted.release.archive, &release.accepted.bytes);
        self.store.put(packed(release)).unwrap();
        self.states.set_trusted(&id, head).unwrap();
        self.states.set_complete(&id, head).unwrap();
        self.node.changed(id).await;
    }

    async fn has(&self, sequence: u64) {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let status = self.node.status().await.unwrap();
            if status.archives.iter().any(|a| a.complete == Some(sequence)) {
                return;
            }
            assert!(tokio::time::Instant::now() < until, "release {sequence}: {status:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn files(sequence: u64) -> Vec<(String, Vec<u8>)> {
    (0..5).map(|n| (format!("media/{n}.bin"), noise(n + 10 * sequence, 900))).collect()
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// The most that this process has in memory while this time passes.
async fn most_within(time: Duration) -> u64 {
    let (since, mut most) = (Instant::now(), resident_mib());
    while since.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(500)).await;
        most = most.max(resident_mib());
    }
    most
}

/// Ends the hostile process however the test ends.
struct Hostile(Child);

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn hostile(target: &str, topic: &str, message: &str) -> Hostile {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "the_hostile_side", "--ignored", "--nocapture"]);
    command.env(hostile::TARGET, target).env(hostile::TOPIC, topic);
    command.env(hostile::MESSAGE, message).stdout(Stdio::piped());
    Hostile(command.spawn().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_costs_bounded_memory_and_an_honest_head_goes_through() {
    let one = Sample::new("Flood", 1, &[("core", files(1))]);
    let id = one.accepted.release.archive;
    let victim = Mirror::start(id, &[]).await;
    let (a, c) = (
        Mirror::start(id, std::slice::from_ref(&victim.address)).await,
        Mirror::start(id, std::slice::from_ref(&victim.address)).await,
    );
    a.publish(&one).await;
    victim.has(1).await;
    c.has(1).await;
    let before = resident_mib();
    let two = Sample::after(&one.accepted, &[("core", files(2))]);
    let head = Gossip::Head(&two.accepted.bytes).encode().unwrap();
    let name = blake3::hash(&head).to_hex();
    let mut attack = hostile(&victim.address, &gossip_topic(&id), &name);
    let (first, second) = (most_within(FLOOD / 2).await, most_within(FLOOD / 2).await);
    // While it goes on: a new release.
    let told = Instant::now();
    a.publish(&two).await;
    victim.has(2).await;
    c.has(2).await;
    let took = told.elapsed();
    let most = first.max(second).max(resident_mib());
    assert!(attack.0.try_wait().unwrap().is_none(), "the flood ended before its time");
    let status = victim.node.status().await.unwrap();
    let _ = attack.0.kill();
    let mut said = String::new();
    let out = attack.0.stdout.take().unwrap();
    std::io::Read::read_to_string(&mut std::io::BufReader::new(out), &mut said).unwrap();
    let last = said.lines().rev().find_map(|line| line.strip_prefix(hostile::COUNT));
    let counts = last.expect("the hostile side counts").split_whitespace();
    let counts: Vec<u64> = counts.map(|count| count.parse().unwrap()).collect();
    let [sent, controls, read, answered] = counts[..] else { panic!("{counts:?}") };
    println!(
        "{sent} hostile acts, {controls} control messages of which {read} bytes were read for sure, and {answered} bytes came for them; {before} MiB before, at most {first} and {second} MiB in its halves, {most} MiB in all; {} \
         records; head after {:.2} s",
        status.dht.records,
        took.as_secs_f64()
    );
    assert!(sent > 500 && controls > 500, "a flood: {sent}, {controls}");
    assert!(read > 0, "nothing was read of the control messages");
    // Who asks for messages, also for one that is there, gets little back.
    assert!(answered > 0 && answered / controls < ANSWER_BYTES, "{answered} for {controls}");
    assert!(most.saturating_sub(before) < GROWTH_MIB, "{before} MiB, then {most} MiB");
    assert!(second.saturating_sub(first) < STEADY_MIB, "{first} MiB, then {second} MiB");
    assert!(status.dht.records <= MAX_DHT_RECORDS + 1);
}

/// No test: what the other process does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the hostile side of the other test"]
async fn the_hostile_side() {
    let told = [hostile::TARGET, hostile::TOPIC, hostile::MESSAGE].map(std::env::var);
    let [Ok(target), Ok(topic), Ok(message)] = told else { return };
    hostile::run(&target, &topic, &message).await;
}
