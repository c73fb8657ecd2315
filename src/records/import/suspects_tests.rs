use super::*;
use serde_json::{Value, json};

fn victim(change: Value) -> Victim {
    let mut value = json!({
        "schema": "victim/1", "id": "aaaaaaaaaaaaaaaaaaaaaaaaaa", "version": 1, "status": "active",
        "issued_on": "2026-01-01", "fictional": "yes",
        "names": [{ "kind": "primary", "lang": "fa", "script": "Arab", "translit": "none",
            "text": "روژان گندم‌خورشید" }],
    });
    value.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn score(a: Value, b: Value) -> i32 {
    Person::of(&victim(a)).compare(&Person::of(&victim(b))).0
}

fn name(text: &str) -> Value {
    json!([{ "kind": "primary", "lang": "en", "script": "Latn", "translit": "ad_hoc", "text": text }])
}

fn died(day: &str) -> Value {
    json!({ "edtf": day, "source_cal": "gregorian" })
}

#[test]
fn what_speaks_for_one_person_and_what_against() {
    let arabic = json!([{ "kind": "primary", "lang": "fa", "script": "Arab", "translit": "none",
        "text": "روژان گندم خورشيد" }]);
    assert!(score(json!({}), json!({ "names": arabic })) >= THRESHOLD, "another spelling");
    let on = |day| json!({ "died_at": died(day) });
    assert!(score(on("2019-11-16"), on("2019-11")) >= THRESHOLD);
    assert!(score(on("2019-11-16"), on("2019-11-18")) < THRESHOLD, "another day");
    let father = |n: &str| json!({ "father_name": { "fa": n }, "died_at": died("2019-11-16") });
    assert!(score(father("هرمز"), father("هرمز")) > score(father("هرمز"), json!({})));
    assert!(score(father("هرمز"), father("بهرام")) < THRESHOLD, "another father");
    // Across scripts the consonants alone do not suffice; with the day they do.
    let latin = json!({ "names": name("Rojan Gandom-Khorshid") });
    assert!(score(json!({}), latin.clone()) < THRESHOLD);
    let latin = json!({ "names": name("Rojan Gandom-Khorshid"), "died_at": died("2019-11-16") });
    assert!(score(on("2019-11-16"), latin) >= THRESHOLD);
    let aged = |n: u64| json!({ "age": { "min": n, "max": n, "basis": "stated" } });
    assert!(score(aged(20), aged(21)) >= THRESHOLD && score(aged(20), aged(40)) < THRESHOLD);
    let elsewhere =
        |n: &str| json!({ "names": name(n), "external_ids": [{ "org": "A", "id": "7" }] });
    assert!(score(elsewhere("Sara Sang"), elsewhere("Mina Barg")) >= THRESHOLD);
}

#[test]
fn pairs_are_found_once_and_only_with_what_is_imported() {
    let who = |n: u8, row: Option<u64>, change: Value| Who {
        id: RecordId([n; 16]),
        row: row.map(|row| ("f".into(), Some(row))),
        person: Person::of(&victim(change)),
    };
    let people = [
        who(1, None, json!({})),
        who(2, None, json!({})),
        who(3, Some(2), json!({})),
        who(4, Some(3), json!({ "names": name("Sara Sangbaran") })),
    ];
    let (found, cut) = find(&people, |_, _| false);
    let pairs: Vec<_> = found.iter().map(|s| (s.a.id.0[0], s.b.id.0[0])).collect();
    assert_eq!((pairs, cut), (vec![(3, 1), (3, 2)], false));
    let apart = |a: RecordId, b: RecordId| (a.0[0], b.0[0]) == (1, 3) || (a.0[0], b.0[0]) == (3, 1);
    assert_eq!(find(&people, apart).0.len(), 1);
}

/// A name that thousands have costs no comparison of all with all.
#[test]
fn a_name_of_many_is_looked_at_with_what_else_is_the_same() {
    let mut people: Vec<_> = (0..2_000_u32)
        .map(|n| {
            let day = format!("{}-01-{:02}", 1500 + n / 28, 1 + n % 28);
            let mut id = [0; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            let person = Person::of(&victim(json!({ "died_at": died(&day) })));
            Who { id: RecordId(id), row: Some(("f".into(), Some(u64::from(n)))), person }
        })
        .collect();
    assert!(find(&people, |_, _| false).0.is_empty());
    let twin = Who { id: RecordId([9; 16]), ..people[77].clone() };
    people.push(twin);
    let (found, cut) = find(&people, |_, _| false);
    assert_eq!((found.len(), cut), (1, false));
}
