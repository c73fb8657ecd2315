//! What may be asked where no options say it: peers only, as the environment says.

use super::{Chosen, OwnNets, ProxyArgs, Source, here, nothing, peer, say};
use crate::cli::ui::Lang;
use crate::cli::{CliError, Exit, Ui, whereabouts};
use crate::dial::{Dialler, Proxy};
use crate::net::Multiaddr;
use crate::store::heads::ArchiveSettings;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::way::{Named, Rule};

/// Those addresses of peers that a rule lets be asked, of which the user named some beside the invite; what is left out is said.
///
/// # Errors
/// When one is none, or none of those that there are may be asked.
pub fn peers_that_may(
    ui: &Ui,
    given: &[String],
    by_user: &[String],
    rule: &Rule,
) -> Result<Vec<String>, CliError> {
    let own = OwnNets::of(rule);
    let named = |text: &String| match by_user.contains(text) {
        true => Named::ByUser,
        false => Named::ByInvite,
    };
    let all = given.iter().map(|text| Ok(here(&own, peer(text, named(text))?)));
    let plan = rule.plan(all.collect::<Result<Vec<_>, CliError>>()?);
    say::left_out(ui, &plan.left_out, true);
    let may: Vec<_> = plan.steps.iter().flat_map(|(_, step)| step).map(Source::to_string).collect();
    if may.is_empty() && !given.is_empty() { Err(nothing(&plan.left_out)) } else { Ok(may) }
}

/// The dialler and what is allowed where there are no options: through this proxy, or through that of the environment, if
/// there is one, where the text is empty.
///
/// # Errors
/// When the proxy cannot be used: it must not be taken for none.
pub fn by_proxy(proxy: &str, lang: Lang) -> Result<(Dialler, Rule), CliError> {
    let chosen = match proxy {
        "" => ProxyArgs::default().chosen()?,
        text => {
            let proxy =
                Proxy::parse(text).map_err(|e| CliError::new(Exit::Usage, e.to_string()))?;
            Chosen { proxy: Some(proxy), by_environment: false }
        }
    };
    let (through, watched) = (chosen.through(), whereabouts::seems_in_iran(lang));
    let rule = Rule { ways: None, pinned: false, through, watched, covered: false };
    Ok((Dialler::new(chosen.proxy, Default::default()), rule))
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
