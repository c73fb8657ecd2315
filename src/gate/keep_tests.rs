use super::*;
use crate::gate::{Inspected, inspect};
use crate::publish::walk::{Walk, walk};
use std::fs::write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn look(found: &Walk, known: &Known, explain: bool) -> Inspected {
    inspect(&found.files, known, explain, &|_| (), &AtomicBool::new(false)).unwrap()
}

/// What is known after `inspected`, as `publish` keeps it.
fn known(folder: &Path, found: &Walk, inspected: &Inspected) -> Known {
    let lines: Vec<Line> = found
        .files
        .iter()
        .map(|found| Line {
            path: found.path.to_string(),
            stamp: found.stamp.unwrap(),
            content: Content::List {
                root: yadgar_protocol::BlockId::raw(b""),
                hash: inspected.hash(found.path.as_str()).unwrap(),
            },
            seen: inspected.kept(found.path.as_str()).map(<[u8]>::to_vec),
        })
        .collect();
    let (rules, archive) = (rules(), yadgar_protocol::ArchiveId(Hash::of(b"a")));
    assert!(rules.is_some() && rules == super::rules());
    Known::empty(rules).keep(folder, &archive, &lines).unwrap();
    Known::read(folder, &archive, rules)
}

/// A page with notes and stops, a picture, a text with nothing in it, a name that tells.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write(at("a.html"), "<script>x</script><p>write to a@example.org, sara's mother, Zohre")
        .unwrap();
    write(at("b.txt"), "nothing").unwrap();
    write(at("c.gif"), b"GIF89a\x01\0\x01\0\0\0\0;").unwrap();
    write(at("d.bin"), b"\0\x01\x02").unwrap();
    write(at("IMG_20191116_123456.txt"), "x").unwrap();
    folder
}

#[test]
fn what_was_seen_comes_back_as_it_was() {
    let (folder, home) = (folder(), tempfile::tempdir().unwrap());
    let found = walk(folder.path(), false).unwrap();
    let first = look(&found, &Known::default(), false);
    assert!(first.findings.len() >= 4, "{:?}", first.findings);
    let known = known(home.path(), &found, &first);
    // What is read now would be found out: the files are gone.
    folder.close().unwrap();
    let again = look(&found, &known, false);
    assert_eq!(again.findings, first.findings);
    assert_eq!(again.files, first.files);
    for file in &found.files {
        let path = file.path.as_str();
        assert_eq!(again.hash(path), first.hash(path));
        assert_eq!(again.kept(path), first.kept(path), "{path}");
    }
    // Every decision is wanted: that needs the files.
    let stop = AtomicBool::new(false);
    inspect(&found.files, &known, true, &|_| (), &stop).unwrap_err();
}

#[test]
fn what_is_new_is_looked_at() {
    let (folder, home) = (folder(), tempfile::tempdir().unwrap());
    let found = walk(folder.path(), false).unwrap();
    let known = known(home.path(), &found, &look(&found, &Known::default(), false));
    write(folder.path().join("b.txt"), "call 0912 000 0000").unwrap();
    let found = walk(folder.path(), false).unwrap();
    let seen = look(&found, &known, false);
    assert!(seen.findings.iter().any(|f| f.path == "b.txt" && f.code == Code::Phone));
}

#[test]
fn files_are_compared_with_each_other_all_the_same() {
    let media = Named {
        field: "media[0]".into(),
        path: "p.jpg".into(),
        hash: Hash::of(b"picture"),
        bytes: 7,
        mime: "image/jpeg".into(),
    };
    let seen = Seen {
        path: "records/x.cbor".into(),
        size: 1,
        hash: Hash::of(b"record"),
        reading: None,
        mime: None,
        findings: vec![Finding::of_field(
            Level::Note,
            Code::Phone,
            "records/x.cbor",
            "story",
            "09…0",
        )],
        media: vec![media],
        decisions: Vec::new(),
    };
    let bytes = encode(&seen).unwrap();
    let stamp = Stamp { size: 1, mtime: (0, 0), ctime: (0, 0), inode: 0, device: 0 };
    let content = Content::Block(yadgar_protocol::BlockId::raw(b"record"));
    let line = Line { path: seen.path.clone(), stamp, content, seen: None };
    let back = decode(&line, &bytes).unwrap();
    assert_eq!((&back.hash, &back.findings, back.media.len()), (&seen.hash, &seen.findings, 1));
    let (a, b) = (&back.media[0], &seen.media[0]);
    assert_eq!(
        (&a.field, &a.path, a.hash, a.bytes, &a.mime),
        (&b.field, &b.path, b.hash, b.bytes, &b.mime)
    );
    for bad in [
        &b"x"[..],
        b"{}x",
        br#"{"mime":"text/plain"}"#,
        br#"{"found":[[3,null,"phone","",1]]}"#,
        br#"{"found":[[1,null,"no-such","",1]]}"#,
        br#"{"more":1}"#,
    ] {
        assert!(decode(&line, bad).is_none());
    }
    let many = Finding::of_file(Level::Note, Code::Phone, &seen.path, "x".repeat(MAX_BYTES));
    assert!(encode(&Seen { findings: vec![many], ..back }).is_none(), "looked at again");
}
