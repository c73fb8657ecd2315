//! The shape of the source: who may use whom, and how long things may be (ARCHITECTURE.md).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 60;

/// Module -> modules of this crate that it may use. `cli` may use everything.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("clock", vec![]),
        ("durable", vec![]),
        ("folder_lock", vec![]),
        ("folder_write", vec![]),
        ("freshness", vec![]),
        ("interfaces", vec![]),
        ("dial", vec![]),
        ("lan", vec!["interfaces", "net"]),
        ("net", vec!["dial", "interfaces", "clock"]),
        ("store", vec!["durable", "freshness", "history", "survey"]),
        ("survey", vec![]),
        ("safe", vec![]),
        ("site", vec!["safe", "gate", "publish", "durable"]),
        ("gate", vec!["publish", "safe"]),
        ("gateway", vec!["net", "store", "sync"]),
        ("history", vec![]),
        ("checkout", vec!["store", "survey"]),
        ("demand", vec!["checkout", "memorial", "node", "store", "sync"]),
        ("carrier", vec!["store", "durable", "survey"]),
        ("courier", vec!["access", "carrier", "store"]),
        ("panel", vec!["carrier", "courier", "interfaces", "memorial", "reader", "share", "store"]),
        ("publish", vec!["store", "durable"]),
        ("records", vec!["durable", "folder_lock"]),
        ("search", vec![]),
        ("access", vec!["store", "durable"]),
        ("sync", vec!["net", "store"]),
        (
            "node",
            vec!["dial", "sync", "lan", "net", "store", "clock", "durable", "freshness", "web"],
        ),
        ("memorial", vec!["freshness", "search"]),
        ("reader", vec!["store", "clock", "memorial"]),
        ("share", vec!["carrier", "clock", "memorial", "net", "reader", "search", "store"]),
        ("static_mirror", vec!["carrier", "folder_lock", "folder_write", "store", "survey"]),
        ("static_site", vec!["memorial", "reader", "folder_lock", "folder_write"]),
        ("web", vec!["dial", "net", "store", "sync"]),
    ])
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files.sort();
    let read = |p: PathBuf| {
        let text = fs::read_to_string(&p).unwrap();
        (p.strip_prefix(&src).unwrap().to_path_buf(), text)
    };
    files.into_iter().map(read).collect()
}

fn is_test(path: &Path) -> bool {
    path.to_string_lossy().ends_with("_tests.rs")
}

/// The part of a file before its inline tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

#[test]
fn modules_use_only_what_they_may() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let first = path.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.trim_end_matches(".rs");
        if matches!(module, "main" | "lib" | "cli") || is_test(&path) {
            continue;
        }
        let Some(may) = allowed.get(module) else {
            wrong.push(format!("{}: module {module} is not in the list", path.display()));
            continue;
        };
        for piece in code(&text).split("crate::").skip(1) {
            let used: String =
                piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let known = allowed.contains_key(used.as_str()) || used == "cli";
            if known && used != module && !may.contains(&used.as_str()) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_short() {
    let long: Vec<_> = sources()
        .iter()
        .map(|(path, text)| (path.clone(), code(text).lines().count()))
        .filter(|(path, lines)| !is_test(path) && *lines > MAX_FILE_LINES)
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn functions_are_short() {
    let mut long = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let lines: Vec<_> = code(text).lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let start = line.trim_start();
            let is_fn = ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn "]
                .iter()
                .any(|p| start.starts_with(p));
            if !is_fn {
                continue;
            }
            // rustfmt closes a function at the indentation of its first line.
            let indent = &line[..line.len() - start.len()];
            let end = format!("{indent}}}");
            let length = lines[at..].iter().position(|l| *l == end).unwrap_or(0);
            if length > MAX_FUNCTION_LINES {
                long.push((path.display().to_string(), at + 1, length));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

/// Signing keys and sockets never meet in one module.
#[test]
fn publish_never_sees_the_network() {
    for (path, text) in sources() {
        if path.starts_with("publish") {
            assert!(!text.contains("libp2p") && !text.contains("std::net"), "{}", path.display());
        }
    }
}

/// Secret keys are known to few: the key files, their paper form, the commands that run apart.
#[test]
fn secret_keys_stay_apart() {
    let may = |path: &Path| {
        let path = path.to_string_lossy();
        let places = ["publish/keys.rs", "publish/backup", "cli/key/", "cli/sign_apart.rs"];
        places.iter().any(|place| path.starts_with(place)) || path == "carrier/lab.rs"
    };
    let mut seen = 0;
    for (path, text) in sources() {
        let text = code(&text);
        let words = ["SigningKey", "publish::keys", "super::keys", "KeyRing", "use age::"];
        let found = words.iter().any(|word| text.contains(word));
        if found && !is_test(&path) {
            seen += 1;
            assert!(may(&path), "{} knows secret keys", path.display());
        }
    }
    assert!(seen >= 5, "the scan is broken");
}
