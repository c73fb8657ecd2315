//! The shutdown drill: twenty mirrors in four islands live through a shutdown and what comes after it.
//!
//! Real processes in network namespaces; needs root, iproute2 and nftables, and says so where they are not. Islands are
//! bridges of their own, joined by a router. Within an island nodes find each other without any address; only the first
//! of each island knows addresses beyond it, from its invite.
//! `YADGAR_DRILL_SEED` chooses the order in which everything is started again; without it each run takes another one, and
//! prints it.

#[path = "common/mod.rs"]
mod common;
#[path = "drill/country.rs"]
mod country;
#[path = "drill/crowd.rs"]
mod crowd;
#[path = "common/fake_clock.rs"]
mod fake_clock;
#[path = "common/lab.rs"]
mod lab;
#[path = "drill/table.rs"]
mod table;

use common::{Home, film, small_site, write};
use country::{EACH, ISLANDS, OUTSIDE, guest, multiaddr};
use crowd::{Counts, Member, is_one_net, shuffled, until};
use lab::{enter, yadgar};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use table::Moved;
use yadgar::net::{NetConfig, NetHandle};
use yadgar::sync::Session;
use yadgar_protocol::BlockId;

/// Bytes over what the receivers lacked that a step may put on the wire for a node beside what it gets: handshakes, beacons, gossip.
const BESIDE: u64 = 2_000_000;
/// The record that is withdrawn, and one that stays.
const GONE: &str = "records/r07.json";
const STAYS: &str = "records/r08.json";
/// What clocks show after the shutdown.
const CLOCKS: [&str; 5] = ["1970-01-02", "2001-09-09", "2019-11-16", "2038-01-20", "2106-02-08"];

/// What one receiver gets that has nothing (release 1) or has release 1 (release 2), from one source: the bare minimum.
struct Least {
    home: Home,
    first: Need,
    second: Need,
}

/// What has to move to one node. The same small blocks take more bytes or fewer, by which of them share a bundle.
#[derive(Clone, Copy, Default)]
struct Need {
    blocks: u64,
    bytes: u64,
}

struct Drill {
    site: tempfile::TempDir,
    stick: tempfile::TempDir,
    publisher: Member,
    nodes: Vec<Member>,
    archive: String,
    /// Names no address.
    invite: String,
    /// Names the publisher.
    far: String,
    least: Least,
}

impl Drill {
    /// The publisher, outside, with release 1.
    fn new() -> Self {
        country::build();
        let site = tempfile::tempdir().unwrap();
        small_site(site.path());
        write(site.path(), "media/second.bin", &film(2_000_000, 9));
        let home = Home::publisher("Drill (fictional)");
        home.publish(site.path());
        let archive = home.ok(&["invite"])["archive"].as_str().unwrap().to_owned();
        let (invite, far) = (home.invite(&[]), home.invite(&[&multiaddr(OUTSIDE)]));
        let mut publisher = Member::new("outside", 0, home);
        publisher.start(&[], None);
        until("the publisher is there", || publisher.complete(1).is_some());
        let mut least =
            Least { home: Home::new(), first: Need::default(), second: Need::default() };
        least.first = least.fetch(&far, 1);
        let stick = tempfile::tempdir().unwrap();
        Self { site, stick, publisher, nodes: Vec::new(), archive, invite, far, least }
    }

    fn island(&self, island: usize) -> Vec<&Member> {
        self.nodes.iter().filter(|node| node.island == island).collect()
    }

    fn node(&self, island: usize, n: usize) -> &Member {
        &self.nodes[(island - 1) * EACH + n - 1]
    }

    fn counts(&self) -> Vec<Counts> {
        self.nodes.iter().map(Member::counts).collect()
    }

    /// Waits until an island has a release; the seconds since `start`.
    fn converge(&self, island: usize, sequence: u64, start: Instant) -> f64 {
        let nodes = self.island(island);
        until(&format!("island {island} has release {sequence}"), || {
            nodes.iter().all(|node| node.complete(sequence).is_some())
        });
        let last = nodes.iter().filter_map(|node| node.complete(sequence)).max().unwrap();
        last.saturating_duration_since(start).as_secs_f64()
    }

    /// A row of the table for each island; nothing was fetched twice, nor more than what was lacking.
    fn rows(
        &self,
        step: &str,
        seconds: &[f64],
        before: &[Counts],
        lacked: impl Fn(&Member) -> Need,
    ) {
        let after = self.counts();
        for island in 1..=ISLANDS {
            let mut moved = Moved::default();
            let those = self.nodes.iter().zip(before.iter().zip(&after));
            for (node, (before, after)) in those.filter(|(node, _)| node.island == island) {
                assert_eq!(
                    after.number - before.number,
                    lacked(node).blocks,
                    "{step}: {} got more or less than it lacked",
                    node.name
                );
                assert_eq!(
                    after.twice, before.twice,
                    "{step}: {} got blocks twice (a source silent for 5 s is given up for another: was the machine that busy?)",
                    node.name
                );
                moved.least += lacked(node).bytes;
                moved.blocks += after.blocks - before.blocks;
                moved.twice += after.twice - before.twice;
                moved.wire += after.wire - before.wire;
            }
            table::row(step, &island.to_string(), seconds[island - 1], moved);
            let bound = moved.least * 2 + BESIDE * EACH as u64;
            assert!(moved.wire < bound, "{step}: {} bytes to island {island}", moved.wire);
        }
    }
}

impl Least {
    /// Fetches what is new from the publisher, over a line of its own.
    fn fetch(&self, invite: &str, sequence: u64) -> Need {
        let done = self.home.ok(&["fetch", invite]);
        assert_eq!(done["sequence"], sequence);
        let of = |name: &str| done[name].as_u64().unwrap();
        Need { blocks: of("blocks"), bytes: of("wire_bytes") }
    }
}

#[test]
fn the_shutdown_drill() {
    if !enter(module_path!(), "the_shutdown_drill") {
        return;
    }
    let start = Instant::now();
    let mut drill = Drill::new();
    table::head();
    all_connected(&mut drill);
    shutdown(&mut drill);
    restart(&mut drill);
    opened(&drill);
    println!("DRILL: whole drill: {:.0} s", start.elapsed().as_secs_f64());
}

/// (a) All are connected; release 1 goes everywhere.
fn all_connected(drill: &mut Drill) {
    let mut addresses = vec![multiaddr(OUTSIDE)];
    addresses.extend((1..=ISLANDS).map(|island| multiaddr(&country::address(island, 1))));
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    let first = drill.publisher.home.invite(&addresses);
    let watched = drill.stick.path().join("plugged-in");
    std::fs::create_dir(&watched).unwrap();
    let (start, inside) = (Instant::now(), country::came_in());
    let before = vec![Counts::default(); ISLANDS * EACH];
    for island in 1..=ISLANDS {
        for n in 1..=EACH {
            let mut node = Member::new(&country::node(island, n), island, Home::new());
            let invite = if n == 1 { &first } else { &drill.invite };
            // Where the courier of the first island will come.
            let watch = ["--watch", watched.to_str().unwrap()];
            let watch = if (island, n) == (1, 2) { &watch[..] } else { &[] };
            node.start(&[&[invite.as_str()], watch].concat(), None);
            drill.nodes.push(node);
        }
    }
    let seconds: Vec<_> = (1..=ISLANDS).map(|island| drill.converge(island, 1, start)).collect();
    drill.rows("(a) release 1", &seconds, &before, |_| drill.least.first);
    let wire = country::came_in() - inside;
    table::border("(a) release 1", drill.least.first.bytes, wire);
}

/// (b) Nothing crosses the border or goes from island to island. Release 2 comes to two of them in a pocket.
fn shutdown(drill: &mut Drill) {
    country::cut();
    publish_the_second(drill);
    let (carrier, volumes) = courier(drill);
    let before = drill.counts();
    let start = Instant::now();
    std::fs::copy(&carrier, drill.stick.path().join("plugged-in/notes.bin.car")).unwrap();
    let first = drill.converge(1, 2, start);
    let start = Instant::now();
    let done = drill.node(2, 3).home.ok(&["import", &volumes]);
    assert_eq!(done["sets"][0]["rebuilt"].as_array().unwrap().len(), 1, "{done}");
    let second = drill.converge(2, 2, start);
    let lacked = |node: &Member| match (node.island, node.name.as_str()) {
        (_, "n12" | "n23") => Need::default(), // They have it from the courier.
        (1 | 2, _) => drill.least.second,
        _ => Need::default(),
    };
    drill.rows("(b) release 2 by courier", &[first, second, 0.0, 0.0], &before, lacked);
    for island in 1..=ISLANDS {
        let sequence = if island <= 2 { 2 } else { 1 };
        let all =
            drill.island(island).iter().all(|n| n.releases() == (sequence.into(), sequence.into()));
        assert!(all, "island {island}");
        newcomer(drill, island, sequence);
    }
    served(drill, &[1, 2]);
}

fn publish_the_second(drill: &mut Drill) {
    let (home, site) = (&drill.publisher.home, drill.site.path());
    home.ok(&["withdraw", GONE, "--reason", "withheld"]);
    std::fs::remove_file(site.join(GONE)).unwrap();
    write(site, "media/third.bin", &film(900_000, 11));
    home.publish(site);
    until("release 2 outside", || drill.publisher.complete(2).is_some());
    drill.least.second = drill.least.fetch(&drill.far, 2);
}

/// What goes by hand: a carrier of what is new, and a set of volumes of which one gets lost.
fn courier(drill: &Drill) -> (String, String) {
    let home = &drill.publisher.home;
    let (carrier, volumes) = (home.beside("new.car"), home.beside("volumes"));
    home.ok(&["export", &carrier, "--since", "1"]);
    std::fs::create_dir(&volumes).unwrap();
    let done = home.ok(&["export", &volumes, "--since", "1", "--split", "300kB", "--parity", "1"]);
    let lost = done["volumes"][1]["name"].as_str().unwrap();
    std::fs::remove_file(Path::new(&volumes).join(lost)).unwrap();
    (carrier, volumes)
}

/// Somebody new on an island, who has nothing but the invite, gets what the island has.
fn newcomer(drill: &Drill, island: usize, sequence: u64) {
    let home = Home::new();
    let args = ["fetch", &drill.invite, "--lan", "--json"];
    let output = yadgar(&guest(island), &home, &args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "island {island}: {stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let done: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(done["sequence"], sequence, "island {island}");
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    assert_eq!(Path::new(&out).join(GONE).exists(), sequence == 1, "island {island}");
    assert!(Path::new(&out).join(STAYS).exists());
}

/// Each node of these islands is asked, as anybody can, for what was withdrawn, and for what was not.
fn served(drill: &Drill, islands: &[usize]) {
    // What stood in the withdrawn file, as `small_site` writes it.
    let block = |n: u32| BlockId::raw(format!("{{\"schema\":\"victim/1\",\"n\":{n}}}").as_bytes());
    let stays = std::fs::read(drill.site.path().join(STAYS)).unwrap();
    assert_eq!(block(8), BlockId::raw(&stays));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for island in islands {
        for n in 1..=EACH {
            let address = multiaddr(&country::address(*island, n));
            let (gone, there) = runtime.block_on(ask(&address, block(7), block(8)));
            assert!(there && !gone, "{address}: withdrawn {gone}, others {there}");
        }
    }
}

async fn ask(address: &str, gone: BlockId, there: BlockId) -> (bool, bool) {
    let (net, events): (NetHandle, _) = yadgar::net::start(NetConfig::reader()).await.unwrap();
    drop(events);
    let peer = net.dial(address.parse().unwrap()).await.unwrap();
    let mut session = Session::open(&net, peer, Duration::from_secs(60)).await.unwrap();
    let blocks = session.blocks(&[gone, there]).await.unwrap();
    net.shutdown().await;
    (blocks.contains_key(&gone), blocks.contains_key(&there))
}

/// (c) Everything is restarted, in another order, with clocks that are wrong. The islands stay cut.
fn restart(drill: &mut Drill) {
    let seed = std::env::var("YADGAR_DRILL_SEED").ok().map(|text| text.parse().unwrap());
    let seed: u64 = seed.unwrap_or_else(rand::random);
    println!("DRILL: order by YADGAR_DRILL_SEED={seed}");
    let library = fake_clock::library();
    let files: Vec<_> = CLOCKS.iter().map(|_| tempfile::NamedTempFile::new().unwrap()).collect();
    for (file, time) in files.iter().zip(CLOCKS) {
        std::fs::write(file.path(), format!("@{time} 12:00:00\n")).unwrap();
    }
    let count = drill.nodes.len();
    for at in shuffled(count, seed) {
        // Every other one by a power cut.
        drill.nodes[at].stop(at % 2 == 0);
    }
    let wire = drill.nodes.iter().map(|node| country::reached(&node.name));
    let before: Vec<_> = wire.map(|wire| Counts { wire, ..Counts::default() }).collect();
    let start = Instant::now();
    for (n, at) in shuffled(count, seed ^ 1).into_iter().enumerate() {
        let clock =
            library.as_ref().map(|library| (library.as_path(), files[n % files.len()].path()));
        drill.nodes[at].start(&[], clock);
    }
    let mut seconds = Vec::new();
    for island in 1..=ISLANDS {
        drill.converge(island, if island <= 2 { 2 } else { 1 }, start);
        let nodes = drill.island(island);
        until(&format!("island {island} is one net again"), || is_one_net(&nodes));
        seconds.push(start.elapsed().as_secs_f64());
    }
    drill.rows("(c) restarted, one net again", &seconds, &before, |_| Need::default());
}

/// (d) The islands are joined, the border opens.
fn opened(drill: &Drill) {
    let [border, between] = country::vanished();
    assert!(border > 0 && between > 0, "the cut cut nothing: {border} and {between} packets");
    let (before, inside, start) = (drill.counts(), country::came_in(), Instant::now());
    country::open();
    let mut seconds = vec![0.0; ISLANDS];
    for island in 3..=ISLANDS {
        seconds[island - 1] = drill.converge(island, 2, start);
    }
    let lacked = |node: &Member| if node.island > 2 { drill.least.second } else { Need::default() };
    drill.rows("(d) all joined", &seconds, &before, lacked);
    let wire = country::came_in() - inside;
    // What is new is in the country already.
    table::border("(d) all joined", 0, wire);
    let state = drill.publisher.state(&drill.archive);
    for node in &drill.nodes {
        assert_eq!(node.releases(), (2.into(), 2.into()), "{}", node.name);
        assert_eq!(node.state(&drill.archive), state, "{}", node.name);
    }
    served(drill, &[1, 2, 3, 4]);
}
