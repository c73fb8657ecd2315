//! A country of namespaces: islands, each a bridge with its machines; a router that joins them, which is where the test
//! runs; and one link out of the country.

use crate::lab::{machine, sh};

pub const ISLANDS: usize = 4;
/// Machines of an island that have a node.
pub const EACH: usize = 5;
/// Where the publisher is.
pub const OUTSIDE: &str = "203.0.113.2";

fn nft(rules: &str) {
    sh(&format!("nft -f - <<'END'\n{rules}\nEND"));
}

/// Builds it, all open.
pub fn build() {
    sh("echo 1 > /proc/sys/net/ipv4/ip_forward");
    nft("table inet country {
    counter at_border { }
    counter between { }
    chain forward { type filter hook forward priority 0; }
}");
    machine("outside");
    sh("ip link add border type veth peer name eth0 netns outside
        ip addr add 203.0.113.1/24 dev border
        ip link set border up
        ip -n outside addr add 203.0.113.2/24 dev eth0
        ip -n outside link set eth0 up
        ip -n outside route add default via 203.0.113.1");
    for island in 1..=ISLANDS {
        sh(&format!(
            "ip link add island{island} type bridge mcast_snooping 0
             ip addr add 10.{island}.0.1/24 dev island{island}
             ip link set island{island} up"
        ));
        (1..=EACH).for_each(|n| join(&node(island, n), island, 10 + n));
        join(&guest(island), island, 99);
    }
}

/// The machine of a node.
pub fn node(island: usize, n: usize) -> String {
    format!("n{island}{n}")
}

/// A machine of an island that has no node.
pub fn guest(island: usize) -> String {
    format!("g{island}")
}

/// Where a node is.
pub fn address(island: usize, n: usize) -> String {
    format!("10.{island}.0.{}", 10 + n)
}

/// The same for an invite.
pub fn multiaddr(ip: &str) -> String {
    format!("/ip4/{ip}/tcp/4774")
}

fn join(name: &str, island: usize, host: usize) {
    machine(name);
    sh(&format!(
        "ip link add v-{name} type veth peer name wlan0 netns {name}
         ip link set v-{name} master island{island} up
         ip -n {name} link set wlan0 up
         ip -n {name} addr add 10.{island}.0.{host}/24 brd + dev wlan0
         ip -n {name} route add default via 10.{island}.0.1"
    ));
}

/// Cuts the border, and the islands from each other: packets vanish, as they do at a null route. Both counters say that
/// something did try. Frames within a bridge are left alone, also on systems that show them to these rules.
pub fn cut() {
    let add = "add rule inet country forward";
    for side in ["iifname", "oifname"] {
        nft(&format!("{add} {side} border counter name at_border drop"));
    }
    for island in 1..=ISLANDS {
        let name = format!("island{island}");
        nft(&format!("{add} iifname {name} oifname != {name} counter name between drop"));
    }
}

/// Opens everything.
pub fn open() {
    nft("flush chain inet country forward");
}

/// Packets that vanished at the border, and between islands.
pub fn vanished() -> [u64; 2] {
    ["at_border", "between"].map(|name| {
        let text = sh(&format!("nft list counter inet country {name}"));
        text.split("packets ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    })
}

/// Bytes of a line of the router's interfaces: the first column is what came in, the ninth what went out.
fn counted(interface: &str, column: usize) -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/net/dev").unwrap();
    let line = text.lines().find_map(|line| line.trim().strip_prefix(&format!("{interface}:")));
    line.unwrap().split_whitespace().nth(column).unwrap().parse().unwrap()
}

/// Bytes that reached a machine so far, with all headers.
pub fn reached(machine: &str) -> u64 {
    counted(&format!("v-{machine}"), 8)
}

/// Bytes that came into the country so far.
pub fn came_in() -> u64 {
    counted("border", 0)
}
