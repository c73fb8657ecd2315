//! Pack indexes, and the check of what comes from a pack (STATIC-5, STATIC-6).

use super::FileRef;
use crate::blocks::{Encoding, Inflate, Packed};
use crate::ids::{BlockId, Codec, Hash};
use crate::limits::{
    MAX_BLOCK_BYTES, MAX_MEMBER_BLOCKS, MAX_MEMBER_BYTES, MAX_PACK_BLOCKS, MAX_PACK_BYTES,
    MAX_PACK_INDEX_BYTES,
};
use crate::reject::Reject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A piece of a pack that is read as a whole: one block, or several small ones together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its length in the pack, in bytes, 1 to 262144.
    pub stored: u64,
    /// How it is stored.
    pub encoding: Encoding,
    /// Its blocks in order, with their plain lengths in bytes; 1 to 512 blocks, 262144 bytes together.
    pub blocks: Vec<(BlockId, u64)>,
}

impl Member {
    /// Plain bytes of all its blocks.
    pub fn plain_bytes(&self) -> u64 {
        self.blocks.iter().map(|(_, bytes)| bytes).sum()
    }

    /// The blocks in these bytes of the pack, all of them checked: decompressed within the stated length, cut by
    /// the lengths, each hashed.
    ///
    /// A block that stands alone comes as it is stored, others come plain.
    ///
    /// # Errors
    /// `STATIC-6` for bytes that are not those of the member: nothing of them is to be used.
    pub fn open(&self, stored: &[u8], inflate: Inflate<'_>) -> Result<Vec<Packed>, Reject> {
        let wrong = Reject::new("STATIC-6", "a member of a pack that is damaged");
        if stored.len() as u64 != self.stored {
            return Err(Reject::new("STATIC-6", "a member of a pack of another length"));
        }
        let length = usize::try_from(self.plain_bytes()).map_err(|_| wrong.clone())?;
        let inflated = match self.encoding {
            Encoding::Plain => None,
            Encoding::Zstd => {
                Some(inflate(stored, length.min(MAX_MEMBER_BYTES)).ok_or(wrong.clone())?)
            }
        };
        let mut rest = inflated.as_deref().unwrap_or(stored);
        let mut out = Vec::with_capacity(self.blocks.len());
        for (id, bytes) in &self.blocks {
            let bytes = usize::try_from(*bytes).map_err(|_| wrong.clone())?;
            let (data, after) = rest.split_at_checked(bytes).ok_or(wrong.clone())?;
            if !id.matches(data) {
                return Err(Reject::new("STATIC-6", "a block with the wrong hash"));
            }
            out.push(Packed { id: *id, encoding: Encoding::Plain, data: data.to_vec() });
            rest = after;
        }
        if !rest.is_empty() {
            return Err(wrong);
        }
        if let [alone] = out.as_mut_slice()
            && stored.len() < alone.data.len()
        {
            *alone = Packed { id: alone.id, encoding: self.encoding, data: stored.to_vec() };
        }
        Ok(out)
    }
}

/// What a pack holds, and where. Nothing is believed because of it: every block is hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackIndex {
    /// The pack.
    pub pack: FileRef,
    /// Its members, one behind the other from its first byte to its last.
    pub members: Vec<Member>,
}

/// Field order is the encoding's (ENC-4).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    kind: String,
    pack: FileRef,
    format: u64,
    members: Vec<WireMember>,
}

/// Stored length, encoding, blocks.
#[derive(Serialize, Deserialize)]
struct WireMember(u64, u64, Vec<WireBlock>);

/// Codec, hash, plain length.
#[derive(Serialize, Deserialize)]
struct WireBlock(u64, Hash, u64);

impl PackIndex {
    /// Decodes an index and checks all of it.
    ///
    /// # Errors
    /// Encoding clauses, `STATIC-5`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let wire: Wire = crate::cbor::decode(bytes, MAX_PACK_INDEX_BYTES)?;
        crate::cbor::check_format(wire.format, "STATIC-5")?;
        let bad = || Reject::new("STATIC-5", "not the index of a pack");
        if wire.kind != "static-index" || !wire.pack.fits(MAX_PACK_BYTES) {
            return Err(bad());
        }
        let members = all(&wire.members, member).ok_or_else(bad)?;
        let mut ids = BTreeSet::new();
        let each_once =
            members.iter().flat_map(|member| &member.blocks).all(|(id, _)| ids.insert(*id));
        // Sums of numbers that were bounded one by one do not overflow.
        let stored: u64 = members.iter().map(|member| member.stored).sum();
        if !each_once || ids.len() > MAX_PACK_BLOCKS || stored != wire.pack.bytes {
            return Err(bad());
        }
        Ok(Self { pack: wire.pack, members })
    }

    /// The encoded index.
    pub fn encode(&self) -> Vec<u8> {
        let block =
            |(id, bytes): &(BlockId, u64)| WireBlock(u64::from(id.codec.code()), id.hash, *bytes);
        let member = |m: &Member| {
            let encoding = u64::from(m.encoding.code());
            WireMember(m.stored, encoding, m.blocks.iter().map(block).collect())
        };
        crate::cbor::encode(&Wire {
            kind: "static-index".into(),
            pack: self.pack,
            format: crate::cbor::FORMAT,
            members: self.members.iter().map(member).collect(),
        })
    }

    /// Ids of all blocks, in order.
    pub fn ids(&self) -> impl Iterator<Item = &BlockId> {
        self.members.iter().flat_map(|member| &member.blocks).map(|(id, _)| id)
    }
}

/// What each becomes, or nothing when one is wrong. It takes no more memory than it needs: collecting would make room
/// for four where there is one, and an index may have as many members as blocks.
fn all<T, U>(from: &[T], read: impl Fn(&T) -> Option<U>) -> Option<Vec<U>> {
    let mut out = Vec::with_capacity(from.len());
    for one in from {
        out.push(read(one)?);
    }
    Some(out)
}

fn member(WireMember(stored, encoding, blocks): &WireMember) -> Option<Member> {
    let encoding = Encoding::from_code(u8::try_from(*encoding).ok()?).ok()?;
    if !(1..=MAX_MEMBER_BLOCKS).contains(&blocks.len()) {
        return None;
    }
    let blocks = all(blocks, block)?;
    let member = Member { stored: *stored, encoding, blocks };
    let plain = member.plain_bytes();
    let good = (1..=MAX_MEMBER_BYTES as u64).contains(stored)
        && plain <= MAX_MEMBER_BYTES as u64
        && (encoding == Encoding::Zstd || plain == *stored);
    good.then_some(member)
}

fn block(WireBlock(codec, hash, bytes): &WireBlock) -> Option<(BlockId, u64)> {
    let known = [Codec::Raw, Codec::DagCbor].into_iter();
    let codec = known.into_iter().find(|known| u64::from(known.code()) == *codec)?;
    (*bytes <= MAX_BLOCK_BYTES as u64).then_some((BlockId { codec, hash: *hash }, *bytes))
}
