//! Privacy classes of fields (spec: record.md, "Classes").

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Public.
    P0,
    /// Public only if consent and safety say so; otherwise the field is absent.
    P1,
    /// In maintainers' own encrypted files only; the format has no field for it.
    P2,
    /// Never collected; the format has no field for it.
    P3,
}

impl Class {
    /// `P0` and so on.
    pub const fn word(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }
}

/// Fields of `victim/1` of class P1.
pub const P1_FIELDS: [&str; 20] = [
    "birth",
    "burial_city",
    "consent",
    "education",
    "ethnicity_religion",
    "father_name",
    "injury_site",
    "media",
    "nationality",
    "occupation",
    "official_cause",
    "origin_city",
    "place.lat",
    "place.locality",
    "place.lon",
    "place_of_death.lat",
    "place_of_death.locality",
    "place_of_death.lon",
    "private_sources",
    "story",
];

/// Words that a maintainer's table may have as columns and that no record ever holds: P2.
pub const P2_FIELDS: [&str; 12] = [
    "relatives",
    "mother_name",
    "phone",
    "address",
    "family_contact",
    "grave",
    "named_suspects",
    "consent_by",
    "risk",
    "embargo",
    "custody_log",
    "salt",
];

/// The same for P3.
pub const P3_FIELDS: [&str; 3] = ["national_id", "bank", "biometric"];

/// The class of a field, by its name in a record or table (`place.locality`); what has none of its own is of
/// the class of what it stands in.
pub fn class_of(field: &str) -> Class {
    let within = |list: &[&str]| {
        list.iter().any(|name| {
            field
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    };
    if within(&P3_FIELDS) {
        Class::P3
    } else if within(&P2_FIELDS) {
        Class::P2
    } else if within(&P1_FIELDS) || within(&["withheld"]) {
        Class::P1
    } else {
        Class::P0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        assert_eq!(class_of("names"), Class::P0);
        assert_eq!(class_of("place.city"), Class::P0);
        assert_eq!(class_of("place.locality.fa"), Class::P1);
        assert_eq!(class_of("place.lat"), Class::P1);
        assert_eq!(class_of("place_of_death"), Class::P0);
        assert_eq!(class_of("place_of_death.city"), Class::P0);
        assert_eq!(class_of("place_of_death.locality.fa"), Class::P1);
        assert_eq!(class_of("place_of_death.lon"), Class::P1);
        assert_eq!(class_of("story.fa"), Class::P1);
        assert_eq!(class_of("media[0].alt"), Class::P1);
        assert_eq!(class_of("phone"), Class::P2);
        assert_eq!(class_of("national_id"), Class::P3);
    }
}
