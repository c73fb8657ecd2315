//! Options that limit how much of a line is used.

use super::mirror::parse_size;
use crate::net::limits::LEAST_RATE;
use crate::net::{Hours, Rates};
use clap::Args;

/// Limits on what is sent. Rates are bytes a second.
#[derive(Debug, Default, Args)]
pub struct UpArgs {
    /// Send at most this much a second to all peers together, for example 500KB
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    up: Option<u64>,
    /// Send at most this much a second to one peer
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    up_per_peer: Option<u64>,
}

/// Limits on what is received, and when no limit holds.
#[derive(Debug, Default, Args)]
pub struct DownArgs {
    /// Receive at most this much a second from all peers together, for example 2MB
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    down: Option<u64>,
    /// Receive at most this much a second from one peer
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    down_per_peer: Option<u64>,
    /// Hours of the day (of this machine's clock) without these limits, for example 1-7
    #[arg(long, value_name = "FROM-UNTIL", value_parser = parse_hours)]
    full_speed: Option<Hours>,
}

/// The limits that the options say.
pub fn rates(up: Option<&UpArgs>, down: &DownArgs) -> Rates {
    Rates {
        up: up.and_then(|up| up.up),
        up_per_peer: up.and_then(|up| up.up_per_peer),
        down: down.down,
        down_per_peer: down.down_per_peer,
        free: down.full_speed,
    }
}

/// A number of bytes a second: `500KB`, `500KB/s`.
fn parse_rate(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let rate = parse_size(lower.strip_suffix("/s").unwrap_or(&lower)).map_err(|_| {
        "a rate is bytes a second: a number with KB or MB, for example 500KB".to_owned()
    })?;
    if rate < LEAST_RATE {
        return Err(format!(
            "the least rate is {LEAST_RATE} bytes a second: below it peers would take this node for dead"
        ));
    }
    Ok(rate)
}

/// Hours `1-7` or, over midnight, `22-6`.
fn parse_hours(text: &str) -> Result<Hours, String> {
    let hours = || {
        let (from, until) = text.trim().split_once('-')?;
        let (from, until) = (from.trim().parse().ok()?, until.trim().parse().ok()?);
        (from < 24 && until <= 24 && from != until).then_some(Hours { from, until })
    };
    hours().ok_or_else(|| {
        "hours are two different numbers from 0 to 24, for example 1-7 or 22-6".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_hours_as_people_write_them() {
        assert_eq!(parse_rate("500KB"), Ok(500_000));
        assert_eq!(parse_rate(" 2 mb/s"), Ok(2_000_000));
        for bad in ["", "fast", "1", "10KB/h", "-5MB"] {
            assert!(parse_rate(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_hours("1-7"), Ok(Hours { from: 1, until: 7 }));
        assert_eq!(parse_hours("22 - 6"), Ok(Hours { from: 22, until: 6 }));
        assert_eq!(parse_hours("0-24"), Ok(Hours { from: 0, until: 24 }));
        for bad in ["", "7", "7-7", "24-3", "3-25", "-1-4", "a-b"] {
            assert!(parse_hours(bad).is_err(), "{bad}");
        }
    }
}
