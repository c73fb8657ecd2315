//! The steps of the demo, in the order in which they are told.

use super::child::{Node, run};
use crate::cli::ui::size;
use crate::cli::{CliError, Exit, Lang, Ui};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Bytes of a page that are looked at.
const MAX_PAGE_BYTES: u64 = 1 << 20;

/// The stage: where things are.
pub struct Demo<'a> {
    ui: &'a Ui,
    program: PathBuf,
    folder: &'a Path,
    source: PathBuf,
}

impl<'a> Demo<'a> {
    /// A demo in `folder` that publishes `source`.
    pub fn new(ui: &'a Ui, folder: &'a Path, source: PathBuf) -> Result<Self, CliError> {
        let program = std::env::current_exe().map_err(|e| CliError::failed("this program", e))?;
        Ok(Self { ui, program, folder, source })
    }

    /// All of it.
    pub fn run(&self, exit: bool, no_browser: bool) -> Result<(), CliError> {
        let started = Instant::now();
        let archive = self.publish()?;
        let (publisher, first) = self.mirror("publisher", None)?;
        let invite = self.invite("publisher", &[first])?;
        let (mirror_a, address_a) = self.mirror("mirror-a", Some(&invite))?;
        let (mirror_b, address_b) = self.mirror("mirror-b", Some(&invite))?;
        for (name, node) in [("mirror-a", &mirror_a), ("mirror-b", &mirror_b)] {
            self.replicated(name, node, &archive)?;
        }
        publisher.kill();
        self.tell(
            "The publisher is gone: its process was killed and its home deleted.",
            "ناشر از میان رفت: فرایندش کشته و خانه‌اش پاک شد.",
        );
        self.forget("publisher")?;
        let invite = self.invite("mirror-a", &[address_a, address_b])?;
        self.fetch(&invite)?;
        self.verify()?;
        let reader = self.open()?;
        let seconds = started.elapsed().as_secs_f32();
        self.tell(
            &format!("Done in {seconds:.1} s: published, mirrored, lost, fetched, verified, read."),
            &format!(
                "در {seconds:.1} ثانیه انجام شد: انتشار، آینه، از دست رفتن، دریافت، سنجش، خواندن."
            ),
        );
        self.ui.json(&serde_json::json!({ "done": true, "archive": archive, "seconds": seconds }));
        if !exit {
            self.stay(&reader, no_browser)?;
        }
        Ok(())
    }

    fn tell(&self, en: &str, fa: &str) {
        self.ui.say(en, fa);
    }

    /// A command line as a user would type it, on a home of its own.
    fn yadgar(&self, home: &str, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--home").arg(self.folder.join(home)).arg("--json").args(args);
        command.env_remove("YADGAR_HOME");
        command
    }

    fn publish(&self) -> Result<String, CliError> {
        let passphrase = self.folder.join("passphrase");
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|e| CliError::failed("no random numbers", e))?;
        std::fs::write(&passphrase, yadgar_protocol::ids::base32(&random))
            .map_err(|e| CliError::failed(passphrase.display(), e))?;
        let pass = passphrase.display().to_string();
        let pass = ["--passphrase-file", pass.as_str()];
        let with = |args: &[&str]| {
            let all: Vec<&str> = args.iter().chain(&pass).copied().collect();
            self.yadgar("publisher", &all)
        };
        let key = run("key new", with(&["key", "new"]))?;
        self.tell(
            &format!("A maintainer makes a key: {}", text(&key, "key_id")),
            &format!("یک نگه‌دارنده کلید می‌سازد: {}", text(&key, "key_id")),
        );
        let name = "Yadgar sample archive (fictional)";
        let made = run("archive create", with(&["archive", "create", "--name", name]))?;
        let archive = text(&made, "archive");
        self.tell(&format!("and an archive: {archive}"), &format!("و یک بایگانی: {archive}"));
        let source = self.source.display().to_string();
        let started = Instant::now();
        let done = run("publish", with(&["publish", &source, "--part", "portraits=portraits/**"]))?;
        let parts = done["parts"].as_array().cloned().unwrap_or_default();
        let files: u64 = parts.iter().filter_map(|p| p["files"].as_u64()).sum();
        let bytes: u64 = parts.iter().filter_map(|p| p["bytes"].as_u64()).sum();
        let (records, seconds) = (&done["records"], started.elapsed().as_secs_f32());
        let bytes = size(bytes);
        self.tell(
            &format!("Published release 1: {files} files, {records} records, {bytes}, signed, in {seconds:.1} s"),
            &format!("نسخه‌ی ۱ امضا شد: {files} فایل، {records} پرونده، {bytes}، در {seconds:.1} ثانیه"),
        );
        Ok(archive)
    }

    /// Starts a mirror node and waits until it listens.
    fn mirror(&self, home: &'static str, invite: Option<&str>) -> Result<(Node, String), CliError> {
        let mut args = vec!["mirror", "--listen", "/ip4/127.0.0.1/tcp/0", "--no-mdns", "--yes"];
        args.extend(invite);
        let node = Node::start(home, self.yadgar(home, &args))?;
        let address =
            node.wait(|event| (event["event"] == "listening").then(|| text(event, "address")))?;
        self.tell(
            &format!("Node {home} runs: {address}"),
            &format!("گره {home} در کار است: {address}"),
        );
        Ok((node, address))
    }

    fn invite(&self, home: &str, addresses: &[String]) -> Result<String, CliError> {
        let mut args = vec!["invite"];
        for address in addresses {
            args.extend(["--address", address]);
        }
        Ok(text(&run("invite", self.yadgar(home, &args))?, "invite"))
    }

    fn replicated(&self, name: &str, node: &Node, archive: &str) -> Result<(), CliError> {
        let event = node.wait(|event| {
            let here = event["event"] == "complete" && event["archive"] == archive;
            here.then(|| event.clone())
        })?;
        let (sequence, bytes) = (&event["sequence"], size(event["bytes"].as_u64().unwrap_or(0)));
        self.tell(
            &format!(
                "{name} holds release {sequence} complete: {bytes} received, every block checked"
            ),
            &format!(
                "{name} نسخه‌ی {sequence} را کامل دارد: {bytes} دریافت شد، همه‌ی بلوک‌ها سنجیده شد"
            ),
        );
        Ok(())
    }

    fn forget(&self, home: &str) -> Result<(), CliError> {
        let home = self.folder.join(home);
        std::fs::remove_dir_all(&home).map_err(|e| CliError::failed(home.display(), e))
    }

    fn fetch(&self, invite: &str) -> Result<(), CliError> {
        self.tell("A newcomer has nothing but this invite:", "تازه‌واردی جز این دعوت چیزی ندارد:");
        self.tell(&format!("  {invite}"), &format!("  {invite}"));
        let done = run("fetch", self.yadgar("reader", &["fetch", invite]))?;
        let bytes = done["wire_bytes"].as_u64().unwrap_or(0);
        let (sources, seconds) = (&done["sources"], done["seconds"].as_f64().unwrap_or(0.0));
        let rate = size((bytes as f64 / seconds.max(0.001)) as u64);
        let bytes = size(bytes);
        self.tell(
            &format!("It fetched {bytes} from {sources} mirrors in {seconds:.2} s ({rate}/s)"),
            &format!("{bytes} از {sources} آینه در {seconds:.2} ثانیه دریافت شد ({rate} در ثانیه)"),
        );
        Ok(())
    }

    fn verify(&self) -> Result<(), CliError> {
        let done = run("verify", self.yadgar("reader", &["verify"]))?;
        if done["ok"] != true {
            return Err(CliError::new(Exit::Damaged, "the fetched archive does not verify"));
        }
        self.tell(
            &format!("Verified offline: {} blocks against the archive's own keys", done["blocks"]),
            &format!("بی‌نیاز به شبکه سنجیده شد: {} بلوک با کلیدهای خود بایگانی", done["blocks"]),
        );
        Ok(())
    }

    fn open(&self) -> Result<(Node, String), CliError> {
        let node = Node::start("open", self.yadgar("reader", &["open", "--no-browser"]))?;
        let (pages, site) = node.wait(|event| {
            let site = event["sites"].get(0).and_then(|s| s["url"].as_str());
            (event["event"] == "serving")
                .then(|| (text(event, "url"), site.unwrap_or_default().to_owned()))
        })?;
        let lang = self.ui.pick("en", "fa");
        let start = get(&format!("{pages}{lang}/"))?;
        let front = get(&site)?;
        if !start.contains("<html") || !front.contains("<html") {
            return Err(CliError::new(Exit::Failed, "the reader's pages do not answer"));
        }
        self.tell(
            &format!("The reader serves it: start page {pages}  archived site {site}"),
            &format!("خواننده آن را نشان می‌دهد: صفحه‌ی آغاز {pages}  سایت بایگانی‌شده {site}"),
        );
        Ok((node, pages))
    }

    fn stay(&self, reader: &(Node, String), no_browser: bool) -> Result<(), CliError> {
        let (node, url) = reader;
        self.tell(
            &format!("Open {url} in a browser. Ctrl-C ends the demo and deletes everything."),
            &format!(
                "{url} را در مرورگر باز کنید. Ctrl-C نمایش را پایان می‌دهد و همه چیز را پاک می‌کند."
            ),
        );
        if !no_browser {
            crate::cli::open::browser(url);
        }
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        crate::cli::stop_on_ctrl_c(&stop);
        while !stop.load(std::sync::atomic::Ordering::SeqCst) && node.is_running() {
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// Gets a page over plain HTTP/1.0; enough to see that the reader answers.
fn get(url: &str) -> Result<String, CliError> {
    let failed = |e: std::io::Error| CliError::failed(url, e);
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(failed)?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").map_err(failed)?;
    let mut page = Vec::new();
    stream.take(MAX_PAGE_BYTES).read_to_end(&mut page).map_err(failed)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

impl Lang {
    /// The code in paths and HTML.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fa => "fa",
            Self::En => "en",
        }
    }
}
