//! A text as the rules read it, and which signs are in it at all: for most rules that is the end of it.

use super::fold::fold;
use super::{address, coordinates, kin, mail};
use aho_corasick::packed::Searcher;
use memchr::memmem;
use std::cell::OnceCell;
use std::sync::LazyLock;

/// Signs without which some rule has nothing to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A digit.
    Digit = 1,
    /// `@`.
    At = 2,
    /// `/`.
    Slash = 4,
    /// `+`.
    Plus = 8,
    /// `°` or `º`.
    Degree = 16,
    /// One of `NSEW`.
    Compass = 32,
    /// A capital letter.
    Capital = 64,
}

/// A folded text.
pub struct Text {
    chars: OnceCell<Vec<char>>,
    /// The same as one text.
    pub text: String,
    /// The same with the letters of ASCII in lower case.
    pub lower: String,
    /// Nothing but ASCII is in it.
    pub ascii: bool,
    /// One of the words may be in it without which the rules for words of ASCII find nothing ([`says_any`]).
    pub telling: bool,
    /// How many digits of ASCII are in it: all, for a folded text has no others.
    pub digits: usize,
    signs: u8,
}

impl Text {
    /// Folds and reads a text.
    pub fn of(text: &str) -> Self {
        Self::read(text, says_any)
    }

    /// As [`Text::of`], for a text of which is known that it says none of the words.
    pub fn telling_nothing(text: &str) -> Self {
        Self::read(text, |_| false)
    }

    fn read(text: &str, tells: impl Fn(&str) -> bool) -> Self {
        let chars = OnceCell::new();
        let whole = match text.is_ascii() {
            true => text.replace('\t', " "),
            false => chars.get_or_init(|| fold(text)).iter().collect(),
        };
        let ascii = whole.is_ascii();
        let signs = match ascii {
            true => whole.bytes().fold(0, |all, b| all | OF_ASCII[usize::from(b & 0x7f)]),
            false => whole.chars().fold(0, |all, c| all | sign(c)),
        };
        let digits = whole.bytes().filter(u8::is_ascii_digit).count();
        let lower = whole.to_ascii_lowercase();
        let telling = !ascii || tells(&lower);
        Self { lower, text: whole, chars, ascii, telling, digits, signs }
    }

    /// Its characters; most texts of ASCII need none.
    pub fn chars(&self) -> &[char] {
        self.chars.get_or_init(|| self.text.chars().collect())
    }

    /// True when the sign is in it.
    pub fn has(&self, sign: Sign) -> bool {
        self.signs & sign as u8 != 0
    }

    /// True when these words, in lower case, are in it.
    pub fn says(&self, words: &str) -> bool {
        (!self.ascii || words.is_ascii())
            && memmem::find(self.lower.as_bytes(), words.as_bytes()).is_some()
    }
}

/// Finds all words at once. `None` on processors for which there is no such search.
static TELLING: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(telling()));

/// Every word of ASCII that the rules for words look for.
fn telling() -> impl Iterator<Item = &'static str> {
    let words = kin::words_of_ascii().chain(address::words());
    let words = words.chain(coordinates::words()).chain(mail::words());
    words.filter(|word| word.is_ascii())
}

/// False when a text of ASCII in lower case has none of these words.
fn says_any(lower: &str) -> bool {
    TELLING.as_ref().is_none_or(|searcher| searcher.find(lower).is_some())
}

/// [`sign`] of each character of ASCII.
const OF_ASCII: [u8; 128] = {
    let mut out = [0; 128];
    let mut at: u8 = 0;
    while at < 128 {
        out[at as usize] = match at {
            b'0'..=b'9' => Sign::Digit as u8,
            b'@' => Sign::At as u8,
            b'/' => Sign::Slash as u8,
            b'+' => Sign::Plus as u8,
            b'N' | b'S' | b'E' | b'W' => Sign::Compass as u8 | Sign::Capital as u8,
            b'A'..=b'Z' => Sign::Capital as u8,
            _ => 0,
        };
        at += 1;
    }
    out
};

fn sign(c: char) -> u8 {
    if c.is_ascii() {
        return OF_ASCII[c as usize & 0x7f];
    }
    let sign = match c {
        '°' | 'º' => Sign::Degree,
        other if other.is_uppercase() => Sign::Capital,
        _ => return 0,
    };
    sign as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_word_is_found_in_all_it_stands_in() {
        let all: Vec<&str> = telling().collect();
        assert!(all.len() > 40);
        for word in all {
            for text in
                [word.to_owned(), format!("a{word}b"), format!("{}{word}.", "x ".repeat(50))]
            {
                assert!(Text::of(&text).telling, "{text}");
                assert!(Text::of(&text.to_uppercase()).telling, "{text}");
            }
        }
        assert!(!Text::of("").telling);
        assert!(!Text::of("a letter of the winter, and nothing else in it").telling);
    }

    /// Everything that the rules find in it.
    fn found(text: &Text) -> Vec<super::super::Hit> {
        let mut hits = Vec::new();
        super::super::signs(text, &mut hits);
        kin::lint(text, &mut hits);
        address::lint(text, &mut hits);
        hits
    }

    /// Words that rules look for, whole or in others, between what they read around them.
    fn pieces() -> impl Strategy<Value = String> {
        let mut words: Vec<String> = telling().map(str::to_owned).collect();
        words.extend(words.clone().iter().map(|word| word.to_uppercase()));
        words.extend(words.clone().iter().map(|word| word[..word.len() / 2].to_owned()));
        words.extend(
            [
                "tel",
                "Fax",
                "0000000",
                "000000",
                "12",
                "national code",
                "Sara",
                "Mr.",
                "his",
                "is",
                "at",
                "com",
                "35",
                "0912 000 0000",
                "12 Example Street",
            ]
            .map(str::to_owned),
        );
        words.extend(
            [
                "35.12345, 51.12345",
                "N 35 12.345 E 51 23.456",
                "@",
                "x@example.org",
                "پلاک ۷",
                "مادرش زهرا",
                "\t",
            ]
            .map(str::to_owned),
        );
        let piece = (prop::sample::select(words), "[ ,.:;()\\[\\]\"'\n{}-]{0,2}|[a-z]{1,3}");
        prop::collection::vec(piece, 0..8)
            .prop_map(|all| all.into_iter().map(|(word, gap)| word + &gap).collect())
    }

    proptest! {
        #[test]
        fn what_is_not_looked_for_is_not_there(text in pieces()) {
            let quick = Text::of(&text);
            let slow = Text { telling: true, digits: usize::MAX, ..Text::of(&text) };
            prop_assert_eq!(found(&quick), found(&slow));
            prop_assert!(quick.telling || !telling().any(|word| quick.lower.contains(word)));
        }
    }
}
