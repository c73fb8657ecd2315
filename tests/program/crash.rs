//! kill -9 in the middle of publish, fetch and import, many times; then carry on.

use crate::common::{Home, film, small_site, tree_of, write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs a command again and again, killing it a little later each time, until it ends by itself.
/// Which moment is hit varies with the machine; that nothing may be lost at any does not.
fn kill_until_done(home: &Home, args: &[&str]) -> u32 {
    for round in 1..400u32 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yadgar"))
            .arg("--home")
            .arg(home.path())
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(round) * 12));
        match child.try_wait().unwrap() {
            Some(status) if status.success() => return round,
            Some(status) => panic!("{args:?} failed by itself in round {round}: {status}"),
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
            }
        }
    }
    panic!("{args:?} never ends");
}

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    write(site.path(), "media/second.bin", &film(6_000_000, 8));
    site
}

#[test]
fn publish_fetch_and_import_survive_kill_9() {
    let site = site();
    let folder = site.path().to_str().unwrap();
    let home = Home::publisher("Crash (fictional)");
    let pass = home.pass();
    let rounds = kill_until_done(&home, &["publish", folder, "--passphrase-file", &pass]);
    assert_eq!(home.ok(&["verify"])["ok"], true);
    assert_eq!(home.ok(&["status"])["archives"][0]["complete"], 1);
    println!("publish: done in round {rounds}");

    let node = home.mirror(&[], &[]);
    let invite = home.invite(&[&node.address]);
    let reader = Home::new();
    let rounds = kill_until_done(&reader, &["fetch", &invite]);
    println!("fetch: done in round {rounds}");
    let out = reader.beside("out");
    reader.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
    assert_eq!(reader.ok(&["verify"])["ok"], true);

    let carrier = reader.beside("a.car");
    reader.ok(&["export", &carrier]);
    let third = Home::new();
    let rounds = kill_until_done(&third, &["import", &carrier]);
    println!("import: done in round {rounds}");
    let out = third.beside("out");
    let rounds = kill_until_done(&third, &["checkout", &out]);
    println!("checkout: done in round {rounds}");
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
    assert_eq!(third.ok(&["verify"])["ok"], true);
}

/// What was verified before the kill is not fetched again.
#[test]
fn an_interrupted_fetch_goes_on_where_it_was() {
    let site = site();
    let home = Home::publisher("Resume (fictional)");
    home.publish(site.path());
    let node = home.mirror(&[], &[]);
    let invite = home.invite(&[&node.address]);
    let reader = Home::new();
    // The core first: then the rest must cost only the rest.
    let whole = Home::new().ok(&["fetch", &invite])["wire_bytes"].as_u64().unwrap();
    let mut child = reader.command(&["fetch", &invite]).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(60));
    child.kill().unwrap();
    child.wait().unwrap();
    let have = stored(&reader);
    let rest = reader.ok(&["fetch", &invite])["wire_bytes"].as_u64().unwrap();
    // Frames add a little to each block; nothing that was durable comes twice.
    assert!(rest + have <= whole + whole / 10, "had {have}, fetched {rest} of {whole}");
}

fn stored(home: &Home) -> u64 {
    if !home.path().exists() {
        return 0;
    }
    home.ok(&["status"])["store"]["stored_bytes"].as_u64().unwrap()
}
