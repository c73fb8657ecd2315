//! Answers are sent in turns: the waiting around [`yadgar_protocol::sync::Turns`], which decides.

use super::io::{IoEnd, flush, write_piece};
use futures::AsyncWrite;
use libp2p::PeerId;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use yadgar_protocol::sync::Turns as Machine;
use yadgar_protocol::sync::turns::TICK_MS;

/// Bytes sent in one turn.
const PIECE_BYTES: usize = 32 * 1024;
/// Nobody waits longer for one turn: the other side would take us for stalled
/// ([`STALL`](super::STALL)).
const LONGEST: Duration = Duration::from_secs(5);

/// All turns of a server.
pub struct Turns {
    machine: Mutex<Machine<PeerId>>,
    /// Milliseconds since some start.
    now: Box<dyn Fn() -> u64 + Send + Sync>,
    again: Notify,
}

impl Default for Turns {
    fn default() -> Self {
        let start = Instant::now();
        Self::with_clock(move || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

impl Turns {
    fn with_clock(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { machine: Mutex::default(), now: Box::new(now), again: Notify::new() }
    }

    /// The turns of a stream with this peer.
    pub fn open(&self, peer: PeerId) -> Turn<'_> {
        self.lock().open(peer);
        Turn { turns: self, peer, owed: false }
    }

    /// Peers that nobody waits for at present.
    pub fn left_behind(&self) -> usize {
        self.lock().left_behind()
    }

    fn lock(&self) -> MutexGuard<'_, Machine<PeerId>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those who wait, when that is of use.
    fn rose(&self, rose: bool) {
        if rose {
            self.again.notify_waiters();
        }
    }
}

/// The turns of one stream. Dropped with it.
pub struct Turn<'a> {
    turns: &'a Turns,
    peer: PeerId,
    owed: bool,
}

impl Turn<'_> {
    /// Whether something is owed on the stream.
    pub fn owe(&mut self, owed: bool) {
        if std::mem::replace(&mut self.owed, owed) == owed {
            return;
        }
        let mut machine = self.turns.lock();
        let rose = if owed {
            machine.begin(self.peer);
            false
        } else {
            machine.end(self.peer)
        };
        drop(machine);
        self.turns.rose(rose);
    }

    /// Writes bytes and flushes, each piece when it is the peer's turn. Once it may go it must be taken within
    /// `stall`.
    ///
    /// # Errors
    /// When the stream breaks or stalls.
    pub async fn write_all<W: AsyncWrite + Unpin>(
        &self,
        stream: &mut W,
        bytes: &[u8],
        stall: Duration,
    ) -> Result<(), IoEnd> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.wait().await;
            write_piece(stream, piece, stall).await?;
            let rose = self.turns.lock().sent(self.peer, piece.len() as u64, (self.turns.now)());
            self.turns.rose(rose);
        }
        flush(stream, stall).await
    }

    /// Until it is this peer's turn.
    async fn wait(&self) {
        let end = Instant::now() + LONGEST;
        loop {
            // Listened for before it is looked, so that nothing is missed in between.
            let again = self.turns.again.notified();
            tokio::pin!(again);
            again.as_mut().enable();
            if self.turns.lock().may(self.peer, (self.turns.now)()) || Instant::now() >= end {
                return;
            }
            let _ = tokio::time::timeout(Duration::from_millis(TICK_MS), again).await;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.owe(false);
        self.turns.lock().close(self.peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::STALL;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    const KIB: usize = 1024;
    const MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn who_is_ahead_waits_until_the_other_got_something_or_goes() {
        let clock = Arc::new(AtomicU64::new(0));
        let hand = clock.clone();
        let turns = Turns::with_clock(move || hand.load(Relaxed));
        let (mut one, mut other) = (turns.open(PeerId::random()), turns.open(PeerId::random()));
        one.owe(true);
        other.owe(true);
        // Past the moment in which nobody waits; then the clock stands still.
        for _ in 0..5 {
            one.wait().await;
            clock.fetch_add(TICK_MS, Relaxed);
        }
        let (mut to_one, mut to_other) = (Vec::new(), Vec::new());
        let bytes = vec![7; 1024 * KIB];
        {
            let ahead = one.write_all(&mut to_one, &bytes, STALL);
            tokio::pin!(ahead);
            assert!(tokio::time::timeout(MOMENT, &mut ahead).await.is_err());
            other.write_all(&mut to_other, &bytes[..256 * KIB], STALL).await.unwrap();
            assert!(tokio::time::timeout(MOMENT, &mut ahead).await.is_err());
            drop(other);
            ahead.await.unwrap();
        }
        assert!(to_one == bytes && to_other.len() == 256 * KIB);
        drop(one);
        assert_eq!(turns.left_behind(), 0);
        // Who waits is not to be taken for stalled.
        assert!(LONGEST * 4 < STALL);
    }
}
