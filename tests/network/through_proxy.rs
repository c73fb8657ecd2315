//! With a proxy, packet by packet: what leaves goes to the proxy's address and port over TCP, and nothing else does. And
//! where a country watches, nothing leaves at all before the user says so. Needs root, iproute2 and nftables, and says so
//! where they are not.

use crate::common;
use crate::common::{Home, Node};
use crate::lab::{enter, guest, on, sh, yadgar};
use crate::microsocks;
use crate::socks;
use crate::tap::{Kind, Packet, Tap};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// The mirror, at an address of the open network, and the proxy, at one of the own network.
const MIRROR: &str = "203.0.113.7";
const PROXY: &str = "192.168.43.3";
const PORT: u16 = 1080;
/// Set for the process that is the proxy.
const IS_PROXY: &str = "YADGAR_TEST_PROXY";
const ONION: &str = "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd";

/// The proxy, in the process that is one.
#[test]
fn proxy() {
    if std::env::var_os(IS_PROXY).is_none() {
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).unwrap();
    let mirror: SocketAddr = format!("{MIRROR}:4774").parse().unwrap();
    let onion = format!("{ONION}.onion:4774");
    let known = ["mirror.example:4774", "203.0.113.7:4774", &onion];
    let map = known.iter().map(|name| ((*name).to_owned(), mirror)).collect();
    socks::serve(&listener, &map, &Arc::default(), &Arc::default());
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The proxy of the tests.
fn ours() -> Command {
    let mut command = on("proxy", &std::env::current_exe().unwrap());
    command.args(["--exact", &*common::test_name(module_path!(), "proxy")]).env(IS_PROXY, "1");
    command
}

/// A reader, a mirror on the open network, and a proxy between them that answers when this returns.
fn three_machines(proxy: Command) -> Running {
    guest("host", 1);
    guest("guest", 2);
    guest("proxy", 3);
    sh(&format!(
        "ip -n host addr add {MIRROR}/32 dev wlan0
         ip -n guest route add default via 192.168.43.1
         ip -n proxy route add default via 192.168.43.1"
    ));
    // The system's own first words on a new link are over by then.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let running = Running({ proxy }.stdout(Stdio::null()).spawn().unwrap());
    let end = std::time::Instant::now() + common::PATIENCE;
    while !sh("ip netns exec proxy ss -Hltn").contains(&format!(":{PORT}")) {
        assert!(std::time::Instant::now() < end, "the proxy does not come up");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    running
}

fn published() -> Home {
    let home = Home::publisher("Through a proxy (fictional)");
    let site = std::path::PathBuf::from(home.beside("site"));
    common::write(&site, "index.html", b"<p>Through a proxy</p>");
    common::write(&site, "media/film.bin", &common::film(300_000, 9));
    home.publish(&site);
    home
}

fn is_to_proxy(packet: &Packet) -> bool {
    let to = packet.to.is_some_and(|to| to.to_string() == PROXY);
    packet.kind == Kind::Tcp && to && packet.ports.1 == PORT
}

/// What a machine sent beside what its system says by itself.
fn sent(tap: Tap) -> Vec<Packet> {
    tap.sent().into_iter().filter(|packet| !packet.is_the_systems()).collect()
}

/// Runs at the reader's machine and gives how it ended and what was sent.
fn watched(home: &Home, args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, Vec<Packet>) {
    let tap = Tap::at("guest");
    let mut command = yadgar("guest", home, args);
    command.env_remove("TZ").envs(env.iter().copied());
    let output = command.output().unwrap();
    println!("{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), sent(tap))
}

#[test]
fn with_a_proxy_nothing_else_leaves() {
    if !enter(module_path!(), "with_a_proxy_nothing_else_leaves") {
        return;
    }
    let home = published();
    let _proxy = three_machines(ours());
    let mirror = Node::start(yadgar("host", &home, &["mirror", "--yes", "--json", "--no-lan"]));
    mirror.wait_complete(1);
    let url = format!("socks5h://{PROXY}:{PORT}");
    // Names, QUIC, what is near, an onion service, what listens nowhere: all in one invite.
    let onion = format!("/onion3/{ONION}:4774");
    let all = home.invite(&[
        "/dns4/mirror.example/tcp/4774",
        "/dns/nobody.example/tcp/4774",
        "/ip4/203.0.113.7/tcp/4774",
        "/ip4/203.0.113.7/udp/4774/quic-v1",
        "/ip4/192.168.43.1/tcp/4774",
        "/ip6/2001:db8::7/tcp/4774",
        "/dns4/mirror.example/udp/4774/quic-v1",
        &onion,
    ]);
    let only_proxy = |who: &str, packets: &[Packet]| {
        assert!(packets.iter().all(is_to_proxy), "{who}: {packets:?}");
        println!("WIRE: | {who}, with a proxy | TCP to the proxy | {} | |", packets.len());
        packets.len()
    };
    for (who, args, env) in [
        ("fetch", vec!["fetch", &all, "--proxy", &url], vec![]),
        ("fetch, by the environment", vec!["fetch", &all], vec![("ALL_PROXY", url.as_str())]),
        (
            "fetch of an onion service",
            vec!["fetch", &all, "--proxy", &url, "--via", "onion"],
            vec![],
        ),
    ] {
        let reader = Home::new();
        let (code, packets) = watched(&reader, &args, &env);
        assert_eq!(code, Some(0), "{who}");
        assert!(only_proxy(who, &packets) > 0);
        assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
    }
    let tap = Tap::at("guest");
    let open = ["open", &all, "--no-browser", "--json", "--proxy", &url];
    let open = Node::start(yadgar("guest", &Home::new(), &open));
    open.wait(|event| event["event"] == "complete");
    open.kill();
    assert!(only_proxy("open INVITE", &sent(tap)) > 0);
    let tap = Tap::at("guest");
    let args = ["mirror", "--yes", "--json", &all, "--proxy", &url];
    let node = Node::start(yadgar("guest", &Home::new(), &args));
    node.wait_complete(1);
    node.kill();
    assert!(only_proxy("mirror", &sent(tap)) > 0);
    // A proxy that is not there: still nothing else, although the mirror could be reached straight.
    let gone = format!("socks5h://{PROXY}:1");
    let (code, packets) = watched(&Home::new(), &["fetch", &all, "--proxy", &gone], &[]);
    assert_eq!(code, Some(5));
    let to_gone = |p: &Packet| {
        p.kind == Kind::Tcp && p.to.is_some_and(|to| to.to_string() == PROXY) && p.ports.1 == 1
    };
    assert!(!packets.is_empty() && packets.iter().all(to_gone), "{packets:?}");
    // And the same invite without a proxy does reach it, so that the tap hears what it should.
    let (code, packets) = watched(&Home::new(), &["fetch", &all], &[]);
    assert_eq!(code, Some(0));
    assert!(packets.iter().any(|p| p.to.is_some_and(|to| to.to_string() == MIRROR)));
}

/// What a browser at the reader's machine sends to the first screen, and what it is answered.
struct Screen {
    node: Node,
    session: String,
}

impl Screen {
    fn open(home: &Home) -> Self {
        let node = Node::start(yadgar("guest", home, &["--json"]));
        let event = node.wait(|event| event["event"] == "panel");
        let url = event["url"].as_str().unwrap();
        let answer = curl(&["-s", "-o", "/dev/null", "-w", "%{redirect_url}", url]);
        let session = answer.strip_suffix("fa/").expect("Persian first").to_owned();
        Self { node, session }
    }

    /// Sends an invite and a proxy by the form, and waits until the screen says how that ended.
    fn order(&self, invite: &str, proxy: &str, ended: &str) {
        let origin = self.session.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let (text, proxy) = (format!("text={invite}"), format!("proxy={proxy}"));
        let headers = [format!("Origin: {origin}"), "Sec-Fetch-Site: same-origin".to_owned()];
        let form = ["--data-urlencode", &text, "-d", "reach=internet", "--data-urlencode", &proxy];
        let (to, page) = (format!("{}fa/do/pasted", self.session), format!("{}fa/8", self.session));
        let args = ["-s", "-w", "%{redirect_url}", "-H", &headers[0], "-H", &headers[1]];
        let led = curl(&[&args[..], &form, &[to.as_str()]].concat());
        assert_eq!(led.lines().last(), Some(page.as_str()), "{led}");
        let end = std::time::Instant::now() + common::PATIENCE;
        loop {
            let now = curl(&["-s", &page]);
            if now.contains(ended) {
                return;
            }
            assert!(std::time::Instant::now() < end, "{now}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
}

fn curl(args: &[&str]) -> String {
    let output = on("guest", Path::new("curl")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn with_a_proxy_typed_into_the_first_screen_nothing_else_leaves() {
    if !enter(module_path!(), "with_a_proxy_typed_into_the_first_screen_nothing_else_leaves") {
        return;
    }
    let home = published();
    let _proxy = three_machines(ours());
    let mirror = Node::start(yadgar("host", &home, &["mirror", "--yes", "--json", "--no-lan"]));
    mirror.wait_complete(1);
    let invite = home.invite(&[
        "/dns4/mirror.example/tcp/4774",
        "/ip4/203.0.113.7/tcp/4774",
        "/ip4/203.0.113.7/udp/4774/quic-v1",
        "/ip4/192.168.43.1/tcp/4774",
    ]);
    for (port, ended) in [(PORT, "رسید و سنجیده شد"), (1, "به هیچ‌کس وصل نشد")]
    {
        let reader = Home::new();
        let tap = Tap::at("guest");
        let screen = Screen::open(&reader);
        screen.order(&invite, &format!("socks5h://{PROXY}:{port}"), ended);
        screen.node.kill();
        let packets = sent(tap);
        let only = |p: &Packet| {
            let to = p.to.is_some_and(|to| to.to_string() == PROXY);
            p.kind == Kind::Tcp && to && p.ports.1 == port
        };
        assert!(!packets.is_empty() && packets.iter().all(only), "{port}: {packets:?}");
        println!(
            "WIRE: | the first screen, with a proxy at {port} | TCP to it | {} | |",
            packets.len()
        );
    }
}

#[test]
fn where_it_is_dangerous_nothing_leaves_before_the_user_says_so() {
    if !enter(module_path!(), "where_it_is_dangerous_nothing_leaves_before_the_user_says_so") {
        return;
    }
    let home = published();
    let _proxy = three_machines(ours());
    let mirror = Node::start(yadgar("host", &home, &["mirror", "--yes", "--json", "--no-lan"]));
    mirror.wait_complete(1);
    let invite = home.invite(&["/ip4/203.0.113.7/tcp/4774", "/ip4/203.0.113.7/udp/4774/quic-v1"]);
    let iran = [("TZ", "Asia/Tehran")];
    let (code, packets) = watched(&Home::new(), &["fetch", &invite], &iran);
    assert_eq!((code, packets.len()), (Some(5), 0), "{packets:?}");
    let (code, packets) = watched(&Home::new(), &["fetch", &invite, "--via", "tcp"], &iran);
    assert_eq!(code, Some(0));
    assert!(packets.iter().all(|p| p.kind == Kind::Tcp), "only what was named: {packets:?}");
}

/// A proxy that others wrote, with a name and a password.
#[test]
fn a_proxy_of_others_with_a_password() {
    if !microsocks::is_here() || !enter(module_path!(), "a_proxy_of_others_with_a_password") {
        return;
    }
    let home = published();
    let mut command = on("proxy", Path::new("microsocks"));
    command.args(["-p", &PORT.to_string(), "-u", "somebody", "-P", "secret"]).stderr(Stdio::null());
    let _proxy = three_machines(command);
    let mirror = Node::start(yadgar("host", &home, &["mirror", "--yes", "--json", "--no-lan"]));
    mirror.wait_complete(1);
    let invite = home.invite(&["/ip4/203.0.113.7/tcp/4774"]);
    let reader = Home::new();
    let url = format!("socks5h://somebody:secret@{PROXY}:{PORT}");
    let (code, packets) = watched(&reader, &["fetch", &invite, "--proxy", &url], &[]);
    assert_eq!(code, Some(0));
    assert!(!packets.is_empty() && packets.iter().all(is_to_proxy), "{packets:?}");
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
    let wrong = format!("socks5h://somebody:other@{PROXY}:{PORT}");
    let (code, packets) = watched(&Home::new(), &["fetch", &invite, "--proxy", &wrong], &[]);
    assert_eq!(code, Some(5));
    assert!(packets.iter().all(is_to_proxy), "{packets:?}");
}
