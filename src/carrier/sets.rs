//! Which volumes of a set are among some carriers (CAR-9).

use super::import::FileFound;
use std::collections::BTreeMap;
use yadgar_protocol::Hash;

/// Volumes that belong together, as far as they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFound {
    /// The set.
    pub set: Hash,
    /// Volumes with blocks of the release.
    pub count: u64,
    /// Volumes of parity.
    pub parity: u64,
    /// Numbers of those that were found and have no damage.
    pub good: Vec<u64>,
    /// Numbers of those that were found damaged.
    pub damaged: Vec<u64>,
    /// Numbers of those of which something was rebuilt from parity.
    pub rebuilt: Vec<u64>,
}

impl SetFound {
    /// Numbers of those that were not found.
    pub fn missing(&self) -> Vec<u64> {
        let here = |n: &u64| self.good.contains(n) || self.damaged.contains(n);
        (1..=self.count.saturating_add(self.parity)).filter(|n| !here(n)).collect()
    }

    /// How many more volumes are needed at most, whichever they are.
    pub fn needed(&self) -> u64 {
        match self.parity {
            0 => self.missing().len() as u64 + self.damaged.len() as u64,
            _ => self.count.saturating_sub(self.good.len() as u64),
        }
    }
}

/// Groups files by their marks. Of two copies of a volume the good one counts; of marks of one set that contradict each other,
/// those that most volumes have.
pub(super) fn sets(files: &[FileFound]) -> Vec<SetFound> {
    let mut found: BTreeMap<(Hash, u64, u64), SetFound> = BTreeMap::new();
    for file in files {
        let Some(mark) = &file.volume else { continue };
        let (count, parity) = (mark.count, mark.parity.unwrap_or(0));
        let new = || SetFound {
            set: mark.set,
            count,
            parity,
            good: vec![],
            damaged: vec![],
            rebuilt: vec![],
        };
        let set = found.entry((mark.set, count, parity)).or_insert_with(new);
        let whole = file.damages.count == 0 && file.unreadable.is_none();
        match whole {
            true => set.good.push(mark.number),
            false => set.damaged.push(mark.number),
        }
    }
    for set in found.values_mut() {
        set.good.sort_unstable();
        set.good.dedup();
        set.damaged.sort_unstable();
        set.damaged.dedup();
        set.damaged.retain(|n| !set.good.contains(n));
    }
    let here = |set: &SetFound| set.good.len() + set.damaged.len();
    let mut best: BTreeMap<Hash, SetFound> = BTreeMap::new();
    for set in found.into_values() {
        match best.get(&set.set) {
            Some(known) if here(known) >= here(&set) => {}
            _ => drop(best.insert(set.set, set)),
        }
    }
    best.into_values().collect()
}

/// Numbers for people: `1-3, 7`.
pub fn ranges(numbers: &[u64]) -> String {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for n in numbers {
        match out.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*n) => *last = *n,
            _ => out.push((*n, *n)),
        }
    }
    let text = |(from, to): &(u64, u64)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    };
    out.iter().map(text).collect::<Vec<_>>().join(", ")
}
