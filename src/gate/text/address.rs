//! Street addresses: where people live, or lived with those who still do.

use super::Hit;
use crate::gate::code::Code;

/// What names a house, with a number behind it.
const HOUSE: [&str; 6] = ["پلاک", "کد پستی", "کدپستی", "postal code", "postcode", "zip code"];
const ALLEY: [&str; 4] = ["کوچه", "بن\u{200c}بست", "بن بست", "alley"];
const STREETS: [&str; 11] =
    ["street", "st", "avenue", "ave", "alley", "lane", "road", "rd", "boulevard", "blvd", "drive"];
/// Streets are named after days: `15 Khordad Street` is no house.
const MONTHS: [&str; 13] = [
    "farvardin",
    "ordibehesht",
    "khordad",
    "tir",
    "mordad",
    "shahrivar",
    "mehr",
    "aban",
    "azar",
    "dey",
    "bahman",
    "esfand",
    "november",
];
/// How far behind the word the number stands.
const NEAR: usize = 8;

/// Finds them.
pub fn lint(chars: &[char], hits: &mut Vec<Hit>) {
    let lower: String = chars.iter().flat_map(|c| c.to_lowercase()).collect();
    if let Some(word) = HOUSE.iter().find(|word| number_behind(&lower, word)) {
        hits.push(Hit::sure(Code::Address, format!("«{word}» with a number")));
    } else if let Some(word) = ALLEY.iter().find(|word| number_behind(&lower, word)) {
        hits.push(Hit::sure(Code::Address, format!("«{word}» with a number")));
    } else if english(&lower) {
        hits.push(Hit::sure(Code::Address, "a house in a street"));
    } else if let Some(word) = ALLEY.iter().find(|word| lower.contains(**word)) {
        hits.push(Hit::unsure(Code::Address, format!("«{word}»")));
    }
}

fn number_behind(lower: &str, word: &str) -> bool {
    lower.match_indices(word).any(|(at, _)| {
        let rest = lower[at + word.len()..].chars().take(NEAR);
        let rest: String = rest.take_while(|c| !".،,\n".contains(*c)).collect();
        rest.contains(|c: char| c.is_ascii_digit())
    })
}

/// A number, one to three words, and a word for a street.
fn english(lower: &str) -> bool {
    let words: Vec<&str> = lower.split([' ', ',', '\n']).filter(|w| !w.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let house = (1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        let next = words.get(at + 1).copied().unwrap_or_default();
        if !house || MONTHS.contains(&next) || !next.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            return false;
        }
        let ends = |n: usize| words.get(at + n).map(|w| w.trim_end_matches(['.', ';', ')']));
        (2..=4).any(|n| ends(n).is_some_and(|w| STREETS.contains(&w)))
    })
}
