//! The privacy gate, with the real program: what is planted is found, all at once, before anything is stored; what is
//! let pass is written into the release; pictures are cleaned and their records follow.

use crate::common::{Home, tree_of, write};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use yadgar::gate::Code;
use yadgar_protocol::Hash;
use yadgar_protocol::record::{Record, Victim};

/// Refused by the gate.
const GATE: i32 = 7;
/// A record of the sample.
const ADULT: &str = "2f4ja5iockvhwmeqgaaylwdxry";

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive")
}

fn copy(from: &Path, to: &Path) {
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}

/// A copy of the sample in a folder of its own.
fn site() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let site = dir.path().join("site");
    std::fs::create_dir(&site).unwrap();
    copy(&sample(), &site);
    (dir, site)
}

/// Every record of the sample that is not of a minor and has a portrait, as JSON.
fn adults(site: &Path) -> Vec<Value> {
    let mut out = Vec::new();
    for file in std::fs::read_dir(site.join("records")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let record = serde_json::to_value(Record::decode(&bytes).unwrap()).unwrap();
        if record["minor"] == "no" && record["media"][0]["path"].is_string() {
            out.push(record);
        }
    }
    out.sort_by_key(|record| record["id"].as_str().map(str::to_owned));
    out
}

fn put(site: &Path, record: &Value) {
    let victim: Victim = serde_json::from_value(record.clone()).unwrap();
    let record = Record::Victim(Box::new(victim));
    write(site, &record.path(), &record.encode());
}

/// A JPEG of the sample with EXIF that says: held sideways.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = (tiff.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, tiff, &jpeg[2..]].concat()
}

/// The last line but one: findings come before the error.
fn said(output: &std::process::Output) -> Value {
    assert_eq!(output.status.code(), Some(GATE), "{output:?}");
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    let lines: Vec<_> = stdout.lines().collect();
    serde_json::from_str(lines[lines.len() - 2]).unwrap()
}

fn codes(said: &Value) -> BTreeSet<String> {
    let stops = said["stops"].as_array().unwrap();
    stops.iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

/// Plants one of each into records of their own.
fn plant(site: &Path) {
    let mut people = adults(site).into_iter();
    let mut next = |change: &dyn Fn(&mut Value)| {
        let mut record = people.next().unwrap();
        change(&mut record);
        put(site, &record);
    };
    for text in [
        "۰۹۱۲ ۰۰۰ ۰۰۰۰",
        "0012345679",
        "info@example.org",
        "35.12345, 51.12345",
        "مادرش، خانم نمونه، گفت",
        "خیابان نمونه، پلاک ۱۲",
        "a\u{200b}b",
        "<script>alert(1)</script>",
    ] {
        next(&|r| {
            r["consent"]["scope"] = json!(["name", "photo", "story"]);
            r["story"]["fa"] = text.into();
        });
    }
    next(&|r| drop(r.as_object_mut().unwrap().remove("consent")));
    next(&|r| r["consent"]["scope"] = json!(["name"]));
    next(&|r| {
        r["claims"] = json!([{ "path": "father_name", "value": { "en": "x" }, "src": ["s1"],
            "confidence": "reported" }]);
        r["withheld"] = json!(["father_name"]);
        r.as_object_mut().unwrap().remove("father_name");
    });
    next(&|r| {
        r["minor"] = "yes".into();
        r["age"] = json!({ "min": 12, "max": 12, "basis": "stated" });
        r["education"] = json!({ "en": "x" });
        r["story"] = json!({ "en": "Her sister kept bees." });
        r["consent"] = json!({ "basis": "ngo_published", "scope": ["name", "photo", "story"] });
        r["place"] = json!({ "kind": "street", "country": "ZZ", "precision": "locality",
            "city": { "en": "x" }, "locality": { "en": "y" } });
    });
    next(&|r| r["media"][0]["hash"] = "00".repeat(32).into());
    let bad = std::collections::BTreeMap::from([("phone", "1")]);
    write(site, "records/aaaaaaaaaaaaaaaaaaaaaaaaaa.cbor", &yadgar_protocol::cbor::encode(&bad));
    write(site, "records/bbbbbbbbbbbbbbbbbbbbbbbbbb.cbor", b"nothing");
    write(site, "more/a.jpg", &with_exif(&std::fs::read(site.join("portraits/p01.jpg")).unwrap()));
    write(site, "more/a.heic", b"\0\0\0\x18ftypheic\0\0\0\0");
    write(site, "more/a.pdf", b"%PDF-1.4 /Author (somebody)");
    write(site, "more/a.zip", b"PK\x03\x04");
    write(site, "series/connectivity.csv", b"time,percent\n");
    write(site, "mirrors.txt", b"yadgar mirrors 1\n/ip4/192.168.1.5/tcp/4774\n");
    write(site, "more/IMG_20191116_123456.txt", b"text");
    write(site, "more/a.foo", b"text");
    let out = b"<img src=https://e.example/x.png><a href=https://e.example/>x</a>";
    write(site, "more/a.html", out);
}

#[test]
fn every_planted_finding_is_reported_and_nothing_is_stored() {
    let home = Home::publisher("Gate (fictional)");
    let (_dir, site) = site();
    plant(&site);
    // The index is rewritten whenever a home is opened; blocks are in the segments.
    let blocks = || -> Vec<String> {
        tree_of(&home.path().join("store")).into_keys().filter(|p| p.ends_with(".seg")).collect()
    };
    let (dir, pass, draft) = (site.to_str().unwrap(), home.pass(), home.beside("x.draft"));
    // There is no release yet that a record could fall behind (tests/program/succession.rs).
    let all = Code::ALL.iter().filter(|code| **code != Code::RecordWentBack);
    let expected: BTreeSet<String> = all.map(ToString::to_string).collect();
    for args in [
        vec!["publish", dir, "--passphrase-file", &pass, "--json"],
        vec!["publish", dir, "--dry-run", "--json"],
        vec!["release", "build", dir, "--out", &draft, "--json"],
        vec!["gate", "check", dir, "--json"],
    ] {
        assert_eq!(codes(&said(&home.run(&args))), expected, "{args:?}");
    }
    assert_eq!(home.ok(&["status"])["archives"][0]["trusted"], Value::Null);
    assert_eq!(blocks(), [""; 0], "not a block was stored");
    assert!(!Path::new(&draft).exists());
    // For people: file, field, what to do; and not what was found.
    let output = home.run(&["gate", "check", dir, "--lang", "fa"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        stdout.contains("#story.fa")
            && stdout.contains("شماره‌ی تلفن")
            && !stdout.contains("۰۰۰ ۰۰۰")
    );
    home.publish(&sample());
    assert_ne!(blocks(), [""; 0]);
}

#[test]
fn what_is_let_pass_is_named_reasoned_and_published() {
    let home = Home::publisher("Override (fictional)");
    let (dir, site) = site();
    let mut person = adults(&site).swap_remove(0);
    person["consent"]["scope"] = json!(["name", "photo", "story"]);
    person["story"]["en"] = "The office answers at 021 2000 0000.".into();
    put(&site, &person);
    let path = format!("records/{}.cbor", person["id"].as_str().unwrap());
    let (folder, draft) = (site.to_str().unwrap(), home.beside("one.draft"));
    let target = format!("phone:{path}#story.en");
    let why = "the number of a public office";
    let build = |draft: &str, more: &[&str]| {
        let args = ["release", "build", folder, "--date", "2026-01-01", "--out", draft, "--json"];
        home.run(&[&args, more].concat())
    };
    assert_eq!(codes(&said(&build(&draft, &[]))), BTreeSet::from(["phone".to_owned()]));
    // The wrong field, no reason, a reason that tells the number again.
    said(&build(&draft, &["--allow", &format!("phone:{path}#story.fa"), "--why", why]));
    assert_eq!(build(&draft, &["--allow", &target]).status.code(), Some(2));
    let again = ["--allow", &target, "--why", "021 2000 0000"];
    assert_eq!(build(&draft, &again).status.code(), Some(2));
    let more = ["--allow", &format!("{target}=2"), "--why", why];
    assert_eq!(said(&build(&draft, &more))["stale"][0]["found"], 1);
    assert!(build(&draft, &["--allow", &target, "--why", why]).status.success());
    // A signer sees it on a machine that has nothing but the draft.
    let signer = Home::new();
    let passed =
        json!([{ "path": path, "field": "story.en", "code": "phone", "count": 1, "why": why }]);
    let shown = signer.ok(&["release", "show", &draft]);
    assert_eq!(shown["gate"], passed);
    assert!(shown["warnings"].as_array().unwrap().contains(&json!("gate-overrides")));
    let text = String::from_utf8(signer.run(&["release", "show", &draft]).stdout).unwrap();
    assert!(text.contains(&format!("phone {path}#story.en (1): {why}")), "{text}");
    // The same from a file beside the folder: the same bytes to sign.
    let hash = said(&build(&draft, &[]))["stops"][0]["hash"].clone();
    let over =
        json!({ "code": "phone", "path": path, "field": "story.en", "why": why, "hash": hash });
    let line = json!({ "overrides": [over] });
    write(dir.path(), "gate-overrides.json", line.to_string().as_bytes());
    let two = home.beside("two.draft");
    assert!(build(&two, &["--compare", &draft]).status.success());
    assert_eq!(home.ok(&["release", "show", &two])["chars"], shown["chars"]);
    // Readers find it in the release.
    home.publish(&site);
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    let note = std::fs::read(Path::new(&out).join("release-notes/gate.json")).unwrap();
    let note: Value = serde_json::from_slice(&note).unwrap();
    assert_eq!(note, json!({ "format": 1, "overrides": passed }));
    // What it was made for is gone: the override must go too, and then the note goes.
    person["story"]["en"] = "She kept bees.".into();
    let corrected = home.beside("corrected.json");
    std::fs::write(&corrected, person.to_string()).unwrap();
    home.ok(&["records", "revise", folder, &corrected]);
    write(&site, "release-notes/gate.json", b"an old note in a folder that was checked out");
    let stale = said(&home.run(&["publish", folder, "--passphrase-file", &home.pass(), "--json"]));
    let gone =
        json!({ "code": "phone", "target": format!("{path}#story.en"), "count": 1, "found": 0 });
    assert_eq!(stale["stale"], json!([gone]));
    std::fs::remove_file(dir.path().join("gate-overrides.json")).unwrap();
    assert_eq!(home.publish(&site)["paths"]["removed"], json!(["release-notes/gate.json"]));
}

#[test]
fn a_note_that_did_not_change_is_shown_again() {
    let home = Home::publisher("Again (fictional)");
    let (dir, site) = site();
    write(&site, "more/a.zip", b"PK\x03\x04");
    let over = |hash: &str, why: &str| {
        let one = json!({ "code": "file-unclean", "path": "more/a.zip", "why": why, "hash": hash });
        json!({ "overrides": [one] }).to_string()
    };
    let line = over(&Hash::of(b"PK\x03\x04").to_hex(), "looked through");
    write(dir.path(), "gate-overrides.json", line.as_bytes());
    home.publish(&site);
    write(&site, "new.html", b"<p>new");
    let draft = home.beside("next.draft");
    home.ok(&["release", "build", site.to_str().unwrap(), "--out", &draft]);
    let shown = Home::new().ok(&["release", "show", &draft]);
    assert_eq!(shown["gate"][0]["why"], "looked through");
    // Without its blocks a draft cannot tell, and says so.
    let bare = home.beside("bare.draft");
    home.ok(&["release", "build", site.to_str().unwrap(), "--out", &bare, "--no-blocks"]);
    let shown = Home::new().ok(&["release", "show", &bare]);
    assert_eq!(shown["gate"], Value::Null);
    assert!(shown["warnings"].as_array().unwrap().contains(&json!("gate-unknown")));
    // Bound to other bytes, the override does not hold.
    let line = over(&Hash::of(b"other bytes").to_hex(), "x");
    write(dir.path(), "gate-overrides.json", line.as_bytes());
    let said = said(&home.run(&["gate", "check", site.to_str().unwrap(), "--json"]));
    assert_eq!(
        (said["stops"].as_array().unwrap().len(), said["stale"].as_array().unwrap().len()),
        (1, 1)
    );
}

/// A link that was let pass lets no picture in, and no second link.
#[test]
fn what_is_let_pass_does_not_grow() {
    let home = Home::new();
    let (_dir, site) = site();
    let folder = site.to_str().unwrap();
    let link = "<a href=https://e.example/>x</a>";
    let check = |page: &str, count: usize| {
        write(&site, "links.html", page.as_bytes());
        let allow = format!("external-link:links.html={count}");
        home.run(&["gate", "check", folder, "--allow", &allow, "--why", "our sources", "--json"])
    };
    assert!(check(link, 1).status.success());
    assert_eq!(said(&check(&link.repeat(2), 1))["stale"][0]["found"], 2);
    assert!(check(&link.repeat(2), 2).status.success());
    let picture = format!("{link}<img src=https://e.example/x.png>");
    let told = said(&check(&picture, 1));
    assert_eq!(codes(&told), BTreeSet::from(["external-reference".to_owned()]));
    assert_eq!(told["passed"][0]["count"], 1);
    let wrong = ["gate", "check", folder, "--allow", "external-link:links.html=3", "--why", "x"];
    let text = String::from_utf8(home.run(&wrong).stdout).unwrap();
    assert!(text.contains("there are 1 such findings; look at each, then say =1"), "{text}");
}

#[test]
fn nothing_lets_active_content_or_restricted_fields_pass() {
    let home = Home::new();
    let (_dir, site) = site();
    let mut person = adults(&site).swap_remove(0);
    person["consent"]["scope"] = json!(["name", "photo", "story"]);
    person["story"]["en"] = "<img src=x onerror=y>".into();
    put(&site, &person);
    let bad = std::collections::BTreeMap::from([("national_id", "1")]);
    write(&site, "records/aaaaaaaaaaaaaaaaaaaaaaaaaa.cbor", &yadgar_protocol::cbor::encode(&bad));
    let active = format!("active-content:records/{}.cbor#story.en", person["id"].as_str().unwrap());
    let field = "restricted-field:records/aaaaaaaaaaaaaaaaaaaaaaaaaa.cbor#national_id";
    let args = [
        "gate",
        "check",
        site.to_str().unwrap(),
        "--allow",
        &active,
        "--allow",
        field,
        "--why",
        "x",
    ];
    let said = said(&home.run(&[&args[..], &["--json"]].concat()));
    assert_eq!(
        (said["stops"].as_array().unwrap().len(), said["refused"].as_array().unwrap().len()),
        (2, 2)
    );
}

#[test]
fn pictures_are_cleaned_and_their_records_follow() {
    let home = Home::publisher("Clean (fictional)");
    let (dir, site) = site();
    let mut person = adults(&site).swap_remove(0);
    let portrait = person["media"][0]["path"].as_str().unwrap().to_owned();
    let planted = with_exif(&std::fs::read(site.join(&portrait)).unwrap());
    write(&site, &portrait, &planted);
    person["media"][0]["hash"] = Hash::of(&planted).to_hex().into();
    person["media"][0]["bytes"] = planted.len().into();
    put(&site, &person);
    let (folder, out) = (site.to_str().unwrap(), dir.path().join("clean"));
    let said = said(&home.run(&["gate", "check", folder, "--json"]));
    assert_eq!(codes(&said), BTreeSet::from(["image-metadata".to_owned()]));
    assert_eq!(
        home.run(&["gate", "clean", folder]).status.code(),
        Some(2),
        "where to, or in place?"
    );
    let before = tree_of(&site);
    let inside = site.join("inside");
    assert_eq!(
        home.run(&["gate", "clean", folder, "--out", inside.to_str().unwrap()]).status.code(),
        Some(2)
    );
    std::fs::remove_dir(inside).unwrap();
    let args = ["gate", "clean", folder, "--out", out.to_str().unwrap(), "--date", "2026-07-01"];
    let done = home.ok(&args);
    assert_eq!((&done["cleaned"], &done["records"]), (&json!([portrait]), &json!([person["id"]])));
    assert_eq!(tree_of(&site), before, "the originals stay");
    let record = home.ok(&["records", "check", out.to_str().unwrap()]);
    assert_eq!(record["faults"], json!([]));
    let bytes =
        std::fs::read(out.join("records").join(format!("{}.cbor", person["id"].as_str().unwrap())));
    let Record::Victim(now) = Record::decode(&bytes.unwrap()).unwrap() else { panic!() };
    let picture = std::fs::read(out.join(&portrait)).unwrap();
    assert_eq!((now.version, now.media[0].hash.0), (2, Hash::of(&picture)));
    assert_eq!(now.media[0].bytes, picture.len() as u64);
    home.ok(&["gate", "check", out.to_str().unwrap()]);
    home.publish(&out);
    // In place, and once more: the second time there is nothing to do.
    home.ok(&["gate", "clean", folder, "--in-place"]);
    assert_eq!(home.ok(&["gate", "clean", folder, "--in-place"])["cleaned"], json!([]));
    // What cannot be cleaned is named.
    write(&site, "more/a.heic", b"\0\0\0\x18ftypheic\0\0\0\0");
    write(&site, "more/b.jpg", b"\xff\xd8\xff\xe0broken");
    let output = home.run(&["gate", "clean", folder, "--in-place"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(GATE));
    assert!(text.contains("more/a.heic: HEIC") && text.contains("more/b.jpg"), "{text}");
}

#[test]
fn explain_tells_every_decision() {
    let home = Home::publisher("Explain (fictional)");
    let (_dir, site) = site();
    let folder = site.to_str().unwrap();
    let output = home.run(&["publish", folder, "--dry-run", "--explain", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let decisions: Vec<Value> = lines
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).unwrap()["decision"].clone())
        .collect();
    let record = format!("records/{ADULT}.cbor");
    let of = |field: Value| {
        let found = decisions.iter().find(|d| d["path"] == *record && d["field"] == field).unwrap();
        (found["class"].clone(), found["published"].clone())
    };
    assert_eq!(of(json!("names")), (json!("P0"), json!(true)));
    assert_eq!(of(json!("education")), (json!("P1"), json!(false)));
    assert_eq!(of(json!("consent")), (json!("P1"), json!(true)));
    // Every file is there: its fields, or itself.
    let told: BTreeSet<_> = decisions.iter().filter_map(|d| d["path"].as_str()).collect();
    let files = tree_of(&site);
    assert_eq!(told, files.keys().map(String::as_str).collect());
    let text = String::from_utf8(home.run(&["gate", "check", folder, "--explain"]).stdout).unwrap();
    assert!(text.contains("portraits/p01.jpg: no hidden data seen"), "{text}");
}

/// A list of one's own that lies in the folder, a record outside its place, a page that is a picture.
#[test]
fn what_lies_there_by_mistake_stops_the_build() {
    let home = Home::new();
    let (_dir, site) = site();
    let person = std::fs::read(site.join(format!("records/{ADULT}.cbor"))).unwrap();
    let jpeg = std::fs::read(site.join("portraits/p01.jpg")).unwrap();
    write(&site, "people.csv", "نام,کد ملی\nنمونه,\n".as_bytes());
    write(&site, "contacts", b"somebody 0912 000 0000\n");
    write(&site, "series/hours.csv", b"hour,percent\n2019-11-16T09:00,5.123\n");
    write(&site, "drafts/a.cbor", &person);
    write(&site, "page.html", &jpeg);
    let said = said(&home.run(&["gate", "check", site.to_str().unwrap(), "--json"]));
    let stops = said["stops"].as_array().unwrap();
    let told: BTreeSet<_> =
        stops.iter().map(|f| (f["path"].as_str().unwrap(), f["code"].as_str().unwrap())).collect();
    let expected = BTreeSet::from([
        ("people.csv", "restricted-field"),
        ("contacts", "phone"),
        ("drafts/a.cbor", "file-unclean"),
        ("page.html", "image-unclean"),
    ]);
    assert_eq!(told, expected);
}
