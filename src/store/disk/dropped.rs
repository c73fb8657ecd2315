//! Segment files that go as a whole, once nothing in them is needed any more.
//!
//! First the index notes that the file goes, and in the same commit forgets all that it knew of it. Then the file goes,
//! then the note. A crash in between leaves one file too many, which the next open removes before it reads anything.

use super::copies::{FREED, Span};
use super::index::{Batch, Index};
use super::segments::Segments;
use crate::durable;
use crate::store::StoreError;
use redb::{
    MultimapTable, ReadableDatabase, ReadableMultimapTable, ReadableTable, Table, TableDefinition,
};
use std::ops::Bound;

/// Segments that go, with the bytes that erased records in them gave back before.
const DROPPING: TableDefinition<'_, u32, u64> = TableDefinition::new("dropping-1");
/// Notes of copies that are taken out at once.
const NOTES_AT_ONCE: usize = 16_384;

/// A step of a dropping.
#[derive(Debug, Clone, Copy)]
pub enum Drop {
    /// The file of the segment goes; erased records in it gave back so many bytes.
    Begin(u32, u64),
    /// It is gone.
    Done(u32),
}

/// The part of a commit that is about whole segments.
pub fn apply(
    txn: &redb::WriteTransaction,
    drop: Option<&Drop>,
    covered: &mut Table<'_, u32, u64>,
    spares: &mut MultimapTable<'_, &[u8; 32], (u32, u64, u64)>,
    state: &mut Table<'_, &str, u64>,
) -> Result<(), redb::Error> {
    let mut dropping = txn.open_table(DROPPING)?;
    match drop {
        None => {}
        Some(Drop::Begin(segment, given_back)) => {
            covered.remove(segment)?;
            forget_copies(spares, *segment)?;
            dropping.insert(segment, given_back)?;
        }
        Some(Drop::Done(segment)) => {
            let given_back = dropping.remove(segment)?.map_or(0, |row| row.value());
            let before = state.get(FREED)?.map_or(0, |value| value.value());
            state.insert(FREED, before.saturating_sub(given_back))?;
        }
    }
    Ok(())
}

fn forget_copies(
    spares: &mut MultimapTable<'_, &[u8; 32], (u32, u64, u64)>,
    segment: u32,
) -> Result<(), redb::Error> {
    let mut after: Option<[u8; 32]> = None;
    loop {
        let mut theirs = Vec::new();
        let last = after.take();
        let from = last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        for row in spares.range::<&[u8; 32]>((from, Bound::Unbounded))? {
            let (hash, spans) = row?;
            let hash = *hash.value();
            for span in spans {
                let span = Span::of(span?.value());
                if span.segment == segment {
                    theirs.push((hash, span));
                }
            }
            if theirs.len() >= NOTES_AT_ONCE {
                after = Some(hash);
                break;
            }
        }
        for (hash, span) in &theirs {
            spares.remove(hash, span.row())?;
        }
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Lets a segment go whose records are all somewhere else, durably.
pub fn drop_segment(
    segments: &Segments,
    index: &Index,
    segment: u32,
    given_back: u64,
) -> Result<(), StoreError> {
    let begin = Some(Drop::Begin(segment, given_back));
    index.commit(&Batch { drop: begin, ..Batch::default() })?;
    finish(segments, index, segment)
}

fn finish(segments: &Segments, index: &Index, segment: u32) -> Result<(), StoreError> {
    let path = segments.path(segment);
    let io = |error| StoreError::io(format!("remove {}", path.display()), error);
    durable::remove_durable(&path).map_err(io)?;
    segments.forget(segment);
    index.commit(&Batch { drop: Some(Drop::Done(segment)), ..Batch::default() })?;
    Ok(())
}

/// Brings every dropping that was cut short to its end. Gives the segments that are gone now.
pub fn resume(segments: &Segments, index: &Index) -> Result<Vec<u32>, StoreError> {
    let left: Vec<u32> = index.with("read", |db| {
        let table = db.begin_read()?.open_table(DROPPING)?;
        let rows = table.iter()?.map(|row| Ok(row?.0.value()));
        rows.collect()
    })?;
    for segment in &left {
        tracing::info!(segment, "a segment that was to go is removed");
        finish(segments, index, *segment)?;
    }
    Ok(left)
}
