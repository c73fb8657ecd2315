//! A share is found on a LAN by each way that there is, and its page is told.

use super::{fetch, published, tell};
use crate::common::{self, Home, Node};
use crate::lab::{enter, guest, join, machine, rules, sh, yadgar};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A share as everybody starts it, and its event.
fn share(machine: &str, home: &Home) -> (Node, Value) {
    let node = Node::start(yadgar(machine, home, &["share", "--json", "--no-qr"]));
    let event = node.wait(|e| e["event"] == "sharing");
    (node, event)
}

/// What was found is the share, with its page.
fn tell_share(case: &str, report: &Value, event: &Value) {
    tell(case, report);
    let near = report["near"].as_array().unwrap();
    let port = format!(":{}/", event["port"]);
    for one in near {
        let page = one["page"].as_str().unwrap_or_default();
        assert!(page.starts_with("http://") && page.ends_with(&port), "{one}");
    }
}

#[test]
fn a_share_is_found_where_only_broadcast_passes() {
    if !enter(module_path!(), "a_share_is_found_where_only_broadcast_passes") {
        return;
    }
    let (home, invite) = published();
    for (name, number) in [("host", 1), ("guest", 2)] {
        guest(name, number);
        rules(
            name,
            "udp dport 1-65535 ip daddr 224.0.0.0/4 DROP\nudp dport 1-65535 ip6 daddr ff00::/8 DROP",
        );
    }
    let (_node, event) = share("host", &home);
    tell_share("share, only broadcast", &fetch("guest", &invite, "--lan"), &event);
    tell_share("share, only listening", &fetch("guest", &invite, "--lan=listen"), &event);
}

#[test]
fn a_share_is_found_where_only_the_gateway_can_be_reached() {
    if !enter(module_path!(), "a_share_is_found_where_only_the_gateway_can_be_reached") {
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
    let (_node, event) = share("host", &home);
    tell_share("share, only the gateway", &fetch("guest", &invite, "--lan"), &event);
}

#[test]
fn a_share_is_found_with_link_local_ipv6_alone() {
    if !enter(module_path!(), "a_share_is_found_with_link_local_ipv6_alone") {
        return;
    }
    let (home, invite) = published();
    for name in ["host", "guest"] {
        machine(name);
        join(name);
    }
    // Until such an address can be used there is no LAN.
    let end = Instant::now() + common::PATIENCE;
    while sh("ip -n host -6 addr show dev wlan0").contains("tentative") {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(50));
    }
    let (_node, event) = share("host", &home);
    assert_eq!(event["urls"].as_array().unwrap().len(), 0, "{event}");
    let report = fetch("guest", &invite, "--lan");
    tell_share("share, IPv6 link-local only", &report, &event);
    assert!(report["near"][0]["address"].as_str().unwrap().contains("/ip6/fe80:"));
}

/// A share of some archives of a home has a page only: who asks is told where.
#[test]
fn a_page_without_a_node_is_told() {
    if !enter(module_path!(), "a_page_without_a_node_is_told") {
        return;
    }
    let (home, invite) = published();
    let (second, other) = published();
    guest("host", 1);
    guest("guest", 2);
    let first = home.ok(&["invite"])["archive"].as_str().unwrap().to_owned();
    let carried = home.beside("other.car");
    second.ok(&["export", &carried]);
    home.ok(&["import", &carried]);
    let args = ["share", "--json", "--no-qr", "--archive", &first];
    let node = Node::start(yadgar("host", &home, &args));
    let event = node.wait(|e| e["event"] == "sharing");
    let output = yadgar("guest", &Home::new(), &["fetch", &invite, "--lan"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains(&format!("http://192.168.43.1:{}/", event["port"])), "{text}");
    // Not what is not shared.
    let output = yadgar("guest", &Home::new(), &["fetch", &other, "--lan"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("http://"));
}
