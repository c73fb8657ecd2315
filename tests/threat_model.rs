//! The first table of the threat model (signed updates) is whole, and every test that it names is there.

use std::fs;
use std::path::{Path, PathBuf};

const CASES: usize = 15;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of the rows of section A: number, case, what happens, shown by.
fn rows() -> Vec<[String; 4]> {
    let text = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let section = text.split("\n### A.").nth(1).unwrap().split("\n### ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with("| A"));
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|c| c.trim().into()).collect();
    lines
        .map(|l| Vec::try_into(cells(l)).unwrap_or_else(|_| panic!("not four cells: {l}")))
        .collect()
}

/// What a cell names: files and folders in backticks, each with the tests in brackets behind it.
fn named(cell: &str) -> Vec<(PathBuf, Vec<String>)> {
    let pieces: Vec<_> = cell.split('`').collect();
    let one = |(at, name): (usize, &&str)| {
        let brackets = pieces[at + 1].strip_prefix(" (").and_then(|rest| rest.split_once(')'));
        let tests = brackets.map_or("", |(inside, _)| inside).split(", ");
        let tests = tests.filter(|t| !t.is_empty() && !t.starts_with("needs "));
        (root().join(name), tests.map(str::to_owned).collect())
    };
    pieces.iter().enumerate().skip(1).step_by(2).map(one).collect()
}

#[test]
fn every_case_says_what_happens_and_what_shows_it() {
    let rows = rows();
    let numbers: Vec<_> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(numbers, (1..=CASES).map(|n| format!("A{n}")).collect::<Vec<_>>());
    for [number, case, happens, shown] in &rows {
        assert!(!case.is_empty() && !happens.is_empty(), "{number}");
        assert!(shown.contains("not yet") || !named(shown).is_empty(), "{number} names no test");
    }
}

/// Stricter than the check of all documents: a name in brackets is the beginning of a test's name, and a
/// folder of vectors has vectors.
#[test]
fn the_tests_of_section_a_are_there() {
    let mut seen = 0;
    for [number, _, _, shown] in rows() {
        for (path, tests) in named(&shown) {
            let place = format!("{number}: {}", path.display());
            if path.is_dir() {
                let files = fs::read_dir(&path).unwrap();
                let is_vector = |p: &Path| p.extension().is_some_and(|e| e == "json");
                assert!(files.flatten().any(|f| is_vector(&f.path())), "{place}: no vectors");
            }
            if path.is_dir() || tests.is_empty() {
                assert!(path.exists(), "{place}: not there");
                seen += 1;
                continue;
            }
            let source = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{place}: {e}"));
            for test in tests {
                assert!(source.contains(&format!("fn {test}")), "{place}: no test {test}");
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "only {seen} names found");
}
