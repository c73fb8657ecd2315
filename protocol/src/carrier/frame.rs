//! The header and the sections of a carrier as bytes (CAR-1, CAR-2, CAR-4).

use crate::ids::{BLOCK_ID_BYTES, BlockId, Codec};
use crate::limits::MAX_BLOCK_BYTES;
use crate::reject::Reject;

/// What stands before and after the root in a header (CAR-1). The header has one form only:
/// length, map of 2, `roots` with one link, `version` 1. The root is always structure.
const BEFORE_ROOT: &[u8] = b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00";
const AFTER_ROOT: &[u8] = b"\x67version\x01";

/// Length of a header with its length field, in bytes.
pub const HEADER_BYTES: usize = BEFORE_ROOT.len() + BLOCK_ID_BYTES + AFTER_ROOT.len();
/// Most bytes of the length of a section that may hold a block.
pub(super) const MAX_VARINT: usize = 3;
/// The longest section.
pub(super) const MAX_SECTION: usize = MAX_VARINT + BLOCK_ID_BYTES + MAX_BLOCK_BYTES;
/// Bytes by which a block id is recognised.
pub(super) const PREFIX: usize = 4;

/// The header of a carrier whose head has this id (CAR-1).
pub fn header(head: &BlockId) -> Vec<u8> {
    [BEFORE_ROOT, &head.to_bytes(), AFTER_ROOT].concat()
}

/// The root that a header names.
///
/// # Errors
/// `CAR-1` unless `bytes` are exactly a header.
pub(super) fn parse_header(bytes: &[u8]) -> Result<BlockId, Reject> {
    let bad = Reject::new("CAR-1", "not the header of a carrier");
    let rest = bytes.strip_prefix(BEFORE_ROOT).ok_or(bad.clone())?;
    let root = rest.strip_suffix(AFTER_ROOT).ok_or(bad.clone())?;
    let root = BlockId::from_bytes(root).map_err(|_| bad.clone())?;
    if root.codec != Codec::DagCbor {
        return Err(bad);
    }
    Ok(root)
}

/// Appends a section: length, block id, bytes (CAR-2). The caller vouches that they belong
/// together and that the block is at most 262144 bytes; a reader takes nothing else.
pub fn section(id: &BlockId, bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(MAX_VARINT + BLOCK_ID_BYTES + bytes.len());
    out.extend_from_slice(&section_start(id, bytes.len()));
    out.extend_from_slice(bytes);
}

/// What stands before the bytes of a block in its section: length and block id.
pub fn section_start(id: &BlockId, bytes: usize) -> Vec<u8> {
    let (mut length, mut out) = (BLOCK_ID_BYTES + bytes, Vec::new());
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(&id.to_bytes());
    out
}

/// Length of the section of a block of so many bytes.
pub fn section_length(bytes: usize) -> u64 {
    let length = (BLOCK_ID_BYTES + bytes) as u64;
    let bits = u64::from(u64::BITS - length.leading_zeros());
    bits.div_ceil(7).max(1) + length
}

/// Reads the length of a section: how many bytes the number takes, and its value.
///
/// # Errors
/// `CAR-4` for a number that is not in shortest form, cut off, or that no section can have.
pub(super) fn parse_length(bytes: &[u8]) -> Result<(usize, usize), Reject> {
    let mut value = 0;
    for (i, byte) in bytes.iter().take(MAX_VARINT).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 != 0 {
            continue;
        }
        if i > 0 && *byte == 0 {
            return Err(Reject::new("CAR-4", "a length that is not in shortest form"));
        }
        return match value {
            BLOCK_ID_BYTES.. if value <= BLOCK_ID_BYTES + MAX_BLOCK_BYTES => Ok((i + 1, value)),
            BLOCK_ID_BYTES.. => Err(Reject::new("CAR-3", "a block that is too long")),
            _ => Err(Reject::new("CAR-4", "a length that no section has")),
        };
    }
    Err(Reject::new("CAR-4", "a length that no section has"))
}

/// True when a block id begins here.
pub(super) fn is_prefix(bytes: &[u8]) -> bool {
    matches!(bytes, [0x01, 0x55 | 0x71, 0x1e, 0x20, ..])
}

/// A section that seems to begin at the start of `bytes`: length of its number, and of the rest.
pub(super) fn seems_section(bytes: &[u8]) -> Option<(usize, usize)> {
    let (number, length) = parse_length(bytes).ok()?;
    is_prefix(&bytes[number..]).then_some((number, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_what_is_written() {
        for bytes in [0, 1, 90, 91, 127, 128, 16_346, 16_347, 16_348, MAX_BLOCK_BYTES] {
            let (id, mut out) = (BlockId::raw(b""), Vec::new());
            section(&id, &vec![0; bytes], &mut out);
            assert_eq!(out.len() as u64, section_length(bytes), "{bytes}");
        }
    }
}
