//! What the first screen may ask over a network, and through what: as far as the person said, and the rule of ways lets it
//! (protocol/spec/ways.md).

use crate::access::Access;
use crate::cli::route;
use crate::cli::ui::Lang;
use crate::dial::Dialler;
use crate::net::Multiaddr;
use crate::net::addr::ip_of;
use crate::net::lan::is_lan_addr;
use crate::panel::Reach;
use crate::panel::words::Note;
use crate::store::WebForm;
use crate::store::heads::ArchiveSettings;
use crate::web::{BaseUrl, ClientConfig, HostSource};
use std::sync::Arc;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::place::Place;
use yadgar_protocol::way::{Candidate, Line, Named, Refusal, Rule, Through, Way};

/// The sources that are asked, step by step, and by what they are reached.
#[derive(Default)]
pub struct Asked {
    pub dialler: Dialler,
    pub steps: Vec<Step>,
}

/// Sources that are asked together.
#[derive(Default)]
pub struct Step {
    pub addresses: Vec<Multiaddr>,
    pub hosts: Vec<Arc<HostSource>>,
}

/// A source of an invite.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Peer(Multiaddr),
    Host(BaseUrl),
}

/// What looks like the web to a provider, or is not seen by it, in the order in which it is asked.
const WEB: [Way; 4] = [Way::Lan, Way::Onion, Way::Wss, Way::Https];

impl Asked {
    /// What an invite leads to, as far as it may; `proxy` is as it was typed, empty for that of the environment.
    ///
    /// # Errors
    /// When nothing is left to be asked, and why.
    pub fn of(
        access: &Access,
        invite: &Invite,
        (reach, proxy): (Reach, &str),
        lang: Lang,
    ) -> Result<Self, Note> {
        let (dialler, rule) = route::by_proxy(proxy, lang).map_err(|_| Note::Proxy)?;
        // The page promises one on this device: the line to another is read by whoever is on it.
        if !proxy.is_empty()
            && matches!(rule.through, Through::Socks(Line::Far) | Through::Connect(Line::Far))
        {
            return Err(Note::Proxy);
        }
        let own = match reach {
            Reach::Internet => route::OwnNets::of(&rule),
            Reach::Near | Reach::Web => route::OwnNets::asked(),
        };
        let before = known(access, invite)?;
        let peers = route::addresses(invite, &before).map_err(|_| Note::NotUnderstood)?;
        let mut all: Vec<Source> = peers.into_iter().map(Source::Peer).collect();
        let hosts = hosts(invite, &before);
        if reach != Reach::Near {
            all.extend(hosts.iter().cloned().map(Source::Host));
        }
        let steps = allowed(all, reach, &rule, &own).map_err(|note| match note {
            Note::NoAddress | Note::Internet if !hosts.is_empty() => Note::Websites,
            note => note,
        })?;
        let mut asked = Self { dialler, steps: Vec::new() };
        for sources in steps {
            let step = asked.step(sources);
            asked.steps.push(step);
        }
        Ok(asked)
    }

    fn step(&self, sources: Vec<Source>) -> Step {
        let mut step = Step::default();
        let before: usize = self.steps.iter().map(|step| step.hosts.len()).sum();
        for source in sources {
            match source {
                Source::Peer(address) => step.addresses.push(address),
                Source::Host(url) => {
                    let number = u32::try_from(before + step.hosts.len()).unwrap_or(u32::MAX);
                    let config = ClientConfig::new(self.dialler.clone());
                    let host = HostSource::new(number, url, WebForm::Static, config);
                    step.hosts.push(Arc::new(host));
                }
            }
        }
        step
    }
}

/// The peers that may have an invite's archive: its own addresses, and those known from before.
///
/// # Errors
/// When they cannot be read.
pub fn peers(access: &Access, invite: &Invite) -> Result<Vec<Multiaddr>, Note> {
    route::addresses(invite, &known(access, invite)?).map_err(|_| Note::NotUnderstood)
}

fn known(access: &Access, invite: &Invite) -> Result<ArchiveSettings, Note> {
    access.archives.settings(&invite.archive).map_err(|_| Note::Failed)
}

/// The static mirrors that may have it, of the invite and known from before.
fn hosts(invite: &Invite, before: &ArchiveSettings) -> Vec<BaseUrl> {
    let named = invite.urls.iter().map(|url| url.as_str());
    let mut all: Vec<BaseUrl> = Vec::new();
    for text in named.chain(before.urls.iter().map(String::as_str)) {
        if let Ok(url) = BaseUrl::parse(text, false)
            && !all.contains(&url)
        {
            all.push(url);
        }
    }
    all
}

/// The sources that may be asked, step by step: without a word for more only those of a LAN of this machine, or of itself.
/// What a provider sees cannot be taken back, so it is never the answer to a single press. Nor are those that `rule` refuses.
fn allowed(
    mut all: Vec<Source>,
    reach: Reach,
    rule: &Rule,
    own: &route::OwnNets,
) -> Result<Vec<Vec<Source>>, Note> {
    if all.is_empty() {
        return Err(if reach == Reach::Web { Note::NoWebsite } else { Note::NoAddress });
    }
    if reach == Reach::Near {
        all.retain(|source| matches!(source, Source::Peer(at) if is_near(at, own)));
    }
    if all.is_empty() {
        return Err(Note::Internet);
    }
    let ways = (reach == Reach::Web).then(|| WEB.to_vec());
    // Who picks the internet means all that is there.
    let named = if reach == Reach::Internet { Named::ByUser } else { Named::ByInvite };
    let rule = Rule { ways, ..rule.clone() };
    let plan = rule.plan(all.into_iter().map(|source| match source {
        Source::Peer(at) => {
            let way = Way::of(&Place::Peer(at.to_string()));
            let place = Source::Peer(at.clone());
            own.judge(Candidate { way, web: false, named, place }, &at)
        }
        Source::Host(url) => {
            let place = Source::Host(url.clone());
            own.judge_host(Candidate { way: Some(url.way()), web: true, named, place }, &url)
        }
    }));
    if !plan.steps.is_empty() {
        return Ok(plan.steps.into_iter().map(|(_, places)| places).collect());
    }
    let why = |is: fn(&Refusal) -> bool| plan.left_out.iter().any(|(_, why)| is(why));
    Err(if why(|why| matches!(why, Refusal::Recognised(_))) {
        Note::Recognised
    } else if why(|why| *why == Refusal::NeedsTor) {
        Note::NeedsTor
    } else if why(|why| matches!(why, Refusal::NotThroughProxy(_))) {
        Note::Proxy
    } else if reach == Reach::Web {
        Note::NoWebsite
    } else {
        Note::NoAddress
    })
}

/// True for this machine, and for private addresses of a network that it is part of.
pub fn is_near(at: &Multiaddr, own: &route::OwnNets) -> bool {
    let ip = ip_of(at);
    let here = is_lan_addr(at) || ip.is_some_and(|ip| ip.is_loopback());
    here && ip.is_none_or(|ip| !own.is_beyond(ip))
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
