//! CAR-9, CAR-11, CAR-12: marks and parity sets.
use super::*;
use proptest::prelude::*;

fn set() -> Hash {
    Hash::of(b"set")
}

fn parity(shard: u64, parity: u64, lengths: &[u64]) -> Result<ParitySet, Reject> {
    ParitySet::new(set(), shard, parity, lengths.to_vec())
}

#[test]
fn car_9_marks() {
    let mark = Volume::new(set(), 3, 12, 0);
    assert_eq!(Volume::decode(&mark.encode()).unwrap(), mark);
    assert_eq!((mark.total(), mark.parity), (12, None));
    let with = Volume::new(set(), 14, 12, 3);
    assert_eq!(Volume::decode(&with.encode()).unwrap().total(), 15);
    for (number, count, parity) in
        [(0, 1, 0), (2, 1, 0), (1, 0, 1), (1, 1000, 0), (1, 200, 57), (1, u64::MAX, 1), (16, 12, 3)]
    {
        let bad = Volume::new(set(), number, count, parity);
        assert_eq!(Volume::decode(&bad.encode()).unwrap_err().clause, "CAR-9", "{bad:?}");
    }
    let zero = Volume { parity: Some(0), ..mark.clone() };
    assert_eq!(Volume::decode(&zero.encode()).unwrap_err().clause, "CAR-9");
    let newer = Volume { format: 2, ..mark };
    assert_eq!(Volume::decode(&newer.encode()).unwrap_err().clause, "ENC-9");
}

#[test]
fn car_11_rows_and_regions() {
    let set = parity(128, 2, &[300, 128, 100]).unwrap();
    assert_eq!((set.rows(), set.volumes()), (3, 5));
    assert_eq!([set.width(0), set.width(1), set.width(2)], [128, 128, 64]);
    assert_eq!(
        [set.region(0, 2), set.region(1, 1), set.region(2, 0)],
        [(256, 44), (128, 0), (0, 100)]
    );
    assert_eq!(set.place(4, 2), (0, (2 * 5 + 4) * 32));
    assert_eq!((set.table.len(), set.table_length(0)), (1, 3 * 5 * 32));
    // A table of several blocks.
    let long = parity(64, 1, &[64 * 5000, 1]).unwrap();
    assert_eq!((long.rows_per_block(), long.table.len()), (2730, 2));
    assert_eq!(long.table_length(1), (5000 - 2730) * 96);
    assert_eq!(long.place(1, 2731), (1, 3 * 32 + 32));
    assert_eq!(ParitySet::decode(&long.encode()).unwrap(), long);
}

#[test]
fn car_11_what_a_stranger_claims_costs_nothing() {
    for (shard, m, lengths) in [
        (0, 1, vec![5]),
        (63, 1, vec![5]),
        (262_208, 1, vec![5]),
        (64, 0, vec![5]),
        (64, 1, vec![]),
        (64, 1, vec![5, 0]),
        (64, 256, vec![5]),
        (64, u64::MAX, vec![5]),
        (64, 1, vec![5; 256]),
        (64, 1, vec![u64::MAX]),
        (64, 1, vec![1 << 40]),
        (262_144, 200, vec![5; 50]),
    ] {
        assert_eq!(parity(shard, m, &lengths).unwrap_err().clause, "CAR-11", "{shard} {m}");
    }
    let good = parity(64, 1, &[100, 200]).unwrap();
    let more = ParitySet { table: vec![good.table[0]; 2], ..good.clone() };
    assert_eq!(ParitySet::decode(&more.encode()).unwrap_err().clause, "CAR-12");
    let none = ParitySet { table: vec![], ..good.clone() };
    assert_eq!(ParitySet::decode(&none.encode()).unwrap_err().clause, "CAR-12");
    let structure = BlockId::dag_cbor(b"x");
    let other = ParitySet { table: vec![structure], ..good };
    assert_eq!(ParitySet::decode(&other.encode()).unwrap_err().clause, "CAR-12");
}

#[test]
fn car_11_shards_keep_rows_in_bounds() {
    for volumes in 2..=256 {
        let shard = ParitySet::shard_for(volumes);
        assert!(shard.is_multiple_of(64) && shard * volumes <= MAX_PARITY_ROW_BYTES as u64);
        assert!(parity(shard, 1, &vec![1 << 20; volumes as usize - 1]).is_ok());
    }
    assert_eq!(ParitySet::shard_for(16), 262_144);
}

proptest! {
    #[test]
    fn car_11_every_place_is_in_the_table(
        steps in 1u64..40, m in 1u64..20, lengths in prop::collection::vec(1u64..200_000, 1..20),
    ) {
        let set = parity(steps * 64, m, &lengths).unwrap();
        for row in [0, set.rows() / 2, set.rows() - 1] {
            for volume in 0..set.volumes() {
                let (block, at) = set.place(volume, row);
                prop_assert!(at + 32 <= set.table_length(block));
            }
        }
        let total: usize = (0..set.table.len()).map(|n| set.table_length(n)).sum();
        prop_assert_eq!(total as u64, set.rows() * set.volumes() * 32);
        let sums = (0..set.rows()).map(|row| set.region(0, row).1).sum::<u64>();
        prop_assert_eq!(sums, lengths[0]);
    }
}

/// Changes some bytes, and cuts.
fn bent(mut bytes: Vec<u8>, hits: &[(prop::sample::Index, u8)], cut: usize) -> Vec<u8> {
    for (at, byte) in hits {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    bytes.truncate(bytes.len().saturating_sub(cut));
    bytes
}

proptest! {
    /// What the fuzz target `volumes` holds, for bytes that are nearly right: what is accepted encodes to the same bytes, and
    /// its numbers are within bounds.
    #[test]
    fn car_9_car_11_what_is_accepted_is_within_bounds(
        numbers in (1u64..300, 1u64..300, 0u64..300),
        shard in 1u64..6000, lengths in prop::collection::vec(1u64..900_000, 1..30),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in 0usize..3,
    ) {
        let (number, count, m) = numbers;
        let bytes = bent(Volume::new(set(), number, count, m).encode(), &hits, cut);
        if let Ok(mark) = Volume::decode(&bytes) {
            prop_assert_eq!(mark.encode(), bytes);
            prop_assert!(mark.number >= 1 && mark.number <= mark.total());
            prop_assert!(mark.total() <= MAX_VOLUMES as u64);
        }
        if let Ok(good) = parity(shard * 64, m, &lengths) {
            let bytes = bent(good.encode(), &hits, cut);
            if let Ok(set) = ParitySet::decode(&bytes) {
                prop_assert_eq!(set.encode(), bytes);
                prop_assert!(set.rows() * set.volumes() <= MAX_PARITY_REGIONS);
                prop_assert!(set.width(0) * set.volumes() <= MAX_PARITY_ROW_BYTES as u64);
                let (block, at) = set.place(set.volumes() - 1, set.rows() - 1);
                prop_assert_eq!(at + 32, set.table_length(block));
            }
        }
    }
}
