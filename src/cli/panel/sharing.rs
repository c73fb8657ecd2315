//! The share of `yadgar share`, begun and ended by a button.

use crate::access::Access;
use crate::cli::share::{Home, NOBODY_AFTER, PEER_END, for_browsers, peers};
use crate::cli::{Lang, Ui};
use crate::net::lan::lan_addresses;
use crate::panel::words::Note;
use crate::panel::{Network, Sharing};
use crate::share::{Program, ShareConfig, ShareError, Shared, Status, Wifi, serve, url};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use zeroize::Zeroizing;

/// A share under way.
pub struct Running {
    port: u16,
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    wish: Wish,
}

/// How something is to be shared.
pub struct Wish {
    pub time: Duration,
    /// The one interface; all that are of a LAN without.
    pub network: Option<String>,
    pub wifi: Option<Wifi>,
}

impl Wish {
    /// What was typed, checked.
    pub fn new(
        minutes: u64,
        network: String,
        ssid: &str,
        password: Zeroizing<String>,
    ) -> Result<Self, Note> {
        // Only what the page offers: a tunnel is none of it, whoever names it.
        if !network.is_empty() && !networks().iter().any(|known| known.name == network) {
            return Err(Note::NoLan);
        }
        let password = Some(password).filter(|password| !password.is_empty());
        let wifi = match (ssid.is_empty(), &password) {
            (true, None) => None,
            _ => Some(Wifi::new(ssid, password).map_err(|_| Note::BadWifi)?),
        };
        let network = Some(network).filter(|network| !network.is_empty());
        Ok(Self { time: Duration::from_secs(minutes * 60), network, wifi })
    }
}

/// The LANs of this machine, each with the address that can be typed into a browser.
pub fn networks() -> Vec<Network> {
    let mut found: Vec<Network> = Vec::new();
    for at in lan_addresses(&[]).unwrap_or_default() {
        let name = at.device.name();
        let is_new = !name.is_empty() && found.iter().all(|known| known.name != name);
        if is_new && at.is_for_browsers() {
            found.push(Network { name: name.to_owned(), address: at.ip.to_string() });
        }
    }
    found
}

impl Running {
    /// Shares these archives. Blocks until the page is there.
    pub fn begin(
        runtime: &Handle,
        access: Access,
        archives: Vec<ArchiveId>,
        lang: Lang,
        wish: Wish,
    ) -> Result<Self, Note> {
        let home = Arc::new(Home::new(access, archives));
        let mut config = ShareConfig::new(wish.time);
        let interfaces = Vec::from_iter(wish.network.clone());
        // On the page only where every guest is on the network that it joins.
        config.wifi = wish.wifi.clone().filter(|_| interfaces.len() == 1);
        let only = interfaces.clone();
        config.find = Arc::new(move || lan_addresses(&only));
        // A program that cannot be read is not given away; the archive is.
        config.program = Program::running().ok().map(Arc::new);
        config.lang = match lang {
            Lang::Fa => crate::reader::Lang::Fa,
            Lang::En => crate::reader::Lang::En,
        };
        let stop = CancellationToken::new();
        let shared = runtime.block_on(serve(config, home.clone(), stop.clone()));
        let shared = shared.map_err(|e| match e {
            ShareError::NoLan => Note::NoLan,
            _ => Note::Failed,
        })?;
        let (port, status) = (shared.port, shared.status.clone());
        let task = runtime.spawn(keep(home, shared, lang, interfaces));
        Ok(Self { port, status, stop, task, wish })
    }

    /// How it goes; `None` when it has ended.
    pub fn view(&self) -> Option<Sharing> {
        if self.task.is_finished() {
            return None;
        }
        let now = self.status.borrow();
        let places = for_browsers(&now);
        let addresses = places.iter().map(|at| url(at.with_port(self.port))).collect();
        let lonely = is_lonely(&now, self.wish.time);
        let (network, wifi) = (self.wish.network.clone(), self.wish.wifi.clone().map(Arc::new));
        Some(Sharing { addresses, left: now.left, guests: now.guests, lonely, network, wifi })
    }

    /// Ends it. Blocks until nothing listens any more.
    pub fn end(self, runtime: &Handle) {
        self.stop.cancel();
        let _ = runtime.block_on(self.task);
    }
}

/// Whether it is time to say what may keep guests away.
fn is_lonely(now: &Status, time: Duration) -> bool {
    !now.ever && time.saturating_sub(now.left) >= NOBODY_AFTER
}

/// Keeps a peer for other yadgars beside the page, at the addresses where that is.
async fn keep(home: Arc<Home>, shared: Shared, lang: Lang, interfaces: Vec<String>) {
    let Shared { port, mut status, mut task } = shared;
    let ui = Ui::mute(lang);
    let mut peers = peers::Peers::new(port, &interfaces);
    let watching = async {
        let mut now = status.borrow_and_update().clone();
        peers.begin(&ui, &home, &now.addresses).await;
        while status.changed().await.is_ok() {
            let before = std::mem::replace(&mut now, status.borrow_and_update().clone());
            if for_browsers(&before) != for_browsers(&now) {
                peers.begin(&ui, &home, &now.addresses).await;
            } else if before.addresses != now.addresses {
                peers.follow(&now.addresses).await;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = &mut task => {}
        () = watching => {}
    }
    // What hangs goes with the runtime.
    let _ = tokio::time::timeout(PEER_END, peers.end()).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::limits::SHARE_CHOICES;

    #[test]
    fn after_a_minute_alone_it_is_said_why() {
        let status = |ever, left| Status {
            addresses: Vec::new(),
            guests: 0,
            ever,
            left: Duration::from_secs(left),
        };
        for minutes in SHARE_CHOICES {
            let all = minutes * 60;
            let is_lonely = |now: Status| is_lonely(&now, Duration::from_secs(all));
            assert!(!is_lonely(status(false, all - 59)));
            assert!(is_lonely(status(false, all - 60)) && is_lonely(status(false, 0)));
            assert!(!is_lonely(status(true, 0)), "somebody came, and left");
        }
    }

    #[test]
    fn what_was_typed_is_checked() {
        let wish = |network: &str, ssid, password: &str| {
            Wish::new(30, network.to_owned(), ssid, password.to_owned().into())
        };
        let all = wish("", "", "").unwrap_or_else(|_| panic!());
        assert_eq!((all.time, all.network), (Duration::from_secs(1800), None));
        assert!(all.wifi.is_none());
        let open = wish("", "room", "").unwrap_or_else(|_| panic!()).wifi.unwrap();
        assert_eq!(open.text().as_str(), "WIFI:T:nopass;S:room;;");
        let closed = wish("", "room", "long enough").unwrap_or_else(|_| panic!()).wifi.unwrap();
        assert_eq!(closed.text().as_str(), "WIFI:T:WPA;S:room;P:long enough;;");
        for (ssid, password) in [("room", "short"), ("", "long enough")] {
            assert_eq!(wish("", ssid, password).err(), Some(Note::BadWifi), "{ssid}");
        }
        // Loopback is on no LAN, and a name that is nobody's neither.
        for network in ["lo", "no such network"] {
            assert_eq!(wish(network, "", "").err(), Some(Note::NoLan), "{network}");
        }
    }
}
