//! The task of a mirror.
//!
//! It decides and never waits: whatever takes time (asking a peer, judging, fetching, dialling) is a
//! task that reports back through one bounded queue.

use super::archive::{Archive, Loaded, load, remember};
use super::consider::Outcome;
use super::job::{Job, JobDone, wanted};
use super::mirror::{NodeConfig, NodeError};
use super::redial::{Redial, jitter};
use super::status::{NodeStatus, PeerStatus};
use crate::net::{DialError, Multiaddr, NetEvent, NetHandle, PeerId};
use crate::store::StoreError;
use crate::sync::{End, FetchError, Server};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::sync::gossip_topic;

/// How often it looks what is due.
const TICK: Duration = Duration::from_millis(250);
/// Reports that wait.
const NOTES: usize = 64;
/// Gossip messages judged at the same time; more are ignored, they will be learned by asking.
const JUDGES: usize = 4;
/// Time given to fetches to make durable what came, when the node stops.
const LAST_FLUSH: Duration = Duration::from_secs(20);

/// What is asked of the actor.
pub enum Command {
    /// See [`super::MirrorHandle::announce`].
    Announce(ArchiveId, oneshot::Sender<Result<(), NodeError>>),
    /// See [`super::MirrorHandle::follow`].
    Follow(Invite, oneshot::Sender<Result<(), NodeError>>),
    /// See [`super::MirrorHandle::shutdown`].
    Shutdown(oneshot::Sender<()>),
}

/// What a task reports.
pub enum Note {
    Exchanged(PeerId, Result<Vec<(ArchiveId, Outcome)>, End>),
    Gossiped(ArchiveId, PeerId, Outcome),
    Dialled(Multiaddr, Result<PeerId, DialError>),
    Loaded(Result<Loaded, StoreError>, oneshot::Sender<Result<(), NodeError>>),
}

/// A connected peer.
pub struct Peer {
    addr: Multiaddr,
    outbound: bool,
    /// When to ask for heads next; `None` while asking, or when it serves nobody.
    pub(super) due: Option<Instant>,
}

/// See the module.
pub struct Actor {
    pub(super) config: NodeConfig,
    pub(super) net: NetHandle,
    pub(super) server: Arc<Server>,
    pub(super) archives: BTreeMap<ArchiveId, Archive>,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    redial: Redial,
    notes: mpsc::Sender<Note>,
    inbox: mpsc::Receiver<Note>,
    jobs: JoinSet<JobDone>,
    pub(super) judges: Arc<Semaphore>,
    status: watch::Sender<NodeStatus>,
}

impl Actor {
    /// A node without archives.
    pub fn new(config: NodeConfig, net: NetHandle, status: watch::Sender<NodeStatus>) -> Self {
        let states = config.keep.states.clone();
        // A partial copy tells of the newest head too, and serves what it has.
        let heads = Arc::new(move |id: &ArchiveId| states.trusted(id).ok().flatten());
        let server = Server::new(config.keep.store.clone(), heads, config.serve);
        let (notes, inbox) = mpsc::channel(NOTES);
        Self {
            redial: Redial::new(config.redial.0, config.redial.1),
            config,
            net,
            server,
            archives: BTreeMap::new(),
            peers: BTreeMap::new(),
            notes,
            inbox,
            jobs: JoinSet::new(),
            judges: Arc::new(Semaphore::new(JUDGES)),
            status,
        }
    }

    /// Works until it is told to stop or nobody holds a handle.
    pub async fn run(
        mut self,
        mut events: mpsc::Receiver<NetEvent>,
        mut commands: mpsc::Receiver<Command>,
    ) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    None => return self.stop().await,
                    Some(Command::Shutdown(answer)) => {
                        self.stop().await;
                        let _ = answer.send(());
                        return;
                    }
                    Some(command) => self.command(command),
                },
                event = events.recv() => match event {
                    None => return self.stop().await,
                    Some(event) => self.event(event),
                },
                Some(note) = self.inbox.recv() => self.note(note).await,
                Some(done) = self.jobs.join_next() => match done {
                    Ok(done) => self.job_done(done).await,
                    Err(error) => tracing::error!(%error, "a fetch failed"),
                },
                _ = tick.tick() => self.tick().await,
            }
        }
    }

    async fn stop(&mut self) {
        self.archives.clear();
        let last = async { while self.jobs.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_FLUSH, last).await;
        self.net.shutdown().await;
    }

    /// Does some work in a task that reports.
    pub(super) fn task(&self, work: impl Future<Output = Option<Note>> + Send + 'static) {
        let notes = self.notes.clone();
        tokio::spawn(async move {
            if let Some(note) = work.await {
                // The node has stopped when nobody takes it.
                let _ = notes.send(note).await;
            }
        });
    }

    fn command(&mut self, command: Command) {
        let keep = self.config.keep.clone();
        match command {
            Command::Announce(archive, answer) => {
                self.task(async move { Some(Note::Loaded(load(&keep, archive).await, answer)) })
            }
            Command::Follow(invite, answer) => self.task(async move {
                let loaded = match remember(&keep, &invite).await {
                    Ok(()) => load(&keep, invite.archive).await,
                    Err(error) => Err(error),
                };
                Some(Note::Loaded(loaded, answer))
            }),
            Command::Shutdown(_) => {}
        }
    }

    fn event(&mut self, event: NetEvent) {
        match event {
            NetEvent::Connected { peer, addr, outbound } => {
                self.peers.insert(peer, Peer { addr, outbound, due: Some(Instant::now()) });
                self.exchange_due();
            }
            NetEvent::Disconnected { peer } => {
                self.peers.remove(&peer);
                self.archives.values_mut().for_each(|a| {
                    a.sources.remove(&peer);
                });
            }
            NetEvent::SyncStream { peer, stream } => self.serve(peer, stream),
            NetEvent::Gossip { id, source, topic, data } => self.gossip(id, source, &topic, data),
            NetEvent::Discovered { addrs, .. } => {
                let now = Instant::now();
                addrs.into_iter().for_each(|addr| self.redial.add_lan(addr, now));
            }
            NetEvent::Listening(_) => {}
        }
    }

    async fn note(&mut self, note: Note) {
        match note {
            Note::Dialled(addr, result) => {
                if let Err(error) = &result {
                    tracing::debug!(%error, "an address was not reached");
                }
                self.redial.dialled(&addr, &result, Instant::now());
            }
            Note::Exchanged(peer, result) => self.exchanged(peer, result).await,
            Note::Gossiped(archive, source, outcome) => {
                if matches!(outcome, Outcome::NeedsAncestor(_)) {
                    self.make_due(source);
                }
                self.outcome(archive, source, outcome).await;
            }
            Note::Loaded(Ok(loaded), answer) => {
                self.follow(loaded).await;
                self.report().await;
                let _ = answer.send(Ok(()));
            }
            Note::Loaded(Err(error), answer) => drop(answer.send(Err(error.into()))),
        }
    }

    /// Acts on what a peer's head was worth.
    pub(super) async fn outcome(&mut self, id: ArchiveId, peer: PeerId, outcome: Outcome) {
        let is_connected = self.peers.contains_key(&peer);
        let Some(archive) = self.archives.get_mut(&id) else { return };
        if let Some(warning) = outcome.warning() {
            archive.warning = Some(warning.into());
        }
        let has_trusted = outcome.has_trusted();
        let is_new = match outcome {
            Outcome::Accepted(head) => archive.take(*head),
            Outcome::Known(Some(head)) => {
                archive.trusted = Some(*head);
                false
            }
            Outcome::Known(None) => false,
            other => {
                tracing::debug!(outcome = ?other, "a head was not taken");
                false
            }
        };
        if has_trusted && is_connected {
            archive.sources.insert(peer);
            archive.job.iter().for_each(|job| job.add_source(peer));
        } else {
            archive.sources.remove(&peer);
        }
        if is_new {
            // Others may have it too.
            let others: Vec<_> = self.peers.keys().filter(|p| **p != peer).copied().collect();
            others.into_iter().for_each(|peer| self.make_due(peer));
        }
        self.fetch(id);
        self.report().await;
    }

    /// Starts a fetch of the trusted release if it is lacking.
    fn fetch(&mut self, id: ArchiveId) {
        let Some(archive) = self.archives.get_mut(&id) else { return };
        let Some(head) = archive.to_fetch(Instant::now()) else { return };
        let (keep, net) = (self.config.keep.clone(), self.net.clone());
        let parts = wanted(&head.release, archive.parts.as_deref());
        let (job, work) = Job::new(keep, net, head.clone(), parts, self.config.timing);
        archive.sources.iter().for_each(|peer| job.add_source(*peer));
        // An older job is cancelled by being dropped.
        (archive.job, archive.recheck) = (Some(job), false);
        self.jobs.spawn(work);
    }

    async fn job_done(&mut self, done: JobDone) {
        let Some(archive) = self.archives.get_mut(&done.archive) else { return };
        if archive.job.as_ref().is_none_or(|job| job.release != done.release) {
            return; // replaced by a newer one
        }
        archive.job = None;
        match done.result {
            Ok(summary) => {
                tracing::info!(bytes = summary.bytes_wire, "a release is complete");
                let sequence = archive.trusted.as_ref().map_or(0, |head| head.release.sequence);
                archive.complete = Some((done.release, sequence));
                (archive.warning, archive.not_before) = (None, None);
                self.gossip_head(done.archive).await;
            }
            Err(FetchError::Cancelled) => {}
            Err(error) => {
                tracing::warn!(%error, "a release could not be fetched");
                archive.warning = Some(error.to_string());
                archive.not_before = Some(Instant::now() + jitter(self.config.head_interval));
            }
        }
        self.report().await;
    }

    /// Takes over what is on the disk: an archive that is new, or was changed from elsewhere.
    pub async fn follow(&mut self, loaded: Loaded) {
        let (id, now) = (loaded.archive, Instant::now());
        for addr in loaded.settings.addresses.iter().filter_map(|addr| addr.parse().ok()) {
            self.redial.add(addr, now);
        }
        if !self.archives.contains_key(&id) {
            self.net.subscribe(gossip_topic(&id)).await;
            self.archives.insert(id, Archive::new(&id));
            self.peers.values_mut().filter(|p| p.due.is_some()).for_each(|p| p.due = Some(now));
        }
        if let Some(archive) = self.archives.get_mut(&id) {
            archive.load(loaded);
        }
        self.fetch(id);
        self.gossip_head(id).await;
    }

    async fn tick(&mut self) {
        self.exchange_due();
        let peers = &self.peers;
        for addr in self.redial.due(Instant::now(), |peer| peers.contains_key(peer)) {
            let net = self.net.clone();
            self.task(async move {
                let result = net.dial(addr.clone()).await;
                Some(Note::Dialled(addr, result))
            });
        }
        let ids: Vec<_> = self.archives.keys().copied().collect();
        ids.into_iter().for_each(|id| self.fetch(id));
        self.report().await;
    }

    /// Says how things are, if they have changed.
    pub async fn report(&self) {
        let listening = self.net.listeners().await;
        let now = NodeStatus {
            peer: self.net.local_peer().to_string(),
            listening: listening.iter().map(ToString::to_string).collect(),
            peers: self.peers.iter().map(peer_status).collect(),
            archives: self.archives.iter().map(|(id, a)| a.status(id)).collect(),
        };
        self.status.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
    }
}

fn peer_status((id, peer): (&PeerId, &Peer)) -> PeerStatus {
    PeerStatus { peer: id.to_string(), addr: peer.addr.to_string(), outbound: peer.outbound }
}
