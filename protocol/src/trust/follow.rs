//! Following back from a release over the payloads in between (TRUST-15).

use super::accepted::check_ancestor;
use super::fork::Branch;
use super::state::Seen;
use crate::blocks::{ReadBlocks, ReadError};
use crate::envelope::Envelope;
use crate::ids::{BlockId, Codec, Hash};
use crate::limits::MAX_BETWEEN;
use crate::reject::Reject;
use crate::release::Release;
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;

/// Why following back ended before it was done.
#[derive(Debug)]
pub(super) enum Stop {
    /// This payload is needed.
    Needs(BlockId),
    /// The chain is not what it should be.
    Refuse(Reject),
}

impl From<Reject> for Stop {
    fn from(reject: Reject) -> Self {
        Self::Refuse(reject)
    }
}

/// Payloads that are known here, then those of somebody else.
pub(super) struct Overlay<'a> {
    own: BTreeMap<BlockId, Vec<u8>>,
    under: &'a dyn ReadBlocks,
}

impl<'a> Overlay<'a> {
    pub(super) fn new<'p>(
        payloads: impl Iterator<Item = &'p [u8]>,
        under: &'a dyn ReadBlocks,
    ) -> Self {
        let own = payloads.map(|payload| (BlockId::dag_cbor(payload), payload.to_vec())).collect();
        Self { own, under }
    }
}

impl ReadBlocks for Overlay<'_> {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        match self.own.get(id) {
            Some(payload) => Ok(Some(payload.clone())),
            None => self.under.block(id),
        }
    }
}

/// The payload of a release by its hash.
pub(super) fn payload(blocks: &dyn ReadBlocks, hash: Hash) -> Result<Vec<u8>, Stop> {
    let id = BlockId { codec: Codec::DagCbor, hash };
    // A store that fails has it no more than one that lacks it: asking others can help.
    let found = blocks.block(&id).ok().flatten().ok_or(Stop::Needs(id))?;
    // Also for sources that do not check.
    if id.matches(&found) { Ok(found) } else { Err(Stop::Needs(id)) }
}

/// A place on a chain. Sequence 0 without a hash is the place before the first release.
pub(super) struct Cursor<'a> {
    blocks: &'a dyn ReadBlocks,
    /// Sequence of the place.
    pub at: u64,
    /// Hash of the release there.
    pub hash: Option<Hash>,
    /// Hash of the release one above, when it was stepped over.
    pub above: Option<Hash>,
    /// The release one above; what is here has to precede it.
    later: Option<Release>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(blocks: &'a dyn ReadBlocks, at: u64, hash: Option<Hash>) -> Self {
        Self { blocks, at, hash, above: None, later: None }
    }

    /// Where it reads from.
    pub(super) const fn blocks(&self) -> &'a dyn ReadBlocks {
        self.blocks
    }

    /// One release back. Reads the payload of the place that is left.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        let end = Reject::new("TRUST-9", "a release without predecessor");
        let hash = self.hash.ok_or(end)?;
        let payload = payload(self.blocks, hash)?;
        let release = match &self.later {
            Some(later) => check_ancestor(&payload, later)?,
            None => Release::decode(&payload)?,
        };
        if release.sequence != self.at {
            return Err(Reject::new("TRUST-15", "an ancestor out of sequence").into());
        }
        self.above = Some(hash);
        self.hash = release.prev;
        self.at -= 1;
        self.later = Some(release);
        Ok(())
    }

    /// Back to `sequence`. What was seen on this chain before is jumped to, so that what is known needs
    /// no walk.
    pub(super) fn down_to(
        &mut self,
        sequence: u64,
        seen: &BTreeMap<u64, Seen>,
    ) -> Result<(), Stop> {
        while self.at > sequence {
            match seen.range(sequence..self.at).next() {
                Some((at, known)) => {
                    (self.at, self.hash) = (*at, Some(known.hash));
                    (self.above, self.later) = (None, None);
                }
                None => self.step()?,
            }
        }
        Ok(())
    }
}

/// The branch from a signed release back to the first one after sequence `agreed`.
pub(super) fn branch(
    blocks: &dyn ReadBlocks,
    release: Envelope,
    agreed: u64,
) -> Result<Branch, Stop> {
    let mut later = Release::decode(&release.payload)?;
    if later.sequence.saturating_sub(agreed) > MAX_BETWEEN as u64 + 1 {
        return Err(
            Reject::new("TRUST-28", "a fork that cannot be proven within the bounds").into()
        );
    }
    let mut between = Vec::new();
    while later.sequence > agreed + 1 {
        let end = Reject::new("TRUST-9", "a release without predecessor");
        let bytes = payload(blocks, later.prev.ok_or(end)?)?;
        later = check_ancestor(&bytes, &later)?;
        between.push(ByteBuf::from(bytes));
    }
    Ok(Branch { between, release })
}
