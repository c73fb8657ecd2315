//! What `yadgar publish` says at its end.

use super::super::ui::size;
use crate::cli::{CliError, Ui};
use crate::publish::changes::Changes;
use crate::publish::walk::Walk;
use serde_json::{Value, json};
use std::fmt::Display;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::Accepted;

/// Most paths of each kind that are shown, and most in all with `--json`.
const MAX_SHOWN: usize = 20;
const MAX_JSON: usize = 1000;
/// Most hidden files that are named.
const MAX_HIDDEN: usize = 10;

/// Files of the folder that are not published.
pub fn left_out(ui: &Ui, found: &Walk) {
    for name in &found.skipped {
        ui.warn(
            format!("left out {name}: not a regular file (links are never followed)"),
            format!("کنار گذاشته شد {name}: فایل معمولی نیست (پیوندها دنبال نمی‌شوند)"),
        );
    }
    let count = found.hidden.len();
    if count == 0 {
        return;
    }
    let names: Vec<_> = found.hidden.iter().take(MAX_HIDDEN).map(String::as_str).collect();
    let (names, more) = (names.join(", "), count > MAX_HIDDEN);
    ui.warn(
        format!(
            "{count} hidden or backup file(s) left out: {names}{} (--allow-hidden takes them too)",
            if more { ", …" } else { "" }
        ),
        format!(
            "{count} فایل پنهان یا پشتیبان کنار گذاشته شد: {names}{} (با --allow-hidden آن‌ها هم می‌آیند)",
            if more { "، …" } else { "" }
        ),
    );
}

/// The folder is what the last release is.
pub fn unchanged(ui: &Ui, trusted: &Accepted) -> Result<(), CliError> {
    let sequence = trusted.release.sequence;
    ui.say(
        format!("Nothing changed since release {sequence}: no new release was made."),
        format!("از نسخه‌ی {sequence} چیزی تغییر نکرده است: نسخه‌ی تازه‌ای ساخته نشد."),
    );
    ui.json(&json!({ "changed": false, "sequence": sequence }));
    Ok(())
}

/// What would be published.
pub fn dry_run(ui: &Ui, release: &Release, diff: &Changes) -> Result<(), CliError> {
    let sequence = release.sequence;
    ui.say(
        format!("This would be release {sequence}. Nothing was published."),
        format!("این نسخه‌ی {sequence} می‌شد. چیزی منتشر نشد."),
    );
    say(ui, release, diff);
    let mut out = describe(release, diff);
    out["dry_run"] = true.into();
    ui.json(&out);
    Ok(())
}

/// What was published.
pub fn published(ui: &Ui, now: &Accepted, diff: &Changes) {
    let release = &now.release;
    ui.say(
        format!("release {} of {}\ncid     {}", release.sequence, now.name(), now.head.link),
        format!("نسخه‌ی {} از {}\ncid     {}", release.sequence, now.name(), now.head.link),
    );
    say(ui, release, diff);
    let mut out = describe(release, diff);
    out["cid"] = now.head.link.to_string().into();
    ui.json(&out);
}

fn say(ui: &Ui, release: &Release, diff: &Changes) {
    for part in &release.parts {
        let line = format!("{:8} {} files, {}", part.name, part.files, size(part.bytes));
        ui.say(&line, &line);
    }
    let (added, changed) = (diff.added.len(), diff.changed.len());
    let (removed, moved) = (diff.removed.len(), diff.moved.len());
    ui.say(
        format!("since the last release: {added} added, {changed} changed, {removed} removed, {moved} moved"),
        format!("از نسخه‌ی پیش: {added} افزوده، {changed} تغییرکرده، {removed} برداشته، {moved} جابه‌جاشده"),
    );
    list(ui, diff.added.iter().map(|p| format!("+ {p}")));
    list(ui, diff.changed.iter().map(|p| format!("~ {p}")));
    list(ui, diff.removed.iter().map(|p| format!("- {p}")));
    list(ui, diff.moved.iter().map(|m| format!("> {}: {} -> {}", m.path, m.from, m.to)));
}

fn list(ui: &Ui, lines: impl ExactSizeIterator<Item = String>) {
    let more = lines.len().saturating_sub(MAX_SHOWN);
    for line in lines.take(MAX_SHOWN) {
        ui.note(format!("  {line}"), format!("  {line}"));
    }
    if more > 0 {
        ui.note(format!("  … and {more} more"), format!("  … و {more} تای دیگر"));
    }
}

fn describe(release: &Release, diff: &Changes) -> Value {
    let mut room = MAX_JSON;
    let parts: Vec<Value> = release.parts.iter().map(|p| {
        json!({ "name": p.name, "root": p.root.to_string(), "files": p.files, "bytes": p.bytes })
    }).collect();
    // What is gone comes first: of all changes it is the one not to overlook.
    let removed = some(&diff.removed, &mut room);
    let moved = diff
        .moved
        .iter()
        .take(room)
        .map(|m| json!({ "path": m.path.to_string(), "from": m.from, "to": m.to }))
        .collect::<Vec<_>>();
    room -= moved.len();
    let changed = some(&diff.changed, &mut room);
    let added = some(&diff.added, &mut room);
    json!({
        "changed": true, "archive": release.archive.to_string(), "sequence": release.sequence,
        "parts": parts, "records": release.records,
        "added": diff.added.len(), "changed_files": diff.changed.len(),
        "removed": diff.removed.len(), "moved": diff.moved.len(),
        "paths": { "added": added, "changed": changed, "removed": removed, "moved": moved },
    })
}

fn some<T: Display>(paths: &[T], room: &mut usize) -> Vec<String> {
    let out: Vec<_> = paths.iter().take(*room).map(T::to_string).collect();
    *room -= out.len();
    out
}
