//! A static mirror in a folder of this machine: a stick, a disc, what somebody copied. It is read like the files of a
//! host, and believed no more than these.

use super::client::Span;
use super::error::WebError;
use super::limits::DISK_PIECE;
use bytes::{Bytes, BytesMut};
use std::io::{ErrorKind, SeekFrom};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, Take};
use url::Url;

/// Some bytes of a file, from where it stands on.
pub(super) struct Pieces(Take<File>);

impl Pieces {
    /// The next piece; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        let mut piece = BytesMut::with_capacity(DISK_PIECE);
        let read = self.0.read_buf(&mut piece).await.map_err(broken)?;
        Ok((read > 0).then(|| piece.freeze()))
    }
}

/// Opens a file, at these bytes of it or whole; with how many bytes of it there are.
///
/// # Errors
/// A file that is not there is told as a host tells it; so is what is no file.
pub(super) async fn open(url: &Url, span: Option<Span>) -> Result<(Pieces, u64), WebError> {
    let path = url.to_file_path().map_err(|()| WebError::Status(404))?;
    let about = tokio::fs::metadata(&path).await.map_err(broken)?;
    // A pipe would wait for ever.
    if !about.is_file() {
        return Err(WebError::Status(404));
    }
    let mut file = File::open(&path).await.map_err(broken)?;
    let Span { start, length } = span.unwrap_or(Span { start: 0, length: about.len() });
    let there = about.len().saturating_sub(start).min(length);
    if start > 0 {
        file.seek(SeekFrom::Start(start)).await.map_err(broken)?;
    }
    Ok((Pieces(file.take(length)), there))
}

fn broken(error: std::io::Error) -> WebError {
    match error.kind() {
        ErrorKind::NotFound => WebError::Status(404),
        ErrorKind::PermissionDenied => WebError::Status(403),
        _ => WebError::Broken(error.to_string()),
    }
}
