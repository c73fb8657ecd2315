//! Behind a filter like that of a country: UDP, IPv6, a list of addresses, and every TCP flow whose first bytes are not
//! TLS, HTTP or DNS vanish. What a reader gets through it, what leaves meanwhile, and what is said where nothing passes.
//! Needs root, iproute2, nftables and nginx, and says so where they are not.

use crate::front;
use crate::microsocks;
use crate::nginx;
#[path = "filtered/country.rs"]
mod country;

use crate::common::{Home, Node};
use crate::front::{Front, publisher};
use crate::lab::{enter, on, yadgar};
use crate::nginx::Nginx;
use country::{FAR_PROXY, LISTED, MIRROR, MIRROR_V6, PROXY, READER, SOCKS_PORT};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Output, Stdio};

/// Everything that the tests of this file stand on.
struct Abroad {
    home: Home,
    nginx: Nginx,
    _node: Node,
    wss: String,
    peer: String,
}

/// A mirror abroad with a website in front and a static mirror on it; it also listens for raw libp2p.
fn abroad() -> Abroad {
    let (home, _site) = publisher("Filtered (fictional)");
    let (wss, peer, node, nginx) = {
        let front = Front::at(&home, &format!("https://{MIRROR}/"));
        let at = SocketAddr::new(MIRROR.parse().unwrap(), 443);
        let nginx = Nginx::at(Some("abroad"), at, &front.nginx);
        front::fill(&nginx.root());
        home.ok(&["export", "--static", &nginx.root().join("pictures").display().to_string()]);
        let raw = ["/ip4/0.0.0.0/tcp/4774", "/ip4/0.0.0.0/udp/4774/quic-v1", "/ip6/::/tcp/4774"];
        let raw: Vec<_> = raw.iter().flat_map(|at| ["--listen", at]).collect();
        let args = [front.args(), raw].concat();
        let node = front.ready(Node::start(yadgar("abroad", &home, &args)));
        let peer = node.address.rsplit('/').next().unwrap().to_owned();
        let sni = format!("/tls/sni/{}/x-parity-ws/", nginx::HIDDEN);
        (front.public(443).replace("/x-parity-wss/", &sni), peer, node, nginx)
    };
    Abroad { home, nginx, _node: node, wss, peer }
}

impl Abroad {
    /// Runs at the reader's machine, as in the country or elsewhere.
    fn at_reader(&self, reader: &Home, args: &[&str], zone: &str) -> Output {
        let ca = self.nginx.ca();
        let args = [args, &["--ca", &ca]].concat();
        let mut command = yadgar(READER, reader, &args);
        for name in ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "LC_ALL", "LANG"] {
            command.env_remove(name);
        }
        command.env("TZ", zone).output().unwrap()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn is_here(reader: &Home) {
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
}

#[test]
fn a_reader_behind_a_filter_gets_the_archive_by_what_looks_like_the_web() {
    if !nginx::is_here()
        || !enter(
            module_path!(),
            "a_reader_behind_a_filter_gets_the_archive_by_what_looks_like_the_web",
        )
    {
        return;
    }
    country::build();
    let abroad = abroad();
    country::close();
    let raw = format!("/ip4/{MIRROR}/tcp/4774/p2p/{}", abroad.peer);
    let quic = format!("/ip4/{MIRROR}/udp/4774/quic-v1/p2p/{}", abroad.peer);
    let all = abroad.home.invite(&[&raw, &quic, &abroad.wss]);
    let url = format!("https://{MIRROR}/pictures/");
    // The WebSocket behind the website, and the static mirror on it.
    for (what, args) in [
        ("WebSocket behind a website", vec!["fetch", &all, "--via", "wss"]),
        ("static mirror", vec!["fetch", &all, "--url", &url]),
    ] {
        let reader = Home::new();
        let before = country::sent();
        let output = abroad.at_reader(&reader, &args, "Asia/Tehran");
        assert!(output.status.success(), "{what}: {}", text(&output));
        is_here(&reader);
        let now = country::sent();
        // All went to the website's port, and nothing else was even tried.
        assert!(now.web > before.web, "{what}: {now:?}");
        assert_eq!((now.other, country::dropped()), (before.other, 0), "{what}: {now:?}");
        println!("WIRE: | reader behind a filter, {what} | TCP 443 | {} | |", now.web - before.web);
    }
    through_a_proxy(&abroad);
}

/// A tool that brings its user out by itself, as Psiphon or a v2ray does: on a machine of the reader's own network, with a
/// line of its own.
fn through_a_proxy(abroad: &Abroad) {
    if !microsocks::is_here() {
        return;
    }
    let mut command = on("proxy", Path::new("microsocks"));
    command.args(["-p", &SOCKS_PORT.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = command.spawn().unwrap();
    country::listens("proxy", SOCKS_PORT);
    let invite = abroad.home.invite(&[&format!("/ip4/{MIRROR}/tcp/4774/p2p/{}", abroad.peer)]);
    let proxy = format!("socks5h://{PROXY}:{SOCKS_PORT}");
    let reader = Home::new();
    let before = country::sent();
    let output = abroad.at_reader(&reader, &["fetch", &invite, "--proxy", &proxy], "Asia/Tehran");
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    is_here(&reader);
    let now = country::sent();
    assert!(now.proxy > before.proxy, "{now:?}");
    assert_eq!((now.web, now.other), (before.web, before.other), "{now:?}");
    assert_eq!(country::dropped(), 0);
    // To a proxy elsewhere in the country the line is in clear: nothing raw is put on it, not even the first packet.
    let far = format!("socks5h://{FAR_PROXY}:{SOCKS_PORT}");
    let output =
        abroad.at_reader(&Home::new(), &["fetch", &invite, "--proxy", &far], "Asia/Tehran");
    assert_eq!(output.status.code(), Some(5), "{}", text(&output));
    assert_eq!(country::sent(), now, "{}", text(&output));
}

#[test]
fn without_such_a_way_it_says_so_and_tries_nothing_raw() {
    if !nginx::is_here()
        || !enter(module_path!(), "without_such_a_way_it_says_so_and_tries_nothing_raw")
    {
        return;
    }
    country::build();
    let abroad = abroad();
    let v6 = format!("/ip6/{MIRROR_V6}/tcp/4774/p2p/{}", abroad.peer);
    let v6 = ["fetch", &abroad.home.invite(&[&v6]), "--via", "tcp"];
    // While the border is open this is a way like any other.
    let output = abroad.at_reader(&Home::new(), &v6, "Etc/UTC");
    assert!(output.status.success(), "{}", text(&output));
    let before = country::sent();
    country::close();
    let raw = format!("/ip4/{MIRROR}/tcp/4774/p2p/{}", abroad.peer);
    let quic = format!("/ip4/{MIRROR}/udp/4774/quic-v1/p2p/{}", abroad.peer);
    let invite = abroad.home.invite(&[&raw, &quic]);
    // In the country nothing raw is tried by itself: not one packet leaves.
    let output = abroad.at_reader(&Home::new(), &["fetch", &invite], "Asia/Tehran");
    let said = text(&output);
    assert!(!output.status.success() && said.contains("--proxy"), "{said}");
    assert_eq!(country::sent(), before, "{said}");
    // The website at an address that is on the list: nothing either, and nothing else is tried instead, not even where
    // nothing tells the program which country it is in.
    let before = country::sent();
    let listed = abroad.wss.replace(MIRROR, LISTED);
    let beside = abroad.home.invite(&[&listed, &raw]);
    let output = abroad.at_reader(&Home::new(), &["fetch", &beside], "Etc/UTC");
    let said = text(&output);
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.contains("--via wss,tcp") && said.contains("--url"), "{said}");
    let now = country::sent();
    assert!(now.web > before.web, "{now:?}");
    assert_eq!(now.other, before.other, "{now:?}");
    // Whoever asks for it all the same sees it vanish, and is told what may pass. (Last: the system goes on for a while with
    // what it could not deliver.)
    let (tcp, quic) = (["fetch", &invite, "--via", "tcp"], ["fetch", &invite, "--via", "quic"]);
    for (way, args) in [("tcp", tcp), ("quic", quic), ("tcp over IPv6", v6)] {
        let before = country::dropped();
        let output = abroad.at_reader(&Home::new(), &args, "Asia/Tehran");
        let said = text(&output);
        assert_eq!(output.status.code(), Some(5), "{said}");
        assert!(said.contains("--proxy") && said.contains("wss"), "{way}: {said}");
        assert!(country::dropped() > before, "{way}: the filter saw nothing");
    }
}
