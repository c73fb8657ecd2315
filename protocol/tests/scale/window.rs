//! How much is asked of one source at a time: the rules and numbers of `src/sync/window.rs`, in
//! simulated microseconds.

const START: u64 = 1024 * 1024;
const LEAST: u64 = 128 * 1024;
const MOST: u64 = 8 * 1024 * 1024;
const LONG: u64 = 10_000_000;

#[derive(Debug, Clone)]
pub struct Window {
    size: u64,
    bytes: u64,
    pub blocks: u64,
    answered: u64,
    since: u64,
    best: u64,
}

impl Window {
    pub fn new(now: u64) -> Self {
        Self { size: START, bytes: 0, blocks: 0, answered: 0, since: now, best: 0 }
    }

    pub fn room(&self) -> u64 {
        let free = self.size.saturating_sub(self.bytes);
        if free * 4 >= self.size { free } else { 0 }
    }

    pub fn ask(&mut self, bytes: u64, now: u64) {
        if self.blocks == 0 {
            (self.since, self.answered) = (now, 0);
        }
        self.bytes += bytes;
        self.blocks += 1;
    }

    pub fn answer(&mut self, bytes: u64, now: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.blocks = self.blocks.saturating_sub(1);
        self.answered += bytes;
        if self.answered < self.size {
            return;
        }
        let took = now - self.since;
        let rate = self.answered * 1_000_000 / took.max(1);
        if took > LONG {
            self.size = (self.size / 2).max(LEAST);
        } else if rate > self.best + self.best / 4 {
            self.size = (self.size * 2).min(MOST);
        }
        self.best = self.best.max(rate);
        (self.since, self.answered) = (now, 0);
    }
}
