//! When to send to everybody (BEA-8).

use super::dice::Dice;
use crate::limits::{BEACON_FIRST_MS, BEACON_LONGEST_MS, BEACON_SPREAD_MS};
use core::time::Duration;

/// Pauses that double.
#[derive(Debug, Default)]
pub struct Schedule {
    next: Option<Duration>,
    pause: u64,
}

impl Schedule {
    /// Begins anew, soon.
    pub fn restart(&mut self, now: Duration, dice: &mut Dice) {
        let soon = now + Duration::from_millis(dice.below(BEACON_SPREAD_MS + 1));
        // What is due already is not put off.
        self.next = Some(self.next.map_or(soon, |next| next.min(soon)));
        self.pause = BEACON_FIRST_MS;
    }

    /// When it is time.
    pub fn next(&self) -> Option<Duration> {
        self.next
    }

    /// True once each time that the time has come.
    pub fn due(&mut self, now: Duration, dice: &mut Dice) -> bool {
        if self.next.is_none_or(|next| now < next) {
            return false;
        }
        let quarter = self.pause / 4;
        let pause = self.pause - quarter + dice.below(2 * quarter + 1);
        self.next = Some(now + Duration::from_millis(pause));
        self.pause = (self.pause * 2).min(BEACON_LONGEST_MS);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bea_8_pauses_double_from_a_second_to_a_minute() {
        let (mut schedule, mut dice) = (Schedule::default(), Dice::new([1; 32]));
        let far = Duration::from_secs(1 << 40);
        assert!(!schedule.due(far, &mut dice), "not before it was started");
        schedule.restart(Duration::ZERO, &mut dice);
        let mut now = schedule.next().unwrap();
        assert!(now <= Duration::from_millis(BEACON_SPREAD_MS));
        for expected in [1, 2, 4, 8, 16, 32, 60, 60, 60u64] {
            assert!(schedule.due(now, &mut dice));
            assert!(!schedule.due(now, &mut dice), "once");
            let pause = (schedule.next().unwrap() - now).as_millis() as u64;
            assert!((expected * 750..=expected * 1250).contains(&pause), "{expected}: {pause}");
            now = schedule.next().unwrap();
        }
        schedule.restart(now, &mut dice);
        assert!(schedule.due(now + Duration::from_millis(BEACON_SPREAD_MS), &mut dice));
    }
}
