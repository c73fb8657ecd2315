//! The same hostile material opened from files, as from a stick: no server and no policy stand between it and the browser, and scripts
//! are on. Only what was written decides.

use crate::chrome::{Chrome, Seen};
use crate::common::{Home, write};
use crate::hostile::{ACTIVE, AFTERWARDS, Canary, archive, quiet, records};
use crate::namespace::{self, Place};
use crate::payloads;
use crate::show::Show;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use yadgar::static_site::{self, Options};

/// Pages of an exported folder that are opened in each of its parts; the rest of the people's pages differ only in the payload, and of
/// these every one is opened in one language.
const OF_A_PART: usize = 12;

/// Every page below a folder, sorted.
fn pages_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let ending = path.extension().and_then(|e| e.to_str());
        match path.is_dir() {
            true => pages_below(&path, out),
            false if matches!(ending, Some("html" | "svg")) => out.push(path),
            false => {}
        }
    }
}

/// The page ran nothing, and asked for nothing but files of its folder.
fn is_inert(chrome: &mut Chrome, folder: &Path, page: &Path) -> Seen {
    let seen = chrome.open(url::Url::from_file_path(page).unwrap().as_str());
    let shown = page.display().to_string();
    quiet(&seen, &shown);
    let own = url::Url::from_directory_path(folder).unwrap().to_string();
    let stays = |r: &String| r.starts_with(&own) || r.starts_with("data:");
    let source = || String::from_utf8_lossy(&std::fs::read(page).unwrap()).into_owned();
    assert!(seen.requests.iter().all(stays), "{shown}: {seen:?}\n{}", source());
    seen
}

/// What `yadgar export --site` makes of records with the payloads in every text field.
fn exported(chrome: &mut Chrome, texts: &[String], folder: &Path) -> usize {
    let view = Show::view(archive(texts, records(texts)), |_| ());
    let options = Options { parts: None, today: "2026-06-03", force: false };
    static_site::write(&view, folder, &options, &|_, _| {}, &AtomicBool::new(false)).unwrap();
    let mut pages = Vec::new();
    pages_below(folder, &mut pages);
    let mut opened = 0;
    let mut seen = std::collections::BTreeMap::<PathBuf, usize>::new();
    for (n, page) in pages.iter().enumerate() {
        let inside = page.strip_prefix(folder).unwrap();
        let mut parts: Vec<_> = inside.iter().map(|p| p.to_str().unwrap()).collect();
        let name = parts.pop().unwrap_or_default();
        let lang = parts.first().copied().unwrap_or_default();
        let person = parts.get(1) == Some(&"p") && name.len() > 20;
        let half = lang == if n % 2 == 0 { "fa" } else { "en" };
        // Folders below `p` only divide the people.
        let part: PathBuf = parts.iter().take(2).collect();
        let count = seen.entry(part).or_default();
        *count += 1;
        if !(person && half) && *count > OF_A_PART {
            continue;
        }
        is_inert(chrome, folder, page);
        assert_eq!(
            chrome.text(&ACTIVE.replace(
                "e.matches('meta[http-equiv]')",
                "e.matches('meta[http-equiv]:not([http-equiv=Content-Security-Policy])')"
            )),
            "",
            "{}",
            page.display()
        );
        opened += 1;
    }
    opened
}

/// A folder with a page for every payload, and with styles that fetch, in every place of a style.
fn hostile_folder(folder: &Path, payloads: &[String], canary: &Canary) {
    let c = format!("http://{}", canary.at);
    let page = |head: &str, body: &str| {
        format!(
            "<!doctype html><html><head><meta charset=utf-8><title>x</title>{head}</head><body>{body}<p>Words enough to be read by somebody.</p></body></html>"
        )
    };
    for (n, payload) in payloads.iter().enumerate() {
        write(folder, &format!("x{n}.html"), page("", payload).as_bytes());
        if n % 3 == 0 {
            let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><g>{payload}</g></svg>");
            write(folder, &format!("x{n}.svg"), svg.as_bytes());
        }
    }
    for (n, style) in payloads::styles(canary.at).iter().enumerate() {
        let quoted = style.replace('&', "&amp;").replace('"', "&quot;");
        let body = format!(
            "<p data-u=\"{c}/d\" style=\"{quoted}\">a</p>\
            <svg width=\"9\" height=\"9\"><rect width=\"9\" height=\"9\" style=\"{quoted}\"/></svg>"
        );
        write(folder, &format!("a{n}.html"), page("", &body).as_bytes());
        let sheet = format!("p{{{style}}}");
        let head = format!("<style>{sheet}</style><link rel=stylesheet href=s{n}.css>");
        write(
            folder,
            &format!("s{n}.html"),
            page(&head, &format!("<p data-u=\"{c}/d\">a</p>")).as_bytes(),
        );
        write(folder, &format!("s{n}.css"), sheet.as_bytes());
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><style>rect{{{quoted}}}</style><rect width=\"9\" height=\"9\" style=\"{quoted}\"/></svg>"
        );
        write(folder, &format!("s{n}.svg"), svg.as_bytes());
    }
    for (n, rule) in payloads::rules(canary.at).iter().enumerate() {
        write(
            folder,
            &format!("r{n}.html"),
            page(&format!("<style>{rule}</style>"), "<p>a</p>").as_bytes(),
        );
        write(
            folder,
            &format!("l{n}.html"),
            page(&format!("<link rel=stylesheet href=r{n}.css>"), "<p>a</p>").as_bytes(),
        );
        write(folder, &format!("r{n}.css"), rule.as_bytes());
    }
    // In the mode of old pages a browser takes any file as a style.
    let sheet = format!("p{{background:url({c}/t)}}");
    write(folder, "sheet.txt", sheet.as_bytes());
    write(folder, "sheet", sheet.as_bytes());
    write(folder, "quirks.html", "<title>x</title><link rel=stylesheet href=sheet.txt><link rel=stylesheet href=sheet><p>Words enough to be read by somebody.".as_bytes());
}

fn imported(chrome: &mut Chrome, source: &Path, home: &Home) -> usize {
    let out = PathBuf::from(home.beside("taken-in"));
    home.ok(&["site", "import", source.to_str().unwrap(), out.to_str().unwrap()]);
    // What is written is in the subset, and the gate would let it pass.
    home.ok(&["site", "check", out.to_str().unwrap()]);
    let mut pages = Vec::new();
    pages_below(&out, &mut pages);
    for page in &pages {
        is_inert(chrome, &out, page);
    }
    pages.len()
}

#[test]
fn no_payload_runs_or_loads_from_files() {
    let place = namespace::enter("files::no_payload_runs_or_loads_from_files");
    if matches!(place, Place::Done) {
        return;
    }
    let Some(mut chrome) = Chrome::start() else { return };
    let canary = Canary::new();
    chrome.open("about:blank");
    std::thread::sleep(AFTERWARDS);
    chrome.without_policy(true);
    let nothing_left = |when: &str| {
        std::thread::sleep(AFTERWARDS);
        if let Place::Inside(watch) = &place {
            assert_eq!(watch.packets(), 0, "packets left: {when}");
        }
        assert_eq!(canary.hits(), 0, "connections: {when}");
    };
    let mut payloads = payloads::own(canary.at);
    payloads.extend(payloads::collected());
    let mut texts: Vec<String> = payloads.iter().map(|p| payloads::as_text(p)).collect();
    texts.retain(|text| !text.is_empty());
    let home = Home::new();
    let folder = PathBuf::from(home.beside("exported"));
    let opened = exported(&mut chrome, &texts, &folder);
    assert!(opened > texts.len(), "{opened}");
    eprintln!("from files: {opened} exported pages");
    nothing_left("the exported folder");
    let source = PathBuf::from(home.beside("hostile"));
    hostile_folder(&source, &payloads, &canary);
    let opened = imported(&mut chrome, &source, &home);
    assert!(opened > payloads.len() + 90, "{opened}");
    eprintln!("from files: {opened} pages taken in");
    nothing_left("the folder that was taken in");
    caught(&mut chrome, &canary, &place, &source);
}

/// The same folder as it was before: what was to be seen is seen.
fn caught(chrome: &mut Chrome, canary: &Canary, place: &Place, source: &Path) {
    let open = |chrome: &mut Chrome, name: &str| {
        chrome.open(url::Url::from_file_path(source.join(name)).unwrap().as_str())
    };
    let seen = open(chrome, "x0.html");
    assert!(!seen.scripts.is_empty() && chrome.text("document.title") == "ran", "{seen:?}");
    for name in ["a0.html", "s2.html", "r0.html", "l1.html", "s0.svg"] {
        let before = canary.hits();
        open(chrome, name);
        let end = Instant::now() + Duration::from_secs(60);
        while canary.hits() == before {
            assert!(Instant::now() < end, "{name} asks for nothing");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    chrome.go("http://192.0.2.7/");
    if let Place::Inside(watch) = place {
        let end = Instant::now() + Duration::from_secs(60);
        while watch.packets() == 0 {
            assert!(Instant::now() < end, "nothing is counted");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
