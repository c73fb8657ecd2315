//! Bytes a day: what the operator of a mirror gives away of a line that is paid by volume.
//!
//! Only counts. Who sends asks whether there is something left, and the day is an argument.

use super::limits::STRUCTURE_BEYOND_PERCENT;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use yadgar_protocol::Codec;

/// Heads and bulletins are sent so much beyond the bytes of a day, in hundredths of them; then nothing is answered.
pub const NEWS_BEYOND_PERCENT: u64 = 20;
/// Or so many bytes, when that is more: news are not to end with a small volume.
pub const NEWS_BEYOND_LEAST: u64 = 8_000_000;
/// Bytes a second that are taken of the questions of one connection where the bytes of a day are bounded: some 900 blocks.
pub const QUESTIONS_RATE: u64 = 32 * 1024;
/// The same of all connections together: at most 5.7 GB in a day.
pub const ALL_QUESTIONS_RATE: u64 = 64 * 1024;

/// Most bytes of a day; `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerDay {
    /// Sent to all peers together.
    pub up: Option<u64>,
    /// Received by what we ask for ourselves.
    pub down: Option<u64>,
}

/// What moved on a day, as it is kept over restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The day by the machine's clock, `YYYY-MM-DD`.
    pub day: String,
    /// Bytes sent.
    pub up: u64,
    /// Bytes received of what we asked for.
    pub down: u64,
}

/// What moved today, and may.
#[derive(Debug, Default)]
pub struct Volume {
    most: PerDay,
    day: Mutex<String>,
    up: AtomicU64,
    down: AtomicU64,
}

impl Volume {
    /// The volume of the day on which `before` was kept.
    pub fn new(most: PerDay, before: Moved) -> Self {
        let Moved { day, up, down } = before;
        Self { most, day: Mutex::new(day), up: up.into(), down: down.into() }
    }

    /// It is this day now: when that is another than before, nothing has moved yet. A clock that goes back begins anew,
    /// too; what is lost then is a bound, never the archive.
    pub fn day(&self, today: &str) {
        let mut day = self.day.lock().unwrap_or_else(PoisonError::into_inner);
        if *day != today {
            today.clone_into(&mut day);
            self.up.store(0, Relaxed);
            self.down.store(0, Relaxed);
        }
    }

    /// Bytes were sent.
    pub fn sent(&self, bytes: usize) {
        self.up.fetch_add(bytes as u64, Relaxed);
    }

    /// Bytes were received of what we asked for. Those that others send us unasked are not counted: they would decide
    /// when we fetch nothing more.
    pub fn received(&self, bytes: usize) {
        self.down.fetch_add(bytes as u64, Relaxed);
    }

    /// True when no content is to be sent any more today.
    pub fn is_sent(&self) -> bool {
        self.most.up.is_some_and(|most| self.up.load(Relaxed) >= most)
    }

    /// True when blocks of this codec are still to be sent today: content up to the bound, structure, without which others
    /// cannot even ask elsewhere, up to [`STRUCTURE_BEYOND_PERCENT`] above it; after that only what tells of releases.
    pub fn gives(&self, codec: Codec) -> bool {
        let Some(most) = self.most.up else { return true };
        let beyond = match codec {
            Codec::Raw => 0,
            Codec::DagCbor => most / 100 * STRUCTURE_BEYOND_PERCENT,
        };
        self.up.load(Relaxed) < most.saturating_add(beyond)
    }

    /// True while heads and bulletins are still told today; after that nothing is answered at all.
    pub fn tells(&self) -> bool {
        let Some(most) = self.most.up else { return true };
        let beyond = (most / 100 * NEWS_BEYOND_PERCENT).max(NEWS_BEYOND_LEAST);
        self.up.load(Relaxed) < most.saturating_add(beyond)
    }

    /// True when bytes of a day are bounded: then others are to cost few of them beside what they are given.
    pub fn is_bounded(&self) -> bool {
        self.most != PerDay::default()
    }

    /// True when nothing is to be fetched any more today.
    pub fn is_received(&self) -> bool {
        self.most.down.is_some_and(|most| self.down.load(Relaxed) >= most)
    }

    /// What moved so far.
    pub fn moved(&self) -> Moved {
        let day = self.day.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Moved { day, up: self.up.load(Relaxed), down: self.down.load(Relaxed) }
    }

    /// What may move.
    pub fn most(&self) -> PerDay {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_used_up_and_another_begins() {
        let most = PerDay { up: Some(1000), down: None };
        let volume = Volume::new(most, Moved::default());
        volume.day("2026-11-29");
        volume.sent(999);
        volume.received(1_000_000);
        assert!(!volume.is_sent() && !volume.is_received());
        volume.sent(1);
        assert!(volume.is_sent() && !volume.is_received());
        volume.day("2026-11-29");
        assert!(volume.is_sent(), "the day goes on");
        // After a restart on that day nothing is given back.
        let again = Volume::new(most, volume.moved());
        again.day("2026-11-29");
        assert!(again.is_sent());
        again.day("2026-11-30");
        assert!(!again.is_sent());
        assert_eq!(again.moved(), Moved { day: "2026-11-30".into(), up: 0, down: 0 });
    }

    #[test]
    fn structure_goes_on_a_little_longer_than_content_and_ends_too() {
        let volume = Volume::new(PerDay { up: Some(1000), down: None }, Moved::default());
        let gives = || (volume.gives(Codec::Raw), volume.gives(Codec::DagCbor));
        for (sent, given) in
            [(999, (true, true)), (1, (false, true)), (99, (false, true)), (1, (false, false))]
        {
            volume.sent(sent);
            assert_eq!(gives(), given, "{}", volume.moved().up);
        }
        assert!(Volume::default().gives(Codec::Raw));
        let nothing = Volume::new(PerDay { up: Some(0), down: None }, Moved::default());
        assert!(!nothing.gives(Codec::DagCbor));
    }

    #[test]
    fn news_go_on_longest_and_end_too() {
        for (most, beyond) in [(0, 8_000_000), (1_000, 8_000_000), (1_000_000_000, 200_000_000)] {
            let volume = Volume::new(PerDay { up: Some(most), down: None }, Moved::default());
            volume.sent((most + beyond - 1) as usize);
            assert!(volume.tells() && !volume.gives(Codec::DagCbor) && volume.is_bounded());
            volume.sent(1);
            assert!(!volume.tells());
        }
        assert!(Volume::default().tells() && !Volume::default().is_bounded());
    }

    #[test]
    fn without_a_bound_nothing_ends() {
        let volume = Volume::default();
        volume.sent(usize::MAX >> 1);
        assert!(!volume.is_sent() && !volume.is_received());
    }
}
