use super::*;
use crate::cli::ui::Lang;
use crate::store::heads::ArchiveSettings;
use clap::Parser;
use yadgar_protocol::{ArchiveId, Hash};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    web: WebArgs,
}

fn web(args: &[&str]) -> WebArgs {
    Line::try_parse_from([&["yadgar"], args].concat()).unwrap().web
}

const TCP: &str = "/ip4/8.8.8.8/tcp/4774";
const WSS: &str = "/dns4/a.example/tcp/443/tls/ws";
const HTTPS: &str = "https://a.example/";

fn invite() -> Invite {
    let places = [TCP, WSS, HTTPS].map(|text| Place::parse(text).unwrap());
    Invite::with(ArchiveId(Hash([7; 32])), places).unwrap()
}

/// What would be asked, step by step, where nothing endangers.
fn asked(args: &[&str], given: &[&str]) -> Vec<Vec<String>> {
    let (web, invite, rates) = (web(args), invite(), Rates::default());
    let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
    let listed = ListedArgs::default();
    let wish = Wish {
        invite: &invite,
        given: &given,
        web: &web,
        lan: None,
        listed: &listed,
        rates: &rates,
    };
    let before = ArchiveSettings {
        addresses: vec!["/ip4/9.9.9.9/tcp/1".into(), "no address".into()],
        urls: vec!["https://b.example/".into()],
        ..ArchiveSettings::default()
    };
    let chosen = Chosen { proxy: None, by_environment: false };
    let rule = Rule {
        ways: web.way.ways(),
        pinned: web.is_wanted(),
        through: chosen.through(),
        watched: false,
        covered: false,
    };
    let plan = rule.plan(candidates(&wish, &before).unwrap());
    plan.steps.iter().map(|(_, step)| step.iter().map(Source::to_string).collect()).collect()
}

#[test]
fn what_is_asked_by_which_options() {
    // What looks like the web is asked alone, but for what the user names.
    assert_eq!(asked(&[], &[]), [[WSS]]);
    assert_eq!(asked(&[], &[TCP]), [[TCP, WSS]]);
    assert_eq!(asked(&["--via", "wss,tcp"], &[]), [vec![WSS], vec![TCP, "/ip4/9.9.9.9/tcp/1"]]);
    assert_eq!(asked(&["--via", "wss"], &[]), [[WSS]]);
    assert_eq!(asked(&["--via", "https,wss"], &[]), [vec![HTTPS, "https://b.example/"], vec![WSS]]);
    let pinned = ["--url", "https://c.example"];
    assert_eq!(asked(&pinned, &[]), [["https://c.example/"]]);
    assert_eq!(asked(&pinned, &[TCP]), [["https://c.example/", TCP]]);
    let both = [&pinned[..], &["--via", "tcp,https"]].concat();
    assert_eq!(asked(&both, &[]), [vec![TCP, "/ip4/9.9.9.9/tcp/1"], vec!["https://c.example/"]]);
    // A gateway is named like a static mirror.
    let gateway = ["--from-gateway", "http://127.0.0.1:8080"];
    assert_eq!(asked(&gateway, &[]), [["http://127.0.0.1:8080/"]]);
    assert_eq!(
        asked(&[&gateway[..], &["--via", "lan"]].concat(), &[]),
        [["http://127.0.0.1:8080/"]]
    );
    let here = [&gateway[..], &["--via", "https"]].concat();
    assert_eq!(asked(&here, &[]), Vec::<Vec<String>>::new(), "it is on this machine");
    let many = [&pinned[..], &gateway, &["--plain-http"]].concat();
    assert_eq!(asked(&many, &[]), [["https://c.example/", "http://127.0.0.1:8080/"]]);
    for wrong in [["--via", "usb"].as_slice(), &["--plain-http"]] {
        assert!(Line::try_parse_from([&["yadgar"], wrong].concat()).is_err());
    }
}

#[test]
fn the_neighbours_are_not_asked_beside_a_proxy_or_another_way() {
    let rule = |ways| Rule {
        ways,
        pinned: false,
        through: Through::Nothing,
        watched: false,
        covered: false,
    };
    let none = Chosen { proxy: None, by_environment: false };
    let some = Chosen { proxy: Proxy::parse("socks5h://127.0.0.1:1").ok(), by_environment: true };
    let ask = Some(Near::Ask);
    assert!(refuse_lan(&rule(None), &none, ask).is_ok());
    assert!(refuse_lan(&rule(Some(vec![Way::Https, Way::Lan])), &none, ask).is_ok());
    assert!(refuse_lan(&rule(Some(vec![Way::Https])), &none, ask).is_err());
    assert!(refuse_lan(&rule(None), &some, ask).is_err());
    assert!(refuse_lan(&rule(None), &some, None).is_ok());
}

#[test]
fn a_node_is_handed_only_what_may_be_asked() {
    let rule = Rule {
        ways: None,
        pinned: false,
        through: Through::Nothing,
        watched: true,
        covered: false,
    };
    let ui = Ui::mute(Lang::Fa);
    let may = |all: &[&str]| {
        let all: Vec<String> = all.iter().map(|text| (*text).to_owned()).collect();
        peers_that_may(&ui, &all, &[], &rule)
    };
    assert_eq!(may(&[TCP, WSS]).unwrap(), [WSS]);
    assert_eq!(may(&[]).unwrap(), Vec::<String>::new());
    // Elsewhere, too, what looks like the web is asked alone, unless the user named more.
    let abroad = Rule { watched: false, ..rule.clone() };
    let (all, tcp) = ([TCP.to_owned(), WSS.to_owned()], [TCP.to_owned()]);
    assert_eq!(peers_that_may(&ui, &all, &[], &abroad).unwrap(), [WSS]);
    assert_eq!(peers_that_may(&ui, &all, &tcp, &abroad).unwrap(), [TCP, WSS]);
    let error = may(&[TCP]).unwrap_err();
    let persian = |text: &Option<String>| text.as_ref().unwrap().contains("ارائه‌دهنده");
    assert!(persian(&error.persian.what) && persian(&error.persian.advice), "{error:?}");
}
