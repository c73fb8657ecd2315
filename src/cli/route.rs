//! Which sources are asked, by which ways and through what (protocol/spec/ways.md): what `fetch` and `open` do with the
//! options of their user.

mod here;
mod own;
mod plain;
mod say;

use super::fetch::{ListedArgs, joined};
use super::near::Near;
use super::web::WebArgs;
use super::{CliError, Exit, Ui, whereabouts};
use crate::access::Access;
use crate::dial::{Dialler, Proxy};
use crate::net::{Multiaddr, Rates};
use crate::node::fetcher::FetchOnceError;
use crate::store::WebForm;
use crate::store::heads::ArchiveSettings;
use crate::web::{BaseUrl, HostSource};
use clap::Args;
pub use own::OwnNets;
pub use plain::{addresses, by_proxy, peers_that_may};
pub use say::{describe_left_out, instead, proxy as say_proxy, why_not};
use std::sync::Arc;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::place::Place;
use yadgar_protocol::way::{Candidate, Named, Plan, Refusal, Rule, Through, Way};

/// The user's proxy.
#[derive(Debug, Default, Clone, Args)]
pub struct ProxyArgs {
    /// Reach everything only through this proxy, socks5h://HOST:PORT (Tor, for example) or http://HOST:PORT; nothing
    /// goes past it, no name is looked up here but its own. The line to one on another machine is in clear: better on this
    /// one. 'none' ignores HTTPS_PROXY and ALL_PROXY
    #[arg(long, value_name = "PROXY", help_heading = "Ways")]
    proxy: Option<String>,
}

/// The ways that a user allows.
#[derive(Debug, Default, Clone, Args)]
pub struct WayArgs {
    /// Use only these ways, tried in this order: lan, onion, wss, https, ws, quic, tcp. Names several with commas; a
    /// later one is tried only when none of the earlier brought the archive
    #[arg(long, value_name = "WAYS", value_delimiter = ',', value_parser = way, help_heading = "Ways")]
    via: Vec<Way>,
    #[command(flatten)]
    pub proxy: ProxyArgs,
}

/// Reads the name of a way.
///
/// # Errors
/// With the names that there are.
pub fn way(text: &str) -> Result<Way, String> {
    let all = || Way::ALL.map(Way::name).join(", ");
    Way::named(text.trim()).ok_or_else(|| format!("the ways are {}", all()))
}

/// The proxy that is used, and where it is set.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub proxy: Option<Proxy>,
    /// Set by the environment, not by an option.
    pub by_environment: bool,
}

impl ProxyArgs {
    /// True when the option is given.
    pub fn is_given(&self) -> bool {
        self.proxy.is_some()
    }

    /// True when the user says that there is to be none.
    pub fn is_none(&self) -> bool {
        self.proxy.as_deref() == Some("none")
    }

    /// The proxy of the option, else that of the environment.
    ///
    /// # Errors
    /// When it cannot be used: it must not be taken for none.
    pub fn chosen(&self) -> Result<Chosen, CliError> {
        let proxy = match self.proxy.as_deref() {
            Some("none") => Ok(None),
            Some(text) => Proxy::parse(text).map(Some),
            None => Proxy::from_env(&|name| std::env::var(name).ok()),
        };
        let proxy = proxy.map_err(|e| {
            CliError::new(Exit::Usage, e.to_string()).advice(
                "for example socks5h://127.0.0.1:9050 (Tor) or http://127.0.0.1:8080; --proxy none to do without",
            )
        })?;
        Ok(Chosen { by_environment: self.proxy.is_none() && proxy.is_some(), proxy })
    }
}

impl Chosen {
    /// What everything goes through.
    pub fn through(&self) -> Through {
        let Some(proxy) = &self.proxy else { return Through::Nothing };
        let line = proxy.line();
        if proxy.is_socks() { Through::Socks(line) } else { Through::Connect(line) }
    }
}

impl WayArgs {
    /// True when one of the options is given.
    pub fn is_given(&self) -> bool {
        !self.via.is_empty() || self.proxy.is_given()
    }

    /// True when ways are named.
    pub fn names_ways(&self) -> bool {
        !self.via.is_empty()
    }

    fn ways(&self) -> Option<Vec<Way>> {
        (!self.via.is_empty()).then(|| self.via.clone())
    }
}

/// A source, as it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Peer(Multiaddr),
    Host(BaseUrl, WebForm),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Peer(address) => address.fmt(f),
            Self::Host(url, _) => url.fmt(f),
        }
    }
}

/// What is asked together.
#[derive(Clone, Default)]
pub struct Step {
    pub addresses: Vec<Multiaddr>,
    pub hosts: Vec<Arc<HostSource>>,
    pub lan: Option<Near>,
}

/// What is asked, one step after the other, and through what.
pub struct Route {
    pub dialler: Dialler,
    pub rates: Rates,
    pub steps: Vec<Step>,
    /// For scripts: what is not asked, and why.
    pub left_out: Vec<(String, Refusal)>,
}

/// What a user asks for.
pub struct Wish<'a> {
    pub invite: &'a Invite,
    /// Addresses that stand beside the invite.
    pub given: &'a [String],
    pub web: &'a WebArgs,
    pub lan: Option<Near>,
    /// Whether the archive's own list is asked, too.
    pub listed: &'a ListedArgs,
    pub rates: &'a Rates,
}

impl Route {
    /// Decides what is asked, and says what goes through a proxy and what is not asked.
    ///
    /// # Errors
    /// When nothing is left that may be asked, or the options contradict each other.
    pub fn new(ui: &Ui, access: &Access, wish: &Wish<'_>) -> Result<Self, CliError> {
        let chosen = wish.web.way.proxy.chosen()?;
        let mut rule = Rule {
            ways: wish.web.way.ways(),
            pinned: wish.web.is_wanted(),
            through: chosen.through(),
            watched: whereabouts::seems_in_iran(ui.lang),
            covered: false,
        };
        refuse_lan(&rule, &chosen, wish.lan)?;
        let before = access.archives.settings(&wish.invite.archive)?;
        let own = OwnNets::of(&rule);
        let all = candidates(wish, &before)?.into_iter().map(|candidate| here(&own, candidate));
        let plan = rule.plan(all);
        rule.covered = plan.covered;
        let dialler = Dialler::new(chosen.proxy.clone(), wish.web.roots()?);
        say::proxy(ui, &chosen);
        say::left_out(ui, &plan.left_out, rule.ways.is_some());
        let here = here::of(wish.web.urls()?);
        if plan.steps.is_empty() && wish.lan.is_none() && here.is_empty() {
            return Err(nothing(&plan.left_out));
        }
        let left_out: Vec<_> =
            plan.left_out.iter().map(|(source, why)| (source.to_string(), *why)).collect();
        let shared = wish.rates.shared().down;
        let mut steps = Vec::new();
        let with_lan = plan.steps.iter().position(|(way, _)| way.is_none_or(|w| w == Way::Lan));
        let mut sources = if wish.listed.wanted {
            listed_too(ui, access, wish.invite, (&rule, &own), plan)
        } else {
            plan.steps.into_iter().map(|(_, sources)| sources).collect()
        };
        here::join(&mut sources, here);
        for (at, sources) in sources.into_iter().enumerate() {
            let mut step =
                Step { lan: wish.lan.filter(|_| with_lan == Some(at)), ..Step::default() };
            for source in sources {
                match source {
                    Source::Peer(address) => step.addresses.push(address),
                    Source::Host(url, form) => {
                        let number = steps.iter().map(|s: &Step| s.hosts.len()).sum::<usize>();
                        let number = (number + step.hosts.len()) as u32;
                        step.hosts.push(Arc::new(wish.web.host(
                            number,
                            (url, form),
                            &dialler,
                            (&shared, wish.rates),
                        )));
                    }
                }
            }
            steps.push(step);
        }
        if with_lan.is_none() && wish.lan.is_some() {
            steps.insert(0, Step { lan: wish.lan, ..Step::default() });
        }
        Ok(Self { dialler, rates: *wish.rates, steps, left_out })
    }

    /// The error of a fetch, with what can be done about it where everything went through a proxy, or something was not
    /// asked.
    pub fn explain(&self, error: FetchOnceError) -> CliError {
        let nobody = matches!(error, FetchOnceError::Unreachable(_));
        let more = |why: &Refusal| matches!(why, Refusal::MoreRevealing(_));
        let covered = self.left_out.iter().any(|(_, why)| more(why));
        let advice = say::unreached(self.dialler.proxy().is_some(), covered);
        let error = CliError::from(error);
        match advice.filter(|_| nobody) {
            Some(advice) => error.advise(advice),
            None => error,
        }
    }

    /// All web hosts of all steps.
    pub fn hosts(&self) -> Vec<Arc<HostSource>> {
        self.steps.iter().flat_map(|step| step.hosts.clone()).collect()
    }
}

/// The neighbours are asked by datagrams, which go through no proxy, and by no other way than the LAN.
fn refuse_lan(rule: &Rule, chosen: &Chosen, lan: Option<Near>) -> Result<(), CliError> {
    if lan.is_none() {
        return Ok(());
    }
    if let Some(proxy) = &chosen.proxy {
        return Err(CliError::both(
            Exit::Usage,
            format!("neighbours are not found through the proxy {proxy}"),
            format!("از راه پراکسی {proxy} همسایه‌ای پیدا نمی‌شود"),
        )
        .advise((
            "leave out --lan, so that nothing goes past the proxy; or --proxy none, if the neighbours may notice",
            "--lan را بردارید تا چیزی از کنار پراکسی نرود؛ یا اگر همسایه‌ها می‌توانند بدانند --proxy none",
        )));
    }
    if rule.ways.as_ref().is_some_and(|ways| !ways.contains(&Way::Lan)) {
        return Err(CliError::both(
            Exit::Usage,
            "--via leaves out lan, which --lan asks for",
            "--via راه lan را که --lan می‌خواهد کنار می‌گذارد",
        )
        .advise((
            "add lan to the ways of --via, or leave out --lan",
            "lan را به راه‌های --via بیفزایید یا --lan را بردارید",
        )));
    }
    Ok(())
}

/// All places that are known and not yet judged: what the user named first.
fn candidates(
    wish: &Wish<'_>,
    before: &ArchiveSettings,
) -> Result<Vec<Candidate<Source>>, CliError> {
    let mut all = Vec::new();
    for (url, form) in here::without(wish.web.urls()?) {
        let (way, named) = (Some(url.way()), Named::ByUser);
        all.push(Candidate { place: Source::Host(url, form), way, web: true, named });
    }
    for text in wish.given {
        all.push(peer(text, Named::ByUser)?);
    }
    for text in &wish.invite.addresses {
        all.push(peer(text, Named::ByInvite)?);
    }
    // What was kept was read before.
    all.extend(before.addresses.iter().filter_map(|text| peer(text, Named::ByInvite).ok()));
    let known = before.urls.iter().map(String::as_str);
    let urls = wish.invite.urls.iter().map(|url| url.as_str()).chain(known);
    all.extend(urls.filter_map(|text| web(text, Named::ByInvite)));
    Ok(all)
}

fn peer(text: &str, named: Named) -> Result<Candidate<Source>, CliError> {
    let address = text.parse().map_err(|e| {
        CliError::new(Exit::Usage, format!("'{text}' is not a multiaddr: {e}"))
            .advice("for example /ip4/192.0.2.1/tcp/4774")
    })?;
    let way = Way::of(&Place::Peer(text.to_owned()));
    Ok(Candidate { place: Source::Peer(address), way, web: false, named })
}

/// The candidate with its way as it is from this machine.
fn here(own: &OwnNets, candidate: Candidate<Source>) -> Candidate<Source> {
    match &candidate.place {
        Source::Peer(address) => {
            let address = address.clone();
            own.judge(candidate, &address)
        }
        Source::Host(url, _) => {
            let url = url.clone();
            own.judge_host(candidate, &url)
        }
    }
}

/// An address of a static mirror from an invite or a list.
fn web(text: &str, named: Named) -> Option<Candidate<Source>> {
    let url = BaseUrl::parse(text, false).ok()?;
    Some(Candidate {
        way: Some(url.way()),
        place: Source::Host(url, WebForm::Static),
        web: true,
        named,
    })
}

/// The steps with what the archive itself lists, as far as that is no new kind of way (MIR-7).
fn listed_too(
    ui: &Ui,
    access: &Access,
    invite: &Invite,
    (rule, own): (&Rule, &OwnNets),
    plan: Plan<Source>,
) -> Vec<Vec<Source>> {
    let list = super::fetch::list(access, &invite.archive);
    let (mut steps, mut told) = (Vec::new(), Vec::new());
    for (way, mut sources) in plan.steps {
        let more: Vec<Candidate<Source>> = match way {
            None => {
                let peers = sources.iter().filter_map(|source| match source {
                    Source::Peer(address) => Some(address.clone()),
                    Source::Host(..) => None,
                });
                let joined = joined(peers.collect(), list.clone());
                joined.iter().filter_map(|at| peer(&at.to_string(), Named::ByList).ok()).collect()
            }
            Some(_) => {
                let of = |place: &Place| match place {
                    Place::Peer(text) => peer(text, Named::ByList).ok(),
                    Place::Web(url) => web(url.as_str(), Named::ByList),
                };
                list.iter().filter_map(of).collect()
            }
        };
        for candidate in more.into_iter().map(|candidate| here(own, candidate)) {
            let its = rule.judge(&candidate);
            let fits = its.is_ok_and(|its| way.is_none_or(|way| way == its));
            if fits && !sources.contains(&candidate.place) {
                told.push(candidate.place.to_string());
                sources.push(candidate.place);
            }
        }
        steps.push(sources);
    }
    super::fetch::say_listed(ui, &told);
    steps
}

/// Nothing may be asked.
fn nothing(left_out: &[(Source, Refusal)]) -> CliError {
    if left_out.is_empty() {
        return FetchOnceError::NoAddress.into();
    }
    let (mut english, mut persian) = (String::new(), String::new());
    for (source, why) in left_out {
        let (en, fa) = say::why_not(*why);
        english.push_str(&format!("\n  {source}: {en}"));
        persian.push_str(&format!("\n  {source}: {fa}"));
    }
    CliError::both(
        Exit::NoSource,
        format!("none of the known sources may be asked:{english}"),
        format!("از هیچ‌یک از منبع‌های شناخته نمی‌توان پرسید:{persian}"),
    )
    .advise(say::instead(left_out.iter().map(|(_, why)| *why)))
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
