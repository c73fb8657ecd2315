//! Relatives: people who may be alive and did not ask to be named.
//!
//! A word for a relative with a name beside it is nearly certain; the word alone is worth a look.

use super::Hit;
use super::given::COMMON;
use super::links::{is_link, is_said};
use super::read::Text;
use crate::gate::code::Code;

const ENGLISH: [&str; 34] = [
    "mother",
    "father",
    "brother",
    "sister",
    "wife",
    "husband",
    "son",
    "daughter",
    "uncle",
    "aunt",
    "cousin",
    "fiance",
    "fiancé",
    "fiancee",
    "fiancée",
    "niece",
    "nephew",
    "grandmother",
    "grandfather",
    "widow",
    "brothers",
    "sisters",
    "sons",
    "daughters",
    "cousins",
    "parents",
    "mum",
    "mom",
    "dad",
    "grandma",
    "grandpa",
    "stepmother",
    "stepfather",
    "spouse",
];
/// Behind these and «of» stands the name of a parent.
const CHILDREN: [&str; 2] = ["son", "daughter"];
/// Words that stand between the relative and the name.
const TITLES: [&str; 7] = ["named", "called", "mr", "mrs", "ms", "dr", "and"];
/// Capitalised words that are no names of people.
const NO_NAMES: [&str; 37] = [
    "I",
    "He",
    "She",
    "They",
    "It",
    "The",
    "A",
    "In",
    "On",
    "At",
    "When",
    "And",
    "But",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "God",
    "Iran",
    "Iranian",
    "Tehran",
    "Persian",
];
/// Words for relatives that are used without a possessive ending too, and those that then mean boy and girl.
const PERSIAN: [&str; 23] = [
    "مادر",
    "پدر",
    "برادر",
    "خواهر",
    "همسر",
    "عمو",
    "عمه",
    "خاله",
    "دایی",
    "نامزد",
    "شوهر",
    "داماد",
    "عروس",
    "مادربزرگ",
    "پدربزرگ",
    "خواهرزاده",
    "برادرزاده",
    "پسرعمو",
    "دخترعمو",
    "پسرخاله",
    "دخترخاله",
    "پسردایی",
    "دختردایی",
];
/// Whose relative it is, as a word of its own.
const PRONOUNS: [&str; 5] = ["او", "وی", "ایشان", "آنها", "آن\u{200c}ها"];
const PERSIAN_OWNED: [&str; 4] = ["پسر", "دختر", "زن", "فرزند"];
const ENDINGS: [&str; 16] = [
    "ش",
    "یش",
    "\u{200c}اش",
    "شان",
    "یشان",
    "\u{200c}شان",
    "م",
    "یم",
    "\u{200c}ام",
    "ت",
    "یت",
    "\u{200c}ات",
    "مان",
    "یمان",
    "تان",
    "\u{200c}ی",
];
const PERSIAN_TITLES: [&str; 7] = ["آقای", "خانم", "سیده", "سید", "حاج", "دکتر", "مرحوم"];
/// The one that only joins it to the next word.
const EZAFE: &str = "\u{200c}ی";
/// Also verbs: «می زنم».
const VERBS: [&str; 2] = ["زنم", "زنیم"];
/// A word and where it stands.
struct Word<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// Those of ASCII. A text of ASCII that has none of them speaks of no relative.
pub fn words_of_ascii() -> impl Iterator<Item = &'static str> {
    ENGLISH.into_iter().filter(|word| word.is_ascii())
}

/// Finds them.
pub fn lint(text: &Text, hits: &mut Vec<Hit>) {
    if !text.telling {
        return;
    }
    let (chars, words) = (text.chars(), words(text));
    let mut weak = None;
    for at in 0..words.len() {
        let named = match kin_of(words[at].text) {
            Some(Tongue::English) => english(chars, &words, at),
            Some(Tongue::Persian) => persian(chars, &words, at),
            None if is_child_of(&words, at) => true,
            None => continue,
        };
        if named {
            let shown = format!("«{}» with a name", words[at].text);
            hits.push(Hit::sure(Code::Relative, shown));
        } else {
            weak.get_or_insert(words[at].text);
        }
    }
    if let Some(word) = weak {
        hits.push(Hit::unsure(Code::Relative, format!("«{word}»")));
    }
}

/// How often brothers or sisters are spoken of.
pub fn siblings(text: &Text) -> usize {
    let tells = |word: &&Word<'_>| {
        let lower = word.text.to_lowercase();
        let english = ["brother", "brothers", "sister", "sisters", "sibling", "siblings", "twin"];
        english.contains(&lower.as_str())
            || ["برادر", "خواهر"].iter().any(|kin| word.text.starts_with(kin))
    };
    words(text).iter().filter(tells).count()
}

enum Tongue {
    English,
    Persian,
}

fn kin_of(word: &str) -> Option<Tongue> {
    if word.is_ascii() {
        let known = || ENGLISH.iter().any(|kin| kin.eq_ignore_ascii_case(word));
        return (may_be_english(word) && known()).then_some(Tongue::English);
    }
    if ENGLISH.contains(&word.to_lowercase().as_str()) {
        return Some(Tongue::English);
    }
    ending_of(word).map(|_| Tongue::Persian)
}

/// For each length the first letters of [`ENGLISH`]: most words need no closer look.
const FIRST_LETTERS: [u32; 12] = {
    let mut out = [0; 12];
    let mut at = 0;
    while at < ENGLISH.len() {
        let word = ENGLISH[at].as_bytes();
        out[word.len()] |= 1 << (word[0] - b'a');
        at += 1;
    }
    out
};

fn may_be_english(word: &str) -> bool {
    let letters = FIRST_LETTERS.get(word.len()).copied().unwrap_or(0);
    let first = word.bytes().next().map(|b| b.to_ascii_lowercase());
    first.is_some_and(|b| b.is_ascii_lowercase() && letters & (1 << (b - b'a')) != 0)
}

/// What stands behind a word for a relative: nothing, or one of [`ENDINGS`].
fn ending_of(word: &str) -> Option<&'static str> {
    // «مادر‌بزرگ» is written with a non-joiner too.
    let whole = word.replacen("\u{200c}بزرگ", "بزرگ", 1).replacen("\u{200c}زاده", "زاده", 1);
    let known = |end: &str| ENDINGS.iter().find(|e| **e == end).copied();
    let bare = PERSIAN.iter().find_map(|kin| match whole.strip_prefix(kin)? {
        "" => Some(""),
        end => known(end),
    });
    bare.or_else(|| PERSIAN_OWNED.iter().find_map(|kin| known(whole.strip_prefix(kin)?)))
}

/// «دختر علی»: the child of somebody with a common name.
fn is_child_of(words: &[Word<'_>], at: usize) -> bool {
    let next = words.get(at + 1).map(|word| word.text);
    PERSIAN_OWNED.contains(&words[at].text) && next.is_some_and(|n| COMMON.contains(&n))
}

fn words(text: &Text) -> Vec<Word<'_>> {
    let (chars, text) = (text.chars(), text.text.as_str());
    let mut out = Vec::with_capacity(chars.len() / 5);
    // Where it begins among the characters, and among the bytes.
    let mut start = None;
    let mut byte = 0;
    for at in 0..=chars.len() {
        let inside =
            chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '\u{200c}' || *c == '\'');
        match (inside, start) {
            (true, None) => start = Some((at, byte)),
            (false, Some((from, first))) => {
                out.push(Word { text: &text[first..byte], start: from, end: at });
                start = None;
            }
            _ => {}
        }
        byte += chars.get(at).map_or(0, |c| c.len_utf8());
    }
    out
}

fn is_name(word: &Word<'_>) -> bool {
    let mut letters = word.text.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let lower = letters.next().is_some_and(char::is_lowercase);
    capital && lower && !NO_NAMES.contains(&word.text)
}

/// `his mother, Sara` or `Sara Example, his mother`.
fn english(chars: &[char], words: &[Word<'_>], at: usize) -> bool {
    let mut next = at + 1;
    let light = |from: usize, to: usize| {
        let gap = &chars[from..to];
        gap.len() <= 3 && gap.iter().all(|c| " ,:\"“'(".contains(*c))
    };
    let mut end = words[at].end;
    while let Some(word) = words.get(next).filter(|word| light(end, word.start)) {
        if is_name(word) {
            return true;
        }
        if !TITLES.contains(&word.text.to_lowercase().as_str()) {
            break;
        }
        // Behind a short title stands a dot.
        end = word.end + usize::from(chars.get(word.end) == Some(&'.'));
        next += 1;
    }
    let next = |n: usize| words.get(at + n);
    let of = next(1).is_some_and(|word| word.text == "of") && next(2).is_some_and(is_name);
    if of && CHILDREN.contains(&words[at].text.to_lowercase().as_str()) {
        return true;
    }
    // «Sara (mother)»
    let before = at.checked_sub(1).and_then(|b| words.get(b));
    let bracket = before.is_some_and(|b| {
        is_name(b) && chars[b.end..words[at].start].iter().collect::<String>() == " ("
    });
    if bracket && chars.get(words[at].end) == Some(&')') {
        return true;
    }
    let owner = at.checked_sub(1).map(|b| words[b].text.to_lowercase());
    if at < 3 || !matches!(owner.as_deref(), Some("his" | "her" | "their")) {
        return false;
    }
    if matches!(owner.as_deref(), Some("his" | "her" | "their"))
        && words[at - 2].text == "is"
        && is_name(&words[at - 3])
    {
        return true;
    }
    let comma = chars[words[at - 2].end..words[at - 1].start].contains(&',');
    comma && is_name(&words[at - 2]) && is_name(&words[at - 3])
}

/// The ending says whose relative it is.
fn is_possessed(words: &[Word<'_>], kin: usize) -> bool {
    let word = words[kin].text;
    let verb = VERBS.contains(&word) && kin > 0 && matches!(words[kin - 1].text, "می" | "نمی");
    !verb && ending_of(word).is_some_and(|end| !end.is_empty() && end != EZAFE)
}

/// «مادرش مهین گفت»: behind a relative of somebody stands a word that may be a name.
fn is_unlinked(next: &Word<'_>, gap: &str, then: Option<&str>) -> bool {
    let text = next.text;
    if text.starts_with(|c: char| c.is_ascii()) {
        return is_name(next);
    }
    let name = !is_link(text) && kin_of(text).is_none();
    // Behind a comma begins another clause, unless somebody speaks in this one; behind «: «» somebody does.
    let joined = match gap.contains('،') {
        true => then.is_some_and(is_said),
        false => !(gap.contains(':') && gap.contains(['«', '"', '“'])),
    };
    name && joined
}

/// `مادرش زهرا`, `برادرش، آقای …`, `همسرش به نام …`, or what stands between two commas behind it.
fn persian(chars: &[char], words: &[Word<'_>], kin: usize) -> bool {
    // «مادر او، …» is as good as «مادرش، …».
    let pronoun = words.get(kin + 1).is_some_and(|w| PRONOUNS.contains(&w.text));
    let at = kin + usize::from(pronoun);
    let Some(next) = words.get(at + 1) else { return false };
    let gap: String = chars[words[at].end..next.start].iter().collect();
    if gap.chars().count() > 3 || gap.contains(['.', '؟', '!', '\n', '؛']) {
        return false;
    }
    let text = next.text;
    let after = |n: usize| words.get(at + n).map(|w| w.text);
    // Of a person who is named otherwise: «مادر پویا» says nothing but the name of the dead.
    let owned = pronoun || !PERSIAN.contains(&words[kin].text);
    let called = (text == "به" && after(2) == Some("نام")) || text == "به\u{200c}نام";
    if PERSIAN_TITLES.contains(&text) || called {
        return true;
    }
    if owned && COMMON.contains(&text) {
        return true;
    }
    let theirs = pronoun || is_possessed(words, kin);
    if theirs && is_unlinked(next, &gap, after(2)) {
        return true;
    }
    if is_link(text) {
        return false;
    }
    // «مادرش، نام و نام خانوادگی، گفت»
    let close = (1..=4).find(|n| {
        let (Some(word), Some(then)) = (words.get(at + n), words.get(at + n + 1)) else {
            return false;
        };
        chars[word.end..then.start].contains(&'،')
    });
    owned && gap.contains('،') && close.is_some_and(|n| n <= 3)
}
