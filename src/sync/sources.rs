//! Which sources of a fetch are asked at the same time, and who waits for a place.

use super::fetch::{MAX_SOURCES, MAX_WAITING};
use super::giver::{Asked, Giver, Line};
use super::session::End;
use super::source::{self, Shared};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The pause before a lost host is asked again, in first pauses before a stream is opened again: a few fit into the time after
/// which a fetch gives up, however often it was lost before.
const AGAIN: u32 = 32;

/// A host that was lost: somebody named it, and nobody may offer it again.
struct Lost {
    asked: Asked,
    again: Instant,
}

/// Those for whom there is no place. Nobody is asked twice at once, and who lied is not asked again.
struct Queue {
    /// Who is asked or waits, and who lied.
    known: BTreeSet<Giver>,
    waiting: VecDeque<Asked>,
    /// Hosts that are asked again later. Few, for somebody named each.
    lost: Vec<Lost>,
    /// First pause before a stream is opened again; `None` where whoever began the fetch goes on to offer hosts.
    reopen: Option<Duration>,
    /// How many wait, for the engine, which lets go whoever has nothing.
    count: Arc<AtomicUsize>,
}

impl Queue {
    fn new(reopen: Option<Duration>, count: Arc<AtomicUsize>) -> Self {
        let (known, waiting) = (BTreeSet::new(), VecDeque::new());
        Self { known, waiting, lost: Vec::new(), reopen, count }
    }

    fn offer(&mut self, asked: Asked) {
        let giver = asked.giver();
        // Whoever offers it has just heard from it.
        self.lost.retain(|lost| lost.asked.giver() != giver || !self.known.remove(&giver));
        if self.known.insert(giver) {
            self.push(asked);
        }
    }

    /// When the next lost host is asked again.
    fn again(&self) -> Option<Instant> {
        self.lost.iter().map(|lost| lost.again).min()
    }

    /// Lost hosts whose time has come wait for a place.
    fn find(&mut self, now: Instant) {
        for Lost { asked, again } in std::mem::take(&mut self.lost) {
            if again <= now { self.push(asked) } else { self.lost.push(Lost { asked, again }) }
        }
    }

    fn lose(&mut self, asked: Asked, now: Instant) {
        let Some(reopen) = self.reopen.filter(|_| matches!(asked, Asked::Host(_))) else {
            self.known.remove(&asked.giver());
            return;
        };
        self.lost.push(Lost { asked, again: now + reopen * AGAIN });
    }

    fn push(&mut self, asked: Asked) {
        match self.waiting.len() < MAX_WAITING {
            true => self.waiting.push_back(asked),
            // Offered again at the next exchange of heads.
            false => drop(self.known.remove(&asked.giver())),
        }
        self.count.store(self.waiting.len(), Relaxed);
    }

    /// Who is to be asked, when so many are.
    fn next(&mut self, running: usize) -> Option<Asked> {
        let next = if running < MAX_SOURCES { self.waiting.pop_front() } else { None };
        self.count.store(self.waiting.len(), Relaxed);
        next
    }

    fn ended(&mut self, asked: Asked, end: &End, now: Instant) {
        match end {
            End::Lied(_) => {}
            // It had nothing: others first, then it again, since it may be filling up.
            End::LetGo => self.push(asked),
            End::Lost(_) | End::Stalled => self.lose(asked, now),
            _ => drop(self.known.remove(&asked.giver())),
        }
    }
}

/// Starts a task for each source.
pub(super) struct Sources {
    /// Dropped when no more sources can come; the engine then notices when the last stream ends.
    shared: Option<Shared>,
    pub(super) tasks: JoinSet<(Asked, End)>,
    queue: Queue,
}

impl Sources {
    /// None yet. With `again` hosts that were lost are asked again: for a fetch that ends when it gets nowhere.
    pub(super) fn new(shared: Shared, again: bool) -> Self {
        let reopen = again.then_some(shared.timing.reopen);
        let queue = Queue::new(reopen, shared.waiting.clone());
        Self { shared: Some(shared), tasks: JoinSet::new(), queue }
    }

    /// Takes offers as long as there may be more.
    pub(super) async fn run(
        &mut self,
        mut offers: mpsc::Receiver<Asked>,
    ) -> std::convert::Infallible {
        let mut open = true;
        loop {
            self.queue.find(Instant::now());
            self.fill();
            // Who is asked now may be let go, and then waits; who is lost is asked again.
            let none = self.queue.waiting.is_empty() && self.queue.lost.is_empty();
            if !open && none && self.tasks.is_empty() {
                self.shared = None;
            }
            let again = self.queue.again();
            tokio::select! {
                asked = offers.recv(), if open => match asked {
                    Some(asked) => self.queue.offer(asked),
                    None => open = false,
                },
                Some(done) = self.tasks.join_next() => match done {
                    Ok((asked, end)) => self.queue.ended(asked, &end, Instant::now()),
                    Err(error) => tracing::warn!(%error, "a source task failed"),
                },
                () = tokio::time::sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => {}
                else => std::future::pending().await,
            }
        }
    }

    fn fill(&mut self) {
        // When it is over, those that end because of that are not begun again.
        let over = |shared: &Shared| shared.cancel.is_cancelled() || shared.events.is_closed();
        let Some(shared) = self.shared.as_ref().filter(|shared| !over(shared)) else { return };
        while let Some(asked) = self.queue.next(self.tasks.len()) {
            let shared = shared.clone();
            match asked {
                Asked::Peer(peer) => {
                    self.tasks
                        .spawn(async move { (Asked::Peer(peer), source::run(peer, shared).await) });
                }
                Asked::Host(host) => {
                    let line = Line::new(host.number(), shared);
                    self.tasks
                        .spawn(async move { (Asked::Host(host.clone()), host.give(line).await) });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::PeerId;
    use crate::sync::Host;
    use futures::future::BoxFuture;
    use yadgar_protocol::Reject;

    fn queue() -> Queue {
        Queue::new(Some(Duration::from_millis(500)), Arc::default())
    }

    #[test]
    fn who_has_nothing_waits_behind_those_who_were_not_asked() {
        let (mut queue, mut running) = (queue(), Vec::new());
        let all: Vec<_> = (0..MAX_SOURCES + 3).map(|_| PeerId::random()).collect();
        for peer in &all {
            queue.offer((*peer).into());
            queue.offer((*peer).into());
            running.extend(queue.next(running.len()));
        }
        assert_eq!((running.len(), queue.count.load(Relaxed)), (MAX_SOURCES, 3));
        let first = running.remove(0);
        queue.ended(first, &End::LetGo, Instant::now());
        let next = queue.next(running.len()).unwrap();
        assert_eq!(next.giver(), all[MAX_SOURCES].into());
        assert!(queue.next(MAX_SOURCES).is_none());
        let waiting: Vec<_> = queue.waiting.iter().map(Asked::giver).collect();
        assert_eq!(waiting, [all[MAX_SOURCES + 1], all[MAX_SOURCES + 2], all[0]].map(Giver::from));
    }

    #[test]
    fn who_was_lost_may_come_again_and_who_lied_may_not() {
        let mut queue = queue();
        let (lost, liar) = (PeerId::random(), PeerId::random());
        [lost, liar].into_iter().for_each(|peer| queue.offer(peer.into()));
        let asked = [0, 1].map(|running| queue.next(running).unwrap());
        let ends = [End::Lost(String::new()), End::Lied(Reject::new("X", "a lie"))];
        for (asked, end) in asked.into_iter().zip(ends) {
            queue.ended(asked, &end, Instant::now());
        }
        [lost, liar].into_iter().for_each(|peer| queue.offer(peer.into()));
        assert_eq!(queue.next(0).map(|asked| asked.giver()), Some(lost.into()));
        assert!(queue.next(0).is_none());
    }

    struct Named(u32);

    impl Host for Named {
        fn number(&self) -> u32 {
            self.0
        }

        fn give(self: Arc<Self>, _: Line) -> BoxFuture<'static, End> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn a_lost_host_is_asked_again_and_a_useless_one_is_not() {
        let (mut queue, start) = (queue(), Instant::now());
        let [lost, useless] = [1, 2].map(|n| Asked::Host(Arc::new(Named(n))));
        [&lost, &useless].into_iter().for_each(|host| queue.offer(host.clone()));
        let asked = [0, 1].map(|running| queue.next(running).unwrap());
        for (asked, end) in asked.into_iter().zip([End::Stalled, End::Useless(String::new())]) {
            queue.ended(asked, &end, start);
        }
        assert_eq!(queue.again(), Some(start + Duration::from_secs(16)));
        queue.find(start);
        assert!(queue.next(0).is_none());
        let now = start + Duration::from_secs(16);
        queue.find(now);
        assert_eq!(queue.next(0).map(|asked| asked.giver()), Some(lost.giver()));
        assert!(queue.next(0).is_none() && queue.again().is_none());
        queue.ended(lost.clone(), &End::Lost(String::new()), now);
        assert_eq!(queue.again(), Some(now + Duration::from_secs(16)), "however often");
        // Somebody heard from it meanwhile.
        queue.offer(lost.clone());
        queue.offer(lost.clone());
        assert_eq!(queue.next(0).map(|asked| asked.giver()), Some(lost.giver()));
        assert!(queue.next(0).is_none() && queue.again().is_none());
        // Where hosts are offered again, one that nobody names any more is left.
        queue.reopen = None;
        queue.ended(lost.clone(), &End::Stalled, now);
        assert!(queue.again().is_none());
        queue.offer(lost);
        assert!(queue.next(0).is_some());
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let mut queue = queue();
        (0..2 * MAX_WAITING).for_each(|_| queue.offer(PeerId::random().into()));
        assert_eq!((queue.waiting.len(), queue.known.len()), (MAX_WAITING, MAX_WAITING));
    }
}
