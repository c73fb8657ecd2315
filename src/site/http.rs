//! Answers of servers as they stand in a crawl: status, head, and the body without its packing.

use super::bounds::{MAX_HEAD_BYTES, MAX_RATIO, MAX_UNPACKED_BYTES};
use std::io::{self, Read};

/// Lines of a head at most.
const MAX_HEADERS: usize = 256;
/// Packings of one body at most.
const MAX_CODINGS: usize = 3;
/// Bytes by which a small body may grow, whatever the ratio.
const SMALL: u64 = 1 << 20;

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where it sends to.
    pub location: Option<String>,
    /// Media type, lower case, without parameters.
    pub mime: Option<String>,
    /// Charset.
    pub charset: Option<String>,
    /// The body as it was sent, without chunks: of this the payload digest is made.
    pub payload: Vec<u8>,
    /// Length of the body as the server told it.
    pub length: Option<usize>,
    /// Packings, the last one is taken off first.
    pub codings: Vec<String>,
}

/// Why an answer cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// It is no answer.
    #[error("no answer of a web server")]
    Form,
    /// Its packing is broken.
    #[error("cannot be unpacked: {0}")]
    Packing(#[from] io::Error),
    /// A packing that is not known.
    #[error("packed in a way that is not known: {0}")]
    Coding(String),
    /// It unpacks to more than is taken.
    #[error("unpacks to far more than it was")]
    Bomb,
}

/// Reads the head, and takes the chunks off.
///
/// # Errors
/// [`HttpError::Form`].
pub fn answer(block: &[u8]) -> Result<Answer, HttpError> {
    let head = block.get(..block.len().min(MAX_HEAD_BYTES)).unwrap_or_default();
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut lines);
    let parsed = httparse::ParserConfig::default()
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .parse_response(&mut response, head);
    let Ok(httparse::Status::Complete(end)) = parsed else { return Err(HttpError::Form) };
    let mut out = Answer { status: response.code.unwrap_or(0), ..Answer::default() };
    let mut chunked = false;
    for header in response.headers.iter() {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        match header.name.to_ascii_lowercase().as_str() {
            "content-length" => out.length = value.parse().ok(),
            "location" => out.location = Some(value),
            "content-type" => (out.mime, out.charset) = media(&value),
            "content-encoding" => {
                let names = value.split(',').map(|c| c.trim().to_ascii_lowercase());
                out.codings.extend(names.filter(|c| !c.is_empty() && c != "identity"));
            }
            "transfer-encoding" => chunked |= value.to_ascii_lowercase().contains("chunked"),
            _ => {}
        }
    }
    let body = block.get(end..).unwrap_or_default();
    // Some programs take the chunks off and leave the head as it was.
    out.payload = match chunked.then(|| unchunked(body)).flatten() {
        Some(plain) => plain,
        None => body.to_vec(),
    };
    Ok(out)
}

impl Answer {
    /// The body without its packing.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub fn body(&self) -> Result<Vec<u8>, HttpError> {
        if self.codings.len() > MAX_CODINGS {
            return Err(HttpError::Bomb);
        }
        let mut body = self.payload.clone();
        for coding in self.codings.iter().rev() {
            let bytes = body.as_slice();
            // Some programs unpack and leave the head as it was.
            body = match coding.as_str() {
                "gzip" | "x-gzip" if !bytes.starts_with(b"\x1f\x8b") => continue,
                "gzip" | "x-gzip" => {
                    unpacked(flate2::read::MultiGzDecoder::new(bytes), bytes.len())?
                }
                "deflate" => match unpacked(flate2::read::ZlibDecoder::new(bytes), bytes.len()) {
                    Ok(plain) => plain,
                    Err(HttpError::Bomb) => return Err(HttpError::Bomb),
                    Err(_) => unpacked(flate2::read::DeflateDecoder::new(bytes), bytes.len())?,
                },
                "br" => unpacked(brotli_decompressor::Decompressor::new(bytes, 4096), bytes.len())?,
                "zstd" if !bytes.starts_with(b"\x28\xb5\x2f\xfd") => continue,
                "zstd" => {
                    let mut decoder = zstd::stream::read::Decoder::new(bytes)?;
                    decoder.window_log_max(27)?;
                    unpacked(decoder, bytes.len())?
                }
                other => return Err(HttpError::Coding(other.to_owned())),
            };
        }
        Ok(body)
    }
}

/// Unpacks, and stops when it grows beyond what a page may be.
pub fn unpacked(mut from: impl Read, packed: usize) -> Result<Vec<u8>, HttpError> {
    let most = (packed as u64).saturating_mul(MAX_RATIO).clamp(SMALL, MAX_UNPACKED_BYTES);
    let mut out = Vec::new();
    (&mut from).take(most + 1).read_to_end(&mut out)?;
    if out.len() as u64 > most {
        return Err(HttpError::Bomb);
    }
    Ok(out)
}

/// The body without chunks; `None` when there are none.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut rest) = (Vec::with_capacity(body.len()), body);
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(rest) else {
            // Cut off between chunks: what came is there.
            return (!out.is_empty()).then_some(out);
        };
        if size == 0 {
            return Some(out);
        }
        let size = usize::try_from(size).ok()?;
        let end = start.checked_add(size)?;
        out.extend_from_slice(rest.get(start..end)?);
        rest = rest.get(end..).unwrap_or_default();
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
}

/// Media type and charset.
pub fn media(text: &str) -> (Option<String>, Option<String>) {
    let lower = text.to_ascii_lowercase();
    let mut parts = lower.split(';').map(str::trim);
    let mime = parts.next().filter(|m| !m.is_empty()).map(str::to_owned);
    let charset = parts.find_map(|p| p.strip_prefix("charset="));
    (mime, charset.map(|c| c.trim_matches(['"', '\'']).to_owned()))
}
