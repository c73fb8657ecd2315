//! Check numbers over words: a Reed-Solomon code in GF(2^9) (spec: key-paper.md, PAPER-6; invite.md, INV-9).
//!
//! The texts are short, so wrong places are found by trying them all: little code, easily seen to be right.

use std::sync::LazyLock;

/// Check numbers behind the data.
pub const CHECK: usize = 6;
/// Equations that are left unused when places are unknown: what a chance fit would have to meet.
const SPARE: usize = 2;

/// x^9 + x^4 + 1.
const POLYNOMIAL: u32 = 0b10_0001_0001;

fn times(a: u16, b: u16) -> u16 {
    let (mut a, mut b, mut product) = (u32::from(a), b, 0);
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a <<= 1;
        if a & 0x200 != 0 {
            a ^= POLYNOMIAL;
        }
        b >>= 1;
    }
    // Below 512 by the reduction above.
    product as u16
}

/// Powers of 2, which generates the field: 511 of them, then they begin again.
static POWERS: LazyLock<[u16; 511]> = LazyLock::new(|| {
    let mut powers = [1; 511];
    for i in 1..511 {
        powers[i] = times(powers[i - 1], 2);
    }
    powers
});

fn power_of_2(exponent: usize) -> u16 {
    POWERS[exponent % 511]
}

/// The inverse of a number that is not 0.
fn inverse(a: u16) -> u16 {
    let log = POWERS.iter().position(|power| *power == a).unwrap_or_default();
    power_of_2(511 - log)
}

/// Value of the polynomial at each of the points; all zero when nothing is wrong.
pub fn syndromes(numbers: &[u16]) -> [u16; CHECK] {
    std::array::from_fn(|i| {
        let point = power_of_2(i);
        numbers.iter().fold(0, |sum, number| times(sum, point) ^ number)
    })
}

/// The data (at most 505 numbers below 512) with the check numbers behind it.
pub fn complete(data: &[u16]) -> Vec<u16> {
    let total = data.len() + CHECK;
    let mut numbers = data.to_vec();
    numbers.resize(total, 0);
    let places: Vec<usize> = (data.len()..total).collect();
    // Six equations for six unknowns: there is exactly one answer.
    for (place, value) in solve(total, &places, &syndromes(&numbers)).unwrap_or_default() {
        numbers[place] = value;
    }
    numbers
}

/// What must be added at these places of `total` to make all syndromes zero; `None` when nothing does.
pub fn solve(
    total: usize,
    places: &[usize],
    syndromes: &[u16; CHECK],
) -> Option<Vec<(usize, u16)>> {
    let unknowns = places.len();
    let mut rows: Vec<Vec<u16>> = (0..CHECK)
        .map(|i| {
            let weights = places.iter().map(|place| power_of_2(i * (total - 1 - place)));
            weights.chain([syndromes[i]]).collect()
        })
        .collect();
    for column in 0..unknowns {
        let pivot = (column..CHECK).find(|row| rows[*row][column] != 0)?;
        rows.swap(column, pivot);
        let scale = inverse(rows[column][column]);
        let row: Vec<u16> = rows[column].iter().map(|v| times(*v, scale)).collect();
        for (at, other) in rows.iter_mut().enumerate() {
            let factor = other[column];
            if at != column && factor != 0 {
                for (value, by) in other.iter_mut().zip(&row) {
                    *value ^= times(*by, factor);
                }
            }
        }
        rows[column] = row;
    }
    if rows[unknowns..].iter().any(|row| row[unknowns] != 0) {
        return None;
    }
    Some(places.iter().zip(&rows).map(|(place, row)| (*place, row[unknowns])).collect())
}

/// The fewest changes that make the numbers fit: at the `unknown` places (which hold 0), and at up to two others.
/// `None` when no so small change does.
pub fn mend(numbers: &[u16], unknown: &[usize]) -> Option<Vec<(usize, u16)>> {
    let (total, syndromes) = (numbers.len(), syndromes(numbers));
    if unknown.len() > CHECK - SPARE {
        return None;
    }
    if let Some(found) = solve(total, unknown, &syndromes) {
        return Some(found);
    }
    let others: Vec<usize> = (0..total).filter(|place| !unknown.contains(place)).collect();
    let with = |more: &[usize]| solve(total, &[unknown, more].concat(), &syndromes);
    if unknown.len() + 2 <= CHECK - SPARE
        && let Some(found) = others.iter().find_map(|place| with(&[*place]))
    {
        return Some(found);
    }
    if unknown.len() + 4 > CHECK - SPARE {
        return None;
    }
    let pairs = others.iter().enumerate().flat_map(|(i, a)| others[..i].iter().map(|b| [*b, *a]));
    pairs.into_iter().find_map(|pair| with(&pair))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paper_6_the_field() {
        // 2 generates all 511 numbers that are not 0.
        let mut seen: Vec<u16> = POWERS.to_vec();
        seen.sort_unstable();
        assert_eq!(seen, (1..512).collect::<Vec<u16>>());
        assert!((1..512).all(|a| times(a, inverse(a)) == 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn paper_6_up_to_two_wrong_and_four_unknown(
            data in prop::collection::vec(0u16..512, 1..90),
            places in prop::collection::btree_set(0usize..7, 4), by in prop::array::uniform4(1u16..512),
            spread in 1usize..12,
        ) {
            let good = complete(&data);
            prop_assert_eq!(syndromes(&good), [0; CHECK]);
            let places: Vec<usize> = places.into_iter()
                .map(|place| if place * spread < good.len() { place * spread } else { place }).collect();
            prop_assume!(places.windows(2).all(|two| two[0] < two[1]));
            for wrong in 0..=2 {
                let mut bad = good.clone();
                for (place, by) in places.iter().zip(by).take(wrong) {
                    bad[*place] ^= by;
                }
                let mended = mend(&bad, &[]).unwrap();
                prop_assert_eq!(mended.len(), wrong);
                for (place, by) in mended {
                    bad[place] ^= by;
                }
                prop_assert_eq!(&bad, &good);
            }
            let mut bad = good.clone();
            for place in &places {
                bad[*place] = 0;
            }
            for (place, value) in mend(&bad, &places).unwrap() {
                bad[place] = value;
            }
            prop_assert_eq!(bad, good);
        }
    }
}
