//! Whom a mirror asks for bulletins and heads, and when (SYNC-8).

use super::{Mirror, jittered};
use crate::net::PeerId;
use crate::node::follow::Follow;
use crate::node::judging::Origin;
use crate::node::work;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Peers that are asked again, out of their turn, while a release is lacking.
const FEW: usize = 8;
/// First pause before that; it doubles up to the usual time between two exchanges.
const FIRST: Duration = Duration::from_secs(5);

/// The turn of a connected peer.
#[derive(Debug, Default)]
struct Turn {
    /// When it is asked in any case.
    next: Option<Instant>,
    /// It is asked before that, for what is lacking.
    early: bool,
    /// Held by who is asking it now.
    asking: Weak<()>,
}

impl Turn {
    fn is_due(&self, now: Instant) -> bool {
        let waits = self.early || self.next.is_none_or(|next| next <= now);
        waits && self.asking.strong_count() == 0
    }
}

/// When each connected peer is to be asked next. Time and randomness are arguments.
#[derive(Debug, Default)]
pub(super) struct Turns {
    all: BTreeMap<PeerId, Turn>,
    /// While a release is lacking: when some are asked out of their turn, and the pause before that.
    again: Option<(Instant, Duration)>,
}

impl Turns {
    /// A peer is connected: it is asked at once.
    pub(super) fn met(&mut self, peer: PeerId) {
        self.all.entry(peer).or_default().next = None;
    }

    /// A peer is not connected any more.
    pub(super) fn gone(&mut self, peer: &PeerId) {
        self.all.remove(peer);
    }

    /// All but this one are to be asked at once.
    pub(super) fn everybody(&mut self, but: Option<PeerId>) {
        for (_, turn) in self.all.iter_mut().filter(|(peer, _)| Some(**peer) != but) {
            turn.next = None;
        }
    }

    /// What is lacking is another release now: others get it about when we do, so few are asked soon again.
    pub(super) fn anew(&mut self) {
        self.again = None;
    }

    /// Whose turn it is, and whether only for what is lacking; who waits longest comes first, of equal ones any.
    fn due(&self, now: Instant, mut dice: impl FnMut() -> u64) -> Vec<(PeerId, bool)> {
        let due = self.all.iter().filter(|(_, turn)| turn.is_due(now));
        let mut due: Vec<_> = due.map(|(peer, turn)| (turn.next, dice(), *peer)).collect();
        due.sort_unstable();
        due.into_iter().map(|(next, _, peer)| (peer, next.is_some_and(|next| next > now))).collect()
    }

    /// A peer is being asked for as long as what this gives is held; its turn comes again at `next`.
    fn asked(&mut self, peer: &PeerId, early: bool, next: Instant) -> Arc<()> {
        let held = Arc::new(());
        if let Some(turn) = self.all.get_mut(peer) {
            let next = if early { turn.next } else { Some(next) };
            *turn = Turn { next, early: false, asking: Arc::downgrade(&held) };
        }
        held
    }

    /// Something is lacking that peers may have got since they were asked, or nothing is. Then a few are asked out of
    /// their turn, soon at first and at last no more often than in any case (`most`): half of them such as were `chosen`,
    /// if there are as many, since strangers may be all others. `dice` is random.
    fn lack(
        &mut self,
        lacks: bool,
        (now, most): (Instant, Duration),
        chosen: &BTreeSet<PeerId>,
        mut dice: impl FnMut() -> u64,
    ) {
        if !lacks || self.all.is_empty() {
            self.again = None;
            return;
        }
        let (at, pause) = *self.again.get_or_insert((now + FIRST.min(most), FIRST.min(most)));
        if now < at {
            return;
        }
        let all: Vec<_> = self.all.iter_mut().map(|(peer, turn)| (dice(), peer, turn)).collect();
        let (mut ours, mut others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, peer, _)| chosen.contains(peer));
        ours.sort_unstable_by_key(|(dice, ..)| *dice);
        others.extend(ours.split_off(ours.len().min(FEW / 2)));
        others.sort_unstable_by_key(|(dice, ..)| *dice);
        ours.into_iter().chain(others).take(FEW).for_each(|(_, _, turn)| turn.early = true);
        let pause = (pause * 2).min(most);
        self.again = Some((now + pause, pause));
    }
}

impl Mirror {
    /// Asks those whose turn it is, as far as there are places: the others stay first in line.
    pub(super) fn ask_due(&mut self) {
        let now = Instant::now();
        let of = |which: &dyn Fn(&Follow) -> bool| -> Vec<_> {
            let all = self.follows.iter().filter(|(_, follow)| which(follow));
            all.map(|(archive, _)| *archive).collect()
        };
        let (all, lacking) = (of(&|_| true), of(&Follow::lacks));
        let times = (now, self.heads_every);
        self.turns.lack(!lacking.is_empty(), times, &self.dialled, rand::random::<u64>);
        if all.is_empty() {
            return;
        }
        for (peer, early) in self.turns.due(now, rand::random::<u64>) {
            let dialled = self.dialled.contains(&peer);
            let from = if dialled { Origin::Dialled } else { Origin::Stranger };
            let Some(place) = self.judging.place(from) else { continue };
            let asking = self.turns.asked(&peer, early, now + jittered(self.heads_every));
            let archives = if early { lacking.clone() } else { all.clone() };
            let (ground, tell) = (self.ground.clone(), self.tell.clone());
            self.tasks.spawn(async move {
                work::ask(ground, peer, archives, tell).await;
                drop((place, asking));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    /// Another number each time.
    fn dice() -> impl FnMut() -> u64 {
        let mut last = 7_u64;
        move || {
            last = last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            last >> 16
        }
    }

    fn peers(turns: &mut Turns, count: usize) -> Vec<PeerId> {
        let all: Vec<_> = (0..count).map(|_| PeerId::random()).collect();
        all.iter().for_each(|peer| turns.met(*peer));
        all
    }

    #[test]
    fn sync_8_each_has_its_turn_and_nobody_is_passed_over() {
        let (mut turns, now, mut dice) = (Turns::default(), Instant::now(), dice());
        let all = peers(&mut turns, 40);
        let mut asked = BTreeSet::new();
        // Three places, however many wait.
        for _ in 0..14 {
            for (peer, early) in turns.due(now, &mut dice).into_iter().take(3) {
                turns.asked(&peer, early, now + HOUR);
                assert!(!early && asked.insert(peer), "nobody twice while others wait");
            }
        }
        assert_eq!(asked.len(), all.len());
        assert!(turns.due(now + HOUR / 2, &mut dice).is_empty());
        assert_eq!(turns.due(now + HOUR, &mut dice).len(), 40);
        turns.gone(&all[0]);
        turns.everybody(Some(all[1]));
        let due = turns.due(now, &mut dice);
        assert_eq!(due.len(), 38);
        assert!(!due.is_sorted(), "the first names have nothing for it");
    }

    #[test]
    fn sync_8_nobody_is_asked_while_being_asked() {
        let (mut turns, now) = (Turns::default(), Instant::now());
        let all = peers(&mut turns, 2);
        let asking = turns.asked(&all[0], false, now + HOUR);
        turns.everybody(None);
        turns.lack(true, (now, Duration::ZERO), &BTreeSet::new(), dice());
        assert_eq!(turns.due(now, dice()).len(), 1, "one is slow");
        drop(asking);
        assert_eq!(turns.due(now, dice()).len(), 2);
    }

    #[test]
    fn sync_8_a_few_are_asked_again_while_a_release_is_lacking() {
        let (mut turns, start, mut dice) = (Turns::default(), Instant::now(), dice());
        let all = peers(&mut turns, 40);
        all.iter().for_each(|peer| drop(turns.asked(peer, false, start + HOUR * 9)));
        // Those that we chose are few, and strangers many.
        let (chosen, mut ours) = (all[..6].iter().copied().collect(), 0);
        let mut times = 0;
        for second in 0..3_600 {
            let now = start + Duration::from_secs(second);
            turns.lack(true, (now, HOUR / 12), &chosen, &mut dice);
            let due = turns.due(now, &mut dice);
            assert!(due.is_empty() || due.len() == FEW);
            times += usize::from(!due.is_empty());
            for (peer, early) in due {
                assert!(early, "only for what is lacking");
                ours += usize::from(chosen.contains(&peer));
                turns.asked(&peer, early, now);
            }
        }
        // After 5, 10, 20, 40, 80, 160 s, and then every five minutes.
        assert_eq!(times, 6 + (3_600 - 315) / 300);
        assert!(ours >= times * FEW / 2);
        let end = start + HOUR;
        assert_eq!(turns.due(end + HOUR * 8, &mut dice).len(), 40, "their turn is what it was");
        turns.anew();
        turns.lack(true, (end, HOUR), &chosen, &mut dice);
        turns.lack(true, (end + FIRST, HOUR), &chosen, &mut dice);
        assert_eq!(turns.due(end + FIRST, &mut dice).len(), FEW, "soon after a new release");
        turns.lack(false, (end, HOUR), &chosen, &mut dice);
        assert_eq!(turns.again, None);
        let nobody = &mut Turns::default();
        nobody.lack(true, (start, HOUR), &chosen, &mut dice);
        assert_eq!(nobody.again, None);
    }
}
