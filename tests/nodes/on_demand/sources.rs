//! Sources of an archive that do what a test says, and count what they are asked for.

use crate::nets::{self, PATIENCE, noise};
use crate::sample::Sample;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use yadgar::net::{Multiaddr, NetHandle, SyncStream};
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::envelope::Envelope;
use yadgar_protocol::sync::FrameReader;
use yadgar_protocol::sync::frame::Frame;
use yadgar_protocol::{ArchiveId, BlockId, Codec, bulletin::Bulletin, cbor, invite::Invite};

/// What a source does when blocks are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Gives what it has.
    Honest,
    /// Takes the question and answers it if structure is wanted, but never if a file's bytes are.
    Hung,
    /// Gives what it has, a block now and then.
    Slow,
    /// Gives other bytes.
    Lies,
}

/// What a source is made of.
pub struct Source {
    head: Vec<u8>,
    bulletin: Option<Vec<u8>>,
    blocks: BTreeMap<BlockId, Vec<u8>>,
    lacks: BTreeSet<BlockId>,
    way: Way,
}

/// A running source.
pub struct Running {
    pub address: Multiaddr,
    /// Until this is true it does not say what it has.
    pub speaks: watch::Sender<bool>,
    /// How often each block was wanted of it.
    pub wanted: Arc<Mutex<BTreeMap<BlockId, u32>>>,
    _net: NetHandle,
}

impl Source {
    pub fn of(sample: &Sample) -> Self {
        let payload = sample.accepted.head.release.payload.clone();
        let id = BlockId { codec: Codec::DagCbor, hash: sample.accepted.release_hash() };
        let mut blocks = sample.blocks.clone();
        blocks.insert(id, payload);
        let (bulletin, lacks) = (None, BTreeSet::new());
        Self { head: sample.accepted.bytes.clone(), bulletin, blocks, lacks, way: Way::Honest }
    }

    /// It says that it lacks these.
    pub fn lacking(mut self, ids: impl IntoIterator<Item = BlockId>) -> Self {
        self.lacks.extend(ids);
        self
    }

    /// It tells this notice before anything else.
    pub fn telling(mut self, notice: &[u8]) -> Self {
        let notice: Envelope = cbor::decode(notice, notice.len()).unwrap();
        self.bulletin = Some(Bulletin::new(None, vec![notice]).encode());
        self
    }

    pub fn way(self, way: Way) -> Self {
        Self { way, ..self }
    }

    pub async fn run(self, speaks: bool) -> Running {
        let (source, wanted) = (Arc::new(self), Arc::new(Mutex::default()));
        let (speaks, heard) = watch::channel(speaks);
        let count = wanted.clone();
        let (net, address) = nets::node(false, move |_, stream| {
            let (source, count, heard) = (source.clone(), count.clone(), heard.clone());
            async move { source.answer(stream, &count, heard).await }
        })
        .await;
        Running { address, speaks, wanted, _net: net }
    }

    async fn answer(
        &self,
        mut stream: SyncStream,
        count: &Mutex<BTreeMap<BlockId, u32>>,
        mut heard: watch::Receiver<bool>,
    ) {
        let (mut reader, mut buffer) = (FrameReader::new(), vec![0; 65536]);
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            let mut rest = &buffer[..read];
            while !rest.is_empty() {
                let taken = reader.feed(rest);
                rest = &rest[taken..];
                let answers = match reader.next().unwrap() {
                    Some(Frame::GetHead(id)) => {
                        tokio::time::timeout(PATIENCE, heard.wait_for(|it| *it))
                            .await
                            .expect("nobody lets it speak")
                            .ok();
                        vec![Frame::Head(id, Some(self.head.clone()))]
                    }
                    Some(Frame::GetBulletin(id)) => {
                        tokio::time::timeout(PATIENCE, heard.wait_for(|it| *it))
                            .await
                            .expect("nobody lets it speak")
                            .ok();
                        vec![Frame::Bulletin(id, self.bulletin.clone())]
                    }
                    Some(Frame::Want(ids) | Frame::WantBundled(ids)) => self.give(&ids, count),
                    Some(Frame::Bye) => vec![Frame::Bye],
                    _ => continue,
                };
                for answer in answers {
                    if self.way == Way::Slow && matches!(answer, Frame::Block(_)) {
                        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                    }
                    let mut out = Vec::new();
                    answer.encode(&mut out);
                    // The other side may have left.
                    let _ = stream.write_all(&out).await;
                    let _ = stream.flush().await;
                }
            }
        }
    }

    fn give(&self, ids: &[BlockId], count: &Mutex<BTreeMap<BlockId, u32>>) -> Vec<Frame> {
        ids.iter().for_each(|id| *count.lock().unwrap().entry(*id).or_default() += 1);
        let has = |id: &BlockId| self.blocks.get(id).filter(|_| !self.lacks.contains(id));
        let give = |id: &BlockId| match (self.way, has(id)) {
            (Way::Hung, _) if id.codec == Codec::Raw => None,
            (Way::Honest | Way::Hung | Way::Slow, Some(bytes)) => {
                Some(Frame::Block(Packed::plain(id.codec, bytes.clone())))
            }
            (Way::Lies, Some(bytes)) => {
                let data = noise(7, bytes.len());
                Some(Frame::Block(Packed { id: *id, ..Packed::plain(id.codec, data) }))
            }
            (_, None) => Some(Frame::Missing(vec![*id])),
        };
        ids.iter().filter_map(give).collect()
    }
}

impl Running {
    pub fn wants(&self, id: &BlockId) -> u32 {
        self.wanted.lock().unwrap().get(id).copied().unwrap_or(0)
    }
}

pub fn invite(archive: ArchiveId, sources: &[&Running]) -> String {
    let addresses = sources.iter().map(|source| source.address.to_string()).collect();
    Invite::new(archive, addresses).unwrap().to_string()
}
