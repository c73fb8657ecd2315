//! E-mail addresses, also as `name [at] example.org`.

use super::{Hit, ends, starts};
use crate::gate::code::Code;

/// What people write instead of `@`, so that programs do not find it.
const AT: [&str; 4] = ["[at]", "(at)", "{at}", "(a)"];
/// Names of pictures for fine screens look like addresses: `logo@2x.png`.
const NO_DOMAINS: [&str; 9] = ["png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "html"];

/// Finds them.
pub fn lint(chars: &[char], hits: &mut Vec<Hit>) {
    for at in 0..chars.len() {
        let length = match chars[at] {
            '@' => 1,
            '[' | '(' | '{' => match AT.iter().find(|sign| starts(chars, at, sign)) {
                Some(sign) => sign.len(),
                None => continue,
            },
            _ => continue,
        };
        let before = &chars[..at];
        let after = &chars[at + length..];
        // Only behind a word for it may spaces stand on both sides.
        let spaces = |side: usize| if length == 1 { 0 } else { side };
        let gap = spaces(before.iter().rev().take_while(|c| **c == ' ').count());
        let skip = spaces(after.iter().take_while(|c| **c == ' ').count());
        let local = before[..before.len() - gap].iter().rev().take_while(|c| is_local(**c));
        let local = local.count();
        let domain: String = after[skip..].iter().take_while(|c| is_domain(**c)).collect();
        if local > 0 && has_top(domain.trim_end_matches(['.', '-'])) {
            let from = at - gap - local;
            let to = at + length + skip + domain.chars().count();
            hits.push(Hit::sure(Code::Email, ends(&chars[from..to])));
        }
    }
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._%+-".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || ".-".contains(c)
}

/// A dot, and behind the last one at least two letters that are no file's ending.
fn has_top(domain: &str) -> bool {
    let Some((name, top)) = domain.rsplit_once('.') else { return false };
    let letters = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    !name.is_empty() && letters && !NO_DOMAINS.contains(&top.to_ascii_lowercase().as_str())
}
