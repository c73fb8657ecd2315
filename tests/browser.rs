//! The pages in a real browser: Chromium, headless. What it or its tools are needed for is passed
//! over with a line that says so where they are missing, unless the environment requires them:
//! `YADGAR_REQUIRE_CHROMIUM=1`, `YADGAR_REQUIRE_AXE=1` (axe-core's script, named by `YADGAR_AXE`),
//! `YADGAR_REQUIRE_NETNS=1` (a network namespace with a packet counter: root, iproute2, nftables).
//!
//! Which pages there are is found by following links from the start page, so a new kind of page is
//! looked at without being named here. Screenshots go to `target/screenshots/`, for people to see.

mod common;

#[path = "browser/arriving.rs"]
mod arriving;
#[path = "browser/axe.rs"]
mod axe;
#[path = "browser/chrome.rs"]
mod chrome;
#[path = "browser/crawl.rs"]
mod crawl;
#[path = "browser/files.rs"]
mod files;
#[allow(dead_code)] // The example uses more of it.
#[path = "../examples/fictional/people/mod.rs"]
mod generator;
#[path = "browser/hostile.rs"]
mod hostile;
#[path = "browser/keyboard.rs"]
mod keyboard;
#[path = "browser/look.rs"]
mod look;
#[path = "browser/namespace.rs"]
mod namespace;
#[path = "browser/payloads.rs"]
mod payloads;
#[path = "browser/people.rs"]
mod people;
#[path = "browser/routes.rs"]
mod routes;
#[path = "common/sample.rs"]
mod sample;
#[path = "browser/scripts.rs"]
mod scripts;
#[path = "../examples/fictional/series.rs"]
mod series;
#[path = "browser/show.rs"]
mod show;
#[path = "common/vectors.rs"]
mod vectors;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Says what was not tested; an error when `required` is set in the environment.
fn skipped(required: &str, what: &str) {
    assert!(std::env::var_os(required).is_none_or(|v| v != "1"), "{what}, and {required}=1");
    // Not by a macro: those are kept back for tests that pass.
    std::io::stderr().write_all(format!("SKIPPED: {what}\n").as_bytes()).unwrap();
}

/// A folder for what the tests leave behind.
fn target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name)
}
