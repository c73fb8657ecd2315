//! What only a person's record has.

use super::super::evidence::*;
use super::super::fields::{VICTIM_FIELDS, is_field};
use super::super::level::{groups, level};
use super::super::types::*;
use super::super::words::*;
use super::parts::{is_country, is_lang, is_script};
use super::{Checker, Victim, sids};
use crate::limits::{MAX_RECORD_LONG_BYTES, MAX_RECORD_TEXT_BYTES};
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
        self.not_itself(victim.id, victim.merged_into);
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
        self.changes(&v.changes, v.version, &VICTIM_FIELDS);
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
    pub(super) fn set<T: Ord>(&mut self, field: &str, values: &[T]) {
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
                is_field(&claim.path, &VICTIM_FIELDS),
                "REC-10",
                &field("path"),
                "not the name of a field",
            );
            self.short_texts(&field("value"), Some(&claim.value));
            self.src(&field("src"), &claim.src, known, true);
            let of = |sid: &String| v.sources.iter().find(|s| s.sid == *sid).map(|s| s.group);
            let groups: BTreeSet<_> = claim.src.iter().filter_map(of).collect();
            self.require(
                claim.confidence != Confidence::Confirmed || groups.len() > 1,
                "REC-10",
                &field("confidence"),
                "confirmed by sources of one origin",
            );
        }
    }

    fn verification(&mut self, v: &Victim) {
        let Some(stated) = &v.verification else { return };
        self.set("verification.methods", &stated.methods);
        self.day("verification.reviewed_on", stated.reviewed_on.as_deref());
        self.count("REC-11", "verification.reviewers", stated.reviewers);
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
}

fn is_mime(text: &str) -> bool {
    let fits = |part: &str| {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".+-".contains(&b);
        !part.is_empty() && part.bytes().all(good)
    };
    let halves = text.split_once('/');
    text.len() <= crate::limits::MAX_MEDIA_BYTES && halves.is_some_and(|(a, b)| fits(a) && fits(b))
}
