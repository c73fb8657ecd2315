//! One source of a fetch: keeps a stream to a peer open, sends what is wanted, passes on answers.

use super::Timing;
use super::giver::Giver;
use super::session::{End, Session};
use crate::net::{Multiaddr, NetHandle, OpenError, PeerId};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::BlockId;
use yadgar_protocol::score::Fault;
use yadgar_protocol::sync::{Answer, SourceId};

/// Streams in a row that ended without a block before a peer is given up.
const TRIES: u32 = 6;
/// Bytes of blocks that are told together.
const AT_ONCE: usize = 256 * 1024;
/// Answers that are told together.
const ANSWERS_AT_ONCE: usize = 256;
/// Batches of wants that wait for a stream.
pub(super) const WANTS: usize = 4;

/// What is to be asked of a source.
#[derive(Debug)]
pub struct Wants {
    /// These blocks.
    pub ids: Vec<BlockId>,
    /// Small ones may come together (SYNC-12).
    pub bundled: bool,
}

/// What a source tells the fetch. Each stream is a source of its own to the planner.
#[derive(Debug)]
pub enum Event {
    /// A stream is up; it takes wants.
    Up {
        /// Its number.
        source: SourceId,
        /// Whose.
        giver: Giver,
        /// Takes wants; dropping it ends the stream in order.
        wants: mpsc::Sender<Wants>,
    },
    /// Answers, in order, a bundle as its blocks; these have at most [`AT_ONCE`] bytes and one answer more.
    Answers(SourceId, Vec<Answer>),
    /// The stream is gone; nothing more comes from it.
    Down(SourceId),
}

/// What the sources of one fetch share.
#[derive(Clone)]
pub struct Shared {
    /// The network.
    pub net: NetHandle,
    /// Times.
    pub timing: Timing,
    /// Numbers streams.
    pub numbers: Arc<AtomicU64>,
    /// Where events go. Bounded: a slow store slows the streams down.
    pub events: mpsc::Sender<Event>,
    /// Ends everything.
    pub cancel: CancellationToken,
    /// How many others wait for a place.
    pub waiting: Arc<AtomicUsize>,
    /// See [`Reconnect`].
    pub reconnect: Reconnect,
}

/// Where peers are dialled again whose connection ended in the middle: addresses that somebody named for this fetch, and at
/// which the peer proved who it is. A mirror dials by rules of its own, and gives none.
#[derive(Debug, Clone, Default)]
pub struct Reconnect(Arc<Mutex<BTreeMap<PeerId, Multiaddr>>>);

impl Reconnect {
    /// A peer answered there. Few: as many as were named.
    pub fn note(&self, peer: PeerId, address: &Multiaddr) {
        let address = match address.clone().with_p2p(peer) {
            Ok(address) | Err(address) => address,
        };
        self.lock().insert(peer, address);
    }

    fn of(&self, peer: &PeerId) -> Option<Multiaddr> {
        self.lock().get(peer).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PeerId, Multiaddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a stream did.
#[derive(Debug, Default)]
struct Tally {
    /// Blocks that came.
    blocks: u64,
    /// It came up, and nothing was owed when it ended: the answerer needed its place.
    idle: bool,
}

/// The failures in a row after one stream more.
fn count(fails: u32, tally: &Tally, end: &End) -> u32 {
    match end {
        _ if tally.blocks > 0 => 1,
        // No reason to give the peer up; the pause grows all the same.
        _ if tally.idle => (fails + 1).min(TRIES - 1),
        // It cost us a whole stall time already.
        End::Stalled => fails + TRIES / 2,
        _ => fails + 1,
    }
}

/// Keeps asking `peer` until it lies, cannot serve, or fails too often; says how the last stream
/// ended. A liar is banned.
pub async fn run(peer: PeerId, shared: Shared) -> End {
    let mut fails = 0;
    loop {
        let mut tally = Tally::default();
        let end = match stream(peer, &shared, &mut tally).await {
            Ok(()) => return End::LetGo,
            Err(end) => end,
        };
        tracing::debug!(%end, "a stream to a source ended");
        match &end {
            End::Lied(_) => {
                shared.net.ban(peer).await;
                return end;
            }
            End::NotOpened(OpenError::Unsupported) => return end,
            End::Stalled if !tally.idle => {
                shared.net.blame(peer, Fault::Stall);
                fails = count(fails, &tally, &end);
            }
            _ => fails = count(fails, &tally, &end),
        }
        // One that gave nothing is not waited for while others wait.
        let others = tally.blocks == 0 && shared.waiting.load(Relaxed) > 0;
        if fails >= TRIES || others {
            return end;
        }
        let pause = shared.timing.reopen * 2u32.pow(fails.min(5));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.cancel.cancelled() => return end,
        }
        if let Some(address) = shared.reconnect.of(&peer) {
            // Who is still connected is not dialled.
            tokio::select! {
                dialled = shared.net.dial(address) => drop(dialled),
                () = shared.cancel.cancelled() => return end,
            }
        }
    }
}

/// One stream, from opening to its end. `Ok` when it was ended by us.
async fn stream(peer: PeerId, shared: &Shared, tally: &mut Tally) -> Result<(), End> {
    let opening = Session::open(&shared.net, peer, shared.timing.stall);
    let session = tokio::select! {
        session = opening => session?,
        () = shared.cancel.cancelled() => return Ok(()),
    };
    let source = SourceId(shared.numbers.fetch_add(1, Relaxed));
    let (wants, orders) = mpsc::channel(WANTS);
    if shared.events.send(Event::Up { source, giver: peer.into(), wants }).await.is_err() {
        return Ok(());
    }
    let end = drive(session, source, orders, shared, tally).await;
    // Nobody listens any more when this fails.
    let _ = shared.events.send(Event::Down(source)).await;
    end
}

async fn drive(
    mut session: Session,
    source: SourceId,
    mut orders: mpsc::Receiver<Wants>,
    shared: &Shared,
    tally: &mut Tally,
) -> Result<(), End> {
    loop {
        tokio::select! {
            // The end of the orders before the cancelling that comes with it.
            biased;
            order = orders.recv() => match order {
                Some(Wants { ids, bundled: false }) => session.want(&ids).await?,
                Some(Wants { ids, bundled: true }) => session.want_bundled(&ids).await?,
                // What is still owed is not needed: then the stream is simply dropped.
                None if session.is_owed() => return Ok(()),
                None => {
                    // Its place is free at once, however long it takes to say goodbye.
                    tokio::spawn(session.finish());
                    return Ok(());
                }
            },
            answer = session.answer() => {
                if answer.is_err() {
                    tally.idle = !session.is_owed();
                }
                let (answers, end) = gather(&mut session, answer?, tally);
                if shared.events.send(Event::Answers(source, answers)).await.is_err() {
                    return Ok(());
                }
                end?;
                session.touch();
            }
            () = shared.cancel.cancelled() => return Ok(()),
        }
    }
}

/// The answers that have come with `first`. What came before the peer broke the rules is good.
fn gather(
    session: &mut Session,
    first: Answer,
    tally: &mut Tally,
) -> (Vec<Answer>, Result<(), End>) {
    let (mut answers, mut bytes, mut next) = (Vec::new(), 0, Some(first));
    while let Some(answer) = next {
        let mut add = |answer| {
            if let Answer::Block(received) = &answer {
                tally.blocks += 1;
                bytes += received.packed.data.len();
            }
            answers.push(answer);
        };
        match answer {
            Answer::Bundle(blocks) => blocks.into_iter().map(Answer::Block).for_each(add),
            other => add(other),
        }
        if bytes >= AT_ONCE || answers.len() >= ANSWERS_AT_ONCE {
            break;
        }
        next = match session.came() {
            Ok(next) => next,
            Err(end) => return (answers, Err(end)),
        };
    }
    (answers, Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_ended_idle_does_not_cost_the_source() {
        let lost = End::Lost(String::new());
        let (useless, idle) = (Tally::default(), Tally { blocks: 0, idle: true });
        assert_eq!((0..TRIES).fold(0, |fails, _| count(fails, &useless, &lost)), TRIES);
        assert_eq!((0..99).fold(0, |fails, _| count(fails, &idle, &lost)), TRIES - 1);
        assert_eq!(count(TRIES - 1, &Tally { blocks: 1, idle: false }, &lost), 1);
        assert!(count(count(0, &useless, &End::Stalled), &useless, &End::Stalled) >= TRIES);
    }
}
