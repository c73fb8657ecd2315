//! Strangers from many networks try to take all of a mirror's places, its table and its searches, so that it meets nobody
//! else (an eclipse): machines with public addresses, as network namespaces, where the bounds by network count. Needs root,
//! iproute2 and nftables, and says so where they are not.

use crate::common;
#[path = "eclipse/hostile.rs"]
mod hostile;

use crate::common::{Home, Node};
use crate::internet::{internet, mirror, public, status, until};
use crate::lab::{enter, on, sh};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

const VICTIM: &str = "/ip4/8.8.1.10/tcp/4774";
const HONEST: &str = "/ip4/9.9.1.10/tcp/4774";
/// Networks of the attacker, each an IPv4 /16, and in each as many smaller ones (/24), with one node each.
const NETWORKS: [&str; 3] = ["50.1", "60.2", "70.3"];
const NODES: u8 = 40;
/// Connections of the mirror, and so many of them at least that the attacker has then: three quarters are for guests.
const CONNECTIONS: &str = "64";
const GUESTS: u64 = 44;
/// Guests of one larger network (/16).
const RANGE: usize = 24;
/// So long they come before anybody else does.
const AHEAD: Duration = Duration::from_secs(15);

/// The page of a release.
fn publish(home: &Home, sequence: u64) {
    let site = PathBuf::from(home.beside("site"));
    let page = format!("<html lang=en><p>Release {sequence}</p></html>");
    common::write(&site, "index.html", page.as_bytes());
    home.publish(&site);
}

/// The identity of a mirror.
fn id(node: &Node) -> &str {
    node.address.rsplit('/').next().unwrap()
}

/// With how many of the attacker's nodes a mirror is connected, by its networks.
fn held(node: &Value) -> [usize; NETWORKS.len()] {
    let peers = node["peers"].as_array().unwrap();
    NETWORKS.map(|network| {
        let of = |peer: &&Value| {
            peer["address"].as_str().is_some_and(|at| at.starts_with(&format!("/ip4/{network}.")))
        };
        peers.iter().filter(of).count()
    })
}

/// Ends the attacker however the test ends.
struct Attack(Child);

impl Drop for Attack {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All of the attacker's nodes at the victim.
fn attack(victim: &str, archive: &str) -> Attack {
    let all =
        NETWORKS.iter().flat_map(|network| (1..=NODES).map(move |n| format!("{network}.{n}.10")));
    let all: Vec<String> = all.collect();
    public("hostile", "50.1.0.10");
    let script: String =
        all.iter().map(|ip| format!("ip -n hostile addr add {ip}/32 dev eth0\n")).collect();
    sh(&script);
    // Each connection comes from the next address: by itself the system would take the first for all.
    let from: Vec<String> = all.iter().enumerate().map(|(n, ip)| format!("{n} : {ip}")).collect();
    sh(&format!(
        "ip netns exec hostile nft -f - <<'END'
table ip from {{
    chain out {{
        type nat hook postrouting priority 100;
        ip saddr 50.1.0.10 snat to numgen inc mod {} map {{ {} }}
    }}
}}
END",
        from.len(),
        from.join(", ")
    ));
    let mut command = on("hostile", &std::env::current_exe().unwrap());
    let name = common::test_name(module_path!(), "the_hostile_side");
    command.args(["--exact", &name, "--ignored", "--nocapture"]);
    command.env(hostile::TARGET, victim).env(hostile::ARCHIVE, archive);
    Attack(command.env(hostile::ADDRESSES, all.join(" ")).spawn().unwrap())
}

#[test]
fn strangers_from_many_networks_do_not_come_between_a_mirror_and_the_others() {
    if !enter(
        module_path!(),
        "strangers_from_many_networks_do_not_come_between_a_mirror_and_the_others",
    ) {
        return;
    }
    internet();
    public("victim", "8.8.1.10");
    public("honest", "9.9.1.10");
    public("newcomer", "30.1.1.10");
    let [victim, newcomer] = [0; 2].map(|_| Home::new());
    let honest = Home::publisher("Eclipsed (fictional)");
    publish(&honest, 1);
    let archive = honest.ok(&["status"])["archives"][0]["archive"].as_str().unwrap().to_owned();
    // Two mirrors that know each other. Then one is off for a while.
    let first = mirror("honest", &honest, &[]);
    let invite = honest.invite(&[HONEST]);
    let node = mirror("victim", &victim, &["--max-connections", CONNECTIONS, &invite]);
    node.wait_complete(1);
    until("victim", &victim, |node| {
        node["remembered"].as_array().is_some_and(|all| !all.is_empty())
    });
    first.kill();
    // The strangers have the other for themselves.
    let _attack = attack(&format!("{VICTIM}/p2p/{}", id(&node)), &archive);
    // Nearly all places that guests have.
    until("victim", &victim, |node| node["connections"]["inbound"].as_u64() >= Some(GUESTS));
    std::thread::sleep(AHEAD);
    let alone = held(&status("victim", &victim));
    assert!(alone.iter().all(|held| *held <= RANGE), "{alone:?}");
    // What is new comes through all the same.
    publish(&honest, 2);
    let back = mirror("honest", &honest, &[]);
    node.wait_complete(2);
    // Who knows nothing but the address of the one that is besieged finds the other by it, and does not need it any more.
    let new = mirror("newcomer", &newcomer, &[&honest.invite(&[VICTIM])]);
    new.wait_complete(2);
    until("newcomer", &newcomer, |node| {
        node["peers"].as_array().unwrap().iter().any(|peer| peer["peer"] == id(&back))
    });
    let beside = held(&status("victim", &victim));
    node.kill();
    publish(&honest, 3);
    new.wait_complete(3);
    let all = usize::from(NODES) * NETWORKS.len();
    println!(
        "ECLIPSE: {all} strangers in three networks, two connections each; connected with {alone:?}, later {beside:?}"
    );
}

/// No test: what the attacker's process does.
#[test]
#[ignore = "the hostile side of the other test"]
fn the_hostile_side() {
    if Path::new("/proc/self/ns/net").exists() {
        hostile::run();
    }
}
