//! Chance that is the same for the same seed, on every machine and with every version of every crate.

/// SplitMix64.
pub struct Rng(u64);

impl Rng {
    /// For a thing with a number, among those of a seed.
    pub fn new(seed: u64, purpose: &str, number: u64) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("yadgar fictional people 2026");
        hasher.update(&seed.to_le_bytes()).update(&number.to_le_bytes()).update(purpose.as_bytes());
        let mut start = [0; 8];
        hasher.finalize_xof().fill(&mut start);
        Self(u64::from_le_bytes(start))
    }

    /// Sixteen bytes for an id.
    pub fn id(seed: u64, purpose: &str, number: u64) -> [u8; 16] {
        let mut rng = Self::new(seed, purpose, number);
        let (a, b) = (rng.next().to_le_bytes(), rng.next().to_le_bytes());
        std::array::from_fn(|at| if at < 8 { a[at] } else { b[at - 8] })
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0. The bias is far too small to matter here.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of `from..=to`.
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// One of a list of which the first ones come more often.
    pub fn early<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let (a, b) = (self.below(list.len() as u64), self.below(list.len() as u64));
        &list[if self.percent(40) { a.min(b) } else { a } as usize]
    }

    /// A value by weights, which are not all 0.
    pub fn weighted<T: Copy>(&mut self, list: &[(T, u64)]) -> T {
        let mut at = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in list {
            if at < *weight {
                return *value;
            }
            at -= weight;
        }
        list[0].0
    }
}
