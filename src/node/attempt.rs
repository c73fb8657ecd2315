//! One address or host of a fetch.

use super::Ground;
use super::learn::{Teller, learn, learn_fork};
use super::urgent::bulletin_of;
use super::work::fork_in;
use crate::net::{DialError, Multiaddr, OpenError, PeerId};
use crate::store::StoreError;
use crate::sync::{End, Giver, Host as _, Shown, ask_shown};
use crate::web::HostSource;
use std::sync::Arc;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::Verdict;

/// What came of one address.
pub enum Tried {
    /// Not reached, and why.
    Unreached(String),
    /// Reached, but not to be asked or without the archive.
    Useless(Giver),
    /// Reached; its head and what was made of it.
    Head(Teller, Verdict, Vec<u8>),
    /// It shows no head, but may have blocks of the archive.
    Blocks(Teller),
    /// The store failed.
    Store(StoreError),
}

/// Why a head is not taken.
pub fn refusal(verdict: &Verdict) -> String {
    match verdict {
        Verdict::NeedsAncestor(_) => "releases in between are not to be had".to_owned(),
        Verdict::RootFork => "other keys were signed in where those trusted here stand".to_owned(),
        Verdict::SupersededRoot => "its keys were replaced".to_owned(),
        Verdict::Refuse(reject) => reject.to_string(),
        Verdict::Accept(_) | Verdict::Settled { .. } | Verdict::Known => "it is taken".to_owned(),
        Verdict::Older | Verdict::Fork(_) | Verdict::Forked => "it is not followed".to_owned(),
    }
}

/// How often a node is asked that answers the dial and then lets the connection go: one that has no room
/// for the moment.
const TRIES: u32 = 5;

/// Connects and asks what there is. Only a node that proved who it is is dialled again: where the line
/// itself cuts connections, trying again and again would draw attention.
async fn ask(
    ground: &Ground,
    archive: ArchiveId,
    address: &Multiaddr,
) -> Result<(PeerId, Result<Shown, End>), DialError> {
    let (mut pause, mut left) = (ground.timing.reopen, TRIES);
    loop {
        left -= 1;
        let peer = ground.net.dial(address.clone()).await?;
        let shown = ask_shown(&ground.net, peer, archive, ground.timing.stall).await;
        let gone = End::NotOpened(OpenError::NotConnected);
        let again = matches!(&shown, Err(end) if *end == gone || matches!(end, End::Lost(_)));
        if left == 0 || !again {
            return Ok((peer, shown));
        }
        // Not all at once again.
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.5))).await;
        pause *= 2;
    }
}

/// Connects, asks for the head, has it judged.
pub async fn attempt(ground: &Ground, archive: ArchiveId, address: Multiaddr) -> Tried {
    let (peer, shown) = match ask(ground, archive, &address).await {
        Ok(asked) => asked,
        Err(error) => return Tried::Unreached(error.to_string()),
    };
    match shown {
        Ok(shown) => judged(ground, archive, peer.into(), shown).await,
        Err(end) => {
            if matches!(end, End::Lied(_)) {
                ground.net.ban(peer).await;
            }
            tracing::debug!(%end, "a source was not asked");
            Tried::Useless(peer.into())
        }
    }
}

/// The same of a static mirror.
pub async fn attempt_host(ground: &Ground, archive: ArchiveId, host: Arc<HostSource>) -> Tried {
    match host.shown(archive).await {
        Ok(shown) if shown.head.is_none() && host.is_gateway() => Tried::Blocks(Teller::Host(host)),
        Ok(shown) => judged(ground, archive, Teller::Host(host), shown).await,
        Err(error) => Tried::Unreached(error.to_string()),
    }
}

/// Has judged what a source shows: who contradicts whom before anything else (TRUST-24).
async fn judged(ground: &Ground, archive: ArchiveId, teller: Teller, shown: Shown) -> Tried {
    let bulletin = shown.bulletin;
    if let Some(fork) = fork_in(bulletin.as_deref())
        && let Err(error) = learn_fork(ground, archive, fork.encode(), teller.clone()).await
    {
        return Tried::Store(error);
    }
    // Before the head, and again after it: some can only be judged under it (SYNC-11).
    let urgent = bulletin_of(ground, archive, bulletin.as_deref()).await;
    let Some(head) = shown.head else { return Tried::Useless(teller.giver()) };
    match learn(ground, archive, head.clone(), teller.clone()).await {
        Ok(verdict) => {
            if urgent.later {
                bulletin_of(ground, archive, bulletin.as_deref()).await;
            }
            Tried::Head(teller, verdict, head)
        }
        Err(error) => Tried::Store(error),
    }
}

impl Teller {
    /// Who it is to a fetch.
    pub fn giver(&self) -> Giver {
        match self {
            Self::Peer(peer) => Giver::Peer(*peer),
            Self::Host(host) => Giver::Host(host.number()),
        }
    }
}
