//! Words of a paper sheet: written, and read again from what people type (spec: key-paper.md, PAPER-5 to PAPER-7).

use super::SEALED_BYTES;
use super::code::{DATA, TOTAL, complete, mend, solve, syndromes};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use yadgar_protocol::words::{Word, all_words, word};
use zeroize::Zeroizing;

/// Why words give no key. Numbers are those on the sheet, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// Not a word of the list; the nearest one in spelling.
    #[error("word {number}, '{text}', is not in the list; did you mean '{near}'?")]
    Unknown {
        /// Number of the word.
        number: usize,
        /// What was typed.
        text: String,
        /// The word of the list that is spelled most like it.
        near: &'static str,
    },
    /// The Persian and the English word of one number are not the same.
    #[error("word {number}: '{fa}' and '{en}' do not belong together")]
    Pair {
        /// Number of the word.
        number: usize,
        /// The Persian word.
        fa: &'static str,
        /// The English word.
        en: &'static str,
    },
    /// In the list, but not what was written down.
    #[error("word {number} is wrong: '{typed}'; by the check words it is '{fa}' ({en})")]
    Wrong {
        /// Number of the word.
        number: usize,
        /// What was typed, in English.
        typed: &'static str,
        /// The right one in Persian.
        fa: &'static str,
        /// The right one in English.
        en: &'static str,
    },
    /// Two wrong words.
    #[error("words {0} and {1} are wrong: by the check words they are '{2}' and '{3}'")]
    Two(usize, usize, &'static str, &'static str),
    /// Two words that changed places.
    #[error("words {0} and {1} have changed places")]
    Swapped(usize, usize),
    /// One word too few.
    #[error("word {number} is missing: by the check words it is '{fa}' ({en})")]
    Missing {
        /// Number of the word.
        number: usize,
        /// The missing one in Persian.
        fa: &'static str,
        /// The missing one in English.
        en: &'static str,
    },
    /// One word too many.
    #[error("word {0} is one too many")]
    Extra(usize),
    /// Not 70 words, and not mended by adding or leaving out one.
    #[error("a sheet has {TOTAL} words, these are {0}")]
    Count(usize),
    /// Wrong in more places than can be named.
    #[error("more than two words are wrong or unreadable, which ones cannot be told")]
    Many,
}

/// The 70 words of a sealed key.
pub fn to_words(sealed: &[u8; SEALED_BYTES]) -> Vec<Word> {
    let bit = |at: usize| u16::from(sealed[at / 8] >> (7 - at % 8) & 1);
    let data: [u16; DATA] =
        std::array::from_fn(|i| (0..9).fold(0, |number, at| number << 1 | bit(9 * i + at)));
    complete(&data).iter().map(|number| word(usize::from(*number))).collect()
}

fn from_numbers(numbers: &[u16; TOTAL]) -> [u8; SEALED_BYTES] {
    let mut sealed = [0; SEALED_BYTES];
    for at in 0..9 * DATA {
        let bit = numbers[at / 9] >> (8 - at % 9) & 1;
        sealed[at / 8] |= (bit as u8) << (7 - at % 8);
    }
    sealed
}

/// The sealed key that words stand for. Words that cannot be read stand as `?`.
///
/// # Errors
/// See [`WordsError`].
pub fn from_words(text: &str) -> Result<[u8; SEALED_BYTES], WordsError> {
    let tokens = numbers_of(text)?;
    let Ok(given) = <[Option<u16>; TOTAL]>::try_from(tokens.as_slice()) else {
        return Err(miscounted(&tokens));
    };
    let unknown: Vec<usize> = (0..TOTAL).filter(|at| given[*at].is_none()).collect();
    let mut numbers = given.map(Option::unwrap_or_default);
    let changes = mend(&numbers, &unknown).ok_or(WordsError::Many)?;
    let wrong: Vec<_> = changes.iter().filter(|(at, _)| !unknown.contains(at)).collect();
    let is = |(at, by): &(usize, u16)| word(usize::from(numbers[*at] ^ by));
    match wrong[..] {
        [] => {}
        [one] => {
            let typed = word(usize::from(numbers[one.0])).en;
            let Word { fa, en, .. } = is(one);
            return Err(WordsError::Wrong { number: one.0 + 1, typed, fa, en });
        }
        [a, b, ..] => {
            let (first, second) = (is(a), is(b));
            let swapped = first.index == usize::from(numbers[b.0])
                && second.index == usize::from(numbers[a.0]);
            return Err(match swapped {
                true => WordsError::Swapped(a.0 + 1, b.0 + 1),
                false => WordsError::Two(a.0 + 1, b.0 + 1, first.en, second.en),
            });
        }
    }
    for (at, by) in changes {
        numbers[at] ^= by;
    }
    Ok(from_numbers(&numbers))
}

/// Finds the one word that is missing or too many.
fn miscounted(tokens: &[Option<u16>]) -> WordsError {
    let count = tokens.len();
    let fits = |list: Vec<Option<u16>>, place: &[usize]| {
        let list: Option<Vec<u16>> = list.into_iter().collect();
        let numbers = <[u16; TOTAL]>::try_from(list?).ok()?;
        solve(place, &syndromes(&numbers)).map(|changes| changes.first().map_or(0, |c| c.1))
    };
    let list = |at: usize| {
        let mut list = tokens.to_vec();
        list.insert(at, Some(0));
        list
    };
    if count + 1 == TOTAL {
        for at in 0..TOTAL {
            if let Some(number) = fits(list(at), &[at]) {
                let Word { fa, en, .. } = word(usize::from(number));
                return WordsError::Missing { number: at + 1, fa, en };
            }
        }
    }
    if count == TOTAL + 1 {
        for at in 0..count {
            let mut list = tokens.to_vec();
            list.remove(at);
            if fits(list, &[]).is_some() {
                return WordsError::Extra(at + 1);
            }
        }
    }
    WordsError::Count(count)
}

/// The number of each word; `None` for `?`. Where every word stands in both languages, once.
fn numbers_of(text: &str) -> Result<Vec<Option<u16>>, WordsError> {
    let known = Known::new();
    let mut found = Vec::new();
    for token in tokens(text) {
        found.push(match token.as_str() {
            "?" => None,
            token => Some(known.find(token, &found)?),
        });
    }
    let pairs = |same: bool| {
        let fits = |a: &(u16, Lang), b: &(u16, Lang)| a.1 != b.1 && (!same || a.0 == b.0);
        found.chunks(2).all(|pair| matches!(pair, [Some(a), Some(b)] if fits(a, b)))
    };
    // Pairs that are not the same word are an error only where the number of words is right.
    let both = pairs(true) || found.len() == 2 * TOTAL && pairs(false);
    let numbers = |list: Vec<Option<(u16, Lang)>>| list.into_iter().map(|w| w.map(|w| w.0));
    if !both {
        return Ok(numbers(found).collect());
    }
    for (at, pair) in found.chunks(2).enumerate() {
        if let [Some((a, lang)), Some((b, _))] = pair
            && a != b
        {
            let (fa, en) = if *lang == Lang::Fa { (a, b) } else { (b, a) };
            let (fa, en) = (word(usize::from(*fa)).fa, word(usize::from(*en)).en);
            return Err(WordsError::Pair { number: at + 1, fa, en });
        }
    }
    Ok(numbers(found).step_by(2).collect())
}

/// Folded words of a text, and `?` (PAPER-7).
fn tokens(text: &str) -> Vec<Zeroizing<String>> {
    let mut out = vec![Zeroizing::new(String::new())];
    for c in text.nfkc().flat_map(char::to_lowercase).filter_map(fold) {
        let question = matches!(c, '?' | '؟');
        if question || !c.is_alphabetic() {
            out.push(Zeroizing::new(if question { "?".into() } else { String::new() }));
        }
        if question {
            out.push(Zeroizing::new(String::new()));
        } else if c.is_alphabetic()
            && let Some(last) = out.last_mut()
        {
            last.push(c);
        }
    }
    out.retain(|token| !token.is_empty());
    out
}

/// One letter for all that look alike; `None` for what is no letter of its own.
fn fold(c: char) -> Option<char> {
    Some(match c {
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{640}' => return None,
        c if is_combining_mark(c) => return None,
        'ي' | 'ى' | 'ئ' | 'ې' => 'ی',
        'ك' => 'ک',
        'آ' | 'أ' | 'إ' | 'ٱ' => 'ا',
        'ؤ' => 'و',
        'ة' | 'ۀ' | 'ە' => 'ه',
        c => c,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lang {
    Fa,
    En,
}

/// The list by folded spelling.
struct Known(BTreeMap<String, (u16, Lang)>);

impl Known {
    fn new() -> Self {
        let folded = |text: &str| text.chars().filter_map(fold).collect::<String>();
        let both = all_words().flat_map(|w| {
            let number = w.index as u16; // Below 512.
            [(folded(w.fa), (number, Lang::Fa)), (folded(w.en), (number, Lang::En))]
        });
        Self(both.collect())
    }

    fn find(&self, token: &str, before: &[Option<(u16, Lang)>]) -> Result<(u16, Lang), WordsError> {
        if let Some(found) = self.0.get(token) {
            return Ok(*found);
        }
        let near = self.0.iter().min_by_key(|(known, _)| distance(token, known));
        let near = near.map_or("", |(_, (number, lang))| match lang {
            Lang::Fa => word(usize::from(*number)).fa,
            Lang::En => word(usize::from(*number)).en,
        });
        // Where both languages are typed, a number on the sheet is two words.
        let pairs = matches!(before, [Some((a, x)), Some((b, y)), ..] if a == b && x != y);
        let number = if pairs { before.len() / 2 + 1 } else { before.len() + 1 };
        let text = token.chars().take(20).collect();
        Err(WordsError::Unknown { number, text, near })
    }
}

/// Letters to add, remove or replace to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(40).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
