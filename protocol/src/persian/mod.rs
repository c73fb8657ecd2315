//! Persian text as keys: folding, order of the alphabet, and a loose key that Persian and Latin spellings of
//! one name share (spec: persian.md). Text is kept and shown as it was received; only keys are folded.

pub mod order;
mod skeleton;

pub use skeleton::skeleton;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text that is folded, in characters; what follows does not count. Longer than any name.
pub const MAX_FOLDED: usize = 512;

/// The key of a text (FA-1): one form for each letter, no marks and joiners, digits 0 to 9, lower case, words
/// with one space between them.
pub fn fold(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.nfkd().take(MAX_FOLDED).flat_map(char::to_lowercase) {
        match letter(c) {
            Kind::Dropped => {}
            Kind::Gap => gap = true,
            Kind::Letter(c) => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(c);
            }
        }
    }
    out
}

/// The second key (FA-2): the first without its spaces, so that words written together or apart are one.
pub fn nospace(text: &str) -> String {
    fold(text).replace(' ', "")
}

/// A decimal digit in one of three scripts as 0 to 9; everything else as it is (FA-3).
pub fn ascii_digit(c: char) -> char {
    match c {
        '۰'..='۹' => char::from_u32(c as u32 - '۰' as u32 + '0' as u32).unwrap_or(c),
        '٠'..='٩' => char::from_u32(c as u32 - '٠' as u32 + '0' as u32).unwrap_or(c),
        other => other,
    }
}

enum Kind {
    Letter(char),
    Gap,
    Dropped,
}

/// One character after compatibility decomposition, which has split off hamza and madda above and below.
fn letter(c: char) -> Kind {
    let is_joiner = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}');
    match c {
        'ي' | 'ى' | 'ے' => Kind::Letter('ی'),
        'ك' | 'ڪ' => Kind::Letter('ک'),
        'ة' | 'ە' | 'ہ' | 'ھ' | 'ۂ' => Kind::Letter('ه'),
        'ٱ' => Kind::Letter('ا'),
        // Hamza alone, tatweel, soft hyphen, byte order mark, mark of Arabic letters, apostrophes.
        'ء' | 'ـ' | '\u{ad}' | '\u{feff}' | '\u{61c}' | '\'' | '’' | '‘' | 'ʼ' | 'ʿ' | 'ʾ'
        | '`' => Kind::Dropped,
        c if is_joiner(c) || is_combining_mark(c) => Kind::Dropped,
        c if c.is_alphanumeric() => Kind::Letter(ascii_digit(c)),
        _ => Kind::Gap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fa_1_one_form_for_each_letter() {
        for (a, b) in [
            ("علي", "علی"),
            ("كريمي", "کریمی"),
            ("مى\u{200c}روم", "میروم"),
            ("خانۀ", "خانه"),
            ("خانهٔ", "خانه"),
            ("أحمد", "احمد"),
            ("آذر", "اذر"),
            ("مؤمن", "مومن"),
            ("رئیس", "رییس"),
            ("فاطمة", "فاطمه"),
            ("مُحَمَّد", "محمد"),
            ("محـــمد", "محمد"),
            ("ﻼله", "لاله"),
            ("۱۳۹۸", "1398"),
            ("١٣٩٨", "1398"),
            ("ALI", "ali"),
            ("Ra’na", "rana"),
            ("  a \u{a0} b  ", "a b"),
        ] {
            assert_eq!(fold(a), fold(b), "{a}");
        }
        assert_eq!(fold("Sakhreh-Banafsheh"), "sakhreh banafsheh");
        assert_ne!(fold("علی"), fold("عالی"));
    }

    #[test]
    fn fa_2_words_together_or_apart() {
        for (a, b) in
            [("امیر حسین", "امیرحسین"), ("مهر\u{200c}شهر", "مهر شهر"), ("مهرشهر", "مهر شهر")]
        {
            assert_eq!(nospace(a), nospace(b));
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,80}") {
            let once = fold(&text);
            proptest::prop_assert_eq!(fold(&once), once.clone());
            proptest::prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
            let _ = skeleton(&text);
        }
    }
}
