//! What an address is, and what asking it reveals to whom, in one sentence.

use serde_json::{Value, json};
use std::net::IpAddr;
use yadgar_protocol::place::{Host, Place, WebUrl, begins};
use yadgar_protocol::way::Way;

/// An address for scripts: kind, and one sentence in each language.
pub fn describe(place: &Place) -> Value {
    let (kind, en, fa) = told(place);
    json!({ "address": place.as_str(), "kind": kind, "reveals": { "en": en, "fa": fa } })
}

/// The addresses as lines for a person, each with what asking it reveals.
pub fn lines<'a>(places: impl IntoIterator<Item = &'a Place>) -> (String, String) {
    let (mut english, mut persian) = (String::new(), String::new());
    for place in places {
        let (_, en, fa) = told(place);
        english.push_str(&format!("\n  {place}\n    {en}"));
        persian.push_str(&format!("\n  {place}\n    {fa}"));
    }
    (english, persian)
}

type Told = (&'static str, &'static str, &'static str);

fn told(place: &Place) -> Told {
    match place {
        Place::Web(url) => of_web(url),
        Place::Peer(text) => of_peer(text),
    }
}

fn of_web(url: &WebUrl) -> Told {
    let host = url.host();
    match (Way::of_host(&host), url.is_tls()) {
        (Way::Onion, _) => ONION,
        (Way::Lan, _) if is_loopback(host) => LOOPBACK_WEB,
        (Way::Lan, true) => (
            "https",
            "whoever runs this local network sees that this host is visited, when and how much; nobody outside it does",
            "گرداننده‌ی این شبکه‌ی محلی بازدید از این میزبان، زمان و حجم را می‌بیند؛ بیرون از آن کسی نمی‌بیند",
        ),
        (Way::Lan, false) => (
            "http",
            "whoever runs this local network sees everything that is fetched; nobody outside it does",
            "گرداننده‌ی این شبکه‌ی محلی هرچه را گرفته می‌شود می‌بیند؛ بیرون از آن کسی نمی‌بیند",
        ),
        _ => (
            "https",
            "the provider sees the name of this host, when and how much; the host sees the visitor's address and which files are fetched",
            "ارائه‌دهنده نام این میزبان، زمان و حجم را می‌بیند؛ میزبان نشانی بازدیدکننده را می‌بیند و این که چه فایل‌هایی گرفته می‌شود",
        ),
    }
}

const LOOPBACK_WEB: Told = (
    "loopback",
    "only this very machine is asked; nobody else sees it",
    "فقط از همین دستگاه پرسیده می‌شود؛ کس دیگری نمی‌بیند",
);

const ONION: Told = (
    "onion",
    "through Tor only: the provider sees that Tor is used, and nobody sees what for",
    "فقط از راه Tor: ارائه‌دهنده می‌بیند که Tor به کار می‌رود و هیچ‌کس نمی‌بیند برای چه",
);

const OTHER: Told = (
    "other",
    "not known to this program: nothing can be said of what it reveals",
    "این برنامه آن را نمی‌شناسد: نمی‌توان گفت چه چیزی را آشکار می‌کند",
);

fn of_peer(text: &str) -> Told {
    let way = Way::of(&Place::Peer(text.to_owned()));
    if way.is_some_and(|way| way != Way::Onion) && text.contains("/p2p-circuit") {
        return match way.is_some_and(Way::is_raw) {
            true => (
                "relay",
                "the provider sees that yadgar's way of talking is used, and the relay's address; the relay sees the addresses of both ends, when and how much, not what",
                "ارائه‌دهنده می‌بیند که زبان یادگار به کار می‌رود و نشانی رله را می‌بیند؛ رله نشانی هر دو سو، زمان و حجم را می‌بیند، نه محتوا را",
            ),
            false => (
                "relay",
                "on the way only the visit to the relay is seen; the relay sees the addresses of both ends, when and how much, not what",
                "در راه فقط رفتن به سوی رله دیده می‌شود؛ رله نشانی هر دو سو، زمان و حجم را می‌بیند، نه محتوا را",
            ),
        };
    }
    match way {
        Some(Way::Onion) => ONION,
        Some(Way::Lan) if begins(text).is_some_and(|start| is_loopback(start.host)) => LOOPBACK_WEB,
        Some(Way::Lan) => (
            "lan",
            "whoever runs this local network sees that yadgar's way of talking is used; nobody outside it does",
            "گرداننده‌ی این شبکه‌ی محلی می‌بیند که زبان یادگار به کار می‌رود؛ بیرون از آن کسی نمی‌بیند",
        ),
        Some(Way::Quic) => (
            "quic",
            "the provider sees this address and UDP traffic of a rare kind (QUIC of libp2p), which is often blocked",
            "ارائه‌دهنده این نشانی و ترافیک UDP از گونه‌ای کمیاب (QUIC در libp2p) را می‌بیند که اغلب بسته است",
        ),
        Some(Way::Wss) => (
            "websocket-tls",
            "the provider sees what looks like a visit to a website of this name; the host sees the visitor's address",
            "ارائه‌دهنده چیزی مانند بازدید از وبگاهی با این نام می‌بیند؛ میزبان نشانی بازدیدکننده را می‌بیند",
        ),
        Some(Way::Ws) => (
            "websocket",
            "the provider sees this address and that a WebSocket without TLS is opened, and can recognise what it carries",
            "ارائه‌دهنده این نشانی و باز شدن WebSocket بی TLS را می‌بیند و می‌تواند بشناسد چه در آن می‌گذرد",
        ),
        Some(Way::Tcp) => (
            "tcp",
            "the provider sees this address and recognises libp2p by its first bytes, so that it can block or note it",
            "ارائه‌دهنده این نشانی را می‌بیند و libp2p را از نخستین بایت‌هایش می‌شناسد، پس می‌تواند آن را ببندد یا یادداشت کند",
        ),
        Some(Way::Https) | None => OTHER,
    }
}

fn is_loopback(host: Host<'_>) -> bool {
    match host {
        Host::Ip(IpAddr::V4(ip)) => ip.is_loopback(),
        Host::Ip(IpAddr::V6(ip)) => ip.is_loopback(),
        Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (text, kind) in [
            ("/ip4/8.8.8.8/tcp/4774", "tcp"),
            ("/ip6/2600::1/udp/4774/quic-v1", "quic"),
            ("/dns4/a.example/tcp/443/tls/ws", "websocket-tls"),
            ("/dns4/a.example/tcp/443/wss", "websocket-tls"),
            ("/dns4/a.example/tcp/443/x-parity-wss/%2Fpath", "websocket-tls"),
            ("/dns4/a.example/tcp/443/tls/x-parity-ws/%2Fpath", "websocket-tls"),
            ("/dns4/a.example/tcp/80/ws", "websocket"),
            ("/dns4/a.example/tcp/80/x-parity-ws/%2Fpath", "websocket"),
            ("/ip4/192.168.1.5/tcp/4774", "lan"),
            ("/ip6zone/wlan0/ip6/fe80::1/tcp/4774", "lan"),
            ("/dns/printer.local/tcp/4774", "lan"),
            // A provider's own network is no private one.
            ("/ip4/100.64.0.1/tcp/4774", "tcp"),
            ("/ip4/127.0.0.1/tcp/4774", "loopback"),
            ("/dns4/localhost/tcp/4774", "loopback"),
            (
                "/ip4/8.8.8.8/tcp/4774/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X/p2p-circuit/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X",
                "relay",
            ),
            ("/memory/1", "other"),
            ("https://a.example/", "https"),
            ("http://192.168.1.5/", "http"),
            ("http://127.0.0.1:8080/", "loopback"),
            ("http://abc.onion/", "onion"),
            ("https://abc.onion/", "onion"),
            ("/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:4774", "onion"),
        ] {
            let described = describe(&Place::parse(text).unwrap());
            assert_eq!(described["kind"], kind, "{text}");
            assert!(described["reveals"]["fa"].as_str().unwrap().chars().any(|c| c > '\u{600}'));
        }
    }
}
