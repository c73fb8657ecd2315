//! With and without JavaScript: the pages are the same, and forms work.

use crate::chrome::Chrome;
use crate::crawl::{BLANK, Form, Found, get};
use crate::people::{self, shared};

#[test]
fn pages_are_the_same_without_scripts() {
    let Some(mut chrome) = Chrome::light() else { return };
    let show = &shared().show;
    for path in shared().found.some(2) {
        let address = format!("http://{}{path}", show.pages);
        let looked = [false, true].map(|off| {
            chrome.scripts_off(off);
            let seen = chrome.open(&address);
            assert!(seen.scripts.is_empty() && seen.log.is_empty(), "{path}: {seen:?}");
            let dom = chrome.text("document.documentElement.outerHTML");
            (dom, chrome.text("document.body.innerText"))
        });
        assert!(looked[0].1.len() > 40 || path == BLANK, "{path} says nothing");
        assert_eq!(looked[0], looked[1], "{path}");
    }
}

/// Fills a form in and sends it off, with scripts switched off, and gives where that leads.
fn submit(chrome: &mut Chrome, page: &str, form: &Form, words: &str) -> String {
    chrome.open(page);
    let of = format!("form[action=\"{}\"]", form.action);
    let has_text =
        chrome.eval(&format!("!!document.querySelector('{of} input:not([type=hidden])')"));
    if has_text == true {
        chrome.eval(&format!("document.querySelector('{of} input:not([type=hidden])').focus()"));
        chrome.eval(&format!("document.querySelector('{of} input:not([type=hidden])').value = ''"));
        chrome.type_text(words);
    }
    let seen = chrome.follow(|c| c.click(&format!("{of} button, {of} input[type=submit]")));
    assert!(seen.scripts.is_empty() && seen.log.is_empty(), "{page}: {seen:?}");
    chrome.text("location.pathname + location.search")
}

/// The page that has a form.
fn page_with(found: &Found, at: std::net::SocketAddr, form: &Form) -> String {
    let action = format!("action=\"{}\"", form.action);
    let pages = found.kinds.values().flatten();
    let page = pages.into_iter().find(|p| get(at, p).text().contains(&action));
    format!("http://{at}{}", page.unwrap())
}

#[test]
fn forms_work_without_scripts() {
    let Some(mut chrome) = Chrome::light() else { return };
    let people::Shared { show, found, somebody } = shared();
    assert!(!found.forms.is_empty());
    chrome.scripts_off(true);
    // As a keyboard of another language writes it.
    let words = somebody.persian.replace('ی', "ي").replace('ک', "ك").replace('\u{200c}', " ");
    for form in &found.forms {
        let page = page_with(found, show.pages, form);
        let lead = submit(&mut chrome, &page, form, &words);
        assert!(lead.starts_with(form.action.split('?').next().unwrap()), "{form:?}: {lead}");
        assert_eq!(get(show.pages, &lead).status, 200, "{lead}");
        if form.fields.iter().any(|f| f == "q") {
            let text = chrome.text("document.querySelector('main').innerHTML");
            assert!(text.contains(&somebody.id), "{lead} does not find {words}");
        }
        each_choice(&mut chrome, &page, form, show.pages);
    }
}

/// Every list of choices, set to its second entry, is a page that is there.
fn each_choice(chrome: &mut Chrome, page: &str, form: &Form, at: std::net::SocketAddr) {
    let of = format!("form[action=\"{}\"]", form.action);
    chrome.open(page);
    let lists = chrome.eval(&format!("document.querySelectorAll('{of} select').length"));
    for n in 0..lists.as_u64().unwrap() {
        chrome.open(page);
        let list = format!("document.querySelectorAll('{of} select')[{n}]");
        let chosen = chrome.eval(&format!("({list}.selectedIndex = 1, {list}.value)"));
        let seen = chrome.follow(|c| c.click(&format!("{of} button, {of} input[type=submit]")));
        assert!(seen.scripts.is_empty(), "{seen:?}");
        let lead = chrome.text("location.pathname + location.search");
        let name = chrome.text(&format!("{list}.name"));
        let kept = chrome.eval(&format!("{list}.value"));
        assert_eq!(kept, chosen, "{lead}: the choice of {name} is kept");
        assert_eq!(get(at, &lead).status, 200, "{lead}");
    }
}
