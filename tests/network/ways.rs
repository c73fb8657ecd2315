//! The user's choice of ways and the proxy, with the real program: peers through SOCKS5, onion services, what is refused
//! and with which advice. That nothing goes past a proxy is shown packet by packet in `through_proxy.rs`.

use crate::common;
use crate::common::{Home, Node};
use crate::nginx;
use crate::nginx::Nginx;
use crate::socks::Socks;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

const NAME: &str = "/dns4/mirror.example/tcp/4774";
const ONION: &str = "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd";

/// A publisher with a mirror that listens on loopback only.
struct Archive {
    home: Home,
    site: PathBuf,
    node: Node,
}

impl Archive {
    fn new() -> Self {
        let home = Home::publisher("Ways (fictional)");
        let site = PathBuf::from(home.beside("site"));
        common::write(&site, "index.html", b"<p>Ways</p>");
        common::write(&site, "media/film.bin", &common::film(300_000, 5));
        home.publish(&site);
        let node = home.mirror(&[], &[]);
        Self { home, site, node }
    }

    /// Where the mirror listens.
    fn at(&self) -> SocketAddr {
        let port = self.node.address.split('/').nth(4).unwrap().parse().unwrap();
        (Ipv4Addr::LOCALHOST, port).into()
    }

    /// The name of its node.
    fn peer(&self) -> &str {
        self.node.address.rsplit('/').next().unwrap()
    }
}

fn is_here(home: &Home) {
    let status = home.ok(&["status"]);
    assert_eq!(status["archives"][0]["complete"], 1, "{status}");
}

/// A port where nobody listens.
fn closed() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

#[test]
fn peers_are_reached_through_socks_by_name_by_address_and_as_onion_services() {
    let archive = Archive::new();
    let onion_host = format!("{ONION}.onion:4774");
    let proxy = Socks::start(&[
        ("mirror.example:4774", archive.at()),
        ("203.0.113.7:4774", archive.at()),
        (onion_host.as_str(), archive.at()),
    ]);
    let onion = format!("/onion3/{ONION}:4774/p2p/{}", archive.peer());
    for (address, asked) in [
        (NAME, "mirror.example:4774"),
        ("/ip4/203.0.113.7/tcp/4774", "203.0.113.7:4774"),
        (onion.as_str(), onion_host.as_str()),
    ] {
        let (home, before) = (Home::new(), proxy.asked().len());
        let invite = archive.home.invite(&[address]);
        home.ok(&["fetch", &invite, "--proxy", &proxy.url()]);
        is_here(&home);
        let now = proxy.asked();
        assert!(now.len() > before && now[before..].iter().all(|what| what == asked), "{now:?}");
    }
    // In memory, and while it is read, the same way.
    let invite = archive.home.invite(&[&onion]);
    let args = ["open", "--no-browser", "--json", "--proxy", &proxy.url()];
    for more in [["--from", invite.as_str()].as_slice(), &[invite.as_str()]] {
        let before = proxy.asked().len();
        let home = Home::new();
        let open = Node::start(home.command(&[&args[..], more].concat()));
        open.wait(|event| event["event"] == "serving");
        if more.len() == 1 {
            open.wait(|event| event["event"] == "complete");
        }
        open.kill();
        assert!(proxy.asked().len() > before);
    }
}

#[test]
fn the_proxy_of_the_environment_is_that_of_peers_too_and_is_said() {
    let archive = Archive::new();
    let proxy = Socks::start(&[("mirror.example:4774", archive.at())]);
    let (home, invite) = (Home::new(), archive.home.invite(&[NAME]));
    let output = home.command(&["fetch", &invite]).env("ALL_PROXY", proxy.url()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains(&proxy.url()) && stderr.contains("environment"), "{stderr}");
    assert!(!proxy.asked().is_empty());
    is_here(&home);
    // What is near is not dialled past it, nor asked for through it.
    let near = archive.home.invite(&[&archive.node.address]);
    let output = Home::new().command(&["fetch", &near]).env("ALL_PROXY", proxy.url()).output();
    let output = output.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("--proxy none"), "{stderr}");
    let none = Home::new();
    let args = ["fetch", &near, "--proxy", "none"];
    let done = none.command(&args).env("ALL_PROXY", proxy.url()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    is_here(&none);
    // A mirror is told which it is to be.
    let output = none.command(&["mirror", "--yes"]).env("ALL_PROXY", proxy.url()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--proxy none"), "{stderr}");
}

#[test]
fn a_proxy_that_is_broken_or_refuses_is_an_error_with_advice() {
    let archive = Archive::new();
    let invite = archive.home.invite(&[NAME]);
    let gone = format!("socks5h://{}", closed());
    let stderr = Home::new().fails(&["fetch", &invite, "--proxy", &gone], 5);
    assert!(stderr.contains("the proxy is not there") && stderr.contains("--proxy"), "{stderr}");
    let refuses = Socks::start(&[]);
    let stderr = Home::new().fails(&["fetch", &invite, "--proxy", &refuses.url()], 5);
    assert!(stderr.contains("the proxy does not connect"), "{stderr}");
    Home::new().fails(&["fetch", &invite, "--proxy", "ssh://127.0.0.1:1"], 2);
    // Neighbours are found by datagrams, and QUIC is datagrams.
    let args = ["fetch", &invite, "--lan", "--proxy", &gone];
    assert!(Home::new().fails(&args, 2).contains("past the proxy"));
    let quic = archive.home.invite(&["/dns4/mirror.example/udp/4774/quic-v1"]);
    let stderr = Home::new().fails(&["fetch", &quic, "--proxy", &refuses.url()], 5);
    assert!(stderr.contains("QUIC does not go through a proxy"), "{stderr}");
}

#[test]
fn an_onion_service_is_not_looked_for_without_tor() {
    let archive = Archive::new();
    let invite = archive.home.invite(&[&format!("/onion3/{ONION}:4774")]);
    let stderr = Home::new().fails(&["fetch", &invite], 5);
    assert!(stderr.contains("Tor") && stderr.contains("socks5h://127.0.0.1:9050"), "{stderr}");
    let connect = format!("http://{}", closed());
    let stderr = Home::new().fails(&["fetch", &invite, "--proxy", &connect], 5);
    assert!(stderr.contains("Tor"), "{stderr}");
    // A web address of that kind is not given to a name server either.
    let args = ["fetch", &archive.home.invite(&[]), "--url", "http://abc.onion/"];
    assert!(Home::new().fails(&args, 5).contains("Tor"));
}

#[test]
fn what_a_mirror_announces_stands_in_its_invites() {
    let home = Home::publisher("Announced (fictional)");
    let site = PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<p>Announced</p>");
    home.publish(&site);
    let onion = format!("/onion3/{ONION}:4774");
    let node = home.mirror(&[], &["--announce", &onion]);
    let peer = node.address.rsplit('/').next().unwrap();
    let told = home.ok(&["invite"]);
    let addresses: Vec<String> = serde_json::from_value(told["addresses"].clone()).unwrap();
    assert_eq!(addresses, [format!("{onion}/p2p/{peer}")], "{told}");
    assert_eq!(told["places"][0]["kind"], "onion");
    home.fails(&["mirror", "--yes", "--announce", "a.onion:1"], 2);
}

#[test]
fn a_mirror_behind_a_proxy_follows_and_serves_on_what_it_opened() {
    let archive = Archive::new();
    let invite = archive.home.invite(&[NAME]);
    // It has the archive, and dials another mirror that has nothing and knows nobody: what that one gets, it gets on the
    // connection that was opened through the proxy.
    let empty = Home::new();
    let nobody = archive.home.invite(&[]);
    let other = empty.mirror(&[&nobody], &[]);
    let port = other.address.split('/').nth(4).unwrap().parse().unwrap();
    let to_other = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let proxy =
        Socks::start(&[("mirror.example:4774", archive.at()), ("other.example:4774", to_other)]);
    let url = proxy.url();
    let home = Home::new();
    let other_invite = archive.home.invite(&["/dns4/other.example/tcp/4774"]);
    let args = ["mirror", "--yes", "--json", "--proxy", &url, &invite, &other_invite];
    let node = Node::start(home.command(&args));
    let event = node.wait(|event| event["event"] == "proxied");
    assert_eq!(event["listens"], false);
    node.wait_complete(1);
    other.wait_complete(1);
    // It goes on to follow.
    common::write(&archive.site, "news.html", b"<p>News</p>");
    archive.home.publish(&archive.site);
    node.wait_complete(2);
    let status = home.ok(&["status"]);
    assert_eq!(status["node"]["listening"], Value::Array(vec![]), "{status}");
    let has = |home: &Home, name| home.path().join(name).exists();
    let keeps = has(&home, "identity") || has(&home, "identity-proxy");
    assert!(!keeps, "nobody dials it, so it keeps no name");
    // Not but on loopback.
    let args = ["mirror", "--yes", &invite, "--proxy", &url, "--listen", "/ip4/0.0.0.0/tcp/0"];
    let stderr = Home::new().fails(&args, 1);
    assert!(stderr.contains("with a proxy nothing is listened on"), "{stderr}");
    let hidden = Home::new();
    let args =
        ["mirror", "--yes", "--json", &invite, "--proxy", &url, "--listen", "/ip4/127.0.0.1/tcp/0"];
    let node = Node::start(hidden.command(&args));
    node.wait(|event| event["event"] == "listening");
    node.wait_complete(2);
    // Its name is not that of the same home in the open.
    assert!(has(&hidden, "identity-proxy") && !has(&hidden, "identity"));
}

#[test]
fn where_it_is_dangerous_raw_ways_are_not_taken_by_themselves() {
    let archive = Archive::new();
    let invite =
        archive.home.invite(&["/ip4/203.0.113.7/tcp/4774", "/ip4/203.0.113.7/udp/4774/quic-v1"]);
    let here =
        |home: &Home, args: &[&str]| home.command(args).env("TZ", "Asia/Tehran").output().unwrap();
    let output = here(&Home::new(), &["fetch", &invite]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    for part in ["recognise", "--via tcp", "--proxy", "--lan"] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    // Through a proxy of the user's it is not what the provider sees.
    let proxy = Socks::start(&[("203.0.113.7:4774", archive.at())]);
    let home = Home::new();
    let output = here(&home, &["fetch", &invite, "--proxy", &proxy.url()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    is_here(&home);
    // Neighbours are.
    let home = Home::new();
    let near = archive.home.invite(&[&archive.node.address]);
    let output = here(&home, &["fetch", &near]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    is_here(&home);
}

#[test]
fn ways_are_tried_in_the_order_of_the_user_and_no_other_is() {
    if !nginx::is_here() {
        return;
    }
    let archive = Archive::new();
    let nginx = Nginx::start("");
    let folder = nginx.root().join("a");
    let static_args = ["export", "--static", folder.to_str().unwrap()];
    archive.home.ok(&static_args);
    let web = format!("https://{}/a/", nginx::HIDDEN);
    let web_host = format!("{}:443", nginx::HIDDEN);
    let to_nginx = SocketAddr::from((Ipv4Addr::LOCALHOST, nginx.port));
    let invite = archive.home.ok(&["invite", "--address", NAME, "--url", &web]);
    let invite = invite["invite"].as_str().unwrap();
    let ca = nginx.ca();
    // Both work: only the first is asked.
    let both =
        Socks::start(&[("mirror.example:4774", archive.at()), (web_host.as_str(), to_nginx)]);
    let fetch = |proxy: &Socks, via: &str, exit: i32| {
        let home = Home::new();
        let url = proxy.url();
        let args = ["fetch", invite, "--proxy", &url, "--via", via, "--ca", &ca];
        match exit {
            0 => drop((home.ok(&args), is_here(&home))),
            exit => drop(home.fails(&args, exit)),
        }
        let mut asked = proxy.asked();
        asked.dedup();
        asked
    };
    assert_eq!(fetch(&both, "https,tcp", 0), [web_host.as_str()]);
    // The first does not: then the second, which the user named.
    let only_peer = Socks::start(&[("mirror.example:4774", archive.at())]);
    let asked = fetch(&only_peer, "https,tcp", 0);
    assert_eq!(asked.first(), Some(&web_host), "{asked:?}");
    assert_eq!(asked.last().map(String::as_str), Some("mirror.example:4774"), "{asked:?}");
    // One that was not named is never tried, although it would work.
    let only_peer = Socks::start(&[("mirror.example:4774", archive.at())]);
    assert!(fetch(&only_peer, "https", 5).iter().all(|what| *what == web_host));
    let only_web = Socks::start(&[(web_host.as_str(), to_nginx)]);
    let home = Home::new();
    home.fails(&["fetch", invite, "--proxy", &only_web.url(), "--ca", &ca], 5);
    assert!(only_web.asked().iter().all(|what| what == "mirror.example:4774"));
}
