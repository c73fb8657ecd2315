//! What peers told: withdrawals, forks, heads.

use super::Mirror;
use crate::freshness::Agreement;
use crate::net::PeerId;
use crate::node::follow::Follow;
use crate::node::handle::News;
use crate::node::learn::Teller;
use crate::node::urgent;
use crate::node::work::{self, Heard};
use crate::store::StoreError;
use crate::store::acts::BulletinTaken;
use crate::store::adopt::state_of;
use crate::store::heads::ArchiveSettings;
use crate::sync::{FetchSummary, Host as _};
use yadgar_protocol::ArchiveId;
use yadgar_protocol::score::Fault;
use yadgar_protocol::trust::{State, Verdict};

impl Mirror {
    /// A peer told of withdrawals: pass them on at once, and do not ask for them any more.
    pub(super) async fn warned(&mut self, archive: ArchiveId, urgent: BulletinTaken) {
        if let Some(what) = urgent.failed {
            self.say(News::Problem { archive, what });
        }
        if urgent.taken > 0 {
            self.say(News::Withdrawn { archive });
        }
        if urgent.fork {
            // The head that came with the bulletin let its proof be judged at last.
            let Some(follow) = self.follows.get_mut(&archive) else { return };
            follow.refresh(&self.ground);
            self.tell_dispute(archive).await;
            self.disputed(archive);
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

    /// Passes the proof of a fork that stands on (TRUST-24).
    pub(super) async fn tell_dispute(&self, archive: ArchiveId) {
        let Some(follow) = self.follows.get(&archive) else { return };
        match state_of(&self.ground.states, &archive) {
            Ok(Some(State { fork: Some(fork), .. })) => {
                work::tell_fork(&self.ground, follow.topic.clone(), &fork).await;
            }
            Ok(_) => {}
            Err(e) => self.say(News::Problem { archive, what: e.to_string() }),
        }
    }

    /// A peer offered a head that the trust rules refuse. What came by gossip is held against its peer already.
    fn refused(&self, peer: Option<PeerId>, asked: bool) {
        if let Some(peer) = peer.filter(|_| asked) {
            self.ground.net.blame(peer, Fault::RefusedHead);
        }
    }

    /// What the peer has, when a verdict tells it; not of a dispute, which is told otherwise.
    fn has_it(verdict: &Result<Verdict, StoreError>) -> Option<bool> {
        match verdict {
            Ok(Verdict::Accept(_) | Verdict::Settled { .. } | Verdict::Known) => Some(true),
            Ok(Verdict::Older) => Some(false),
            _ => None,
        }
    }

    pub(super) async fn heard(&mut self, heard: Heard) {
        let Heard { from, archive, urgent, verdict, asked } = heard;
        self.warned(archive, urgent).await;
        let Some(verdict) = verdict else { return };
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        let peer = match &from {
            Teller::Peer(peer) => Some(*peer),
            Teller::Host(_) => None,
        };
        let same = Self::has_it(&verdict);
        match verdict {
            Ok(Verdict::Accept(head) | Verdict::Settled { head, .. }) => {
                let sequence = head.release.sequence;
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
                // Others may have it too: the more sources the better. Who told it by gossip may have notices
                // that could not be judged before (WD-5).
                self.turns.anew();
                self.turns.everybody(peer.filter(|_| asked));
                self.ask_due();
            }
            // Somebody else in this process may have taken it: the disk knows.
            Ok(Verdict::Known | Verdict::Older | Verdict::Forked | Verdict::NeedsAncestor(_)) => {
                follow.refresh_if_changed(&self.ground);
            }
            Ok(Verdict::Fork(fork)) => {
                follow.refresh(&self.ground);
                work::tell_fork(&self.ground, follow.topic.clone(), &fork).await;
                self.disputed(archive);
                // Who has a side of it may have what both sides agree on.
            }
            Ok(Verdict::RootFork) => return self.disputed(archive),
            Ok(Verdict::SupersededRoot) => return,
            Ok(Verdict::Refuse(_)) => return self.refused(peer, asked),
            Err(e) => {
                follow.refresh(&self.ground);
                return self.say(News::Problem { archive, what: e.to_string() });
            }
        }
        self.tell_complete(archive, FetchSummary::default()).await;
        self.holds(archive, &from, same, asked);
        self.fetch(archive);
    }

    /// Somebody has (some release of) an archive: the same as is trusted here, an older one, or a side of a dispute.
    pub(super) fn holds(
        &mut self,
        archive: ArchiveId,
        from: &Teller,
        same: Option<bool>,
        asked: bool,
    ) {
        if let (Teller::Peer(peer), Some(true)) = (from, same) {
            self.proved(peer);
        }
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        match from {
            Teller::Peer(peer) if self.connected.contains(peer) => follow.add_holder(*peer),
            // It is not connected any more.
            Teller::Peer(_) => return,
            // It was taken out while it was looked at.
            Teller::Host(host) if self.hosts.lines.line(host.number()).is_none() => return,
            Teller::Host(host) => follow.add_host(host.clone()),
        }
        let chosen = match from {
            Teller::Peer(peer) => asked && self.dialled.contains(peer),
            Teller::Host(_) => true,
        };
        if let Some(same) = same.filter(|_| chosen) {
            follow.answer(from.giver(), same);
        }
        if let (Teller::Host(host), Some(true)) = (from, same) {
            let release = follow.trusted.as_ref().map(|head| head.release.sequence);
            self.hosts.showed(host.number(), release);
        }
    }

    /// Keeps what the sources have that were asked lately, for people.
    pub(super) async fn keep_agreements(&mut self) {
        let (dialled, hosts) = (self.dialled.len(), &self.hosts.lines);
        let new = |follow: &mut Follow| {
            let asked = dialled + hosts.of(follow.archive).count();
            Some((follow.archive, follow.agreement(asked)?))
        };
        let new: Vec<_> = self.follows.values_mut().filter_map(new).collect();
        for (archive, agreement) in new {
            let day = crate::clock::utc_day(std::time::SystemTime::now());
            let agreement = Some(Agreement { day, ..agreement });
            let states = self.ground.states.clone();
            let change = move |settings: &mut ArchiveSettings| settings.agreement = agreement;
            let keep = urgent::blocking(move || states.change_settings(&archive, change)).await;
            if let Err(what) = keep {
                self.say(News::Problem { archive, what });
            }
        }
    }

    fn disputed(&self, archive: ArchiveId) {
        let what = "a peer shows a different release where the trusted one stands; \
            nothing was replaced: ask the maintainers";
        self.say(News::Problem { archive, what: what.into() });
    }
}

#[cfg(test)]
#[path = "heard_tests.rs"]
mod tests;
