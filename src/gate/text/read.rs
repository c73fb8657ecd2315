//! A text as the rules read it, and which signs are in it at all: for most rules that is the end of it.

use super::fold::fold;
use memchr::memmem;

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
    /// Its characters.
    pub chars: Vec<char>,
    /// The same with the letters of ASCII in lower case.
    pub lower: String,
    /// Nothing but ASCII is in it.
    pub ascii: bool,
    signs: u8,
}

impl Text {
    /// Folds and reads a text.
    pub fn of(text: &str) -> Self {
        let chars = fold(text);
        let (mut signs, mut ascii) = (0, true);
        for c in &chars {
            signs |= sign(*c);
            ascii &= c.is_ascii();
        }
        let lower = if ascii {
            let bytes = chars.iter().map(|c| (*c as u8).to_ascii_lowercase()).collect();
            String::from_utf8(bytes).unwrap_or_default()
        } else {
            let mut lower = String::with_capacity(text.len());
            lower.extend(chars.iter().map(char::to_ascii_lowercase));
            lower
        };
        Self { chars, lower, ascii, signs }
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

fn sign(c: char) -> u8 {
    let sign = match c {
        'a'..='z' | ' ' => return 0,
        '0'..='9' => Sign::Digit,
        '@' => Sign::At,
        '/' => Sign::Slash,
        '+' => Sign::Plus,
        '°' | 'º' => Sign::Degree,
        'N' | 'S' | 'E' | 'W' => return Sign::Compass as u8 | Sign::Capital as u8,
        other if other.is_uppercase() => Sign::Capital,
        _ => return 0,
    };
    sign as u8
}
