//! A reader and a proxy in a country, a border that filters, and machines abroad. The proxy is in the reader's own network,
//! also has an address that the whole country reaches, and a line of its own past the border.

use crate::common::PATIENCE;
use crate::lab::{join, machine, sh};
use std::time::{Duration, Instant};

/// The machine of the reader.
pub const READER: &str = "reader";
/// Addresses: the mirror's, its other one that is on the list of the filter, and the proxy's in the reader's network and
/// in the country.
pub const MIRROR: &str = "203.0.113.2";
pub const LISTED: &str = "203.0.113.9";
pub const PROXY: &str = "192.168.43.3";
pub const FAR_PROXY: &str = "198.51.100.3";
/// The mirror's address of IPv6, which the border lets through while it is open.
pub const MIRROR_V6: &str = "2001:db8:2::2";
/// Where the proxy listens.
pub const SOCKS_PORT: u16 = 1080;

/// The border, all open. The test itself runs there.
pub fn build() {
    sh("echo 1 > /proc/sys/net/ipv4/ip_forward
        ip addr add 198.51.100.1/24 dev br0");
    for (name, host) in [(READER, 2), ("proxy", 3)] {
        machine(name);
        join(name);
        sh(&format!(
            "ip -n {name} addr add 198.51.100.{host}/24 dev wlan0
             ip -n {name} addr add 192.168.43.{host}/24 dev wlan0
             ip -n {name} route add default via 198.51.100.1"
        ));
    }
    machine("abroad");
    sh(&format!(
        "ip link add border type veth peer name eth0 netns abroad
         ip addr add 203.0.113.1/24 dev border
         ip link set border up
         ip -n abroad addr add {MIRROR}/24 dev eth0
         ip -n abroad addr add {LISTED}/24 dev eth0
         ip -n abroad link set eth0 up
         ip -n abroad route add default via 203.0.113.1
         ip -n proxy link add tunnel type veth peer name tunnel netns abroad
         ip -n proxy addr add 192.0.2.1/30 dev tunnel
         ip -n abroad addr add 192.0.2.2/30 dev tunnel
         ip -n proxy link set tunnel up
         ip -n abroad link set tunnel up
         ip -n proxy route add {MIRROR}/32 via 192.0.2.2"
    ));
    sh(&format!(
        "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
         ip -6 addr add 2001:db8:1::1/64 dev br0 nodad
         ip -6 addr add 2001:db8:2::1/64 dev border nodad
         ip -n {READER} -6 addr add 2001:db8:1::2/64 dev wlan0 nodad
         ip -n {READER} -6 route add default via 2001:db8:1::1
         ip -n abroad -6 addr add {MIRROR_V6}/64 dev eth0 nodad
         ip -n abroad -6 route add default via 2001:db8:2::1"
    ));
    // The system's own first words on a new link are over by then.
    std::thread::sleep(Duration::from_secs(3));
    count();
}

/// Closes the border as a filter does. A flow is judged by its first bytes, of either side; what is not TLS, HTTP or DNS
/// vanishes, and the rest of its flow with it.
pub fn close() {
    sh(&format!(
        "nft -f - <<'END'
table inet filter {{
    counter dropped {{ }}
    set listed {{
        type ipv4_addr
        elements = {{ {LISTED} }}
    }}
    chain forward {{
        type filter hook forward priority 0; policy drop;
        # Where bridges are filtered too, the neighbours' own talk comes by here; it crosses no border.
        iifname != border oifname != border accept
        meta nfproto ipv6 counter name dropped drop
        meta l4proto != tcp counter name dropped drop
        ip daddr @listed counter name dropped drop
        ct mark 1 accept
        ct mark 2 counter name dropped drop
        @ih,0,16 0x1603 ct mark set 1 accept
        @ih,0,32 {{ 0x47455420, 0x504f5354, 0x48454144, 0x50555420, 0x48545450 }} ct mark set 1 accept
        tcp dport 53 ct mark set 1 accept
        @ih,0,8 0-255 ct mark set 2 counter name dropped drop
        accept
    }}
}}
END"
    ));
}

/// Packets that vanished at the border.
pub fn dropped() -> u64 {
    number(&sh("nft list counter inet filter dropped"))
}

/// Packets that the reader sent, by where they went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// To the website, TCP 443.
    pub web: u64,
    /// To the proxy.
    pub proxy: u64,
    /// Anywhere else: whatever it is.
    pub other: u64,
}

/// Begins to count.
fn count() {
    sh(&format!(
        "ip netns exec {READER} nft -f - <<'END'
table inet sent {{
    counter web {{ }}
    counter proxy {{ }}
    counter other {{ }}
    chain out {{
        type filter hook output priority 0;
        oifname lo return
        icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, mld-listener-report, mld2-listener-report }} return
        ip daddr {{ {MIRROR}, {LISTED} }} tcp dport 443 counter name web return
        ip daddr {PROXY} tcp dport {SOCKS_PORT} counter name proxy return
        counter name other
    }}
}}
END"
    ));
}

/// What the reader sent so far.
pub fn sent() -> Sent {
    let of = |name: &str| {
        number(&sh(&format!("ip netns exec {READER} nft list counter inet sent {name}")))
    };
    Sent { web: of("web"), proxy: of("proxy"), other: of("other") }
}

fn number(text: &str) -> u64 {
    text.split("packets ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// Waits until somebody listens at a TCP port of a machine.
pub fn listens(machine: &str, port: u16) {
    let end = Instant::now() + PATIENCE;
    while !sh(&format!("ip netns exec {machine} ss -Hltn")).contains(&format!(":{port}")) {
        assert!(Instant::now() < end, "nobody listens at {machine}:{port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
