//! What is counted.

/// Of one mirror, in both directions where the field does not say it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    pub messages: u64,
    /// Frames of blocks of content that came, header included.
    pub content_in: u64,
    pub content_out: u64,
    /// Nodes of trees and lists that came.
    pub nodes_in: u64,
    /// Wants, denials, heads, bulletins, gossip, addresses.
    pub control_in: u64,
    pub control_out: u64,
    pub gossip_in: u64,
    /// Blocks and bytes that were here already when they came.
    pub twice: u64,
    pub twice_bytes: u64,
    /// Bytes that came for a plan that was given up.
    pub late_bytes: u64,
    pub denials: u64,
}

/// How far something got: among the mirrors that are up, when it first reached half, 95 % and all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread {
    pub published: u64,
    pub has: usize,
    /// After so long.
    pub half: Option<u64>,
    pub most: Option<u64>,
    pub all: Option<u64>,
    /// When each mirror first had it.
    pub times: Vec<u64>,
}

impl Spread {
    pub fn gain(&mut self, now: u64) {
        self.has += 1;
        self.times.push(now.saturating_sub(self.published));
    }

    /// After a change of `has` or of how many are up.
    pub fn look(&mut self, up: usize, now: u64) {
        let since = now.saturating_sub(self.published);
        for (mark, part) in [(&mut self.half, 50), (&mut self.most, 95), (&mut self.all, 100)] {
            if mark.is_none() && self.has * 100 >= up * part {
                *mark = Some(since);
            }
        }
    }
}

/// Mean and most of something over the mirrors.
pub fn mean_most(of: impl Iterator<Item = u64> + Clone) -> (u64, u64) {
    let count = of.clone().count().max(1) as u64;
    (of.clone().sum::<u64>() / count, of.max().unwrap_or(0))
}
