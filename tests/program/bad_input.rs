//! Bad input: a clear error, the right exit code, nothing lost.

use crate::common::{Home, film, noise, small_site, tree_of, write};
use std::fs;
use std::path::Path;

fn published() -> (Home, tempfile::TempDir) {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    let home = Home::publisher("Bad input (fictional)");
    home.publish(site.path());
    (home, site)
}

/// After whatever happened, release 1 is still here and every byte of it is right.
fn still_well(home: &Home) {
    assert_eq!(home.ok(&["verify"])["ok"], true);
    assert_eq!(home.ok(&["status"])["archives"][0]["complete"], 1);
}

#[test]
fn names_that_are_not_allowed_are_listed_all_at_once() {
    let (home, site) = published();
    for name in ["aux.html", "tab\there", "Index.html", "dir/x\u{202e}gpj"] {
        write(site.path(), name, b"x");
    }
    let folder = site.path().to_str().unwrap();
    let text = home.fails(&["publish", folder, "--passphrase-file", &home.pass()], 2);
    assert!(text.contains("4 name(s)"), "{text}");
    for part in ["aux.html", "PATH-5", "PATH-3", "PATH-6", "index.html"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains(['\t', '\u{202e}']), "raw control characters in {text}");
    still_well(&home);
}

#[test]
fn links_are_left_out_and_said() {
    let (home, site) = published();
    std::os::unix::fs::symlink("/etc/passwd", site.path().join("link")).unwrap();
    write(site.path(), "new.html", b"new");
    let folder = site.path().to_str().unwrap();
    let output = home.run(&["publish", folder, "--passphrase-file", &home.pass()]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("left out link"));
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    assert!(!Path::new(&out).join("link").exists());
}

#[test]
fn a_folder_that_is_not_there() {
    let (home, _site) = published();
    let missing = home.beside("missing");
    let text = home.fails(&["publish", &missing, "--passphrase-file", &home.pass()], 1);
    assert!(text.contains("missing") && text.contains("what to do"), "{text}");
    still_well(&home);
}

#[test]
fn wrong_passphrase_and_wrong_key() {
    let (home, site) = published();
    write(site.path(), "new.html", b"new");
    let folder = site.path().to_str().unwrap();
    let wrong = home.beside("wrong");
    fs::write(&wrong, "not the passphrase\n").unwrap();
    let text = home.fails(&["publish", folder, "--passphrase-file", &wrong], 1);
    assert!(text.contains("wrong passphrase"), "{text}");
    let other = home.beside("other.key");
    home.ok(&["key", "new", "--out", &other, "--passphrase-file", &home.pass()]);
    let args = ["publish", folder, "--key", &other, "--passphrase-file", &home.pass()];
    let text = home.fails(&args, 4);
    assert!(text.contains("may not sign"), "{text}");
    // A key is never overwritten.
    home.fails(&["key", "new", "--out", &other, "--passphrase-file", &home.pass()], 1);
    still_well(&home);
}

#[test]
fn an_invite_with_a_typo() {
    let (home, _site) = published();
    let invite = home.invite(&["/ip4/127.0.0.1/tcp/4001"]);
    let typo = invite.replace("4001", "4007");
    for bad in [&typo, &invite[..30].to_owned(), &"hello".to_owned()] {
        let reader = Home::new();
        let text = reader.fails(&["fetch", bad], 2);
        assert!(text.contains("not a correct invite"), "{text}");
        assert!(
            !reader.path().join("store").join("segments").exists()
                || reader.ok(&["status"])["archives"].as_array().unwrap().is_empty()
        );
    }
}

#[test]
fn nobody_answers() {
    let (home, _site) = published();
    let invite = home.invite(&["/ip4/127.0.0.1/tcp/9"]);
    let reader = Home::new();
    let text = reader.fails(&["fetch", &invite], 5);
    assert!(text.contains("127.0.0.1") && text.contains("what to do"), "{text}");
}

#[test]
fn two_nodes_on_one_home_and_a_port_in_use() {
    let (home, _site) = published();
    let node = home.mirror(&[], &[]);
    let again = ["mirror", "--no-mdns", "--yes", "--listen", "/ip4/127.0.0.1/tcp/0"];
    let text = home.fails(&again, 6);
    assert!(text.contains(&node.pid().to_string()), "names the holder: {text}");
    let (other, _site) = published();
    let port = node.address.split('/').nth(4).unwrap();
    let listen = format!("/ip4/127.0.0.1/tcp/{port}");
    let text = other.fails(&["mirror", "--no-mdns", "--yes", "--listen", &listen], 1);
    assert!(text.contains("in use"), "{text}");
}

#[test]
fn carriers_that_are_damaged() {
    let (home, site) = published();
    let good = home.beside("good.car");
    home.ok(&["export", &good]);
    let bytes = fs::read(&good).unwrap();
    let bad = home.beside("bad.car");

    // Truncated: what is there is taken, what is not is named, the whole one completes it.
    fs::write(&bad, &bytes[..bytes.len() / 2]).unwrap();
    let reader = Home::new();
    reader.fails(&["verify", &bad], 3);
    let text = reader.fails(&["import", &bad], 3);
    assert!(text.contains("missing"), "{text}");
    reader.ok(&["import", &good]);
    let out = reader.beside("out");
    reader.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));

    // A flipped byte is found anywhere and costs one block.
    for at in (0..bytes.len()).step_by(bytes.len() / 9) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x20;
        fs::write(&bad, &flipped).unwrap();
        home.fails(&["verify", &bad], 3);
    }

    // Garbage behind and between is skipped; the archive comes in whole.
    let mut extra = bytes.clone();
    extra.extend(noise(10_000, 3));
    fs::write(&bad, &extra).unwrap();
    let reader = Home::new();
    reader.ok(&["import", &bad]);
    assert_eq!(reader.ok(&["verify"])["ok"], true);

    // Not a carrier at all.
    fs::write(&bad, noise(50_000, 4)).unwrap();
    Home::new().fails(&["import", &bad], 3);
}

#[test]
fn carriers_that_must_not_be_believed() {
    let (home, site) = published();
    let old = home.beside("old.car");
    home.ok(&["export", &old]);
    write(site.path(), "new.html", b"second release");
    home.publish(site.path());
    let new = home.beside("new.car");
    home.ok(&["export", &new]);

    // Older than what is trusted: refused as head, nothing goes back.
    let reader = Home::new();
    reader.ok(&["import", &new]);
    let text = reader.fails(&["import", &old], 4);
    assert!(text.contains("older"), "{text}");
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 2);

    // Another archive's carrier, where one archive was asked for.
    let (stranger, _site) = published();
    let foreign = stranger.beside("foreign.car");
    stranger.ok(&["export", &foreign]);
    let id = home.ok(&["status"])["archives"][0]["archive"].as_str().unwrap().to_owned();
    let text = reader.fails(&["import", &foreign, "--archive", &id], 4);
    assert!(text.contains("another archive"), "{text}");
    assert_eq!(reader.ok(&["status"])["archives"].as_array().unwrap().len(), 1);

    // Blocks of another archive put behind the right ones are not kept.
    let stored = |h: &Home| h.ok(&["status"])["store"]["blocks"].as_u64().unwrap();
    let clean = Home::new();
    clean.ok(&["import", &new]);
    let mixed = home.beside("mixed.car");
    fs::write(&mixed, [fs::read(&new).unwrap(), fs::read(&foreign).unwrap()].concat()).unwrap();
    let reader = Home::new();
    reader.ok(&["import", &mixed, "--archive", &id]);
    assert_eq!(stored(&reader), stored(&clean));
}

/// Runs as root only: a full disk is a small tmpfs.
#[test]
fn disk_full() {
    let dir = tempfile::tempdir().unwrap();
    let mount = dir.path().join("small");
    fs::create_dir(&mount).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        .arg(&mount)
        .status()
        .is_ok_and(|s| s.success());
    if !mounted {
        eprintln!("SKIPPED: cannot mount a small tmpfs here");
        return;
    }
    let result = std::panic::catch_unwind(|| fill_disk(&mount));
    let _ = std::process::Command::new("umount").arg(&mount).status();
    result.unwrap();
}

fn fill_disk(mount: &Path) {
    let (source, site) = published();
    let carrier = source.beside("a.car");
    source.ok(&["export", &carrier]);
    let home = Home::new();
    let small = mount.join("home");
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yadgar"));
        command.arg("--home").arg(&small).arg("--json").args(args).output().unwrap()
    };
    assert!(run(&["import", &carrier]).status.success());
    write(site.path(), "media/huge.bin", &film(12_000_000, 9));
    source.publish(site.path());
    let carrier = home.beside("b.car");
    source.ok(&["export", &carrier]);
    let output = run(&["import", &carrier]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("no space left"), "{text}");
    // Release 1 is still here, whole.
    let output = run(&["verify"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let target = mount.join("x.car").display().to_string();
    let output = run(&["export", &target]);
    assert!(output.status.success() || !Path::new(&target).exists(), "a torn carrier was left");
}
