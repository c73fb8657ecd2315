//! A row changes what its table has columns for; the rest of the record stays as it is.

use super::input::Header;
use serde_json::{Map, Value};
use yadgar_protocol::record::{Level, Victim, groups, level};

/// Fields of an item by which it is known again in a list.
const IDENTITY: [(&str, &[&str]); 5] = [
    ("names", &["lang", "text"]),
    ("sources", &["sid"]),
    ("media", &["path"]),
    ("claims", &["path", "value"]),
    ("external_ids", &["org", "id"]),
];
/// The fields of a date that are one statement: a new one replaces all of them.
const DATE_PARTS: [&str; 3] = ["edtf", "jalali", "source_cal"];
const DATES: [&str; 3] = ["birth", "died_at", "injured_at"];

/// The record that a row makes of the one that is there.
///
/// # Errors
/// What serde says; it cannot happen with records that were read.
pub fn blend(old: &Victim, new: &Victim, header: &Header) -> Result<Victim, serde_json::Error> {
    let mut merged = serde_json::to_value(new)?;
    let before = serde_json::to_value(old)?;
    if let (Value::Object(before), Value::Object(merged)) = (&before, &mut merged) {
        fields(header, "", before, merged);
        keep_names(header, before, merged);
    }
    let mut victim: Victim = serde_json::from_value(merged)?;
    let held = old.verification.as_ref().is_some_and(|v| v.level == Level::UnderReview);
    let computed = level(&victim);
    let count = groups(&victim.sources);
    if let Some(verification) = &mut victim.verification {
        verification.groups = count;
        if !header.has("level", 0) {
            let waits = held && level(old) != Level::UnderReview;
            verification.level = if waits { Level::UnderReview } else { computed };
        }
    }
    Ok(victim)
}

fn covered(header: &Header, path: &str) -> bool {
    if let Some((date, part)) = path.split_once('.')
        && DATES.contains(&date)
        && DATE_PARTS.contains(&part)
    {
        return header.covers(date);
    }
    header.covers(path)
}

fn fields(header: &Header, path: &str, old: &Map<String, Value>, new: &mut Map<String, Value>) {
    for (name, before) in old {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let has_column = covered(header, &path);
        match new.get_mut(name) {
            None if !has_column => {
                new.insert(name.clone(), before.clone());
            }
            None => {}
            Some(now) if !has_column => *now = before.clone(),
            Some(Value::Object(now)) => {
                if let Value::Object(before) = before {
                    fields(header, &path, before, now);
                }
            }
            Some(Value::Array(now)) => {
                if let Value::Array(before) = before {
                    items(header, &path, before, now);
                }
            }
            Some(_) => {}
        }
    }
    // What was made up for want of a column is no statement about a record that is there.
    let silent = |name: &String| {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        !old.contains_key(name) && !path.is_empty() && optional(&path) && !covered(header, &path)
    };
    let drop: Vec<_> = new.keys().filter(|name| silent(name)).cloned().collect();
    for name in drop {
        new.remove(&name);
    }
}

/// Whether a field that a row sets without a column may be absent.
fn optional(path: &str) -> bool {
    path.ends_with(".tz")
}

fn items(header: &Header, path: &str, old: &[Value], new: &mut [Value]) {
    let Some((_, identity)) = IDENTITY.iter().find(|(list, _)| *list == path) else { return };
    let path = format!("{path}[]");
    for item in new {
        let known = old.iter().find(|before| identity.iter().all(|key| before[*key] == item[*key]));
        if let (Some(Value::Object(before)), Value::Object(item)) = (known, item) {
            fields(header, &path, before, item);
        }
    }
}

/// Names in languages that the table has no column for stay.
fn keep_names(header: &Header, old: &Map<String, Value>, new: &mut Map<String, Value>) {
    let Some(Value::Array(before)) = old.get("names") else { return };
    if !header.covers("names") {
        return;
    }
    let others = !header.numbers("name").is_empty();
    let spoken = |name: &Value| {
        let primary = name["kind"] == "primary";
        match (name["lang"].as_str(), primary) {
            (Some("fa"), true) => header.has("name_fa", 0),
            (Some("en"), true) => header.has("name_en", 0),
            (Some("fa"), false) => others || !header.numbers("name_fa_").is_empty(),
            (Some("en"), false) => others || !header.numbers("name_en_").is_empty(),
            _ => others,
        }
    };
    let kept: Vec<_> = before.iter().filter(|name| !spoken(name)).cloned().collect();
    if let Value::Array(now) = new.entry("names").or_insert_with(|| Value::Array(Vec::new())) {
        let fresh = |name: &Value| {
            !now.iter().any(|n| n["lang"] == name["lang"] && n["text"] == name["text"])
        };
        let kept: Vec<_> = kept.into_iter().filter(fresh).collect();
        now.extend(kept);
        // The order of the record before, so that nothing seems to have changed.
        let place = |name: &Value| {
            before.iter().position(|b| b["lang"] == name["lang"] && b["text"] == name["text"])
        };
        now.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
        if now.is_empty() {
            new.remove("names");
        }
    }
}
