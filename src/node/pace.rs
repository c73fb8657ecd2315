//! How fast the upkeep of a store goes.

use std::time::{Duration, Instant};

/// Steps of the scrub in one tick: bounds the work between two looks at the rest, also where no rate does.
const MOST_STEPS: u32 = 256;
/// Longest pause between two times that peers are asked for lost blocks.
const MOST_MEND: Duration = Duration::from_secs(24 * 3600);

/// How often and how fast.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Most bytes read in a second.
    pub rate: u64,
    /// A round takes at least this long.
    pub round: Duration,
    /// How often it is looked whether something is to be done.
    pub tick: Duration,
    /// How often it is looked whether files are to be written again.
    pub compact: Duration,
    /// How often the position is written down.
    pub save: Duration,
    /// After a damaged block was met, peers are asked for what no fetch has brought. The pause to the next time doubles,
    /// up to a day, as long as nothing comes.
    pub mend: Duration,
}

impl Default for Pace {
    /// 10 MB/s at most, a round in 30 days.
    fn default() -> Self {
        Self {
            rate: 10_000_000,
            round: Duration::from_secs(30 * 24 * 3600),
            tick: Duration::from_secs(10),
            compact: Duration::from_secs(3600),
            save: Duration::from_secs(60),
            mend: Duration::from_secs(300),
        }
    }
}

impl Pace {
    /// The time that so many bytes of all may take.
    pub(super) fn pause(&self, bytes: u64, total: u64) -> Duration {
        let fastest = Duration::from_secs_f64(bytes as f64 / self.rate.max(1) as f64);
        let part = bytes as f64 / total.max(1) as f64;
        fastest.max(self.round.mul_f64(part.min(1.0)))
    }
}

/// When the scrub may read on: the share of each tick at its beginning.
pub(super) struct Budget {
    /// What was read is paid for until then.
    due: Instant,
    until: Instant,
    steps: u32,
}

impl Budget {
    pub fn new(now: Instant) -> Self {
        Self { due: now, until: now, steps: 0 }
    }

    /// A tick begins. What the one before left over, it may have too; what is older is forgone.
    pub fn tick(&mut self, now: Instant, tick: Duration) {
        self.due = self.due.max(now.checked_sub(tick).unwrap_or(now));
        (self.until, self.steps) = (now + tick, 0);
    }

    /// True when another step fits into this tick.
    pub fn may(&self) -> bool {
        self.due < self.until && self.steps < MOST_STEPS
    }

    /// A step was done that may take so long.
    pub fn took(&mut self, pause: Duration) {
        self.due += pause;
        self.steps += 1;
    }
}

/// The pause until peers are asked again for lost blocks.
pub(super) struct MendPause {
    first: Duration,
    now: Duration,
}

impl MendPause {
    pub fn new(first: Duration) -> Self {
        Self { first, now: first }
    }

    pub fn get(&self) -> Duration {
        self.now
    }

    /// Something came, or something else was lost.
    pub fn reset(&mut self) {
        self.now = self.first;
    }

    /// Nothing came.
    pub fn grow(&mut self) {
        self.now = (self.now * 2).min(MOST_MEND.max(self.first));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: u64 = 1 << 20;

    /// Bytes read in a day of ticks, the reading of each taking `busy`.
    fn bytes_in_a_day(pace: &Pace, total: u64, busy: Duration) -> f64 {
        let begun = Instant::now();
        let (mut now, mut bytes) = (begun, 0);
        let mut budget = Budget::new(now);
        while now < begun + Duration::from_secs(24 * 3600) {
            now += pace.tick;
            budget.tick(now, pace.tick);
            while budget.may() {
                bytes += STEP;
                budget.took(pace.pause(STEP, total));
            }
            now += busy;
        }
        bytes as f64
    }

    #[test]
    fn a_round_takes_thirty_days_or_ten_megabytes_a_second() {
        let pace = Pace::default();
        let day = 24.0 * 3600.0;
        for total in [2e9, 100e9, 272e9, 2e12, 20e12, 26e12, 100e12] {
            let wanted = f64::min(total / 30.0, 10e6 * day);
            for busy in [Duration::ZERO, Duration::from_secs(3)] {
                let read = bytes_in_a_day(&pace, total as u64, busy);
                let slack = wanted * 0.01 + 2.0 * STEP as f64;
                assert!((read - wanted).abs() <= slack, "{total}: {read}, not {wanted}");
            }
        }
    }

    #[test]
    fn a_tick_has_an_end_and_nothing_is_caught_up_on() {
        let (now, tick) = (Instant::now(), Duration::from_secs(10));
        let mut budget = Budget::new(now);
        // It slept for long.
        budget.tick(now + Duration::from_secs(1_000_000), tick);
        let mut steps = 0;
        while budget.may() {
            budget.took(Duration::from_secs(1));
            steps += 1;
        }
        assert_eq!(steps, 20);
        budget.tick(now + Duration::from_secs(2_000_000), tick);
        (0..MOST_STEPS).for_each(|_| budget.took(Duration::ZERO));
        assert!(!budget.may());
    }

    #[test]
    fn asking_in_vain_becomes_rare() {
        let mut pause = MendPause::new(Duration::from_secs(300));
        let mut in_a_month = 0;
        let mut left = Duration::from_secs(30 * 24 * 3600);
        while let Some(rest) = left.checked_sub(pause.get()) {
            (left, in_a_month) = (rest, in_a_month + 1);
            pause.grow();
        }
        assert!((30..40).contains(&in_a_month), "{in_a_month}");
        assert_eq!(pause.get(), MOST_MEND);
        pause.reset();
        assert_eq!(pause.get(), Duration::from_secs(300));
    }
}
