//! `yadgar invite`: how others find an archive and know that it is the right one.

mod code;
pub(super) mod reveals;
mod words;

pub use words::say_words;

use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::net::Multiaddr;
use crate::store::mirrors::listed;
use clap::Args;
use std::path::Path;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::{Invite, Spoken};
use yadgar_protocol::limits::MAX_INVITE_ADDRESSES;
use yadgar_protocol::place::{Place, WebUrl};
use yadgar_protocol::way::Way;
use yadgar_protocol::words::{Word, six_words};

#[derive(Debug, Args)]
pub struct InviteArgs {
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Put this address into the invite; may be given several times (default: what the running
    /// mirror announces and where it listens, else the addresses known from before)
    #[arg(long = "address", value_name = "MULTIADDR")]
    addresses: Vec<String>,
    /// Put the address of this static mirror into the invite, https://HOST/PATH/; may be given several times
    #[arg(long = "url", value_name = "URL")]
    urls: Vec<String>,
    /// Add the addresses that the archive itself lists (mirrors.txt of the newest release that is here)
    #[arg(long)]
    mirrors: bool,
    /// Print the invite in words too, to be read aloud and written down by hand: the archive, and the addresses given
    /// with --address, --url and --mirrors
    #[arg(long)]
    words: bool,
    /// No QR code
    #[arg(long)]
    no_qr: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &InviteArgs) -> Result<(), CliError> {
    let access = Access::open(home, "invite")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let given = given(&access, &archive, args)?;
    let named = !given.is_empty() || args.mirrors;
    let all = if named { given.clone() } else { known(&access, &archive)? };
    let (invite, left_out) = fitting(archive, all);
    let text = invite.to_string();
    // What we print must be readable by what we are.
    Invite::parse(&text).map_err(|e| {
        CliError::new(Exit::Usage, format!("this invite would not be valid: {e}"))
            .advice("give fewer or shorter addresses")
    })?;
    ui.say(&text, &text);
    say_left_out(ui, &left_out, "the invite", "دعوت‌نامه");
    let code = (!args.no_qr && !args.words).then(|| code::of(&invite)).flatten();
    if let Some(code) = &code {
        let picture = code.terminal();
        ui.say(&picture, &picture);
        say_left_out(ui, &code.left_out, "the QR code", "کد QR");
    }
    let spoken = args.words.then(|| spoken(ui, archive, given));
    say_words(ui, &archive);
    let words = six_words(&archive);
    ui.json(&serde_json::json!({
        "invite": text, "archive": archive.to_string(), "addresses": invite.addresses,
        "urls": invite.urls.iter().map(WebUrl::as_str).collect::<Vec<_>>(),
        "places": invite.places().map(|place| reveals::describe(&place)).collect::<Vec<_>>(),
        "left_out": texts(&left_out),
        "qr": code.map(|code| code.describe()),
        "spoken": spoken.map(|s| serde_json::json!({
            "fa": join(&s.words, |w| w.fa), "en": join(&s.words, |w| w.en), "left_out": texts(&s.left_out),
        })),
        "words": { "fa": words.iter().map(|w| w.fa).collect::<Vec<_>>(),
                   "en": words.iter().map(|w| w.en).collect::<Vec<_>>() },
    }));
    Ok(())
}

fn spoken(ui: &Ui, archive: ArchiveId, places: Vec<Place>) -> Spoken {
    let spoken = fitting(archive, places).0.to_words();
    words::say_spoken(ui, &spoken.words);
    say_left_out(ui, &spoken.left_out, "the words", "واژه‌ها");
    spoken
}

fn texts(places: &[Place]) -> Vec<&str> {
    places.iter().map(Place::as_str).collect()
}

fn join(words: &[Word], pick: fn(&Word) -> &str) -> String {
    words.iter().map(pick).collect::<Vec<_>>().join(" ")
}

/// As many of these addresses as an invite can have, in their order, and the others.
fn fitting(archive: ArchiveId, places: Vec<Place>) -> (Invite, Vec<Place>) {
    let (mut invite, mut left_out, mut taken) = (Invite::of(archive), Vec::new(), Vec::new());
    for place in places {
        if taken.contains(&place) {
            continue;
        }
        let more = taken.iter().chain([&place]).cloned();
        match Invite::with(archive, more).ok().filter(|_| taken.len() < MAX_INVITE_ADDRESSES) {
            Some(longer) => {
                invite = longer;
                taken.push(place);
            }
            None => left_out.push(place),
        }
    }
    (invite, left_out)
}

fn say_left_out(ui: &Ui, left_out: &[Place], en: &str, fa: &str) {
    if left_out.is_empty() {
        return;
    }
    let list: String = left_out.iter().map(|place| format!("\n  {place}")).collect();
    ui.warn(
        format!("these addresses are not in {en}, which has no room or no form for them:{list}"),
        format!("این نشانی‌ها در {fa} نیستند، چون جا یا شکلی برایشان نیست:{list}"),
    );
}

/// The addresses that the user names, with those of the archive's own list where that is asked for.
fn given(access: &Access, archive: &ArchiveId, args: &InviteArgs) -> Result<Vec<Place>, CliError> {
    let mut out = Vec::new();
    for text in &args.addresses {
        if let Err(e) = text.parse::<Multiaddr>() {
            let what = format!("'{text}' is not a multiaddr: {e}");
            return Err(
                CliError::new(Exit::Usage, what).advice("for example /ip4/192.0.2.1/tcp/4774")
            );
        }
        out.push(Place::Peer(text.clone()));
    }
    for text in &args.urls {
        let url = WebUrl::parse(text).map_err(|e| {
            CliError::new(Exit::Usage, format!("'{text}' cannot be in an invite: {e}"))
                .advice("for example https://mirror.example.org/archive/")
        })?;
        out.push(Place::Web(url));
    }
    if args.mirrors {
        let head = pick::readable(access, archive)?;
        let list = listed(&*access.store, &head.release).map_err(|e| {
            CliError::new(Exit::Damaged, format!("the list of mirrors: {e}"))
                .advice("run 'yadgar verify'")
        })?;
        if list.is_empty() {
            return Err(CliError::new(Exit::Usage, "the newest release here lists no mirrors")
                .advice("leave out --mirrors, or name addresses with --address and --url"));
        }
        out.extend(list);
    }
    Ok(out)
}

/// Where a running node is reached: what it announces; without such where others outside reached it, through relays, and
/// where it listens.
fn told(status: &serde_json::Value) -> Vec<String> {
    let texts = |list: &serde_json::Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|a| a.as_str().map(Into::into)).collect()
    };
    let (announced, mut listening) = (texts(&status["announced"]), texts(&status["listening"]));
    if !announced.is_empty() {
        // Behind an onion service or a web server, where it listens is of no use to others, and where it is else is
        // not told.
        listening
            .retain(|text| Place::parse(text).is_ok_and(|place| Way::of(&place) != Some(Way::Lan)));
        return [announced, listening].concat();
    }
    let id = listening.first().and_then(|own| own.rsplit_once("/p2p/")).map(|(_, id)| id);
    let external = texts(&status["reach"]["external"]).into_iter();
    let external = external.filter_map(|addr| Some(format!("{addr}/p2p/{}", id?)));
    external.chain(texts(&status["reach"]["circuits"])).chain(listening.clone()).collect()
}

/// How the running node is reached, or what is known from before.
fn known(access: &Access, archive: &ArchiveId) -> Result<Vec<Place>, CliError> {
    let found = access.archives.node_status()?.map(|status| told(&status)).unwrap_or_default();
    let before = access.archives.settings(archive)?;
    let found = if found.is_empty() { before.addresses } else { found };
    // What was kept was read before.
    let all = found.iter().chain(&before.urls).filter_map(|text| Place::parse(text).ok());
    Ok(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::Hash;

    #[test]
    fn what_does_not_fit_is_told() {
        let archive = ArchiveId(Hash([7; 32]));
        let place = |n: usize| Place::Peer(format!("/ip4/203.0.113.{n}/tcp/4774"));
        let (invite, left_out) = fitting(archive, (1..11).chain([1]).map(place).collect());
        assert_eq!(invite.addresses.len(), 8);
        assert_eq!(left_out, [place(9), place(10)]);
        let long = Place::Peer(format!("/dns4/{}", "x".repeat(2000)));
        let (invite, left_out) = fitting(archive, vec![long.clone(), place(1)]);
        assert_eq!((invite.addresses.len(), left_out), (1, vec![long]));
    }
}
