//! When a host is asked again that failed, and when it is given up.
//!
//! Several questions are under way at a time, and what ends one mostly ends all: a restart, another Wi-Fi, a lost circuit.
//! So what was asked before the last failure was noted fails with it, and only what was asked since counts anew.

use super::error::WebError;
use super::limits::TRIES;
use std::time::Duration;
use tokio::time::Instant;

/// Which wave a question is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wave(u64);

/// See the module.
#[derive(Debug)]
pub(super) struct Patience {
    wave: Wave,
    /// Waves in a row that failed.
    fails: u32,
    not_before: Instant,
}

impl Patience {
    /// Nothing failed yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { wave: Wave(0), fails: 0, not_before: now }
    }

    /// What a question is of that begins now.
    pub(super) fn wave(&self) -> Wave {
        self.wave
    }

    /// True when a question may be asked.
    pub(super) fn may_ask(&self, now: Instant) -> bool {
        now >= self.not_before
    }

    /// When the next question may be asked.
    pub(super) fn not_before(&self) -> Instant {
        self.not_before
    }

    /// The host answered.
    pub(super) fn came(&mut self) {
        self.fails = 0;
    }

    /// A question of this wave failed: waits longer after each wave in a row, and gives up after some; false then. The
    /// first may be of the block, not of the host, when it is the gateway that found nothing: nothing waits for that.
    pub(super) fn failed(
        &mut self,
        of: Wave,
        error: &WebError,
        reopen: Duration,
        now: Instant,
    ) -> bool {
        if of != self.wave {
            return true;
        }
        self.wave.0 += 1;
        // It cost us a whole stall time already.
        self.fails += if *error == WebError::Stalled { TRIES / 2 } else { 1 };
        if self.fails >= TRIES {
            return false;
        }
        let of_block = matches!(error, WebError::Status(500 | 502 | 504));
        if !of_block || self.fails > 1 {
            self.not_before = now + reopen * 2u32.pow(self.fails.min(5));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REOPEN: Duration = Duration::from_millis(500);

    #[test]
    fn what_was_under_way_together_fails_once() {
        let now = Instant::now();
        let broken = WebError::Broken("reset".into());
        let mut patience = Patience::new(now);
        let wave = patience.wave();
        (0..8).for_each(|_| assert!(patience.failed(wave, &broken, REOPEN, now)));
        assert_eq!(patience.not_before(), now + 2 * REOPEN);
        assert!(!patience.may_ask(now) && patience.may_ask(now + 2 * REOPEN));
        let wave = patience.wave();
        (0..4).for_each(|_| assert!(patience.failed(wave, &WebError::Stalled, REOPEN, now)));
        assert!(patience.failed(patience.wave(), &broken, REOPEN, now));
        patience.came();
        // One wave after the other is too much at last.
        let fails: Vec<_> =
            (0..TRIES).map(|_| patience.failed(patience.wave(), &broken, REOPEN, now)).collect();
        assert_eq!(fails, [true, true, true, true, true, false]);
    }

    #[test]
    fn for_what_a_gateway_did_not_find_once_nothing_waits() {
        let now = Instant::now();
        let (mut patience, of_block) = (Patience::new(now), WebError::Status(504));
        assert!(patience.failed(patience.wave(), &of_block, REOPEN, now) && patience.may_ask(now));
        assert!(patience.failed(patience.wave(), &of_block, REOPEN, now) && !patience.may_ask(now));
    }
}
