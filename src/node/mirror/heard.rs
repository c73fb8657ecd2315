//! What peers told: withdrawals, forks, heads.

use super::Mirror;
use crate::node::handle::News;
use crate::node::urgent;
use crate::node::work::{self, Heard};
use crate::store::acts::BulletinTaken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::Verdict;

impl Mirror {
    /// A peer told of withdrawals: pass them on at once, and do not ask for them any more.
    pub(super) async fn warned(&mut self, archive: ArchiveId, urgent: BulletinTaken) {
        if let Some(what) = urgent.failed {
            self.say(News::Problem { archive, what });
        }
        if urgent.taken > 0 {
            self.say(News::Withdrawn { archive });
        }
        if urgent.taken > 0 || !urgent.held.is_empty() {
            self.warn_others(archive).await;
            let Some(follow) = self.follows.get_mut(&archive) else { return };
            if let Err(e) = follow.reload(&self.ground) {
                self.say(News::Problem { archive, what: e.to_string() });
            }
            self.fetch(archive);
        }
        urgent.held.into_iter().for_each(|act| self.say(News::Held { archive, act }));
    }

    /// Tells notices by gossip that were not told yet (WD-9).
    pub(super) async fn warn_others(&mut self, archive: ArchiveId) {
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        let messages = urgent::untold(&self.ground, &archive, &mut follow.told);
        for message in messages {
            if let Err(e) = self.ground.net.publish(follow.topic.clone(), message).await {
                tracing::debug!("gossip: {e}");
            }
        }
    }

    pub(super) async fn heard(&mut self, heard: Heard) {
        let Heard { peer, archive, urgent, verdict, asked } = heard;
        self.warned(archive, urgent).await;
        let Some(verdict) = verdict else { return };
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        let connected = self.connected.contains(&peer);
        match verdict {
            Ok(Verdict::Accept(head) | Verdict::Settled { head, .. }) => {
                let sequence = head.release.sequence;
                // What tasks tell can come late: another head may have been taken meanwhile.
                let held = follow.trusted.as_ref().map(|t| t.bytes.clone());
                follow.refresh(&self.ground);
                if held.is_some() && held == follow.trusted.as_ref().map(|t| t.bytes.clone()) {
                    return;
                }
                self.say(News::Accepted { archive, sequence });
                if asked {
                    // Gossip passes on what came by gossip; what was asked for is told here.
                    self.announce(archive).await;
                }
                // Others may have it too: the more sources the better.
                self.connected.clone().into_iter().filter(|p| *p != peer).for_each(|p| self.ask(p));
            }
            // Somebody else in this process may have taken it: the disk knows.
            Ok(Verdict::Known | Verdict::Older | Verdict::Forked | Verdict::NeedsAncestor(_)) => {
                follow.refresh(&self.ground);
            }
            Ok(verdict @ (Verdict::Fork(_) | Verdict::RootFork)) => {
                follow.refresh(&self.ground);
                if let Verdict::Fork(fork) = verdict {
                    work::tell_fork(&self.ground, follow.topic.clone(), &fork).await;
                }
                let what = "a peer shows a different release where the trusted one stands; \
                    nothing was replaced: ask the maintainers";
                self.say(News::Problem { archive, what: what.into() });
                return;
            }
            Ok(Verdict::SupersededRoot | Verdict::Refuse(_)) => return,
            Err(e) => {
                follow.refresh(&self.ground);
                return self.say(News::Problem { archive, what: e.to_string() });
            }
        }
        if let Some(follow) = self.follows.get_mut(&archive).filter(|_| connected) {
            follow.add_holder(peer);
        }
        self.fetch(archive);
    }
}
