//! What the compiler does not check about this crate: that it only decides, that its modules use
//! each other in one direction, that files and functions stay small, and that the limits in the
//! code are those of the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What would act, wait, or give another order on another run.
const FORBIDDEN: [&str; 22] = [
    "tokio",
    "libp2p",
    "futures::",
    "std::fs",
    "std::env",
    "std::net",
    "std::io::std",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "rand::",
    "getrandom",
    "println!",
    "print!(",
    "dbg!(",
    "HashMap",
    "HashSet",
    "unsafe ",
    ".unwrap()",
    "todo!(",
    "unimplemented!(",
];

/// Each module uses only those before it; modules of one line may use each other.
const ORDER: [&[&str]; 30] = [
    &["limits"],
    &["score"],
    &["reject"],
    &["cbor"],
    &["ids"],
    &["path"],
    &["persian"],
    &["blocks"],
    &["envelope"],
    &["release", "withdraw", "ledger"],
    &["record"],
    &["series"],
    &["head"],
    &["trust"],
    &["notice", "bulletin"],
    &["chunk"],
    &["tree"],
    &["proof"],
    &["words"],
    &["have"],
    &["carrier"],
    &["sync"],
    &["pack"],
    &["beacon"],
    &["courier"],
    &["peers"],
    &["dht"],
    &["place", "mirrors", "invite"],
    &["way"],
    &["gateway"],
];

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// A file of the crate outside its tests: path below `src`, and text without comments and literals.
struct Source {
    name: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let (mut files, mut folders) = (Vec::new(), vec![root().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|e| e == "rs") => files.push(path),
                false => {}
            }
        }
    }
    let texts: BTreeMap<PathBuf, String> =
        files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let tests: BTreeSet<PathBuf> = texts.iter().flat_map(|(p, text)| test_files(p, text)).collect();
    let code = |(path, text): (PathBuf, String)| Source {
        name: path.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned(),
        code: without_tests(&blank(&text)),
    };
    texts.into_iter().filter(|(path, _)| !tests.contains(path)).map(code).collect()
}

/// Files that a `#[cfg(test)] mod` of `path` names.
fn test_files(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = path.parent().unwrap();
    let mut found = Vec::new();
    for part in text.split("#[cfg(test)]").skip(1) {
        let mut lines = part.trim_start().lines();
        let Some(mut line) = lines.next() else { continue };
        let mut named = None;
        if let Some(rest) = line.strip_prefix("#[path = \"") {
            named = rest.strip_suffix("\"]");
            line = lines.next().unwrap_or_default();
        }
        let module = line.trim_start_matches("pub ").strip_prefix("mod ");
        if let Some(module) = module.and_then(|rest| rest.strip_suffix(';')) {
            let file = named.map_or_else(|| format!("{module}.rs"), str::to_owned);
            // `x.rs` keeps its modules in `x/`, `mod.rs` and `lib.rs` beside themselves.
            found.push(folder.join(&file));
            found.push(path.with_extension("").join(&file));
        }
    }
    found
}

/// Replaces comments, strings and characters by spaces, so that braces and words can be trusted.
fn blank(text: &str) -> String {
    let (bytes, mut out) = (text.as_bytes(), String::new());
    let mut at = 0;
    while at < bytes.len() {
        let end = at + literal(&text[at..], at.checked_sub(1).map(|before| bytes[before]));
        if end == at {
            let c = text[at..].chars().next().unwrap();
            out.push(c);
            at += c.len_utf8();
        } else {
            out.extend(text[at..end].chars().map(|c| if c == '\n' { c } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Length of the comment or literal that `text` begins with; 0 for none.
fn literal(text: &str, before: Option<u8>) -> usize {
    let to = |end: &str, from: usize| {
        text[from..].find(end).map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return to("*/", 2);
    }
    let in_word = before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    if text.starts_with('r') && !(in_word && before != Some(b'b')) {
        let hashes = text[1..].bytes().take_while(|b| *b == b'#').count();
        if text[1 + hashes..].starts_with('"') {
            return to(&format!("\"{}", "#".repeat(hashes)), 2 + hashes);
        }
    }
    match text.as_bytes()[0] {
        b'"' => closing(text, b'"'),
        // A lifetime has no second quote within reach.
        b'\'' if text[1..].starts_with('\\') => closing(text, b'\''),
        b'\'' => {
            let width = text[1..].chars().next().map_or(1, char::len_utf8);
            if text[1 + width..].starts_with('\'') { width + 2 } else { 0 }
        }
        _ => 0,
    }
}

fn closing(text: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Removes each `#[cfg(test)]` item with a body, and attributes in front of `mod x;`.
fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    while let Some(start) = out.find("#[cfg(test)]") {
        let rest = &out[start..];
        let body = rest.find('{').filter(|open| rest.find(';').is_none_or(|end| *open < end));
        let end = match body {
            Some(open) => start + open + body_length(&rest[open..]),
            None => start + rest.find(';').map_or(rest.len(), |end| end + 1),
        };
        out.replace_range(start..end, "");
    }
    out
}

/// Length of a body from its opening to its closing brace.
fn body_length(text: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Name and number of lines of each function.
fn functions(code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].bytes().next_back().is_some_and(|b| !b.is_ascii_whitespace() && b != b'(') {
            continue;
        }
        let rest = &code[at..];
        let Some(open) = rest.find('{') else { continue };
        // A declaration without a body, or the type of a function.
        if rest[..open].contains(';') || !rest[..open].contains('(') {
            continue;
        }
        let name = rest[3..].split(['(', '<']).next().unwrap_or_default().to_owned();
        let length = rest[..open + body_length(&rest[open..])].lines().count();
        found.push((name, length));
    }
    found
}

/// First segments of the paths that begin with `crate::`.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        match part.strip_prefix('{') {
            Some(group) => {
                let end = body_length(part).saturating_sub(2).min(group.len());
                found.extend(group[..end].split(',').map(|item| word(item.trim())));
            }
            None => {
                found.insert(word(part));
            }
        }
    }
    found
}

#[test]
fn the_crate_only_decides() {
    let mut wrong = Vec::new();
    for Source { name, code } in sources() {
        for (number, line) in code.lines().enumerate() {
            let what = FORBIDDEN.iter().filter(|word| line.contains(**word));
            wrong
                .extend(what.map(|word| format!("{name}: {word} in {:?} ({number})", line.trim())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn modules_use_each_other_in_one_direction() {
    let place = |module: &str| ORDER.iter().position(|step| step.contains(&module));
    let mut wrong = Vec::new();
    for Source { name, code } in sources() {
        let module = name.trim_end_matches(".rs").split('/').next().unwrap().to_owned();
        if module == "lib" {
            continue;
        }
        let Some(own) = place(&module) else {
            wrong.push(format!("{module} is not in ORDER: put it in its place"));
            continue;
        };
        for used in uses(&code) {
            // What is no module of ours is a name that lib.rs passes on.
            if place(&used).is_some_and(|at| at > own) {
                wrong.push(format!("{name} uses {used}, which is above it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_and_functions_are_small() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for Source { name, code } in sources() {
        let lines = code.trim_end().lines().count();
        if lines > MAX_FILE_LINES {
            wrong.push(format!("{name}: {lines} lines"));
        }
        for (function, lines) in functions(&code) {
            seen += 1;
            if lines > MAX_FUNCTION_LINES {
                wrong.push(format!("{name}: fn {function} has {lines} lines"));
            }
        }
    }
    assert!(seen > 100, "only {seen} functions were found: the scan is broken");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn limits_are_those_of_the_spec() {
    let spec = fs::read_to_string(root().join("spec/encoding.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let name = cells.next().filter(|name| name.starts_with("MAX_"))?;
        Some((name.to_owned(), cells.next()?.parse::<u64>().unwrap()))
    };
    let table: BTreeMap<String, u64> = spec.lines().filter_map(row).collect();
    let code = fs::read_to_string(root().join("src/limits.rs")).unwrap();
    let constant = |line: &str| {
        let (name, rest) = line.strip_prefix("pub const ")?.split_once(':')?;
        let value = rest.split_once('=')?.1.trim_end_matches(';').replace('_', "");
        Some((name.to_owned(), value.trim().parse::<u64>().unwrap()))
    };
    let mut constants: BTreeMap<String, u64> = code.lines().filter_map(constant).collect();
    constants.retain(|name, _| name.starts_with("MAX_"));
    assert!(table.len() > 20, "the table was not found");
    assert_eq!(table, constants);
}

/// The checks above are only worth something if they can fail.
#[test]
fn the_scan_sees_what_it_should() {
    let code = blank(
        "fn a() { let x = \"} HashMap \\\" {\"; // HashMap {\n '{'; r#\"{\"#; }\nfn b() {}\n",
    );
    assert!(!code.contains("HashMap"));
    assert_eq!(functions(&code), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    let code = blank(
        "fn a<'a>(x: &'a str) {\n}\n#[cfg(test)]\nmod tests { fn t() { HashMap } }\nuse b::HashSet;",
    );
    let code = without_tests(&code);
    assert!(!code.contains("HashMap") && code.contains("HashSet"));
    let used = uses("use crate::{ids::{A, B}, tree}; crate::sync::f()");
    assert!(["ids", "tree", "sync"].iter().all(|module| used.contains(*module)));
    let text = "#[cfg(test)]\n#[path = \"x_tests.rs\"]\nmod tests;\n#[cfg(test)]\nmod lab;\n";
    let named = test_files(Path::new("src/tree/mod.rs"), text);
    assert!(
        named.contains(&"src/tree/x_tests.rs".into()) && named.contains(&"src/tree/lab.rs".into())
    );
}
