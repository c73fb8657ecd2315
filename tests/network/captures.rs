//! What a neighbour or a provider can capture of each profile, packet by packet: a closed list. What is not on it fails
//! the test. Needs root, iproute2 and nftables, and says so where they are not.
//!
//! A share and a mirror are captured for a few seconds; `YADGAR_CAPTURE_SECONDS=60` makes it a minute. The tables that it
//! prints are in docs/threat-model.md.

use crate::common;
#[path = "captures/common_bytes.rs"]
mod common_bytes;
#[path = "captures/mesh.rs"]
mod mesh;
#[path = "captures/web.rs"]
mod web;

use crate::common::{Home, Node};
use crate::lab::{enter, guest, sh, yadgar};
use crate::tap::{Kind, Packet, Tap};
use common_bytes::{in_both, readable};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};
use std::time::{Duration, Instant};
use yadgar_protocol::beacon::{ALL_V6, BEACON_PORT, DATAGRAM_BYTES, GROUP_V4, GROUP_V6};

const NODE: u16 = 4774;
const MDNS: u16 = 5353;
const MDNS_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const MDNS_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
const HOST: Ipv4Addr = Ipv4Addr::new(192, 168, 43, 1);
const BROADCAST: Ipv4Addr = Ipv4Addr::new(192, 168, 43, 255);
const ADDRESS: &str = "/ip4/192.168.43.1/tcp/4774";
/// What stands in clear at the beginning of every connection of libp2p over TCP: two names of protocols and the length of
/// the first message of Noise.
const HELLO: &[u8] = b"\x13/multistream/1.0.0\n\x07/noise\n\x00\x20";

/// What stands in clear where a connection is answered.
const ANSWERED: [&[u8]; 3] = [b"\x13/multistream/1.0.0\n", b"\x07/noise\n", HELLO];

/// How long a share and a mirror are listened to.
fn window() -> Duration {
    let seconds = std::env::var("YADGAR_CAPTURE_SECONDS").ok().map(|t| t.parse().unwrap());
    Duration::from_secs(seconds.unwrap_or(8))
}

/// A publisher's home with a small archive, and its invite, which names no address.
fn published() -> (Home, String) {
    let home = Home::publisher("Captured (fictional)");
    let site = std::path::PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<p>Captured page</p>");
    common::write(&site, "media/film.bin", &common::film(300_000, 3));
    home.publish(&site);
    let invite = home.invite(&[]);
    (home, invite)
}

/// Prints what was sent by its kinds; what `explain` knows nothing of fails.
fn explained(who: &str, packets: &[Packet], explain: impl Fn(&Packet) -> Option<&'static str>) {
    let mut table: BTreeMap<&str, (u64, usize)> = BTreeMap::new();
    for packet in packets {
        let what = if packet.is_the_systems() {
            "the system: ARP, IPv6 neighbours, groups"
        } else {
            explain(packet).unwrap_or_else(|| {
                panic!(
                    "{who}: {:?} {:?} {:?} {}",
                    packet.kind,
                    packet.to,
                    packet.ports,
                    readable(&packet.payload)
                )
            })
        };
        let line = table.entry(what).or_default();
        *line = (line.0 + 1, line.1 + packet.bytes);
    }
    for (what, (count, bytes)) in table {
        println!("WIRE: | {who} | {what} | {count} | {bytes} |");
    }
}

fn to(packet: &Packet, ip: impl Into<IpAddr>) -> bool {
    packet.to == Some(ip.into())
}

fn is_beacon(packet: &Packet) -> bool {
    packet.kind == Kind::Udp
        && packet.ports.1 == BEACON_PORT
        && packet.payload.len() == DATAGRAM_BYTES
}

/// A beacon to everybody, or to the gateway, or an answer to somebody who asked.
fn beacon(packet: &Packet) -> Option<&'static str> {
    let everybody =
        to(packet, BROADCAST) || to(packet, GROUP_V4) || to(packet, ALL_V6) || to(packet, GROUP_V6);
    let near = matches!(packet.to, Some(IpAddr::V4(ip)) if ip.octets()[..3] == HOST.octets()[..3])
        || matches!(packet.to, Some(IpAddr::V6(ip)) if ip.is_unicast_link_local());
    match is_beacon(packet) {
        true if everybody => Some("beacon to everybody: UDP 4775, random bytes"),
        true if near => Some("beacon to one device: UDP 4775, random bytes"),
        _ => None,
    }
}

/// The system's answer to a datagram that came when the program had ended: there is nobody at this port.
fn late(packet: &Packet) -> Option<&'static str> {
    let is = matches!(packet.kind, Kind::Icmp4(3) | Kind::Icmp6(1));
    is.then_some("the system: nobody is at this port any more (ICMP), to who sent a late datagram")
}

/// mDNS, to everybody.
fn mdns(packet: &Packet) -> Option<&'static str> {
    let group = to(packet, MDNS_V4) || to(packet, MDNS_V6);
    let is = packet.kind == Kind::Udp && packet.ports.1 == MDNS && group;
    is.then_some("mDNS to everybody: UDP 5353, its identity and addresses")
}

/// What two runs have in common is of what is fixed.
fn only_fixed(who: &str, one: &[Packet], other: &[Packet], fixed: &[&[u8]]) {
    let common = in_both(one, other);
    let known = |bytes: &[u8]| fixed.iter().any(|f| memchr::memmem::find(f, bytes).is_some());
    let strange: Vec<_> =
        common.iter().filter(|bytes| !known(bytes)).map(|b| readable(b)).collect();
    assert!(strange.is_empty(), "{who}: in both runs: {strange:#?}");
    for bytes in common {
        println!(
            "WIRE: | {who} | in every run, in clear: {} | | {} |",
            readable(&bytes),
            bytes.len()
        );
    }
}

/// A command of a reader at the machine `guest`, from its start to its end, as its neighbour sees it.
fn reader(args: &[&str]) -> Vec<Packet> {
    let home = Home::new();
    let tap = Tap::at("guest");
    let output = yadgar("guest", &home, args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    tap.sent()
}

/// A mirror at the machine `host`, which has everything.
fn host(home: &Home) -> Node {
    let node = Node::start(yadgar("host", home, &["mirror", "--yes", "--json"]));
    node.wait_complete(1);
    node
}

fn two_machines() {
    guest("host", 1);
    guest("guest", 2);
    sh("ip -n guest route add default via 192.168.43.1");
    // The system's own first words on a new link are over by then.
    std::thread::sleep(Duration::from_secs(3));
}

#[test]
fn a_reader_shows_nothing_twice() {
    if !enter(module_path!(), "a_reader_shows_nothing_twice") {
        return;
    }
    let (home, invite) = published();
    two_machines();
    let _host = host(&home);
    let told = home.invite(&[ADDRESS]);
    let quic = home.invite(&["/ip4/192.168.43.1/udp/4774/quic-v1"]);
    let over_tcp = |p: &Packet| {
        (p.kind == Kind::Tcp && to(p, HOST) && p.ports.1 == NODE)
            .then_some("libp2p: TCP to port 4774 of the mirror")
    };
    let over_quic = |p: &Packet| {
        (p.kind == Kind::Udp && to(p, HOST) && p.ports.1 == NODE)
            .then_some("libp2p: QUIC to port 4774 of the mirror")
    };
    let runs = [0; 2].map(|_| reader(&["fetch", &told]));
    runs.iter().for_each(|run| explained("fetch, over TCP", run, over_tcp));
    only_fixed("fetch, over TCP", &runs[0], &runs[1], &[HELLO]);
    let hello =
        |run: &Vec<Packet>| run.iter().any(|p| p.payload.starts_with(&HELLO[..HELLO.len() - 2]));
    assert!(runs.iter().all(hello), "the tap hears what is said in clear");
    let runs = [0; 2].map(|_| reader(&["fetch", &quic]));
    runs.iter()
        .for_each(|run| explained("fetch, over QUIC", run, |p| over_quic(p).or_else(|| late(p))));
    only_fixed("fetch, over QUIC", &runs[0], &runs[1], &[]);
    // With `--lan` the mirror may be reached at its link-local address.
    let near = |p: &Packet| {
        let host =
            to(p, HOST) || matches!(p.to, Some(IpAddr::V6(ip)) if ip.is_unicast_link_local());
        (p.kind == Kind::Tcp && host && p.ports.1 == NODE)
            .then_some("libp2p: TCP to port 4774 of the mirror")
    };
    let runs = [0; 2].map(|_| reader(&["fetch", &invite, "--lan"]));
    for run in &runs {
        explained("fetch --lan", run, |p| beacon(p).or_else(|| near(p)).or_else(|| late(p)));
        assert!(run.iter().any(is_beacon), "it asks");
    }
    only_fixed("fetch --lan", &runs[0], &runs[1], &[HELLO]);
}

#[test]
fn open_sends_nothing() {
    if !enter(module_path!(), "open_sends_nothing") {
        return;
    }
    let (home, _) = published();
    two_machines();
    let carrier = home.beside("all.car");
    home.ok(&["export", &carrier]);
    let tap = Tap::at("guest");
    let args = ["open", "--no-browser", "--json", "--from", &carrier];
    let open = Node::start(yadgar("guest", &Home::new(), &args));
    std::thread::sleep(window());
    open.kill();
    explained("open --from FILE", &tap.sent(), |_| None);
}

/// A guest of a share, who reads the first page.
fn page(port: u16) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::new(192, 168, 43, 2), port)).unwrap();
    let ask = format!("GET /en/ HTTP/1.0\r\nHost: 192.168.43.2:{port}\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn a_share_is_announced_by_noise_alone() {
    if !enter(module_path!(), "a_share_is_announced_by_noise_alone") {
        return;
    }
    let (home, _) = published();
    two_machines();
    sh("ip addr add 192.168.43.200/24 dev br0");
    let tester = Ipv4Addr::new(192, 168, 43, 200);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (tap, start) = (Tap::at("guest"), Instant::now());
        let share =
            Node::start(yadgar("guest", &home, &["share", "--json", "--no-qr", "--port", "8080"]));
        let event = share.wait(|e| e["invites"][0].is_string());
        let (port, invite) =
            (event["port"].as_u64().unwrap() as u16, event["invites"][0].as_str().unwrap());
        assert!(page(port).starts_with("HTTP/1."));
        Home::new().ok(&["fetch", invite]);
        std::thread::sleep(window().saturating_sub(start.elapsed()));
        share.kill();
        let sent = tap.sent();
        explained("share, one guest", &sent, |p| match p.kind {
            Kind::Tcp if to(p, tester) && p.ports.0 == port => {
                Some("its page to a guest: TCP, plain http")
            }
            Kind::Tcp if to(p, tester) => Some("libp2p to a guest: TCP"),
            _ => beacon(p).or_else(|| late(p)),
        });
        runs.push(sent.into_iter().filter(|p| p.ports.0 != port).collect::<Vec<_>>());
    }
    // A share answers: its half of the greeting has other lengths. Its page is in clear, all of it.
    only_fixed("share, over libp2p", &runs[0], &runs[1], &ANSWERED);
}

#[test]
fn a_mirror_tells_its_neighbours_who_it_is() {
    if !enter(module_path!(), "a_mirror_tells_its_neighbours_who_it_is") {
        return;
    }
    let (home, invite) = published();
    two_machines();
    let mirror = |args: &[&str]| {
        let tap = Tap::at("host");
        let node = Node::start(yadgar("host", &home, args));
        node.wait_complete(1);
        yadgar("guest", &Home::new(), &["fetch", &invite, "--address", ADDRESS]).output().unwrap();
        std::thread::sleep(window());
        node.kill();
        tap.sent()
    };
    let node = |p: &Packet| {
        let guest = to(p, Ipv4Addr::new(192, 168, 43, 2));
        match p.kind {
            Kind::Tcp if guest && p.ports.0 == NODE => Some("libp2p to who connected: TCP"),
            Kind::Udp if guest && p.ports.0 == NODE => Some("libp2p to who connected: QUIC"),
            _ => None,
        }
    };
    let runs = [0; 2].map(|_| mirror(&["mirror", "--yes", "--json"]));
    for run in &runs {
        explained("mirror, one guest", run, |p| {
            node(p).or_else(|| mdns(p)).or_else(|| beacon(p)).or_else(|| late(p))
        });
    }
    let names: BTreeSet<_> = in_both(&runs[0], &runs[1]).iter().map(|b| readable(b)).collect();
    names.iter().for_each(|name| {
        println!("WIRE: | mirror, one guest | in every run, in clear: {name} | | |")
    });
    let known = |n: &&String| {
        n.contains("_p2p")
            || n.contains("dnsaddr=")
            || *n == "\\x07/noise\\n"
            || *n == "\\x13/multistream/1.0.0\\n"
            // The head of an mDNS answer, where what follows is not the same in both runs.
            || n.starts_with("\\x84\\x00\\x00\\x00\\x00\\x01\\x00\\x00\\x00")
    };
    let strange: Vec<_> = names.iter().filter(|name| !known(name)).collect();
    assert!(strange.is_empty(), "{strange:#?}");
    assert!(
        names.iter().any(|n| n.contains("12D3Koo")),
        "its lasting identity, as it is documented"
    );
    assert!(
        names.iter().all(|n| n.matches("/p2p/").count() <= 1),
        "an address names it once: {names:#?}"
    );
    let quiet = [0; 2].map(|_| mirror(&["mirror", "--yes", "--json", "--no-lan"]));
    quiet.iter().for_each(|run| explained("mirror --no-lan, one guest", run, node));
    only_fixed("mirror --no-lan", &quiet[0], &quiet[1], &ANSWERED);
}
