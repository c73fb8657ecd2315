//! Files in a folder, and what is said of them.

use super::*;
use crate::publish::walk::walk;
use std::collections::BTreeSet;

/// What stops the build when only this file lies there.
fn stops(name: &str, bytes: &[u8]) -> BTreeSet<Code> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    let found = walk(dir.path(), true).unwrap();
    let seen = inspect(&found.files, true, &|_| (), &AtomicBool::new(false)).unwrap();
    let stops: BTreeSet<Code> =
        seen.findings.iter().filter(|f| f.level < Level::Note).map(|f| f.code).collect();
    // What is explained agrees with what is found.
    assert!(seen.decisions.iter().all(|d| d.published == stops.is_empty()), "{name}");
    stops
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn texts_in_another_charset_stop_and_are_read_all_the_same() {
    for name in ["a.html", "a.htm", "a.css", "a.svg", "a.txt", "a.md", "a.csv", "a.json", "a.jsonl"]
    {
        for text in ["<p>x", "a{}", "سلام"] {
            for bytes in
                [utf_16(text), utf_16(&format!("\u{feff}{text}")), b"\xca\xe1\xdd\xe4".into()]
            {
                assert!(stops(name, &bytes).contains(&Code::FileUnclean), "{name} {text}");
            }
        }
    }
    let page = utf_16("\u{feff}<!DOCTYPE html><script>alert(1)</script>");
    assert_eq!(stops("a.html", &page), BTreeSet::from([Code::FileUnclean, Code::ActiveContent]));
    let list = utf_16("\u{feff}name,city\nnobody,0912 000 0000\n");
    assert_eq!(stops("a.csv", &list), BTreeSet::from([Code::FileUnclean, Code::Phone]));
    let page = b"<!DOCTYPE html><meta charset=utf-16><p>x";
    assert_eq!(stops("a.html", page), BTreeSet::from([Code::FileUnclean]));
    assert!(stops("records/a.json", &utf_16("{}")).contains(&Code::FileUnclean));
    for (name, text) in [
        ("a.html", "\u{feff}<!DOCTYPE html><meta charset=utf-8><p>سلام"),
        ("a.csv", "\u{feff}نام,شهر\r\nهیچ‌کس,نمونه\r\n"),
        ("a.css", "@charset \"utf-8\";\na{color:red}"),
    ] {
        assert_eq!(stops(name, text.as_bytes()), BTreeSet::new(), "{name}");
    }
}
