//! From the records of a crawl to items: digests checked, revisits filled, redirects noted, one capture of each address.

use super::http::{Answer, answer, media};
use super::item::{Bytes, Gathered, Item, SiteError};
use super::report::{LeftOut, Why};
use super::warc::{Reader, Record};
use data_encoding::{BASE32, BASE64, BASE64URL, HEXLOWER_PERMISSIVE};
use sha1::Digest as _;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, Read, Write};
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// What was captured of one address.
#[derive(Debug, Clone)]
struct Capture {
    date: String,
    url: Url,
    mime: Option<String>,
    charset: Option<String>,
    from: u64,
    length: u64,
}

/// Takes crawls in, file after file, and then gives items out.
pub struct Crawl<'a> {
    found: &'a mut Gathered,
    spool: File,
    end: u64,
    captures: BTreeMap<String, Capture>,
    redirects: BTreeMap<String, (String, Url, Url)>,
    by_digest: HashMap<String, Capture>,
    revisits: Vec<Record>,
    records: usize,
}

impl<'a> Crawl<'a> {
    /// Nothing read yet.
    pub fn new(found: &'a mut Gathered) -> Result<Self, SiteError> {
        let spool = tempfile::tempfile().map_err(SiteError::at("a temporary file"))?;
        Ok(Self {
            found,
            spool,
            end: 0,
            captures: BTreeMap::new(),
            redirects: BTreeMap::new(),
            by_digest: HashMap::new(),
            revisits: Vec::new(),
            records: 0,
        })
    }

    /// Reads one file, as far as it is whole.
    ///
    /// # Errors
    /// Only when nothing can be written; damage is noted down.
    pub fn read(&mut self, name: &str, input: impl BufRead) -> Result<(), SiteError> {
        let mut reader = Reader::new(input);
        loop {
            match reader.next() {
                Ok(Some(record)) => {
                    self.records += 1;
                    self.record(record)?;
                }
                Ok(None) => return Ok(()),
                Err(e) => {
                    self.left_out(name, Why::Damaged, &format!("the rest of the file: {e}"));
                    return Ok(());
                }
            }
        }
    }

    /// Turns what was read into items.
    ///
    /// # Errors
    /// [`SiteError::Nothing`] when there was no record.
    pub fn finish(mut self, source: &Path) -> Result<(), SiteError> {
        if self.records == 0 {
            let last =
                self.found.left_out.last().map_or("no record", |l| l.detail.as_str()).to_owned();
            return Err(SiteError::Nothing(source.to_owned(), last));
        }
        for record in std::mem::take(&mut self.revisits) {
            self.revisit(&record);
        }
        let spool = Arc::new(self.spool);
        if self.found.hosts.is_empty() {
            // The site is whose page was captured first.
            let pages = self
                .captures
                .values()
                .filter(|c| c.mime.as_deref().is_some_and(|m| m.contains("html")));
            let first = pages.min_by(|a, b| (&a.date, &a.url).cmp(&(&b.date, &b.url)));
            let first = first.or_else(|| self.captures.values().next());
            self.found.hosts.extend(first.and_then(|c| c.url.host_str()).map(str::to_owned));
        }
        for capture in self.captures.into_values() {
            self.found.items.push(Item {
                url: capture.url,
                path: None,
                mime: capture.mime,
                charset: capture.charset,
                size: capture.length,
                bytes: Bytes::Spooled(spool.clone(), capture.from, capture.length),
            });
        }
        self.found.redirects.extend(self.redirects.into_values().map(|(_, from, to)| (from, to)));
        Ok(())
    }

    /// Notes down that a file of the crawl is left out.
    pub fn damaged(&mut self, name: &str, why: &str) {
        self.left_out(name, Why::Damaged, why);
    }

    fn left_out(&mut self, source: &str, why: Why, detail: &str) {
        let source = crate::publish::walk::shown(source);
        self.found.left_out.push(LeftOut { source, why, detail: detail.to_owned() });
    }

    fn record(&mut self, record: Record) -> Result<(), SiteError> {
        if self.found.at.as_ref().is_some_and(|at| record.date > *at) {
            return Ok(());
        }
        match record.kind.as_str() {
            "response" => self.response(&record),
            "resource" | "conversion" => self.resource(&record),
            "revisit" => {
                self.revisits.push(Record { block: Vec::new(), ..record });
                Ok(())
            }
            "too-large" => {
                self.left_out(&record.url, Why::Bound, "larger than 256 MiB");
                Ok(())
            }
            // Requests, metadata and the like say nothing to readers.
            _ => Ok(()),
        }
    }

    fn address(&mut self, record: &Record) -> Option<Url> {
        let url = Url::parse(&record.url.replace(' ', "%20")).ok();
        let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.host_str().is_some());
        if url.is_none() {
            self.left_out(&record.url, Why::NoPage, "no address of the web");
        }
        url.map(|mut u| {
            u.set_fragment(None);
            u
        })
    }

    fn response(&mut self, record: &Record) -> Result<(), SiteError> {
        let Some(url) = self.address(record) else { return Ok(()) };
        let answer = match answer(&record.block) {
            // Where the file ends, an answer may be whole although its record is not.
            Ok(answer) if record.cut && answer.length.is_none_or(|n| n > answer.payload.len()) => {
                return Ok(());
            }
            Ok(answer) => answer,
            Err(_) if record.cut => return Ok(()),
            Err(e) => {
                self.left_out(&record.url, Why::Damaged, &e.to_string());
                return Ok(());
            }
        };
        if !self.digests(record, &answer) {
            return Ok(());
        }
        if (300..400).contains(&answer.status) && answer.status != 304 {
            let to = answer.location.as_deref().and_then(|to| url.join(to).ok());
            match to {
                Some(to) => self.redirect(record, url, to),
                None => self.left_out(&record.url, Why::NoPage, "a redirect to nowhere"),
            }
            return Ok(());
        }
        if !(200..300).contains(&answer.status) {
            self.left_out(
                &record.url,
                Why::NoPage,
                &format!("the server answered {}", answer.status),
            );
            return Ok(());
        }
        match answer.body() {
            Ok(body) => {
                let digest = record.payload_digest.clone();
                self.keep(record, url, (answer.mime, answer.charset), &body, digest)
            }
            Err(e) => {
                self.left_out(&record.url, Why::Damaged, &e.to_string());
                Ok(())
            }
        }
    }

    fn resource(&mut self, record: &Record) -> Result<(), SiteError> {
        let Some(url) = self.address(record) else { return Ok(()) };
        if record.cut {
            return Ok(());
        }
        let whole = Answer { payload: record.block.clone(), ..Answer::default() };
        if !self.digests(record, &whole) {
            return Ok(());
        }
        let digest = record.payload_digest.clone().or_else(|| record.block_digest.clone());
        self.keep(record, url, media(&record.mime), &record.block, digest)
    }

    fn keep(
        &mut self,
        record: &Record,
        url: Url,
        (mime, charset): (Option<String>, Option<String>),
        body: &[u8],
        digest: Option<String>,
    ) -> Result<(), SiteError> {
        let (from, length) = (self.end, body.len() as u64);
        let capture = Capture { date: record.date.clone(), url, mime, charset, from, length };
        self.spool.write_all(body).map_err(SiteError::at("a temporary file"))?;
        self.end += length;
        if let Some(digest) = digest {
            self.by_digest.insert(digest, capture.clone());
        }
        self.newest(capture);
        Ok(())
    }

    /// Of each address the newest capture stays; of two of one time the later in the file.
    fn newest(&mut self, capture: Capture) {
        let key = key(&capture.url);
        if self.redirects.get(&key).is_some_and(|(date, ..)| *date > capture.date) {
            return;
        }
        self.redirects.remove(&key);
        match self.captures.get(&key) {
            Some(old) if old.date > capture.date => {}
            _ => {
                self.captures.insert(key, capture);
            }
        }
    }

    fn redirect(&mut self, record: &Record, from: Url, to: Url) {
        let key_from = key(&from);
        // To itself, with `https` or `www.`: one address already.
        if key_from == key(&to) {
            return;
        }
        if self.captures.get(&key_from).is_some_and(|c| c.date > record.date) {
            return;
        }
        self.captures.remove(&key_from);
        match self.redirects.get(&key_from) {
            Some((date, ..)) if *date > record.date => {}
            _ => {
                self.redirects.insert(key_from, (record.date.clone(), from, to));
            }
        }
    }

    /// The same payload as before: found by its digest, else by what it refers to.
    fn revisit(&mut self, record: &Record) {
        let Some(url) = self.address(record) else { return };
        let same = record.payload_digest.as_ref().and_then(|d| self.by_digest.get(d)).cloned();
        let named = || {
            let refers = record.refers_to.as_ref().and_then(|u| Url::parse(u).ok())?;
            self.captures.get(&key(&refers)).cloned()
        };
        match same.or_else(named) {
            Some(old) => self.newest(Capture { date: record.date.clone(), url, ..old }),
            None => self.left_out(&record.url, Why::Damaged, "repeats what is not in the crawl"),
        }
    }

    /// False, and noted down, when a digest says that this is not what was captured.
    fn digests(&mut self, record: &Record, answer: &Answer) -> bool {
        let block =
            record.block_digest.as_ref().filter(|_| !record.cut).map(|d| agrees(d, &record.block));
        let payload = record.payload_digest.as_ref().map(|d| {
            // Some programs make it of the chunks, as they came.
            let body = record.block.windows(4).position(|w| w == b"\r\n\r\n");
            let raw = body.and_then(|at| record.block.get(at + 4..)).unwrap_or_default();
            let plain = || answer.body().is_ok_and(|b| agrees(d, &b));
            agrees(d, &answer.payload) || agrees(d, raw) || plain()
        });
        // Programs that take chunks off leave the digest of the block as it was: that of the payload counts.
        let good = payload.or(block).unwrap_or(true);
        if !good {
            self.left_out(&record.url, Why::Damaged, "not what its digest says");
        }
        good
    }
}

/// One address, with or without `www.`, by `http` or `https`.
fn key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
    format!("{host}{}{query}", url.path())
}

/// Whether a digest, as crawls write it, is of these bytes; one of an unknown kind says nothing.
pub fn agrees(digest: &str, bytes: &[u8]) -> bool {
    agrees_stream(digest, bytes).unwrap_or(false)
}

/// As [`agrees`], of what is read.
///
/// # Errors
/// Of reading.
pub fn agrees_stream(digest: &str, from: impl Read) -> std::io::Result<bool> {
    let Some((kind, text)) = digest.split_once(':') else { return Ok(true) };
    let real = match kind.to_ascii_lowercase().replace('-', "").as_str() {
        "sha1" => hashed(sha1::Sha1::new(), from)?,
        "sha256" => hashed(sha2::Sha256::new(), from)?,
        "sha512" => hashed(sha2::Sha512::new(), from)?,
        _ => return Ok(true),
    };
    let text = text.trim();
    Ok(HEXLOWER_PERMISSIVE.encode(&real) == text.to_ascii_lowercase()
        || BASE32.encode(&real) == text.to_ascii_uppercase()
        || BASE64.encode(&real) == text
        || BASE64URL.encode(&real) == text)
}

fn hashed<D: sha1::Digest>(mut hasher: D, mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let got = from.read(&mut buffer)?;
        if got == 0 {
            return Ok(hasher.finalize().to_vec());
        }
        hasher.update(buffer.get(..got).unwrap_or_default());
    }
}
