//! Work that the mirror actor hands to tasks, and what they tell it.

use super::Ground;
use super::follow::Fetched;
use super::learn::{Teller, learn, learn_fork};
use super::urgent::{bulletin_of, notice};
use crate::net::{DialError, MessageAcceptance, MessageId, Multiaddr, OpenError, PeerId};
use crate::store::StoreError;
use crate::store::acts::BulletinTaken;
use crate::sync::{End, Host as _, Session, Shown};
use crate::web::{HostSource, WebError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::peers::Learnt;
use yadgar_protocol::sync::Gossip;
use yadgar_protocol::trust::{CheckedFork, Fork, Verdict};

/// Streams opened to ask a peer for an archive, before the next exchange.
const TRIES: u32 = 4;

/// What a task tells the actor.
pub enum Done {
    /// A peer told something of an archive.
    Heard(Box<Heard>),
    /// An address was dialled.
    Dialled {
        /// Where.
        address: Multiaddr,
        /// Who answered.
        peer: Option<PeerId>,
    },
    /// An address that is remembered was dialled.
    Checked {
        /// Where.
        address: Multiaddr,
        /// Who answered, or why nobody did.
        answer: Result<PeerId, DialError>,
    },
    /// A fetch ended.
    Fetched(Box<Fetched>),
    /// A web host was looked at; what it told came before.
    Looked {
        /// Its number.
        number: u32,
        /// What was wrong.
        error: Option<String>,
    },
}

/// What a peer or a web host told of an archive, by exchange or gossip.
pub struct Heard {
    /// Who.
    pub from: Teller,
    /// The archive.
    pub archive: ArchiveId,
    /// What was new in its bulletin, or the notice that came by gossip.
    pub urgent: BulletinTaken,
    /// What became of the head; `None` when no head came.
    pub verdict: Option<Result<Verdict, StoreError>>,
    /// True when the peer was asked, false for gossip.
    pub asked: bool,
}

/// Longest time that the exchange of one archive with a peer may take; a head is a few kB.
const EXCHANGE: Duration = Duration::from_secs(60);
/// Longest time for the head of a web host, which is tried a few times.
const LOOK: Duration = Duration::from_secs(180);
/// Longest time for the releases in between.
const CHAIN: Duration = Duration::from_secs(300);

/// Asks a peer for the bulletins and heads of `archives`, one after the other, and judges both: the bulletin
/// first (SYNC-11), and again after the head when it is one that only the head lets us judge.
pub async fn ask(ground: Ground, peer: PeerId, archives: Vec<ArchiveId>, tell: mpsc::Sender<Done>) {
    let mut session = None;
    for archive in archives {
        let asking = ask_again(&ground, &mut session, peer, archive);
        // A peer that could not be asked is asked again at the next exchange.
        let Ok(Ok(shown)) = tokio::time::timeout(EXCHANGE, asking).await else { return };
        if let Some(heard) = judge(&ground, peer.into(), archive, shown, &tell).await {
            // The actor is gone when the node stops: then nobody needs to know.
            let _ = tell.send(Done::Heard(Box::new(heard))).await;
        }
    }
    if let Some(session) = session {
        let _ = session.finish().await;
    }
}

/// Judges what a source shows; `None` when it shows nothing.
async fn judge(
    ground: &Ground,
    from: Teller,
    archive: ArchiveId,
    shown: Shown,
    tell: &mpsc::Sender<Done>,
) -> Option<Heard> {
    let Shown { bulletin, head } = shown;
    if let Some(fork) = fork_in(bulletin.as_deref()) {
        // Before anything else (TRUST-24).
        let learning = learn_fork(ground, archive, fork.encode(), from.clone());
        let verdict = tokio::time::timeout(CHAIN, learning).await.ok();
        let urgent = BulletinTaken::default();
        let heard = Heard { from: from.clone(), archive, urgent, verdict, asked: true };
        let _ = tell.send(Done::Heard(Box::new(heard))).await;
    }
    let mut urgent = bulletin_of(ground, archive, bulletin.as_deref()).await;
    let verdict = match head {
        None => None,
        Some(head) => {
            // A source that is slow with releases in between must not hold a place for hours.
            let learning = learn(ground, archive, head, from.clone());
            tokio::time::timeout(CHAIN, learning).await.ok()
        }
    };
    let newer = matches!(verdict, Some(Ok(Verdict::Accept(_) | Verdict::Settled { .. })));
    if urgent.later && newer {
        urgent = bulletin_of(ground, archive, bulletin.as_deref()).await;
    }
    let nothing = urgent == BulletinTaken::default() && verdict.is_none();
    (!nothing).then_some(Heard { from, archive, urgent, verdict, asked: true })
}

/// Looks at a web host, and judges what it shows as what a peer shows.
pub async fn look(
    ground: Ground,
    host: Arc<HostSource>,
    archive: ArchiveId,
    tell: mpsc::Sender<Done>,
) {
    let number = host.number();
    let shown = tokio::time::timeout(LOOK, host.shown(archive)).await;
    let error = match shown.unwrap_or(Err(WebError::Stalled)) {
        Ok(shown) => {
            if let Some(heard) = judge(&ground, Teller::Host(host), archive, shown, &tell).await {
                let _ = tell.send(Done::Heard(Box::new(heard))).await;
            }
            None
        }
        Err(error) => Some(error.to_string()),
    };
    let _ = tell.send(Done::Looked { number, error }).await;
}

/// Asks for one archive on `session`; a stream that was lost (which is normal while connections come
/// up) is opened again. A peer that breaks the rules is banned (SYNC-6).
async fn ask_again(
    ground: &Ground,
    session: &mut Option<Session>,
    peer: PeerId,
    archive: ArchiveId,
) -> Result<Shown, End> {
    let mut pause = ground.timing.reopen;
    for left in (0..TRIES).rev() {
        match ask_once(ground, session, peer, archive).await {
            Err(End::Lost(_) | End::NotOpened(OpenError::Io(_) | OpenError::TooMany))
                if left > 0 => {}
            Err(end @ End::Lied(_)) => {
                ground.net.ban(peer).await;
                return Err(end);
            }
            other => return other,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Err(End::Stalled)
}

/// One try; the session is kept only while it is good.
async fn ask_once(
    ground: &Ground,
    session: &mut Option<Session>,
    peer: PeerId,
    archive: ArchiveId,
) -> Result<Shown, End> {
    let mut open = match session.take() {
        Some(open) => open,
        None => Session::open(&ground.net, peer, ground.timing.stall).await?,
    };
    let shown = open.shown(archive).await?;
    *session = Some(open);
    Ok(shown)
}

/// A gossip message to judge.
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who passed it on.
    pub peer: PeerId,
    /// The archive of its topic.
    pub archive: ArchiveId,
    /// The message, its kind byte first.
    pub data: Vec<u8>,
}

/// Judges a gossip message and says whether it may go on (SYNC-9).
pub async fn gossip(ground: Ground, message: Message, tell: mpsc::Sender<Done>) {
    let Message { id, peer, archive, data } = message;
    let acceptance = match Gossip::decode(&data) {
        Some(Gossip::Head(head)) => {
            let learning = learn(&ground, archive, head.to_vec(), peer);
            let verdict = tokio::time::timeout(CHAIN, learning).await.ok();
            let acceptance = acceptance(verdict.as_ref());
            let urgent = BulletinTaken::default();
            let heard = Heard { from: peer.into(), archive, urgent, verdict, asked: false };
            let _ = tell.send(Done::Heard(Box::new(heard))).await;
            acceptance
        }
        Some(Gossip::Notice(body)) => {
            let (acceptance, urgent) = notice(&ground, archive, body).await;
            let heard = Heard { from: peer.into(), archive, urgent, verdict: None, asked: false };
            let _ = tell.send(Done::Heard(Box::new(heard))).await;
            acceptance
        }
        Some(Gossip::ForkProof(proof)) => {
            let learning = learn_fork(&ground, archive, proof.to_vec(), peer);
            let verdict = tokio::time::timeout(CHAIN, learning).await.ok();
            let acceptance = acceptance(verdict.as_ref());
            let urgent = BulletinTaken::default();
            let heard = Heard { from: peer.into(), archive, urgent, verdict, asked: false };
            let _ = tell.send(Done::Heard(Box::new(heard))).await;
            acceptance
        }
        // From a newer version: neither passed on nor held against the peer.
        Some(Gossip::Unknown(_)) => MessageAcceptance::Ignore,
        None => MessageAcceptance::Reject,
    };
    ground.net.report(id, peer, acceptance).await;
}

/// The fork proof in a bulletin, not checked.
pub(super) fn fork_in(bulletin: Option<&[u8]>) -> Option<Fork> {
    Bulletin::decode(bulletin?).ok()?.fork
}

/// Passes a fork proof on by gossip; one that is too long for that is in the bulletin.
pub async fn tell_fork(ground: &Ground, topic: String, fork: &CheckedFork) {
    let Some(message) = Gossip::ForkProof(&fork.bytes).encode() else { return };
    if let Err(e) = ground.net.publish(topic, message).await {
        tracing::debug!("gossip: {e}");
    }
}

/// What a head or a fork proof deserves; `None` when it could not be judged in time.
fn acceptance(verdict: Option<&Result<Verdict, StoreError>>) -> MessageAcceptance {
    let Some(verdict) = verdict else { return MessageAcceptance::Ignore };
    match verdict {
        Ok(Verdict::Accept(_) | Verdict::Settled { .. } | Verdict::Known | Verdict::Fork(_)) => {
            MessageAcceptance::Accept
        }
        // Signed by those who may, or once might: of no use, but nobody's fault who passes it on.
        Ok(
            Verdict::Older
            | Verdict::Forked
            | Verdict::NeedsAncestor(_)
            | Verdict::RootFork
            | Verdict::SupersededRoot,
        )
        | Err(_) => MessageAcceptance::Ignore,
        Ok(Verdict::Refuse(_)) => MessageAcceptance::Reject,
    }
}

/// Dials an address that was learnt like this.
pub async fn dial(ground: Ground, address: Multiaddr, learnt: Learnt, tell: mpsc::Sender<Done>) {
    let peer = ground.net.dial_as(address.clone(), learnt).await.ok();
    let _ = tell.send(Done::Dialled { address, peer }).await;
}

/// Dials an address that is remembered. Who is connected already is dialled all the same: to see that it is there.
pub async fn check(ground: Ground, address: Multiaddr, tell: mpsc::Sender<Done>) {
    let answer = ground.net.check(address.clone()).await;
    let _ = tell.send(Done::Checked { address, answer }).await;
}
