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
    /// The same as one text.
    pub text: String,
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
        let whole = match text.is_ascii() {
            true => text.replace('\t', " "),
            false => chars.iter().collect(),
        };
        let ascii = whole.is_ascii();
        let signs = match ascii {
            true => whole.bytes().fold(0, |all, b| all | OF_ASCII[usize::from(b & 0x7f)]),
            false => chars.iter().fold(0, |all, c| all | sign(*c)),
        };
        Self { lower: whole.to_ascii_lowercase(), text: whole, chars, ascii, signs }
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
