//! A draft for scripts.

use super::facts::Facts;
use crate::publish::draft::{Body, FileChange, Kind, Quorum, Review};
use crate::publish::notes::Note;
use serde_json::{Value, json};
use yadgar_protocol::Path;
use yadgar_protocol::record::Fault;
use yadgar_protocol::trust::Role;
use yadgar_protocol::withdraw::Withdrawal;

/// Files of each kind that are listed.
const MAX_FILES: usize = 1000;

/// Everything about a draft.
pub fn describe(facts: &Facts) -> Value {
    let checked = &facts.checked;
    let missing: u64 = checked.quorums().iter().map(Quorum::missing).max().unwrap_or(0);
    let mut out = json!({
        "act": checked.draft.act.word(), "archive": checked.archive.to_string(),
        "name": checked.name(), "chars": checked.chars(),
        "payload": checked.draft.signed.payload_hash().to_hex(),
        "quorums": checked.quorums().iter().map(quorum).collect::<Vec<_>>(),
        "missing": missing, "ready": checked.is_signed(),
        "warnings": facts.warnings.iter().map(|w| w.code).collect::<Vec<_>>(),
    });
    match &checked.body {
        Body::Release(r) => {
            out["sequence"] = r.sequence.into();
            out["date"] = r.date.clone().into();
            out["root_version"] = r.root_version.into();
            out["records"] = r.records.into();
            out["parts"] = r.parts.iter().map(|p| {
                json!({ "name": p.name, "root": p.root.to_string(), "files": p.files, "bytes": p.bytes })
            }).collect();
            out["changes"] = facts.changes().map_or(Value::Null, changes);
            out["back"] = back(facts);
            out["withdrawn"] = withdrawn(facts, &r.withdrawn);
            out["gate"] = match &facts.gate {
                Some(Note::None) => json!([]),
                Some(Note::Read(passed)) => json!(passed),
                Some(Note::Unreadable) | None => Value::Null,
            };
        }
        Body::TrustRoot(r) => {
            out["version"] = r.version.into();
            out["root"] = role(&r.root);
            out["release"] = role(&r.release);
            out["base"] = r.base.map_or(Value::Null, |b| json!([b.0, b.1.to_hex()]));
        }
        Body::Notice(n) => {
            out["sequence"] = n.sequence.into();
            out["date"] = n.date.clone().into();
            out["withdrawn"] = withdrawn(facts, &n.withdrawn);
        }
    }
    out
}

/// Records that the release takes back, field by field (REC-18).
fn back(facts: &Facts) -> Value {
    if facts.changes().is_none() {
        return Value::Null;
    }
    let one = |(path, faults): &(Path, Vec<Fault>)| -> Vec<Value> {
        let of = |fault: &Fault| {
            let field = Some(&fault.field).filter(|field| !field.is_empty());
            json!({ "path": path.to_string(), "field": field, "why": fault.why })
        };
        faults.iter().map(of).collect()
    };
    let records: Vec<_> = facts.back.records.iter().flat_map(one).take(MAX_FILES).collect();
    json!({ "records": records, "count": facts.back.records.len(), "unknown": facts.back.unknown })
}

/// A role that has to sign.
pub fn quorum(q: &Quorum) -> Value {
    let ids = |keys: &[yadgar_protocol::ids::PublicKey]| -> Vec<String> {
        keys.iter().map(|k| k.key_id()).collect()
    };
    json!({
        "role": q.role, "keys": ids(&q.keys), "threshold": q.threshold,
        "signed": ids(&q.signed), "missing": q.missing(),
    })
}

fn role(role: &Role) -> Value {
    let keys: Vec<_> = role.keys.iter().map(|k| k.key_id()).collect();
    json!({ "keys": keys, "threshold": role.threshold })
}

fn withdrawn(facts: &Facts, list: &[Withdrawal]) -> Value {
    let paths = |w: &Withdrawal| -> Vec<String> {
        facts.names.paths.get(&w.item).into_iter().flatten().map(ToString::to_string).collect()
    };
    list.iter()
        .map(|w| {
            json!({
                "item": w.item.to_hex(), "date": w.date, "reason": w.reason.word(),
                "sequence": w.sequence, "paths": paths(w),
            })
        })
        .collect()
}

/// What a release changes.
pub fn changes(review: &Review) -> Value {
    let kinds = [
        ("removed", Kind::Removed),
        ("changed", Kind::Changed),
        ("moved", Kind::Moved),
        ("added", Kind::Added),
    ];
    let mut out = json!({});
    for (name, kind) in kinds {
        let (count, files) = (review.count(kind), review.files.iter().filter(|f| f.kind() == kind));
        out[name] = json!({
            "records": count.records, "files": count.files,
            "paths": files.take(MAX_FILES).map(file).collect::<Vec<_>>(),
        });
    }
    out
}

fn file(file: &FileChange) -> Value {
    let side = |s: &Option<crate::publish::draft::Side>| {
        s.as_ref().map_or(Value::Null, |s| json!({ "part": s.part, "bytes": s.size }))
    };
    json!({ "path": file.path.to_string(), "old": side(&file.old), "new": side(&file.new) })
}
