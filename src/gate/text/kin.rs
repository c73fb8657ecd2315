//! Relatives: people who may be alive and did not ask to be named.
//!
//! A word for a relative with a name beside it is nearly certain; the word alone is worth a look.

use super::Hit;
use crate::gate::code::Code;

const ENGLISH: [&str; 26] = [
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
];
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
const PERSIAN: [&str; 11] =
    ["مادر", "پدر", "برادر", "خواهر", "همسر", "عمو", "عمه", "خاله", "دایی", "نامزد", "شوهر"];
const PERSIAN_OWNED: [&str; 4] = ["پسر", "دختر", "زن", "فرزند"];
const ENDINGS: [&str; 8] = ["ش", "\u{200c}اش", "شان", "\u{200c}شان", "م", "ت", "مان", "\u{200c}ی"];
const PERSIAN_TITLES: [&str; 7] = ["آقای", "خانم", "سیده", "سید", "حاج", "دکتر", "مرحوم"];
/// Words that begin a clause and no name.
const LINKS: [&str; 9] = ["که", "با", "در", "از", "به", "و", "بعد", "هنوز", "هم"];
/// Given names that are common in Iran.
const COMMON: [&str; 64] = [
    "علی",
    "محمد",
    "حسین",
    "حسن",
    "رضا",
    "مهدی",
    "احمد",
    "امیر",
    "امیرحسین",
    "علیرضا",
    "محمدرضا",
    "حمید",
    "حمیدرضا",
    "سعید",
    "مجید",
    "وحید",
    "مسعود",
    "محمود",
    "عباس",
    "ابراهیم",
    "اکبر",
    "اصغر",
    "جواد",
    "کریم",
    "کاظم",
    "ناصر",
    "منصور",
    "بهرام",
    "بهروز",
    "فرهاد",
    "پویا",
    "آرش",
    "کیوان",
    "سیاوش",
    "داریوش",
    "کوروش",
    "آرمان",
    "سینا",
    "نیما",
    "فاطمه",
    "زهرا",
    "مریم",
    "معصومه",
    "زینب",
    "لیلا",
    "سکینه",
    "اعظم",
    "اکرم",
    "طاهره",
    "ناهید",
    "شهناز",
    "پروین",
    "مهناز",
    "فریبا",
    "نسرین",
    "شیرین",
    "سارا",
    "مینا",
    "نرگس",
    "سمیه",
    "الهام",
    "آزاده",
    "نازنین",
    "محبوبه",
];

/// A word and where it stands.
struct Word {
    text: String,
    start: usize,
    end: usize,
}

/// Finds them.
pub fn lint(chars: &[char], hits: &mut Vec<Hit>) {
    let words = words(chars);
    let mut weak = None;
    for at in 0..words.len() {
        let named = match kin_of(&words[at].text) {
            Some(Tongue::English) => english(chars, &words, at),
            Some(Tongue::Persian) => persian(chars, &words, at),
            None => continue,
        };
        if named {
            let shown = format!("«{}» with a name", words[at].text);
            hits.push(Hit::sure(Code::Relative, shown));
        } else {
            weak.get_or_insert(&words[at].text);
        }
    }
    if let Some(word) = weak {
        hits.push(Hit::unsure(Code::Relative, format!("«{word}»")));
    }
}

/// True when brothers or sisters are spoken of.
pub fn tells_siblings(chars: &[char]) -> bool {
    words(chars).iter().any(|word| {
        let lower = word.text.to_lowercase();
        let english = ["brother", "brothers", "sister", "sisters", "sibling", "siblings", "twin"];
        english.contains(&lower.as_str())
            || ["برادر", "خواهر"].iter().any(|kin| word.text.starts_with(kin))
    })
}

enum Tongue {
    English,
    Persian,
}

fn kin_of(word: &str) -> Option<Tongue> {
    if ENGLISH.contains(&word.to_lowercase().as_str()) {
        return Some(Tongue::English);
    }
    let owned = |list: &[&str], bare: bool| {
        list.iter().any(|kin| {
            let end = word.strip_prefix(kin);
            end.is_some_and(|end| (bare && end.is_empty()) || ENDINGS.contains(&end))
        })
    };
    (owned(&PERSIAN, true) || owned(&PERSIAN_OWNED, false)).then_some(Tongue::Persian)
}

fn words(chars: &[char]) -> Vec<Word> {
    let mut out = Vec::new();
    let mut start = None;
    for at in 0..=chars.len() {
        let inside =
            chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '\u{200c}' || *c == '\'');
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                out.push(Word { text: chars[from..at].iter().collect(), start: from, end: at });
                start = None;
            }
            _ => {}
        }
    }
    out
}

fn is_name(word: &Word) -> bool {
    let mut letters = word.text.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let lower = letters.next().is_some_and(char::is_lowercase);
    capital && lower && !NO_NAMES.contains(&word.text.as_str())
}

/// `his mother, Sara` or `Sara Example, his mother`.
fn english(chars: &[char], words: &[Word], at: usize) -> bool {
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
    let owner = at.checked_sub(1).map(|b| words[b].text.to_lowercase());
    if at < 3 || !matches!(owner.as_deref(), Some("his" | "her" | "their")) {
        return false;
    }
    let comma = chars[words[at - 2].end..words[at - 1].start].contains(&',');
    comma && is_name(&words[at - 2]) && is_name(&words[at - 3])
}

/// `مادرش زهرا`, `برادرش، آقای …`, `همسرش به نام …`, or what stands between two commas behind it.
fn persian(chars: &[char], words: &[Word], at: usize) -> bool {
    let Some(next) = words.get(at + 1) else { return false };
    let gap: String = chars[words[at].end..next.start].iter().collect();
    if gap.chars().count() > 3 || gap.contains(['.', '؟', '!', '\n', '؛']) {
        return false;
    }
    let text = next.text.as_str();
    let after = |n: usize| words.get(at + n).map(|w| w.text.as_str());
    // Of a person who is named otherwise: «مادر پویا» says nothing but the name of the dead.
    let owned = !PERSIAN.contains(&words[at].text.as_str());
    let called = (text == "به" && after(2) == Some("نام")) || text == "به\u{200c}نام";
    if PERSIAN_TITLES.contains(&text) || called {
        return true;
    }
    if owned && COMMON.contains(&text) {
        return true;
    }
    if LINKS.contains(&text) {
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
