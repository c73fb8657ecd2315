//! Keys in the real program: on paper and back, refused when weak, and never in a process with a socket.

use crate::common::{Home, PATIENCE, small_site};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn has_strace() -> bool {
    let found = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED: strace is not installed, system calls are not watched");
    }
    found
}

/// Calls of each process that a command starts, as strace writes them.
fn traced(home: &Home, args: &[&str]) -> BTreeMap<String, Vec<String>> {
    let log = tempfile::tempdir().unwrap();
    let (plain, file) = (home.command(args), log.path().join("t"));
    let mut command = Command::new("strace");
    command.args(["-ff", "-e", "trace=execve,open,openat,%network,io_uring_setup", "-o"]);
    command.arg(&file).arg(plain.get_program()).args(plain.get_args());
    let done = command.env_remove("YADGAR_HOME").stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    let mut found = BTreeMap::new();
    for item in std::fs::read_dir(log.path()).unwrap() {
        let path = item.unwrap().path();
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        found.insert(path.display().to_string(), text.lines().map(str::to_owned).collect());
    }
    found
}

const KEY: &str = "maintainer.key";

fn check(home: &Home, args: &[&str], sockets_elsewhere: bool) {
    let network = |line: &String| {
        !line.starts_with("open") && !line.starts_with("execve") && !line.starts_with(['+', '-'])
    };
    let (mut holders, mut others) = (0, 0);
    for (process, calls) in traced(home, args) {
        let secret =
            |l: &&String| l.starts_with("open") && (l.contains(KEY) || l.contains("/passphrase\""));
        if calls.iter().any(|l| secret(&l)) {
            holders += 1;
            let sockets: Vec<_> = calls.iter().filter(|l| network(l)).collect();
            assert!(sockets.is_empty(), "{args:?} {process}: {sockets:?}");
        } else {
            others += calls.iter().filter(|l| network(l)).count();
        }
    }
    assert!(holders > 0, "{args:?}: no process opened the key, the scan is broken");
    assert!(!sockets_elsewhere || others > 0, "{args:?}: no socket seen, the scan is broken");
}

/// Killed while the passphrase is being read: the process with the key ends too, at whatever it is.
#[cfg(target_os = "linux")]
#[test]
fn the_signing_process_does_not_outlive_who_wanted_signatures() {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let (home, site) = (Home::publisher("Apart (fictional)"), tempfile::tempdir().unwrap());
    small_site(site.path());
    let pipe = home.beside("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let args = ["publish", site.path().to_str().unwrap(), "--passphrase-file", &pipe];
    let mut publish = home.command(&args).stdout(Stdio::null()).spawn().unwrap();
    // Opens only once somebody reads there; then that somebody waits for more.
    let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    let end = Instant::now() + PATIENCE;
    let mut writer = loop {
        match std::fs::OpenOptions::new().write(true).custom_flags(nonblocking).open(&pipe) {
            Ok(writer) => break writer,
            Err(e) => assert!(Instant::now() < end, "nobody asks for the passphrase: {e}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    writer.write_all(b"p").unwrap();
    publish.kill().unwrap();
    publish.wait().unwrap();
    // Fewer bytes than end the reading, and no end of the file.
    let gone = (0..60).any(|_| {
        std::thread::sleep(PATIENCE / 600);
        writer.write_all(b"p").is_err()
    });
    assert!(gone, "the process that has the key is still there");
}

#[test]
fn no_process_that_opens_a_key_touches_a_socket() {
    if !has_strace() {
        return;
    }
    let (home, site) = (Home::new(), tempfile::tempdir().unwrap());
    small_site(site.path());
    let (pass, dir) = (home.pass(), site.path().to_str().unwrap());
    let file = home.path().join("keys").join(KEY).display().to_string();
    let paper = home.beside("paper.txt");
    let pass = ["--passphrase-file", pass.as_str()];
    let with = |args: &[&'static str]| -> Vec<String> {
        args.iter().chain(&pass).map(|s| (*s).to_owned()).collect()
    };
    let run = |args: Vec<String>, sockets| {
        check(&home, &args.iter().map(String::as_str).collect::<Vec<_>>(), sockets);
    };
    run(with(&["key", "new"]), false);
    run(vec!["key".into(), "show".into()], false);
    let backup = with(&["key", "backup"]);
    run([backup, vec![file, "--out".into(), paper]].concat(), false);
    run(with(&["archive", "create", "--name", "Apart (fictional)"]), false);
    run([with(&["publish"]), vec![dir.into()]].concat(), false);
    // Beside a running node the command itself talks over the control socket.
    let _node = home.mirror(&[], &[]);
    std::fs::write(site.path().join("new.html"), b"new").unwrap();
    run([with(&["publish"]), vec![dir.into()]].concat(), true);
    run(with(&["archive", "create", "--name", "Beside (fictional)"]), true);
}

#[test]
fn a_key_goes_to_paper_and_comes_back() {
    let home = Home::new();
    let made = home.ok(&["key", "new", "--passphrase-file", &home.pass()]);
    assert_eq!(made["words"]["fa"].as_array().unwrap().len(), 8);
    let file = made["file"].as_str().unwrap();
    let (txt, page) = (home.beside("paper.txt"), home.beside("paper.html"));
    for out in [&txt, &page] {
        home.ok(&["key", "backup", file, "--out", out, "--passphrase-file", &home.pass()]);
        assert_eq!(std::fs::metadata(out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    home.fails(&["key", "backup", file, "--out", &txt, "--passphrase-file", &home.pass()], 1);
    let text = std::fs::read_to_string(&txt).unwrap();
    let qr = text.lines().find_map(|l| l.strip_prefix("QR text     ")).unwrap();
    let list = text.lines().skip_while(|l| !l.starts_with(" 1  "));
    let words = list.collect::<Vec<_>>().join("\n");
    let (qr_file, words_file) = (home.beside("qr"), home.beside("words"));
    std::fs::write(&qr_file, qr).unwrap();
    std::fs::write(&words_file, &words).unwrap();
    for (option, from) in [("--qr-text", &qr_file), ("--words", &words_file)] {
        let out = home.beside(&format!("back{option}.key"));
        let args = ["key", "restore", option, from, "--out", &out, "--passphrase-file"];
        let back = home.ok(&[&args[..], &[&home.pass()]].concat());
        assert_eq!(back["public_key"], made["public_key"]);
        // Never over another key, and only with the passphrase.
        home.fails(&[&args[..], &[&home.pass()]].concat(), 1);
        std::fs::remove_file(&out).unwrap();
        let said = home.fails(&[&args[..], &[&words_file]].concat(), 1);
        assert!(said.contains("wrong passphrase"), "{said}");
    }
    let wrong = words.lines().skip(1).collect::<Vec<_>>().join("\n");
    std::fs::write(&words_file, wrong).unwrap();
    let args = ["key", "restore", "--words", &words_file, "--out", &home.beside("no.key")];
    let said = home.fails(&[&args[..], &["--passphrase-file", &home.pass()]].concat(), 3);
    assert!(said.contains("word 1 is missing"), "{said}");
}

#[test]
fn weak_and_open_are_refused() {
    let home = Home::new();
    let weak = home.beside("weak");
    std::fs::write(&weak, "aaaaaaaaaaaa\n").unwrap();
    let said = home.fails(&["key", "new", "--passphrase-file", &weak], 2);
    assert!(said.contains("one character"), "{said}");
    let made = home.ok(&["key", "new", "--passphrase-file", &home.pass()]);
    let file = made["file"].as_str().unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let create = ["archive", "create", "--name", "Open (fictional)", "--passphrase-file"];
    let said = home.fails(&[&create[..], &[&home.pass()]].concat(), 4);
    assert!(said.contains("others may read") && said.contains("chmod 600"), "{said}");
    let shown = home.run(&["key", "show"]);
    assert!(shown.status.success() && String::from_utf8_lossy(&shown.stderr).contains("chmod"));
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let said = home.fails(&[&create[..], &[&weak]].concat(), 1);
    assert!(said.contains("wrong passphrase"), "{said}");
    let told = home.run(&[&["-v"], &create[..], &[&home.pass()]].concat());
    assert!(String::from_utf8_lossy(&told.stderr).contains("signing trust root 1"));
}
