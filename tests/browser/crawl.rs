//! Which pages there are: every link and form followed from the start page on, without a browser.

use crate::people::{Shared, shared};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Pages of one kind that are followed. There may be thousands that differ only in whom they show.
const MAX_OF_A_KIND: usize = 30;
/// The page that hides the others has nothing on it.
pub const BLANK: &str = "/x";
/// Ends a test that hangs; nothing depends on it.
const PATIENCE: Duration = Duration::from_secs(180);

/// An answer of the server.
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|t| t.starts_with("text/html"))
            && self.header("content-disposition").is_none()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One answer, without a browser.
pub fn get(at: SocketAddr, path: &str) -> Answer {
    ask(at, "GET", path, &at.to_string())
}

/// One answer to another method, or to who says another host.
pub fn ask(at: SocketAddr, method: &str, path: &str, host: &str) -> Answer {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| panic!("{path}"));
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: all[end + 4..].to_vec() }
}

/// A form of a page: where it leads, and the names of what is filled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    pub action: String,
    pub fields: Vec<String>,
}

/// What was found.
#[derive(Default)]
pub struct Found {
    /// The pages of each kind, in the order in which they were found.
    pub kinds: BTreeMap<String, Vec<String>>,
    pub forms: BTreeSet<Form>,
    /// Files to save, pictures, stylesheets.
    pub files: Vec<String>,
    /// Links of pages that lead to another origin.
    pub outside: BTreeSet<String>,
    /// Where links lead to nothing.
    pub broken: Vec<String>,
}

impl Found {
    /// At most `n` pages of each kind: the first, the last and some between.
    pub fn some(&self, n: usize) -> Vec<String> {
        let pick = |all: &Vec<String>| {
            let n = n.min(all.len());
            (0..n).map(|i| all[i * (all.len() - 1) / (n - 1).max(1)].clone()).collect::<Vec<_>>()
        };
        self.kinds.values().flat_map(pick).collect()
    }
}

/// The same for all pages that differ only in what they show: numbers, days and ids are left out,
/// of a query only the names stay.
pub fn kind(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_value = |s: &str| {
        s.len() >= 20 || (!s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
    };
    let parts: Vec<_> = path.split('/').map(|s| if is_value(s) { "*" } else { s }).collect();
    let mut names: Vec<_> =
        query.split('&').filter_map(|p| p.split('=').next()).filter(|n| !n.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    // Any two filters at once stand for all that can be combined.
    names.truncate(2);
    let query = if names.is_empty() { String::new() } else { format!("?{}", names.join("&")) };
    format!("{}{query}", parts.join("/"))
}

/// Follows every link of our own pages, from the start pages of both languages.
pub fn crawl(at: SocketAddr) -> Found {
    let mut found = Found::default();
    let mut todo: VecDeque<String> = ["/fa/", "/en/"].map(str::to_owned).into();
    let mut known: BTreeSet<String> = todo.iter().cloned().collect();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = todo.pop_front() {
        let seen = count.entry(kind(&path)).or_default();
        *seen += 1;
        if *seen > MAX_OF_A_KIND {
            continue;
        }
        let answer = get(at, &path);
        if (300..400).contains(&answer.status) {
            let target = answer.header("location").unwrap().to_owned();
            if known.insert(target.clone()) {
                todo.push_back(target);
            }
            continue;
        }
        if answer.status != 200 {
            found.broken.push(format!("{path}: {}", answer.status));
            continue;
        }
        if !answer.is_page() {
            found.files.push(path);
            continue;
        }
        let page = answer.text();
        found.kinds.entry(kind(&path)).or_default().push(path.clone());
        found.forms.extend(forms(&page, &path));
        for link in ["href=\"", "src=\""].iter().flat_map(|name| values(&page, name)) {
            match resolve(at, &path, &link) {
                Some(link) if known.insert(link.clone()) => todo.push_back(link),
                Some(_) => {}
                None => drop(found.outside.insert(link)),
            }
        }
    }
    found
}

/// Where the pages of one path lead on their own origin: only to what lies below that path.
pub fn below(at: SocketAddr, path: &str) -> Vec<String> {
    let page = get(at, path).text();
    let links = ["href=\"", "src=\""].iter().flat_map(|name| values(&page, name));
    let links: BTreeSet<_> = links.filter_map(|link| resolve(at, path, &link)).collect();
    let under = format!("{path}/");
    links.into_iter().filter(|l| l.starts_with(&under) && get(at, l).is_page()).collect()
}

/// The values of an attribute, references resolved.
fn values(page: &str, name: &str) -> Vec<String> {
    let raw = page.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    raw.map(|v| v.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">"))
        .map(|v| v.replace("&amp;", "&"))
        .collect()
}

/// The path and query that a link leads to, if that is on the same origin.
fn resolve(at: SocketAddr, base: &str, link: &str) -> Option<String> {
    let link = link.split('#').next().unwrap_or_default();
    let own = format!("http://{at}");
    let link = link.strip_prefix(&own).unwrap_or(link);
    if link.contains("://") || link.starts_with("//") {
        return None;
    }
    let (path, query) = base.split_once('?').map_or((base, ""), |(p, q)| (p, q));
    if link.is_empty() {
        return Some(if query.is_empty() { path.to_owned() } else { base.to_owned() });
    }
    if link.starts_with('/') {
        return Some(link.to_owned());
    }
    if link.starts_with('?') {
        return Some(format!("{path}{link}"));
    }
    let mut parts: Vec<_> = path.split('/').collect();
    parts.pop();
    for piece in link.split('/') {
        match piece {
            ".." => drop(parts.pop()),
            "." => {}
            _ => parts.push(piece),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn every_link_leads_somewhere() {
    let Shared { show, found, .. } = shared();
    assert!(found.broken.is_empty(), "{:#?}", found.broken);
    // Both languages have the same pages.
    let twin = |kind: &String| match kind.strip_prefix("/fa/") {
        Some(rest) => format!("/en/{rest}"),
        None => kind.replacen("/en/", "/fa/", 1),
    };
    let alone: Vec<_> =
        found.kinds.keys().filter(|k| !found.kinds.contains_key(&twin(k))).collect();
    assert!(alone.is_empty(), "only in one language: {alone:?}");
    let outside = |link: &&String| !link.starts_with(&format!("http://{}/", show.site));
    let outside: Vec<_> = found.outside.iter().filter(outside).collect();
    assert!(outside.is_empty(), "{outside:?}");
}

fn forms(page: &str, base: &str) -> Vec<Form> {
    let one = |text: &str| {
        let head = text.split('>').next().unwrap_or_default();
        let body = text.split("</form>").next().unwrap_or_default();
        let action = values(head, "action=\"").pop().unwrap_or_else(|| base.to_owned());
        let mut fields = values(body, " name=\"");
        fields.dedup();
        Form { action, fields }
    };
    page.split("<form").skip(1).map(one).collect()
}
