//! `victim/1`: what is published about one person (spec: record.md).

use super::evidence::*;
use super::types::*;
use super::words::*;
use serde::{Deserialize, Serialize};

/// The schema of this module.
pub const VICTIM: &str = "victim/1";

/// A person's record. Fields stand in the order of the encoding; those of class P1 say so, all others are
/// P0. A record that is withdrawn, retracted or merged holds only what REC-4 lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Victim {
    /// Identity over all versions.
    pub id: RecordId,
    /// Age on the day of the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<Age>,
    /// BLAKE3 of the version before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Digest>,
    /// Role at the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Birth (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<FuzzyDate>,
    /// Published files (P1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Under 18.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor: Option<Minor>,
    /// Every spelling found; empty when the name is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// Where the person was hurt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Biography and circumstances (P1): plain text, blank lines between paragraphs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story: Option<Texts>,
    /// Values that sources give, also when they contradict each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Institutions, by sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forces: Vec<Force>,
    /// As identified in the sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Type of death.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manner: Vec<Manner>,
    /// `victim/1`.
    pub schema: String,
    /// Where the record stands.
    pub status: Status,
    /// The history that people read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Why it may be published (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Died in custody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custody: Option<Custody>,
    /// When the person died; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub died_at: Option<FuzzyDate>,
    /// Public sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// From 1, increasing.
    pub version: u64,
    /// The incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<RecordId>,
    /// Names of fields that are not published (P1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    /// Education (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub education: Option<Texts>,
    /// There when the person is made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fictional: Option<Yes>,
    /// UTC day of publication.
    pub issued_on: String,
    /// When the person was hurt, where that is another day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injured_at: Option<FuzzyDate>,
    /// What stands in place of an unknown name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_label: Option<Texts>,
    /// Occupation (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Texts>,
    /// City of burial (P1), never the grave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burial_city: Option<Texts>,
    /// The father's name (P1): tells people of one name apart, and names someone who may be alive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub father_name: Option<Texts>,
    /// Where the body was hurt (P1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injury_site: Vec<InjurySite>,
    /// The record that has taken this one in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<RecordId>,
    /// Nationalities (ISO 3166-1 alpha-2) (P1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nationality: Vec<String>,
    /// Home town (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_city: Option<Place>,
    /// The same person elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
    /// How it was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Why it is not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<StatusReason>,
    /// What an authority claims (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official_cause: Option<OfficialCause>,
    /// Where the person died, where that is another place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_death: Option<Place>,
    /// Whether testimony exists that is not public (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_sources: Option<PrivateSources>,
    /// Only if central to the case and consented (P1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity_religion: Option<Texts>,
}

impl Victim {
    /// A record that says nothing yet; [`super::check_victim`] tells what it lacks.
    pub fn new(id: RecordId, issued_on: &str) -> Self {
        Self {
            id,
            age: None,
            prev: None,
            role: None,
            birth: None,
            media: Vec::new(),
            minor: None,
            names: Vec::new(),
            place: None,
            story: None,
            claims: Vec::new(),
            forces: Vec::new(),
            gender: None,
            manner: Vec::new(),
            schema: VICTIM.to_owned(),
            status: Status::Active,
            changes: Vec::new(),
            consent: None,
            custody: None,
            died_at: None,
            sources: Vec::new(),
            version: 1,
            incident: None,
            withheld: Vec::new(),
            education: None,
            fictional: None,
            issued_on: issued_on.to_owned(),
            injured_at: None,
            name_label: None,
            occupation: None,
            burial_city: None,
            father_name: None,
            injury_site: Vec::new(),
            merged_into: None,
            nationality: Vec::new(),
            origin_city: None,
            external_ids: Vec::new(),
            verification: None,
            status_reason: None,
            official_cause: None,
            place_of_death: None,
            private_sources: None,
            ethnicity_religion: None,
        }
    }

    /// The name that is shown in a language, if there is one of that language.
    pub fn primary_name(&self, lang: &str) -> Option<&str> {
        let of = |name: &&Name| name.kind == NameKind::Primary && name.lang == lang;
        self.names.iter().find(of).map(|name| name.text.as_str())
    }

    /// True when nothing of the person is left in the record (REC-4).
    pub fn is_tombstone(&self) -> bool {
        !matches!(self.status, Status::Active | Status::Disputed)
    }
}
