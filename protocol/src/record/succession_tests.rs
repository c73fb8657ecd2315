//! REC-18, on made-up records.

use super::super::{ChangeCode, Gender, Incident, StatusReason, Texts, Victim};
use super::*;

fn person(version: u64) -> Victim {
    let mut v = Victim::new(RecordId([7; 16]), "2026-06-01");
    v.version = version;
    v.prev = (version > 1).then_some(Digest(Hash([1; 32])));
    v.changes = (2..=version).map(change).collect();
    v
}

fn change(version: u64) -> Change {
    Change { on: "2026-06-01".into(), code: ChangeCode::Corrected, fields: vec![], version }
}

fn gone(version: u64, status: Status) -> Record {
    let mut v = person(1);
    v.version = version;
    v.status = status;
    v.status_reason = Some(StatusReason::Withheld);
    record(v)
}

fn record(victim: Victim) -> Record {
    Record::Victim(Box::new(victim))
}

/// The next version as tools make it.
fn next(old: &Record, edit: impl FnOnce(&mut Victim)) -> Record {
    let Record::Victim(before) = old else { panic!("no person") };
    let mut v = person(1);
    v.version = before.version + 1;
    v.prev = Some(Digest(Hash::of(&old.encode())));
    v.changes = before.changes.clone();
    v.changes.push(change(v.version));
    edit(&mut v);
    record(v)
}

fn fields(old: &Record, new: &Record) -> Vec<String> {
    let faults = succession(old, Some(new));
    assert!(faults.iter().all(|f| f.clause == "REC-18"));
    faults.into_iter().map(|f| f.field).collect()
}

#[test]
fn what_goes_on_is_no_fault() {
    let old = record(person(3));
    let second = next(&old, |_| ());
    assert!(fields(&old, &old).is_empty());
    assert!(fields(&old, &second).is_empty());
    assert!(fields(&old, &next(&second, |_| ())).is_empty(), "two corrections, one release");
    assert!(fields(&old, &gone(4, Status::Withdrawn)).is_empty());
    assert!(fields(&old, &gone(9, Status::Merged)).is_empty());
    assert!(fields(&gone(4, Status::Withdrawn), &gone(5, Status::Retracted)).is_empty());
    let disputed = next(&old, |v| v.status = Status::Disputed);
    assert!(fields(&old, &disputed).is_empty());
}

#[test]
fn a_lower_version_or_another_content_under_the_same_number() {
    let old = record(person(3));
    for version in [1, 2] {
        assert_eq!(fields(&old, &record(person(version))), ["version"]);
        assert_eq!(fields(&old, &gone(version, Status::Withdrawn)), ["version"]);
    }
    let mut other = person(3);
    other.gender = Some(Gender::Female);
    assert_eq!(fields(&old, &record(other)), ["version"]);
    assert_eq!(fields(&old, &gone(3, Status::Withdrawn)), ["version"]);
    let [a, b] = [Status::Withdrawn, Status::Retracted].map(|status| gone(4, status));
    assert_eq!(fields(&a, &b), ["version"]);
}

#[test]
fn a_history_stays_as_it_was() {
    let old = record(person(3));
    let lacking = next(&old, |v| drop(v.changes.remove(0)));
    assert_eq!(fields(&old, &lacking), ["changes"]);
    let rewritten = next(&old, |v| v.changes[0].code = ChangeCode::Added);
    assert_eq!(fields(&old, &rewritten), ["changes"]);
    let inserted = next(&old, |v| v.changes.insert(2, change(3)));
    assert_eq!(fields(&old, &inserted), ["changes"]);
    // Made upon another version of the same number: what that one corrected is kept, and what ours did is not.
    let beside = next(&old, |v| v.prev = Some(Digest(Hash([9; 32]))));
    assert_eq!(fields(&old, &beside), ["prev"]);
    let both = next(&old, |v| (v.prev, v.changes) = (None, vec![change(4)]));
    assert_eq!(fields(&old, &both), ["prev", "changes"]);
}

#[test]
fn what_is_gone_comes_back_only_by_its_own_next_version() {
    for status in [Status::Withdrawn, Status::Retracted, Status::Merged] {
        let old = gone(3, status);
        assert_eq!(fields(&old, &record(person(2))), ["version", "status"]);
        assert_eq!(fields(&old, &record(person(3))), ["version", "status"]);
        // A folder in which nobody knew that it is gone, and two corrections were made since.
        assert_eq!(fields(&old, &record(person(4))), ["status"]);
        assert_eq!(fields(&old, &record(person(5))), ["status"]);
        let meant = next(&old, |_| ());
        assert!(fields(&old, &meant).is_empty());
        assert_eq!(fields(&old, &next(&meant, |_| ())), ["status"], "one step, seen by everybody");
    }
}

#[test]
fn what_vanishes_is_a_fault_without_a_field() {
    for old in [record(person(1)), gone(2, Status::Withdrawn)] {
        let faults = succession(&old, None);
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].clause, faults[0].field.as_str()), ("REC-18", ""));
    }
}

#[test]
fn incidents_too_and_never_one_for_another() {
    let mut event = Incident {
        id: RecordId([7; 16]),
        prev: None,
        dates: None,
        place: None,
        title: Some(Texts { en: Some("Sample".into()), fa: None }),
        tolls: vec![],
        schema: super::super::INCIDENT.into(),
        status: Status::Active,
        changes: vec![],
        sources: vec![],
        summary: None,
        version: 1,
        fictional: None,
        issued_on: "2026-06-01".into(),
        merged_into: None,
        status_reason: None,
    };
    let incident = |event: &Incident| Record::Incident(Box::new(event.clone()));
    let old = incident(&event);
    event.title = None;
    assert_eq!(fields(&old, &incident(&event)), ["version"]);
    (event.version, event.changes) = (2, vec![change(2)]);
    event.prev = Some(Digest(Hash::of(&old.encode())));
    assert!(fields(&old, &incident(&event)).is_empty());
    assert_eq!(fields(&incident(&event), &old), ["version"]);
    assert_eq!(fields(&old, &record(person(2))), ["id"]);
    let mut other = person(2);
    other.id = RecordId([8; 16]);
    assert_eq!(fields(&record(person(1)), &record(other)), ["id"]);
}
