//! Telephone numbers and national ids, in any digits and with separators.

use super::read::Text;
use super::{Hit, ends};
use crate::gate::code::Code;

/// Groups that are joined at most: one for each digit.
const MAX_GROUPS: usize = 17;
/// Groups of more than two digits that people write at most.
const MAX_LONG_GROUPS: usize = 6;
/// A word of letters and digits that is longer is a hash or a code.
const MAX_WORD: usize = 16;
/// Digits of a telephone number at most (ITU E.164), with `00` in front.
const MAX_DIGITS: usize = 17;
/// How far before a number a word such as "telephone" counts.
const NEAR: usize = 16;
/// Area codes of Iran, without the zero.
const AREAS: [&str; 31] = [
    "11", "13", "17", "21", "23", "24", "25", "26", "28", "31", "34", "35", "38", "41", "44", "45",
    "51", "54", "56", "58", "61", "66", "71", "74", "76", "77", "81", "83", "84", "86", "87",
];
const PHONE_WORDS: [&str; 9] =
    ["tel", "phone", "telephone", "mobile", "whatsapp", "fax", "تلفن", "موبایل", "شماره تماس"];
const ID_WORDS: [&str; 9] = [
    "کد ملی",
    "کدملی",
    "شناسه ملی",
    "شماره ملی",
    "شماره ی ملی",
    "national id",
    "national code",
    "code melli",
    "kode melli",
];
/// Numbers of birth certificates are short, and tell a person all the same.
const CERTIFICATE_WORDS: [&str; 2] = ["شماره شناسنامه", "شماره ی شناسنامه"];
/// The last digit of an ISBN of ten is made like that of a national id.
const BOOK_WORDS: [&str; 2] = ["isbn", "شابک"];
/// Mobile numbers without the zero begin so; those of ISBN (Iran: 964) do not.
const MOBILE: [&str; 6] = ["90", "91", "92", "93", "990", "99"];

/// Some groups of digits that may be one number.
#[derive(Clone, Default)]
struct Span {
    start: usize,
    end: usize,
    digits: String,
    /// Lengths of the groups.
    shape: Vec<usize>,
    /// What stands between the first two groups.
    gap: Vec<char>,
    /// The same stands between all.
    even: bool,
    /// Letters stand beside it, without a space.
    glued: bool,
}

/// Fewest digits of a number that is found in a text of ASCII; with one more a word beside it is not needed.
const FEWEST: usize = 7;

/// Finds both.
pub fn lint(text: &Text, hits: &mut Vec<Hit>) {
    let short = text.digits < FEWEST
        || (text.digits == FEWEST && !PHONE_WORDS.iter().any(|word| text.says(word)));
    // In Persian there are words before numbers of any length.
    if text.ascii && short {
        return;
    }
    let chars = text.chars();
    let groups = groups(chars);
    let (mut after, mut span) = (0, Span::default());
    for at in 0..groups.len() {
        if groups[at].0 < after {
            continue;
        }
        let Some((code, span)) = best(text, &groups[at..], &mut span) else { continue };
        after = span.end;
        hits.push(Hit::sure(code, ends(&chars[span.start..span.end])));
    }
}

/// Runs of digits.
fn groups(chars: &[char]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in chars.iter().chain([&' ']).enumerate() {
        match (c.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                out.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    out
}

/// The longest number that begins with the first group. `span` is room to work in.
fn best(text: &Text, groups: &[(usize, usize)], span: &mut Span) -> Option<(Code, Span)> {
    let (chars, (start, _)) = (text.chars(), groups[0]);
    (span.start, span.end, span.even, span.glued) = (start, start, true, false);
    span.digits.clear();
    span.shape.clear();
    span.gap.clear();
    let mut found = None;
    for (from, to) in groups.iter().take(MAX_GROUPS) {
        let gap = &chars[span.end..*from];
        if !span.shape.is_empty() && !span.takes(gap) {
            break;
        }
        if span.shape.len() == 1 {
            span.gap.clear();
            span.gap.extend_from_slice(gap);
        }
        span.even &= span.shape.is_empty() || gap == span.gap;
        span.digits.extend(&chars[*from..*to]);
        span.shape.push(to - from);
        span.end = *to;
        let long = span.shape.len() > MAX_LONG_GROUPS
            && !(span.even && span.shape.iter().all(|digits| *digits <= 2));
        if span.digits.len() > MAX_DIGITS || long {
            break;
        }
        let Some(glued) = letters_beside(chars, span) else { continue };
        span.glued = glued;
        if let Some(code) = code_of(text, span) {
            found = Some((code, span.clone()));
        }
    }
    found
}

/// Whether letters are written together with it; `None` when it is part of a hash or code.
fn letters_beside(chars: &[char], span: &Span) -> Option<bool> {
    let word = |c: &&char| c.is_ascii_alphanumeric();
    let before = chars[..span.start].iter().rev().take(MAX_WORD).take_while(word).count();
    let after = chars[span.end..].iter().take(MAX_WORD).take_while(word).count();
    match before + after {
        0 => Some(false),
        more => (more + span.end - span.start <= MAX_WORD).then_some(true),
    }
}

impl Span {
    /// What may stand between the groups of one number. Between groups that begin like a number with its area,
    /// anything that is the same each time.
    fn takes(&self, gap: &[char]) -> bool {
        let of =
            |signs: &str| (1..=3).contains(&gap.len()) && gap.iter().all(|c| signs.contains(*c));
        if of(" -.()_·\u{200c}") {
            return true;
        }
        let area = self.shape[0] >= 3 && self.digits.starts_with('0');
        let first = self.shape.len() == 1;
        area && of(" ,،/*|:\n[]'~=;") && (first || gap == self.gap)
    }
}

fn code_of(text: &Text, span: &Span) -> Option<Code> {
    let chars = text.chars();
    if is_phone(&span.digits, has_plus(chars, span.start)) {
        return Some(Code::Phone);
    }
    let near = |words: &[&str]| {
        // Of ASCII no word of Persian is part.
        let may = |word: &str| !text.ascii || word.is_ascii();
        words.iter().any(|word| may(word) && is_near(chars, span.start, word))
    };
    let length = span.digits.len();
    if span.glued {
        return None;
    }
    if ((8..=10).contains(&length) && near(&ID_WORDS)) || near(&CERTIFICATE_WORDS) {
        return Some(Code::NationalId);
    }
    if (7..=15).contains(&length) && !is_day(span) && near(&PHONE_WORDS) {
        return Some(Code::Phone);
    }
    let one_by_one = span.shape.len() == 10 && span.even;
    let shape = span.shape.as_slice();
    if !stands_alone(chars, span) || near(&BOOK_WORDS) {
        return None;
    }
    let mobile = matches!(shape, [10] | [3, 7] | [3, 3, 4] | [3, 3, 2, 2]);
    if mobile && MOBILE.iter().any(|start| span.digits.starts_with(start)) {
        return Some(Code::Phone);
    }
    let id = shape == [10] || one_by_one || (matches!(shape, [3, 6, 1] | [3, 7]) && span.even);
    (id && is_national_id(&span.digits)).then_some(Code::NationalId)
}

/// Part of an address, of a longer code or of a fraction it is no national id.
fn stands_alone(chars: &[char], span: &Span) -> bool {
    let before = span.start.checked_sub(1).and_then(|at| chars.get(at));
    let joined = |c: &char| "/=-.#_".contains(*c);
    let after = match (chars.get(span.end), chars.get(span.end + 1)) {
        (Some('/' | '-' | '_'), _) => true,
        (Some('.'), Some(next)) => next.is_ascii_digit() && !is_nothing(chars, span.end + 1),
        _ => false,
    };
    !before.is_some_and(joined) && !after
}

/// A fraction of zeros: tables write so what was a whole number.
fn is_nothing(chars: &[char], start: usize) -> bool {
    let digits = chars.iter().skip(start).take_while(|c| c.is_ascii_digit());
    digits.copied().all(|c| c == '0')
}

fn has_plus(chars: &[char], start: usize) -> bool {
    let mut before = chars[..start].iter().rev().skip_while(|c| " (".contains(**c));
    before.next() == Some(&'+')
}

/// A year, month and day, in this or the other order, or two years.
fn is_day(span: &Span) -> bool {
    let year = |at: usize| {
        span.digits.get(at..at + 4).is_some_and(|y| ["13", "14", "19", "20"].contains(&&y[..2]))
    };
    match span.shape.as_slice() {
        [4, 1..=2, 1..=2] => year(0),
        [a @ 1..=2, b @ 1..=2, 4] => year(a + b),
        [4, 4] => year(0) && year(4),
        _ => false,
    }
}

/// True when the word stands shortly before.
fn is_near(chars: &[char], start: usize, word: &str) -> bool {
    let length = word.chars().count();
    let window = &chars[start.saturating_sub(NEAR + length)..start];
    let plain = |c: &char| if *c == '\u{200c}' { ' ' } else { c.to_ascii_lowercase() };
    let ascii = |c: Option<&char>| c.is_some_and(char::is_ascii_alphabetic);
    (0..=window.len().saturating_sub(length)).any(|at| {
        let mut rest = window[at..].iter().map(plain);
        let starts = word.chars().all(|c| rest.next() == Some(c));
        let before = at.checked_sub(1).and_then(|b| window.get(b));
        starts && (!word.is_ascii() || !ascii(before) && !ascii(window.get(at + length)))
    })
}

/// Mobile and landline numbers of Iran, and any number with its country code.
fn is_phone(digits: &str, plus: bool) -> bool {
    let abroad = match plus {
        true => Some(digits),
        false => digits.strip_prefix("00"),
    };
    let national = match abroad {
        Some(rest) => rest.strip_prefix("98").map(|rest| rest.strip_prefix('0').unwrap_or(rest)),
        None => match digits.strip_prefix('0') {
            Some(rest) => Some(rest),
            None => digits.strip_prefix("98"),
        },
    };
    if national.is_some_and(is_iranian) {
        return true;
    }
    // Ten digits that begin with two zeros are an id of somebody rather than a number abroad.
    let least = if plus { 8 } else { 10 };
    abroad.is_some_and(|rest| (least..=15).contains(&rest.len()) && !rest.starts_with('0'))
}

/// Ten digits: of a mobile, or area code and subscriber.
fn is_iranian(rest: &str) -> bool {
    if rest.len() != 10 {
        return false;
    }
    let subscriber = matches!(rest.as_bytes()[2], b'2'..=b'9');
    rest.starts_with('9') || (AREAS.contains(&&rest[..2]) && subscriber)
}

/// The check digit of an Iranian national id.
fn is_national_id(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    let [body @ .., check] = values.as_slice() else { return false };
    if body.len() != 9 || body.iter().all(|d| d == check) {
        return false;
    }
    let sum: u32 = body.iter().zip((2..=10).rev()).map(|(d, weight)| d * weight).sum();
    let rest = sum % 11;
    *check == if rest < 2 { rest } else { 11 - rest }
}
