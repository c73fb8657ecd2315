//! Positions finer than about 1 km: decimals, degrees with seconds, codes, and links to maps.

use super::read::{Sign, Text};
use super::{Hit, ends, starts};
use crate::gate::code::Code;

/// Decimals that name a place more exactly than about 1 km.
const FINE: usize = 3;
/// Most characters between latitude and longitude.
const MAX_GAP: usize = 16;
/// Words that may stand between them.
const BETWEEN: [&str; 12] = [
    "longitude",
    "latitude",
    "mlon",
    "mlat",
    "lon",
    "lng",
    "lat",
    "شمالی",
    "شرقی",
    "طول",
    "عرض",
    "و",
];
const MAPS: [&str; 14] = [
    "maps.app.goo.gl/",
    "goo.gl/maps/",
    "google.com/maps",
    "maps.google.",
    "openstreetmap.org/",
    "osm.org/go/",
    "neshan.org/",
    "balad.ir/",
    "waze.com/",
    "what3words.com/",
    "w3w.co/",
    "maps.apple.com",
    "yandex.com/maps",
    "bing.com/maps",
];
/// The characters of open location codes.
const CODE: &str = "23456789CFGHJMPQRVWX";

/// Finds them.
pub fn lint(text: &Text, hits: &mut Vec<Hit>) {
    let before = hits.len();
    let mut places = Vec::new();
    if text.digits >= 2 * (1 + FINE) {
        places.extend(pairs(text.chars()));
    }
    if text.has(Sign::Degree) {
        places.extend(seconds(text.chars()));
    }
    if text.has(Sign::Plus) {
        places.extend(location_codes(text.chars()));
    }
    for (from, to) in places {
        hits.push(Hit::sure(Code::Coordinates, ends(&text.chars()[from..to])));
    }
    // The signs are among these: what is told already is not told again.
    let spelled = (in_words(text) + by_compass(text)).saturating_sub(hits.len() - before);
    let hit = Hit::sure(Code::Coordinates, "degrees and minutes");
    hits.extend(std::iter::repeat_n(hit, spelled));
    if !text.has(Sign::Slash) {
        return;
    }
    for map in MAPS.into_iter().filter(|map| text.says(map)) {
        let hit = Hit::sure(Code::Coordinates, format!("a link to a map ({map})"));
        hits.extend(std::iter::repeat_n(hit, text.lower.matches(map).count()));
    }
}

/// A number with decimals: where it begins and ends, its whole part, how many decimals.
struct Decimal {
    start: usize,
    end: usize,
    whole: u32,
    places: usize,
}

fn decimals(chars: &[char]) -> Vec<Decimal> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
        let (start, length) = (at, run(at));
        at += length;
        let fraction = start == 0 || chars[start - 1] != '.';
        let places = match chars.get(at) {
            Some('.') if fraction => run(at + 1),
            // A comma, and in Persian a slash; with fewer digits it is a thousand, or a month and its year.
            Some(',' | '/') if fraction => Some(run(at + 1)).filter(|n| *n >= 5).unwrap_or(0),
            _ => 0,
        };
        if places == 0 {
            continue;
        }
        at += 1 + places;
        let more = chars.get(at) == Some(&'.') && run((at + 1).min(chars.len())) > 0;
        if length > 3 || more {
            continue;
        }
        let whole: String = chars[start..start + length].iter().collect();
        out.push(Decimal { start, end: at, whole: whole.parse().unwrap_or(u32::MAX), places });
    }
    out
}

/// Two fine numbers that can be latitude and longitude, near each other.
fn pairs(chars: &[char]) -> Vec<(usize, usize)> {
    let numbers = decimals(chars);
    let pair = |two: &[Decimal]| {
        let (a, b) = (&two[0], &two[1]);
        let fine = a.places >= FINE && b.places >= FINE;
        let range = a.whole.max(b.whole) < 180 && a.whole.min(b.whole) < 90;
        let near = is_between(&chars[a.end..b.start]);
        (fine && range && near).then_some((a.start, b.end))
    };
    numbers.windows(2).filter_map(pair).collect()
}

fn is_between(gap: &[char]) -> bool {
    if gap.is_empty() || gap.len() > MAX_GAP {
        return false;
    }
    let mut text: String = gap.iter().map(char::to_ascii_lowercase).collect();
    for word in BETWEEN {
        text = text.replace(word, "");
    }
    text.chars().all(|c| " ,;/|!&=%°'()[]{}:\"-+،nesw4d\n".contains(c))
}

/// Degrees and minutes with seconds or with decimals.
fn seconds(chars: &[char]) -> Vec<(usize, usize)> {
    let one = |at: usize| {
        if !matches!(chars[at], '°' | 'º') || !chars[at - 1].is_ascii_digit() {
            return None;
        }
        let spaces = |from: usize| from + chars[from..].iter().take_while(|c| **c == ' ').count();
        let digits = |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_digit()).count();
        let from = spaces(at + 1);
        let minutes = digits(from);
        let mut end = from + minutes;
        if !(1..=2).contains(&minutes) {
            return None;
        }
        let fraction = chars.get(end) == Some(&'.') && digits(end + 1) > 0;
        if fraction {
            return Some((at - 1, end + 2));
        }
        if !chars.get(end).is_some_and(|c| "'′’\u{2019}´".contains(*c)) {
            return None;
        }
        end = spaces(end + 1);
        (digits(end) > 0).then_some((at - 1, end + 1))
    };
    (1..chars.len()).filter_map(one).collect()
}

/// Words for the signs of degrees and minutes.
const SIGNS: [(&str, &str); 8] = [
    ("درجه", "°"),
    ("دقیقه", "'"),
    ("degrees", "°"),
    ("deg", "°"),
    ("minutes", "'"),
    ("min", "'"),
    (" and ", " "),
    (" و ", " "),
];

/// Without one of them no degrees are spelled out.
pub fn words() -> impl Iterator<Item = &'static str> {
    SIGNS[..4].iter().map(|(word, _)| *word)
}

/// As [`seconds`], spelled out.
fn in_words(text: &Text) -> usize {
    if !text.telling || !words().any(|word| text.says(word)) {
        return 0;
    }
    let mut text = text.lower.clone();
    for (word, sign) in SIGNS {
        text = text.replace(word, sign);
    }
    let text: Vec<char> = text.replace(" °", "°").replace(" '", "'").chars().collect();
    seconds(&text).len()
}

/// `N 35 12.345 E 51 23.456`, `35 12 21 N 51 23 45 E`: letters of the compass, and two or more numbers between.
fn by_compass(text: &Text) -> usize {
    if !text.has(Sign::Compass) {
        return 0;
    }
    let words: Vec<&str> = text
        .text
        .split([' ', ',', ';', '°', '\'', '"', '′', '″'])
        .filter(|w| !w.is_empty())
        .collect();
    let number = |word: &&&str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let is_position = |at: usize, word: &str| {
        let rest = words.get(at + 1..).unwrap_or_default();
        let between = rest.iter().take_while(number).count();
        matches!(word, "N" | "S")
            && (2..=3).contains(&between)
            && rest.get(between).is_some_and(|word| matches!(*word, "E" | "W"))
    };
    words.iter().enumerate().filter(|(at, word)| is_position(*at, word)).count()
}

/// An open location code of ten characters, or its short form.
fn location_codes(chars: &[char]) -> Vec<(usize, usize)> {
    let one = |at: usize| {
        let is_code = |c: &&char| CODE.contains(**c);
        let before = chars[..at].iter().rev().take_while(is_code).count();
        let after = chars[at + 1..].iter().take_while(is_code).count();
        let start = at - before;
        let joined = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
        let alone = !joined(start.checked_sub(1).and_then(|b| chars.get(b)))
            && !joined(chars.get(at + 1 + after));
        let letters = chars[start..at].iter().any(char::is_ascii_alphabetic);
        let fits = (before == 8 || before == 4 || before == 6) && (2..=3).contains(&after);
        (fits && alone && letters && !starts(chars, start, "+")).then_some((start, at + 1 + after))
    };
    (0..chars.len()).filter(|at| chars[*at] == '+').filter_map(one).collect()
}
