//! From what was found to a folder in the safe subset.

use super::bounds::MAX_WHOLE_BYTES;
use super::charset::decode;
use super::item::{Gathered, Item, SiteError};
use super::names::Names;
use super::report::{Changed, LeftOut, Report, Why};
use super::sink::Sink;
use super::treat::{HEAD_BYTES, Treat, treat};
use crate::gate::{Format, clean, looked_into};
use crate::safe::{Changes, Doc, Place, Site, clean_page, clean_sheet, clean_svg};
use globset::GlobSet;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use url::Url;
use yadgar_protocol::Path;

/// Redirects followed from one address to the page.
const MAX_REDIRECTS: usize = 16;

const HOLLOW: &str = "scripts or frames would have filled it: it could not be kept";

/// What the user wants.
#[derive(Debug, Default)]
pub struct Options {
    /// Hosts that are the site itself, beside those that are known.
    pub hosts: Vec<String>,
    /// Files that are taken as they are although nothing can be seen in them, by path or address.
    pub keep: GlobSet,
}

/// What becomes of the items; each file goes to `sink`.
///
/// # Errors
/// When something cannot be read or written; [`SiteError::Stopped`].
pub fn convert(
    found: Gathered,
    options: &Options,
    sink: &dyn Sink,
    stop: &AtomicBool,
) -> Result<Report, SiteError> {
    let mut report = Report { left_out: found.left_out.clone(), ..Report::default() };
    let heads: Vec<Treat> =
        found.items.par_iter().map(|item| head(item, options)).collect::<Result<_, _>>()?;
    let plan = Plan::new(&found, &heads, options);
    let pictures = Mutex::new(HashMap::new());
    let work = |at: usize| -> Result<Done, SiteError> {
        if stop.load(Ordering::Relaxed) {
            return Err(SiteError::Stopped);
        }
        plan.one(at, &found.items, &heads, &pictures, sink)
    };
    let done: Vec<Done> =
        (0..found.items.len()).into_par_iter().map(work).collect::<Result<_, _>>()?;
    for done in done {
        report.files += usize::from(done.written.is_some());
        report.bytes += done.written.unwrap_or(0);
        report.more += done.more;
        report.changed.extend(done.changed);
        report.left_out.extend(done.left_out);
    }
    report.sort();
    Ok(report)
}

fn head(item: &Item, options: &Options) -> Result<Treat, SiteError> {
    let head = item.read(HEAD_BYTES).map_err(SiteError::at(item.shown()))?;
    let keep = options.keep.is_match(item.path.as_deref().unwrap_or(item.url.as_str()));
    let treat = treat(item, &head, keep);
    let large = item.size > MAX_WHOLE_BYTES && treat != Treat::Copy;
    Ok(match treat {
        Treat::Leave(..) => treat,
        _ if large => Treat::Leave(Why::Bound, "too large to be looked into"),
        _ => treat,
    })
}

/// What became of one item.
#[derive(Default)]
struct Done {
    written: Option<u64>,
    more: usize,
    changed: Vec<Changed>,
    left_out: Option<LeftOut>,
}

impl Done {
    fn change(&mut self, path: &Path, what: &'static str, detail: String) {
        self.changed.push(Changed { path: path.to_string(), what, detail });
    }
}

/// Cleaned pictures by the hash of what they were: the same one often stands in many places.
type Pictures = Mutex<HashMap<blake3::Hash, Option<std::sync::Arc<Vec<u8>>>>>;

/// Which item has which path, and which address leads where.
struct Plan {
    paths: Vec<Option<Path>>,
    by_key: HashMap<String, usize>,
    by_path: BTreeMap<String, usize>,
    redirects: HashMap<String, String>,
    hosts: Vec<String>,
}

impl Plan {
    fn new(found: &Gathered, heads: &[Treat], options: &Options) -> Self {
        let mut hosts: Vec<String> =
            found.hosts.iter().chain(&options.hosts).map(|h| bare(h)).collect();
        hosts.dedup();
        let mut plan = Self {
            paths: vec![None; found.items.len()],
            by_key: HashMap::new(),
            by_path: BTreeMap::new(),
            redirects: HashMap::new(),
            hosts,
        };
        let mut names = Names::default();
        for (at, (item, treat)) in found.items.iter().zip(heads).enumerate() {
            if matches!(treat, Treat::Leave(..)) {
                continue;
            }
            let main = item.url.host_str().is_some_and(|host| plan.is_main(host));
            let path = names.path(item, main, treat.endings());
            plan.by_key.entry(plan.key(&item.url)).or_insert(at);
            plan.by_path.insert(path.as_str().to_owned(), at);
            if let Some(slot) = plan.paths.get_mut(at) {
                *slot = Some(path);
            }
        }
        let redirects = found.redirects.iter().map(|(from, to)| (plan.key(from), plan.key(to)));
        plan.redirects = redirects.collect();
        plan
    }

    fn is_main(&self, host: &str) -> bool {
        let host = bare(host);
        self.hosts.contains(&host)
    }

    /// Addresses that are one: of all hosts that are the site, with or without `www.`, `http` or `https`, a fragment.
    fn key(&self, url: &Url) -> String {
        let host = bare(url.host_str().unwrap_or_default());
        let host = if self.hosts.contains(&host) { String::new() } else { host };
        let query =
            url.query().filter(|q| !q.is_empty()).map(|q| format!("?{q}")).unwrap_or_default();
        format!("{host}{}{query}", url.path())
    }

    fn one(
        &self,
        at: usize,
        items: &[Item],
        heads: &[Treat],
        pictures: &Pictures,
        sink: &dyn Sink,
    ) -> Result<Done, SiteError> {
        let mut done = Done::default();
        let (Some(item), Some(treat)) = (items.get(at), heads.get(at)) else { return Ok(done) };
        let leave = |why, detail: &str| {
            Some(LeftOut { source: item.shown(), why, detail: detail.to_owned() })
        };
        let path = match (treat, self.paths.get(at).and_then(Option::as_ref)) {
            (Treat::Leave(why, detail), _) => {
                done.left_out = leave(*why, detail);
                return Ok(done);
            }
            (_, Some(path)) => path,
            _ => return Ok(done),
        };
        let bytes = item.read(u64::MAX).map_err(SiteError::at(item.shown()))?;
        if item.path.as_ref().is_some_and(|old| old != path.as_str()) {
            done.change(path, "renamed", item.shown());
        }
        match self.made(item, *treat, path, bytes, pictures, &mut done) {
            Ok(bytes) => {
                sink.put(path, &bytes)?;
                done.written = Some(bytes.len() as u64);
            }
            Err((why, detail)) => done = Done { left_out: leave(why, &detail), ..Done::default() },
        }
        Ok(done)
    }

    /// The bytes that are written for an item; what changed is noted in `done`.
    fn made(
        &self,
        item: &Item,
        treat: Treat,
        path: &Path,
        bytes: Vec<u8>,
        pictures: &Pictures,
        done: &mut Done,
    ) -> Result<Vec<u8>, (Why, String)> {
        match treat {
            Treat::Picture(format) => match picture(format, &bytes, pictures) {
                Ok(Picture::Clean) => Ok(bytes),
                Ok(Picture::Cleaned(new)) => {
                    done.change(path, "picture", "hidden data taken out".to_owned());
                    Ok(new.to_vec())
                }
                Err(why) => Err((Why::Picture, why)),
            },
            Treat::Page | Treat::Style | Treat::Svg | Treat::Text => {
                let (text, charset) = decode(&bytes, item.charset.as_deref());
                if let Some(charset) = charset {
                    done.change(path, "charset", charset.to_owned());
                }
                let (text, changes, hollow) = self.text(item, treat, path, &text)?;
                if hollow {
                    done.change(path, "hollow", HOLLOW.to_owned());
                }
                done.more = changes.more;
                for change in changes.list {
                    done.change(path, change.what.word(), change.detail);
                }
                Ok(text.into_bytes())
            }
            Treat::Copy | Treat::Leave(..) => Ok(bytes),
        }
    }

    fn text(
        &self,
        item: &Item,
        treat: Treat,
        path: &Path,
        text: &str,
    ) -> Result<(String, Changes, bool), (Why, String)> {
        let doc = Doc {
            base: item.url.clone(),
            here: path.as_str(),
            site: self,
            data: treat != Treat::Svg,
        };
        let failed = |e: crate::safe::Unsafe| (Why::Unsafe, e.to_string());
        match treat {
            Treat::Page => {
                clean_page(text, &doc).map(|p| (p.text, p.changes, p.hollow)).map_err(failed)
            }
            Treat::Svg => clean_svg(text, &doc).map(|(t, c)| (t, c, false)).map_err(failed),
            Treat::Style if text.len() > crate::safe::MAX_TEXT_BYTES => {
                Err(failed(crate::safe::Unsafe::TooLong))
            }
            Treat::Style => {
                let mut changes = Changes::default();
                let css = clean_sheet(text, &doc, &mut changes);
                Ok((css, changes, false))
            }
            _ => Ok((text.to_owned(), Changes::default(), false)),
        }
    }
}

impl Site for Plan {
    fn find(&self, url: &Url) -> Place {
        let mut key = self.key(url);
        for _ in 0..MAX_REDIRECTS {
            match self.redirects.get(&key) {
                Some(next) if !self.by_key.contains_key(&key) => key.clone_from(next),
                _ => break,
            }
        }
        let known = |key: &str| {
            let at = self.by_key.get(key)?;
            self.paths.get(*at)?.as_ref().map(|p| Place::Inside(p.to_string()))
        };
        let bare_key = key.split('?').next().unwrap_or_default();
        let slash = format!("{}/", bare_key.trim_end_matches('/'));
        let tries = [
            key.clone(),
            format!("{slash}index.html"),
            format!("{slash}index.htm"),
            slash.clone(),
            bare_key.to_owned(),
        ];
        if let Some(place) = tries.iter().find_map(|key| known(key)) {
            return place;
        }
        let host = url.host_str().unwrap_or_default();
        // In a folder something is missing; of a crawl it was not taken, and may still be there.
        match host == crate::safe::FOLDER_HOST {
            true => {
                let path = percent_encoding::percent_decode_str(url.path().trim_start_matches('/'));
                Place::Missing(path.decode_utf8_lossy().into_owned())
            }
            false => Place::Outside,
        }
    }

    fn takes_picture(&self, mime: &str, bytes: &[u8]) -> bool {
        let formats = [Format::Jpeg, Format::Png, Format::Gif, Format::Webp];
        let format = formats.into_iter().find(|f| f.mime() == mime);
        format.is_some_and(|f| looked_into(f, bytes).is_ok_and(|extra| extra.is_empty()))
    }
}

fn bare(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
}

enum Picture {
    Clean,
    Cleaned(std::sync::Arc<Vec<u8>>),
}

fn picture(format: Format, bytes: &[u8], known: &Pictures) -> Result<Picture, String> {
    if looked_into(format, bytes).is_ok_and(|extra| extra.is_empty()) {
        return Ok(Picture::Clean);
    }
    let hash = blake3::hash(bytes);
    // A thread that panicked has left nothing half done here.
    let lock = || known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let seen = lock().get(&hash).cloned();
    match seen {
        Some(Some(new)) => return Ok(Picture::Cleaned(new)),
        Some(None) => return Err("it cannot be cleaned".to_owned()),
        None => {}
    }
    let cleaned = clean(format, bytes).map(|(new, _)| std::sync::Arc::new(new));
    lock().insert(hash, cleaned.as_ref().ok().cloned());
    cleaned.map(Picture::Cleaned).map_err(|e| e.to_string())
}
