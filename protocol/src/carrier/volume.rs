//! Carriers that belong together: the mark of a volume, and what parity volumes know of a set
//! (spec: carrier.md, CAR-8 to CAR-15).

use crate::cbor::{FORMAT, check_format};
use crate::ids::{BlockId, Codec, Hash};
use crate::limits::{MAX_BLOCK_BYTES, MAX_PARITY_REGIONS, MAX_PARITY_ROW_BYTES};
use crate::limits::{MAX_PARITY_VOLUMES, MAX_VOLUMES};
use crate::reject::Reject;
use serde::{Deserialize, Serialize};

/// Parity is computed over pieces of this many bytes (CAR-11).
pub const SHARD_STEP: u64 = 64;
/// Bytes of a hash in the table.
const HASH: u64 = 32;

/// Which volume of which set a carrier is (CAR-9). Field order is the encoding's (ENC-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Equal in all volumes of a set, different in every other set.
    pub set: Hash,
    /// Always `volume`.
    pub kind: String,
    /// Volumes of the set that hold blocks of the release.
    pub count: u64,
    /// Version of the format.
    pub format: u64,
    /// Of this one, from 1. Those above `count` are parity volumes.
    pub number: u64,
    /// Parity volumes of the set; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parity: Option<u64>,
}

impl Volume {
    /// The mark of volume `number` of `count` and `parity` volumes.
    pub fn new(set: Hash, number: u64, count: u64, parity: u64) -> Self {
        let parity = (parity > 0).then_some(parity);
        Self { set, kind: "volume".into(), count, format: FORMAT, number, parity }
    }

    /// All volumes of the set.
    pub fn total(&self) -> u64 {
        self.count.saturating_add(self.parity.unwrap_or(0))
    }

    /// Decodes a mark and checks it.
    ///
    /// # Errors
    /// Encoding clauses, `CAR-9`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let mark: Self = crate::cbor::decode(bytes, MAX_BLOCK_BYTES)?;
        check_format(mark.format, "CAR-9")?;
        let parity = mark.parity.is_none_or(|n| (1..=MAX_PARITY_VOLUMES as u64).contains(&n));
        let good = mark.kind == "volume"
            && parity
            && (1..=MAX_VOLUMES as u64).contains(&mark.total())
            && mark.count > 0
            && (1..=mark.total()).contains(&mark.number)
            && (mark.parity.is_none() || mark.total() <= MAX_PARITY_VOLUMES as u64);
        if good { Ok(mark) } else { Err(Reject::new("CAR-9", "not the mark of a volume")) }
    }

    /// The encoded mark.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }
}

/// What all parity volumes of a set say of it (CAR-11 to CAR-13). Field order is the encoding's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParitySet {
    /// The set.
    pub set: Hash,
    /// Always `parity`.
    pub kind: String,
    /// Bytes of a region: a multiple of 64.
    pub shard: u64,
    /// Blocks of the table of hashes, codec raw.
    pub table: Vec<BlockId>,
    /// Version of the format.
    pub format: u64,
    /// Parity volumes.
    pub parity: u64,
    /// Length of each volume that holds blocks, in bytes.
    pub lengths: Vec<u64>,
}

impl ParitySet {
    /// What is said of a set. The table is filled in when it is known.
    ///
    /// # Errors
    /// `CAR-11` when these numbers are not allowed.
    pub fn new(set: Hash, shard: u64, parity: u64, lengths: Vec<u64>) -> Result<Self, Reject> {
        let empty = BlockId { codec: Codec::Raw, hash: Hash([0; 32]) };
        let kind = "parity".to_owned();
        let mut new = Self { set, kind, shard, table: Vec::new(), format: FORMAT, parity, lengths };
        new.check_numbers()?;
        new.table = vec![empty; new.table_blocks() as usize];
        Ok(new)
    }

    /// Bytes of a region that keep a row of `volumes` in bounds: the greatest there may be.
    pub fn shard_for(volumes: u64) -> u64 {
        let most = MAX_PARITY_ROW_BYTES as u64 / volumes.max(1);
        (most - most % SHARD_STEP).clamp(SHARD_STEP, MAX_BLOCK_BYTES as u64)
    }

    /// Decodes and checks. Whatever the bytes claim, no more than they are is held.
    ///
    /// # Errors
    /// Encoding clauses, `CAR-11`, `CAR-12`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let set: Self = crate::cbor::decode(bytes, MAX_BLOCK_BYTES)?;
        check_format(set.format, "CAR-11")?;
        if set.kind != "parity" {
            return Err(Reject::new("CAR-11", "not a parity set"));
        }
        set.check_numbers()?;
        let raw = set.table.iter().all(|id| id.codec == Codec::Raw);
        if set.table.len() as u64 != set.table_blocks() || !raw {
            return Err(Reject::new("CAR-12", "a table of another size"));
        }
        Ok(set)
    }

    /// The encoded set.
    pub fn encode(&self) -> Vec<u8> {
        crate::cbor::encode(self)
    }

    fn check_numbers(&self) -> Result<(), Reject> {
        let bad = Err(Reject::new("CAR-11", "numbers that are not allowed"));
        let (data, most) = (self.lengths.len() as u64, MAX_PARITY_VOLUMES as u64);
        if data == 0 || self.parity == 0 || data > most || self.parity > most - data {
            return bad;
        }
        let step = self.shard.is_multiple_of(SHARD_STEP) && self.shard > 0;
        let row = self.shard.saturating_mul(self.volumes()) <= MAX_PARITY_ROW_BYTES as u64;
        if !step || self.shard > MAX_BLOCK_BYTES as u64 || !row || self.lengths.contains(&0) {
            return bad;
        }
        let regions = self.rows().checked_mul(self.volumes());
        if regions.is_none_or(|n| n > MAX_PARITY_REGIONS) { bad } else { Ok(()) }
    }

    /// All volumes: those that hold blocks, then those of parity.
    pub fn volumes(&self) -> u64 {
        self.lengths.len() as u64 + self.parity
    }

    /// Rows of regions, one of each volume.
    pub fn rows(&self) -> u64 {
        self.longest().div_ceil(self.shard)
    }

    fn longest(&self) -> u64 {
        self.lengths.iter().copied().max().unwrap_or(0)
    }

    /// Bytes of each shard of a row: the last row is as short as the longest volume allows.
    pub fn width(&self, row: u64) -> u64 {
        let rest = self.longest().saturating_sub(row.saturating_mul(self.shard)).min(self.shard);
        rest.next_multiple_of(SHARD_STEP)
    }

    /// Where the region of a row begins in volume `data`, and its length, 0 where the volume has ended.
    pub fn region(&self, data: usize, row: u64) -> (u64, u64) {
        let at = row.saturating_mul(self.shard);
        let length = self.lengths.get(data).copied().unwrap_or(0);
        (at, length.saturating_sub(at).min(self.shard))
    }

    /// Rows whose hashes stand in one block of the table.
    pub fn rows_per_block(&self) -> u64 {
        MAX_BLOCK_BYTES as u64 / (HASH * self.volumes())
    }

    fn table_blocks(&self) -> u64 {
        self.rows().div_ceil(self.rows_per_block())
    }

    /// Which block of the table has the hash of a region, and where: `volume` counts from 0, those of
    /// parity last.
    pub fn place(&self, volume: u64, row: u64) -> (usize, usize) {
        let per = self.rows_per_block();
        let within = (row % per) * self.volumes() + volume;
        ((row / per) as usize, (within * HASH) as usize)
    }

    /// Length of a block of the table.
    pub fn table_length(&self, block: usize) -> usize {
        let per = self.rows_per_block();
        let rows = self.rows().saturating_sub(block as u64 * per).min(per);
        (rows * self.volumes() * HASH) as usize
    }

    /// The hash of a region, out of the block of the table where it stands.
    pub fn hash_in(table: &[u8], at: usize) -> Option<Hash> {
        let bytes = table.get(at..at + HASH as usize)?;
        bytes.try_into().ok().map(Hash)
    }
}

#[cfg(test)]
#[path = "volume_tests.rs"]
mod tests;
