//! Checkout into a folder where somebody left traps.

use crate::common;
use crate::common::{Home, tree_of};
use std::path::Path;
use std::process::Command;
use yadgar_protocol::Hash;

#[test]
fn files_of_others_are_left_alone_and_a_pipe_does_not_hang() {
    let home = Home::publisher("traps");
    let source = home.beside("source");
    std::fs::create_dir(&source).unwrap();
    let guessed = |name: &str| format!(".{}.yadgar", &Hash::of(name.as_bytes()).to_hex()[..16]);
    for name in ["a.txt", "b.txt", "c.txt", &guessed("a.txt")] {
        std::fs::write(format!("{source}/{name}"), format!("this is {name}")).unwrap();
    }
    let (pass, allowed) = (home.pass(), format!("unknown-kind:{}", guessed("a.txt")));
    let allowed = ["--allow", &allowed, "--why", "a name that checkouts use"];
    let args = ["publish", &source, "--allow-hidden", "--passphrase-file", &pass];
    home.ok(&[&args[..], &allowed[..]].concat());
    let out = home.beside("out");
    std::fs::create_dir(&out).unwrap();
    let (victim, linked) = (home.beside("victim"), home.beside("linked"));
    std::fs::write(&victim, "mine").unwrap();
    std::fs::write(&linked, "mine too").unwrap();
    std::fs::write(format!("{out}/foreign"), "foreign").unwrap();
    std::fs::hard_link(&victim, format!("{out}/{}", guessed("b.txt"))).unwrap();
    std::fs::hard_link(&linked, format!("{out}/b.txt")).unwrap();
    let pipe = format!("{out}/{}", guessed("c.txt"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    home.ok(&["checkout", &out]);
    for name in ["a.txt", "b.txt", "c.txt", &guessed("a.txt")] {
        let text = std::fs::read_to_string(format!("{out}/{name}")).unwrap();
        assert_eq!(text, format!("this is {name}"));
    }
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(&linked).unwrap(), "mine too");
    assert_eq!(std::fs::read_to_string(format!("{out}/foreign")).unwrap(), "foreign");
    // Four files, the foreign one, the link, the pipe and the note of what was let pass; nothing temporary.
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 8);
}

/// WD-7: the part of a file that was withdrawn since goes too.
#[test]
fn what_a_killed_checkout_left_of_a_withdrawn_file_is_removed() {
    let home = Home::publisher("leftovers");
    let source = home.beside("source");
    std::fs::create_dir_all(format!("{source}/sub")).unwrap();
    std::fs::write(format!("{source}/a.txt"), "a").unwrap();
    std::fs::write(format!("{source}/sub/b.txt"), "b").unwrap();
    let pass = home.pass();
    home.ok(&["publish", &source, "--passphrase-file", &pass]);
    let args = ["withdraw", "sub/b.txt", "--reason", "withheld", "--urgent"];
    home.ok(&[&args[..], &["--passphrase-file", &pass]].concat());
    let out = home.beside("out");
    std::fs::create_dir_all(format!("{out}/sub")).unwrap();
    let left = format!("{out}/sub/.yadgar-0123456789abcdef");
    std::fs::write(&left, "half").unwrap();
    home.ok(&["checkout", &out]);
    assert!(!std::fs::exists(format!("{out}/sub/b.txt")).unwrap());
    assert!(!std::fs::exists(&left).unwrap());
}

#[test]
fn what_a_killed_checkout_left_is_removed_and_nothing_else() {
    let home = Home::publisher("leftovers");
    let source = home.beside("source");
    std::fs::create_dir_all(format!("{source}/sub")).unwrap();
    std::fs::write(format!("{source}/a.txt"), "a").unwrap();
    std::fs::write(format!("{source}/sub/b.txt"), "b").unwrap();
    home.ok(&["publish", &source, "--passphrase-file", &home.pass()]);
    let out = home.beside("out");
    std::fs::create_dir_all(format!("{out}/sub")).unwrap();
    let left = [".yadgar-0123456789abcdef", "sub/.yadgar-00000000deadbeef"];
    let others = [".yadgar-0123456789ABCDEF", ".yadgar-0123", "sub/yadgar-0123456789abcdef"];
    for name in left.iter().chain(&others) {
        std::fs::write(format!("{out}/{name}"), "half").unwrap();
    }
    // In use by a checkout that runs; another name of somebody's file; no file at all.
    let held = format!("{out}/.yadgar-1111111111111111");
    let file = std::fs::File::create(&held).unwrap();
    file.lock().unwrap();
    let (mine, linked) = (home.beside("mine"), format!("{out}/.yadgar-2222222222222222"));
    std::fs::write(&mine, "mine").unwrap();
    std::fs::hard_link(&mine, &linked).unwrap();
    let link = format!("{out}/.yadgar-3333333333333333");
    std::os::unix::fs::symlink(&mine, &link).unwrap();
    let folder = format!("{out}/.yadgar-4444444444444444");
    std::fs::create_dir(&folder).unwrap();
    home.ok(&["checkout", &out]);
    for name in left {
        assert!(std::fs::symlink_metadata(format!("{out}/{name}")).is_err(), "{name}");
    }
    for name in
        others.map(|name| format!("{out}/{name}")).iter().chain([&held, &linked, &link, &folder])
    {
        assert!(std::fs::symlink_metadata(name).is_ok(), "{name}");
    }
    assert_eq!(std::fs::read_to_string(format!("{out}/sub/b.txt")).unwrap(), "b");
}

/// The disk has lost a part of one file: the rest is written, the file is named, and so is what to do. Afterwards only
/// that one is written.
#[test]
fn what_is_damaged_is_named_and_the_rest_is_written() {
    let site = tempfile::tempdir().unwrap();
    common::small_site(site.path());
    let home = Home::publisher("Damaged (fictional)");
    home.publish(site.path());
    let carrier = home.beside("whole.car");
    home.ok(&["export", &carrier]);
    // In the middle of the film, by far the longest file.
    let segments = home.path().join("store/segments");
    let longest = std::fs::read_dir(segments).unwrap().map(|entry| entry.unwrap().path());
    let longest = longest.max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let film = std::fs::read(site.path().join("media/large.bin")).unwrap();
    let mut bytes = std::fs::read(&longest).unwrap();
    let at = memchr::memmem::find(&bytes, &film[700_000..700_064]).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&longest, bytes).unwrap();

    let (out, cut) = (home.beside("out"), home.beside("cut.car"));
    let output = home.run(&["checkout", &out]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("not written: media/large.bin") && said.contains("yadgar import"),
        "{said}"
    );
    let all = tree_of(site.path()).len();
    assert_eq!(tree_of(Path::new(&out)).len(), all - 1);
    let output = home.run(&["export", &cut]);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("not whole in the file: core: media/large.bin"), "{said}");

    home.ok(&["import", &carrier]);
    let done = home.ok(&["checkout", &out]);
    assert_eq!((&done["written"], &done["unchanged"]), (&1.into(), &(all - 1).into()), "{done}");
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
}
