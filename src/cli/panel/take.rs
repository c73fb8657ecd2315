//! Getting an archive: what the jobs of the first screen do to that end.

use super::peek::strangers;
use super::reach::{self, Asked, Step};
use crate::access::Access;
use crate::carrier::{FileInput, ImportSummary, Input};
use crate::cli::fetch::{self, FetchArgs};
use crate::cli::import::{conclude, take_inputs};
use crate::cli::{CliError, Exit, Ui, pick, route};
use crate::dial::Dialler;
use crate::lan::Mode;
use crate::net::lan::is_lan;
use crate::node::fetcher::{FetchOnceError, FetchOptions, GIVE_UP, fetch_once};
use crate::panel::grab::{GrabError, grab};
use crate::panel::job::Job;
use crate::panel::limits::{GRAB_UNASKED, MAX_SHARED};
use crate::panel::sticks;
use crate::panel::words::{Note, Outcome};
use crate::panel::{Place, Spool, StoppableInput, StoppableStore};
use crate::store::StoreError;
use crate::sync::{FetchError, FetchProgress, Timing};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::watch;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::release::CORE;
use yadgar_protocol::words::looks_like_words;

/// Where and for whom something is taken in.
pub struct Taking<'a> {
    pub ui: &'a Ui,
    pub access: &'a Access,
    pub runtime: &'a Handle,
    pub job: &'a Arc<Job>,
}

impl Taking<'_> {
    /// Takes carriers in, after the person said yes to archives that are new here.
    pub fn spools(&self, files: Vec<Spool>) -> Result<Outcome, Note> {
        let stop = self.job.token();
        let input = |input| {
            Rc::new(RefCell::new(StoppableInput { input, stop: stop.clone() })) as Input<'_>
        };
        self.inputs(&files.into_iter().map(input).collect::<Vec<_>>())
    }

    /// The same for a file of this device, or the carriers in a folder.
    pub fn path(&self, path: &std::path::Path) -> Result<Outcome, Note> {
        let folder = std::fs::metadata(path).map_err(|_| Note::NotThere)?.is_dir();
        let files: Vec<PathBuf> = match folder {
            true => sticks::carriers(path),
            // Typed by the person: a link is meant.
            false => vec![path.canonicalize().map_err(|_| Note::NotThere)?],
        };
        if files.is_empty() {
            return Err(Note::NotACarrier);
        }
        let inputs = FileInput::all(&files).into_iter().map(|input| {
            let stop = self.job.token();
            Rc::new(RefCell::new(StoppableInput { input: Shared(input), stop })) as Input<'_>
        });
        self.inputs(&inputs.collect::<Vec<_>>())
    }

    fn inputs(&self, inputs: &[Input<'_>]) -> Result<Outcome, Note> {
        if let Some(text) = super::news::text_of(inputs) {
            return self.told(&text);
        }
        let failed = |e: CliError| note_of(&e);
        let mut allowed = self.access.archives.list().map_err(|_| Note::Failed)?;
        let new = strangers(inputs, &allowed).map_err(|_| Note::NotThere)?;
        let ids: Vec<ArchiveId> = new.iter().map(|stranger| stranger.archive).collect();
        if !new.is_empty() && !self.job.ask(new) {
            self.job.cancel();
            return Err(Note::Cancelled);
        }
        allowed.extend(&ids);
        let lengths = inputs.iter().map(|input| input.borrow_mut().length().unwrap_or(0));
        let total = lengths.sum();
        let store =
            Arc::new(StoppableStore { store: self.access.store.clone(), stop: self.job.token() });
        let access = self.access.through(store);
        let progress = &mut |at| self.job.progress(at, total);
        let taken = take_inputs(self.ui, &access, inputs, Some(allowed), None, progress);
        let (done, refused) = taken.map_err(failed)?;
        if self.job.is_cancelled() {
            return Err(Note::Cancelled);
        }
        conclude(&done, refused).map_err(|e| match e.exit {
            Exit::Damaged if done.releases.is_empty() => Note::NotACarrier,
            Exit::Damaged => Note::NotWhole,
            _ => note_of(&e),
        })?;
        Ok(self.outcome(&done))
    }

    fn outcome(&self, done: &ImportSummary) -> Outcome {
        let held = |archive: &ArchiveId| {
            self.access.archives.held(archive).is_ok_and(|acts| acts.iter().any(|act| act.drops))
        };
        match done.releases.iter().any(|release| held(&release.archive)) {
            true => Outcome::Held,
            false => Outcome::Here,
        }
    }

    /// Takes all archives of a share on this LAN.
    pub fn share(&self, at: SocketAddr, core: bool, place: &Place) -> Result<Outcome, Note> {
        let (mut files, mut agreed) = (Vec::<Spool>::new(), GRAB_UNASKED);
        for number in 1..=MAX_SHARED {
            let before = files.iter().map(Spool::length).sum();
            let mut one = |core| self.agreed(at, number, core, place, before, &mut agreed);
            let came = match one(core) {
                // An archive of one part has no core apart.
                Err(GrabError::NotThere) if core => one(false),
                came => came,
            };
            match came {
                Ok(spool) => files.push(spool),
                Err(GrabError::NotThere) => break,
                Err(GrabError::Asks(_)) => return Err(Note::Cancelled),
                Err(GrabError::NoRoom) => return Err(Note::NoRoom),
                Err(GrabError::Nobody) => return Err(Note::NoShare),
                Err(GrabError::TooLarge) => return Err(Note::TooLarge),
                Err(GrabError::Broken(_)) => return Err(Note::Broken),
            }
        }
        if files.is_empty() { Err(Note::NoShare) } else { self.spools(files) }
    }

    /// Takes one, after a yes when with the bytes of those `before` it is more than was `agreed` to.
    fn agreed(
        &self,
        at: SocketAddr,
        n: usize,
        core: bool,
        place: &Place,
        before: u64,
        agreed: &mut u64,
    ) -> Result<Spool, GrabError> {
        match self.grab(at, n, core, place, agreed.saturating_sub(before)) {
            Err(GrabError::Asks(more)) => {
                let all = before.saturating_add(more);
                if !self.job.ask_size(all) {
                    self.job.cancel();
                    return Err(GrabError::Asks(more));
                }
                *agreed = all;
                self.grab(at, n, core, place, more)
            }
            came => came,
        }
    }

    fn grab(
        &self,
        at: SocketAddr,
        n: usize,
        core: bool,
        place: &Place,
        most: u64,
    ) -> Result<Spool, GrabError> {
        let job = self.job.clone();
        let cancelled = self.job.token();
        let mut progress = move |done, total| job.progress(done, total);
        self.runtime.block_on(async {
            tokio::select! {
                done = grab(at, n, core, place, most, &mut progress) => done,
                () = cancelled.cancelled() => Err(GrabError::Broken(std::io::ErrorKind::Interrupted.into())),
            }
        })
    }

    /// Fetches from neighbours only; where they have nothing but pages for browsers, from these.
    pub fn near(&self, invite: &Invite, mode: Mode, place: &Place) -> Result<Outcome, Note> {
        let mut addresses = reach::peers(self.access, invite)?;
        match mode {
            // Nothing is sent before somebody announces it: so it was said on the page.
            Mode::Listen => addresses.clear(),
            // Looking near means that nobody else is asked.
            Mode::Talk => {
                let own = route::OwnNets::asked();
                addresses.retain(|at| reach::is_near(at, &own));
            }
        }
        // Who presses the button for neighbours means the LAN, past any proxy.
        let (dialler, step) = (Dialler::default(), Step { addresses, ..Step::default() });
        let pages = match self.fetch(invite, (dialler, step), Some(mode), None)? {
            Fetched::Done(outcome) => return Ok(outcome),
            Fetched::Pages(pages) => pages,
        };
        let mut why = Note::NobodyNear;
        for at in pages.into_iter().filter(|at| is_lan(at.ip())) {
            match self.share(at, false, place) {
                Err(note) if note != Note::Cancelled => why = note,
                other => return other,
            }
        }
        Err(why)
    }

    /// Fetches what an invite is of from these sources.
    pub fn far(&self, invite: &Invite, asked: Asked, core: bool) -> Result<Outcome, Note> {
        let parts = core.then(|| vec![CORE.to_owned()]);
        let mut why = Note::Unreachable;
        for step in asked.steps {
            // A later one only when this brought nothing (WAY-2).
            match self.fetch(invite, (asked.dialler.clone(), step), None, parts.clone()) {
                Ok(Fetched::Done(outcome)) => return Ok(outcome),
                Ok(Fetched::Pages(_)) => why = Note::NobodyNear,
                Err(note @ (Note::Unreachable | Note::Refused | Note::NoAddress)) => why = note,
                Err(note) => return Err(note),
            }
        }
        Err(why)
    }

    fn fetch(
        &self,
        invite: &Invite,
        (dialler, step): (Dialler, Step),
        lan: Option<Mode>,
        parts: Option<Vec<String>>,
    ) -> Result<Fetched, Note> {
        // A node that holds the home fetches by itself.
        let local = self.access.local.clone().ok_or(Note::Held)?;
        let args =
            FetchArgs::of(String::new(), Vec::new(), parts.clone().unwrap_or_default(), false);
        let options = FetchOptions {
            archive: invite.archive,
            dialler,
            hosts: step.hosts,
            addresses: step.addresses,
            lan,
            parts,
            quic: true,
            timing: Timing::default(),
            give_up: GIVE_UP,
            rates: Default::default(),
            began: None,
            demand: None,
        };
        let (report, mut told) = watch::channel(FetchProgress::default());
        let job = self.job.clone();
        let watching = self.runtime.spawn(async move {
            while told.changed().await.is_ok() {
                let now = told.borrow_and_update().clone();
                job.progress(now.bytes_done, now.bytes_total);
            }
        });
        let (store, states) = (local.store, local.states);
        let done =
            self.runtime.block_on(fetch_once(store, states, options, report, self.job.token()));
        watching.abort();
        let done = match done {
            Err(FetchOnceError::NobodyNear(pages)) if !pages.is_empty() => {
                return Ok(Fetched::Pages(pages));
            }
            done => done.map_err(|e| fetch_note(&e))?,
        };
        fetch::keep(self.access, invite, &args, &done).map_err(|e| note_of(&e))?;
        let outcome = if done.held.is_some() { Outcome::Held } else { Outcome::Here };
        Ok(Fetched::Done(outcome))
    }
}

/// What came of a fetch.
enum Fetched {
    Done(Outcome),
    /// No peer of ours, but these pages for browsers.
    Pages(Vec<SocketAddr>),
}

/// An input that is shared, as one that is owned.
struct Shared<'a>(Input<'a>);

impl crate::carrier::ReadAt for Shared<'_> {
    fn length(&mut self) -> std::io::Result<u64> {
        self.0.borrow_mut().length()
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read_at(at, buffer)
    }
}

/// The archive of an invite, or one that is known here.
pub fn invite_of(archive: Option<ArchiveId>, text: &str) -> Result<Invite, Note> {
    match (text.trim().is_empty(), archive) {
        (false, _) if looks_like_words(text) => pick::typed(text).map_err(|_| Note::WrongWords),
        (false, _) => pick::typed(text).map_err(|_| Note::NotUnderstood),
        (true, Some(archive)) => Ok(Invite::of(archive)),
        (true, None) => Err(Note::NoArchive),
    }
}

fn fetch_note(e: &FetchOnceError) -> Note {
    match e {
        FetchOnceError::NoAddress => Note::NoAddress,
        FetchOnceError::NobodyNear(_) => Note::NobodyNear,
        FetchOnceError::Unreachable(_) | FetchOnceError::Unknown(_) | FetchOnceError::Net(_) => {
            Note::Unreachable
        }
        FetchOnceError::Disputed | FetchOnceError::Refused(_) => Note::Refused,
        FetchOnceError::Store(e) | FetchOnceError::Fetch(FetchError::Store(e)) => store_note(e),
        FetchOnceError::Fetch(e) if e.is_unavailable() => Note::Unreachable,
        _ => Note::Failed,
    }
}

/// What to say of a failure of the store.
pub fn store_note(e: &StoreError) -> Note {
    match e {
        StoreError::DiskFull(_) | StoreError::Quota(_) => Note::NoRoom,
        StoreError::WrongPassphrase => Note::WrongPassphrase,
        StoreError::Refused(_) => Note::Refused,
        _ => Note::Failed,
    }
}

/// What to say of a failure of a command, which has only words for the terminal.
pub fn note_of(e: &CliError) -> Note {
    match e.exit {
        Exit::Refused => Note::Refused,
        Exit::NoSource => Note::Unreachable,
        Exit::Busy => Note::Held,
        Exit::Damaged => Note::NotWhole,
        _ => Note::NoRoom,
    }
}
