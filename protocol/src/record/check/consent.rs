//! Consent, the stricter defaults for minors, and what is withheld (REC-15, REC-17).
//!
//! A claim publishes a field as much as the field itself.

use super::super::evidence::*;
use super::super::fields::{Step, VICTIM_FIELDS, is_field, steps};
use super::super::types::*;
use super::super::words::*;
use super::{Checker, Victim};
use crate::limits::MAX_RECORD_ITEMS;
use ciborium::Value;

const SCHOOL: &str = "a minor's school is not published";
const PLACE: &str = "a minor's place is not published below the city";
const WITHHELD: &str = "is withheld and published";
/// A year, to ask again.
const YEARS: std::ops::RangeInclusive<u64> = 1_000..=9_999;

impl Checker {
    pub(super) fn consent(&mut self, v: &Victim) {
        let Some(consent) = &v.consent else {
            return self.fault("REC-15", "consent", "is missing: on what ground is it published?");
        };
        self.set("consent.scope", &consent.scope);
        let year = consent.review_by.is_none_or(|year| YEARS.contains(&year));
        self.require(year, "REC-15", "consent.review_by", "not a year");
        let family =
            matches!(consent.basis, ConsentBasis::Family | ConsentBasis::PublishedByFamily);
        let alone = matches!(v.minor, Some(Minor::Yes | Minor::Likely)) && !family;
        for (name, there, scope, missing) in [
            ("names", !v.names.is_empty(), Scope::Name, "the consent does not cover the name"),
            ("media", !v.media.is_empty(), Scope::Photo, "the consent does not cover pictures"),
            ("story", v.story.is_some(), Scope::Story, "the consent does not cover the story"),
        ] {
            let covered = consent.scope.contains(&scope);
            let barred = alone && scope != Scope::Name;
            for field in there.then(|| name.to_owned()).into_iter().chain(claims(v, name)) {
                self.require(covered, "REC-15", &field, missing);
                self.require(!barred, "REC-15", &field, "a minor's, without the family");
            }
        }
        if matches!(v.minor, Some(Minor::Yes | Minor::Likely)) {
            self.minor_at_home(v);
        }
    }

    /// Where a minor lived and learnt.
    fn minor_at_home(&mut self, v: &Victim) {
        let school = v.education.as_ref().map(|_| "education".to_owned());
        for field in school.into_iter().chain(claims(v, "education")) {
            self.fault("REC-15", &field, SCHOOL);
        }
        for (name, place) in [
            ("place", &v.place),
            ("origin_city", &v.origin_city),
            ("place_of_death", &v.place_of_death),
        ] {
            let finer = |p: &Place| p.locality.is_some() || p.lat.is_some() || p.lon.is_some();
            self.require(!place.as_ref().is_some_and(finer), "REC-15", name, PLACE);
            for field in ["locality", "lat", "lon"].map(|part| format!("{name}.{part}")) {
                for claim in claims(v, &field) {
                    self.fault("REC-15", &claim, PLACE);
                }
            }
        }
    }

    pub(super) fn withheld(&mut self, v: &Victim) {
        self.require(v.withheld.len() <= MAX_RECORD_ITEMS, "REC-5", "withheld", "too many items");
        if v.withheld.is_empty() {
            return;
        }
        let value = Value::serialized(v).unwrap_or(Value::Null);
        for (n, name) in v.withheld.iter().enumerate() {
            let field = format!("withheld[{n}]");
            let known = is_field(name, &VICTIM_FIELDS);
            self.require(known, "REC-17", &field, "not the name of a field");
            self.require(!known || !is_there(&value, name), "REC-17", &field, WITHHELD);
            for claim in claims(v, name) {
                self.fault("REC-17", &claim, WITHHELD);
            }
        }
    }
}

/// Fields of the claims about a field or a part of it.
fn claims<'a>(v: &'a Victim, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let name = name.to_owned();
    let within = move |path: &str| {
        path.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let about = v.claims.iter().enumerate().filter(move |(_, claim)| within(&claim.path));
    about.map(|(n, _)| format!("claims[{n}]"))
}

/// Whether a record says something there; that it is withheld, or not known, is nothing.
fn is_there(record: &Value, name: &str) -> bool {
    let mut at = Some(record);
    for step in steps(name).unwrap_or_default() {
        at = match (step, at) {
            (Step::Field(name), Some(Value::Map(fields))) => {
                let found = fields.iter().find(|(key, _)| key.as_text() == Some(name));
                found.map(|(_, value)| value)
            }
            (Step::Item(n), Some(Value::Array(items))) => items.get(n),
            _ => None,
        };
    }
    at.is_some_and(|value| !matches!(value.as_text(), Some("withheld" | "unknown")))
}
