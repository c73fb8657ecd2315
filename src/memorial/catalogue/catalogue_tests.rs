//! Order, keys and choosing, over records that are made up here.

use super::*;
use crate::memorial::selection::{AGE_ACROSS, AGE_CHILD, MARK_GONE, city_value};
use yadgar_protocol::record::*;
use yadgar_protocol::tree::{Content, Entry};
use yadgar_protocol::withdraw::Withdrawal;
use yadgar_protocol::{BlockId, Codec};

/// Files in memory.
struct Files(Vec<(Entry, Vec<u8>)>);

impl super::Source for Files {
    fn listed(&self, prefix: &str) -> Result<Vec<Entry>, ReadFault> {
        let of = |(entry, _): &(Entry, Vec<u8>)| {
            entry.path.as_str().starts_with(prefix).then(|| entry.clone())
        };
        Ok(self.0.iter().filter_map(of).collect())
    }

    fn find(&self, path: &Path) -> Result<Option<Entry>, ReadFault> {
        Ok(self.0.iter().find(|(entry, _)| entry.path == *path).map(|(entry, _)| entry.clone()))
    }

    fn read(&self, entry: &Entry) -> Result<Vec<u8>, ReadFault> {
        let found = self.0.iter().find(|(other, _)| other.path == entry.path);
        Ok(found.expect("a file that was listed").1.clone())
    }

    fn start(&self, entry: &Entry, most: u64) -> Result<Vec<u8>, ReadFault> {
        self.read(entry).map(|bytes| bytes.into_iter().take(most as usize).collect())
    }

    fn withdrawn(&self, _: &Entry) -> Option<&Withdrawal> {
        None
    }
}

/// Records in the order of their numbers, each changed by its function.
fn catalogue(change: &[&dyn Fn(&mut Victim)]) -> Catalogue {
    let file = |(n, change): (usize, &&dyn Fn(&mut Victim))| {
        let mut id = [7; 16];
        id[0] = n as u8;
        let mut victim = sample(RecordId(id));
        change(&mut victim);
        let record = Record::Victim(Box::new(victim));
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes).map(|_| ()), Ok(()), "{n}");
        let content = Content::Block(BlockId::of(Codec::Raw, &bytes));
        let path = Path::new(&record.path()).unwrap();
        (Entry::new(path, bytes.len() as u64, content), bytes)
    };
    Catalogue::load(&Files(change.iter().enumerate().map(file).collect())).unwrap()
}

fn both(text: &str) -> Texts {
    Texts { en: Some(text.to_owned()), fa: Some(text.to_owned()) }
}

fn sample(id: RecordId) -> Victim {
    let mut v = Victim::new(id, "2026-06-01");
    v.fictional = Some(Yes::Yes);
    let name = |lang: &str| Name {
        src: Vec::new(),
        kind: NameKind::Primary,
        lang: lang.to_owned(),
        text: "Sample".to_owned(),
        script: "Latn".to_owned(),
        translit: Translit::AdHoc,
    };
    v.names = vec![name("en"), name("fa")];
    (v.gender, v.role) = (Some(Gender::Unknown), Some(Role::Unknown));
    (v.minor, v.manner) = (Some(Minor::No), vec![Manner::Unknown]);
    let (sid, kind) = ("s1".to_owned(), SourceKind::Media);
    v.sources = vec![yadgar_protocol::record::Source {
        sid,
        url: None,
        kind,
        lang: None,
        group: 1,
        title: None,
        accessed: None,
        published: None,
        publisher: both("Sample"),
        archived_hash: None,
    }];
    let (level, methods) = (Level::SingleSource, Vec::new());
    v.verification = Some(Verification {
        level,
        groups: 1,
        methods,
        reviewers: 2,
        methodology: None,
        reviewed_on: None,
    });
    v.consent =
        Some(Consent { basis: ConsentBasis::Family, scope: vec![Scope::Name], review_by: None });
    v
}

fn age(min: u64, max: u64) -> impl Fn(&mut Victim) {
    move |v| v.age = Some(Age { max, min, basis: AgeBasis::Stated })
}

#[test]
fn ages_fall_into_groups_as_far_as_they_are_known() {
    let child = |v: &mut Victim| {
        age(10, 14)(v);
        v.minor = Some(Minor::Yes);
    };
    let catalogue = catalogue(&[&age(20, 20), &age(18, 24), &age(24, 25), &child, &|_| ()]);
    let ages: Vec<_> = catalogue.totals().of(Facet::Age).iter().map(|(v, n)| (*v, *n)).collect();
    assert_eq!(ages, [(0, 1), (3, 2), (AGE_CHILD, 1), (AGE_ACROSS, 1)]);
}

#[test]
fn options_say_what_choosing_them_would_show() {
    let fire = |v: &mut Victim| {
        v.manner = vec![Manner::LiveFire, Manner::Beating];
        v.gender = Some(Gender::Female);
    };
    let beating = |v: &mut Victim| {
        v.manner = vec![Manner::Beating];
        v.gender = Some(Gender::Male);
    };
    let catalogue = catalogue(&[&fire, &beating, &beating]);
    let women = Selection::of(Facet::Gender, 1);
    let chosen = catalogue.choose(Lang::Fa, &women);
    assert_eq!(chosen.places, [0]);
    // Of the other facets, what is left; of this one, what choosing another value would give.
    assert_eq!(chosen.counts.get(Facet::Manner, 1), 1);
    assert_eq!(chosen.counts.get(Facet::Manner, 3), 1);
    assert_eq!(chosen.counts.get(Facet::Gender, 2), 2);
    let none = women.with(Facet::Manner, Some(2));
    assert_eq!(catalogue.choose(Lang::Fa, &none).places, [0_u32; 0]);
    let found =
        catalogue.choose(Lang::En, &Selection::search("sampel").with(Facet::Gender, Some(2)));
    assert_eq!(found.places, [1, 2]);
}

#[test]
fn what_is_gone_is_counted_by_nothing_but_that() {
    let gone = |v: &mut Victim| {
        *v = Victim::new(v.id, "2026-06-01");
        (v.version, v.status) = (2, Status::Withdrawn);
        v.status_reason = Some(StatusReason::Withheld);
    };
    let catalogue = catalogue(&[&gone, &|_| ()]);
    assert_eq!(catalogue.totals().get(Facet::Mark, MARK_GONE), 1);
    assert_eq!(catalogue.totals().of(Facet::Gender).values().sum::<u64>(), 1);
    assert_eq!(catalogue.order(Lang::Fa), [1, 0], "those who are named come first");
    assert!(matches!(
        catalogue.notices(),
        [Notice { about: About::Listed(0), kind: Kind::Gone(..), .. }]
    ));
    assert!(catalogue.fictional(), "what is gone says nothing of that");
}

#[test]
fn keys_lead_back_to_records() {
    let catalogue = catalogue(&[&|_| (), &|_| (), &|_| ()]);
    for place in 0..3 {
        assert_eq!(catalogue.by_key(&catalogue.key(place)), Some(place));
    }
    for odd in ["", "0", "4", "01", "+1", "2", "zzz", "2f4ja5iockvhwmeqgaaylwdxry"] {
        assert_eq!(catalogue.by_key(odd), None, "{odd}");
    }
}

/// One id in two hundred has no digit: its page must not be the place in the list, which changes.
#[test]
fn a_record_is_named_by_its_id_whatever_letters_that_has() {
    let letters = RecordId::from_text("ceirceirceirceirceirceirce").unwrap();
    let catalogue = catalogue(&[&|_| (), &|v| v.id = letters]);
    let place = catalogue.by_key(&letters.to_string());
    assert!(place.is_some());
    assert_eq!(catalogue.key(place.unwrap()), letters.to_string());
    for place in 0..2 {
        assert_eq!(catalogue.by_key(&catalogue.key(place)), Some(place));
    }
}

#[test]
fn the_people_of_an_incident_are_those_that_choosing_it_gives() {
    let [one, other, none] = [1, 2, 3].map(|n| RecordId([n; 16]));
    let of = |name: &'static str, id: RecordId| {
        move |v: &mut Victim| {
            v.names.iter_mut().for_each(|n| n.text = name.to_owned());
            v.incident = Some(id);
        }
    };
    let gone = |v: &mut Victim| {
        *v = Victim::new(v.id, "2026-06-01");
        (v.version, v.status) = (2, Status::Withdrawn);
        v.status_reason = Some(StatusReason::Withheld);
    };
    let (b, a, c) = (of("B", one), of("A", one), of("C", other));
    let catalogue = catalogue(&[&b, &a, &c, &gone, &|_| ()]);
    assert_eq!(catalogue.of_incident(Lang::En, &one), [1, 0]);
    for lang in [Lang::Fa, Lang::En] {
        for id in [one, other, none] {
            let chosen =
                catalogue.choose(lang, &Selection::of(Facet::Incident, incident_value(&id)));
            assert_eq!(catalogue.of_incident(lang, &id), chosen.places);
        }
    }
}

#[test]
fn cities_are_known_by_their_name_and_province() {
    let in_city = |province: Option<&'static str>, name: &'static str| {
        move |v: &mut Victim| {
            v.place = Some(Place {
                lat: None,
                lon: None,
                city: Some(both(name)),
                kind: PlaceKind::Unknown,
                county: None,
                country: if province.is_some() { "IR" } else { "ZZ" }.to_owned(),
                locality: None,
                province: province.map(str::to_owned),
                precision: Precision::City,
            });
        }
    };
    let one = in_city(Some("IR-23"), "نی\u{200c}دشتان");
    let same = in_city(Some("IR-23"), "ني دشتان");
    let other = in_city(Some("IR-07"), "نی\u{200c}دشتان");
    let catalogue = catalogue(&[&one, &same, &other]);
    let counts: Vec<_> = catalogue.totals().of(Facet::City).values().copied().collect();
    assert_eq!(counts.iter().sum::<u64>(), 3);
    let value = city_value(Some("IR-23"), "نی دشتان");
    assert_eq!(catalogue.totals().get(Facet::City, value), 2);
    assert!(catalogue.knows(&Selection::of(Facet::City, value)));
    assert!(!catalogue.knows(&Selection::of(Facet::City, value ^ 1)));
    assert!(catalogue.cities().named(value).is_some());
}
