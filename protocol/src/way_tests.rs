use super::*;

const LAN: &str = "/ip4/192.168.1.7/tcp/4774";
const TCP: &str = "/ip4/8.8.8.8/tcp/4774";
const QUIC: &str = "/ip4/8.8.8.8/udp/4774/quic-v1";
const WSS: &str = "/dns4/a.example/tcp/443/tls/ws";
const HTTPS: &str = "https://a.example/x/";
const ONION: &str = "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:4774";
const ONION_WEB: &str = "http://abc.onion/";

fn place(text: &str) -> Place {
    Place::parse(text).unwrap()
}

fn rule() -> Rule {
    Rule { ways: None, pinned: false, through: Through::Nothing, watched: false, covered: false }
}

fn judge(rule: &Rule, text: &str, named: Named) -> Result<Way, Refusal> {
    rule.judge(&Candidate::of(place(text), named))
}

fn plan<const N: usize>(rule: &Rule, all: [(&str, Named); N]) -> Plan<Place> {
    rule.plan(all.map(|(text, named)| Candidate::of(place(text), named)))
}

/// The steps of all kinds of places in an invite.
fn steps(rule: &Rule) -> Vec<Vec<String>> {
    let all = [LAN, TCP, QUIC, WSS, HTTPS, ONION, ONION_WEB];
    let plan = plan(rule, all.map(|text| (text, Named::ByInvite)));
    let asked: usize = plan.steps.iter().map(|(_, step)| step.len()).sum();
    assert_eq!(asked + plan.left_out.len(), all.len());
    plan.steps.iter().map(|(_, step)| step.iter().map(Place::to_string).collect()).collect()
}

#[test]
fn way_1_kinds() {
    for (text, way) in [
        (LAN, Way::Lan),
        ("/ip4/127.0.0.1/tcp/1", Way::Lan),
        ("/ip6/fd00::1/udp/1/quic-v1", Way::Lan),
        ("/ip6zone/wlan0/ip6/fe80::1/tcp/4774", Way::Lan),
        ("/ip6zone/3/ip6/2600::1/tcp/4774", Way::Tcp),
        ("/dns4/localhost/tcp/1/ws", Way::Lan),
        ("/dns/printer.local/tcp/1", Way::Lan),
        ("http://192.168.1.5/", Way::Lan),
        ("https://127.0.0.1:8443/", Way::Lan),
        // A provider's own network is no private one.
        ("/ip4/100.64.0.1/tcp/1", Way::Tcp),
        (TCP, Way::Tcp),
        ("/dns6/a.example/tcp/4774", Way::Tcp),
        ("/ip4/8.8.8.8/tcp/1/p2p/Q/p2p-circuit/p2p/R", Way::Tcp),
        ("/ip4/8.8.8.8/tcp/1/p2p/Q/p2p-circuit/tls/ws", Way::Tcp),
        (QUIC, Way::Quic),
        (WSS, Way::Wss),
        ("/dns4/a.example/tcp/443/wss", Way::Wss),
        ("/dns4/a.example/tcp/443/x-parity-wss/%2Fsecret", Way::Wss),
        ("/ip4/8.8.8.8/tcp/443/tls/sni/a.example/ws", Way::Wss),
        ("/dns4/a.example/tcp/80/ws", Way::Ws),
        ("/dns4/a.example/tcp/80/x-parity-ws/%2Fsecret", Way::Ws),
        (HTTPS, Way::Https),
        (ONION, Way::Onion),
        (ONION_WEB, Way::Onion),
        ("https://abc.onion/", Way::Onion),
        ("/dns/abc.onion/tcp/4774", Way::Onion),
    ] {
        assert_eq!(Way::of(&place(text)), Some(way), "{text}");
        assert_eq!(Way::named(way.name()), Some(way));
    }
    for none in ["/memory/1", "/ip6zone/3", "/ip6zone/3/", "/dnsaddr/a.example"] {
        assert_eq!(Way::of(&place(none)), None, "{none}");
    }
    assert_eq!(Way::named("usb"), None);
}

#[test]
fn way_2_only_what_is_named_in_its_order() {
    let of = |ways: &[Way]| steps(&Rule { ways: Some(ways.to_vec()), ..rule() });
    assert_eq!(of(&[Way::Https]), [[HTTPS]]);
    assert_eq!(of(&[Way::Tcp, Way::Https, Way::Wss]), [[TCP], [HTTPS], [WSS]]);
    assert!(of(&[Way::Ws]).is_empty());
    // A pinned static mirror keeps away those of the invite, in any order.
    let pinned = Rule { ways: Some(vec![Way::Https]), pinned: true, ..rule() };
    let other = "https://b.example/";
    let plan = plan(&pinned, [(HTTPS, Named::ByInvite), (other, Named::ByUser)]);
    assert_eq!(plan.steps, [(Some(Way::Https), vec![place(other)])]);
    assert_eq!(plan.left_out, [(place(HTTPS), Refusal::NotChosen(Way::Https))]);
}

#[test]
fn way_3_without_a_word_peers_and_no_web_host() {
    let plain = [LAN, TCP, QUIC, HTTPS].map(|text| (text, Named::ByInvite));
    let asked = plan(&rule(), plain);
    assert_eq!(asked.steps, [(None, [LAN, TCP, QUIC].map(place).to_vec())]);
    assert!(!asked.covered);
    let pinned = Rule { pinned: true, ..rule() };
    assert!(steps(&pinned).is_empty());
    let named = [
        (TCP, Named::ByInvite),
        (TCP, Named::ByUser),
        (HTTPS, Named::ByUser),
        (WSS, Named::ByList),
    ];
    let plan = plan(&pinned, named);
    assert_eq!(plan.steps, [(None, vec![place(TCP), place(HTTPS)])]);
    assert_eq!(plan.left_out, [(place(WSS), Refusal::NotChosen(Way::Wss))]);
}

#[test]
fn way_3_what_looks_like_the_web_is_asked_alone() {
    assert_eq!(steps(&rule()), [[LAN, WSS]]);
    let all = [TCP, QUIC, WSS].map(|text| (text, Named::ByInvite));
    let asked = plan(&rule(), all);
    assert!(asked.covered);
    let why = [(TCP, Way::Tcp), (QUIC, Way::Quic)];
    let why = why.map(|(text, way)| (place(text), Refusal::MoreRevealing(way)));
    assert_eq!(asked.left_out, why);
    // What comes later from a list is judged like it.
    let later = Rule { covered: true, ..rule() };
    assert_eq!(judge(&later, TCP, Named::ByList), Err(Refusal::MoreRevealing(Way::Tcp)));
    assert_eq!(judge(&later, LAN, Named::ByList), Ok(Way::Lan));
    // The user's own word counts more, as an address or as a way.
    let own = plan(&rule(), [(TCP, Named::ByUser), (WSS, Named::ByInvite)]);
    assert_eq!(own.steps, [(None, vec![place(TCP), place(WSS)])]);
    let named = Rule { ways: Some(vec![Way::Wss, Way::Tcp]), ..rule() };
    assert_eq!(steps(&named), [[WSS], [TCP]]);
    // A web address that is not asked covers nothing, and an onion service only where it is reached.
    assert!(!plan(&rule(), [(TCP, Named::ByInvite), (HTTPS, Named::ByInvite)]).covered);
    assert!(!plan(&rule(), [(TCP, Named::ByInvite), (ONION, Named::ByInvite)]).covered);
    // Into a proxy near by nobody sees; the line to another is read.
    let through = |through| steps(&Rule { through, ..rule() });
    assert_eq!(through(Through::Socks(Line::Near)), [[TCP, WSS, ONION]]);
    assert_eq!(through(Through::Socks(Line::Far)), [[WSS]]);
    let far = Rule { through: Through::Socks(Line::Far), ..rule() };
    let onion = plan(&far, [(TCP, Named::ByInvite), (ONION, Named::ByInvite)]);
    assert!(!onion.covered, "what is read on the line covers nothing");
}

#[test]
fn way_4_where_it_is_dangerous_nothing_is_recognised_by_default() {
    let watched = Rule { watched: true, ..rule() };
    assert_eq!(steps(&watched), [[LAN, WSS]]);
    // Not even when the address is named: the address does not say what it shows.
    assert_eq!(judge(&watched, TCP, Named::ByUser), Err(Refusal::Recognised(Way::Tcp)));
    let named = Rule { ways: Some(vec![Way::Tcp]), ..watched.clone() };
    assert_eq!(steps(&named), [[TCP]]);
    // What goes into a proxy of this machine or network is not what the provider sees.
    let through = |through| Rule { through, ..watched.clone() };
    assert_eq!(steps(&through(Through::Socks(Line::Near))), [[TCP, WSS, ONION]]);
    assert_eq!(steps(&through(Through::Connect(Line::Near))), [[TCP, WSS]]);
    // The line to another is read like any: nothing raw, unless its way is named.
    assert_eq!(steps(&through(Through::Socks(Line::Far))), [[WSS]]);
    assert_eq!(steps(&through(Through::Connect(Line::Far))), [[WSS]]);
    let far = Rule { ways: Some(vec![Way::Tcp]), ..through(Through::Socks(Line::Far)) };
    assert_eq!(steps(&far), [[TCP]]);
}

#[test]
fn way_4_private_addresses_of_other_networks() {
    for (text, way) in [
        (LAN, Some(Way::Tcp)),
        ("/ip4/10.1.2.3/udp/4774/quic-v1", Some(Way::Quic)),
        ("/ip4/10.1.2.3/tcp/80/ws", Some(Way::Ws)),
        ("/memory/1", None),
    ] {
        assert_eq!(Way::beyond(&place(text)), way, "{text}");
    }
}

#[test]
fn way_4_the_line_to_a_proxy() {
    for (host, line) in [
        ("127.0.0.1", Line::Near),
        ("[::1]", Line::Near),
        ("192.168.43.3", Line::Near),
        ("localhost", Line::Near),
        ("100.64.0.1", Line::Far),
        ("198.51.100.3", Line::Far),
        ("[2001:db8::1]", Line::Far),
        ("proxy.example", Line::Far),
    ] {
        let url = crate::place::WebUrl::parse(&format!("https://{host}/")).unwrap();
        assert_eq!(Line::to(&url.host()), line, "{host}");
    }
}

#[test]
fn way_5_through_a_proxy_nothing_but_what_goes_through_it() {
    let socks = Rule { through: Through::Socks(Line::Near), ..rule() };
    assert_eq!(steps(&socks), [[TCP, WSS, ONION]]);
    let connect = Rule { through: Through::Connect(Line::Near), ..rule() };
    assert_eq!(steps(&connect), [[TCP, WSS]]);
    assert_eq!(judge(&connect, ONION, Named::ByUser), Err(Refusal::NeedsTor));
    assert_eq!(judge(&rule(), ONION_WEB, Named::ByUser), Err(Refusal::NeedsTor));
    // Named twice: the first reason stands.
    let beside = Rule { pinned: true, ..socks.clone() };
    let twice = plan(&beside, [(LAN, Named::ByUser), (LAN, Named::ByInvite)]);
    assert_eq!(twice.left_out, [(place(LAN), Refusal::NotThroughProxy(Way::Lan))]);
    let lan = Rule { ways: Some(vec![Way::Lan, Way::Quic]), ..socks };
    assert!(steps(&lan).is_empty());
    let refused = Err(Refusal::NotThroughProxy(Way::Lan));
    assert_eq!(judge(&lan, LAN, Named::ByUser), refused);
}

#[test]
fn way_6_a_later_step_is_never_more_than_was_allowed() {
    // Every place of every plan is one that the rule allows by itself, whatever else is there.
    let all = [LAN, TCP, QUIC, WSS, HTTPS, ONION, ONION_WEB];
    for through in [
        Through::Nothing,
        Through::Socks(Line::Near),
        Through::Socks(Line::Far),
        Through::Connect(Line::Far),
    ] {
        for (watched, pinned) in [(false, false), (false, true), (true, false), (true, true)] {
            for ways in [None, Some(vec![Way::Https, Way::Wss]), Some(Way::ALL.to_vec())] {
                let alone = Rule { ways, pinned, through, watched, covered: false };
                let plan = plan(&alone, all.map(|text| (text, Named::ByInvite)));
                let rule = Rule { covered: plan.covered, ..alone };
                for (way, places) in plan.steps {
                    for place in places {
                        let judged = judge(&rule, place.as_str(), Named::ByInvite).unwrap();
                        assert!(way.is_none_or(|way| way == judged), "{rule:?} {place}");
                    }
                }
                for (place, why) in plan.left_out {
                    assert_eq!(judge(&rule, place.as_str(), Named::ByInvite), Err(why));
                }
            }
        }
    }
}
