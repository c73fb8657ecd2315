//! Findings and decisions, for people and for scripts.

use super::advice::advice;
use crate::cli::Ui;
use crate::gate::{Compared, Decision, Finding, Inspected, Judged, Override, Stale, Why};
use crate::publish::walk::shown;
use serde_json::{Value, json};
use std::fmt::Display;

/// Findings that are printed one by one, and that scripts get.
const MAX_SHOWN: usize = 1000;
/// Of one kind in one place.
const MAX_ALIKE: usize = 8;
const MAX_JSON: usize = 100_000;

/// The words of a finding: kind, where, what, what to do.
pub fn finding(ui: &Ui, finding: &Finding) {
    let (en, fa) = advice(finding.code);
    let place = shown(&finding.target());
    let (code, what) = (finding.code, shown(&finding.what) + &times(finding));
    let mark = ui.pick("GATE", "دروازه");
    ui.say(
        format!("{mark} {code}  {place}: {what}\n    {en}"),
        format!("{mark} {code}  {place}: {what}\n    {fa}"),
    );
}

/// Everything that stops the build.
pub fn stops(ui: &Ui, judged: &Judged) {
    let alike = |a: &Finding, b: &Finding| (a.code, a.target()) == (b.code, b.target());
    let (mut printed, mut told) = (0, 0);
    for group in judged.stops.chunk_by(alike) {
        if printed >= MAX_SHOWN {
            break;
        }
        group.iter().take(MAX_ALIKE).for_each(|stop| finding(ui, stop));
        if let Some(more) = group.len().checked_sub(MAX_ALIKE).filter(|more| *more > 0) {
            let count: usize = group.iter().map(|f| f.times).sum();
            ui.say(
                format!("    … and {more} more like it, {count} in all (--json lists them)"),
                format!("    … و {more} مورد دیگر مانند آن، روی هم {count} (با --json همه)"),
            );
        }
        printed += group.len().min(MAX_ALIKE);
        told += group.len();
    }
    let more = judged.stops.len() - told;
    if more > 0 {
        ui.say(
            format!("… and {more} more (--json lists them)"),
            format!("… و {more} مورد دیگر (با --json همه)"),
        );
    }
    for over in &judged.refused {
        let (code, place) = (over.code, shown(&over.target));
        ui.say(
            format!("override {code}:{place}: nothing lets this pass"),
            format!("روادید {code}:{place}: این را هیچ‌چیز روا نمی‌کند"),
        );
    }
    for stale in &judged.stale {
        let (code, place, count) = (stale.over.code, shown(&stale.over.target), stale.over.count);
        let (en, fa) = match stale.found {
            0 => (
                "there is no such finding; take the override out".to_owned(),
                "چنین یافته‌ای نیست؛ روادید را بردارید".to_owned(),
            ),
            n if n == count => (
                "the file is another one now; look again, and give the new hash".to_owned(),
                "فایل عوض شده است؛ دوباره نگاه کنید و هش تازه را بدهید".to_owned(),
            ),
            n => (
                format!("there are {n} such findings; look at each, then say ={n}"),
                format!("{n} یافته از این گونه هست؛ همه را ببینید و سپس ={n} بنویسید"),
            ),
        };
        ui.say(
            format!("override {code}:{place}={count}: {en}"),
            format!("روادید {code}:{place}={count}: {fa}"),
        );
    }
}

/// How often it is there, when that is more than once.
fn times(finding: &Finding) -> String {
    match finding.times {
        1 => String::new(),
        n => format!(" ×{n}"),
    }
}

/// What was let pass: who publishes it sees it every time.
pub fn allowed(ui: &Ui, judged: &Judged) {
    for passed in &judged.passed {
        let place = passed
            .field
            .as_ref()
            .map_or_else(|| passed.path.clone(), |field| format!("{}#{field}", passed.path));
        let (place, code, count, why) = (shown(&place), &passed.code, passed.count, &passed.why);
        ui.warn(
            format!("let pass, and written into the release: {code} {place} ({count}): {why}"),
            format!("روا داشته شد و در نسخه نوشته می‌شود: {code} {place} ({count}): {why}"),
        );
    }
}

/// What is only told.
pub fn notes(ui: &Ui, judged: &Judged, explain: bool) {
    let count = judged.notes.len();
    if explain {
        for note in judged.notes.iter().take(MAX_SHOWN) {
            let (code, place) = (note.code, shown(&note.target()));
            let what = shown(&note.what) + &times(note);
            ui.say(
                format!("note {code}  {place}: {what}"),
                format!("یادداشت {code}  {place}: {what}"),
            );
        }
    } else if count > 0 {
        ui.note(
            format!("privacy gate: {count} note(s) that stop nothing; --explain shows them"),
            format!(
                "دروازه‌ی حریم: {count} یادداشت که چیزی را نگه نمی‌دارد؛ با --explain دیده می‌شود"
            ),
        );
    }
}

/// Every decision.
pub fn decisions(ui: &Ui, decisions: &[Decision]) {
    for decision in decisions {
        let (en, fa) = why(decision.why);
        let (en_word, fa_word) = if decision.published {
            ("published", "منتشر")
        } else {
            ("not there", "نیست")
        };
        let class = decision.class.word();
        let place = match &decision.field {
            Some(field) => format!("{}#{field}", decision.path),
            None => decision.path.clone(),
        };
        let place = shown(&place);
        ui.say(
            format!("{class} {en_word:9} {place}: {en}"),
            format!("{class} {fa_word:9} {place}: {fa}"),
        );
        ui.json(&json!({ "decision": {
            "path": decision.path, "field": decision.field, "class": class,
            "published": decision.published, "why": word(decision.why),
        }}));
    }
}

/// With what the records were compared (REC-18).
pub fn compared(ui: &Ui, compared: Option<&Compared>) {
    let Some(Compared { sequence, records, changed, missing }) = compared else {
        ui.say(
            "records: compared with no earlier release, since none is known here",
            "پرونده‌ها: با نسخه‌ی پیشینی سنجیده نشد، چون این‌جا نسخه‌ی پیشینی نیست",
        );
        ui.json(&json!({ "compared": null }));
        return;
    };
    ui.say(
        format!(
            "records: compared with the {records} of release {sequence}; {changed} differ or are gone"
        ),
        format!(
            "پرونده‌ها: با {records} پرونده‌ی نسخه‌ی {sequence} سنجیده شد؛ {changed} تا فرق دارد یا نیست"
        ),
    );
    if *missing > 0 {
        ui.say(
            format!("records: {missing} tree node(s) of release {sequence} are not here"),
            format!("پرونده‌ها: {missing} گره از درخت نسخه‌ی {sequence} این‌جا نیست"),
        );
    }
    ui.json(&json!({ "compared": {
        "sequence": sequence, "records": records, "changed": changed, "missing_nodes": missing,
    }}));
}

fn word(why: Why) -> String {
    match why {
        Why::Public => "public".into(),
        Why::Consent(basis) => format!("consent:{basis}"),
        Why::Withheld => "withheld".into(),
        Why::Absent => "absent".into(),
        Why::Gone => "gone".into(),
        Why::Never => "never".into(),
        Why::Clean => "clean".into(),
        Why::Text => "text".into(),
        Why::Found => "finding".into(),
        Why::Unknown => "unknown".into(),
        Why::Written => "written".into(),
    }
}

fn why(why: Why) -> (String, String) {
    let pair = |en: &str, fa: &str| (en.to_owned(), fa.to_owned());
    match why {
        Why::Public => pair("public", "همگانی"),
        Why::Consent(basis) => (format!("consent, {basis}"), format!("رضایت، {basis}")),
        Why::Withheld => pair("withheld by the record", "پرونده آن را نگفته گذاشته"),
        Why::Absent => pair("not in the record", "در پرونده نیست"),
        Why::Gone => pair("the record was taken back", "پرونده پس گرفته شده"),
        Why::Never => pair("never published", "هرگز منتشر نمی‌شود"),
        Why::Clean => pair("no hidden data seen", "داده‌ی پنهانی دیده نشد"),
        Why::Text => pair("text, looked through", "متن، نگاه شد"),
        Why::Found => pair("see the findings", "یافته‌ها را ببینید"),
        Why::Unknown => pair("nothing is known of this kind", "از این گونه چیزی دانسته نیست"),
        Why::Written => pair("written by the gate", "نوشته‌ی دروازه"),
    }
}

/// For scripts.
pub fn describe(inspected: &Inspected, judged: &Judged) -> Value {
    let list = |findings: &[Finding]| -> Vec<Value> {
        let one = |f: &Finding| {
            json!({
                "code": f.code.word(), "level": f.level.word(), "path": f.path, "field": f.field,
                "what": f.what, "times": f.times, "advice": advice(f.code).0,
                "hash": inspected.hash(&f.path).map(|hash| hash.to_hex()),
            })
        };
        findings.iter().take(MAX_JSON).map(one).collect()
    };
    let refused = |o: &Override| json!({ "code": o.code.word(), "target": o.target });
    let stale = |s: &Stale| json!({ "code": s.over.code.word(), "target": s.over.target, "count": s.over.count, "found": s.found });
    json!({
        "files": inspected.files, "pass": judged.may_pass(),
        "stops": list(&judged.stops), "notes": list(&judged.notes), "passed": judged.passed,
        "stale": judged.stale.iter().map(stale).collect::<Vec<_>>(),
        "refused": judged.refused.iter().map(refused).collect::<Vec<_>>(),
    })
}

/// A number of findings in words, for the error.
pub fn count(judged: &Judged) -> impl Display {
    let overrides = judged.stale.len() + judged.refused.len();
    match overrides {
        0 => format!("the privacy gate found {} thing(s)", judged.stops.len()),
        n => format!(
            "the privacy gate found {} thing(s), and {n} override(s) that do not hold",
            judged.stops.len()
        ),
    }
}
