//! A head or a withdrawal that travels ahead of the blocks, by the real program: as a text through a messenger, as
//! codes, and in carriers of every kind.

use crate::common;
use crate::common::reply::Reply;
use crate::common::{Home, Node, film, small_site, write};
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;

const RECORD: &str = "records/2f4ja5iockvh.json";

/// A publisher with one release, and a carrier of it.
struct Archive {
    home: Home,
    site: tempfile::TempDir,
    carrier: String,
}

impl Archive {
    fn new() -> Self {
        let (home, site) = (Home::publisher("Couriers (fictional)"), tempfile::tempdir().unwrap());
        small_site(site.path());
        write(site.path(), RECORD, b"{\"first\":1}");
        home.publish(site.path());
        let carrier = home.beside("first.car");
        home.ok(&["export", &carrier]);
        Self { home, site, carrier }
    }

    /// One release more.
    fn next(&self, name: &str) {
        write(self.site.path(), name, b"<html lang=en>more</html>");
        self.home.publish(self.site.path());
    }

    fn withdraw(&self) {
        let pass = self.home.pass();
        let what = ["withdraw", "2f4ja5iockvh", "--reason", "withheld", "--urgent"];
        self.home.ok(&[&what[..], &["--passphrase-file", &pass]].concat());
    }

    /// A reader who has the first release.
    fn reader(&self) -> Home {
        let reader = Home::new();
        reader.ok(&["import", &self.carrier]);
        reader
    }

    /// The text, as a file.
    fn text(&self, name: &str, more: &[&str]) -> String {
        let file = self.home.beside(name);
        self.home.ok(&[&["courier", "write", "-o", &file], more].concat());
        file
    }
}

fn status(home: &Home) -> Value {
    home.ok(&["status"])["archives"][0].clone()
}

#[test]
fn a_newer_release_is_learnt_from_a_text() {
    let archive = Archive::new();
    let reader = archive.reader();
    archive.next("two.html");
    let other_way = archive.text("old", &[]);
    archive.next("three.html");
    let file = archive.text("message", &[]);
    let text = fs::read_to_string(&file).unwrap();
    for telling in ["yadgar", "release", "Couriers", "archive", "fictional"] {
        assert!(!text.to_lowercase().contains(&telling.to_lowercase()), "{telling}");
    }
    // As it comes back out of a messenger.
    let quoted = format!("سلام، این را ببین:\n> {}\n", text.to_lowercase().replace('\n', "\n> "));
    fs::write(&file, quoted).unwrap();
    let said = reader.run(&["courier", "read", &file]);
    let words = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{said:?}");
    for part in ["newest: release 3 of 20", "here to read: release 1, 2 behind", "yadgar fetch"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let now = status(&reader);
    assert_eq!((&now["trusted"], &now["complete"]), (&json!(3), &json!(1)));
    // Again, the one before, and by the command that takes files in.
    let again = reader.ok(&["courier", "read", &file])["couriers"][0].clone();
    assert_eq!((&again["outcome"], &again["behind"]), (&json!("known"), &json!(2)));
    let older = reader.ok(&["import", &other_way])["couriers"][0].clone();
    assert_eq!((&older["outcome"], &older["sequence"]), (&json!("older"), &json!(2)));
    assert_eq!(status(&reader)["trusted"], 3);
    // In Persian, and from standard input.
    let persian = archive.reader();
    let mut command = persian.command(&["courier", "read", "--lang", "fa"]);
    command.stdin(fs::File::open(&file).unwrap()).stdout(Stdio::piped());
    assert!(command.output().unwrap().status.success());
    // A file beside the carrier that has it all.
    let whole = archive.home.beside("whole.car");
    archive.home.ok(&["export", &whole]);
    let reader = archive.reader();
    reader.ok(&["import", &file, &whole]);
    assert_eq!(status(&reader)["complete"], 3);
}

#[test]
fn who_is_too_far_behind_is_told_what_to_ask_for() {
    let archive = Archive::new();
    for name in ["two.html", "three.html", "four.html"] {
        archive.next(name);
    }
    let short = archive.text("short", &["--back", "1"]);
    let reader = archive.reader();
    let said = reader.fails(&["courier", "read", &short], 3);
    assert!(said.contains("release 4") && said.contains("--back 2"), "{said}");
    assert_eq!(status(&reader)["trusted"], 1);
    let enough = archive.text("enough", &["--back", "2"]);
    assert_eq!(reader.ok(&["courier", "read", &enough])["couriers"][0]["known"], 4);
}

fn get(url: &str, path: &str) -> Reply {
    let host = url.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    Reply::parse(&answer)
}

/// While somebody reads: the next look at the page says that it was withdrawn.
#[test]
fn a_withdrawal_comes_before_any_block() {
    let archive = Archive::new();
    let reader = archive.reader();
    let pages = Node::start(reader.command(&["open", "--no-browser", "--json"]));
    let serving = pages.wait(|e| e["event"] == "serving");
    let site = serving["sites"][0]["url"].as_str().unwrap();
    let (path, before) = (format!("/{RECORD}"), status(&reader));
    assert_eq!(get(site, &path).status, 200);
    archive.next("two.html");
    archive.withdraw();
    let file = archive.text("message", &[]);
    let learnt = reader.ok(&["courier", "read", &file])["couriers"][0].clone();
    assert_eq!(learnt["withdrawn"], json!({ "withheld": 1 }));
    assert_eq!((&learnt["known"], &learnt["complete"]), (&json!(2), &json!(1)));
    let page = get(site, &path);
    assert_eq!(page.status, 410, "{}", page.text());
    assert!(!page.text().contains("{\"first"));
    assert_eq!(get(site, "/index.html").status, 200, "all else is still there to read");
    let after = status(&reader);
    assert_eq!((&before["withdrawn"], &after["withdrawn"]), (&json!(0), &json!(1)));
    // The whole carrier of the first release does not bring it back.
    reader.fails(&["import", &archive.carrier], 4);
    assert_eq!(get(site, &path).status, 410);
    let said = reader.run(&["courier", "read", &file]);
    assert!(
        !String::from_utf8_lossy(&said.stdout).contains("withdrawn"),
        "nothing is new any more"
    );
}

#[test]
fn a_text_that_was_cut_says_what_is_missing() {
    let archive = Archive::new();
    archive.next("two.html");
    let (file, reader) = (archive.text("message", &[]), archive.reader());
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    let without = |gone: &[usize]| {
        let kept = lines.iter().enumerate().filter(|(n, _)| !gone.contains(&(n + 1)));
        kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    };
    fs::write(&file, without(&[2, 5])).unwrap();
    let said = reader.fails(&["courier", "read", &file], 3);
    assert!(
        said.contains(&format!("of its {} lines these are missing: 2, 5", lines.len())),
        "{said}"
    );
    assert_eq!(status(&reader)["trusted"], 1);
    // The message that was missing, in a file of its own.
    let rest = archive.home.beside("rest");
    fs::write(&rest, format!("{}\n{}", lines[4], lines[1])).unwrap();
    assert_eq!(reader.ok(&["courier", "read", &file, &rest])["couriers"][0]["known"], 2);
    // Altered on the way, nothing at all, too much.
    let letter = if lines[2].as_bytes()[50] == b'A' { "B" } else { "A" };
    fs::write(&file, text.replacen(&lines[2][..51], &format!("{}{letter}", &lines[2][..50]), 1))
        .unwrap();
    let said = reader.fails(&["courier", "read", &file], 3);
    assert!(said.contains("altered") && said.contains("missing: 3"), "{said}");
    fs::write(&file, "90 years ago, in 1909, there were 90 of them").unwrap();
    let said = reader.fails(&["courier", "read", &file], 3);
    assert!(said.contains("begin with 90"), "{said}");
    fs::write(&file, "x".repeat(2_000_000)).unwrap();
    reader.fails(&["courier", "read", &file], 2);
    reader.fails(&["courier", "read", "nowhere"], 1);
}

#[test]
fn an_unknown_archive_is_for_the_person_to_take() {
    let archive = Archive::new();
    let file = archive.text("message", &[]);
    let stranger = Home::new();
    for command in [&["courier", "read", &file][..], &["import", &file]] {
        let output = stranger.run(command);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        assert!(said.contains("nothing was taken") && said.contains("six words"), "{said}");
        assert_eq!(stranger.ok(&["status"])["archives"], json!([]));
    }
    let learnt = stranger.ok(&["courier", "read", "--accept", &file])["couriers"][0].clone();
    assert_eq!((&learnt["outcome"], &learnt["complete"]), (&json!("accepted"), &json!(null)));
    let known = status(&stranger);
    assert_eq!((&known["trusted"], &known["source"]), (&json!(1), &json!("courier")));
    stranger.ok(&["import", &archive.carrier]);
    assert_eq!(status(&stranger)["complete"], 1);
}

/// The home is held by a running mirror; whoever it is connected to hears of the release by itself.
#[test]
fn a_mirror_is_told_and_tells_its_neighbour() {
    let archive = Archive::new();
    let (one, two) = (archive.reader(), archive.reader());
    let first = one.mirror(&[], &[]);
    let second = two.mirror(&[&archive.home.invite(&[&first.address])], &[]);
    archive.next("two.html");
    archive.withdraw();
    let file = archive.text("message", &[]);
    let learnt = one.ok(&["courier", "read", &file])["couriers"][0].clone();
    assert_eq!(
        (&learnt["outcome"], &learnt["withdrawn"]["withheld"]),
        (&json!("accepted"), &json!(1))
    );
    // In any order: each is told by itself.
    let (accepted, withdrawn) = (Cell::new(false), Cell::new(false));
    second.wait(|e| {
        accepted.set(accepted.get() || (e["event"] == "accepted" && e["sequence"] == 2));
        withdrawn.set(withdrawn.get() || e["event"] == "withdrawn");
        accepted.get() && withdrawn.get()
    });
    let there = status(&two);
    assert_eq!(
        (&there["trusted"], &there["complete"], &there["withdrawn"]),
        (&json!(2), &json!(1), &json!(1))
    );
}

#[test]
fn an_encrypted_home_learns_too() {
    let archive = Archive::new();
    let reader = Home::new();
    let pass = reader.pass();
    let with = |args: &[&str]| reader.ok(&[args, &["--home-passphrase-file", &pass]].concat());
    with(&["home", "encrypt"]);
    with(&["import", &archive.carrier]);
    archive.next("two.html");
    let file = archive.text("message", &[]);
    assert_eq!(with(&["courier", "read", &file])["couriers"][0]["known"], 2);
    assert_eq!(with(&["status"])["archives"][0]["trusted"], 2);
    let back = reader.beside("back");
    assert_eq!(with(&["courier", "write", "-o", &back])["sequence"], 2);
}

#[test]
fn messages_codes_and_files() {
    let archive = Archive::new();
    archive.next("two.html");
    let told = archive.home.ok(&["courier", "write", "--limit", "400"]);
    let messages: Vec<_> =
        told["messages"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
    assert!(messages.len() > 3 && messages.iter().all(|m| m.len() <= 400));
    let said = archive.home.fails(&["courier", "write", "--limit", "100"], 2);
    assert!(said.contains("--limit 184"), "{said}");
    // Shown, it is the text and nothing else.
    let shown = archive.home.run(&["courier", "write"]).stdout;
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.lines().all(|l| l.is_empty() || (l.starts_with("90") && l.ends_with("09"))),
        "{shown}"
    );
    let [file, svg] = ["message", "codes.svg"].map(|name| archive.home.beside(name));
    let write = ["courier", "write", "-o", &file, "--svg", &svg];
    let told = archive.home.ok(&[&write[..], &["--back", "0"]].concat());
    assert_eq!((&told["earlier"], &told["messages"]), (&json!(0), &json!(null)));
    let drawing = fs::read_to_string(&svg).unwrap();
    assert_eq!(drawing.matches("<path").count() as u64, told["codes"].as_u64().unwrap());
    assert!(!drawing.contains("yadgar") && !drawing.contains("Couriers"));
    assert!(archive.home.fails(&write, 1).contains("--force"));
    archive.home.ok(&[&write[..], &["--force"]].concat());
    let codes = archive.home.run(&["courier", "write", "--qr"]).stdout;
    let codes = String::from_utf8(codes).unwrap();
    assert!(codes.contains('█') && codes.contains("1/"), "{codes}");
    Home::new().fails(&["courier", "write"], 2);
    let empty = Home::publisher("Empty (fictional)");
    assert!(empty.fails(&["courier", "write"], 3).contains("yadgar fetch"));
}

/// A stick with only what is new, the first of several volumes, and one whose blocks are all damaged: each brings
/// head and bulletin, and the withdrawal is in force before a block is here.
#[test]
fn every_kind_of_carrier_is_a_courier() {
    let archive = Archive::new();
    write(archive.site.path(), "media/second.bin", &film(2_500_000, 9));
    archive.next("two.html");
    archive.withdraw();
    let [new, asked, volumes, damaged] =
        ["new.car", "asked.car", "volumes", "damaged.car"].map(|n| archive.home.beside(n));
    archive.home.ok(&["export", &new, "--since", "1"]);
    let have = archive.home.beside("have");
    archive.reader().ok(&["have", &have]);
    archive.home.ok(&["export", &asked, "--for", &have]);
    archive.home.ok(&["export", &volumes, "--split", "1MB", "--parity", "1"]);
    archive.home.ok(&["export", &damaged]);
    // Head and bulletin stand first in a carrier; all behind the first 8 kB is noise.
    let mut bytes = fs::read(&damaged).unwrap();
    let length = bytes.len() - 8_000;
    bytes[8_000..].copy_from_slice(&common::noise(length, 1));
    fs::write(&damaged, bytes).unwrap();
    let mut first: Vec<_> = fs::read_dir(&volumes).unwrap().map(|e| e.unwrap().path()).collect();
    first.sort();
    for (file, exit) in
        [(Path::new(&new), 0), (Path::new(&asked), 0), (&first[0], 3), (Path::new(&damaged), 3)]
    {
        let reader = archive.reader();
        let output = reader.run(&["import", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(exit), "{} {output:?}", file.display());
        let now = status(&reader);
        assert_eq!(
            (&now["trusted"], &now["withdrawn"]),
            (&json!(2), &json!(1)),
            "{}",
            file.display()
        );
        assert_eq!(now["complete"], if exit == 0 { 2 } else { 1 }, "{}", file.display());
    }
}
