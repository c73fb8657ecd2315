//! The words of a paper sheet (spec: key-paper.md, PAPER-5): bits of a sealed key as numbers of 9 bits.

use super::SEALED_BYTES;
use yadgar_protocol::words::{self, CHECK, Word, WordsError};

/// Numbers that carry data.
const DATA: usize = 8 * SEALED_BYTES / 9;
/// All numbers of a sheet.
const TOTAL: usize = DATA + CHECK;

/// The 70 words of a sealed key.
pub fn to_words(sealed: &[u8; SEALED_BYTES]) -> Vec<Word> {
    let bit = |at: usize| u16::from(sealed[at / 8] >> (7 - at % 8) & 1);
    let number = |i: usize| (0..9).fold(0, |number, at| number << 1 | bit(9 * i + at));
    words::to_words(&(0..DATA).map(number).collect::<Vec<u16>>())
}

/// The sealed key that words stand for. Words that cannot be read stand as `?`.
///
/// # Errors
/// See [`WordsError`].
pub fn from_words(text: &str) -> Result<[u8; SEALED_BYTES], WordsError> {
    let numbers = words::from_words(text, TOTAL..=TOTAL, &|_| true)?;
    let mut sealed = [0; SEALED_BYTES];
    for (i, number) in numbers.iter().enumerate() {
        for at in (0..9).filter(|at| number >> (8 - at) & 1 == 1) {
            sealed[(9 * i + at) / 8] |= 1 << (7 - (9 * i + at) % 8);
        }
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn paper_5_round_trip(bytes in prop::collection::vec(any::<u8>(), SEALED_BYTES)) {
            let bytes = <[u8; SEALED_BYTES]>::try_from(bytes).unwrap();
            let words = to_words(&bytes);
            prop_assert_eq!(words.len(), TOTAL);
            let text: String = words.iter().map(|word| format!("{} ", word.en)).collect();
            prop_assert_eq!(from_words(&text), Ok(bytes));
        }
    }

    #[test]
    fn paper_5_the_first_bit_is_the_highest() {
        let mut sealed = [0; SEALED_BYTES];
        (sealed[0], sealed[1], sealed[71]) = (0b1000_0000, 0b1100_0000, 1);
        let numbers: Vec<usize> = to_words(&sealed).iter().map(|word| word.index).collect();
        assert_eq!((numbers[0], numbers[1], numbers[63]), (0b1_0000_0001, 0b1_0000_0000, 1));
    }

    #[test]
    fn paper_5_a_sheet_has_70_words() {
        let words: Vec<_> = to_words(&[7; SEALED_BYTES]).iter().map(|word| word.en).collect();
        let refused = from_words(&words[..50].join(" "));
        assert_eq!(refused, Err(WordsError::Count { have: 50, want: "70".into() }));
    }
}
