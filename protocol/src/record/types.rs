//! The pieces that records are made of (spec: record.md). Fields stand in the order of the encoding:
//! by length of the key, then bytewise.

use super::evidence::*;
use super::words::*;
use crate::ids::{Hash, base32, from_base32};
use serde::{Deserialize, Serialize};

/// A random, stable identity of a record, never derived from what it says (REC-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// Reads the 26 characters of base32.
    pub fn from_text(text: &str) -> Option<Self> {
        from_base32(text)?.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base32(&self.0))
    }
}

impl std::fmt::Debug for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordId({self})")
    }
}

impl Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match s.is_human_readable() {
            true => s.collect_str(self),
            false => s.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if d.is_human_readable() {
            let text = String::deserialize(d)?;
            Self::from_text(&text).ok_or_else(|| D::Error::custom("an id is 26 characters"))
        } else {
            crate::cbor::bytes_array::deserialize(d).map(Self)
        }
    }
}

/// A hash that is hex in JSON and 32 bytes in CBOR.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Digest(pub Hash);

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match s.is_human_readable() {
            true => s.serialize_str(&self.0.to_hex()),
            false => self.0.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if d.is_human_readable() {
            let text = String::deserialize(d)?;
            let hash = Hash::from_hex(&text);
            hash.map(Self).ok_or_else(|| D::Error::custom("a hash is 64 hex digits"))
        } else {
            Hash::deserialize(d).map(Self)
        }
    }
}

/// A structure of a record: optional fields are absent when they have no value, unknown ones are refused.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)+ }
    };
}

part! {
    /// A text in one or both languages.
    #[derive(Default)]
    Texts {
        /// English.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        en: Option<String>,
        /// Persian.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fa: Option<String>,
    }
}
part! {
    /// A spelling of a name, as found.
    Name {
        /// Sources that spell it so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        src: Vec<String>,
        /// What kind of name.
        kind: NameKind,
        /// Language (BCP 47).
        lang: String,
        /// The name, NFC.
        text: String,
        /// Script (ISO 15924).
        script: String,
        /// How it came into this script.
        translit: Translit,
    }
}
part! {
    /// A date as far as it is known (REC-6, REC-7).
    FuzzyDate {
        /// Time zone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tz: Option<String>,
        /// Gregorian, in the subset of EDTF of REC-6.
        edtf: String,
        /// The same in the Persian calendar, as in the source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jalali: Option<String>,
        /// The calendar of the source.
        source_cal: Calendar,
        /// Hour and minute there, `HH:MM`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_local: Option<String>,
    }
}
part! {
    /// Age on the day of the incident, in years.
    Age {
        /// At most.
        max: u64,
        /// At least.
        min: u64,
        /// How it is known.
        basis: AgeBasis,
    }
}
part! {
    /// A place, to the city (P0) or finer (P1).
    Place {
        /// Latitude in degrees, at most two decimals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lat: Option<String>,
        /// Longitude in degrees, at most two decimals.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lon: Option<String>,
        /// City, town or village.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        city: Option<Texts>,
        /// What kind of place.
        kind: PlaceKind,
        /// County.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        county: Option<Texts>,
        /// Country (ISO 3166-1 alpha-2), or `ZZ` where it is made up.
        country: String,
        /// Quarter (P1).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        locality: Option<Texts>,
        /// Province, by its code in [`super::places`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        province: Option<String>,
        /// How exactly it is known.
        precision: Precision,
    }
}
part! {
    /// A public source (REC-9).
    Source {
        /// Its name within this record.
        sid: String,
        /// Its address, shown as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// What it is.
        kind: SourceKind,
        /// Its language (BCP 47).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lang: Option<String>,
        /// Sources of one group have one origin: they are not independent.
        group: u64,
        /// Its title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Texts>,
        /// The day it was read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accessed: Option<String>,
        /// The day it was published.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        published: Option<String>,
        /// Who published it.
        publisher: Texts,
        /// Whole-file hash of the copy that the archive keeps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        archived_hash: Option<Digest>,
    }
}
part! {
    /// One of several values that sources give for a field (REC-10).
    Claim {
        /// Sources that say so.
        src: Vec<String>,
        /// The field, with dots (`died_at`, `place.city`).
        path: String,
        /// What they say, in words.
        value: Texts,
        /// How sure it is.
        confidence: Confidence,
    }
}
part! {
    /// A statement of an authority, as a claim.
    OfficialCause {
        /// Sources of it.
        src: Vec<String>,
        /// What is claimed.
        text: Texts,
    }
}
part! {
    /// How the record was verified (REC-11).
    Verification {
        /// What the rules give.
        level: Level,
        /// Independent groups of sources.
        groups: u64,
        /// What was done.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        methods: Vec<Method>,
        /// How many people reviewed it.
        reviewers: u64,
        /// Hash of the method's description.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        methodology: Option<Digest>,
        /// The day of the last review.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reviewed_on: Option<String>,
    }
}
part! {
    /// The same person in another collection.
    ExternalId {
        /// Its id there.
        id: String,
        /// The organisation.
        org: String,
        /// Its address there, shown as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    }
}
part! {
    /// A published file about the person (P1).
    Media {
        /// What the picture shows, for those who do not see it.
        alt: Texts,
        /// Whole-file hash.
        hash: Digest,
        /// Media type.
        mime: String,
        /// Where in the archive it is.
        path: String,
        /// What it is.
        role: MediaRole,
        /// Size in bytes.
        bytes: u64,
        /// What was done to it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        edits: Vec<Edit>,
        /// Salted commitment to the original, never its hash.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<Digest>,
        /// Words below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Texts>,
        /// How hard it is to bear.
        graphic: Graphic,
        /// Its licence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        licence: Option<String>,
    }
}
part! {
    /// Why it may be published (P1); who agreed is never in it.
    Consent {
        /// On what ground.
        basis: ConsentBasis,
        /// For what.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        scope: Vec<Scope>,
        /// Year in which to ask again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        review_by: Option<u64>,
    }
}
part! {
    /// A line of the history that people read (REC-12).
    Change {
        /// UTC day.
        on: String,
        /// Why.
        code: ChangeCode,
        /// The fields.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fields: Vec<String>,
        /// The version that brought it.
        version: u64,
    }
}
part! {
    /// How many were killed in an incident, as one source says.
    Toll {
        /// At most.
        max: u64,
        /// At least.
        min: u64,
        /// The sources.
        src: Vec<String>,
    }
}
