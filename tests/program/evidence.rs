//! Proof files, the list of releases and what changed between them, with the real program.

use crate::common::{Home, small_site, write};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const RECORD: &str = "records/r07.json";

/// A home whose archive has two releases; the second has one record more, one changed, one gone.
fn two_releases() -> (Home, tempfile::TempDir) {
    let (home, site) = (Home::publisher("Evidence (fictional)"), tempfile::tempdir().unwrap());
    small_site(site.path());
    home.publish(site.path());
    write(site.path(), "records/new.json", b"{\"schema\":\"victim/1\"}");
    write(site.path(), "records/r01.json", b"{\"schema\":\"victim/1\",\"n\":\"other\"}");
    std::fs::remove_file(site.path().join("records/r02.json")).unwrap();
    home.publish(site.path());
    (home, site)
}

/// The program with no home that could be opened and nothing else to hold on to.
fn bare(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yadgar"));
    command.env_clear().stdin(Stdio::null());
    command.args(["--home", "/proc/yadgar-no-home"]).args(args).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_record_is_proven_without_a_home() {
    let (home, site) = two_releases();
    let file = home.beside("r07.proof");
    let made = home.ok(&["verify", "--record", "r07", "--proof-out", &file]);
    assert_eq!((&made["path"], &made["sequence"]), (&json!(RECORD), &json!(2)));
    assert!(std::fs::metadata(&file).unwrap().len() < 20_000);
    let (invite, out) = (home.invite(&[]), home.beside("out.json"));
    let checked = json_of(&bare(&[
        "verify",
        "--proof",
        &file,
        "--invite",
        &invite,
        "--write-record",
        &out,
        "--json",
    ]));
    let record = std::fs::read(site.path().join(RECORD)).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), record);
    assert_eq!(checked["hash"], blake3::hash(&record).to_hex().as_str());
    assert_eq!((&checked["ok"], &checked["archive_compared"]), (&json!(true), &json!(true)));
    assert_eq!((&checked["signers"], &checked["threshold"]), (&json!(1), &json!(1)));
    assert_eq!(checked["words"], home.ok(&["invite"])["words"]);
    let id = made["archive"].as_str().unwrap();
    json_of(&bare(&["verify", "--proof", &file, "--archive", id, "--json"]));
    // Never over a file that is there.
    home.fails(&["verify", "--record", "r07", "--proof-out", &file], 1);
    home.fails(&["verify", "--proof", &file, "--write-record", &out], 1);
}

#[test]
fn what_a_proof_says_in_both_languages() {
    let (home, _site) = two_releases();
    let file = home.beside("a.proof");
    home.ok(&["verify", "--path", "media/large.bin", "--proof-out", &file]);
    for (lang, texts) in [
        (
            "en",
            ["does not prove that this is still the newest", "compare these words", "withdrawn"],
        ),
        ("fa", ["هنوز تازه‌ترین نسخه", "این واژه‌ها را با واژه‌هایی", "پس گرفته"]),
    ] {
        let said = bare(&["verify", "--proof", &file, "--lang", lang]);
        let said = String::from_utf8(said.stdout).unwrap();
        assert!(texts.iter().all(|text| said.contains(text)), "{said}");
        assert!(
            said.contains("Evidence (fictional)") && said.contains("media/large.bin"),
            "{said}"
        );
    }
}

#[test]
fn absence_is_proven_and_other_archives_are_refused() {
    let (home, _site) = two_releases();
    let file = home.beside("gone.proof");
    let gone = "records/r02.json";
    let said = home.fails(&["verify", "--record", "r02", "--proof-out", &file], 2);
    assert!(
        said.contains("has no record 'r02'") && said.contains("--path records/r02.cbor"),
        "{said}"
    );
    let made = home.ok(&["verify", "--path", gone, "--proof-out", &file]);
    assert_eq!(made["present"], false);
    assert_eq!(json_of(&bare(&["verify", "--proof", &file, "--json"]))["present"], false);
    home.fails(&["verify", "--proof", &file, "--write-record", &home.beside("x")], 2);
    let other = Home::publisher("Evidence (fictional)");
    let refused = bare(&["verify", "--proof", &file, "--invite", &other.invite(&[])]);
    assert_eq!(refused.status.code(), Some(4));
    assert_eq!(bare(&["verify", "--proof", &file, "--archive", "Evidence"]).status.code(), Some(2));
}

#[test]
fn a_damaged_proof_is_refused_with_its_clause() {
    let (home, _site) = two_releases();
    let file = home.beside("a.proof");
    home.ok(&["verify", "--record", "r07", "--proof-out", &file]);
    let good = std::fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(good.len() / 20) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&file, bad).unwrap();
        let output = bare(&["verify", "--proof", &file]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "byte {at}: {said}");
        assert!(said.contains("no valid proof") && said.contains('-'), "{said}");
    }
}

/// The Python that has the packages of the vectors; a message when there is none.
pub fn python() -> Option<Command> {
    let name = std::env::var_os("YADGAR_PYTHON").unwrap_or_else(|| "python3".into());
    let make = || {
        let mut command = Command::new(&name);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol/vectors");
        command.current_dir(root).stdin(Stdio::null());
        command
    };
    let there = make().args(["-c", "import blake3, cryptography"]).output();
    if there.is_ok_and(|output| output.status.success()) {
        return Some(make());
    }
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let message =
            "SKIPPED: no Python with blake3 and cryptography (name one in YADGAR_PYTHON)\n";
        std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes()).unwrap();
    });
    None
}

/// Flips one bit at up to 500 places; prints the places where it was not refused.
const FLIP: &str = "
import sys
from generate import proof
from generate.fault import Fault
data = open(sys.argv[1], 'rb').read()
proof.check(data)
wrong = []
for at in range(0, len(data), max(1, -(-len(data) // 500))):
    bad = bytearray(data)
    bad[at] ^= 1 << at % 8
    try:
        proof.check(bytes(bad))
        wrong.append(at)
    except Fault:
        pass
print(wrong)
";

#[test]
fn an_independent_program_agrees() {
    let Some(mut command) = python() else { return };
    let home = Home::publisher("یادمان نمونه (ساختگی)");
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive");
    home.publish(&site);
    let record = std::fs::read_dir(site.join("records")).unwrap().next().unwrap().unwrap().path();
    let id = record.file_stem().unwrap().to_str().unwrap().to_owned();
    let file = home.beside("a.proof");
    let made = home.ok(&["verify", "--record", &id, "--proof-out", &file]);
    let archive = made["archive"].as_str().unwrap();
    let args = ["-m", "generate.verify_proof", &file, archive];
    let output = command.args(args).output().unwrap();
    let found = json_of(&output);
    for key in [
        "archive",
        "name",
        "words",
        "sequence",
        "date",
        "signers",
        "threshold",
        "path",
        "present",
        "part",
        "size",
        "hash",
    ] {
        assert_eq!(found[key], made[key], "{key}");
    }
    let bytes = std::fs::read(&file).unwrap();
    let mut flip = python().unwrap();
    let output = flip.args(["-c", FLIP, &file]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "[]", "{said}");
    for at in (0..bytes.len()).step_by(bytes.len().div_ceil(500)) {
        let mut bad = bytes.clone();
        bad[at] ^= 1 << (at % 8);
        assert!(yadgar_protocol::proof::check(&bad).is_err(), "byte {at}");
    }
}

#[test]
fn the_chain_and_what_changed() {
    let (home, site) = two_releases();
    let list = home.ok(&["releases"]);
    let numbers: Vec<_> = list["releases"].as_array().unwrap().iter().collect();
    assert_eq!(numbers.iter().map(|r| r["sequence"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((&numbers[0]["newest"], &numbers[0]["complete"]), (&json!(true), &json!(true)));
    assert_eq!((&numbers[1]["whole"], &numbers[1]["records"]), (&json!(true), &json!(40)));
    assert_eq!(list["whole_chain"], true);
    let diff = home.ok(&["diff", "1", "newest"]);
    assert_eq!(diff["records"]["added"], json!(["records/new.json"]));
    assert_eq!(diff["records"]["changed"], json!(["records/r01.json"]));
    assert_eq!(diff["records"]["removed"], json!(["records/r02.json"]));
    assert_eq!(diff["parts"][0]["added"]["files"], 1);
    let back = home.ok(&["diff", "2", "1"]);
    assert_eq!(back["records"]["added"], diff["records"]["removed"]);
    assert_eq!(home.ok(&["diff", "2", "2"])["parts"], json!([]));
    home.fails(&["diff", "1", "3"], 2);
    home.fails(&["diff", "one", "2"], 2);
    for lang in ["en", "fa"] {
        let said = String::from_utf8(home.run(&["diff", "1", "2", "--lang", lang]).stdout).unwrap();
        assert!(said.contains("+ records/new.json"), "{said}");
    }
    // A file that goes to another part has moved, and is no changed record.
    let pass = home.pass();
    let folder = site.path().to_str().unwrap();
    home.ok(&["publish", folder, "--part", "media=media/**", "--passphrase-file", &pass]);
    let moved = home.ok(&["diff", "2", "3"]);
    assert_eq!((&moved["moved"], &moved["records"]["changed"]), (&json!(1), &json!([])));
}

#[test]
fn a_late_comer_hears_where_the_chain_ends() {
    let (home, _site) = two_releases();
    let carrier = home.beside("a.car");
    home.ok(&["export", &carrier]);
    let said = String::from_utf8(home.run(&["verify", &carrier]).stdout).unwrap();
    let words = home.ok(&["invite"])["words"]["en"].clone();
    let words: Vec<_> = words.as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert!(said.contains(&words.join(" ")), "{said}");
    let reader = Home::new();
    reader.ok(&["import", &carrier]);
    let list = reader.ok(&["releases"]);
    let releases = list["releases"].as_array().unwrap();
    assert_eq!(releases[0]["whole"], true);
    // Its payload may have come along; what is in it has not.
    if let Some(first) = releases.get(1) {
        assert_eq!(first["whole"], false);
    } else {
        assert_eq!(list["whole_chain"], false);
    }
    let said = reader.fails(&["diff", "1", "2"], 3);
    assert!(said.contains("not here") || said.contains("not known here"), "{said}");
    // What is here can be proven all the same.
    reader.ok(&["verify", "--record", "r07", "--proof-out", &reader.beside("p")]);
}

/// WD-7, WD-8: also when another archive of the home keeps the same bytes.
#[test]
fn what_was_withdrawn_is_not_proven() {
    let (home, site) = (Home::publisher("Evidence (fictional)"), tempfile::tempdir().unwrap());
    small_site(site.path());
    let id = home.publish(site.path())["archive"].as_str().unwrap().to_owned();
    let pass = home.pass();
    home.ok(&["archive", "create", "--name", "Other", "--passphrase-file", &pass]);
    let folder = site.path().to_str().unwrap();
    home.ok(&["publish", folder, "--archive", "Other", "--passphrase-file", &pass]);
    let args = ["withdraw", RECORD, "--reason", "withheld", "--urgent", "--archive", &id];
    home.ok(&[&args[..], &["--passphrase-file", &pass]].concat());
    for of in [["--record", "r07"], ["--path", RECORD]] {
        let out = home.beside("p");
        let args = [&["verify", "--archive", &id, "--proof-out", &out], &of[..]].concat();
        let said = home.fails(&args, 4);
        assert!(said.contains("was withdrawn") && said.contains("withheld"), "{said}");
        assert!(!Path::new(&out).exists());
        home.ok(&[&["verify", "--archive", "Other", "--proof-out", &out], &of[..]].concat());
        std::fs::remove_file(out).unwrap();
    }
    home.ok(&["verify", "--archive", &id, "--record", "r08", "--proof-out", &home.beside("q")]);
}

/// HOLD-3: what waits for the operator's yes is not vouched for.
#[test]
fn a_release_that_is_held_is_not_proven() {
    let (home, site) = (Home::publisher("Evidence (fictional)"), tempfile::tempdir().unwrap());
    small_site(site.path());
    home.publish(site.path());
    let (first, second) = (home.beside("1.car"), home.beside("2.car"));
    home.ok(&["export", &first]);
    for n in 0..10 {
        std::fs::remove_file(site.path().join(format!("records/r{n:02}.json"))).unwrap();
    }
    write(site.path(), RECORD, b"{\"schema\":\"victim/1\",\"n\":\"false\"}");
    let folder = site.path().to_str().unwrap();
    home.ok(&["publish", folder, "--allow-removals", "--passphrase-file", &home.pass()]);
    home.ok(&["export", &second]);
    let reader = Home::new();
    reader.ok(&["import", &first]);
    reader.ok(&["import", &second]);
    let proof = reader.beside("p");
    let made = reader.ok(&["verify", "--record", "r07", "--proof-out", &proof]);
    assert_eq!(made["sequence"], 1);
    assert_eq!(json_of(&bare(&["verify", "--proof", &proof, "--json"]))["sequence"], 1);
}
