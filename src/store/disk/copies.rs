//! What the index knows of bytes that an erasing has to find: copies of blocks beside the places.
//!
//! A block that was forgotten as damaged, or written again, leaves its old bytes in a segment. Each
//! such range is noted when the index lets go of it. Ranges of which nobody can say what they hold
//! are noted under [`UNKNOWN`].

use super::index::Batch;
use redb::{MultimapTable, MultimapTableDefinition, ReadableTable, Table, TableDefinition};
use yadgar_protocol::Hash;

/// Segment, offset, length.
type Row = (u32, u64, u64);
/// Copies of blocks that are at no place of the index.
pub const SPARES: MultimapTableDefinition<'_, &[u8; 32], Row> =
    MultimapTableDefinition::new("spares-1");
/// What an erasing that has begun overwrites. Empty when none is under way.
pub const ERASING: TableDefinition<'_, Row, ()> = TableDefinition::new("erasing-1");
/// Set when [`SPARES`] has everything: a store of an older program is read once for that.
pub const SPARES_KNOWN: &str = "spares known";
/// Bytes that erased records gave back to the file system.
pub const FREED: &str = "freed";
/// Stands for the blocks in ranges that cannot be read as records. No block has this hash.
pub const UNKNOWN: Hash = Hash([0; 32]);

/// A range of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The segment's number.
    pub segment: u32,
    /// Where it starts.
    pub offset: u64,
    /// How many bytes.
    pub len: u64,
}

impl Span {
    /// As it is kept in a table.
    pub fn row(&self) -> Row {
        (self.segment, self.offset, self.len)
    }

    /// From a table.
    pub fn of((segment, offset, len): Row) -> Self {
        Self { segment, offset, len }
    }
}

/// A step of an erasing.
pub enum Erase {
    /// The blocks of the batch are forgotten, and this is to be overwritten.
    Begin(Vec<Span>),
    /// Everything is overwritten.
    Done,
}

/// The part of a commit that is about copies and erasing.
pub fn apply(
    txn: &redb::WriteTransaction,
    batch: &Batch,
    spares: &mut MultimapTable<'_, &[u8; 32], Row>,
    state: &mut Table<'_, &str, u64>,
) -> Result<(), redb::Error> {
    let mut erasing = txn.open_table(ERASING)?;
    for (hash, span) in &batch.spares {
        spares.insert(&hash.0, span.row())?;
    }
    match &batch.erase {
        None => {}
        Some(Erase::Begin(spans)) => {
            for hash in batch.places.keys() {
                spares.remove_all(&hash.0)?;
            }
            for span in spans {
                spares.remove(&UNKNOWN.0, span.row())?;
                erasing.insert(span.row(), ())?;
            }
        }
        Some(Erase::Done) => erasing.retain(|_, ()| false)?,
    }
    if batch.spares_known {
        state.insert(SPARES_KNOWN, 1)?;
    }
    if batch.freed > 0 {
        let before = state.get(FREED)?.map_or(0, |value| value.value());
        state.insert(FREED, before.saturating_add(batch.freed))?;
    }
    Ok(())
}
