//! `yadgar share` with real processes in a room of its own: a phone's browser, another yadgar, thirty guests, and
//! strangers from the outside. Needs root and iproute2 (`YADGAR_REQUIRE_NETNS=1`), and Chromium for the phone
//! (`YADGAR_REQUIRE_CHROMIUM=1`); what is missing is said and passed over.

use crate::common;
#[path = "share/phone.rs"]
mod phone;
#[path = "share/room.rs"]
mod room;
#[path = "share/web.rs"]
mod web;

use crate::common::{Home, Node};
use crate::people::{Options, People, Pictures};
use room::{
    ELSEWHERE, GUESTS, HOTSPOT, OUTSIDE, STRANGER, at_host, count_packets, enter, isolate,
    listening, on_one_core, packets,
};
use serde_json::Value;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};
use web::{connect_from, get, request};
use yadgar_protocol::record::Record;

/// People in the archive.
const PEOPLE: usize = 120;

/// A home with an archive of people who never lived, and the Persian name of one.
fn host() -> (Home, String) {
    let site = tempfile::tempdir().unwrap();
    let mut first = None;
    for (n, person) in
        People::new(Options { seed: 1, pictures: Pictures::Drawn }).take(PEOPLE).enumerate()
    {
        let mut victim = person.victim;
        if n >= 20 {
            victim.media.clear();
        } else if let Some((path, bytes)) = person.portrait {
            common::write(site.path(), &path, &bytes);
        }
        first.get_or_insert_with(|| victim.primary_name("fa").unwrap_or_default().to_owned());
        let record = Record::Victim(Box::new(victim));
        common::write(site.path(), &record.path(), &record.encode());
    }
    common::write(
        site.path(),
        "index.html",
        b"<!doctype html><title>x</title><p>a site (fictional)",
    );
    let home = Home::publisher("Room (fictional)");
    let site = site.path().to_str().unwrap();
    home.ok(&[
        "publish",
        site,
        "--part",
        "portraits=portraits/**",
        "--passphrase-file",
        &home.pass(),
    ]);
    (home, first.unwrap())
}

struct Sharing {
    node: Node,
    event: Value,
    at: SocketAddr,
}

fn share(command: Command) -> Sharing {
    let node = Node::start(command);
    let event = node.wait(|e| e["event"] == "sharing");
    let port = u16::try_from(event["port"].as_u64().unwrap()).unwrap();
    Sharing { node, event, at: SocketAddr::new(ip(HOTSPOT), port) }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn guest(n: u8) -> IpAddr {
    IpAddr::from([10, 42, 0, 100 + n])
}

/// What somebody gets from whom nothing may be had: with a request, and with the first words of libp2p.
fn got_by(from: IpAddr, at: SocketAddr) -> Vec<u8> {
    use std::io::Write as _;
    let mut all = Vec::new();
    // Refused by the system where sockets are bound to their interface, else closed at once.
    let Ok(mut stream) = connect_from(from, at) else { return all };
    let _ = stream.write_all(b"\x13/multistream/1.0.0\n");
    let _ = stream.read_to_end(&mut all);
    let Ok(mut stream) = connect_from(from, at) else { return all };
    // It may be closed before the request is written.
    let _ = request(&mut stream, "/", &at.to_string(), "");
    let _ = stream.read_to_end(&mut all);
    all
}

#[test]
fn guests_of_the_lan_only_until_it_is_stopped() {
    if !enter(module_path!(), "guests_of_the_lan_only_until_it_is_stopped") {
        return;
    }
    let (home, _) = host();
    let carrier = home.beside("exported.car");
    home.ok(&["export", &carrier]);
    let expected = std::fs::read(&carrier).unwrap();
    let Sharing { node, event, at } = share(at_host(&home.command(&["share", "--json"])));
    let urls: Vec<_> =
        event["urls"].as_array().unwrap().iter().map(|u| u.as_str().unwrap()).collect();
    assert!(urls.contains(&format!("http://{at}/").as_str()), "{urls:?}");
    assert!(!event.to_string().contains(OUTSIDE), "{event}");
    assert_eq!(event["seconds"], 600);

    // A link-local address of IPv6 can be used some moments after the interface is up.
    let mut link_local = event["link_local"].clone();
    if link_local.as_array().unwrap().is_empty() {
        let has = |e: &Value| e["link_local"].as_array().is_some_and(|l| !l.is_empty());
        link_local = node.wait(has)["link_local"].clone();
    }
    // Nothing listens but on private addresses: 10.42.0.1, fd42::1 and fe80::. The beacon has its port on these, and on the
    // addresses of everybody and of its groups on the hotspot.
    let sockets = listening();
    assert!(sockets.iter().any(|s| s.starts_with("tcp 01002A0A:")), "{sockets:?}");
    for socket in &sockets {
        let private = ["tcp 01002A0A:", "tcp6 000042FD", "tcp6 000080FE"];
        let beacon = ["01002A0A:", "FF002A0A:", "4B2FFFEF:", "000080FE", "000002FF", "000012FF"];
        let beacon = beacon.iter().any(|at| {
            let at = socket
                .strip_prefix("udp")
                .is_some_and(|s| s.trim_start_matches('6')[1..].starts_with(at));
            at && socket.ends_with(":12A7")
        });
        let tcp = private.iter().any(|p| socket.starts_with(p));
        assert!(tcp || beacon, "{socket} of {sockets:?}");
    }
    // Of the two link-local addresses only the hotspot's: the other one is on the line to the outside.
    let local = sockets.iter().filter(|s| s.starts_with("tcp6 000080FE"));
    let local: std::collections::BTreeSet<_> = local.map(|s| s.split(':').next()).collect();
    assert_eq!(local.len(), 1, "{sockets:?}");

    // A guest, from any byte on; and by IPv6.
    let whole = get(guest(1), at, "/get/1/all", "");
    assert!(whole.body == expected, "what is taken is what an export writes");
    let tag = whole.header("etag").unwrap();
    let half = expected.len() / 2;
    let rest =
        get(guest(2), at, "/get/1/all", &format!("Range: bytes={half}-\r\nIf-Range: {tag}\r\n"));
    assert!(rest.status == 206 && rest.body == expected[half..]);
    let v6 = SocketAddr::new(ip("fd42::1"), at.port());
    assert_eq!(get(ip("fd42::100"), v6, "/", "").status, 200);

    assert_eq!(by_link_local(link_local[0].as_str().unwrap(), at.port()), 200);

    // A stranger: on the public address nobody listens; from a public address nothing is answered.
    let outside = SocketAddr::new(ip(OUTSIDE), at.port());
    assert!(connect_from(ip(STRANGER), outside).is_err());
    assert!(connect_from(guest(1), outside).is_err());
    assert_eq!(got_by(ip(STRANGER), at), b"");
    // The same for the port of libp2p.
    let invite = event["invites"][0].as_str().unwrap().to_owned();
    let peer = peer_port(&invite);
    assert!(connect_from(ip(STRANGER), SocketAddr::new(ip(OUTSIDE), peer)).is_err());
    assert_eq!(got_by(ip(STRANGER), SocketAddr::new(ip(HOTSPOT), peer)), b"");

    // A private address of another network, which a router leads here: nothing, neither page nor libp2p.
    for port in [at.port(), peer] {
        assert_eq!(got_by(ip(ELSEWHERE), SocketAddr::new(ip(HOTSPOT), port)), b"");
    }

    // Another yadgar gets it by libp2p.
    let other = Home::new();
    let got = other.ok(&["fetch", &invite]);
    assert_eq!(got["sequence"], 1, "{got}");
    assert_eq!(other.ok(&["verify"])["ok"], true);

    // Other commands work meanwhile; the end is at once, and everything is closed.
    assert_eq!(home.ok(&["verify"])["ok"], true);
    let mut held = connect_from(guest(3), at).unwrap();
    node.wait(|e| e["event"] == "guests" && e["now"].as_u64() > Some(1));
    assert!(
        Command::new("kill").args(["-INT", &node.pid().to_string()]).status().unwrap().success()
    );
    assert_eq!(node.wait(|e| e["event"] == "over")["why"], "stopped");
    let _ = held.read_to_end(&mut Vec::new());
    assert!(connect_from(guest(1), at).is_err());
    let end = Instant::now() + common::PATIENCE;
    while !listening().is_empty() {
        assert!(Instant::now() < end, "{:?}", listening());
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The status of the first page at an address of IPv6 link-local, which holds the host's name of its interface: ours
/// has another one.
fn by_link_local(url: &str, port: u16) -> u16 {
    let ip = url.trim_start_matches("http://[").split('%').next().unwrap();
    let table = std::fs::read_to_string("/proc/self/net/if_inet6").unwrap();
    let ours = table.lines().find(|l| l.starts_with("fe80") && l.ends_with("guest0")).unwrap();
    let scope = u32::from_str_radix(ours.split_whitespace().nth(1).unwrap(), 16).unwrap();
    let at = std::net::SocketAddrV6::new(ip.parse().unwrap(), port, 0, scope);
    let mut stream = TcpStream::connect(at).unwrap();
    request(&mut stream, "/", &format!("[{ip}]:{port}"), "").unwrap();
    web::read(stream).status
}

/// The port in an invite's address at the hotspot.
fn peer_port(invite: &str) -> u16 {
    let invite = yadgar_protocol::invite::Invite::parse(invite).unwrap();
    let ours = format!("/ip4/{HOTSPOT}/tcp/");
    let rest = invite.addresses.iter().find_map(|a| a.strip_prefix(&ours)).unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

#[test]
fn a_phone_reads_searches_and_takes_the_archive() {
    if !enter(module_path!(), "a_phone_reads_searches_and_takes_the_archive") {
        return;
    }
    let (home, name) = host();
    let password = home.beside("wifi");
    std::fs::write(&password, "a fresh; password\n").unwrap();
    let args =
        ["share", "--json", "--port", "8080", "--ssid", "Room", "--wifi-password-file", &password];
    let Sharing { node, event, .. } = share(at_host(&home.command(&args)));
    assert_eq!(event["urls"][0], format!("http://{HOTSPOT}:8080/"));
    assert!(!event.to_string().contains("fresh"), "the password is in an event");
    let Some(file) = phone::visit(&format!("http://{HOTSPOT}:8080/"), &name) else { return };
    drop(node);
    // On another machine, which knows nothing.
    let other = Home::new();
    let done = other.ok(&["import", file.path().to_str().unwrap()]);
    assert!(done.to_string().contains("\"sequence\":1"), "{done}");
    assert_eq!(other.ok(&["verify"])["ok"], true);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_listens() {
    let home = Home::new();
    let file = home.beside("wifi");
    std::fs::write(&file, "short\n").unwrap();
    let name = ["--ssid", "Room", "--wifi-password-file"];
    for args in [
        &["--minutes", "0"][..],
        &["--minutes", "121"],
        &["--port", "70000"],
        &["--wifi-password-file", &file],
        &[name[0], name[1], name[2], &file],
        &["--ssid", ""],
        // Nothing to share.
        &[],
    ] {
        home.fails(&[&["share"], args].concat(), 2);
    }
    let text = home.fails(&["share", "--ssid", "Room", "--wifi-password-file", "/nowhere"], 1);
    assert!(text.contains("what to do"), "{text}");
}

/// What a share puts on the wire while nobody asks: its beacons, on its LAN only. And where there is no LAN, it does
/// not begin.
#[test]
fn a_share_says_nothing_but_its_beacons() {
    if !enter(module_path!(), "a_share_says_nothing_but_its_beacons") {
        return;
    }
    let (home, _) = host();
    let no_lan = |interface| {
        let mut command = at_host(&home.command(&["share", "--interface", interface]));
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{text}");
        assert!(text.contains("no local network") && text.contains("hotspot"), "{text}");
    };
    no_lan("out0");
    no_lan("nothing");
    count_packets();
    let args = ["share", "--json", "--interface", "wlan0"];
    let Sharing { node, event, at } = share(at_host(&home.command(&args)));
    assert!(
        event["urls"].as_array().unwrap().iter().all(|u| !u.as_str().unwrap().contains("203."))
    );
    // Long enough for anything that announces itself to have begun.
    std::thread::sleep(Duration::from_secs(12));
    assert_eq!(packets("left"), 0, "it spoke before it was asked");
    assert!(packets("beacons") > 0, "nobody can find it");
    assert_eq!(get(guest(1), at, "/", "").status, 200);
    assert!(packets("left") > 0, "the counter counts nothing");
    drop(node);
}

/// A Wi-Fi that keeps its guests apart: none reaches the host, and the host is told why that may be.
#[test]
fn where_guests_are_kept_apart_the_host_is_told() {
    if !enter(module_path!(), "where_guests_are_kept_apart_the_host_is_told") {
        return;
    }
    let (home, _) = host();
    isolate();
    let args = ["share", "--json", "--minutes", "2"];
    let Sharing { node, at, .. } = share(at_host(&home.command(&args)));
    let refused = TcpStream::connect_timeout(&at, Duration::from_secs(3));
    assert!(refused.is_err(), "the Wi-Fi lets through");
    // With it goes the advice, which scripts are not told.
    node.wait(|e| e["event"] == "nobody");
}

/// No assertion on speed: a table is printed.
#[test]
fn thirty_guests_at_once() {
    if !enter(module_path!(), "thirty_guests_at_once") {
        return;
    }
    let (home, name) = host();
    let word = name.split(' ').next().unwrap();
    let query: String = form_urlencoded::byte_serialize(word.as_bytes()).collect();
    let found = format!("/fa/p/?q={query}");
    // All of the program on one core; the guests have to make do with what is left.
    let command = on_one_core(&home.command(&["share", "--json"]), Some("0"));
    let Sharing { node, at, .. } = share(command);
    let steps =
        ["/", "/assets/style.css", "/fa/", "/fa/p/", &found, "/get/1/core", "/get/1/all", "/"];
    let times: Vec<Vec<Duration>> = std::thread::scope(|scope| {
        let one = |n| {
            scope.spawn(move || {
                let visit = |path: &&str| {
                    let begun = Instant::now();
                    let reply = get(guest(n), at, path, "");
                    assert_eq!(reply.status, 200, "{path} for guest {n}: {}", reply.text());
                    begun.elapsed()
                };
                steps.iter().map(visit).collect::<Vec<_>>()
            })
        };
        let guests: Vec<_> = (1..=GUESTS).map(one).collect();
        guests.into_iter().map(|guest| guest.join().unwrap()).collect()
    });
    println!("{GUESTS} guests at once, one core: p50, p95 and longest time in ms");
    for (at, path) in steps.iter().enumerate() {
        let mut all: Vec<_> = times.iter().map(|guest| guest[at].as_millis()).collect();
        all.sort_unstable();
        let at = |percent: usize| all[(all.len() * percent / 100).min(all.len() - 1)];
        println!("| {path} | {} | {} | {} |", at(50), at(95), at(100));
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid())).unwrap();
    println!("{}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap());
    let counted = node.wait(|e| e["event"] == "guests" && e["now"] == u64::from(GUESTS));
    assert!(!counted.to_string().contains("10.42"), "{counted}");
}
