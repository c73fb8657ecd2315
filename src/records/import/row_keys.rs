//! The file of keys: which row of a maintainer's table is which record, and who was found not to be the same person.
//!
//! It lies beside the folder, never in it: a key may be a name.

use super::ImportError;
use super::limits::MAX_KEYS_BYTES;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use yadgar_protocol::record::RecordId;

const SCHEMA: &str = "yadgar-import-keys/1";

/// What is remembered between imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    schema: String,
    /// Key of a row to its record.
    pub keys: BTreeMap<String, RecordId>,
    /// Pairs that are not one person; the lower id first.
    #[serde(default)]
    pub distinct: BTreeSet<(RecordId, RecordId)>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), keys: BTreeMap::new(), distinct: BTreeSet::new() }
    }
}

impl Keys {
    /// Reads the file; none is as good as an empty one.
    ///
    /// # Errors
    /// When it cannot be read or is no file of keys: it is never taken for an empty one then.
    pub fn load(path: &Path) -> Result<Self, ImportError> {
        let mut text = String::new();
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            file => file.map_err(|e| ImportError::io(path, e))?,
        };
        file.take(MAX_KEYS_BYTES)
            .read_to_string(&mut text)
            .map_err(|e| ImportError::io(path, e))?;
        let bad = |why: String| ImportError::Keys { path: path.to_owned(), why };
        let keys: Self = serde_json::from_str(&text).map_err(|e| bad(e.to_string()))?;
        match keys.schema == SCHEMA {
            true => Ok(keys),
            false => Err(bad(format!("'{}' is not known", keys.schema))),
        }
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts and ids only: that cannot fail.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Remembers that two are not one person.
    pub fn tell_apart(&mut self, a: RecordId, b: RecordId) {
        if a != b {
            self.distinct.insert((a.min(b), a.max(b)));
        }
    }

    /// Whether two were found not to be one person.
    pub fn are_distinct(&self, a: RecordId, b: RecordId) -> bool {
        self.distinct.contains(&(a.min(b), a.max(b)))
    }
}
