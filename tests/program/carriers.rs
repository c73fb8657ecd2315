//! Carriers in depth, by the real program: what is missing only, volumes, parity, a folder that is watched.

use crate::common;
use crate::common::{Home, film, write};
use std::fs;
use std::path::{Path, PathBuf};

/// A publisher with one release of about 3 MB.
fn publisher() -> (Home, tempfile::TempDir) {
    let home = Home::publisher("Carriers (fictional)");
    let site = tempfile::tempdir().unwrap();
    common::small_site(site.path());
    write(site.path(), "media/film.bin", &film(2_500_000, 3));
    home.publish(site.path());
    (home, site)
}

fn length(file: &str) -> u64 {
    fs::metadata(file).unwrap().len()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn two_sticks_carry_only_what_is_missing() {
    let (home, site) = publisher();
    let (whole, have, new) =
        (home.beside("whole.car"), home.beside("have"), home.beside("new.car"));
    home.ok(&["export", &whole]);
    let reader = Home::new();
    reader.ok(&["import", &whole]);
    write(site.path(), "media/second.bin", &film(400_000, 4));
    home.publish(site.path());
    let told = reader.ok(&["have", &have]);
    assert_eq!(told["sequence"], 1);
    assert!(length(&have) < 1000, "{} bytes", length(&have));
    reader.fails(&["have", &have], 1);
    let written = home.ok(&["export", &new, "--for", &have]);
    assert!(written["left_out"].as_u64().unwrap() > 10);
    let bytes = length(&new);
    assert!(bytes > 400_000 && bytes < 420_000, "{bytes} of {}", length(&whole));
    let taken = reader.ok(&["import", &new]);
    assert_eq!(taken["releases"][0]["whole"], true);
    // By number and by hash it is the same.
    let hash = home.ok(&["releases"])["releases"][1]["hash"].as_str().unwrap().to_owned();
    for (n, since) in ["1", &hash, &hash[..12]].into_iter().enumerate() {
        let file = home.beside(&format!("since-{n}.car"));
        home.ok(&["export", &file, "--since", since]);
        assert_eq!(length(&file), bytes);
    }
    for wrong in ["0", "2", "9", "abc", "ffffffffffff"] {
        home.fails(&["export", &home.beside("no.car"), "--since", wrong], 2);
    }
    // Back the other way nothing is missing: the head, and no block of a file.
    let (have, back) = (home.beside("have-2"), home.beside("back.car"));
    home.ok(&["have", &have]);
    reader.ok(&["export", &back, "--for", &have]);
    assert!(length(&back) < 3000, "{} bytes", length(&back));
    home.ok(&["import", &back]);
    // What is no have file is refused with words.
    let text = home.fails(&["export", &home.beside("no.car"), "--for", &whole], 3);
    assert!(text.contains("yadgar have"), "{text}");
    let stranger = Home::publisher("Another (fictional)");
    stranger.fails(&["export", &home.beside("no.car"), "--for", &have], 2);
}

#[test]
fn volumes_in_any_order_and_a_folder_with_other_files() {
    let (home, _site) = publisher();
    let stick = tempfile::tempdir().unwrap();
    let dir = stick.path().to_str().unwrap();
    fs::write(stick.path().join("letter.txt"), b"dear friend").unwrap();
    let written = home.ok(&["export", dir, "--split", "1MB"]);
    let volumes = written["volumes"].as_array().unwrap().clone();
    assert!(volumes.len() >= 3);
    assert!(volumes.iter().all(|v| v["bytes"].as_u64().unwrap() <= 1_000_000));
    assert!(home.ok(&["export", dir, "--split", "1MB"])["volumes"][0]["kept"] == true);
    home.fails(&["export", dir, "--split", "1MB", "--base", "a/b"], 2);
    home.fails(&["export", dir, "--split", "10kB"], 2);
    // One after the other, the last one first.
    let reader = Home::new();
    for file in files(stick.path()).iter().rev().filter(|f| f.extension().unwrap() == "car") {
        let _ = reader.run(&["import", file.to_str().unwrap()]);
    }
    assert_eq!(reader.ok(&["status"])["archives"][0]["complete"], 1);
    // The folder at once.
    let reader = Home::new();
    assert_eq!(reader.ok(&["import", dir])["releases"][0]["whole"], true);
    // One is lost: its number is named.
    let lost = files(stick.path())
        .into_iter()
        .find(|f| f.ends_with(volumes[1]["name"].as_str().unwrap()))
        .unwrap();
    fs::remove_file(lost).unwrap();
    let reader = Home::new();
    let output = reader.run(&["import", dir]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    let expected = format!("not among these files: 2 of {}", volumes.len());
    assert!(text.contains(&expected), "{text}");
    assert_eq!(fs::read(stick.path().join("letter.txt")).unwrap(), b"dear friend");
    reader.fails(&["import", reader.path().to_str().unwrap()], 3);
}

#[test]
fn parity_makes_up_for_lost_and_damaged_volumes() {
    let (home, _site) = publisher();
    let stick = tempfile::tempdir().unwrap();
    let dir = stick.path().to_str().unwrap();
    let written = home.ok(&["export", dir, "--split", "700kB", "--parity", "2"]);
    let volumes = written["volumes"].as_array().unwrap().clone();
    assert!(volumes.iter().all(|v| v["bytes"].as_u64().unwrap() <= 700_000));
    let total = volumes.len();
    let path =
        |n: usize| stick.path().join(volumes[n].as_object().unwrap()["name"].as_str().unwrap());
    for file in [0, total - 1] {
        let report = home.ok(&["verify", path(file).to_str().unwrap()]);
        assert_eq!(report["carrier"]["volume"], serde_json::json!([file + 1, total]));
    }
    fs::remove_file(path(0)).unwrap();
    let mut bytes = fs::read(path(1)).unwrap();
    bytes[20_000..24_000].fill(0);
    fs::write(path(1), bytes).unwrap();
    let reader = Home::new();
    let done = reader.ok(&["import", dir]);
    assert_eq!(done["releases"][0]["whole"], true);
    assert_eq!(done["sets"][0]["rebuilt"], serde_json::json!([1, 2]));
    assert_eq!(done["sets"][0]["missing"], serde_json::json!([1]));
    assert_eq!(reader.ok(&["verify"])["ok"], true);
    // One more is lost: what is missing is named, and how many more are needed.
    fs::remove_file(path(2)).unwrap();
    let reader = Home::new();
    let output = reader.run(&["import", dir]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains(&format!("not among these files: 1, 3 of {total}")), "{text}");
    assert!(text.contains("any 1 more"), "{text}");
    home.fails(&["export", dir, "--parity", "2"], 2);
    home.fails(&["export", dir, "--split", "700kB", "--parity", "none"], 2);
}

/// A set is looked at as a whole, and made whole again, without a home.
#[test]
fn lost_and_damaged_volumes_are_written_again() {
    let (home, _site) = publisher();
    let stick = tempfile::tempdir().unwrap();
    let dir = stick.path().to_str().unwrap();
    let written = home.ok(&["export", dir, "--split", "700kB", "--parity", "2"]);
    let name = |n: usize| written["volumes"][n]["name"].as_str().unwrap().to_owned();
    let elsewhere = Home::new();
    let whole = elsewhere.ok(&["verify", dir]);
    assert_eq!((&whole["ok"], &whole["whole"]), (&true.into(), &true.into()), "{whole}");
    let good: Vec<_> = [0, 1].map(|n| fs::read(stick.path().join(name(n))).unwrap()).into();
    fs::remove_file(stick.path().join(name(0))).unwrap();
    let mut bytes = good[1].clone();
    bytes[20_000..24_000].fill(0);
    fs::write(stick.path().join(name(1)), bytes).unwrap();
    fs::write(stick.path().join("letter.txt"), b"dear friend").unwrap();
    let output = elsewhere.run(&["verify", dir]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("not among these files: 1 of"), "{text}");
    let before = others(stick.path());
    let to = elsewhere.beside("again");
    let done = elsewhere.ok(&["verify", dir, "--rebuild-to", &to]);
    assert_eq!(done["sets"][0]["rebuilt"], serde_json::json!([1, 2]), "{done}");
    for (n, bytes) in good.iter().enumerate() {
        assert!(fs::read(Path::new(&to).join(name(n))).unwrap() == *bytes);
    }
    assert_eq!((files(Path::new(&to)).len(), others(stick.path())), (2, before));
    // A damaged one is in the way: it stays.
    elsewhere.fails(&["verify", dir, "--rebuild-to", dir], 1);
    elsewhere
        .fails(&["verify", stick.path().join(name(2)).to_str().unwrap(), "--rebuild-to", &to], 2);
    assert!(!elsewhere.path().join("store").exists(), "no home was made");
}

#[test]
fn a_watched_folder_is_merged_and_never_goes_back() {
    let (home, site) = publisher();
    let (old, stick) = (home.beside("old.car"), tempfile::tempdir().unwrap());
    home.ok(&["export", &old]);
    let invite = home.invite(&[]);
    let plugged = stick.path().join("stick");
    let watched = plugged.to_str().unwrap();
    let mirror = Home::new();
    // The stick is not there yet.
    let node = mirror.mirror(&[&invite], &["--watch", watched]);
    fs::create_dir(&plugged).unwrap();
    // A link out of the folder, somebody's letter, and a program: none is touched.
    std::os::unix::fs::symlink(&old, plugged.join("link.car")).unwrap();
    fs::write(plugged.join("letter.txt"), b"dear friend").unwrap();
    fs::write(plugged.join("broken.car"), b"no carrier at all").unwrap();
    let newer = home.beside("newer");
    write(site.path(), "media/second.bin", &film(900_000, 4));
    home.publish(site.path());
    home.ok(&["export", &newer, "--split", "800kB", "--parity", "1"]);
    // All volumes but one, which parity makes up for.
    for file in files(Path::new(&newer)).iter().skip(1) {
        fs::copy(file, plugged.join(file.file_name().unwrap())).unwrap();
    }
    let event = node.wait(|e| e["event"] == "watched" && e["whole"] == true);
    assert_eq!(event["sequence"], 2);
    assert_eq!(mirror.ok(&["status"])["archives"][0]["complete"], 2);
    // An older one comes later: it is told, and nothing goes back.
    fs::copy(&old, plugged.join("again.car")).unwrap();
    node.wait(|e| e["event"] == "watch-problem" && e["what"].as_str().unwrap().contains("older"));
    assert_eq!(mirror.ok(&["status"])["archives"][0]["complete"], 2);
    // An archive that this mirror does not keep is not taken.
    let stranger = Home::publisher("Another (fictional)");
    stranger.publish(site.path());
    let theirs = stranger.beside("theirs.car");
    stranger.ok(&["export", &theirs]);
    fs::copy(&theirs, plugged.join("theirs.car")).unwrap();
    node.wait(|e| {
        e["event"] == "watch-problem" && e["what"].as_str().unwrap().contains("another archive")
    });
    assert_eq!(mirror.ok(&["status"])["archives"].as_array().unwrap().len(), 1);
    assert_eq!(fs::read(plugged.join("letter.txt")).unwrap(), b"dear friend");
    assert!(!plugged.join("link.car").is_file() || plugged.join("link.car").is_symlink());
}

/// Several releases, one stick, and a have file each way: only what is missing moves.
#[test]
fn two_homes_and_one_stick_over_several_releases() {
    let (home, site) = publisher();
    let stick = tempfile::tempdir().unwrap();
    let on = |name: &str| stick.path().join(name).to_str().unwrap().to_owned();
    home.ok(&["export", &on("first.car")]);
    let other = Home::new();
    other.ok(&["import", &on("first.car")]);
    for release in 2..=4u64 {
        let new = 150_000 + 50_000 * release as usize;
        write(site.path(), &format!("media/new-{release}.bin"), &film(new, 10 + release as u8));
        home.publish(site.path());
        other.ok(&["have", &on("have"), "--force"]);
        let file = on(&format!("{release}.car"));
        home.ok(&["export", &file, "--for", &on("have")]);
        let bytes = length(&file);
        assert!(bytes > new as u64 && bytes < new as u64 + 20_000, "{bytes} for {new}");
        // It is what it claims to be, and says what it needs.
        let report = home.ok(&["verify", &file]);
        assert_eq!((&report["ok"], &report["complete"]), (&true.into(), &false.into()));
        assert_eq!(report["carrier"]["base"], release - 1);
        let taken = other.ok(&["import", &file]);
        assert_eq!(taken["releases"][0]["whole"], true);
        assert_eq!(other.ok(&["import", &file])["new_blocks"], 0);
        // And back, where nothing is missing.
        home.ok(&["have", &on("have"), "--force"]);
        let back = on(&format!("back-{release}.car"));
        other.ok(&["export", &back, "--for", &on("have")]);
        assert!(length(&back) < 6_000, "{} bytes", length(&back));
        assert_eq!(home.ok(&["import", &back])["new_blocks"], 0);
    }
    let names: Vec<_> = files(stick.path());
    assert!(names.iter().all(|f| !f.to_string_lossy().contains("yadgar")), "{names:?}");
    assert_eq!(names.len(), 8, "nothing else is left there: {names:?}");
}

/// A file system in memory that is plugged in as a stick is.
struct Stick(PathBuf);

impl Stick {
    fn plug(path: PathBuf) -> Option<Self> {
        fs::create_dir_all(&path).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "stick"]).arg(&path);
        match mount.output() {
            Ok(done) if done.status.success() => Some(Self(path)),
            _ => None,
        }
    }
}

impl Drop for Stick {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

type Content = Option<(Vec<u8>, std::time::SystemTime)>;

/// Path, bytes and time of what is not ours; of what is no plain file only the path.
fn others(dir: &Path) -> Vec<(PathBuf, Content)> {
    let read = |path: &PathBuf| {
        let meta = fs::symlink_metadata(path).unwrap();
        meta.is_file().then(|| (fs::read(path).unwrap(), meta.modified().unwrap()))
    };
    files(dir).into_iter().map(|path| (path.clone(), read(&path))).collect()
}

#[test]
fn a_stick_is_plugged_in_read_and_answered() {
    let (home, site) = publisher();
    let media = tempfile::tempdir().unwrap();
    let old = home.beside("old.car");
    home.ok(&["export", &old]);
    let reader = Home::new();
    reader.ok(&["import", &old]);
    write(site.path(), "media/second.bin", &film(300_000, 4));
    home.publish(site.path());
    let watched = media.path().to_str().unwrap();
    let node = home.mirror(&[], &["--watch", watched, "--give-back"]);
    let Some(stick) = Stick::plug(media.path().join("STICK ONE")) else {
        println!("skipped: nothing can be mounted here");
        return;
    };
    // Links out of the stick, a pipe, a device, somebody's letter and program.
    std::os::unix::fs::symlink(&old, stick.0.join("link.car")).unwrap();
    std::os::unix::fs::symlink("/", stick.0.join("root")).unwrap();
    for args in [&["pipe.car", "p"][..], &["zero.car", "c", "1", "5"]] {
        let made = std::process::Command::new("mknod").current_dir(&stick.0).args(args).status();
        assert!(made.unwrap().success());
    }
    fs::write(stick.0.join("letter.txt"), b"dear friend").unwrap();
    fs::write(stick.0.join("run.car"), b"#!/bin/sh\ntouch ran\n").unwrap();
    reader.ok(&["have", stick.0.join("have").to_str().unwrap()]);
    let before = others(&stick.0);
    let done = node.wait(|e| e["event"] == "stick-done" && e["written_bytes"] != 0);
    let bytes = done["written_bytes"].as_u64().unwrap();
    assert!(bytes > 300_000 && bytes < 320_000, "{bytes}");
    let after = others(&stick.0);
    let new: Vec<_> = after.iter().filter(|file| !before.contains(file)).collect();
    assert_eq!((new.len(), after.len()), (1, before.len() + 1), "{new:?}");
    let file = new[0].0.to_str().unwrap();
    assert!(file.rsplit('/').next().unwrap().starts_with("data-"), "{file}");
    assert_eq!(reader.ok(&["import", file])["releases"][0]["whole"], true);
    // Pulled out and plugged in again: it is answered no second time, and what is new is taken.
    let file = file.to_owned();
    let (carrier, have) = (fs::read(&file).unwrap(), fs::read(stick.0.join("have")).unwrap());
    drop(stick);
    let stick = Stick::plug(media.path().join("STICK ONE")).unwrap();
    fs::write(&file, carrier).unwrap();
    fs::write(stick.0.join("have"), have).unwrap();
    let done = node.wait(|e| e["event"] == "stick-done" && e["written_bytes"] == 0);
    assert_eq!(done["new_blocks"], 0);
    assert_eq!(files(&stick.0).len(), 2);
}
