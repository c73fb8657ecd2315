//! The whole path with the real program: publish, mirror, lose the publisher, fetch, compare.

use crate::common::{Home, small_site, tree_of, write};
use std::path::Path;

#[test]
fn publisher_gone_newcomer_gets_every_byte() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    journey(site.path());
}

/// A site that nobody here wrote: every language of Debian's handbook, made clean as its maintainer would.
#[test]
fn handbook() {
    let Some(folder) = std::env::var_os("YADGAR_HANDBOOK") else {
        eprintln!("SKIPPED: YADGAR_HANDBOOK does not name the handbook's html folder");
        return;
    };
    let home = Home::new();
    let clean = home.beside("clean");
    let done = home.ok(&["site", "import", folder.to_str().unwrap(), &clean]);
    assert!(done["files"].as_u64().unwrap() > 7_000, "{}", done["counts"]);
    journey(Path::new(&clean));
}

fn journey(site: &Path) {
    let publisher = Home::publisher("Journey (fictional)");
    publisher.publish(site);
    let first = publisher.mirror(&[], &[]);
    let invite = publisher.invite(&[&first.address]);
    let (a, b) = (Home::new(), Home::new());
    let node_a = a.mirror(&[&invite], &[]);
    let node_b = b.mirror(&[&invite], &[]);
    node_a.wait_complete(1);
    node_b.wait_complete(1);
    first.kill();
    drop(publisher);

    let invite = a.invite(&[&node_a.address, &node_b.address]);
    let reader = Home::new();
    let out = reader.beside("out");
    let done = reader.ok(&["fetch", &invite, "--out", &out]);
    assert_eq!(done["sequence"], 1);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site));
    assert_eq!(reader.ok(&["verify"])["ok"], true);

    // Out through a carrier and into a home that never saw a network.
    let file = reader.beside("archive.car");
    reader.ok(&["export", &file]);
    let offline = Home::new();
    offline.ok(&["import", &file]);
    let copy = offline.beside("copy");
    offline.ok(&["checkout", &copy]);
    assert_eq!(tree_of(Path::new(&copy)), tree_of(site));
}

#[test]
fn a_mirror_says_once_where_it_listens() {
    let (home, site) = (Home::publisher("Once (fictional)"), tempfile::tempdir().unwrap());
    small_site(site.path());
    home.publish(site.path());
    let node = home.mirror(&[], &[]);
    write(site.path(), "news.html", b"<!doctype html><title>x</title><p>fictional");
    home.publish(site.path());
    node.wait(|event| {
        assert_ne!(event["event"], "listening", "{event}");
        event["event"] == "complete" && event["sequence"] == 2
    });
}

#[test]
fn a_new_release_reaches_running_mirrors_and_costs_what_changed() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let publisher = Home::publisher("Update (fictional)");
    publisher.publish(site.path());
    let first = publisher.mirror(&[], &[]);
    let invite = publisher.invite(&[&first.address]);
    let mirror = Home::new();
    let node = mirror.mirror(&[&invite], &[]);
    node.wait_complete(1);

    write(site.path(), "records/r05.json", b"{\"schema\":\"victim/1\",\"corrected\":true}");
    // Published on the home of the running node, through its control socket.
    let done = publisher.publish(site.path());
    assert_eq!((&done["sequence"], &done["changed_files"]), (&2.into(), &1.into()));
    let event = node.wait_complete(2);
    let bytes = event["bytes"].as_u64().unwrap();
    assert!(bytes < 100_000, "an update of one record moved {bytes} bytes");

    // The same folder again is no new release, and `status` works beside the node.
    assert_eq!(publisher.publish(site.path())["changed"], false);
    let status = mirror.ok(&["status"]);
    assert_eq!(status["archives"][0]["complete"], 2);
    assert!(!status["node"].is_null());
}

#[test]
fn only_the_core_when_asked() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let publisher = Home::publisher("Parts (fictional)");
    let folder = site.path().to_str().unwrap();
    let pass = publisher.pass();
    publisher.ok(&["publish", folder, "--part", "media=media/**", "--passphrase-file", &pass]);
    let node = publisher.mirror(&[], &[]);
    let invite = publisher.invite(&[&node.address]);
    let reader = Home::new();
    let done = reader.ok(&["fetch", &invite, "--part", "core"]);
    assert!(done["wire_bytes"].as_u64().unwrap() < 200_000);
    let out = reader.beside("out");
    reader.ok(&["checkout", &out]);
    let files = tree_of(Path::new(&out));
    assert_eq!(files.len(), 42);
    assert!(!files.contains_key("media/large.bin"));
    assert_eq!(reader.ok(&["verify"])["ok"], true);
    // A partial copy can be completed later.
    reader.ok(&["fetch", &invite]);
    reader.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
}

/// A file of the names and texts alone, small enough for a messenger, is a memorial by itself.
#[test]
fn a_carrier_of_the_core_is_readable_and_can_grow() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let publisher = Home::publisher("Core (fictional)");
    let (folder, pass) = (site.path().to_str().unwrap(), publisher.pass());
    publisher.ok(&["publish", folder, "--part", "media=media/**", "--passphrase-file", &pass]);
    let (core, all) = (publisher.beside("core.car"), publisher.beside("all.car"));
    publisher.ok(&["export", &core, "--part", "core"]);
    publisher.ok(&["export", &all]);

    let reader = Home::new();
    reader.ok(&["import", &core]);
    assert_eq!(reader.ok(&["verify"])["ok"], true);
    let out = reader.beside("out");
    reader.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)).len(), 42);
    reader.ok(&["import", &all]);
    reader.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
}
