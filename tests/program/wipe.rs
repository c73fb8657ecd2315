//! `yadgar wipe` against holders that do not end, and on what an earlier wipe left.

use crate::common;
use crate::common::{Home, Node, write};
use serde_json::Value;
use std::process::Command;

/// A home that has read an archive, plain or encrypted, and what makes commands open it.
fn reader(encrypted: bool) -> (Home, Vec<String>) {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "index.html", b"<html lang=en><p>Nobody of these ever lived.</html>");
    write(site.path(), "media/voices.bin", &common::film(300_000, 3));
    let publisher = Home::publisher("Nowhere (fictional)");
    publisher.publish(site.path());
    let carrier = publisher.beside("stick.car");
    publisher.ok(&["export", &carrier]);
    let home = Home::new();
    let mut unlock = Vec::new();
    if encrypted {
        unlock = vec!["--home-passphrase-file".to_owned(), home.pass()];
        home.ok(&all(&["home", "encrypt"], &unlock));
    }
    home.ok(&all(&["import", &carrier], &unlock));
    (home, unlock)
}

fn all<'a>(args: &[&'a str], unlock: &'a [String]) -> Vec<&'a str> {
    args.iter().copied().chain(unlock.iter().map(String::as_str)).collect()
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

fn open(home: &Home, unlock: &[String]) -> Node {
    let node = Node::start(home.command(&all(&["open", "--no-browser", "--json"], unlock)));
    node.wait(|e| e["event"] == "serving");
    node
}

/// The holder hears nothing, as one that hangs in the disk: it is killed, and the key did not wait for that.
#[test]
fn a_holder_that_does_not_end_is_killed() {
    for encrypted in [true, false] {
        let (home, unlock) = reader(encrypted);
        let node = open(&home, &unlock);
        signal("-STOP", node.pid());
        let told = home.ok(&["wipe", "--yes"]);
        assert_eq!(told["stopped"], node.pid());
        assert_eq!(told["key_destroyed"], encrypted);
        let (key, end) = (told["key_seconds"].as_f64(), told["seconds"].as_f64());
        assert!(end.unwrap() >= 3.0, "it had its time to end: {told}");
        assert!(key.unwrap() < 2.0, "the key waits for nobody: {told}");
        node.ended();
        assert!(!home.path().exists());
    }
}

/// Another process of ours holds another home: it is not touched.
#[test]
fn nobody_else_is_ended() {
    let (home, unlock) = reader(true);
    let (other, _) = reader(false);
    let bystander = open(&other, &[]);
    let node = open(&home, &unlock);
    // A lock that lies about who holds it: written over by hand, held by another.
    let path = home.path().join("lock");
    let mut holder: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    holder["pid"] = bystander.pid().into();
    holder["control"] = Value::Null;
    std::fs::write(&path, holder.to_string()).unwrap();
    let said = home.fails(&["wipe", "--yes"], 6);
    assert!(said.contains("the key is destroyed, the files are still there"), "{said}");
    assert!(!home.path().join("key").exists());
    assert_eq!(other.ok(&["status"])["archives"].as_array().map(Vec::len), Some(1));
    node.kill();
    // The same again, when nobody is in the way.
    home.ok(&["wipe", "--yes"]);
    assert!(!home.path().exists() && other.path().join("lock").exists());
    bystander.kill();
}

/// A wipe that was killed right after the key, beside something of the owner's: the next goes on.
#[test]
fn a_home_without_its_key_is_wiped_beside_the_files_of_others() {
    for folder in ["", "data", "files"] {
        let (home, _) = reader(true);
        let mine = home.path().join(folder).join("letter.txt");
        std::fs::write(&mine, b"mine").unwrap();
        std::fs::remove_file(home.path().join("key")).unwrap();
        assert_eq!(std::fs::metadata(home.path().join("lock")).unwrap().len(), 0);
        let told = home.ok(&["wipe", "--yes"]);
        assert!(told["files"].as_u64().unwrap() >= 3, "{told}");
        assert!(told["left"][0].as_str().unwrap().ends_with("letter.txt"), "{told}");
        // And again: nothing is ours any more, which is no error.
        for _ in 0..2 {
            let told = home.ok(&["wipe", "--yes"]);
            assert_eq!((&told["files"], &told["nothing"]), (&0.into(), &true.into()));
            assert_eq!(told["left"].as_array().unwrap().len(), 1, "{told}");
        }
        assert_eq!(std::fs::read(&mine).unwrap(), b"mine");
    }
}

/// What reading in memory cannot keep is said before the pages are.
#[test]
fn reading_in_memory_says_that_withdrawals_are_forgotten() {
    let site = tempfile::tempdir().unwrap();
    write(site.path(), "index.html", b"<html lang=en><p>Nobody of these ever lived.</html>");
    let publisher = Home::publisher("Nowhere (fictional)");
    publisher.publish(site.path());
    let carrier = publisher.beside("stick.car");
    publisher.ok(&["export", &carrier]);
    for (lang, words) in [("en", "have withdrawn"), ("fa", "پس گرفته‌اند")] {
        let reader = Home::new();
        let said = reader.beside("said");
        let mut command =
            reader.command(&["open", "--from", &carrier, "--no-browser", "--json", "--lang", lang]);
        command.stderr(std::fs::File::create(&said).unwrap());
        let node = Node::start(command);
        node.wait(|e| e["event"] == "serving");
        let text = std::fs::read_to_string(&said).unwrap();
        assert!(text.contains(words), "{text}");
        node.kill();
    }
}
