//! Frames on a stream of bytes.

use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use std::time::Duration;
use yadgar_protocol::Reject;
use yadgar_protocol::sync::FrameReader;
use yadgar_protocol::sync::frame::Frame;

/// Bytes read at once of what mostly are short questions. With the frame under way this is all that a
/// stream buffers.
pub const READ_QUESTIONS: usize = 32 * 1024;
/// Bytes read at once of what mostly are blocks.
pub const READ_BLOCKS: usize = 256 * 1024;
/// Bytes written under one time limit.
const WRITE_BYTES: usize = 32 * 1024;

/// Why no frame came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IoEnd {
    /// The stream ended between two frames.
    #[error("the stream ended")]
    Closed,
    /// The stream broke.
    #[error("the stream broke: {0}")]
    Broken(String),
    /// Nothing moved for too long.
    #[error("no progress")]
    Stalled,
    /// The other side broke the rules.
    #[error("the peer broke the rules: {0}")]
    Violation(Reject),
}

/// Reads frames. Dropping the future of [`Frames::next`] loses nothing.
pub struct Frames<R> {
    stream: R,
    reader: FrameReader,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Frames of `stream`, of which `at_once` bytes are read in one go.
    pub fn new(stream: R, at_once: usize) -> Self {
        let buffer = vec![0; at_once].into_boxed_slice();
        Self { stream, reader: FrameReader::new(), buffer, start: 0, end: 0 }
    }

    /// The next frame out of what was read already.
    ///
    /// # Errors
    /// A violation of the format.
    pub fn ready(&mut self) -> Result<Option<Frame>, IoEnd> {
        while self.start < self.end {
            self.start += self.reader.feed(&self.buffer[self.start..self.end]);
            if let Some(frame) = self.reader.next().map_err(IoEnd::Violation)? {
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }

    /// True while a frame has begun and not ended.
    pub fn in_frame(&self) -> bool {
        !self.reader.is_between_frames()
    }

    /// Reads once; how many bytes came.
    ///
    /// # Errors
    /// When the stream is over or broken.
    pub async fn fill(&mut self) -> Result<usize, IoEnd> {
        let read = self.stream.read(&mut self.buffer).await;
        match read.map_err(broken)? {
            0 if self.in_frame() => Err(IoEnd::Broken("in the middle of a frame".into())),
            0 => Err(IoEnd::Closed),
            read => {
                (self.start, self.end) = (0, read);
                Ok(read)
            }
        }
    }
}

/// Writes bytes and flushes. Each piece must be taken within `stall`.
///
/// # Errors
/// When the stream breaks or stalls.
pub async fn write_all<W: AsyncWrite + Unpin>(
    stream: &mut W,
    bytes: &[u8],
    stall: Duration,
) -> Result<(), IoEnd> {
    for piece in bytes.chunks(WRITE_BYTES) {
        write_piece(stream, piece, stall).await?;
    }
    flush(stream, stall).await
}

/// Writes bytes, which must be taken within `stall`.
///
/// # Errors
/// When the stream breaks or stalls.
pub async fn write_piece<W: AsyncWrite + Unpin>(
    stream: &mut W,
    piece: &[u8],
    stall: Duration,
) -> Result<(), IoEnd> {
    within(stall, stream.write_all(piece)).await?.map_err(broken)
}

/// Flushes within `stall`.
///
/// # Errors
/// When the stream breaks or stalls.
pub async fn flush<W: AsyncWrite + Unpin>(stream: &mut W, stall: Duration) -> Result<(), IoEnd> {
    within(stall, stream.flush()).await?.map_err(broken)
}

fn broken(error: std::io::Error) -> IoEnd {
    IoEnd::Broken(error.to_string())
}

/// Limits the time of one step.
///
/// # Errors
/// [`IoEnd::Stalled`].
pub async fn within<T>(
    stall: Duration,
    step: impl std::future::Future<Output = T>,
) -> Result<T, IoEnd> {
    tokio::time::timeout(stall, step).await.map_err(|_| IoEnd::Stalled)
}
