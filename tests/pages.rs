//! The pages in a real browser: Chromium, headless. Without one the tests say so and pass, unless
//! `YADGAR_REQUIRE_CHROMIUM=1`.
//!
//! Screenshots go to `target/screenshots/`, for people to look at.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;
use yadgar::reader::{ArchiveView, Lang, ReaderConfig, Served, ViewInfo, serve};
use yadgar::store::{BlockStore, MemoryStore};
use yadgar_protocol::blocks::Packed;

#[path = "common/sample.rs"]
mod sample;
use sample::Sample;

/// The browser, or `None` with a line that says what was not tested.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let found = named.into_iter().chain(usual.map(PathBuf::from)).find(|p| p.exists());
    if found.is_none() {
        assert!(
            std::env::var_os("YADGAR_REQUIRE_CHROMIUM").is_none_or(|v| v != "1"),
            "no chromium"
        );
        eprintln!("SKIPPED: no chromium");
    }
    found
}

struct Browser {
    program: PathBuf,
    profile: tempfile::TempDir,
}

impl Browser {
    fn new(program: PathBuf) -> Self {
        Self { program, profile: tempfile::tempdir().unwrap() }
    }

    /// Runs the browser on one page and gives what it printed.
    fn run(&self, extra: &[String], url: &str) -> String {
        let output = Command::new(&self.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", self.profile.path().display()))
            .args(extra)
            .arg(url)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn dom(&self, url: &str) -> String {
        self.run(&["--dump-dom".into()], url)
    }

    fn screenshot(&self, url: &str, name: &str, width: u32, height: u32, dark: bool) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        let _ = std::fs::remove_file(&file);
        let mut args = vec![
            format!("--window-size={width},{height}"),
            format!("--screenshot={}", file.display()),
        ];
        if dark {
            args.push("--blink-settings=preferredColorScheme=0".into());
        }
        self.run(&args, url);
        assert!(std::fs::metadata(&file).unwrap().len() > 5000, "{name} is empty");
    }
}

async fn start(sample: Sample) -> (Served, CancellationToken) {
    let store = MemoryStore::new();
    let packed = |(id, data): (yadgar_protocol::BlockId, Vec<u8>)| Packed::plain(id.codec, data);
    store.put(sample.blocks.into_iter().map(packed).collect()).unwrap();
    let learned = Some("2026-06-03".into());
    let info =
        ViewInfo { trusted_sequence: 1, source: "carrier".into(), learned, ..ViewInfo::default() };
    let view = Arc::new(ArchiveView::new(Arc::new(store), sample.accepted, info));
    let stop = CancellationToken::new();
    let config = ReaderConfig { bind: [127, 0, 0, 1].into(), port: None, lang: Lang::Fa };
    let views = Arc::new(move || vec![view.clone()]);
    (serve(config, views, stop.clone()).await.unwrap(), stop)
}

/// A record that has two names, an age, a city and a story.
const PERSON: &str = "2f4ja5iockvhwmeqgaaylwdxry";

fn pages_of(served: &Served) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for lang in ["fa", "en"] {
        for (name, path) in [("start", ""), ("people", "p/"), ("person", &format!("p/{PERSON}"))] {
            all.push((format!("{name}-{lang}"), format!("http://{}/{lang}/{path}", served.pages)));
        }
    }
    let site = served.sites[0].1;
    all.push(("site-fa".into(), format!("http://{site}/")));
    all.push(("site-en".into(), format!("http://{site}/en/")));
    all.push(("error-fa".into(), format!("http://{}/fa/nothing", served.pages)));
    all.push(("site-error".into(), format!("http://{site}/nothing")));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_look_right() {
    let Some(program) = chromium() else { return };
    let (served, _stop) = start(Sample::of_repository()).await;
    let pages = pages_of(&served);
    tokio::task::spawn_blocking(move || {
        let browser = Browser::new(program);
        for (name, url) in &pages {
            browser.screenshot(url, &format!("{name}-360.png"), 360, 1800, false);
            browser.screenshot(url, &format!("{name}-1280.png"), 1280, 1400, false);
        }
        for (name, url) in &pages[..3] {
            browser.screenshot(url, &format!("{name}-dark-360.png"), 360, 1800, true);
        }
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_what_they_should() {
    let Some(program) = chromium() else { return };
    let (served, _stop) = start(Sample::of_repository()).await;
    let at = served.pages;
    let doms = tokio::task::spawn_blocking(move || {
        let browser = Browser::new(program);
        let page = |path: &str| browser.dom(&format!("http://{at}{path}"));
        [page("/"), page("/en/"), page("/fa/p/"), page(&format!("/fa/p/{PERSON}"))]
    });
    let [fa, en, people, person] = doms.await.unwrap();
    assert!(fa.contains("<html lang=\"fa\" dir=\"rtl\">") && fa.contains("درستی‌اش سنجیده شده است"));
    assert!(en.contains("<html lang=\"en\" dir=\"ltr\">") && en.contains("Checked and unaltered"));
    assert_eq!(people.matches("class=\"who\"").count(), 44);
    assert!(person.contains("<bdi>روژان گندم‌خورشید</bdi>") && person.contains("ساختگی"));
}

/// Anything an archived page could try, aimed at a listener that counts.
fn hostile_site(canary: SocketAddr) -> Vec<(String, Vec<u8>)> {
    let c = format!("http://{canary}");
    let page = format!(
        r#"<!doctype html><html><head><meta charset="utf-8"><title>x</title>
<link rel="preconnect" href="{c}"><link rel="dns-prefetch" href="{c}"><link rel="prefetch" href="{c}/1">
<link rel="preload" as="image" href="{c}/2"><link rel="modulepreload" href="{c}/3">
<link rel="prerender" href="{c}/4"><link rel="stylesheet" href="{c}/5.css"><link rel="icon" href="{c}/6">
<link rel="manifest" href="{c}/7"><script src="{c}/8.js"></script>
<script type="speculationrules">{{"prefetch":[{{"urls":["{c}/9"]}}],"prerender":[{{"urls":["{c}/9b"]}}]}}</script>
<script>document.title='ran'; new Image().src='{c}/10'; fetch('{c}/11'); navigator.sendBeacon('{c}/12');
new WebSocket('ws://{canary}/13'); location='{c}/14'</script>
<style>@import url("{c}/15.css"); @font-face{{font-family:f;src:url({c}/16.woff2)}}
body{{font-family:f;background:url({c}/17)}} p::after{{content:url({c}/18)}}</style>
<meta http-equiv="refresh" content="0;url={c}/19"></head>
<body onload="location='{c}/20'" background="{c}/21"><p style="background:url({c}/22)">INLINE-STYLED
<img src="{c}/23" srcset="{c}/24 2x"><img src=x onerror="location='{c}/25'"><video src="{c}/26" poster="{c}/27" autoplay></video>
<audio src="{c}/28" autoplay></audio><iframe src="{c}/29"></iframe><iframe srcdoc="<img src={c}/30>"></iframe>
<object data="{c}/31"></object><embed src="{c}/32"><svg><image href="{c}/33"/><use href="{c}/34#a"/></svg>
<form action="{c}/35"><input autofocus onfocus="this.form.submit()"></form><picture><source srcset="{c}/36"><img></picture>
<input type="image" src="{c}/37"><table background="{c}/38"><tr><td>x</table><a href="{c}/39" ping="{c}/40">a</a>
<p>END-OF-PAGE</body></html>"#
    );
    vec![("index.html".into(), page.into_bytes())]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_an_archived_page() {
    let Some(program) = chromium() else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let canary = listener.local_addr().unwrap();
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = hits.clone();
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let sample = Sample::new("hostile", 1, &[("core", hostile_site(canary))]);
    let (served, _stop) = start(sample).await;
    let url = format!("http://{}/", served.sites[0].1);
    let looked = tokio::task::spawn_blocking(move || {
        let browser = Browser::new(program);
        let dom = browser.run(&["--dump-dom".into(), "--timeout=4000".into()], &url);
        // The counter counts: the same browser, sent there on purpose, is seen.
        let before = hits.load(Ordering::SeqCst);
        let direct = format!("http://{canary}/");
        browser.run(&["--dump-dom".into(), "--timeout=1000".into()], &direct);
        (dom, before, hits.load(Ordering::SeqCst))
    });
    let (dom, before, after) = looked.await.unwrap();
    assert!(dom.contains("END-OF-PAGE") && dom.contains("<title>x</title>"), "{dom}");
    assert_eq!(before, 0, "connections left the page");
    assert!(after > 0, "the listener counts nothing");
}

/// One answer of the server: its type and its content.
fn fetch(at: SocketAddr, path: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(at).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    let media = head.lines().find_map(|l| l.strip_prefix("content-type: ")).unwrap_or_default();
    (media.to_owned(), all[end + 4..].to_vec())
}

/// Passes the pages on without the headers that forbid frames and scripts; under `/frame` it gives
/// a page that shows one of them 360 pixels wide and writes down how wide its content is. (The
/// pages themselves run no script, and the browser's own window is never that narrow.)
fn measuring_copy(of: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let Some(path) = line.split(' ').nth(1) else { continue };
            let (media, body) = match path.strip_prefix("/frame") {
                Some(path) => ("text/html".to_owned(), frame(path).into_bytes()),
                None => fetch(of, path),
            };
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nConnection: close\r\n\r\n");
            // The browser may have gone away; the page then lacks its mark and the test fails.
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    at
}

fn frame(path: &str) -> String {
    format!(
        "<iframe style='width:360px;height:800px;border:0' src='{path}' onload='\
         const e=this.contentDocument.documentElement;\
         for(const d of e.querySelectorAll(`details`))d.open=true;\
         document.body.dataset.measured=e.clientWidth+`/`+e.scrollWidth'></iframe>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_wider_than_a_phone() {
    let Some(program) = chromium() else { return };
    let (served, _stop) = start(Sample::of_repository()).await;
    let copy = measuring_copy(served.pages);
    tokio::task::spawn_blocking(move || {
        let browser = Browser::new(program);
        for lang in ["fa", "en"] {
            for path in ["", "p/", &format!("p/{PERSON}"), "nothing"] {
                let url = format!("http://{copy}/frame/{lang}/{path}");
                let dom = browser.run(&["--dump-dom".into()], &url);
                assert!(
                    dom.contains("data-measured=\"360/360\""),
                    "{url}: {}",
                    dom.chars().take(200).collect::<String>()
                );
            }
        }
    })
    .await
    .unwrap();
}
