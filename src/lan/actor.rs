//! The task that owns the sockets and the beacon.

use super::doors::Doors;
use super::links::{Seen, look};
use super::{Command, LOOK_EVERY, READS_TIME};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use yadgar_protocol::beacon::{Act, Beacon, Candidate, DATAGRAM_BYTES, Mode};

/// A datagram that is longer than this is none of ours, however long it is.
const BUFFER: usize = DATAGRAM_BYTES + 1;

pub(super) struct Actor {
    beacon: Beacon,
    doors: Doors,
    inbox: mpsc::Receiver<Command>,
    found: mpsc::Sender<Candidate>,
    start: Instant,
}

/// What happened.
enum Event {
    Command(Option<Command>),
    Seen(Seen),
    Datagram(usize, SocketAddr),
    Time,
}

impl Actor {
    pub(super) fn new(
        mode: Mode,
        serve: bool,
        seed: [u8; 32],
        inbox: mpsc::Receiver<Command>,
        found: mpsc::Sender<Candidate>,
    ) -> Self {
        let (beacon, doors) = (Beacon::new(mode, seed), Doors::new(serve, mode == Mode::Talk));
        Self { beacon, doors, inbox, found, start: Instant::now() }
    }

    /// Works until the last handle, or who takes what is found, is gone; on the interfaces of these names, or all.
    pub(super) async fn run(mut self, only: Vec<String>) {
        let (tell, mut seen) = mpsc::channel(1);
        let watcher = tokio::spawn(watch(tell, Arc::new(only)));
        let mut buffer = [0; BUFFER];
        while !self.found.is_closed() {
            match self.wait(&mut seen, &mut buffer).await {
                Event::Command(None) => break,
                Event::Command(Some(command)) => self.command(command),
                Event::Seen(Seen { links, gateways }) => {
                    let places = self.doors.follow(&links);
                    self.beacon.set_places(&places, &gateways, self.start.elapsed());
                }
                Event::Datagram(length, from) => {
                    self.beacon.received(&buffer[..length], from, self.start.elapsed());
                }
                Event::Time => {}
            }
            self.act();
        }
        watcher.abort();
    }

    async fn wait(&mut self, seen: &mut mpsc::Receiver<Seen>, buffer: &mut [u8]) -> Event {
        let now = self.start.elapsed();
        let wake = self.beacon.wake(now).map_or(Duration::MAX, |at| at.saturating_sub(now));
        let tired = self.doors.is_any_tired();
        let sleep = if tired { wake.min(READS_TIME) } else { wake };
        let sleep = sleep.clamp(Duration::from_millis(1), LOOK_EVERY);
        let doors = &mut self.doors;
        tokio::select! {
            biased;
            command = self.inbox.recv() => Event::Command(command),
            Some(seen) = seen.recv() => Event::Seen(seen),
            // Before the datagrams: a flood must not keep us from what is due.
            () = tokio::time::sleep(sleep) => Event::Time,
            (length, from) = std::future::poll_fn(|cx| doors.poll(cx, buffer)) => {
                Event::Datagram(length, from)
            }
        }
    }

    fn command(&mut self, command: Command) {
        let now = self.start.elapsed();
        match command {
            Command::Archives(archives, ports) => self.beacon.set_archives(&archives, ports, now),
            Command::Judged(node, good) => self.beacon.judged(&node, good, now),
        }
    }

    fn act(&mut self) {
        while let Some(act) = self.beacon.next(self.start.elapsed()) {
            match act {
                Act::Send { from, to, datagram } => self.doors.send(&from, to, datagram.bytes()),
                // Lost when nobody takes it; it is told of again.
                Act::Found(candidate) => drop(self.found.try_send(candidate)),
            }
        }
    }
}

/// Looks at the addresses of this machine again and again.
async fn watch(tell: mpsc::Sender<Seen>, only: Arc<Vec<String>>) {
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let only = only.clone();
        let Ok(seen) = tokio::task::spawn_blocking(move || look(&only)).await else { continue };
        if tell.send(seen).await.is_err() {
            return;
        }
    }
}
