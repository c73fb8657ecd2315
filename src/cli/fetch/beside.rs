//! `fetch` on a home that a running node holds.

use super::{FetchArgs, say_here};
use crate::access::Access;
use crate::cli::{CliError, Exit, Ui, mirror};
use crate::node::fetcher::GIVE_UP;
use serde_json::json;
use std::time::Duration;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::trust::Accepted;

/// How often a running node is asked how far it is.
const POLL: Duration = Duration::from_millis(200);

/// A node runs on this home: tell it the invite and wait until it has the newest release.
pub(super) fn through_node(
    ui: &Ui,
    access: &Access,
    invite: &Invite,
    args: &FetchArgs,
) -> Result<(), CliError> {
    ui.note(
        "A node runs on this home: it fetches. Ctrl-C ends the waiting, not the node.",
        "گرهی روی این خانه در کار است و دریافت می‌کند. Ctrl-C تنها به انتظار پایان می‌دهد.",
    );
    if args.lan.is_some() {
        ui.note(
            "It looks for neighbours itself, unless it was started with --no-lan.",
            "خود گره همسایه‌ها را می‌جوید، مگر با --no-lan آغاز شده باشد.",
        );
    }
    if args.parts.is_empty() {
        // Everything is wanted now, also where fewer parts were before.
        let mut settings = access.archives.settings(&invite.archive)?;
        settings.parts = None;
        access.archives.set_settings(&invite.archive, &settings)?;
    }
    mirror::remember(access, invite, &args.parts)?;
    let bar = ui.bytes_bar(0, "fetching", "دریافت");
    let mut waited = Duration::ZERO;
    loop {
        // Asked first: the node answers after it has taken the new settings, so that a fetch of parts
        // that were not wanted before shows as one under way.
        let status = access.archives.node_status()?.unwrap_or_default();
        let id = invite.archive.to_string();
        let follows = status["archives"].as_array().cloned().unwrap_or_default();
        let ours = follows.iter().find(|a| a["archive"] == id);
        let fetching = ours.map(|a| (a["fetching"][0].as_u64(), a["fetching"][1].as_u64()));
        let busy = matches!(fetching, Some((Some(_), _)));
        let trusted = access.trusted(&invite.archive)?;
        let complete = access.complete(&invite.archive)?;
        let same =
            |t: &Accepted| complete.as_ref().is_some_and(|c| c.release_hash() == t.release_hash());
        if !busy && is_held(ui, access, trusted.as_ref())? {
            return Ok(());
        }
        if let Some(head) = trusted.filter(|t| same(t) && !busy) {
            bar.finish_and_clear();
            return done_through_node(ui, access, &head, ours);
        }
        match fetching {
            Some((Some(done), Some(total))) => {
                bar.set_length(total);
                bar.set_position(done);
                waited = Duration::ZERO;
            }
            _ => waited += POLL,
        }
        if waited > GIVE_UP {
            return Err(CliError::new(Exit::NoSource, "the node finds no source of this archive")
                .advice("'yadgar status' shows its peers; check the addresses of the invite"));
        }
        std::thread::sleep(POLL);
    }
}

/// True when the newest release is here and waits for the operator (HOLD-3); says so then.
fn is_held(ui: &Ui, access: &Access, trusted: Option<&Accepted>) -> Result<bool, CliError> {
    let Some(head) = trusted else { return Ok(false) };
    let (archive, id) = (head.release.archive, head.release_hash().to_hex());
    let waiting = access.archives.held(&archive)?;
    if !waiting.iter().any(|act| act.drops && act.id == id) {
        return Ok(false);
    }
    crate::cli::node::say_held(ui, &id);
    ui.json(&json!({ "archive": archive.to_string(), "through_node": true, "held": id }));
    Ok(true)
}

fn done_through_node(
    ui: &Ui,
    access: &Access,
    head: &Accepted,
    follow: Option<&serde_json::Value>,
) -> Result<(), CliError> {
    let archive = head.release.archive;
    let kept = access.archives.settings(&archive)?.parts;
    say_here(ui, head, kept.as_deref());
    let holders = follow.and_then(|f| f["holders"].as_u64()).unwrap_or(0);
    if holders == 0 {
        ui.warn(
            "no other node with this archive is connected: there may be a newer release",
            "هیچ گره دیگری با این بایگانی وصل نیست: شاید نسخه‌ی تازه‌تری باشد",
        );
    }
    ui.json(&json!({
        "archive": archive.to_string(), "sequence": head.release.sequence, "through_node": true,
        "holders": holders,
    }));
    Ok(())
}
