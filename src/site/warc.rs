//! Crawls: WARC 1.0 and 1.1, and ARC; records read one after the other, each within bounds.
//!
//! A crawl comes from strangers' servers: it is hostile until cleaned. What is whole before a damage is taken.

use super::bounds::{MAX_CRAWL_BYTES, MAX_HEAD_BYTES, MAX_RECORD_BYTES, MAX_RECORDS};
use std::io::{self, BufRead, Read};

/// A record as it stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// `response`, `resource`, `revisit`, …; lower case.
    pub kind: String,
    /// Its address as it stands there.
    pub url: String,
    /// When it was captured: fourteen digits.
    pub date: String,
    /// Digest of the payload that the record names.
    pub payload_digest: Option<String>,
    /// Digest of the whole block.
    pub block_digest: Option<String>,
    /// What a revisit repeats: the address.
    pub refers_to: Option<String>,
    /// Media type of the block.
    pub mime: String,
    /// The block.
    pub block: Vec<u8>,
    /// The file ends before the block does; the next call tells it.
    pub cut: bool,
}

/// Why reading ended before the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WarcError {
    /// It is cut off or damaged.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no record.
    #[error("{0}")]
    Form(&'static str),
    /// More than is taken in.
    #[error("more than {0} are taken in")]
    Bound(&'static str),
}

/// Reads records.
pub struct Reader<R> {
    input: R,
    records: usize,
    bytes: u64,
    broken: Option<WarcError>,
}

impl<R: BufRead> Reader<R> {
    /// Reads from plain bytes; what is packed is unpacked before.
    pub fn new(input: R) -> Self {
        Self { input, records: 0, bytes: 0, broken: None }
    }

    /// The next record; `None` at the end. A record whose block is too large has an empty one, and the kind `too-large`.
    ///
    /// # Errors
    /// See [`WarcError`]; nothing can be read after it.
    pub fn next(&mut self) -> Result<Option<Record>, WarcError> {
        if let Some(broken) = self.broken.take() {
            return Err(broken);
        }
        let first = loop {
            let Some(line) = self.line()? else { return Ok(None) };
            if !line.trim().is_empty() {
                break line;
            }
        };
        self.records += 1;
        if self.records > MAX_RECORDS {
            return Err(WarcError::Bound("a million records"));
        }
        match first.starts_with("WARC/") {
            true => self.warc().map(Some),
            false => self.arc(&first).map(Some),
        }
    }

    /// One line without its end; `None` at the end of the file.
    fn line(&mut self) -> Result<Option<String>, WarcError> {
        let mut line = Vec::new();
        let got = (&mut self.input).take(MAX_HEAD_BYTES as u64).read_until(b'\n', &mut line)?;
        if got == 0 {
            return Ok(None);
        }
        if got >= MAX_HEAD_BYTES {
            return Err(WarcError::Form("a line without end where a record begins"));
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn warc(&mut self) -> Result<Record, WarcError> {
        let (mut record, mut length, mut size) = (Record::default(), None, 0usize);
        loop {
            let line = self.line()?.ok_or(WarcError::Form("cut off in the head of a record"))?;
            if line.is_empty() {
                break;
            }
            size += line.len();
            if size > MAX_HEAD_BYTES {
                return Err(WarcError::Bound("64 KiB of head"));
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "warc-type" => record.kind = value.to_ascii_lowercase(),
                // Some versions of wget put it into angle brackets.
                "warc-target-uri" => {
                    let bare = value.strip_prefix('<').and_then(|v| v.strip_suffix('>'));
                    record.url = bare.unwrap_or(value).to_owned();
                }
                "warc-date" => record.date = digits(value),
                "warc-payload-digest" => record.payload_digest = Some(value.to_owned()),
                "warc-block-digest" => record.block_digest = Some(value.to_owned()),
                "warc-refers-to-target-uri" => record.refers_to = Some(value.to_owned()),
                "content-type" => record.mime = value.to_ascii_lowercase(),
                "content-length" => length = value.parse().ok(),
                _ => {}
            }
        }
        let length = length.ok_or(WarcError::Form("a record without its length"))?;
        self.block(&mut record, length)?;
        Ok(record)
    }

    /// ARC: address, machine, date, type, length in one line.
    fn arc(&mut self, line: &str) -> Result<Record, WarcError> {
        let mut parts = line.rsplitn(5, ' ');
        let wrong = || WarcError::Form("what stands there is no record");
        let length = parts.next().and_then(|n| n.parse::<u64>().ok()).ok_or_else(wrong)?;
        let mime = parts.next().ok_or_else(wrong)?.to_ascii_lowercase();
        let date = digits(parts.next().ok_or_else(wrong)?);
        let url = parts.nth(1).ok_or_else(wrong)?.to_owned();
        let kind = if url.starts_with("filedesc:") { "warcinfo" } else { "response" };
        let mut record = Record { kind: kind.into(), url, date, mime, ..Record::default() };
        self.block(&mut record, length)?;
        if !record.block.starts_with(b"HTTP/") && kind == "response" {
            record.kind = "resource".to_owned();
        }
        Ok(record)
    }

    fn block(&mut self, record: &mut Record, length: u64) -> Result<(), WarcError> {
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > MAX_CRAWL_BYTES {
            return Err(WarcError::Bound("64 GiB of records"));
        }
        let mut block = (&mut self.input).take(length);
        let got = if length > MAX_RECORD_BYTES {
            record.kind = "too-large".to_owned();
            io::copy(&mut block, &mut io::sink())
        } else {
            block.read_to_end(&mut record.block).map(|got| got as u64)
        };
        self.broken = match got {
            Ok(got) if got == length => None,
            Ok(_) => Some(WarcError::Form("cut off in a record")),
            Err(e) => Some(e.into()),
        };
        record.cut = self.broken.is_some();
        Ok(())
    }
}

/// The fourteen digits of a time.
fn digits(text: &str) -> String {
    let found: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{found:0<14}")
}
