//! Words for people: six by which they compare an archive (spec: invite.md, INV-5), eight for a key
//! (encoding.md, ID-6), and the list itself. Numbers as words with check words are read by [`from_words`].

mod code;
mod read;

pub use code::CHECK;
pub use read::{WordsError, from_words, looks_like_words, to_words};

use crate::ids::{ArchiveId, PublicKey};

/// 512 lines, each a Persian and an English word with a tab between. Normative.
const WORDS: &str = include_str!("../../spec/words.txt");
/// How often the value is hashed: makes a look-alike that many times dearer to find.
const ROUNDS: u32 = 262_144;
/// Bits of one word.
const BITS: u32 = 9;

/// One of the 512 words, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// 0-based line of the list.
    pub index: usize,
    /// In Persian.
    pub fa: &'static str,
    /// In English.
    pub en: &'static str,
}

/// The six words of an archive (INV-5). Costs 262144 hashes, some hundredths of a second: keep the
/// result.
pub fn six_words(archive: &ArchiveId) -> [Word; 6] {
    let id = &archive.0.0;
    let mut value = blake3::derive_key("yadgar 2026 six words", id);
    let mut input = [0; 64];
    input[32..].copy_from_slice(id);
    for _ in 0..ROUNDS {
        input[..32].copy_from_slice(&value);
        value = *blake3::hash(&input).as_bytes();
    }
    indexes(&value).map(word)
}

/// The eight words of a public key (ID-6): its fingerprint, to compare by voice or on paper.
pub fn key_words(key: &PublicKey) -> [Word; 8] {
    indexes(&blake3::derive_key("yadgar 2026 key words", key.as_bytes())).map(word)
}

/// The first 9 bits for each of `N` words (at most 14), most significant first.
fn indexes<const N: usize>(value: &[u8; 32]) -> [usize; N] {
    let bits = value[..16].iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    std::array::from_fn(|i| (bits >> (u128::BITS - BITS * (i as u32 + 1)) & 0x1ff) as usize)
}

/// All 512 words, in the order of the list.
pub fn all_words() -> impl Iterator<Item = Word> {
    WORDS.lines().enumerate().map(|(index, line)| of_line(index, line))
}

/// The word of a number; the empty word from 512 on.
pub fn word(index: usize) -> Word {
    of_line(index, WORDS.lines().nth(index).unwrap_or_default())
}

fn of_line(index: usize, line: &'static str) -> Word {
    // A test makes sure that every line has both.
    let (fa, en) = line.split_once('\t').unwrap_or_default();
    Word { index, fa, en }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Hash;
    use std::collections::BTreeSet;
    use unicode_normalization::is_nfc;

    #[test]
    fn inv_5_the_list() {
        assert_eq!(WORDS.lines().count(), 512);
        assert!(WORDS.ends_with('\n') && !WORDS.contains('\r') && is_nfc(WORDS));
        let words: Vec<Word> = (0..512).map(word).collect();
        assert_eq!(words.iter().map(|w| w.fa).collect::<BTreeSet<_>>().len(), 512);
        assert_eq!(words.iter().map(|w| w.en).collect::<BTreeSet<_>>().len(), 512);
        for Word { fa, en, .. } in words {
            assert!(!en.is_empty() && en.bytes().all(|b| b.is_ascii_lowercase()), "{en}");
            let persian = |c: char| matches!(c, '\u{621}'..='\u{6cc}') && !"يكةى".contains(c);
            assert!(!fa.is_empty() && fa.chars().all(persian), "{fa}");
        }
    }

    #[test]
    fn inv_5_bits_from_the_most_significant() {
        let mut value = [0; 32];
        value[0] = 0b1000_0000;
        assert_eq!(indexes(&value), [256, 0, 0, 0, 0, 0]);
        value[..7].copy_from_slice(&[0, 0b1000_0000, 0, 0, 0, 0, 0b1011_1111]);
        assert_eq!(indexes(&value), [1, 0, 0, 0, 0, 0b10_1111]);
        assert_eq!(indexes(&[0xff; 32]), [511; 6]);
        value[7..9].copy_from_slice(&[0, 0b0000_0101]);
        assert_eq!(indexes(&value), [1, 0, 0, 0, 0, 0b10_1111, 0b1_1000_0000, 0b101]);
    }

    #[test]
    fn id_6_eight_words_of_a_key() {
        let of = |seed: u8| {
            let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key();
            key_words(&PublicKey::from_bytes(key.to_bytes()).unwrap()).map(|w| w.index)
        };
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
        // The first 72 bits of the hash, computed apart.
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        let hash = blake3::derive_key("yadgar 2026 key words", key.as_bytes());
        let text: String = hash[..9].iter().map(|byte| format!("{byte:08b}")).collect();
        let expected: Vec<_> =
            (0..8).map(|i| usize::from_str_radix(&text[9 * i..9 * i + 9], 2).unwrap()).collect();
        assert_eq!(of(7).to_vec(), expected);
    }

    #[test]
    fn inv_5_words_belong_to_the_archive() {
        let of = |name: &[u8]| six_words(&ArchiveId(Hash::of(name))).map(|w| w.index);
        assert_eq!(of(b"a"), of(b"a"));
        assert_ne!(of(b"a"), of(b"b"));
    }
}
