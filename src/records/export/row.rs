//! A record as cells of the columns that import reads (`super::super::import::columns`).

use std::collections::BTreeMap;
use yadgar_protocol::limits::MAX_RECORD_ITEMS;
use yadgar_protocol::record::{
    Claim, FuzzyDate, Media, Name, NameKind, Place, Source, Texts, Translit, Victim,
};

/// Cells of one row: column, and number where it is a numbered one (else 0), to what the cell says.
pub type Cells = BTreeMap<(&'static str, u32), String>;

/// Columns of a place.
struct PlaceColumns {
    country: &'static str,
    province: &'static str,
    county: [&'static str; 2],
    city: [&'static str; 2],
    locality: [&'static str; 2],
    kind: &'static str,
    precision: &'static str,
    position: [&'static str; 2],
}

macro_rules! place_columns {
    ($before:literal) => {
        PlaceColumns {
            country: concat!($before, "country"),
            province: concat!($before, "province"),
            county: [concat!($before, "county_fa"), concat!($before, "county_en")],
            city: [concat!($before, "city_fa"), concat!($before, "city_en")],
            locality: [concat!($before, "locality_fa"), concat!($before, "locality_en")],
            kind: concat!($before, "place_kind"),
            precision: concat!($before, "precision"),
            position: [concat!($before, "lat"), concat!($before, "lon")],
        }
    };
}

const PLACE: PlaceColumns = place_columns!("");
const DEATH: PlaceColumns = place_columns!("death_");
const ORIGIN: PlaceColumns = place_columns!("origin_");

/// Columns of a date.
type DateColumns = [&'static str; 5];
const DIED: DateColumns =
    ["died_at", "died_at_jalali", "died_at_cal", "died_at_time", "died_at_tz"];
const INJURED: DateColumns =
    ["injured_at", "injured_at_jalali", "injured_at_cal", "injured_at_time", "injured_at_tz"];

/// Everything of a person that a table has a column for, of both classes. No column is there for the versions, for
/// hashes of kept copies and of the method, and for what is gone.
pub fn cells(victim: &Victim) -> Cells {
    let mut row = Row { cells: Cells::new(), sids: sids(&victim.sources) };
    row.put("id", victim.id.to_string());
    row.word("fictional", victim.fictional.map(|yes| yes.word()));
    row.put("status", victim.status.word().to_owned());
    row.names(victim);
    row.texts(["name_label_fa", "name_label_en"], victim.name_label.as_ref());
    row.texts(["father_name_fa", "father_name_en"], victim.father_name.as_ref());
    row.person(victim);
    row.happened(victim);
    for (n, source) in victim.sources.iter().enumerate() {
        row.source(n, source);
    }
    for (n, claim) in (1..).zip(&victim.claims) {
        row.claim(n, claim);
    }
    row.verification(victim);
    for (n, other) in (1..).zip(&victim.external_ids) {
        row.set("external#_org", n, Some(other.org.clone()));
        row.set("external#_id", n, Some(other.id.clone()));
        row.set("external#_url", n, other.url.clone());
    }
    for (n, media) in (1..).zip(&victim.media) {
        row.media(n, media);
    }
    row.cells
}

/// The numbers of sources: those in their names, where all are called `s1`, `s2` and so on, else their places.
fn sids(sources: &[Source]) -> BTreeMap<String, u32> {
    let fits = |n: &u32| (1..=MAX_RECORD_ITEMS as u32).contains(n);
    let own = |source: &Source| {
        let number = source.sid.strip_prefix('s')?.parse().ok().filter(fits)?;
        (source.sid == format!("s{number}")).then_some(number)
    };
    let numbers: Option<Vec<u32>> = sources.iter().map(own).collect();
    let numbers = numbers.unwrap_or_else(|| (1..).take(sources.len()).collect());
    sources.iter().map(|source| source.sid.clone()).zip(numbers).collect()
}

struct Row {
    cells: Cells,
    sids: BTreeMap<String, u32>,
}

impl Row {
    fn set(&mut self, name: &'static str, number: u32, value: Option<String>) {
        if let Some(value) = value {
            self.cells.insert((name, number), value);
        }
    }

    fn put(&mut self, name: &'static str, value: String) {
        self.set(name, 0, Some(value));
    }

    fn word(&mut self, name: &'static str, word: Option<&'static str>) {
        self.set(name, 0, word.map(str::to_owned));
    }

    fn words(&mut self, name: &'static str, words: impl Iterator<Item = &'static str>) {
        let words: Vec<_> = words.collect();
        self.set(name, 0, (!words.is_empty()).then(|| words.join(";")));
    }

    fn texts_at(&mut self, [fa, en]: [&'static str; 2], number: u32, texts: Option<&Texts>) {
        if let Some(texts) = texts {
            self.set(fa, number, texts.fa.clone());
            self.set(en, number, texts.en.clone());
        }
    }

    fn texts(&mut self, names: [&'static str; 2], texts: Option<&Texts>) {
        self.texts_at(names, 0, texts);
    }

    fn sources_of(&self, src: &[String]) -> Option<String> {
        let named = src.iter().filter_map(|sid| self.sids.get(sid)).map(|n| format!("s{n}"));
        let named: Vec<_> = named.collect();
        (!named.is_empty()).then(|| named.join(";"))
    }

    /// The first ones of each language in the columns for them, where these say all of it; all others with everything
    /// that is known of them.
    fn names(&mut self, victim: &Victim) {
        let mut number = 0;
        for name in &victim.names {
            let src = self.sources_of(&name.src);
            let primary = name.kind == NameKind::Primary;
            match (name.lang.as_str(), name.script.as_str(), name.translit) {
                ("fa", "Arab", Translit::None) if primary => {
                    self.put("name_fa", name.text.clone());
                    self.set("name_fa_src", 0, src);
                }
                ("en", "Latn", translit) if primary => {
                    self.put("name_en", name.text.clone());
                    self.set("name_en_src", 0, src);
                    self.word("name_en_translit", Some(translit.word()));
                }
                _ => {
                    number += 1;
                    self.name(number, name, src);
                }
            }
        }
    }

    fn name(&mut self, number: u32, name: &Name, src: Option<String>) {
        self.set("name#_text", number, Some(name.text.clone()));
        self.set("name#_lang", number, Some(name.lang.clone()));
        self.set("name#_script", number, Some(name.script.clone()));
        self.set("name#_kind", number, Some(name.kind.word().to_owned()));
        self.set("name#_translit", number, Some(name.translit.word().to_owned()));
        self.set("name#_src", number, src);
    }

    fn person(&mut self, victim: &Victim) {
        self.word("gender", victim.gender.map(|gender| gender.word()));
        if let Some(birth) = &victim.birth {
            self.put("birth", birth.edtf.clone());
            self.set("birth_jalali", 0, birth.jalali.clone());
        }
        if let Some(age) = &victim.age {
            self.put("age_min", age.min.to_string());
            self.put("age_max", age.max.to_string());
            self.word("age_basis", Some(age.basis.word()));
        }
        self.word("minor", victim.minor.map(|minor| minor.word()));
        self.texts(["occupation_fa", "occupation_en"], victim.occupation.as_ref());
        self.texts(["education_fa", "education_en"], victim.education.as_ref());
        let faith = victim.ethnicity_religion.as_ref();
        self.texts(["ethnicity_religion_fa", "ethnicity_religion_en"], faith);
        let nationality = victim.nationality.join(";");
        self.set("nationality", 0, (!nationality.is_empty()).then_some(nationality));
    }

    fn happened(&mut self, victim: &Victim) {
        self.date(DIED, victim.died_at.as_ref());
        self.date(INJURED, victim.injured_at.as_ref());
        self.place(&PLACE, victim.place.as_ref());
        self.place(&DEATH, victim.place_of_death.as_ref());
        self.place(&ORIGIN, victim.origin_city.as_ref());
        self.texts(["burial_city_fa", "burial_city_en"], victim.burial_city.as_ref());
        self.word("role", victim.role.map(|role| role.word()));
        self.words("manner", victim.manner.iter().map(|manner| manner.word()));
        self.words("injury_site", victim.injury_site.iter().map(|site| site.word()));
        self.word("custody", victim.custody.map(|custody| custody.word()));
        self.words("forces", victim.forces.iter().map(|force| force.word()));
        if let Some(cause) = &victim.official_cause {
            self.texts(["official_cause_fa", "official_cause_en"], Some(&cause.text));
            let src = self.sources_of(&cause.src);
            self.set("official_cause_src", 0, src);
        }
        self.texts(["story_fa", "story_en"], victim.story.as_ref());
        self.set("incident", 0, victim.incident.map(|id| id.to_string()));
    }

    fn date(&mut self, [day, jalali, calendar, time, zone]: DateColumns, date: Option<&FuzzyDate>) {
        let Some(date) = date else { return };
        self.put(day, date.edtf.clone());
        self.set(jalali, 0, date.jalali.clone());
        self.word(calendar, Some(date.source_cal.word()));
        self.set(time, 0, date.time_local.clone());
        self.set(zone, 0, date.tz.clone());
    }

    fn place(&mut self, columns: &PlaceColumns, place: Option<&Place>) {
        let Some(place) = place else { return };
        self.put(columns.country, place.country.clone());
        self.set(columns.province, 0, place.province.clone());
        self.texts(columns.county, place.county.as_ref());
        self.texts(columns.city, place.city.as_ref());
        self.texts(columns.locality, place.locality.as_ref());
        self.word(columns.kind, Some(place.kind.word()));
        self.word(columns.precision, Some(place.precision.word()));
        let [lat, lon] = columns.position;
        self.set(lat, 0, place.lat.clone());
        self.set(lon, 0, place.lon.clone());
    }

    fn source(&mut self, place: usize, source: &Source) {
        let number = self.sids.get(&source.sid).copied().unwrap_or(place as u32 + 1);
        self.set("source#_kind", number, Some(source.kind.word().to_owned()));
        let publisher = ["source#_publisher_fa", "source#_publisher_en"];
        self.texts_at(publisher, number, Some(&source.publisher));
        self.texts_at(["source#_title_fa", "source#_title_en"], number, source.title.as_ref());
        self.set("source#_url", number, source.url.clone());
        self.set("source#_published", number, source.published.clone());
        self.set("source#_accessed", number, source.accessed.clone());
        self.set("source#_lang", number, source.lang.clone());
        self.set("source#_group", number, Some(source.group.to_string()));
    }

    fn claim(&mut self, number: u32, claim: &Claim) {
        self.set("claim#_field", number, Some(claim.path.clone()));
        self.texts_at(["claim#_value_fa", "claim#_value_en"], number, Some(&claim.value));
        let src = self.sources_of(&claim.src);
        self.set("claim#_src", number, src);
        self.set("claim#_confidence", number, Some(claim.confidence.word().to_owned()));
    }

    fn verification(&mut self, victim: &Victim) {
        self.word("private_sources", victim.private_sources.map(|some| some.word()));
        if let Some(verification) = &victim.verification {
            self.put("reviewers", verification.reviewers.to_string());
            self.set("reviewed_on", 0, verification.reviewed_on.clone());
            self.words("methods", verification.methods.iter().map(|method| method.word()));
            self.word("level", Some(verification.level.word()));
        }
        if let Some(consent) = &victim.consent {
            self.word("consent_basis", Some(consent.basis.word()));
            self.words("consent_scope", consent.scope.iter().map(|scope| scope.word()));
            self.set("consent_review_by", 0, consent.review_by.map(|year| year.to_string()));
        }
        let withheld = victim.withheld.join(";");
        self.set("withheld", 0, (!withheld.is_empty()).then_some(withheld));
    }

    fn media(&mut self, number: u32, media: &Media) {
        self.set("media#_path", number, Some(media.path.clone()));
        self.set("media#_role", number, Some(media.role.word().to_owned()));
        self.texts_at(["media#_alt_fa", "media#_alt_en"], number, Some(&media.alt));
        let caption = ["media#_caption_fa", "media#_caption_en"];
        self.texts_at(caption, number, media.caption.as_ref());
        self.set("media#_graphic", number, Some(media.graphic.word().to_owned()));
        self.set("media#_licence", number, media.licence.clone());
        let edits: Vec<_> = media.edits.iter().map(|edit| edit.word()).collect();
        self.set("media#_edits", number, (!edits.is_empty()).then(|| edits.join(";")));
        self.set("media#_commit", number, media.commit.map(|commit| commit.0.to_hex()));
    }
}
