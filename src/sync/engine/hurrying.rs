//! Blocks that somebody waits for go before the rest.

use super::asking::hand_out;
use super::{Engine, note_damage, reader};
use crate::sync::fetch::FetchError;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use yadgar_protocol::BlockId;
use yadgar_protocol::limits::{MAX_OUTSTANDING_WANTS, MAX_WANTS_PER_FRAME};
use yadgar_protocol::sync::{Budget, SourceId};

/// Blocks taken from who hurries them in one step.
const AT_ONCE: usize = 64;
/// After somebody hurried a block nothing else is asked for this long: the way to a page is several
/// questions, one after the other, and each would come behind a whole window of others.
const HOLD: Duration = Duration::from_millis(500);

/// A source that was asked for a hurried block and has delivered nothing for this long loses its wants to the
/// others, also while these have enough to do: somebody waits.
const SLOW: Duration = Duration::from_millis(1500);

/// Who hurries blocks, and since when.
#[derive(Default)]
pub(super) struct Hurrying {
    queue: Option<mpsc::Receiver<(BlockId, u64)>>,
    pub(super) last: Option<Instant>,
}

impl Hurrying {
    pub(super) fn new(queue: Option<mpsc::Receiver<(BlockId, u64)>>, now: Instant) -> Self {
        // The first page is mostly asked for at once.
        Self { last: queue.is_some().then_some(now), queue }
    }

    /// The next block that is hurried; never comes when nobody can.
    pub(super) async fn next(&mut self) -> (BlockId, u64) {
        if let Some(queue) = &mut self.queue {
            if let Some(one) = queue.recv().await {
                return one;
            }
            self.queue = None;
        }
        std::future::pending().await
    }

    /// True when somebody may hurry blocks.
    pub(super) fn is_possible(&self) -> bool {
        self.queue.is_some()
    }

    /// True while only what is hurried is asked.
    pub(super) fn holds(&self, now: Instant) -> bool {
        self.last.is_some_and(|last| now.saturating_duration_since(last) < HOLD)
    }
}

impl Engine {
    /// Takes a block that is hurried, and what waits behind it.
    pub(super) fn hurry(&mut self, first: Option<(BlockId, u64)>, now: Instant) {
        let mut next = first;
        for _ in 0..AT_ONCE {
            let queue = self.hurrying.queue.as_mut();
            let Some((id, bytes)) = next.take().or_else(|| queue?.try_recv().ok()) else { return };
            self.rob_for(&id);
            // What nobody has is asked for again and again; that must not hold up the rest for ever.
            if self.planner.hurry(id, bytes) {
                self.hurrying.last = Some(now);
            }
        }
    }

    /// Frees a hurried block of which a source is the only one asked that has delivered nothing for a while.
    fn rob_for(&mut self, id: &BlockId) {
        let Some(holder) = self.planner.asked_of(id) else { return };
        let others = self.sources.iter().any(|(id, other)| *id != holder && !other.robbed);
        let Some(source) = self.sources.get(&holder).filter(|_| others) else { return };
        if !source.robbed && source.delivered.elapsed() >= SLOW {
            self.rob(holder);
        }
    }

    /// Asks for what is hurried, first of who will answer soonest; a little more than is asked of a source
    /// otherwise.
    pub(super) fn ask_hurried(&mut self, now: Instant) -> Result<(), FetchError> {
        if !self.planner.is_hurried() {
            return Ok(());
        }
        let mut ids: Vec<SourceId> = self.sources.keys().copied().collect();
        ids.sort_by_key(|id| self.sources.get(id).map(|source| source.window.drained_in()));
        for id in ids {
            let Some(source) = self.sources.get_mut(&id) else { continue };
            let ids = MAX_OUTSTANDING_WANTS.saturating_sub(source.window.blocks());
            let budget =
                Budget { ids: ids.min(MAX_WANTS_PER_FRAME), bytes: source.window.hurried_room() };
            if source.robbed || budget.ids == 0 || budget.bytes == 0 {
                continue;
            }
            let Ok(permit) = source.wants.try_reserve() else { continue };
            let wants = match self.planner.next_hurried(id, budget, reader(&self.store)) {
                Ok(wants) => wants,
                Err(error) => return note_damage(&mut self.damaged, error),
            };
            if wants.is_empty() {
                continue;
            }
            hand_out(permit, wants, (&mut source.window, &mut source.delivered), now);
        }
        Ok(())
    }
}
