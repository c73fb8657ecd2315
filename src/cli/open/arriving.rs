//! Reading what an invite leads to while it is still arriving; it stays in the home.

use crate::access::Access;
use crate::access::local::Local;
use crate::cli::fetch::{self, FetchArgs};
use crate::cli::near::{self, Near};
use crate::cli::rates::{DownArgs, rates};
use crate::cli::route::{Route, Step, Wish};
use crate::cli::web::{self, WebArgs};
use crate::cli::{CliError, Exit, Ui, dispute, node, pick};
use crate::demand::Coming;
use crate::node::fetcher::{FetchOnceError, FetchOptions, FetchReport, GIVE_UP, fetch_once};
use crate::sync::{FetchProgress, Timing};
use clap::Args;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use yadgar_protocol::invite::Invite;

/// Pause after a fetch that came to nothing; doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
/// A source that went away is given up sooner than by a fetch that nobody reads: then all are dialled anew.
const REOPEN: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub struct ArrivingArgs {
    /// Fetch what this invite leads to, and read it from the first moment on: what a page needs comes first
    #[arg(group = "source")]
    invite: Option<String>,
    /// With an invite: look for neighbours on this LAN or hotspot: 'ask' them, or only 'listen'
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "ask", requires = "invite")]
    lan: Option<Near>,
    #[command(flatten)]
    down: DownArgs,
    #[command(flatten)]
    pub web: WebArgs,
    #[command(flatten)]
    listed: fetch::ListedArgs,
}

impl ArrivingArgs {
    /// True when an invite is to be followed.
    pub fn is_wanted(&self) -> bool {
        self.invite.is_some()
    }
}

/// What a source learns by being asked for what is read.
fn say_what_is_seen(ui: &Ui) {
    ui.warn(
        "whoever sends the blocks can see which pages you open, and when. If they must not know, end this (Ctrl-C), \
         run 'yadgar fetch INVITE' first and 'yadgar open' when it has ended: then they see only that you took all of it",
        "هر که بلوک‌ها را می‌فرستد می‌تواند ببیند کدام صفحه‌ها را و چه هنگام باز می‌کنید. اگر نباید بداند، این را ببندید (Ctrl-C)، \
         نخست «yadgar fetch INVITE» و پس از پایانش «yadgar open» را اجرا کنید: آنگاه تنها می‌بیند که همه‌اش را گرفته‌اید",
    );
}

/// An archive that is fetched while it is read.
pub struct Arriving {
    ui: Ui,
    access: Access,
    local: Local,
    invite: Invite,
    fetch: FetchArgs,
    quic: bool,
    route: Route,
    pub coming: Arc<Coming>,
}

impl Arriving {
    /// Makes sure that there is something to ask before anything is shown.
    pub fn new(
        ui: &Ui,
        access: &Access,
        args: &ArrivingArgs,
        addresses: &[String],
        no_quic: bool,
    ) -> Result<Self, CliError> {
        let Some(local) = access.local.clone() else {
            return Err(CliError::new(Exit::Busy, "a node runs on this home, and it fetches")
                .advice("give it the invite with 'yadgar fetch INVITE', then 'yadgar open'"));
        };
        let text = args.invite.clone().unwrap_or_default();
        let mut invite = pick::invite(&text)?;
        invite.addresses.extend(addresses.iter().cloned());
        let rates = rates(None, &args.down);
        near::say_what_shows(ui, args.lan);
        fetch::say_web(ui, &invite, &args.web);
        let wish = Wish {
            invite: &invite,
            given: addresses,
            web: &args.web,
            lan: args.lan,
            listed: &args.listed,
            rates: &rates,
        };
        let route = Route::new(ui, access, &wish)?;
        if access.archives.complete(&invite.archive)?.is_none() {
            say_what_is_seen(ui);
        }
        Ok(Self {
            ui: ui.clone(),
            access: access.clone(),
            local,
            invite,
            fetch: FetchArgs::of(text, Vec::new(), Vec::new(), no_quic),
            quic: !no_quic,
            route,
            coming: Arc::default(),
        })
    }

    /// Fetches until the newest release is whole, however often the sources go away meanwhile.
    pub async fn run(self, cancel: CancellationToken) {
        let mut pause = PAUSE;
        let mut told = false;
        while !cancel.is_cancelled() {
            match self.once(&cancel).await {
                Ok(done) => return self.done(&done),
                Err(_) if cancel.is_cancelled() => return,
                Err((error, came)) => {
                    self.coming.failed();
                    if !told {
                        self.say(error);
                    }
                    // Told again when it was better meanwhile.
                    (told, pause) = if came { (false, PAUSE) } else { (true, pause) };
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = cancel.cancelled() => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One round by all ways, in their order; with its error, whether anything came.
    async fn once(
        &self,
        cancel: &CancellationToken,
    ) -> Result<FetchReport, (FetchOnceError, bool)> {
        let mut last = (FetchOnceError::NoAddress, false);
        for step in &self.route.steps {
            match self.by(step, cancel).await {
                Err((error, came)) if error.is_no_source() => {
                    last = (last.0.then(error), came || last.1);
                }
                done => return done,
            }
        }
        Err(last)
    }

    async fn by(
        &self,
        step: &Step,
        cancel: &CancellationToken,
    ) -> Result<FetchReport, (FetchOnceError, bool)> {
        let options = FetchOptions {
            archive: self.invite.archive,
            addresses: step.addresses.clone(),
            hosts: step.hosts.clone(),
            lan: step.lan.map(Near::mode),
            parts: None,
            quic: self.quic,
            rates: self.route.rates,
            dialler: self.route.dialler.clone(),
            timing: Timing { reopen: REOPEN, ..Timing::default() },
            give_up: GIVE_UP,
            began: Some(self.coming.began()),
            demand: Some(self.coming.demand()),
        };
        let (report, mut progress) = watch::channel(FetchProgress::default());
        let coming = self.coming.clone();
        let told = tokio::spawn(async move {
            let mut came = false;
            while progress.changed().await.is_ok() {
                let now = progress.borrow_and_update().clone();
                came |= now.wire.blocks > 0;
                coming.progress(&now);
            }
            came
        });
        let (store, states) = (self.local.store.clone(), self.local.states.clone());
        let done = fetch_once(store, states, options, report, cancel.child_token()).await;
        let came = told.await.unwrap_or(false);
        done.map_err(|error| (error, came))
    }

    fn say(&self, error: FetchOnceError) {
        self.ui.error(&self.route.explain(error));
        web::say_faults(&self.ui, &self.route.hosts());
        // It may be why nothing came.
        let _ = dispute::say(&self.ui, &self.access, &self.invite.archive);
        self.ui.note(
            "It is tried again until this ends.",
            "تا پایان کار این برنامه دوباره تلاش می‌شود.",
        );
    }

    fn done(&self, done: &FetchReport) {
        let first = self.access.archives.settings(&self.invite.archive);
        let first = first.is_ok_and(|before| before.source.is_empty());
        if let Err(error) = fetch::keep(&self.access, &self.invite, &self.fetch, done) {
            self.ui.error(&error);
        }
        self.coming.end();
        if let Some(act) = &done.held {
            node::say_held(&self.ui, act);
        }
        let _ = dispute::say(&self.ui, &self.access, &self.invite.archive);
        let (archive, sequence) = (done.head.release.archive, done.head.release.sequence);
        self.ui.say(
            format!("{}: release {sequence} is wholly here, checked", done.head.name()),
            format!("{}: نسخه‌ی {sequence} کامل و سنجیده این‌جاست", done.head.name()),
        );
        self.ui.json(&json!({
            "event": "complete", "archive": archive.to_string(), "sequence": sequence,
            "held": done.held, "wire_bytes": done.summary.bytes_wire,
            "bytes_twice": done.summary.bytes_twice,
        }));
        if first {
            fetch::first_contact(&self.ui, &archive);
        }
    }
}
