//! Accessibility, checked by axe-core: WCAG 2.2 AA and its own good practice.

use crate::chrome::Chrome;
use crate::crawl::kind;
use crate::people::shared;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Pages of each kind that are checked: the first on every screen, the others as on a phone.
const OF_A_KIND: usize = 2;

/// The script of axe-core, or `None` with a line that says what was not tested.
fn script() -> Option<String> {
    let usual = || crate::target("axe").join("package/axe.min.js");
    let path = std::env::var_os("YADGAR_AXE").map_or_else(usual, PathBuf::from);
    let script = std::fs::read_to_string(path).ok();
    if script.is_none() {
        crate::skipped("YADGAR_REQUIRE_AXE", "no axe-core (YADGAR_AXE names its axe.min.js)");
    }
    script
}

/// Opens a page, with all that it can show, and brings axe-core into it.
fn prepare(chrome: &mut Chrome, script: &str, address: &str) {
    chrome.open(address);
    chrome.eval("for (const d of document.querySelectorAll('details')) d.open = true");
    chrome.eval(&format!("{script}\n;0"));
}

/// Runs axe-core in the page; `only` is what it looks for.
fn findings(chrome: &mut Chrome, only: &str) -> Vec<Value> {
    let run = format!(
        "axe.run(document, {{runOnly: {only}, resultTypes: ['violations']}}).then(r => \
         r.violations.map(v => ({{id: v.id, impact: v.impact, tags: v.tags, \
         nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' :: ' + n.failureSummary)}})))"
    );
    chrome.eval(&run).as_array().unwrap().clone()
}

/// The standards by which a page is judged.
const ALL: &str = "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}";
const CONTRAST: &str = "{type: 'rule', values: ['color-contrast', 'link-in-text-block']}";

/// A finding in one line, and whether it must not be there: of weight by axe's own words, or
/// against WCAG however light.
fn line(path: &str, look: &str, finding: &Value) -> (String, bool) {
    let tags = finding["tags"].as_array().unwrap();
    let standard = tags.iter().any(|t| t.as_str().unwrap().starts_with("wcag"));
    let grave = matches!(finding["impact"].as_str(), Some("serious" | "critical"));
    let (id, impact) = (&finding["id"], &finding["impact"]);
    (format!("{path} ({look}): {id} {impact} {:#}", finding["nodes"]), standard || grave)
}

/// Widths at which pages are checked: a phone's and a desktop's.
const SCREENS: [(u32, u32); 2] = [(360, 740), (1280, 900)];

fn check(
    chrome: &mut Chrome,
    script: &str,
    (address, path): (&str, &str),
    screens: &[(u32, u32)],
    wrong: &mut Vec<String>,
) {
    prepare(chrome, script, address);
    for &(width, height) in screens {
        chrome.screen(width, height);
        // Colours do not depend on the width, which decides the rest.
        let dark = [("light", ALL), ("dark", CONTRAST)];
        let looks = if width == SCREENS[0].0 { &dark[..] } else { &dark[..1] };
        for (look, only) in looks {
            chrome.media("", &[("prefers-color-scheme", look)]);
            for finding in findings(chrome, only) {
                let (line, must_not) = line(path, &format!("{look}, {width} px"), &finding);
                if must_not {
                    wrong.push(line);
                } else {
                    eprintln!("axe, light: {line}");
                }
            }
        }
    }
}

#[test]
fn pages_are_accessible() {
    let Some(script) = script() else { return };
    let Some(mut chrome) = Chrome::light() else { return };
    let show = &shared().show;
    let mut pages = shared().found.some(OF_A_KIND);
    pages.extend(["/fa/nothing", "/en/p/?q=zzzzzz"].map(str::to_owned));
    // Our pages run no script; the tool is let in, nothing else changes.
    chrome.without_policy(true);
    let mut wrong = Vec::new();
    // The tool finds what is wrong: a page that breaks a rule.
    let broken = "data:text/html,<title>x</title><img src=x><p style='color:%23999'>low";
    prepare(&mut chrome, &script, broken);
    let planted = findings(&mut chrome, ALL);
    assert!(planted.iter().any(|f| f["id"] == "image-alt"), "{planted:?}");
    let mut kinds = BTreeSet::new();
    for path in &pages {
        let address = format!("http://{}{path}", show.pages);
        let screens = if kinds.insert(kind(path)) { &SCREENS[..] } else { &SCREENS[..1] };
        check(&mut chrome, &script, (&address, path), screens, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}
