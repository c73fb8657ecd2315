//! `yadgar peers` with the real program: what a mirror remembers, while it runs and after.

use crate::common::{Home, Node, PATIENCE, small_site};
use crate::fake_clock::{clocked, library};
use serde_json::Value;
use std::time::{Duration, Instant};

/// All the mirrors here are on loopback, of which nothing is told or believed otherwise (PEER-6).
const ONE_MACHINE: &str = "--loopback-peers";

/// The list, as soon as it is as wanted.
fn list(home: &Home, is: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let list = home.ok(&["peers"]);
        if is(&list) {
            return list;
        }
        assert!(Instant::now() < until, "{list}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Ends in order.
fn stop(node: Node) {
    let pid = node.pid().to_string();
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
    node.ended();
}

#[test]
fn a_mirror_lists_and_forgets_whom_it_remembers() {
    let publisher = Home::publisher("Peers");
    let site = publisher.beside("site");
    small_site(site.as_ref());
    publisher.publish(site.as_ref());
    assert_eq!(publisher.ok(&["peers"])["count"], 0, "nothing yet");
    let first = publisher.mirror(&[], &[ONE_MACHINE]);
    let invite = publisher.invite(&[&first.address]);
    let mirror = Home::new();
    let node = mirror.mirror(&[&invite], &[ONE_MACHINE]);
    node.wait_complete(1);
    // From the node that runs.
    let running = list(&mirror, |list| list["proved"] == 1);
    let id = running["peers"][0]["peer"].as_str().unwrap().to_owned();
    let address = running["peers"][0]["addresses"][0].as_str().unwrap().to_owned();
    assert!(address.ends_with(&id), "{running}");
    // The other one found out by dialling back that this one can be reached.
    list(&publisher, |list| list["proved"] == 1);
    stop(first);
    stop(node);
    // From the file.
    let kept = mirror.ok(&["peers"]);
    assert_eq!((&kept["count"], &kept["peers"][0]["peer"]), (&1.into(), &Value::from(id)));
    assert_eq!(mirror.ok(&["peers", "forget"])["running"], false);
    assert_eq!(mirror.ok(&["peers"])["count"], 0);
    let file = mirror.path().join("peers");
    assert!(std::fs::metadata(&file).unwrap().len() < 150, "a key and a number are left");
    // Of a file that is damaged nothing is guessed.
    std::fs::write(&file, b"\xa5 no memory").unwrap();
    assert!(mirror.fails(&["peers"], 3).contains("yadgar peers forget"));
    mirror.ok(&["peers", "forget"]);
    assert_eq!(mirror.ok(&["peers"])["count"], 0);
    // A node that runs forgets too, and knows nobody until somebody connects.
    let node = publisher.mirror(&[], &[ONE_MACHINE]);
    list(&publisher, |list| list["count"] == 1);
    assert_eq!(publisher.ok(&["peers", "forget"])["running"], true);
    assert_eq!(publisher.ok(&["peers"])["count"], 0);
    stop(node);
    assert_eq!(publisher.ok(&["peers"])["count"], 0, "on the disk as well");
}

/// All whom it knew but one are gone, for good; what it was invited by, too; and its clock is a year further on.
#[test]
fn a_mirror_that_was_away_for_a_year_comes_back_by_the_one_address_that_still_works() {
    let Some(library) = library() else { return };
    let publisher = Home::publisher("Away (fictional)");
    let site = publisher.beside("site");
    small_site(site.as_ref());
    publisher.publish(site.as_ref());
    let first = publisher.mirror(&[], &[ONE_MACHINE]);
    let invite = publisher.invite(&[&first.address]);
    // Three that stay for a while, and the one that goes away after it has met them all.
    let others = [0; 3].map(|_| Home::new());
    let nodes = others.each_ref().map(|home| home.mirror(&[&invite], &[ONE_MACHINE]));
    nodes.iter().for_each(|node| drop(node.wait_complete(1)));
    let away = Home::new();
    let node = away.mirror(&[&invite], &[ONE_MACHINE]);
    node.wait_complete(1);
    list(&away, |list| list["proved"].as_u64() >= Some(4));
    stop(node);
    // Its invite is worthless, so are two of the others. The publisher goes on elsewhere, with what is new.
    stop(first);
    let [one, two, three] = nodes;
    one.kill();
    two.kill();
    std::fs::write(std::path::Path::new(&site).join("index.html"), "<p>A year later</p>").unwrap();
    publisher.publish(site.as_ref());
    let elsewhere = publisher.mirror(&[], &[ONE_MACHINE]);
    three.wait_complete(2);
    let new = elsewhere.address.rsplit('/').next().unwrap();
    let is_known = |list: &Value| {
        let is = |peer: &Value| {
            peer["peer"] == new && peer["addresses"][0] == elsewhere.address.as_str()
        };
        list["peers"].as_array().unwrap().iter().any(is)
    };
    // Who has the release has not always been told yet where it is from.
    list(&others[2], is_known);
    let time = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(time.path(), "+380d\n").unwrap();
    let listen = "/ip4/127.0.0.1/tcp/0";
    let args = ["mirror", "--no-mdns", "--yes", "--json", ONE_MACHINE, "--listen", listen];
    let back = Node::start(clocked(away.command(&args), &library, time.path()));
    back.wait_complete(2);
    // And through it to whoever has come since.
    list(&away, is_known);
}
