//! Who gives blocks to a fetch: peers of the swarm, and hosts that something else speaks with.

use super::Timing;
use super::session::End;
use super::source::{Event, Shared, WANTS, Wants};
use crate::net::PeerId;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::sync::{Answer, SourceId};

/// Who is asked: what a person would call a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Giver {
    /// A peer.
    Peer(PeerId),
    /// A host, by its number in the list of whoever began the fetch.
    Host(u32),
}

impl From<PeerId> for Giver {
    fn from(peer: PeerId) -> Self {
        Self::Peer(peer)
    }
}

/// A source of blocks that is no peer.
pub trait Host: Send + Sync {
    /// Its number; another one for each host of a fetch.
    fn number(&self) -> u32;

    /// Gives what is wanted until it cannot, or until the line says that it is over. As [`End::Lied`] it is not
    /// asked again in this fetch; [`End::LetGo`] is for when the queue of wants ended, and then it waits for its next turn.
    /// After [`End::Lost`] and [`End::Stalled`] it is asked again by and by, without being offered, in a fetch that gives up at last.
    fn give(self: Arc<Self>, line: Line) -> BoxFuture<'static, End>;
}

/// Somebody to be asked.
#[derive(Clone)]
pub enum Asked {
    /// A connected peer.
    Peer(PeerId),
    /// A host.
    Host(Arc<dyn Host>),
}

impl From<PeerId> for Asked {
    fn from(peer: PeerId) -> Self {
        Self::Peer(peer)
    }
}

/// Sources in the order in which they are told to a fetch: hosts first, which are few and which somebody named, then peers
/// in any order. If all began with the same peers, those would be asked by everybody, and others by nobody.
pub fn in_any_order(sources: impl IntoIterator<Item = Asked>) -> Vec<Asked> {
    let dice = |asked: Asked| (matches!(asked, Asked::Peer(_)), rand::random::<u64>(), asked);
    let mut all: Vec<_> = sources.into_iter().map(dice).collect();
    all.sort_unstable_by_key(|(peer, dice, _)| (*peer, *dice));
    all.into_iter().map(|(_, _, asked)| asked).collect()
}

impl Asked {
    pub(super) fn giver(&self) -> Giver {
        match self {
            Self::Peer(peer) => Giver::Peer(*peer),
            Self::Host(host) => Giver::Host(host.number()),
        }
    }
}

/// What connects a host with a fetch.
pub struct Line {
    giver: Giver,
    source: SourceId,
    shared: Shared,
}

impl Line {
    pub(super) fn new(host: u32, shared: Shared) -> Self {
        let source = SourceId(shared.numbers.fetch_add(1, Relaxed));
        Self { giver: Giver::Host(host), source, shared }
    }

    /// Says that wants are taken; they come out of the queue, which ends when no more are to be expected.
    /// `None` when the fetch is over.
    pub async fn up(&self) -> Option<mpsc::Receiver<Wants>> {
        let (wants, orders) = mpsc::channel(WANTS);
        let up = Event::Up { source: self.source, giver: self.giver, wants };
        self.shared.events.send(up).await.ok().map(|()| orders)
    }

    /// Passes on answers, of 256 KiB of blocks and one more at most; false when the fetch is over. Waits for a
    /// slow store.
    pub async fn answers(&self, answers: Vec<Answer>) -> bool {
        self.shared.events.send(Event::Answers(self.source, answers)).await.is_ok()
    }

    /// Says that nothing more comes.
    pub async fn down(&self) {
        // Nobody listens any more when this fails.
        let _ = self.shared.events.send(Event::Down(self.source)).await;
    }

    /// The times of the fetch.
    pub fn timing(&self) -> Timing {
        self.shared.timing
    }

    /// Set when the fetch is over.
    pub fn cancel(&self) -> &CancellationToken {
        &self.shared.cancel
    }
}
