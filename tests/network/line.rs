//! What of a line a mirror may use in a day, and how many connections it keeps, with the real program on the loopback.

use crate::common;
use crate::common::{Home, Node, small_site};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

fn node_status(home: &Home) -> Value {
    home.ok(&["status"])["node"].take()
}

fn until(home: &Home, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + common::PATIENCE;
    loop {
        let node = node_status(home);
        if wanted(&node) {
            return node;
        }
        assert!(Instant::now() < end, "{node:#}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Ends as a service manager ends it.
fn stop(node: Node) {
    let pid = rustix::process::Pid::from_raw(node.pid().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    node.ended();
}

#[test]
fn what_may_be_sent_in_a_day_is_used_up_and_a_restart_gives_nothing_back() {
    let home = Home::publisher("Metered (fictional)");
    let site = home.beside("site");
    small_site(Path::new(&site));
    home.publish(Path::new(&site));
    let first = home.mirror(&[], &[]);
    let (listen, _) = first.address.rsplit_once("/p2p/").unwrap();
    let invite = home.invite(&[&first.address]);
    Home::new().ok(&["fetch", &invite]);
    let line = node_status(&home)["line"].take();
    assert!(line["sent"].as_u64().unwrap() > 1_500_000, "{line:#}");
    assert_eq!((&line["sent_most"], &line["sent_up"]), (&Value::Null, &Value::Bool(false)));
    let listen = listen.to_owned();
    stop(first);

    let second = home.mirror(&[], &["--listen", &listen, "--per-day-up", "1MB"]);
    let node = node_status(&home);
    // Only midnight gives something back.
    if node["line"]["day"] == line["day"] {
        assert_eq!(node["line"]["sent_up"], true, "{node:#}");
        let told = String::from_utf8(home.run(&["status"]).stdout).unwrap();
        assert!(told.contains("until midnight it sends no content"), "{told}");
        let other = Home::new();
        let getting = other.mirror(&[&invite], &[]);
        // News of the release go on, the films do not.
        getting.wait(|e| e["event"] == "accepted");
        let told = until(&other, |node| node["archives"][0]["fetching"].is_array());
        assert_eq!(told["archives"][0]["trusted"], 1);
        assert_eq!(told["archives"][0]["complete"], Value::Null);
        stop(second);
        // Another day.
        let file = home.path().join("volume");
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert!(kept["up"].as_u64().unwrap() > 1_500_000, "{kept}");
        std::fs::write(&file, r#"{"day":"2019-11-16","up":9000000,"down":0}"#).unwrap();
        let _third = home.mirror(&[], &["--listen", &listen, "--per-day-up", "100MB"]);
        assert_eq!(node_status(&home)["line"]["sent_up"], false);
        getting.wait_complete(1);
    }
}

#[test]
fn what_may_be_received_in_a_day_is_used_up() {
    let home = Home::publisher("Metered (fictional)");
    let site = home.beside("site");
    small_site(Path::new(&site));
    home.publish(Path::new(&site));
    let mirror = home.mirror(&[], &["--max-connections", "8"]);
    let connections = node_status(&home)["connections"].take();
    assert_eq!(connections["most"]["total"], 8, "{connections:#}");
    assert!(connections["memory_most"].as_u64().unwrap() < 100 * 1024 * 1024);
    let other = Home::new();
    // The head itself is more.
    let getting = other.mirror(&[&home.invite(&[&mirror.address])], &["--per-day-down", "1"]);
    getting.wait(|e| e["event"] == "accepted");
    let node = until(&other, |node| node["line"]["received_up"] == true);
    assert_eq!(node["archives"][0]["complete"], Value::Null, "{node:#}");
    let told = String::from_utf8(other.run(&["--lang", "fa", "status"]).stdout).unwrap();
    assert!(told.contains("پس از نیمه‌شب دوباره دریافت می‌کند"), "{told}");
    other.fails(&["mirror", "--yes", "--max-connections", "2"], 2);
}
