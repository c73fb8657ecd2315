//! The frames of a sync stream as bytes (spec: sync.md, "Frames").

use crate::blocks::{Encoding, Packed};
use crate::ids::{ArchiveId, BLOCK_ID_BYTES, BlockId, Hash, base32};
use crate::limits::{
    MAX_BLOCK_BYTES, MAX_BULLETIN_BYTES, MAX_BUNDLE_BYTES, MAX_FRAME_BYTES, MAX_HEAD_BYTES,
    MAX_WANTS_PER_FRAME,
};
use crate::reject::Reject;

/// Name of the stream protocol.
pub const PROTOCOL: &str = "/yadgar/sync/1";

/// Bytes of the length field in front of a frame.
pub const LENGTH_BYTES: usize = 4;

const GET_HEAD: u8 = 1;
const HEAD: u8 = 2;
const WANT: u8 = 3;
const BLOCK: u8 = 4;
const MISSING: u8 = 5;
const BYE: u8 = 6;
const GET_BULLETIN: u8 = 7;
const BULLETIN: u8 = 8;
const WANT_BUNDLED: u8 = 9;
const BUNDLE: u8 = 10;

/// Kind byte, encoding byte and id in front of the data of a block.
const BLOCK_HEADER: usize = 1 + BLOCK_ID_BYTES;

/// Name of the gossip topic of an archive (SYNC-9). It does not reveal the archive id.
pub fn gossip_topic(archive: &ArchiveId) -> String {
    let key = blake3::derive_key("yadgar 2026 gossip topic", &archive.0.0);
    format!("yadgar/1/{}", base32(&key[..16]))
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Asks for the newest head of an archive.
    GetHead(ArchiveId),
    /// The encoded head, `None` when none is held.
    Head(ArchiveId, Option<Vec<u8>>),
    /// Asks for blocks: 1 to 512 ids.
    Want(Vec<BlockId>),
    /// The same, and small ones may come together in a bundle (SYNC-12).
    WantBundled(Vec<BlockId>),
    /// A block. Its hash is not checked yet.
    Block(Packed),
    /// Small blocks in one zstd frame, see [`super::bundle`]. Nothing of it is checked yet.
    Bundle(Vec<u8>),
    /// Wanted blocks that are not given: 1 to 512 ids (SYNC-4: without saying why).
    Missing(Vec<BlockId>),
    /// The asker has no more wants, or the answerer owes nothing any more.
    Bye,
    /// Asks for the bulletin of an archive: what must be known before anything else (SYNC-11).
    GetBulletin(ArchiveId),
    /// The encoded bulletin, `None` when none is held.
    Bulletin(ArchiveId, Option<Vec<u8>>),
}

impl Frame {
    /// Appends the frame with its length field.
    ///
    /// Writes what it is given: lists over the limit are for the caller to split (as
    /// [`super::Requester`] and [`super::Responder`] do), a receiver refuses them.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (front, data) = self.split();
        out.reserve(front.len() + data.len());
        out.extend_from_slice(&front);
        out.extend_from_slice(data);
    }

    /// The frame as two pieces to be written one after the other: everything before the data of
    /// a block, bundle, head or bulletin, and that data, which is not copied.
    pub fn split(&self) -> (Vec<u8>, &[u8]) {
        let mut front = vec![0; LENGTH_BYTES];
        let mut data: &[u8] = &[];
        match self {
            Self::GetHead(archive) => put_archive(&mut front, GET_HEAD, archive),
            Self::GetBulletin(archive) => put_archive(&mut front, GET_BULLETIN, archive),
            Self::Head(archive, head) => {
                put_archive(&mut front, HEAD, archive);
                data = head.as_deref().unwrap_or_default();
            }
            Self::Bulletin(archive, bulletin) => {
                put_archive(&mut front, BULLETIN, archive);
                data = bulletin.as_deref().unwrap_or_default();
            }
            Self::Want(ids) => put_ids(&mut front, WANT, ids),
            Self::WantBundled(ids) => put_ids(&mut front, WANT_BUNDLED, ids),
            Self::Bundle(bundle) => {
                front.push(BUNDLE);
                data = bundle;
            }
            Self::Block(packed) => {
                front.extend([BLOCK, packed.encoding.code()]);
                front.extend(packed.id.to_bytes());
                data = &packed.data;
            }
            Self::Missing(ids) => put_ids(&mut front, MISSING, ids),
            Self::Bye => front.push(BYE),
        }
        // Above u32 only for a frame that is far over every limit: it then says the largest length,
        // which every receiver refuses.
        let length = u32::try_from(front.len() - LENGTH_BYTES + data.len()).unwrap_or(u32::MAX);
        front[..LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
        (front, data)
    }

    /// Checks the length field of a frame: the number of bytes that follow it.
    ///
    /// # Errors
    /// `SYNC-6` for an empty frame or one that is too long.
    pub fn length(field: [u8; LENGTH_BYTES]) -> Result<usize, Reject> {
        let length = u32::from_be_bytes(field) as usize;
        if length == 0 || length > MAX_FRAME_BYTES {
            return Err(Reject::new("SYNC-6", "a frame of impossible length"));
        }
        Ok(length)
    }

    /// Reads a frame without its length field. The data of a block, head or bulletin is copied
    /// once, so that
    /// one read buffer serves a whole stream.
    ///
    /// # Errors
    /// `SYNC-6` for an unknown kind or a wrong length, `SYNC-1` for an impossible block, `ID-1` for
    /// what is no block id.
    pub fn decode(kind_and_body: &[u8]) -> Result<Self, Reject> {
        let wrong = Reject::new("SYNC-6", "a frame of wrong length");
        if kind_and_body.len() > MAX_FRAME_BYTES {
            return Err(wrong);
        }
        let (&kind, body) = kind_and_body.split_first().ok_or(wrong.clone())?;
        match kind {
            GET_HEAD => only_archive(body).map(Self::GetHead),
            GET_BULLETIN => only_archive(body).map(Self::GetBulletin),
            HEAD => held(body, MAX_HEAD_BYTES).map(|(id, head)| Self::Head(id, head)),
            BULLETIN => {
                held(body, MAX_BULLETIN_BYTES).map(|(id, bulletin)| Self::Bulletin(id, bulletin))
            }
            WANT => ids(body).map(Self::Want),
            WANT_BUNDLED => ids(body).map(Self::WantBundled),
            // Shorter than what is in it, which is bounded.
            BUNDLE if body.is_empty() || body.len() >= MAX_BUNDLE_BYTES => Err(wrong),
            BUNDLE => Ok(Self::Bundle(body.to_vec())),
            BLOCK => {
                let (front, data) = body.split_at_checked(BLOCK_HEADER).ok_or(wrong)?;
                block(front, data.to_vec()).map(Self::Block)
            }
            MISSING => ids(body).map(Self::Missing),
            BYE if body.is_empty() => Ok(Self::Bye),
            BYE => Err(wrong),
            _ => Err(Reject::new("SYNC-6", "an unknown kind of frame")),
        }
    }
}

fn put_ids(out: &mut Vec<u8>, kind: u8, ids: &[BlockId]) {
    out.push(kind);
    out.extend(ids.iter().flat_map(BlockId::to_bytes));
}

fn put_archive(out: &mut Vec<u8>, kind: u8, archive: &ArchiveId) {
    out.push(kind);
    out.extend(archive.0.0);
}

/// The body of a question about an archive.
fn only_archive(body: &[u8]) -> Result<ArchiveId, Reject> {
    match archive(body)? {
        (id, []) => Ok(id),
        _ => Err(Reject::new("SYNC-6", "a frame of wrong length")),
    }
}

/// The body of an answer about an archive; nothing after the id: none held.
fn held(body: &[u8], most: usize) -> Result<(ArchiveId, Option<Vec<u8>>), Reject> {
    match archive(body)? {
        (id, []) => Ok((id, None)),
        (id, bytes) if bytes.len() <= most => Ok((id, Some(bytes.to_vec()))),
        _ => Err(Reject::new("SYNC-6", "a frame of wrong length")),
    }
}

fn archive(body: &[u8]) -> Result<(ArchiveId, &[u8]), Reject> {
    let (id, rest) =
        body.split_first_chunk::<32>().ok_or(Reject::new("SYNC-6", "a frame of wrong length"))?;
    Ok((ArchiveId(Hash(*id)), rest))
}

fn ids(body: &[u8]) -> Result<Vec<BlockId>, Reject> {
    let whole = body.len().is_multiple_of(BLOCK_ID_BYTES);
    if !whole || !(1..=MAX_WANTS_PER_FRAME).contains(&(body.len() / BLOCK_ID_BYTES)) {
        return Err(Reject::new("SYNC-6", "a list of ids of wrong length"));
    }
    body.chunks_exact(BLOCK_ID_BYTES).map(BlockId::from_bytes).collect()
}

/// A block out of what stands in front of its data, and the data.
fn block(front: &[u8], data: Vec<u8>) -> Result<Packed, Reject> {
    let (&code, id) =
        front.split_first().ok_or(Reject::new("SYNC-6", "a frame of wrong length"))?;
    let encoding = Encoding::from_code(code)?;
    if data.len() > MAX_BLOCK_BYTES {
        return Err(Reject::new("SYNC-1", "a block that is too long"));
    }
    Ok(Packed { id: BlockId::from_bytes(id)?, encoding, data })
}

/// Cuts a stream of bytes into frames. Holds at most one frame.
///
/// The data of a block is gathered in a buffer of its own, which then is the block: most of what
/// crosses a stream is copied once.
#[derive(Debug, Default)]
pub struct FrameReader {
    field: Vec<u8>,
    /// Kind and what stands in front of the data of a block; of other frames as much.
    front: Vec<u8>,
    rest: Vec<u8>,
}

/// Longest front of a frame: what comes before the data of a block.
const FRONT: usize = 1 + BLOCK_HEADER;

impl FrameReader {
    /// A reader at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes up to the end of the frame under way, and says how many it took. When it did
    /// not take all, call [`FrameReader::next`] and feed the rest.
    #[must_use = "bytes that were not taken must be fed again"]
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        let mut left = bytes;
        fill(&mut self.field, &mut left, LENGTH_BYTES);
        // A bad length takes nothing more: `next` reports it.
        if let Some(Ok(length)) = self.length() {
            fill(&mut self.front, &mut left, length.min(FRONT));
            let rest = length.saturating_sub(FRONT);
            if self.rest.is_empty() && !left.is_empty() && self.front.first() == Some(&BLOCK) {
                // At most MAX_FRAME_BYTES, and only when data of it is here.
                self.rest.reserve_exact(rest);
            }
            fill(&mut self.rest, &mut left, rest);
        }
        bytes.len() - left.len()
    }

    /// The frame under way, `None` while it is not whole.
    ///
    /// # Errors
    /// As [`Frame::decode`] and [`Frame::length`]; the stream cannot be read further then.
    #[allow(clippy::should_implement_trait)] // not an iterator: it goes on after `None`
    pub fn next(&mut self) -> Result<Option<Frame>, Reject> {
        let Some(length) = self.length().transpose()? else { return Ok(None) };
        if self.front.len() + self.rest.len() < length {
            return Ok(None);
        }
        let frame = match self.front.split_first() {
            Some((&BLOCK, front)) if length >= FRONT => {
                Frame::Block(block(front, std::mem::take(&mut self.rest))?)
            }
            _ => {
                self.front.append(&mut self.rest);
                Frame::decode(&self.front)?
            }
        };
        self.field.clear();
        self.front.clear();
        Ok(Some(frame))
    }

    /// True between two frames: a stream that ends elsewhere was cut off.
    pub fn is_between_frames(&self) -> bool {
        self.field.is_empty()
    }

    fn length(&self) -> Option<Result<usize, Reject>> {
        let field = <[u8; LENGTH_BYTES]>::try_from(self.field.as_slice()).ok()?;
        Some(Frame::length(field))
    }
}

/// Moves bytes from `from` until `into` has `most`.
fn fill(into: &mut Vec<u8>, from: &mut &[u8], most: usize) {
    let (taken, left) = from.split_at(from.len().min(most.saturating_sub(into.len())));
    into.extend_from_slice(taken);
    *from = left;
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
