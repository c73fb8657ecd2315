//! The index: what a query finds, best first.

use super::terms::Terms;
use std::collections::BTreeMap;
use yadgar_protocol::persian::{fold, nospace, skeleton};

/// Longest query that is looked at, in characters.
pub const MAX_QUERY_CHARS: usize = 100;
/// Words of a query that are looked at.
pub const MAX_QUERY_WORDS: usize = 8;
/// Neighbouring words of a query that are read as one.
const MAX_JOINED_WORDS: usize = 3;
/// Shortest skeleton that is looked for: one consonant says nothing.
const MIN_SKELETON: usize = 2;

/// What of a record is searched.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Every spelling of the name.
    pub names: Vec<String>,
    /// Other words: father's name, city.
    pub words: Vec<String>,
}

/// What a query found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Places of documents, best first; equally good ones in their own order.
    pub places: Vec<u32>,
    /// How many were found in all.
    pub total: usize,
}

/// How a word was found; the smaller the better. What is found in other words than names comes after.
const EXACT: u8 = 0;
const PREFIX: u8 = 1;
const SOUND: u8 = 3;
const TYPO: u8 = 4;
const IN_WORDS: u8 = 5;
const NONE: u8 = u8::MAX;

/// An index over documents, which it names by their places.
#[derive(Debug, Default)]
pub struct Index {
    count: usize,
    names: Terms,
    words: Terms,
    joined: Terms,
    sounds: Terms,
    joined_sounds: Terms,
}

impl Index {
    /// Builds an index.
    pub fn new(documents: impl IntoIterator<Item = Document>) -> Self {
        let mut maps: [BTreeMap<String, Vec<u32>>; 5] = Default::default();
        let mut count = 0;
        for (at, document) in (0_u32..).zip(documents) {
            count += 1;
            let [names, words, joined, sounds, joined_sounds] = &mut maps;
            let put = |map: &mut BTreeMap<String, Vec<u32>>, term: String| {
                if !term.is_empty() {
                    map.entry(term).or_default().push(at);
                }
            };
            for name in &document.names {
                put(joined, nospace(name));
                put(joined_sounds, sound(name));
                put(joined_sounds, sound(&without_silent(name)));
                for whole in name.split_whitespace() {
                    put(sounds, sound(&without_silent(whole)));
                    for word in with_pieces(whole) {
                        put(sounds, sound(&word));
                        put(names, word);
                    }
                }
            }
            let beside = document.words.iter().flat_map(|text| text.split_whitespace());
            let whole = document.words.iter().map(|text| nospace(text));
            for word in beside.flat_map(with_pieces).chain(whole) {
                put(words, word);
            }
        }
        let [names, words, joined, sounds, joined_sounds] = maps;
        Self {
            count,
            names: Terms::new(names, true),
            words: Terms::new(words, true),
            joined: Terms::new(joined, true),
            sounds: Terms::new(sounds, false),
            joined_sounds: Terms::new(joined_sounds, false),
        }
    }

    /// The best `limit` documents for a query. Nothing for a query without letters or digits.
    pub fn search(&self, query: &str, limit: usize) -> Found {
        let query: String = query.chars().take(MAX_QUERY_CHARS).collect();
        let words = tokens(&query);
        if words.is_empty() {
            return Found::default();
        }
        let words = &words[..words.len().min(MAX_QUERY_WORDS)];
        let mut ranks = self.apart(words);
        for (rank, found) in ranks.iter_mut().zip(self.together(&query)) {
            *rank = (*rank).min(if found == NONE { u16::MAX } else { found.into() });
        }
        let mut hits: Vec<(u16, u32)> =
            ranks.into_iter().zip(0_u32..).filter(|(rank, _)| *rank < u16::MAX).collect();
        hits.sort_unstable();
        let total = hits.len();
        Found { places: hits.into_iter().take(limit).map(|(_, at)| at).collect(), total }
    }

    /// How well each document has all words of a query, in every way to read neighbouring words as one: people
    /// write with a space what others write together.
    fn apart(&self, words: &[String]) -> Vec<u16> {
        // At `n`: the best for the first `n` words.
        let mut best = vec![vec![u16::MAX; self.count]; words.len() + 1];
        best[0].fill(0);
        for end in 1..=words.len() {
            for from in end.saturating_sub(MAX_JOINED_WORDS)..end {
                let found = self.word(&words[from..end].concat());
                let (before, now) = best.split_at_mut(end);
                for ((now, before), found) in now[0].iter_mut().zip(&before[from]).zip(found) {
                    if found != NONE {
                        *now = (*now).min(before.saturating_add(found.into()));
                    }
                }
            }
        }
        best.pop().unwrap_or_default()
    }

    /// How well each document has one word of a query.
    fn word(&self, word: &str) -> Vec<u8> {
        let mut best = vec![NONE; self.count];
        note(&mut best, EXACT, self.names.exact(word).iter().copied());
        note(&mut best, PREFIX, self.names.prefix(word));
        let sound = sound(word);
        if sound.chars().count() >= MIN_SKELETON {
            note(&mut best, SOUND, self.sounds.exact(&sound).iter().copied());
        }
        note(&mut best, TYPO, self.names.typo(word));
        note(&mut best, IN_WORDS + EXACT, self.words.exact(word).iter().copied());
        note(&mut best, IN_WORDS + PREFIX, self.words.prefix(word));
        note(&mut best, IN_WORDS + TYPO, self.words.typo(word));
        best
    }

    /// How well each document has the whole query as one word.
    fn together(&self, query: &str) -> Vec<u8> {
        let mut best = vec![NONE; self.count];
        let joined = nospace(query);
        note(&mut best, EXACT, self.joined.exact(&joined).iter().copied());
        note(&mut best, PREFIX, self.joined.prefix(&joined));
        let sound = sound(query);
        // Of a whole name there is enough to go by from three consonants on.
        if sound.chars().count() > MIN_SKELETON {
            note(&mut best, SOUND, self.joined_sounds.exact(&sound).iter().copied());
            note(&mut best, TYPO, self.joined_sounds.prefix(&sound));
        }
        note(&mut best, TYPO, self.joined.typo(&joined));
        best
    }
}

fn tokens(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The skeleton with one letter for the two sounds that `ch` stands for: in French spellings it is what others write
/// `sh`.
fn sound(text: &str) -> String {
    let mut out = String::new();
    for c in skeleton(text).chars() {
        let c = if c == 'š' { 'c' } else { c };
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// A name of which the parts are written together without a final h of theirs: silent, it is often left out in Latin
/// also where another part follows.
fn without_silent(name: &str) -> String {
    let parts = name.split(|c: char| c.is_whitespace() || matches!(c, '\u{200c}' | '-'));
    parts.map(|part| nospace(part).trim_end_matches(['ه', 'h']).to_owned()).collect()
}

/// A word as one key, and the parts that a non-joiner or hyphen sets off in it.
fn with_pieces(word: &str) -> Vec<String> {
    let mut keys: Vec<String> = word.split(['\u{200c}', '-']).map(nospace).collect();
    keys.push(nospace(word));
    keys.retain(|key| !key.is_empty());
    keys.sort();
    keys.dedup();
    keys
}

fn note(best: &mut [u8], rank: u8, documents: impl Iterator<Item = u32>) {
    for at in documents {
        if let Some(old) = best.get_mut(at as usize) {
            *old = rank.min(*old);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let people = [
            (vec!["روژان گندم\u{200c}خورشید", "Rozhan Gandomkhorshid"], "نی\u{200c}دشتان"),
            (vec!["امیرحسین کوه\u{200c}آوازان"], "مهر شهر"),
            (vec!["علی نرگس\u{200c}طوفان", "Ali Nargestufan"], "آبنگاران"),
            (vec!["Latin Only"], ""),
        ];
        Index::new(people.map(|(names, city)| Document {
            names: names.into_iter().map(str::to_owned).collect(),
            words: vec![city.to_owned()],
        }))
    }

    #[test]
    fn each_way_of_writing_finds_the_person() {
        let index = index();
        for (query, wanted) in [
            ("روژان", 0),
            ("گندم خورشید", 0),
            ("گندمخورشید روژان", 0),
            ("روژانگندمخورشید", 0),
            ("خورشید", 0),
            ("روزان", 0),
            ("Rojan", 0),
            ("gandom khorshid", 0),
            ("امير حسين", 1),
            ("Amir Hossein", 1),
            ("Amirhosein Kuhavazan", 1),
            ("مهرشهر", 1),
            ("علي", 2),
            ("نرگس طو", 2),
            ("Nargestoofan", 2),
            ("ابنگاران", 2),
            ("latin", 3),
            ("lation", 3),
        ] {
            assert_eq!(index.search(query, 10).places.first(), Some(&wanted), "{query}");
        }
        assert_eq!(index.search("روژان علی", 10).total, 0, "all words must be found");
        for nothing in ["", "  ", "!?", "\u{200c}", "zzzzz"] {
            assert_eq!(index.search(nothing, 10), Found::default(), "{nothing}");
        }
        assert_eq!(index.search("ا", 1).places.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_answered(query in "\\PC{0,300}") {
            let found = index().search(&query, 2);
            proptest::prop_assert!(found.places.len() <= 2 && found.total <= 4);
        }
    }
}
