//! Numbers as words with check words, read again from what people type (spec: key-paper.md, PAPER-5 to
//! PAPER-7; invite.md, INV-9 to INV-11).

use super::code::{CHECK, complete, mend, solve, syndromes};
use super::{Word, all_words, word};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

/// Why words are not what was written down. Words are numbered from 1.
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
    /// Another number of words than there can be, and not mended by adding or leaving out one.
    #[error("these are {have} words, not {want}")]
    Count {
        /// Words that were typed.
        have: usize,
        /// Words that there must be, as text: `70` or `35 to 96`.
        want: String,
    },
    /// Wrong in more places than can be named.
    #[error("more than two words are wrong, missing or unreadable; which ones cannot be told")]
    Many,
}

/// The words of these numbers (below 512, at most 505), check words behind them.
pub fn to_words(data: &[u16]) -> Vec<Word> {
    complete(data).iter().map(|number| word(usize::from(*number))).collect()
}

/// The numbers that words stand for, without the check words. Words that cannot be read stand as `?`.
///
/// `lengths` tells how many words there can be, check words among them. Where that is open, `whole` tells whether
/// numbers are a whole list: words too many or too few at an end are not always seen by the check numbers.
///
/// # Errors
/// See [`WordsError`].
pub fn from_words(
    text: &str,
    lengths: RangeInclusive<usize>,
    whole: &dyn Fn(&[u16]) -> bool,
) -> Result<Vec<u16>, WordsError> {
    let given = numbers_of(text, *lengths.end())?;
    let miscounted = || miscounted(&given, &lengths, whole);
    if !lengths.contains(&given.len()) {
        return Err(miscounted().unwrap_or_else(|| count(&given, &lengths)));
    }
    let unknown: Vec<usize> = (0..given.len()).filter(|at| given[*at].is_none()).collect();
    let numbers: Vec<u16> = given.iter().map(|number| number.unwrap_or_default()).collect();
    let Some(changes) = mend(&numbers, &unknown) else {
        return Err(miscounted().unwrap_or(WordsError::Many));
    };
    let mut mended = numbers.clone();
    changes.iter().for_each(|(at, by)| mended[*at] ^= by);
    mended.truncate(numbers.len() - CHECK);
    let wrong: Vec<_> = changes.iter().filter(|(at, _)| !unknown.contains(at)).collect();
    if !whole(&mended) {
        match miscounted() {
            Some(error) => return Err(error),
            None if !wrong.is_empty() => return Err(WordsError::Many),
            // The words are right; the caller tells what is not.
            None => return Ok(mended),
        }
    }
    named(&wrong, &numbers).map_or(Ok(mended), Err)
}

/// What to say of words that are wrong.
fn named(wrong: &[&(usize, u16)], numbers: &[u16]) -> Option<WordsError> {
    let is = |(at, by): &(usize, u16)| word(usize::from(numbers[*at] ^ by));
    Some(match wrong {
        [] => return None,
        [one] => {
            let typed = word(usize::from(numbers[one.0])).en;
            let Word { fa, en, .. } = is(one);
            WordsError::Wrong { number: one.0 + 1, typed, fa, en }
        }
        [a, b, ..] => {
            let (first, second) = (is(a), is(b));
            let swapped = first.index == usize::from(numbers[b.0])
                && second.index == usize::from(numbers[a.0]);
            match swapped {
                true => WordsError::Swapped(a.0 + 1, b.0 + 1),
                false => WordsError::Two(a.0 + 1, b.0 + 1, first.en, second.en),
            }
        }
    })
}

fn count(given: &[Option<u16>], lengths: &RangeInclusive<usize>) -> WordsError {
    let (least, most) = (lengths.start(), lengths.end());
    let want = if least == most { least.to_string() } else { format!("{least} to {most}") };
    WordsError::Count { have: given.len(), want }
}

/// Finds the one word that is missing or too many.
fn miscounted(
    tokens: &[Option<u16>],
    lengths: &RangeInclusive<usize>,
    whole: &dyn Fn(&[u16]) -> bool,
) -> Option<WordsError> {
    let fits = |list: Vec<Option<u16>>, place: &[usize]| {
        let mut numbers: Vec<u16> = list.into_iter().collect::<Option<_>>()?;
        let changes = solve(numbers.len(), place, &syndromes(&numbers))?;
        changes.iter().for_each(|(at, by)| numbers[*at] ^= by);
        numbers.truncate(numbers.len() - CHECK);
        whole(&numbers).then(|| changes.first().map_or(0, |change| change.1))
    };
    if lengths.contains(&(tokens.len() + 1)) {
        for at in 0..=tokens.len() {
            let mut list = tokens.to_vec();
            list.insert(at, Some(0));
            if let Some(number) = fits(list, &[at]) {
                let Word { fa, en, .. } = word(usize::from(number));
                return Some(WordsError::Missing { number: at + 1, fa, en });
            }
        }
    }
    if tokens.len().checked_sub(1).is_some_and(|fewer| lengths.contains(&fewer)) {
        for at in 0..tokens.len() {
            let mut list = tokens.to_vec();
            list.remove(at);
            if fits(list, &[]).is_some() {
                return Some(WordsError::Extra(at + 1));
            }
        }
    }
    None
}

/// True when `text` is made of words of the list, more or less: at least half of its first words are in it, and
/// there are several.
pub fn looks_like_words(text: &str) -> bool {
    let known = Known::new();
    let tokens = tokens(text, LOOK);
    let of_list = tokens.iter().filter(|token| known.0.contains_key(token.as_str())).count();
    tokens.len() >= 4 && 2 * of_list >= tokens.len()
}

/// Words by which a text is recognised.
const LOOK: usize = 16;

/// The number of each word; `None` for `?`. Where every word stands in both languages, once.
/// Of an endless text no more is read than shows that it is too long for `most` words.
fn numbers_of(text: &str, most: usize) -> Result<Vec<Option<u16>>, WordsError> {
    let known = Known::new();
    let mut found = Vec::new();
    for token in tokens(text, 2 * most + 2) {
        found.push(match token.as_str() {
            "?" => None,
            token => Some(known.find(token, &found)?),
        });
    }
    let pairs = |pair: &&[Option<(u16, Lang)>]| matches!(pair, [Some(a), Some(b)] if a.1 != b.1);
    let same = |pair: &&[Option<(u16, Lang)>]| matches!(pair, [Some(a), Some(b)] if a.0 == b.0);
    let all = found.chunks(2).count();
    // One list in two languages, not a mix of them: most pairs are one word twice.
    let both = found.chunks(2).filter(pairs).count() == all
        && 2 * found.chunks(2).filter(same).count() > all;
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

/// Folded words of a text, and `?` (PAPER-7); about so many at most.
fn tokens(text: &str, most: usize) -> Vec<Zeroizing<String>> {
    let mut out = vec![Zeroizing::new(String::new())];
    let folded = text.nfkc().flat_map(char::to_lowercase).filter_map(fold);
    for c in folded.take(most * LONGEST) {
        if let Some(last) = out.last_mut().filter(|_| c.is_alphabetic()) {
            last.push(c);
            continue;
        }
        if matches!(c, '?' | '؟') {
            out.push(Zeroizing::new("?".into()));
        }
        if out.last().is_some_and(|last| !last.is_empty()) {
            if out.len() > 2 * most {
                break;
            }
            out.push(Zeroizing::default());
        }
    }
    out.retain(|token| !token.is_empty());
    out.truncate(most);
    out
}

/// Characters that a word may take, with what stands between: more only in texts that are something else.
const LONGEST: usize = 64;

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
#[path = "read_tests.rs"]
mod tests;
