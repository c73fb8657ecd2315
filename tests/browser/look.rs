//! How the pages look: pictures of each kind, on a phone and on a large screen, and that none is
//! wider than its screen.

use crate::chrome::Chrome;
use crate::crawl::kind;
use crate::people::shared;

const PHONE: (u32, u32) = (360, 740);
const LARGE: (u32, u32) = (1280, 900);

/// A file name for a page.
fn name(path: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let kind = kind(path).replace('*', "one");
    let name: String = kind.trim_matches('/').chars().map(plain).collect();
    name.trim_matches('-').replace("--", "-")
}

/// Every kind of page, and errors.
fn pages() -> Vec<String> {
    let mut pages = shared().found.some(1);
    pages.extend(["/fa/nothing", "/en/nothing"].map(str::to_owned));
    pages
}

#[test]
fn no_page_is_wider_than_its_screen() {
    let Some(mut chrome) = Chrome::start() else { return };
    let (show, pages) = (&shared().show, pages());
    assert!(pages.len() >= 6, "{pages:?}");
    let mut wide = Vec::new();
    for (width, height) in [PHONE, LARGE] {
        chrome.screen(width, height);
        for path in &pages {
            let seen = chrome.open(&format!("http://{}{path}", show.pages));
            assert_eq!(seen.failed, "", "{path}");
            chrome.screenshot(&format!("{}-{width}.png", name(path)));
            chrome.eval("for (const d of document.querySelectorAll('details')) d.open = true");
            let reach = chrome.eval("document.documentElement.scrollWidth");
            if reach.as_u64() != Some(u64::from(width)) {
                let what = chrome.text(WIDEST);
                wide.push(format!("{path}: {reach} instead of {width}: {what}"));
            }
        }
    }
    assert!(wide.is_empty(), "{wide:#?}");
}

/// What sticks out furthest.
const WIDEST: &str = "[...document.body.querySelectorAll('*')]\
    .filter(e => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.left < -1 })\
    .slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(' | ')";

/// For people to look at; the tests of contrast are in `axe.rs`.
#[test]
fn pictures_of_other_media() {
    let Some(mut chrome) = Chrome::start() else { return };
    let (show, pages) = (&shared().show, shared().found.some(1));
    let of = |lang: &str| pages.iter().filter(move |p| p.starts_with(lang)).cloned().collect();
    let media = [
        ("dark", PHONE, "/fa/", "", vec![("prefers-color-scheme", "dark")]),
        ("forced", LARGE, "/en/", "", vec![("forced-colors", "active")]),
        ("contrast", PHONE, "/fa/", "", vec![("prefers-contrast", "more")]),
        ("print", LARGE, "/fa/", "print", vec![]),
    ];
    for (label, (width, height), lang, kind, features) in media {
        chrome.screen(width, height);
        chrome.media(kind, &features);
        let some: Vec<String> = of(lang);
        for path in &some {
            chrome.open(&format!("http://{}{path}", show.pages));
            chrome.screenshot(&format!("{}-{label}.png", name(path)));
        }
        assert!(!some.is_empty());
    }
}
