//! A carrier file is there whole or not at all.
use super::super::lab::lab;
use super::*;

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn writes_the_same_bytes_and_leaves_nothing_else() {
    let (lab, folder) = (lab(), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.car");
    let options = FileOptions { read_back: true, ..FileOptions::default() };
    let summary = export_file(&path, &lab.store, lab.head(), options, &mut |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), lab.carrier());
    assert_eq!(fs::metadata(&path).unwrap().len(), summary.bytes);
    assert_eq!(names(folder.path()), ["a.car"]);
}

#[test]
fn replaces_only_by_force() {
    let (lab, folder) = (lab(), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.car");
    fs::write(&path, b"mine").unwrap();
    let run = |path: &Path, force| {
        let options = FileOptions { force, ..FileOptions::default() };
        export_file(path, &lab.store, lab.head(), options, &mut |_| ())
    };
    assert!(matches!(run(&path, false), Err(ExportError::Exists(_))));
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    run(&path, true).unwrap();
    assert_eq!(fs::read(&path).unwrap(), lab.carrier());
    assert_eq!(names(folder.path()), ["a.car"]);
    // A folder is never replaced.
    assert!(matches!(run(folder.path(), true), Err(ExportError::Exists(_))));
    // Nor a file that appears while the export runs.
    let late = folder.path().join("late.car");
    let mut appear = |_| fs::write(&late, b"theirs").unwrap();
    let done = export_file(&late, &lab.store, lab.head(), FileOptions::default(), &mut appear);
    assert!(matches!(done, Err(ExportError::Exists(_))));
    assert_eq!(fs::read(&late).unwrap(), b"theirs");
    assert_eq!(names(folder.path()), ["a.car", "late.car"]);
}

/// A stick was pulled out; the next export takes away what is unfinished, and nothing that only looks like it.
#[test]
fn what_a_pulled_out_stick_kept_is_removed() {
    let (lab, folder) = (lab(), tempfile::tempdir().unwrap());
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let (gone, here) = (gone.id(), std::process::id());
    let cut = &lab.carrier()[..200];
    let file = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    file(&format!(".{gone}-0.part"), cut);
    file(&format!(".{gone}-1.part"), b"");
    // Of a process that is there; of somebody else; by another name; no file.
    let stay = [
        format!(".{here}-7.part"),
        format!(".{gone}-2.part"),
        format!("{gone}-0.part"),
        format!(".{gone}-0.part~"),
        format!(".{gone}-3.part"),
        format!(".{gone}-4.part"),
    ];
    file(&stay[0], cut);
    file(&stay[1], b"a film of somebody else");
    file(&stay[2], cut);
    file(&stay[3], cut);
    fs::create_dir(folder.path().join(&stay[4])).unwrap();
    std::os::unix::fs::symlink(folder.path().join(&stay[2]), folder.path().join(&stay[5])).unwrap();
    let path = folder.path().join("a.car");
    export_file(&path, &lab.store, lab.head(), FileOptions::default(), &mut |_| ()).unwrap();
    let mut wanted = [&stay[..], &["a.car".to_owned()]].concat();
    wanted.sort();
    assert_eq!(names(folder.path()), wanted);
}

#[test]
fn errors_leave_nothing_behind() {
    let (lab, folder) = (lab(), tempfile::tempdir().unwrap());
    let none = ["films".to_owned()];
    let export = ExportOptions { parts: Some(&none), ..ExportOptions::default() };
    let options = FileOptions { export, ..FileOptions::default() };
    let path = folder.path().join("a.car");
    assert!(export_file(&path, &lab.store, lab.head(), options, &mut |_| ()).is_err());
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let nowhere = folder.path().join("no/such/a.car");
    let done = export_file(&nowhere, &lab.store, lab.head(), FileOptions::default(), &mut |_| ());
    assert!(matches!(done, Err(ExportError::Write { .. })));
    // A disk that is full: it takes no byte at all.
    if Path::new("/dev/full").exists() {
        let temp = Temp(folder.path().join("gone"));
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let options = ExportOptions::default();
        let done = write(&temp, full, &lab.store, lab.head(), options, &mut |_| ());
        assert!(matches!(done, Err(ExportError::DiskFull(_))));
    }
}

#[test]
fn reading_back_finds_what_the_disk_changed() {
    let (lab, folder) = (lab(), tempfile::tempdir().unwrap());
    let path = folder.path().join("a.car");
    let run = || export_file(&path, &lab.store, lab.head(), FileOptions::default(), &mut |_| ());
    let summary = run().unwrap();
    let check = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        read_back(&path, File::open(&path).unwrap(), &summary)
    };
    let good = lab.carrier();
    check(&good).unwrap();
    for at in [5, 100, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(matches!(check(&bad), Err(ExportError::ReadBack(_))), "byte {at}");
    }
    // Cut off between two sections: no section is damaged, but some are not there.
    assert!(check(&good[..59]).is_err());
    assert!(check(&good[..good.len() - 1]).is_err());
}
