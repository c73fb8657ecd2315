//! The answering side: bulletins, heads and blocks for whoever asks.
//!
//! One stream holds one batch of answers at a time (`BATCH_BYTES` and a block), reads no further
//! questions until it is written, and never waits for another stream. What is not held, forbidden
//! or unknown is answered alike (SYNC-4).

use super::STALL;
use super::io::{Frames, IoEnd, within, write_all};
use crate::store::BlockStore;
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::PeerId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::sync::frame::Frame;
use yadgar_protocol::sync::{Ask, Responder};
use yadgar_protocol::{ArchiveId, BlockId};

/// Blocks read from the store at once.
const BATCH_BLOCKS: usize = 64;
/// Bytes after which a batch is sent. With one block more, what a stream holds.
const BATCH_BYTES: usize = 512 * 1024;
/// Batches read from the disk at the same time, over all streams.
const READERS: usize = 4;
/// A stream on which nothing is asked for this long is closed.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// How much is served at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeLimits {
    /// Streams of one peer.
    pub per_peer: usize,
    /// Streams together. Each holds up to 800 KiB while its peer is slow.
    pub total: usize,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self { per_peer: 4, total: 96 }
    }
}

/// What is told of an archive to whoever asks. May read the disk: it is not called on an async thread.
pub trait Tell: Send + Sync {
    /// The encoded head to answer with (SYNC-8); `None` when none is held.
    fn head(&self, archive: &ArchiveId) -> Option<Vec<u8>>;

    /// The encoded bulletin, what must be known before anything else (SYNC-11), at most
    /// [`MAX_BULLETIN_BYTES`](yadgar_protocol::limits::MAX_BULLETIN_BYTES); `None` when none is held.
    fn bulletin(&self, archive: &ArchiveId) -> Option<Vec<u8>>;
}

/// How serving a stream ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// Too many streams; this one was not served.
    #[error("too many streams")]
    Full,
    /// The peer broke the rules: the connection is to be closed (SYNC-6).
    #[error("the peer broke the rules: {0}")]
    Violation(yadgar_protocol::Reject),
    /// The stream broke or made no progress. Normal.
    #[error("{0}")]
    Lost(String),
    /// Our own store failed.
    #[error("the store failed: {0}")]
    Store(String),
}

impl From<IoEnd> for ServeError {
    fn from(end: IoEnd) -> Self {
        match end {
            IoEnd::Violation(reject) => Self::Violation(reject),
            other => Self::Lost(other.to_string()),
        }
    }
}

/// Serves many streams, within limits.
pub struct Server {
    store: Arc<dyn BlockStore>,
    tell: Arc<dyn Tell>,
    limits: ServeLimits,
    stall: Duration,
    open: Mutex<BTreeMap<PeerId, usize>>,
    readers: Semaphore,
}

/// A place for a stream; given back when dropped.
struct Place<'a> {
    server: &'a Server,
    peer: PeerId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut open = self.server.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

impl Server {
    /// A server of what is in `store`, with heads and bulletins from `tell`.
    pub fn new(store: Arc<dyn BlockStore>, tell: Arc<dyn Tell>, limits: ServeLimits) -> Arc<Self> {
        Self::with_stall(store, tell, limits, STALL)
    }

    /// The same with another limit than [`STALL`], for tests.
    pub fn with_stall(
        store: Arc<dyn BlockStore>,
        tell: Arc<dyn Tell>,
        limits: ServeLimits,
        stall: Duration,
    ) -> Arc<Self> {
        let (open, readers) = (Mutex::new(BTreeMap::new()), Semaphore::new(READERS));
        Arc::new(Self { store, tell, limits, stall, open, readers })
    }

    fn enter(&self, peer: PeerId) -> Option<Place<'_>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let of_peer = open.get(&peer).copied().unwrap_or(0);
        if all >= self.limits.total || of_peer >= self.limits.per_peer {
            return None;
        }
        open.insert(peer, of_peer + 1);
        Some(Place { server: self, peer })
    }

    /// Answers a stream until the peer says bye.
    ///
    /// # Errors
    /// See [`ServeError`]; after a violation the caller bans the peer.
    pub async fn serve<S>(&self, peer: PeerId, stream: S) -> Result<(), ServeError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let _place = self.enter(peer).ok_or(ServeError::Full)?;
        let (read, write) = stream.split();
        let mut stream = Stream {
            server: self,
            frames: Frames::new(read),
            write,
            responder: Responder::new(),
            later: VecDeque::new(),
        };
        stream.run().await
    }
}

/// One stream being served.
struct Stream<'a, R, W> {
    server: &'a Server,
    frames: Frames<R>,
    write: W,
    responder: Responder,
    /// Blocks that the responder gave out and that did not fit the last batch.
    later: VecDeque<BlockId>,
}

/// An archive and what is told of it.
type Told = (ArchiveId, Option<Vec<u8>>);

/// What is asked about archives, for one batch.
#[derive(Default)]
struct Questions {
    bulletins: Vec<ArchiveId>,
    heads: Vec<ArchiveId>,
}

impl Questions {
    fn is_empty(&self) -> bool {
        self.bulletins.is_empty() && self.heads.is_empty()
    }
}

/// What there was for a batch, in the order of the questions.
struct Batch {
    bulletins: Vec<Told>,
    heads: Vec<Told>,
    blocks: Vec<(BlockId, Option<Packed>)>,
    /// Not looked up: the batch was full.
    later: VecDeque<BlockId>,
}

impl<R: AsyncRead + Unpin + Send, W: AsyncWrite + Unpin + Send> Stream<'_, R, W> {
    async fn run(&mut self) -> Result<(), ServeError> {
        loop {
            if self.answer().await? {
                return Ok(());
            }
            self.listen().await?;
        }
    }

    /// Answers everything that is owed. True after the bye.
    async fn answer(&mut self) -> Result<bool, ServeError> {
        loop {
            let mut about = Questions::default();
            let mut bye = false;
            while self.later.len() < BATCH_BLOCKS {
                match self.responder.next() {
                    Some(Ask::Bulletin(archive)) => about.bulletins.push(archive),
                    Some(Ask::Head(archive)) => about.heads.push(archive),
                    Some(Ask::Block(id)) => self.later.push_back(id),
                    Some(Ask::Bye) => bye = true,
                    None => break,
                }
            }
            let mut out = Vec::new();
            if !about.is_empty() || !self.later.is_empty() {
                let batch = self.look_up(about).await?;
                self.put(batch, &mut out);
            }
            if self.later.is_empty() {
                self.responder.flush().iter().for_each(|frame| frame.encode(&mut out));
            }
            if bye {
                Frame::Bye.encode(&mut out);
            }
            if out.is_empty() {
                return Ok(false);
            }
            write_all(&mut self.write, &out, self.server.stall).await?;
            if bye {
                // What was flushed is with the peer or on its way; it closes too.
                let _ = within(self.server.stall, self.write.close()).await?;
                return Ok(true);
            }
        }
    }

    async fn look_up(&mut self, about: Questions) -> Result<Batch, ServeError> {
        let _permit = self.server.readers.acquire().await;
        let (store, tell) = (self.server.store.clone(), self.server.tell.clone());
        let mut later = std::mem::take(&mut self.later);
        let read = move || {
            let bulletins =
                about.bulletins.into_iter().map(|id| (id, tell.bulletin(&id))).collect();
            let heads = about.heads.into_iter().map(|id| (id, tell.head(&id))).collect();
            let (mut blocks, mut bytes) = (Vec::new(), 0);
            while bytes < BATCH_BYTES
                && let Some(id) = later.pop_front()
            {
                let block = store.get_packed(&id)?;
                bytes += block.as_ref().map_or(0, |packed| packed.data.len());
                blocks.push((id, block));
            }
            Ok(Batch { bulletins, heads, blocks, later })
        };
        let batch: Result<_, crate::store::StoreError> = tokio::task::spawn_blocking(read)
            .await
            .map_err(|e| ServeError::Store(e.to_string()))?;
        batch.map_err(|e| ServeError::Store(e.to_string()))
    }

    fn put(&mut self, batch: Batch, out: &mut Vec<u8>) {
        self.later = batch.later;
        for (archive, bulletin) in batch.bulletins {
            self.responder.answer_bulletin(archive, bulletin).encode(out);
        }
        for (archive, head) in batch.heads {
            self.responder.answer_head(archive, head).encode(out);
        }
        for (id, block) in batch.blocks {
            self.responder.answer_block(id, block).iter().for_each(|frame| frame.encode(out));
        }
    }

    /// Waits for questions and takes all that have come.
    async fn listen(&mut self) -> Result<(), ServeError> {
        loop {
            let mut some = false;
            while let Some(frame) = self.frames.ready()? {
                self.responder.on_frame(frame).map_err(ServeError::Violation)?;
                some = true;
            }
            if some {
                return Ok(());
            }
            let limit = if self.frames.in_frame() { self.server.stall } else { IDLE };
            within(limit, self.frames.fill()).await??;
        }
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
