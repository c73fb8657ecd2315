//! What may be asked where no options say it: peers only, as the environment says.

use super::{OwnNets, ProxyArgs, Source, here, nothing, peer, say};
use crate::cli::ui::Lang;
use crate::cli::{CliError, Ui, whereabouts};
use crate::dial::Dialler;
use crate::net::Multiaddr;
use crate::store::heads::ArchiveSettings;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::way::{Named, Rule, Through};

/// Those addresses of peers that a rule lets be asked; what is left out is said.
///
/// # Errors
/// When one is none, or none of those that there are may be asked.
pub fn peers_that_may(ui: &Ui, given: &[String], rule: &Rule) -> Result<Vec<String>, CliError> {
    let own = OwnNets::of(rule);
    let all = given.iter().map(|text| Ok(here(&own, peer(text, Named::ByUser)?)));
    let plan = rule.plan(all.collect::<Result<Vec<_>, CliError>>()?);
    say::left_out(ui, &plan.left_out, true);
    let may: Vec<_> = plan.steps.iter().flat_map(|(_, step)| step).map(Source::to_string).collect();
    if may.is_empty() && !given.is_empty() { Err(nothing(&plan.left_out)) } else { Ok(may) }
}

/// The dialler where there are no options: what the environment says.
///
/// # Errors
/// When the proxy that is set cannot be used.
pub fn by_environment() -> Result<(Dialler, Through), CliError> {
    let chosen = ProxyArgs::default().chosen()?;
    let through = chosen.through();
    Ok((Dialler::new(chosen.proxy, Default::default()), through))
}

/// What is allowed where there are no options.
///
/// # Errors
/// As [`by_environment`].
pub fn rule_of_environment(lang: Lang) -> Result<Rule, CliError> {
    let (_, through) = by_environment()?;
    let watched = whereabouts::seems_in_iran(lang);
    Ok(Rule { ways: None, pinned: false, through, watched, covered: false })
}

/// The addresses of peers that an invite names or that are known from before.
///
/// # Errors
/// When one of the invite is none.
pub fn addresses(invite: &Invite, before: &ArchiveSettings) -> Result<Vec<Multiaddr>, CliError> {
    let mut all: Vec<Multiaddr> = Vec::new();
    let named = invite.addresses.iter().map(|text| peer(text, Named::ByInvite));
    let known = before.addresses.iter().filter_map(|text| peer(text, Named::ByInvite).ok());
    for candidate in named.chain(known.map(Ok)) {
        if let Source::Peer(address) = candidate?.place
            && !all.contains(&address)
        {
            all.push(address);
        }
    }
    Ok(all)
}
