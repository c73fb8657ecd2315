//! Five homes that are joined only by files: the guide's page "Sign together", run as it stands, and what
//! must be true afterwards.

use crate::stage::Stage;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use yadgar::publish::draft::Checked;
use yadgar::publish::draft::Draft;
use yadgar_protocol::carrier::{header, section};

const PASS: [&str; 2] = ["--passphrase-file", "passphrase.txt"];

/// The folder in which the page was run.
struct Room(Stage);

impl Room {
    fn path(&self, name: &str) -> String {
        self.0.path(name)
    }

    fn run(&self, home: &str, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yadgar"));
        command.current_dir(self.path("")).env_remove("YADGAR_HOME");
        command.args(["--home", home]).args(args).stdin(std::process::Stdio::null());
        command.output().unwrap()
    }

    fn ok(&self, home: &str, args: &[&str]) -> Value {
        let output = self.run(home, &[args, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{home} {args:?}: {said}");
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }

    fn refused(&self, home: &str, args: &[&str]) -> String {
        let output = self.run(home, args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{home} {args:?}: {said}");
        assert!(said.contains("what to do:"), "{said}");
        said
    }

    fn trusted(&self, home: &str) -> Value {
        self.ok(home, &["status"])["archives"][0]["trusted"].clone()
    }
}

#[test]
fn the_ceremony_of_five_homes() {
    let stage = Stage::new();
    stage.run("ceremony.md", "");
    let room = Room(stage);
    for home in ["roya", "rasul", "rana", "sara", "sina", "volunteer", "sleeper", "late"] {
        assert_eq!(room.trusted(home), 3, "{home}");
    }
    assert_eq!(room.trusted("thief"), 2);
    for home in ["sara", "volunteer", "sleeper", "late"] {
        let status = room.ok(home, &["status"]);
        assert_eq!(status["archives"][0]["complete"], 3, "{home}");
    }
    stolen_key_alone(&room);
    old_keys_together(&room);
    withdrawn_stays_out(&room);
    drafts_say_what_they_are(&room);
}

/// A head with one signature of two, made without the program: every home refuses it, from a file as from
/// anywhere.
fn stolen_key_alone(room: &Room) {
    let forged = Checked::read(&std::fs::read(room.path("forged.draft")).unwrap()).unwrap();
    assert!(!forged.is_signed());
    let head = forged.head();
    let mut car = header(&head.id());
    section(&head.id(), &head.encode(), &mut car);
    std::fs::write(room.path("forged.car"), car).unwrap();
    for home in ["roya", "sara", "sina", "volunteer", "sleeper", "late", "thief", "newcomer"] {
        let said = room.refused(home, &["import", "forged.car"]);
        assert!(said.contains("TRUST-7"), "{home}: {said}");
    }
    assert_eq!(room.trusted("late"), 3);
}

/// With a second old key the thief's release is right for whoever slept, and refused by all who know the
/// new keys.
fn old_keys_together(room: &Room) {
    let mut args = vec!["release", "sign", "forged.draft", "--yes", "--key"];
    args.push("sara/keys/maintainer.key");
    args.extend(PASS);
    room.ok("thief", &args);
    room.ok("thief", &["release", "adopt", "forged.draft"]);
    room.ok("thief", &["export", "forged-2.car"]);
    for home in ["sara", "volunteer", "sleeper", "late"] {
        room.refused(home, &["import", "forged-2.car"]);
        assert_eq!(room.trusted(home), 3, "{home}");
    }
    room.refused("sara", &["release", "adopt", "forged.draft"]);
    // Whoever heard of the false release only is brought back by the first head under the new keys.
    room.ok("deceived", &["import", "usb/release-2.car"]);
    room.ok("deceived", &["import", "forged-2.car"]);
    assert_eq!(room.trusted("deceived"), 3);
    room.ok("deceived", &["import", "usb/release-3.car"]);
    room.ok("deceived", &["checkout", "read"]);
    let page = std::fs::read_to_string(room.path("read/index.html")).unwrap();
    assert!(!page.contains("never happened"), "{page}");
}

fn withdrawn_stays_out(room: &Room) {
    let shown = room.ok("sina", &["release", "show", "usb/release-4.draft"]);
    assert_eq!(shown["changes"]["removed"]["records"], 1);
    assert_eq!(shown["withdrawn"].as_array().unwrap().len(), 2, "both versions of the record");
    let path = "records/2f4ja5iockvhwmeqgaaylwdxry.cbor";
    assert!(shown["withdrawn"].as_array().unwrap().iter().any(|w| w["paths"][0] == path));
    assert_eq!(shown["warnings"], json!([]));
    // The draft tells its signers what it withdraws; the notice that travels from it tells nobody.
    let notice = room.ok("nobody", &["release", "show", "usb/notice.draft"]);
    assert_eq!(notice["withdrawn"][0]["paths"][0], path);
    let draft = Draft::decode(&std::fs::read(room.path("usb/notice.draft")).unwrap()).unwrap();
    let text = String::from_utf8_lossy(&draft.signed.payload).into_owned();
    assert!(!text.contains("2f4ja5iockvhwmeqgaaylwdxry"));
}

fn drafts_say_what_they_are(room: &Room) {
    let two = room.ok("nobody", &["release", "show", "usb/release-2.draft"]);
    assert_eq!(
        (&two["sequence"], &two["missing"], &two["ready"]),
        (&2.into(), &0.into(), &true.into())
    );
    assert_eq!(two["changes"]["changed"]["records"], 1);
    assert!(!Path::new(&room.path("nobody")).exists(), "looking makes no home");
    // Different acts are told apart, with the reason.
    let output =
        room.run("nobody", &["release", "merge", "usb/release-2.draft", "forged.draft", "--json"]);
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8(output.stdout).unwrap();
    let value: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(value["same"], false);
    assert!(value["fields"].as_array().unwrap().contains(&"sequence".into()));
    assert_eq!(value["files"]["changed"]["files"], 1, "{value}");
    // A draft of an old release can be signed no more.
    let mut args = vec!["release", "sign", "usb/release-2.draft", "--yes"];
    args.extend(PASS);
    room.refused("sara", &args);
    // In Persian too.
    let output = room.run("nobody", &["--lang", "fa", "release", "show", "usb/rotate.draft"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("ریشه‌ی اعتماد، نسخه‌ی 2"), "{said}");
}
