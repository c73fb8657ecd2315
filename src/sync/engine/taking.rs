//! Taking in what sources said.

use super::{Engine, Source, note_damage, reader};
use crate::sync::fetch::FetchError;
use crate::sync::source::Event;
use crate::sync::window::Window;
use std::time::Instant;
use yadgar_protocol::blocks::Packed;
use yadgar_protocol::sync::{Answer, Came, Received, SourceId};
use yadgar_protocol::{BlockId, Codec};

/// What is left of an event once its blocks are stored.
enum Told {
    Block(SourceId, BlockId, Kept, u64),
    Missing(SourceId, Vec<BlockId>),
    Other(Event),
}

/// What the plan needs of a block.
enum Kept {
    Plain(Vec<u8>),
    Length(u64),
}

/// A batch of events, taken apart.
#[derive(Default)]
struct Taken {
    /// Blocks of which the sender has tried whether they shrink.
    tried: Vec<Packed>,
    /// The others, out of bundles.
    untried: Vec<Packed>,
    told: Vec<Told>,
}

impl Taken {
    fn block(&mut self, source: SourceId, received: Received) {
        let (wire, bundled) = (received.wire as u64, received.bundled);
        let (block, plain) = received.into_parts();
        // Content is as long as it is; only structure is read here.
        let kept = match (block.id.codec, plain) {
            (Codec::DagCbor, None) => Kept::Plain(block.data.clone()),
            (_, Some(plain)) => Kept::Plain(plain),
            (Codec::Raw, None) => Kept::Length(block.data.len() as u64),
        };
        self.told.push(Told::Block(source, block.id, kept, wire));
        if bundled { self.untried.push(block) } else { self.tried.push(block) }
    }
}

impl Engine {
    /// Stores the blocks of a batch, then tells the planner everything in order.
    pub(super) fn take(&mut self, events: Vec<Event>) -> Result<(), FetchError> {
        let mut came = Taken::default();
        for event in events {
            let (source, answers) = match event {
                Event::Answers(source, answers) => (source, answers),
                other => {
                    came.told.push(Told::Other(other));
                    continue;
                }
            };
            for answer in answers {
                match answer {
                    Answer::Block(received) => {
                        self.count(source, &received)?;
                        came.block(source, received);
                    }
                    Answer::Missing(ids) => came.told.push(Told::Missing(source, ids)),
                    // A bundle was taken apart before.
                    Answer::Bundle(_) | Answer::Head(..) | Answer::Bulletin(..) | Answer::Bye => {}
                }
            }
        }
        if !came.tried.is_empty() {
            self.store.put_as_they_came(came.tried)?;
        }
        if !came.untried.is_empty() {
            self.store.put(came.untried)?;
        }
        for one in came.told {
            match one {
                Told::Block(source, id, kept, wire) => self.on_block(source, &id, &kept, wire)?,
                Told::Missing(source, ids) => self.on_missing(source, &ids),
                Told::Other(event) => self.on_event(event),
            }
        }
        Ok(())
    }

    fn count(&mut self, source: SourceId, received: &Received) -> Result<(), FetchError> {
        let bytes = received.wire as u64;
        self.summary.blocks += 1;
        self.summary.bytes_wire += bytes;
        self.flusher.put(received.packed.data.len() as u64);
        if self.store.has(&received.packed.id)? {
            self.summary.bytes_twice += bytes;
        }
        if let Some(source) = self.sources.get(&source) {
            let count = self.counts.entry(source.giver).or_default();
            count.blocks += 1;
            count.bytes += bytes;
        }
        Ok(())
    }

    fn on_block(
        &mut self,
        id: SourceId,
        block: &BlockId,
        kept: &Kept,
        wire: u64,
    ) -> Result<(), FetchError> {
        let now = Instant::now();
        self.useful = now;
        if let Some(source) = self.sources.get_mut(&id) {
            source.window.answer(block, wire, now);
            (source.delivered, source.robbed) = (now, false);
            source.gave = source.gave.saturating_add(wire);
        }
        let came = match kept {
            Kept::Plain(plain) => Came::Plain(plain),
            Kept::Length(bytes) => Came::Content(*bytes),
        };
        match self.planner.on_block(id, block, came, reader(&self.store)) {
            Ok(()) => Ok(()),
            Err(error) => note_damage(&mut self.damaged, error),
        }
    }

    fn on_missing(&mut self, id: SourceId, ids: &[BlockId]) {
        let now = Instant::now();
        if let Some(source) = self.sources.get_mut(&id) {
            ids.iter().for_each(|block| source.window.denied(block));
            (source.delivered, source.robbed, source.lacked) = (now, false, true);
        }
        self.planner.on_missing(id, ids);
    }

    pub(super) fn on_event(&mut self, event: Event) {
        let now = Instant::now();
        match event {
            Event::Up { source, giver, wants } => {
                self.planner.add_source(source);
                let brief = self.hurrying.is_possible();
                let window = if brief { Window::brief(now) } else { Window::new(now) };
                let (delivered, robbed, idle, gave, lacked) = (now, false, false, 0, false);
                let new = Source {
                    giver,
                    wants,
                    window,
                    delivered,
                    robbed,
                    idle,
                    gave,
                    lacked,
                    new: true,
                };
                self.sources.insert(source, new);
            }
            // Taken apart before.
            Event::Answers(..) => {}
            Event::Down(source) => {
                self.sources.remove(&source);
                self.planner.remove_source(source);
            }
        }
    }
}
