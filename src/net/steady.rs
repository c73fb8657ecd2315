//! A connection that notices when its other side does not take what is sent.

use super::limits::{SLOW_BYTES, SLOW_WINDOW};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is known of a connection.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Bytes taken since it was last looked at.
    moved: AtomicU64,
    /// Something waits to be taken.
    waits: AtomicBool,
}

impl Pulse {
    /// Returns when less than [`SLOW_BYTES`] were taken in [`SLOW_WINDOW`] while something waited.
    pub async fn lost(&self) {
        self.lost_within(SLOW_WINDOW).await;
    }

    async fn lost_within(&self, window: Duration) {
        loop {
            tokio::time::sleep(window).await;
            let moved = self.moved.swap(0, Relaxed);
            if self.waits.load(Relaxed) && moved < SLOW_BYTES {
                return;
            }
        }
    }
}

/// The connection.
pub struct Steady<S> {
    stream: S,
    pulse: Arc<Pulse>,
}

impl<S> Steady<S> {
    /// Watches `stream`; the second value tells how it goes.
    pub fn new(stream: S) -> (Self, Arc<Pulse>) {
        let pulse = Arc::new(Pulse::default());
        (Self { stream, pulse: pulse.clone() }, pulse)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Steady<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Steady<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.pulse.waits.store(done.is_pending(), Relaxed);
        if let Poll::Ready(Ok(bytes)) = &done {
            self.pulse.moved.fetch_add(*bytes as u64, Relaxed);
        }
        done
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const WINDOW: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn who_takes_nothing_is_lost() {
        let (near, mut far) = tokio::io::duplex(1000);
        let (mut steady, pulse) = Steady::new(near);
        let sending = tokio::spawn(async move { steady.write_all(&[0; 100_000]).await });
        // Takes a little, but too little.
        far.read_exact(&mut [0; 100]).await.unwrap();
        pulse.lost_within(WINDOW).await;
        sending.abort();
    }

    #[tokio::test]
    async fn who_takes_enough_or_waits_for_us_is_not_lost() {
        let (near, mut far) = tokio::io::duplex(100_000);
        let (mut steady, pulse) = Steady::new(near);
        steady.write_all(&[0; 100_000]).await.unwrap();
        // All is in the pipe: we wait for nothing.
        let lost = tokio::time::timeout(WINDOW * 3, pulse.lost_within(WINDOW)).await;
        assert!(lost.is_err());
        // Something waits, and enough was taken in the window before.
        pulse.waits.store(true, Relaxed);
        pulse.moved.store(SLOW_BYTES, Relaxed);
        far.read_exact(&mut [0; 100]).await.unwrap();
        let end = tokio::time::Instant::now();
        pulse.lost_within(WINDOW).await;
        assert!(end.elapsed() >= WINDOW * 2, "the second window was the empty one");
    }
}
