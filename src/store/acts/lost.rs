//! Which blocks that the disk has lost are still to be kept.

use super::{denied, reach};
use crate::store::heads::ArchiveStates;
use crate::store::{BlockStore, StoreError};
use std::collections::{BTreeMap, HashSet};
use yadgar_protocol::{BlockId, Codec, Hash};

/// What became of lost blocks.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Those that a release reaches which is known here, and that were not withdrawn: these alone may be asked for (WD-7).
    pub ask: Vec<BlockId>,
    /// Those that nothing reaches: withdrawn since, or collected.
    pub drop: Vec<Hash>,
}

/// Divides lost blocks. As long as a node is lost too, what is below it is in neither half: that cannot be told before the
/// node came again.
///
/// # Errors
/// When state or store fail: then nothing may be asked for.
pub fn wanted(
    states: &ArchiveStates,
    store: &dyn BlockStore,
    lost: &HashSet<Hash>,
) -> Result<Wanted, StoreError> {
    let mut ask: BTreeMap<Hash, BlockId> = BTreeMap::new();
    let mut is_hidden = false;
    for archive in states.list()? {
        let denied = denied(states, &archive)?;
        let mut meet = |id: &BlockId| {
            if lost.contains(&id.hash) {
                ask.insert(id.hash, *id);
            }
        };
        let node = |hash| BlockId { codec: Codec::DagCbor, hash };
        for head in [states.trusted(&archive)?, states.complete(&archive)?].into_iter().flatten() {
            meet(&node(Hash::of(&head)));
        }
        for release in reach::known(states, store, &archive)?.1 {
            meet(&node(Hash::of(&release.encode())));
            if let Some(prev) = release.prev {
                meet(&node(prev));
                is_hidden |= lost.contains(&prev) && !store.has(&node(prev))?;
            }
            let gaps = reach::mark(states, store, &release, &denied, &mut meet)?;
            is_hidden |= gaps.iter().any(|gap| lost.contains(&gap.hash));
        }
    }
    let rest = lost.iter().filter(|hash| !is_hidden && !ask.contains_key(*hash));
    Ok(Wanted { drop: rest.copied().collect(), ask: ask.into_values().collect() })
}
