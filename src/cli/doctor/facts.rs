//! What stands in the way on this machine, as far as it shows without asking anybody.

use crate::access::{Kind, kind};
use crate::cli::route::Chosen;
use crate::cli::ui::size;
use crate::cli::{CliError, Ui};
use crate::clock;
use crate::interfaces::{is_lan, is_no_lan};
use crate::store::lock::HomeLock;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::SystemTime;

/// No copy of this program is older.
const EARLIEST: &str = "2025-06-01";
/// A clock that is later than this is broken.
const LATEST: &str = "2099-12-31";
/// Less free space than this is worth a word.
const LITTLE_SPACE: u64 = 100_000_000;

/// See the module.
pub struct Facts {
    today: String,
    home: Option<Home>,
    ipv4: bool,
    ipv6: bool,
    lan: bool,
    watched: bool,
    proxy: Result<Option<(String, bool)>, String>,
}

struct Home {
    kind: &'static str,
    /// Others than its owner may look into it.
    open_to_others: bool,
    /// Who holds it.
    held: Option<String>,
    free: Option<u64>,
}

impl Facts {
    pub fn of(home: &Path, chosen: &Result<Chosen, CliError>, watched: bool) -> Self {
        let all = if_addrs::get_if_addrs().unwrap_or_default();
        let global = |ip: &IpAddr| match ip {
            IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local(),
            IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local(),
        };
        let has = |v6: bool| all.iter().any(|i| i.ip().is_ipv6() == v6 && global(&i.ip()));
        let lan = all.iter().any(|i| is_lan(i.ip()) && !is_no_lan(&i.name));
        let proxy = match chosen {
            Ok(chosen) => {
                let proxy = chosen.proxy.as_ref().map(ToString::to_string);
                Ok(proxy.map(|proxy| (proxy, chosen.by_environment)))
            }
            Err(error) => Err(error.what.clone()),
        };
        Self {
            today: clock::utc_day(SystemTime::now()),
            home: home.is_dir().then(|| Home::of(home)),
            ipv4: has(false),
            ipv6: has(true),
            lan,
            watched,
            proxy,
        }
    }

    fn clock_is_plausible(&self) -> bool {
        // Dates of this form compare as texts do.
        (EARLIEST..=LATEST).contains(&self.today.as_str())
    }

    pub fn describe(&self) -> Value {
        let home = self.home.as_ref().map(|home| {
            json!({ "kind": home.kind, "open_to_others": home.open_to_others, "held_by": home.held, "free_bytes": home.free })
        });
        let proxy = match &self.proxy {
            Ok(None) => Value::Null,
            Ok(Some((proxy, by))) => json!({ "address": proxy, "by_environment": by }),
            Err(why) => json!({ "error": why }),
        };
        json!({
            "today": self.today, "clock_plausible": self.clock_is_plausible(), "home": home, "ipv4": self.ipv4,
            "ipv6": self.ipv6, "lan": self.lan, "seems_in_iran": self.watched, "proxy": proxy,
        })
    }

    pub fn say(&self, ui: &Ui) {
        let today = &self.today;
        match self.clock_is_plausible() {
            true => ui.say(format!("clock: {today}"), format!("ساعت: {today}")),
            false => ui.warn(
                format!("the clock says {today}, which cannot be: web hosts will not be believed (TLS); set it"),
                format!("ساعت {today} را نشان می‌دهد که نمی‌شود: به میزبان‌های وب اعتماد نخواهد شد (TLS)؛ درستش کنید"),
            ),
        }
        let (net, fa) = match (self.ipv4, self.ipv6, self.lan) {
            (false, false, _) => {
                ("this machine is on no network", "این دستگاه به هیچ شبکه‌ای وصل نیست")
            }
            (_, true, true) => ("a local network; IPv6 is there", "شبکه‌ی محلی؛ IPv6 هست"),
            (_, false, true) => ("a local network; no IPv6", "شبکه‌ی محلی؛ IPv6 نیست"),
            (_, true, false) => ("no local network; IPv6 is there", "شبکه‌ی محلی نیست؛ IPv6 هست"),
            (_, false, false) => ("no local network; no IPv6", "شبکه‌ی محلی نیست؛ IPv6 نیست"),
        };
        ui.say(format!("network: {net}"), format!("شبکه: {fa}"));
        self.say_proxy(ui);
        if self.watched {
            ui.say(
                "place: this machine seems to be in Iran (time zone or language): raw ways (tcp, quic, ws) are not taken by themselves",
                "جا: این دستگاه گویا در ایران است (منطقه‌ی زمانی یا زبان): راه‌های خام (tcp و quic و ws) خودبه‌خود به کار نمی‌روند",
            );
        }
        if let Some(home) = &self.home {
            home.say(ui);
        }
    }

    fn say_proxy(&self, ui: &Ui) {
        match &self.proxy {
            Ok(None) => ui.say(
                "proxy: none; what is asked is asked straight",
                "پراکسی: هیچ؛ هرچه پرسیده شود سرراست پرسیده می‌شود",
            ),
            Ok(Some((proxy, by_environment))) => {
                let (en, fa) = match by_environment {
                    true => (" (HTTPS_PROXY or ALL_PROXY)", " (HTTPS_PROXY یا ALL_PROXY)"),
                    false => ("", ""),
                };
                ui.say(
                    format!("proxy: {proxy}{en}; everything goes through it"),
                    format!("پراکسی: {proxy}{fa}؛ همه چیز از آن می‌گذرد"),
                );
            }
            Err(why) => ui.warn(
                format!("the proxy cannot be used: {why}; nothing will be asked past it"),
                format!("پراکسی به کار نمی‌آید: {why}؛ از کنار آن چیزی پرسیده نمی‌شود"),
            ),
        }
    }
}

impl Home {
    fn of(home: &Path) -> Self {
        let mode = std::fs::metadata(home).map(|meta| meta.permissions().mode());
        let disk = rustix::fs::statvfs(home).ok();
        Self {
            kind: if kind(home) == Kind::Plain { "plain" } else { "encrypted" },
            open_to_others: mode.is_ok_and(|mode| mode & 0o077 != 0),
            held: HomeLock::holder(home).ok().flatten().map(|holder| {
                // The text comes from a file: no control characters on a terminal.
                let purpose = holder.purpose.chars().filter(|c| !c.is_control()).take(80);
                format!("{} (process {})", purpose.collect::<String>(), holder.pid)
            }),
            free: disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
        }
    }

    fn say(&self, ui: &Ui) {
        let free = self.free.unwrap_or_default();
        let (kind, fa) = match self.kind {
            "encrypted" => ("encrypted", "رمزشده"),
            _ => ("not encrypted", "بی رمز"),
        };
        ui.say(
            format!("home: {kind}, {} free on its disk", size(free)),
            format!("خانه: {fa}، {} جای خالی روی دیسک آن", size(free)),
        );
        if self.free.is_some_and(|free| free < LITTLE_SPACE) {
            ui.warn("there is little room on the disk", "جای کمی روی دیسک مانده است");
        }
        if self.open_to_others {
            ui.warn(
                "other users of this machine may look into the home; chmod 700 shuts it",
                "کاربران دیگر این دستگاه می‌توانند خانه را ببینند؛ با chmod 700 بسته می‌شود",
            );
        }
        if let Some(holder) = &self.held {
            ui.say(
                format!("the home is in use: {holder}"),
                format!("خانه در حال استفاده است: {holder}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_cannot_be() {
        let at = |today: &str| Facts {
            today: today.into(),
            home: None,
            ipv4: false,
            ipv6: false,
            lan: false,
            watched: false,
            proxy: Ok(None),
        };
        assert!(at("2026-02-01").clock_is_plausible());
        assert!(!at("1970-01-01").clock_is_plausible() && !at("2101-01-01").clock_is_plausible());
    }
}
