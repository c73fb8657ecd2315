//! `yadgar doctor`: what ways there are from here, what each shows to whom, and what stands in their way. It is quiet: it
//! sends nothing, unless it is told what to probe, and then asks only what the invite or the home names.

mod facts;
mod probe;
mod shows;

use super::route::{Chosen, OwnNets, ProxyArgs};
use super::{CliError, Exit, Ui, pick, route, whereabouts};
use crate::access::{Access, Kind, kind};
use crate::dial::Roots;
use clap::Args;
use facts::Facts;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::place::Place;
use yadgar_protocol::way::{Candidate, Named, Refusal, Rule, Through, Way};

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The invite whose ways are looked at (default: the archives of this home)
    invite: Option<String>,
    /// Try these ways, in this order: connect to the addresses that the invite or the home names. Without it nothing is
    /// sent. Ways are lan, onion, wss, https, ws, quic, tcp; several with commas
    #[arg(long, value_name = "WAYS", value_delimiter = ',', value_parser = route::way)]
    probe: Vec<Way>,
    #[command(flatten)]
    proxy: ProxyArgs,
    /// Also believe the authorities in this file (PEM) about web hosts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// An archive and where it may be had.
pub struct Known {
    archive: ArchiveId,
    name: Option<String>,
    /// Each with its way as it is from this machine (WAY-4).
    places: Vec<Candidate<Place>>,
    /// Something of it is asked that a provider does not recognise (WAY-3).
    covered: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &DoctorArgs) -> Result<(), CliError> {
    let invite = args.invite.as_deref().map(pick::invite).transpose()?;
    // A proxy that cannot be used is one of the things that are told.
    let chosen = args.proxy.chosen();
    let watched = whereabouts::seems_in_iran(ui.lang);
    let facts = Facts::of(home, &chosen, watched);
    let through = chosen.as_ref().ok();
    let rule_of = |through| Rule { ways: None, pinned: false, through, watched, covered: false };
    let rule = through.map(|chosen| rule_of(chosen.through()));
    // Where the proxy cannot be used, an address is told as without one.
    let own = OwnNets::of(rule.as_ref().unwrap_or(&rule_of(Through::Nothing)));
    let mut known = known(home, invite.as_ref(), &own)?;
    facts.say(ui);
    if let Some(rule) = &rule {
        for known in &mut known {
            known.covered = rule.plan(known.places.iter().cloned()).covered;
        }
    }
    let of_way = |way: &Way| of_way(*way, &known, through.zip(rule.as_ref()));
    let ways: Vec<Value> = Way::ALL.iter().map(of_way).collect();
    say_ways(ui, &ways);
    let beyond = say_beyond(ui, &known);
    let probes = match args.probe.is_empty() {
        true => Vec::new(),
        false => probed(ui, args, &known, chosen?, watched)?,
    };
    let usb = shows::usb();
    ui.json(&json!({
        "facts": facts.describe(), "ways": ways.into_iter().chain([usb]).collect::<Vec<_>>(),
        "not_of_this_network": beyond,
        "archives": known.iter().map(|k| json!({ "archive": k.archive.to_string(), "name": k.name })).collect::<Vec<_>>(),
        "probed": probes,
    }));
    Ok(())
}

/// The archives of the invite and the home, with all addresses that either names.
fn known(home: &Path, invite: Option<&Invite>, own: &OwnNets) -> Result<Vec<Known>, CliError> {
    let judged = |place| own.judge_place(Candidate::of(place, Named::ByInvite));
    let mut all: Vec<Known> = Vec::new();
    if let Some(invite) = invite {
        let places = invite.places().map(judged).collect();
        all.push(Known { archive: invite.archive, name: None, places, covered: false });
    }
    // An invite needs no passphrase to be looked at, and a home that is not there is not made.
    let ask = invite.is_none() || kind(home) == Kind::Plain;
    if !home.is_dir() || !ask {
        return Ok(all);
    }
    let access = Access::open(home, "doctor")?;
    for archive in access.archives.list()? {
        if invite.is_some_and(|invite| invite.archive != archive) {
            continue;
        }
        let settings = access.archives.settings(&archive)?;
        let texts = settings.addresses.iter().chain(&settings.urls);
        let places = texts.filter_map(|text| Place::parse(text).ok()).map(judged);
        let places: Vec<_> = places.collect();
        let name = access.trusted(&archive)?.map(|head| head.name().to_owned());
        match all.iter_mut().find(|known| known.archive == archive) {
            Some(known) => {
                known.name = name;
                let more: Vec<_> =
                    places.into_iter().filter(|p| !known.places.contains(p)).collect();
                known.places.extend(more);
            }
            None => all.push(Known { archive, name, places, covered: false }),
        }
    }
    Ok(all)
}

/// What may be said of a way: its addresses, whether a fetch takes it by itself, what it shows.
fn of_way(way: Way, known: &[Known], by: Option<(&Chosen, &Rule)>) -> Value {
    let (chosen, rule) = by.unzip();
    let places = known.iter().flat_map(|known| known.places.iter().map(|p| (p, known.covered)));
    let places: Vec<(&Candidate<Place>, bool)> =
        places.filter(|(candidate, _)| candidate.way == Some(way)).collect();
    let judge = |rule: &Rule, (candidate, covered): &(&Candidate<Place>, bool)| {
        Rule { covered: *covered, ..rule.clone() }.judge(candidate).err()
    };
    let refused = rule.and_then(|rule| {
        let all = places.iter().map(|place| judge(rule, place)).collect::<Vec<_>>();
        // One address that is asked is enough.
        if all.contains(&None) { None } else { all.into_iter().flatten().next() }
    });
    // What the user names is allowed but for what cannot be: so much remains to be said.
    let named = rule.map(|rule| Rule { ways: Some(vec![way]), ..rule.clone() });
    let possible =
        named.as_ref().is_some_and(|rule| places.iter().any(|p| judge(rule, p).is_none()));
    let by_default = chosen.is_some() && !places.is_empty() && refused.is_none();
    let shows = shows::of(way, chosen.is_some_and(|chosen| chosen.proxy.is_some()));
    json!({
        "way": way.name(), "addresses": places.iter().map(|(p, _)| p.place.as_str()).collect::<Vec<_>>(),
        "asked_by_default": by_default, "possible": possible,
        "why_not": refused.map(why), "shows": shows.describe(), "command": command(way, by),
    })
}

/// Says which private addresses are of no network of this machine (WAY-4): they look as if they were near.
fn say_beyond<'a>(ui: &Ui, known: &'a [Known]) -> Vec<&'a str> {
    let all = known.iter().flat_map(|known| &known.places);
    let beyond = all.filter(|at| at.way != Some(Way::Lan) && Way::of(&at.place) == Some(Way::Lan));
    let beyond: Vec<_> = beyond.map(|at| at.place.as_str()).collect();
    for address in &beyond {
        ui.say(
            format!(
                "{address}: a private address, but of no network of this machine: your provider would see it, so it does not count as lan"
            ),
            format!(
                "{address}: نشانی خصوصی است، اما از هیچ شبکه‌ی این دستگاه نیست: ارائه‌دهنده‌ی اینترنت آن را می‌بیند، پس lan به شمار نمی‌آید"
            ),
        );
    }
    beyond
}

fn why(refusal: Refusal) -> Value {
    let (en, fa) = match refusal {
        Refusal::NotChosen(Way::Https | Way::Onion | Way::Lan) => (
            "asked only where --url or --via names it".to_owned(),
            "فقط وقتی پرسیده می‌شود که --url یا --via آن را نام ببرد".to_owned(),
        ),
        other => route::why_not(other),
    };
    json!({ "en": en, "fa": fa })
}

/// The command that takes this way. None where it endangers (WAY-4): what is dangerous is not put into hands ready.
fn command(way: Way, by: Option<(&Chosen, &Rule)>) -> Option<String> {
    if by.is_some_and(|(_, rule)| rule.endangers(way)) {
        return None;
    }
    let tor = by.is_none_or(|(chosen, _)| chosen.proxy.is_none()) && way == Way::Onion;
    let proxy = if tor { " --proxy socks5h://127.0.0.1:9050" } else { "" };
    Some(format!("yadgar fetch INVITE --via {way}{proxy}"))
}

fn say_ways(ui: &Ui, ways: &[Value]) {
    ui.say("\nWays, and what each shows:", "\nراه‌ها، و این که هر یک چه چیزی را نشان می‌دهد:");
    for way in ways {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (name, command) = (text(&way["way"]), text(&way["command"]));
        let count = way["addresses"].as_array().map_or(0, Vec::len);
        let state = match (count, way["asked_by_default"] == true, way["possible"] == true) {
            (0, ..) => ("no address is known".to_owned(), "نشانی‌ای شناخته نیست".to_owned()),
            (n, true, _) => {
                (format!("{n} known; used by itself"), format!("{n} نشانی؛ خودبه‌خود به کار می‌رود"))
            }
            (n, false, true) => (
                format!("{n} known; not used by itself: {}", text(&way["why_not"]["en"])),
                format!("{n} نشانی؛ خودبه‌خود به کار نمی‌رود: {}", text(&way["why_not"]["fa"])),
            ),
            (n, false, false) => (
                format!("{n} known; not possible as things are: {}", text(&way["why_not"]["en"])),
                format!("{n} نشانی؛ در این وضع ممکن نیست: {}", text(&way["why_not"]["fa"])),
            ),
        };
        ui.say(format!("{name}: {}", state.0), format!("{name}: {}", state.1));
        shows::say(ui, &way["shows"]);
        if !command.is_empty() {
            ui.say(format!("  {command}"), format!("  {command}"));
        }
    }
    let usb = shows::usb();
    ui.say(
        "usb: a carrier file on a stick, from hand to hand",
        "usb: فایل حامل روی فلش، دست به دست",
    );
    shows::say(ui, &usb["shows"]);
    ui.say("  yadgar import FILE", "  yadgar import FILE");
}

fn probed(
    ui: &Ui,
    args: &DoctorArgs,
    known: &[Known],
    chosen: Chosen,
    watched: bool,
) -> Result<Vec<Value>, CliError> {
    let mut roots = Roots::default();
    if let Some(file) = &args.ca {
        roots.add_file(file).map_err(|e| CliError::file(file, e))?;
    }
    if known.is_empty() {
        return Err(CliError::new(
            Exit::Usage,
            "there is nothing to probe: no invite, and no archive in this home",
        )
        .advice("name an invite: yadgar doctor INVITE --probe https"));
    }
    route::say_proxy(ui, &chosen);
    let through = chosen.through();
    let dialler = crate::dial::Dialler::new(chosen.proxy, roots);
    let probe = probe::Probe { ways: &args.probe, through, watched, dialler };
    super::runtime()?.block_on(probe.run(ui, known))
}
