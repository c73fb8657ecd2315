//! Makes bodies: a block at once, a CAR block by block. The connection sends them at the operator's rate (`line`).

use super::Shared;
use super::doors::Place;
use super::limits::{MAX_WAITING, PIECES};
use crate::store::{BlockStore, StoreError};
use bytes::Bytes;
use futures::Stream;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::mpsc;
use yadgar_protocol::BlockId;
use yadgar_protocol::carrier::{header, section_start};
use yadgar_protocol::gateway::{Scope, links};
use yadgar_protocol::limits::MAX_CAR_BLOCKS;

/// A body. Its error cuts the connection, so that what was begun is not taken for whole.
pub(super) type Body = UnsyncBoxBody<Bytes, Cut>;

/// The answer cannot be finished.
#[derive(Debug, thiserror::Error)]
#[error("cut off")]
pub(super) struct Cut;

/// Nothing.
pub(super) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A few bytes at once.
pub(super) fn short(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Reads a block, verified; `None` when it is not here.
pub(super) async fn read(shared: &Shared, id: BlockId) -> Result<Option<Vec<u8>>, StoreError> {
    let _permit = shared.readers.acquire().await;
    let store = shared.store.clone();
    let read = tokio::task::spawn_blocking(move || BlockStore::get(&*store, &id)).await;
    read.unwrap_or_else(|error| Err(StoreError::Damaged(error.to_string())))
}

/// True when it is beyond the bytes of the day; peers are not sent it either.
pub(super) fn is_kept_back(shared: &Shared, id: &BlockId) -> bool {
    !shared.volume.gives(id.codec)
}

/// One block.
pub(super) fn block(shared: &Arc<Shared>, bytes: Vec<u8>) -> Body {
    shared.blocks.fetch_add(1, Relaxed);
    shared.bytes.fetch_add(bytes.len() as u64, Relaxed);
    short(bytes)
}

/// A CAR of a block that is here, and of what it leads to: depth first, each block once, those that are not here left
/// out (GW-5). `place` is given back at its end.
pub(super) fn car(
    shared: &Arc<Shared>,
    root: BlockId,
    bytes: Vec<u8>,
    scope: Scope,
    place: Option<Place>,
) -> Body {
    let (out, body) = body();
    let pipe = Pipe { shared: shared.clone(), out };
    tokio::spawn(async move {
        if pipe.car(root, bytes, scope).await.is_err() {
            // Nobody listens any more when this fails.
            let _ = pipe.out.send(Err(Cut)).await;
        }
        drop(place);
    });
    body
}

fn body() -> (mpsc::Sender<Result<Bytes, Cut>>, Body) {
    let (out, pieces) = mpsc::channel(PIECES);
    (out, StreamBody::new(frames(pieces)).boxed_unsync())
}

fn frames(
    pieces: mpsc::Receiver<Result<Bytes, Cut>>,
) -> impl Stream<Item = Result<Frame<Bytes>, Cut>> {
    futures::stream::unfold(pieces, |mut pieces| async {
        let piece = pieces.recv().await?;
        Some((piece.map(Frame::data), pieces))
    })
}

struct Pipe {
    shared: Arc<Shared>,
    out: mpsc::Sender<Result<Bytes, Cut>>,
}

impl Pipe {
    /// Sends bytes; false when nobody takes them any more.
    async fn send(&self, bytes: Bytes) -> bool {
        self.out.send(Ok(bytes)).await.is_ok()
    }

    async fn car(&self, root: BlockId, bytes: Vec<u8>, scope: Scope) -> Result<(), Cut> {
        let (mut sent, mut waiting) = (HashSet::new(), vec![root]);
        let mut first = Some(bytes);
        if !self.send(header(&root).into()).await {
            return Ok(());
        }
        while let Some(id) = waiting.pop() {
            if !sent.insert(id) {
                continue;
            }
            if sent.len() > MAX_CAR_BLOCKS || waiting.len() > MAX_WAITING {
                return Err(Cut);
            }
            if is_kept_back(&self.shared, &id) {
                continue;
            }
            let block = match first.take() {
                Some(bytes) => Some(bytes),
                None => read(&self.shared, id).await.map_err(|_| Cut)?,
            };
            let Some(block) = block else { continue };
            if scope == Scope::All {
                // What is no structure of ours leads nowhere.
                let links = links(&id, &block).unwrap_or_default();
                waiting.extend(links.into_iter().rev().filter(|link| !sent.contains(link)));
            }
            self.shared.blocks.fetch_add(1, Relaxed);
            self.shared.bytes.fetch_add(block.len() as u64, Relaxed);
            let start = section_start(&id, block.len());
            if !self.send(start.into()).await || !self.send(block.into()).await {
                return Ok(());
            }
        }
        Ok(())
    }
}
