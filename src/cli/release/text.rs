//! A draft in words. Everything said here was computed from verified bytes (DRAFT-8).

use super::facts::Facts;
use crate::cli::Ui;
use crate::cli::ui::size;
use crate::publish::draft::{Body, FileChange, Kind, Quorum, Review};
use crate::publish::notes::Note;
use yadgar_protocol::record::Fault;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Role, TrustRoot};

/// Files of each kind that are listed without `--all`.
const MAX_SHOWN: usize = 50;

/// Says everything about a draft.
pub fn say(ui: &Ui, facts: &Facts, all: bool) {
    let checked = &facts.checked;
    ui.say(
        format!("archive {}\nname    {}", checked.archive, checked.name()),
        format!("بایگانی {}\nنام {}", checked.archive, checked.name()),
    );
    match &checked.body {
        Body::Release(release) => say_release(ui, facts, release, all),
        Body::TrustRoot(root) => say_root(ui, root, checked.roots.last()),
        Body::Notice(notice) => {
            ui.say(
                format!("urgent notice of {} (newest release: {})", notice.date, notice.sequence),
                format!("خبر فوری {} (تازه‌ترین نسخه: {})", notice.date, notice.sequence),
            );
            withdrawals(ui, facts);
        }
    }
    for w in &facts.warnings {
        ui.warn(&w.en, &w.fa);
    }
    say_chars(ui, &checked.chars());
    for quorum in checked.quorums() {
        say_quorum(ui, &quorum);
    }
}

/// What to compare by voice.
pub fn say_chars(ui: &Ui, chars: &str) {
    ui.say(format!("bytes to sign: {chars}"), format!("بایت‌های امضا: {chars}"));
}

/// Who signed, and how many are missing.
pub fn say_quorum(ui: &Ui, quorum: &Quorum) {
    let signed: Vec<_> = quorum.signed.iter().map(|k| k.key_id()).collect();
    let (en, fa) = match quorum.role {
        "release" => ("release keys", "کلیدهای انتشار"),
        "root" => ("root keys", "کلیدهای ریشه"),
        _ => ("the new root keys", "کلیدهای ریشه‌ی تازه"),
    };
    let (count, need, missing) = (signed.len(), quorum.threshold, quorum.missing());
    let who = if signed.is_empty() { "-".to_owned() } else { signed.join(" ") };
    ui.say(
        format!("signed by {count} of the {need} {en} needed: {who}; missing: {missing}"),
        format!("{count} امضا از {need} امضای لازم ({fa}): {who}؛ مانده: {missing}"),
    );
}

fn say_release(ui: &Ui, facts: &Facts, release: &Release, all: bool) {
    let (sequence, date) = (release.sequence, &release.date);
    let version = release.root_version;
    ui.say(
        format!("release {sequence} of {date}, under trust root {version}"),
        format!("نسخه‌ی {sequence} ({date})، زیر ریشه‌ی اعتماد {version}"),
    );
    let was = facts.before.as_ref().map_or(0, |b| b.records);
    ui.say(
        format!("{} records (before: {was})", release.records),
        format!("{} پرونده (پیش از این: {was})", release.records),
    );
    for part in &release.parts {
        let old = facts.before.as_ref().and_then(|b| b.part(&part.name));
        let (files, bytes) = old.map_or((0, 0), |p| (p.files, p.bytes));
        let (name, now, is, was) = (&part.name, part.files, size(part.bytes), size(bytes));
        ui.say(
            format!("  {name:10} {now} files, {is} (before: {files}, {was})"),
            format!("  {name:10} {now} فایل، {is} (پیش از این: {files}، {was})"),
        );
    }
    match &facts.review {
        Some(Ok(review)) => say_changes(ui, review, all),
        Some(Err(why)) => ui.warn(
            format!("what this release changes cannot be told: {why}"),
            format!("تغییرهای این نسخه را نمی‌شود گفت: {why}"),
        ),
        None => {}
    }
    say_back(ui, facts, all);
    say_gate(ui, facts);
    withdrawals(ui, facts);
}

/// Records that the release takes back (REC-18).
fn say_back(ui: &Ui, facts: &Facts, all: bool) {
    let records = &facts.back.records;
    let shown = if all { records.len() } else { records.len().min(MAX_SHOWN) };
    for (path, faults) in &records[..shown] {
        for Fault { field, why, .. } in faults {
            let field = if field.is_empty() { String::new() } else { format!("#{field}") };
            let line = format!("  ! {path}{field}: {why}");
            ui.say(&line, &line);
        }
    }
    more(ui, records.len() - shown);
}

/// What the builder let pass the privacy gate (NOTE-4).
fn say_gate(ui: &Ui, facts: &Facts) {
    let Some(Note::Read(passed)) = &facts.gate else { return };
    let count: u64 = passed.iter().map(|p| p.count).fold(0, u64::saturating_add);
    ui.say(
        format!("let pass the privacy gate ({count}); everybody will read this:"),
        format!("روا داشته از دروازه‌ی حریم ({count})؛ همه این را می‌خوانند:"),
    );
    for p in passed {
        let field = p.field.as_ref().map(|field| format!("#{field}")).unwrap_or_default();
        let line = format!("  {} {}{field} ({}): {}", p.code, p.path, p.count, p.why);
        ui.say(&line, &line);
    }
}

fn say_changes(ui: &Ui, review: &Review, all: bool) {
    let of = |kind| review.count(kind);
    let (added, changed) = (of(Kind::Added), of(Kind::Changed));
    let (removed, moved) = (of(Kind::Removed), of(Kind::Moved));
    ui.say(
        format!(
            "records: {} added, {} changed, {} removed, {} moved",
            added.records, changed.records, removed.records, moved.records
        ),
        format!(
            "پرونده‌ها: {} افزوده، {} تغییرکرده، {} برداشته، {} جابه‌جاشده",
            added.records, changed.records, removed.records, moved.records
        ),
    );
    ui.say(
        format!(
            "other files: {} added, {} changed, {} removed, {} moved",
            added.files, changed.files, removed.files, moved.files
        ),
        format!(
            "فایل‌های دیگر: {} افزوده، {} تغییرکرده، {} برداشته، {} جابه‌جاشده",
            added.files, changed.files, removed.files, moved.files
        ),
    );
    // What is gone comes first: of all changes it is the one not to overlook.
    for kind in [Kind::Removed, Kind::Changed, Kind::Moved, Kind::Added] {
        list(ui, review, kind, all);
    }
}

/// The files of one kind.
pub fn list(ui: &Ui, review: &Review, kind: Kind, all: bool) {
    let files: Vec<_> = review.files.iter().filter(|f| f.kind() == kind).collect();
    let shown = if all { files.len() } else { files.len().min(MAX_SHOWN) };
    for file in &files[..shown] {
        let line = line(file);
        ui.say(&line, &line);
    }
    more(ui, files.len() - shown);
}

fn more(ui: &Ui, more: usize) {
    if more > 0 {
        ui.say(
            format!("  … and {more} more (--all lists every one)"),
            format!("  … و {more} تای دیگر (با --all همه)"),
        );
    }
}

fn line(file: &FileChange) -> String {
    let path = &file.path;
    let side = |s: &Option<crate::publish::draft::Side>| {
        s.as_ref().map_or((String::new(), String::new()), |s| (s.part.clone(), size(s.size)))
    };
    let ((from, was), (to, is)) = (side(&file.old), side(&file.new));
    match file.kind() {
        Kind::Added => format!("  + {path} ({is})"),
        Kind::Removed => format!("  - {path} ({was})"),
        Kind::Moved => format!("  > {path}: {from} -> {to}"),
        Kind::Changed if from != to => format!("  ~ {path} ({was} -> {is}), {from} -> {to}"),
        Kind::Changed => format!("  ~ {path} ({was} -> {is})"),
    }
}

fn withdrawals(ui: &Ui, facts: &Facts) {
    for w in facts.withdrawn() {
        let item = &w.item.to_hex()[..16];
        let (en, fa) = match facts.names.paths.get(&w.item) {
            Some(paths) => {
                let paths: Vec<_> = paths.iter().map(|p| p.as_str()).collect();
                (paths.join(", "), paths.join("، "))
            }
            None => ("not known here".into(), "این‌جا ناشناخته".into()),
        };
        let (reason, date) = (w.reason.word(), &w.date);
        ui.say(
            format!("  withdraws {en} ({reason}, {date}; {item})"),
            format!("  پس می‌گیرد {fa} ({reason}، {date}؛ {item})"),
        );
    }
}

fn say_root(ui: &Ui, root: &TrustRoot, before: Option<&TrustRoot>) {
    let version = root.version;
    ui.say(
        format!("trust root, version {version}: who may sign"),
        format!("ریشه‌ی اعتماد، نسخه‌ی {version}: چه کسی می‌تواند امضا کند"),
    );
    say_role(ui, ("root keys", "کلیدهای ریشه"), &root.root, before.map(|b| &b.root));
    say_role(ui, ("release keys", "کلیدهای انتشار"), &root.release, before.map(|b| &b.release));
    let Some(base) = root.base else { return };
    let hash = base.1.to_hex();
    ui.say(
        format!("the archive goes on from release {} ({}…)", base.0, &hash[..16]),
        format!("بایگانی از نسخه‌ی {} ({}…) پیش می‌رود", base.0, &hash[..16]),
    );
}

fn say_role(ui: &Ui, name: (&str, &str), role: &Role, before: Option<&Role>) {
    let was = before.map_or(String::new(), |b| format!(" ({}/{})", b.threshold, b.keys.len()));
    let (need, count) = (role.threshold, role.keys.len());
    ui.say(
        format!("{}: {need} of {count} must sign{was}", name.0),
        format!("{}: {need} از {count} باید امضا کنند{was}", name.1),
    );
    for key in &role.keys {
        let new = before.is_some_and(|b| !b.keys.contains(key));
        let mark = if new { '+' } else { ' ' };
        let line = format!("  {mark} {}", key.key_id());
        ui.say(&line, &line);
    }
    for key in before.into_iter().flat_map(|b| &b.keys).filter(|k| !role.keys.contains(k)) {
        let line = format!("  - {}", key.key_id());
        ui.say(&line, &line);
    }
}
