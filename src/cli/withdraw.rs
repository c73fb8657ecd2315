//! `yadgar withdraw`: records or files that must no longer be kept and served.

mod find;

use super::key::KeyArgs;
use super::release::facts::Facts;
use super::release::{adopt, build, json, sign, text};
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::publish::draft::{Act, Checked, Draft, names};
use crate::publish::pending::{self, Pending};
use clap::Args;
use find::Found;
use std::path::{Path, PathBuf};
use yadgar_protocol::limits::MAX_NOTICE_WITHDRAWN;
use yadgar_protocol::notice::Notice;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::{Reason, Withdrawal, item};

#[derive(Debug, Args)]
#[command(after_help = "Reasons: duplicate, error, out-of-scope, found-alive, fabricated, \
    source-withdrawn, withheld. Take withheld for every case of safety and family: nothing may tell \
    that a family was in contact. What was withdrawn is gone from honest nodes only.")]
pub struct WithdrawArgs {
    /// Records (their ids) or paths
    #[arg(required = true, value_name = "RECORD|PATH")]
    what: Vec<String>,
    /// Why, one of the generic words below
    #[arg(long, value_name = "CODE", value_parser = reason)]
    reason: Reason,
    /// Make an urgent notice instead of waiting for the next release
    #[arg(long)]
    urgent: bool,
    /// Where the draft of the urgent notice goes, for the others to sign
    #[arg(long, value_name = "DRAFT", requires = "urgent")]
    out: Option<PathBuf>,
    #[command(flatten)]
    keys: KeyArgs,
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
    /// Date of the urgent notice, YYYY-MM-DD (default: today, UTC)
    #[arg(long, requires = "urgent")]
    date: Option<String>,
}

fn reason(text: &str) -> Result<Reason, String> {
    Reason::from_word(text).ok_or_else(|| {
        let words: Vec<_> = Reason::ALL.iter().map(|r| r.word()).collect();
        format!("a reason is one of {}", words.join(", "))
    })
}

pub fn run(ui: &Ui, home: &Path, args: &WithdrawArgs) -> Result<(), CliError> {
    let access = Access::open(home, "withdraw")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let trusted = access.trusted(&archive)?.ok_or_else(|| {
        CliError::new(Exit::Usage, "this home has no release of the archive")
            .advice("fetch or import the newest release first")
    })?;
    let found = find::find(&access, &trusted, &args.what)?;
    let list: Vec<Pending> = found
        .content
        .iter()
        .map(|(id, path)| Pending {
            item: item(&archive, id),
            path: path.to_string(),
            reason: args.reason,
        })
        .filter(|p| !trusted.release.withdrawn.iter().any(|w| w.item == p.item))
        .collect();
    say(ui, &found, &list);
    if list.is_empty() {
        return Err(CliError::new(Exit::Usage, "there is nothing to withdraw").advice(
            "it was withdrawn already, or other files still use the same content: see above",
        ));
    }
    let mut out = describe(&found, &list);
    if !args.urgent {
        pending::add(home, &archive, &list)
            .map_err(|e| CliError::failed("the withdrawals that wait in this home", e))?;
        ui.note(
            "Take the files out of the folder; the next release that is built in this home carries it. --urgent makes a notice at once.",
            "فایل‌ها را از پوشه بردارید؛ نسخه‌ی بعدی که در این خانه ساخته شود آن را می‌برد. با --urgent خبری فوری ساخته می‌شود.",
        );
        ui.json(&out);
        return Ok(());
    }
    let mut draft = notice(&trusted, &list, args.date.clone().unwrap_or_else(pick::today))?;
    // So that who signs elsewhere sees what it is (DRAFT-13).
    let items = list.iter().map(|p| p.item);
    draft.blocks = names(&*access.store, &archive, &trusted.release, items)
        .blocks(&*access.store)
        .map_err(|e| CliError::failed("the blocks of the draft", e))?;
    let checked = urgent(ui, &access, draft, args)?;
    out["draft"] = json::describe(&Facts::new(checked, Some(&*access.store)));
    ui.json(&out);
    Ok(())
}

fn notice(trusted: &Accepted, list: &[Pending], date: String) -> Result<Draft, CliError> {
    if list.len() > MAX_NOTICE_WITHDRAWN {
        let what = format!("an urgent notice has at most {MAX_NOTICE_WITHDRAWN} withdrawals");
        return Err(
            CliError::new(Exit::Usage, what).advice("make several, or use the next release")
        );
    }
    let sequence = trusted.release.sequence;
    let mut withdrawn: Vec<_> = list
        .iter()
        .map(|p| Withdrawal { item: p.item, date: date.clone(), reason: p.reason, sequence })
        .collect();
    withdrawn.sort_by_key(|w| w.item.0);
    let notice = Notice {
        date,
        kind: "notice".into(),
        format: yadgar_protocol::cbor::FORMAT,
        archive: trusted.release.archive,
        sequence,
        withdrawn,
        root_version: trusted.trust_root().version,
    };
    let (roots, prev) = (trusted.head.roots.clone(), Some(trusted.bytes.clone()));
    Ok(Draft::new(Act::Notice, notice.encode(), roots, prev, Vec::new()))
}

/// With keys: signs, and when that is enough and no draft was asked for, adopts.
fn urgent(
    ui: &Ui,
    access: &Access,
    draft: Draft,
    args: &WithdrawArgs,
) -> Result<Checked, CliError> {
    let wrong = |e: yadgar_protocol::Reject| {
        CliError::new(Exit::Usage, format!("this notice would not be right: {e}"))
            .advice("nothing was made; check the date")
    };
    let mut checked = Checked::of(draft).map_err(wrong)?;
    if args.keys.named() || args.out.is_none() {
        let mut draft = checked.draft.clone();
        sign::sign(ui, &access.home, &checked, &mut draft, &args.keys)?;
        checked = Checked::of(draft).map_err(wrong)?;
    }
    if let Some(out) = &args.out {
        build::finish(ui, out, checked.draft.clone())?;
    } else {
        adopt::check_signed(&checked)?;
        adopt::adopt_notice(ui, access, &checked)?;
    }
    text::say_chars(ui, &checked.chars());
    for quorum in checked.quorums() {
        text::say_quorum(ui, &quorum);
    }
    Ok(checked)
}

fn say(ui: &Ui, found: &Found, list: &[Pending]) {
    for p in list {
        let (path, reason) = (&p.path, p.reason.word());
        ui.say(format!("withdraw {path} ({reason})"), format!("پس گرفتن {path} ({reason})"));
    }
    for (path, user) in &found.in_use {
        ui.warn(
            format!("the content of {path} is not withdrawn: {user} has the same bytes. Withdraw that too if it is meant"),
            format!("محتوای {path} پس گرفته نمی‌شود: {user} همان بایت‌ها را دارد. اگر منظور آن هم هست، آن را هم پس بگیرید"),
        );
    }
    for path in &found.mentions {
        ui.warn(
            format!("{path} still speaks of it: change it, or withdraw it too"),
            format!("{path} هنوز از آن نام می‌برد: تغییرش دهید یا آن را هم پس بگیرید"),
        );
    }
    if found.not_read > 0 {
        let count = found.not_read;
        ui.warn(
            format!("{count} large or missing text file(s) were not looked through"),
            format!("{count} فایل متنی بزرگ یا ناموجود گشته نشد"),
        );
    }
}

fn describe(found: &Found, list: &[Pending]) -> serde_json::Value {
    let item = |p: &Pending| serde_json::json!({ "path": p.path, "item": p.item.to_hex(), "reason": p.reason.word() });
    serde_json::json!({
        "withdrawn": list.iter().map(item).collect::<Vec<_>>(),
        "in_use": found.in_use.iter().map(|(p, u)| [p.to_string(), u.to_string()]).collect::<Vec<_>>(),
        "mentions": found.mentions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "not_read": found.not_read,
    })
}
