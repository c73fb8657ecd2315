//! How often something may be done (BEA-10, BEA-11, BEA-13). Constant memory, whoever sends.

use crate::limits::BEACON_CLASSES;
use core::net::SocketAddr;
use core::time::Duration;

/// Thousandths of a permit.
const WHOLE: u64 = 1_000;

/// Lets through a burst, then a number in each second.
#[derive(Debug, Clone)]
pub struct Budget {
    burst: u64,
    per_second: u64,
    left: u64,
    since: u64,
}

impl Budget {
    /// A full budget.
    pub fn new(burst: u32, per_second: u32) -> Self {
        let burst = u64::from(burst) * WHOLE;
        Self { burst, per_second: per_second.into(), left: burst, since: 0 }
    }

    /// Takes one permit if there is one. A clock that goes back gives none.
    pub fn take(&mut self, now: Duration) -> bool {
        self.refill(now);
        let some = self.left >= WHOLE;
        if some {
            self.left -= WHOLE;
        }
        some
    }

    /// When there will be a permit.
    pub fn next(&mut self, now: Duration) -> Duration {
        self.refill(now);
        let lacking = WHOLE.saturating_sub(self.left);
        now + Duration::from_millis(lacking.div_ceil(self.per_second.max(1)))
    }

    fn refill(&mut self, now: Duration) {
        let now = now.as_millis() as u64;
        let passed = now.saturating_sub(self.since);
        self.left =
            passed.saturating_mul(self.per_second).saturating_add(self.left).min(self.burst);
        self.since = self.since.max(now);
    }
}

/// A budget for each class that sources fall into. Which class a source is in is not to be foreseen.
pub struct Classes {
    key: [u8; 32],
    classes: Vec<Budget>,
}

impl Classes {
    /// Full budgets; `key` must be unpredictable.
    pub fn new(key: [u8; 32], burst: u32, per_second: u32) -> Self {
        Self { key, classes: vec![Budget::new(burst, per_second); BEACON_CLASSES] }
    }

    /// Takes a permit of the class of this source's address.
    pub fn take(&mut self, source: &SocketAddr, now: Duration) -> bool {
        let mut bytes = [0; 20];
        match source {
            SocketAddr::V4(v4) => bytes[..4].copy_from_slice(&v4.ip().octets()),
            SocketAddr::V6(v6) => {
                bytes[..16].copy_from_slice(&v6.ip().octets());
                bytes[16..].copy_from_slice(&v6.scope_id().to_be_bytes());
            }
        }
        let hash = blake3::keyed_hash(&self.key, &bytes);
        let class = usize::from(u16::from_be_bytes([hash.as_bytes()[0], hash.as_bytes()[1]]));
        let count = self.classes.len().max(1);
        self.classes.get_mut(class % count).is_some_and(|budget| budget.take(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bea_13_a_burst_then_so_many_a_second() {
        let mut budget = Budget::new(16, 8);
        let at = Duration::from_millis;
        assert_eq!((0..100).filter(|_| budget.take(at(0))).count(), 16);
        assert_eq!(budget.next(at(0)), at(125));
        let passed = (1..=10_000).filter(|ms| budget.take(at(*ms))).count();
        assert_eq!(passed, 80);
        assert!(!budget.take(at(0)), "a clock that goes back");
        assert_eq!((0..100).filter(|_| budget.take(at(1_000_000))).count(), 16);
    }

    #[test]
    fn bea_13_one_source_takes_its_class_only() {
        let mut classes = Classes::new([7; 32], 16, 8);
        let now = Duration::ZERO;
        let flood: SocketAddr = "10.0.0.1:1".parse().unwrap();
        let through = (1..=65_535u16).filter(|port| {
            let mut source = flood;
            source.set_port(*port);
            classes.take(&source, now)
        });
        assert_eq!(through.count(), 16);
        let others = (2..=250).filter(|n| {
            let source = SocketAddr::new([10, 0, 0, *n].into(), 4775);
            classes.take(&source, now)
        });
        assert!(others.count() > 240);
    }
}
