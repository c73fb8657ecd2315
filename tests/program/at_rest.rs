//! What stays on the disk of somebody who reads: searched byte by byte for the archive.

mod needles;

use crate::common;
use crate::common::{Home, Node, write};
use needles::{Needles, files};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const NAME: &str = "The tulips of Nowhere (fictional)";

/// A publisher with a small archive, a carrier of it, and everything that must not be found.
struct Archive {
    publisher: Home,
    carrier: String,
    needles: Needles,
}

fn archive() -> Archive {
    let site = tempfile::tempdir().unwrap();
    for n in 0..30 {
        let text = format!("<html lang=en><p>Fictional person number {n}, remembered here.</html>");
        write(site.path(), &format!("people/somebody-{n:02}.html"), text.as_bytes());
    }
    write(site.path(), "index.html", b"<html lang=en><p>Nobody of these ever lived.</html>");
    write(site.path(), "media/voices.bin", &common::film(700_000, 3));
    let publisher = Home::publisher(NAME);
    publisher.publish(site.path());
    let carrier = publisher.beside("stick.car");
    publisher.ok(&["export", &carrier]);
    let needles = Needles::of(&publisher.path(), site.path(), &[NAME, "stick.car", "voices.bin"]);
    assert!(needles.len() > 400, "{}", needles.len());
    Archive { publisher, carrier, needles }
}

/// Somebody's machine: home of the user, temporary folder, folder they are in, home of yadgar.
struct Machine {
    dir: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["user", "tmp", "here"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("user/notes")
    }

    fn command(&self, program: &str, before: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(before).arg("--home").arg(self.home()).args(args);
        let at = |name| self.dir.path().join(name);
        command.env("HOME", at("user")).env("TMPDIR", at("tmp")).current_dir(at("here"));
        for name in ["YADGAR_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    fn yadgar(&self, args: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_yadgar"), &[], args)
    }

    /// Everything on this machine.
    fn everything(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(self.dir.path())
    }
}

/// Reads in the pages that a process serves: the start page, a search, a site page.
fn read_pages(serving: &serde_json::Value) {
    let get = |url: &str, path: &str| {
        let host = url.strip_prefix("http://").unwrap().trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let start = get(serving["url"].as_str().unwrap(), "/en/");
    assert!(start.contains(" 200 ") && start.contains("tulips of Nowhere"), "{start}");
    let site = serving["sites"][0]["url"].as_str().unwrap();
    let page = get(site, "/people/somebody-07.html");
    assert!(page.contains("Fictional person number 7"), "{page}");
}

fn stop(node: Node) {
    terminate(&node.pid().to_string());
    node.ended();
}

fn terminate(pid: &str) {
    assert!(Command::new("kill").args(["-TERM", pid]).status().unwrap().success());
}

#[test]
fn the_search_finds_an_archive_in_a_plain_home() {
    let archive = archive();
    let reader = Machine::new();
    let imported = reader.yadgar(&["import", &archive.carrier]).output().unwrap();
    assert!(imported.status.success());
    let found = archive.needles.found(&[reader.dir.path()]);
    for what in ["text of people", "hash of people", "archive ", "stored block", "hash of block"] {
        assert!(found.iter().any(|line| line.starts_with(what)), "{what}: {found:#?}");
    }
}

#[test]
fn reading_a_carrier_in_memory_writes_nothing() {
    let archive = archive();
    let reader = Machine::new();
    let before = reader.everything();
    let pages =
        Node::start(reader.yadgar(&["open", "--from", &archive.carrier, "--no-browser", "--json"]));
    read_pages(&pages.wait(|e| e["event"] == "serving"));
    assert_eq!(reader.everything(), before, "while it is read");
    stop(pages);
    assert_eq!(reader.everything(), before, "after it was read");
}

#[test]
fn fetching_into_memory_writes_nothing() {
    let archive = archive();
    let mirror = archive.publisher.mirror(&[], &[]);
    let invite = archive.publisher.invite(&[&mirror.address]);
    let reader = Machine::new();
    let before = reader.everything();
    // The invite over standard input: it is in no argument and no shell history.
    let mut command = reader.yadgar(&["open", "--from", "-", "--no-browser", "--json"]);
    let list = archive.publisher.beside("list");
    std::fs::write(&list, format!("\n  {invite}\n")).unwrap();
    command.stdin(std::fs::File::open(&list).unwrap());
    let pages = Node::start(command);
    read_pages(&pages.wait(|e| e["event"] == "serving"));
    assert_eq!(reader.everything(), before, "while it is read");
    pages.kill();
    assert_eq!(reader.everything(), before, "after it was killed");
}

#[test]
fn what_cannot_be_read_in_memory_is_said() {
    let reader = Machine::new();
    for (args, exit, why) in [
        (&["open", "--from", "nothing.car"][..], 1, "check the name of the file"),
        (&["open", "--from", "yadgar:nonsense"], 2, "not a correct invite"),
        (&["open", "--from", "-"], 2, "names nothing to read"),
        (&["open", "--part", "core"], 2, "--from"),
    ] {
        let output = reader.yadgar(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {said}");
        assert!(said.contains(why), "{args:?}: {said}");
    }
    let archive = archive();
    let small = ["open", "--from", &archive.carrier, "--memory", "100KB", "--no-browser"];
    let output = reader.yadgar(&small).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--memory"), "{said}");
    assert!(!reader.home().exists());
}

/// The same by the calls that the program makes: also a file that is gone again at once would be seen.
#[test]
fn no_call_makes_or_changes_a_file() {
    if !Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_ok_and(|s| s.success()) {
        eprintln!("SKIPPED: strace is not installed, system calls are not watched");
        return;
    }
    let archive = archive();
    let reader = Machine::new();
    let log = archive.publisher.beside("calls");
    let calls = "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,bind,truncate";
    let watch = ["-f", "-qq", "-o", &log, "-e", calls, env!("CARGO_BIN_EXE_yadgar")];
    let args = ["open", "--from", &archive.carrier, "--no-browser", "--json"];
    let pages = Node::start(reader.command("strace", &watch, &args));
    read_pages(&pages.wait(|e| e["event"] == "serving"));
    // The program itself: strace does not pass a signal on.
    let strace = pages.pid();
    let children = std::fs::read_to_string(format!("/proc/{strace}/task/{strace}/children"));
    terminate(children.unwrap().split_whitespace().next().unwrap());
    pages.ended();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains(&archive.carrier), "the calls were seen");
    let bad: Vec<_> = text.lines().filter(|line| makes_something(line)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

/// True for a call that makes a file or opens one for writing.
fn makes_something(line: &str) -> bool {
    let line = line.split_once(' ').map_or(line, |(_, call)| call.trim_start());
    if line.starts_with("open") {
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE", "O_TRUNC"];
        return writes.iter().any(|flag| line.contains(flag)) && !line.contains("\"/dev/null\"");
    }
    if line.starts_with("bind") {
        return line.contains("AF_UNIX");
    }
    ["creat", "mkdir", "rename", "link", "symlink", "mknod", "truncate"]
        .iter()
        .any(|call| line.starts_with(call))
}

// ---- The encrypted home ----

/// A reader with an encrypted home. Its passphrase file is on a stick that the reader takes along.
fn encrypted(archive: &Archive) -> (Machine, String) {
    let reader = Machine::new();
    let pass = archive.publisher.beside("home-passphrase");
    std::fs::write(&pass, "several unrelated words\n").unwrap();
    let made = reader.yadgar(&["home", "encrypt", "--home-passphrase-file", &pass]).output();
    assert!(made.unwrap().status.success());
    (reader, pass)
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Every command of a reader, on an encrypted home, with the pages open and closed; then the end.
#[test]
fn nothing_of_an_archive_is_found_in_an_encrypted_home() {
    let archive = archive();
    let mirror = archive.publisher.mirror(&[], &[]);
    let invite = archive.publisher.invite(&[&mirror.address]);
    let (reader, pass) = encrypted(&archive);
    let found = |what: &str| {
        let found = archive.needles.found(&[reader.dir.path()]);
        assert!(found.is_empty(), "{what}: {found:#?}");
    };
    let unlock = ["--home-passphrase-file", pass.as_str()];
    let ok = |args: &[&str]| {
        let output = reader.yadgar(&[args, &unlock[..]].concat()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        found(&format!("after {args:?}"));
        said(&output)
    };
    ok(&["import", &archive.carrier, "--part", "core"]);
    ok(&["fetch", &invite]);
    for args in [&["status"][..], &["verify"], &["releases"], &["invite"]] {
        ok(args);
    }
    assert!(ok(&["status"]).contains("tulips of Nowhere"));
    let out = archive.publisher.beside("out");
    ok(&["checkout", &out]);
    assert!(std::fs::read_dir(&out).unwrap().count() > 1);

    let open = [&["open", "--no-browser", "--json"][..], &unlock].concat();
    let pages = Node::start(reader.yadgar(&open));
    read_pages(&pages.wait(|e| e["event"] == "serving"));
    found("while it is open");
    // Through the process that has the key: no passphrase is needed beside it.
    let output = reader.yadgar(&["status"]).output().unwrap();
    assert!(said(&output).contains("tulips of Nowhere"), "{}", said(&output));
    assert!(reader.yadgar(&["verify"]).output().unwrap().status.success());
    pages.kill();
    found("after it was killed");

    let open = [&["open", "--no-browser", "--json"][..], &unlock].concat();
    let pages = Node::start(reader.yadgar(&open));
    read_pages(&pages.wait(|e| e["event"] == "serving"));
    let key = std::fs::read(reader.home().join("key")).unwrap();
    let output = reader.yadgar(&["wipe", "--yes", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["key_destroyed"], &told["encrypted"]), (&true.into(), &true.into()));
    assert_eq!(told["stopped"], pages.pid());
    pages.ended();
    found("after the wipe");
    assert!(!reader.home().exists());
    let left = files(reader.dir.path());
    assert!(!left.iter().any(|(_, bytes)| memchr::memmem::find(bytes, &key[..32]).is_some()));
    // Again: nothing is there, which is no error.
    assert!(reader.yadgar(&["wipe", "--yes"]).output().unwrap().status.success());
}

#[test]
fn a_wrong_passphrase_says_only_that() {
    let archive = archive();
    let (reader, pass) = encrypted(&archive);
    let before = reader.everything();
    let wrong = archive.publisher.beside("wrong");
    std::fs::write(&wrong, "several unrelated word\n").unwrap();
    for args in [&["status"][..], &["open", "--no-browser"], &["home", "passphrase"]] {
        let args = [args, &["--home-passphrase-file", &wrong]].concat();
        let args = match args[0] {
            "home" => [&args[..], &["--new-passphrase-file", &pass]].concat(),
            _ => args,
        };
        let output = reader.yadgar(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(said(&output), "error: wrong passphrase\n", "{args:?}");
    }
    let none = reader.yadgar(&["status"]).output().unwrap();
    assert!(said(&none).contains("--home-passphrase-file"), "{}", said(&none));
    assert_eq!(reader.everything(), before);
    // Another passphrase: the old one is wrong from then on.
    let change = ["home", "passphrase", "--home-passphrase-file", &pass];
    let other = archive.publisher.beside("other");
    std::fs::write(&other, "quite another sentence\n").unwrap();
    let change = [&change[..], &["--new-passphrase-file", &other]].concat();
    assert!(reader.yadgar(&change).output().unwrap().status.success());
    let status = |file: &str| {
        reader.yadgar(&["status", "--home-passphrase-file", file]).output().unwrap().status.code()
    };
    assert_eq!((status(&pass), status(&other)), (Some(1), Some(0)));
}

#[test]
fn an_encrypted_home_takes_nothing_in_clear() {
    let archive = archive();
    let (reader, pass) = encrypted(&archive);
    let before = reader.everything();
    for args in [
        &["key", "new"][..],
        &["archive", "create", "--name", "x"],
        &["publish", "."],
        &["mirror", "--yes"],
    ] {
        let output = reader.yadgar(&[args, &["--home-passphrase-file", &pass]].concat()).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains("this home is encrypted"), "{}", said(&output));
    }
    assert_eq!(reader.everything(), before);
    // One that is there already is not turned into an encrypted one: what was written in clear stays on the disk.
    let home = archive.publisher.path();
    let home = ["--home", home.to_str().unwrap(), "home", "encrypt"];
    let output = Command::new(env!("CARGO_BIN_EXE_yadgar"))
        .args(home)
        .args(["--home-passphrase-file", &pass])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("not encrypted"), "{}", said(&output));
}

// ---- wipe ----

#[test]
fn wiping_a_plain_home_ends_the_mirror_and_says_what_it_cannot_promise() {
    let archive = archive();
    let reader = Machine::new();
    assert!(reader.yadgar(&["import", &archive.carrier]).output().unwrap().status.success());
    let mirror = ["mirror", "--no-mdns", "--yes", "--json", "--listen", "/ip4/127.0.0.1/tcp/0"];
    let node = Node::start(reader.yadgar(&mirror));
    node.wait(|e| e["event"] == "listening");
    std::fs::write(reader.home().join("letter.txt"), "mine").unwrap();
    // Without a yes nothing happens.
    let output = reader.yadgar(&["wipe"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(reader.home().join("store/index.redb").exists());
    let output = reader.yadgar(&["wipe", "--yes"]).output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    for words in ["not encrypted", "can be brought back", "letter.txt"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    node.ended();
    let left = archive.needles.found(&[reader.dir.path()]);
    assert!(left.is_empty(), "{left:#?}");
    assert_eq!(std::fs::read(reader.home().join("letter.txt")).unwrap(), b"mine");
    // What is left is no home: it is not touched, and that is no error.
    let output = reader.yadgar(&["wipe", "--yes", "--lang", "fa"]).output().unwrap();
    assert!(output.status.success() && said(&output).contains("letter.txt"), "{}", said(&output));
    assert_eq!(std::fs::read(reader.home().join("letter.txt")).unwrap(), b"mine");
}

#[test]
fn a_holder_without_a_socket_is_ended_too() {
    let archive = archive();
    let reader = Machine::new();
    assert!(reader.yadgar(&["import", &archive.carrier]).output().unwrap().status.success());
    // A fetch that waits for an answer which never comes.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", silent.local_addr().unwrap().port());
    let invite = archive.publisher.invite(&[&address]);
    let mut fetch = reader.yadgar(&["fetch", &invite, "--no-quic"]).spawn().unwrap();
    let _connected = silent.accept().unwrap();
    let output = reader.yadgar(&["wipe", "--yes"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    fetch.wait().unwrap();
    assert!(!reader.home().exists());
}
