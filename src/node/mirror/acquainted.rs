//! A mirror's memory of others: asked for, answered, dialled, kept (protocol/spec/peers.md).

use super::{Mirror, jittered};
use crate::net::addr::direct_ip;
use crate::net::{DialError, Multiaddr, PeerId, SyncStream};
use crate::node::handle::{NodeStatus, describe};
use crate::node::peers::{self, Acquaintances, ExchangeError};
use crate::node::reached::LineTold;
use crate::node::work;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use yadgar_protocol::peers::{Dial, Learnt};

/// A connected peer is asked this often, give or take a half.
const ASK_EVERY: Duration = Duration::from_secs(300);
/// The first question waits for so long at most, so that the other side has heard where it is itself.
const ASK_FIRST: Duration = Duration::from_millis(500);
/// Not before it was connected so long, so that what it asked has been answered.
const GUEST: Duration = Duration::from_secs(20);
/// How often we look where we are, and write what changed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A connected peer.
struct Met {
    ip: IpAddr,
    ask: Instant,
    since: Instant,
    /// It exchanged addresses with us: a mirror, which finds others when we let it go.
    exchanged: bool,
    /// It has what we follow.
    served: bool,
    /// It dialled us.
    inbound: bool,
    /// Where we reached it ourselves.
    reached: Option<IpAddr>,
}

/// Who may be let go when it is crowded (SLOT-3): of those that dialled us and had time to ask for something, first those
/// that never exchanged addresses, then the others. Who does nothing must not be the one who stays.
fn guests(met: &BTreeMap<PeerId, Met>, now: Instant) -> [Vec<PeerId>; 2] {
    let guest = |met: &Met| met.inbound && now.saturating_duration_since(met.since) >= GUEST;
    let of = |exchanged: bool| {
        let all = met.iter().filter(|(_, met)| guest(met) && met.exchanged == exchanged);
        all.map(|(peer, _)| *peer).collect()
    };
    [of(false), of(true)]
}

/// The memory, and what is under way.
#[derive(Default)]
pub(super) struct Friends {
    /// Without it (behind a website, or no randomness) nothing is exchanged or remembered.
    pub(super) known: Option<Acquaintances>,
    /// Where it is kept, or was by a mirror of this home in the open.
    pub(super) file: Option<PathBuf>,
    met: BTreeMap<PeerId, Met>,
    /// Those connected that have what we follow.
    serving: BTreeSet<PeerId>,
    dials: BTreeMap<Multiaddr, Dial>,
    look: Option<Instant>,
}

impl Friends {
    /// A peer is not connected any more. True when it had been for a while.
    pub(super) fn gone(&mut self, peer: &PeerId) -> bool {
        self.serving.remove(peer);
        self.met.remove(peer).is_some_and(|met| met.since.elapsed() >= GUEST)
    }

    /// A dial of the memory's ended.
    pub(super) fn checked(&mut self, address: &Multiaddr, answer: &Result<PeerId, DialError>) {
        if let Some((known, dial)) = self.known.as_ref().zip(self.dials.remove(address)) {
            match answer {
                Err(DialError::Busy) => known.put_off(&dial),
                answer => known.dialled(&dial, answer.is_ok()),
            }
        }
        if let Ok(peer) = answer {
            self.reached(peer, address);
        }
    }

    /// A peer answered at an address that we dialled.
    pub(super) fn reached(&mut self, peer: &PeerId, address: &Multiaddr) {
        if let Some(met) = self.met.get_mut(peer) {
            met.reached = direct_ip(address).or(met.reached);
        }
        self.prove();
    }

    /// A connected peer has what we follow.
    pub(super) fn served(&mut self, peer: &PeerId) {
        self.serving.insert(*peer);
        if let Some(met) = self.met.get_mut(peer) {
            met.served = true;
        }
        self.prove();
    }

    /// Those that serve us and that we reached are proved; again and again, since their records may have come later.
    fn prove(&self) {
        let Some(known) = &self.known else { return };
        for (peer, met) in self.met.iter().filter(|(_, met)| met.served) {
            met.reached.into_iter().for_each(|ip| known.proved(peer, ip));
        }
    }

    /// Writes what is new before the node ends.
    pub(super) async fn keep_last(&mut self) {
        if let Some(known) = self.known.take() {
            let _ = tokio::task::spawn_blocking(move || known.keep()).await;
        }
    }
}

impl Mirror {
    /// What the mirror says of itself.
    pub(super) async fn describe(&self) -> NodeStatus {
        let (follows, known) = (self.follows.values(), self.friends.known.as_ref());
        let hosts = self.hosts.lines.status(Instant::now());
        let serving = self.server.load();
        let status = describe(&self.ground.net, follows, known, hosts, serving).await;
        let line = LineTold::of(&self.means.volume, self.means.rates);
        NodeStatus { line, ..status }
    }

    /// A peer is connected.
    pub(super) fn met(&mut self, peer: PeerId, addr: &Multiaddr, outbound: bool) {
        if let Some(ip) = direct_ip(addr) {
            let ask = Instant::now() + jittered(ASK_FIRST);
            let (since, reached) = (Instant::now(), outbound.then_some(ip));
            let (exchanged, served, inbound) = (false, false, !outbound);
            let met = Met { ip, ask, since, exchanged, served, inbound, reached };
            self.friends.met.insert(peer, met);
        }
    }

    /// What is to be done now and then.
    pub(super) fn meet(&mut self) {
        let Some(known) = self.friends.known.clone() else { return };
        let now = Instant::now();
        if self.friends.look.is_none_or(|last| now.saturating_duration_since(last) >= LOOK_EVERY) {
            self.friends.look = Some(now);
            self.friends.prove();
            let (known, net) = (known.clone(), self.ground.net.clone());
            self.tasks.spawn(async move {
                let listening = peers::where_we_are(&net).await;
                let look = move || {
                    known.look(listening);
                    known.keep();
                };
                // A panic there is that of one look.
                let _ = tokio::task::spawn_blocking(look).await;
            });
        }
        for (peer, met) in self.friends.met.iter_mut().filter(|(_, met)| met.ask <= now) {
            met.ask = now + jittered(ASK_EVERY);
            let (known, net, peer, ip) = (known.clone(), self.ground.net.clone(), *peer, met.ip);
            self.tasks.spawn(async move {
                if let Err(ExchangeError::Violation(reject)) = known.ask(peer, ip).await {
                    tracing::debug!("a peer broke the rules: {reject}");
                    net.ban(peer).await;
                }
            });
        }
    }

    /// How many are connected that we dialled and that have what we follow. Others that we dialled are no company: strangers
    /// can make us dial them (DHT, records).
    pub(super) fn company(&self) -> usize {
        self.dialled.intersection(&self.friends.serving).count()
    }

    /// Dials what is remembered and due, and beside it a guest, to see whether it can be reached. Not without a place: each
    /// way of learning addresses has its own, so that none waits for another's dead ones.
    pub(super) fn dial_remembered(&mut self) {
        let Some(known) = self.friends.known.clone() else { return };
        if let Ok(place) = self.means.places.checks.clone().try_acquire_owned() {
            let unsure = self.friends.met.iter().filter(|(_, met)| met.reached.is_none());
            let unsure = unsure.map(|(peer, _)| *peer).collect();
            if let Some(due) = known.due_check(&unsure) {
                self.check(due, place);
            }
        }
        if let Ok(place) = self.means.places.remembered.clone().try_acquire_owned()
            && let Some(due) = known.due(&self.connected, self.company())
        {
            self.check(due, place);
        }
    }

    fn check(&mut self, (address, dial): (Multiaddr, Dial), place: OwnedSemaphorePermit) {
        self.friends.dials.insert(address.clone(), dial);
        let (ground, tell) = (self.ground.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            work::check(ground, address, tell).await;
            drop(place);
        });
    }

    /// When it is crowded, or a range of addresses is, some of those go that dialled us: else those who have only our
    /// address would find nobody.
    pub(super) fn make_room(&self) {
        let crowded = self.connected.len() >= self.means.crowded();
        self.ground.net.let_go(guests(&self.friends.met, Instant::now()), crowded);
    }

    /// Dials an address that was learnt like this.
    pub(super) fn dial(&mut self, address: Multiaddr, learnt: Learnt) {
        let (ground, tell) = (self.ground.clone(), self.tell.clone());
        let places = &self.means.places;
        let places = if learnt == Learnt::Named { &places.named } else { &places.told };
        let places = places.clone();
        self.tasks.spawn(async move {
            // The semaphore lives as long as the actor; without a place the dial waits its turn.
            let _place = places.acquire_owned().await;
            work::dial(ground, address, learnt, tell).await;
        });
    }

    /// Dials what of the list is due.
    pub(super) fn dial_due(&mut self) {
        let due = self.redial.due(Instant::now(), &self.connected, self.company());
        for address in due {
            let learnt = self.redial.learnt(&address);
            self.dial(address, learnt);
        }
    }

    /// Forgets the addresses of others.
    pub(super) fn forget_peers(&mut self, answer: oneshot::Sender<()>) {
        self.friends.dials.clear();
        let (known, file) = (self.friends.known.clone(), self.friends.file.clone());
        self.tasks.spawn_blocking(move || {
            let forgotten = match known {
                Some(known) => known.forget(),
                None => file.map_or(Ok(()), |file| peers::forget_kept(&file)),
            };
            if let Err(e) = forgotten {
                tracing::warn!("the file of addresses could not be replaced: {e}");
            }
            let _ = answer.send(());
        });
    }

    /// A peer asks for addresses.
    pub(super) fn asked_for_peers(&mut self, peer: PeerId, stream: SyncStream) {
        let met = self.friends.met.get_mut(&peer).map(|met| {
            met.exchanged = true;
            met.ip
        });
        let Some((known, ip)) = self.friends.known.clone().zip(met) else { return };
        let net = self.ground.net.clone();
        self.tasks.spawn(async move {
            if let Err(ExchangeError::Violation(reject)) = known.answer(peer, ip, stream).await {
                tracing::debug!("a peer broke the rules: {reject}");
                net.ban(peer).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_3_who_is_silent_goes_first_and_whom_we_dialled_stays() {
        let (start, mut met) = (Instant::now(), BTreeMap::new());
        let mut add = |exchanged: bool, inbound: bool, since: Instant| {
            let (peer, ip) = (PeerId::random(), IpAddr::from([9, 9, 9, 9]));
            // That we reached it since, or that it has what we follow, keeps no place.
            let reached = Some(ip);
            let one = Met { ip, ask: since, since, exchanged, served: true, inbound, reached };
            met.insert(peer, one);
            peer
        };
        let (silent, known) = (add(false, true, start), add(true, true, start));
        add(true, false, start);
        add(false, true, start + GUEST);
        assert_eq!(guests(&met, start + GUEST), [vec![silent], vec![known]]);
        assert_eq!(guests(&met, start), [vec![], vec![]], "who just came");
    }
}
