//! How much may be withdrawn or dropped without the operator's yes (spec: withdraw.md, HOLD-1 to HOLD-7).

use serde::{Deserialize, Serialize};

/// Withdrawals that are always honoured at once, in records.
pub const LEAST_RECORDS: u64 = 3;
/// Withdrawals that are always honoured at once, in files that are no records.
pub const LEAST_FILES: u64 = 16;
/// One part in this many (2 %) is honoured at once.
pub const ONE_IN: u64 = 50;

/// What an act takes away: files under `records/`, and others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Entries under `records/`.
    pub records: u64,
    /// Other entries.
    pub files: u64,
}

/// What was there when the operator last said yes, and what went since (HOLD-1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// What the release that was shown then had.
    pub had: Loss,
    /// What was withdrawn or dropped since.
    pub spent: Loss,
}

impl Ledger {
    /// A new ledger, from what the shown release has.
    pub fn new(had: Loss) -> Self {
        Self { had, spent: Loss::default() }
    }

    /// Withdrawals (HOLD-2): the ledger after them, or `None` when they are to be held.
    pub fn withdraw(&self, loss: Loss) -> Option<Self> {
        let spent = self.plus(loss);
        let records = spent.records <= (self.had.records / ONE_IN).max(LEAST_RECORDS);
        let files = spent.files <= (self.had.files / ONE_IN).max(LEAST_FILES);
        // What takes nothing away is never held, whatever was spent before.
        let free = loss == Loss::default();
        (free || (records && files)).then_some(Self { spent, ..*self })
    }

    /// A release that is complete here (HOLD-3): the ledger after it, or `None` when it is to be
    /// held. `dropped` are records, `shown` and `new` the numbers of all files. Both what is shown and what the
    /// ledger began with count: else half and half again would go without a yes (HOLD-4).
    pub fn release(&self, dropped: u64, shown: u64, new: u64) -> Option<Self> {
        let after = Self { spent: self.plus(Loss { records: dropped, files: 0 }), ..*self };
        let few = after.spent.records <= (self.had.records / ONE_IN).max(LEAST_RECORDS);
        let most = shown.max(after.left());
        ((dropped == 0 || few) && new >= most.div_ceil(2)).then_some(after)
    }

    /// Files of the ledger's beginning that were not withdrawn or dropped since, as far as that is counted.
    fn left(&self) -> u64 {
        let had = self.had.records.saturating_add(self.had.files);
        had.saturating_sub(self.spent.records).saturating_sub(self.spent.files)
    }

    fn plus(&self, loss: Loss) -> Loss {
        Loss {
            records: self.spent.records.saturating_add(loss.records),
            files: self.spent.files.saturating_add(loss.files),
        }
    }
}

/// True for a release that is to be held because of what it rewrites (HOLD-3): more than half of the
/// `shown` records, and more than [`LEAST_RECORDS`], have other content than before.
pub fn rewrites(changed: u64, shown: u64) -> bool {
    changed > LEAST_RECORDS && changed > shown / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn loss(records: u64, files: u64) -> Loss {
        Loss { records, files }
    }

    #[test]
    fn hold_2_two_percent_or_three() {
        let small = Ledger::new(loss(44, 90));
        assert!(small.withdraw(loss(3, 16)).is_some());
        assert!(small.withdraw(loss(4, 0)).is_none());
        assert!(small.withdraw(loss(0, 17)).is_none());
        let large = Ledger::new(loss(1000, 10_000));
        assert!(large.withdraw(loss(20, 200)).is_some());
        assert!(large.withdraw(loss(21, 0)).is_none());
    }

    #[test]
    fn hold_3_drops_and_halves() {
        let ledger = Ledger::new(loss(100, 100));
        assert!(ledger.release(3, 200, 197).is_some());
        assert!(ledger.release(4, 200, 196).is_none());
        assert!(ledger.release(0, 200, 100).is_some());
        assert!(ledger.release(0, 200, 99).is_none());
        assert!(ledger.release(0, 1, 0).is_none(), "an empty release");
    }

    #[test]
    fn hold_4_half_and_half_again() {
        let mut ledger = Ledger::new(loss(0, 64));
        ledger = ledger.release(0, 64, 32).unwrap();
        assert!(ledger.release(0, 32, 16).is_none());
        assert!(ledger.release(0, 32, 31).is_none());
        ledger = ledger.release(0, 32, 32).unwrap();
        // What was withdrawn is not missed.
        ledger = ledger.withdraw(loss(0, 16)).unwrap();
        assert!(ledger.release(0, 32, 24).is_some());
        assert!(ledger.release(0, 32, 23).is_none());
        assert!(Ledger::new(loss(0, 32)).release(0, 32, 16).is_some(), "after the yes");
        let most = loss(u64::MAX, u64::MAX);
        assert!(Ledger::new(most).release(u64::MAX, u64::MAX, 0).is_none());
    }

    #[test]
    fn hold_3_rewriting() {
        assert!(!rewrites(0, 0));
        assert!(!rewrites(3, 3), "very small archives");
        assert!(rewrites(4, 4));
        assert!(!rewrites(50, 100));
        assert!(rewrites(51, 100));
        assert!(!rewrites(50, 101));
        assert!(rewrites(51, 101));
        assert!(rewrites(u64::MAX, u64::MAX));
    }

    #[test]
    fn hold_4_small_acts_add_up() {
        let mut ledger = Ledger::new(loss(100, 0));
        for _ in 0..3 {
            ledger = ledger.withdraw(loss(1, 0)).unwrap();
        }
        assert!(ledger.withdraw(loss(1, 0)).is_none());
        assert!(ledger.release(1, 100, 99).is_none());
        assert!(ledger.withdraw(loss(0, 0)).is_some());
        assert!(ledger.release(0, 100, 100).is_some());
        assert!(Ledger::new(loss(97, 0)).withdraw(loss(1, 0)).is_some(), "after the yes");
    }
}
