//! `yadgar open`: other commands work while the pages are served, and its bad inputs.

use crate::common::{Home, Node, small_site, tree_of};
use std::path::Path;

#[test]
fn other_commands_work_while_the_pages_are_open() {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let publisher = Home::publisher("Open (fictional)");
    publisher.publish(site.path());
    let carrier = publisher.beside("a.car");
    publisher.ok(&["export", &carrier]);

    let reader = Home::new();
    reader.ok(&["import", &carrier]);
    let pages = Node::start(reader.command(&["open", "--no-browser", "--json"]));
    let event = pages.wait(|e| e["event"] == "serving");
    assert!(event["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(reader.ok(&["status"])["node"].is_null(), "pages are no node");
    assert_eq!(reader.ok(&["verify"])["ok"], true);
    reader.ok(&["import", &carrier]);
    let out = reader.beside("out");
    reader.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
    // A fetch would need the home for itself: it says so and what to do.
    let invite = publisher.invite(&["/ip4/127.0.0.1/tcp/9"]);
    let text = reader.fails(&["fetch", &invite], 6);
    assert!(text.contains("open again"), "{text}");
}

#[test]
fn nothing_to_open() {
    let text = Home::new().fails(&["open", "--no-browser"], 2);
    assert!(text.contains("what to do"), "{text}");
}
