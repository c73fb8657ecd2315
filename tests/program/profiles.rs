//! The profiles offline and reader from outside: every call of the real program that makes or uses a socket, as
//! strace sees it. What share may is in `tests/network/share.rs`, what goes over a LAN in `tests/network/lan.rs`.

use crate::common::{Home, Node, small_site};
use std::path::Path;
use std::process::{Command, Stdio};

/// False where strace is missing, which is said; with `YADGAR_REQUIRE_STRACE=1` that is a failure.
fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    let required = std::env::var_os("YADGAR_REQUIRE_STRACE").is_some_and(|v| v == "1");
    assert!(found || !required, "strace is not installed");
    if !found {
        eprintln!("SKIPPED: strace is not installed, sockets are not watched");
    }
    found
}

/// The same command under strace, which writes the calls on sockets into this file.
fn watched(home: &Home, args: &[&str], log: &Path) -> Command {
    let plain = home.command(args);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=%network,io_uring_setup", "-e", "signal=none", "-o"]);
    command.arg(log).arg(plain.get_program()).args(plain.get_args());
    command.env_remove("YADGAR_HOME").stdin(Stdio::null());
    command
}

/// The calls, without the number of the thread.
fn calls(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap();
    let call = |line: &str| line.split_once(' ').map(|(_, call)| call.trim_start().to_owned());
    text.lines().filter_map(call).collect()
}

/// Runs a command to its end; gives its calls on sockets.
fn run(home: &Home, args: &[&str]) -> Vec<String> {
    let log = tempfile::tempdir().unwrap();
    let log = log.path().join("calls");
    let output = watched(home, args, &log).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    calls(&log)
}

/// Calls on sockets other than Unix ones and pairs within the process.
fn outward(calls: &[String]) -> Vec<&String> {
    let is_outward = |call: &&String| {
        ["AF_INET", "AF_NETLINK", "AF_PACKET", "sin_addr", "sin6_addr", "SOCK_RAW"]
            .iter()
            .any(|word| call.contains(word))
    };
    calls.iter().filter(is_outward).collect()
}

/// An archive and a carrier of it.
fn archive() -> (Home, String) {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let publisher = Home::publisher("Apart (fictional)");
    publisher.publish(site.path());
    let carrier = publisher.beside("stick.car");
    publisher.ok(&["export", &carrier]);
    (publisher, carrier)
}

#[test]
fn offline_commands_make_no_socket_of_any_network() {
    if !has_strace() {
        return;
    }
    let (_publisher, carrier) = archive();
    let home = Home::new();
    let (again, out) = (home.beside("again.car"), home.beside("out"));
    for args in [
        &["import", &carrier][..],
        &["status"],
        &["verify"],
        &["verify", &carrier],
        &["releases"],
        &["invite"],
        &["export", &again],
        &["checkout", &out],
        &["wipe", "--yes"],
    ] {
        let calls = run(&home, args);
        assert_eq!(outward(&calls), Vec::<&String>::new(), "{args:?}");
    }
}

#[test]
fn offline_pages_are_on_loopback_only() {
    if !has_strace() {
        return;
    }
    let (_publisher, carrier) = archive();
    let home = Home::new();
    home.ok(&["import", &carrier]);
    for args in [&["open"][..], &["open", "--from", &carrier]] {
        let log = tempfile::tempdir().unwrap();
        let log = log.path().join("calls");
        let args = [args, &["--no-browser", "--json"]].concat();
        let pages = Node::start(watched(&home, &args, &log));
        pages.wait(|e| e["event"] == "serving");
        let strace = pages.pid();
        let children = std::fs::read_to_string(format!("/proc/{strace}/task/{strace}/children"));
        let child = children.unwrap().split_whitespace().next().unwrap().to_owned();
        assert!(Command::new("kill").args(["-TERM", &child]).status().unwrap().success());
        pages.ended();
        let calls = calls(&log);
        let outward = outward(&calls);
        assert!(outward.iter().any(|call| call.starts_with("bind(")), "{args:?}: {calls:#?}");
        for call in outward {
            let stream = call.starts_with("socket(AF_INET, SOCK_STREAM");
            let loopback = call.contains("inet_addr(\"127.0.0.1\")");
            let dials = call.starts_with("connect(") || call.contains("SOCK_DGRAM");
            assert!((stream || loopback) && !dials, "{args:?}: {call}");
        }
    }
}

#[test]
fn a_reader_dials_the_invite_and_nothing_else() {
    if !has_strace() {
        return;
    }
    let (publisher, _) = archive();
    let mirror = publisher.mirror(&[], &[]);
    let port = mirror.address.split('/').nth(4).unwrap();
    let invite = publisher.invite(&[&mirror.address]);
    let calls = run(&Home::new(), &["fetch", &invite]);
    let outward = outward(&calls);
    let dialled = outward.iter().filter(|call| call.starts_with("connect(")).count();
    assert!(dialled >= 1, "{calls:#?}");
    for call in outward {
        let (stream, here) =
            (call.starts_with("socket(AF_INET, SOCK_STREAM"), format!("htons({port})"));
        let invited = call.contains("inet_addr(\"127.0.0.1\")") && call.contains(&here);
        // What it asks of its own connection: its own end of it.
        let own = call.starts_with("getsockname(") && call.contains("inet_addr(\"127.0.0.1\")");
        assert!(stream || invited || own, "{call}");
    }
    for never in ["listen(", "accept", "bind(", "SOCK_DGRAM", "ADD_MEMBERSHIP", "JOIN_GROUP"] {
        let found: Vec<_> = calls.iter().filter(|call| call.contains(never)).collect();
        assert!(found.is_empty(), "{never}: {found:#?}");
    }
}

#[test]
fn a_mirror_says_what_is_wrong_and_a_reader_is_silent() {
    let home = Home::publisher("Log (fictional)");
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    home.publish(site.path());
    std::fs::write(home.path().join("peers"), b"damaged").unwrap();
    let reader = home.run(&["status"]);
    assert!(!String::from_utf8_lossy(&reader.stderr).contains("WARN"), "{reader:?}");
    let log = home.beside("log");
    let mut command = home.command(&["mirror", "--no-mdns", "--yes", "--json"]);
    command.args(["--listen", "/ip4/127.0.0.1/tcp/0"]).stderr(std::fs::File::create(&log).unwrap());
    let mirror = Node::start(command);
    mirror.wait(|event| event["event"] == "listening");
    // It ends in order, so that all is said by then.
    let pid = rustix::process::Pid::from_raw(mirror.pid() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    mirror.ended();
    let said = std::fs::read_to_string(log).unwrap();
    let line = said.lines().find(|line| line.contains("WARN")).unwrap_or_default();
    assert!(line.contains("the remembered addresses are damaged"), "{said}");
    assert!(!line.contains('\u{1b}'), "{said}");
}
