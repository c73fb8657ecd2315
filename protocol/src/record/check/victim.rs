//! What only a person's record has.

use super::super::evidence::*;
use super::super::level::{groups, level};
use super::super::types::*;
use super::super::words::*;
use super::parts::{is_country, is_field, is_lang, is_script};
use super::{Checker, Victim, sids};
use crate::limits::{
    MAX_RECORD_AGE, MAX_RECORD_ITEMS, MAX_RECORD_LONG_BYTES, MAX_RECORD_TEXT_BYTES,
};
use crate::path::Path;
use std::collections::BTreeSet;

impl Checker {
    /// What is gone leaves its id, status and date, and nothing of the person (REC-4).
    pub(super) fn victim_tombstone(&mut self, victim: &Victim) {
        self.status(
            true,
            victim.status,
            victim.status_reason.is_some(),
            victim.merged_into.is_some(),
        );
        let bare = Victim {
            version: victim.version,
            status: victim.status,
            status_reason: victim.status_reason,
            merged_into: victim.merged_into,
            fictional: victim.fictional,
            schema: victim.schema.clone(),
            prev: victim.prev,
            ..Victim::new(victim.id, &victim.issued_on)
        };
        self.require(bare == *victim, "REC-4", "status", "says more than that it is gone");
        let itself = victim.merged_into == Some(victim.id);
        self.require(!itself, "REC-4", "merged_into", "is itself");
    }

    pub(super) fn victim(&mut self, v: &Victim) {
        self.status(false, v.status, v.status_reason.is_some(), v.merged_into.is_some());
        self.needed(v);
        self.sources(&v.sources);
        let known = sids(&v.sources);
        self.names(v, &known);
        self.time_and_place(v);
        self.age(v);
        self.prose(v, &known);
        self.claims(v, &known);
        self.verification(v);
        self.consent(v);
        self.media(v);
        self.withheld(v);
        self.changes(&v.changes, v.version);
    }

    fn needed(&mut self, v: &Victim) {
        for (field, there) in [
            ("gender", v.gender.is_some()),
            ("role", v.role.is_some()),
            ("minor", v.minor.is_some()),
            ("manner", !v.manner.is_empty()),
            ("verification", v.verification.is_some()),
        ] {
            self.require(there, "REC-14", field, "is missing");
        }
        self.set("manner", &v.manner);
        self.set("forces", &v.forces);
        self.set("injury_site", &v.injury_site);
        self.set("nationality", &v.nationality);
        let countries = v.nationality.iter().all(|code| is_country(code));
        self.require(countries, "REC-8", "nationality", "two capital letters (ISO 3166-1)");
    }

    /// A list in which each value stands once.
    fn set<T: Ord>(&mut self, field: &str, values: &[T]) {
        self.list(field, values.len());
        let once = values.iter().collect::<BTreeSet<_>>().len() == values.len();
        self.require(once, "REC-5", field, "a value twice");
    }

    fn names(&mut self, v: &Victim, known: &BTreeSet<&str>) {
        self.list("names", v.names.len());
        let label = v.name_label.is_some();
        self.require(
            v.names.is_empty() == label,
            "REC-13",
            "names",
            "either names, or a label for an unknown name",
        );
        self.short_texts("name_label", v.name_label.as_ref());
        let mut primary = BTreeSet::new();
        for (n, name) in v.names.iter().enumerate() {
            let field = |part: &str| format!("names[{n}].{part}");
            self.name_text(&field("text"), &name.text);
            self.require(
                is_lang(&name.lang),
                "REC-13",
                &field("lang"),
                "a language is a BCP 47 tag",
            );
            self.require(
                is_script(&name.script),
                "REC-13",
                &field("script"),
                "a script is four letters (ISO 15924)",
            );
            self.src(&field("src"), &name.src, known, false);
            if name.kind == NameKind::Primary {
                self.require(
                    primary.insert(&name.lang),
                    "REC-13",
                    &field("kind"),
                    "a second primary name of the language",
                );
            }
        }
        let shown = v.names.is_empty() || primary.iter().any(|lang| *lang == "fa" || *lang == "en");
        self.require(shown, "REC-13", "names", "no primary name in Persian or English");
    }

    fn time_and_place(&mut self, v: &Victim) {
        self.date("birth", v.birth.as_ref());
        self.date("injured_at", v.injured_at.as_ref());
        self.date("died_at", v.died_at.as_ref());
        let from =
            |date: &Option<FuzzyDate>| date.as_ref().and_then(FuzzyDate::span).map(|s| s.from);
        let to = |date: &Option<FuzzyDate>| date.as_ref().and_then(FuzzyDate::span).map(|s| s.to);
        for (field, date) in [("birth", &v.birth), ("injured_at", &v.injured_at)] {
            let before = from(date).zip(to(&v.died_at)).is_none_or(|(first, death)| first <= death);
            self.require(before, "REC-7", field, "after the day of death");
        }
        self.place("place", v.place.as_ref());
        self.place("place_of_death", v.place_of_death.as_ref());
        self.place("origin_city", v.origin_city.as_ref());
    }

    fn age(&mut self, v: &Victim) {
        let Some(age) = &v.age else { return };
        self.require(
            age.min <= age.max && age.max <= MAX_RECORD_AGE,
            "REC-13",
            "age",
            "not an age",
        );
        let agrees = match v.minor {
            Some(Minor::Yes) => age.min < 18,
            Some(Minor::No) => age.max >= 18,
            Some(Minor::Likely | Minor::Unknown) => age.min < 18 && age.max >= 18,
            None => true,
        };
        self.require(agrees, "REC-13", "minor", "does not agree with the age");
    }

    fn prose(&mut self, v: &Victim, known: &BTreeSet<&str>) {
        if let Some(story) = &v.story {
            self.texts("story", story, MAX_RECORD_LONG_BYTES);
        }
        for (field, texts) in [
            ("education", &v.education),
            ("occupation", &v.occupation),
            ("burial_city", &v.burial_city),
            ("father_name", &v.father_name),
            ("ethnicity_religion", &v.ethnicity_religion),
        ] {
            self.short_texts(field, texts.as_ref());
        }
        if let Some(cause) = &v.official_cause {
            self.short_texts("official_cause.text", Some(&cause.text));
            self.src("official_cause.src", &cause.src, known, true);
        }
        self.list("external_ids", v.external_ids.len());
        for (n, other) in v.external_ids.iter().enumerate() {
            self.text(&format!("external_ids[{n}].org"), &other.org, MAX_RECORD_TEXT_BYTES);
            self.text(&format!("external_ids[{n}].id"), &other.id, MAX_RECORD_TEXT_BYTES);
            self.url(&format!("external_ids[{n}].url"), other.url.as_deref());
        }
    }

    fn claims(&mut self, v: &Victim, known: &BTreeSet<&str>) {
        self.list("claims", v.claims.len());
        for (n, claim) in v.claims.iter().enumerate() {
            let field = |part: &str| format!("claims[{n}].{part}");
            self.require(
                is_field(&claim.path),
                "REC-10",
                &field("path"),
                "not the name of a field",
            );
            self.short_texts(&field("value"), Some(&claim.value));
            self.src(&field("src"), &claim.src, known, true);
        }
    }

    fn verification(&mut self, v: &Victim) {
        let Some(stated) = &v.verification else { return };
        self.set("verification.methods", &stated.methods);
        self.day("verification.reviewed_on", stated.reviewed_on.as_deref());
        let counted = stated.groups == groups(&v.sources);
        self.require(
            counted,
            "REC-11",
            "verification.groups",
            "not the number of groups of the sources",
        );
        let earned = stated.level == level(v) || stated.level == Level::UnderReview;
        self.require(
            earned,
            "REC-11",
            "verification.level",
            "not what the sources and reviewers give",
        );
    }

    /// Consent, and the stricter defaults for minors (REC-15).
    fn consent(&mut self, v: &Victim) {
        let Some(consent) = &v.consent else {
            return self.fault("REC-15", "consent", "is missing: on what ground is it published?");
        };
        self.set("consent.scope", &consent.scope);
        let covers = |scope| consent.scope.contains(&scope);
        let name = v.names.is_empty() || covers(Scope::Name);
        self.require(name, "REC-15", "names", "the consent does not cover the name");
        let photo = v.media.is_empty() || covers(Scope::Photo);
        self.require(photo, "REC-15", "media", "the consent does not cover pictures");
        let story = v.story.is_none() || covers(Scope::Story);
        self.require(story, "REC-15", "story", "the consent does not cover the story");
        if !matches!(v.minor, Some(Minor::Yes | Minor::Likely)) {
            return;
        }
        let family =
            matches!(consent.basis, ConsentBasis::Family | ConsentBasis::PublishedByFamily);
        let private = [("media", v.media.is_empty()), ("story", v.story.is_none())];
        for (field, absent) in private {
            self.require(absent || family, "REC-15", field, "a minor's, without the family");
        }
        let finer =
            |p: &Option<Place>| p.as_ref().is_some_and(|p| p.locality.is_some() || p.lat.is_some());
        self.require(
            v.education.is_none(),
            "REC-15",
            "education",
            "a minor's school is not published",
        );
        self.require(
            !finer(&v.place),
            "REC-15",
            "place",
            "a minor's place is not published below the city",
        );
        self.require(
            !finer(&v.origin_city),
            "REC-15",
            "origin_city",
            "a minor's place is not published below the city",
        );
    }

    fn media(&mut self, v: &Victim) {
        self.list("media", v.media.len());
        for (n, media) in v.media.iter().enumerate() {
            let field = |part: &str| format!("media[{n}].{part}");
            self.require(
                Path::new(&media.path).is_ok(),
                "REC-16",
                &field("path"),
                "not a path of an archive",
            );
            let mime = is_mime(&media.mime);
            self.require(mime, "REC-16", &field("mime"), "not a media type");
            self.texts(&field("alt"), &media.alt, MAX_RECORD_TEXT_BYTES);
            self.short_texts(&field("caption"), media.caption.as_ref());
            if let Some(licence) = &media.licence {
                self.text(&field("licence"), licence, MAX_RECORD_TEXT_BYTES);
            }
            self.set(&field("edits"), &media.edits);
            let original = media.commit.is_some_and(|commit| commit == media.hash);
            self.require(
                !original,
                "REC-16",
                &field("commit"),
                "is the hash of the file: a commitment is salted",
            );
        }
    }

    fn withheld(&mut self, v: &Victim) {
        self.require(v.withheld.len() <= MAX_RECORD_ITEMS, "REC-5", "withheld", "too many items");
        for (n, name) in v.withheld.iter().enumerate() {
            let field = format!("withheld[{n}]");
            self.require(is_field(name), "REC-17", &field, "not the name of a field");
            let there = match name.as_str() {
                "media" => !v.media.is_empty(),
                "story" => v.story.is_some(),
                "father_name" => v.father_name.is_some(),
                "birth" => v.birth.is_some(),
                "occupation" => v.occupation.is_some(),
                "education" => v.education.is_some(),
                "burial_city" => v.burial_city.is_some(),
                "origin_city" => v.origin_city.is_some(),
                "names" => !v.names.is_empty(),
                "age" => v.age.is_some(),
                "place" => v.place.is_some(),
                "died_at" => v.died_at.is_some(),
                _ => false,
            };
            self.require(!there, "REC-17", &field, "is withheld and published");
        }
    }
}

fn is_mime(text: &str) -> bool {
    let fits = |part: &str| {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".+-".contains(&b);
        !part.is_empty() && part.bytes().all(good)
    };
    let halves = text.split_once('/');
    text.len() <= crate::limits::MAX_MEDIA_BYTES && halves.is_some_and(|(a, b)| fits(a) && fits(b))
}
