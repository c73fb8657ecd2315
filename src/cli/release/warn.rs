//! What a signer should think about before signing.

use super::facts::Facts;
use crate::cli::pick;
use crate::publish::draft::Body;
use crate::publish::notes::Note;
use yadgar_protocol::ledger::{Ledger, Loss};
use yadgar_protocol::release::{RECORDS_PREFIX, Release};
use yadgar_protocol::trust::TrustRoot;

/// A warning in both languages, with a word for scripts.
#[derive(Debug, Clone)]
pub struct Warning {
    /// A stable word.
    pub code: &'static str,
    /// English.
    pub en: String,
    /// Persian.
    pub fa: String,
}

fn warning(code: &'static str, en: impl Into<String>, fa: impl Into<String>) -> Warning {
    Warning { code, en: en.into(), fa: fa.into() }
}

/// All that is odd about a draft.
pub fn warnings(facts: &Facts) -> Vec<Warning> {
    let mut out = Vec::new();
    match &facts.checked.body {
        Body::Release(release) => {
            dates(&release.date, facts.before.as_ref().map(|b| b.date.as_str()), &mut out);
            gate_warnings(facts, &mut out);
            back_warnings(facts, &mut out);
            release_warnings(facts, release, &mut out);
        }
        Body::Notice(notice) => {
            let before = facts.checked.prev.as_ref().map(|p| p.release.date.as_str());
            dates(&notice.date, before, &mut out);
            if let Some(newest) = facts.newest() {
                notice_warnings(facts, newest, &mut out);
            }
        }
        Body::TrustRoot(root) => root_warnings(root, facts.checked.roots.last(), &mut out),
    }
    unnamed(facts, &mut out);
    out
}

/// Somebody has let something pass, or nobody can tell.
fn gate_warnings(facts: &Facts, out: &mut Vec<Warning>) {
    match &facts.gate {
        Some(Note::None) => {}
        Some(Note::Read(passed)) => {
            // A note of strangers may say anything.
            let count = passed.iter().map(|p| p.count).fold(0, u64::saturating_add);
            out.push(warning(
                "gate-overrides",
                format!("{count} finding(s) of the privacy gate were let pass: read them and their reasons"),
                format!("{count} یافته‌ی دروازه‌ی حریم روا داشته شده: آن‌ها و دلیلشان را بخوانید"),
            ));
        }
        Some(Note::Unreadable) => out.push(warning(
            "gate-unreadable",
            "there is a note of what was let pass the privacy gate, and it cannot be read: do not sign before somebody explains it",
            "یادداشتی درباره‌ی روادیدهای دروازه‌ی حریم هست که خوانده نمی‌شود: پیش از توضیح امضا نکنید",
        )),
        None => out.push(warning(
            "gate-unknown",
            "what was let pass the privacy gate cannot be told: the draft lacks the blocks",
            "روادیدهای دروازه‌ی حریم معلوم نیست: پیش‌نویس بلوک‌ها را ندارد",
        )),
    }
}

/// Records go back to what they were, or nobody can tell (REC-18).
fn back_warnings(facts: &Facts, out: &mut Vec<Warning>) {
    let (count, unknown) = (facts.back.records.len(), facts.back.unknown);
    if count > 0 {
        out.push(warning(
            "record-went-back",
            format!("{count} record(s) take back what the release before says, or are gone without a withdrawal (marked !): the folder may be an old one. Do not sign before the builder explains it"),
            format!("{count} پرونده به وضع پیش از نسخه‌ی پیشین برمی‌گردد، یا بی پس‌گرفتن حذف شده است (با نشان !): شاید پوشه کهنه باشد. تا سازنده توضیح نداده امضا نکنید"),
        ));
    }
    if unknown > 0 {
        out.push(warning(
            "records-unknown",
            format!("of {unknown} changed record(s) nothing here tells whether they are older than in the release before"),
            format!("درباره‌ی {unknown} پرونده‌ی تغییرکرده این‌جا معلوم نیست که از نسخه‌ی پیش کهنه‌تر است یا نه"),
        ));
    }
}

fn unnamed(facts: &Facts, out: &mut Vec<Warning>) {
    let count = facts.unnamed();
    if count > 0 {
        out.push(warning(
            "withdraws-unknown",
            format!("of {count} withdrawal(s) nothing here tells what would be erased"),
            format!("درباره‌ی {count} پس‌گرفتن این‌جا معلوم نیست چه چیزی پاک می‌شود"),
        ));
    }
}

/// What the notice takes from a node that has just been set up with the newest release (HOLD-2).
fn notice_warnings(facts: &Facts, newest: &Release, out: &mut Vec<Warning>) {
    let mut loss = Loss::default();
    for path in facts.names.paths.values().flatten() {
        if path.as_str().starts_with(RECORDS_PREFIX) {
            loss.records += 1;
        } else {
            loss.files += 1;
        }
    }
    let files: u64 = newest.parts.iter().map(|p| p.files).fold(0, u64::saturating_add);
    let had = Loss { records: newest.records, files: files.saturating_sub(newest.records) };
    if Ledger::new(had).withdraw(loss).is_none() {
        out.push(much(loss));
    }
}

fn much(loss: Loss) -> Warning {
    let Loss { records, files } = loss;
    warning(
        "withdraws-much",
        format!(
            "{records} records and {files} other files are withdrawn at once: nodes will erase nothing until each operator says yes"
        ),
        format!(
            "{records} پرونده و {files} فایل دیگر یک‌باره پس گرفته می‌شود: گره‌ها تا پذیرش هر گرداننده چیزی پاک نمی‌کنند"
        ),
    )
}

fn dates(date: &str, before: Option<&str>, out: &mut Vec<Warning>) {
    let today = pick::today();
    if *date > *today {
        out.push(warning(
            "date-in-the-future",
            format!("the date {date} is after today ({today}, by this machine's clock)"),
            format!("تاریخ {date} پس از امروز است ({today}، به ساعت این دستگاه)"),
        ));
    }
    if let Some(before) = before.filter(|b| date < *b) {
        out.push(warning(
            "date-goes-back",
            format!("the date {date} is earlier than that of the release before, {before}"),
            format!("تاریخ {date} پیش از تاریخ نسخه‌ی پیشین ({before}) است"),
        ));
    }
}

fn release_warnings(facts: &Facts, release: &Release, out: &mut Vec<Warning>) {
    let Some(before) = &facts.before else { return };
    let lost = before.withdrawn.iter().filter(|w| !release.withdrawn.contains(w)).count();
    if lost > 0 {
        out.push(warning(
            "withdrawals-missing",
            format!("{lost} withdrawal(s) of the release before are not in this one"),
            format!("{lost} پس‌گرفتن نسخه‌ی پیشین در این یکی نیست"),
        ));
    }
    let Some(review) = facts.changes() else { return };
    let holds = review.holds(before, release);
    if holds.release_held {
        let (dropped, had) = (holds.dropped, before.records);
        out.push(warning(
            "shrinks",
            format!("{dropped} of {had} records are gone without being withdrawn, or most files are: nodes will go on showing the release before until each operator says yes"),
            format!("{dropped} از {had} پرونده بی آن‌که پس گرفته شود نیست، یا بیشتر فایل‌ها نیست: گره‌ها نسخه‌ی پیشین را نشان می‌دهند تا هر گرداننده خودش بپذیرد"),
        ));
    }
    if holds.rewriting_held {
        let (changed, had) = (holds.rewritten, before.records);
        out.push(warning(
            "rewrites",
            format!("{changed} of {had} records have other content: nodes will go on showing the release before until each operator says yes. Smaller steps pass by themselves"),
            format!("محتوای {changed} پرونده از {had} تا عوض شده: گره‌ها نسخه‌ی پیشین را نشان می‌دهند تا هر گرداننده خودش بپذیرد. گام‌های کوچک‌تر خودبه‌خود پذیرفته می‌شود"),
        ));
    }
    if holds.withdrawals_held {
        out.push(much(holds.withdrawn));
    }
}

fn root_warnings(root: &TrustRoot, before: Option<&TrustRoot>, out: &mut Vec<Warning>) {
    for (role, fa, keys) in [("root", "ریشه", &root.root), ("release", "انتشار", &root.release)]
    {
        let (count, threshold) = (keys.keys.len() as u64, keys.threshold);
        if threshold == 1 && count > 1 {
            out.push(warning(
                "threshold-one",
                format!("any one of the {count} {role} keys is enough: one stolen key, one arrest"),
                format!("هر یک از {count} کلید {fa} به‌تنهایی بس است: یک کلید دزدیده، یک بازداشت"),
            ));
        }
        if threshold == count && count > 1 {
            out.push(warning(
                "threshold-all",
                format!("all {count} {role} keys are needed: losing one loses the archive"),
                format!("هر {count} کلید {fa} لازم است: با گم شدن یکی، بایگانی از دست می‌رود"),
            ));
        }
    }
    if before.is_some_and(|b| b.name != root.name) {
        out.push(warning(
            "name-changes",
            "the name of the archive changes",
            "نام بایگانی عوض می‌شود",
        ));
    }
    if root.base.is_none() && before.is_some_and(|b| b.base.is_some()) {
        out.push(warning("base-missing", "the base is gone", "پایه نیست"));
    }
}
