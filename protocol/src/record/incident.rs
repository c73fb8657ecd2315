//! `incident/1`: what happened at one place and time (spec: record.md).

use super::types::*;
use super::words::*;
use serde::{Deserialize, Serialize};

/// The schema of this module.
pub const INCIDENT: &str = "incident/1";

/// An incident. Fields stand in the order of the encoding; all are P0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Identity over all versions.
    pub id: RecordId,
    /// BLAKE3 of the version before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<Digest>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<FuzzyDate>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Its short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Texts>,
    /// How many were killed, as the sources say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolls: Vec<Toll>,
    /// `incident/1`.
    pub schema: String,
    /// Where the record stands.
    pub status: Status,
    /// The history that people read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Public sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Texts>,
    /// From 1, increasing.
    pub version: u64,
    /// There when it is made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fictional: Option<Yes>,
    /// UTC day of publication.
    pub issued_on: String,
    /// The record that has taken this one in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<RecordId>,
    /// Why it is not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<StatusReason>,
}
