//! Clauses of record.md, on made-up people.

use super::*;
use crate::ids::Hash;

fn pair(fa: &str, en: &str) -> Texts {
    Texts { fa: Some(fa.to_owned()), en: Some(en.to_owned()) }
}

fn name(lang: &str, script: &str, text: &str) -> Name {
    Name {
        src: vec!["s1".to_owned()],
        kind: NameKind::Primary,
        lang: lang.to_owned(),
        text: text.to_owned(),
        script: script.to_owned(),
        translit: if script == "Arab" { Translit::None } else { Translit::AdHoc },
    }
}

fn source(sid: &str, group: u64, kind: SourceKind) -> Source {
    Source {
        sid: sid.to_owned(),
        url: Some("https://example.org/list".to_owned()),
        kind,
        lang: Some("fa".to_owned()),
        group,
        title: Some(pair("فهرست نمونه", "Sample list")),
        accessed: Some("2020-02-01".to_owned()),
        published: Some("2020-01-28".to_owned()),
        publisher: pair("دیده‌بان نمونه (ساختگی)", "Sample Observatory (fictional)"),
        archived_hash: None,
    }
}

fn date(edtf: &str, jalali: &str) -> FuzzyDate {
    FuzzyDate {
        tz: Some("Asia/Tehran".to_owned()),
        edtf: edtf.to_owned(),
        jalali: Some(jalali.to_owned()),
        source_cal: Calendar::Persian,
        time_local: Some("17:30".to_owned()),
    }
}

fn place() -> Place {
    Place {
        lat: None,
        lon: None,
        city: Some(pair("نی‌دشتان", "Neydashtan")),
        kind: PlaceKind::Street,
        county: None,
        country: "IR".to_owned(),
        locality: None,
        province: Some("IR-07".to_owned()),
        precision: Precision::City,
    }
}

/// A made-up person with most fields.
fn victim() -> Victim {
    let mut v = Victim::new(RecordId([7; 16]), "2026-06-01");
    v.fictional = Some(Yes::Yes);
    v.names =
        vec![name("fa", "Arab", "روژان گندم‌خورشید"), name("en", "Latn", "Rozhan Gandomkhorshid")];
    v.gender = Some(Gender::Female);
    v.role = Some(Role::Bystander);
    v.minor = Some(Minor::No);
    v.age = Some(Age { max: 25, min: 23, basis: AgeBasis::Stated });
    v.died_at = Some(date("2019-11-16", "1398-08-25"));
    v.place = Some(place());
    v.manner = vec![Manner::LiveFire];
    v.sources =
        vec![source("s1", 1, SourceKind::NgoReport), source("s2", 2, SourceKind::TestimonyPublic)];
    v.verification = Some(Verification {
        level: Level::Verified,
        groups: 2,
        methods: vec![Method::CrossCheck],
        reviewers: 2,
        methodology: None,
        reviewed_on: Some("2026-05-20".to_owned()),
    });
    v.consent = Some(Consent {
        basis: ConsentBasis::NgoPublished,
        scope: vec![Scope::Name],
        review_by: None,
    });
    v
}

pub(super) fn full() -> Victim {
    let mut v = victim();
    let text = Some(pair("نمونه", "sample"));
    v.version = 2;
    v.prev = Some(Digest(Hash([1; 32])));
    v.changes = vec![Change {
        on: "2026-06-01".to_owned(),
        code: ChangeCode::Corrected,
        fields: vec!["age".to_owned()],
        version: 2,
    }];
    v.birth = Some(date("1995-03-21/1996-03-19", "1374-01-01/1374-12-29"));
    v.injured_at = Some(date("2019-11-15", "1398-08-24"));
    v.custody = Some(Custody::No);
    v.incident = Some(RecordId([9; 16]));
    v.forces = vec![Force::Unknown];
    v.injury_site = vec![InjurySite::Torso];
    v.nationality = vec!["IR".to_owned()];
    v.withheld = vec!["media".to_owned()];
    v.private_sources = Some(PrivateSources::Some);
    (v.education, v.occupation, v.burial_city) = (text.clone(), text.clone(), text.clone());
    (v.father_name, v.ethnicity_religion, v.story) = (text.clone(), text.clone(), text.clone());
    v.consent = Some(Consent {
        basis: ConsentBasis::Family,
        scope: vec![Scope::Name, Scope::Story],
        review_by: Some(2030),
    });
    v.origin_city = Some(Place {
        lat: Some("29.60".to_owned()),
        lon: Some("-52.5".to_owned()),
        county: text.clone(),
        locality: text.clone(),
        precision: Precision::Locality,
        ..place()
    });
    v.place_of_death = Some(Place { kind: PlaceKind::Hospital, ..place() });
    v.official_cause =
        Some(OfficialCause { src: vec!["s2".to_owned()], text: pair("ادعا", "a claim") });
    v.external_ids = vec![ExternalId { id: "17".to_owned(), org: "Sample".to_owned(), url: None }];
    v.claims = vec![Claim {
        src: vec!["s1".to_owned()],
        path: "age".to_owned(),
        value: pair("۲۴", "24"),
        confidence: Confidence::Reported,
    }];
    v
}

pub(super) fn incident() -> Incident {
    Incident {
        id: RecordId([3; 16]),
        prev: None,
        dates: Some(date("2019-11-16", "1398-08-25")),
        place: Some(place()),
        title: Some(pair("رویداد نمونه", "Sample incident")),
        tolls: vec![Toll { max: 5, min: 3, src: vec!["s1".to_owned()] }],
        schema: INCIDENT.to_owned(),
        status: Status::Active,
        changes: Vec::new(),
        sources: vec![source("s1", 1, SourceKind::Media)],
        summary: None,
        version: 1,
        fictional: Some(Yes::Yes),
        issued_on: "2026-06-01".to_owned(),
        merged_into: None,
        status_reason: None,
    }
}

fn faults(change: impl FnOnce(&mut Victim)) -> Vec<(&'static str, String)> {
    let mut v = victim();
    change(&mut v);
    check_victim(&v).into_iter().map(|f| (f.clause, f.field)).collect()
}

fn one(clause: &'static str, field: &str) -> Vec<(&'static str, String)> {
    vec![(clause, field.to_owned())]
}

/// Keys of every map of the encoding are in the order of ENC-4.
fn keys_in_order(value: &ciborium::Value) -> bool {
    match value {
        ciborium::Value::Map(items) => {
            let key = |k: &ciborium::Value| k.as_text().map(|t| (t.len(), t.to_owned()));
            items.is_sorted_by(|a, b| key(&a.0) < key(&b.0))
                && items.iter().all(|i| keys_in_order(&i.1))
        }
        ciborium::Value::Array(items) => items.iter().all(keys_in_order),
        ciborium::Value::Bool(_) | ciborium::Value::Null | ciborium::Value::Float(_) => false,
        _ => true,
    }
}

#[test]
fn rec_1_round_trip_in_the_deterministic_encoding() {
    let mut with_media = victim();
    with_media.consent.as_mut().unwrap().scope.push(Scope::Photo);
    with_media.media = vec![Media {
        alt: pair("نقاشی", "a drawing"),
        hash: Digest(Hash([1; 32])),
        mime: "image/jpeg".to_owned(),
        path: "portraits/a.jpg".to_owned(),
        role: MediaRole::Portrait,
        bytes: 1,
        edits: vec![Edit::Reencoded],
        commit: Some(Digest(Hash([2; 32]))),
        caption: Some(pair("نمونه", "sample")),
        graphic: Graphic::None,
        licence: Some("CC0".to_owned()),
    }];
    let all = [victim(), full(), with_media].map(|v| Record::Victim(Box::new(v)));
    for record in all.into_iter().chain([Record::Incident(Box::new(incident()))]) {
        assert_eq!(check(&record), []);
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes).unwrap(), record);
        let value: ciborium::Value = ciborium::from_reader(&bytes[..]).unwrap();
        assert!(keys_in_order(&value));
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
        assert!(record.check_path(&Path::new(&record.path()).unwrap()).is_ok());
        assert_eq!(
            record.check_path(&Path::new("records/x.cbor").unwrap()).unwrap_err().clause,
            "REC-3"
        );
    }
}

#[test]
fn rec_1_schemas() {
    let decode = |schema: &str| {
        let bytes = crate::cbor::encode(&Victim { schema: schema.to_owned(), ..victim() });
        Record::decode(&bytes).unwrap_err().clause
    };
    assert_eq!(decode("victim/2"), "ENC-9");
    assert_eq!(decode("victim/0"), "REC-1");
    assert_eq!(decode("person/1"), "REC-1");
    assert_eq!(Record::decode(&vec![0; 70_000]).unwrap_err().clause, "ENC-1");
    assert_eq!(Record::decode(b"{}").unwrap_err().clause, "ENC-8");
}

#[test]
fn rec_2_versions() {
    assert_eq!(faults(|v| v.prev = Some(Digest(Hash([1; 32])))), one("REC-2", "prev"));
    assert_eq!(faults(|v| v.version = 0), one("REC-2", "version"));
    let later = faults(|v| v.version = 2);
    assert_eq!(later, [("REC-2", "prev".to_owned()), ("REC-12", "changes".to_owned())]);
    assert_eq!(faults(|v| v.issued_on = "2026-02-30".to_owned()), one("REC-6", "issued_on"));
}

#[test]
fn rec_4_what_is_gone_says_nothing_else() {
    let mut gone = Victim::new(RecordId([7; 16]), "2026-06-01");
    (gone.version, gone.status) = (3, Status::Withdrawn);
    gone.status_reason = Some(StatusReason::Withheld);
    assert_eq!(check_victim(&gone), []);
    let with = |change: fn(&mut Victim)| {
        let mut v = gone.clone();
        change(&mut v);
        check_victim(&v).into_iter().map(|f| f.field).collect::<Vec<_>>()
    };
    assert_eq!(with(|v| v.names = victim().names), ["status"]);
    assert_eq!(with(|v| v.prev = Some(Digest(Hash([1; 32])))), ["prev"]);
    assert_eq!(with(|v| v.status_reason = None), ["status_reason"]);
    assert_eq!(with(|v| v.status = Status::Merged), ["merged_into"]);
    assert_eq!(with(|v| (v.status, v.merged_into) = (Status::Merged, Some(v.id))), ["merged_into"]);
    let mut incident = Incident { version: 3, status: Status::Merged, ..incident() };
    (incident.dates, incident.place, incident.title) = (None, None, None);
    (incident.tolls, incident.sources) = (Vec::new(), Vec::new());
    incident.status_reason = Some(StatusReason::Duplicate);
    incident.merged_into = Some(incident.id);
    assert_eq!(check_incident(&incident)[0].why, "is itself");
    assert_eq!(
        faults(|v| v.status_reason = Some(StatusReason::Error)),
        one("REC-4", "status_reason")
    );
}

#[test]
fn rec_5_texts() {
    for bad in ["", " a", "a\u{202e}b", "a\nb", "e\u{301}", "a\u{7}", &"a".repeat(201), "<b>"] {
        let found = faults(|v| v.names[0].text = bad.to_owned());
        assert_eq!(found, one("REC-5", "names[0].text"), "{bad:?}");
    }
    for good in ["علي", "می\u{200c}روم", "O'Sample"] {
        assert_eq!(faults(|v| v.names[0].text = good.to_owned()), []);
    }
    assert_eq!(faults(|v| v.manner.push(Manner::LiveFire)), one("REC-5", "manner"));
    assert_eq!(faults(|v| v.occupation = Some(Texts::default())), one("REC-5", "occupation"));
}

#[test]
fn rec_7_dates_must_agree() {
    assert_eq!(
        faults(|v| v.died_at = Some(date("2019-11-16", "1398-08-26"))),
        one("REC-7", "died_at.jalali")
    );
    assert_eq!(faults(|v| v.birth = Some(date("2019-11-17", "1398-08-26"))), one("REC-7", "birth"));
    assert_eq!(
        faults(|v| v.died_at.as_mut().unwrap().time_local = Some("24:00".to_owned())),
        one("REC-6", "died_at.time_local")
    );
}

#[test]
fn rec_8_places() {
    let bad = |change: fn(&mut Place)| faults(|v| change(v.place.as_mut().unwrap()));
    assert_eq!(bad(|p| p.province = Some("IR-99".to_owned())), one("REC-8", "place.province"));
    assert_eq!(bad(|p| p.precision = Precision::Locality), one("REC-8", "place.precision"));
    assert_eq!(bad(|p| p.lat = Some("35.7".to_owned())), one("REC-8", "place.lat"));
    let finer = bad(|p| (p.lat, p.lon) = (Some("35.701".to_owned()), Some("51.40".to_owned())));
    assert_eq!(finer, one("REC-8", "place.lat"));
    assert_eq!(bad(|p| p.country = "Iran".to_owned()), one("REC-8", "place.country"));
}

#[test]
fn rec_9_sources() {
    assert_eq!(faults(|v| v.names[0].src = vec!["s9".to_owned()]), one("REC-9", "names[0].src"));
    assert_eq!(
        faults(|v| v.sources[1].url = Some("javascript:alert(1)".to_owned())),
        one("REC-9", "sources[1].url")
    );
    assert!(
        faults(|v| v.sources[1].sid = "s1".to_owned())
            .contains(&("REC-9", "sources[1].sid".to_owned()))
    );
    assert!(faults(|v| v.sources.clear()).contains(&("REC-9", "sources".to_owned())));
}

#[test]
fn rec_11_the_level_is_earned() {
    let stated = |level, change: fn(&mut Victim)| {
        faults(|v| {
            change(v);
            let groups = groups(&v.sources);
            let verification = v.verification.as_mut().unwrap();
            (verification.level, verification.groups) = (level, groups);
        })
    };
    let not = one("REC-11", "verification.level");
    assert_eq!(stated(Level::Verified, |_| ()), []);
    // One origin, however often it was copied.
    assert_eq!(stated(Level::Verified, |v| v.sources[1].group = 1), not);
    assert_eq!(stated(Level::SingleSource, |v| v.sources[1].group = 1), []);
    // Two groups, but neither a document nor direct testimony.
    assert_eq!(stated(Level::Verified, |v| v.sources[1].kind = SourceKind::Media), not);
    assert_eq!(stated(Level::Corroborated, |v| v.sources[1].kind = SourceKind::Media), []);
    assert_eq!(stated(Level::Verified, |v| v.verification.as_mut().unwrap().reviewers = 1), not);
    assert_eq!(stated(Level::Corroborated, |v| v.status = Status::Disputed), not);
    assert_eq!(stated(Level::Disputed, |v| v.status = Status::Disputed), []);
    assert_eq!(stated(Level::UnderReview, |_| ()), []);
    assert_eq!(
        faults(|v| v.verification.as_mut().unwrap().groups = 3),
        one("REC-11", "verification.groups")
    );
}

#[test]
fn rec_13_names_and_ages() {
    assert_eq!(faults(|v| v.names.clear()), one("REC-13", "names"));
    assert_eq!(
        faults(|v| (v.names, v.name_label) = (Vec::new(), Some(pair("ناشناس", "unnamed")))),
        []
    );
    assert_eq!(faults(|v| v.names[1].lang = "fa".to_owned()), one("REC-13", "names[1].kind"));
    assert_eq!(faults(|v| v.minor = Some(Minor::Yes)), one("REC-13", "minor"));
    let eight_to_twelve = Some(Age { max: 12, min: 8, basis: AgeBasis::Estimated });
    assert_eq!(faults(|v| (v.age, v.minor) = (eight_to_twelve, Some(Minor::Yes))), []);
}

#[test]
fn rec_13_age_birth_and_day_agree() {
    let with = |birth: &str, min, max, basis, minor| {
        faults(|v| {
            v.birth = Some(FuzzyDate { jalali: None, ..date(birth, "") });
            v.age = Some(Age { max, min, basis });
            v.minor = Some(minor);
        })
    };
    use AgeBasis::{Computed, Stated};
    assert_eq!(with("1994-11-16", 25, 25, Computed, Minor::No), []);
    assert_eq!(with("1994-11-17", 25, 25, Computed, Minor::No), one("REC-13", "age"));
    // The running year, as sources state it; not two.
    assert_eq!(with("1994-11-17", 25, 25, Stated, Minor::No), []);
    assert_eq!(with("1994-11-17", 26, 26, Stated, Minor::No), one("REC-13", "age"));
    assert_eq!(with("1994", 22, 23, Stated, Minor::No), []);
    assert_eq!(with("1994", 21, 22, Stated, Minor::No), one("REC-13", "age"));
    assert_eq!(with("1994~", 21, 22, Stated, Minor::No), []);
    let young = with("2001-11-17", 18, 18, Stated, Minor::No);
    assert_eq!(young, one("REC-13", "minor"));
    let known = |birth: &str, minor| {
        faults(|v| {
            v.birth = Some(FuzzyDate { jalali: None, ..date(birth, "") });
            (v.age, v.minor) = (None, Some(minor));
        })
    };
    assert_eq!(known("2001-11-16", Minor::No), []);
    assert_eq!(known("2001-11-16", Minor::Unknown), one("REC-13", "minor"));
    assert_eq!(known("2001", Minor::Likely), []);
    assert_eq!(known("2001", Minor::No), one("REC-13", "minor"));
    assert_eq!(known("2002", Minor::Unknown), one("REC-13", "minor"));
}

#[test]
fn no_number_and_no_name_of_a_field_can_be_a_telephone_number() {
    let ten_digits = 9_120_000_000;
    let in_group = faults(|v| v.sources[0].group = ten_digits);
    assert_eq!(in_group, one("REC-9", "sources[0].group"));
    let reviewers = faults(|v| v.verification.as_mut().unwrap().reviewers = ten_digits);
    assert_eq!(reviewers, one("REC-11", "verification.reviewers"));
    let year = faults(|v| v.consent.as_mut().unwrap().review_by = Some(ten_digits));
    assert_eq!(year, one("REC-15", "consent.review_by"));
    let mut toll = incident();
    toll.tolls[0].max = ten_digits;
    assert_eq!(check_incident(&toll)[0].clause, "REC-13");
    assert_eq!(faults(|v| v.withheld = vec!["a09120000000".into()]), one("REC-17", "withheld[0]"));
    assert_eq!(faults(|v| v.withheld = vec!["relatives".into()]), one("REC-17", "withheld[0]"));
}

fn claim(path: &str) -> Claim {
    let (path, src) = (path.to_owned(), vec!["s1".to_owned()]);
    Claim { src, path, value: pair("نمونه", "sample"), confidence: Confidence::Reported }
}

#[test]
fn rec_15_a_claim_publishes_a_field_as_much_as_the_field() {
    let about = |path: &str, minor: bool| {
        faults(|v| {
            v.claims = vec![claim(path)];
            if minor {
                (v.age, v.minor) = (None, Some(Minor::Likely));
            }
        })
    };
    assert_eq!(about("story.fa", false), one("REC-15", "claims[0]"));
    assert_eq!(about("education", false), []);
    assert_eq!(about("education", true), one("REC-15", "claims[0]"));
    assert_eq!(about("place_of_death.locality", true), one("REC-15", "claims[0]"));
    assert_eq!(about("place.city", true), []);
    let withheld = faults(|v| {
        v.claims = vec![claim("place.locality")];
        v.withheld = vec!["place.locality".to_owned()];
    });
    assert_eq!(withheld, one("REC-17", "claims[0]"));
}

#[test]
fn rec_10_one_origin_confirms_nothing() {
    let confirmed = |groups: u64| {
        faults(|v| {
            v.claims = vec![claim("manner")];
            v.claims[0].src.push("s2".to_owned());
            v.claims[0].confidence = Confidence::Confirmed;
            v.sources[1].group = groups;
            let groups = groups_of(v);
            let verification = v.verification.as_mut().unwrap();
            (verification.groups, verification.level) = (groups, Level::UnderReview);
        })
    };
    assert_eq!(confirmed(2), []);
    assert_eq!(confirmed(1), one("REC-10", "claims[0].confidence"));
}

fn groups_of(v: &Victim) -> u64 {
    groups(&v.sources)
}

#[test]
fn rec_14_needed_fields() {
    let bare = Victim::new(RecordId([7; 16]), "2026-06-01");
    let missing: Vec<_> = check_victim(&bare).into_iter().map(|f| f.field).collect();
    assert_eq!(
        missing,
        ["gender", "role", "minor", "manner", "verification", "sources", "names", "consent"]
    );
}

#[test]
fn rec_15_consent_and_minors() {
    assert_eq!(faults(|v| v.consent = None), one("REC-15", "consent"));
    assert_eq!(faults(|v| v.story = Some(pair("داستان", "story"))), one("REC-15", "story"));
    let minor = |basis| {
        faults(|v| {
            v.age = None;
            v.minor = Some(Minor::Likely);
            v.story = Some(pair("داستان", "story"));
            v.consent =
                Some(Consent { basis, scope: vec![Scope::Name, Scope::Story], review_by: None });
        })
    };
    assert_eq!(minor(ConsentBasis::NgoPublished), one("REC-15", "story"));
    assert_eq!(minor(ConsentBasis::PublishedByFamily), []);
}

#[test]
fn rec_17_withheld_is_absent() {
    assert_eq!(faults(|v| v.withheld = vec!["age".to_owned()]), one("REC-17", "withheld[0]"));
    assert_eq!(faults(|v| v.withheld = vec!["story".to_owned()]), []);
    assert_eq!(
        faults(|v| v.withheld = vec!["place.city".to_owned()]),
        one("REC-17", "withheld[0]")
    );
    assert_eq!(faults(|v| v.withheld = vec!["place.locality".to_owned()]), []);
    let unsaid = faults(|v| {
        v.gender = Some(Gender::Withheld);
        v.withheld = vec!["gender".to_owned()];
    });
    assert_eq!(unsaid, []);
}

#[test]
fn words_are_those_of_the_schema() {
    for word in Level::ALL.iter().map(|l| l.word()).chain(Manner::ALL.iter().map(|m| m.word())) {
        assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    }
    assert_eq!(Manner::from_word("tear_gas"), Some(Manner::TearGas));
    let bad = serde_json::from_str::<Gender>("\"m\"").unwrap_err().to_string();
    assert!(bad.contains("one of: female, male"), "{bad}");
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let _ = Record::decode(&bytes);
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0_usize..600, with in proptest::prelude::any::<u8>()) {
        let mut bytes = Record::Victim(Box::new(full())).encode();
        let at = at % bytes.len();
        bytes[at] = with;
        if let Ok(record) = Record::decode(&bytes) {
            proptest::prop_assert_eq!(record.encode(), bytes);
        }
    }

    #[test]
    fn dates_do_no_harm(text in "\\PC{0,40}", other in "[0-9~?%/,\\[\\]-]{0,30}") {
        let _ = dates::agree(&text, &other);
        let _ = dates::agree(&other, &other);
    }
}
