//! Finding each other on a LAN or hotspot, with the real program on machines that are namespaces.
//! Needs root, iproute2 and nftables; says so where they are not.

mod flood;
mod shares;

use crate::common;
use crate::common::{Home, Node};
use crate::lab;
use crate::lab::{counter, enter, guest, join, machine, on, rules, sh, watch, yadgar};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use yadgar_protocol::beacon::DATAGRAM_BYTES;

/// A home that has published, and its invite, which names no address.
fn published() -> (Home, String) {
    let home = Home::publisher("Near");
    let site = std::path::PathBuf::from(home.beside("site"));
    std::fs::create_dir(&site).unwrap();
    std::fs::write(site.join("index.html"), "<p>hello</p>").unwrap();
    home.publish(&site);
    let invite = home.invite(&[]);
    (home, invite)
}

/// A mirror as everybody starts it.
fn mirror(machine: &str, home: &Home, invites: &[&str]) -> Node {
    let mut args = vec!["mirror", "--yes", "--json"];
    args.extend(invites);
    Node::start(yadgar(machine, home, &args))
}

/// The report of a fetch that succeeded.
fn report(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    serde_json::from_str(stdout.lines().last().unwrap()).unwrap()
}

/// Fetches as a newcomer on this machine who knows nothing but the invite.
fn fetch(machine: &str, invite: &str, lan: &str) -> Value {
    let home = Home::new();
    report(&yadgar(machine, &home, &["fetch", invite, lan, "--json"]).output().unwrap())
}

/// Prints when who was found; gives the addresses.
fn tell(case: &str, report: &Value) -> Vec<String> {
    let near = report["near"].as_array().unwrap();
    assert!(!near.is_empty(), "{report}");
    let one = |one: &Value| {
        let (address, seconds) = (one["address"].as_str().unwrap(), one["seconds"].as_f64());
        println!("LAN: {case}: {address} found after {:.2} s", seconds.unwrap());
        address.to_owned()
    };
    near.iter().map(one).collect()
}

#[test]
fn found_where_multicast_is_dropped() {
    if !enter(module_path!(), "found_where_multicast_is_dropped") {
        return;
    }
    let (home, invite) = published();
    for (name, number) in [("host", 1), ("guest", 2), ("other", 3)] {
        guest(name, number);
        rules(
            name,
            "udp dport 1-65535 ip daddr 224.0.0.0/4 DROP\nudp dport 1-65535 ip6 daddr ff00::/8 DROP",
        );
    }
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    let found = tell("only broadcast", &fetch("guest", &invite, "--lan"));
    assert_eq!(found, ["/ip4/192.168.43.1/tcp/4774"]);
    // mDNS cannot help there; a mirror finds another one by the same way.
    let (second, start) = (Home::new(), Instant::now());
    let other = mirror("other", &second, &[&invite]);
    other.wait_complete(1);
    println!("LAN: only broadcast: mirror has all after {:.2} s", start.elapsed().as_secs_f64());
    assert!(counter("guest", "dropped") > 0 && counter("host", "dropped") > 0);
}

#[test]
fn found_where_only_the_gateway_can_be_reached() {
    if !enter(module_path!(), "found_where_only_the_gateway_can_be_reached") {
        return;
    }
    let (home, invite) = published();
    guest("host", 1);
    guest("guest", 2);
    sh("ip -n guest route add default via 192.168.43.1");
    for name in ["host", "guest"] {
        rules(
            name,
            "meta pkttype { broadcast, multicast } meta l4proto udp DROP\nmeta nfproto ipv6 meta l4proto { udp, tcp } DROP",
        );
    }
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    let found = tell("only the gateway", &fetch("guest", &invite, "--lan"));
    assert_eq!(found, ["/ip4/192.168.43.1/tcp/4774"]);
    assert!(counter("host", "dropped") > 0);
}

#[test]
fn found_with_link_local_ipv6_alone() {
    if !enter(module_path!(), "found_with_link_local_ipv6_alone") {
        return;
    }
    let (home, invite) = published();
    for name in ["host", "guest"] {
        machine(name);
        join(name);
    }
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    let found = tell("IPv6 link-local only", &fetch("guest", &invite, "--lan"));
    assert!(found.iter().all(|at| at.contains("/ip6/fe80:") && at.ends_with("/tcp/4774")));
}

#[test]
fn networks_that_appear_later_are_used() {
    if !enter(module_path!(), "networks_that_appear_later_are_used") {
        return;
    }
    let (home, invite) = published();
    machine("host");
    machine("guest");
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    let reader = Home::new();
    let mut command = yadgar("guest", &reader, &["fetch", &invite, "--lan", "--json"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let (child, start) = (command.spawn().unwrap(), Instant::now());
    std::thread::sleep(Duration::from_secs(4));
    for (name, number) in [("host", 1), ("guest", 2)] {
        join(name);
        lab::address(name, number);
    }
    let appeared = start.elapsed().as_secs_f64();
    let output = child.wait_with_output().unwrap();
    tell(&format!("Wi-Fi appears after {appeared:.2} s"), &report(&output));
}

#[test]
fn networks_that_change_and_vanish_are_noticed() {
    if !enter(module_path!(), "networks_that_change_and_vanish_are_noticed") {
        return;
    }
    let (home, invite) = published();
    for (name, number) in [("host", 1), ("guest", 2)] {
        guest(name, number);
        rules(name, "meta nfproto ipv6 DROP");
    }
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    let at = |case: &str, number: u8| {
        let found = tell(case, &fetch("guest", &invite, "--lan"));
        assert_eq!(found, [format!("/ip4/192.168.43.{number}/tcp/4774")], "{case}");
    };
    at("before the change", 1);
    sh("ip -n host addr del 192.168.43.1/24 dev wlan0");
    lab::address("host", 9);
    at("another address", 9);
    // The Wi-Fi is gone: nothing listens for it any more.
    sh("ip -n host link del wlan0");
    let end = Instant::now() + common::PATIENCE;
    while sh("ip netns exec host ss -Hlun").contains(":4775") {
        assert!(Instant::now() < end, "sockets of a network that is gone");
        std::thread::sleep(Duration::from_millis(100));
    }
    join("host");
    lab::address("host", 7);
    at("another Wi-Fi", 7);
}

/// What a reader puts on the wire.
#[test]
fn a_reader_sends_no_datagram_that_it_was_not_told_to_send() {
    if !enter(module_path!(), "a_reader_sends_no_datagram_that_it_was_not_told_to_send") {
        return;
    }
    let (home, invite) = published();
    guest("host", 1);
    guest("guest", 2);
    sh("ip -n guest route add default via 192.168.43.1");
    watch("guest");
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    // The system's own first words on a new link are over by then.
    std::thread::sleep(Duration::from_secs(3));
    let sent = || ["sent_udp", "sent_tcp", "sent_other"].map(|kind| counter("guest", kind));
    let before = sent();
    let nowhere = yadgar("guest", &Home::new(), &["fetch", &invite]).output().unwrap();
    assert!(!nowhere.status.success());
    assert_eq!(sent(), before, "an invite without an address, and no --lan");
    let told = home.invite(&["/ip4/192.168.43.1/tcp/4774"]);
    report(&yadgar("guest", &Home::new(), &["fetch", &told, "--json"]).output().unwrap());
    let [udp, tcp, other] = sent();
    assert_eq!((udp, other), (before[0], before[2]), "no datagram to anybody");
    assert!(tcp > before[1]);
    let found = tell("listening only", &fetch("guest", &invite, "--lan=listen"));
    let [udp, _, other] = sent();
    assert_eq!((udp, other), (before[0], before[2]), "who listens says nothing: {found:?}");
    fetch("guest", &invite, "--lan");
    assert!(sent()[0] > before[0], "the counter works");
}

/// Set for the process that asks for a page where it was started: its address.
const PAGE: &str = "YADGAR_TEST_PAGE";

/// Asks for a page and tells what comes.
#[test]
fn getter() {
    let Ok(url) = std::env::var(PAGE) else { return };
    let (at, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(common::PATIENCE)).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let reply = common::reply::Reply::parse(&all);
    println!("page: {} {}", reply.status, reply.text());
}

/// A page, asked for on this machine.
fn page(machine: &str, url: &str) -> String {
    let mut command = on(machine, &std::env::current_exe().unwrap());
    let output = command
        .args(["--exact", &*common::test_name(module_path!(), "getter"), "--nocapture"])
        .env(PAGE, url)
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    text.split_once("page: ").unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

/// Nothing is known but the invite: a neighbour is found, and pages come from it before the rest.
#[test]
fn open_finds_a_neighbour_and_shows_pages_while_they_arrive() {
    if !enter(module_path!(), "open_finds_a_neighbour_and_shows_pages_while_they_arrive") {
        return;
    }
    let home = Home::publisher("Near");
    let site = std::path::PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<p>hello</p>");
    common::write(&site, "media/film.mp4", &common::film(20_000_000, 3));
    home.publish(&site);
    let invite = home.invite(&[]);
    guest("host", 1);
    guest("guest", 2);
    let host = ["mirror", "--yes", "--json", "--up", "300KB"];
    let host = Node::start(yadgar("host", &home, &host));
    host.wait_complete(1);
    let (reader, start) = (Home::new(), Instant::now());
    let open = ["open", &invite, "--lan", "--no-browser", "--json"];
    let open = Node::start(yadgar("guest", &reader, &open));
    let event = open.wait(|event| event["event"] == "serving");
    let url = event["url"].as_str().unwrap();
    let end = Instant::now() + common::PATIENCE;
    let entrance = loop {
        let entrance = page("guest", &format!("{url}en/"));
        if entrance.starts_with("200") {
            break entrance;
        }
        assert!(entrance.starts_with("503") && Instant::now() < end, "{entrance}");
    };
    println!("LAN: open --lan: the first page after {:.2} s", start.elapsed().as_secs_f64());
    assert!(entrance.contains("still arriving"), "{entrance}");
    let ports = entrance.split("http://127.0.0.1:").skip(1);
    let sites = ports.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap());
    let site = sites.map(|port| format!("http://127.0.0.1:{port}/")).find(|at| at != url).unwrap();
    let shown = page("guest", &site);
    assert!(shown.starts_with("200") && shown.contains("hello"), "{shown}");
}

/// The port that listeners hear announcements on takes nothing that is sent to one alone.
#[test]
fn who_listens_has_no_open_port() {
    if !enter(module_path!(), "who_listens_has_no_open_port") {
        return;
    }
    let (_, invite) = published();
    guest("host", 1);
    guest("guest", 2);
    let mut command = yadgar("guest", &Home::new(), &["fetch", &invite, "--lan=listen"]);
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    // Its sockets are there: bound to the address of everybody, and to no address of its own.
    let end = Instant::now() + common::PATIENCE;
    let sockets = loop {
        let sockets = sh("ip netns exec guest ss -Hlun");
        if sockets.contains(":4775") {
            break sockets;
        }
        assert!(Instant::now() < end, "it never listened");
        std::thread::sleep(Duration::from_millis(50));
    };
    for line in sockets.lines().filter(|line| line.contains(":4775")) {
        assert!(line.contains("192.168.43.255:") || line.contains("[ff02::1]"), "{line}");
    }
    let probe = Command::new("ip")
        .args(["netns", "exec", "host"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &*common::test_name(module_path!(), "prober"), "--nocapture"])
        .env(PROBE, "192.168.43.2:4775")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&probe.stdout).into_owned();
    assert!(text.contains("probe: ConnectionRefused"), "{text}");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Set for the process that looks whether a UDP port is open: which.
const PROBE: &str = "YADGAR_TEST_PROBE";

/// Sends a datagram and tells what comes back.
#[test]
fn prober() {
    let Ok(at) = std::env::var(PROBE) else { return };
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    socket.connect(at).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket.send(&[7; DATAGRAM_BYTES]).unwrap();
    println!("probe: {:?}", socket.recv(&mut [0; 1]).map_err(|e| e.kind()).unwrap_err());
}
