//! Each of 323 people who never lived is found by every spelling that somebody may type.
//!
//! A query counts as found when the person stands among the first [`FIRST`] results: what a telephone shows without
//! scrolling. The whole name as it is written must come first. The spellings are made by rules of this file, which share
//! no code with the search.

use crate::people::{Options, People, Pictures};
use yadgar::search::{Document, Index};
use yadgar_protocol::record::Victim;

const PEOPLE: usize = 323;
/// How many results the person must be among.
const FIRST: usize = 10;
/// Seeds of the people, so that no rule fits one set of them.
const SEEDS: [u64; 2] = [1, 7];
/// Seeded places at which each kind of typo is made in each name.
const PLACES: u64 = 4;

const ZWNJ: char = '\u{200c}';

struct Sought {
    fa: String,
    en: String,
}

fn people(seed: u64) -> (Vec<Sought>, Index) {
    let options = Options { seed, pictures: Pictures::None };
    let victims: Vec<Victim> = People::new(options).take(PEOPLE).map(|p| p.victim).collect();
    let sought = victims.iter().map(|victim| Sought {
        fa: victim.primary_name("fa").unwrap().to_owned(),
        en: victim.primary_name("en").unwrap().to_owned(),
    });
    // As the reader's list does: every spelling, and beside it the father's name and the city.
    let documents = victims.iter().map(|victim| {
        let city = victim.place.as_ref().and_then(|place| place.city.as_ref());
        let beside = victim.father_name.iter().chain(city);
        Document {
            names: victim.names.iter().map(|name| name.text.clone()).collect(),
            words: beside.flat_map(|t| t.fa.iter().chain(&t.en)).cloned().collect(),
        }
    });
    (sought.collect(), Index::new(documents))
}

/// Looks for everybody by what `spell` makes of the name, and tells all who are not among the first.
fn all_found(what: &str, first: usize, spell: impl Fn(u64, &Sought) -> Vec<String>) {
    let (mut missed, mut asked) = (Vec::new(), 0);
    for seed in SEEDS {
        let (sought, index) = people(seed);
        for (at, person) in (0_u32..).zip(&sought) {
            for query in spell(u64::from(at), person) {
                asked += 1;
                if !index.search(&query, first).places.contains(&at) {
                    missed.push(format!("{} / {}: «{query}»", person.fa, person.en));
                }
            }
        }
    }
    assert!(asked >= PEOPLE * SEEDS.len(), "{what}: only {asked} queries");
    let (n, some) = (missed.len(), missed.iter().take(20).cloned().collect::<Vec<_>>());
    assert!(missed.is_empty(), "{what}: {n} of {asked} not among the first {first}: {some:#?}");
}

#[test]
fn as_it_is_written_it_comes_first() {
    all_found("as written", 1, |_, person| vec![person.fa.clone(), person.en.clone()]);
}

#[test]
fn arabic_letters() {
    all_found("Arabic letters", FIRST, |_, person| {
        let arabic = person.fa.replace('ی', "ي").replace('ک', "ك");
        let more = arabic.replace('ه', "ة").replace('آ', "أ");
        vec![arabic.clone(), arabic.replace(ZWNJ, " "), more, person.fa.replace('ی', "ى")]
    });
}

#[test]
fn without_spaces_and_with_more_of_them() {
    all_found("spaces", FIRST, |_, person| {
        let bare = person.fa.replace([' ', ZWNJ], "");
        vec![bare, person.fa.replace(ZWNJ, " "), person.en.replace(' ', "")]
    });
}

#[test]
fn with_a_non_joiner() {
    all_found("non-joiners", FIRST, |_, person| {
        let (given, family) = person.fa.split_once(' ').unwrap();
        let joined = person.fa.replace(' ', "\u{200c}");
        let doubled = person.fa.replace(ZWNJ, "\u{200c}\u{200c}");
        vec![joined, doubled, format!("{family} {given}")]
    });
}

#[test]
fn the_family_name_alone() {
    all_found("family name", FIRST, |_, person| {
        let (_, family) = person.fa.split_once(' ').unwrap();
        vec![family.to_owned(), family.replace(ZWNJ, ""), family.replace(ZWNJ, " ")]
    });
}

/// Numbers that look like chance and are the same in every run.
fn chance(person: u64, kind: u64, place: u64) -> impl FnMut(usize) -> usize {
    let mut state = blake3::hash(format!("{person} {kind} {place}").as_bytes());
    move |end| {
        state = blake3::hash(state.as_bytes());
        let number = u64::from_le_bytes(state.as_bytes()[..8].try_into().unwrap());
        (number % end as u64) as usize
    }
}

/// One typo of a kind in one of the letters of a text: insert, delete, replace, swap.
fn typo(text: &str, kind: u64, mut below: impl FnMut(usize) -> usize) -> String {
    let alphabet: Vec<char> = match text.is_ascii() {
        true => ('a'..='z').collect(),
        false => "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی".chars().collect(),
    };
    let mut letters: Vec<char> = text.chars().collect();
    let is_letter = |c: char| c.is_alphabetic();
    loop {
        let at = below(letters.len());
        let other = alphabet[below(alphabet.len())];
        let next = letters.get(at + 1).copied();
        match kind {
            _ if !is_letter(letters[at]) => continue,
            0 => letters.insert(at, other),
            1 => drop(letters.remove(at)),
            2 if other != letters[at] => letters[at] = other,
            3 if next.is_some_and(|next| is_letter(next) && next != letters[at]) => {
                letters.swap(at, at + 1);
            }
            _ => continue,
        }
        return letters.into_iter().collect();
    }
}

fn with_typos(person: u64, text: &str) -> Vec<String> {
    let all = (0..4).flat_map(|kind| (0..PLACES).map(move |place| (kind, place)));
    all.map(|(kind, place)| typo(text, kind, chance(person, kind, place))).collect()
}

#[test]
fn one_typo_of_every_kind() {
    all_found("a typo", FIRST, |at, person| with_typos(at, &person.fa));
}

#[test]
fn one_typo_in_the_latin_name() {
    all_found("a typo in Latin", FIRST, |at, person| with_typos(at, &person.en));
}

#[test]
fn one_typo_in_a_name_without_spaces() {
    all_found("a typo, no spaces", FIRST, |at, person| {
        with_typos(at, &person.fa.replace([' ', ZWNJ], ""))
    });
}

/// Ways to write a Persian name in Latin letters, each a list of replacements in the name as the record has it. Where two
/// words meet in `ssh` there are two sounds, and nobody drops one.
const LATIN: [&[(&str, &str)]; 7] = [
    // Newspapers.
    &[("ou", "oo"), ("gh", "q"), ("eh ", "e "), ("ssh", "ssh"), ("ss", "s")],
    // The older French way.
    &[("ssh", "ssh"), ("ou", "ou"), ("j", "dj"), ("sh", "ch"), ("u", "ou")],
    // Doubled and simplified letters.
    &[("oo", "u"), ("ou", "u"), ("ei", "ey"), ("aa", "a"), ("mm", "m"), ("ll", "l")],
    // As people type quickly.
    &[("kh", "x"), ("gh", "gh"), ("eh", "e"), ("ey", "ei"), ("ow", "o")],
    // Short vowels as other ears hear them.
    &[("o", "u"), ("e", "i")],
    // English ears.
    &[("i", "ee"), ("u", "oo"), ("v", "w")],
    // The letter k, and the other sound of zh.
    &[("zh", "j"), ("ow", "av"), ("ei", "ai")],
];

#[test]
fn common_latin_spellings() {
    all_found("Latin spellings", FIRST, |_, person| {
        let lower = format!("{} ", person.en.to_lowercase());
        let spelled = LATIN.iter().map(|rules| {
            let mut text = lower.clone();
            // One pass for each rule, on what no rule before has written.
            for (from, to) in *rules {
                text = text.replace(from, &to.to_uppercase());
            }
            text.trim().to_lowercase()
        });
        let whole: Vec<_> = spelled.collect();
        let parted = whole.iter().map(|name| name.replace("eh", "eh "));
        parted.chain(whole.clone()).collect()
    });
}

/// Names differ, also without spaces and marks; the generator promises it for a hundred thousand.
#[test]
fn no_two_people_have_one_name() {
    let options = Options { seed: 3, pictures: Pictures::None };
    let mut seen = std::collections::HashSet::new();
    for person in People::new(options).take(3_000) {
        let name = person.victim.primary_name("fa").unwrap().replace([' ', ZWNJ], "");
        assert!(seen.insert(name.clone()), "{name}");
        assert!(person.victim.fictional.is_some());
    }
}
