//! The pages without a mouse: every link and control in the order of the page, and always visible
//! where one is.

use crate::chrome::Chrome;
use crate::crawl::BLANK;
use crate::people::shared;
use serde_json::Value;

/// Numbers everything that a Tab should reach, in the order of the page, and gives their count. What
/// is drawn keeps how its line looked.
const NUMBER_ALL: &str = "(() => { let n = 0; \
    window.line = e => [...e.querySelectorAll('path, rect, circle')].map(p => getComputedStyle(p)) \
        .map(s => s.stroke + s.strokeWidth + s.outline).join(); \
    for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')) \
        if (e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0) \
            { e.dataset.tab = n++; if (e.ownerSVGElement) e.dataset.line = line(e) } \
    return n })()";

/// Where the focus is, and whether a person can see that: by a ring, or by another line around what
/// is drawn; not under something else. What scrolls is reached too.
const WHERE: &str = "(() => { const e = document.activeElement; \
    if (!e || e === document.body || e === document.documentElement) return null; \
    const s = getComputedStyle(e), r = e.getClientRects()[0] || {width: 0, height: 0}, drawn = e.ownerSVGElement; \
    const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none' \
        || (drawn && line(e) !== e.dataset.line); \
    const at = document.elementFromPoint( \
        (Math.max(r.left, 0) + Math.min(r.right, innerWidth)) / 2, (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2); \
    return {tab: e.dataset.tab ?? '', what: e.outerHTML.slice(0, 120), ring, \
        seen: r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth, \
        free: !!drawn || (!!at && (e.contains(at) || at.contains(e))), \
        scrolls: e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight} })()";

fn walk(chrome: &mut Chrome, path: &str, wrong: &mut Vec<String>) {
    let count = chrome.eval(NUMBER_ALL).as_u64().unwrap();
    assert!(count > 2, "{path}: nothing to reach");
    let mut next = 0;
    loop {
        chrome.press("Tab");
        let at = chrome.eval(WHERE);
        let tab = at["tab"].as_str().unwrap_or_default();
        // After the last one comes the browser itself, or the page again where there is no window.
        let again = next == count && tab == "0";
        if at == Value::Null || again || tab.is_empty() && at["scrolls"] != true {
            break;
        }
        if at["ring"] != true || at["seen"] != true || at["free"] != true {
            wrong.push(format!("{path}: the focus cannot be seen: {at}"));
        }
        if tab.is_empty() {
            continue;
        }
        if tab != next.to_string() {
            wrong.push(format!("{path}: {tab} comes where {next} should: {}", at["what"]));
            return;
        }
        next += 1;
    }
    if next != count {
        wrong.push(format!("{path}: {next} of {count} were reached"));
    }
}

/// The first Tab leads to a link past the navigation; what follows it is in the content.
fn skip(chrome: &mut Chrome, path: &str, wrong: &mut Vec<String>) {
    chrome.press("Tab");
    let first = chrome.text("document.activeElement.getAttribute('href') ?? ''");
    if !first.starts_with('#') || chrome.eval(WHERE)["seen"] != true {
        wrong.push(format!("{path}: the first stop is {first:?}, not a link past the navigation"));
        return;
    }
    chrome.press("Enter");
    assert_eq!(chrome.text("location.hash"), first, "{path}");
    chrome.press("Tab");
    let inside = format!(
        "(() => {{ const m = document.querySelector('{first}'), e = document.activeElement; \
         return m.localName === 'main' && (m.contains(e) || !m.querySelector('a[href], button, input, select, summary')) }})()"
    );
    if chrome.eval(&inside) != true {
        wrong.push(format!("{path}: the link past the navigation does not lead into the content"));
    }
}

#[test]
fn everything_is_reached_by_keyboard() {
    let Some(mut chrome) = Chrome::light() else { return };
    let mut wrong = Vec::new();
    let mut pages = shared().found.some(1);
    pages.retain(|path| path != BLANK);
    for (n, path) in pages.iter().enumerate() {
        let (width, height) = if n % 2 == 0 { (360, 740) } else { (1280, 900) };
        chrome.screen(width, height);
        let address = format!("http://{}{path}", shared().show.pages);
        chrome.open(&address);
        walk(&mut chrome, path, &mut wrong);
        chrome.open("about:blank");
        chrome.open(&address);
        skip(&mut chrome, path, &mut wrong);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
