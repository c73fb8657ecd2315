//! E-mail addresses, also as `name [at] example.org`.

use super::read::Text;
use super::{Hit, ends};
use crate::gate::code::Code;

/// What people write instead of `@` and the dot, so that programs do not find it.
const AT: [&str; 4] = ["[at]", "(at)", "{at}", "(a)"];
const DOT: [&str; 3] = ["[dot]", "(dot)", "{dot}"];
const BARE_DOT: &str = " dot ";
/// The bare words are words of every sentence; before these they are not.
const BARE: [&str; 6] = ["com", "org", "net", "info", "edu", "ir"];
/// Names of pictures for fine screens look like addresses: `logo@2x.png`.
const NO_DOMAINS: [&str; 9] = ["png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "html"];

/// Without one of them nothing is spelled out.
pub fn words() -> impl Iterator<Item = &'static str> {
    AT.into_iter().chain(DOT).chain([BARE_DOT])
}

/// True when a word stands in place of a sign.
pub fn is_spelled_out(text: &Text) -> bool {
    let lower = &text.lower;
    if !text.telling || !text.text.contains(['[', '(', '{']) && !text.text.contains(BARE_DOT) {
        return false;
    }
    AT.iter().chain(&DOT).any(|word| text.says(word)) || bare(lower)
}

fn bare(lower: &str) -> bool {
    lower.contains(BARE_DOT) && BARE.iter().any(|top| lower.contains(&format!(" dot {top}")))
}

/// The signs for the words.
fn plain(lower: &str) -> Vec<char> {
    let mut text = lower.to_owned();
    if bare(&text) {
        text = text.replace(" at ", "@").replace(" dot ", ".");
    }
    for (word, sign) in AT.map(|word| (word, "@")).into_iter().chain(DOT.map(|word| (word, "."))) {
        // With one space on each side, as they are written.
        for spelled in
            [format!(" {word} "), format!("{word} "), format!(" {word}"), word.to_owned()]
        {
            text = text.replace(&spelled, sign);
        }
    }
    text.chars().collect()
}

/// Finds them.
pub fn lint(text: &Text, hits: &mut Vec<Hit>) {
    let spelled = is_spelled_out(text).then(|| plain(&text.lower));
    let chars = spelled.as_deref().unwrap_or_else(|| text.chars());
    for at in (0..chars.len()).filter(|at| chars[*at] == '@') {
        let (before, after) = (&chars[..at], &chars[at + 1..]);
        // A space may stand on both sides, not on one: «a @name».
        let spaced = before.last() == Some(&' ') && after.first() == Some(&' ');
        let gap = usize::from(spaced);
        let local = before[..before.len() - gap].iter().rev().take_while(|c| is_local(**c)).count();
        let domain: String = after[gap..].iter().take_while(|c| is_domain(**c)).collect();
        if local > 0 && has_top(domain.trim_end_matches(['.', '-'])) {
            let from = at - gap - local;
            let to = at + 1 + gap + domain.chars().count();
            hits.push(Hit::sure(Code::Email, ends(&chars[from..to])));
        }
    }
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "._%+-".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || ".-\u{200c}".contains(c)
}

/// A dot, and behind the last one at least two letters that are no file's ending.
fn has_top(domain: &str) -> bool {
    let Some((name, top)) = domain.rsplit_once('.') else { return false };
    let letters = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
    !name.is_empty() && letters && !NO_DOMAINS.contains(&top.to_ascii_lowercase().as_str())
}
