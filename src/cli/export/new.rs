//! What the receiver has already: `--since` and `--for`.

use super::ExportArgs;
use crate::access::Access;
use crate::carrier::{Held, held_by, held_since};
use crate::cli::{CliError, Exit, Ui, have};
use crate::history::{Link, chain};
use yadgar_protocol::have::Have;
use yadgar_protocol::trust::Accepted;

/// Shortest beginning of a hash that names a release.
const MIN_HASH: usize = 8;

/// The have file of `--for`, read before anything else: it says which archive is asked for.
pub fn asked(args: &ExportArgs) -> Result<Option<Have>, CliError> {
    args.have.as_deref().map(have::read).transpose()
}

/// What the receiver has, when that was told.
pub fn held(
    ui: &Ui,
    access: &Access,
    head: &Accepted,
    args: &ExportArgs,
    asked: Option<&Have>,
    parts: Option<&[String]>,
) -> Result<Option<Held>, CliError> {
    let held = if let Some(asked) = asked {
        let held = held_by(&*access.store, asked)?;
        for sequence in &held.unknown {
            let here = head.release.sequence;
            ui.warn(
                format!("the other side knows release {sequence}, which is not here (here: {here}); more may be written than it needs"),
                format!("آن سو نسخه‌ی {sequence} را می‌شناسد که این‌جا نیست (این‌جا: {here})؛ شاید بیش از نیاز نوشته شود"),
            );
        }
        held
    } else if let Some(text) = &args.since {
        let link = find(access, head, text)?;
        held_since(&*access.store, &link.release, parts)?
    } else {
        return Ok(None);
    };
    if held.gaps > 0 {
        ui.warn(
            "not all lists of the earlier release are here; more is written than is needed",
            "همه‌ی فهرست‌های نسخه‌ی پیشین این‌جا نیست؛ بیش از نیاز نوشته می‌شود",
        );
    }
    Ok(Some(held))
}

/// The earlier release that a number, or the hash of its payload or the beginning of that, names.
fn find(access: &Access, head: &Accepted, text: &str) -> Result<Link, CliError> {
    let damaged = |fault| CliError::failed("the chain of releases", fault);
    let chain = chain(&*access.store, head).map_err(damaged)?;
    let earlier = || chain.links.iter().skip(1);
    let found = match text.parse::<u64>() {
        Ok(number) if text.len() < MIN_HASH => {
            earlier().find(|link| link.release.sequence == number)
        }
        _ if text.len() < MIN_HASH => None,
        _ => earlier().find(|link| link.hash.to_hex().starts_with(&text.to_ascii_lowercase())),
    };
    found.cloned().ok_or_else(|| {
        let newest = head.release.sequence;
        let what = format!("'{text}' is no release before release {newest} that is known here");
        CliError::new(Exit::Usage, what).advice("'yadgar releases' lists them, with their hashes")
    })
}
