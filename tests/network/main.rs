//! What crosses a network, with the real program: machines as network namespaces, and nodes, proxies and web servers on
//! loopback. One program, since most of it waits: what waits together takes no longer than the slowest.
//!
//! What is missing on a machine is said and passed over, unless `YADGAR_REQUIRE_NETNS=1` (root, iproute2, nftables),
//! `YADGAR_REQUIRE_NGINX=1`, `_TOR`, `_MICROSOCKS`, `_UPNP`, `_STRACE`, `_FAKETIME`, `_CGROUP` and `_CHROMIUM` say that it has to be there.

#[allow(dead_code)] // This program uses some of it.
#[path = "../browser/chrome.rs"]
mod chrome;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/fake_clock.rs"]
mod fake_clock;
#[path = "../common/front.rs"]
mod front;
mod internet;
#[path = "../common/lab.rs"]
mod lab;
#[path = "../common/microsocks.rs"]
mod microsocks;
#[path = "../common/nginx.rs"]
mod nginx;
#[allow(dead_code)] // The generator has more than this program uses.
#[path = "../../examples/fictional/people/mod.rs"]
mod people;
#[path = "../common/sample.rs"]
mod sample;
#[path = "../common/socks.rs"]
mod socks;
#[path = "../common/static_files.rs"]
mod static_files;
#[allow(dead_code)]
#[path = "../faults/strace.rs"]
mod strace;
mod tap;

mod captures;
mod dht;
mod eclipse;
mod filtered;
mod gateway;
mod lan;
mod line;
mod nat;
mod onion;
mod peers_command;
mod share;
mod small;
mod through_proxy;
mod ways;
mod web_follow;
mod web_mirror;

use std::path::{Path, PathBuf};

/// Says what was not tested; an error when `required` is set in the environment.
fn skipped(required: &str, what: &str) {
    use std::io::Write as _;
    assert!(std::env::var_os(required).is_none_or(|v| v != "1"), "{what}, and {required}=1");
    std::io::stderr().write_all(format!("SKIPPED: {what}\n").as_bytes()).unwrap();
}

/// A folder for what the tests leave behind.
fn target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name)
}
