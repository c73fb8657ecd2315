//! A head from a peer or a host: judge it, fetch the releases in between if the rules ask for them, keep it.

use super::Ground;
use crate::net::PeerId;
use crate::store::adopt::{adopt, adopt_fork};
use crate::store::{BlockStore, StoreError};
use crate::sync::Session;
use crate::web::HostSource;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use yadgar_protocol::blocks::{Packed, ReadBlocks, ReadError};
use yadgar_protocol::limits::{MAX_ANCESTORS, MAX_PAYLOAD_BYTES};
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, Verdict};
use yadgar_protocol::{ArchiveId, BlockId, Codec, Hash};

/// Who shows a head, and is asked for the releases behind it.
#[derive(Clone)]
pub enum Teller {
    /// A connected peer.
    Peer(PeerId),
    /// A static mirror.
    Host(Arc<HostSource>),
}

impl From<PeerId> for Teller {
    fn from(peer: PeerId) -> Self {
        Self::Peer(peer)
    }
}

/// Release payloads that came from who shows the head, then what the store has.
pub struct AtHand {
    /// From there.
    pub found: BTreeMap<BlockId, Vec<u8>>,
    /// What was here before.
    pub store: Arc<dyn BlockStore>,
}

impl ReadBlocks for AtHand {
    fn block(&self, id: &BlockId) -> Result<Option<Vec<u8>>, ReadError> {
        match self.found.block(id)? {
            Some(bytes) => Ok(Some(bytes)),
            None => self.store.block(id),
        }
    }
}

/// Judges a head that `from` gave and, when it is accepted, has written it durably on return.
///
/// # Errors
/// When our own store fails. What the peer does wrong is in the verdict.
pub async fn learn(
    ground: &Ground,
    archive: ArchiveId,
    head: Vec<u8>,
    from: impl Into<Teller>,
) -> Result<Verdict, StoreError> {
    work_out(ground, archive, Candidate::Head(head), from.into()).await
}

/// Judges a fork proof that `from` gave (TRUST-26); otherwise as [`learn`].
///
/// # Errors
/// As [`learn`].
pub async fn learn_fork(
    ground: &Ground,
    archive: ArchiveId,
    proof: Vec<u8>,
    from: impl Into<Teller>,
) -> Result<Verdict, StoreError> {
    work_out(ground, archive, Candidate::Fork(proof), from.into()).await
}

/// What is judged, encoded.
#[derive(Clone)]
enum Candidate {
    Head(Vec<u8>),
    Fork(Vec<u8>),
}

async fn work_out(
    ground: &Ground,
    archive: ArchiveId,
    candidate: Candidate,
    from: Teller,
) -> Result<Verdict, StoreError> {
    let mut at_hand = AtHand { found: BTreeMap::new(), store: ground.store.clone() };
    let (mut session, mut new, mut rounds) = (None, BTreeMap::new(), 0);
    loop {
        let (verdict, back) = judge(ground, archive, candidate.clone(), at_hand, new).await?;
        at_hand = back;
        if let Verdict::Accept(head) | Verdict::Settled { head, .. } = &verdict {
            // Not waited for: it is for others, who may still trust an older release. A host has no way to be asked for
            // single small blocks at once: there each would cost a question.
            if let Teller::Peer(_) = from {
                tokio::spawn(behind(ground.clone(), from.clone(), head.release.prev));
            }
        }
        let Verdict::NeedsAncestor(id) = verdict else { return Ok(verdict) };
        // The rules refuse longer chains by themselves; this only bounds what is held meanwhile.
        rounds += 1;
        if at_hand.found.len() as u64 >= MAX_ANCESTORS || rounds == ROUNDS {
            return Ok(verdict);
        }
        new = BTreeMap::new();
        chain(ground, &mut session, &from, id, &mut new).await;
        new.retain(|id, _| !at_hand.found.contains_key(id));
        if new.is_empty() {
            return Ok(verdict);
        }
        at_hand.found.extend(new.clone());
    }
}

/// Times that a peer is asked for releases in between. Each goes back to where something is here already,
/// so more than a few are needed by nobody honest, and judging goes over all of them each time.
const ROUNDS: u32 = 16;

/// Longest time for fetching the releases behind an accepted one.
const BEHIND: Duration = Duration::from_secs(300);

/// Fetches the payloads of the releases behind an accepted one, as far as the peer has them. A node that
/// came late could otherwise not help those who trust an older release (TRUST-15).
async fn behind(ground: Ground, from: Teller, prev: Option<Hash>) {
    let Some(hash) = prev else { return };
    let id = BlockId { codec: Codec::DagCbor, hash };
    let mut found = BTreeMap::new();
    let fetch = async {
        let store = ground.store.clone();
        let here = tokio::task::spawn_blocking(move || store.has(&id)).await;
        if matches!(here, Ok(Ok(false))) {
            chain(&ground, &mut None, &from, id, &mut found).await;
        }
    };
    // What came before the time was over is kept.
    let _ = tokio::time::timeout(BEHIND, fetch).await;
    let blocks = found.into_values().map(|bytes| Packed::plain(Codec::DagCbor, bytes)).collect();
    let store = ground.store.clone();
    let kept = tokio::task::spawn_blocking(move || store.put(blocks)).await;
    if !matches!(kept, Ok(Ok(()))) {
        tracing::debug!("earlier releases could not be kept");
    }
}

/// Fetches the payload `id` and those before it, as far as the peer has them and they are not here.
/// Following the chain in one go, because judging goes over all of it each time.
async fn chain(
    ground: &Ground,
    session: &mut Option<Session>,
    from: &Teller,
    mut id: BlockId,
    found: &mut BTreeMap<BlockId, Vec<u8>>,
) {
    while (found.len() as u64) < MAX_ANCESTORS {
        let Some(payload) = ancestor(ground, session, from, id).await else { return };
        // What is no release is for the rules to refuse.
        let prev = Release::decode(&payload).ok().and_then(|release| release.prev);
        found.insert(id, payload);
        let Some(hash) = prev else { return };
        id = BlockId { codec: Codec::DagCbor, hash };
        let store = ground.store.clone();
        let here = tokio::task::spawn_blocking(move || store.has(&id)).await;
        if !matches!(here, Ok(Ok(false))) || found.contains_key(&id) {
            return;
        }
    }
}

/// A release payload from the peer; `None` when it does not have it or is gone.
async fn ancestor(
    ground: &Ground,
    session: &mut Option<Session>,
    from: &Teller,
    id: BlockId,
) -> Option<Vec<u8>> {
    let from = match from {
        Teller::Peer(peer) => *peer,
        Teller::Host(host) => {
            let payload = host.block(id).await;
            return payload.filter(|payload| payload.len() <= MAX_PAYLOAD_BYTES);
        }
    };
    if session.is_none() {
        *session = Session::open(&ground.net, from, ground.timing.stall).await.ok();
    }
    let mut blocks = session.as_mut()?.blocks(&[id]).await.ok()?;
    blocks.remove(&id).filter(|payload| payload.len() <= MAX_PAYLOAD_BYTES)
}

async fn judge(
    ground: &Ground,
    archive: ArchiveId,
    candidate: Candidate,
    at_hand: AtHand,
    new: BTreeMap<BlockId, Vec<u8>>,
) -> Result<(Verdict, AtHand), StoreError> {
    let (states, store) = (ground.states.clone(), ground.store.clone());
    let work = move || {
        // Before the head is trusted: afterwards nobody would ask for them again.
        if !new.is_empty() {
            let new = new.into_values().map(|bytes| Packed::plain(Codec::DagCbor, bytes));
            store.put(new.collect())?;
            store.flush()?;
        }
        let verdict = match &candidate {
            Candidate::Head(head) => adopt(&states, &*store, &archive, head, &at_hand)?,
            Candidate::Fork(proof) => adopt_fork(&states, &*store, &archive, proof, &at_hand)?,
        };
        if let Verdict::Accept(head) | Verdict::Settled { head, .. } = &verdict {
            keep(&*store, head)?;
        }
        Ok((verdict, at_hand))
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(e) => Err(StoreError::Damaged(format!("the work of judging a head ended: {e}"))),
    }
}

/// The release payload and the head become blocks, so that others can follow the chain. Payloads of the
/// branches of a fork are kept where the state is written.
fn keep(store: &dyn BlockStore, accepted: &Accepted) -> Result<(), StoreError> {
    let own = [accepted.head.release.payload.clone(), accepted.bytes.clone()];
    store.put(own.into_iter().map(|bytes| Packed::plain(Codec::DagCbor, bytes)).collect())
}
