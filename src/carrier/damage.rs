//! What of a carrier could not be used.

/// Damaged ranges that are named one by one.
pub(super) const MAX_RANGES: usize = 1_000;

/// A range of a carrier that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Damage {
    /// First byte.
    pub from: u64,
    /// First byte after it.
    pub to: u64,
    /// What was wrong there, for people, with the clause of the spec.
    pub why: String,
}

/// All damage of a carrier.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Damages {
    /// How many ranges.
    pub count: u64,
    /// How many bytes.
    pub bytes: u64,
    /// The first 1000 ranges.
    pub ranges: Vec<Damage>,
}

impl Damages {
    /// Counts other damage too.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.bytes += other.bytes;
        let room = MAX_RANGES.saturating_sub(self.ranges.len());
        self.ranges.extend(other.ranges.iter().take(room).cloned());
    }
}
