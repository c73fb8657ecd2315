//! Six words by which two people compare an archive by voice (spec: invite.md, INV-5).

use crate::ids::ArchiveId;

/// 512 lines, each a Persian and an English word with a tab between. Normative.
const WORDS: &str = include_str!("../spec/words.txt");
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

/// The first 54 bits as six numbers, most significant first.
fn indexes(value: &[u8; 32]) -> [usize; 6] {
    let bits = value[..8].iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    std::array::from_fn(|i| (bits >> (u64::BITS - BITS * (i as u32 + 1)) & 0x1ff) as usize)
}

fn word(index: usize) -> Word {
    let line = WORDS.lines().nth(index).unwrap_or_default();
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
    }

    #[test]
    fn inv_5_words_belong_to_the_archive() {
        let of = |name: &[u8]| six_words(&ArchiveId(Hash::of(name))).map(|w| w.index);
        assert_eq!(of(b"a"), of(b"a"));
        assert_ne!(of(b"a"), of(b"b"));
    }
}
