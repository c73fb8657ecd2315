//! Rules for records: the format's own, with the words of the gate; texts; what must not be said elsewhere.

use super::code::Code;
use super::finding::{Decision, Finding, Level, Why};
use super::{table, text};
use serde_json::Value;
use yadgar_protocol::record::class::{Class, P1_FIELDS, class_of};
use yadgar_protocol::record::{Fault, Media, Minor, Record, Victim, check, field_names};

/// What was seen in a record file.
#[derive(Debug, Default)]
pub struct Seen {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Files that the record names: the field, and what it says of the file.
    pub media: Vec<(String, Media)>,
    /// Field by field, when asked for.
    pub decisions: Vec<Decision>,
}

/// Looks at the bytes of a `.cbor` file under `records/` or `incidents/`.
pub fn look(path: &str, bytes: &[u8], explain: bool) -> Seen {
    let mut seen = Seen::default();
    restricted_keys(path, bytes, &mut seen.findings);
    let record = match Record::decode_form(bytes) {
        Ok(record) => record,
        Err(reject) => {
            if seen.findings.is_empty() {
                let what = format!("{} ({})", reject.why, reject.clause);
                seen.findings.push(Finding::of_file(Level::Final, Code::BadRecord, path, what));
            }
            return seen;
        }
    };
    if record.path() != path {
        let what = "a record's path is its id (REC-3)";
        seen.findings.push(Finding::of_file(Level::Final, Code::BadRecord, path, what));
    }
    for fault in check(&record) {
        seen.findings.push(of_fault(path, &fault));
    }
    let value = serde_json::to_value(&record).unwrap_or(Value::Null);
    texts(&value, &mut String::new(), &mut |field, text| {
        lint_field(path, field, text, &mut seen.findings);
    });
    if let Record::Victim(victim) = &record {
        restricted_claims(path, victim, &mut seen.findings);
        minor(path, victim, &value, &mut seen.findings);
        let media = victim.media.iter().enumerate();
        seen.media = media.map(|(n, media)| (format!("media[{n}]"), media.clone())).collect();
    }
    if explain {
        seen.decisions = decisions(path, &record, &value);
    }
    seen
}

/// The format's rules in the words of the gate. None of them can be let pass: builders refuse to sign what breaks
/// them (REC-1).
fn of_fault(path: &str, fault: &Fault) -> Finding {
    let field = fault.field.as_str();
    let code = match (fault.clause, field) {
        ("REC-15", "consent") => Code::ConsentMissing,
        ("REC-15", _) if fault.why.contains("school") => Code::MinorSchool,
        ("REC-15", _) if fault.why.contains("below the city") => Code::MinorPlace,
        ("REC-15", "media") if fault.why.contains("minor") => Code::MinorPhoto,
        ("REC-15", _) if fault.why.contains("minor") => Code::MinorStory,
        ("REC-15", "consent.review_by") => Code::BadRecord,
        ("REC-15", _) => Code::ConsentScope,
        ("REC-17", _) if fault.why.contains("published") => Code::WithheldField,
        ("REC-5", _) if fault.why == "a mark of direction" => Code::HiddenText,
        ("REC-5", _) if fault.why == "markup in a name" => Code::ActiveContent,
        ("REC-8", _) if fault.why.contains("decimals") => Code::Coordinates,
        _ => Code::BadRecord,
    };
    Finding::of_field(Level::Final, code, path, field, format!("{} ({})", fault.why, fault.clause))
}

/// Fields of class P2 and P3, wherever they stand. The format has none; a record that has one is not only
/// faulty, it gives somebody away.
fn restricted_keys(path: &str, bytes: &[u8], findings: &mut Vec<Finding>) {
    for key in field_names(bytes) {
        restricted(path, &key, findings);
    }
}

fn restricted(path: &str, key: &str, findings: &mut Vec<Finding>) {
    let class = class_of(key);
    if matches!(class, Class::P2 | Class::P3) {
        let what = format!("class {}", class.word());
        findings.push(Finding::of_field(Level::Final, Code::RestrictedField, path, key, what));
    }
}

/// Looks at another file under `records/` or `incidents/`. Readers list it as not understood, but it is published.
pub fn look_other(path: &str, content: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let read = table::json(content);
    if let Some((_, value)) = read.first().filter(|_| table::is_whole(&read, content)) {
        json_keys(value, &mut |key| restricted(path, key, &mut findings));
    }
    let hits = table::hits(content, &read).into_iter().map(|hit| {
        let level = if hit.sure { Level::Stop } else { Level::Note };
        Finding::of_file(level, hit.code, path, hit.shown)
    });
    findings.extend(hits);
    findings.push(Finding::of_file(
        Level::Note,
        Code::UnknownKind,
        path,
        "no record of this format",
    ));
    findings
}

pub(super) fn json_keys(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found(key);
            json_keys(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| json_keys(item, found)),
        _ => {}
    }
}

/// Every text of a record with the name of its field.
fn texts(value: &Value, field: &mut String, found: &mut dyn FnMut(&str, &str)) {
    let length = field.len();
    match value {
        Value::String(text) => found(field, text),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                field.push_str(&format!("[{n}]"));
                texts(item, field, found);
                field.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                if length > 0 {
                    field.push('.');
                }
                field.push_str(key);
                texts(value, field, found);
                field.truncate(length);
            }
        }
        _ => {}
    }
}

/// Fields whose form the format fixes: hashes, ids, days, names of fields. Paths are looked at as names of files.
const FIXED: [&str; 12] = [
    "schema",
    "id",
    "prev",
    "merged_into",
    "issued_on",
    "hash",
    "commit",
    "methodology",
    "archived_hash",
    "withheld",
    "fields",
    "path",
];

fn lint_field(path: &str, field: &str, content: &str, findings: &mut Vec<Finding>) {
    let last = field.rsplit('.').next().unwrap_or_default();
    let bare = last.split('[').next().unwrap_or_default();
    if FIXED.contains(&bare) && !field.starts_with("external_ids") {
        return;
    }
    // A word of the format or of its closed lists.
    if content.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return;
    }
    let hits = if last == "url" { text::lint_url(content) } else { text::lint(content) };
    // The format refuses it as well; one finding is enough.
    let told = |f: &&Finding| f.field.as_deref() == Some(field);
    let told: Vec<Code> = findings.iter().filter(told).map(|f| f.code).collect();
    for hit in hits.into_iter().filter(|hit| !told.contains(&hit.code)) {
        let level = match (hit.code, hit.sure) {
            (Code::ActiveContent, _) => Level::Final,
            (_, true) => Level::Stop,
            (_, false) => Level::Note,
        };
        let one = Finding::of_field(level, hit.code, path, field, hit.shown);
        // How often it is there counts where it can be let pass.
        if level != Level::Final || !findings.contains(&one) {
            findings.push(one);
        }
    }
}

/// A claim about what the format has no field for: not only faulty (REC-10), it gives somebody away.
fn restricted_claims(path: &str, victim: &Victim, findings: &mut Vec<Finding>) {
    for (n, claim) in victim.claims.iter().enumerate() {
        let class = class_of(&claim.path);
        if matches!(class, Class::P2 | Class::P3) {
            let what = format!("a claim about class {}", class.word());
            let field = format!("claims[{n}].path");
            findings.push(Finding::of_field(
                Level::Final,
                Code::RestrictedField,
                path,
                &field,
                what,
            ));
        }
    }
}

fn is_minor(victim: &Victim) -> bool {
    matches!(victim.minor, Some(Minor::Yes | Minor::Likely))
}

/// What a minor's texts say of school, brothers and sisters.
fn minor(path: &str, victim: &Victim, value: &Value, findings: &mut Vec<Finding>) {
    if !is_minor(victim) {
        return;
    }
    let mut prose = Vec::new();
    texts(value, &mut String::new(), &mut |field, text| {
        // What sources are called, and where the same person stands elsewhere, is not ours to word.
        if !["sources", "external_ids", "names"].iter().any(|name| field.starts_with(name)) {
            prose.push((field.to_owned(), text.to_owned()));
        }
    });
    for (field, content) in prose {
        for _ in 0..text::siblings(&content) {
            let what = "speaks of brothers or sisters of a minor";
            findings.push(Finding::of_field(Level::Stop, Code::MinorSibling, path, &field, what));
        }
        for _ in 0..text::schools(&content) {
            let what = "speaks of the school of a minor";
            findings.push(Finding::of_field(Level::Stop, Code::MinorSchool, path, &field, what));
        }
    }
}

/// Field by field: its class, whether it is published, and why.
fn decisions(path: &str, record: &Record, value: &Value) -> Vec<Decision> {
    let decide = |field: &str, class, published, why| Decision {
        path: path.to_owned(),
        field: Some(field.to_owned()),
        class,
        published,
        why,
    };
    let mut out = Vec::new();
    let names = value.as_object().into_iter().flatten().map(|(name, _)| name);
    let Record::Victim(victim) = record else {
        return names.map(|name| decide(name, Class::P0, true, Why::Public)).collect();
    };
    let consent = victim.consent.as_ref().map(|consent| consent.basis.word());
    let allowed = consent.map_or(Why::Public, Why::Consent);
    for name in names {
        let class = class_of(name);
        out.push(decide(name, class, true, if class == Class::P1 { allowed } else { Why::Public }));
    }
    for name in P1_FIELDS {
        let mut at = Some(value);
        for part in name.split('.') {
            at = at.and_then(|value| value.get(part));
        }
        let withheld = victim.withheld.iter().any(|w| w == name);
        let why = match (victim.is_tombstone(), withheld) {
            (true, _) => Why::Gone,
            (_, true) => Why::Withheld,
            _ => Why::Absent,
        };
        match at {
            Some(_) if name.contains('.') => out.push(decide(name, Class::P1, true, allowed)),
            Some(_) => {}
            None => out.push(decide(name, Class::P1, false, why)),
        }
    }
    // What is withheld of class P0, such as a name.
    for name in victim.withheld.iter().filter(|name| !P1_FIELDS.contains(&name.as_str())) {
        out.push(decide(name, class_of(name), false, Why::Withheld));
    }
    out
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
