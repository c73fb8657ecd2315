//! The bytes of a segment file: a file header, then records one after the other, nothing between.
//!
//! ```text
//! file header, 24 bytes    magic "YDGRSEG\n" | version u32 | number u32 | check 8
//! record header, 68 bytes  magic | encoding u8 | 3 zero bytes | stored length u32
//!                          | plain length u32 | block id 36 | data check 8 | header check 8
//! data                     stored length bytes
//! ```
//! An erased record keeps its place and its length and nothing else: the encoding byte is 0xff, plain
//! length, id and data check are zero, and so is all data.
//!
//! Numbers are little-endian. A check is the first 8 bytes of BLAKE3: the header checks over what
//! stands before them, the data check over the stored bytes (a zstd frame has bits that change
//! nothing of the plain bytes, and a flip there is to be noticed too). Checks find accidents; it is
//! the hash of the block that is trusted. Magic, version and check of the file header stay where
//! they are in later versions.

use crate::store::pack::inflate;
use yadgar_protocol::blocks::Encoding;
use yadgar_protocol::limits::MAX_BLOCK_BYTES;
use yadgar_protocol::{BlockId, Hash};

/// Length of the header of a segment file.
pub const FILE_HEADER: usize = 24;
/// Length of the header of a record.
pub const RECORD_HEADER: usize = 68;
/// The version that is written.
pub const VERSION: u32 = 1;
/// Start of a record. The first byte is rare in text and in zstd frames.
pub const RECORD_MAGIC: [u8; 4] = [0xf5, b'Y', b'R', 0x0a];
/// Where the encoding stands in a record that was erased.
const ERASED: u8 = 0xff;
const FILE_MAGIC: [u8; 8] = *b"YDGRSEG\n";

/// What the header of a segment file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileHeader {
    /// A segment of this number.
    Good(u32),
    /// Written by a newer program.
    Newer(u32),
    /// Not readable. Its records may be fine.
    Damaged,
}

/// First 8 bytes of BLAKE3.
fn check(bytes: &[u8]) -> [u8; 8] {
    let mut out = [0; 8];
    out.copy_from_slice(&Hash::of(bytes).0[..8]);
    out
}

/// The header of segment file `number`.
pub fn file_header(number: u32) -> [u8; FILE_HEADER] {
    let mut out = [0; FILE_HEADER];
    out[..8].copy_from_slice(&FILE_MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&number.to_le_bytes());
    let check = check(&out[..16]);
    out[16..].copy_from_slice(&check);
    out
}

/// Reads the header of a segment file.
pub fn read_file_header(bytes: &[u8; FILE_HEADER]) -> FileHeader {
    if bytes[..8] != FILE_MAGIC || bytes[16..] != check(&bytes[..16]) {
        return FileHeader::Damaged;
    }
    match (u32_at(bytes, 8), u32_at(bytes, 12)) {
        (VERSION, number) => FileHeader::Good(number),
        (version, _) if version > VERSION => FileHeader::Newer(version),
        _ => FileHeader::Damaged,
    }
}

/// The header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordHeader {
    /// The block.
    pub id: BlockId,
    /// How the data is to be read.
    pub encoding: Encoding,
    /// Length of the data.
    pub stored_len: u32,
    /// Length of the block when plain.
    pub plain_len: u32,
    /// Check of the data as stored.
    pub data_check: [u8; 8],
}

impl RecordHeader {
    /// The header for `data`, which the caller has bounded.
    pub fn new(id: BlockId, encoding: Encoding, data: &[u8], plain_len: usize) -> Self {
        let mut data_check = [0; 8];
        match encoding {
            // Plain: the id is the hash of the data already.
            Encoding::Plain => data_check.copy_from_slice(&id.hash.0[..8]),
            Encoding::Zstd => data_check = check(data),
        }
        // Both are at most MAX_BLOCK_BYTES.
        let (stored_len, plain_len) = (data.len() as u32, plain_len as u32);
        Self { id, encoding, stored_len, plain_len, data_check }
    }

    /// Length of header and data.
    pub fn record_len(&self) -> u64 {
        RECORD_HEADER as u64 + u64::from(self.stored_len)
    }

    /// The bytes of the header.
    pub fn encode(&self) -> [u8; RECORD_HEADER] {
        let mut out = [0; RECORD_HEADER];
        out[..4].copy_from_slice(&RECORD_MAGIC);
        out[4] = self.encoding.code();
        out[8..12].copy_from_slice(&self.stored_len.to_le_bytes());
        out[12..16].copy_from_slice(&self.plain_len.to_le_bytes());
        out[16..52].copy_from_slice(&self.id.to_bytes());
        out[52..60].copy_from_slice(&self.data_check);
        let check = check(&out[..60]);
        out[60..].copy_from_slice(&check);
        out
    }

    /// Reads a header; `None` when it is damaged or says what cannot be.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; RECORD_HEADER] = bytes.get(..RECORD_HEADER)?.try_into().ok()?;
        if bytes[..4] != RECORD_MAGIC || bytes[60..] != check(&bytes[..60]) || bytes[5..8] != [0; 3]
        {
            return None;
        }
        let header = Self {
            id: BlockId::from_bytes(&bytes[16..52]).ok()?,
            encoding: Encoding::from_code(bytes[4]).ok()?,
            stored_len: u32_at(bytes, 8),
            plain_len: u32_at(bytes, 12),
            data_check: bytes[52..60].try_into().ok()?,
        };
        let lengths_fit = match header.encoding {
            Encoding::Plain => header.stored_len == header.plain_len,
            Encoding::Zstd => header.stored_len < header.plain_len,
        };
        (lengths_fit && header.plain_len as usize <= MAX_BLOCK_BYTES).then_some(header)
    }

    /// The plain bytes that `data` stands for. Whether they are the block is not checked.
    pub fn unpack(&self, data: Vec<u8>) -> Option<Vec<u8>> {
        match self.encoding {
            Encoding::Plain => Some(data),
            Encoding::Zstd => inflate(&data, self.plain_len as usize),
        }
    }

    /// The plain bytes, when `data` is the block of this header to the last bit.
    pub fn open(&self, data: Vec<u8>) -> Option<Vec<u8>> {
        if data.len() != self.stored_len as usize {
            return None;
        }
        if self.encoding == Encoding::Zstd && check(&data) != self.data_check {
            return None;
        }
        let plain = self.unpack(data)?;
        let right = plain.len() == self.plain_len as usize && self.id.matches(&plain);
        right.then_some(plain)
    }

    /// True when `data` is the block of this header to the last bit.
    pub fn fits(&self, data: &[u8]) -> bool {
        match self.encoding {
            Encoding::Plain => data.len() == self.stored_len as usize && self.id.matches(data),
            Encoding::Zstd => self.open(data.to_vec()).is_some(),
        }
    }
}

/// The header of an erased record with `data_len` zero bytes of data.
pub fn erased_header(data_len: u32) -> [u8; RECORD_HEADER] {
    let mut out = [0; RECORD_HEADER];
    out[..4].copy_from_slice(&RECORD_MAGIC);
    out[4] = ERASED;
    out[8..12].copy_from_slice(&data_len.to_le_bytes());
    let check = check(&out[..60]);
    out[60..].copy_from_slice(&check);
    out
}

/// Length of the data of an erased record; `None` when `bytes` do not start with such a header.
pub fn read_erased_header(bytes: &[u8]) -> Option<u32> {
    let bytes = bytes.get(..RECORD_HEADER)?;
    if bytes[4] != ERASED {
        return None;
    }
    let data_len = u32_at(bytes, 8);
    (data_len as usize <= MAX_BLOCK_BYTES && bytes == erased_header(data_len)).then_some(data_len)
}

/// A little-endian number; the offset is a constant inside the header.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut out = [0; 4];
    out.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::pack::Deflater;

    #[test]
    fn every_flip_in_a_header_is_noticed() {
        let plain = vec![1; 1000];
        let data = Deflater::default().deflate(&plain).unwrap();
        let header = RecordHeader::new(BlockId::raw(&plain), Encoding::Zstd, &data, 1000);
        let bytes = header.encode();
        assert_eq!(RecordHeader::decode(&bytes), Some(header));
        assert_eq!(header.open(data.clone()).unwrap(), plain);
        for at in 0..bytes.len() * 8 {
            let mut bad = bytes;
            bad[at / 8] ^= 1 << (at % 8);
            assert_eq!(RecordHeader::decode(&bad), None);
        }
        for at in 0..data.len() * 8 {
            let mut bad = data.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(!header.fits(&bad));
        }
        let file = file_header(9);
        assert_eq!(read_file_header(&file), FileHeader::Good(9));
        for at in 0..file.len() * 8 {
            let mut bad = file;
            bad[at / 8] ^= 1 << (at % 8);
            assert_eq!(read_file_header(&bad), FileHeader::Damaged);
        }
    }

    #[test]
    fn an_erased_header_is_no_other_and_every_flip_in_it_is_noticed() {
        let bytes = erased_header(77);
        assert_eq!(read_erased_header(&bytes), Some(77));
        assert_eq!(RecordHeader::decode(&bytes), None);
        for at in 0..bytes.len() * 8 {
            let mut bad = bytes;
            bad[at / 8] ^= 1 << (at % 8);
            assert_eq!(read_erased_header(&bad), None);
            assert_eq!(RecordHeader::decode(&bad), None);
        }
        assert_eq!(read_erased_header(&erased_header(MAX_BLOCK_BYTES as u32 + 1)), None);
    }

    #[test]
    fn a_newer_version_is_told_from_damage() {
        let mut header = file_header(1);
        header[8] = 2;
        let check = check(&header[..16]);
        header[16..].copy_from_slice(&check);
        assert_eq!(read_file_header(&header), FileHeader::Newer(2));
    }

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        let good = RecordHeader::new(BlockId::raw(b"abc"), Encoding::Plain, b"abc", 3);
        for (encoding, stored_len, plain_len) in [
            (Encoding::Plain, 3, 4),
            (Encoding::Zstd, 3, 3),
            (Encoding::Zstd, 3, MAX_BLOCK_BYTES as u32 + 1),
        ] {
            let bad = RecordHeader { encoding, stored_len, plain_len, ..good };
            assert_eq!(RecordHeader::decode(&bad.encode()), None);
        }
    }
}
