//! A folder that is older than the last release, with the real program: what was corrected or taken back since does
//! not come back by mistake (protocol: REC-18).

use crate::common::{Home, tree_of};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;
use yadgar_protocol::Hash;

/// Refused by the gate.
const GATE: i32 = 7;
const WHY: &str = "the correction was wrong, and everybody has agreed";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("records")).unwrap();
    for file in std::fs::read_dir(from.join("records")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join("records").join(file.file_name())).unwrap();
    }
}

/// Records of the sample that have no picture. Release 1 is the folder `old`; of `site` one record was corrected
/// since, another one merged into a third, and that is release 2.
struct Lab {
    home: Home,
    ids: Vec<String>,
}

impl Lab {
    fn new() -> Self {
        let home = Home::publisher("Older folders (fictional)");
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive");
        let (site, old) = (PathBuf::from(home.beside("site")), PathBuf::from(home.beside("old")));
        let mut ids = Vec::new();
        copy(&sample, &site);
        for file in std::fs::read_dir(site.join("records")).unwrap() {
            let file = file.unwrap();
            let bytes = std::fs::read(file.path()).unwrap();
            if bytes.windows(10).any(|w| w == b"portraits/") {
                std::fs::remove_file(file.path()).unwrap();
            } else {
                ids.push(file.file_name().into_string().unwrap().replace(".cbor", ""));
            }
        }
        ids.sort();
        copy(&site, &old);
        let lab = Self { home, ids };
        lab.home.publish(&site);
        lab.revise("site", 0, "corrected");
        let site = lab.dir("site");
        lab.home.ok(&["records", "merge", &site, &lab.ids[2], &lab.ids[1]]);
        lab.home.publish(Path::new(&site));
        lab
    }

    fn dir(&self, name: &str) -> String {
        self.home.beside(name)
    }

    fn path(&self, n: usize) -> String {
        format!("records/{}.cbor", self.ids[n])
    }

    /// The next version of a record of a folder.
    fn revise(&self, folder: &str, n: usize, code: &str) {
        let folder = self.dir(folder);
        let output = self.home.run(&["records", "show", &folder, &self.ids[n]]);
        let mut record: Value = serde_json::from_slice(&output.stdout).unwrap();
        let other = if record["role"] == "protester" { "bystander" } else { "protester" };
        record["role"] = other.into();
        let file = self.home.beside("corrected.json");
        std::fs::write(&file, record.to_string()).unwrap();
        self.home.ok(&["records", "revise", &folder, &file, "--code", code]);
    }

    fn publish(&self, folder: &str, more: &[&str]) -> Output {
        let (folder, pass) = (self.dir(folder), self.home.pass());
        let args = ["publish", &folder, "--passphrase-file", &pass, "--json"];
        self.home.run(&[&args, more].concat())
    }

    fn sequence(&self) -> Value {
        self.home.ok(&["status"])["archives"][0]["trusted"].clone()
    }

    fn segments(&self) -> BTreeSet<String> {
        let tree = tree_of(&self.home.path().join("store"));
        tree.into_iter()
            .filter(|(path, _)| path.ends_with(".seg"))
            .map(|(path, hash)| format!("{path} {hash}"))
            .collect()
    }
}

/// The findings of a command that the gate stopped.
fn said(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(GATE), "{output:?}");
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    let lines: Vec<_> = stdout.lines().collect();
    serde_json::from_str(lines[lines.len() - 2]).unwrap()
}

fn targets(said: &Value) -> BTreeSet<String> {
    let one = |f: &Value| {
        assert_eq!((&f["code"], &f["level"]), (&json!("record-went-back"), &json!("stop")));
        match f["field"].as_str() {
            Some(field) => format!("{}#{field}", f["path"].as_str().unwrap()),
            None => f["path"].as_str().unwrap().to_owned(),
        }
    };
    said["stops"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn an_older_folder_is_stopped_and_nothing_is_written() {
    let lab = Lab::new();
    let before = lab.segments();
    let expected: BTreeSet<_> = [
        format!("{}#version", lab.path(0)),
        format!("{}#version", lab.path(1)),
        format!("{}#status", lab.path(1)),
    ]
    .into();
    let (old, draft) = (lab.dir("old"), lab.dir("old.draft"));
    assert_eq!(targets(&said(&lab.publish("old", &[]))), expected);
    assert_eq!(targets(&said(&lab.publish("old", &["--dry-run"]))), expected);
    assert_eq!(targets(&said(&lab.publish("old", &["--allow-removals"]))), expected);
    let build = lab.home.run(&["release", "build", &old, "--out", &draft, "--json"]);
    assert_eq!(targets(&said(&build)), expected);
    assert!(!Path::new(&draft).exists());
    assert_eq!((lab.sequence(), lab.segments()), (json!(2), before));
    // For people: which record, which field, what to do.
    let output = lab.home.run(&["publish", &old, "--dry-run", "--lang", "fa"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = format!("record-went-back  {}#version: ", lab.path(0));
    assert!(text.contains(&line) && text.contains("(version 1 after 2; REC-18)"), "{text}");
    assert!(text.contains("کهنه‌تر است"), "{text}");
    // Corrections that were made in the old folder meanwhile do not hide the one that it lacks.
    std::fs::copy(
        Path::new(&lab.dir("site")).join(lab.path(1)),
        Path::new(&lab.dir("old")).join(lab.path(1)),
    )
    .unwrap();
    let fields = |fields: &[&str]| -> BTreeSet<_> {
        fields.iter().map(|field| format!("{}#{field}", lab.path(0))).collect()
    };
    lab.revise("old", 0, "sources");
    assert_eq!(targets(&said(&lab.publish("old", &[]))), fields(&["version"]));
    lab.revise("old", 0, "sources");
    assert_eq!(targets(&said(&lab.publish("old", &[]))), fields(&["prev", "changes"]));
    lab.revise("old", 0, "sources");
    assert_eq!(targets(&said(&lab.publish("old", &[]))), fields(&["changes"]));
}

#[test]
fn what_vanishes_is_stopped_unless_it_was_withdrawn() {
    let lab = Lab::new();
    let site = lab.dir("site");
    for n in [1, 3] {
        std::fs::remove_file(Path::new(&site).join(lab.path(n))).unwrap();
    }
    let both = BTreeSet::from([lab.path(1), lab.path(3)]);
    assert_eq!(targets(&said(&lab.publish("site", &[]))), both);
    lab.home.ok(&["withdraw", &lab.ids[1], "--reason", "duplicate"]);
    lab.home.ok(&["withdraw", &lab.ids[3], "--reason", "withheld"]);
    lab.home.publish(Path::new(&site));
    assert_eq!(lab.sequence(), 3);
}

#[test]
fn an_override_lets_it_through_and_everybody_can_read_it() {
    let lab = Lab::new();
    let (old, draft) = (lab.dir("old"), lab.dir("next.draft"));
    std::fs::remove_file(Path::new(&old).join(lab.path(3))).unwrap();
    let stops = said(&lab.publish("old", &[]));
    let all = targets(&stops);
    assert_eq!(all.len(), 4);
    // All but one do not do.
    let allow: Vec<_> = all.iter().map(|target| format!("record-went-back:{target}")).collect();
    let args = |allow: &[String]| -> Vec<String> {
        let one = |target: &String| ["--allow".to_owned(), target.clone()];
        let why = ["--why".to_owned(), WHY.to_owned()];
        allow.iter().flat_map(one).chain(why).collect()
    };
    let with = args(&allow[1..]);
    let with: Vec<_> = with.iter().map(String::as_str).collect();
    assert_eq!(targets(&said(&lab.publish("old", &with))).len(), 1);
    // From a file, bound to what is there: of what is gone, to what the last release has.
    let over: Vec<_> = stops["stops"].as_array().unwrap().iter().map(|f| {
        json!({ "code": f["code"], "path": f["path"], "field": f["field"], "why": WHY, "hash": f["hash"] })
    }).collect();
    let gone = std::fs::read(Path::new(&lab.dir("site")).join(lab.path(3))).unwrap();
    let hash = Hash::of(&gone).to_hex();
    assert!(over.iter().any(|o| o["path"] == lab.path(3) && o["hash"] == hash), "{over:?}");
    std::fs::write(lab.dir("gate-overrides.json"), json!({ "overrides": over }).to_string())
        .unwrap();
    // It knows no release, so it says neither that these are needed nor that they are not.
    lab.home.ok(&["gate", "check", &old]);
    let built = lab.home.ok(&["release", "build", &old, "--out", &draft]);
    // A signer with nothing but the draft sees both: what was let pass, and what it does.
    for shown in [built, Home::new().ok(&["release", "show", &draft])] {
        assert_eq!(shown["gate"].as_array().unwrap().len(), 4);
        assert_eq!((&shown["back"]["count"], &shown["back"]["unknown"]), (&json!(3), &json!(0)));
        assert_eq!(shown["back"]["records"].as_array().unwrap().len(), 4);
        assert!(shown["warnings"].as_array().unwrap().contains(&json!("record-went-back")));
    }
    let text = Home::new().run(&["release", "show", &draft]).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(&format!("  ! {}#status: ", lab.path(1))), "{text}");
    let published = lab.publish("old", &[]);
    assert!(published.status.success(), "{published:?}");
    assert_eq!(lab.sequence(), 3);
    let out = lab.dir("out");
    lab.home.ok(&["checkout", &out]);
    let note = std::fs::read(Path::new(&out).join("release-notes/gate.json")).unwrap();
    let note: Value = serde_json::from_slice(&note).unwrap();
    let noted: BTreeSet<_> = note["overrides"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| {
            assert_eq!((&o["code"], &o["why"]), (&json!("record-went-back"), &json!(WHY)));
            o["path"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(noted, BTreeSet::from([lab.path(0), lab.path(1), lab.path(3)]));
}

#[test]
fn what_goes_on_passes_and_says_with_what_it_was_compared() {
    let lab = Lab::new();
    lab.revise("site", 4, "corrected");
    let site = lab.dir("site");
    let explained = |home: &Home, args: &[&str]| -> Value {
        let output = home.run(&[args, &["--explain", "--json"]].concat());
        assert!(output.status.success(), "{output:?}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        let lines = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut of = lines.filter(|line| line.as_object().unwrap().contains_key("compared"));
        of.next().unwrap()["compared"].clone()
    };
    let compared = explained(&lab.home, &["publish", &site, "--dry-run"]);
    let expected = json!({ "sequence": 2, "records": 6, "changed": 1, "missing_nodes": 0 });
    assert_eq!(compared, expected);
    // What was merged by mistake comes back as its own next version.
    let shown = lab.home.run(&["records", "show", &lab.dir("old"), &lab.ids[1]]);
    let file = lab.dir("again.json");
    std::fs::write(&file, shown.stdout).unwrap();
    lab.home.ok(&["records", "revise", &site, &file, "--code", "status"]);
    lab.home.publish(Path::new(&site));
    assert_eq!(lab.sequence(), 3);
    // Where there is no release yet, that is said too.
    let empty = Home::publisher("No release (fictional)");
    assert_eq!(explained(&empty, &["publish", &site, "--dry-run"]), Value::Null);
    assert_eq!(explained(&empty, &["gate", "check", &site]), Value::Null);
    let text = empty.run(&["gate", "check", &site, "--explain"]).stdout;
    assert!(String::from_utf8(text).unwrap().contains("compared with no earlier release"));
}
