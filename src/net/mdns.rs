//! Discovery on the LAN, kept apart from everything else.
//!
//! The mDNS behaviour of libp2p remembers whatever is announced to it, spawns tasks that outlive
//! it, and reads packets of anybody on the LAN. So it runs on a thread and runtime of its own: a
//! panic or a flood ends that runtime with all its tasks, and after a pause a new one starts.

use super::addr::bare;
use super::limits::{MAX_MDNS_NODES, MDNS_AGAIN, MDNS_PAUSE, MDNS_QUERY};
use super::ws::is_ws;
use libp2p::core::transport::ListenerId;
use libp2p::mdns;
use libp2p::swarm::behaviour::{ExpiredListenAddr, FromSwarm, NewListenAddr};
use libp2p::swarm::{NetworkBehaviour, ToSwarm};
use libp2p::{Multiaddr, PeerId};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// What was announced: one peer at one address.
pub type Heard = (PeerId, Multiaddr);

/// How one run of the mDNS part ended.
enum End {
    /// The node stopped.
    Stopped,
    /// It failed or was flooded.
    Failed(String),
}

/// Starts discovery. It announces the addresses in `listening` and stops when the sender of it is
/// dropped. What is heard while `heard` is full is lost; it will be announced again.
///
/// # Errors
/// When the thread cannot be started.
pub fn spawn(
    local: PeerId,
    listening: watch::Receiver<BTreeSet<Multiaddr>>,
    heard: mpsc::Sender<Heard>,
) -> std::io::Result<()> {
    let body = move || supervise(local, listening, &heard);
    std::thread::Builder::new().name("mdns".into()).spawn(body).map(|_| ())
}

fn supervise(
    local: PeerId,
    mut listening: watch::Receiver<BTreeSet<Multiaddr>>,
    heard: &mpsc::Sender<Heard>,
) {
    loop {
        let run = || run_once(local, &mut listening, heard);
        // A panic is worth no more than an error here; the state is rebuilt from nothing.
        let end = catch_unwind(AssertUnwindSafe(run));
        let why = match end {
            Ok(End::Stopped) => return,
            Ok(End::Failed(why)) => why,
            Err(_) => "panic".into(),
        };
        tracing::warn!(%why, "LAN discovery stopped and will be started again");
        if pause(&mut listening) {
            return;
        }
    }
}

/// Waits before the next run. True when the node has stopped meanwhile.
fn pause(listening: &mut watch::Receiver<BTreeSet<Multiaddr>>) -> bool {
    let mut left = MDNS_PAUSE;
    while !left.is_zero() {
        if listening.has_changed().is_err() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(500));
        left = left.saturating_sub(Duration::from_millis(500));
    }
    false
}

fn run_once(
    local: PeerId,
    listening: &mut watch::Receiver<BTreeSet<Multiaddr>>,
    heard: &mpsc::Sender<Heard>,
) -> End {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return End::Failed(e.to_string()),
    };
    let end = runtime.block_on(async {
        let config = mdns::Config { query_interval: MDNS_QUERY, ..mdns::Config::default() };
        match mdns::tokio::Behaviour::new(config, local) {
            Ok(behaviour) => drive(behaviour, listening, heard).await,
            Err(e) => End::Failed(e.to_string()),
        }
    });
    runtime.shutdown_background();
    end
}

async fn drive(
    mut behaviour: mdns::tokio::Behaviour,
    listening: &mut watch::Receiver<BTreeSet<Multiaddr>>,
    heard: &mpsc::Sender<Heard>,
) -> End {
    let (mut told, mut known) = (BTreeSet::new(), BTreeSet::new());
    let mut again = tokio::time::interval(MDNS_AGAIN);
    tell(&mut behaviour, &mut told, &told_here(&listening.borrow_and_update()));
    loop {
        tokio::select! {
            changed = listening.changed() => {
                if changed.is_err() {
                    return End::Stopped;
                }
                let now = told_here(&listening.borrow_and_update());
                tell(&mut behaviour, &mut told, &now);
            }
            event = std::future::poll_fn(|cx| behaviour.poll(cx)) => {
                match event {
                    ToSwarm::GenerateEvent(mdns::Event::Discovered(list)) => {
                        for one in list {
                            known.insert(one.clone());
                            let _ = heard.try_send(one);
                        }
                    }
                    ToSwarm::GenerateEvent(mdns::Event::Expired(list)) => {
                        list.iter().for_each(|one| drop(known.take(one)));
                    }
                    _ => {}
                }
                if known.len() > MAX_MDNS_NODES {
                    return End::Failed("too many announcements".into());
                }
            }
            // The behaviour tells of a peer once, however often it is announced; whoever lost
            // the connection needs to hear of it again.
            _ = again.tick() => known.iter().for_each(|one| drop(heard.try_send(one.clone()))),
        }
    }
}

/// The addresses without our peer id, which the behaviour adds itself. What is behind a website is nobody's on the
/// LAN, and its path is a secret.
fn told_here(listening: &BTreeSet<Multiaddr>) -> BTreeSet<Multiaddr> {
    listening.iter().filter(|addr| !is_ws(addr)).map(bare).collect()
}

/// Tells the behaviour which addresses are listened on now.
fn tell(
    behaviour: &mut mdns::tokio::Behaviour,
    told: &mut BTreeSet<Multiaddr>,
    now: &BTreeSet<Multiaddr>,
) {
    let listener_id = ListenerId::next();
    for addr in told.difference(now) {
        behaviour
            .on_swarm_event(FromSwarm::ExpiredListenAddr(ExpiredListenAddr { listener_id, addr }));
    }
    for addr in now.difference(told) {
        behaviour.on_swarm_event(FromSwarm::NewListenAddr(NewListenAddr { listener_id, addr }));
    }
    *told = now.clone();
}
