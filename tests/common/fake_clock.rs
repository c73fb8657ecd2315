//! A wall clock that is wrong, by libfaketime.

use std::path::{Path, PathBuf};
use std::process::Command;

const PLACES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
];

/// Where libfaketime is. Without it a line says so; an error when `YADGAR_REQUIRE_FAKETIME` is set.
pub fn library() -> Option<PathBuf> {
    let found = PLACES.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("YADGAR_REQUIRE_FAKETIME").is_none(), "libfaketime is not there");
        println!("SKIPPED: libfaketime is not installed (Debian: apt-get install faketime)");
    }
    found
}

/// The command under a wall clock that stands in `file` (read at every look). The monotonic clock,
/// which no system ever sets back, stays right.
pub fn clocked(mut command: Command, library: &Path, file: &Path) -> Command {
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", file);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.env("DONT_FAKE_MONOTONIC", "1");
    command
}
