//! Cuts a body into the members of a pack.

use super::body::Body;
use super::error::WebError;
use bytes::{Bytes, BytesMut};

/// Reads a body in pieces of given lengths. Holds one of them and what came with its last bytes.
pub(super) struct Cutter {
    body: Body,
    buffer: BytesMut,
}

impl Cutter {
    pub(super) fn new(body: Body) -> Self {
        Self { body, buffer: BytesMut::new() }
    }

    /// True when the next `length` bytes have come already.
    pub(super) fn has(&self, length: usize) -> bool {
        self.buffer.len() >= length
    }

    /// The next `length` bytes.
    pub(super) async fn take(&mut self, length: usize) -> Result<Bytes, WebError> {
        while self.buffer.len() < length {
            let piece = self.body.next().await?.ok_or(WebError::Short)?;
            self.buffer.extend_from_slice(&piece);
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    /// Waits for the end, so that the connection can be used again.
    pub(super) async fn end(mut self) {
        if self.buffer.is_empty() {
            // What comes beyond is an error, and the connection is closed then.
            let _ = self.body.next().await;
        }
    }
}
