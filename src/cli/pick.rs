//! Which archive a command is about, and small things that several commands share.

use super::{CliError, Exit, persian};
use crate::access::Access;
use std::io::Read;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::{Invite, SpokenError};
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::words::{WordsError, looks_like_words};

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
    if text.trim_start().to_lowercase().starts_with("yadgar:") || looks_like_words(text) {
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

/// An invite from the command line, as text or in words; `-` reads it from standard input.
pub fn invite(text: &str) -> Result<Invite, CliError> {
    if text == "-" { typed(&from_stdin()?) } else { typed(text) }
}

/// An invite as somebody typed it, as text or in words.
pub fn typed(text: &str) -> Result<Invite, CliError> {
    Invite::read(text).map_err(|e| {
        let advice = match &e {
            SpokenError::Form(reject) if reject.needs_newer_version() => {
                ("get a newer yadgar", "یادگار تازه‌تری بگیرید")
            }
            SpokenError::Words(WordsError::Many | WordsError::Count { .. }) => (
                "have the words read out once more, with their numbers; write ? for one that is not understood",
                "بخواهید واژه‌ها را یک بار دیگر با شماره بخوانند؛ به‌جای واژه‌ای که فهمیده نمی‌شود ? بنویسید",
            ),
            SpokenError::Words(_) => (
                "ask for that word again; nothing was guessed",
                "همان واژه را دوباره بپرسید؛ چیزی حدس زده نشد",
            ),
            _ => (
                "check it against where it came from: one wrong character is enough",
                "آن را با جایی که از آن آمده است بسنجید: یک حرف نادرست هم بس است",
            ),
        };
        let why = match &e {
            SpokenError::Words(error) => persian::words(error),
            other => other.to_string(),
        };
        CliError::both(
            Exit::Usage,
            format!("this is not a correct invite: {e}"),
            format!("این دعوت‌نامه درست نیست: {why}"),
        )
        .advise(advice)
    })
}

/// Longest text of an invite that is read, in bytes: both languages, numbered.
const MAX_TYPED_BYTES: u64 = 16 * 1024;

fn from_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().take(MAX_TYPED_BYTES).read_to_string(&mut text);
    read.map_err(|e| CliError::failed("the invite on standard input", e))?;
    Ok(text)
}

/// Today's date in UTC, `YYYY-MM-DD`: rounded to the day so that working hours do not leak.
pub fn today() -> String {
    crate::clock::utc_day(std::time::SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_words_are_named_in_both_languages() {
        let invite = Invite::of(ArchiveId(yadgar_protocol::Hash([7; 32])));
        let words: Vec<_> = invite.to_words().words.iter().map(|word| word.fa).collect();
        let mut swapped = words.clone();
        swapped.swap(3, 4);
        for text in [swapped.join(" "), words[1..].join(" "), words[..9].join(" ")] {
            let error = typed(&text).unwrap_err();
            let (what, advice) = (error.persian.what.unwrap(), error.persian.advice.unwrap());
            assert!(
                what.starts_with("این دعوت‌نامه درست نیست: ") && what.contains("واژه"),
                "{what}"
            );
            assert!(advice.contains("واژه"), "{advice}");
            assert!(error.what.is_ascii() || error.what.contains("check words"), "{}", error.what);
        }
        let error = typed("yadgar:nothing").unwrap_err();
        assert!(error.persian.what.is_some() && error.persian.advice.is_some());
    }
}
