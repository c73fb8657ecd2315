//! Material that others made, against this crate: Wycheproof and speccheck (Ed25519), the COSE
//! working group's examples, IPLD's DAG-CBOR fixtures, the Unicode character database.
//!
//! It is not part of the project. It is read from the folder in `YADGAR_VECTORS`, or from
//! `shared/vectors` beside the repository; where neither is there the tests say so and pass,
//! unless `YADGAR_REQUIRE_VECTORS=1` is set.
#![allow(clippy::disallowed_methods)] // the crate under test has no files and no environment, its tests do

#[path = "external/cbor.rs"]
mod cbor;
#[path = "external/cose.rs"]
mod cose;
#[path = "external/ed25519.rs"]
mod ed25519;
#[path = "external/unicode.rs"]
mod unicode;

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder `name` of the material, or a message that the test was passed over.
fn material(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors");
    let root =
        std::env::var_os("YADGAR_VECTORS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = root.join(name);
    if !path.exists() {
        let required = std::env::var_os("YADGAR_REQUIRE_VECTORS").is_some_and(|v| v == "1");
        assert!(!required, "shared vectors absent ({name}), and YADGAR_REQUIRE_VECTORS=1");
        // Not by a macro: those are kept back for tests that pass.
        let message = format!("SKIPPED: shared vectors absent ({name})\n");
        std::io::stderr().write_all(message.as_bytes()).unwrap();
        return None;
    }
    Some(path)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap()
}

fn unhex(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// All files below a folder whose name ends so, sorted.
fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path, suffix));
        } else if path.to_str().unwrap().ends_with(suffix) {
            out.push(path);
        }
    }
    out.sort();
    out
}
