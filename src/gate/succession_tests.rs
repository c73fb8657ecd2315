//! Releases in memory and folders on disk, with made-up records.

use super::*;
use crate::gate::inspect;
use crate::publish::known::Known;
use crate::publish::walk::walk;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::record::{
    Change, ChangeCode, Digest, Record, RecordId, Status, StatusReason, Victim,
};
use yadgar_protocol::release::Part;
use yadgar_protocol::tree;
use yadgar_protocol::withdraw::{Reason, Withdrawal, item};

type Blocks = BTreeMap<BlockId, Vec<u8>>;

fn change(version: u64) -> Change {
    Change { on: "2026-06-01".into(), code: ChangeCode::Corrected, fields: vec![], version }
}

fn person(id: u8, version: u64) -> Victim {
    let mut v = Victim::new(RecordId([id; 16]), "2026-06-01");
    v.version = version;
    v.prev = (version > 1).then_some(Digest(Hash([1; 32])));
    v.changes = (2..=version).map(change).collect();
    v
}

fn gone(id: u8, version: u64) -> Record {
    let mut v = Victim::new(RecordId([id; 16]), "2026-06-01");
    (v.version, v.status) = (version, Status::Withdrawn);
    v.status_reason = Some(StatusReason::Withheld);
    Record::Victim(Box::new(v))
}

fn record(victim: Victim) -> Record {
    Record::Victim(Box::new(victim))
}

fn file(record: &Record) -> (String, Vec<u8>) {
    (record.path(), record.encode())
}

/// A release with these files, and its blocks.
fn release(files: &[(String, Vec<u8>)]) -> (Release, Blocks) {
    let mut blocks = Blocks::new();
    let mut entries: Vec<_> = files
        .iter()
        .map(|(path, bytes)| {
            let id = BlockId::raw(bytes);
            blocks.insert(id, bytes.clone());
            Entry::new(Path::new(path).unwrap(), bytes.len() as u64, Content::Block(id))
        })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let built = tree::build(&entries).unwrap();
    blocks.extend(built.nodes);
    let part =
        Part { name: "core".into(), root: built.root, bytes: built.bytes, files: built.files };
    let release = Release {
        date: "2026-06-01".into(),
        kind: "release".into(),
        prev: None,
        parts: vec![part],
        format: 1,
        archive: ArchiveId(Hash([0; 32])),
        records: files.len() as u64,
        sequence: 5,
        withdrawn: vec![],
        root_version: 1,
    };
    (release, blocks)
}

fn withdrawn(bytes: &[u8]) -> Denied {
    let archive = ArchiveId(Hash([0; 32]));
    let mut denied = Denied::none(archive);
    denied.add(&[Withdrawal {
        item: item(&archive, &BlockId::raw(bytes)),
        date: "2026-06-01".into(),
        reason: Reason::Withheld,
        sequence: 5,
    }]);
    denied
}

/// What is found about a folder with these files, by target, and what was compared.
fn against(
    (release, blocks): &(Release, Blocks),
    denied: &Denied,
    files: &[(String, Vec<u8>)],
) -> (Vec<(Level, String)>, Compared, Inspected) {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let found = walk(folder.path(), false).unwrap();
    let stop = AtomicBool::new(false);
    let mut inspected = inspect(&found.files, &Known::default(), false, &|_| (), &stop).unwrap();
    let base = Base { release, denied, blocks };
    let compared = succession(&base, &found.files, &mut inspected).unwrap();
    let of = inspected.findings.iter().filter(|f| f.code == Code::RecordWentBack);
    (of.map(|f| (f.level, f.target())).collect(), compared, inspected)
}

fn none() -> Denied {
    Denied::none(ArchiveId(Hash([0; 32])))
}

#[test]
fn only_what_is_taken_back_is_found() {
    let (same, corrected) = (record(person(1, 1)), record(person(2, 1)));
    let (older, back, lost) = (record(person(3, 3)), gone(4, 3), record(person(5, 1)));
    let base = release(&[
        file(&same),
        file(&corrected),
        file(&older),
        file(&back),
        file(&lost),
        ("index.html".into(), b"one".to_vec()),
        ("records/note.txt".into(), b"one".to_vec()),
    ]);
    let mut next = person(2, 2);
    next.prev = Some(Digest(Hash::of(&corrected.encode())));
    let (found, compared, inspected) = against(
        &base,
        &none(),
        &[
            file(&same),
            file(&record(next)),
            file(&record(person(3, 2))),
            file(&record(person(4, 2))),
            file(&record(person(6, 1))),
        ],
    );
    let target = |record: &Record, field: &str| (Level::Stop, record.path() + field);
    let mut expected = vec![
        target(&older, "#version"),
        target(&back, "#status"),
        target(&back, "#version"),
        target(&lost, ""),
    ];
    expected.sort();
    let mut found = found;
    found.sort();
    assert_eq!(found, expected);
    let all = Compared { sequence: 5, records: 5, changed: 4, missing: 0 };
    assert_eq!(compared, all);
    let what: Vec<_> = inspected.findings.iter().map(|f| f.what.as_str()).collect();
    assert!(what.iter().any(|w| w.contains("version 2 after 3") && w.contains("REC-18")));
    // What is gone has the hash of the release, so that an override can be bound to it, and is no file that was looked at.
    assert_eq!(inspected.hash(&lost.path()), Some(Hash::of(&lost.encode())));
    assert!(!inspected.saw(&lost.path(), &Hash::of(&lost.encode())));
}

#[test]
fn what_was_withdrawn_may_be_gone_and_comes_back_only_upon_itself() {
    let old = record(person(1, 2));
    let (path, bytes) = file(&old);
    let mut base = release(&[(path.clone(), bytes.clone()), file(&record(person(9, 1)))]);
    let other = file(&record(person(9, 1)));
    let denied = withdrawn(&bytes);
    assert!(against(&base, &denied, std::slice::from_ref(&other)).0.is_empty());
    assert_eq!(against(&base, &none(), std::slice::from_ref(&other)).0, [(Level::Stop, path)]);
    // Erased, as nodes do with what is withdrawn (WD-6).
    base.1.remove(&BlockId::raw(&bytes));
    let with = |record: Record| against(&base, &denied, &[other.clone(), file(&record)]).0;
    assert_eq!(with(record(person(1, 1))), [(Level::Stop, old.path())]);
    assert_eq!(with(record(person(1, 3))), [(Level::Stop, old.path())]);
    let mut upon = person(1, 3);
    upon.prev = Some(Digest(Hash::of(&bytes)));
    assert!(with(record(upon)).is_empty());
    assert!(with(gone(1, 3)).is_empty());
}

#[test]
fn what_cannot_be_compared_is_told() {
    let old = record(person(1, 2));
    let mut base = release(&[file(&old)]);
    // Of a later program: an older one must not go back to its own form.
    let at = old.encode().windows(8).position(|w| w == b"victim/1").unwrap() + 7;
    let mut bytes = old.encode();
    bytes[at] = b'2';
    let newer = release(&[(old.path(), bytes)]);
    let stop = [(Level::Stop, old.path())];
    assert_eq!(against(&newer, &none(), &[file(&record(person(1, 3)))]).0, stop);
    // Something that is no record may be mended.
    let broken = release(&[(old.path(), b"nothing".to_vec())]);
    let note = [(Level::Note, old.path())];
    assert_eq!(against(&broken, &none(), &[file(&record(person(1, 3)))]).0, note);
    // Not here, and not withdrawn.
    base.1.remove(&BlockId::raw(&old.encode()));
    assert_eq!(against(&base, &none(), &[file(&record(person(1, 1)))]).0, stop);
}

#[test]
fn a_node_that_is_missing_hides_only_what_is_below() {
    let all: Vec<_> = (0..=255).map(|id| file(&record(person(id, 2)))).collect();
    let mut more = all.clone();
    more.extend((0..600).map(|n| (format!("a/{n}.txt"), b"x".to_vec())));
    more.extend((0..600).map(|n| (format!("z/{n}.txt"), b"x".to_vec())));
    let mut base = release(&more);
    let leaves: Vec<_> = base
        .1
        .iter()
        .filter(|(id, bytes)| id.codec == yadgar_protocol::Codec::DagCbor && bytes.len() > 100)
        .filter(|(id, _)| **id != base.0.parts[0].root)
        .map(|(id, _)| *id)
        .collect();
    assert!(leaves.len() > 3, "{}", leaves.len());
    let old: Vec<_> = (0..=255).map(|id| file(&record(person(id, 1)))).collect();
    let (found, compared, _) = against(&base, &none(), &old);
    assert_eq!((found.len(), compared.records, compared.missing), (256, 256, 0));
    // Nodes of other folders are not even asked for; of the rest everything else is compared.
    let mut hidden = 0;
    for leaf in leaves {
        let bytes = base.1.remove(&leaf).unwrap();
        let (found, compared, _) = against(&base, &none(), &old);
        assert_eq!(found.len(), compared.changed);
        assert_eq!(compared.missing > 0, found.len() < 256);
        hidden += 256 - found.len();
        base.1.insert(leaf, bytes);
    }
    assert!(hidden >= 256, "every record is below one of them");
}
