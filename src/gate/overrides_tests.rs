//! What an override can do, and what it cannot.

use super::*;
use crate::gate::finding::Level;

fn finding(level: Level, code: Code, field: Option<&str>) -> Finding {
    Finding {
        level,
        path: "records/a.cbor".into(),
        field: field.map(str::to_owned),
        code,
        what: "x".into(),
        times: 1,
    }
}

fn inspected(findings: &[Finding]) -> Inspected {
    let mut inspected = Inspected::default();
    inspected.add(findings.iter().cloned());
    inspected
}

fn over(target: &str) -> Override {
    Override::parse(target, "the number of a public office").unwrap()
}

#[test]
fn an_override_is_for_one_kind_one_file_one_field() {
    let stop = finding(Level::Stop, Code::Phone, Some("story.fa"));
    let seen = inspected(&[stop]);
    let good = judge(&seen, &[over("phone:records/a.cbor#story.fa")]);
    assert!(good.may_pass());
    assert_eq!(good.passed[0].field.as_deref(), Some("story.fa"));
    for other in [
        "email:records/a.cbor#story.fa",
        "phone:records/a.cbor",
        "phone:records/b.cbor#story.fa",
        "phone:records/a.cbor#story.en",
    ] {
        let judged = judge(&seen, &[over(other)]);
        assert_eq!((judged.stops.len(), judged.stale.len()), (1, 1), "{other}");
    }
}

/// What is added later was looked at by nobody.
#[test]
fn an_override_is_for_so_many_findings() {
    let stop = finding(Level::Stop, Code::Phone, Some("story.fa"));
    let target = "phone:records/a.cbor#story.fa";
    let other = Finding { what: "y".into(), ..stop.clone() };
    // The same twice, and one that reads otherwise.
    let seen = inspected(&[stop.clone(), stop.clone(), other]);
    assert_eq!(seen.findings.len(), 2);
    for wrong in [1, 2, 4] {
        let judged = judge(&seen, &[over(&format!("{target}={wrong}"))]);
        assert!(!judged.may_pass() && judged.passed.is_empty() && judged.stops.len() == 2);
        assert_eq!((judged.stale[0].over.count, judged.stale[0].found), (wrong, 3));
    }
    let judged = judge(&seen, &[over(&format!("{target}=3"))]);
    assert!(judged.may_pass());
    assert_eq!((judged.passed.len(), judged.passed[0].count), (1, 3));
    // A note is no such finding.
    let note = finding(Level::Note, Code::Phone, Some("story.fa"));
    assert!(judge(&inspected(&[stop, note]), &[over(target)]).may_pass());
}

#[test]
fn what_is_final_stays_and_says_so() {
    for code in [Code::RestrictedField, Code::ActiveContent] {
        let seen = inspected(&[finding(Level::Final, code, Some("story.fa"))]);
        let target = format!("{code}:records/a.cbor#story.fa");
        let judged = judge(&seen, &[over(&target)]);
        assert!(!judged.may_pass());
        assert_eq!((judged.stops.len(), judged.refused.len(), judged.stale.len()), (1, 1, 0));
        assert!(judged.passed.is_empty());
    }
}

#[test]
fn an_override_that_lets_nothing_pass_stops_the_build() {
    let judged = judge(&inspected(&[]), &[over("phone:records/a.cbor")]);
    assert!(!judged.may_pass() && judged.stale.len() == 1);
    // Bound to other bytes than those that are there.
    let mut bound = over("phone:records/a.cbor#story.fa");
    bound.hash = Some("00".repeat(32));
    let seen = inspected(&[finding(Level::Stop, Code::Phone, Some("story.fa"))]);
    let judged = judge(&seen, &[bound]);
    assert_eq!((judged.stops.len(), judged.stale.len()), (1, 1));
}

#[test]
fn a_note_stops_nothing() {
    let seen = inspected(&[finding(Level::Note, Code::Relative, None)]);
    let judged = judge(&seen, &[]);
    assert!(judged.may_pass() && judged.notes.len() == 1 && judged.passed.is_empty());
}

#[test]
fn the_reason_is_published_and_so_looked_at() {
    for (target, why) in [
        ("phone", "w"),
        ("phone:", "w"),
        ("telephone:a", "w"),
        ("phone:a", " "),
        ("phone:a", "call 09120000000"),
        ("phone:a", "two\nlines"),
        ("phone:a", &"x".repeat(501)),
    ] {
        assert!(Override::parse(target, why).is_err(), "{target} {why}");
    }
    assert!(Override::parse("phone:a=0", "w").is_err());
    assert!(Override::parse("phone:a=99999999999999999999999", "w").is_err());
    for (target, path, count) in
        [("phone:a=3", "a", 3), ("phone:a=b", "a=b", 1), ("phone:a?v=1=1", "a?v=1", 1)]
    {
        let over = Override::parse(target, "w").unwrap();
        assert_eq!((over.target.as_str(), over.count), (path, count));
    }
    let with_colon = Override::parse("email:a:b#c", "w").unwrap();
    assert_eq!((with_colon.code, with_colon.target.as_str()), (Code::Email, "a:b#c"));
}

#[test]
fn files_of_overrides() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("o.json");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        read_overrides(&file)
    };
    let good = r#"{"overrides":[{"code":"phone","path":"a","field":"b","why":"public","hash":"00"},
        {"code":"file-unclean","path":"c","why":"looked at","hash":"00","count":2}]}"#;
    let list = read(good).unwrap();
    assert_eq!((list[0].count, list[1].count), (1, 2));
    assert_eq!((list[0].target.as_str(), list[1].target.as_str()), ("a#b", "c"));
    assert!(read(r#"{"overrides":[{"code":"phone","path":"a","hash":"00"}]}"#).is_err());
    // What is kept is bound to the bytes for which it was decided.
    assert!(read(r#"{"overrides":[{"code":"phone","path":"a","why":"x"}]}"#).is_err());
    assert!(read(r#"{"overrides":[],"all":true}"#).is_err());
    assert!(read(&" ".repeat(2 << 20)).is_err());
    assert!(read_overrides(&dir.path().join("none")).is_err());
}
