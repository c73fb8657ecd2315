//! Which sources of a fetch are asked at the same time, and who waits for a place.

use super::fetch::{MAX_SOURCES, MAX_WAITING};
use super::giver::{Asked, Giver, Line};
use super::session::End;
use super::source::{self, Shared};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Those for whom there is no place. Nobody is asked twice at once, and who lied is not asked again.
struct Queue {
    /// Who is asked or waits, and who lied.
    known: BTreeSet<Giver>,
    waiting: VecDeque<Asked>,
    /// How many wait, for the engine, which lets go whoever has nothing.
    count: Arc<AtomicUsize>,
}

impl Queue {
    fn offer(&mut self, asked: Asked) {
        if self.known.insert(asked.giver()) {
            self.push(asked);
        }
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

    fn ended(&mut self, asked: Asked, end: &End) {
        match end {
            End::Lied(_) => {}
            // It had nothing: others first, then it again, since it may be filling up.
            End::LetGo => self.push(asked),
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
    /// None yet.
    pub(super) fn new(shared: Shared) -> Self {
        let count = shared.waiting.clone();
        let queue = Queue { known: BTreeSet::new(), waiting: VecDeque::new(), count };
        Self { shared: Some(shared), tasks: JoinSet::new(), queue }
    }

    /// Takes offers as long as there may be more.
    pub(super) async fn run(
        &mut self,
        mut offers: mpsc::Receiver<Asked>,
    ) -> std::convert::Infallible {
        let mut open = true;
        loop {
            self.fill();
            // Who is asked now may be let go, and then waits.
            if !open && self.queue.waiting.is_empty() && self.tasks.is_empty() {
                self.shared = None;
            }
            tokio::select! {
                asked = offers.recv(), if open => match asked {
                    Some(asked) => self.queue.offer(asked),
                    None => open = false,
                },
                Some(done) = self.tasks.join_next() => match done {
                    Ok((asked, end)) => self.queue.ended(asked, &end),
                    Err(error) => tracing::warn!(%error, "a source task failed"),
                },
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
    use yadgar_protocol::Reject;

    fn queue() -> Queue {
        Queue { known: BTreeSet::new(), waiting: VecDeque::new(), count: Arc::default() }
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
        queue.ended(first, &End::LetGo);
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
            queue.ended(asked, &end);
        }
        [lost, liar].into_iter().for_each(|peer| queue.offer(peer.into()));
        assert_eq!(queue.next(0).map(|asked| asked.giver()), Some(lost.into()));
        assert!(queue.next(0).is_none());
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let mut queue = queue();
        (0..2 * MAX_WAITING).for_each(|_| queue.offer(PeerId::random().into()));
        assert_eq!((queue.waiting.len(), queue.known.len()), (MAX_WAITING, MAX_WAITING));
    }
}
