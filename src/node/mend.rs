//! Getting back single blocks that the disk has lost: those of earlier releases, which no fetch brings any more.

use super::Ground;
use crate::net::PeerId;
use crate::store::StoreError;
use crate::store::acts::Writer;
use crate::sync::{End, ask_blocks};
use std::time::Duration;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::head::Head;
use yadgar_protocol::release::Release;
use yadgar_protocol::{ArchiveId, BlockId, Codec};

/// Peers that are asked in one go.
const MOST_PEERS: usize = 16;
/// Blocks asked for at once: bounds memory.
const AT_ONCE: usize = 16;
/// Longest time for these.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks peers one after the other for blocks, as long as some are missing. What was withdrawn meanwhile does not come back
/// this way: it is erased again at the end (WD-7).
pub async fn mend(
    ground: Ground,
    archives: Vec<ArchiveId>,
    peers: Vec<PeerId>,
    blocks: Vec<BlockId>,
) {
    let states = ground.states.clone();
    let begin = move || {
        archives
            .iter()
            .map(|archive| Writer::begin(&states, *archive))
            .collect::<Result<Vec<_>, _>>()
    };
    let Some(writers) = blocking(begin).await else { return };
    for peer in peers.into_iter().take(MOST_PEERS) {
        let (store, wanted) = (ground.store.clone(), blocks.clone());
        let missing = move || {
            let mut missing = Vec::new();
            for id in wanted {
                if !store.has(&id)? {
                    missing.push(id);
                }
            }
            Ok(missing)
        };
        let missing = blocking(missing).await.unwrap_or_default();
        if missing.is_empty() {
            break;
        }
        for ids in missing.chunks(AT_ONCE) {
            if !ask(&ground, peer, ids).await {
                break;
            }
        }
    }
    let store = ground.store.clone();
    let end = move || {
        store.flush()?;
        writers.into_iter().try_for_each(|writer| writer.finish(&*store))
    };
    let _ = blocking(end).await;
}

/// Asks a peer; false when it cannot be asked for more.
async fn ask(ground: &Ground, peer: PeerId, ids: &[BlockId]) -> bool {
    let asking = ask_blocks(&ground.net, peer, ids, ground.timing.stall);
    let came = match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(came)) => came,
        Ok(Err(End::Lied(_))) => {
            ground.net.ban(peer).await;
            return false;
        }
        _ => return false,
    };
    let packed = came.into_iter().map(|(id, bytes)| {
        // The index that lost it knew no more than the hash.
        let is_node = Head::decode(&bytes).is_ok() || Release::decode(&bytes).is_ok();
        Packed::plain(if is_node { Codec::DagCbor } else { id.codec }, bytes)
    });
    let (packed, store) = (packed.collect(), ground.store.clone());
    blocking(move || store.put(packed)).await.is_some()
}

/// `None` when state or store failed, which is tried again as long as blocks are missing.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Some(done),
        Ok(Err(error)) => {
            tracing::warn!(%error, "damaged blocks could not be replaced");
            None
        }
        Err(_) => None,
    }
}
