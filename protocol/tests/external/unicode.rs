//! The Unicode character database against PATH-1 (NFC) and PATH-6 (case folding).

use super::{material, text};
use std::collections::{BTreeMap, BTreeSet};
use unicode_normalization::UnicodeNormalization;
use yadgar_protocol::Path;
use yadgar_protocol::path::Collisions;

/// The text of a list of hexadecimal code points.
fn points(list: &str) -> String {
    list.split_whitespace().map(|p| char::from_u32(number(p)).unwrap()).collect()
}

fn number(point: &str) -> u32 {
    u32::from_str_radix(point, 16).unwrap()
}

/// True when the text is refused as not NFC; other refusals do not matter here.
fn not_nfc(text: &str) -> bool {
    Path::new(text).is_err_and(|reject| reject.clause == "PATH-1")
}

#[test]
fn normalization_test() {
    let Some(folder) = material("text/unicode") else { return };
    let file = text(&folder.join("NormalizationTest.txt"));
    let (mut lines, mut single) = (0, BTreeSet::new());
    for line in file.lines().filter(|l| !l.starts_with(['#', '@']) && !l.is_empty()) {
        let columns: Vec<String> = line.split(';').take(5).map(points).collect();
        let [c1, c2, c3, c4, c5] = &columns[..] else { panic!("{line}") };
        for (source, form) in [(c1, c2), (c2, c2), (c3, c2), (c4, c4), (c5, c4)] {
            assert_eq!(not_nfc(source), source != form, "{line}");
        }
        if c1.chars().count() == 1 {
            single.extend(c1.chars());
        }
        lines += 1;
    }
    println!("{lines} lines, {} single characters", single.len());
    assert!(lines > 18_000);
    // Characters without a line of their own are NFC.
    let unlisted = ('\0'..=char::MAX).filter(|c| !single.contains(c));
    assert_eq!(unlisted.filter(|c| not_nfc(&c.to_string())).count(), 0);
}

/// Capital letters of Unicode 16.0; the file is of 15.0.
fn is_newer(c: char) -> bool {
    matches!(c, '\u{1c89}' | '\u{a7cb}' | '\u{a7cc}' | '\u{a7da}' | '\u{a7dc}')
        || matches!(c, '\u{10d50}'..='\u{10d65}')
}

#[test]
fn case_folding() {
    let Some(folder) = material("text/unicode") else { return };
    let file = text(&folder.join("CaseFolding.txt"));
    let mut folds = BTreeMap::new();
    for line in file.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let columns: Vec<&str> = line.split(';').map(str::trim).collect();
        // C and F are full folding; S is the simple one, T is for Turkic languages.
        if matches!(columns[1], "C" | "F") {
            folds.insert(char::from_u32(number(columns[0])).unwrap(), points(columns[2]));
        }
    }
    let (mut checked, mut collisions, mut other) = (0, 0, Vec::new());
    for c in '\0'..=char::MAX {
        let Ok(path) = Path::new(&c.to_string()) else { continue };
        let wanted: String = folds.get(&c).cloned().unwrap_or(c.to_string()).nfc().collect();
        if path.fold_key() != wanted {
            other.push(c);
        }
        checked += usize::from(folds.contains_key(&c));
        // The folded form as a path beside the unfolded one.
        if let (true, Ok(folded)) = (folds.contains_key(&c), Path::new(&wanted)) {
            let mut seen = Collisions::new();
            seen.add(&path).unwrap();
            assert_eq!(seen.add(&folded).unwrap_err().1.clause, "PATH-6", "{c:?}");
            collisions += 1;
        }
    }
    println!("{checked} foldings, {collisions} collisions, {} newer: {other:?}", other.len());
    assert!(other.iter().all(|c| is_newer(*c)), "{other:?}");
    assert!(checked > 1_450 && collisions > 1_400, "{checked} {collisions}");
}
