//! The first screen in a real browser, as wide as a phone, without scripts: the main steps, by clicks.

use crate::chrome::Chrome;
use crate::held;
use crate::person::Person;
use serde_json::json;
use std::path::Path;

const PAGES: [&str; 11] = ["", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
const STANDARDS: &str = "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}";

/// Nothing is cut off or has to be scrolled sideways, and every button is large enough for a thumb.
fn look(chrome: &mut Chrome, name: &str) {
    look_at(chrome, name, 360);
}

fn look_at(chrome: &mut Chrome, name: &str, width: u64) {
    let wide = chrome.eval("document.documentElement.scrollWidth").as_u64().unwrap();
    assert!(wide <= width, "{name} is {wide} wide");
    let small = chrome.eval(
        "[...document.querySelectorAll('main button, main input:not([type=hidden], [type=radio], [type=checkbox]), main .steps a, main .door, main label.pick')]\
         .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height]).filter(([, h]) => h < 44)",
    );
    assert_eq!(small, json!([]), "{name}");
    assert_eq!(
        chrome.text("document.title").chars().count(),
        chrome.text("document.title.trim()").chars().count()
    );
    chrome.screenshot(&format!("panel-{name}.png"));
}

fn choose(chrome: &mut Chrome, selector: &str, file: &Path) {
    let root = chrome.call("DOM.getDocument", json!({}))["root"]["nodeId"].clone();
    let node = chrome.call("DOM.querySelector", json!({"nodeId": root, "selector": selector}));
    let files = json!({"files": [file], "nodeId": node["nodeId"]});
    chrome.call("DOM.setFileInputFiles", files);
}

/// Clicks until the page shows this; it loads itself again meanwhile.
fn until(chrome: &mut Chrome, selector: &str) {
    let end = std::time::Instant::now() + crate::common::PATIENCE;
    while chrome.eval(&format!("!document.querySelector({})", json!(selector))) == json!(true) {
        assert!(
            std::time::Instant::now() < end,
            "{selector}: {}",
            chrome.text("document.body.innerText")
        );
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

fn steps(lang: &str, other: Option<&str>) {
    let Some(mut chrome) = Chrome::light() else { return };
    let archive = crate::archive();
    let file = archive.publisher.beside("stick.car");
    let person = Person::start();
    chrome.screen(360, 740);
    chrome.scripts_off(true);
    let seen = chrome.open(&person.address());
    assert!(seen.failed.is_empty() && seen.refused.is_empty() && seen.log.is_empty(), "{seen:?}");
    if let Some(other) = other {
        chrome.follow(|c| c.click(&format!("nav a[lang={other}]")));
    }
    assert_eq!(chrome.text("document.documentElement.lang"), lang);
    look(&mut chrome, &format!("{lang}-empty"));
    chrome.follow(|c| c.click("a[href='2']"));
    look(&mut chrome, &format!("{lang}-file"));
    choose(&mut chrome, "#file", Path::new(&file));
    chrome.follow(|c| c.click("form[action='do/upload'] button"));
    until(&mut chrome, "form[action='do/yes'] button");
    look(&mut chrome, &format!("{lang}-asks"));
    chrome.follow(|c| c.click("form[action='do/yes'] button"));
    until(&mut chrome, "form[action='do/dismiss'] button");
    look(&mut chrome, &format!("{lang}-taken"));
    chrome.follow(|c| c.click("form[action='do/dismiss'] button"));
    look(&mut chrome, &format!("{lang}-here"));
    assert_eq!(chrome.text("document.querySelector('.door.main').target"), "_blank");
    for (page, name) in
        [("1", "near"), ("3", "paste"), ("4", "share"), ("6", "keep"), ("9", "tell")]
    {
        chrome.follow(|c| c.click(&format!("a[href='{page}']")));
        look(&mut chrome, &format!("{lang}-{name}"));
        chrome.follow(|c| c.click(".crumb a"));
    }
    chrome.follow(|c| c.click("a[href='3']"));
    chrome.click("#text");
    chrome.type_text("hello");
    let seen = chrome.follow(|c| c.click("form[action='do/pasted'] button"));
    assert!(seen.log.is_empty(), "{seen:?}");
    look(&mut chrome, &format!("{lang}-note"));
    chrome.follow(|c| c.click(".crumb a"));
    chrome.follow(|c| c.click("a[href='5']"));
    look(&mut chrome, &format!("{lang}-save"));
    let stick = tempfile::tempdir().unwrap();
    chrome.click("#path");
    chrome.type_text(stick.path().to_str().unwrap());
    chrome.follow(|c| c.click("form[action='do/save'] button"));
    until(&mut chrome, "form[action='do/dismiss'] button");
    look(&mut chrome, &format!("{lang}-saved"));
    assert!(stick.path().join("data.car").exists());
    chrome.follow(|c| c.click("form[action='do/dismiss'] button"));
    chrome.follow(|c| c.click("a[href='7']"));
    look(&mut chrome, &format!("{lang}-leave"));
    chrome.follow(|c| c.click("form[action='do/close'] button"));
    look(&mut chrome, &format!("{lang}-closed"));
    assert!(!chrome.text("document.documentElement.outerHTML").contains("Nowhere"));
    person.ended();
}

/// The yes to what waits, on the smallest of screens: the browser itself sends nothing without the tick.
#[test]
fn a_yes_on_a_small_screen() {
    let Some(mut chrome) = Chrome::light() else { return };
    let archive = crate::archive();
    let person = Person::start();
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    held::paste(&person, &held::much_withdrawn(&archive));
    chrome.screen(320, 640);
    chrome.scripts_off(true);
    chrome.open(&person.address());
    look_at(&mut chrome, "fa-waits", 320);
    chrome.follow(|c| c.click("a[href='10']"));
    look_at(&mut chrome, "fa-held", 320);
    chrome.follow(|c| c.click("nav a[lang=en]"));
    look_at(&mut chrome, "en-held", 320);
    chrome.click("form[action='do/approve'] button");
    std::thread::sleep(yadgar::panel::limits::LAST_ANSWER);
    assert!(person.get("en/10").text().contains("do/approve"), "without the tick nothing is sent");
    chrome.click("input[name=heard]");
    chrome.follow(|c| c.click("form[action='do/approve'] button"));
    until(&mut chrome, "form[action='do/dismiss'] button");
    look_at(&mut chrome, "en-approved", 320);
    assert!(chrome.text("document.body.innerText").contains("The maintainers withdrew files: 20"));
}

#[test]
fn the_main_steps_in_persian() {
    steps("fa", None);
}

#[test]
fn the_main_steps_in_english() {
    steps("en", Some("en"));
}

/// An archived page, with all the powers that a browser gives it, orders nothing and frames nothing.
#[test]
fn the_other_origin_reaches_nothing() {
    let Some(mut chrome) = Chrome::start() else { return };
    let archive = crate::archive();
    let person = Person::start();
    person.upload(&[&archive.carrier]);
    person.take_strangers();
    let own = person.url();
    // Worse than can be: scripts, no policy, and the token known.
    let attacker = format!("http://{}/fa/", person.reader());
    chrome.without_policy(true);
    chrome.open(&attacker);
    let tries = format!(
        "(async () => {{ const out = []; \
           for (const [method, to] of [['GET', ''], ['POST', 'do/close']]) {{ \
             try {{ const r = await fetch({own} + to, {{method, mode: 'no-cors'}}); out.push(r.type) }} catch (e) {{ out.push('failed') }} }} \
           const f = document.createElement('form'); f.method = 'post'; f.action = {own} + 'do/close'; \
           const i = document.createElement('iframe'); i.name = 'i'; i.src = {own}; document.body.append(i); \
           f.target = 'i'; document.body.append(f); await new Promise(r => i.onload = r); f.submit(); \
           await new Promise(r => setTimeout(r, 500)); return out }})()",
        own = json!(own)
    );
    let tried = chrome.eval(&tries);
    assert_eq!(tried.as_array().map(Vec::len), Some(2), "it tried: {tried}");
    std::thread::sleep(yadgar::panel::limits::LAST_ANSWER * 2);
    assert_eq!(person.get("fa/").status, 200, "it still runs");
}

#[test]
fn pages_are_accessible() {
    let usual = || crate::target("axe").join("package/axe.min.js");
    let path = std::env::var_os("YADGAR_AXE").map_or_else(usual, Into::into);
    let Ok(script) = std::fs::read_to_string(path) else {
        return crate::skipped(
            "YADGAR_REQUIRE_AXE",
            "no axe-core (YADGAR_AXE names its axe.min.js)",
        );
    };
    let Some(mut chrome) = Chrome::light() else { return };
    let archive = crate::archive();
    let person = Person::start();
    chrome.without_policy(true);
    let mut wrong = Vec::new();
    for state in ["empty", "asks", "here", "waits"] {
        match state {
            "asks" => {
                person.upload(&[&archive.carrier]);
                person.wait(|page| page.contains("do/yes"));
            }
            "here" => person.take_strangers(),
            "waits" => {
                held::paste(&person, &held::much_withdrawn(&archive));
            }
            _ => {}
        }
        let pages = match state {
            "asks" => &["", "8"][..],
            "waits" => &["", "10"],
            _ => &PAGES[..],
        };
        for (lang, page) in ["fa", "en"].iter().flat_map(|l| pages.iter().map(move |p| (l, p))) {
            for look in ["light", "dark"] {
                chrome.screen(360, 740);
                chrome.media("", &[("prefers-color-scheme", look)]);
                chrome.open(&format!(
                    "http://{}{}",
                    person.host,
                    person.path(&format!("{lang}/{page}"))
                ));
                if look == "dark" && *lang == "fa" && ["", "6"].contains(page) {
                    chrome.screenshot(&format!("panel-dark-{state}-{page}.png"));
                }
                chrome.eval(&format!("{script}\n;0"));
                let run = format!(
                    "axe.run(document, {{runOnly: {STANDARDS}, resultTypes: ['violations']}}).then(r => \
                     r.violations.map(v => v.id + ' ' + v.impact + ' ' + v.nodes[0].html + v.nodes[0].failureSummary))"
                );
                let found = chrome.eval(&run);
                for finding in found.as_array().unwrap() {
                    wrong.push(format!("{state} {lang}/{page} {look}: {finding}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
