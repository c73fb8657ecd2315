//! Checkout into a folder where somebody left traps.

mod common;
use common::Home;
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
    let args = ["publish", &source, "--allow-hidden", "--passphrase-file", &home.pass()];
    home.ok(&args);
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
    // Four files, the foreign one, the link and the pipe; nothing temporary.
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 7);
}
