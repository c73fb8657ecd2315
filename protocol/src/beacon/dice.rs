//! Random numbers from a seed that the caller took from the system.

/// A generator: as unpredictable as its seed, and the same for the same seed.
pub struct Dice {
    key: [u8; 32],
    drawn: u64,
}

impl Dice {
    /// A generator. A seed must never be used for two of them.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { key: blake3::derive_key("yadgar 2026 beacon dice", &seed), drawn: 0 }
    }

    /// Fills with new random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&self.drawn.to_le_bytes()).finalize_xof().fill(out);
        self.drawn += 1;
    }

    /// A key.
    pub fn key(&mut self) -> [u8; 32] {
        let mut key = [0; 32];
        self.fill(&mut key);
        key
    }

    /// A number below `end`; 0 when there is none. The bias of the remainder does not matter here.
    pub fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes).checked_rem(end).unwrap_or(0)
    }

    /// The first `count` of these in random order.
    pub fn some<T>(&mut self, mut all: Vec<T>, count: usize) -> Vec<T> {
        let last = all.len();
        for at in 0..last.min(count) {
            let other = at + self.below((last - at) as u64) as usize;
            all.swap(at, other);
        }
        all.truncate(count);
        all
    }
}
