//! In which charset a text is read. The gate reads UTF-8; a browser or a table program goes by marks, by what a page says of
//! itself, and by guesses. What could be read otherwise than the gate read it is not let through.

use encoding_rs::{Encoding, UTF_8};
use std::borrow::Cow;

/// Most `meta` elements of one page whose charset is looked for.
const MAX_METAS: usize = 256;
/// Longest `meta` element that is read, in bytes: 64 KiB.
const MAX_META_BYTES: usize = 64 << 10;
/// The signature of UTF-7, before one of four more bytes.
const UTF_7: &[u8] = b"+/v";

/// A text, and why it may be another to others.
#[derive(Debug)]
pub struct Text<'a> {
    /// As well as it can be read.
    pub text: Cow<'a, str>,
    /// Why it is not what the gate reads.
    pub fault: Option<&'static str>,
}

/// Reads bytes as UTF-8, with or without its mark.
pub fn read(bytes: &[u8]) -> Text<'_> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes)
        && encoding != UTF_8
    {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return Text { text, fault: Some("UTF-16, not UTF-8") };
    }
    let utf_7 = bytes.starts_with(UTF_7) && bytes.get(3).is_some_and(|b| b"89+/".contains(b));
    match std::str::from_utf8(bytes) {
        Err(_) => Text { text: String::from_utf8_lossy(bytes), fault: Some("not UTF-8") },
        // UTF-16 without a mark.
        Ok(text) if text.contains('\0') => {
            Text { text: text.replace('\0', "").into(), fault: Some("zero bytes in a text") }
        }
        // Charsets of East Asia switch with ESC, SO and SI.
        Ok(text) if text.contains(is_control) => {
            Text { text: text.into(), fault: Some("control characters in a text") }
        }
        Ok(text) if utf_7 => Text { text: text.into(), fault: Some("UTF-7, not UTF-8") },
        Ok(text) => Text { text: text.into(), fault: None },
    }
}

/// Controls of ASCII but those of lines.
pub fn is_control(c: char) -> bool {
    c < ' ' && !"\t\n\r\x0c".contains(c)
}

/// What a page, style or drawing says that its charset is, when that is not UTF-8, or cannot be told.
pub fn named(text: &str) -> Option<String> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let other = |label: &str| (!is_utf_8(label)).then(|| shown(label));
    if let Some(declared) = start.strip_prefix("<?xml") {
        let declared = declared.split('>').next().unwrap_or_default();
        if let Some(label) = behind(declared, "encoding").and_then(other) {
            return Some(label);
        }
    }
    if starts_with(start, "@charset") {
        let rule = start.split(';').next().unwrap_or_default();
        let label = rule.get("@charset".len()..).unwrap_or_default();
        if let Some(label) = other(label.trim().trim_matches(['"', '\''])) {
            return Some(label);
        }
    }
    metas(text)
}

/// Browsers look for `meta` before they know what is a comment, a title or a script, so wherever it stands counts.
fn metas(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut count = 0;
    for (at, _) in text.match_indices('<') {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let is_meta = rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
            && rest.get(4).is_some_and(|b| b.is_ascii_whitespace() || *b == b'/');
        if !is_meta {
            continue;
        }
        count += 1;
        if count > MAX_METAS {
            return Some("too many meta elements to be read".to_owned());
        }
        if let Some(named) = meta(rest.get(4..).unwrap_or_default()) {
            return Some(named);
        }
    }
    None
}

fn meta(rest: &[u8]) -> Option<String> {
    let Some(attributes) = attributes(rest.get(..MAX_META_BYTES).unwrap_or(rest)) else {
        return Some("a meta element without an end".to_owned());
    };
    let of = |name: &str| {
        attributes.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if let Some(label) = of("charset").filter(|label| !is_utf_8(label)) {
        return Some(shown(label));
    }
    let (equiv, content) = (of("http-equiv")?, of("content")?);
    // What is written with references is read by browsers, and by nobody else.
    if equiv.contains('&') || content.contains('&') && starts_with(equiv.trim(), "content-type") {
        return Some(shown(content));
    }
    if !starts_with(equiv.trim(), "content-type") {
        return None;
    }
    behind(content, "charset").filter(|label| !is_utf_8(label)).map(shown)
}

/// The attributes of a tag, as browsers read them; `None` when it does not end.
fn attributes(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let text = |from: usize, to: usize| {
        String::from_utf8_lossy(bytes.get(from..to).unwrap_or_default()).into_owned()
    };
    let ahead = |from: usize, stop: &dyn Fn(u8) -> bool| {
        let rest = bytes.get(from..)?;
        rest.iter().position(|b| stop(*b)).map(|n| from + n)
    };
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        at = ahead(at, &|b| !b.is_ascii_whitespace() && b != b'/')?;
        if bytes.get(at) == Some(&b'>') {
            return Some(out);
        }
        // An equals sign at the beginning is part of the name.
        let end = ahead(at + 1, &|b| b.is_ascii_whitespace() || b"/>=".contains(&b))?;
        let name = text(at, end);
        at = ahead(end, &|b| !b.is_ascii_whitespace())?;
        if bytes.get(at) != Some(&b'=') {
            out.push((name, String::new()));
            continue;
        }
        at = ahead(at + 1, &|b| !b.is_ascii_whitespace())?;
        let (from, to) = match bytes.get(at).copied() {
            Some(quote @ (b'"' | b'\'')) => (at + 1, ahead(at + 1, &|b| b == quote)?),
            _ => (at, ahead(at, &|b| b.is_ascii_whitespace() || b == b'>')?),
        };
        out.push((name, text(from, to)));
        at = to + usize::from(from > at);
    }
}

/// What stands behind a word and an equals sign.
fn behind<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.match_indices(word).find_map(|(at, _)| {
        text.get(at + word.len()..)?.trim_start().strip_prefix('=').map(str::trim_start)
    })?;
    let quoted = rest.strip_prefix(['"', '\'']);
    let end = |c: char| match quoted {
        Some(_) => "\"'".contains(c),
        None => c.is_ascii_whitespace() || ";\"'".contains(c),
    };
    quoted.unwrap_or(rest).split(end).next()
}

fn is_utf_8(label: &str) -> bool {
    Encoding::for_label(label.trim().as_bytes()) == Some(UTF_8)
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn shown(label: &str) -> String {
    label.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
#[path = "charset_tests.rs"]
mod tests;
