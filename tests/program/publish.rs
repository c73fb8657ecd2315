//! What `yadgar publish` refuses, leaves out, remembers and mends.

use crate::common::{Home, small_site, tree_of, write};
use std::path::Path;

fn site() -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    small_site(site.path());
    site
}

/// Publishes with more options and gives the JSON.
fn publish(home: &Home, site: &Path, more: &[&str]) -> serde_json::Value {
    let pass = home.pass();
    let mut args = vec!["publish", site.to_str().unwrap(), "--passphrase-file", &pass];
    args.extend(more);
    home.ok(&args)
}

fn refused(home: &Home, site: &Path) -> String {
    home.fails(&["publish", site.to_str().unwrap(), "--passphrase-file", &home.pass()], 2)
}

#[test]
fn publishing_again_mends_a_killed_publish() {
    let (site, home) = (site(), Home::publisher("Mend (fictional)"));
    let archive = publish(&home, site.path(), &[])["archive"].as_str().unwrap().to_owned();
    std::fs::remove_file(home.path().join("archives").join(archive).join("complete")).unwrap();
    let out = home.beside("out");
    home.fails(&["checkout", &out], 3);
    assert_eq!(publish(&home, site.path(), &[])["changed"], false);
    home.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
}

#[test]
fn an_empty_or_half_empty_folder_is_refused() {
    let (site, home) = (site(), Home::publisher("Gone (fictional)"));
    let empty = tempfile::tempdir().unwrap();
    refused(&home, empty.path());
    publish(&home, site.path(), &[]);
    assert!(refused(&home, empty.path()).contains("--allow-removals"));
    std::fs::remove_dir_all(site.path().join("records")).unwrap();
    assert!(refused(&home, site.path()).contains("40 of the 43"));
    assert_eq!(home.ok(&["status"])["archives"][0]["trusted"], 1);
    let done = publish(&home, site.path(), &["--allow-removals"]);
    assert_eq!((&done["sequence"], &done["removed"]), (&2.into(), &40.into()));
    assert_eq!(done["paths"]["removed"].as_array().unwrap().len(), 40);
}

#[test]
fn a_dry_run_needs_no_key_and_publishes_nothing() {
    let (site, home) = (site(), Home::publisher("Dry (fictional)"));
    publish(&home, site.path(), &[]);
    std::fs::remove_dir_all(home.path().join("keys")).unwrap();
    write(site.path(), "new.html", b"new");
    std::fs::remove_file(site.path().join("index.html")).unwrap();
    let would = home.ok(&["publish", site.path().to_str().unwrap(), "--dry-run"]);
    assert_eq!((&would["dry_run"], &would["sequence"]), (&true.into(), &2.into()));
    assert_eq!(would["paths"]["added"], serde_json::json!(["new.html"]));
    assert_eq!(would["paths"]["removed"], serde_json::json!(["index.html"]));
    assert_eq!(home.ok(&["status"])["archives"][0]["trusted"], 1);
}

#[test]
fn part_rules_are_remembered() {
    let (site, home) = (site(), Home::publisher("Parts (fictional)"));
    let first = publish(&home, site.path(), &["--part", "media=media/**"]);
    assert_eq!(first["parts"][1]["name"], "media");
    write(site.path(), "media/new.txt", b"new");
    let second = publish(&home, site.path(), &[]);
    assert_eq!((&second["parts"][1]["files"], &second["added"]), (&2.into(), &1.into()));
    let third = publish(&home, site.path(), &["--no-parts"]);
    assert_eq!(third["parts"].as_array().unwrap().len(), 1);
    let counts = (&third["moved"], &third["added"], &third["removed"]);
    assert_eq!(counts, (&2.into(), &0.into(), &0.into()));
    let moved = serde_json::json!({ "path": "media/large.bin", "from": "media", "to": "core" });
    assert_eq!(third["paths"]["moved"][0], moved);
    assert_eq!(publish(&home, site.path(), &[])["changed"], false);
}

#[test]
fn hidden_files_are_left_out_and_keys_refused() {
    let (site, home) = (site(), Home::publisher("Hidden (fictional)"));
    for name in [".git/config", "index.html~", ".well-known/security.txt"] {
        write(site.path(), name, b"x");
    }
    let first = publish(&home, site.path(), &[]);
    assert_eq!(first["added"], 44, "43 files and .well-known");
    write(site.path(), "admin/server.pem", b"secret");
    let said = refused(&home, site.path());
    assert!(said.contains("admin/server.pem") && said.contains("--allow-hidden"), "{said}");
    // The gate knows nothing of such files.
    let allow = |file| ["--allow", file];
    let all = [allow("unknown-kind:admin/server.pem"), allow("unknown-kind:index.html~")].concat();
    let all = [&["--allow-hidden", "--why", "for a test"], &all[..]].concat();
    let all = publish(&home, site.path(), &all);
    assert_eq!(all["added"], 4, "with the release note");
}

#[test]
fn an_archive_has_its_name_before_the_first_release() {
    let (site, home) = (site(), Home::publisher("One (fictional)"));
    let made = ["archive", "create", "--name", "Two (fictional)", "--passphrase-file"];
    let two = home.ok(&[&made[..], &[&home.pass()]].concat());
    assert_eq!(two["words"]["fa"].as_array().unwrap().len(), 6);
    let done = publish(&home, site.path(), &["--archive", "Two (fictional)"]);
    assert_eq!(done["archive"], two["archive"]);
    let again = home.run(&[&made[..], &[&home.pass()]].concat());
    assert!(again.status.success());
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("same name") || said.contains("همین نام"), "{said}");
}

/// Programs for guests without internet (SW-1): each is held by the gate until somebody vouches for that very file.
#[test]
fn programs_need_a_yes_each() {
    let (site, home) = (site(), Home::publisher("Programs (fictional)"));
    write(site.path(), "software/yadgar-windows-x86_64.exe", b"MZ\x90\0 no program at all");
    write(site.path(), "software/yadgar-linux-x86_64", b"\x7fELF\x02\x01\x01 no program at all");
    let (folder, pass) = (site.path().to_str().unwrap(), home.pass());
    let said = home.fails(&["publish", folder, "--passphrase-file", &pass], 7);
    assert!(said.contains("found 2 thing"), "{said}");
    let one = "active-content:software/yadgar-windows-x86_64.exe";
    let other = "unknown-kind:software/yadgar-linux-x86_64";
    let why = "hashes as published with the source";
    let some = ["publish", folder, "--passphrase-file", &pass, "--allow", one, "--why", why];
    assert!(home.fails(&some, 7).contains("found 1 thing"));
    let part = "software=software/**";
    publish(&home, site.path(), &["--part", part, "--allow", one, "--allow", other, "--why", why]);
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    assert!(Path::new(&out).join("software/yadgar-linux-x86_64").is_file());
}

/// False where strace is missing, which is said; with `YADGAR_REQUIRE_STRACE=1` that is a failure.
fn has_strace() -> bool {
    let found = std::process::Command::new("strace").arg("-V").output().is_ok();
    let required = std::env::var_os("YADGAR_REQUIRE_STRACE").is_some_and(|v| v == "1");
    assert!(found || !required, "strace is missing");
    if !found {
        eprintln!("SKIPPED: strace is missing");
    }
    found
}

/// The names of the files of a folder, each once.
fn names_of(site: &Path) -> Vec<String> {
    let paths = tree_of(site).into_keys();
    let names: std::collections::BTreeSet<_> =
        paths.map(|path| path.rsplit('/').next().unwrap().to_owned()).collect();
    names.into_iter().collect()
}

/// Publishes on trial and gives the files of the folder that were opened, by their names.
fn opened(home: &Home, site: &Path, more: &[&str]) -> Vec<String> {
    let trace = home.beside("trace");
    let command = home.command(&[&["publish", site.to_str().unwrap(), "--dry-run"], more].concat());
    let mut strace = std::process::Command::new("strace");
    strace.args(["-f", "-qq", "-e", "trace=openat", "-o", &trace]);
    strace.arg(command.get_program()).args(command.get_args()).env_remove("YADGAR_HOME");
    let output = strace.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let trace = std::fs::read_to_string(trace).unwrap();
    let names = names_of(site).into_iter();
    names.filter(|name| trace.contains(&format!("\"{name}\", O_RDONLY|O_NONBLOCK|"))).collect()
}

/// What a file was changed less than two seconds before it was read tells nothing of it the next time.
const SETTLED: std::time::Duration = std::time::Duration::from_millis(2100);

#[test]
fn unchanged_files_are_not_opened_again() {
    if !has_strace() {
        return;
    }
    let (site, home) = (site(), Home::publisher("Unchanged (fictional)"));
    std::thread::sleep(SETTLED);
    let all = opened(&home, site.path(), &[]);
    assert_eq!(all, names_of(site.path()));
    assert_eq!(opened(&home, site.path(), &[]), [""; 0], "a trial is enough to know them");
    let archive = publish(&home, site.path(), &[])["archive"].as_str().unwrap().to_owned();
    assert_eq!(opened(&home, site.path(), &[]), [""; 0]);
    // The same size.
    let page = std::fs::read(site.path().join("index.html")).unwrap();
    write(site.path(), "index.html", &page.to_ascii_uppercase());
    // Whatever the clock says when it is read, it was changed just now.
    let changed =
        std::fs::File::options().write(true).open(site.path().join("index.html")).unwrap();
    let now = std::time::SystemTime::now();
    changed.set_modified(now + std::time::Duration::from_secs(3600)).unwrap();
    assert_eq!(opened(&home, site.path(), &[]), ["index.html"]);
    assert_eq!(opened(&home, site.path(), &[]), ["index.html"], "it was changed just now");
    assert_eq!(opened(&home, site.path(), &["--recheck"]), all);
    assert_eq!(opened(&home, site.path(), &["--explain"]), all, "decisions are made by looking");
    // Damaged, it is worth nothing, and is made again.
    let file = home.path().join("archives").join(archive).join("unchanged");
    std::fs::write(&file, b"yadgar files 1\n\0 of somebody else").unwrap();
    assert_eq!(opened(&home, site.path(), &[]), all);
    assert_eq!(publish(&home, site.path(), &[])["changed_files"], 1);
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
    // Beside a node, which holds the blocks.
    changed.set_modified(now).unwrap();
    std::thread::sleep(SETTLED);
    let node = home.mirror(&[], &[]);
    assert_eq!(opened(&home, site.path(), &[]), ["index.html"]);
    assert_eq!(opened(&home, site.path(), &[]), [""; 0]);
    drop(node);
    let wiped = home.ok(&["wipe", "--yes"]);
    assert_eq!(wiped["left"], serde_json::json!([]), "{}", file.display());
    assert!(!home.path().exists());
}

/// Whenever it is killed, what it leaves says nothing wrong of any file.
#[test]
fn a_killed_publish_leaves_nothing_wrong_about_unchanged_files() {
    let (site, home) = (site(), Home::publisher("Killed (fictional)"));
    let (folder, pass) = (site.path().to_str().unwrap(), home.pass());
    for round in 0..8u8 {
        write(site.path(), "index.html", format!("<!doctype html><p>round {round}").as_bytes());
        let mut command = home.command(&["-q", "publish", folder, "--passphrase-file", &pass]);
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(40 * u64::from(round)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    publish(&home, site.path(), &[]);
    let out = home.beside("out");
    home.ok(&["checkout", &out]);
    assert_eq!(tree_of(Path::new(&out)), tree_of(site.path()));
    assert_eq!(home.ok(&["verify"])["ok"], true);
}

/// The keys are opened while the folder is read: what is wrong with them is told all the same, and nothing is published.
#[test]
fn a_wrong_passphrase_publishes_nothing() {
    let (site, home) = (site(), Home::publisher("Wrong (fictional)"));
    let wrong = home.beside("wrong");
    std::fs::write(&wrong, "not the passphrase\n").unwrap();
    let said = home.run(&["publish", site.path().to_str().unwrap(), "--passphrase-file", &wrong]);
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && text.contains("wrong passphrase"), "{text}");
    assert!(!text.contains("stopped"), "{text}");
    assert_eq!(home.ok(&["status"])["archives"][0]["trusted"], serde_json::Value::Null);
    publish(&home, site.path(), &[]);
}
