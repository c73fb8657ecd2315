//! Names of fields, as claims, withheld fields and the history use them (spec: record.md, REC-10).
//!
//! Closed lists: a name that could be any word could tell what the format has no field for.

use crate::limits::{MAX_RECORD_FIELD_BYTES, MAX_RECORD_ITEMS};

/// Fields of `victim/1`.
pub const VICTIM_FIELDS: [&str; 43] = [
    "id",
    "age",
    "prev",
    "role",
    "birth",
    "media",
    "minor",
    "names",
    "place",
    "story",
    "claims",
    "forces",
    "gender",
    "manner",
    "schema",
    "status",
    "changes",
    "consent",
    "custody",
    "died_at",
    "sources",
    "version",
    "incident",
    "withheld",
    "education",
    "fictional",
    "issued_on",
    "injured_at",
    "name_label",
    "occupation",
    "burial_city",
    "father_name",
    "injury_site",
    "merged_into",
    "nationality",
    "origin_city",
    "external_ids",
    "verification",
    "status_reason",
    "official_cause",
    "place_of_death",
    "private_sources",
    "ethnicity_religion",
];
/// Fields of `incident/1`.
pub const INCIDENT_FIELDS: [&str; 16] = [
    "id",
    "prev",
    "dates",
    "place",
    "title",
    "tolls",
    "schema",
    "status",
    "changes",
    "sources",
    "summary",
    "version",
    "fictional",
    "issued_on",
    "merged_into",
    "status_reason",
];
/// Fields of the parts of both.
const PARTS: [&str; 59] = [
    "accessed",
    "alt",
    "archived_hash",
    "basis",
    "bytes",
    "caption",
    "city",
    "code",
    "commit",
    "confidence",
    "country",
    "county",
    "edits",
    "edtf",
    "en",
    "fa",
    "fields",
    "graphic",
    "group",
    "groups",
    "hash",
    "id",
    "jalali",
    "kind",
    "lang",
    "lat",
    "level",
    "licence",
    "locality",
    "lon",
    "max",
    "methodology",
    "methods",
    "mime",
    "min",
    "on",
    "org",
    "path",
    "precision",
    "province",
    "publisher",
    "published",
    "review_by",
    "reviewed_on",
    "reviewers",
    "role",
    "scope",
    "script",
    "sid",
    "source_cal",
    "src",
    "text",
    "time_local",
    "title",
    "translit",
    "tz",
    "url",
    "value",
    "version",
];

/// True for a field of `fields`, with fields of its parts behind dots and places of lists in brackets
/// (`names[1].text`).
pub fn is_field(name: &str, fields: &[&str]) -> bool {
    let steps = || steps(name);
    name.len() <= MAX_RECORD_FIELD_BYTES
        && steps().is_some_and(|steps| {
            let known = |(at, step): (usize, &Step)| match step {
                Step::Field(name) if at == 0 => fields.contains(name),
                Step::Field(name) => PARTS.contains(name),
                Step::Item(_) => at > 0,
            };
            steps.iter().enumerate().all(known)
        })
}

/// One step into a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// To a field.
    Field(&'a str),
    /// To an item of a list.
    Item(usize),
}

/// The steps of a name; `None` when it is not of that form.
pub(super) fn steps(name: &str) -> Option<Vec<Step<'_>>> {
    let mut out = Vec::new();
    for part in name.split('.') {
        let (field, places) = part.split_at(part.find('[').unwrap_or(part.len()));
        out.push(Step::Field(field));
        for place in places.split_inclusive(']').filter(|place| !place.is_empty()) {
            let digits = place.strip_prefix('[')?.strip_suffix(']')?;
            let number: usize = digits.parse().ok().filter(|n| *n < MAX_RECORD_ITEMS)?;
            // One way to write it.
            if number.to_string() != digits {
                return None;
            }
            out.push(Step::Item(number));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rec_10_names_of_fields() {
        for good in
            ["age", "place.city", "died_at.edtf", "names[1].text", "place.city.fa", "manner[0]"]
        {
            assert!(is_field(good, &VICTIM_FIELDS), "{good}");
        }
        for bad in [
            "",
            "Age",
            "phone",
            "a09120000000",
            "age.",
            ".age",
            "place..city",
            "place.street",
            "names[64]",
            "names[01]",
            "names[",
            "names[]",
            "names]",
            "[0]",
            "names[1]text",
            "names[+1]",
            "title",
        ] {
            assert!(!is_field(bad, &VICTIM_FIELDS), "{bad}");
        }
        assert!(is_field("tolls[0].max", &INCIDENT_FIELDS) && !is_field("age", &INCIDENT_FIELDS));
    }
}
