//! Packets that leave a namespace, counted by nftables.
#![allow(dead_code)] // Each test file uses some of it.

use std::process::Command;

/// Counts packets by kind: UDP to the beacon's port on `wlan0`, other UDP, TCP, the rest; and all but the beacons, and
/// what the system says of their group there (IGMP), as `left`. What the system itself says on a link (IPv6 neighbours and groups, ARP) is no program's doing and is not
/// counted.
pub const COUNTERS: &str = r#"
table inet watch {
    counter beacons { }
    counter left { }
    counter sent_udp { }
    counter sent_tcp { }
    counter sent_other { }
    chain out {
        type filter hook output priority 0;
        oifname "lo" return
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld-listener-report, mld2-listener-report } return
        oifname "wlan0" udp dport 4775 counter name beacons
        oifname != "wlan0" counter name left
        oifname "wlan0" udp dport != 4775 counter name left
        oifname "wlan0" meta l4proto != { udp, igmp } counter name left
        meta l4proto udp counter name sent_udp return
        meta l4proto tcp counter name sent_tcp return
        counter name sent_other
    }
}
"#;

/// The number of packets of a counter, by the `nft` that this command begins.
pub fn packets(mut nft: Command, table: &str, counter: &str) -> u64 {
    let output = nft.args(["list", "counter", "inet", table, counter]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let number = text.split("packets ").nth(1).and_then(|rest| rest.split(' ').next());
    number.unwrap().parse().unwrap()
}

/// Begins to count, by the `nft` that this command begins.
pub fn count(mut nft: Command) {
    use std::io::Write as _;
    let mut child = nft.args(["-f", "-"]).stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(COUNTERS.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "no packet counter (nftables)");
}
