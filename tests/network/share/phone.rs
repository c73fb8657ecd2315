//! A phone that knows only the address: it reads, searches in Persian and takes the carrier, with scripts off.

use crate::chrome::Chrome;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PHONE: (u32, u32) = (360, 740);
/// Ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// The carrier as the browser saved it; `None` without a browser.
pub fn visit(address: &str, name: &str) -> Option<tempfile::NamedTempFile> {
    let mut chrome = Chrome::start()?;
    let folder = tempfile::tempdir().unwrap();
    let allow = json!({
        "behavior": "allow", "downloadPath": folder.path(), "eventsEnabled": true
    });
    chrome.call("Browser.setDownloadBehavior", allow);
    chrome.screen(PHONE.0, PHONE.1);
    chrome.scripts_off(true);
    look(&mut chrome, address, "get/1/news", "share-news");
    look(&mut chrome, address, "", "share-door");

    // Read: the first door leads to the memorial, in Persian.
    let seen = chrome.follow(|chrome| tap(chrome, ".side[lang=fa] a.door.main"));
    assert!(seen.failed.is_empty() && seen.scripts.is_empty(), "{seen:?}");
    assert_eq!(chrome.text("location.pathname"), "/fa/");
    assert_eq!(chrome.text("document.documentElement.dir"), "rtl");
    check(&mut chrome, address, "share-cover", PHONE.0);

    // Back to the door by the page's own link, and search from there.
    chrome.follow(|chrome| tap(chrome, "a.brand"));
    assert_eq!(chrome.text("location.href"), address);
    let word = name.split(' ').next().unwrap().to_owned();
    focus(&mut chrome, ".side[lang=fa] input[type=search]");
    chrome.type_text(&word);
    chrome.follow(|chrome| chrome.press("Enter"));
    assert!(chrome.text("location.pathname").ends_with("/p/"));
    assert!(chrome.text("document.querySelector('main').innerText").contains(name), "{name}");
    check(&mut chrome, address, "share-search", PHONE.0);
    chrome.follow(|chrome| tap(chrome, ".people a"));
    assert!(chrome.text("document.querySelector('main').innerText").contains("میزبان"));
    check(&mut chrome, address, "share-person", PHONE.0);

    // Take: a click on the file saves it.
    chrome.open(address);
    tap(&mut chrome, ".side[lang=fa] .takes a[href='/get/1/all']");
    let end = Instant::now() + PATIENCE;
    let saved = folder.path().join("archive.car");
    while !saved.exists() || folder.path().read_dir().unwrap().count() != 1 {
        assert!(Instant::now() < end, "nothing was saved");
        std::thread::sleep(Duration::from_millis(100));
        chrome.eval("1");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::copy(saved, file.path()).unwrap();
    Some(file)
}

fn focus(chrome: &mut Chrome, selector: &str) {
    let found = chrome.eval(&format!(
        "(() => {{ const e = document.querySelector({}); e.focus(); return document.activeElement === e }})()",
        json!(selector)
    ));
    assert_eq!(found, json!(true), "{selector}");
}

/// Goes to a link and uses it. By keys: where a finger would be depends on how pictures are taken of a phone's screen.
fn tap(chrome: &mut Chrome, selector: &str) {
    focus(chrome, selector);
    chrome.press("Enter");
}

/// Opens a page and looks at it, small and large, light and dark.
fn look(chrome: &mut Chrome, address: &str, path: &str, name: &str) {
    for (width, height) in [(1280, 900), PHONE] {
        chrome.screen(width, height);
        let seen = chrome.open(&format!("{address}{path}"));
        assert!(
            seen.failed.is_empty() && seen.scripts.is_empty() && seen.log.is_empty(),
            "{seen:?}"
        );
        assert!(seen.requests.iter().all(|r| r.starts_with(address)), "{seen:?}");
        check(chrome, address, &format!("{name}-{width}"), width);
    }
}

/// Not wider than the screen, nothing that leads elsewhere, and accessible.
fn check(chrome: &mut Chrome, address: &str, name: &str, width: u32) {
    chrome.screenshot(&format!("{name}.png"));
    // A phone makes its window wider for a page that is: the width that was set tells.
    let reach = chrome.eval("document.documentElement.scrollWidth");
    let what = chrome.text(&format!(
        "[...document.querySelectorAll('body *')].filter(e => {{ const r = e.getBoundingClientRect(); \
         return r.right > {width} + 1 || r.left < -1 }}).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(' | ')"
    ));
    assert_eq!(reach, json!(width), "{name} is wider than its screen: {what}");
    let elsewhere = format!(
        "[...document.querySelectorAll('[href],[src],[action]')].map(e => e.href || e.src || e.action)\
         .filter(u => !u.startsWith({})).join(' ')",
        json!(address)
    );
    assert_eq!(chrome.text(&elsewhere), "", "{name}");
    accessible(chrome, name);
}

/// By axe-core, WCAG 2.2 AA, where its script is there.
fn accessible(chrome: &mut Chrome, name: &str) {
    let usual = || crate::target("axe").join("package/axe.min.js");
    let path = std::env::var_os("YADGAR_AXE").map_or_else(usual, std::path::PathBuf::from);
    let Ok(script) = std::fs::read_to_string(path) else {
        return crate::skipped(
            "YADGAR_REQUIRE_AXE",
            "no axe-core (YADGAR_AXE names its axe.min.js)",
        );
    };
    let here = chrome.text("location.href");
    // The tool of the test may run, the page's own scripts (it has none) were off.
    chrome.scripts_off(false);
    chrome.without_policy(true);
    chrome.open(&here);
    chrome.eval("for (const d of document.querySelectorAll('details')) d.open = true");
    for scheme in ["dark", "light"] {
        chrome.media("", &[("prefers-color-scheme", scheme)]);
        chrome.eval(&format!("{script}\n;0"));
        let tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']";
        let run = format!(
            "axe.run(document, {{runOnly: {{type: 'tag', values: {tags}}}, resultTypes: ['violations']}})\
             .then(r => r.violations.map(v => v.id + ' ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + n.failureSummary)))"
        );
        let found: Value = chrome.eval(&run);
        assert_eq!(found, json!([]), "{name} {scheme}");
    }
    chrome.without_policy(false);
    chrome.scripts_off(true);
    chrome.open(&here);
}
