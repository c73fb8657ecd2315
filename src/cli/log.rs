//! What is logged: to standard error, and nowhere else.

use super::Command;
use std::collections::HashMap;
use std::hash::Hash;
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::callsite::Identifier;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::FilterExt as _;
use tracing_subscriber::layer::{Context, Filter, Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// How many warnings of one kind are printed in [`PERIOD`]. A disk that breaks, or a peer who asks for what is damaged, may
/// cause one after the other.
const MOST_IN_PERIOD: u32 = 5;
/// See [`MOST_IN_PERIOD`].
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// Begins the log. What `-v` asks for; without it the warnings of a mirror, which runs where nobody looks, and of other
/// commands nothing.
pub fn init(verbose: u8, command: Option<&Command>) {
    let level = match (verbose, command) {
        (0, Some(Command::Mirror(_))) => return warnings(),
        (0, _) => return,
        (1, _) => "yadgar=debug",
        _ => "yadgar=trace,libp2p=debug",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .init();
}

fn warnings() {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_filter(EnvFilter::new("yadgar=warn").and(Seldom(Mutex::default())));
    tracing_subscriber::registry().with(lines).init();
}

/// Lets only so many of each place in the code pass; there are as many as are written there.
struct Seldom(Mutex<Counts<Identifier>>);

impl<S> Filter<S> for Seldom {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.count(event.metadata().callsite(), Instant::now());
        if count == MOST_IN_PERIOD + 1 {
            // The log itself is being asked, and cannot be written to.
            eprintln!(
                "warning: more of the last kind are not shown for an hour; yadgar mirror -v shows all"
            );
        }
        count <= MOST_IN_PERIOD
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }
}

/// For each kind, when its period began, and how many came in it.
struct Counts<K>(HashMap<K, (Instant, u32)>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Counts<K> {
    /// How many of this kind there were in its period, with this one.
    fn count(&mut self, kind: K, now: Instant) -> u32 {
        let (began, count) = self.0.entry(kind).or_insert((now, 0));
        if now.saturating_duration_since(*began) >= PERIOD {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_kind_so_many_pass_in_each_period() {
        let (mut counts, begin) = (Counts::default(), Instant::now());
        for _ in 0..2 * MOST_IN_PERIOD {
            counts.count("disk", begin);
        }
        assert_eq!(counts.count("disk", begin + PERIOD / 2), 2 * MOST_IN_PERIOD + 1);
        assert_eq!(counts.count("peers", begin + PERIOD / 2), 1);
        let passed =
            |counts: &mut Counts<_>| counts.count("disk", begin + PERIOD) <= MOST_IN_PERIOD;
        let passed = (0..100).filter(|_| passed(&mut counts)).count();
        assert_eq!(passed, MOST_IN_PERIOD as usize);
    }
}
