//! How an import is told: to people, sorted by kind, and to scripts, a line each.

use super::advice::advice;
use crate::cli::{CliError, Exit, Ui};
use crate::records::import::{Code, ImportError, Outcome, Problem, Report, Suspect, Who};
use serde_json::json;
use std::collections::BTreeMap;

/// Problems of one kind, and suspects, that people see without `--all`.
const SHOWN: usize = 20;

/// Tells everything about an import.
pub fn report(ui: &Ui, report: &Report, all: bool) {
    if let Some(files) = report.completed {
        ui.warn(
            format!("an earlier import had ended half-way: its {files} files are written now"),
            format!("واردکردن پیشین نیمه‌کاره مانده بود: {files} فایل آن اکنون نوشته شد"),
        );
    }
    lines(ui, report);
    let most = if all { usize::MAX } else { SHOWN };
    for warning in [false, true] {
        let of = report.problems.iter().filter(|problem| problem.warning == warning);
        let mut kinds: BTreeMap<Code, Vec<&Problem>> = BTreeMap::new();
        of.for_each(|problem| kinds.entry(problem.code).or_default().push(problem));
        for (code, problems) in kinds {
            kind(ui, code, &problems, most);
        }
    }
    suspects(ui, report, most);
    summary(ui, report);
}

fn kind(ui: &Ui, code: Code, problems: &[&Problem], most: usize) {
    let advice = advice(code);
    let (n, mark) =
        (problems.len(), if problems[0].warning { ("warning: ", "هشدار: ") } else { ("", "") });
    ui.say(
        format!("{}{} [{}], {n} times. {}", mark.0, advice.what.0, code.word(), advice.todo.0),
        format!("{}{} [{}]، {n} بار. {}", mark.1, advice.what.1, code.word(), advice.todo.1),
    );
    for problem in problems.iter().take(most) {
        ui.say(format!("  {}", place(problem, false)), format!("  {}", place(problem, true)));
    }
    more(ui, n, most);
}

fn more(ui: &Ui, n: usize, most: usize) {
    if n > most {
        let rest = n - most;
        ui.say(
            format!("  and {rest} more; --all lists them"),
            format!("  و {rest} مورد دیگر؛ با --all همه نوشته می‌شود"),
        );
    }
}

/// File, row, column, value and what helps.
fn place(problem: &Problem, persian: bool) -> String {
    let mut out = problem.file.clone();
    let (row, comma) = if persian { ("ردیف", "، ") } else { ("row", ", ") };
    if let Some(number) = problem.row {
        out += &format!("{comma}{row} {number}");
    }
    if let Some(column) = &problem.column {
        out += &format!("{comma}{column}");
    }
    if let Some(value) = &problem.value {
        out += &format!(": «{value}»");
    }
    if let Some(hint) = &problem.hint {
        out += &format!(" ({hint})");
    }
    out
}

fn suspects(ui: &Ui, report: &Report, most: usize) {
    let n = report.suspects.len();
    if n > 0 {
        let advice = advice(Code::Duplicate);
        ui.say(
            format!("{} [duplicate], {n} pairs. {}", advice.what.0, advice.todo.0),
            format!("{} [duplicate]، {n} جفت. {}", advice.what.1, advice.todo.1),
        );
        for suspect in report.suspects.iter().take(most) {
            let reasons: Vec<_> = suspect.reasons.iter().map(|reason| reason.word()).collect();
            let (score, reasons) = (suspect.score, reasons.join(", "));
            let line = |fa| {
                format!("  {} / {} ({score}: {reasons})", who(&suspect.a, fa), who(&suspect.b, fa))
            };
            ui.say(line(false), line(true));
        }
        more(ui, n, most);
    }
    if report.suspects_cut {
        ui.warn(
            "very many records share a name; not all pairs of them were compared",
            "پرونده‌های بسیاری هم‌نام‌اند؛ همهٔ جفت‌ها با هم سنجیده نشد",
        );
    }
}

fn who(who: &Who, persian: bool) -> String {
    let name = crate::records::import::clip(&who.person.shown);
    match (&who.row, persian) {
        (Some((file, Some(row))), false) => format!("«{name}» {file}, row {row}"),
        (Some((file, Some(row))), true) => format!("«{name}» {file}، ردیف {row}"),
        (Some((file, None)), _) => format!("«{name}» {file}"),
        (None, false) => format!("«{name}» record {}", who.id),
        (None, true) => format!("«{name}» پروندهٔ {}", who.id),
    }
}

fn summary(ui: &Ui, report: &Report) {
    let count = |wanted: fn(&Outcome) -> bool| {
        report.done.iter().filter(|done| wanted(&done.outcome)).count()
    };
    let new = count(|o| matches!(o, Outcome::New));
    let changed = count(|o| matches!(o, Outcome::Changed(..)));
    let same = count(|o| matches!(o, Outcome::Unchanged));
    let (errors, suspects) = (report.errors(), report.suspects.len());
    let keys = report.keys.display();
    ui.say(
        format!("{new} new, {changed} changed, {same} unchanged, {errors} problems, {suspects} suspected duplicates."),
        format!("{new} تازه، {changed} تغییریافته، {same} بی‌تغییر، {errors} مشکل، {suspects} جفت شاید تکراری."),
    );
    if report.written && new + changed > 0 {
        ui.say(
            format!("Written. Keep {keys} with your own papers: it knows which row is which record, and is never published."),
            format!("نوشته شد. فایل {keys} را نزد خود نگه دارید: می‌داند هر ردیف کدام پرونده است و هرگز منتشر نمی‌شود."),
        );
    } else if errors == 0 && !report.written {
        ui.say("Nothing was written.", "چیزی نوشته نشد.");
    }
    ui.json(&json!({
        "new": new, "changed": changed, "unchanged": same, "problems": errors,
        "warnings": report.problems.len() - errors, "suspects": suspects,
        "suspects_cut": report.suspects_cut, "written": report.written,
        "completed": report.completed, "keys": report.keys.display().to_string(),
    }));
}

/// A line of JSON for each record, problem and suspect.
fn lines(ui: &Ui, report: &Report) {
    if !ui.json {
        return;
    }
    for done in &report.done {
        let (outcome, version, fields) = match &done.outcome {
            Outcome::New => ("new", None, None),
            Outcome::Changed(version, fields) => ("changed", Some(version), Some(fields)),
            Outcome::Unchanged => ("unchanged", None, None),
        };
        // In a dry run a new record has no id yet that would last.
        let id =
            (report.written || !matches!(done.outcome, Outcome::New)).then(|| done.id.to_string());
        ui.json(&json!({
            "record": outcome, "id": id, "file": &*done.file, "row": done.row,
            "version": version, "changed": fields,
        }));
    }
    for problem in &report.problems {
        let advice = advice(problem.code);
        ui.json(&json!({
            "problem": problem.code.word(), "warning": problem.warning, "file": problem.file,
            "row": problem.row, "column": problem.column, "value": problem.value,
            "hint": problem.hint,
            "what": ui.pick(advice.what.0, advice.what.1),
            "do": ui.pick(advice.todo.0, advice.todo.1),
        }));
    }
    for suspect in &report.suspects {
        ui.json(&suspect_line(suspect, report.written));
    }
}

fn suspect_line(suspect: &Suspect, written: bool) -> serde_json::Value {
    let side = |who: &Who| {
        let id = (written || who.row.is_none()).then(|| who.id.to_string());
        let (file, row) = who.row.clone().map_or((None, None), |(f, r)| (Some(f.to_string()), r));
        json!({ "name": who.person.shown, "id": id, "file": file, "row": row })
    };
    let reasons: Vec<_> = suspect.reasons.iter().map(|reason| reason.word()).collect();
    json!({
        "suspect": [side(&suspect.a), side(&suspect.b)], "score": suspect.score, "reasons": reasons,
    })
}

/// An import or merge that could not be tried.
pub fn failed(error: &ImportError) -> CliError {
    let what = error.to_string();
    match error {
        ImportError::Io { .. } => CliError::new(Exit::Failed, what)
            .advice("check the name, who may read and write it, and the space; the same command again goes on"),
        ImportError::Keys { .. } => CliError::new(Exit::Damaged, what)
            .advice("take the file from a backup, or name the right one with --keys: without it every row would become a new record"),
        ImportError::Journal { path } => CliError::new(Exit::Damaged, what).advice(format!(
            "restore the folder from a backup, or remove {} if you are sure that the folder is in order",
            path.display()
        )),
        ImportError::Unfinished => CliError::new(Exit::Damaged, what)
            .advice("import again without --dry-run: that completes it first"),
        ImportError::Busy => CliError::new(Exit::Busy, what).advice("wait until it ends"),
        ImportError::Merge(_) => CliError::new(Exit::Usage, what)
            .advice("name the id that stays, then the id that goes; 'yadgar records show' prints each"),
    }
}
