//! What the first screen has open: a home, the reader's pages, a share, and one piece of work at a time.

use super::export;
use super::held::waiting;
use super::news::tellings;
use super::sharing::{Running, Wish, networks};
use super::take::{Taking, invite_of};
use crate::access::{self, Access, Kind, wipe};
use crate::cli::open::{Views, hold};
use crate::cli::{CliError, Lang, Ui};
use crate::lan::Mode;
use crate::panel::job::{Job, What};
use crate::panel::limits::{LAST_ANSWER, MAX_MEMORY};
use crate::panel::news::Telling;
use crate::panel::words::{Note, Outcome};
use crate::panel::{Desk, Download, Kept, Known, Order, Place, Sheet};
use crate::reader::{ArchiveView, ReaderConfig, Served, serve};
use crate::store::lock::HomeLock;
use crate::store::vault::key;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long work that was cancelled may take to let go of a home that is wiped.
const LET_GO: Duration = Duration::from_secs(8);

/// A home that is open, and the pages that show it.
struct Open {
    access: Access,
    views: Arc<Views>,
    reader: Option<Reader>,
}

struct Reader {
    address: String,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

pub(super) struct State {
    pub(super) kept: Kept,
    open: Option<Open>,
    pub(super) share: Option<Running>,
    job: Option<Arc<Job>>,
    worker: Option<std::thread::JoinHandle<()>>,
    pub(super) uploads: Place,
}

/// See the module.
pub struct Keeper {
    me: Weak<Self>,
    pub(super) runtime: Handle,
    pub(super) home: Option<PathBuf>,
    pub(super) lang: Lang,
    closing: CancellationToken,
    pub(super) state: Mutex<State>,
}

impl Keeper {
    /// Nothing is open yet. To be made inside of the runtime.
    pub fn new(home: Option<PathBuf>, lang: Lang, closing: CancellationToken) -> Arc<Self> {
        let state = State {
            kept: Kept::Memory,
            open: None,
            share: None,
            job: None,
            worker: None,
            uploads: Place::memory(),
        };
        let (runtime, state) = (Handle::current(), Mutex::new(state));
        Arc::new_cyclic(|me| Self { me: me.clone(), runtime, home, lang, closing, state })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn home(&self) -> Option<&Path> {
        self.home.as_deref().filter(|home| wipe::is_home(home))
    }

    /// Opens what is there: a plain home as it is; of an encrypted one the passphrase is asked for; nothing is kept where
    /// there is none.
    pub fn begin(&self) -> Result<(), CliError> {
        let Some(home) = self.home() else {
            self.memory();
            return Ok(());
        };
        match access::kind(home) {
            Kind::Encrypted => self.state().kept = Kept::Locked,
            Kind::KeyGone => self.state().kept = Kept::KeyGone,
            Kind::Plain => match hold(home, "reader") {
                Ok((access, ended)) => self.open(access, Kept::Plain, Some((home, ended))),
                Err(e) => {
                    self.memory();
                    return Err(e);
                }
            },
        }
        Ok(())
    }

    fn memory(&self) {
        self.open(Access::in_memory(MAX_MEMORY), Kept::Memory, None);
    }

    /// Shows this home from now on, in place of what was open.
    pub(super) fn open(
        &self,
        access: Access,
        kept: Kept,
        held: Option<(&Path, CancellationToken)>,
    ) {
        let uploads = held.as_ref().map_or_else(Place::memory, |(home, _)| Place::folder(home));
        if let Some((_, ended)) = held {
            // Another command wants the home: all of this ends.
            let closing = self.closing.clone();
            self.runtime.spawn(async move {
                ended.cancelled().await;
                closing.cancel();
            });
        }
        let views = Arc::new(Views::new(access.clone()));
        let reader = self.read(views.clone());
        let open = Some(Open { access, views, reader });
        let before = {
            let mut state = self.state();
            (state.kept, state.uploads) = (kept, uploads);
            std::mem::replace(&mut state.open, open)
        };
        self.stop_reader(before);
    }

    fn read(&self, views: Arc<Views>) -> Option<Reader> {
        let lang = match self.lang {
            Lang::Fa => crate::reader::Lang::Fa,
            Lang::En => crate::reader::Lang::En,
        };
        let bind = std::net::Ipv4Addr::LOCALHOST.into();
        let config = ReaderConfig { bind, port: None, lang };
        let stop = CancellationToken::new();
        let served = serve(config, Arc::new(move || views.current()), stop.clone());
        let Served { pages, task, .. } = self.runtime.block_on(served).ok()?;
        Some(Reader { address: format!("http://{pages}/"), stop, task })
    }

    fn stop_reader(&self, open: Option<Open>) {
        if let Some(Reader { stop, task, .. }) = open.and_then(|open| open.reader) {
            stop.cancel();
            let ended = async { tokio::time::timeout(LAST_ANSWER, task).await };
            let _ = self.runtime.block_on(ended);
        }
    }

    pub(super) fn access(&self) -> Result<Access, Note> {
        self.state().open.as_ref().map(|open| open.access.clone()).ok_or(Note::Nothing)
    }

    pub(super) fn views(&self) -> Vec<Arc<ArchiveView>> {
        let views = self.state().open.as_ref().map(|open| open.views.clone());
        let mut all = views.map(|views| views.current()).unwrap_or_default();
        all.sort_by_key(|view| view.archive());
        all
    }

    /// Begins work on a thread of its own.
    pub(super) fn begin_job(
        &self,
        what: What,
        work: impl FnOnce(&Arc<Self>, &Taking<'_>) -> Result<Outcome, Note> + Send + 'static,
    ) -> Result<(), Note> {
        let (access, me) = (self.access()?, self.me.upgrade().ok_or(Note::Failed)?);
        let job = Job::new(what);
        let mut state = self.state();
        if state.job.as_ref().is_some_and(|job| job.is_open()) {
            return Err(Note::Busy);
        }
        state.job = Some(job.clone());
        state.worker = Some(std::thread::spawn(move || {
            let ui = Ui::mute(me.lang);
            let taking = Taking { ui: &ui, access: &access, runtime: &me.runtime, job: &job };
            // Whatever happens in it, the page must not wait for ever.
            let work = std::panic::AssertUnwindSafe(|| work(&me, &taking));
            job.end(std::panic::catch_unwind(work).unwrap_or(Err(Note::Failed)));
        }));
        Ok(())
    }

    pub(super) fn end_share(&self) {
        let share = self.state().share.take();
        if let Some(share) = share {
            share.end(&self.runtime);
        }
    }

    /// Ends all that is under way, and lets go of the home.
    pub fn end(&self) {
        let (job, worker) = {
            let mut state = self.state();
            (state.job.take(), state.worker.take())
        };
        if let Some(job) = job {
            job.cancel();
        }
        self.end_share();
        let open = self.state().open.take();
        self.stop_reader(open);
        let until = Instant::now() + LET_GO;
        while worker.as_ref().is_some_and(|w| !w.is_finished()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        // It may have opened a home as its last act.
        let open = self.state().open.take();
        self.stop_reader(open);
    }
}

impl Desk for Keeper {
    fn sheet(&self) -> Sheet {
        let archives = self.views();
        let access = self.access().ok();
        let ids = access.as_ref().and_then(|access| access.archives.list().ok());
        let is_shown = |id: &_| archives.iter().any(|view| view.archive() == *id);
        let known = ids.unwrap_or_default().into_iter().filter(|id| !is_shown(id)).map(|archive| {
            let head = access.as_ref().and_then(|access| access.trusted(&archive).ok().flatten());
            Known { archive, name: head.map(|head| head.name().to_owned()) }
        });
        let known = known.collect();
        let home = self.home();
        let mut state = self.state();
        let share = state.share.as_ref().and_then(Running::view);
        if share.is_none() {
            state.share = None;
        }
        Sheet {
            kept: state.kept,
            home: home.is_some(),
            signing_keys: home.is_some_and(|home| home.join("keys").is_dir()),
            archives,
            known,
            waiting: access.as_ref().map(waiting).unwrap_or_default(),
            reader: state.open.as_ref().and_then(|o| o.reader.as_ref()).map(|r| r.address.clone()),
            share,
            networks: networks(),
            job: state.job.as_ref().map(|job| job.view()),
            today: crate::cli::pick::today(),
        }
    }

    fn order(&self, order: Order) -> Result<(), Note> {
        let job = || self.state().job.clone();
        match order {
            Order::Memory if self.state().open.is_none() => self.memory(),
            Order::Memory => {}
            Order::Unlock(passphrase) => self.unlock(&passphrase)?,
            Order::Encrypt(one, two) => self.begin_encrypt(one, &two)?,
            Order::Near { archive, invite, listen } => {
                let invite = invite_of(archive, &invite)?;
                let mode = if listen { Mode::Listen } else { Mode::Talk };
                let place = self.state().uploads.clone();
                self.begin_job(What::Near, move |_, taking| taking.near(&invite, mode, &place))?;
            }
            Order::Take(files) => {
                self.begin_job(What::Take, move |_, taking| taking.spools(files))?;
            }
            Order::TakePath(path) => {
                self.begin_job(What::Take, move |_, taking| taking.path(&path))?;
            }
            Order::Pasted { text, core, reach, proxy } => {
                self.begin_pasted(&text, core, reach, &proxy)?;
            }
            Order::Share { minutes, network, ssid, password } => {
                self.begin_share(Wish::new(minutes, network, &ssid, password))?;
            }
            Order::EndShare => self.end_share(),
            Order::Save { archive, core, folder } => self.begin_save(archive, core, folder)?,
            Order::Approve { archive, act } => self.begin_approve(archive, act)?,
            Order::Cancel => job().iter().for_each(|job| job.cancel()),
            Order::Yes => job().iter().for_each(|job| job.yes()),
            Order::Dismiss => {
                let mut state = self.state();
                if state.job.as_ref().is_some_and(|job| !job.is_open()) {
                    state.job = None;
                }
            }
        }
        Ok(())
    }

    fn uploads(&self) -> Result<Place, Note> {
        let state = self.state();
        match &state.job {
            Some(job) if job.is_open() => Err(Note::Busy),
            _ if state.open.is_none() => Err(Note::Nothing),
            _ => Ok(state.uploads.clone()),
        }
    }

    fn download(&self, archive: usize, core: bool) -> Option<Download> {
        let view = self.views().into_iter().nth(archive)?;
        export::download(&self.access().ok()?, view.accepted(), core)
    }

    fn news(&self) -> Vec<Telling> {
        self.access().map(|access| tellings(&access)).unwrap_or_default()
    }

    fn close(&self) {
        self.closing.cancel();
    }

    fn wipe(&self) -> Result<(), Note> {
        if self.home().is_none() {
            // What is under way may be just about to make one.
            self.end();
        }
        let Some(home) = self.home().map(Path::to_path_buf) else {
            self.closing.cancel();
            return Ok(());
        };
        // The key before everything else: what is under way may hang.
        key::destroy(&home).map_err(|_| Note::KeyLeft)?;
        self.end();
        self.state().kept = Kept::KeyGone;
        let left = |_| Note::LeftOver;
        // Ourselves when somebody still reads a page; that ends by itself.
        let holder = HomeLock::holder(&home).map_err(left)?;
        if holder.is_some_and(|holder| holder.pid != std::process::id()) {
            wipe::stop_holder(&home).map_err(left)?;
        }
        let lock = wipe::take_lock(&home).map_err(|_| Note::LeftOver)?;
        wipe::remove(&home, lock).map_err(left)?;
        if wipe::is_home(&home) {
            return Err(Note::LeftOver);
        }
        self.closing.cancel();
        Ok(())
    }
}
