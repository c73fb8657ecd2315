//! What a browser sends: short forms, whose fields may be passphrases, and files.

use super::limits::{FORM_TIMEOUT, MAX_FIELDS, MAX_FORM_BYTES, MAX_UPLOAD_FILES, UPLOAD_PATIENCE};
use super::spool::{Place, Spool};
use super::words::Note;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures::StreamExt as _;
use std::io;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// The fields of a form, wiped from memory after use. What the connection's buffer held is not.
pub struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads the body of a form. `None` when it is none, or too long.
    pub async fn read(headers: &HeaderMap, body: Body) -> Option<Self> {
        let media = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        if media.split(';').next()?.trim() != "application/x-www-form-urlencoded" {
            return None;
        }
        // Of full size from the start: a buffer that grows leaves copies behind.
        let mut all = Zeroizing::new(Vec::with_capacity(MAX_FORM_BYTES));
        let mut body = body.into_data_stream();
        let whole = async {
            while let Some(piece) = body.next().await {
                let piece = piece.ok()?;
                if all.len() + piece.len() > MAX_FORM_BYTES {
                    return None;
                }
                all.extend_from_slice(&piece);
            }
            Some(())
        };
        timeout(FORM_TIMEOUT, whole).await.ok()??;
        Self::parse(&all)
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            if fields.len() == MAX_FIELDS {
                return None;
            }
            fields.push((decoded(&pair[..at])?.to_string(), decoded(value)?));
        }
        Some(Self(fields))
    }

    /// The value of a field; empty without one.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The value of a field, taken out.
    pub fn take(&mut self, name: &str) -> Zeroizing<String> {
        let found = self.0.iter_mut().find(|(known, _)| known == name);
        found.map(|(_, value)| std::mem::take(value)).unwrap_or_default()
    }
}

fn decoded(text: &[u8]) -> Option<Zeroizing<String>> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit =
                    |byte: u8| (byte as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
                digit(*bytes.next()?)? * 16 + digit(*bytes.next()?)?
            }
            other => *other,
        });
    }
    // The bytes become the text, so they are not copied.
    match String::from_utf8(std::mem::take(&mut *out)) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(e) => {
            drop(Zeroizing::new(e.into_bytes()));
            None
        }
    }
}

/// Reads the files of an upload as they come, each into a spool.
///
/// # Errors
/// What to tell the person.
pub async fn upload(headers: &HeaderMap, body: Body, place: &Place) -> Result<Vec<Spool>, Note> {
    let media = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let boundary = media.and_then(|media| multer::parse_boundary(media).ok());
    let mut parts = multer::Multipart::new(body.into_data_stream(), boundary.ok_or(Note::NoFile)?);
    let mut files = Vec::new();
    while let Some(mut part) = patient(parts.next_field()).await? {
        let is_file =
            part.name() == Some("file") && part.file_name().is_some_and(|n| !n.is_empty());
        if !is_file {
            while patient(part.chunk()).await?.is_some() {}
            continue;
        }
        if files.len() == MAX_UPLOAD_FILES {
            return Err(Note::TooManyFiles);
        }
        let mut spool = place.spool().map_err(|_| Note::NoRoom)?;
        while let Some(piece) = patient(part.chunk()).await? {
            let added = tokio::task::block_in_place(|| spool.add(&piece));
            added.map_err(|e| match e.kind() {
                io::ErrorKind::StorageFull => Note::TooLarge,
                _ => Note::NoRoom,
            })?;
        }
        if spool.length() > 0 {
            files.push(spool);
        }
    }
    if files.is_empty() { Err(Note::NoFile) } else { Ok(files) }
}

async fn patient<T>(
    next: impl Future<Output = Result<Option<T>, multer::Error>>,
) -> Result<Option<T>, Note> {
    match timeout(UPLOAD_PATIENCE, next).await {
        Ok(Ok(next)) => Ok(next),
        _ => Err(Note::UploadBroken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let mut fields = Fields::parse("a=1+2&b=%D8%B3%26&&c&a=second".as_bytes()).unwrap();
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), ("1 2", "س&", ""));
        assert_eq!(fields.take("b").as_str(), "س&");
        assert_eq!((fields.get("b"), fields.get("missing")), ("", ""));
        for bad in ["a=%zz", "a=%4", "a=%ff"] {
            assert!(Fields::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Fields::parse("a=1&".repeat(MAX_FIELDS + 1).as_bytes()).is_none());
    }
}
