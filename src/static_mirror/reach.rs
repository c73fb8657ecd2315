//! What of a release is reachable: all that a static mirror of it holds (STATIC-9).

use super::MirrorError;
use super::blocks::Blocks;
use crate::carrier::export::earlier;
use crate::store::BlockStore;
use crate::survey::{Visit, Walk};
use std::collections::HashSet;
use yadgar_protocol::BlockId;
use yadgar_protocol::release::Part;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

/// All blocks that are reachable. Some 40 bytes of memory for each.
pub struct Reach {
    pub ids: HashSet<BlockId>,
    /// Structure in order: payloads, then that of each part.
    pub structure: Vec<(Option<String>, Vec<BlockId>)>,
    /// True when all structure could be read, so that nothing else is reachable.
    pub whole: bool,
}

impl Reach {
    /// Walks the parts; reads structure only.
    pub fn new(
        store: &dyn BlockStore,
        blocks: &Blocks<'_>,
        head: &Accepted,
        parts: &[&Part],
        denied: &Denied,
    ) -> Result<Self, MirrorError> {
        let earlier = earlier(store, &head.release, None)?;
        let payloads = [head.head.link].into_iter().chain(earlier.into_iter().map(|(id, _)| id));
        let payloads: Vec<BlockId> = payloads.collect();
        let mut look =
            Look { blocks, ids: payloads.iter().copied().collect(), structure: Vec::new() };
        let (mut structure, mut whole) = (vec![(None, payloads)], true);
        for part in parts {
            let found = Walk::new(&mut look).without(Some(denied)).part(part, true)?;
            whole &= found.is_whole();
            structure.push((Some(part.name.clone()), std::mem::take(&mut look.structure)));
        }
        Ok(Self { ids: look.ids, structure, whole })
    }
}

struct Look<'a> {
    blocks: &'a Blocks<'a>,
    ids: HashSet<BlockId>,
    structure: Vec<BlockId>,
}

impl Visit for Look<'_> {
    type Error = MirrorError;

    fn node(&mut self, id: &BlockId) -> Result<Option<Vec<u8>>, MirrorError> {
        if self.ids.insert(*id) {
            self.structure.push(*id);
        }
        self.blocks.get(id)
    }

    fn content(&mut self, id: &BlockId, bytes: u64) -> Result<Option<u64>, MirrorError> {
        self.ids.insert(*id);
        Ok(Some(bytes))
    }
}
