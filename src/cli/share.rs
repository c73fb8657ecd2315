//! `yadgar share`: hand the archive to everybody on the same LAN or hotspot, for some minutes.

pub(super) mod peers;
mod say;

use super::open::{Views, hold};
use super::{CliError, Exit, Ui, pick};
use crate::access::Access;
use crate::courier::{Back, WriteError, write};
use crate::net::lan::{LanAddress, lan_addresses};
use crate::reader::ArchiveView;
use crate::share::limits::{DEFAULT_MINUTES, MAX_MINUTES};
use crate::share::{
    End, Program, ShareConfig, ShareError, Shared, Source, SourceError, Status, Wifi, serve,
};
use crate::store::BlockStore;
use clap::Args;
use std::io::{BufRead as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::courier::armour;
use zeroize::Zeroizing;

/// Longest first line of a password file, in bytes.
const MAX_PASSWORD_LINE: u64 = 256;
/// After so long without anybody it is said what may be the matter.
pub(super) const NOBODY_AFTER: Duration = Duration::from_secs(60);

/// How long the peer may take to end.
pub(super) const PEER_END: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub struct ShareArgs {
    /// How long, in minutes; then it ends by itself (1 to 120)
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MINUTES)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=MAX_MINUTES))]
    minutes: u64,
    /// Port of the page (default: any free one)
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Share only on this network interface, for example the hotspot's; may be given several times (default: all
    /// that are of a LAN)
    #[arg(long = "interface", value_name = "NAME")]
    interfaces: Vec<String>,
    /// Share only this archive: id, start of the id, or name; may be given several times (default: all of the home)
    #[arg(long = "archive", value_name = "ARCHIVE")]
    archives: Vec<String>,
    /// Name of the Wi-Fi, to show guests a QR code by which they join it: here, and with one --interface on the page
    #[arg(long, value_name = "NAME")]
    ssid: Option<String>,
    /// File whose first line is the password of that Wi-Fi; - for standard input
    #[arg(long, value_name = "FILE", requires = "ssid")]
    wifi_password_file: Option<PathBuf>,
    /// No QR codes in the terminal
    #[arg(long)]
    no_qr: bool,
}

pub fn run(ui: &Ui, home: &Path, args: &ShareArgs) -> Result<(), CliError> {
    let wifi = wifi(args)?;
    let (access, stop) = hold(home, "share")?;
    let archives = chosen(&access, &args.archives)?;
    let program = match Program::running() {
        Ok(program) => Some(Arc::new(program)),
        Err(e) => {
            ui.warn(
                format!("this program cannot be given away: its file cannot be read ({e})"),
                format!("خود برنامه را نمی‌شود داد: فایلش خوانده نمی‌شود ({e})"),
            );
            None
        }
    };
    let lang = match ui.lang {
        super::Lang::Fa => crate::reader::Lang::Fa,
        super::Lang::En => crate::reader::Lang::En,
    };
    let port = args.port.filter(|port| *port != 0);
    let time = Duration::from_secs(args.minutes * 60);
    let say = say::Say::new(ui, !args.no_qr, wifi.as_ref().map(|w| w.text()));
    let mut config = ShareConfig::new(time);
    // On the page only where every guest is on the network that it joins.
    let wifi = wifi.filter(|_| args.interfaces.len() == 1);
    (config.port, config.lang, config.program, config.wifi) = (port, lang, program, wifi);
    let interfaces = args.interfaces.clone();
    config.find = Arc::new(move || lan_addresses(&interfaces));
    let runtime = super::runtime()?;
    let result = runtime.block_on(share(say, access, archives, config, &args.interfaces, stop));
    // A look at a home whose node hangs is not waited for.
    runtime.shutdown_background();
    result
}

async fn share(
    mut say: say::Say<'_>,
    access: Access,
    archives: Vec<ArchiveId>,
    config: ShareConfig,
    interfaces: &[String],
    stop: CancellationToken,
) -> Result<(), CliError> {
    let home = Arc::new(Home::new(access, archives));
    let asked = super::stopped();
    let time = config.time;
    let Shared { port, mut status, mut task } = serve(config, home.clone(), stop.clone()).await?;
    let mut now = status.borrow_and_update().clone();
    let mut peers = peers::Peers::new(port, interfaces);
    let watching = async {
        peers.begin(say.ui(), &home, &now.addresses).await;
        say.begin(port, &now, time, &home, &peers.addresses().await);
        while status.changed().await.is_ok() {
            let before = std::mem::replace(&mut now, status.borrow_and_update().clone());
            say.tick(&now);
            if for_browsers(&before) != for_browsers(&now) {
                // Other addresses: the peer begins anew there, as somebody else.
                peers.begin(say.ui(), &home, &now.addresses).await;
                say.moved(port, &now, &home, &peers.addresses().await);
            } else if before.addresses != now.addresses {
                peers.follow(&now.addresses).await;
                say.link_local(port, &now);
            }
            if !now.ever && time.saturating_sub(now.left) >= NOBODY_AFTER {
                say.nobody();
            }
        }
        std::future::pending::<()>().await;
    };
    // Whatever is being told or begun: the end is looked at all the time.
    let end = tokio::select! {
        end = &mut task => Some(end),
        () = asked => None,
        () = watching => None,
    };
    let end = match end {
        Some(end) => end,
        None => {
            stop.cancel();
            task.await
        }
    };
    // When it does not end in this time the program does, and it with that.
    let _ = tokio::time::timeout(PEER_END, peers.end()).await;
    say.end(end.unwrap_or(End::Stopped));
    Ok(())
}

/// The addresses that people and invites can name.
pub(super) fn for_browsers(status: &Status) -> Vec<LanAddress> {
    status.addresses.iter().copied().filter(|at| at.is_for_browsers()).collect()
}

/// Those named, or all of which something can be read.
fn chosen(access: &Access, names: &[String]) -> Result<Vec<ArchiveId>, CliError> {
    if names.is_empty() {
        let mut all = access.archives.list()?;
        let mut readable = Vec::new();
        for id in all.drain(..) {
            if access.complete(&id)?.is_some() {
                readable.push(id);
            }
        }
        if readable.is_empty() {
            return Err(CliError::new(Exit::Usage, "there is no complete archive in this home")
                .advice("get one with 'yadgar fetch INVITE' or 'yadgar import FILE'"));
        }
        return Ok(readable);
    }
    let one = |name: &String| {
        let id = pick::archive(access, Some(name))?;
        pick::readable(access, &id).map(|_| id)
    };
    names.iter().map(one).collect()
}

fn wifi(args: &ShareArgs) -> Result<Option<Wifi>, CliError> {
    let Some(name) = &args.ssid else { return Ok(None) };
    let password = args.wifi_password_file.as_deref().map(first_line).transpose()?;
    let wifi = Wifi::new(name, password);
    wifi.map(Some).map_err(|e| {
        CliError::new(Exit::Usage, e.to_string())
            .advice("take both from the settings of the hotspot; an open one has no password file")
    })
}

/// Passwords never stand in a command line: others can see it, and the shell remembers it.
fn first_line(file: &Path) -> Result<Zeroizing<String>, CliError> {
    let failed = |e: std::io::Error| CliError::file(file, e);
    let read: Box<dyn std::io::Read> = match file == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(std::fs::File::open(file).map_err(failed)?),
    };
    let mut line = Zeroizing::new(String::new());
    std::io::BufReader::new(read.take(MAX_PASSWORD_LINE)).read_line(&mut line).map_err(failed)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

/// The home that is shared.
pub(super) struct Home {
    access: Access,
    archives: Vec<ArchiveId>,
    views: Views,
}

impl Home {
    pub(super) fn new(access: Access, archives: Vec<ArchiveId>) -> Self {
        let views = Views::of(access.clone(), archives.clone());
        Self { access, archives, views }
    }
}

impl Source for Home {
    fn views(&self) -> Vec<Arc<ArchiveView>> {
        self.views.current()
    }

    fn store(&self) -> Arc<dyn BlockStore> {
        self.access.store.clone()
    }

    fn bulletin(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, SourceError> {
        self.access.archives.bulletin(archive).map_err(|e| SourceError(e.to_string()))
    }

    fn parts(&self, archive: &ArchiveId) -> Result<Option<Vec<String>>, SourceError> {
        let settings = self.access.archives.settings(archive);
        settings.map(|s| s.parts).map_err(|e| SourceError(e.to_string()))
    }

    fn news(&self, archive: &ArchiveId) -> Result<Option<Vec<String>>, SourceError> {
        match write(&self.access, archive, Back::Most(0)) {
            Ok(made) => Ok(armour(&made.bytes).ok()),
            Err(WriteError::Nothing | WriteError::TooLarge(_)) => Ok(None),
            Err(e) => Err(SourceError(e.to_string())),
        }
    }
}

impl From<ShareError> for CliError {
    fn from(e: ShareError) -> Self {
        let what = e.to_string();
        match e {
            ShareError::NoLan => Self::new(Exit::NoSource, what).advice(
                "join a Wi-Fi, plug in a cable, or switch on a hotspot: on a phone in its settings, \
                 on Linux 'nmcli device wifi hotspot ssid NAME password PASSWORD'. Then run this again",
            ),
            ShareError::PortInUse(_) => Self::new(Exit::Failed, what).advice("choose another --port"),
            _ => Self::new(Exit::Failed, what),
        }
    }
}
