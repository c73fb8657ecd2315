//! `yadgar doctor`: what it says, and that it is silent until it is told what to probe.

use crate::common;
use crate::common::{Home, Node};
use crate::nginx;
use crate::nginx::Nginx;
use crate::socks::Socks;
use crate::strace;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

const TCP: &str = "/ip4/203.0.113.7/tcp/4774";
const ALL: [&str; 5] = [
    TCP,
    "/ip4/203.0.113.7/udp/4774/quic-v1",
    "/dns4/mirror.example/tcp/443/tls/ws",
    "/ip4/192.168.43.1/tcp/4774",
    "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:4774",
];

fn published() -> Home {
    let home = Home::publisher("Doctor (fictional)");
    let site = PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<p>Doctor</p>");
    home.publish(&site);
    home
}

fn invite(home: &Home, addresses: &[&str], urls: &[&str]) -> String {
    let mut args = vec!["invite"];
    addresses.iter().for_each(|address| args.extend(["--address", address]));
    urls.iter().for_each(|url| args.extend(["--url", url]));
    home.ok(&args)["invite"].as_str().unwrap().to_owned()
}

/// What a command asks the system for that may become a packet.
fn calls(command: &std::process::Command) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let traced = strace::traced(command, &log, &["-e", "trace=%network"]);
    let ended = strace::run(traced);
    assert!(ended.status.success(), "{}", ended.stderr);
    let text = std::fs::read_to_string(&log).unwrap();
    // Asking the system for its own addresses is no packet; the answer names families.
    let of = |line: &&str| {
        let family = line.contains("AF_INET") || line.contains("AF_PACKET");
        family && !line.contains("AF_NETLINK")
    };
    text.lines().filter(of).map(str::to_owned).collect()
}

fn way<'a>(told: &'a Value, name: &str) -> &'a Value {
    told["ways"].as_array().unwrap().iter().find(|way| way["way"] == name).unwrap()
}

#[test]
fn it_tells_the_ways_of_an_invite_and_what_each_shows() {
    let invite = invite(&published(), &ALL, &["https://mirror.example/a/"]);
    let told = Home::new().ok(&["doctor", &invite]);
    for (name, by_default, possible) in [
        ("lan", true, true),
        ("onion", false, false),
        ("wss", true, true),
        ("https", false, true),
        ("ws", false, false),
        // There is one that looks like the web.
        ("quic", false, true),
        ("tcp", false, true),
    ] {
        let way = way(&told, name);
        assert_eq!(way["asked_by_default"], by_default, "{way}");
        assert_eq!(way["possible"], possible, "{way}");
        assert_eq!(way["addresses"].as_array().unwrap().len(), usize::from(name != "ws"));
        assert!(way["command"].as_str().unwrap().contains(name));
    }
    assert!(way(&told, "usb")["shows"]["source"]["fa"].is_string());
    assert_eq!(told["facts"]["clock_plausible"], true);
    assert_eq!(told["facts"]["proxy"], Value::Null);
    // The same where it is dangerous, and with a proxy.
    let home = Home::new();
    let output = home.command(&["doctor", &invite, "--json"]).env("TZ", "Asia/Tehran").output();
    let told: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert_eq!(way(&told, "tcp")["asked_by_default"], false);
    assert_eq!(way(&told, "tcp")["possible"], true);
    // What endangers is not handed over as a command.
    assert_eq!(way(&told, "tcp")["command"], Value::Null);
    assert!(way(&told, "wss")["command"].is_string());
    assert_eq!(told["facts"]["seems_in_iran"], true);
    // Nor is a private address near that is of no network of this machine: the provider has some inside, too.
    assert_eq!(way(&told, "lan")["addresses"], serde_json::json!([]), "{told}");
    assert_eq!(way(&told, "lan")["asked_by_default"], false);
    assert!(way(&told, "tcp")["addresses"].as_array().unwrap().contains(&ALL[3].into()), "{told}");
    assert_eq!(told["not_of_this_network"], serde_json::json!([ALL[3]]));
    let told = Home::new().ok(&["doctor", &invite, "--proxy", "socks5h://127.0.0.1:9"]);
    assert_eq!(way(&told, "quic")["possible"], false);
    assert_eq!(way(&told, "onion")["possible"], true);
    // For people, in their language; and a home that is not there is not made.
    let home = Home::new();
    let output = home.run(&["--lang", "fa", "doctor", &invite]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ارائه‌دهنده") && text.contains("yadgar import FILE"), "{text}");
    assert!(!home.path().exists());
    // A proxy that cannot be used is told, not hidden.
    let output = home.command(&["doctor", &invite, "--json"]).env("ALL_PROXY", "ssh://x").output();
    let told: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert!(told["facts"]["proxy"]["error"].is_string(), "{told}");
    assert_eq!(way(&told, "tcp")["asked_by_default"], false);
}

#[test]
fn it_is_silent_until_it_is_told_what_to_probe() {
    if !strace::is_here() {
        return;
    }
    let publisher = published();
    let invite = invite(&publisher, &ALL, &["https://mirror.example/a/"]);
    // Of an invite, and of a home that knows all its addresses.
    let quiet = calls(&Home::new().command(&["doctor", &invite]));
    assert!(quiet.is_empty(), "{quiet:#?}");
    let quiet = calls(&publisher.command(&["doctor"]));
    assert!(quiet.is_empty(), "{quiet:#?}");
    // That the trace would show it.
    let loud =
        calls(&Home::new().command(&["doctor", &invite, "--probe", "lan", "--proxy", "none"]));
    assert!(loud.iter().any(|line| line.contains("192.168.43.1")), "{loud:#?}");
    assert!(loud.iter().all(|line| !line.contains("203.0.113.7")), "{loud:#?}");
}

#[test]
fn a_probe_of_the_lan_stays_in_the_own_networks_where_it_is_dangerous() {
    if !strace::is_here() {
        return;
    }
    let urls = ["http://192.168.43.1/a/"];
    let invite = invite(&published(), &ALL[3..4], &urls);
    let probe = |ways: &str| {
        let home = Home::new();
        let mut command = home.command(&["doctor", &invite, "--probe", ways, "--proxy", "none"]);
        command.env("TZ", "Asia/Tehran");
        calls(&command)
    };
    let sent = probe("lan");
    assert!(sent.iter().all(|line| !line.contains("192.168.43.1")), "{sent:#?}");
    // Whoever names its way as it is from here has said so; without TLS all on the way would read the host's, too.
    let sent = probe("tcp,https");
    assert!(sent.iter().any(|line| line.contains("192.168.43.1")), "{sent:#?}");
    assert!(sent.iter().all(|line| !line.contains("htons(80)")), "{sent:#?}");
}

#[test]
fn a_probe_tells_what_works_and_why_not() {
    let home = published();
    let node: Node = home.mirror(&[], &[]);
    let port: u16 = node.address.split('/').nth(4).unwrap().parse().unwrap();
    let proxy =
        Socks::start(&[("203.0.113.7:4774", SocketAddr::from((Ipv4Addr::LOCALHOST, port)))]);
    let told = home.ok(&["doctor", &invite(&home, &[&node.address], &[]), "--probe", "lan"]);
    assert_eq!(told["probed"][0]["works"], true, "{told}");
    assert_eq!(told["probed"][0]["sequence"], 1);
    // What is refused before it is tried has a next step, too.
    let onion = invite(&home, &ALL[4..], &[]);
    let told = home.ok(&["doctor", &onion, "--probe", "onion", "--proxy", "none"]);
    let advice = &told["probed"][0]["advice"];
    assert!(advice["en"].as_str().unwrap().contains("start Tor"), "{told}");
    assert!(advice["fa"].as_str().unwrap().contains("Tor را به راه بیندازید"), "{told}");
    let url = proxy.url();
    let asked = invite(&home, &[TCP, "/dns4/other.example/tcp/4774"], &["https://mirror.example/"]);
    let reader = Home::new();
    let told = reader.ok(&["doctor", &asked, "--probe", "https,tcp", "--proxy", &url]);
    let probed = told["probed"].as_array().unwrap();
    let of = |address: &str| probed.iter().find(|p| p["address"] == address).unwrap();
    assert_eq!(probed[0]["way"], "https", "in the order of the user: {told}");
    assert_eq!(of("https://mirror.example/")["works"], false);
    assert_eq!(of(TCP)["works"], true);
    let other = of("/dns4/other.example/tcp/4774");
    assert!(other["why"].as_str().unwrap().contains("the proxy does not connect"), "{other}");
    assert!(other["advice"]["fa"].is_string());
    // Nothing was asked that is not in the invite, and nothing kept.
    let mut names = proxy.asked();
    names.sort();
    names.dedup();
    let known = ["203.0.113.7:4774", "mirror.example:443", "other.example:4774"];
    assert_eq!(names, known);
    assert!(!reader.path().exists());
}

#[test]
fn a_probe_of_a_web_host() {
    if !nginx::is_here() {
        return;
    }
    let home = published();
    let nginx = Nginx::start("");
    home.ok(&["export", "--static", nginx.root().join("a").to_str().unwrap()]);
    let web = format!("https://{}/a/", nginx::HIDDEN);
    let host = format!("{}:443", nginx::HIDDEN);
    let proxy = Socks::start(&[(&host, SocketAddr::from((Ipv4Addr::LOCALHOST, nginx.port)))]);
    let asked = invite(&home, &[], &[&web]);
    let (url, ca) = (proxy.url(), nginx.ca());
    let args = ["doctor", &asked, "--probe", "https", "--proxy", &url, "--ca", &ca];
    let told = Home::new().ok(&args);
    assert_eq!(told["probed"][0]["works"], true, "{told}");
}
