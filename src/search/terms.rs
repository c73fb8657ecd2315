//! A sorted list of terms with the documents of each, and the lookups that searching needs.

use std::collections::BTreeMap;

/// Terms of at least this many characters are found with one typo; shorter ones would match too much.
const MIN_TYPO_CHARS: usize = 3;
/// Longest term whose neighbours are kept, in characters.
const MAX_TYPO_CHARS: usize = 40;

/// Terms in ascending order, each with its documents, ascending.
#[derive(Debug, Default)]
pub struct Terms {
    terms: Vec<(Box<str>, Box<[u32]>)>,
    /// Hash of each term with one character left out (and of the term itself), and its place; sorted.
    neighbours: Vec<(u64, u32)>,
}

impl Terms {
    /// From pairs of term and document in any order. `typos`: whether they are looked for with one typo.
    pub fn new(pairs: BTreeMap<String, Vec<u32>>, typos: bool) -> Self {
        let tidy = |(term, mut documents): (String, Vec<u32>)| {
            documents.sort_unstable();
            documents.dedup();
            (term.into_boxed_str(), documents.into_boxed_slice())
        };
        let terms: Vec<_> = pairs.into_iter().map(tidy).collect();
        let mut neighbours = Vec::new();
        if typos {
            for (at, (term, _)) in (0_u32..).zip(&terms) {
                neighbours.extend(deletions(term).into_iter().map(|hash| (hash, at)));
            }
            neighbours.sort_unstable();
            neighbours.dedup();
            neighbours.shrink_to_fit();
        }
        Self { terms, neighbours }
    }

    /// Documents of exactly this term.
    pub fn exact(&self, term: &str) -> &[u32] {
        let at = self.terms.binary_search_by(|(t, _)| (**t).cmp(term));
        at.map_or(&[], |at| &self.terms[at].1)
    }

    /// Documents of every term that begins with `start`.
    pub fn prefix<'a>(&'a self, start: &'a str) -> impl Iterator<Item = u32> + 'a {
        let from = self.terms.partition_point(|(t, _)| **t < *start);
        let rest = self.terms[from..].iter().take_while(move |(t, _)| t.starts_with(start));
        rest.flat_map(|(_, documents)| documents.iter().copied())
    }

    /// Documents of every term that is `term` with one character added, left out, replaced, or swapped with the
    /// next one.
    pub fn typo<'a>(&'a self, term: &'a str) -> impl Iterator<Item = u32> + 'a {
        let mut places: Vec<u32> = Vec::new();
        for hash in deletions(term) {
            let from = self.neighbours.partition_point(|(h, _)| *h < hash);
            let same = self.neighbours[from..].iter().take_while(|(h, _)| *h == hash);
            places.extend(same.map(|(_, at)| *at));
        }
        places.sort_unstable();
        places.dedup();
        let found = places.into_iter().map(|at| &self.terms[at as usize]);
        found.filter(|(t, _)| is_one_apart(t, term)).flat_map(|(_, d)| d.iter().copied())
    }
}

/// Hashes of a term and of each text that leaves out one of its characters: two terms that are one typo apart
/// have one of these in common.
fn deletions(term: &str) -> Vec<u64> {
    let chars: Vec<char> = term.chars().collect();
    if !(MIN_TYPO_CHARS..=MAX_TYPO_CHARS).contains(&chars.len()) {
        return Vec::new();
    }
    let without = |skip: usize| {
        chars.iter().enumerate().filter(|(at, _)| *at != skip).map(|(_, c)| *c).collect::<String>()
    };
    (0..=chars.len()).map(|skip| hash(&without(skip))).collect()
}

/// FNV-1a: only for a table of our own; a collision costs one comparison.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// Whether two different texts are one insertion, deletion, replacement or swap of neighbours apart.
fn is_one_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    match (a, b) {
        ([], []) => false,
        ([_, rest @ ..], _) if rest == b => true,
        (_, [_, rest @ ..]) if rest == a => true,
        ([_, x @ ..], [_, y @ ..]) if x == y => true,
        ([p, q, x @ ..], [r, s, y @ ..]) => p == s && q == r && x == y,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_typo() {
        for (a, b) in
            [("abcd", "abd"), ("abd", "abcd"), ("abcd", "abxd"), ("abcd", "acbd"), ("abc", "xabc")]
        {
            assert!(is_one_apart(a, b), "{a} {b}");
            let terms = Terms::new(BTreeMap::from([(a.to_owned(), vec![1])]), true);
            assert_eq!(terms.typo(b).collect::<Vec<_>>(), [1], "{a} {b}");
        }
        for (a, b) in [("abcd", "abcd"), ("abcd", "badc"), ("abcd", "ab"), ("abcd", "axyd")] {
            assert!(!is_one_apart(a, b), "{a} {b}");
        }
    }
}
