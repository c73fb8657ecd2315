//! Heads whose releases are trusted here and not here whole: who asks is shown the one before (SYNC-8), so they
//! are told by gossip, or a courier would end at the node that read it (COU-8).

use super::Mirror;
use crate::node::follow::Shown;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use yadgar_protocol::ArchiveId;

/// So long a release may take to come whole before others are told of it: by then it was told as complete, if it came
/// from a file or over a fast network.
const FIRST: Duration = Duration::from_secs(10);
/// And so often it is told again, for those who came since. What others told in the last two minutes is a
/// duplicate and goes nowhere (SYNC-9), so that all nodes together tell it no more often than that.
const AGAIN: Duration = Duration::from_secs(300);

/// When which release is to be told next.
#[derive(Default)]
pub(super) struct Ahead(BTreeMap<ArchiveId, (Shown, Instant)>);

impl Ahead {
    /// True when it is time to tell of `release`, which is not here whole; `None` when there is none, or nobody to
    /// tell.
    fn due(&mut self, archive: ArchiveId, release: Option<Shown>, now: Instant) -> bool {
        let Some(release) = release else {
            self.0.remove(&archive);
            return false;
        };
        let known = self.0.entry(archive).or_insert((release, now + FIRST));
        if known.0 != release {
            *known = (release, now + FIRST);
        }
        let due = known.1 <= now;
        if due {
            known.1 = now + AGAIN;
        }
        due
    }
}

impl Mirror {
    /// Tells what is due.
    pub(super) async fn tell_ahead(&mut self, now: Instant) {
        let mut due = Vec::new();
        for follow in self.follows.values() {
            let trusted = follow.trusted.as_ref().map(Shown::of);
            let lacking = trusted.filter(|trusted| follow.complete != Some(*trusted));
            let lacking = lacking.filter(|_| !self.connected.is_empty());
            if self.ahead.due(follow.archive, lacking, now) {
                due.push(follow.archive);
            }
        }
        for archive in due {
            self.announce(archive).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::Hash;

    #[test]
    fn cou_8_after_a_while_and_then_seldom() {
        let (id, start) = (ArchiveId(Hash([1; 32])), Instant::now());
        let release = |n: u8| Some(Shown { sequence: n.into(), hash: Hash([n; 32]) });
        let mut ahead = Ahead::default();
        let mut due = |release, at: u64| ahead.due(id, release, start + Duration::from_secs(at));
        assert!(!due(release(1), 0) && !due(release(1), 9));
        assert!(due(release(1), 10), "first");
        assert!(!due(release(1), 11) && !due(release(1), 309));
        assert!(due(release(1), 310), "again");
        // A newer one waits its own while; one that is here is forgotten.
        assert!(!due(release(2), 311) && due(release(2), 321));
        assert!(!due(None, 322) && !due(release(2), 323) && due(release(2), 333));
    }
}
