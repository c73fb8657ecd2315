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
    let Some(mut chrome) = Chrome::light() else { return };
    let (show, pages) = (&shared().show, pages());
    assert!(pages.len() >= 6, "{pages:?}");
    let mut wide = Vec::new();
    for path in &pages {
        let seen = chrome.open(&format!("http://{}{path}", show.pages));
        assert_eq!(seen.failed, "", "{path}");
        for (width, height) in [PHONE, LARGE] {
            chrome.screen(width, height);
            chrome.screenshot(&format!("{}-{width}.png", name(path)));
            chrome.eval(UNFOLD);
            let reach = chrome.eval("document.documentElement.scrollWidth");
            if reach.as_u64() != Some(u64::from(width)) {
                let what = chrome.text(WIDEST);
                wide.push(format!("{path}: {reach} instead of {width}: {what}"));
            }
            chrome.eval(FOLD);
        }
    }
    assert!(wide.is_empty(), "{wide:#?}");
}

/// Opens what is folded, and folds it again.
const UNFOLD: &str = "for (const d of document.querySelectorAll('details:not([open])')) d.open = d.dataset.shut = true";
/// See [`UNFOLD`].
const FOLD: &str =
    "for (const d of document.querySelectorAll('details[data-shut]')) d.open = false";

/// What sticks out furthest.
const WIDEST: &str = "[...document.body.querySelectorAll('*')]\
    .filter(e => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.left < -1 })\
    .slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join(' | ')";

/// The way out stays on the screen while a page moves below it. Beside it, in the lines that it covers, nothing of the
/// page is left to be half read: they are covered from edge to edge, or the page has a margin there.
#[test]
fn the_way_out_cuts_no_line() {
    let Some(mut chrome) = Chrome::light() else { return };
    let show = &shared().show;
    let mut cut = Vec::new();
    for path in &shared().found.some(1) {
        chrome.open(&format!("http://{}{path}", show.pages));
        for (width, height) in [PHONE, (600, 900), (1023, 700), (1024, 700), LARGE] {
            chrome.screen(width, height);
            let found = chrome.text(CUT);
            if !found.is_empty() {
                cut.push(format!("{path} at {width}: {found}"));
            }
        }
    }
    assert!(cut.is_empty(), "{cut:#?}");
}

/// Text of the page that can be seen in the lines of the way out, and that it covers a part of, at any place of the page.
const CUT: &str = "(() => {\
    const leave = document.querySelector('.leave'); if (!leave) return '';\
    const out = new Set(), r = leave.getBoundingClientRect();\
    for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight / 2) {\
        scrollTo(0, at);\
        for (const e of document.querySelectorAll('main *, .standing *, footer *')) {\
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;\
            const range = document.createRange(); range.selectNodeContents(e);\
            for (const l of range.getClientRects()) {\
                const meets = l.left < r.right && l.right > r.left && l.top < r.bottom && l.bottom > r.top;\
                if (!meets) continue;\
                const y = Math.min(Math.max((l.top + l.bottom) / 2, r.top + 1), r.bottom - 1);\
                const beside = [...Array(12).keys()].map(n => l.left + 1 + n * (l.width - 2) / 11)\
                    .map(x => document.elementFromPoint(x, y)).filter(p => p && p !== leave);\
                if (beside.some(p => p === e || e.contains(p) || p.contains(e) && p.matches('main, main *')))\
                    out.add(e.outerHTML.slice(0, 80));\
            }\
        }\
    }\
    return [...out].slice(0, 3).join(' | ');\
})()";

/// For people to look at; the tests of contrast are in `axe.rs`.
#[test]
fn pictures_of_other_media() {
    let Some(mut chrome) = Chrome::light() else { return };
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
