//! One row or full record to what would be written, without regard to the others.

use super::blend::blend;
use super::build::{self, Draft, Files};
use super::existing::Existing;
use super::input::{Full, Item, Row};
use super::problem::{Code, Problem};
use super::row_keys::Keys;
use crate::records::{Revised, read_one, revise};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{
    ChangeCode, Digest, INCIDENT, Record, RecordId, Victim, check, groups, level,
};

/// What is needed to judge an item.
#[derive(Debug)]
pub struct Context<'a> {
    /// The folder that is published.
    pub folder: &'a Path,
    /// What is in it.
    pub existing: &'a Existing,
    /// Keys of earlier imports.
    pub keys: &'a Keys,
    /// Files of the folder.
    pub files: Files,
    /// Day of new versions.
    pub today: &'a str,
    /// Why records change.
    pub code: ChangeCode,
}

/// What is to be done with an item.
#[derive(Debug)]
pub enum Action {
    /// A new record that gets an id.
    New(Box<Victim>),
    /// A new record that has its id.
    Keep(Box<Record>),
    /// The next version, and the fields that change.
    Next(Box<Record>, Vec<String>),
    /// Nothing.
    Same(Box<Record>),
    /// Nothing, for its problems; what could be read of it.
    Bad(Option<Box<Victim>>),
}

/// An item after its own part of the work.
#[derive(Debug)]
pub struct Worked {
    /// The file.
    pub file: Arc<str>,
    /// The row.
    pub row: Option<u64>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// The record that it is about, where it says so.
    pub id: Option<RecordId>,
    /// Its key.
    pub key: Option<String>,
    /// Others that are not the same person.
    pub distinct: Vec<String>,
    /// What to do.
    pub action: Action,
}

/// Works on an item.
pub fn work(item: &Item, context: &Context<'_>) -> Worked {
    match item {
        Item::Row(row) => of_row(row, context),
        Item::Full(full) => of_full(full, context),
    }
}

fn of_row(row: &Row, context: &Context<'_>) -> Worked {
    let (draft, mut problems) = build::draft(row, &context.files, context.today);
    let target = target(row, &draft, context, &mut problems);
    let Draft { mut victim, id, key, distinct, spoiled } = draft;
    let mut at = id.or_else(|| context.keys.keys.get(key.as_ref()?).copied());
    let action = match target {
        Ok(None) => {
            let faults = check(&Record::Victim(Box::new(victim.clone())));
            problems.extend(build::fault_problems(row, &spoiled, &victim, &faults));
            Action::New(Box::new(victim))
        }
        Ok(Some(id)) => {
            at = Some(id);
            victim.id = id;
            change(row, victim, &spoiled, context, &mut problems)
        }
        Err(()) => Action::Bad(None),
    };
    let bad = !problems.iter().all(|problem| problem.warning);
    let action = match action {
        Action::New(victim) if bad => Action::Bad(Some(victim)),
        action => action,
    };
    Worked {
        file: row.file.clone(),
        row: Some(row.number),
        problems,
        id: at,
        key,
        distinct,
        action,
    }
}

/// The record that a row is about; `None` for a new one.
fn target(
    row: &Row,
    draft: &Draft,
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Option<RecordId>, ()> {
    let mut wrong = |name: &'static str, code, id: RecordId| {
        let problem = Problem::new(&row.file, code).row(row.number);
        let problem = problem.column(row.header.title(name, 0)).hint(id.to_string());
        let value = row.cell(name, 0).map(super::problem::clip);
        problems.push(Problem { value, ..problem });
        Err(())
    };
    if row.was_spoiled("id", 0) || (draft.id.is_none() && row.cell("id", 0).is_some()) {
        return Err(());
    }
    let remembered = draft.key.as_ref().and_then(|key| context.keys.keys.get(key).copied());
    let (name, id) = match (draft.id, remembered) {
        (Some(id), Some(of_key)) if id != of_key => return wrong("key", Code::KeyMismatch, of_key),
        (Some(id), _) => ("id", id),
        (None, Some(id)) => ("key", id),
        (None, None) => return Ok(None),
    };
    match context.existing.known.get(&id) {
        Some(known) if known.incident => wrong(name, Code::OtherKind, id),
        Some(known) if known.gone => wrong(name, Code::Gone, id),
        Some(_) => Ok(Some(id)),
        // What the folder had and has no more was taken out: it does not come back by itself.
        None if name == "key" => wrong(name, Code::Gone, id),
        None => wrong(name, Code::UnknownId, id),
    }
}

/// A row about a record of the folder.
fn change(
    row: &Row,
    victim: Victim,
    spoiled: &[&str],
    context: &Context<'_>,
    problems: &mut Vec<Problem>,
) -> Action {
    let mut unreadable = |why: String| {
        let problem = Problem::new(&row.file, Code::FolderRecord).row(row.number);
        problems.push(problem.column(victim.id.to_string()).hint(why));
        Action::Bad(None)
    };
    let (old, bytes) = match read_one(context.folder, &victim.id.to_string()) {
        Ok(Some(found)) => found,
        Ok(None) => return unreadable("REC-3".to_owned()),
        Err(error) => return unreadable(error.to_string()),
    };
    let Record::Victim(before) = &old else { return unreadable("victim/1".to_owned()) };
    let blended = match blend(before, &victim, &row.header) {
        Ok(blended) => blended,
        Err(error) => return unreadable(error.to_string()),
    };
    let kept = Box::new(blended.clone());
    let new = Record::Victim(Box::new(blended));
    match revise(&old, &bytes, new, context.today, context.code) {
        Revised::Same => Action::Same(Box::new(old)),
        Revised::Next(next, fields) => Action::Next(next, fields),
        Revised::Faulty(faults) => {
            problems.extend(build::fault_problems(row, spoiled, &kept, &faults));
            Action::Bad(Some(kept))
        }
        Revised::Other => unreadable("victim/1".to_owned()),
    }
}

fn of_full(full: &Full, context: &Context<'_>) -> Worked {
    let mut worked = Worked {
        file: full.file.clone(),
        row: full.row,
        problems: Vec::new(),
        id: None,
        key: None,
        distinct: Vec::new(),
        action: Action::Bad(None),
    };
    let problem = |code| Problem { row: full.row, ..Problem::new(&full.file, code) };
    let (record, has_id) = match parse(&full.value, context.today) {
        Ok(parsed) => parsed,
        Err(error) => {
            worked.problems.push(problem(Code::BadJson).hint(error.to_string()));
            return worked;
        }
    };
    let faults = check(&record);
    if !faults.is_empty() {
        let told = faults.iter().map(|fault| build::problem_of(&full.file, full.row, fault));
        worked.problems.extend(told);
        worked.id = has_id.then(|| record.id());
        return worked;
    }
    if !has_id && let Record::Victim(victim) = record {
        worked.action = Action::New(victim);
        return worked;
    }
    worked.id = Some(record.id());
    match over(record, context) {
        Ok(action) => worked.action = action,
        Err((code, hint)) => {
            let column = worked.id.map(|id| id.to_string());
            worked.problems.push(Problem { column, ..problem(code).hint(hint) });
        }
    }
    worked
}

/// A full record; what belongs to a first version may be left out. Says whether it has an id.
fn parse(value: &Value, today: &str) -> Result<(Record, bool), serde_json::Error> {
    let mut value = value.clone();
    let incident = value["schema"] == INCIDENT;
    let has_id = value.get("id").is_some();
    if let Value::Object(fields) = &mut value {
        let mut add = |name: &str, default: Value| {
            fields.entry(name).or_insert(default);
        };
        if !incident {
            add("id", RecordId([0; 16]).to_string().into());
        }
        add("version", 1.into());
        add("status", "active".into());
        add("issued_on", today.into());
    }
    let computed = value["verification"].is_object() && value["verification"]["level"].is_null();
    if let Value::Object(verification) = &mut value["verification"]
        && computed
    {
        verification.insert("level".into(), "under_review".into());
        verification.entry("groups").or_insert(0.into());
    }
    if value["verification"].is_null()
        && let Value::Object(fields) = &mut value
    {
        fields.remove("verification");
    }
    if incident {
        return Ok((Record::Incident(serde_json::from_value(value)?), has_id));
    }
    let mut victim: Victim = serde_json::from_value(value)?;
    let (count, earned) = (groups(&victim.sources), level(&victim));
    if let Some(verification) = victim.verification.as_mut().filter(|_| computed) {
        (verification.groups, verification.level) = (count, earned);
    }
    Ok((Record::Victim(Box::new(victim)), has_id))
}

/// A full record over what the folder has under its id.
fn over(record: Record, context: &Context<'_>) -> Result<Action, (Code, String)> {
    if !context.existing.known.contains_key(&record.id()) {
        return Ok(Action::Keep(Box::new(record)));
    }
    let id = record.id().to_string();
    let damaged = |why: String| (Code::FolderRecord, why);
    let found = read_one(context.folder, &id).map_err(|e| damaged(e.to_string()))?;
    let (old, bytes) = found.ok_or_else(|| damaged("REC-3".to_owned()))?;
    let hint = |v: u64| v.to_string();
    let (is, was) = (life(&record), life(&old));
    if record.encode() == bytes {
        return Ok(Action::Same(Box::new(old)));
    }
    if was.gone || is.gone {
        return Err((Code::Gone, hint(was.version)));
    }
    let follows = is.version == was.version + 1 && is.prev == Some(Digest(Hash::of(&bytes)));
    match revise(&old, &bytes, record.clone(), context.today, context.code) {
        Revised::Same => Ok(Action::Same(Box::new(old))),
        Revised::Next(_, fields) if follows => Ok(Action::Next(Box::new(record), fields)),
        _ if is.version < was.version => Err((Code::OlderVersion, hint(was.version))),
        Revised::Next(next, fields) => Ok(Action::Next(next, fields)),
        Revised::Faulty(faults) => {
            let first = faults.first().map(|f| format!("{}: {} ({})", f.field, f.why, f.clause));
            Err((Code::Format, first.unwrap_or_default()))
        }
        Revised::Other => Err((Code::OtherKind, id)),
    }
}

struct Life {
    version: u64,
    prev: Option<Digest>,
    gone: bool,
}

fn life(record: &Record) -> Life {
    match record {
        Record::Victim(v) => Life { version: v.version, prev: v.prev, gone: v.is_tombstone() },
        Record::Incident(i) => {
            Life { version: i.version, prev: i.prev, gone: i.status_reason.is_some() }
        }
    }
}
