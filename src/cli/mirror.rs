//! `yadgar mirror`: a node that keeps archives and passes them on until it is stopped.

mod back;
mod bounds;
mod front;
mod gateway;
mod hosts;
mod identity;
mod outward;
mod risk;
mod tell;
mod watch;

use super::rates::{DownArgs, UpArgs, rates};
use super::route::ProxyArgs;
use super::{CliError, Exit, Ui, pick};
use crate::access::server::{self, NodeSide, Served};
use crate::access::{Access, Archives, Kind, kind};
use crate::dial::Dialler;
use crate::net::{Keypair, NetConfig};
use crate::node::budget;
use crate::node::mirror::{self, HEADS_EVERY, HOSTS_EVERY, MirrorConfig, MirrorHandle};
use crate::node::upkeep::{Pace, ScrubStatus, Upkeep};
use crate::store::WebHost;
use crate::sync::Timing;
use bounds::{BoundArgs, VOLUME_FILE};
use clap::Args;
pub use gateway::say as say_gateway;
pub use hosts::say as say_hosts;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;

/// Where in a home the addresses of other nodes are remembered.
pub const PEERS_FILE: &str = "peers";
/// Where in a home the position of the scrub is kept.
const SCRUB_FILE: &str = "store/scrub";

/// How long a mirror that stops waits for a folder that is being read, and how often it looks.
const STOP_WAIT: Duration = Duration::from_secs(10);
const STOP_PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, Args)]
pub struct MirrorArgs {
    /// Invites of archives to mirror (default: those of this home)
    invites: Vec<String>,
    /// Address to listen on; may be given several times (default: port 4774, TCP and QUIC)
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<String>,
    /// An address by which others reach this mirror although it does not listen there: an onion service, a name, a
    /// forwarded port. It goes into invites that are made while the mirror runs; may be given several times
    #[arg(long, value_name = "MULTIADDR")]
    announce: Vec<String>,
    #[command(flatten)]
    proxy: ProxyArgs,
    /// Keep only this part; may be given several times; core is always kept
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
    /// Never use more disk than this, for example 20GB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    quota: Option<u64>,
    #[command(flatten)]
    front: front::FrontArgs,
    /// Let --listen take WebSockets without TLS (/ws) on public addresses, too
    #[arg(long)]
    open_ws: bool,
    #[command(flatten)]
    up: UpArgs,
    #[command(flatten)]
    down: DownArgs,
    #[command(flatten)]
    bounds: BoundArgs,
    /// Do not look for other mirrors on the LAN, and do not be found there
    #[arg(long, alias = "no-mdns")]
    no_lan: bool,
    /// Do not look for other mirrors in the DHT of mirrors, and do not announce there what is served
    #[arg(long)]
    no_dht: bool,
    /// Take in carriers that are put into this folder, or onto sticks that appear in it (for example /media/NAME); may be
    /// given several times
    #[arg(long, value_name = "DIR")]
    watch: Vec<PathBuf>,
    /// With --watch: where there is a file of 'yadgar have' (called have, or ending in .have), write beside it what its home lacks
    #[arg(long, requires = "watch")]
    give_back: bool,
    #[command(flatten)]
    follow: hosts::FollowArgs,
    /// Also answer IPFS clients with blocks over plain HTTP at this address, for example 127.0.0.1:8080 behind a web server
    #[arg(long, value_name = "IP:PORT", help_heading = "Gateway")]
    gateway: Option<SocketAddr>,
    /// For tests of many nodes on one machine: tell, believe and dial addresses of loopback
    #[arg(long, hide = true)]
    loopback_peers: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &MirrorArgs) -> Result<(), CliError> {
    if args.front.print(ui, home)? {
        return Ok(());
    }
    let invites: Vec<_> = args.invites.iter().map(|t| pick::invite(t)).collect::<Result<_, _>>()?;
    let front = args.front.front(home)?;
    let chosen = outward::chosen(args)?;
    let listen = outward::listen(&args.listen, &chosen, front.as_ref())?;
    let announced = outward::announced(&args.announce, front.as_ref())?;
    gateway::refuse_past_proxy(args.gateway, &chosen)?;
    args.bounds.refuse_unreached(outward::hidden(&chosen, front.as_ref()))?;
    let roots = args.follow.roots()?;
    if !args.yes {
        risk::confirm(ui)?;
    }
    let control = server::socket_path(home);
    let access = Access::open_local(home, "mirror", Some(&control), args.quota)?;
    for invite in &invites {
        super::fetch::say_unknown(ui, invite);
        remember(&access, invite, &args.parts)?;
    }
    let way = hosts::Out { proxied: chosen.proxy.is_some(), straight: args.proxy.is_none() };
    hosts::remember(ui, &access, &invites, (&args.follow, way))?;
    if access.archives.list()?.is_empty() {
        return Err(CliError::new(Exit::Usage, "there is nothing to mirror in this home")
            .advice("give an invite: yadgar mirror 'yadgar:…'"));
    }
    let socket = server::bind(&control).map_err(|e| CliError::failed(control.display(), e))?;
    // Whom nobody can dial needs no lasting name, by which those it dials would know it again.
    let keypair = match identity::file(front.is_some(), chosen.proxy.is_some()) {
        _ if listen.is_empty() => Keypair::generate_ed25519(),
        name => identity::lasting(&home.join(name))?,
    };
    let announced = outward::named(announced, &keypair);
    outward::say(ui, &chosen, &listen, &announced);
    let rates = rates(Some(&args.up), &args.down);
    let net = NetConfig {
        keypair: Some(keypair),
        // A website announces nothing to its neighbours.
        mdns: !args.no_lan && chosen.proxy.is_none() && front.is_none(),
        open_ws: args.open_ws,
        loopback_peers: args.loopback_peers,
        // Nor does it look for others among strangers, who would learn what stands behind it.
        dht: !args.no_dht && front.is_none(),
        // Nor is any of them asked whether its server is reached otherwise, or for addresses of more of them.
        fronted: front.is_some(),
        rates,
        paces: Some(rates.shared()),
        dialler: Dialler::new(chosen.proxy, roots),
        ..NetConfig::mirror(listen)
    };
    // What is sealed on the disk is not told beside it in the open.
    let plain = |name| (kind(home) == Kind::Plain).then(|| home.join(name));
    let (peers, counted) = (plain(PEERS_FILE), plain(VOLUME_FILE));
    let net = args.bounds.put_into(net, counted.as_deref());
    let doors = (socket, announced);
    super::transfer_runtime()?.block_on(serve(ui, access, (net, (peers, counted)), doors, args))
}

async fn serve(
    ui: &Ui,
    access: Access,
    (net, (peers, file)): (NetConfig, (Option<PathBuf>, Option<PathBuf>)),
    (socket, announced): (server::ControlSocket, Vec<String>),
    args: &MirrorArgs,
) -> Result<(), CliError> {
    let Some(local) = access.local.clone() else {
        return Err(CliError::new(Exit::Failed, "a mirror holds its home itself"));
    };
    let stop = super::stopped();
    let proxy = net.dialler.proxy().map(ToString::to_string);
    let counting = budget::Keeping::start(net.volume.clone(), file);
    let config = MirrorConfig {
        store: local.store.clone(),
        states: local.states.clone(),
        beacon: net.mdns,
        net,
        timing: Timing::default(),
        heads_every: HEADS_EVERY,
        hosts_every: HOSTS_EVERY,
        peers,
    };
    // First: when it cannot listen nothing was begun.
    let gateway = gateway::start(ui, &local, &config.net, args.gateway).await?;
    let (node, news) = mirror::start(config).await?;
    let ended = CancellationToken::new();
    let scrub = (kind(&access.home) == Kind::Plain).then(|| access.home.join(SCRUB_FILE));
    let upkeep = Upkeep::start(node.clone(), local.store.clone(), scrub, Pace::default());
    let side: Arc<dyn NodeSide> = Arc::new(Side {
        node: node.clone(),
        ended: ended.clone(),
        scrub: upkeep.status(),
        gateway: gateway.as_ref().map(gateway::load),
        announced,
        proxy,
    });
    let archives: Arc<dyn Archives> = access.archives.clone();
    server::run(socket, Arc::new(Served { store: access.store.clone(), archives, node: side }));
    ui.note("Mirroring. Ctrl-C stops it.", "آینه در کار است. Ctrl-C آن را می‌ایستاند.");
    let watching = watch_folders(ui, &access, &node, (&args.watch[..], args.give_back));
    tokio::select! {
        () = stop => {}
        () = ended.cancelled() => {}
        () = tell::all(ui, &access, news) => {}
    }
    ui.note("Stopping.", "در حال ایستادن.");
    end_watching(watching).await;
    upkeep.stop().await;
    if let Some(gateway) = gateway {
        gateway.stop().await;
    }
    node.shutdown().await;
    counting.stop().await;
    Ok(())
}

/// Ends the reading of folders. It asks the node, which must still be there. A big stick is not waited for: what is taken is
/// durable bit by bit.
async fn end_watching(watching: Option<(Arc<AtomicBool>, JoinHandle<()>)>) {
    let Some((end, thread)) = watching else { return };
    end.store(true, Ordering::SeqCst);
    let mut left = STOP_WAIT;
    while !thread.is_finished() && !left.is_zero() {
        left = left.saturating_sub(STOP_PAUSE);
        tokio::time::sleep(STOP_PAUSE).await;
    }
}

/// A thread of its own reads folders: disks block.
fn watch_folders(
    ui: &Ui,
    access: &Access,
    node: &MirrorHandle,
    (folders, give_back): (&[PathBuf], bool),
) -> Option<(Arc<AtomicBool>, JoinHandle<()>)> {
    if folders.is_empty() {
        return None;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (ui, access, node) = (ui.clone(), access.clone(), node.clone());
    let (folders, end) = (folders.to_vec(), stop.clone());
    let thread = std::thread::spawn(move || {
        watch::Watching { ui, access, node, give_back, stop: end }.run(&folders);
    });
    Some((stop, thread))
}

/// The running node as the control socket sees it.
struct Side {
    node: MirrorHandle,
    ended: CancellationToken,
    scrub: Arc<Mutex<ScrubStatus>>,
    gateway: Option<gateway::Told>,
    announced: Vec<String>,
    /// Through which it dials, without the password.
    proxy: Option<String>,
}

impl NodeSide for Side {
    fn status(&self) -> serde_json::Value {
        let node = self.node.status_blocking().unwrap_or_default();
        let mut all = serde_json::to_value(node).unwrap_or_default();
        let scrub = self.scrub.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all["scrub"] = json!(scrub);
        all["gateway"] = self.gateway.as_ref().map(|told| told()).unwrap_or_default();
        all["announced"] = json!(self.announced);
        all["proxy"] = json!(self.proxy);
        all
    }

    fn changed(&self, archive: &ArchiveId) {
        self.node.changed_blocking(*archive);
    }

    fn forget_peers(&self) -> bool {
        self.node.forget_peers_blocking();
        true
    }

    fn ask_hosts(&self, archive: &ArchiveId, hosts: Vec<WebHost>) -> bool {
        self.node.ask_hosts_blocking(*archive, hosts)
    }

    fn stop(&self) {
        self.ended.cancel();
    }
}

/// Notes an invite's addresses and the parts wanted.
pub fn remember(access: &Access, invite: &Invite, parts: &[String]) -> Result<(), CliError> {
    let mut settings = access.archives.settings(&invite.archive)?;
    if settings.source.is_empty() {
        settings.source = "peer".into();
        settings.learned = Some(pick::today());
    }
    settings.learn_places(invite);
    if !parts.is_empty() {
        let core = yadgar_protocol::release::CORE.to_owned();
        let rest = parts.iter().filter(|p| **p != core).cloned();
        settings.parts = Some(std::iter::once(core.clone()).chain(rest).collect());
    }
    Ok(access.archives.set_settings(&invite.archive, &settings)?)
}

/// Bytes with an optional unit: 500MB, 20GB, 1TB.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim().to_ascii_uppercase();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "M" | "MB" => 1_000_000,
        "G" | "GB" => 1_000_000_000,
        "T" | "TB" => 1_000_000_000_000,
        _ => return Err("a size is a number with MB, GB or TB, for example 20GB".into()),
    };
    let number: u64 = number.parse().map_err(|_| "a size begins with a number".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "the size is too large".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("20GB"), Ok(20_000_000_000));
        assert_eq!(parse_size("512 mb"), Ok(512_000_000));
        assert_eq!(parse_size("7"), Ok(7));
        assert!(parse_size("GB").is_err());
        assert!(parse_size("5 stones").is_err());
        assert!(parse_size("99999999999999999999").is_err());
    }
}
