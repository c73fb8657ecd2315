//! An internet of one cable, with machines on it and homes behind routers.

#![allow(dead_code)] // Each test file uses some of it.

use crate::common::{Home, Node, PATIENCE};
use crate::lab::{machine, on, sh, yadgar};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The cable.
pub fn internet() {
    sh("ip link add inet0 type bridge mcast_snooping 0; ip link set inet0 up");
}

fn plug(name: &str, device: &str, address: &str) {
    sh(&format!(
        "ip link add p-{name} type veth peer name {device} netns {name}
         ip link set p-{name} master inet0 up
         ip -n {name} link set {device} up
         ip -n {name} addr add {address}/32 dev {device}
         ip -n {name} route add default dev {device}"
    ));
}

/// A machine with a public address.
pub fn public(name: &str, address: &str) {
    machine(name);
    plug(name, "eth0", address);
}

/// A machine at 192.168.`net`.2 behind a router with a public address, which lets in only what was asked for, keeps the
/// ports of what goes out if it can, and says nothing to others, as routers of homes do.
pub fn behind_router(name: &str, net: u8, address: &str) {
    let router = format!("{name}-r");
    machine(&router);
    plug(&router, "wan", address);
    machine(name);
    sh(&format!(
        "ip link add lan netns {router} type veth peer name eth0 netns {name}
         ip -n {router} link set lan up
         ip -n {router} addr add 192.168.{net}.1/24 dev lan
         ip -n {name} link set eth0 up
         ip -n {name} addr add 192.168.{net}.2/24 dev eth0
         ip -n {name} route add default via 192.168.{net}.1
         ip netns exec {router} sysctl -qw net.ipv4.ip_forward=1
         ip netns exec {router} nft -f - <<'END'
table ip lab {{
    counter wan {{ }}
    counter between {{ }}
    set apart {{ type ipv4_addr; }}
    chain count {{ type filter hook prerouting priority -300; iifname wan counter name wan; }}
    chain in {{ type filter hook input priority 0; iifname wan drop; }}
    chain through {{
        type filter hook forward priority 0;
        oifname wan ip daddr @apart counter name between drop
        iifname wan ip saddr @apart drop
        iifname wan ct state established,related accept
        iifname wan drop
    }}
    chain out {{ type nat hook postrouting priority 100; oifname wan masquerade; }}
}}
END"
    ));
}

/// The router of a machine lets nothing through to or from this address.
pub fn keep_apart(name: &str, from: &str) {
    sh(&format!("ip netns exec {name}-r nft add element ip lab apart '{{ {from} }}'"));
}

/// Packets to addresses that [`keep_apart`] named which its router dropped.
pub fn dropped_between(name: &str) -> u64 {
    let text = sh(&format!("ip netns exec {name}-r nft list counter ip lab between"));
    number(&text, "packets ")
}

/// Bytes that a machine with a public address has sent.
pub fn sent(name: &str) -> u64 {
    let text = sh(&format!("ip netns exec {name} cat /sys/class/net/eth0/statistics/tx_bytes"));
    text.trim().parse().unwrap()
}

/// A mirror on this machine, which listens over TCP at the usual port; `more` are its invites and options.
pub fn mirror(machine: &str, home: &Home, more: &[&str]) -> Node {
    let listen = "/ip4/0.0.0.0/tcp/4774";
    let args = ["mirror", "--no-lan", "--yes", "--json", "--listen", listen];
    let mut node = Node::start(yadgar(machine, home, &[&args, more].concat()));
    let event = node.wait(|e| e["event"] == "listening");
    node.address = event["address"].as_str().unwrap().to_owned();
    node
}

/// What the node of a machine says of itself.
pub fn status(machine: &str, home: &Home) -> Value {
    let output = yadgar(machine, home, &["status", "--json"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str::<Value>(text.lines().last().unwrap()).unwrap()["node"].take()
}

/// Asks until the node says what is wanted of it.
pub fn until(machine: &str, home: &Home, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let node = status(machine, home);
        if wanted(&node) {
            return node;
        }
        assert!(Instant::now() < end, "{machine}: {node:#}");
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn number(text: &str, before: &str) -> u64 {
    let number = text.split(before).nth(1).and_then(|rest| rest.split_whitespace().next());
    number.unwrap().parse().unwrap()
}

/// A router's service that opens ports for its machines; ends with this.
pub struct Upnp(Child, #[allow(dead_code)] tempfile::TempDir);

impl Drop for Upnp {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const UPNP_TABLE: &str = "
delete table ip lab
table inet filter {
    chain miniupnpd { }
    chain prerouting_miniupnpd { }
    chain postrouting_miniupnpd { }
    chain in { type filter hook input priority 0; iifname wan drop; }
    chain through {
        type filter hook forward priority 0;
        iifname wan ct status dnat accept
        iifname wan ct state established,related accept
        iifname wan drop
    }
    chain before { type nat hook prerouting priority -100; jump prerouting_miniupnpd; }
    chain after { type nat hook postrouting priority 100; jump postrouting_miniupnpd; oifname wan masquerade; }
}
";

const UPNP_SETTINGS: &str = "
ext_ifname=wan
listening_ip=lan
enable_natpmp=no
enable_upnp=yes
uuid=00000000-0000-0000-0000-000000000001
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
allow 1024-65535 0.0.0.0/0 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
";

/// The router of a machine opens ports by UPnP: `program` is Debian's miniupnpd, made for nftables.
pub fn opens_ports(name: &str, program: &Path) -> Upnp {
    let router = format!("{name}-r");
    let mut nft = on(&router, Path::new("nft"));
    let mut nft = nft.args(["-f", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    nft.stdin.take().unwrap().write_all(UPNP_TABLE.as_bytes()).unwrap();
    assert!(nft.wait().unwrap().success());
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(file("conf"), UPNP_SETTINGS).unwrap();
    let mut command = on(&router, program);
    command.args(["-d", "-f", &file("conf"), "-P", &file("pid")]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    Upnp(child, dir)
}
