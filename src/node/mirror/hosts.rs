//! Web hosts that a mirror follows: looked at now and then, sources of its fetches beside peers.

use super::{HOSTS_EVERY, Mirror};
use crate::dial::Dialler;
use crate::net::pace::Pace;
use crate::net::{Rates, Volume};
use crate::node::handle::News;
use crate::node::hosts::Hosts;
use crate::node::judging::Origin;
use crate::node::work;
use crate::store::WebHost;
use crate::web::HostSource;
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar_protocol::ArchiveId;

/// The hosts, and how they are asked.
pub(super) struct Followed {
    pub(super) lines: Hosts,
    every: Duration,
    rates: Rates,
    /// The limit on what is received from everybody together.
    down: Option<Arc<Pace>>,
    /// What counts the bytes of the day.
    volume: Arc<Volume>,
    /// The way out of the node.
    way: Dialler,
}

impl Default for Followed {
    fn default() -> Self {
        Self::new(HOSTS_EVERY, Default::default(), Dialler::default())
    }
}

impl Followed {
    pub(super) fn new(
        every: Duration,
        (rates, down, volume): (Rates, Option<Arc<Pace>>, Arc<Volume>),
        way: Dialler,
    ) -> Self {
        Self { lines: Hosts::default(), every, rates, down, volume, way }
    }

    /// A host showed this release.
    pub(super) fn showed(&mut self, number: u32, release: Option<u64>) {
        if let Some(line) = self.lines.line(number) {
            line.release = release;
        }
    }

    fn opener(&self) -> impl Fn(u32, &WebHost) -> Result<HostSource, String> + use<> {
        let (down, own) = (self.down.clone(), self.rates);
        let (volume, way) = (self.volume.clone(), self.way.clone());
        move |number, host| {
            let paces = down.iter().cloned().chain(own.own().down).collect();
            crate::web::open(number, host, &way, (paces, volume.clone()))
                .map_err(|error| error.to_string())
        }
    }
}

impl Mirror {
    /// Follows the hosts that the settings of an archive name, and no others any more.
    pub(super) fn set_hosts(&mut self, archive: ArchiveId, named: &[WebHost]) {
        let open = self.hosts.opener();
        self.hosts.lines.set(archive, named, &open, Instant::now());
        self.hosts_changed(archive);
    }

    /// Asks hosts at once; see [`crate::node::mirror::MirrorHandle::ask_hosts_blocking`].
    pub(super) fn ask_hosts(&mut self, archive: ArchiveId, hosts: &[WebHost]) -> bool {
        let open = self.hosts.opener();
        let all = self.hosts.lines.ask(archive, hosts, &open, Instant::now());
        self.hosts_changed(archive);
        all
    }

    fn hosts_changed(&mut self, archive: ArchiveId) {
        let known: Vec<_> = self.hosts.lines.of(archive).cloned().collect();
        self.follows.get_mut(&archive).into_iter().for_each(|follow| follow.keep_hosts(&known));
        for (url, why) in self.hosts.lines.unusable(archive) {
            self.say(News::Host { archive, url, file: None, why });
        }
        self.look_at_hosts();
    }

    /// Looks at the hosts whose turn it is, as far as there are places, and tells what turned out to be wrong.
    pub(super) fn look_at_hosts(&mut self) {
        let now = Instant::now();
        while let Some(place) = self.judging.place(Origin::Host) {
            let Some((archive, host)) = self.hosts.lines.due(now) else { break };
            let (ground, tell) = (self.ground.clone(), self.tell.clone());
            self.tasks.spawn(async move {
                work::look(ground, host, archive, tell).await;
                drop(place);
            });
        }
        for (archive, url, fault) in self.hosts.lines.untold() {
            self.say(News::Host { archive, url, file: Some(fault.file), why: fault.why });
        }
        self.pass_hosts(now);
    }

    /// Forgets hosts that were asked once; no later fetch asks them either.
    fn pass_hosts(&mut self, now: Instant) {
        for follow in self.follows.values_mut().filter(|follow| !follow.is_busy()) {
            self.hosts.lines.pass(follow.archive, now);
            let known: Vec<_> = self.hosts.lines.of(follow.archive).cloned().collect();
            follow.keep_hosts(&known);
        }
    }

    /// A look ended. What is wrong with a host is told once, until it is well again.
    pub(super) fn looked(&mut self, number: u32, error: Option<String>) {
        let (every, now) = (self.hosts.every, Instant::now());
        let told = error.clone();
        let Some(line) = self.hosts.lines.line(number) else { return };
        // Some gateways show no head and have the blocks all the same.
        let blind = line.source.clone().ok().filter(|host| error.is_none() && host.is_gateway());
        if let Some((follow, host)) = self.follows.get_mut(&line.archive).zip(blind) {
            follow.add_host(host);
        }
        if !self.hosts.lines.looked(number, error, every, now, rand::random()) {
            return;
        }
        let Some(line) = self.hosts.lines.line(number) else { return };
        let (archive, url) = (line.archive, line.named.url.clone());
        told.into_iter().for_each(|why| {
            let url = url.clone();
            self.say(News::Host { archive, url, file: None, why });
        });
    }

    /// Nothing is fetched of an archive: what is known of the packs of its hosts need not be held.
    pub(super) fn rest_hosts(&mut self, archive: ArchiveId) {
        let hosts: Vec<_> = self.hosts.lines.of(archive).cloned().collect();
        self.tasks.spawn(async move {
            for host in hosts {
                host.rest().await;
            }
        });
    }
}

#[cfg(test)]
#[path = "hosts_tests.rs"]
mod tests;
