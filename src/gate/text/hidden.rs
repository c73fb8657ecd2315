//! Characters that cannot be seen, and markup.

use super::Hit;
use crate::gate::code::Code;

/// Invisible characters, marks of direction, markup and scripts.
pub fn lint(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
        hits.push(Hit::sure(Code::HiddenText, format!("U+{:04X}", c as u32)));
    }
    if is_active(text) {
        hits.push(Hit::sure(Code::ActiveContent, "markup or script"));
    }
    hits
}

/// Controls of direction can make text read as what it is not; the others hide words in it.
/// The joiners of Persian (U+200C, U+200D) and plain marks of direction are part of writing.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Begins a tag, or names a script as an address.
fn is_active(text: &str) -> bool {
    let bytes = text.as_bytes();
    let tag = |at: usize| {
        bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || b"/!?".contains(b))
    };
    if bytes.iter().enumerate().any(|(at, b)| *b == b'<' && tag(at)) {
        return true;
    }
    if !text.contains(':') {
        return false;
    }
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let lower = squeezed.to_ascii_lowercase();
    ["javascript:", "vbscript:", "data:text/html"].iter().any(|word| lower.contains(word))
}
