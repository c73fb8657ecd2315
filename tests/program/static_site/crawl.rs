//! Reads a folder of pages as a browser would, and says what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// All files of a folder: path and content.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for item in std::fs::read_dir(dir).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                out.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    out
}

/// What an address leads to from a page, or why it leads nowhere. `None` for a place on the same page.
fn resolve(from: &str, address: &str) -> Result<(String, Option<String>), String> {
    let (path, part) = match address.split_once('#') {
        Some((path, part)) => (path, Some(part.to_owned())),
        None => (address, None),
    };
    if path.is_empty() {
        return Ok((from.to_owned(), part));
    }
    if path.starts_with('/') || path.contains([':', '?', '\\', '%']) {
        return Err("not a relative address of a file".into());
    }
    let mut at: Vec<&str> = from.split('/').collect();
    at.pop();
    for piece in path.split('/') {
        match piece {
            ".." => drop(at.pop().ok_or("leads out of the folder")?),
            "" | "." => return Err("not an address of a file".into()),
            piece => at.push(piece),
        }
    }
    Ok((at.join("/"), part))
}

/// Values of an attribute.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    html.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Tags of a page, without the text between them.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).map(|piece| piece.split('>').next().unwrap())
}

/// What no page may hold.
fn forbidden(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in tags(html) {
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap_or_default();
        let bad =
            ["script", "style", "iframe", "object", "embed", "form", "base", "audio", "video"];
        if bad.contains(&name.to_lowercase().as_str()) {
            found.push(tag.to_owned());
        }
        for attribute in tag.split(' ').skip(1) {
            let key = attribute.split('=').next().unwrap().to_lowercase();
            let is_handler = key.starts_with("on") && attribute.contains('=');
            if is_handler || ["style", "srcset", "ping", "action", "background"].contains(&&*key) {
                found.push(tag.to_owned());
            }
        }
    }
    found
}

/// Follows every link from the first page. Gives all that is wrong, and the files that were reached.
pub fn crawl(files: &BTreeMap<String, Vec<u8>>) -> (Vec<String>, BTreeSet<String>) {
    let mut wrong = Vec::new();
    let mut reached = BTreeSet::from(["index.html".to_owned()]);
    let mut todo = vec!["index.html".to_owned()];
    while let Some(page) = todo.pop() {
        let Some(bytes) = files.get(&page) else { continue };
        let text = std::str::from_utf8(bytes).unwrap();
        let is_page = page.ends_with(".html");
        let mut addresses = Vec::new();
        if is_page {
            wrong.extend(forbidden(text).iter().map(|what| format!("{page}: {what}")));
            addresses.extend(attributes(text, "href"));
            addresses.extend(attributes(text, "src"));
        } else {
            let quoted = text.split("url(").skip(1).map(|rest| rest.split(')').next().unwrap());
            addresses.extend(quoted.map(|address| address.trim_matches('"')));
            wrong.extend(text.contains("@import").then(|| format!("{page}: @import")));
        }
        for address in addresses {
            match resolve(&page, address) {
                Err(why) => wrong.push(format!("{page}: {address}: {why}")),
                Ok((target, part)) => {
                    let Some(content) = files.get(&target) else {
                        wrong.push(format!("{page}: {address} is not there"));
                        continue;
                    };
                    if let Some(part) = part {
                        let mark = format!(" id=\"{part}\"");
                        let there = String::from_utf8_lossy(content).contains(&mark);
                        wrong.extend((!there).then(|| format!("{page}: no {address}")));
                    }
                    let is_text = target.ends_with(".html") || target.ends_with(".css");
                    if reached.insert(target.clone()) && is_text {
                        todo.push(target);
                    }
                }
            }
        }
    }
    (wrong, reached)
}

/// Names that some stick would not take.
pub fn unfit(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut lower = BTreeSet::new();
    let mut entries: BTreeMap<&str, usize> = BTreeMap::new();
    for path in files.keys() {
        if !lower.insert(path.to_lowercase()) {
            wrong.push(format!("{path}: equal but for case"));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // One entry, and one for each thirteen characters of a long name.
        *entries.entry(folder).or_default() += 1 + name.len().div_ceil(13);
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        for piece in path.split('/') {
            let stem = piece.split('.').next().unwrap().to_lowercase();
            let is_device = ["con", "prn", "aux", "nul"].contains(&&*stem)
                || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
            if !piece.bytes().all(fits) || piece.ends_with('.') || piece.len() > 64 || is_device {
                wrong.push(path.clone());
            }
        }
    }
    let full = entries.iter().filter(|(_, count)| **count > 65_000);
    wrong.extend(full.map(|(folder, count)| format!("{folder}: {count} entries")));
    wrong
}

#[test]
fn the_crawler_sees_what_it_should() {
    let page = |text: &str| text.as_bytes().to_vec();
    let files = BTreeMap::from([
        ("index.html".into(), page("<a href=\"fa/x.html\">x</a><a href=\"none.html\">")),
        (
            "fa/x.html".into(),
            page(
                "<a href=\"../index.html#no\"><a href=\"/x\"><img src=\"https://x\"><script><p style=\"a\" onload=\"b\"><a href=\"../../x\">",
            ),
        ),
        ("lost.html".into(), page("")),
    ]);
    let (wrong, reached) = crawl(&files);
    assert_eq!(wrong.len(), 8, "{wrong:#?}");
    assert!(!reached.contains("lost.html"));
    assert_eq!(unfit(&BTreeMap::from([("a".into(), vec![]), ("A".into(), vec![])])).len(), 1);
    assert_eq!(unfit(&BTreeMap::from([("نام.html".into(), vec![])])).len(), 1);
}
