//! Mirrors on an open internet, which search each other, check whether they are reached, and pass others on: everything
//! that one of them sends.

use super::{ANSWERED, NODE, explained, only_fixed, published, to, window};
use crate::common::{Home, Node};
use crate::front;
use crate::internet::{behind_router, internet, mirror, public, until};
use crate::lab::{enter, sh, yadgar};
use crate::nginx::{self, Nginx};
use crate::tap::{Kind, Packet, Tap};
use std::net::{Ipv4Addr, SocketAddr};

const ONE: &str = "/ip4/8.8.1.10/tcp/4774";
const TWO: &str = "/ip4/9.9.1.10/tcp/4774";
/// Public addresses of mirrors, one of them behind a router, and of a website.
const MIRRORS: [Ipv4Addr; 4] = [
    Ipv4Addr::new(8, 8, 1, 10),
    Ipv4Addr::new(9, 9, 1, 10),
    Ipv4Addr::new(5, 5, 1, 10),
    Ipv4Addr::new(6, 6, 1, 10),
];
const WEBSITE: &str = "30.1.1.10";
const STRANGER: &str = "7.7.1.10";

/// A connection of libp2p with a mirror, whoever opened it: one side of it is at the usual port, or at the port that a
/// router gave it.
fn libp2p(packet: &Packet) -> Option<&'static str> {
    let known = MIRRORS.iter().any(|ip| to(packet, *ip));
    match packet.kind {
        Kind::Tcp if known && packet.ports.1 == NODE => {
            Some("libp2p to a mirror: TCP to port 4774")
        }
        Kind::Tcp if known && packet.ports.0 == NODE => Some("libp2p to who connected: TCP"),
        // Mirrors try out for each other whether they are reached where a connection of theirs came from, which is not
        // always the port they listen at. There nobody answers: it remains with the first packet and the system's refusal.
        Kind::Tcp if known && packet.opens && packet.payload.is_empty() => Some(
            "a dial of a mirror that asked for it, where nobody listens: TCP, its first packet",
        ),
        Kind::Tcp if known && packet.reset && packet.payload.is_empty() => {
            Some("the system, to a mirror: nobody listens at this port")
        }
        _ => None,
    }
}

/// What a relay sends: searches and their answers, checks of addresses, circuits. All of it to other mirrors, all of it
/// with the two names and nothing else in clear.
#[test]
fn a_relay_among_mirrors() {
    if !enter(module_path!(), "a_relay_among_mirrors") {
        return;
    }
    internet();
    public("one", "8.8.1.10");
    public("two", "9.9.1.10");
    behind_router("alef", 1, "5.5.1.10");
    let (home, _) = published();
    let (second, hidden) = (Home::new(), Home::new());
    let invite = home.invite(&[ONE, TWO]);
    let _second = mirror("two", &second, &[&invite]);
    let run = || {
        let tap = Tap::on("one", "eth0");
        let relay = mirror("one", &home, &["--relay", "--gateway", "127.0.0.1:8480", &invite]);
        until("one", &home, |node| node["reach"]["relaying"]["offered"] == true);
        let router = Tap::on("alef", "eth0");
        let inside = mirror("alef", &hidden, &[&invite]);
        inside.wait(|e| {
            let address = e["address"].as_str().unwrap_or_default();
            e["event"] == "listening" && address.contains("/p2p-circuit/")
        });
        std::thread::sleep(window());
        let sent = (tap.sent(), router.sent());
        drop((relay, inside));
        sent
    };
    let runs = [0; 2].map(|_| run());
    for (relay, inside) in &runs {
        explained("mirror --relay --gateway", relay, libp2p);
        explained("mirror behind a router", inside, libp2p);
    }
    only_fixed("mirror --relay", &runs[0].0, &runs[1].0, &ANSWERED);
    only_fixed("mirror behind a router", &runs[0].1, &runs[1].1, &ANSWERED);
}

/// A mirror with a website in front dials the mirrors that its keeper or the archive names, and no others, whoever tells of
/// them: strangers would learn the address of the website. It asks nobody to dial it, and answers from no port but the
/// website's.
#[test]
fn a_mirror_behind_a_website_among_mirrors() {
    let test = "a_mirror_behind_a_website_among_mirrors";
    if !nginx::is_here() || !enter(module_path!(), test) {
        return;
    }
    internet();
    public("one", "8.8.1.10");
    public("two", "9.9.1.10");
    public("website", WEBSITE);
    // This machine visits the website, to see that it is there.
    sh(&format!("ip addr add 40.1.1.1/32 dev inet0; ip route add {WEBSITE}/32 dev inet0"));
    let (home, _) = published();
    let (second, (fronted, _)) = (Home::new(), published());
    let invite = home.invite(&[ONE, TWO]);
    let _first = mirror("one", &home, &[&invite]);
    let _second = mirror("two", &second, &[&invite]);
    // Both know this one, which nobody names; were they asked for others, they would tell of it.
    public("three", STRANGER);
    let third = Home::new();
    let _third = mirror("three", &third, &[&invite]);
    for (at, home) in [("one", &home), ("two", &second)] {
        until(at, home, |node| node["remembered"].to_string().contains(STRANGER));
    }
    let front = front::Front::at(&fronted, &format!("https://{WEBSITE}/"));
    let at = SocketAddr::new(WEBSITE.parse().unwrap(), 443);
    let _nginx = Nginx::at(Some("website"), at, &front.nginx);
    let tap = Tap::on("website", "eth0");
    let args = [front.args(), vec![&*invite]].concat();
    let node = front.ready(Node::start(yadgar("website", &fronted, &args)));
    let both = |node: &serde_json::Value| node["peers"].as_array().is_some_and(|p| p.len() == 2);
    until("website", &fronted, both);
    std::thread::sleep(window());
    drop(node);
    let dialled = |p: &Packet| {
        let known = MIRRORS.iter().any(|ip| to(p, *ip));
        let is = p.kind == Kind::Tcp && known && p.ports.1 == NODE && p.ports.0 != NODE;
        let visitor = to(p, Ipv4Addr::new(40, 1, 1, 1)) && p.ports.0 == 443;
        match (is, visitor) {
            (true, _) => Some("libp2p to a mirror: TCP to port 4774"),
            (_, true) => Some("TLS from port 443 of the website"),
            _ => None,
        }
    };
    explained("mirror --front, what it dials", &tap.sent(), dialled);
}
