//! `yadgar open`: the reader's pages on this machine.

mod amnesic;
mod arriving;

use super::ui::Lang;
use super::{CliError, Exit, Ui};
use crate::access::server::{self, NodeSide, Served};
use crate::access::{Access, AccessError};
use crate::demand::Coming;
use crate::reader::{ArchiveView, Dispute, ReaderConfig, ViewInfo, serve_awaiting};
use crate::store::lock::LockError;
use arriving::Arriving;
use clap::Args;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::trust::{Accepted, CheckedFork};
use yadgar_protocol::withdraw::Denied;

#[derive(Debug, Args)]
pub struct OpenArgs {
    /// Port of the pages (default: any free one)
    #[arg(long)]
    port: Option<u16>,
    /// Do not open the browser
    #[arg(long)]
    no_browser: bool,
    #[command(flatten)]
    arriving: arriving::ArrivingArgs,
    #[command(flatten)]
    amnesic: amnesic::AmnesicArgs,
}

pub fn run(ui: &Ui, home: &Path, args: &OpenArgs) -> Result<(), CliError> {
    if args.amnesic.is_wanted() {
        let access = amnesic::fill(ui, &args.amnesic, &args.arriving.web)?;
        let ended = CancellationToken::new();
        return super::runtime()?.block_on(serve_until_stopped(ui, access, args, ended, None));
    }
    let web = &args.arriving.web;
    if (web.is_wanted() || web.way.is_given()) && !args.arriving.is_wanted() {
        return Err(CliError::new(
            Exit::Usage,
            "--url, --via and --proxy are of use only with an invite",
        )
        .advice("give both: yadgar open INVITE --url URL"));
    }
    let (access, ended) = hold(home, "open")?;
    if args.arriving.is_wanted() {
        let (addresses, no_quic) = (&args.amnesic.addresses, args.amnesic.no_quic);
        let arriving = Arriving::new(ui, &access, &args.arriving, addresses, no_quic)?;
        let serving = serve_until_stopped(ui, access, args, ended, Some(arriving));
        return super::runtime()?.block_on(serving);
    }
    if access.archives.list()?.is_empty() {
        return Err(CliError::new(Exit::Usage, "there is no archive in this home yet")
            .advice("get one with 'yadgar fetch INVITE' or 'yadgar import FILE'"));
    }
    let runtime = super::runtime()?;
    runtime.block_on(serve_until_stopped(ui, access, args, ended, None))
}

/// Opens the home and, unless a node holds it already, answers for it while the pages are served, so that
/// other commands work meanwhile. The token is set when one of them asks that this ends.
pub(super) fn hold(home: &Path, purpose: &str) -> Result<(Access, CancellationToken), CliError> {
    let ended = CancellationToken::new();
    let control = server::socket_path(home);
    match Access::open_local(home, purpose, Some(&control), None) {
        Ok(access) => {
            let socket = server::bind(&control);
            let socket = socket.map_err(|e| CliError::failed(control.display(), e))?;
            let (store, archives) = (access.store.clone(), access.archives.clone());
            let node = Arc::new(NoNode(ended.clone()));
            server::run(socket, Arc::new(Served { store, archives, node }));
            Ok((access, ended))
        }
        Err(AccessError::Lock(LockError::Held { .. })) => Ok((Access::open(home, purpose)?, ended)),
        Err(e) => Err(e.into()),
    }
}

/// Pages are served, but no node runs.
struct NoNode(CancellationToken);

impl NodeSide for NoNode {
    fn status(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn changed(&self, _archive: &ArchiveId) {}

    fn stop(&self) {
        self.0.cancel();
    }
}

/// Serves until the user ends it or `ended` is set.
async fn serve_until_stopped(
    ui: &Ui,
    access: Access,
    args: &OpenArgs,
    ended: CancellationToken,
    arriving: Option<Arriving>,
) -> Result<(), CliError> {
    let lang = match ui.lang {
        Lang::Fa => crate::reader::Lang::Fa,
        Lang::En => crate::reader::Lang::En,
    };
    let asked = super::stopped();
    let bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let config = ReaderConfig { bind, port: args.port, lang };
    let stop = CancellationToken::new();
    let coming = arriving.as_ref().map(|arriving| arriving.coming.clone());
    let views = Views { coming: coming.clone(), ..Views::new(access) };
    let views = Arc::new(move || views.current());
    let awaited = coming.as_ref().map(|coming| coming.arrival.clone());
    let fetching = arriving.map(|arriving| tokio::spawn(arriving.run(stop.clone())));
    let served = serve_awaiting(config, views, awaited, stop.clone())
        .await
        .map_err(|e| CliError::new(Exit::Failed, e.to_string()).advice("try another --port"))?;
    let url = format!("http://{}/", served.pages);
    let sites: Vec<_> = served
        .sites
        .iter()
        .map(|(id, at)| json!({ "archive": id.to_string(), "url": format!("http://{at}/") }))
        .collect();
    ui.json(&json!({ "event": "serving", "url": url, "sites": sites }));
    ui.say(
        format!("Reading at {url} (only on this machine). Ctrl-C ends it."),
        format!("خواندن در {url} (تنها روی همین دستگاه). Ctrl-C پایان می‌دهد."),
    );
    if !args.no_browser {
        browser(&url);
    }
    tokio::select! {
        () = asked => {}
        () = ended.cancelled() => {}
    }
    stop.cancel();
    if let Some(coming) = coming {
        // Whoever waits for a block waits no longer.
        coming.end();
    }
    if let Some(fetching) = fetching {
        // What came is made durable.
        let _ = fetching.await;
    }
    Ok(())
}

/// What can be read now. Asked for every page, so a release that arrives meanwhile is shown; decoded
/// heads are kept as long as their bytes stay the same.
pub(super) struct Views {
    access: Access,
    /// Only these; all without.
    only: Option<Vec<ArchiveId>>,
    /// An archive that is arriving: it is shown until a release of it is complete.
    coming: Option<Arc<Coming>>,
    cache: Mutex<Vec<Cached>>,
}

/// The archive, the bytes of its complete head, the newest known sequence, and the view made of these.
type Cached = (ArchiveId, Vec<u8>, Other, Arc<ArchiveView>);

/// What else a view is made of: the newest known sequence, withdrawn files, acts that wait, the
/// bulletin (which has the proof of a fork), whether it is still arriving.
type Other = (u64, usize, usize, Option<Vec<u8>>, bool);

impl Views {
    pub(super) fn new(access: Access) -> Self {
        Self { access, only: None, coming: None, cache: Mutex::new(Vec::new()) }
    }

    /// Views of these archives only.
    pub(super) fn of(access: Access, only: Vec<ArchiveId>) -> Self {
        Self { only: Some(only), ..Self::new(access) }
    }

    pub(super) fn current(&self) -> Vec<Arc<ArchiveView>> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        // A state that cannot be read shows as an archive that is not there; `verify` says why.
        let mut ids = self.access.archives.list().unwrap_or_default();
        ids.retain(|id| self.only.as_ref().is_none_or(|only| only.contains(id)));
        let mut next = Vec::new();
        for id in ids {
            let Ok(complete) = self.access.archives.complete(&id) else { continue };
            let coming = if complete.is_none() { self.coming(&id) } else { None };
            let arrives = coming.is_some();
            let Some(bytes) = complete.or(coming.map(|head| head.bytes)) else { continue };
            let trusted = self.access.trusted(&id).ok().flatten();
            let trusted = trusted.map_or(0, |t| t.release.sequence);
            // Without the list nothing is shown: something withdrawn could be among it.
            let Ok(denied) = self.access.archives.denied(&id) else { continue };
            let waiting = self.access.archives.held(&id).map_or(0, |acts| acts.len());
            let Ok(bulletin) = self.access.archives.bulletin(&id) else { continue };
            let other = (trusted, denied.list().count(), waiting, bulletin, arrives);
            let known = cache.iter().find(|(i, b, o, _)| *i == id && *b == bytes && *o == other);
            let view = match known {
                Some((.., view)) => Some(view.clone()),
                None => self.view(&id, trusted, &denied, waiting, arrives),
            };
            next.extend(view.map(|view| (id, bytes, other, view)));
        }
        *cache = next;
        cache.iter().map(|(.., view)| view.clone()).collect()
    }

    /// The release that arrives; none that cannot be judged.
    fn coming(&self, id: &ArchiveId) -> Option<Accepted> {
        let coming = self.coming.as_ref()?;
        let fork = self.access.dispute(id).ok()?;
        let head = coming.head(&self.access.trusted(id).ok()??, fork.as_ref());
        coming.arrival.change(|now| now.disputed = fork.is_some() && head.is_none());
        head
    }

    fn view(
        &self,
        id: &ArchiveId,
        trusted_sequence: u64,
        denied: &Denied,
        held: usize,
        arrives: bool,
    ) -> Option<Arc<ArchiveView>> {
        let (head, mut denied) = (self.head(id, arrives)?, denied.clone());
        if arrives {
            denied.add(&head.release.withdrawn);
        }
        let settings = self.access.archives.settings(id).unwrap_or_default();
        let (source, learned) = (settings.source, settings.learned);
        let agreement = settings.agreement;
        let denied = Some(denied);
        // A fork that cannot be read must not pass for none.
        let dispute = self.access.dispute(id).ok()?.map(|fork| disputed(&fork, &head));
        let set_aside = settings.set_aside.map(|aside| (aside.sequence, aside.root_version));
        let coming = self.coming.as_ref().filter(|_| arrives);
        let info = ViewInfo {
            trusted_sequence,
            source,
            learned,
            agreement,
            denied,
            held,
            dispute,
            set_aside,
            arriving: coming.map(|coming| coming.arrival.clone()),
        };
        let store = self.access.store.clone();
        let store = coming.map_or(store.clone(), |coming| coming.store(store));
        Some(Arc::new(ArchiveView::new(store, head, info)))
    }

    fn head(&self, id: &ArchiveId, arrives: bool) -> Option<Accepted> {
        if arrives { self.coming(id) } else { self.access.complete(id).ok().flatten() }
    }
}

/// What pages that show `head` say of a fork.
pub fn disputed(fork: &CheckedFork, head: &Accepted) -> Dispute {
    Dispute {
        agreed: (fork.agreed.sequence > 0).then_some(fork.agreed.sequence),
        sequences: [fork.releases[0].sequence, fork.releases[1].sequence],
        shown_agreed: head.release.sequence <= fork.agreed.sequence,
    }
}

/// Opens the system's browser; when that fails the address stands in the terminal.
pub fn browser(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = std::process::Stdio::null;
    let _ = std::process::Command::new(opener)
        .arg(url)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
}
