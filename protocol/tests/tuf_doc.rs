//! docs/tuf.md lists every scenario once, and names only tests that exist.
#![allow(clippy::disallowed_methods)] // a test may look at the files of its own repository

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Test functions of tuf-conformance at the commit that the page names.
const SCENARIOS: usize = 53;

/// The tests of a source file: functions, and rows of the vectors' table.
fn has_test(source: &str, test: &str) -> bool {
    let row = |line: &str| line.trim_start().starts_with(&format!("{test}: "));
    source.contains(&format!("fn {test}(")) || source.lines().any(row)
}

#[test]
fn every_scenario_is_there_once_and_every_test_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = fs::read_to_string(root.join("docs/tuf.md")).unwrap();
    let (mut scenarios, mut named) = (BTreeSet::new(), 0);
    for line in text.lines().filter(|line| line.starts_with("| test_")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let scenario = cells[1].split(' ').next().unwrap();
        assert!(scenarios.insert(scenario), "{scenario} twice");
        let pieces: Vec<_> = cells[3].split('`').collect();
        assert!(pieces.len() > 1 || cells[2].starts_with("does not apply"), "{scenario}: no test");
        for at in (1..pieces.len()).step_by(2) {
            let source = fs::read_to_string(root.join(pieces[at])).expect(pieces[at]);
            let inside = pieces[at + 1].trim_start_matches(" (").split(')').next().unwrap();
            for test in inside.split(", ") {
                assert!(has_test(&source, test), "{scenario}: {} has no {test}", pieces[at]);
                named += 1;
            }
        }
    }
    assert_eq!(scenarios.len(), SCENARIOS);
    assert!(named >= SCENARIOS);
}
