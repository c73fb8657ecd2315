//! The real program as a victim: what it does with a home, at any call, and what it finds after a power cut.

use crate::common::{Node, film, write};
use crate::power::scratch;
use crate::programs::FETCH;
use crate::strace::Ended;
use crate::sweep::Workload;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// What ends a victim that hangs. It then fails with these words on its standard error.
const PATIENCE: Duration = Duration::from_secs(100);
const HANGS: &str = "the victim hangs";
/// The standard library panics when closing a folder that it read fails: no file system of Linux lets it. It is a death
/// like any other, after which everything must be there.
const CLOSEDIR: &str = "unexpected error during closedir";
const PASS: &str = "correct horse battery";
/// Records of the site; the second release withdraws the first of them.
const RECORDS: u32 = 8;
/// The film of the first two sites, by its seed; the third has another.
const OLD_FILM: u8 = 9;
const FILM_BYTES: usize = 250_000;

/// What all workloads begin with. Shared by the tests that run, and gone with the last of them.
pub struct Lab {
    top: tempfile::TempDir,
    invite: String,
    /// Serves release 1.
    _node: Mutex<Node>,
}

impl Lab {
    pub fn get() -> Arc<Self> {
        static LAB: Mutex<Weak<Lab>> = Mutex::new(Weak::new());
        let mut lab = LAB.lock().unwrap_or_else(PoisonError::into_inner);
        lab.upgrade().unwrap_or_else(|| {
            let made = Arc::new(Self::new());
            *lab = Arc::downgrade(&made);
            made
        })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn new() -> Self {
        let top = scratch();
        let path = |name: &str| top.path().join(name);
        let text = |name: &str| path(name).display().to_string();
        std::fs::write(path("pass"), format!("{PASS}\n")).unwrap();
        for (release, first, film_of) in
            [("site", 0, OLD_FILM), ("site-2", 1, OLD_FILM), ("site-3", 0, 10)]
        {
            for n in first..RECORDS {
                write(&path(release), &format!("records/r{n:02}.json"), record(n).as_bytes());
            }
            write(&path(release), "index.html", b"<html lang=en><p>fictional</html>");
            write(&path(release), "media/film.bin", &film(FILM_BYTES, film_of));
        }
        let (created, published) = (path("created"), path("published"));
        cheap_key(&created.join("keys/maintainer.key"));
        let pass = text("pass");
        let named = ["archive", "create", "--name", "Faults (fictional)"];
        ok(&created, &[&named[..], &["--passphrase-file", &pass]].concat());
        copy(&created, &published);
        ok(&published, &["publish", &text("site"), "--passphrase-file", &pass]);
        ok(&published, &["export", &text("one.car")]);
        ok(&path("reader"), &["import", &text("one.car")]);
        copy(&published, &path("second"));
        let second = path("second");
        let gone = ["withdraw", "records/r00.json", "--reason", "withheld", "--urgent"];
        ok(&second, &[&gone[..], &["--passphrase-file", &pass]].concat());
        ok(&second, &["publish", &text("site-2"), "--passphrase-file", &pass]);
        ok(&second, &["export", &text("two.car")]);
        copy(&published, &path("grown"));
        ok(&path("grown"), &["publish", &text("site-3"), "--passphrase-file", &pass]);
        copy(&published, &path("served"));
        let mut args =
            vec!["mirror", "--no-lan", "--loopback-peers", "--yes", "--json", "--listen"];
        args.push("/ip4/127.0.0.1/tcp/0");
        let mut node = Node::start(yadgar(&path("served"), &args));
        let event = node.wait(|e| e["event"] == "listening");
        node.address = event["address"].as_str().unwrap().to_owned();
        let invite = ok(&published, &["invite", "--address", &node.address]);
        Self { invite: invite["invite"].as_str().unwrap().to_owned(), top, _node: Mutex::new(node) }
    }
}

fn record(n: u32) -> String {
    format!("{{\"schema\":\"victim/1\",\"n\":{n},\"fictional\":true,\"text\":\"of record {n}\"}}")
}

/// A key file that opens at once: one made by the program takes a second on purpose.
fn cheap_key(path: &Path) {
    use ed25519_dalek::SigningKey;
    let seed = [11; 32];
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let public = yadgar_protocol::ids::base32(&public);
    let mut recipient = age::scrypt::Recipient::new(PASS.to_owned().into());
    recipient.set_work_factor(4);
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).unwrap();
    let format = age::armor::Format::AsciiArmor;
    let armor = age::armor::ArmoredWriter::wrap_output(Vec::new(), format).unwrap();
    let mut writer = encryptor.wrap_output(armor).unwrap();
    writer.write_all(&seed).unwrap();
    let sealed = String::from_utf8(writer.finish().unwrap().finish().unwrap()).unwrap();
    let text = format!("yadgar key file, version 1\npublic {public}\n{sealed}");
    yadgar::durable::create_dir_durable(path.parent().unwrap()).unwrap();
    yadgar::durable::write_atomic(path, text.as_bytes(), yadgar::durable::Mode::Private).unwrap();
}

pub fn yadgar(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yadgar"));
    command.env_remove("YADGAR_HOME").arg("--home").arg(home).args(args).stdin(Stdio::null());
    command
}

/// Runs with `--json`, expects success, gives the last line.
pub fn ok(home: &Path, args: &[&str]) -> Value {
    ok_after(home, args, "nothing")
}

fn ok_after(home: &Path, args: &[&str], how: &str) -> Value {
    let output = yadgar(home, args).arg("--json").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let status = output.status;
    assert!(status.success(), "{args:?} after {how}: {status:?} {stderr} {stdout}");
    serde_json::from_str(stdout.lines().last().unwrap_or("null")).unwrap()
}

pub fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

/// A command of the program.
pub struct Program {
    pub name: &'static str,
    /// The home that it begins with.
    pub begins: Option<&'static str>,
    /// What it is called with; `SITE`, `PASS` and the like stand for paths of the lab, `CAR` and `OUT` for what it makes
    /// in the home.
    pub args: &'static [&'static str],
    /// Runs until it is told to end.
    pub stays: bool,
    /// The release that is whole afterwards.
    pub release: u64,
    /// Nothing of the record that is withdrawn may be left.
    pub erases: bool,
    /// Nothing of the film may be left that only the first release has.
    pub frees: bool,
}

/// What `CAR` and `OUT` are in a home.
const CAR: &str = "made.car";
const OUT: &str = "made";

impl Program {
    fn args(&self, home: &Path) -> Vec<String> {
        let lab = Lab::get();
        let text = |arg: &&str| match *arg {
            "SITE" => lab.text("site"),
            "PASS" => lab.text("pass"),
            "ONE" => lab.text("one.car"),
            "TWO" => lab.text("two.car"),
            "INVITE" => lab.invite.clone(),
            "CAR" => home.join(CAR).display().to_string(),
            "OUT" => home.join(OUT).display().to_string(),
            other => other.to_owned(),
        };
        self.args.iter().map(text).collect()
    }

    /// What the program said was done is done.
    pub fn holds(&self, home: &Path, how: &str) {
        let status = ok_after(home, &["status"], how);
        let archive = &status["archives"][0];
        assert_eq!(archive["complete"], self.release, "{how}: {status}");
        assert_eq!(archive["trusted"], self.release, "{how}: {status}");
        assert_eq!(archive["withdrawn"], u64::from(self.erases), "{how}: {status}");
        let verified = ok_after(home, &["verify"], how);
        assert_eq!(verified["ok"], true, "{how}: {verified}");
        if self.erases {
            let text = record(0);
            let found = files(home).into_iter().find(|file| {
                memchr::memmem::find(&std::fs::read(file).unwrap(), text.as_bytes()).is_some()
            });
            assert_eq!(found, None, "what was withdrawn is still there: {how}");
        }
        if self.frees {
            let left = ok_after(home, &[self.args, &["--dry-run"]].concat(), how);
            assert_eq!(left["gc"]["blocks_erased"], 0, "{how}: {left}");
            // Any stretch of it: it is in blocks, and no block is as short.
            let old = film(FILM_BYTES, OLD_FILM);
            let found = files(home).into_iter().find(|file| {
                let bytes = std::fs::read(file).unwrap();
                let mut pieces = old.chunks(64).step_by(99);
                pieces.any(|piece| memchr::memmem::find(&bytes, piece).is_some())
            });
            assert_eq!(found, None, "what was freed is still there: {how}");
        }
        if self.args.contains(&"CAR") {
            assert!(home.join(CAR).exists(), "no carrier: {how}");
        }
        if self.args.contains(&"OUT") {
            let site = Lab::get().path("site");
            for file in files(&site) {
                let out = home.join(OUT).join(file.strip_prefix(&site).unwrap());
                assert!(out.exists(), "{} is not there: {how}", out.display());
            }
        }
        self.made_whole(home, how);
    }

    /// Whatever is there of what it makes is there whole, said or not.
    pub fn made_whole(&self, home: &Path, how: &str) {
        let lab = Lab::get();
        let car = home.join(CAR);
        if car.exists() {
            let same = std::fs::read(&car).unwrap() == std::fs::read(lab.path("one.car")).unwrap();
            assert!(same, "the carrier is not whole: {how}");
        }
        let out = home.join(OUT);
        let visible =
            |file: &PathBuf| !file.file_name().unwrap().to_string_lossy().starts_with('.');
        let made = if out.exists() { files(&out) } else { Vec::new() };
        for file in made.into_iter().filter(visible) {
            let of = lab.path("site").join(file.strip_prefix(&out).unwrap());
            let same = std::fs::read(&file).unwrap() == std::fs::read(of).unwrap();
            assert!(same, "{} is not whole: {how}", file.display());
        }
    }

    /// The same again, which ends well, whatever the first had come to.
    pub fn again(&self, home: &Path, how: &str) {
        let args = if self.stays { FETCH.args(home) } else { self.args(home) };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        ok_after(home, &args, how);
        self.holds(home, how);
        if self.stays {
            ok_after(home, &["peers"], how);
        }
        for file in files(home) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            assert!(!name.ends_with(".tmp") && !name.contains("part"), "{name} is left: {how}");
        }
    }
}

/// All files of a home.
fn files(home: &Path) -> Vec<PathBuf> {
    let (mut found, mut todo) = (Vec::new(), vec![home.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                todo.push(entry.path());
            } else if kind.is_file() && entry.file_name() != "parts.json" {
                found.push(entry.path());
            }
        }
    }
    found
}

impl Workload for Program {
    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&self, dir: &Path) {
        let lab = Lab::get();
        if let Some(begins) = self.begins {
            copy(&lab.path(begins), dir);
        }
    }

    fn command(&self, dir: &Path) -> Command {
        let args = self.args(dir);
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        args.push("--json");
        yadgar(dir, &args)
    }

    fn run(&self, mut command: Command) -> Ended {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawned.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || text_of(stderr));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (stays, tracer) = (self.stays, child.id());
        let stdout = std::thread::spawn(move || {
            let mut text = String::new();
            for line in stdout.lines().map_while(Result::ok) {
                if stays && line.contains("\"event\":\"complete\"") {
                    end(tracer, "-TERM");
                }
                text.push_str(&line);
                text.push('\n');
            }
            text
        });
        let hangs = wait(&mut child, if self.stays { PATIENCE / 25 } else { PATIENCE });
        if hangs {
            // A mirror that lacks something goes on asking for it: it is told to end.
            end(tracer, if self.stays { "-TERM" } else { "-KILL" });
            if wait(&mut child, PATIENCE) {
                end(tracer, "-KILL");
            }
        }
        let status = child.wait().unwrap();
        let mut stderr = stderr.join().unwrap();
        if hangs && !self.stays {
            stderr.push_str(HANGS);
        }
        Ended { status, stdout: stdout.join().unwrap(), stderr, elsewhere: false }
    }

    fn check(&self, dir: &Path, ended: &Ended, how: &str) {
        let stderr = &ended.stderr;
        let panics = stderr.matches("panicked at").count() - stderr.matches(CLOSEDIR).count();
        let sane = panics == 0 && !stderr.contains(HANGS);
        assert!(sane || ended.elsewhere, "{how}: {stderr}");
        if ended.status.success() && !self.stays {
            self.holds(dir, how);
        }
        if ended.status.code().is_some_and(|code| code != 0) {
            assert!(!stderr.trim().is_empty(), "failed without a word: {how}");
        }
        self.made_whole(dir, how);
        self.again(dir, how);
    }
}

/// Signals the program that a tracer runs.
fn end(tracer: u32, signal: &str) {
    let children = std::fs::read_to_string(format!("/proc/{tracer}/task/{tracer}/children"));
    for pid in children.unwrap_or_default().split_whitespace() {
        let _ = Command::new("kill").args([signal, pid]).stderr(Stdio::null()).status();
    }
}

/// True when it has not ended by then.
fn wait(child: &mut Child, most: Duration) -> bool {
    let until = Instant::now() + most;
    while Instant::now() < until {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

fn text_of(mut from: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.by_ref().read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
