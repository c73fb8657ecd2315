//! `yadgar export --site` as people use it: the program, a kill, a running node, proofs, and a real browser that opens
//! files. Screenshots go to `target/screenshots/`.

use crate::common::Home;
use crate::static_site::crawl;
use crawl::{crawl, files};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const DAY: &str = "2026-06-03";

fn publisher() -> Home {
    let home = Home::publisher("یادمان نمونه (ساختگی)");
    home.publish(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sample-archive"));
    home
}

#[test]
fn a_killed_export_is_finished_beside_a_node_and_its_proofs_are_good() {
    let home = publisher();
    let (torn, whole) = (home.beside("torn"), home.beside("whole"));
    let args = ["export", "--site", &torn, "--date", DAY];
    let mut child =
        home.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // As soon as there are pages; if it was faster than that, there is nothing to finish and the rest holds.
    let started = Path::new(&torn).join("fa/p");
    while !started.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let node = home.mirror(&[], &[]);
    let done = home.ok(&args);
    assert_eq!((done["records"].as_u64(), done["proofs"].as_u64()), (Some(44), Some(44)));
    drop(node);
    home.ok(&["export", "--site", &whole, "--date", DAY]);
    let found = files(Path::new(&whole));
    assert!(files(Path::new(&torn)) == found, "the finished folder differs");
    let (wrong, _) = crawl(&found);
    assert!(wrong.is_empty(), "{wrong:#?}");

    // A proof is checked where there is no archive, in the words that the page says.
    let nobody = Home::new();
    let status = home.ok(&["status"]);
    let id = status["archives"][0]["archive"].as_str().unwrap().to_owned();
    let proof = found.keys().find(|name| name.starts_with("proofs/")).unwrap();
    let person = proof.replacen("proofs/", "en/p/", 1).replace(".cbor", ".html");
    let page = String::from_utf8(found[&person].clone()).unwrap();
    assert!(page.contains(&format!("yadgar verify --proof {proof}")), "{person}");
    let file = format!("{whole}/{proof}");
    assert_eq!(nobody.ok(&["verify", "--proof", &file, "--archive", &id])["ok"], true);
    // A changed one is not.
    let mut bytes = found[proof].clone();
    let last = bytes.len() - 200;
    bytes[last] ^= 1;
    let bad = nobody.beside("bad.cbor");
    std::fs::write(&bad, bytes).unwrap();
    nobody.fails(&["verify", "--proof", &bad], 3);
}

#[test]
fn mistakes_are_told_with_the_next_step() {
    let home = publisher();
    let full = home.beside("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(format!("{full}/letter.txt"), "mine").unwrap();
    let said = home.fails(&["export", "--site", &full], 2);
    assert!(said.contains("is not empty") && said.contains("/memorial"), "{said}");
    let said = home.fails(&["export"], 2);
    assert!(said.contains("--site"), "{said}");
    home.fails(&["export", "--site", &full, "file.car"], 2);
    home.fails(&["export", "file.car", "--date", DAY], 2);
    let new = home.beside("new");
    let said = home.fails(&["export", "--site", &new, "--date", "3 June"], 2);
    assert!(said.contains("2026-01-31"), "{said}");
    let said = home.fails(&["export", "--site", &new, "--part", "films"], 2);
    assert!(said.contains("'films'") && !Path::new(&new).exists(), "{said}");
}

/// The browser, or `None` with a line that says what was not tested.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let found = named.into_iter().chain(usual.map(PathBuf::from)).find(|p| p.exists());
    if found.is_none() {
        let required = std::env::var_os("YADGAR_REQUIRE_CHROMIUM").is_some_and(|v| v == "1");
        assert!(!required, "no chromium");
        eprintln!("SKIPPED: no chromium");
    }
    found
}

/// A browser in which the user has switched scripts off.
struct Browser {
    program: PathBuf,
    profile: tempfile::TempDir,
}

impl Browser {
    fn new(program: PathBuf) -> Self {
        let profile = tempfile::tempdir().unwrap();
        std::fs::create_dir(profile.path().join("Default")).unwrap();
        let off = r#"{"profile":{"default_content_setting_values":{"javascript":2}}}"#;
        std::fs::write(profile.path().join("Default/Preferences"), off).unwrap();
        Self { program, profile }
    }

    fn run(&self, extra: &[String], file: &Path) -> String {
        let output = Command::new(&self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", self.profile.path().display()))
            .args(extra)
            .arg(format!("file://{}", file.display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn picture(&self, file: &Path, to: &Path, width: u32, height: u32) -> Vec<u8> {
        let _ = std::fs::remove_file(to);
        let size = format!("--window-size={width},{height}");
        self.run(&[size, format!("--screenshot={}", to.display())], file);
        std::fs::read(to).unwrap()
    }

    /// The picture that comes twice in a row: on a busy machine one may be taken before the font is there.
    fn steady(&self, file: &Path, to: &Path) -> Vec<u8> {
        let mut last = self.picture(file, to, 1280, 900);
        for _ in 0..8 {
            let next = self.picture(file, to, 1280, 900);
            if next == last {
                return next;
            }
            last = next;
        }
        panic!("the picture of {} is never the same twice", file.display());
    }
}

#[test]
fn a_browser_opens_it_from_files() {
    let Some(program) = chromium() else { return };
    let home = publisher();
    let out = PathBuf::from(home.beside("out"));
    home.ok(&["export", "--site", out.to_str().unwrap(), "--date", DAY]);
    let browser = Browser::new(program);
    let script = PathBuf::from(home.beside("script.html"));
    std::fs::write(&script, "<p>off</p><script>document.body.textContent='on'</script>").unwrap();
    assert!(browser.run(&["--dump-dom".into()], &script).contains("<p>off</p>"), "scripts run");

    let shots = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    std::fs::create_dir_all(&shots).unwrap();
    let key = "2f/2f4ja5iockvhwmeqgaaylwdxry";
    for lang in ["fa", "en"] {
        let person = format!("p/{key}.html");
        let pages =
            ["index.html", "n/1.html", "find.html", "t.html", "m.html", "shutdown.html", &person];
        for page in pages {
            let file = out.join(lang).join(page);
            let name = page.replace('/', "-").replace(".html", "");
            for (width, height) in [(360, 2000), (1280, 1600)] {
                let to = shots.join(format!("folder-{lang}-{name}-{width}.png"));
                assert!(browser.picture(&file, &to, width, height).len() > 5000, "{page} is empty");
            }
        }
    }
    browser.picture(&out.join("index.html"), &shots.join("folder-index-360.png"), 360, 700);

    // What the page says it may load, it does load from files: without it the picture is another one.
    let cover = out.join("fa/index.html");
    let to = PathBuf::from(home.beside("shot.png"));
    let with_all = browser.steady(&cover, &to);
    for missing in ["a/regular.woff2", "a/style.css"] {
        std::fs::rename(out.join(missing), home.beside("aside")).unwrap();
        assert!(with_all != browser.steady(&cover, &to), "{missing} is not loaded");
        std::fs::rename(home.beside("aside"), out.join(missing)).unwrap();
    }
    let portrait = files(&out).into_keys().find(|name| name.starts_with("i/")).unwrap();
    let owner = portrait.replacen("i/", "fa/p/", 1);
    let owner = out.join(owner.rsplit_once("-1.").map(|(stem, _)| format!("{stem}.html")).unwrap());
    let with_portrait = browser.steady(&owner, &to);
    std::fs::remove_file(out.join(&portrait)).unwrap();
    assert!(with_portrait != browser.steady(&owner, &to), "pictures are not loaded");
}
