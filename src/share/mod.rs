//! A share: for some minutes whoever is on the same LAN or hotspot can read the memorial with a browser, and take
//! the archive and this program along (design: profile `share`).
//!
//! One page on one port, over plain http, on the addresses that this machine has on LANs and on no other; a
//! connection from or to any other address is closed unanswered. It ends by itself, with every connection. Guests
//! are counted, never named. Carriers are sent straight from the store (`crate::carrier::stream`): nothing is
//! written anywhere.
//!
//! Guests are of the network of the very address they come to; where the system allows it a door hears its own
//! interface only. [`Shared::status`] says on which addresses the share is now, and how long it lasts.

mod answer;
mod doors;
mod download;
pub mod limits;
mod page;
mod places;
mod program;
pub mod qr;
mod shelf;
mod software;
mod stock;
mod words;

pub use crate::net::lan::LanAddress;
pub use program::Program;
pub use qr::{Wifi, WifiError};
pub use stock::{Source, SourceError};

use crate::clock::uptime;
use crate::memorial::Lang;
use crate::net::lan::{is_lan, lan_addresses};
use crate::reader::GuestPages;
use answer::Shop;
use doors::Doors;
use limits::{LOOK_EVERY, TICK};
use shelf::Shelf;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Says whether a connection may come from or to an address.
type Rule = fn(IpAddr) -> bool;
/// Gives the addresses that this machine has on LANs now.
pub type Find = Arc<dyn Fn() -> io::Result<Vec<LanAddress>> + Send + Sync>;

/// What to share, for how long, and where.
pub struct ShareConfig {
    /// Port of the page; a free one without.
    pub port: Option<u16>,
    /// Language of addresses that name none.
    pub lang: Lang,
    /// How long it lasts. Time in which the machine sleeps counts.
    pub time: Duration,
    /// Asked for addresses now and then; what it gives is used only if it is of a LAN.
    pub find: Find,
    /// The program that guests can take.
    pub program: Option<Arc<Program>>,
    /// The Wi-Fi that guests are shown how to join, with its password: only where all of them are on it.
    pub wifi: Option<Wifi>,
    rule: Rule,
}

impl ShareConfig {
    /// A share of this time, on all LAN addresses of the machine and any free port.
    pub fn new(time: Duration) -> Self {
        Self {
            port: None,
            lang: Lang::Fa,
            time,
            find: Arc::new(|| lan_addresses(&[])),
            program: None,
            wifi: None,
            rule: is_lan,
        }
    }
}

/// Why nothing is shared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The machine has no address of a LAN.
    #[error("this machine is on no local network")]
    NoLan,
    /// The system does not tell the addresses.
    #[error("the addresses of this machine: {0}")]
    Addresses(#[source] io::Error),
    /// Another program has the port.
    #[error("port {0} is in use by another program")]
    PortInUse(u16),
    /// The system refused the sockets.
    #[error("cannot listen on the local network: {0}")]
    Listen(#[source] io::Error),
}

/// How a share is going.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it is, those first that can be typed into a browser.
    pub addresses: Vec<LanAddress>,
    /// Guests of the last minute.
    pub guests: usize,
    /// Whether anybody ever came.
    pub ever: bool,
    /// How much time is left.
    pub left: Duration,
}

/// Why a share ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its time was over.
    TimeOver,
    /// It was stopped.
    Stopped,
}

/// A running share.
pub struct Shared {
    /// The port of the page.
    pub port: u16,
    /// How it goes; changes every second.
    pub status: watch::Receiver<Status>,
    /// Ends with the share, when nothing listens and no connection is open any more.
    pub task: JoinHandle<End>,
}

/// The address of the page, as it is typed into a browser.
pub fn url(at: SocketAddr) -> String {
    match at {
        SocketAddr::V4(at) => format!("http://{at}/"),
        SocketAddr::V6(at) => format!("http://[{}]:{}/", at.ip(), at.port()),
    }
}

/// Shares until the time is over or `stop` is cancelled.
///
/// # Errors
/// [`ShareError`]; nothing is left listening then.
pub async fn serve(
    config: ShareConfig,
    source: Arc<dyn Source>,
    stop: CancellationToken,
) -> Result<Shared, ShareError> {
    // Reading ahead for pages nobody will ask for ends with the share.
    let over = stop.child_token();
    let shelf = Shelf::filled(source.clone()).await;
    let views = Arc::new({
        let shelf = shelf.clone();
        move || shelf.views()
    });
    let ends = uptime() + config.time;
    let left = move || ends.saturating_sub(uptime());
    let shop = Arc::new(Shop {
        source,
        pages: GuestPages::new(config.lang, views, over.clone()),
        stock: Arc::default(),
        program: config.program,
        wifi: config.wifi,
        places: places::Places::default(),
        readers: Shop::readers(),
        left: Arc::new(left),
    });
    let addresses = look(&config.find).await.map_err(ShareError::Addresses)?;
    let doors = Doors::open(shop.clone(), config.rule, &addresses, config.port)?;
    let status = |doors: &Doors| {
        let (guests, ever) = shop.places.guests(Instant::now());
        Status { addresses: doors.addresses(), guests, ever, left: left() }
    };
    let (tell, told) = watch::channel(status(&doors));
    let port = doors.port;
    let task =
        tokio::spawn(run(Running { doors, shop, shelf, find: config.find, tell, stop, over }));
    Ok(Shared { port, status: told, task })
}

async fn look(find: &Find) -> io::Result<Vec<LanAddress>> {
    let find = find.clone();
    tokio::task::spawn_blocking(move || find()).await.map_err(io::Error::other)?
}

struct Running {
    doors: Doors,
    shop: Arc<Shop>,
    shelf: Arc<Shelf>,
    find: Find,
    tell: watch::Sender<Status>,
    stop: CancellationToken,
    over: CancellationToken,
}

/// Nothing that takes long is waited for when the end has come.
async fn run(running: Running) -> End {
    let Running { mut doors, shop, shelf, find, tell, stop, over } = running;
    let end = tokio::select! {
        end = ended(&shop, &stop) => end,
        never = follow(&mut doors, &shop, &find, &tell) => match never {},
        never = shelf.keep() => match never {},
    };
    over.cancel();
    doors.close().await;
    end
}

async fn ended(shop: &Shop, stop: &CancellationToken) -> End {
    loop {
        let left = (shop.left)();
        if left.is_zero() {
            return End::TimeOver;
        }
        tokio::select! {
            () = stop.cancelled() => return End::Stopped,
            () = tokio::time::sleep(TICK.min(left)) => {}
        }
    }
}

/// Opens and closes doors as the addresses of this machine change, and tells how it goes; never ends.
async fn follow(
    doors: &mut Doors,
    shop: &Shop,
    find: &Find,
    tell: &watch::Sender<Status>,
) -> Infallible {
    let mut looked = Instant::now();
    loop {
        let (guests, ever) = shop.places.guests(Instant::now());
        // Nobody needs to listen.
        tell.send_replace(Status {
            addresses: doors.addresses(),
            guests,
            ever,
            left: (shop.left)(),
        });
        tokio::time::sleep(TICK).await;
        if looked.elapsed() >= LOOK_EVERY {
            looked = Instant::now();
            if let Ok(addresses) = look(find).await {
                doors.follow(&addresses).await;
            }
        }
    }
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
