//! The share of `yadgar share`, begun and ended by a button.

use crate::access::Access;
use crate::cli::share::{Home, NOBODY_AFTER, PEER_END, for_browsers, peers};
use crate::cli::{Lang, Ui};
use crate::panel::Sharing;
use crate::panel::limits::SHARE_MINUTES;
use crate::panel::words::Note;
use crate::share::{Program, ShareConfig, ShareError, Shared, Status, serve, url};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::ArchiveId;

/// A share under way.
pub struct Running {
    port: u16,
    status: watch::Receiver<Status>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Shares these archives. Blocks until the page is there.
    pub fn begin(
        runtime: &Handle,
        access: Access,
        archives: Vec<ArchiveId>,
        lang: Lang,
    ) -> Result<Self, Note> {
        let home = Arc::new(Home::new(access, archives));
        let mut config = ShareConfig::new(Duration::from_secs(SHARE_MINUTES * 60));
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
        let task = runtime.spawn(keep(home, shared, lang));
        Ok(Self { port, status, stop, task })
    }

    /// How it goes; `None` when it has ended.
    pub fn view(&self) -> Option<Sharing> {
        if self.task.is_finished() {
            return None;
        }
        let now = self.status.borrow();
        let places = for_browsers(&now);
        let addresses = places.iter().map(|at| url(at.with_port(self.port))).collect();
        let lonely = is_lonely(&now);
        Some(Sharing { addresses, left: now.left, guests: now.guests, lonely })
    }

    /// Ends it. Blocks until nothing listens any more.
    pub fn end(self, runtime: &Handle) {
        self.stop.cancel();
        let _ = runtime.block_on(self.task);
    }
}

/// Whether it is time to say what may keep guests away.
fn is_lonely(now: &Status) -> bool {
    let time = Duration::from_secs(SHARE_MINUTES * 60);
    !now.ever && time.saturating_sub(now.left) >= NOBODY_AFTER
}

/// Keeps a peer for other yadgars beside the page, at the addresses where that is.
async fn keep(home: Arc<Home>, shared: Shared, lang: Lang) {
    let Shared { port, mut status, mut task } = shared;
    let ui = Ui::mute(lang);
    let mut peers = peers::Peers::new(port, &[]);
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

    #[test]
    fn after_a_minute_alone_it_is_said_why() {
        let status = |ever, left| Status {
            addresses: Vec::new(),
            guests: 0,
            ever,
            left: Duration::from_secs(left),
        };
        assert!(!is_lonely(&status(false, SHARE_MINUTES * 60 - 59)));
        assert!(is_lonely(&status(false, SHARE_MINUTES * 60 - 60)) && is_lonely(&status(false, 0)));
        assert!(!is_lonely(&status(true, 0)), "somebody came, and left");
    }
}
