//! The answering side: bulletins, heads and blocks for whoever asks.
//!
//! One stream holds one batch of answers at a time (`batch`), and the next one when there is memory for it (`memory`);
//! reads no further questions until they are written; and is sent them in turn with other peers (`turns`).
//! What is not held, forbidden or unknown is answered alike (SYNC-4).

use super::STALL;
use super::batch::{self, Blocks, Wanted};
use super::io::{Frames, IoEnd, READ_QUESTIONS, within};
use super::memory::{Memory, Room};
use super::news::News;
use super::places::{Place, Places};
pub use super::places::{ServeLimits, ServeLoad};
use super::turns::{Turn, Turns};
use crate::net::Volume;
use crate::store::BlockStore;
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::PeerId;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::sync::frame::Frame;
use yadgar_protocol::sync::{Ask, Responder};
use yadgar_protocol::{ArchiveId, BlockId};

/// Blocks read from the store at once.
const BATCH_BLOCKS: usize = 64;
/// Heads and bulletins read at once: each may be as long as a block.
const BATCH_TOLD: usize = 1;
/// About what a frame has around the data of a block.
const FRONT: usize = 48;
/// Batches read from the disk at the same time, over all streams.
const READERS: usize = 4;
/// Batches of them that are compressed together (SYNC-12) at the same time: all that bundles can cost is one
/// processor. Who finds it busy gets blocks one by one.
const BUNDLERS: usize = 1;

/// What is told of an archive to whoever asks. May read the disk: not called on an async thread.
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
    stall: Duration,
    places: Places,
    readers: Semaphore,
    bundlers: Semaphore,
    turns: Turns,
    memory: Memory,
    volume: Arc<Volume>,
    news: News,
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
        let (places, readers) = (Places::new(limits), Semaphore::new(READERS));
        let (turns, memory) = (Turns::default(), Memory::default());
        let bundlers = Semaphore::new(BUNDLERS);
        let (volume, news) = (Arc::default(), News::default());
        Arc::new(Self {
            store,
            tell,
            stall,
            places,
            readers,
            bundlers,
            turns,
            memory,
            volume,
            news,
        })
    }

    /// A server that, when the volume of the day is used up, has no content, a little later no structure either, still
    /// tells heads and bulletins, each peer so many, and in the end answers nothing.
    pub fn rationed(
        store: Arc<dyn BlockStore>,
        tell: Arc<dyn Tell>,
        limits: ServeLimits,
        volume: Arc<Volume>,
    ) -> Arc<Self> {
        let mut server = Self::new(store, tell, limits);
        // Nobody else has it yet.
        if let Some(server) = Arc::get_mut(&mut server) {
            server.volume = volume;
        }
        server
    }

    /// What serving takes at present, and may take.
    pub fn load(&self) -> ServeLoad {
        let (answer_bytes, answer_bytes_peak) = self.memory.counted();
        ServeLoad {
            streams: self.places.taken(),
            streams_most: self.places.limits().total,
            left_behind: self.turns.left_behind(),
            answer_bytes,
            answer_bytes_peak,
            memory_most: self.places.limits().memory(),
        }
    }

    /// Answers a stream until the peer says bye. `network` is the public network that the peer is
    /// connected from, `None` for a private one, which is not limited.
    ///
    /// # Errors
    /// See [`ServeError`]; after a violation the caller bans the peer.
    pub async fn serve<S>(
        &self,
        peer: PeerId,
        network: Option<IpAddr>,
        stream: S,
    ) -> Result<(), ServeError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let place = self.places.enter(peer, network, Instant::now()).ok_or(ServeError::Full)?;
        let (read, write) = stream.split();
        let mut stream = Stream {
            server: self,
            peer,
            frames: Frames::new(read, READ_QUESTIONS),
            write,
            responder: Responder::new(),
            later: VecDeque::new(),
            turn: self.turns.open(peer),
            place,
        };
        stream.run().await
    }
}

/// One stream being served.
struct Stream<'a, R, W> {
    server: &'a Server,
    peer: PeerId,
    frames: Frames<R>,
    write: W,
    responder: Responder,
    /// Blocks that the responder gave out and that did not fit the last batch.
    later: VecDeque<Wanted>,
    turn: Turn<'a>,
    place: Place<'a>,
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
    fn len(&self) -> usize {
        self.bulletins.len() + self.heads.len()
    }
}

/// What there was for a batch, in the order of the questions.
#[derive(Default)]
struct Batch {
    bulletins: Vec<Told>,
    heads: Vec<Told>,
    blocks: Blocks,
    /// The memory of all that.
    room: Room,
}

impl<R: AsyncRead + Unpin + Send, W: AsyncWrite + Unpin + Send> Stream<'_, R, W> {
    async fn run(&mut self) -> Result<(), ServeError> {
        loop {
            self.turn.owe(true);
            if self.answer().await? {
                return Ok(());
            }
            self.turn.owe(false);
            self.place.idle(Instant::now());
            self.listen().await?;
        }
    }

    /// Answers everything that is owed. True after the bye. While a batch is sent, the next one is looked
    /// up, if there is memory for both.
    async fn answer(&mut self) -> Result<bool, ServeError> {
        let (server, mut said_bye) = (self.server, false);
        let (mut out, mut sent) = (Vec::new(), Room::default());
        loop {
            if !server.volume.tells() {
                return Err(ServeError::Lost("the volume of the day is used up".into()));
            }
            let (about, bye) = self.take_up();
            let ids = std::mem::take(&mut self.later);
            let mut room =
                if out.is_empty() { Some(server.memory.first()) } else { server.memory.ahead() };
            let write = self.turn.write_all(&mut self.write, &out, server.stall);
            let batch = match room.take() {
                Some(room) => {
                    let (written, batch) = tokio::join!(write, look_up(server, about, ids, room));
                    written?;
                    batch?
                }
                None => {
                    write.await?;
                    (out, sent) = (Vec::new(), Room::default());
                    look_up(server, about, ids, server.memory.first()).await?
                }
            };
            drop(sent);
            if said_bye {
                // What was flushed is with the peer or on its way; it closes too.
                let _ = within(self.server.stall, self.write.close()).await?;
                return Ok(true);
            }
            out.clear();
            sent = self.put(batch, &mut out);
            if self.later.is_empty() {
                self.responder.flush().iter().for_each(|frame| frame.encode(&mut out));
            }
            if bye {
                Frame::Bye.encode(&mut out);
                said_bye = true;
            }
            if out.is_empty() {
                return Ok(false);
            }
        }
    }

    /// What is to be looked up next: questions here, blocks in `later`; and whether that was the end.
    fn take_up(&mut self) -> (Questions, bool) {
        let (mut about, mut bye) = (Questions::default(), false);
        while self.later.len() < BATCH_BLOCKS && about.len() < BATCH_TOLD {
            match self.responder.next() {
                Some(Ask::Bulletin(archive)) => about.bulletins.push(archive),
                Some(Ask::Head(archive)) => about.heads.push(archive),
                Some(Ask::Block(id)) => {
                    let bundled = self.responder.may_bundle(&id);
                    self.later.push_back(Wanted { id, bundled });
                }
                Some(Ask::Bye) => bye = true,
                None => break,
            }
        }
        (about, bye)
    }

    /// Encodes a batch. Its memory is that of `out` from then on.
    fn put(&mut self, batch: Batch, out: &mut Vec<u8>) -> Room {
        self.later = batch.blocks.later;
        let data = |(_, block): &(BlockId, Option<Packed>)| {
            block.as_ref().map_or(0, |packed| packed.data.len())
        };
        let each = &batch.blocks.each;
        out.reserve(each.iter().map(data).sum::<usize>() + each.len() * FRONT);
        for (archive, bulletin) in batch.bulletins {
            self.responder.answer_bulletin(archive, bulletin).encode(out);
        }
        for (archive, head) in batch.heads {
            self.responder.answer_head(archive, head).encode(out);
        }
        for bundle in batch.blocks.bundles {
            self.responder.answer_bundle(bundle).iter().for_each(|frame| frame.encode(out));
        }
        for (id, block) in batch.blocks.each {
            self.responder.answer_block(id, block).iter().for_each(|frame| frame.encode(out));
        }
        batch.room
    }

    /// Who asks for heads and bulletins without end is left, where the bytes of a day are bounded.
    fn bound(&self, frame: &Frame) -> Result<(), ServeError> {
        let counts = matches!(frame, Frame::GetHead(_) | Frame::GetBulletin(_))
            && self.server.volume.is_bounded();
        let may = !counts || self.server.news.may(self.peer, Instant::now());
        may.then_some(()).ok_or_else(|| ServeError::Lost("it asks for heads too often".into()))
    }

    /// Waits for questions and takes all that have come.
    async fn listen(&mut self) -> Result<(), ServeError> {
        loop {
            let mut some = false;
            while let Some(frame) = self.frames.ready()? {
                self.bound(&frame)?;
                self.responder.on_frame(frame).map_err(ServeError::Violation)?;
                some = true;
            }
            if some {
                return self.place.busy().then_some(()).ok_or_else(taken);
            }
            let limit = if self.frames.in_frame() {
                self.server.stall
            } else {
                self.server.places.limits().idle
            };
            tokio::select! {
                filled = within(limit, self.frames.fill()) => drop(filled??),
                () = self.place.taken() => return Err(taken()),
            }
        }
    }
}

/// Reads what is there for a batch.
async fn look_up(
    server: &Server,
    about: Questions,
    later: VecDeque<Wanted>,
    mut room: Room,
) -> Result<Batch, ServeError> {
    if about.len() == 0 && later.is_empty() {
        return Ok(Batch::default());
    }
    let _permit = server.readers.acquire().await;
    // Dropped when the batch is read.
    let wanted = later.iter().any(|wanted| wanted.bundled);
    let bundler = wanted.then(|| server.bundlers.try_acquire().ok()).flatten();
    let bundle = bundler.is_some();
    let (store, tell) = (server.store.clone(), server.tell.clone());
    let volume = server.volume.clone();
    let read = move || {
        let bulletins: Vec<Told> =
            about.bulletins.into_iter().map(|id| (id, tell.bulletin(&id))).collect();
        let heads: Vec<Told> = about.heads.into_iter().map(|id| (id, tell.head(&id))).collect();
        let told = bulletins.iter().chain(&heads).filter_map(|(_, told)| told.as_ref());
        let told: usize = told.map(Vec::len).sum();
        let (later, kept_back) = ration(later, &volume);
        let mut blocks = batch::read(&*store, later, room.batch().saturating_sub(told), bundle)?;
        blocks.each.extend(kept_back.into_iter().map(|wanted| (wanted.id, None)));
        room.hold(told + blocks.bytes());
        Ok(Batch { bulletins, heads, blocks, room })
    };
    let batch: Result<_, crate::store::StoreError> =
        tokio::task::spawn_blocking(read).await.map_err(|e| ServeError::Store(e.to_string()))?;
    batch.map_err(|e| ServeError::Store(e.to_string()))
}

/// What of this is sent, and what is said not to be here: what is beyond the volume of the day. A peer asks others for it
/// then.
fn ration(later: VecDeque<Wanted>, volume: &Volume) -> (VecDeque<Wanted>, Vec<Wanted>) {
    let (sent, kept_back): (Vec<_>, Vec<_>) =
        later.into_iter().partition(|wanted| volume.gives(wanted.id.codec));
    (sent.into(), kept_back)
}

/// The place of an idle stream went to another.
fn taken() -> ServeError {
    ServeError::Lost("its place went to another stream".into())
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
