//! The mirror: follows archives, serves them, learns of new releases and fetches them.
//!
//! One task owns the state. It never waits for a peer: asking, judging, dialling, serving and
//! fetching are tasks of their own, limited in number, that tell it when they are done.

mod acquainted;
mod ahead;
mod asking;
mod fetched;
mod heard;
mod hosts;
mod listed;
mod means;
mod neighbours;
mod repair;
mod seeking;

use super::Ground;
use super::follow::Follow;
use super::handle::Command;
pub use super::handle::{
    FollowStatus, HostStatus, MirrorConfig, MirrorHandle, News, NodeStatus, PeerStatus,
};
pub use super::hosts::HOSTS_EVERY;
use super::judging::{Judging, Origin};
use super::near::{self, Near};
use super::peers::{self, Acquaintances};
use super::redial::Redial;
use super::tell::Archives;
use super::work::{self, Done, Message};
use crate::net::{self, MessageAcceptance, Multiaddr, NetConfig, NetError, NetEvent, PeerId};
use crate::store::StoreError;
use crate::sync::{FetchSummary, ServeError, ServeLimits, Server};
use means::Means;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::limits::PEER_DIAL_FEW_MS;
use yadgar_protocol::sync::Gossip;

/// Heads are asked of every connected peer this often (SYNC-8), give or take a half.
pub const HEADS_EVERY: Duration = Duration::from_secs(300);
/// A fetch that failed for a reason of our own (a full disk) is tried again after this.
const RETRY: Duration = Duration::from_secs(60);
/// How often the mirror looks whom to dial.
const TICK: Duration = Duration::from_secs(1);
/// What tasks tell and the actor has not taken yet; then they wait.
const TOLD: usize = 32;
/// How often it looks which remembered address to dial: as often as one may be.
const DIAL_TICK: Duration = Duration::from_millis(PEER_DIAL_FEW_MS);
/// Requests of the command line that wait.
const COMMANDS: usize = 32;
/// News that a slow listener may lag behind; older news are dropped for it.
const NEWS: usize = 256;

/// Starts a mirror. Returns when it listens, with its news from the first on.
///
/// # Errors
/// When it cannot listen.
pub async fn start(
    config: MirrorConfig,
) -> Result<(MirrorHandle, broadcast::Receiver<News>), NetError> {
    let limits = ServeLimits::under(config.net.rates.up);
    let MirrorConfig { store, states, timing, heads_every, hosts_every, beacon, peers: file, net } =
        config;
    // A beacon is a datagram, and goes through no proxy.
    let beacon = beacon && !net.is_proxied();
    // Web hosts and peers share what the operator allows, and the way out.
    let (way, volume) = (net.dialler.clone(), net.volume.clone());
    let exchanges = net.exchanges();
    let means = Means::of(&net);
    let (paces, rates) = (net.paces.clone().unwrap_or_else(|| net.rates.shared()), net.rates);
    let (net, events) = net::start(NetConfig { paces: Some(paces.clone()), ..net }).await?;
    let known = exchanges.then(|| Acquaintances::open(net.clone(), file.clone())).flatten();
    peers::look(known.as_ref(), &net).await;
    let ground = Ground { store, states, net, timing };
    let (commands, inbox) = mpsc::channel(COMMANDS);
    let (news, first) = broadcast::channel(NEWS);
    let (tell, told) = mpsc::channel(TOLD);
    let mut mirror = Mirror::new(ground, (limits, means), tell, news.clone(), heads_every);
    (mirror.beacon, mirror.friends.known, mirror.friends.file) = (beacon, known, file);
    mirror.hosts = hosts::Followed::new(hosts_every, (rates, paces.down, volume), way);
    tokio::spawn(mirror.run(events, inbox, told));
    Ok((MirrorHandle { commands, news }, first))
}

struct Mirror {
    ground: Ground,
    means: Means,
    server: Arc<Server>,
    follows: BTreeMap<ArchiveId, Follow>,
    connected: BTreeSet<PeerId>,
    /// Those of them that we dialled.
    dialled: BTreeSet<PeerId>,
    redial: Redial,
    /// Whether to announce on the LAN, and what finds us there others, once we listen.
    beacon: bool,
    near: Option<Near>,
    /// Where it listened when it began, until events say so, too.
    begun: BTreeSet<Multiaddr>,
    friends: acquainted::Friends,
    seeker: seeking::Seeker,
    /// Web hosts.
    hosts: hosts::Followed,
    /// Archives whose fetch is to be tried again, and when.
    retry: BTreeMap<ArchiveId, Instant>,
    ahead: ahead::Ahead,
    turns: asking::Turns,
    judging: Judging,
    tasks: JoinSet<()>,
    tell: mpsc::Sender<Done>,
    news: broadcast::Sender<News>,
    heads_every: Duration,
}

impl Mirror {
    fn new(
        ground: Ground,
        (limits, means): (ServeLimits, Means),
        tell: mpsc::Sender<Done>,
        news: broadcast::Sender<News>,
        heads_every: Duration,
    ) -> Self {
        let (store, archives) = (ground.store.clone(), Archives(ground.states.clone()));
        Self {
            server: Server::rationed(store, Arc::new(archives), limits, means.volume.clone()),
            means,
            ground,
            follows: BTreeMap::new(),
            connected: BTreeSet::new(),
            dialled: BTreeSet::new(),
            redial: Redial::default(),
            beacon: false,
            near: None,
            begun: BTreeSet::new(),
            friends: acquainted::Friends::default(),
            seeker: seeking::Seeker::default(),
            hosts: hosts::Followed::default(),
            retry: BTreeMap::new(),
            ahead: ahead::Ahead::default(),
            turns: asking::Turns::default(),
            judging: Judging::default(),
            tasks: JoinSet::new(),
            tell,
            news,
            heads_every,
        }
    }

    async fn run(
        mut self,
        mut events: mpsc::Receiver<NetEvent>,
        mut inbox: mpsc::Receiver<Command>,
        mut told: mpsc::Receiver<Done>,
    ) {
        for address in self.ground.net.listeners().await {
            self.listening(address.clone()).await;
            self.begun.insert(address);
        }
        match self.ground.states.list() {
            Ok(ids) => {
                for id in ids {
                    self.follow(id).await;
                }
            }
            Err(e) => tracing::error!("the archives cannot be read: {e}"),
        }
        let mut tick = tokio::time::interval(TICK);
        let mut dial_tick = tokio::time::interval(DIAL_TICK);
        dial_tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(NetEvent::Listening(address)) => self.listening(address).await,
                    Some(event) => self.event(event),
                    None => return,
                },
                Some(done) = told.recv() => self.done(done).await,
                address = near::next(&mut self.near) => self.neighbour(address),
                command = inbox.recv() => match command {
                    Some(Command::Status(answer)) => drop(answer.send(self.describe().await)),
                    Some(Command::ForgetPeers(answer)) => self.forget_peers(answer),
                    Some(Command::Changed(archive)) => self.follow(archive).await,
                    Some(Command::AskHosts(archive, hosts, answer)) => {
                        let _ = answer.send(self.ask_hosts(archive, &hosts));
                    }
                    Some(Command::LookAgain) => self.look_again(),
                    Some(Command::Mend(lost, answer)) => self.mend(lost, answer),
                    Some(Command::Shutdown(answer)) => return self.stop(answer).await,
                    None => return,
                },
                // A task that panicked took only itself down; its work is asked for again.
                Some(_) = self.tasks.join_next() => {}
                _ = dial_tick.tick() => self.dial_remembered(),
                _ = tick.tick() => {
                    self.dial_due();
                    self.meet();
                    self.make_room();
                    self.seek().await;
                    self.look_at_hosts();
                    self.retry_due();
                    self.stop_for_today();
                    self.keep_agreements().await;
                    self.tell_ahead(Instant::now()).await;
                    self.ask_due();
                }
            }
        }
    }

    fn say(&self, news: News) {
        // Nobody needs to listen.
        let _ = self.news.send(news);
    }

    fn event(&mut self, event: NetEvent) {
        match event {
            NetEvent::Connected { peer, outbound, addr } => {
                self.connected.insert(peer);
                self.met(peer, &addr, outbound);
                self.dialled.extend(outbound.then_some(peer));
                self.turns.met(peer);
                self.ask_due();
            }
            NetEvent::Punched { peer, addr } => self.met(peer, &addr, false),
            NetEvent::Disconnected { peer } => {
                self.connected.remove(&peer);
                self.dialled.remove(&peer);
                self.turns.gone(&peer);
                let stayed = self.friends.gone(&peer);
                self.redial.lost(&peer, Instant::now(), rand::random());
                self.follows.values_mut().for_each(|follow| follow.lost(&peer));
                self.lonely(stayed);
            }
            NetEvent::SyncStream { peer, stream } => {
                let (server, net) = (self.server.clone(), self.ground.net.clone());
                self.tasks.spawn(async move {
                    let served = server.serve(peer, stream.network(), stream).await;
                    if let Err(ServeError::Violation(reject)) = served {
                        tracing::debug!("a peer broke the rules: {reject}");
                        net.ban(peer).await;
                    }
                });
            }
            NetEvent::PeersStream { peer, stream } => self.asked_for_peers(peer, stream),
            NetEvent::Gossip { id, source, topic, data } => self.gossip(id, source, &topic, data),
            NetEvent::Discovered { addrs, .. } => {
                let now = Instant::now();
                addrs.into_iter().for_each(|address| self.redial.add_lan(address, now));
            }
            NetEvent::Found { key, nodes } => self.found(&key, nodes),
            NetEvent::Sought(key) => self.seeker.ended(&key),
            NetEvent::Listening(_) => {}
        }
    }

    fn gossip(&mut self, id: net::MessageId, peer: PeerId, topic: &str, data: Vec<u8>) {
        let archive = self.follows.values().find(|f| f.topic == topic).map(|f| f.archive);
        // Gossip beyond the places is ignored: what it says is learnt by asking too.
        let place = self.judging.place(Origin::Gossip);
        let (ground, tell) = (self.ground.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            let (Some(archive), Some(_place)) = (archive, place) else {
                return ground.net.report(id, peer, MessageAcceptance::Ignore).await;
            };
            work::gossip(ground, Message { id, peer, archive, data }, tell).await;
        });
    }

    /// Follows an archive, or reads again what changed of one that is followed.
    async fn follow(&mut self, archive: ArchiveId) {
        let loaded = match self.follows.get_mut(&archive) {
            Some(follow) => follow.reload(&self.ground),
            None => Follow::load(&self.ground, archive).map(|follow| {
                self.follows.insert(archive, follow);
            }),
        };
        if let Err(e) = loaded.and_then(|()| self.add_addresses(&archive)) {
            return self.say(News::Problem { archive, what: e.to_string() });
        }
        self.tell_near().await;
        let Some(follow) = self.follows.get(&archive) else { return };
        self.ground.net.subscribe(follow.topic.clone()).await;
        self.warn_others(archive).await;
        self.tell_dispute(archive).await;
        self.tell_complete(archive, FetchSummary::default()).await;
        self.turns.everybody(None);
        self.ask_due();
        self.fetch(archive);
        self.dial_due();
    }

    fn add_addresses(&mut self, archive: &ArchiveId) -> Result<(), StoreError> {
        let settings = self.ground.states.settings(archive)?;
        for address in settings.addresses.iter().filter_map(|text| text.parse().ok()) {
            self.redial.add(address, Instant::now());
        }
        self.set_hosts(*archive, &settings.hosts);
        Ok(())
    }

    /// Tells the head by gossip; peers that hear nothing ask for it sooner or later (SYNC-10).
    async fn announce(&self, archive: ArchiveId) {
        let Some(follow) = self.follows.get(&archive) else { return };
        let Some(head) = follow.trusted.as_ref() else { return };
        // What is too long for gossip is asked for.
        let Some(message) = Gossip::Head(&head.bytes).encode() else { return };
        if let Err(e) = self.ground.net.publish(follow.topic.clone(), message).await {
            tracing::debug!("gossip: {e}");
        }
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Heard(heard) => self.heard(*heard).await,
            Done::Dialled { address, peer } => {
                self.redial.done(&address, peer, Instant::now(), rand::random());
                peer.inspect(|peer| self.friends.reached(peer, &address));
                if peer.is_none() {
                    self.judged(&address, false);
                }
                self.dialled.extend(peer.filter(|peer| self.connected.contains(peer)));
            }
            Done::Checked { address, answer } => self.friends.checked(&address, &answer),
            Done::Fetched(fetched) => self.fetched(*fetched).await,
            Done::Looked { number, error } => self.looked(number, error),
        }
    }

    /// Tells of a complete release that was not told yet, or of which blocks came again.
    async fn tell_complete(&mut self, archive: ArchiveId, summary: FetchSummary) {
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        let (new, again) = (follow.untold_complete(), summary.blocks > 0);
        let Some(shown) = new.or(follow.complete.filter(|_| again)) else { return };
        self.say(News::Complete { archive, sequence: shown.sequence, summary });
        self.tell_near().await;
        self.follow_list(archive).await;
        // Those who ask get it from now on.
        self.announce(archive).await;
    }

    /// Starts the fetch that an archive needs, if any.
    fn fetch(&mut self, archive: ArchiveId) {
        if self.waits_for_tomorrow(archive) {
            return;
        }
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        match follow.start(&self.ground) {
            Ok(None) => {}
            Ok(Some(job)) => {
                let tell = self.tell.clone();
                self.tasks.spawn(async move {
                    let _ = tell.send(Done::Fetched(Box::new(job.await))).await;
                });
            }
            Err(e) => {
                self.say(News::Problem { archive, what: e.to_string() });
                self.retry.insert(archive, Instant::now() + RETRY);
            }
        }
    }

    async fn stop(mut self, answer: oneshot::Sender<()>) {
        self.follows.values_mut().for_each(Follow::cancel);
        self.ground.net.shutdown().await;
        self.friends.keep_last().await;
        self.tasks.shutdown().await;
        let store = self.ground.store.clone();
        // What was fetched should not have to be fetched again.
        let _ = tokio::task::spawn_blocking(move || store.flush()).await;
        let _ = answer.send(());
    }
}

fn jittered(time: Duration) -> Duration {
    time.mul_f64(0.5 + rand::random::<f64>())
}
