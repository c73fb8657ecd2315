//! The bytes of a container: sealed records one after the other, nothing between, nothing in clear.
//!
//! ```text
//! record   nonce 24 | head 48, sealed, tag 16 | data, padded and sealed, tag 16 | random bytes
//! head     kind u8 | codec u8 | encoding u8 | 0 | length of the record in units u32
//!          | stored length u32 | plain length u32 | hash 32
//! ```
//! A record is a whole number of units of 256 bytes, so that sizes tell little, and so that the next good head is
//! found after damage: a head opens at its own place and nowhere else, because container and place are bound to
//! it. The data is bound to its head.

use super::seal::{Keys, NONCE_BYTES, Sealed, TAG_BYTES, random};
use crate::store::StoreError;
use yadgar_protocol::blocks::Encoding;
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::{Codec, Hash};

/// What the length of a record is a multiple of, in bytes.
pub const UNIT: usize = 256;
const HEAD_PLAIN: usize = 48;
/// Length of the sealed head with its nonce.
pub const HEAD: usize = NONCE_BYTES + HEAD_PLAIN + TAG_BYTES;
/// Units of the largest record.
pub const MOST_UNITS: u32 = (HEAD + MAX_BLOCK_BYTES + TAG_BYTES).div_ceil(UNIT) as u32;

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The container's number.
    pub container: u32,
    /// Where it starts, in units.
    pub at: u32,
    /// How long it is, in units.
    pub units: u32,
}

impl Span {
    /// Where it starts, in bytes.
    pub fn offset(&self) -> u64 {
        u64::from(self.at) * UNIT as u64
    }

    /// True when both have a unit in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.container == other.container
            && self.at < other.at + other.units
            && other.at < self.at + self.units
    }

    /// Length in bytes.
    pub fn bytes(&self) -> u64 {
        u64::from(self.units) * UNIT as u64
    }
}

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A block.
    Block(Block),
    /// Everything before it in the container is durable.
    Mark,
    /// A record that was erased: random bytes.
    Erased,
}

/// A block as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Hash of the plain block.
    pub hash: Hash,
    /// By which it was put first.
    pub codec: Codec,
    /// How the stored bytes are to be read.
    pub encoding: Encoding,
    /// Stored bytes.
    pub stored_len: u32,
    /// Bytes when plain.
    pub plain_len: u32,
}

impl Block {
    /// Units of its record.
    pub fn units(&self) -> u32 {
        ((HEAD + self.stored_len as usize + TAG_BYTES).div_ceil(UNIT)) as u32
    }
}

fn head(kind: &Kind, units: u32) -> [u8; HEAD_PLAIN] {
    let mut out = [0; HEAD_PLAIN];
    out[4..8].copy_from_slice(&units.to_le_bytes());
    match kind {
        Kind::Mark => out[0] = 1,
        Kind::Erased => out[0] = 2,
        Kind::Block(block) => {
            out[1] = u8::from(block.codec == Codec::DagCbor);
            out[2] = block.encoding.code();
            out[8..12].copy_from_slice(&block.stored_len.to_le_bytes());
            out[12..16].copy_from_slice(&block.plain_len.to_le_bytes());
            out[16..].copy_from_slice(&block.hash.0);
        }
    }
    out
}

fn parse(bytes: &[u8; HEAD_PLAIN]) -> Option<(Kind, u32)> {
    let number = |at: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(&bytes[at..at + 4]);
        u32::from_le_bytes(four)
    };
    let units = number(4);
    let kind = match bytes[0] {
        1 => Kind::Mark,
        2 => Kind::Erased,
        0 => {
            let mut hash = [0; 32];
            hash.copy_from_slice(&bytes[16..]);
            let block = Block {
                hash: Hash(hash),
                codec: if bytes[1] == 1 { Codec::DagCbor } else { Codec::Raw },
                encoding: Encoding::from_code(bytes[2]).ok()?,
                stored_len: number(8),
                plain_len: number(12),
            };
            let fits = |len: u32| len as usize <= MAX_BLOCK_BYTES;
            if !fits(block.stored_len) || !fits(block.plain_len) || units != block.units() {
                return None;
            }
            Kind::Block(block)
        }
        _ => return None,
    };
    (units > 0).then_some((kind, units))
}

fn place(container: u32, at: u32) -> [u8; 8] {
    let mut out = [0; 8];
    out[..4].copy_from_slice(&container.to_le_bytes());
    out[4..].copy_from_slice(&at.to_le_bytes());
    out
}

/// Seals a head for its place.
pub fn seal_head(
    keys: &Keys,
    nonce: &[u8; NONCE_BYTES],
    kind: &Kind,
    span: &Span,
) -> Result<[u8; HEAD], StoreError> {
    let mut out = [0; HEAD];
    out[..NONCE_BYTES].copy_from_slice(nonce);
    let end = NONCE_BYTES + HEAD_PLAIN;
    out[NONCE_BYTES..end].copy_from_slice(&head(kind, span.units));
    let bound = place(span.container, span.at);
    let tag = keys.seal(Sealed::Head, nonce, &bound, &mut out[NONCE_BYTES..end])?;
    out[end..].copy_from_slice(&tag);
    Ok(out)
}

/// Reads the head at a place: what it is of, and its length in units. `None` when there is none.
pub fn open_head(keys: &Keys, container: u32, at: u32, bytes: &[u8]) -> Option<(Kind, u32)> {
    let nonce: &[u8; NONCE_BYTES] = bytes.first_chunk()?;
    let mut plain: [u8; HEAD_PLAIN] = *bytes.get(NONCE_BYTES..)?.first_chunk()?;
    let tag: &[u8; TAG_BYTES] = bytes.get(NONCE_BYTES + HEAD_PLAIN..)?.first_chunk()?;
    let bound = place(container, at);
    keys.open(Sealed::Head, nonce, &bound, &mut plain, tag).then(|| parse(&plain))?
}

/// A record with its data sealed and no head yet: that is bound to a place which is not known before.
pub struct Ready {
    /// Of what.
    pub block: Block,
    nonce: [u8; NONCE_BYTES],
    bytes: Vec<u8>,
}

/// Seals the data of a block.
pub fn seal_data(keys: &Keys, block: Block, data: &[u8]) -> Result<Ready, StoreError> {
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce)?;
    let len = block.units() as usize * UNIT;
    let mut bytes = vec![0; len];
    let end = len - TAG_BYTES;
    bytes[HEAD..HEAD + data.len()].copy_from_slice(data);
    let bound = head(&Kind::Block(block), block.units());
    let tag = keys.seal(Sealed::Data, &nonce, &bound, &mut bytes[HEAD..end])?;
    bytes[end..].copy_from_slice(&tag);
    Ok(Ready { block, nonce, bytes })
}

impl Ready {
    /// Length of the record.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The whole record, for its place.
    pub fn at(&mut self, keys: &Keys, span: &Span) -> Result<&[u8], StoreError> {
        let head = seal_head(keys, &self.nonce, &Kind::Block(self.block), span)?;
        self.bytes[..HEAD].copy_from_slice(&head);
        Ok(&self.bytes)
    }
}

/// The stored bytes of a block out of its record; `None` when not all of it is right.
pub fn open_data(keys: &Keys, block: &Block, mut record: Vec<u8>) -> Option<Vec<u8>> {
    let nonce: [u8; NONCE_BYTES] = *record.first_chunk()?;
    let tag: [u8; TAG_BYTES] = *record.last_chunk()?;
    if record.len() != block.units() as usize * UNIT {
        return None;
    }
    let bound = head(&Kind::Block(*block), block.units());
    let end = record.len() - TAG_BYTES;
    if !keys.open(Sealed::Data, &nonce, &bound, record.get_mut(HEAD..end)?, &tag) {
        return None;
    }
    record.truncate(HEAD + block.stored_len as usize);
    record.drain(..HEAD);
    Some(record)
}

/// A record of a mark, or what an erased record is overwritten with.
pub fn noise(keys: &Keys, kind: &Kind, span: &Span) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![0; span.units.min(MOST_UNITS) as usize * UNIT];
    random(&mut bytes)?;
    let nonce = *bytes.first_chunk().unwrap_or(&[0; NONCE_BYTES]);
    bytes[..HEAD].copy_from_slice(&seal_head(keys, &nonce, kind, span)?);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::BlockId;

    fn span(units: u32) -> Span {
        Span { container: 3, at: 7, units }
    }

    fn block(data: &[u8]) -> Block {
        let len = data.len() as u32;
        let hash = BlockId::raw(data).hash;
        let (codec, encoding) = (Codec::DagCbor, Encoding::Plain);
        Block { hash, codec, encoding, stored_len: len, plain_len: len }
    }

    #[test]
    fn a_record_opens_at_its_place_only_and_not_with_any_flip() {
        let keys = Keys::derive(&[9; 32]);
        let data = b"a name".repeat(60);
        let block = block(&data);
        let mut ready = seal_data(&keys, block, &data).unwrap();
        let record = ready.at(&keys, &span(block.units())).unwrap().to_vec();
        assert_eq!(record.len() % UNIT, 0);
        let found = open_head(&keys, 3, 7, &record).unwrap();
        assert_eq!(found, (Kind::Block(block), block.units()));
        assert_eq!(open_data(&keys, &block, record.clone()).unwrap(), data);
        assert_eq!(open_head(&keys, 3, 8, &record), None);
        assert_eq!(open_head(&keys, 4, 7, &record), None);
        assert_eq!(open_head(&Keys::derive(&[8; 32]), 3, 7, &record), None);
        for at in 0..record.len() * 8 {
            let mut bad = record.clone();
            bad[at / 8] ^= 1 << (at % 8);
            let head = open_head(&keys, 3, 7, &bad).is_some();
            let data = open_data(&keys, &block, bad).is_some();
            // The head is of no use for the data but for the nonce.
            assert!(!(head && data), "bit {at}");
        }
        for len in 0..record.len() {
            assert_eq!(open_data(&keys, &block, record[..len].to_vec()), None);
        }
        let other = Block { plain_len: 1, ..block };
        assert_eq!(open_data(&keys, &other, record), None);
    }

    #[test]
    fn sizes_are_whole_units_up_to_the_largest() {
        let of = |stored_len| Block { stored_len, ..block(b"") }.units();
        assert_eq!((of(0), of(152), of(153), of(408), of(409)), (1, 1, 2, 2, 3));
        assert_eq!(of(MAX_BLOCK_BYTES as u32), MOST_UNITS);
    }

    #[test]
    fn nothing_of_a_record_is_in_clear_and_none_is_like_another() {
        let keys = Keys::derive(&[9; 32]);
        let data = b"the same words";
        let [one, two] = [0, 1].map(|_| {
            let mut ready = seal_data(&keys, block(data), data).unwrap();
            ready.at(&keys, &span(1)).unwrap().to_vec()
        });
        let same = one.iter().zip(&two).filter(|(a, b)| a == b).count();
        assert!(same < 20, "{same}");
        assert!(!one.windows(data.len()).any(|w| w == data));
        let mark = noise(&keys, &Kind::Mark, &span(1)).unwrap();
        assert_eq!(open_head(&keys, 3, 7, &mark), Some((Kind::Mark, 1)));
        let erased = noise(&keys, &Kind::Erased, &span(9)).unwrap();
        assert_eq!(
            (erased.len(), open_head(&keys, 3, 7, &erased)),
            (9 * UNIT, Some((Kind::Erased, 9)))
        );
    }
}
