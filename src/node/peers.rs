//! Addresses of other nodes: remembered on the disk and exchanged (protocol/spec/peers.md).
//!
//! [`Acquaintances`] drives the memory of `yadgar_protocol::peers`: it gives it time, randomness, the
//! networks of this machine and signatures, and keeps its file.

mod kept;

pub use kept::{forget_kept, kept};

use super::handle::RememberedStatus;
use crate::durable::{Mode, write_atomic};
use crate::lan;
use crate::net::addr::{ed25519_of, of_quic, of_tcp, peer_address, peer_of_ed25519};
use crate::net::{Multiaddr, NetHandle, OpenError, PeerId, SyncStream};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use kept::{described, read_kept};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use yadgar_protocol::Reject;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::limits::MAX_PEER_LIST_BYTES;
use yadgar_protocol::peers::{Dial, Found, Memory, Network, Teller, decode_list, encode_list};

/// Longest time of one exchange.
const EXCHANGE: Duration = Duration::from_secs(30);
/// A peer is answered once in this time.
const ANSWER_EVERY: Duration = Duration::from_secs(30);
/// Peers whose last answer is remembered.
const ANSWERED: usize = 256;

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No stream.
    #[error(transparent)]
    NotOpened(#[from] OpenError),
    /// The stream broke.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    /// It took too long.
    #[error("the peer did not answer in time")]
    Timeout,
    /// The peer sent what is no list.
    #[error("the peer broke the rules: {0}")]
    Violation(Reject),
    /// The peer asked again too soon, or is of a kind that takes no part.
    #[error("not answered")]
    Refused,
}

/// The memory, shared by the node and the exchanges under way. Cheap to clone.
#[derive(Clone)]
pub struct Acquaintances(Arc<Inner>);

struct Inner {
    net: NetHandle,
    start: Instant,
    file: Option<PathBuf>,
    state: Mutex<State>,
}

struct State {
    memory: Memory,
    /// Our own addresses, as the network told them.
    listening: BTreeSet<Multiaddr>,
    networks: Vec<Network>,
    answered: BTreeMap<PeerId, Instant>,
    /// Has records of its own.
    announces: bool,
}

impl Acquaintances {
    /// The memory of this file, or an empty one; without a file it lasts for this run. `None` when
    /// the system gives no random numbers or the identity is of a kind that takes no part.
    pub fn open(net: NetHandle, file: Option<PathBuf>) -> Option<Self> {
        let own = key_of(&net.local_peer())?;
        let (mut home, mut seed) = ([0; 32], [0; 32]);
        getrandom::fill(&mut home).and_then(|()| getrandom::fill(&mut seed)).ok()?;
        let kept = file.as_deref().and_then(read_kept);
        let memory = match kept.map(|bytes| Memory::from_kept(&bytes, own, seed)) {
            Some(Ok(memory)) => memory,
            Some(Err(e)) => {
                tracing::warn!("the remembered addresses are damaged and begin anew: {e}");
                Memory::new(own, home, seed)
            }
            None => Memory::new(own, home, seed),
        };
        let state = State {
            memory,
            listening: BTreeSet::new(),
            networks: Vec::new(),
            answered: BTreeMap::new(),
            announces: true,
        };
        let start = Instant::now();
        Some(Self(Arc::new(Inner { net, start, file, state: Mutex::new(state) })))
    }

    /// The memory of a share: for this run, and without a record of its own. A record stays with whoever heard
    /// it; nobody's disk has to say long after where somebody once shared, under a key that is never used again.
    pub fn silent(net: NetHandle) -> Option<Self> {
        let known = Self::open(net, None)?;
        known.lock().announces = false;
        Some(known)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What a thread that panicked left is still a memory.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.0.start.elapsed()
    }

    /// Looks where we are now. Blocks for as long as the system takes to tell.
    pub fn look(&self, listening: Vec<Multiaddr>) {
        let seen = lan::networks();
        let mut state = self.lock();
        let home = *state.memory.home();
        let network = |n: lan::SeenNetwork| Network::new(&home, n.ip, n.prefix, n.gateway);
        let networks: Vec<_> = seen.into_iter().map(network).collect();
        let moved = networks != state.networks;
        state.networks = networks;
        state.listening = listening.into_iter().collect();
        state.situate(self.0.net.loopback_peers());
        if moved {
            let now = self.now();
            state.memory.moved(now);
        }
        state.sign(&self.0.net);
    }

    /// An address that should be dialled now, with the id that must answer there. See [`Memory::due`] for `chosen`.
    pub fn due(&self, connected: &BTreeSet<PeerId>, chosen: usize) -> Option<(Multiaddr, Dial)> {
        let connected = connected.iter().filter_map(ed25519_of).collect();
        let dial = self.lock().memory.due(self.now(), &connected, chosen)?;
        Some((multiaddr(&dial)?, dial))
    }

    /// An address at which a peer that dialled us should be dialled now, to see whether it is there.
    pub fn due_check(&self, inbound: &BTreeSet<PeerId>) -> Option<(Multiaddr, Dial)> {
        let inbound = inbound.iter().filter_map(ed25519_of).collect();
        let dial = self.lock().memory.due_check(self.now(), &inbound)?;
        Some((multiaddr(&dial)?, dial))
    }

    /// Which of the nodes that a search found are to be dialled now, of which so many are `left` (DHT-9).
    pub fn found(
        &self,
        nodes: Vec<(PeerId, Vec<Multiaddr>)>,
        connected: &BTreeSet<PeerId>,
        left: usize,
    ) -> Vec<Multiaddr> {
        let node = |(peer, addrs): (PeerId, Vec<Multiaddr>)| {
            let addresses = addrs.iter().filter_map(peer_address).collect();
            Some(Found { key: key_of(&peer)?, addresses })
        };
        let found = nodes.into_iter().filter_map(node).collect();
        let connected = connected.iter().filter_map(ed25519_of).collect();
        let dials = self.lock().memory.found(found, &connected, left, self.now());
        dials.iter().filter_map(multiaddr).collect()
    }

    /// A dial ended.
    pub fn dialled(&self, dial: &Dial, reached: bool) {
        self.lock().memory.dialled(dial, reached, self.now());
    }

    /// A dial was not begun, since we had no place for it.
    pub fn put_off(&self, dial: &Dial) {
        self.lock().memory.put_off(dial, self.now());
    }

    /// The last connection ended: those that were tried in vain before are tried again.
    pub fn alone(&self) {
        self.lock().memory.moved(self.now());
    }

    /// A peer that we dialled there has an archive that we follow.
    pub fn proved(&self, peer: &PeerId, ip: IpAddr) {
        if let Some(key) = key_of(peer) {
            self.lock().memory.proved(&key, ip, self.now());
        }
    }

    /// Forgets all of it, on the disk too. Blocks.
    ///
    /// # Errors
    /// When the system gives no random numbers or the file cannot be replaced.
    pub fn forget(&self) -> io::Result<()> {
        let mut home = [0; 32];
        getrandom::fill(&mut home).map_err(io::Error::other)?;
        let mut state = self.lock();
        state.memory.forget(home);
        // They get new names at the next look.
        state.networks.clear();
        let bytes = state.memory.to_keep();
        match self.0.file.as_deref().zip(bytes) {
            Some((file, bytes)) => write_atomic(file, &bytes, Mode::Private),
            None => Ok(()),
        }
    }

    /// What is remembered, for people.
    pub fn remembered(&self) -> Vec<RememberedStatus> {
        described(self.lock().memory.known())
    }

    /// Writes the file if something changed. Blocks.
    pub fn keep(&self) {
        let Some(file) = &self.0.file else { return };
        let Some(bytes) = self.lock().memory.to_keep() else { return };
        if let Err(e) = write_atomic(file, &bytes, Mode::Private) {
            tracing::warn!("addresses of others could not be kept: {e}");
        }
    }

    /// Exchanges lists with a peer. Gives how many records were new.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn ask(&self, peer: PeerId, ip: IpAddr) -> Result<usize, ExchangeError> {
        let key = key_of(&peer).ok_or(ExchangeError::Refused)?;
        let teller = Teller { key, ip };
        let exchange = async {
            let mut stream = self.0.net.open_peers(peer).await?;
            let list = self.list(&teller);
            stream.write_all(&list).await?;
            stream.close().await?;
            let answer = read(&mut stream).await?;
            // Whom we asked not long ago, before a restart perhaps, ends the stream without a word: that breaks no rule.
            if answer.is_empty() {
                return Err(ExchangeError::Refused);
            }
            self.hear(&teller, &answer)
        };
        tokio::time::timeout(EXCHANGE, exchange).await.map_err(|_| ExchangeError::Timeout)?
    }

    /// Answers a peer that asked.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn answer(
        &self,
        peer: PeerId,
        ip: IpAddr,
        mut stream: SyncStream,
    ) -> Result<usize, ExchangeError> {
        let key = key_of(&peer).filter(|_| self.may_answer(peer)).ok_or(ExchangeError::Refused)?;
        let teller = Teller { key, ip };
        let exchange = async {
            let heard = self.hear(&teller, &read(&mut stream).await?)?;
            let list = self.list(&teller);
            stream.write_all(&list).await?;
            stream.close().await?;
            Ok(heard)
        };
        tokio::time::timeout(EXCHANGE, exchange).await.map_err(|_| ExchangeError::Timeout)?
    }

    fn may_answer(&self, peer: PeerId) -> bool {
        let (mut state, now) = (self.lock(), Instant::now());
        state.answered.retain(|_, at| now.saturating_duration_since(*at) < ANSWER_EVERY);
        let free = state.answered.len() < ANSWERED && !state.answered.contains_key(&peer);
        if free {
            state.answered.insert(peer, now);
        }
        free
    }

    fn list(&self, asker: &Teller) -> Vec<u8> {
        encode_list(&self.lock().memory.answer(asker))
    }

    fn hear(&self, teller: &Teller, bytes: &[u8]) -> Result<usize, ExchangeError> {
        // Signatures are checked outside the lock, and those of known records not again.
        let checked = |record: &[u8]| self.lock().memory.checked(teller, record).cloned();
        let list = decode_list(bytes, checked).map_err(ExchangeError::Violation)?;
        let now = self.now();
        let mut state = self.lock();
        let new = state.memory.hear(teller, &list, now);
        state.sign(&self.0.net);
        Ok(new)
    }
}

impl State {
    fn situate(&mut self, loopback: bool) {
        let listening: Vec<_> = self.listening.iter().filter_map(peer_address).collect();
        // Where it listens says nothing: who listens on loopback only may be an onion service, or behind a website.
        let here = loopback && listening.iter().all(|a| a.ip.is_loopback());
        self.memory.situated(self.networks.clone(), listening, here);
    }

    fn sign(&mut self, net: &NetHandle) {
        if !self.announces {
            return;
        }
        for (place, unsigned) in self.memory.unsigned() {
            let signature = net.sign(&unsigned.to_be_signed());
            if let Some(Ok(peer)) = signature.map(|signature| unsigned.with(signature)) {
                self.memory.signed(place, peer);
            }
        }
    }
}

/// Where we listen, and where others outside have reached us.
pub async fn where_we_are(net: &NetHandle) -> Vec<Multiaddr> {
    let mut all = net.listeners().await;
    all.extend(net.reach().await.external);
    all
}

/// Looks where we are, without blocking the runtime.
pub async fn look(known: Option<&Acquaintances>, net: &NetHandle) {
    let Some(known) = known.cloned() else { return };
    let listening = where_we_are(net).await;
    // A panic there is that of one look.
    let _ = tokio::task::spawn_blocking(move || known.look(listening)).await;
}

async fn read(stream: &mut SyncStream) -> Result<Vec<u8>, io::Error> {
    let mut bytes = Vec::new();
    // One byte more than allowed: then it is refused for its length.
    stream.take(MAX_PEER_LIST_BYTES as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// The key of a node's identity; `None` for identities of other kinds than Ed25519.
fn key_of(peer: &PeerId) -> Option<PublicKey> {
    PublicKey::from_bytes(ed25519_of(peer)?).ok()
}

fn multiaddr(dial: &Dial) -> Option<Multiaddr> {
    let peer = peer_of_ed25519(dial.key.as_bytes())?;
    let at = (dial.address.ip, dial.address.port).into();
    let addr = match dial.address.quic {
        true => of_quic(at),
        false => of_tcp(at),
    };
    addr.with_p2p(peer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::NetConfig;
    use std::net::Ipv4Addr;
    use yadgar_protocol::peers::{Peer, PeerAddress, Unsigned};

    type Open = fn(NetHandle) -> Option<Acquaintances>;

    /// A node that listens on loopback only.
    async fn on_loopback(loopback_peers: bool, open: Open) -> Acquaintances {
        let listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
        let config = NetConfig { mdns: false, loopback_peers, ..NetConfig::mirror(listen) };
        let (net, _events) = crate::net::start(config).await.unwrap();
        let known = open(net.clone()).unwrap();
        look(Some(&known), &net).await;
        known
    }

    /// Somebody who comes from this machine, as everybody does who comes by Tor or a web server.
    fn visitor(seed: u8) -> (Teller, Peer) {
        let key = crate::net::Keypair::ed25519_from_bytes([seed; 32]).unwrap();
        let teller = Teller {
            key: key_of(&key.public().to_peer_id()).unwrap(),
            ip: Ipv4Addr::LOCALHOST.into(),
        };
        let at = PeerAddress { quic: false, ip: teller.ip, port: 4774 };
        let unsigned = Unsigned::new(teller.key, 1, vec![at]).unwrap();
        let signature = key.sign(&unsigned.to_be_signed()).unwrap().try_into().unwrap();
        (teller, unsigned.with(signature).unwrap())
    }

    /// How many records a node like this tells a visitor, and how many it takes of another one.
    async fn told(loopback_peers: bool, open: Open) -> (usize, usize) {
        let known = on_loopback(loopback_peers, open).await;
        let list = decode_list(&known.list(&visitor(1).0), |_| None).unwrap().len();
        let (teller, record) = visitor(2);
        (list, known.hear(&teller, &encode_list(&[record])).unwrap())
    }

    #[tokio::test]
    async fn who_asks_again_too_soon_is_not_answered_and_blames_nobody() {
        let config = || {
            let listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
            NetConfig { mdns: false, loopback_peers: true, ..NetConfig::mirror(listen) }
        };
        let (net, mut events) = crate::net::start(config()).await.unwrap();
        let answers = Acquaintances::open(net.clone(), None).unwrap();
        let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let crate::net::NetEvent::PeersStream { peer, stream } = event {
                    let _ = answers.answer(peer, ip, stream).await;
                }
            }
        });
        let (asks, _events) = crate::net::start(config()).await.unwrap();
        let peer = asks.dial(net.listeners().await.remove(0)).await.unwrap();
        let asks = Acquaintances::open(asks, None).unwrap();
        asks.ask(peer, ip).await.unwrap();
        for _ in 0..20 {
            let again = asks.ask(peer, ip).await;
            assert!(
                matches!(again, Err(ExchangeError::Refused | ExchangeError::Io(_))),
                "{again:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_share_has_no_record() {
        assert_eq!(told(true, |net| Acquaintances::open(net, None)).await, (1, 1));
        assert_eq!(told(true, Acquaintances::silent).await, (0, 1));
    }

    /// The mirror of docs/guide/en/tor.md, and the one behind a website: not every visitor is of this machine.
    #[tokio::test]
    async fn peer_6_a_mirror_that_listens_on_loopback_only_tells_and_believes_nothing_of_it() {
        assert_eq!(told(false, |net| Acquaintances::open(net, None)).await, (0, 0));
    }
}
