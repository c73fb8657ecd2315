//! Which archive a command is about, and small things that several commands share.

use super::{CliError, Exit};
use crate::access::Access;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::trust::Accepted;

/// The archive named by `text` (an id, the start of one, a name, or an invite); without text the only
/// one of the home.
pub fn archive(access: &Access, text: Option<&str>) -> Result<ArchiveId, CliError> {
    let all = access.archives.list()?;
    let Some(text) = text else {
        return match all.as_slice() {
            [only] => Ok(*only),
            [] => Err(CliError::new(Exit::Usage, "there is no archive in this home yet").advice(
                "make one with 'yadgar archive create', or get one with 'yadgar fetch INVITE'",
            )),
            _ => Err(CliError::new(Exit::Usage, "there are several archives in this home")
                .advice("name one with --archive; 'yadgar status' lists them")),
        };
    };
    if text.trim_start().to_lowercase().starts_with("yadgar:") {
        return Ok(invite(text)?.archive);
    }
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let named = |id: &ArchiveId| {
        let head = access.trusted(id).ok().flatten().map(|h| h.name().to_owned());
        // Before the first release the name is in the trust roots made with the archive.
        let name = head.or_else(|| crate::publish::roots::name_of(&access.home, id));
        id.to_string().starts_with(text) || name.is_some_and(|n| n == text)
    };
    let hits: Vec<_> = all.iter().filter(|id| named(id)).collect();
    match hits.as_slice() {
        [only] => Ok(**only),
        [] => Err(CliError::new(Exit::Usage, format!("no archive '{text}' in this home"))
            .advice("'yadgar status' lists them")),
        _ => Err(CliError::new(Exit::Usage, format!("'{text}' means several archives"))
            .advice("give more of the id")),
    }
}

/// The release that can be read: the newest of which all wanted parts are here.
pub fn readable(access: &Access, archive: &ArchiveId) -> Result<Accepted, CliError> {
    if let Some(head) = access.complete(archive)? {
        return Ok(head);
    }
    let advice = "get it with 'yadgar fetch INVITE' or 'yadgar import FILE'";
    Err(CliError::new(Exit::Damaged, "no complete release of this archive is here").advice(advice))
}

/// An invite from the command line.
pub fn invite(text: &str) -> Result<Invite, CliError> {
    Invite::parse(text).map_err(|e| {
        CliError::new(Exit::Usage, format!("this is not a correct invite: {e}"))
            .advice("check it against where it came from: one wrong character is enough")
    })
}

/// Today's date in UTC, `YYYY-MM-DD`: rounded to the day so that working hours do not leak.
pub fn today() -> String {
    crate::clock::utc_day(std::time::SystemTime::now())
}
