//! Web hosts that a mirror follows: when each is looked at, and what came of it.

use super::handle::HostStatus;
use crate::store::{WebForm, WebHost};
use crate::web::{Fault, HostSource};
use std::sync::Arc;
use std::time::{Duration, Instant};
use yadgar_protocol::ArchiveId;

/// A host's head is looked at this often, give or take a half.
pub const HOSTS_EVERY: Duration = Duration::from_secs(900);
/// The first pause after a look that failed; each one more in a row doubles it.
const FIRST: Duration = Duration::from_secs(60);
/// The longest pause after looks that failed, but for the jitter.
const LONGEST: Duration = Duration::from_secs(6 * 3600);
/// Enough to reach [`LONGEST`].
const MAX_DOUBLINGS: u32 = 9;
/// A host that was asked once is remembered for so long after that, for whoever wants to know what came of it.
pub const REMEMBERED: Duration = Duration::from_secs(120);
/// Hosts that are asked once, because somebody asked the running node to, over all archives.
pub const MAX_PASSING: usize = 16;

/// A host, and how it stands.
pub struct Line {
    /// The archive that it is of.
    pub archive: ArchiveId,
    /// How it is named; a change makes it another one.
    pub named: WebHost,
    /// What is asked; the reason where it cannot be.
    pub source: Result<Arc<HostSource>, String>,
    /// In no settings: it goes when it was looked at and nothing is fetched.
    pub passing: bool,
    /// Newest release that it showed, once judged.
    pub release: Option<u64>,
    /// Faults that were told.
    pub told: usize,
    looking: bool,
    looked: Option<Instant>,
    error: Option<String>,
    fails: u32,
    next: Instant,
}

/// All of them. Time and jitter (0 to 1) are arguments.
#[derive(Default)]
pub struct Hosts {
    lines: Vec<Line>,
    numbers: u32,
}

/// Makes a source of a host, with the number that it is to have.
pub type Open<'a> = &'a dyn Fn(u32, &WebHost) -> Result<HostSource, String>;

impl Hosts {
    /// Takes the hosts that the settings of an archive name: what is new is due at once, what is named no more is
    /// forgotten.
    pub fn set(&mut self, archive: ArchiveId, named: &[WebHost], open: Open<'_>, now: Instant) {
        self.lines
            .retain(|line| line.archive != archive || line.passing || named.contains(&line.named));
        for host in named {
            let known = |line: &&mut Line| line.archive == archive && line.named.url == host.url;
            match self.lines.iter_mut().find(known) {
                Some(line) if line.named == *host => line.passing = false,
                // It was asked once on another way; the settings count.
                Some(_) => {
                    self.lines.retain(|l| l.archive != archive || l.named.url != host.url);
                    self.push(archive, host, false, open, now);
                }
                None => self.push(archive, host, false, open, now),
            }
        }
    }

    /// Takes hosts that are asked once, or at once if they are known. The way to a host that is followed stays the one
    /// of its settings. False when there is no room.
    pub fn ask(
        &mut self,
        archive: ArchiveId,
        hosts: &[WebHost],
        open: Open<'_>,
        now: Instant,
    ) -> bool {
        let mut all = true;
        for host in hosts {
            let known = |line: &&mut Line| line.archive == archive && line.named.url == host.url;
            if let Some(line) = self.lines.iter_mut().find(known) {
                line.next = now;
            } else if self.lines.iter().filter(|line| line.passing).count() < MAX_PASSING {
                self.push(archive, host, true, open, now);
            } else {
                all = false;
            }
        }
        all
    }

    fn push(
        &mut self,
        archive: ArchiveId,
        host: &WebHost,
        passing: bool,
        open: Open<'_>,
        now: Instant,
    ) {
        self.numbers += 1;
        let source = open(self.numbers, host).map(Arc::new);
        let error = source.as_ref().err().cloned();
        let named = host.clone();
        self.lines.push(Line {
            archive,
            named,
            source,
            passing,
            release: None,
            told: 0,
            looking: false,
            looked: None,
            error,
            fails: 0,
            next: now,
        });
    }

    /// One whose turn it is: the one that waits longest. It is being looked at from now on.
    pub fn due(&mut self, now: Instant) -> Option<(ArchiveId, Arc<HostSource>)> {
        let due = |line: &&mut Line| !line.looking && line.next <= now && line.source.is_ok();
        let line = self.lines.iter_mut().filter(due).min_by_key(|line| line.next)?;
        line.looking = true;
        Some((line.archive, line.source.clone().ok()?))
    }

    /// A look ended, well or with an error. True when the error is another one than before.
    pub fn looked(
        &mut self,
        number: u32,
        error: Option<String>,
        every: Duration,
        now: Instant,
        jitter: f64,
    ) -> bool {
        let Some(line) = self.line(number) else { return false };
        let new = error.is_some() && error != line.error;
        (line.looking, line.looked) = (false, Some(now));
        line.fails = if error.is_some() { line.fails.saturating_add(1) } else { 0 };
        let pause = match line.fails {
            0 => every,
            fails => (FIRST * 2u32.pow((fails - 1).min(MAX_DOUBLINGS))).min(LONGEST),
        };
        line.error = error;
        line.next = now + pause.mul_f64(0.5 + jitter);
        new
    }

    /// Hosts of an archive that cannot be asked as they are named, and why; each is told once.
    pub fn unusable(&mut self, archive: ArchiveId) -> Vec<(String, String)> {
        let new = |line: &&mut Line| line.archive == archive && line.told == 0;
        let mut out = Vec::new();
        for line in self.lines.iter_mut().filter(new) {
            if let Err(why) = &line.source {
                line.told = 1;
                out.push((line.named.url.clone(), why.clone()));
            }
        }
        out
    }

    /// Files of no use that were not told yet.
    pub fn untold(&mut self) -> Vec<(ArchiveId, String, Fault)> {
        let mut out = Vec::new();
        for line in &mut self.lines {
            let Ok(source) = &line.source else { continue };
            let faults = source.all_faults();
            for fault in faults.iter().skip(line.told) {
                out.push((line.archive, line.named.url.clone(), fault.clone()));
            }
            // Fewer when they were forgiven.
            line.told = faults.len();
        }
        out
    }

    /// The line of a host.
    pub fn line(&mut self, number: u32) -> Option<&mut Line> {
        use crate::sync::Host as _;
        let of = |line: &&mut Line| line.source.as_ref().is_ok_and(|s| s.number() == number);
        self.lines.iter_mut().find(of)
    }

    /// The hosts of an archive that can be asked.
    pub fn of(&self, archive: ArchiveId) -> impl Iterator<Item = &Arc<HostSource>> {
        let lines = self.lines.iter().filter(move |line| line.archive == archive);
        lines.filter_map(|line| line.source.as_ref().ok())
    }

    /// All that can be asked.
    pub fn all(&self) -> Vec<Arc<HostSource>> {
        self.lines.iter().filter_map(|line| line.source.clone().ok()).collect()
    }

    /// Forgets those that were asked once and looked at, of an archive of which nothing is fetched.
    pub fn pass(&mut self, archive: ArchiveId, now: Instant) {
        let old = |at: Instant| now.saturating_duration_since(at) >= REMEMBERED;
        // One that cannot be asked at all was told when it was named.
        let over = |line: &Line| {
            line.passing && !line.looking && (line.source.is_err() || line.looked.is_some_and(old))
        };
        self.lines.retain(|line| line.archive != archive || !over(line));
    }

    /// How they stand.
    pub fn status(&self, now: Instant) -> Vec<HostStatus> {
        let ago = |at: Instant| now.saturating_duration_since(at).as_secs();
        let one = |line: &Line| HostStatus {
            archive: line.archive.to_string(),
            url: line.named.url.clone(),
            gateway: line.named.form == WebForm::Gateway,
            proxied: line.named.proxied || line.source.as_ref().is_ok_and(|host| host.is_proxied()),
            followed: !line.passing,
            looked_seconds_ago: line.looked.map(ago),
            looking: line.looking || (line.source.is_ok() && line.next <= now),
            next_in_seconds: line.next.saturating_duration_since(now).as_secs(),
            release: line.release,
            error: line.error.clone().or_else(|| {
                let source = line.source.as_ref().ok()?;
                source.error().map(|error| error.to_string())
            }),
            received_bytes: line.source.as_ref().map_or(0, |source| source.received()),
            faults: line.source.as_ref().map(|source| source.all_faults()).unwrap_or_default(),
        };
        self.lines.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dial::Dialler;
    use yadgar_protocol::Hash;

    const EVERY: Duration = Duration::from_secs(900);

    fn open(number: u32, host: &WebHost) -> Result<HostSource, String> {
        crate::web::open(number, host, &Dialler::default(), Default::default())
            .map_err(|error| error.to_string())
    }

    fn host(url: &str) -> WebHost {
        WebHost { url: url.into(), ..WebHost::default() }
    }

    fn number(due: Option<(ArchiveId, Arc<HostSource>)>) -> Option<u32> {
        use crate::sync::Host as _;
        due.map(|(_, host)| host.number())
    }

    #[test]
    fn a_host_that_fails_is_asked_less_and_less_and_one_that_is_well_regularly() {
        let (id, start) = (ArchiveId(Hash([1; 32])), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut hosts = Hosts::default();
        hosts.set(id, &[host("https://a.example/")], &open, start);
        let one = number(hosts.due(start)).unwrap();
        assert_eq!(number(hosts.due(at(99_999))), None, "it is being looked at");
        assert!(!hosts.looked(one, None, EVERY, start, 0.5));
        assert_eq!(number(hosts.due(at(899))), None);
        assert_eq!(number(hosts.due(at(900))), Some(one));
        // 60, 120, 240 s, and so on; never more than six hours.
        let (mut now, mut pauses) = (900, Vec::new());
        for n in 0..12 {
            let new = hosts.looked(one, Some("no".into()), EVERY, at(now), 0.5);
            assert_eq!(new, n == 0, "told once");
            let pause = (1..).find(|s| number(hosts.due(at(now + s))).is_some()).unwrap();
            pauses.push(pause);
            now += pause;
        }
        assert_eq!(pauses[..4], [60, 120, 240, 480]);
        assert_eq!(pauses[11], 6 * 3600);
        assert!(!hosts.looked(one, None, EVERY, at(now), 0.0));
        assert_eq!(
            number(hosts.due(at(now + 450))),
            Some(one),
            "well again, half the time at least"
        );
    }

    #[test]
    fn what_is_named_no_more_goes_and_what_was_asked_once_goes_by_itself() {
        let (id, now) = (ArchiveId(Hash([1; 32])), Instant::now());
        let (a, b) = (host("https://a.example/"), host("https://b.example/"));
        let mut hosts = Hosts::default();
        hosts.set(id, std::slice::from_ref(&a), &open, now);
        let first = number(hosts.due(now)).unwrap();
        assert!(hosts.ask(id, &[a.clone(), b.clone()], &open, now));
        // The way to a host is the one that is kept with it.
        let other = WebHost { other_hosts: true, ..a.clone() };
        assert!(hosts.ask(id, std::slice::from_ref(&other), &open, now));
        assert!(hosts.lines.iter().all(|line| !line.named.other_hosts));
        let second = number(hosts.due(now)).unwrap();
        assert_ne!(first, second);
        hosts.looked(second, None, EVERY, now, 0.5);
        hosts.pass(id, now);
        assert_eq!(hosts.of(id).count(), 2, "still told of");
        hosts.pass(id, now + REMEMBERED);
        assert_eq!(hosts.of(id).count(), 1);
        // Another way: another source, due at once.
        hosts.set(id, &[other], &open, now);
        assert!(hosts.lines[0].named.other_hosts);
        assert_ne!(number(hosts.due(now)).unwrap(), first);
        hosts.set(id, &[], &open, now);
        assert_eq!(hosts.of(id).count(), 0);
        let many: Vec<_> = (0..99).map(|n| host(&format!("https://h{n}.example/"))).collect();
        assert!(!hosts.ask(id, &many, &open, now));
        assert_eq!(hosts.of(id).count(), MAX_PASSING);
    }

    #[test]
    fn a_host_that_cannot_be_asked_is_told_and_not_asked() {
        let (id, now) = (ArchiveId(Hash([1; 32])), Instant::now());
        let bad = WebHost { proxied: true, ..host("https://a.example/") };
        let mut hosts = Hosts::default();
        hosts.set(id, &[bad], &open, now);
        assert!(hosts.due(now).is_none(), "least of all without its proxy");
        assert_eq!(hosts.unusable(id).len(), 1);
        assert!(hosts.unusable(id).is_empty());
        let status = &hosts.status(now)[0];
        assert!(status.proxied && status.error.as_ref().unwrap().contains("no proxy now"));
        // With a proxy all of them go through it.
        let through = Dialler::new(
            crate::dial::Proxy::parse("socks5h://127.0.0.1:9").ok(),
            Default::default(),
        );
        let open = |number, host: &WebHost| {
            crate::web::open(number, host, &through, Default::default())
                .map_err(|error| error.to_string())
        };
        hosts.set(id, &[host("https://a.example/")], &open, now);
        assert!(hosts.status(now)[0].proxied && hosts.due(now).is_some());
    }
}
