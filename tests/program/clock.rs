//! A10: a device's clock may be wrong in any way, also while the program runs. Only words change.
//! Needs libfaketime; without it the tests say so and end.

use crate::common::{Home, Node, small_site, tree_of};
use crate::fake_clock::{clocked, library};
use std::path::{Path, PathBuf};

struct Clock {
    library: PathBuf,
    file: tempfile::NamedTempFile,
}

impl Clock {
    fn new(library: &Path) -> Self {
        Self { library: library.to_owned(), file: tempfile::NamedTempFile::new().unwrap() }
    }

    fn set(&self, time: &str) -> &Self {
        std::fs::write(self.file.path(), format!("@{time} 12:00:00\n")).unwrap();
        self
    }

    fn ok(&self, home: &Home, args: &[&str]) -> serde_json::Value {
        let mut command = clocked(home.command(args), &self.library, self.file.path());
        let output = command.arg("--json").output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {stderr}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(stdout.lines().last().unwrap()).unwrap()
    }

    fn words(&self, home: &Home) -> String {
        let mut command = clocked(home.command(&["status"]), &self.library, self.file.path());
        let output = command.output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn a10_reading_and_syncing_do_not_need_a_clock() {
    let Some(library) = library() else { return };
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let publisher = Home::publisher("Clocks (fictional)");
    let clock = Clock::new(&library);
    let pass = publisher.pass();
    let publish = ["publish", site.path().to_str().unwrap(), "--passphrase-file", &pass];
    // Signed by somebody whose clock runs ahead.
    clock.set("2041-05-05").ok(&publisher, &publish);
    let invite = publisher.invite(&[]);
    // A mirror that believes it is 1970, and jumps while it runs.
    let args =
        ["mirror", "--no-mdns", "--yes", "--json", "--listen", "/ip4/127.0.0.1/tcp/0", &invite];
    let served = Clock::new(&library);
    served.set("1970-01-02");
    let mut node = Node::start(clocked(publisher.command(&args), &library, served.file.path()));
    node.address = node.wait(|e| e["event"] == "listening")["address"].as_str().unwrap().to_owned();
    let with_address = publisher.invite(&[&node.address]);
    for time in ["1970-01-01", "2016-02-29", "2038-01-20", "2106-02-08", "2026-11-23"] {
        let reader = Home::new();
        clock.set(time).ok(&reader, &["fetch", &with_address]);
        let out = reader.beside("out");
        clock.ok(&reader, &["checkout", &out]);
        assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()), "{time}");
        let words = clock.words(&reader);
        let said = if !("2026".."2100").contains(&time) { "cannot be right" } else { "future" };
        assert!(words.contains(said), "{time}: {words}");
        // The server's clock goes back by a century and forth again.
        served.set(if time < "2020" { "2100-01-01" } else { "1999-12-31" });
    }
    // An update that is dated before the one before it is an update all the same.
    std::fs::write(site.path().join("index.html"), "later, but dated earlier").unwrap();
    let done = clock.set("1980-01-01").ok(&publisher, &publish);
    assert_eq!(done["sequence"], 2);
    let reader = Home::new();
    assert_eq!(clock.ok(&reader, &["fetch", &with_address])["sequence"], 2);
}
