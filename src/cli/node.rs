//! `yadgar node`: what waits for the operator of this home, and the operator's yes.

use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::store::acts::{ActKind, Approved, HeldAct};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::Path;
use yadgar_protocol::{ArchiveId, Hash};

/// Hex digits of an id that are shown, and enough to name it.
const SHORT: usize = 16;

#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// List releases and notices that would take away unusually much: nothing was done because of them
    Held(HeldArgs),
    /// Say yes to one of them: what it withdraws is erased here, for good
    Approve(ApproveArgs),
}

#[derive(Debug, Args)]
pub struct HeldArgs {
    /// Only this archive: id, start of the id, or name
    #[arg(long)]
    archive: Option<String>,
}

#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The id that 'yadgar node held' shows, or the start of it
    id: String,
    /// The archive: id, start of the id, or name
    #[arg(long)]
    archive: Option<String>,
}

pub fn run(ui: &Ui, home: &Path, command: &NodeCommand) -> Result<(), CliError> {
    match command {
        NodeCommand::Held(args) => held(ui, home, args.archive.as_deref()),
        NodeCommand::Approve(args) => approve(ui, home, args),
    }
}

/// Everything that waits in these archives.
fn waiting(access: &Access, name: Option<&str>) -> Result<Vec<(ArchiveId, HeldAct)>, CliError> {
    let archives = match name {
        Some(_) => vec![pick::archive(access, name)?],
        None => access.archives.list()?,
    };
    let mut all = Vec::new();
    for archive in archives {
        all.extend(access.archives.held(&archive)?.into_iter().map(|act| (archive, act)));
    }
    Ok(all)
}

fn held(ui: &Ui, home: &Path, name: Option<&str>) -> Result<(), CliError> {
    let access = Access::open(home, "node held")?;
    let all = waiting(&access, name)?;
    if all.is_empty() {
        ui.say("nothing waits for you", "چیزی منتظر شما نیست");
    }
    for (archive, act) in &all {
        say_act(ui, archive, act);
    }
    let list: Vec<_> = all
        .iter()
        .map(|(archive, act)| json!({ "archive": archive.to_string(), "act": act }))
        .collect();
    ui.json(&json!({ "held": list }));
    Ok(())
}

fn say_act(ui: &Ui, archive: &ArchiveId, act: &HeldAct) {
    let short = short(&act.id);
    let HeldAct { sequence, date, records, files, items, .. } = act;
    let (en, fa) = match act.kind {
        ActKind::Notice => ("urgent notice", "اعلان فوری"),
        ActKind::Release => ("release", "نسخه"),
    };
    ui.say(
        format!("{short}  {en} {sequence} of {date}, archive {archive}"),
        format!("{short}  {fa} {sequence} ({date})، بایگانی {archive}"),
    );
    ui.say(
        format!("  takes away {records} records and {files} other files of what is kept here"),
        format!("  {records} پرونده و {files} فایل دیگر را از آن‌چه این‌جا نگه داشته می‌شود برمی‌دارد"),
    );
    if act.rewritten > 0 {
        let rewritten = act.rewritten;
        ui.say(
            format!("  shows {rewritten} records with other content than now"),
            format!("  {rewritten} سند را با محتوایی جز محتوای کنونی نشان می‌دهد"),
        );
    }
    if *items > 0 {
        let reasons = act.reasons.join(", ");
        ui.say(
            format!("  withdraws {items} files (reasons: {reasons}); a yes erases them for good"),
            format!(
                "  {items} فایل را پس می‌گیرد (دلیل: {reasons})؛ با پذیرفتن، برای همیشه پاک می‌شود"
            ),
        );
    }
    if act.drops {
        ui.say(
            "  the release is here but not shown; a yes shows it, and erases nothing by itself",
            "  این نسخه این‌جاست ولی نشان داده نمی‌شود؛ با پذیرفتن نشان داده می‌شود و به خودی خود چیزی پاک نمی‌شود",
        );
    }
    ui.say(
        format!("  if the maintainers confirm it: yadgar node approve {short}"),
        format!("  اگر نگه‌دارندگان تأیید می‌کنند: yadgar node approve {short}"),
    );
}

fn approve(ui: &Ui, home: &Path, args: &ApproveArgs) -> Result<(), CliError> {
    let access = Access::open(home, "node approve")?;
    let all = waiting(&access, args.archive.as_deref())?;
    let hits: Vec<_> = all.iter().filter(|(_, act)| act.id.starts_with(&args.id)).collect();
    let unknown = |what: String| {
        Err(CliError::new(Exit::Usage, what).advice("'yadgar node held' lists what waits"))
    };
    let (archive, act) = match hits.as_slice() {
        [only] if !args.id.is_empty() => only,
        [] => return unknown(format!("nothing with the id '{}' waits", args.id)),
        _ => return unknown(format!("'{}' means several", args.id)),
    };
    let Some(id) = Hash::from_hex(&act.id) else {
        return unknown(format!("'{}' is not the id of an act", act.id));
    };
    if access.archives.approve(archive, &id)? == Approved::Unknown {
        return unknown(format!("'{}' does not wait any more", args.id));
    }
    let short = short(&act.id);
    ui.say(format!("done: {short}"), format!("انجام شد: {short}"));
    if act.items > 0 {
        ui.say(
            "What it withdraws is erased here. This node passes on the statement, never your yes.",
            "آن‌چه پس گرفته شد از این‌جا پاک شد. این گره بیانیه را می‌رساند، نه پاسخ شما را.",
        );
    }
    ui.json(&json!({ "approved": act.id, "archive": archive.to_string() }));
    Ok(())
}

/// A release or notice waits: what that means and what can be done.
pub fn say_held(ui: &Ui, act: &str) {
    let short = short(act);
    ui.warn(
        format!("this release takes away unusually much of what is here. The one before stays shown; nothing was erased. See 'yadgar node held'; to allow it: yadgar node approve {short}"),
        format!("این نسخه بیش از اندازه از آن‌چه این‌جاست کم می‌کند. نسخه‌ی پیشین نشان داده می‌شود و چیزی پاک نشده است. «yadgar node held» را ببینید؛ برای پذیرفتن: yadgar node approve {short}"),
    );
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}
