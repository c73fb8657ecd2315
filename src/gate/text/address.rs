//! Street addresses: where people live, or lived with those who still do.

use super::Hit;
use super::read::{Sign, Text};
use crate::gate::code::Code;

/// What names a house, with a number behind it.
const HOUSE: [&str; 10] = [
    "پلاک",
    "کد پستی",
    "کدپستی",
    "صندوق پستی",
    "postal code",
    "postcode",
    "zip code",
    "p.o. box",
    "po box",
    "apartment",
];
/// What names a street, and the word for a number in it.
const STREET: [&str; 4] = ["خیابان", "کوی", "بلوار", "میدان"];
const NUMBER: &str = "شماره";
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
/// How far behind the word the number stands: at once, or behind the name of an alley.
const NEAR: usize = 8;
const NEAR_ALLEY: usize = 24;

/// Without which there is nothing to find but houses in [`english`].
pub fn words() -> impl Iterator<Item = &'static str> {
    HOUSE.into_iter().chain(ALLEY).chain(STREET)
}

/// Finds them.
pub fn lint(text: &Text, hits: &mut Vec<Hit>) {
    if !text.telling {
        let hit = Hit::sure(Code::Address, "a house in a street");
        hits.extend(std::iter::repeat_n(hit, english(text)));
        return;
    }
    let all: String;
    let lower = match text.ascii {
        true => text.lower.as_str(),
        false => {
            all = text.chars().iter().flat_map(|c| c.to_lowercase()).collect();
            all.as_str()
        }
    };
    // Most texts have none of these words, and of ASCII none of Persian.
    let there = |word: &str| {
        (!text.ascii || word.is_ascii())
            && memchr::memmem::find(lower.as_bytes(), word.as_bytes()).is_some()
    };
    let before = hits.len();
    let words = HOUSE.iter().map(|word| (word, NEAR));
    let words = words.chain(ALLEY.iter().map(|word| (word, NEAR_ALLEY)));
    for (word, near) in words.filter(|(word, _)| there(word)) {
        let hit = Hit::sure(Code::Address, format!("«{word}» with a number"));
        hits.extend(std::iter::repeat_n(hit, numbers_behind(lower, word, near)));
    }
    let streets = STREET.iter().filter(|word| there(word)).map(|word| numbered(lower, word));
    let houses = streets.sum::<usize>() + english(text);
    hits.extend(std::iter::repeat_n(Hit::sure(Code::Address, "a house in a street"), houses));
    if hits.len() > before {
        return;
    }
    if let Some(word) = ALLEY.iter().find(|word| there(word)) {
        hits.push(Hit::unsure(Code::Address, format!("«{word}»")));
    }
}

/// «خیابان نمونه، شماره ۱۲»
fn numbered(lower: &str, street: &str) -> usize {
    let with_number = |at: usize| {
        let rest: String =
            lower[at..].chars().take(NEAR_ALLEY * 2).take_while(|c| *c != '.').collect();
        numbers_behind(&rest, NUMBER, NEAR) > 0
    };
    lower.match_indices(street).filter(|(at, _)| with_number(*at)).count()
}

/// How often the word stands there with a number near behind it.
fn numbers_behind(lower: &str, word: &str, near: usize) -> usize {
    let with_number = |at: usize| {
        let rest = lower[at + word.len()..].chars().take(near);
        let rest: String = rest.take_while(|c| !".،,\n".contains(*c)).collect();
        rest.contains(|c: char| c.is_ascii_digit())
    };
    lower.match_indices(word).filter(|(at, _)| with_number(*at)).count()
}

/// A number, one to three names, and a word for a street.
fn english(text: &Text) -> usize {
    if !text.has(Sign::Digit) || !text.has(Sign::Capital) {
        return 0;
    }
    let words: Vec<&str> = text.text.split([' ', ',', '\n']).filter(|w| !w.is_empty()).collect();
    let is_house = |at: usize, word: &str| {
        let house = (1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        let rest = words.get(at + 1..).unwrap_or_default();
        let month = rest.first().is_some_and(|w| MONTHS.contains(&w.to_lowercase().as_str()));
        if !house || month {
            return false;
        }
        let names = rest.iter().take(4).take_while(|w| w.starts_with(char::is_uppercase));
        let street = |w: &str| {
            STREETS.contains(&w.trim_end_matches(['.', ';', ')']).to_lowercase().as_str())
        };
        names.skip(1).any(|w| street(w)) || (rest.len() > 1 && street(rest[1]) && is_name(rest[0]))
    };
    words.iter().enumerate().filter(|(at, word)| is_house(*at, word)).count()
}

fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}
