//! Records of people who never lived, with faults planted one by one.

use super::*;
use crate::gate::finding::Level;
use serde_json::json;

const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A record without faults, as JSON.
fn good() -> Value {
    json!({
        "schema": "victim/1", "id": ID, "version": 1, "status": "active", "issued_on": "2026-01-01",
        "fictional": "yes", "gender": "female", "role": "bystander", "minor": "no",
        "manner": ["live_fire"], "age": { "min": 30, "max": 30, "basis": "stated" },
        "names": [{ "text": "Nobody Sampleborn", "lang": "en", "script": "Latn", "kind": "primary",
            "translit": "ad_hoc", "src": ["s1"] }],
        "sources": [{ "sid": "s1", "kind": "ngo_report", "group": 1,
            "publisher": { "en": "Sample Observatory (fictional)" }, "url": "https://example.org/1" }],
        "verification": { "level": "under_review", "groups": 1, "reviewers": 0 },
        "consent": { "basis": "public_record", "scope": ["name", "photo", "story"] },
        "story": { "en": "She kept bees.", "fa": "زنبور نگه می\u{200c}داشت." },
        "withheld": ["father_name"],
    })
}

fn look_at(value: &Value) -> Seen {
    let victim: Victim = serde_json::from_value(value.clone()).unwrap();
    let bytes = Record::Victim(Box::new(victim)).encode();
    look(&format!("records/{ID}.cbor"), &bytes, false)
}

fn found(change: impl Fn(&mut Value)) -> Vec<(Code, Level, String)> {
    let mut value = good();
    change(&mut value);
    let seen = look_at(&value);
    let one = |f: Finding| (f.code, f.level, f.field.unwrap_or_default());
    seen.findings.into_iter().map(one).collect()
}

#[test]
fn a_good_record_has_no_finding() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn consent_and_minors() {
    let one = |change: &dyn Fn(&mut Value), code: Code, field: &str| {
        let all = found(change);
        assert!(all.contains(&(code, Level::Final, field.to_owned())), "{code}: {all:?}");
    };
    one(&|v| drop(v.as_object_mut().unwrap().remove("consent")), Code::ConsentMissing, "consent");
    one(&|v| v["consent"]["scope"] = json!(["name"]), Code::ConsentScope, "story");
    let minor = |v: &mut Value| {
        v["minor"] = "yes".into();
        v["age"] = json!({ "min": 12, "max": 12, "basis": "stated" });
    };
    one(&minor, Code::MinorStory, "story");
    one(
        &|v| {
            minor(v);
            v["media"] = json!([{ "alt": { "en": "x" }, "hash": "00".repeat(32), "mime": "image/jpeg",
                "path": "a.jpg", "role": "portrait", "bytes": 1, "graphic": "none" }]);
        },
        Code::MinorPhoto,
        "media",
    );
    one(
        &|v| {
            minor(v);
            v["education"] = json!({ "en": "a school" });
        },
        Code::MinorSchool,
        "education",
    );
    one(
        &|v| {
            minor(v);
            v["place"] = json!({ "kind": "street", "country": "IR", "precision": "locality",
                "city": { "en": "Abnegaran" }, "locality": { "en": "a quarter" } });
        },
        Code::MinorPlace,
        "place",
    );
    // The family allows the story; brothers, sisters and the school are another matter.
    let all = found(|v| {
        minor(v);
        v["consent"]["basis"] = "family".into();
        v["story"] = json!({ "en": "Her sister and her school.", "fa": "برادرش و مدرسه." });
    });
    for (code, field) in [
        (Code::MinorSibling, "story.en"),
        (Code::MinorSibling, "story.fa"),
        (Code::MinorSchool, "story.en"),
        (Code::MinorSchool, "story.fa"),
    ] {
        assert!(all.contains(&(code, Level::Stop, field.to_owned())), "{all:?}");
    }
}

#[test]
fn a_minors_school_is_seen_in_every_text() {
    for (field, value) in [
        ("occupation", json!({ "fa": "دانش\u{200c}آموز دبیرستان نمونه" })),
        ("official_cause", json!({ "src": ["s1"], "text": { "en": "fell at school" } })),
        ("burial_city", json!({ "en": "beside her sister" })),
    ] {
        let all = found(|v| {
            v["minor"] = "likely".into();
            v.as_object_mut().unwrap().remove("age");
            v.as_object_mut().unwrap().remove("story");
            v[field] = value.clone();
        });
        let seen = |(code, level, at): &(Code, Level, String)| {
            matches!(code, Code::MinorSchool | Code::MinorSibling)
                && *level == Level::Stop
                && at.starts_with(field)
        };
        assert!(all.iter().any(seen), "{field}: {all:?}");
    }
}

#[test]
fn texts_of_every_field_are_read() {
    for (field, pointer) in [
        ("story.fa", "/story/fa"),
        ("names[0].text", "/names/0/text"),
        ("sources[0].publisher.en", "/sources/0/publisher/en"),
    ] {
        let all = found(|v| *v.pointer_mut(pointer).unwrap() = "a 0912 000 0000 b".into());
        assert_eq!(all, [(Code::Phone, Level::Stop, field.to_owned())]);
    }
    let all = found(|v| v["sources"][0]["url"] = "https://t.example/+989120000000".into());
    assert_eq!(all, [(Code::Phone, Level::Stop, "sources[0].url".to_owned())]);
    let all = found(|v| v["external_ids"] = json!([{ "org": "x", "id": "a@example.org" }]));
    assert_eq!(all, [(Code::Email, Level::Stop, "external_ids[0].id".to_owned())]);
}

#[test]
fn markup_and_hidden_characters_are_final() {
    let all = found(|v| v["story"]["en"] = "<b>bold</b>".into());
    assert_eq!(all, [(Code::ActiveContent, Level::Final, "story.en".to_owned())]);
    let all = found(|v| v["story"]["en"] = "a\u{202e}b".into());
    assert_eq!(all, [(Code::HiddenText, Level::Final, "story.en".to_owned())]);
    let all = found(|v| v["story"]["en"] = "a\u{200b}b".into());
    assert_eq!(all, [(Code::HiddenText, Level::Stop, "story.en".to_owned())]);
}

#[test]
fn what_is_withheld_or_restricted_is_not_claimed() {
    let claim = |path: &str| json!([{ "path": path, "value": { "en": "x" }, "src": ["s1"], "confidence": "reported" }]);
    let all = found(|v| v["claims"] = claim("father_name"));
    assert_eq!(all, [(Code::WithheldField, Level::Final, "claims[0]".to_owned())]);
    for path in ["phone", "national_id"] {
        let all = found(|v| v["claims"] = claim(path));
        let field = "claims[0].path".to_owned();
        assert!(all.contains(&(Code::RestrictedField, Level::Final, field)), "{path}: {all:?}");
    }
    assert_eq!(found(|v| v["claims"] = claim("died_at")), []);
}

#[test]
fn fields_that_the_format_does_not_have_are_named_by_class() {
    use std::collections::BTreeMap;
    // The bytes of a record with more fields than the format has: CBOR of nested maps of texts.
    let inner = BTreeMap::from([("address", "x")]);
    let outer = BTreeMap::from([("place", inner), ("national_id", BTreeMap::new())]);
    let bytes = yadgar_protocol::cbor::encode(&outer);
    let seen = look("records/x.cbor", &bytes, false);
    let fields: Vec<_> = seen.findings.iter().filter_map(|f| f.field.as_deref()).collect();
    assert!(fields.contains(&"address") && fields.contains(&"national_id"), "{seen:?}");
    assert!(seen.findings.iter().all(|f| f.level == Level::Final));
    let seen = look("records/x.cbor", b"no record", false);
    assert_eq!(seen.findings[0].code, Code::BadRecord);
}

#[test]
fn other_files_beside_records_are_read_too() {
    let codes = |text: &str| -> Vec<Code> {
        let found = look_other("records/x.json", text);
        found.into_iter().filter(|f| f.level < Level::Note).map(|f| f.code).collect()
    };
    assert_eq!(codes(r#"{"schema":"victim/1","n":1}"#), []);
    assert_eq!(codes(r#"{"a":[{"phone":"x"}]}"#), [Code::RestrictedField]);
    assert_eq!(codes("mail a@example.org"), [Code::Email]);
}

#[test]
fn every_decision_is_told() {
    let victim: Victim = serde_json::from_value(good()).unwrap();
    let bytes = Record::Victim(Box::new(victim)).encode();
    let seen = look(&format!("records/{ID}.cbor"), &bytes, true);
    let of = |name: &str| {
        let found = seen.decisions.iter().find(|d| d.field.as_deref() == Some(name)).unwrap();
        (found.class, found.published, found.why)
    };
    assert_eq!(of("names"), (Class::P0, true, Why::Public));
    assert_eq!(of("story"), (Class::P1, true, Why::Consent("public_record")));
    assert_eq!(of("father_name"), (Class::P1, false, Why::Withheld));
    assert_eq!(of("education"), (Class::P1, false, Why::Absent));
    assert_eq!(of("place.locality"), (Class::P1, false, Why::Absent));
}
