//! Which bytes of a pack are needed for some blocks (STATIC-7).

use super::{Member, PackIndex};
use crate::ids::BlockId;

/// A run of members of a pack: what one HTTP range request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First byte in the pack.
    pub from: u64,
    /// How many bytes; never 0.
    pub bytes: u64,
    /// The members in it.
    pub members: std::ops::Range<usize>,
}

impl PackIndex {
    /// The ranges that hold every wanted block, ascending. Wanted members become one range while at most `gap`
    /// bytes that nobody wants lie between them and the range takes at most `most` bytes (a single member may be
    /// longer). Both are the asker's choice: a request costs a round trip, a gap costs its bytes.
    pub fn ranges(&self, wanted: &dyn Fn(&BlockId) -> bool, gap: u64, most: u64) -> Vec<Range> {
        let (mut out, mut at) = (Vec::<Range>::new(), 0);
        for (n, member) in self.members.iter().enumerate() {
            let (from, end) = (at, at + member.stored);
            at = end;
            if !member.blocks.iter().any(|(id, _)| wanted(id)) {
                continue;
            }
            match out.last_mut() {
                Some(last) if from - last.end() <= gap && end - last.from <= most => {
                    last.bytes = end - last.from;
                    last.members.end = n + 1;
                }
                _ => out.push(Range { from, bytes: member.stored, members: n..n + 1 }),
            }
        }
        out
    }

    /// The members of a range, each with the place of its bytes in the answer.
    pub fn pieces(&self, range: &Range) -> impl Iterator<Item = (&Member, std::ops::Range<u64>)> {
        let members = self.members.get(range.members.clone()).unwrap_or_default();
        members.iter().scan(0, |at, member| {
            let from = *at;
            *at += member.stored;
            Some((member, from..*at))
        })
    }
}

impl Range {
    /// First byte after it.
    pub fn end(&self) -> u64 {
        self.from + self.bytes
    }
}
