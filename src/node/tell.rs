//! What a node shows to those who ask.

use crate::store::acts;
use crate::store::heads::ArchiveStates;
use crate::sync::Tell;
use std::sync::Arc;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::head::Head;

/// The archives of a home, told to whoever asks.
pub struct Archives(pub Arc<ArchiveStates>);

impl Tell for Archives {
    fn head(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        let trusted = self.0.trusted(archive).ok().flatten();
        head_to_tell(trusted, self.0.complete(archive).ok().flatten())
    }

    fn bulletin(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        acts::bulletin(&self.0, archive).ok().flatten()
    }
}

/// The newest head that is here complete; the trusted one if none is (SYNC-8). Both as encoded.
///
/// A release whose blocks nobody has must not hide the one that everybody has: who comes new
/// would trust it and find nothing to fetch. The newer head itself still spreads by gossip, and
/// by exchange from every node that holds all of it; a node without its blocks tells it by gossip
/// only, which is enough, since asking such a node would bring no block either.
pub fn head_to_tell(trusted: Option<Vec<u8>>, complete: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let trusted = trusted?;
    let Some(complete) = complete else { return Some(trusted) };
    // The same release may be trusted with a longer chain of trust roots since.
    let payload = |head: &[u8]| Head::decode(head).ok().map(|head| head.release.payload);
    let same = payload(&trusted) == payload(&complete);
    Some(if same { trusted } else { complete })
}
