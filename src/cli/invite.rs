//! `yadgar invite`: how others find an archive and know that it is the right one.

use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use clap::Args;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::path::Path;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::words::six_words;

#[derive(Debug, Args)]
pub struct InviteArgs {
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Put this address into the invite; may be given several times (default: where the running
    /// node listens, else the addresses known from before)
    #[arg(long = "address", value_name = "MULTIADDR")]
    addresses: Vec<String>,
    /// No QR code
    #[arg(long)]
    no_qr: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &InviteArgs) -> Result<(), CliError> {
    let access = Access::open(home, "invite")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let addresses = addresses(&access, &archive, args)?;
    for address in &addresses {
        if let Err(e) = address.parse::<crate::net::Multiaddr>() {
            let what = format!("'{address}' is not a multiaddr: {e}");
            return Err(
                CliError::new(Exit::Usage, what).advice("for example /ip4/192.0.2.1/tcp/4774")
            );
        }
    }
    let invite = Invite { archive, addresses };
    let text = invite.to_string();
    // What we print must be readable by what we are.
    Invite::parse(&text).map_err(|e| {
        CliError::new(Exit::Usage, format!("this invite would not be valid: {e}"))
            .advice("give fewer or shorter addresses")
    })?;
    ui.say(&text, &text);
    if !args.no_qr {
        show_qr(ui, &text);
    }
    say_words(ui, &archive);
    let words = six_words(&archive);
    ui.json(&serde_json::json!({
        "invite": text, "archive": archive.to_string(), "addresses": invite.addresses,
        "words": { "fa": words.iter().map(|w| w.fa).collect::<Vec<_>>(),
                   "en": words.iter().map(|w| w.en).collect::<Vec<_>>() },
    }));
    Ok(())
}

fn addresses(
    access: &Access,
    archive: &ArchiveId,
    args: &InviteArgs,
) -> Result<Vec<String>, CliError> {
    if !args.addresses.is_empty() {
        return Ok(args.addresses.clone());
    }
    let listening = access.archives.node_status()?.map(|status| {
        let list = status["listening"].as_array().cloned().unwrap_or_default();
        list.iter().filter_map(|a| a.as_str().map(str::to_owned)).collect::<Vec<_>>()
    });
    let mut found = match listening {
        Some(list) if !list.is_empty() => list,
        _ => access.archives.settings(archive)?.addresses,
    };
    found.truncate(yadgar_protocol::limits::MAX_INVITE_ADDRESSES);
    Ok(found)
}

fn show_qr(ui: &Ui, text: &str) {
    // A text too long for a QR code still stands above as text.
    if let Ok(code) = QrCode::new(text) {
        let picture = code.render::<Dense1x2>().quiet_zone(true).build();
        ui.say(&picture, &picture);
    }
}

/// The six words, in both languages: each pair is one thing, so the two can be compared by voice.
pub fn say_words(ui: &Ui, archive: &ArchiveId) {
    let words = six_words(archive);
    let en: Vec<_> = words.iter().map(|w| w.en).collect();
    let fa: Vec<_> = words.iter().map(|w| w.fa).collect();
    ui.say(
        format!("words   {}\n        {}", en.join(" "), fa.join(" ")),
        format!("واژه‌ها  {}\n        {}", fa.join(" "), en.join(" ")),
    );
}
