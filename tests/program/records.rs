//! Records of a folder: checked, shown and corrected with the real program.

use crate::common::Home;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use yadgar_protocol::Hash;
use yadgar_protocol::record::{Digest, Record, Yes, check, level};

const ID: &str = "2f4ja5iockvhwmeqgaaylwdxry";

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive")
}

/// A folder with the sample's records alone.
fn folder(home: &Home) -> String {
    let site = home.beside("site");
    std::fs::create_dir_all(Path::new(&site).join("records")).unwrap();
    for file in std::fs::read_dir(sample().join("records")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), Path::new(&site).join("records").join(file.file_name()))
            .unwrap();
    }
    site
}

fn record(site: &str) -> (Record, Vec<u8>) {
    let bytes = std::fs::read(Path::new(site).join(format!("records/{ID}.cbor"))).unwrap();
    (Record::decode(&bytes).unwrap(), bytes)
}

/// The record as JSON, changed, in a file.
fn corrected(home: &Home, site: &str, change: impl FnOnce(&mut Value)) -> String {
    let output = home.run(&["records", "show", site, ID]);
    assert!(output.status.success());
    let mut value: Value = serde_json::from_slice(&output.stdout).unwrap();
    change(&mut value);
    let file = home.beside("corrected.json");
    std::fs::write(&file, value.to_string()).unwrap();
    file
}

/// Everything that a failing command says.
fn refused(home: &Home, args: &[&str]) -> String {
    let output = home.run(args);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    [output.stdout, output.stderr].map(|o| String::from_utf8(o).unwrap()).concat()
}

/// The encoder of the vectors wrote them, so this also compares two programs.
#[test]
fn every_sample_record_is_well_formed_and_marked_fictional() {
    let mut count = 0;
    for file in std::fs::read_dir(sample().join("records")).unwrap() {
        let file = file.unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        let name = file.file_name().into_string().unwrap();
        let record = Record::decode_form(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(check(&record), [], "{name}");
        assert_eq!(record.path(), format!("records/{name}"));
        assert_eq!(record.encode(), bytes);
        let Record::Victim(victim) = record else { panic!("{name}") };
        assert_eq!(victim.fictional, Some(Yes::Yes));
        let stated = victim.verification.as_ref().unwrap().level;
        assert!(stated == level(&victim) || stated.word() == "under_review");
        count += 1;
    }
    assert_eq!(count, 44);
}

#[test]
fn a_correction_is_the_next_version_and_says_what_changed() {
    let home = Home::new();
    let site = folder(&home);
    let (_, before) = record(&site);
    let same = corrected(&home, &site, |_| ());
    assert_eq!(home.ok(&["records", "revise", &site, &same])["changed"], json!([]));
    assert_eq!(record(&site).1, before, "what does not differ stays, byte for byte");
    let file = corrected(&home, &site, |v| {
        v["role"] = "protester".into();
        // Whatever these say, they follow from the version before.
        v["version"] = 40.into();
        v["issued_on"] = "2020-01-01".into();
    });
    let args = ["records", "revise", &site, &file, "--date", "2026-07-01"];
    let done = home.ok(&args);
    assert_eq!((&done["version"], &done["changed"]), (&json!(2), &json!(["role"])));
    let Record::Victim(now) = record(&site).0 else { panic!() };
    assert_eq!((now.version, now.prev), (2, Some(Digest(Hash::of(&before)))));
    assert_eq!((now.issued_on.as_str(), now.changes.len()), ("2026-07-01", 1));
    assert_eq!(
        (now.changes[0].version, now.changes[0].fields.as_slice()),
        (2, &["role".to_owned()][..])
    );
    assert_eq!(home.ok(&["records", "check", &site])["records"], 44);
    // Taken back: nothing but the trace is left, not even the hash of what it was.
    let file = corrected(&home, &site, |v| {
        let kept = ["schema", "id", "version", "issued_on", "fictional"];
        v.as_object_mut().unwrap().retain(|key, _| kept.contains(&key.as_str()));
        v["status"] = "withdrawn".into();
        v["status_reason"] = "withheld".into();
    });
    home.ok(&["records", "revise", &site, &file, "--code", "status"]);
    let Record::Victim(gone) = record(&site).0 else { panic!() };
    assert!(
        gone.is_tombstone() && gone.version == 3 && gone.prev.is_none() && gone.names.is_empty()
    );
}

#[test]
fn every_fault_is_said_and_nothing_is_written() {
    let home = Home::new();
    let site = folder(&home);
    let (_, before) = record(&site);
    let file = corrected(&home, &site, |v| {
        v["died_at"]["jalali"] = "1398-08-26".into();
        v["verification"]["groups"] = 9.into();
        v["story"] = json!({ "en": "a minor's story" });
        v["names"][0]["text"] = "<script>".into();
    });
    let said = refused(&home, &["records", "revise", &site, &file]);
    for clause in ["REC-5", "REC-7", "REC-11", "REC-15", "REC-17"] {
        assert!(said.contains(clause), "{clause}: {said}");
    }
    let file = corrected(&home, &site, |v| v["phone"] = "1".into());
    assert!(home.fails(&["records", "revise", &site, &file], 2).contains("unknown field `phone`"));
    let file = corrected(&home, &site, |v| v["gender"] = "x".into());
    assert!(home.fails(&["records", "revise", &site, &file], 2).contains("one of: female, male"));
    let file = corrected(&home, &site, |v| v["id"] = "aaaaaaaaaaaaaaaaaaaaaaaaaa".into());
    home.fails(&["records", "revise", &site, &file], 2);
    home.fails(&["records", "revise", &site, &file, "--code", "x"], 2);
    assert_eq!(record(&site).1, before);
    // A folder: each bad file is named with its clause.
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(Path::new(&site).join("records").join(name), bytes).unwrap();
    };
    put("old.json", b"{}");
    put("moved.cbor", &before);
    put("large.cbor", &vec![0; 70_000]);
    let said = refused(&home, &["records", "check", &site]);
    for part in ["old.json", "ENC-8", "moved.cbor", "REC-3", "large.cbor", "ENC-1"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(home.fails(&["records", "show", &site, "zzz"], 2).contains("no record 'zzz'"));
    assert!(home.fails(&["records", "check", &home.beside("none")], 2).contains("not a folder"));
}
