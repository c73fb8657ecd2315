//! The files of `fetch --out`, written while their blocks come in.

use crate::access::local::Local;
use crate::checkout::{Arrivals, Arriving, Checkout, CheckoutError, CheckoutSummary};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use yadgar_protocol::Hash;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::withdraw::Denied;

/// What a thread wrote.
type Written = Result<CheckoutSummary, CheckoutError>;

/// See the module. Only for the first release of an archive in a home: one that follows may have to wait
/// for a person's yes (HOLD-3), and is written when it is clear that it may be shown.
pub struct Writing {
    local: Local,
    dir: PathBuf,
    parts: Option<Vec<String>>,
    denied: Arc<Denied>,
    arrivals: Arc<Arrivals>,
    stop: Arc<AtomicBool>,
    /// The release that is written, by the hash of its payload.
    thread: Mutex<Option<(Hash, JoinHandle<Written>)>>,
}

impl Writing {
    /// Nothing is written yet.
    pub fn new(
        local: Local,
        dir: PathBuf,
        parts: Option<Vec<String>>,
        denied: Arc<Denied>,
    ) -> Self {
        let (arrivals, stop) = (Arc::default(), Arc::default());
        Self { local, dir, parts, denied, arrivals, stop, thread: Mutex::default() }
    }

    /// The blocks of this release are about to come. Of several only the first is written here.
    pub fn begin(&self, head: &Accepted) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_some() {
            self.stop.store(true, Ordering::SeqCst);
            return;
        }
        let (store, release) = (self.local.store.clone(), head.release.clone());
        let (dir, parts, denied) = (self.dir.clone(), self.parts.clone(), self.denied.clone());
        let (arrivals, stop) = (self.arrivals.clone(), self.stop.clone());
        let write = move || {
            let (parts, target) = (parts.as_deref(), &*dir);
            let work = Checkout {
                release: &release,
                parts,
                denied: &denied,
                target,
                by_part: true,
                past_damage: false,
            };
            work.run(&Arriving::new(&*store, &arrivals, &stop), &|_| (), &stop)
        };
        // Without a thread everything is written at the end.
        let spawned = std::thread::Builder::new().name("out".into()).spawn(write);
        *thread = spawned.ok().map(|thread| (head.release_hash(), thread));
    }

    /// Blocks came.
    pub fn came(&self) {
        self.arrivals.came();
    }

    /// No more come; with `stop` what has come is not written either.
    pub fn end(&self, stop: bool) {
        self.stop.fetch_or(stop, Ordering::SeqCst);
        self.arrivals.end();
    }

    /// What was written of the release `hash`, when all of it was. Waits until the last file is there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn finish(&self, hash: Hash) -> Result<Option<CheckoutSummary>, CheckoutError> {
        self.end(false);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((written, thread)) = thread else { return Ok(None) };
        match thread.join() {
            Ok(Ok(summary)) if written == hash => Ok(Some(summary)),
            Ok(Err(error @ CheckoutError::Write(..))) if written == hash => Err(error),
            // Another release, or a reason of its own: written anew from what is complete.
            _ => Ok(None),
        }
    }
}
