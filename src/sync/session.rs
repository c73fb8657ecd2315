//! The asking side of one stream.

use super::io::{Frames, IoEnd, READ_BLOCKS, within, write_all};
use crate::net::{NetHandle, OpenError, PeerId, SyncStream};
use crate::store::pack::inflate;
use futures::io::{ReadHalf, WriteHalf};
use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use yadgar_protocol::sync::frame::Frame;
use yadgar_protocol::sync::{Answer, Requester};
use yadgar_protocol::{ArchiveId, BlockId, Reject};

/// Bytes that must come within the stall time when no whole answer does: a peer that trickles is
/// as good as silent.
const TRICKLE_BYTES: usize = 4096;

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// The peer cannot be asked.
    #[error("{0}")]
    NotOpened(#[from] OpenError),
    /// The stream broke. Normal: to be opened again.
    #[error("the stream was lost: {0}")]
    Lost(String),
    /// A host has nothing more of use, and asking it again soon would not help.
    #[error("of no more use: {0}")]
    Useless(String),
    /// We ended it: it has nothing of what is missing, and others may have, or there is nothing more to ask.
    #[error("not needed any more")]
    LetGo,
    /// The peer owed an answer and made no progress (SYNC-7).
    #[error("the peer made no progress")]
    Stalled,
    /// The peer broke the rules (SYNC-6): to be banned.
    #[error("the peer broke the rules: {0}")]
    Lied(Reject),
}

impl From<IoEnd> for End {
    fn from(end: IoEnd) -> Self {
        match end {
            IoEnd::Violation(reject) => Self::Lied(reject),
            IoEnd::Stalled => Self::Stalled,
            IoEnd::Closed | IoEnd::Broken(_) => Self::Lost(end.to_string()),
        }
    }
}

/// What a peer shows of an archive. Not judged yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// What must be known before anything else (SYNC-11); `None` when it has none.
    pub bulletin: Option<Vec<u8>>,
    /// Its newest head; `None` when it has none.
    pub head: Option<Vec<u8>>,
}

/// A stream on which we ask.
pub struct Session<S = SyncStream> {
    frames: Frames<ReadHalf<S>>,
    write: WriteHalf<S>,
    requester: Requester,
    stall: Duration,
    /// When the peer last did something worth waiting for, while it owes.
    alive: Instant,
    trickle: usize,
}

impl Session {
    /// Opens a stream to a connected peer.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn open(net: &NetHandle, peer: PeerId, stall: Duration) -> Result<Self, End> {
        Ok(Self::new(net.open_sync(peer).await?, stall))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Asks on `stream`. Progress must be made within `stall` (SYNC-7).
    pub fn new(stream: S, stall: Duration) -> Self {
        let (read, write) = stream.split();
        let frames = Frames::new(read, READ_BLOCKS);
        let requester = Requester::new();
        Self { frames, write, requester, stall, alive: Instant::now(), trickle: 0 }
    }

    /// How many more blocks may be wanted now.
    pub fn room(&self) -> usize {
        self.requester.room()
    }

    /// True while the peer owes an answer.
    pub fn is_owed(&self) -> bool {
        self.requester.is_owed()
    }

    /// Asks for blocks; what goes beyond [`Session::room`] is left out.
    ///
    /// # Errors
    /// When the stream does not take it.
    pub async fn want(&mut self, ids: &[BlockId]) -> Result<(), End> {
        self.begin();
        let frames = self.requester.want(ids);
        self.send(&frames).await
    }

    /// The same, and small blocks may come together (SYNC-12).
    ///
    /// # Errors
    /// When the stream does not take it.
    pub async fn want_bundled(&mut self, ids: &[BlockId]) -> Result<(), End> {
        self.begin();
        let frames = self.requester.want_bundled(ids);
        self.send(&frames).await
    }

    /// The clock of SYNC-7 runs from the first question.
    fn begin(&mut self) {
        if !self.requester.is_owed() {
            self.alive = Instant::now();
        }
    }

    async fn send(&mut self, frames: &[Frame]) -> Result<(), End> {
        let mut out = Vec::new();
        frames.iter().for_each(|frame| frame.encode(&mut out));
        Ok(write_all(&mut self.write, &out, self.stall).await?)
    }

    /// The next answer. Waits without limit while nothing is owed. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// How the stream ended.
    pub async fn answer(&mut self) -> Result<Answer, End> {
        loop {
            if let Some(frame) = self.frames.ready()? {
                self.touch();
                return self.requester.on_frame(frame, &inflate).map_err(End::Lied);
            }
            let read = if self.requester.is_owed() {
                let filled = tokio::time::timeout_at(self.alive + self.stall, self.frames.fill());
                filled.await.map_err(|_| End::Stalled)??
            } else {
                self.frames.fill().await?
            };
            self.trickle += read;
            if self.trickle >= TRICKLE_BYTES {
                self.touch();
            }
        }
    }

    /// The next answer of those that have come already; `None` when more must be read.
    ///
    /// # Errors
    /// When the peer broke the rules.
    pub fn came(&mut self) -> Result<Option<Answer>, End> {
        let Some(frame) = self.frames.ready()? else { return Ok(None) };
        self.requester.on_frame(frame, &inflate).map(Some).map_err(End::Lied)
    }

    /// Starts the clock of SYNC-7 anew, after time that we took ourselves.
    pub fn touch(&mut self) {
        (self.alive, self.trickle) = (Instant::now(), 0);
    }

    /// The bulletin of an archive; `None` when the peer has none. Not for a stream on which wants are
    /// under way: their answers would be lost.
    ///
    /// # Errors
    /// How the stream ended.
    pub async fn bulletin(&mut self, archive: ArchiveId) -> Result<Option<Vec<u8>>, End> {
        self.begin();
        let frame = self.requester.get_bulletin(archive);
        self.send(&[frame]).await?;
        loop {
            if let Answer::Bulletin(_, bulletin) = self.answer().await? {
                return Ok(bulletin);
            }
        }
    }

    /// The head of an archive; `None` when the peer has none. As for [`Session::bulletin`].
    ///
    /// # Errors
    /// How the stream ended.
    pub async fn head(&mut self, archive: ArchiveId) -> Result<Option<Vec<u8>>, End> {
        self.begin();
        let frame = self.requester.get_head(archive);
        self.send(&[frame]).await?;
        loop {
            if let Answer::Head(_, head) = self.answer().await? {
                return Ok(head);
            }
        }
    }

    /// The bulletin and the head of an archive, asked in this order (SYNC-8) and in one message. As for
    /// [`Session::bulletin`].
    ///
    /// # Errors
    /// How the stream ended.
    pub async fn shown(&mut self, archive: ArchiveId) -> Result<Shown, End> {
        self.begin();
        let asked = [self.requester.get_bulletin(archive), self.requester.get_head(archive)];
        self.send(&asked).await?;
        let mut shown = Shown::default();
        while self.requester.is_owed() {
            match self.answer().await? {
                Answer::Bulletin(_, bulletin) => shown.bulletin = bulletin,
                Answer::Head(_, head) => shown.head = head,
                _ => {}
            }
        }
        Ok(shown)
    }

    /// The plain bytes of a few blocks, those that the peer has. For payloads of releases in
    /// between; a whole release is the work of [`super::fetch`].
    ///
    /// # Errors
    /// How the stream ended.
    pub async fn blocks(&mut self, ids: &[BlockId]) -> Result<BTreeMap<BlockId, Vec<u8>>, End> {
        let mut blocks = BTreeMap::new();
        self.want(ids).await?;
        while self.requester.is_owed() {
            if let Answer::Block(received) = self.answer().await? {
                blocks.insert(received.packed.id, received.plain().to_vec());
            }
        }
        Ok(blocks)
    }

    /// Ends the stream in order (SYNC-5).
    ///
    /// # Errors
    /// How the stream ended otherwise. To be ignored by whoever has all he wanted.
    pub async fn finish(mut self) -> Result<(), End> {
        self.begin();
        let bye = self.requester.bye();
        self.send(&[bye]).await?;
        while !matches!(self.answer().await?, Answer::Bye) {}
        let _ = within(self.stall, self.write.close()).await?;
        Ok(())
    }
}

/// Asks a connected peer for the bulletin and the head of an archive, on a stream of its own.
///
/// # Errors
/// How the stream ended.
pub async fn ask_shown(
    net: &NetHandle,
    peer: PeerId,
    archive: ArchiveId,
    stall: Duration,
) -> Result<Shown, End> {
    let mut session = Session::open(net, peer, stall).await?;
    let shown = session.shown(archive).await?;
    let _ = session.finish().await;
    Ok(shown)
}

/// Asks a connected peer for a few blocks, on a stream of its own; gives those it has.
///
/// # Errors
/// How the stream ended.
pub async fn ask_blocks(
    net: &NetHandle,
    peer: PeerId,
    ids: &[BlockId],
    stall: Duration,
) -> Result<BTreeMap<BlockId, Vec<u8>>, End> {
    let mut session = Session::open(net, peer, stall).await?;
    let blocks = session.blocks(ids).await?;
    let _ = session.finish().await;
    Ok(blocks)
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
