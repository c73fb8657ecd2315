//! Who may come in: places for connections and downloads, shared out so that nobody takes all of them. Addresses
//! are held in memory only, to count; they are neither shown nor written anywhere.

use super::limits::{
    MAX_CONNECTIONS, MAX_DOWNLOADS, MAX_DOWNLOADS_PER_ADDRESS, MAX_KNOWN, MAX_PER_ADDRESS,
    MAX_PER_ADDRESS_FULL, MAX_REFUSALS, PRESENT,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What becomes of somebody who knocks.
#[derive(Debug)]
pub enum Welcome {
    /// Served.
    In(Place),
    /// Told to come again.
    Later(Place),
    /// No place even for that.
    Closed,
}

/// What a place is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Connection,
    Refusal,
    Download,
}

#[derive(Debug, Default)]
struct Guest {
    connections: usize,
    downloads: usize,
    last: Option<Instant>,
}

#[derive(Debug, Default)]
struct Counts {
    connections: usize,
    refusals: usize,
    downloads: usize,
    guests: BTreeMap<IpAddr, Guest>,
    ever: bool,
}

impl Counts {
    /// The guest of this address; when too many are known, those go that were here longest ago.
    fn guest(&mut self, ip: IpAddr) -> &mut Guest {
        if !self.guests.contains_key(&ip) && self.guests.len() >= MAX_KNOWN {
            let gone = self.guests.iter().filter(|(_, g)| g.connections == 0);
            if let Some(oldest) = gone.min_by_key(|(_, g)| g.last).map(|(ip, _)| *ip) {
                self.guests.remove(&oldest);
            }
        }
        self.guests.entry(ip).or_default()
    }

    fn may_connect(&mut self, ip: IpAddr) -> bool {
        let mine = self.guests.get(&ip).map_or(0, |g| g.connections);
        let roomy = self.connections < MAX_CONNECTIONS / 2;
        let most = if roomy { MAX_PER_ADDRESS } else { MAX_PER_ADDRESS_FULL };
        self.connections < MAX_CONNECTIONS && mine < most
    }
}

/// All places. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<Mutex<Counts>>);

impl Places {
    /// Takes a place for a connection from `ip`.
    pub fn enter(&self, ip: IpAddr, now: Instant) -> Welcome {
        let mut all = self.lock();
        all.ever = true;
        if all.may_connect(ip) {
            all.connections += 1;
            let guest = all.guest(ip);
            guest.connections += 1;
            guest.last = Some(now);
            return Welcome::In(self.place(ip, Kind::Connection));
        }
        if all.refusals >= MAX_REFUSALS {
            return Welcome::Closed;
        }
        all.refusals += 1;
        Welcome::Later(self.place(ip, Kind::Refusal))
    }

    /// Takes a place for a file that is sent to `ip`, if there is one.
    pub fn download(&self, ip: IpAddr) -> Option<Place> {
        let mut all = self.lock();
        let mine = all.guests.get(&ip).map_or(0, |g| g.downloads);
        if all.downloads >= MAX_DOWNLOADS || mine >= MAX_DOWNLOADS_PER_ADDRESS {
            return None;
        }
        all.downloads += 1;
        all.guest(ip).downloads += 1;
        Some(self.place(ip, Kind::Download))
    }

    /// Notes that somebody asked for something.
    pub fn asked(&self, ip: IpAddr, now: Instant) {
        self.lock().guest(ip).last = Some(now);
    }

    /// How many guests are here now, and whether there ever was one.
    pub fn guests(&self, now: Instant) -> (usize, bool) {
        let all = self.lock();
        let here =
            |g: &&Guest| g.last.is_some_and(|at| now.saturating_duration_since(at) < PRESENT);
        (all.guests.values().filter(here).count(), all.ever)
    }

    fn place(&self, ip: IpAddr, kind: Kind) -> Place {
        Place { all: self.clone(), ip, kind }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that was taken; given back when dropped.
#[derive(Debug)]
pub struct Place {
    all: Places,
    ip: IpAddr,
    kind: Kind,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        match self.kind {
            Kind::Connection => all.connections -= 1,
            Kind::Refusal => all.refusals -= 1,
            Kind::Download => all.downloads -= 1,
        }
        // A guest with an open connection is never forgotten, so it is there; a download lives in one.
        if let Some(guest) = all.guests.get_mut(&self.ip) {
            match self.kind {
                Kind::Connection => guest.connections = guest.connections.saturating_sub(1),
                Kind::Download => guest.downloads = guest.downloads.saturating_sub(1),
                Kind::Refusal => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn ip(n: u8) -> IpAddr {
        [10, 42, 0, n].into()
    }

    fn fill(places: &Places, ip: IpAddr, n: usize) -> Vec<Place> {
        let enter = |_| match places.enter(ip, Instant::now()) {
            Welcome::In(place) => place,
            other => panic!("{other:?}"),
        };
        (0..n).map(enter).collect()
    }

    #[test]
    fn one_guest_cannot_take_all_places() {
        let places = Places::default();
        let mut held = fill(&places, ip(2), MAX_PER_ADDRESS);
        assert!(matches!(places.enter(ip(2), Instant::now()), Welcome::Later(_)));
        // Thirty others with six connections each still come in.
        for guest in 10..40 {
            held.extend(fill(&places, ip(guest), 6));
        }
        assert!(matches!(places.enter(ip(2), Instant::now()), Welcome::Later(_)));
        drop(held);
        drop(fill(&places, ip(2), MAX_PER_ADDRESS));
    }

    #[test]
    fn when_all_is_full_some_are_told_and_the_rest_closed() {
        let places = Places::default();
        let mut held = Vec::new();
        for guest in 0..=(MAX_CONNECTIONS / MAX_PER_ADDRESS_FULL) as u8 {
            while let Welcome::In(place) = places.enter(ip(guest), Instant::now()) {
                held.push(place);
            }
        }
        assert_eq!(held.len(), MAX_CONNECTIONS);
        let refused: Vec<_> =
            (0..MAX_REFUSALS).map(|_| places.enter(ip(200), Instant::now())).collect();
        assert!(refused.iter().all(|w| matches!(w, Welcome::Later(_))));
        assert!(matches!(places.enter(ip(200), Instant::now()), Welcome::Closed));
        drop((refused, held));
        assert!(matches!(places.enter(ip(200), Instant::now()), Welcome::In(_)));
    }

    #[test]
    fn downloads_leave_places_to_pages() {
        const { assert!(MAX_DOWNLOADS * 2 <= MAX_CONNECTIONS) };
        let places = Places::default();
        let mut held = Vec::new();
        for guest in 0..=(MAX_DOWNLOADS / MAX_DOWNLOADS_PER_ADDRESS) as u8 {
            held.extend(std::iter::from_fn(|| places.download(ip(guest))));
        }
        assert_eq!(held.len(), MAX_DOWNLOADS);
        assert!(places.download(ip(250)).is_none());
        held.pop();
        assert!(places.download(ip(250)).is_some());
    }

    #[test]
    fn guests_are_counted_while_they_are_here_and_few_are_remembered() {
        let (places, now) = (Places::default(), Instant::now());
        assert_eq!(places.guests(now), (0, false));
        for n in 0..2 * MAX_KNOWN {
            drop(places.enter(IpAddr::from([10, 1, (n / 256) as u8, (n % 256) as u8]), now));
        }
        assert_eq!(places.guests(now), (MAX_KNOWN, true));
        assert_eq!(places.guests(now + PRESENT - Duration::from_secs(1)).0, MAX_KNOWN);
        assert_eq!(places.guests(now + PRESENT), (0, true));
        places.asked(ip(2), now + PRESENT);
        assert_eq!(places.guests(now + PRESENT), (1, true));
    }
}
