//! Getting back single blocks that the disk has lost: those of earlier releases, which no fetch brings any more.

use super::Ground;
use crate::net::PeerId;
use crate::store::StoreError;
use crate::store::acts::{Wanted, Writer, wanted};
use crate::sync::{End, ask_blocks};
use crate::web::HostSource;
use rand::Rng;
use rand::seq::SliceRandom;
use std::sync::Arc;
use std::time::Duration;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::{ArchiveId, BlockId, Hash};

/// Peers that are asked in one go.
const MOST_PEERS: usize = 16;
/// Blocks asked for at once: bounds memory.
const AT_ONCE: usize = 16;
/// Longest time for these.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of lost blocks.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// Those that nothing needs any more: they were withdrawn since, or collected.
    pub dropped: Vec<Hash>,
    /// Peers were asked, or there was nothing to ask for.
    pub tried: bool,
    /// How many are here again.
    pub came: usize,
}

/// Asks some of the peers, others each time, one after the other for lost blocks, as long as some are missing: for those
/// that a release still reaches, and nothing that was withdrawn. What is withdrawn meanwhile does not come back this way
/// either: it is erased again at the end (WD-7). Then web hosts are asked, as far as something of them is known.
pub(super) async fn mend(
    ground: Ground,
    archives: Vec<ArchiveId>,
    (peers, hosts): (Vec<PeerId>, Vec<Arc<HostSource>>),
    lost: Vec<Hash>,
) -> Mended {
    if peers.is_empty() && hosts.is_empty() {
        return Mended::default();
    }
    let (states, store) = (ground.states.clone(), ground.store.clone());
    let begin = move || {
        // First: what is denied from now on sees the writers.
        let writers = archives
            .iter()
            .map(|archive| Writer::begin(&states, *archive))
            .collect::<Result<Vec<_>, _>>()?;
        let lost = lost.into_iter().collect();
        Ok((writers, wanted(&states, &*store, &lost)?))
    };
    let Some((writers, Wanted { ask: blocks, drop: dropped })) = blocking(begin).await else {
        return Mended::default();
    };
    let some = pick(peers, &mut rand::rng());
    let mut left = missing(&ground, blocks).await;
    let most = left.len();
    for peer in some {
        if left.is_empty() {
            break;
        }
        for ids in left.chunks(AT_ONCE) {
            if !ask(&ground, peer, ids).await {
                break;
            }
        }
        left = missing(&ground, left).await;
    }
    for host in hosts {
        if left.is_empty() {
            break;
        }
        for ids in left.chunks(AT_ONCE) {
            if !ask_host(&ground, &host, ids).await {
                break;
            }
        }
        left = missing(&ground, left).await;
    }
    let store = ground.store.clone();
    let end = move || {
        store.flush()?;
        writers.into_iter().try_for_each(|writer| writer.finish(&*store))
    };
    let _ = blocking(end).await;
    Mended { dropped, tried: true, came: most - left.len() }
}

/// The peers that are asked this time: whoever has a block is among them sooner or later.
fn pick(mut peers: Vec<PeerId>, random: &mut impl Rng) -> Vec<PeerId> {
    peers.shuffle(random);
    peers.truncate(MOST_PEERS);
    peers
}

/// Those of these blocks that are not here; all of them when the store failed.
async fn missing(ground: &Ground, blocks: Vec<BlockId>) -> Vec<BlockId> {
    let (store, asked) = (ground.store.clone(), blocks.clone());
    let look = move || {
        let mut missing = Vec::new();
        for id in asked {
            if !store.has(&id)? {
                missing.push(id);
            }
        }
        Ok(missing)
    };
    blocking(look).await.unwrap_or(blocks)
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
    let packed = came.into_iter().map(|(id, bytes)| Packed::plain(id.codec, bytes));
    let (packed, store) = (packed.collect(), ground.store.clone());
    blocking(move || store.put(packed)).await.is_some()
}

/// Asks a web host; false when it has nothing of these.
async fn ask_host(ground: &Ground, host: &HostSource, ids: &[BlockId]) -> bool {
    let mut came = Vec::new();
    for id in ids {
        let block = tokio::time::timeout(PATIENCE, host.block(*id)).await;
        let Ok(block) = block else { break };
        came.extend(block.map(|bytes| Packed::plain(id.codec, bytes)));
    }
    let (some, store) = (!came.is_empty(), ground.store.clone());
    blocking(move || store.put(came)).await.is_some() && some
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

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::HashSet;

    #[test]
    fn every_peer_is_asked_sooner_or_later() {
        let peers: Vec<PeerId> = (0..64).map(|_| PeerId::random()).collect();
        let mut random = rand::rngs::StdRng::seed_from_u64(1);
        let mut asked = HashSet::new();
        for _ in 0..60 {
            let some = pick(peers.clone(), &mut random);
            assert_eq!(some.iter().collect::<HashSet<_>>().len(), MOST_PEERS);
            asked.extend(some);
        }
        assert_eq!(asked.len(), peers.len());
        assert_eq!(pick(peers[..3].to_vec(), &mut random).len(), 3);
    }
}
