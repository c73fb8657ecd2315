//! Records: what the archive says about people and incidents (spec: record.md).
//!
//! A record is a file of the tree, `records/ID.cbor` or `incidents/ID.cbor`, in the deterministic encoding.
//! The release signs it as it signs every file; here is only what makes it well formed.

mod check;
pub mod class;
pub mod dates;
mod evidence;
pub mod fields;
mod incident;
mod level;
pub mod places;
mod succession;
mod types;
mod victim;
mod word;
mod words;

pub use check::{Fault, check, check_incident, check_victim};
pub use evidence::*;
pub use incident::{INCIDENT, Incident};
pub use level::{groups, level};
pub use succession::succession;
pub use types::*;
pub use victim::{VICTIM, Victim};
pub use words::*;

use crate::cbor;
use crate::limits::MAX_RECORD_BYTES;
use crate::path::Path;
use crate::reject::Reject;
use crate::release::RECORDS_PREFIX;
use serde::{Deserialize, Serialize};

/// Path prefix of incident records; those of people are under [`RECORDS_PREFIX`].
pub const INCIDENTS_PREFIX: &str = "incidents/";

/// A record of either kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Record {
    /// A person.
    Victim(Box<Victim>),
    /// An incident.
    Incident(Box<Incident>),
}

impl Record {
    /// Reads a record and checks it (REC-1 to REC-17).
    ///
    /// # Errors
    /// The first clause that is broken; `ENC-9` for a schema of a later version.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let record = Self::decode_form(bytes)?;
        match check(&record).into_iter().next() {
            Some(fault) => Err(Reject::new(fault.clause, fault.why)),
            None => Ok(record),
        }
    }

    /// Reads a record without checking what it says: for tools that report every fault by [`check`].
    ///
    /// # Errors
    /// `ENC-1`, `ENC-8`, `ENC-9`, or `REC-1` for an unknown schema.
    pub fn decode_form(bytes: &[u8]) -> Result<Self, Reject> {
        if bytes.len() > MAX_RECORD_BYTES {
            return Err(Reject::new("ENC-1", "longer than allowed"));
        }
        #[derive(Deserialize)]
        struct Peek {
            schema: String,
        }
        let limit = crate::limits::MAX_DEPTH;
        let peek: Result<Peek, _> = ciborium::de::from_reader_with_recursion_limit(bytes, limit);
        let Ok(peek) = peek else { return Err(Reject::new("ENC-8", "malformed")) };
        match peek.schema.as_str() {
            VICTIM => cbor::decode(bytes, MAX_RECORD_BYTES).map(|v| Self::Victim(Box::new(v))),
            INCIDENT => cbor::decode(bytes, MAX_RECORD_BYTES).map(|i| Self::Incident(Box::new(i))),
            other if is_later(other) => {
                Err(Reject::new("ENC-9", "needs a newer version of yadgar"))
            }
            _ => Err(Reject::new("REC-1", "an unknown schema")),
        }
    }

    /// The encoded record.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Victim(victim) => cbor::encode(&**victim),
            Self::Incident(incident) => cbor::encode(&**incident),
        }
    }

    /// Its id.
    pub fn id(&self) -> RecordId {
        match self {
            Self::Victim(victim) => victim.id,
            Self::Incident(incident) => incident.id,
        }
    }

    /// The path that it must have (REC-3).
    pub fn path(&self) -> String {
        let prefix = match self {
            Self::Victim(_) => RECORDS_PREFIX,
            Self::Incident(_) => INCIDENTS_PREFIX,
        };
        format!("{prefix}{}.cbor", self.id())
    }

    /// Checks that it stands where it must (REC-3).
    ///
    /// # Errors
    /// `REC-3`.
    pub fn check_path(&self, path: &Path) -> Result<(), Reject> {
        match path.as_str() == self.path() {
            true => Ok(()),
            false => Err(Reject::new("REC-3", "a record's path is its id")),
        }
    }
}

/// The names of all fields in the bytes of a record, at any depth, also those that the format does not have: for
/// tools that tell what a refused record gives away. Empty when the bytes are no CBOR or too long.
pub fn field_names(bytes: &[u8]) -> Vec<String> {
    let (mut out, mut todo) = (Vec::new(), Vec::new());
    if bytes.len() <= MAX_RECORD_BYTES {
        let limit = crate::limits::MAX_DEPTH;
        todo.extend(ciborium::de::from_reader_with_recursion_limit(bytes, limit).ok());
    }
    while let Some(value) = todo.pop() {
        match value {
            ciborium::Value::Map(entries) => {
                for (key, value) in entries {
                    out.extend(key.into_text().ok());
                    todo.push(value);
                }
            }
            ciborium::Value::Array(items) => todo.extend(items),
            _ => {}
        }
    }
    out
}

/// A version of one of our schemas that is later than this crate.
fn is_later(schema: &str) -> bool {
    let version = |name: &str| schema.strip_prefix(name).and_then(|v| v.parse::<u64>().ok());
    version("victim/").or(version("incident/")).is_some_and(|version| version > 1)
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "record_properties.rs"]
mod properties;
