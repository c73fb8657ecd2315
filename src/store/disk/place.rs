//! Where a block lies in the segments.

use super::copies::Span;
use super::record::{RECORD_HEADER, RecordHeader};
use yadgar_protocol::blocks::Encoding;

/// Segment, offset of the record, stored length, plain length, encoding.
pub type Row = (u32, u64, u32, u32, u8);

/// Where a block lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The segment's number.
    pub segment: u32,
    /// Where the header of the record starts.
    pub offset: u64,
    /// Length of the data as stored.
    pub stored_len: u32,
    /// Length of the block when plain.
    pub plain_len: u32,
    /// How the data is to be read.
    pub encoding: Encoding,
}

impl Place {
    /// Of a record at `offset`.
    pub fn new(segment: u32, offset: u64, header: &RecordHeader) -> Self {
        let RecordHeader { stored_len, plain_len, encoding, .. } = *header;
        Self { segment, offset, stored_len, plain_len, encoding }
    }

    /// Header and data.
    pub fn record_len(&self) -> u64 {
        RECORD_HEADER as u64 + u64::from(self.stored_len)
    }

    /// Where its bytes are.
    pub fn span(&self) -> Span {
        Span { segment: self.segment, offset: self.offset, len: self.record_len() }
    }

    /// As it stands in the index.
    pub fn row(&self) -> Row {
        (self.segment, self.offset, self.stored_len, self.plain_len, self.encoding.code())
    }

    /// `None` for a row that no program wrote: the block counts as not held.
    pub fn of(row: Row) -> Option<Self> {
        let (segment, offset, stored_len, plain_len, code) = row;
        let encoding = Encoding::from_code(code).ok()?;
        Some(Self { segment, offset, stored_len, plain_len, encoding })
    }
}
