//! Invites with the real program: in words, with addresses of several kinds, and the list of mirrors that an archive
//! carries. What needs machines with public addresses runs in namespaces (root, iproute2, nftables).

use crate::common::{Home, Node, small_site, write};
use crate::lab;
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

const URL: &str = "https://mirror.example.org/yadgar/";
const LISTED: &str =
    "yadgar mirrors 1\n/dns4/mirror.example.org/tcp/4774\nhttps://mirror.example.org/yadgar/\n";

fn site(home: &Home) -> PathBuf {
    let site = PathBuf::from(home.beside("site"));
    std::fs::create_dir_all(&site).unwrap();
    small_site(&site);
    site
}

fn published(name: &str) -> (Home, PathBuf) {
    let home = Home::publisher(name);
    let site = site(&home);
    home.publish(&site);
    (home, site)
}

/// The invite in words, of Persian and English.
fn spoken(home: &Home, more: &[&str]) -> (String, String) {
    let args = [&["invite", "--words"], more].concat();
    let told = home.ok(&args);
    let text = |lang: &str| told["spoken"][lang].as_str().unwrap().to_owned();
    (text("fa"), text("en"))
}

#[test]
fn an_invite_that_was_read_aloud_leads_to_the_archive() {
    let (home, _site) = published("Spoken (fictional)");
    let mirror = home.mirror(&[], &[]);
    let (fa, en) = spoken(&home, &["--address", &mirror.address]);
    assert_eq!(fa.split(' ').count(), 41, "the archive and one IPv4 address");
    // As people type: an Arabic keyboard, other spaces, numbers, capitals.
    let arabic = fa.replace('ی', "ي").replace('ک', "ك").replace(' ', "\u{a0} \u{200c}،\n");
    let numbered: String = (1..).zip(en.split(' ')).map(|(n, w)| format!("{n}. {w} ")).collect();
    for typed in [&fa, &arabic, &numbered.to_uppercase()] {
        let reader = Home::new();
        reader.ok(&["fetch", typed]);
        assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
    }
    // What the program shows to be read is what it reads.
    let shown = home.run(&["invite", "--words", "--address", &mirror.address]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    let lines = shown.lines().filter(|line| line.trim_start().starts_with(char::is_numeric));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 18, "nine lines of five words, in each language: {shown}");
    let reader = Home::new();
    let mut command = reader.command(&["fetch", "-"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines[..9].join("\n").as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    // Every command that takes an invite takes words.
    let second = Home::new();
    second.mirror(&[&en], &[]).wait_complete(1);
    let checked = second.ok(&["invite", "--archive", &fa]);
    assert_eq!(checked["archive"], home.ok(&["invite"])["archive"]);
}

#[test]
fn wrong_words_are_named() {
    let (home, _site) = published("Mistyped (fictional)");
    let (fa, en) = spoken(&home, &["--address", "/ip4/127.0.0.1/tcp/9"]);
    let words: Vec<&str> = en.split(' ').collect();
    let reader = Home::new();
    let refused = |words: &[&str]| reader.fails(&["fetch", &words.join(" ")], 2);
    let mut wrong = words.clone();
    wrong[6] = if words[6] == "apron" { "ocean" } else { "apron" };
    let said = refused(&wrong);
    assert!(said.contains("word 7 is wrong") && said.contains(words[6]), "{said}");
    let said = refused(&[&words[..11], &words[12..]].concat());
    assert!(said.contains("word 12 is missing") && said.contains(words[11]), "{said}");
    let other = words.iter().position(|word| *word != words[3]).unwrap();
    let (a, b) = (other.min(3) + 1, other.max(3) + 1);
    let mut swapped = words.clone();
    swapped.swap(3, other);
    let said = refused(&swapped);
    assert!(said.contains(&format!("words {a} and {b} have changed places")), "{said}");
    let mut odd = words.clone();
    odd[0] = "kamomile";
    assert!(refused(&odd).contains("word 1, 'kamomile'"));
    assert!(refused(&words[..20]).contains("these are 20 words"));
    // Nothing was guessed, and nothing is left of it.
    assert_eq!(reader.ok(&["status"])["archives"].as_array().unwrap().len(), 0);
    let said = reader.fails(&["fetch", &fa.replace(' ', "-").replacen('-', "-- ", 3)], 5);
    assert!(said.contains("127.0.0.1"), "the words were right: {said}");
}

#[test]
fn addresses_of_several_kinds() {
    let (home, _site) = published("Kinds (fictional)");
    let mirror = home.mirror(&[], &[]);
    let told = home.ok(&["invite", "--address", &mirror.address, "--url", URL]);
    let invite = told["invite"].as_str().unwrap();
    assert!(invite.ends_with(&format!("&u={URL}")), "{invite}");
    let kinds: Vec<_> = told["places"].as_array().unwrap().iter().map(|p| &p["kind"]).collect();
    assert_eq!(kinds, ["loopback", "https"]);
    for place in told["places"].as_array().unwrap() {
        assert!(place["reveals"]["en"].as_str().is_some_and(|text| text.len() > 20), "{place}");
        assert!(place["reveals"]["fa"].as_str().is_some_and(|text| text.len() > 20), "{place}");
    }
    // The peer is asked, the web address only kept: it was not chosen.
    let reader = Home::new();
    let output = reader.run(&["fetch", invite]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains(URL), "{said}");
    assert_eq!(reader.ok(&["status"])["archives"][0]["urls"][0], URL);
    let passed_on = reader.ok(&["invite"]);
    assert_eq!((&passed_on["urls"][0], &passed_on["invite"]), (&URL.into(), &invite.into()));
    // Only a web address: nobody is asked.
    let only = home.ok(&["invite", "--url", URL])["invite"].as_str().unwrap().to_owned();
    Home::new().fails(&["fetch", &only], 5);
    for bad in ["http://mirror.example.org/", "https://mirror.example.org", "mirror.example.org"] {
        assert!(home.fails(&["invite", "--url", bad], 2).contains("INV-6"), "{bad}");
    }
    let many: Vec<String> = (1..10).map(|n| format!("/ip4/203.0.113.{n}/tcp/4774")).collect();
    let args = many.iter().fold(vec!["invite"], |args, a| [&args[..], &["--address", a]].concat());
    let told = home.ok(&args);
    assert_eq!(
        (&told["left_out"][0], &told["qr"]["left_out"]),
        (&many[8].clone().into(), &Value::Array(vec![]))
    );
}

#[test]
fn an_archive_lists_its_mirrors() {
    let (home, site) = published("Listed (fictional)");
    home.fails(&["invite", "--mirrors"], 2);
    let notes = home.beside("notes");
    std::fs::write(
        &notes,
        "# ours\n\n/dns4/mirror.example.org/tcp/4774\nhttps://mirror.example.org/yadgar/\n",
    )
    .unwrap();
    let (pass, folder) = (home.pass(), site.display().to_string());
    let publish = ["publish", &folder, "--passphrase-file", &pass];
    let with_notes = [&publish[..], &["--mirrors", &notes]].concat();
    assert_eq!(home.ok(&with_notes)["sequence"], 2);
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    let listed = std::fs::read_to_string(PathBuf::from(&out).join("mirrors.txt")).unwrap();
    assert_eq!(listed, LISTED);
    let told = home.ok(&["invite", "--mirrors", "--words"]);
    assert_eq!(
        (&told["addresses"][0], &told["urls"][0]),
        (&"/dns4/mirror.example.org/tcp/4774".into(), &URL.into())
    );
    assert_eq!(told["spoken"]["left_out"], Value::Array(vec![]));
    // The same list gives the same release; one that is left out is told.
    assert_eq!(home.ok(&with_notes)["changed"], false);
    let output = home.run(&publish);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("list of mirrors"), "{said}");
    home.fails(&["invite", "--mirrors"], 2);
    // In the folder, whatever the parts are; the gate looks at it.
    write(&site, "mirrors.txt", LISTED.as_bytes());
    let parts = [&publish[..], &["--part", "texts=*.txt"]].concat();
    assert_eq!(home.ok(&parts)["sequence"], 4);
    assert_eq!(home.ok(&["invite", "--mirrors"])["urls"][0], URL);
    assert!(home.fails(&with_notes, 2).contains("--mirrors"));
    write(&site, "mirrors.txt", b"yadgar mirrors 1\n/ip4/192.168.1.5/tcp/4774\n");
    let output = home.run(&publish);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.contains("bad-mirrors") && said.contains("MIR-3"), "{said}");
    std::fs::write(&notes, "https://mirror.example.org/\nhttps://192.168.1.5/\n").unwrap();
    std::fs::remove_file(site.join("mirrors.txt")).unwrap();
    let said = home.fails(&with_notes, 2);
    assert!(said.contains("line 2") && said.contains("MIR-4"), "{said}");
}

/// A machine at a public address.
fn public(name: &str, host: u8) {
    lab::machine(name);
    lab::join(name);
    lab::sh(&format!("ip -n {name} addr add 45.10.0.{host}/24 brd + dev wlan0"));
}

#[test]
fn a_mirror_finds_another_by_the_list_and_a_reader_asks_nobody() {
    if !lab::enter(module_path!(), "a_mirror_finds_another_by_the_list_and_a_reader_asks_nobody") {
        return;
    }
    let home = Home::publisher("Where it lives (fictional)");
    let site = site(&home);
    write(&site, "mirrors.txt", b"yadgar mirrors 1\n/ip4/45.10.0.1/tcp/4774\n");
    home.publish(&site);
    let carrier = home.beside("memorial.car");
    home.ok(&["export", &carrier]);
    let invite = home.invite(&[]);
    for (name, host) in [("first", 1), ("second", 2), ("reader", 3)] {
        public(name, host);
    }
    let first = ["mirror", "--yes", "--json", "--no-lan", "--listen", "/ip4/45.10.0.1/tcp/4774"];
    let first = Node::start(lab::yadgar("first", &home, &first));
    first.wait(|event| event["event"] == "listening");
    // It has nothing but the file, and comes back to the others.
    let second = Home::new();
    second.ok(&["import", &carrier]);
    let args = ["mirror", "--yes", "--json", "--no-lan", "--listen", "/ip4/45.10.0.2/tcp/4774"];
    let node = Node::start(lab::yadgar("second", &second, &args));
    write(&site, "new.html", b"<p>new</p>");
    home.publish(&site);
    node.wait_complete(2);
    // A reader with the same file asks nobody because of the list.
    let reader = Home::new();
    reader.ok(&["import", &carrier]);
    lab::watch("reader");
    let output = lab::yadgar("reader", &reader, &["fetch", &invite]).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lab::counter("reader", "left"), 0);
    // Not even where an address is given that leads nowhere; where its user asks for it, the list helps.
    let dead = ["fetch", &invite, "--address", "/ip4/45.10.0.9/tcp/4774", "--json"];
    let output = lab::yadgar("reader", &reader, &dead).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: Vec<_> = dead.into_iter().chain(["--listed"]).collect();
    let output = lab::yadgar("reader", &reader, &listed).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 2);
}
