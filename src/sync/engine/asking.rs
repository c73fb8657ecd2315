//! Handing out wants.

use super::{Engine, Source, note_damage, reader};
use crate::sync::fetch::FetchError;
use crate::sync::source::Wants;
use crate::sync::window::Window;
use std::time::Instant;
use tokio::sync::mpsc::Permit;
use yadgar_protocol::limits::{CHUNK_MAX, MAX_OUTSTANDING_WANTS, MAX_WANTS_PER_FRAME};
use yadgar_protocol::sync::{Budget, SourceId, Status, Want};

/// Blocks looked up in one step while nobody can be asked.
const LOOKS: usize = 1024;

/// The bytes that are left, to be divided so that all sources end at the same time.
struct Rest {
    bytes: u64,
    /// Bytes a second of all sources together; 0 while one is not measured.
    rate: u64,
}

impl Rest {
    /// How much more may be asked of `source`: no more than it will bring until the others have
    /// brought theirs. One block beyond, so that rounding leaves nothing.
    fn share(&self, source: &Source) -> u64 {
        let room = source.window.room();
        if self.rate == 0 {
            return room;
        }
        let share = u128::from(self.bytes) * u128::from(source.window.rate());
        let share = u64::try_from(share / u128::from(self.rate)).unwrap_or(u64::MAX);
        room.min(share.saturating_add(CHUNK_MAX as u64).saturating_sub(source.window.bytes()))
    }
}

impl Engine {
    fn rest(&self) -> Rest {
        let progress = self.planner.progress();
        let bytes = progress.bytes_total.saturating_sub(progress.bytes_done);
        let mut rate = 0u64;
        for source in self.sources.values() {
            if source.window.rate() == 0 {
                return Rest { bytes, rate: 0 };
            }
            rate = rate.saturating_add(source.window.rate());
        }
        Rest { bytes, rate }
    }

    /// Hands out wants. True when the planner has more to look at without waiting.
    pub(super) fn ask(&mut self) -> Result<bool, FetchError> {
        let (now, rest) = (Instant::now(), self.rest());
        self.ask_hurried(now)?;
        let mut asked = false;
        let mut had_room = false;
        let ids: Vec<SourceId> = self.sources.keys().copied().collect();
        for id in ids {
            match self.ask_one(id, &rest, now)? {
                None => {}
                Some(some) => {
                    had_room = true;
                    asked |= some;
                }
            }
        }
        if self.sources.is_empty() {
            return match self.planner.look(reader(&self.store), LOOKS) {
                Ok(more) => Ok(more),
                Err(error) => note_damage(&mut self.damaged, error).map(|()| true),
            };
        }
        let working = self.planner.status() == Status::Working;
        Ok(working && had_room && !asked && self.planner.progress().in_flight == 0)
    }

    /// Asks one source: whether there was something to ask of it, `None` when it cannot be asked now.
    fn ask_one(
        &mut self,
        id: SourceId,
        rest: &Rest,
        now: Instant,
    ) -> Result<Option<bool>, FetchError> {
        let Some(source) = self.sources.get_mut(&id) else { return Ok(None) };
        let ids = MAX_OUTSTANDING_WANTS - source.window.blocks().min(MAX_OUTSTANDING_WANTS);
        let (ids, bytes) = (ids.min(MAX_WANTS_PER_FRAME), rest.share(source));
        source.idle = false;
        if source.robbed || ids == 0 || bytes == 0 || self.hurrying.holds(now) {
            return Ok(None);
        }
        let Ok(permit) = source.wants.try_reserve() else { return Ok(None) };
        let wants = match self.planner.next_wants(id, Budget { ids, bytes }, reader(&self.store)) {
            Ok(wants) => wants,
            Err(error) => {
                note_damage(&mut self.damaged, error)?;
                return Ok(Some(false));
            }
        };
        if wants.is_empty() {
            source.idle = source.window.blocks() == 0;
            return Ok(Some(false));
        }
        hand_out(permit, wants, (&mut source.window, &mut source.delivered), now);
        Ok(Some(true))
    }

    /// When someone has nothing to do and someone else is slow, the wants of the slow one become
    /// free for the other.
    pub(super) fn rob_the_slow(&mut self) {
        if !self.sources.values().any(|source| source.idle) {
            return;
        }
        let slow = self.sources.iter().find(|(_, source)| {
            source.window.blocks() > 0
                && !source.robbed
                && source.delivered.elapsed() >= self.timing.slow
        });
        if let Some((&id, _)) = slow {
            self.rob(id);
        }
    }

    /// Makes what a source was asked free for the others. It gets new wants when it delivers again.
    pub(super) fn rob(&mut self, id: SourceId) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        source.robbed = true;
        self.planner.remove_source(id);
        self.planner.add_source(id);
    }
}

/// Gives wants to the stream of a source, and notes what it owes.
pub(super) fn hand_out(
    permit: Permit<'_, Wants>,
    wants: Vec<Want>,
    (window, delivered): (&mut Window, &mut Instant),
    now: Instant,
) {
    if window.blocks() == 0 {
        *delivered = now;
    }
    wants.iter().for_each(|want| window.ask(want.id, want.bytes, now));
    let bundled = window.is_narrow();
    permit.send(Wants { ids: wants.into_iter().map(|want| want.id).collect(), bundled });
}
