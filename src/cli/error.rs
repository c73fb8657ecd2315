//! What went wrong, what to do about it, and the exit code.

use crate::access::AccessError;
use crate::store::StoreError;
use crate::store::lock::LockError;
use std::fmt::Display;

/// Exit codes, stable for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It failed.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Data is damaged or missing.
    Damaged = 3,
    /// The trust rules refuse it.
    Refused = 4,
    /// No source could be reached.
    NoSource = 5,
    /// Another process holds the home.
    Busy = 6,
    /// The privacy gate found something.
    Gate = 7,
    /// The user stopped it.
    Stopped = 130,
}

/// A failed command: what, and what to do next.
#[derive(Debug)]
pub struct CliError {
    /// Exit code.
    pub exit: Exit,
    /// What happened.
    pub what: String,
    /// The next step, where there is one.
    pub advice: Option<String>,
    /// The same in Persian, where it was written: at least what concerns the safety of a reader.
    pub persian: Persian,
}

/// What a failed command says in Persian.
#[derive(Debug, Default)]
pub struct Persian {
    /// What happened.
    pub what: Option<String>,
    /// The next step.
    pub advice: Option<String>,
}

impl CliError {
    /// An error with its code.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), advice: None, persian: Persian::default() }
    }

    /// An error with its code, in both languages.
    pub fn both(exit: Exit, en: impl Into<String>, fa: impl Into<String>) -> Self {
        let persian = Persian { what: Some(fa.into()), advice: None };
        Self { persian, ..Self::new(exit, en) }
    }

    /// A file that the user named could not be opened.
    pub fn file(path: &std::path::Path, why: impl Display) -> Self {
        Self::failed(path.display(), why).advice("check the name of the file and who may read it")
    }

    /// Something could not be done to something.
    pub fn failed(what: impl Display, why: impl Display) -> Self {
        Self::new(Exit::Failed, format!("{what}: {why}"))
    }

    /// Adds the next step.
    pub fn advice(mut self, text: impl Into<String>) -> Self {
        self.advice = Some(text.into());
        self.persian.advice = None;
        self
    }

    /// Adds the next step, in both languages.
    pub fn advise(mut self, (en, fa): (impl Into<String>, impl Into<String>)) -> Self {
        self = self.advice(en);
        self.persian.advice = Some(fa.into());
        self
    }
}

impl From<AccessError> for CliError {
    fn from(e: AccessError) -> Self {
        match e {
            AccessError::Store(e) => e.into(),
            AccessError::Lock(LockError::Held { .. }) => Self::new(Exit::Busy, e.to_string())
                .advice("wait until it ends, or use another --home"),
            AccessError::Locked(_) => Self::new(Exit::Failed, e.to_string())
                .advice("in a script use --home-passphrase-file FILE"),
            AccessError::KeyGone => Self::new(Exit::Damaged, e.to_string())
                .advice("'yadgar wipe' removes what is left; then begin a new home"),
            other => Self::new(Exit::Failed, other.to_string()),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(e: StoreError) -> Self {
        let what = e.to_string();
        match e {
            StoreError::DiskFull(_) => Self::new(Exit::Failed, what).advice(
                "free some space and run the same command again: what is stored stays stored",
            ),
            StoreError::Quota(_) => Self::new(Exit::Failed, what)
                .advice("raise it (--quota of a mirror, --memory of 'open --from'), or take fewer parts with --part"),
            StoreError::Refused(_) => Self::new(Exit::Refused, what)
                .advice("a newer release was taken meanwhile; nothing was lost"),
            StoreError::WrongPassphrase => Self::new(Exit::Failed, what),
            StoreError::Newer(_) => Self::new(Exit::Failed, what).advice("install a newer yadgar"),
            _ => Self::new(Exit::Damaged, what)
                .advice("'yadgar verify' says what is damaged; no good block is lost"),
        }
    }
}
