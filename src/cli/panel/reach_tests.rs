use super::*;
use yadgar_protocol::way::{Line, Through};

fn rule() -> Rule {
    Rule { ways: None, pinned: false, through: Through::Nothing, watched: false, covered: false }
}

fn sources(list: &[&str]) -> Vec<Source> {
    let of = |text: &&str| match text.starts_with('/') {
        true => Source::Peer(text.parse().unwrap()),
        false => Source::Host(BaseUrl::parse(text, false).unwrap()),
    };
    list.iter().map(of).collect()
}

/// All that is asked, whatever the step.
fn flat(all: &[Source], reach: Reach, rule: &Rule) -> Result<Vec<Source>, Note> {
    let own = route::OwnNets::of(rule);
    Ok(allowed(all.to_vec(), reach, rule, &own)?.into_iter().flatten().collect())
}

#[test]
fn the_internet_is_not_dialled_without_a_yes() {
    let far = sources(&["/ip4/203.0.113.7/tcp/4774", "/dns4/mirror.example/tcp/4774"]);
    let near =
        sources(&["/ip4/192.168.1.4/tcp/4774", "/ip6/fe80::1/tcp/1", "/ip4/127.0.0.1/tcp/9"]);
    let both = [far.clone(), near.clone()].concat();
    let of = |all: &[Source], reach| flat(all, reach, &rule());
    assert_eq!(of(&both, Reach::Near), Ok(near.clone()));
    assert_eq!(of(&both, Reach::Internet), Ok(both.clone()));
    assert_eq!(of(&far, Reach::Near), Err(Note::Internet));
    assert_eq!(of(&far, Reach::Internet), Ok(far.clone()));
    assert_eq!(of(&[], Reach::Near), Err(Note::NoAddress));
    // Where it is dangerous, not even with a yes.
    let watched = Rule { watched: true, ..rule() };
    assert_eq!(flat(&far, Reach::Internet, &watched), Err(Note::Recognised));
    // A private address may be the provider's, unless it is of a network of this machine.
    let both = [&far[..], &near[1..]].concat();
    assert_eq!(flat(&both, Reach::Internet, &watched), Ok(near[1..].to_vec()));
    let line = |line| Rule { through: Through::Socks(line), ..watched.clone() };
    let proxied = line(Line::Near);
    assert_eq!(flat(&far, Reach::Internet, &line(Line::Far)), Err(Note::Recognised));
    assert_eq!(flat(&far, Reach::Internet, &proxied), Ok(far));
    assert_eq!(flat(&near, Reach::Internet, &proxied), Err(Note::Proxy));
}

#[test]
fn what_looks_like_the_web_and_nothing_else() {
    let tcp = "/ip4/203.0.113.7/tcp/4774";
    let (wss, https) = ("/dns4/mirror.example/tcp/443/tls/ws", "https://mirror.example/a/");
    let of = |list: &[&str], rule: &Rule| flat(&sources(list), Reach::Web, rule);
    let watched = Rule { watched: true, ..rule() };
    for rule in [rule(), watched] {
        assert_eq!(of(&[tcp, wss, https], &rule), Ok(sources(&[wss, https])));
        assert_eq!(of(&[tcp], &rule), Err(Note::NoWebsite));
        assert_eq!(of(&[], &rule), Err(Note::NoWebsite));
    }
    let proxied = Rule { through: Through::Socks(Line::Near), ..rule() };
    assert_eq!(of(&[tcp, https], &proxied), Ok(sources(&[https])));
    let of_tor = "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:4774";
    assert_eq!(of(&[of_tor], &rule()), Err(Note::NeedsTor));
    assert_eq!(of(&[of_tor], &proxied), Ok(sources(&[of_tor])));
    // Step by step: a web host keeps logs, and is asked last.
    let own = route::OwnNets::of(&rule());
    let steps = allowed(sources(&[https, wss]), Reach::Web, &rule(), &own);
    assert_eq!(steps, Ok(vec![sources(&[wss]), sources(&[https])]));
    // Who picks the whole internet gets all of it.
    let all = flat(&sources(&[tcp, wss, https]), Reach::Internet, &rule());
    assert_eq!(all, Ok(sources(&[tcp, wss, https])));
}

#[test]
fn near_is_what_this_machine_is_part_of() {
    // No machine of a test is in this network.
    let far = "10.214.77.3";
    let own = route::OwnNets::asked();
    let peer = format!("/ip4/{far}/tcp/4774");
    let near = |reach| allowed(sources(&[&peer]), reach, &rule(), &own);
    assert_eq!(near(Reach::Near), Err(Note::Internet));
    assert_eq!(near(Reach::Web), Err(Note::NoWebsite));
    let http = format!("http://{far}/a/");
    let web = |list: &[&str]| allowed(sources(list), Reach::Web, &rule(), &own);
    assert_eq!(web(&[&http]), Err(Note::NoWebsite), "in clear through the provider's network");
    let https = format!("https://{far}/a/");
    assert_eq!(web(&[&https]), Ok(vec![sources(&[&https])]));
    assert_eq!(web(&["http://127.0.0.1:8080/"]), Ok(vec![sources(&["http://127.0.0.1:8080/"])]));
}
