//! Mirrors behind different routers, in network namespaces: they find out that nobody reaches them, take places at a
//! relay, meet through it, and then without it where their routers let them. Needs root, iproute2 and nftables
//! (`YADGAR_REQUIRE_NETNS=1`), and says so where they are not; what asks a router for a port also needs Debian's
//! miniupnpd-nftables (`YADGAR_REQUIRE_UPNP=1`; `YADGAR_MINIUPNPD` names the program).

use crate::common;
use crate::common::{Home, Node};
use crate::internet::{
    behind_router, dropped_between, internet, keep_apart, mirror, opens_ports, public, sent,
    status, until,
};
use crate::lab::{enter, yadgar};
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const RELAY: &str = "/ip4/8.8.1.10/tcp/4774";
const OTHER: &str = "/ip4/9.9.1.10/tcp/4774";

/// A home with an archive of about so many bytes.
fn published(name: &str, films: u8) -> Home {
    let home = Home::publisher(name);
    let site = PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<html lang=en><p>Behind a router</p>");
    for n in 0..films {
        common::write(&site, &format!("media/{n}.bin"), &common::film(1_500_000, n + 1));
    }
    home.publish(&site);
    home
}

/// Two public mirrors, of which one is a relay.
struct Outside {
    _nodes: [Node; 2],
    _homes: [Home; 2],
}

impl Outside {
    fn new() -> Self {
        internet();
        public("relay", "8.8.1.10");
        public("other", "9.9.1.10");
        let homes = [published("Public", 0), Home::new()];
        let other = mirror("other", &homes[1], &[&homes[0].invite(&[RELAY])]);
        let relay = mirror("relay", &homes[0], &["--relay", &homes[0].invite(&[OTHER])]);
        // Somebody else must have reached it before it offers to be a relay.
        let node = until("relay", &homes[0], |node| node["reach"]["relaying"]["offered"] == true);
        assert_eq!(node["reach"]["external"][0], RELAY, "{node:#}");
        Self { _nodes: [other, relay], _homes: homes }
    }
}

/// Beside them one behind a router with an archive of its own.
struct World {
    _outside: Outside,
    _node: Node,
    hidden: Home,
    /// Where that one is reached.
    circuit: String,
}

impl World {
    fn new(films: u8) -> Self {
        let (outside, hidden) = (Outside::new(), published("Hidden", films));
        behind_router("alef", 1, "5.5.1.10");
        behind_router("be", 2, "6.6.1.10");
        let node = mirror("alef", &hidden, &[&hidden.invite(&[RELAY, OTHER])]);
        let there = node.wait(|e| {
            e["event"] == "listening" && e["address"].as_str().unwrap().contains("/p2p-circuit/")
        });
        let circuit = there["address"].as_str().unwrap().to_owned();
        assert!(circuit.starts_with(RELAY), "{circuit}");
        let told = status("alef", &hidden);
        assert_eq!(told["reach"]["reachable"], false, "{told:#}");
        assert_eq!(told["reach"]["circuits"][0], circuit.as_str(), "{told:#}");
        Self { _outside: outside, _node: node, hidden, circuit }
    }

    fn invite(&self) -> String {
        self.hidden.invite(&[&self.circuit])
    }

    /// The other mirror behind a router, with all of the archive.
    fn second(&self, home: &Home) -> Node {
        let node = mirror("be", home, &[&self.invite()]);
        node.wait_complete(1);
        node
    }

    /// What the second says of its connection with the first.
    fn between(&self, node: &Value) -> Option<Value> {
        let id = self.circuit.rsplit('/').next().unwrap();
        let peers = node["peers"].as_array().unwrap();
        peers.iter().find(|peer| peer["peer"] == id).cloned()
    }
}

#[test]
fn two_behind_routers_meet_at_a_relay_and_go_on_without_it() {
    if !enter(module_path!(), "two_behind_routers_meet_at_a_relay_and_go_on_without_it") {
        return;
    }
    // More than a relay carries for one circuit.
    let world = World::new(8);
    let (home, before) = (Home::new(), sent("relay"));
    let _second = world.second(&home);
    let node =
        until("be", &home, |node| world.between(node).is_some_and(|peer| peer["punched"] == true));
    let peer = world.between(&node).unwrap();
    assert_eq!(peer["address"].as_str().unwrap().split('/').nth(2), Some("5.5.1.10"), "{node:#}");
    assert!(node["reach"]["punched"].as_u64().unwrap() >= 1, "{node:#}");
    let carried = sent("relay") - before;
    assert!(carried < 10_000_000, "the relay carried {carried} bytes of 12,000,000");
    // The relay is not needed for it any more.
    until("alef", &world.hidden, |node| node["connections"]["relayed"] == 0);
}

#[test]
fn where_routers_keep_them_apart_a_small_archive_comes_through_the_relay() {
    if !enter(
        module_path!(),
        "where_routers_keep_them_apart_a_small_archive_comes_through_the_relay",
    ) {
        return;
    }
    let world = World::new(1);
    keep_apart("alef", "6.6.1.10");
    keep_apart("be", "5.5.1.10");
    let home = Home::new();
    let second = world.second(&home);
    let node = status("be", &home);
    let peer = world.between(&node).unwrap();
    assert!(peer["address"].as_str().unwrap().contains("/p2p-circuit/"), "{node:#}");
    // They tried.
    let tried = Instant::now() + common::PATIENCE;
    while dropped_between("be") + dropped_between("alef") == 0 {
        assert!(Instant::now() < tried, "no hole was ever punched at");
        std::thread::sleep(Duration::from_millis(200));
    }
    // A reader behind the same router dials what its invite says, and punches no holes: nobody learns where it is.
    drop(second);
    let (reader, before) = (Home::new(), dropped_between("be"));
    let fetch = yadgar("be", &reader, &["fetch", "--json", &world.invite()]).output().unwrap();
    assert!(fetch.status.success(), "{}", String::from_utf8_lossy(&fetch.stderr));
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
    assert_eq!(dropped_between("be"), before);
}

/// Where Debian's miniupnpd is; without it that is said.
fn miniupnpd() -> Option<PathBuf> {
    let named = std::env::var_os("YADGAR_MINIUPNPD").map(PathBuf::from);
    let usual = || Some(PathBuf::from("/usr/sbin/miniupnpd"));
    let found = named.or_else(usual).filter(|program| program.exists());
    if found.is_none() {
        let required = std::env::var_os("YADGAR_REQUIRE_UPNP").is_some_and(|v| v == "1");
        assert!(!required, "no miniupnpd, and YADGAR_REQUIRE_UPNP=1");
        let _ = std::io::stderr().write_all(b"SKIPPED: a router that opens ports: no miniupnpd\n");
    }
    found
}

#[test]
fn a_router_that_is_asked_opens_the_port() {
    let Some(program) = miniupnpd() else { return };
    if !enter(module_path!(), "a_router_that_is_asked_opens_the_port") {
        return;
    }
    let _outside = Outside::new();
    behind_router("alef", 1, "5.5.1.10");
    let _router = opens_ports("alef", &program);
    let home = published("Hidden", 0);
    let _node = mirror("alef", &home, &["--upnp", &home.invite(&[RELAY, OTHER])]);
    let node = until("alef", &home, |node| node["reach"]["reachable"] == true);
    assert_eq!(node["reach"]["external"][0], "/ip4/5.5.1.10/tcp/4774", "{node:#}");
    // Anybody reaches it now, without a relay.
    let reader = Home::new();
    let invite = home.invite(&["/ip4/5.5.1.10/tcp/4774"]);
    let fetch = yadgar("other", &reader, &["fetch", "--json", &invite]).output().unwrap();
    assert!(fetch.status.success(), "{}", String::from_utf8_lossy(&fetch.stderr));
}
