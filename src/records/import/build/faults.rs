//! Faults of the format as problems of a table: with the column and a word that says what to do.

use super::super::columns;
use super::super::input::Row;
use super::super::problem::{Code, Problem, clip};
use yadgar_protocol::record::{Fault, Name, NameKind, Victim};

/// A fault as a problem of a row.
pub fn problem(row: &Row, victim: &Victim, fault: &Fault) -> Problem {
    let code = code_of(fault);
    let problem = Problem::new(&row.file, code).row(row.number).hint(rule(fault));
    match column(row, victim, &fault.field, code) {
        Some((name, number)) => {
            let value = row.cell(name, number).map(clip);
            Problem { value, ..problem.column(row.header.title(name, number)) }
        }
        None => problem.column(fault.field.as_str()),
    }
}

/// A fault as a problem of a full record.
pub fn problem_of(file: &str, row: Option<u64>, fault: &Fault) -> Problem {
    let problem = Problem::new(file, code_of(fault)).column(fault.field.as_str());
    Problem { row, ..problem.hint(rule(fault)) }
}

fn rule(fault: &Fault) -> String {
    format!("{} ({})", fault.why, fault.clause)
}

/// Whether a fault is about a field that could not be read, or follows from that (with `[]` for items of lists).
pub fn touches(fault: &Fault, field: &str) -> bool {
    let root = |name: &str| name.split(['.', '[']).next().unwrap_or_default().to_owned();
    let (spoiled, clause) = (root(field), fault.clause);
    let follows = match spoiled.as_str() {
        "consent" => clause == "REC-15",
        "sources" => clause == "REC-11" || fault.why.contains("not listed"),
        _ => false,
    };
    follows || root(&fault.field) == spoiled
}

/// The word for a fault. What the protocol crate adds later is [`Code::Format`], with the rule beside it.
fn code_of(fault: &Fault) -> Code {
    let Fault { clause, field, why } = fault;
    let last = field.rsplit('.').next().unwrap_or_default();
    let root = field.split(['.', '[']).next().unwrap_or_default();
    match *clause {
        "REC-5" => text(why),
        "REC-6" => match last {
            "tz" => Code::BadZone,
            "time_local" => Code::BadTime,
            _ => Code::BadDate,
        },
        "REC-7" if last == "jalali" => Code::CalendarsDisagree,
        "REC-7" => Code::DateSequence,
        "REC-8" => match last {
            "precision" => Code::Precision,
            "province" => Code::BadProvince,
            "lat" | "lon" if why.contains("together") => Code::HalfPosition,
            "lat" | "lon" => Code::BadDegrees,
            _ => Code::BadCountry,
        },
        "REC-9" | "REC-10" => match last {
            "url" => Code::BadUrl,
            "lang" => Code::BadLang,
            "path" => Code::BadField,
            "src" if why.contains("no source") => Code::Missing,
            "src" => Code::UnknownSource,
            "sources" => Code::Missing,
            _ => Code::Format,
        },
        "REC-11" if last == "level" => Code::Level,
        "REC-13" => match (root, last) {
            ("age", _) => Code::AgeRange,
            ("minor", _) => Code::MinorAge,
            (_, "lang") => Code::BadLang,
            (_, "script") => Code::BadScript,
            (_, "kind") => Code::Conflict,
            _ if why.contains("no primary") => Code::NoPrimaryName,
            ("names", _) => Code::Conflict,
            _ => Code::Format,
        },
        "REC-14" => Code::Missing,
        "REC-15" => consent(field, why),
        "REC-16" if last == "commit" => Code::Commitment,
        "REC-17" if why.contains("published") => Code::Withheld,
        "REC-17" => Code::BadField,
        _ => Code::Format,
    }
}

fn text(why: &str) -> Code {
    match why {
        "too long" => Code::LongText,
        "too many items" => Code::TooManyItems,
        "a value twice" => Code::Repeated,
        "a control character" => Code::ControlCharacter,
        "markup in a name" => Code::Markup,
        "in neither language" => Code::Missing,
        _ => Code::Format,
    }
}

fn consent(field: &str, why: &str) -> Code {
    match field {
        "consent" => Code::ConsentMissing,
        "education" => Code::MinorSchool,
        "place" | "origin_city" => Code::MinorPlace,
        "media" | "story" if why.contains("minor") => Code::MinorFamily,
        _ => Code::ConsentScope,
    }
}

/// The column that fills a field, with its number: the one that the row has filled, or where
/// something is lacking, the one that it has not.
fn column(row: &Row, victim: &Victim, field: &str, code: Code) -> Option<(&'static str, u32)> {
    if let Some(index) = item_of(field, "names") {
        return Some(name_column(row, victim, index, field));
    }
    if field == "names" {
        let label = row.cell("name_label_fa", 0).or(row.cell("name_label_en", 0)).is_some();
        return Some((
            if label && victim.names.is_empty() { "name_label_fa" } else { "name_fa" },
            0,
        ));
    }
    let number = ["sources", "claims", "media", "external_ids"].iter().find_map(|list| {
        let index = item_of(field, list)?;
        number_of(row, victim, list, index)
    });
    let plain = match strip(field) {
        // The fault is about the whole place; what is too fine is one of these.
        place if code == Code::MinorPlace => {
            let finer = ["locality.fa", "locality.en", "lat"].map(|part| format!("{place}.{part}"));
            let filled = |field: &&String| {
                columns::all().any(|c| c.field == **field && row.cell(c.name, 0).is_some())
            };
            finer.iter().find(filled).unwrap_or(&place).clone()
        }
        field => field,
    };
    let part = |longer: &str, shorter: &str| {
        longer.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut fitting = columns::all().filter(|column| {
        let of = strip(column.field);
        !of.is_empty() && (part(&of, &plain) || part(&plain, &of))
    });
    let all: Vec<_> = fitting.by_ref().collect();
    let exact = |column: &&&columns::Column| strip(column.field) == plain;
    let number = number.unwrap_or(0);
    let number = |column: &columns::Column| if column.is_numbered() { number.max(1) } else { 0 };
    let filled = |column: &&&columns::Column| row.cell(column.name, number(column)).is_some();
    let lacks = matches!(code, Code::Missing | Code::ConsentMissing);
    let best = match lacks {
        true => all.iter().find(exact).or_else(|| all.iter().find(|column| !filled(column))),
        false => all.iter().filter(exact).find(filled).or_else(|| all.iter().find(filled)),
    };
    let best = best.or_else(|| all.iter().find(exact)).or_else(|| all.first());
    best.map(|column| (column.name, number(column)))
}

/// `sources[1].kind` -> `sources.kind`.
fn strip(field: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in field.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

fn item_of(field: &str, list: &str) -> Option<usize> {
    field.strip_prefix(list)?.strip_prefix('[')?.split(']').next()?.parse().ok()
}

/// The number that the columns of an item have; items without a filled cell were left out.
fn number_of(row: &Row, victim: &Victim, list: &str, index: usize) -> Option<u32> {
    match list {
        "sources" => victim.sources.get(index)?.sid.strip_prefix('s')?.parse().ok(),
        "claims" => nth_filled(row, "claim", "claim#_field", index),
        "media" => nth_filled(row, "media", "media#_path", index),
        _ => nth_filled(row, "external", "external#_org", index),
    }
}

fn nth_filled(row: &Row, kind: &str, name: &'static str, index: usize) -> Option<u32> {
    row.header.numbers(kind).into_iter().filter(|n| row.cell(name, *n).is_some()).nth(index)
}

fn name_column(row: &Row, victim: &Victim, index: usize, field: &str) -> (&'static str, u32) {
    let of: Option<&Name> = victim.names.get(index);
    let text = of.map(|name| name.text.as_str()).unwrap_or_default();
    let last = field.rsplit('.').next().unwrap_or_default();
    let primary = [("name_fa", "name_fa_src"), ("name_en", "name_en_src")];
    if of.is_some_and(|name| name.kind == NameKind::Primary) {
        let found = primary.iter().find(|(name, _)| row.cell(name, 0) == Some(text));
        if let Some((name, src)) = found {
            return (if last == "src" { src } else { name }, 0);
        }
    }
    for (family, name, kind) in [
        ("name_fa_", "name_fa_#", "name_fa_#_kind"),
        ("name_en_", "name_en_#", "name_en_#_kind"),
        ("name", "name#_text", "name#_kind"),
    ] {
        let numbers = row.header.numbers(family);
        if let Some(n) = numbers.into_iter().find(|n| row.cell(name, *n) == Some(text)) {
            let column = match (family, last) {
                ("name", "lang") => "name#_lang",
                ("name", "script") => "name#_script",
                ("name", "src") => "name#_src",
                (_, "kind") => kind,
                _ => name,
            };
            return (column, n);
        }
    }
    ("name_fa", 0)
}
