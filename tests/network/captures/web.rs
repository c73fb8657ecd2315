//! Readers that look like visitors of a website, and the mirror behind it.

use super::{HOST, explained, only_fixed, to, two_machines};
use crate::common::Home;
use crate::front::{self, Front};
use crate::lab::{enter, sh, yadgar};
use crate::nginx::{self, Nginx};
use crate::tap::{Kind, Packet, Tap};
use std::net::{Ipv4Addr, SocketAddr};

const HTTPS: u16 = 443;
/// Of the handshake of TLS 1.3: the change of the cipher that no side needs any more, and the head of what comes after it.
const TLS_FIXED: &[u8] = b"\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00";

/// The first message of TLS: in clear, and of the same parts in every run.
fn is_hello(packet: &Packet) -> bool {
    packet.payload.starts_with(&[0x16, 0x03])
}

/// Nothing that tells libp2p or this program from a visit.
fn tells_nothing(who: &str, packets: &[Packet]) {
    // Long enough not to stand in megabytes of noise by chance.
    for word in ["multistream", "/noise", "yadgar", "libp2p", "HTTP/1.1", "Upgrade:"] {
        let has = |p: &&Packet| memchr::memmem::find(&p.payload, word.as_bytes()).is_some();
        assert!(!packets.iter().any(|p| has(&p)), "{who}: {word} in clear");
    }
}

/// Only with the first message is it said which website is meant.
fn names_the_website(packets: &[Packet], name: &str) {
    let named = |p: &&Packet| memchr::memmem::find(&p.payload, name.as_bytes()).is_some();
    let all: Vec<_> = packets.iter().filter(named).collect();
    assert!(!all.is_empty() && all.iter().all(|p| is_hello(p)), "{name}");
}

#[test]
fn who_reads_by_a_website_shows_a_visit() {
    let test = "who_reads_by_a_website_shows_a_visit";
    if !nginx::is_here() || !enter(module_path!(), test) {
        return;
    }
    two_machines();
    sh("ip addr add 192.168.43.200/24 dev br0");
    let (home, _site) = front::publisher("Fronted (fictional)");
    let front = Front::at(&home, &format!("https://{HOST}/"));
    let at = SocketAddr::new(HOST.into(), HTTPS);
    let nginx = Nginx::at(Some("host"), at, &front.nginx);
    home.ok(&["export", "--static", &nginx.root().join("a").display().to_string()]);
    let args = front.args();
    let mirror = Tap::at("host");
    let _node = front.ready(crate::common::Node::start(yadgar("host", &home, &args)));
    let sni = format!("/tls/sni/{}/x-parity-ws/", nginx::HIDDEN);
    let wss = home.invite(&[&front.public(HTTPS).replace("/x-parity-wss/", &sni)]);
    let (ca, url) = (nginx.ca(), format!("https://{HOST}/a/"));
    let read = |args: &[&str]| {
        let tap = Tap::at("guest");
        let args = [args, &["--ca", &ca]].concat();
        let output = yadgar("guest", &Home::new(), &args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        tap.sent()
    };
    let visit = |p: &Packet| {
        let is = p.kind == Kind::Tcp && to(p, HOST) && p.ports.1 == HTTPS;
        is.then_some("TLS to port 443 of the website")
    };
    for (who, args) in
        [("fetch, wss", vec!["fetch", &*wss]), ("fetch --url", vec!["fetch", &wss, "--url", &url])]
    {
        let runs = [0; 2].map(|_| read(&args));
        for run in &runs {
            explained(who, run, visit);
            tells_nothing(who, run);
        }
        // The handshake is that of rustls, and looks it: what follows it has nothing in common.
        let after = runs.map(|run| run.into_iter().filter(|p| !is_hello(p)).collect::<Vec<_>>());
        only_fixed(who, &after[0], &after[1], &[TLS_FIXED]);
    }
    let run = read(&["fetch", &wss]);
    names_the_website(&run, nginx::HIDDEN);
    // The mirror's side of it: the website's answers, and nothing by any other port.
    let guest = Ipv4Addr::new(192, 168, 43, 2);
    let sent = mirror.sent();
    explained("mirror --front, visits", &sent, |p| {
        let visitor = to(p, guest) || to(p, Ipv4Addr::new(192, 168, 43, 200));
        let is = p.kind == Kind::Tcp && visitor && p.ports.0 == HTTPS;
        is.then_some("TLS from port 443 of the website")
    });
    tells_nothing("mirror --front, visits", &sent);
}
