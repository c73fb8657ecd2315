//! Options of a mirror for how it is reached, and for how much of the machine and the line it may use.

use crate::cli::mirror::parse_size;
use crate::cli::{CliError, Exit};
use crate::net::limits::{LEAST_CONNECTIONS, MOST_CONNECTIONS};
use crate::net::volume::PerDay;
use crate::net::{NetConfig, NetLimits, machine};
use crate::node::budget;
use clap::Args;
use std::path::Path;

/// Where in a home it is kept how much moved today.
pub const VOLUME_FILE: &str = "volume";

#[derive(Debug, Default, Args)]
pub struct BoundArgs {
    /// Pass on connections to mirrors that nobody reaches, within bounds, while this one is reached itself
    #[arg(long)]
    relay: bool,
    /// Ask the router for a port by UPnP, so that others reach this mirror
    #[arg(long)]
    upnp: bool,
    /// Send at most this much a day to peers and by the gateway, for example 20GB; up to a tenth more of structure; then
    /// only news of releases, up to a fifth more (or 8 MB); then nothing until midnight. What --relay passes on is not
    /// counted; nothing new is passed on then
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    per_day_up: Option<u64>,
    /// Receive at most this much a day by fetching; then nothing is fetched until midnight. What others ask is not
    /// counted, and taken slowly
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    per_day_down: Option<u64>,
    /// Most connections at once (default: by the memory of this machine, at most 64)
    #[arg(long, value_name = "NUMBER", value_parser = connections)]
    max_connections: Option<usize>,
}

impl BoundArgs {
    /// Refuses what has no effect where nobody is to dial this mirror itself: it would go unsaid otherwise. `hidden` is the
    /// option for that, if there is one.
    ///
    /// # Errors
    /// When a relay or a port of the router is asked for there.
    pub fn refuse_unreached(&self, hidden: Option<&str>) -> Result<(), CliError> {
        let asked = [(self.relay, "--relay"), (self.upnp, "--upnp")].into_iter().find(|a| a.0);
        let (Some((_, asked)), Some(hidden)) = (asked, hidden) else { return Ok(()) };
        Err(CliError::both(
            Exit::Usage,
            format!(
                "{asked} does not go with {hidden}: it is for a mirror that others dial directly"
            ),
            format!(
                "{asked} با {hidden} جور نمی‌شود: برای آینه‌ای است که دیگران مستقیم به آن وصل می‌شوند"
            ),
        )
        .advise((
            format!("leave {asked} out, or give it to another mirror, on another machine"),
            format!("{asked} را ننویسید، یا آن را به آینهٔ دیگری روی دستگاه دیگری بدهید"),
        )))
    }

    /// The configuration with these options. `file` is where it is kept what moved today.
    pub fn put_into(&self, net: NetConfig, file: Option<&Path>) -> NetConfig {
        let most = PerDay { up: self.per_day_up, down: self.per_day_down };
        let by_memory = machine::memory().map_or(NetLimits::MIRROR, NetLimits::for_memory);
        NetConfig {
            relay: self.relay,
            upnp: self.upnp,
            limits: self.max_connections.map_or(by_memory, NetLimits::of_total),
            volume: budget::open(file, most),
            ..net
        }
    }
}

fn connections(text: &str) -> Result<usize, String> {
    let number: usize = text.trim().parse().map_err(|_| "this is not a number".to_owned())?;
    match (LEAST_CONNECTIONS..=MOST_CONNECTIONS).contains(&number) {
        true => Ok(number),
        false => Err(format!("a number from {LEAST_CONNECTIONS} to {MOST_CONNECTIONS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_dialled_directly() {
        let relay = BoundArgs { relay: true, ..BoundArgs::default() };
        let upnp = BoundArgs { upnp: true, ..BoundArgs::default() };
        for args in [&relay, &upnp] {
            assert!(args.refuse_unreached(None).is_ok());
            assert!(args.refuse_unreached(Some("--front")).is_err());
        }
        assert!(BoundArgs::default().refuse_unreached(Some("--proxy")).is_ok());
    }

    #[test]
    fn numbers_of_connections() {
        assert_eq!(connections("64"), Ok(64));
        for bad in ["", "many", "1", "100000", "-8"] {
            assert!(connections(bad).is_err(), "{bad}");
        }
    }
}
