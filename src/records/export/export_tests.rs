//! What is exported, of made-up people.

use super::*;
use serde_json::Value;
use std::collections::HashSet;
use yadgar_protocol::Hash;
use yadgar_protocol::record::class::class_of;
use yadgar_protocol::record::*;

fn pair(fa: &str, en: &str) -> Texts {
    Texts { fa: Some(fa.to_owned()), en: Some(en.to_owned()) }
}

fn place() -> Place {
    Place {
        lat: Some("31.50".to_owned()),
        lon: Some("-48.25".to_owned()),
        city: Some(pair("نی‌دشتان", "Neydashtan")),
        kind: PlaceKind::Street,
        county: None,
        country: "ZZ".to_owned(),
        locality: Some(pair("محلهٔ نمونه", "Sample quarter")),
        province: Some("IR-07".to_owned()),
        precision: Precision::Locality,
    }
}

fn source(sid: &str, group: u64) -> Source {
    Source {
        sid: sid.to_owned(),
        url: Some("https://example.org/list".to_owned()),
        kind: SourceKind::NgoReport,
        lang: Some("fa".to_owned()),
        group,
        title: Some(pair("فهرست نمونه", "Sample list")),
        accessed: None,
        published: Some("2020-01-28".to_owned()),
        publisher: pair("دیده‌بان نمونه (ساختگی)", "Sample Observatory (fictional)"),
        archived_hash: None,
    }
}

fn date(edtf: &str) -> FuzzyDate {
    FuzzyDate {
        tz: Some("Asia/Tehran".to_owned()),
        edtf: edtf.to_owned(),
        jalali: dates::to_jalali(edtf),
        source_cal: Calendar::Persian,
        time_local: None,
    }
}

fn name(kind: NameKind, lang: &str, text: &str) -> Name {
    let arabic = lang == "fa";
    Name {
        src: vec!["b".to_owned()],
        kind,
        lang: lang.to_owned(),
        text: text.to_owned(),
        script: if arabic { "Arab" } else { "Latn" }.to_owned(),
        translit: if arabic { Translit::None } else { Translit::AdHoc },
    }
}

/// A well-formed record with a value in every field that a record may have; texts of class P1 say SECRET.
fn full() -> Victim {
    let secret = Some(pair("محرمانه SECRET", "SECRET"));
    let mut v = Victim::new(RecordId([7; 16]), "2026-06-01");
    v.version = 2;
    v.prev = Some(Digest(Hash([1; 32])));
    v.changes = vec![Change {
        on: "2026-06-01".to_owned(),
        code: ChangeCode::Corrected,
        fields: vec!["age".to_owned(), "story".to_owned()],
        version: 2,
    }];
    v.fictional = Some(Yes::Yes);
    v.names = vec![
        name(NameKind::Primary, "fa", "روژان گندم‌خورشید"),
        name(NameKind::Primary, "en", "Rozhan Gandomkhorshid"),
        name(NameKind::Alias, "en", "Rojan Gandom-Khorshid"),
        name(NameKind::Nickname, "fa", "SECRET"),
    ];
    v.gender = Some(Gender::Female);
    v.role = Some(Role::Bystander);
    v.minor = Some(Minor::No);
    v.age = Some(Age { max: 25, min: 23, basis: AgeBasis::Stated });
    v.birth = Some(date("1995-03-21"));
    (v.injured_at, v.died_at) = (Some(date("2019-11-15")), Some(date("2019-11-16")));
    (v.place, v.place_of_death, v.origin_city) = (Some(place()), Some(place()), Some(place()));
    v.manner = vec![Manner::LiveFire, Manner::Beating];
    v.forces = vec![Force::Unknown];
    v.custody = Some(Custody::No);
    v.incident = Some(RecordId([9; 16]));
    v.injury_site = vec![InjurySite::Torso];
    v.nationality = vec!["IR".to_owned()];
    v.private_sources = Some(PrivateSources::Some);
    v.occupation = secret.clone();
    v.education = secret.clone();
    v.burial_city = secret.clone();
    v.father_name = secret.clone();
    v.ethnicity_religion = secret.clone();
    v.story = secret.clone();
    v.withheld = vec!["place.county".to_owned()];
    v.sources = vec![source("a", 1), source("b", 2)];
    let claim = |path: &str, value: &str| Claim {
        src: vec!["b".to_owned()],
        path: path.to_owned(),
        value: pair(value, value),
        confidence: Confidence::Reported,
    };
    v.claims = vec![claim("age", "24"), claim("father_name", "SECRET")];
    let text = pair("SECRET", "SECRET");
    v.official_cause = Some(OfficialCause { src: vec!["a".to_owned()], text });
    let url = Some("https://example.org/7".to_owned());
    let (id, org) = ("SO-7".to_owned(), "Sample Observatory (fictional)".to_owned());
    v.external_ids = vec![ExternalId { id, org, url }];
    v.verification = Some(Verification {
        level: Level::Corroborated,
        groups: 2,
        methods: vec![Method::CrossCheck],
        reviewers: 2,
        methodology: None,
        reviewed_on: Some("2026-05-20".to_owned()),
    });
    let scope = vec![Scope::Name, Scope::Photo, Scope::Story];
    v.consent = Some(Consent { basis: ConsentBasis::Family, scope, review_by: None });
    v.media = vec![Media {
        alt: pair("نقش SECRET", "SECRET"),
        hash: Digest(Hash([3; 32])),
        mime: "image/jpeg".to_owned(),
        path: "portraits/SECRET.jpg".to_owned(),
        role: MediaRole::Portrait,
        bytes: 10,
        edits: Vec::new(),
        commit: None,
        caption: None,
        graphic: Graphic::None,
        licence: Some("CC0-1.0".to_owned()),
    }];
    assert_eq!(check_victim(&v), []);
    v
}

fn tombstone() -> Victim {
    let mut gone = Victim::new(RecordId([8; 16]), "2026-06-01");
    (gone.version, gone.status) = (3, Status::Merged);
    gone.status_reason = Some(StatusReason::Duplicate);
    gone.merged_into = Some(RecordId([7; 16]));
    gone
}

fn incident() -> Incident {
    Incident {
        id: RecordId([9; 16]),
        prev: None,
        dates: Some(date("2019-11-16")),
        place: Some(place()),
        title: Some(pair("رویداد نمونه", "Sample incident")),
        tolls: Vec::new(),
        schema: INCIDENT.to_owned(),
        status: Status::Active,
        changes: Vec::new(),
        sources: vec![source("s1", 1)],
        summary: None,
        version: 1,
        fictional: Some(Yes::Yes),
        issued_on: "2026-06-01".to_owned(),
        merged_into: None,
        status_reason: None,
    }
}

fn records() -> Vec<Record> {
    let victims = [full(), tombstone()].map(|v| Record::Victim(Box::new(v)));
    victims.into_iter().chain([Record::Incident(Box::new(incident()))]).collect()
}

fn exported(format: Format, most: Class) -> String {
    let mut out = Vec::new();
    let written = write(format, &records(), most, &mut out).unwrap();
    let left_out = if format == Format::Csv { 2 } else { 0 };
    assert_eq!(written, Written { people: 1, incidents: 1, gone: 1, left_out });
    String::from_utf8(out).unwrap()
}

const ALL: [Format; 4] = [Format::Csv, Format::Json, Format::JsonLines, Format::JsonLd];

/// Every field of a record is of a class, and none above P0 gets out unasked.
#[test]
fn nothing_above_p0_unasked() {
    for format in ALL {
        let text = exported(format, Class::P0);
        assert!(!text.contains("SECRET"), "{format:?}: {text}");
        // Birth, position, consent say nothing that could be marked.
        for value in ["1995-03-21", "48.25", "31.50", "\"family\"", "torso", "Sample quarter"] {
            assert!(!text.contains(value), "{format:?}: {value}");
        }
        assert!(text.contains("Rozhan Gandomkhorshid") && text.contains("Neydashtan"));
    }
    let value = serde_json::to_value(public(&full())).unwrap();
    let fields: Vec<_> = value.as_object().unwrap().keys().collect();
    let all = serde_json::to_value(full()).unwrap();
    for field in all.as_object().unwrap().keys() {
        assert_eq!(fields.contains(&field), class_of(field) == Class::P0, "{field}");
    }
}

/// What sources say about a nickname is P1 as it is (REC-10): by its place, in parts, or with all names.
#[test]
fn what_is_said_of_a_nickname_is_no_more_public_than_it() {
    let mut v = full();
    let nickname = v.names.pop().unwrap();
    assert_eq!(nickname.kind, NameKind::Nickname);
    v.names.insert(1, nickname);
    let claim = |path: &str, value: &str| Claim {
        src: vec!["b".to_owned()],
        path: path.to_owned(),
        value: pair(value, value),
        confidence: Confidence::Reported,
    };
    v.claims = vec![
        claim("names[1]", "SECRET"),
        claim("names[1].text", "SECRET"),
        claim("names", "all names and SECRET"),
        claim("names[9].text", "SECRET, of a name that is not there"),
        claim("names[0].text", "the first"),
        claim("names[3].text", "the last"),
        claim("age", "24"),
    ];
    v.changes[0].fields =
        ["names[1].text", "names[2].text", "names[3].kind", "age"].map(str::to_owned).to_vec();
    assert_eq!(check_victim(&v), []);
    let bare = public(&v);
    let said: Vec<_> =
        bare.claims.iter().map(|c| (&*c.path, c.value.en.as_deref().unwrap())).collect();
    // Places are those of the names that are left.
    assert_eq!(
        said,
        [("names[0].text", "the first"), ("names[2].text", "the last"), ("age", "24")]
    );
    assert_eq!(bare.changes[0].fields, ["names", "age"]);
    for format in ALL {
        let mut out = Vec::new();
        write(format, &[Record::Victim(Box::new(v.clone()))], Class::P0, &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("SECRET"), "{format:?}");
    }
    // Without nicknames nothing is said of them.
    v.names.remove(1);
    v.claims = vec![claim("names", "all names")];
    assert_eq!(public(&v).claims, v.claims);
}

#[test]
fn what_is_published_on_request() {
    for format in [Format::Json, Format::JsonLines, Format::JsonLd] {
        assert!(exported(format, Class::P1).contains("SECRET"), "{format:?}");
    }
    // A table goes from hand to hand: it never has more.
    assert_eq!(exported(Format::Csv, Class::P1), exported(Format::Csv, Class::P0));
    let array: Vec<Record> = serde_json::from_str(&exported(Format::Json, Class::P1)).unwrap();
    assert_eq!(array, records());
    let lines = exported(Format::JsonLines, Class::P1);
    let lines: Vec<Record> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines, records());
    assert_eq!(
        String::from_utf8({
            let mut out = Vec::new();
            write(Format::Json, &[], Class::P0, &mut out).unwrap();
            out
        })
        .unwrap(),
        "[]\n"
    );
}

#[test]
fn a_table_has_known_headings_and_one_row_a_person() {
    let text = exported(Format::Csv, Class::P0);
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    for title in &header {
        use crate::records::import::columns::{Heading, heading};
        let Heading::Known(column, _) = heading(title) else { panic!("{title}") };
        assert_eq!(column.class(), Some(Class::P0), "{title}");
    }
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let cell = |name: &str| {
        let at = header.iter().position(|title| title == name);
        rows[0].get(at.unwrap_or_else(|| panic!("no column {name}"))).unwrap()
    };
    assert_eq!(cell("id"), RecordId([7; 16]).to_string());
    assert_eq!((cell("age_min"), cell("age_max")), ("23", "25"));
    assert_eq!(cell("manner"), "live_fire;beating");
    assert_eq!((cell("province"), cell("city_en")), ("IR-07", "Neydashtan"));
    assert!(!header.iter().any(|title| title.contains("precision")));
    assert_eq!((cell("died_at"), cell("died_at_jalali")), ("2019-11-16", "1398-08-25"));
    // The sources are called a and b in the record; a table has only numbers for them.
    assert_eq!((cell("name_fa_src"), cell("source2_group")), ("s2", "2"));
    assert_eq!((cell("claim1_field"), cell("claim1_src")), ("age", "s2"));
    // Items of one kind stand together.
    let places = |name: &str| header.iter().position(|title| title == name).unwrap();
    assert!(places("source1_group") < places("source2_kind"));
}

#[test]
fn no_cell_is_a_formula() {
    let mut victim = full();
    let bad = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "＝1+1"];
    for text in bad {
        victim.names.push(name(NameKind::Alias, "en", text));
    }
    victim.external_ids[0].id = "-17".to_owned();
    let mut out = Vec::new();
    table::csv(&[Record::Victim(Box::new(victim))], &mut out).unwrap();
    let mut reader = csv::Reader::from_reader(&out[3..]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cells: HashSet<&str> = rows[0].iter().collect();
    for text in bad {
        assert!(!cells.contains(text) && cells.contains(&*format!("'{text}")), "{text}");
    }
    assert!(cells.contains("-17"));
}

#[test]
fn json_ld_is_one_graph_of_known_types() {
    for most in [Class::P0, Class::P1] {
        let value: Value = serde_json::from_str(&exported(Format::JsonLd, most)).unwrap();
        assert_eq!(value["@context"], "https://schema.org");
        let graph = value["@graph"].as_array().unwrap();
        let types: Vec<_> = graph.iter().map(|node| node["@type"].as_str().unwrap()).collect();
        assert_eq!(types, ["Person", "Event", "CreativeWork", "Event"]);
        let ids: HashSet<_> = graph.iter().map(|node| node["@id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 4);
        let person = &graph[0];
        assert_eq!(person["name"][1]["@value"], "Rozhan Gandomkhorshid");
        assert_eq!(person["gender"], "https://schema.org/Female");
        assert_eq!(person["deathDate"], "2019-11-16");
        assert_eq!(person["sameAs"][0], "https://example.org/7");
        assert!(person["disambiguatingDescription"].as_str().unwrap().starts_with("Fictional"));
        assert_eq!(person["birthDate"].is_null(), most == Class::P0);
        assert_eq!(person["image"].is_null(), most == Class::P0);
        assert_eq!(graph[1]["superEvent"]["@id"], graph[3]["@id"]);
        assert_eq!(graph[1]["about"]["@id"], person["@id"]);
        assert_eq!(graph[2]["creativeWorkStatus"], "merged");
        assert_eq!(graph[2]["sameAs"]["@id"], person["@id"]);
        assert!(graph[2].as_object().unwrap().len() == 4);
        no_null(&value);
    }
}

fn no_null(value: &Value) {
    match value {
        Value::Null => panic!("null says nothing in JSON-LD"),
        Value::Array(items) => items.iter().for_each(no_null),
        Value::Object(fields) => fields.values().for_each(no_null),
        _ => {}
    }
}

/// A date that is not one certain moment is no date of ISO 8601: it is told in words.
#[test]
fn a_fuzzy_date_is_not_made_certain() {
    for edtf in ["2019-11-16/2019-11-17", "[2019-11-16,2019-11-20]", "2019-11-16~"] {
        let mut victim = full();
        victim.died_at = Some(date(edtf));
        let mut out = Vec::new();
        write(Format::JsonLd, &[Record::Victim(Box::new(victim))], Class::P0, &mut out).unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert!(value["@graph"][0]["deathDate"].is_null());
        let told = value["@graph"][1]["description"].as_str().unwrap();
        assert!(told.contains(&format!("died: {edtf}")), "{told}");
    }
}
