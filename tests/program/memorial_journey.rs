//! From a maintainer's table to a page that a reader can check, with the real program: 323 people who never lived.

use crate::common;
use crate::common::{Home, Node};
use crate::evidence::python;
use crate::people::{Options, People, Pictures};
use crate::series;
use crate::table;
use serde_json::json;
use std::fs;
use std::io::{BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use yadgar_protocol::record::{NameKind, Record, Victim};

const PEOPLE: usize = 323;
const SEED: u64 = 1;
/// The core part, as a file that carries it: what a messenger takes (field.md of the design, T0).
const MAX_CORE_BYTES: u64 = 5_000_000;
/// Bytes of a page at most, for the reader of this test.
const MAX_PAGE_BYTES: u64 = 4 << 20;

/// A folder with pictures and series, and beside it the table.
struct Work {
    dir: tempfile::TempDir,
}

impl Work {
    fn new() -> Self {
        let work = Self { dir: tempfile::tempdir().unwrap() };
        for folder in ["portraits", "series", "records"] {
            fs::create_dir_all(work.site().join(folder)).unwrap();
        }
        let options = Options { seed: SEED, pictures: Pictures::Drawn };
        for person in People::new(options).take(PEOPLE) {
            if let Some((path, bytes)) = person.portrait {
                fs::write(work.site().join(path), bytes).unwrap();
            }
        }
        fs::write(work.site().join("series/connectivity.csv"), series::connectivity()).unwrap();
        let named = Options { pictures: Pictures::Named, ..options };
        let file =
            |name: &str| BufWriter::new(fs::File::create(work.dir.path().join(name)).unwrap());
        table::csv(named, PEOPLE, &mut file("people.csv")).unwrap();
        table::json_lines(named, PEOPLE, &mut file("people.jsonl")).unwrap();
        work
    }

    fn site(&self) -> PathBuf {
        self.dir.path().join("site")
    }

    fn text(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// What is in the folder by now.
    fn people(&self) -> Vec<Victim> {
        let (records, faults) = yadgar::records::read_all(&self.site()).unwrap();
        assert_eq!(faults, []);
        let victim = |record| match record {
            Record::Victim(victim) => *victim,
            Record::Incident(_) => panic!("the table has people only"),
        };
        records.into_iter().map(victim).collect()
    }
}

/// What a browser without scripts asks, and the answer's body.
fn get(base: &str, path: &str) -> Vec<u8> {
    let host = base.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.take(MAX_PAGE_BYTES).read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    assert!(!head.to_lowercase().contains("chunked"), "{head}");
    answer.split_off(end + 4)
}

fn page(base: &str, path: &str) -> String {
    String::from_utf8(get(base, path)).unwrap()
}

/// Every address in a page's links.
fn links(page: &str) -> Vec<String> {
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs.map(|href| href.replace("&amp;", "&")).collect()
}

/// Where the search box of the memorial sends what is typed.
fn search_address(base: &str) -> String {
    for start in ["/fa/", "/fa/p/"] {
        let text = page(base, start);
        let form = text.split("<form").skip(1).find(|form| {
            form.split("</form").next().is_some_and(|form| form.contains("name=\"q\""))
        });
        let action = form.and_then(|form| form.split("action=\"").nth(1)?.split('"').next());
        if let Some(action) = action {
            return action.to_owned();
        }
    }
    panic!("no search box")
}

/// Looks for somebody, follows the link, saves the proof; the person's page and the proof.
fn look_up(base: &str, action: &str, query: &str, id: &str) -> (String, Vec<u8>) {
    let pairs = form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    let found = page(base, &format!("{action}?{pairs}"));
    let link = links(&found).into_iter().find(|href| href.contains(id));
    let link = link.unwrap_or_else(|| panic!("«{query}» does not find {id}"));
    let person = page(base, &link);
    let proof = links(&person).into_iter().find(|href| href.ends_with("/proof"));
    let proof = get(base, &proof.expect("the page offers its proof"));
    (person, proof)
}

fn published() -> (Work, Home) {
    let work = Work::new();
    let home = Home::publisher("یادمان نمونه (ساختگی)");
    let (site, table) = (work.text("site"), work.text("people.csv"));
    home.ok(&["records", "import", &table, "--into", &site]);
    assert_eq!(work.people().len(), PEOPLE);
    let gate = home.run(&["gate", "check", &site]);
    assert!(gate.status.success(), "{}", String::from_utf8_lossy(&gate.stdout));
    let pass = home.pass();
    home.ok(&["publish", &site, "--part", "portraits=portraits/**", "--passphrase-file", &pass]);
    (work, home)
}

#[test]
fn from_a_table_to_a_page_that_can_be_checked() {
    let (work, publisher) = published();
    let core = publisher.beside("core.car");
    publisher.ok(&["export", &core, "--part", "core"]);
    let bytes = fs::metadata(&core).unwrap().len();
    assert!(bytes <= MAX_CORE_BYTES, "the core takes {bytes} bytes");

    // To a mirror, from there to a reader who never met the publisher.
    let first = publisher.mirror(&[], &[]);
    let invite = publisher.invite(&[&first.address]);
    let mirror = Home::new();
    let node = mirror.mirror(&[&invite], &[]);
    node.wait_complete(1);
    first.kill();
    let reader = Home::new();
    reader.ok(&["fetch", &mirror.invite(&[&node.address])]);
    node.kill();

    let pages = Node::start(reader.command(&["open", "--no-browser", "--json"]));
    let serving = pages.wait(|event| event["event"] == "serving");
    let base = serving["url"].as_str().unwrap().to_owned();
    let action = search_address(&base);
    for victim in work.people().iter().step_by(40) {
        let id = victim.id.to_string();
        let name = victim.primary_name("fa").unwrap();
        let arabic = name.replace('ی', "ي").replace('ک', "ك");
        let bare = name.replace([' ', '\u{200c}'], "");
        let latin = victim.primary_name("en").unwrap().to_lowercase();
        for query in [name, &arabic, &bare, &latin] {
            let (person, proof) = look_up(&base, &action, query, &id);
            assert!(person.contains(name), "{query}");
            assert!(person.contains("ساختگی"), "a made-up person's page says so");
            check_proof(&reader, &publisher, &proof, &id);
        }
    }
}

/// By the program, and by the independent one where its packages are there.
fn check_proof(reader: &Home, publisher: &Home, proof: &[u8], id: &str) {
    let file = reader.beside("record.proof");
    fs::write(&file, proof).unwrap();
    let invite = publisher.invite(&[]);
    let checked = reader.ok(&["verify", "--proof", &file, "--invite", &invite]);
    let path = format!("records/{id}.cbor");
    assert_eq!((&checked["ok"], &checked["path"]), (&json!(true), &json!(path)));
    let Some(mut python) = python() else { return };
    let archive = checked["archive"].as_str().unwrap();
    let output = python.args(["-m", "generate.verify_proof", &file, archive]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["path"], &found["hash"]), (&checked["path"], &checked["hash"]));
}

/// What two lists of people do not have in common, briefly.
fn differences(a: &[Victim], b: &[Victim]) -> Vec<String> {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b).filter(|(a, b)| a != b);
    pairs.map(|(a, b)| format!("{}: {:?}", a.id, b.changes)).take(5).collect()
}

/// The loss that docs/records-export.md names: a table has no nicknames. Takes them out, as the next version says it.
fn without_nicknames(people: &[Victim], again: &[Victim]) -> Vec<Victim> {
    let mut out = people.to_vec();
    for (victim, next) in out.iter_mut().zip(again) {
        let before = victim.names.len();
        victim.names.retain(|name| name.kind != NameKind::Nickname);
        if victim.names.len() < before {
            assert_eq!(next.changes.last().unwrap().fields, ["names"]);
            (victim.version, victim.prev) = (next.version, next.prev);
            (victim.changes, victim.issued_on) = (next.changes.clone(), next.issued_on.clone());
        }
    }
    out
}

/// What was exported comes in again where it came from.
#[test]
fn what_is_exported_comes_in_again() {
    let (work, home) = published();
    let (site, before) = (work.text("site"), work.people());
    let again = |args: &[&str]| {
        home.ok(args);
        work.people()
    };
    let lines = home.beside("all.jsonl");
    home.ok(&["records", "export", &site, &lines, "--published"]);
    let after = again(&["records", "import", &lines, "--into", &site]);
    assert_eq!(differences(&before, &after), [""; 0]);
    // The other form of the table says what the first said.
    let flat = work.text("people.jsonl");
    let after = again(&["records", "import", &flat, "--into", &site]);
    assert_eq!(differences(&before, &after), [""; 0]);

    // What is held says what the folder says.
    let (held, folder) = (home.beside("held.jsonl"), home.beside("folder.jsonl"));
    home.ok(&["records", "export", "--archive", "یادمان نمونه (ساختگی)", &held]);
    home.ok(&["records", "export", &site, &folder]);
    assert_eq!(fs::read(&held).unwrap(), fs::read(&folder).unwrap());
    assert!(!fs::read_to_string(&held).unwrap().contains("father_name\":"));

    let table = home.beside("out.csv");
    home.ok(&["records", "export", &site, &table]);
    let after = again(&["records", "import", &table, "--into", &site]);
    assert_eq!(differences(&without_nicknames(&before, &after), &after), [""; 0]);
}

#[test]
fn bad_orders_to_export() {
    let (home, site) = (Home::new(), tempfile::tempdir().unwrap());
    let dir = site.path().to_str().unwrap();
    let out = home.beside("a.csv");
    assert!(home.fails(&["records", "export", dir, &home.beside("a.xls")], 2).contains(".jsonld"));
    assert!(home.fails(&["records", "export", dir, &out, "--published"], 2).contains("P0"));
    assert!(home.fails(&["records", "export", &out], 2).contains("--archive"));
    home.fails(&["records", "export", dir, &out, "--archive", "x"], 2);
    home.fails(&["records", "export", "--archive", "nobody", &out], 2);
    // An empty folder gives a table of headings, and never over a file that is there.
    assert_eq!(home.ok(&["records", "export", dir, &out])["people"], 0);
    let before = fs::read(&out).unwrap();
    assert!(home.fails(&["records", "export", dir, &out], 1).contains("never replaces"));
    assert_eq!(fs::read(&out).unwrap(), before);
    // Records that are not well formed could never be published.
    common::write(site.path(), "records/x.cbor", b"no record");
    assert!(home.fails(&["records", "export", dir, &home.beside("b.json")], 3).contains("check"));
    assert!(!Path::new(&home.beside("b.json")).exists());
}
