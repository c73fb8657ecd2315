//! Addresses, one by one.
use super::*;

#[test]
fn inv_6_web_addresses() {
    for good in [
        "https://a.example/",
        "https://mirror.example.org:8443/yadgar/a-b_c~d.e/",
        "https://xn--mgba3a4f16a.example/%D9%86/",
        "https://203.0.113.7/",
        "https://[2001:db8::7]:444/x/",
        "http://127.0.0.1:8080/",
        "http://192.168.1.5/a/",
        "http://[fd00::1]/",
        "http://localhost:80/",
        "http://abcdefghij234567.onion/",
        "https://a.example/x&y=z;(1)/",
    ] {
        assert_eq!(WebUrl::parse(good).unwrap().as_str(), good);
    }
    for bad in [
        "",
        "https://",
        "https:///",
        "https://a.example",
        "https://a.example/x",
        "ftp://a.example/",
        "HTTPS://a.example/",
        "https://A.example/",
        "https://u@a.example/",
        "https://u:p@a.example/",
        "https://a.example/?q/",
        "https://a.example/#f/",
        "https://a.example/../",
        "https://a.example/%2e%2E/",
        "https://a.example/./",
        "https://a.example//",
        "https://a.example/x//",
        "https://a.example/%zz/",
        "https://a.example/%2/",
        "https://a.example/%d9/",
        "https://a.example/ن/",
        "https://آ.example/",
        "https://a.example:/",
        "https://a.example:0/",
        "https://a.example:080/",
        "https://a.example:65536/",
        "https://a.example:+80/",
        "https://-a.example/",
        "https://a..example/",
        "https://a.example./",
        "https://1.2.3/",
        "https://0x7f.1/",
        "https://a.0x7f/",
        "https://010.0.0.1/",
        "https://[2001:DB8::7]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://::1/",
        "http://a.example/",
        "http://8.8.8.8/",
        "http://localhost.example/",
        "http://onion/",
        "https://a.example/ /",
        "https://a.example\\@b.example/",
    ] {
        assert_eq!(WebUrl::parse(bad).unwrap_err().clause, "INV-6", "{bad}");
    }
    assert!(WebUrl::parse(&format!("https://a.example/{}/", "x".repeat(493))).is_ok());
    assert!(WebUrl::parse(&format!("https://a.example/{}/", "x".repeat(494))).is_err());
}

#[test]
fn inv_6_hosts() {
    let host = |text: &str| {
        let url = WebUrl::parse(text).unwrap();
        (url.host().is_near(), url.host().is_global(), url.host().is_onion())
    };
    assert_eq!(host("https://a.example/"), (false, true, false));
    assert_eq!(host("https://8.8.8.8:444/"), (false, true, false));
    assert_eq!(host("https://[2600::1]:444/"), (false, true, false));
    assert_eq!(host("http://10.0.0.1/"), (true, false, false));
    assert_eq!(host("http://[fe80::1]:80/"), (true, false, false));
    assert_eq!(host("http://abc.onion/"), (true, false, true));
    assert_eq!(host("https://printer.local/"), (false, false, false));
    assert_eq!(host("https://intranet/"), (false, false, false));
}

#[test]
fn inv_2_how_a_multiaddr_begins() {
    let of = |text| begins(text).map(|b| (b.kind, b.quic, b.port, b.rest, b.is_global()));
    assert_eq!(of("/ip4/8.8.8.8/tcp/4774"), Some(("ip4", false, 4774, "", true)));
    assert_eq!(of("/ip6/2600::1/udp/4774/quic-v1"), Some(("ip6", true, 4774, "", true)));
    let named = "/dns4/a.example/tcp/443/tls/ws/p2p/x";
    assert_eq!(of(named), Some(("dns4", false, 443, "/tls/ws/p2p/x", true)));
    assert_eq!(of("/ip4/8.8.8.8/udp/1/quic-v1/p2p/x").unwrap().3, "/p2p/x");
    for local in ["/ip4/10.0.0.1/tcp/4774", "/ip4/8.8.8.8/tcp/22", "/dns/a.local/tcp/4774"] {
        assert!(!of(local).unwrap().4, "{local}");
    }
    for none in [
        "",
        "/",
        "/ip4",
        "/ip4/8.8.8.8",
        "/ip4/8.8.8.8/tcp",
        "/ip4/8.8.8.8/tcp/0",
        "/ip4/8.8.8.8/tcp/04774",
        "/ip4/8.8.8/tcp/4774",
        "/ip4/8.8.8.8/udp/4774",
        "/ip4/8.8.8.8/udp/4774/quic-v11",
        "/ip6/::ffff:8.8.8.8/tcp/4774",
        "/dns4/A.example/tcp/443",
        "/memory/1",
        "ip4/8.8.8.8/tcp/4774",
    ] {
        assert_eq!(of(none), None, "{none}");
    }
}
