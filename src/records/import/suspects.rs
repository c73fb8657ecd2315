//! Pairs of records that may be one person: folded names, father's name, date, place.
//!
//! It is a question to the maintainer, never an answer: nothing is joined by it.

use super::limits::{MAX_BLOCK, MAX_SUSPECTS};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use yadgar_protocol::persian::{nospace, skeleton};
use yadgar_protocol::record::dates::Span;
use yadgar_protocol::record::{FuzzyDate, NameKind, RecordId, Victim};

/// From this score on a pair is reported. The same name alone reaches it; whatever contradicts takes it below.
pub const THRESHOLD: i32 = 5;
/// Shortest key of consonants that tells anything.
const MIN_SKELETON: usize = 4;

/// Why a pair is suspected, each with its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The same folded name.
    Name,
    /// Names with the same consonants, also across scripts.
    SimilarName,
    /// The same father's name.
    Father,
    /// Days of death that can be the same.
    Date,
    /// The same city, or province where no city is known.
    Place,
    /// Ages that can be the same.
    Age,
    /// The same id in another collection.
    External,
}

impl Reason {
    /// Its stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::SimilarName => "similar-name",
            Self::Father => "father",
            Self::Date => "date",
            Self::Place => "place",
            Self::Age => "age",
            Self::External => "external-id",
        }
    }

    const fn weight(self) -> i32 {
        match self {
            Self::Name => 5,
            Self::SimilarName => 3,
            Self::Father => 3,
            Self::Date => 2,
            Self::Place | Self::Age => 1,
            Self::External => 10,
        }
    }

    /// What it takes away when both sides say something and it differs.
    const fn against(self) -> i32 {
        match self {
            Self::Father => 4,
            Self::Date => 2,
            Self::Place => 1,
            Self::Age => 2,
            _ => 0,
        }
    }
}

/// What is compared of a person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name that reports show.
    pub shown: String,
    names: Vec<String>,
    skeletons: Vec<String>,
    father: Option<String>,
    died: Option<Span>,
    place: Option<String>,
    age: Option<(u64, u64)>,
    external: Vec<String>,
}

impl Person {
    /// Of a record.
    pub fn of(victim: &Victim) -> Self {
        let sorted =
            |keys: Vec<String>| keys.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        // Many people share what friends call them.
        let own = || victim.names.iter().filter(|name| name.kind != NameKind::Nickname);
        let names = own().map(|name| nospace(&name.text)).filter(|k| !k.is_empty());
        let skeletons = own().map(|name| skeleton(&name.text));
        let skeletons = skeletons.filter(|key| key.chars().count() >= MIN_SKELETON);
        let shown = victim.primary_name("fa").or(victim.primary_name("en")).map(str::to_owned);
        let text = |t: &yadgar_protocol::record::Texts| t.fa.clone().or_else(|| t.en.clone());
        let place = victim.place.as_ref().and_then(|place| {
            let city = place.city.as_ref().and_then(text).map(|city| skeleton(&city));
            city.or_else(|| place.province.clone())
        });
        let external = victim.external_ids.iter().map(|e| format!("{}\n{}", nospace(&e.org), e.id));
        Self {
            shown: shown.unwrap_or_default(),
            names: sorted(names.collect()),
            skeletons: sorted(skeletons.collect()),
            father: victim.father_name.as_ref().and_then(text).map(|name| skeleton(&name)),
            died: victim.died_at.as_ref().and_then(FuzzyDate::span),
            place,
            age: victim.age.as_ref().map(|age| (age.min, age.max)),
            external: external.collect(),
        }
    }

    /// How much speaks for the two being one, and why.
    pub fn compare(&self, other: &Self) -> (i32, Vec<Reason>) {
        let (mut score, mut reasons) = (0, Vec::new());
        let mut judge = |reason: Reason, same: Option<bool>| match same {
            Some(true) => {
                score += reason.weight();
                reasons.push(reason);
            }
            Some(false) => score -= reason.against(),
            None => {}
        };
        let share = |a: &[String], b: &[String]| a.iter().any(|key| b.contains(key));
        let name = share(&self.names, &other.names);
        let similar = !name && share(&self.skeletons, &other.skeletons);
        judge(Reason::Name, name.then_some(true));
        judge(Reason::SimilarName, similar.then_some(true));
        let both = |a: &Option<String>, b: &Option<String>| {
            a.as_ref().zip(b.as_ref()).map(|(a, b)| a == b)
        };
        judge(Reason::Father, both(&self.father, &other.father));
        let dates = self.died.zip(other.died);
        judge(Reason::Date, dates.map(|(a, b)| a.from <= b.to && b.from <= a.to));
        judge(Reason::Place, both(&self.place, &other.place));
        // A year more or less is how sources count differently.
        let ages = self.age.zip(other.age);
        judge(Reason::Age, ages.map(|(a, b)| a.0 <= b.1 + 1 && b.0 <= a.1 + 1));
        judge(Reason::External, share(&self.external, &other.external).then_some(true));
        (score, reasons)
    }
}

/// One side of a pair.
#[derive(Debug, Clone)]
pub struct Who {
    /// The record.
    pub id: RecordId,
    /// Where it was imported from; `None` when it is only in the folder.
    pub row: Option<(Arc<str>, Option<u64>)>,
    /// What is compared.
    pub person: Person,
}

/// A pair that may be one person.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// One that is imported.
    pub a: Who,
    /// The other.
    pub b: Who,
    /// From `THRESHOLD`.
    pub score: i32,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Every suspected pair of which at least one is imported, best first; and whether there were too many to look at all.
pub fn find(
    people: &[Who],
    told_apart: impl Fn(RecordId, RecordId) -> bool,
) -> (Vec<Suspect>, bool) {
    let mut search = Search { people, seen: BTreeSet::new(), found: Vec::new(), cut: false };
    for (_, block) in blocks(people, 0..people.len(), keys_of_name) {
        match block.len() <= MAX_BLOCK {
            true => search.pairs(&block, &told_apart),
            // A name that many have tells nothing alone: it is looked at together with what else is the same.
            false => {
                for (_, finer) in blocks(people, block.iter().copied(), finer_keys) {
                    search.cut |= finer.len() > MAX_BLOCK;
                    search.pairs(&finer[..finer.len().min(MAX_BLOCK)], &told_apart);
                }
            }
        }
    }
    let Search { mut found, cut, .. } = search;
    found.sort_by_key(|suspect| {
        let row = suspect.a.row.as_ref().and_then(|(_, row)| *row);
        (std::cmp::Reverse(suspect.score), row, suspect.a.id, suspect.b.id)
    });
    (found, cut)
}

struct Search<'a> {
    people: &'a [Who],
    seen: BTreeSet<(usize, usize)>,
    found: Vec<Suspect>,
    cut: bool,
}

impl Search<'_> {
    fn pairs(&mut self, block: &[usize], told_apart: &impl Fn(RecordId, RecordId) -> bool) {
        for (n, a) in block.iter().copied().enumerate() {
            for b in block[n + 1..].iter().copied() {
                let (one, other) = (&self.people[a], &self.people[b]);
                let fresh = one.row.is_some() || other.row.is_some();
                if !fresh || one.id == other.id || !self.seen.insert((a.min(b), a.max(b))) {
                    continue;
                }
                let (score, reasons) = one.person.compare(&other.person);
                if score < THRESHOLD || told_apart(one.id, other.id) {
                    continue;
                }
                if self.found.len() >= MAX_SUSPECTS {
                    self.cut = true;
                    return;
                }
                let (a, b) = if one.row.is_some() { (one, other) } else { (other, one) };
                self.found.push(Suspect { a: a.clone(), b: b.clone(), score, reasons });
            }
        }
    }
}

fn blocks(
    people: &[Who],
    members: impl Iterator<Item = usize>,
    keys: impl Fn(&Person) -> Vec<String>,
) -> Vec<(String, Vec<usize>)> {
    let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
    for at in members {
        for key in keys(&people[at].person) {
            blocks.entry(key).or_default().push(at);
        }
    }
    let mut blocks: Vec<_> = blocks.into_iter().filter(|(_, block)| block.len() > 1).collect();
    // The same result whatever the order of a hash map.
    blocks.sort();
    blocks
}

fn keys_of_name(person: &Person) -> Vec<String> {
    let named = person.names.iter().map(|key| format!("n{key}"));
    let similar = person.skeletons.iter().map(|key| format!("s{key}"));
    let external = person.external.iter().map(|key| format!("x{key}"));
    named.chain(similar).chain(external).collect()
}

fn finer_keys(person: &Person) -> Vec<String> {
    let father = person.father.iter().map(|key| format!("f{key}"));
    let died = person.died.iter().map(|span| format!("d{}", span.from));
    father.chain(died).collect()
}

#[cfg(test)]
#[path = "suspects_tests.rs"]
mod tests;
