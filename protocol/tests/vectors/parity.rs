//! carrier.md, CAR-13: the code, by the library that the program uses.

use crate::case::{Case, Outcome, list, number};
use crate::formula::data;
use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{HighRateDecoder, HighRateEncoder, RateDecoder, RateEncoder};
use yadgar_protocol::Hash;
use yadgar_protocol::carrier::ParitySet;

/// Shards of parity of some volumes; and any of them are enough to have the volumes again.
pub fn rows(case: &Case) -> Outcome {
    assert_eq!(case.kind, "parity");
    let volumes: Vec<Vec<u8>> = list(case.input, "volumes").iter().map(data).collect();
    let lengths = volumes.iter().map(|volume| volume.len() as u64).collect();
    let (shard, parity) = (number(case.input, "shard"), number(case.input, "parity"));
    let set = ParitySet::new(Hash::of(b"set"), shard, parity, lengths).unwrap();
    let rows: Vec<Vec<String>> = (0..set.rows()).map(|row| one_row(&set, &volumes, row)).collect();
    Outcome::good().with("rows", serde_json::json!(rows))
}

fn one_row(set: &ParitySet, volumes: &[Vec<u8>], row: u64) -> Vec<String> {
    let width = set.width(row) as usize;
    let region = |n: usize| {
        let (at, length) = set.region(n, row);
        let mut bytes =
            volumes[n].get(at as usize..(at + length) as usize).unwrap_or_default().to_vec();
        bytes.resize(width, 0);
        bytes
    };
    let (count, parity) = (volumes.len(), set.parity as usize);
    let mut coder = HighRateEncoder::new(count, parity, width, DefaultEngine::new(), None).unwrap();
    (0..count).for_each(|n| coder.add_original_shard(region(n)).unwrap());
    let made = coder.encode().unwrap();
    let shards: Vec<Vec<u8>> = made.recovery_iter().map(<[u8]>::to_vec).collect();
    // The last volumes from the last shards.
    let lost = count.min(parity);
    let mut back = HighRateDecoder::new(count, parity, width, DefaultEngine::new(), None).unwrap();
    (0..count - lost).for_each(|n| back.add_original_shard(n, region(n)).unwrap());
    (parity - lost..parity).for_each(|n| back.add_recovery_shard(n, &shards[n]).unwrap());
    let restored = back.decode().unwrap();
    (count - lost..count)
        .for_each(|n| assert_eq!(restored.restored_original(n), Some(&*region(n))));
    shards.iter().map(|shard| Hash::of(shard).to_hex()).collect()
}
