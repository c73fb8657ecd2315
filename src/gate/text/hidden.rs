//! Characters that cannot be seen, and markup.

use super::{Hit, MAX_ALIKE};
use crate::gate::code::Code;

/// Invisible characters, marks of direction, markup and scripts.
pub fn lint(text: &str) -> Vec<Hit> {
    // None of them is ASCII.
    let unseen = if text.is_ascii() { "" } else { text };
    let hidden = unseen.chars().filter(|c| is_hidden(*c)).take(MAX_ALIKE);
    let hidden = hidden.map(|c| Hit::sure(Code::HiddenText, format!("U+{:04X}", c as u32)));
    let active = active(text).min(MAX_ALIKE);
    let active = std::iter::repeat_n(Hit::sure(Code::ActiveContent, "markup or script"), active);
    hidden.chain(active).collect()
}

/// Controls of direction can make text read as what it is not; the others hide words in it.
/// The joiners of Persian (U+200C, U+200D) and plain marks of direction are part of writing.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Before the colon stands the end of such a word.
fn may_name_script(before: &str) -> bool {
    let last = before.chars().rev().find(|c| !c.is_whitespace() && !c.is_control());
    last.is_some_and(|c| matches!(c, 't' | 'T' | 'a' | 'A'))
}

/// How often a tag begins, or an address names a script.
fn active(text: &str) -> usize {
    let bytes = text.as_bytes();
    let tag = |at: usize| {
        bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || b"/!?".contains(b))
    };
    let tags = memchr::memchr_iter(b'<', bytes).filter(|at| tag(*at)).count();
    if !memchr::memchr_iter(b':', bytes).any(|at| may_name_script(&text[..at])) {
        return tags;
    }
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let lower = squeezed.to_ascii_lowercase();
    let words = ["javascript:", "vbscript:", "data:text/html"];
    tags + words.iter().map(|word| lower.matches(word).count()).sum::<usize>()
}
