//! Material that others made and that is not part of the project: in the folder that `YADGAR_VECTORS` names, or in
//! `shared/vectors` beside the repository.

use std::io::Write as _;
use std::path::PathBuf;

/// A file or folder of the material. Where it is missing, `None` and a line that says so; an error when
/// `YADGAR_REQUIRE_VECTORS=1` is set.
pub fn path(name: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors"));
    let path = std::env::var_os("YADGAR_VECTORS").map_or(beside, PathBuf::from).join(name);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("YADGAR_REQUIRE_VECTORS").is_some_and(|v| v == "1");
    assert!(!required, "shared vectors absent ({name}), and YADGAR_REQUIRE_VECTORS=1");
    // Not by a macro: those are kept back for tests that pass.
    std::io::stderr()
        .write_all(format!("SKIPPED: shared vectors absent ({name})\n").as_bytes())
        .unwrap();
    None
}
