//! Rules for texts: what people write by mistake into what everybody will read.
//!
//! They read the text as it was typed, in three kinds of digits, and find more than there is rather than less.

mod address;
mod coordinates;
mod fold;
mod given;
mod hidden;
mod kin;
mod links;
mod mail;
mod numbers;
mod read;

use super::code::Code;
use fold::fold;
use read::{Sign, Text};

/// Most characters that cannot be seen, and most tags, of one text that are told one by one.
const MAX_ALIKE: usize = 1000;

/// Something in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What kind.
    pub code: Code,
    /// True when it is nearly certain; otherwise it is worth a look.
    pub sure: bool,
    /// Its ends, for people to find it.
    pub shown: String,
}

impl Hit {
    fn sure(code: Code, shown: impl Into<String>) -> Self {
        Self { code, sure: true, shown: shown.into() }
    }

    fn unsure(code: Code, shown: impl Into<String>) -> Self {
        Self { code, sure: false, shown: shown.into() }
    }
}

/// Everything in a text that should be looked at.
pub fn lint(text: &str) -> Vec<Hit> {
    rules(text, &Text::of(text))
}

/// As [`lint`], of a text and of what its JSON says: its strings, each with a line of its own.
pub fn lint_json(text: &str, strings: &str) -> (Vec<Hit>, Vec<Hit>) {
    let whole = Text::of(text);
    // What is not escaped says nothing that does not stand in the text.
    let plain = text.is_ascii() && !text.contains('\\');
    let parts = match plain && !whole.telling {
        true => Text::telling_nothing(strings),
        false => Text::of(strings),
    };
    (rules(text, &whole), rules(strings, &parts))
}

fn rules(text: &str, folded: &Text) -> Vec<Hit> {
    let mut hits = hidden::lint(text);
    signs(folded, &mut hits);
    kin::lint(folded, &mut hits);
    address::lint(folded, &mut hits);
    hits
}

/// As [`lint`], of numbers, addresses of mail and positions alone.
pub fn lint_signs(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    signs(&Text::of(text), &mut hits);
    hits
}

/// As [`lint`], for an address: what is written as `%40` is read as `@`. Names and streets in it are part of the
/// address of a public source.
pub fn lint_url(url: &str) -> Vec<Hit> {
    let mut hits = hidden::lint(url);
    // Twice: a program that copies an address encodes the percent signs once more.
    signs(&Text::of(&percent_decoded(&percent_decoded(url))), &mut hits);
    hits
}

/// Numbers, addresses of mail, positions; most texts have no sign of any.
fn signs(text: &Text, hits: &mut Vec<Hit>) {
    let digits = text.has(Sign::Digit);
    if digits {
        numbers::lint(text, hits);
    }
    if text.has(Sign::At) || mail::is_spelled_out(text) {
        mail::lint(text, hits);
    }
    if digits || text.has(Sign::Slash) {
        coordinates::lint(text, hits);
    }
}

/// A text as the rules read it: one kind of letters and digits.
pub fn folded(text: &str) -> String {
    fold(text).into_iter().collect()
}

/// How often a text speaks of brothers or sisters.
pub fn siblings(text: &str) -> usize {
    kin::siblings(&Text::of(text))
}

/// How often a text speaks of a school.
pub fn schools(text: &str) -> usize {
    let words = ["مدرسه", "دبیرستان", "دبستان", "هنرستان", "راهنمایی"];
    let lower = text.to_lowercase();
    let english = lower.split(|c: char| !c.is_alphanumeric());
    let english = english.filter(|w| w.strip_suffix('s').unwrap_or(w) == "school").count();
    english + words.iter().map(|w| text.matches(w).count()).sum::<usize>()
}

fn percent_decoded(url: &str) -> String {
    let (mut out, bytes) = (Vec::with_capacity(url.len()), url.as_bytes());
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The first and last two characters of what was found: enough to find it, too little to pass on.
fn ends(found: &[char]) -> String {
    let head: String = found.iter().take(2).collect();
    let tail: String = found.iter().skip(found.len().saturating_sub(2).max(2)).collect();
    format!("{head}…{tail}")
}

/// True when the characters at `at` are those of `word`.
fn starts(chars: &[char], at: usize, word: &str) -> bool {
    let mut rest = chars.get(at..).unwrap_or_default().iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

#[cfg(test)]
#[path = "evasion_tests.rs"]
mod evasions;
#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
