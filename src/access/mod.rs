//! An open home: its blocks and archive states, whether this process holds it or a running node does.
//!
//! Commands are written against [`Access`] and work the same in both cases. When a node holds the
//! home, every call goes through its control socket ([`client`], [`server`]).

mod archives;
pub mod client;
pub mod local;
pub mod server;
pub mod unlock;
pub mod wipe;
pub mod wire;
mod writing;

/// Files at the top of a home with the identities of its mirror: in the open, behind a proxy, behind a website.
pub const IDENTITIES: [&str; 3] = ["identity", "identity-proxy", "identity-front"];

pub use archives::{Adopted, Archives};
pub use writing::Writing;

use crate::store::lock::{HomeLock, LockError};
use crate::store::{BlockStore, StoreError, vault};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::trust::{Accepted, CheckedFork, check_head};

/// Why a home could not be opened or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The home is held by another process without a control socket, or the lock failed.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The running node did not answer as expected.
    #[error("the running node: {0}")]
    Node(String),
    /// The home is encrypted, and there is no passphrase.
    #[error("the home is encrypted: {0}")]
    Locked(String),
    /// The key of an encrypted home is gone: what is left of it cannot be read by anybody.
    #[error("the key of this encrypted home was destroyed; nothing in it can be read any more")]
    KeyGone,
    /// The home folder cannot be made or read.
    #[error("{0}: {1}")]
    Home(String, #[source] std::io::Error),
}

/// Stands for the folder of a home that has none: nothing is ever found or made below it.
pub const NOWHERE: &str = "/dev/null";

/// An open home.
#[derive(Clone)]
pub struct Access {
    /// Its folder; [`NOWHERE`] when it is in memory.
    pub home: PathBuf,
    /// Its blocks.
    pub store: Arc<dyn BlockStore>,
    /// Its archives.
    pub archives: Arc<dyn Archives>,
    /// The local store and states, when this process holds the home.
    pub local: Option<local::Local>,
    _lock: Option<Arc<HomeLock>>,
}

impl Access {
    /// Opens `home`, directly or through the node that runs on it. `purpose` is what others are told
    /// while this process holds it.
    ///
    /// # Errors
    /// See [`AccessError`].
    pub fn open(home: &Path, purpose: &str) -> Result<Self, AccessError> {
        let (longest, pause) = LOCK_WAIT;
        let mut waited = Duration::ZERO;
        loop {
            let socket = match Self::open_local(home, purpose, None, None) {
                Err(AccessError::Lock(LockError::Held { control: Some(socket), .. })) => socket,
                other => return other,
            };
            // Beside a node: through its socket, which a node that is just starting has not yet.
            match client::Client::connect(&socket) {
                Ok(client) => return Ok(Self::remote(home, Arc::new(client))),
                Err(e) if waited >= longest => return Err(e),
                Err(_) => std::thread::sleep(pause),
            }
            waited += pause;
        }
    }

    fn remote(home: &Path, client: Arc<client::Client>) -> Self {
        let home = home.to_path_buf();
        Self { home, store: client.clone(), archives: client, local: None, _lock: None }
    }

    /// Opens `home` for this process alone; a node passes the socket it will answer on.
    ///
    /// # Errors
    /// See [`AccessError`]; a home that is held by somebody is `Lock(Held)`.
    pub fn open_local(
        home: &Path,
        purpose: &str,
        control: Option<&Path>,
        quota: Option<u64>,
    ) -> Result<Self, AccessError> {
        let failed = |e| AccessError::Home(home.display().to_string(), e);
        crate::durable::create_dir_durable(home).map_err(failed)?;
        let lock = acquire(home, purpose, control)?;
        let local = match kind(home) {
            Kind::Plain => local::Local::open(home, quota)?,
            Kind::Encrypted => {
                let keys = vault::key::open(home, &unlock::ask(home)?)?;
                local::Local::open_encrypted(home, keys, quota)?
            }
            Kind::KeyGone => return Err(AccessError::KeyGone),
        };
        Ok(Self::of(home, local, Some(Arc::new(lock))))
    }

    /// A home that is gone with the process: it writes no file, not even a lock. It takes at most `quota`
    /// bytes of memory for blocks.
    pub fn in_memory(quota: u64) -> Self {
        Self::of(Path::new(NOWHERE), local::Local::in_memory(quota), None)
    }

    /// The same home, its blocks through another store, which stands before them.
    #[must_use]
    pub fn through(&self, store: Arc<dyn BlockStore>) -> Self {
        Self { store, ..self.clone() }
    }

    fn of(home: &Path, local: local::Local, lock: Option<Arc<HomeLock>>) -> Self {
        Self {
            home: home.to_path_buf(),
            store: local.store.clone(),
            archives: Arc::new(local.clone()),
            local: Some(local),
            _lock: lock,
        }
    }

    /// The trusted head of an archive, checked.
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn trusted(&self, archive: &ArchiveId) -> Result<Option<Accepted>, AccessError> {
        check(archive, self.archives.trusted(archive)?)
    }

    /// The fork that stands, if any (TRUST-24).
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn dispute(&self, archive: &ArchiveId) -> Result<Option<CheckedFork>, AccessError> {
        let Some(bytes) = self.archives.bulletin(archive)? else { return Ok(None) };
        let fork = Bulletin::decode(&bytes).map(|bulletin| bulletin.fork);
        let checked = fork.and_then(|fork| fork.map(|f| f.check(archive)).transpose());
        let damaged = |reject| StoreError::Damaged(format!("the fork proof: {reject}"));
        Ok(checked.map_err(damaged)?)
    }

    /// The newest head whose wanted parts are all here, checked.
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn complete(&self, archive: &ArchiveId) -> Result<Option<Accepted>, AccessError> {
        check(archive, self.archives.complete(archive)?)
    }
}

/// What a home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everything in it can be read, or it is new.
    Plain,
    /// What is read in it is sealed under a passphrase.
    Encrypted,
    /// It was encrypted, and its key is gone.
    KeyGone,
}

/// What the home in this folder is.
pub fn kind(home: &Path) -> Kind {
    if vault::key::exists(home) {
        Kind::Encrypted
    } else if home.join(vault::DATA).is_dir() || home.join(vault::FILES).is_dir() {
        Kind::KeyGone
    } else {
        Kind::Plain
    }
}

/// How long a command waits for another short one to end, and how often it looks.
const LOCK_WAIT: (Duration, Duration) = (Duration::from_secs(10), Duration::from_millis(50));

/// Takes the lock. A holder without a control socket is another command: most end soon, so two of
/// them at once are no error. A node is: it is told at once.
fn acquire(home: &Path, purpose: &str, control: Option<&Path>) -> Result<HomeLock, LockError> {
    let (longest, pause) = LOCK_WAIT;
    let mut waited = Duration::ZERO;
    loop {
        match HomeLock::acquire(home, purpose, control) {
            Err(LockError::Held { control: None, .. }) if waited < longest => {
                std::thread::sleep(pause);
                waited += pause;
            }
            other => return other,
        }
    }
}

fn check(archive: &ArchiveId, bytes: Option<Vec<u8>>) -> Result<Option<Accepted>, AccessError> {
    let Some(bytes) = bytes else { return Ok(None) };
    let damaged = |reject| StoreError::Damaged(format!("a head of archive {archive}: {reject}"));
    Ok(Some(check_head(archive, &bytes).map_err(damaged)?))
}
