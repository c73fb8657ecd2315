//! Withdrawals: what must no longer be kept, named so that only who has it can tell (spec: withdraw.md).

use crate::ids::{ArchiveId, BlockId, Hash};
use crate::reject::Reject;
use crate::release::is_date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why something was withdrawn; generic on purpose (WD-3). The number is the one in the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The same is there under another id.
    Duplicate,
    /// It was wrong.
    Error,
    /// It does not belong to what the archive is about.
    OutOfScope,
    /// The person is alive.
    FoundAlive,
    /// It was made up.
    Fabricated,
    /// Its source took it back.
    SourceWithdrawn,
    /// Every case of safety and family.
    Withheld,
}

impl Reason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Duplicate,
        Self::Error,
        Self::OutOfScope,
        Self::FoundAlive,
        Self::Fabricated,
        Self::SourceWithdrawn,
        Self::Withheld,
    ];

    /// The word of the spec.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Error => "error",
            Self::OutOfScope => "out-of-scope",
            Self::FoundAlive => "found-alive",
            Self::Fabricated => "fabricated",
            Self::SourceWithdrawn => "source-withdrawn",
            Self::Withheld => "withheld",
        }
    }

    /// The reason of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        let reason = usize::try_from(number).ok().and_then(|n| Self::ALL.get(n).copied());
        reason.ok_or_else(|| serde::de::Error::custom("a reason is 0 to 6"))
    }
}

/// One withdrawal. An array in the encoding; the order of the fields is the encoding's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Fields", into = "Fields")]
pub struct Withdrawal {
    /// What, by [`item`].
    pub item: Hash,
    /// UTC day, `YYYY-MM-DD`; shown only.
    pub date: String,
    /// Why.
    pub reason: Reason,
    /// The release that carries it first, or the newest one when it was signed as a notice.
    pub sequence: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Fields(Hash, String, Reason, u64);

impl From<Fields> for Withdrawal {
    fn from(Fields(item, date, reason, sequence): Fields) -> Self {
        Self { item, date, reason, sequence }
    }
}

impl From<Withdrawal> for Fields {
    fn from(w: Withdrawal) -> Self {
        Self(w.item, w.date, w.reason, w.sequence)
    }
}

/// The name under which the content that an entry links to is withdrawn (WD-1).
pub fn item(archive: &ArchiveId, content: &BlockId) -> Hash {
    let mut hasher = blake3::Hasher::new_derive_key("yadgar 2026 withdrawn");
    hasher.update(&archive.0.0);
    hasher.update(&content.to_bytes());
    Hash(*hasher.finalize().as_bytes())
}

/// Checks the form of a list of withdrawals (WD-2).
///
/// # Errors
/// `WD-2` for a list that is too long, not ascending, or with a date that is none.
pub fn check_list(list: &[Withdrawal], max: usize) -> Result<(), Reject> {
    if list.len() > max {
        return Err(Reject::new("WD-2", "too many withdrawals"));
    }
    if !list.is_sorted_by(|a, b| a.item < b.item) {
        return Err(Reject::new("WD-2", "withdrawals are ascending by item, each once"));
    }
    if !list.iter().all(|w| is_date(&w.date)) {
        return Err(Reject::new("WD-2", "a date is YYYY-MM-DD"));
    }
    Ok(())
}

/// What a node must not keep of one archive (WD-7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    archive: ArchiveId,
    items: BTreeMap<Hash, Withdrawal>,
}

impl Denied {
    /// Nothing is denied yet.
    pub fn none(archive: ArchiveId) -> Self {
        Self { archive, items: BTreeMap::new() }
    }

    /// The archive that this is about.
    pub fn archive(&self) -> &ArchiveId {
        &self.archive
    }

    /// Adds withdrawals. One that is known stays as it was: the first trace is kept.
    pub fn add<'a>(&mut self, list: impl IntoIterator<Item = &'a Withdrawal>) {
        for withdrawal in list {
            self.items.entry(withdrawal.item).or_insert_with(|| withdrawal.clone());
        }
    }

    /// The withdrawal that covers this content, if any. `content` is what an entry links to.
    pub fn covers(&self, content: &BlockId) -> Option<&Withdrawal> {
        // Most archives withdraw nothing: they do not pay for a hash.
        if self.items.is_empty() { None } else { self.items.get(&item(&self.archive, content)) }
    }

    /// True when this very item is denied.
    pub fn has(&self, item: &Hash) -> bool {
        self.items.contains_key(item)
    }

    /// True when nothing is denied.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// All withdrawals, ascending by item.
    pub fn list(&self) -> impl Iterator<Item = &Withdrawal> {
        self.items.values()
    }
}

#[cfg(test)]
#[path = "withdraw_tests.rs"]
mod tests;
