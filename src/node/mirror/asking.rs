//! Whom a mirror asks for bulletins and heads, and when (SYNC-8).

use super::{Mirror, jittered};
use crate::net::PeerId;
use crate::node::follow::Follow;
use crate::node::judging::Origin;
use crate::node::work;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Peers that are asked again, out of their turn, while a release is lacking.
const FEW: usize = 8;
/// First pause before that; it doubles up to the usual time between two exchanges.
const FIRST: Duration = Duration::from_secs(5);

/// When each connected peer is to be asked next. Time and randomness are arguments.
#[derive(Debug, Default)]
pub(super) struct Turns {
    next: BTreeMap<PeerId, Instant>,
    /// While a release is lacking: when some are asked again, and the pause before that.
    again: Option<(Instant, Duration)>,
}

impl Turns {
    /// A peer is connected: it is asked at once.
    pub(super) fn met(&mut self, peer: PeerId, now: Instant) {
        self.next.insert(peer, now);
    }

    /// A peer is not connected any more.
    pub(super) fn gone(&mut self, peer: &PeerId) {
        self.next.remove(peer);
    }

    /// All but this one are to be asked at once.
    pub(super) fn all(&mut self, but: Option<PeerId>, now: Instant) {
        for (_, next) in self.next.iter_mut().filter(|(peer, _)| Some(**peer) != but) {
            *next = now.min(*next);
        }
    }

    /// What is lacking is another release now: others get it about when we do, so few are asked soon again.
    pub(super) fn anew(&mut self) {
        self.again = None;
    }

    /// Whose time has come; who waits longest comes first.
    fn due(&self, now: Instant) -> Vec<PeerId> {
        let mut due: Vec<_> = self.next.iter().filter(|(_, next)| **next <= now).collect();
        due.sort_by_key(|(_, next)| **next);
        due.into_iter().map(|(peer, _)| *peer).collect()
    }

    /// A peer was asked, and is asked again at `next`.
    fn asked(&mut self, peer: &PeerId, next: Instant) {
        self.next.get_mut(peer).map(|at| *at = next);
    }

    /// Something is lacking that peers may have got since they were asked, or nothing is. Then a few are asked out of
    /// their turn, soon at first and at last no more often than in any case (`most`). `below` is random.
    fn lack(
        &mut self,
        lacks: bool,
        now: Instant,
        most: Duration,
        mut below: impl FnMut(usize) -> usize,
    ) {
        if !lacks || self.next.is_empty() {
            self.again = None;
            return;
        }
        let (at, pause) = *self.again.get_or_insert((now + FIRST.min(most), FIRST.min(most)));
        if now < at {
            return;
        }
        let mut others: Vec<_> = self.next.values_mut().collect();
        for _ in 0..FEW.min(others.len()) {
            let next = others.swap_remove(below(others.len()));
            *next = now.min(*next);
        }
        let pause = (pause * 2).min(most);
        self.again = Some((now + pause, pause));
    }
}

impl Mirror {
    /// Asks those whose turn it is, as far as there are places: the others stay first in line.
    pub(super) fn ask_due(&mut self) {
        let now = Instant::now();
        let archives: Vec<_> = self.follows.keys().copied().collect();
        let lacks = self.follows.values().any(Follow::lacks);
        self.turns.lack(lacks, now, self.heads_every, |end| rand::random_range(0..end));
        if archives.is_empty() {
            return;
        }
        for peer in self.turns.due(now) {
            let dialled = self.dialled.contains(&peer);
            let from = if dialled { Origin::Dialled } else { Origin::Stranger };
            let Some(place) = self.judging.place(from) else { continue };
            self.turns.asked(&peer, now + jittered(self.heads_every));
            let (ground, tell, archives) =
                (self.ground.clone(), self.tell.clone(), archives.clone());
            self.tasks.spawn(async move {
                work::ask(ground, peer, archives, tell).await;
                drop(place);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn sync_8_each_has_its_turn_and_nobody_is_passed_over() {
        let (mut turns, now) = (Turns::default(), Instant::now());
        let peers: Vec<_> = (0..40).map(|_| PeerId::random()).collect();
        peers.iter().for_each(|peer| turns.met(*peer, now));
        let mut asked = std::collections::BTreeSet::new();
        // Three places, however many wait.
        for _ in 0..14 {
            for peer in turns.due(now).into_iter().take(3) {
                turns.asked(&peer, now + HOUR);
                assert!(asked.insert(peer), "nobody twice while others wait");
            }
        }
        assert_eq!(asked.len(), peers.len());
        assert!(turns.due(now + HOUR / 2).is_empty() && turns.due(now + HOUR).len() == 40);
        turns.gone(&peers[0]);
        turns.all(Some(peers[1]), now);
        assert_eq!(turns.due(now).len(), 38);
    }

    #[test]
    fn sync_8_a_few_are_asked_again_while_a_release_is_lacking() {
        let (mut turns, start) = (Turns::default(), Instant::now());
        let mut times = 0;
        for _ in 0..40 {
            turns.met(PeerId::random(), start + HOUR * 9);
        }
        for second in 0..3_600 {
            let now = start + Duration::from_secs(second);
            turns.lack(true, now, HOUR / 12, |_| 0);
            let due = turns.due(now);
            assert!(due.is_empty() || due.len() == FEW);
            times += usize::from(!due.is_empty());
            due.iter().for_each(|peer| turns.asked(peer, now + HOUR * 9));
        }
        // After 5, 10, 20, 40, 80, 160 s, and then every five minutes.
        assert_eq!(times, 6 + (3_600 - 315) / 300);
        let end = start + HOUR;
        turns.anew();
        turns.lack(true, end, HOUR, |_| 0);
        turns.lack(true, end + FIRST, HOUR, |_| 0);
        assert_eq!(turns.due(end + FIRST).len(), FEW, "soon after a new release");
        turns.lack(false, end, HOUR, |_| 0);
        assert_eq!(turns.again, None);
        let nobody = &mut Turns::default();
        nobody.lack(true, start, HOUR, |_| 0);
        assert_eq!(nobody.again, None);
    }
}
