//! Where files are cut.

use super::*;
use proptest::prelude::*;

/// Bytes that look random, the same each time.
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut out = vec![0; len];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut out);
    out
}

/// Cuts `data` with a buffer that is filled by at most `step` bytes at a time.
fn cuts(data: &[u8], step: usize) -> Vec<usize> {
    let (mut cuts, mut start, mut end) = (Vec::new(), 0, 0);
    loop {
        match next_cut(&data[start..end], end == data.len()) {
            Some(length) => {
                cuts.push(length);
                start += length;
            }
            None if end == data.len() => return cuts,
            None => end = (end + step).min(data.len()),
        }
    }
}

fn whole(data: &[u8]) -> Vec<usize> {
    FastCDC::new(data, CHUNK_MIN, CHUNK_AVG, CHUNK_MAX).map(|c| c.length).collect()
}

#[test]
fn chunk_1_small_files() {
    assert!(is_small(0) && is_small(65_536) && !is_small(65_537));
}

#[test]
fn chunk_2_the_cuts_are_pinned() {
    assert_eq!(
        cuts(&noise(600_000, 1), 600_000),
        [76_660, 159_933, 188_476, 66_903, 40_565, 67_463]
    );
    assert_eq!(cuts(&vec![0; 600_000], 4096), [262_144, 262_144, 75_712]);
}

#[test]
fn chunk_2_nothing_and_too_little() {
    assert_eq!(next_cut(&[], true), None);
    assert_eq!(next_cut(&[1; CHUNK_MAX - 1], false), None);
    assert_eq!(next_cut(&[1], true), Some(1));
    assert_eq!(next_cut(&[1; CHUNK_MAX], false), Some(CHUNK_MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn chunk_2_buffered_cuts_are_those_of_the_whole(
        len in 0usize..1_500_000, seed in 0u64..1000, zeros in 0usize..400_000, step in 1000usize..300_000,
    ) {
        let mut data = noise(len, seed);
        let middle = len / 2;
        data.splice(middle..middle, vec![0; zeros]);
        let cuts = cuts(&data, step);
        prop_assert_eq!(cuts.iter().sum::<usize>(), data.len());
        prop_assert!(cuts.iter().all(|c| (1..=CHUNK_MAX).contains(c)));
        prop_assert_eq!(cuts, whole(&data));
    }
}
