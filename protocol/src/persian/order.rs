//! The order of names (spec: persian.md, FA-4): the Persian alphabet by table, Latin by lower-case letters.
//!
//! Letters that are written in several ways (Arabic and Persian yeh, kaf and others) count as one,
//! marks and joiners do not count, and a space sorts before every letter.

/// The Persian alphabet. The code points are not in this order: that is why there is a table.
const ALPHABET: &str = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی";

/// A key that sorts as a Persian reader expects: Persian letters, then digits, then Latin.
pub fn persian_key(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).filter_map(weigh).collect()
}

/// A key that sorts as an English reader expects: Latin letters first.
pub fn latin_key(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).filter(|c| !is_ignored(*c)).collect()
}

/// One character of the key: its place in the alphabet, as a character above the controls.
fn weigh(c: char) -> Option<char> {
    if is_ignored(c) {
        return None;
    }
    let c = fold(c);
    let at = |n: usize| u32::try_from(n).ok().and_then(char::from_u32);
    if let Some(place) = ALPHABET.chars().position(|a| a == c) {
        return at(0x20 + place);
    }
    match c {
        _ if c.is_whitespace() => Some('\u{1}'),
        '0'..='9' => at(0x60 + c as usize - '0' as usize),
        // Everything else after the digits, among itself by code point.
        _ => char::from_u32(c as u32 + 0x100).or(Some(c)),
    }
}

fn fold(c: char) -> char {
    match c {
        'ي' | 'ى' | 'ئ' | 'ے' => 'ی',
        'ك' | 'ڪ' => 'ک',
        'ة' | 'ۀ' | 'ە' | 'ہ' | 'ھ' => 'ه',
        'أ' | 'إ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        other => super::ascii_digit(other),
    }
}

/// Hamza alone, tatweel, vowel marks, joiners and marks of direction.
fn is_ignored(c: char) -> bool {
    matches!(c, 'ء' | 'ـ' | '\u{ad}' | '\u{feff}' | '\u{61c}' | '\u{670}')
        || matches!(c, '\u{64b}'..='\u{65f}' | '\u{200b}'..='\u{200f}' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persian_letters_are_in_their_places() {
        let mut names =
            ["ژاله", "گیتی", "یاس", "آذر", "پری", "اختر", "چمن", "واله", "هما", "Sara", "۱۲"];
        names.sort_by_key(|n| persian_key(n));
        assert_eq!(
            names,
            ["آذر", "اختر", "پری", "چمن", "ژاله", "گیتی", "واله", "هما", "یاس", "۱۲", "Sara"]
        );
    }

    #[test]
    fn one_letter_written_in_several_ways() {
        assert_eq!(persian_key("علي كريمي"), persian_key("علی کریمی"));
        assert_eq!(persian_key("می\u{200c}روم"), persian_key("میروم"));
        assert!(persian_key("امیر حسین") < persian_key("امیران"));
    }
}
