//! Which path an item has in the clean folder: neutral, allowed everywhere, the same each time.

use super::item::Item;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use yadgar_protocol::Path;
use yadgar_protocol::limits::{MAX_PATH_BYTES, MAX_PATH_DEPTH};
use yadgar_protocol::path::Collisions;

/// Bytes of a name that is cut because the whole is too long.
const CUT: usize = 80;
/// Folder of what other hosts gave to a crawl.
const OTHER: &str = "_other";
/// First folders that mean something in an archive; a crawl cannot fill them.
const MEANT: [&str; 3] = ["records", "incidents", "release-notes"];

/// Gives out paths, each once.
#[derive(Default)]
pub struct Names {
    collisions: Collisions,
    taken: BTreeSet<String>,
}

impl Names {
    /// The path of an item; `endings` are those that fit its content, the first is written where none is there.
    pub fn path(&mut self, item: &Item, main: bool, endings: &[&str]) -> Path {
        let wanted = match &item.path {
            Some(path) => path.clone(),
            None => of_url(item, main, endings.contains(&"html")),
        };
        let wanted = ended(&wanted, endings);
        let mut segments: Vec<String> =
            wanted.split('/').filter(|s| !s.is_empty()).map(segment).collect();
        if item.path.is_none() && segments.first().is_some_and(|s| MEANT.contains(&s.as_str())) {
            segments.insert(0, OTHER.to_owned());
        }
        let too_long = segments.iter().map(|s| s.len() + 1).sum::<usize>() > MAX_PATH_BYTES;
        if too_long || segments.len() > MAX_PATH_DEPTH {
            let last = segments.pop().unwrap_or_default();
            segments = vec![OTHER.to_owned(), marked(&cut(&last), &tag(&wanted))];
        }
        let plain = segments.join("/");
        let candidates = std::iter::once(plain.clone())
            .chain((0u32..).map(|n| marked(&plain, &tag(&format!("{n}{}", item.shown())))));
        for candidate in candidates.take(1000) {
            let Ok(path) = Path::new(&candidate) else { continue };
            if self.taken.contains(path.as_str()) {
                continue;
            }
            if self.fits(&path) {
                self.taken.insert(path.as_str().to_owned());
                return path;
            }
        }
        self.last_resort(item)
    }

    fn fits(&mut self, path: &Path) -> bool {
        self.collisions.add(path).is_ok()
    }

    fn last_resort(&mut self, item: &Item) -> Path {
        let mut n = 0u64;
        loop {
            let name = format!("{OTHER}/{}", tag(&format!("{n}/{}", item.url)));
            n += 1;
            if let Ok(path) = Path::new(&name)
                && self.taken.insert(name)
                && self.fits(&path)
            {
                return path;
            }
        }
    }
}

/// Eight hex digits that stand for a text.
fn tag(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().chars().take(8).collect()
}

/// The name with a mark before its ending.
fn marked(path: &str, mark: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(f, n)| (f, n));
    let name = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem}-{mark}.{ending}"),
        _ => format!("{name}-{mark}"),
    };
    if folder.is_empty() { name } else { format!("{folder}/{name}") }
}

fn cut(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').map_or((name, None), |(s, e)| (s, Some(e)));
    let mut end = stem.len().min(CUT);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem.get(..end).unwrap_or_default().trim_end_matches([' ', '.']);
    let ending = ending.filter(|e| e.len() <= 12);
    ending.map_or_else(|| stem.to_owned(), |e| format!("{stem}.{e}"))
}

/// A name that is allowed everywhere.
fn segment(name: &str) -> String {
    // What mirroring programs write into names: the address goes, a mark that stands for it stays.
    let (name, query) = match name.split_once('?') {
        Some((name, query)) => (name, Some(query)),
        None => (name, None),
    };
    let name: String = name.nfc().collect();
    let safe: String = name
        .chars()
        .map(|c| if Path::new(&format!("a{c}a")).is_ok() && c != '/' { c } else { '_' })
        .collect();
    let mut safe = safe.trim_start_matches(' ').trim_end_matches([' ', '.']).to_owned();
    if safe.is_empty() {
        safe = "index.html".to_owned();
    }
    if safe != name {
        safe = marked(&safe, &tag(&name));
    }
    if let Some(query) = query {
        // `page.html?x=1.html` is what some save: the ending is of the name then.
        safe = marked(&safe, &tag(query));
    }
    if safe.len() > 200 {
        safe = marked(&cut(&safe), &tag(&name));
    }
    if Path::new(&safe).is_err() {
        safe = format!("_{safe}");
    }
    safe
}

fn of_url(item: &Item, main: bool, page: bool) -> String {
    let url = &item.url;
    let decoded = |s: &str| percent_decode_str(s).decode_utf8_lossy().replace(['/', '\\'], "_");
    let mut parts: Vec<String> =
        url.path().split('/').map(decoded).filter(|s| s != "." && s != "..").collect();
    parts.retain({
        let mut left = parts.len();
        move |s| {
            left -= 1;
            left == 0 || !s.is_empty()
        }
    });
    let last = parts.pop().unwrap_or_default();
    // Names of folders that a program would hide stay visible.
    let visible = |s: String| if s.starts_with('.') { format!("_{s}") } else { s };
    let mut parts: Vec<String> = parts.into_iter().map(visible).collect();
    let last = if last.is_empty() && page { "index.html".to_owned() } else { visible(last) };
    let last = if last.is_empty() { "index".to_owned() } else { last };
    let last = match url.query() {
        Some(query) if !query.is_empty() => marked(&last, &tag(query)),
        _ => last,
    };
    parts.push(last);
    if !main {
        let host = url.host_str().unwrap_or("nowhere").to_owned();
        parts.insert(0, host);
        parts.insert(0, OTHER.to_owned());
    }
    parts.join("/")
}

/// The path with an ending that fits.
fn ended(path: &str, endings: &[&str]) -> String {
    let Some(first) = endings.first() else { return path.to_owned() };
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    if endings.contains(&ending.as_str()) {
        return path.to_owned();
    }
    format!("{path}.{first}")
}
