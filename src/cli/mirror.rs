//! `yadgar mirror`: a node that keeps archives and passes them on until it is stopped.

mod back;
mod watch;

use super::rates::{DownArgs, UpArgs, rates};
use super::ui::size;
use super::{CliError, Exit, Ui, pick};
use crate::access::server::{self, NodeSide, Served};
use crate::access::{Access, Archives, Kind, kind};
use crate::net::{Keypair, Multiaddr, NetConfig, NetError};
use crate::node::mirror::{self, HEADS_EVERY, MirrorConfig, MirrorHandle, News};
use crate::node::upkeep::{Pace, ScrubStatus, Upkeep};
use crate::sync::Timing;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;

/// Where a mirror listens when it is not told.
const LISTEN: [&str; 4] = [
    "/ip4/0.0.0.0/tcp/4774",
    "/ip6/::/tcp/4774",
    "/ip4/0.0.0.0/udp/4774/quic-v1",
    "/ip6/::/udp/4774/quic-v1",
];

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
    /// Keep only this part; may be given several times; core is always kept
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
    /// Never use more disk than this, for example 20GB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    quota: Option<u64>,
    #[command(flatten)]
    up: UpArgs,
    #[command(flatten)]
    down: DownArgs,
    /// Do not look for other mirrors on the LAN, and do not be found there
    #[arg(long, alias = "no-mdns")]
    no_lan: bool,
    /// Take in carriers that are put into this folder, or onto sticks that appear in it (for example /media/NAME); may be
    /// given several times
    #[arg(long, value_name = "DIR")]
    watch: Vec<PathBuf>,
    /// With --watch: where there is a file of 'yadgar have' (called have, or ending in .have), write beside it what its home lacks
    #[arg(long, requires = "watch")]
    give_back: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &MirrorArgs) -> Result<(), CliError> {
    let invites: Vec<_> = args.invites.iter().map(|t| pick::invite(t)).collect::<Result<_, _>>()?;
    let listen = listen_addresses(&args.listen)?;
    if !args.yes {
        confirm(ui)?;
    }
    let control = server::socket_path(home);
    let access = Access::open_local(home, "mirror", Some(&control), args.quota)?;
    for invite in &invites {
        super::fetch::say_unknown(ui, invite);
        remember(&access, invite, &args.parts)?;
    }
    if access.archives.list()?.is_empty() {
        return Err(CliError::new(Exit::Usage, "there is nothing to mirror in this home")
            .advice("give an invite: yadgar mirror 'yadgar:…'"));
    }
    let socket = server::bind(&control).map_err(|e| CliError::failed(control.display(), e))?;
    let keypair = identity(home)?;
    let rates = rates(Some(&args.up), &args.down);
    let net = NetConfig {
        keypair: Some(keypair),
        mdns: !args.no_lan,
        rates,
        ..NetConfig::mirror(listen)
    };
    // What is sealed on the disk is not told beside it in the open.
    let peers = (kind(home) == Kind::Plain).then(|| home.join(PEERS_FILE));
    let folders = (&args.watch[..], args.give_back);
    super::transfer_runtime()?.block_on(serve(ui, access, (net, peers), socket, folders))
}

async fn serve(
    ui: &Ui,
    access: Access,
    (net, peers): (NetConfig, Option<PathBuf>),
    socket: server::ControlSocket,
    folders: (&[PathBuf], bool),
) -> Result<(), CliError> {
    let Some(local) = access.local.clone() else {
        return Err(CliError::new(Exit::Failed, "a mirror holds its home itself"));
    };
    let stop = super::stopped();
    let config = MirrorConfig {
        store: local.store.clone(),
        states: local.states.clone(),
        beacon: net.mdns,
        net,
        timing: Timing::default(),
        heads_every: HEADS_EVERY,
        peers,
    };
    let (node, mut news) = mirror::start(config).await?;
    let ended = CancellationToken::new();
    let scrub = (kind(&access.home) == Kind::Plain).then(|| access.home.join(SCRUB_FILE));
    let upkeep = Upkeep::start(node.clone(), local.store.clone(), scrub, Pace::default());
    let side: Arc<dyn NodeSide> =
        Arc::new(Side { node: node.clone(), ended: ended.clone(), scrub: upkeep.status() });
    let archives: Arc<dyn Archives> = access.archives.clone();
    server::run(socket, Arc::new(Served { store: access.store.clone(), archives, node: side }));
    ui.note("Mirroring. Ctrl-C stops it.", "آینه در کار است. Ctrl-C آن را می‌ایستاند.");
    let watching = watch_folders(ui, &access, &node, folders);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            () = ended.cancelled() => break,
            item = news.recv() => match item {
                Ok(item) => tell(ui, &access, &item),
                // Only lines for the screen were lost.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
    }
    ui.note("Stopping.", "در حال ایستادن.");
    if let Some((end, thread)) = watching {
        end.store(true, Ordering::SeqCst);
        // It asks the node, which must still be there. A big stick is not waited for: what is taken is durable
        // bit by bit.
        let mut left = STOP_WAIT;
        while !thread.is_finished() && !left.is_zero() {
            left = left.saturating_sub(STOP_PAUSE);
            tokio::time::sleep(STOP_PAUSE).await;
        }
    }
    upkeep.stop().await;
    node.shutdown().await;
    Ok(())
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

/// The archive's name, or its id while no release is known.
fn title(access: &Access, archive: &ArchiveId) -> String {
    let head = access.trusted(archive).ok().flatten();
    head.map_or_else(|| archive.to_string(), |head| head.name().to_owned())
}

fn tell(ui: &Ui, access: &Access, news: &News) {
    match news {
        News::Listening(address) => {
            let line = format!("listening {address}");
            ui.say(&line, &line);
            ui.json(&json!({ "event": "listening", "address": address.to_string() }));
        }
        News::Accepted { archive, sequence } => {
            let name = title(access, archive);
            ui.say(
                format!("{name}: release {sequence} accepted, fetching"),
                format!("{name}: نسخه‌ی {sequence} پذیرفته شد، در حال دریافت"),
            );
            let archive = archive.to_string();
            ui.json(&json!({ "event": "accepted", "archive": archive, "sequence": sequence }));
        }
        News::Complete { archive, sequence, summary } => {
            let (bytes, seconds) = (summary.bytes_wire, summary.time.as_secs_f64());
            let name = title(access, archive);
            let how = format!("{} in {seconds:.1} s", size(bytes));
            let how = if bytes == 0 { String::new() } else { format!(" ({how})") };
            ui.say(
                format!("{name}: release {sequence} is here complete{how}"),
                format!("{name}: نسخه‌ی {sequence} کامل این‌جاست{how}"),
            );
            ui.json(&json!({
                "event": "complete", "archive": archive.to_string(), "sequence": sequence,
                "bytes": bytes, "seconds": seconds,
            }));
        }
        News::Withdrawn { archive } => {
            ui.json(&json!({ "event": "withdrawn", "archive": archive.to_string() }));
            ui.say(
                "files were withdrawn by the maintainers: they are erased here and no longer served",
                "نگه‌دارندگان فایل‌هایی را پس گرفتند: از این‌جا پاک شد و دیگر داده نمی‌شود",
            );
        }
        News::Held { archive, act } => {
            let short = act.get(..16).unwrap_or(act.as_str());
            ui.json(&json!({ "event": "held", "archive": archive.to_string(), "act": act }));
            ui.warn(
                format!("something would take away unusually much; nothing was done. See 'yadgar node held'; to allow it: yadgar node approve {short}"),
                format!("چیزی بیش از اندازه کم می‌کند؛ کاری نشد. «yadgar node held» را ببینید؛ برای پذیرفتن: yadgar node approve {short}"),
            );
        }
        News::Problem { archive, what } => {
            let name = title(access, archive);
            ui.warn(format!("{name}: {what}"), format!("{name}: {what}"));
            let archive = archive.to_string();
            ui.json(&json!({ "event": "problem", "archive": archive, "what": what }));
        }
    }
}

/// The running node as the control socket sees it.
struct Side {
    node: MirrorHandle,
    ended: CancellationToken,
    scrub: Arc<Mutex<ScrubStatus>>,
}

impl NodeSide for Side {
    fn status(&self) -> serde_json::Value {
        let node = self.node.status_blocking().unwrap_or_default();
        let mut all = serde_json::to_value(node).unwrap_or_default();
        let scrub = self.scrub.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all["scrub"] = json!(scrub);
        all
    }

    fn changed(&self, archive: &ArchiveId) {
        self.node.changed_blocking(*archive);
    }

    fn forget_peers(&self) -> bool {
        self.node.forget_peers_blocking();
        true
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

fn listen_addresses(texts: &[String]) -> Result<Vec<Multiaddr>, CliError> {
    let default = LISTEN.map(str::to_owned);
    let texts = if texts.is_empty() { &default[..] } else { texts };
    let parsed = texts.iter().map(|text| {
        text.parse().map_err(|e| {
            CliError::new(Exit::Usage, format!("'{text}' is not a multiaddr: {e}"))
                .advice("for example /ip4/0.0.0.0/tcp/4774 or /ip4/0.0.0.0/udp/4774/quic-v1")
        })
    });
    parsed.collect()
}

/// The mirror's lasting identity. Made once, durably, readable by its owner only.
fn identity(home: &Path) -> Result<Keypair, CliError> {
    let file = home.join("identity");
    let damaged = |e: &dyn std::fmt::Display| {
        CliError::new(Exit::Damaged, format!("{}: {e}", file.display()))
            .advice("delete this file: the mirror then gets a new address for others to learn")
    };
    match std::fs::read(&file) {
        Ok(bytes) => Keypair::from_protobuf_encoding(&bytes).map_err(|e| damaged(&e)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let keypair = Keypair::generate_ed25519();
            let bytes = keypair.to_protobuf_encoding().map_err(|e| damaged(&e))?;
            crate::durable::write_atomic(&file, &bytes, crate::durable::Mode::Private)
                .map_err(|e| CliError::failed(file.display(), e))?;
            Ok(keypair)
        }
        Err(e) => Err(CliError::failed(file.display(), e)),
    }
}

/// Running a mirror inside Iran can put a person in danger: ask before it begins there.
fn confirm(ui: &Ui) -> Result<(), CliError> {
    if !seems_in_iran() {
        return Ok(());
    }
    ui.warn(
        "this system's time zone or language is Iran's. A mirror can be recognised by your provider \
         and by anybody who connects, and it keeps running under one identity. Do not run one \
         inside Iran. Type 'yes' to run it all the same:",
        "منطقه‌ی زمانی یا زبان این دستگاه ایران است. آینه را ارائه‌دهنده‌ی اینترنت و هر کسی که وصل شود \
         می‌تواند بشناسد و هویتش ثابت می‌ماند. درون ایران آینه راه نیندازید. برای ادامه yes بنویسید:",
    );
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    if read.is_ok() && line.trim() == "yes" {
        return Ok(());
    }
    Err(CliError::new(Exit::Usage, "not started")
        .advice("to read the archive use 'yadgar import FILE' and 'yadgar open'"))
}

fn seems_in_iran() -> bool {
    let zone = std::env::var("TZ")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/timezone").ok())
        .or_else(|| Some(std::fs::read_link("/etc/localtime").ok()?.display().to_string()));
    let zone = zone.unwrap_or_default();
    let language = ["LC_ALL", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    zone.contains("Tehran")
        || zone.contains("Iran")
        || language.into_iter().any(|l| l.starts_with("fa_IR"))
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

impl From<NetError> for CliError {
    fn from(e: NetError) -> Self {
        Self::new(Exit::Failed, e.to_string())
            .advice("choose other addresses with --listen; port 0 takes any free one")
    }
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
