//! `yadgar releases`: the chain of releases, as far as it is known here.

use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::history::{Chain, Holdings, Link, chain};
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::Accepted;

#[derive(Debug, Args)]
pub struct ReleasesArgs {
    /// The archive: id, start of the id, or name (default: the only one of the home)
    #[arg(long)]
    archive: Option<String>,
}

pub fn run(ui: &Ui, home: &Path, args: &ReleasesArgs) -> Result<(), CliError> {
    let access = Access::open(home, "releases")?;
    let archive = pick::archive(&access, args.archive.as_deref())?;
    let (head, chain) = known(&access, &archive)?;
    super::dispute::say(ui, &access, &archive)?;
    let complete = access.complete(&archive)?.map(|h| h.release.sequence);
    let denied = access.archives.denied(&archive)?;
    let mut holdings = Holdings::new(&*access.store, &denied);
    let name = head.name();
    ui.say(format!("archive {archive}\nname    {name}"), format!("بایگانی {archive}\nنام {name}"));
    let mut list = Vec::new();
    for link in &chain.links {
        let held = held(&mut holdings, link)?;
        say_link(ui, link, &held, complete);
        list.push(describe(link, &held, complete, head.release.sequence));
    }
    say_end(ui, &chain);
    let missing = chain.missing.map(|id| id.hash.to_hex());
    ui.json(&json!({
        "archive": archive.to_string(), "name": name, "releases": list,
        "whole_chain": missing.is_none(), "missing": missing,
    }));
    Ok(())
}

/// The trusted head and the releases before it.
pub fn known(access: &Access, archive: &ArchiveId) -> Result<(Accepted, Chain), CliError> {
    let head = access.trusted(archive)?.ok_or_else(|| {
        CliError::new(Exit::Damaged, "this archive has no release here yet")
            .advice("get it with 'yadgar fetch INVITE' or 'yadgar import FILE'")
    })?;
    let chain = chain(&*access.store, &head).map_err(|fault| {
        CliError::new(Exit::Damaged, format!("the chain of releases cannot be read: {fault}"))
            .advice("'yadgar verify' says what is damaged")
    })?;
    Ok((head, chain))
}

/// Names of the parts that are here whole.
fn held(holdings: &mut Holdings<'_>, link: &Link) -> Result<Vec<String>, CliError> {
    let mut names = Vec::new();
    for part in &link.release.parts {
        let whole = holdings.is_whole(part).map_err(|e| CliError::failed("the store", e))?;
        names.extend(whole.then(|| part.name.clone()));
    }
    Ok(names)
}

fn totals(link: &Link) -> (u64, u64) {
    let parts = &link.release.parts;
    // A release only has to name its parts: a sum may overflow on purpose.
    let sum = |all: u64, one: u64| all.saturating_add(one);
    (parts.iter().map(|p| p.files).fold(0, sum), parts.iter().map(|p| p.bytes).fold(0, sum))
}

fn describe(link: &Link, held: &[String], complete: Option<u64>, newest: u64) -> Value {
    let (release, (files, bytes)) = (&link.release, totals(link));
    json!({
        "sequence": release.sequence, "date": release.date, "root_version": release.root_version,
        "records": release.records, "files": files, "bytes": bytes,
        "parts": release.parts.iter().map(|p| &p.name).collect::<Vec<_>>(), "held": held,
        "whole": held.len() == release.parts.len(), "hash": link.hash.to_hex(),
        "newest": release.sequence == newest, "complete": Some(release.sequence) == complete,
    })
}

fn say_link(ui: &Ui, link: &Link, held: &[String], complete: Option<u64>) {
    let (release, (files, bytes)) = (&link.release, totals(link));
    let (sequence, date, records) = (release.sequence, &release.date, release.records);
    let (root, bytes, hash) = (release.root_version, size(bytes), &link.hash.to_hex()[..12]);
    let mark = if Some(sequence) == complete { "*" } else { " " };
    let (en, fa) = if held.len() == release.parts.len() {
        ("here whole".to_owned(), "کامل این‌جاست".to_owned())
    } else if held.is_empty() {
        ("no part of it here whole".to_owned(), "هیچ بخشی از آن کامل این‌جا نیست".to_owned())
    } else {
        (format!("here: {}", held.join(", ")), format!("این‌جاست: {}", held.join("، ")))
    };
    ui.say(
        format!("{mark}{sequence:5}  {date}  root {root}  {records} records, {files} files, {bytes}  {hash}  {en}"),
        format!("{mark}{sequence:5}  {date}  ریشه {root}  {records} پرونده، {files} فایل، {bytes}  {hash}  {fa}"),
    );
}

fn say_end(ui: &Ui, chain: &Chain) {
    ui.say(
        "* the release that is read here; the first line is the newest known",
        "* نسخه‌ای که این‌جا خوانده می‌شود؛ سطر نخست تازه‌ترین نسخه‌ی شناخته‌شده است",
    );
    match chain.missing {
        None => ui.say("The chain goes back to the first release.", "زنجیره تا نخستین نسخه می‌رسد."),
        Some(id) => {
            let last = chain.links.last().map_or(0, |link| link.release.sequence);
            let hash = &id.hash.to_hex()[..12];
            let before = last.saturating_sub(1);
            ui.say(
                format!("The chain ends here: release {before} ({hash}) and those before it are not here."),
                format!("زنجیره این‌جا پایان می‌یابد: نسخه‌ی {before} ({hash}) و پیش از آن این‌جا نیست."),
            );
        }
    }
}
