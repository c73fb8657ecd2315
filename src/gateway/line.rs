//! The connection, as it is written to: at the operator's rate, and what was written is counted.

use crate::net::Volume;
use crate::net::pace::{Pace, Turn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose bytes count.
pub(super) struct Metered<S> {
    stream: S,
    turn: Turn,
    volume: Arc<Volume>,
}

impl<S> Metered<S> {
    /// Sends at `up`, shared with others, and counts there.
    pub(super) fn new(stream: S, up: Option<Arc<Pace>>, volume: Arc<Volume>) -> Self {
        Self { stream, turn: Turn::new(up), volume }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.turn.poll(cx));
        let piece = self.turn.piece(buf.len());
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &buf[..piece]))?;
        self.turn.moved(written);
        self.volume.sent(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Rates;
    use std::time::{Duration, Instant};
    use tokio::io::AsyncWriteExt as _;

    #[tokio::test]
    async fn only_what_was_written_counts() {
        let volume = Arc::new(Volume::default());
        let (near, far) = tokio::io::duplex(1000);
        let mut line = Metered::new(near, None, volume.clone());
        let sending = tokio::spawn(async move { line.write_all(&[0; 100_000]).await });
        while volume.moved().up < 1000 {
            tokio::task::yield_now().await;
        }
        // Whoever asks and goes away costs what was under way to them.
        drop(far);
        assert!(sending.await.unwrap().is_err());
        assert_eq!(volume.moved().up, 1000);
    }

    #[tokio::test]
    async fn a_rate_is_kept() {
        let up = Rates { up: Some(400_000), ..Rates::default() }.shared().up;
        let (near, _far) = tokio::io::duplex(1_000_000);
        let mut line = Metered::new(near, up, Arc::default());
        let start = Instant::now();
        line.write_all(&[0; 200_000]).await.unwrap();
        // Half a second, but for the burst and the last piece, which is not waited for.
        assert!(start.elapsed() > Duration::from_millis(300), "{:?}", start.elapsed());
    }
}
