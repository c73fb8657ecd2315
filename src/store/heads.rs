//! What is trusted of each archive: small files, replaced in one step.
//!
//! ```text
//! DIR/<archive id>/state           what is trusted: head, releases seen, fork (trust.md)
//! DIR/<archive id>/fork-proof      the proof of the fork that stands, for people to take along
//! DIR/<archive id>/complete        the head of the newest release that is here whole
//! DIR/<archive id>/looked          that an agreed release was looked through and is not whole here
//! DIR/<archive id>/acts            what is withdrawn, and what waits for the operator
//! DIR/<archive id>/settings.json   what the user wants of it and how it was found
//! ```
//! `state` stands against rollback: it is on the disk before anyone acts on it (TRUST-17), and a
//! damaged one is an error, never an archive seen for the first time. It is one file, so that head and
//! fork never contradict each other; `fork-proof` follows it. Where the files lie is for
//! [`super::files`].

use super::StoreError;
use super::files::{MemoryFiles, PlainFiles, StateFiles};
use super::web_host::{MAX_WEB_HOSTS, WebHost};
use crate::freshness::Agreement;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use yadgar_protocol::invite::Invite;
use yadgar_protocol::limits::MAX_HEAD_BYTES;
use yadgar_protocol::trust::{CheckedFork, STATE_BYTES, State, head_of_state, state_of_head};
use yadgar_protocol::{ArchiveId, Hash};

/// Start of a head file; 32 bytes of BLAKE3 over the head follow, then the head.
const MAGIC: &[u8; 16] = b"yadgar head  1\n\0";
const PREFIX: usize = MAGIC.len() + 32;
/// Start of a state file, likewise.
const STATE_MAGIC: &[u8; 16] = b"yadgar state 1\n\0";
const STATE: &str = "state";
const FORK_PROOF: &str = "fork-proof";
const COMPLETE: &str = "complete";
const SETTINGS: &str = "settings.json";
/// More than any settings take.
const MAX_SETTINGS_BYTES: usize = 1 << 20;

/// What the user wants of an archive and how it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveSettings {
    /// Names of the parts to keep; `None` for all.
    #[serde(default)]
    pub parts: Option<Vec<String>>,
    /// Where to look for it, as the invite gave them.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Web addresses of static mirrors, as the invite gave them. Asked only where the user allows web addresses.
    #[serde(default)]
    pub urls: Vec<String>,
    /// Web hosts that a mirror follows, because its operator named them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<WebHost>,
    /// How the trusted head was learned: `peer`, `carrier`, `published` and the like.
    #[serde(default)]
    pub source: String,
    /// When it was learned, as text for people. Never compared.
    #[serde(default)]
    pub learned: Option<String>,
    /// What other sources had when they were asked last.
    #[serde(default)]
    pub agreement: Option<Agreement>,
    /// What root keys set aside last, for people (TRUST-20).
    #[serde(default)]
    pub set_aside: Option<SetAside>,
}

impl ArchiveSettings {
    /// Adds the addresses of an invite to those that are known.
    pub fn learn_places(&mut self, invite: &Invite) {
        for address in &invite.addresses {
            if !self.addresses.contains(address) {
                self.addresses.push(address.clone());
            }
        }
        for url in &invite.urls {
            if !self.urls.iter().any(|known| known == url.as_str()) {
                self.urls.push(url.to_string());
            }
        }
    }

    /// Takes web hosts to be followed. One that is known is replaced; but one that was to be reached through a proxy only
    /// stays so, unless its address `is_lifted`. False when there is no room for all.
    pub fn learn_hosts(&mut self, hosts: &[WebHost], is_lifted: impl Fn(&str) -> bool) -> bool {
        let before = std::mem::take(&mut self.hosts);
        let guarded = |url: &str| {
            before.iter().any(|known| known.proxied && known.url == url) && !is_lifted(url)
        };
        let taken = hosts.iter().cloned().map(|host| {
            let proxied = host.proxied || guarded(&host.url);
            WebHost { proxied, ..host }
        });
        let taken: Vec<_> = taken.collect();
        self.hosts = before;
        self.hosts.retain(|known| hosts.iter().all(|host| host.url != known.url));
        let room = MAX_WEB_HOSTS.saturating_sub(self.hosts.len());
        self.hosts.extend(taken.into_iter().take(room));
        hosts.len() <= room
    }
}

/// A release that was trusted here, or a fork that stood, and that root keys set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Its sequence.
    pub sequence: u64,
    /// Version of the trust root that did it.
    pub root_version: u64,
}

/// The states of all archives of a home.
#[derive(Debug)]
pub struct ArchiveStates {
    files: Box<dyn StateFiles>,
    /// Held while a head is judged and written, so that two sources cannot overtake each other.
    heads: Mutex<()>,
    /// Held while settings are written, so that no change is lost.
    settings: Mutex<()>,
    /// What was read of the withdrawals.
    pub(super) acts: super::acts::Cache,
}

impl ArchiveStates {
    /// Opens the directory, creating it when there is none, and removes what killed writes left.
    /// The caller holds the home lock.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::on(Box::new(PlainFiles::open(dir)?))
    }

    /// States that are gone with the process.
    pub fn in_memory() -> Self {
        Self::new(Box::new(MemoryFiles::default()))
    }

    /// The states that are kept in these files. The caller holds the home lock.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn on(files: Box<dyn StateFiles>) -> Result<Self, StoreError> {
        let states = Self::new(files);
        for id in states.list()? {
            // A kill can come between the state and the proof. A damaged state is told when it is asked for.
            if let Ok(state) = states.state(&id) {
                states.set_proof(&id, state.and_then(|state| state.fork))?;
            }
        }
        Ok(states)
    }

    fn new(files: Box<dyn StateFiles>) -> Self {
        let (heads, settings) = (Mutex::new(()), Mutex::new(()));
        Self { files, heads, settings, acts: super::acts::Cache::default() }
    }

    /// The right to judge and replace trusted heads; see [`super::adopt`].
    pub(super) fn lock_heads(&self) -> MutexGuard<'_, ()> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The archives that are known here, in order of their ids.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<ArchiveId>, StoreError> {
        self.files.list()
    }

    /// The trusted head, as it was received; `None` for an archive without one.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the file's name when it is not what was written.
    pub fn trusted(&self, id: &ArchiveId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(bytes) = self.read_sealed(id, STATE, STATE_MAGIC, STATE_BYTES)? else {
            return Ok(None);
        };
        head_of_state(&bytes).map(Some).map_err(|_| self.damaged(id, STATE))
    }

    /// What is trusted of an archive, checked again; `None` for an archive without a head.
    ///
    /// # Errors
    /// As [`Self::trusted`], also when the head or the fork in it is no longer valid.
    pub fn state(&self, id: &ArchiveId) -> Result<Option<State>, StoreError> {
        let Some(bytes) = self.read_sealed(id, STATE, STATE_MAGIC, STATE_BYTES)? else {
            return Ok(None);
        };
        let path = self.files.path(id, STATE);
        let told = |reject| StoreError::Damaged(format!("{}: {reject}", path.display()));
        State::decode(id, &bytes).map(Some).map_err(told)
    }

    /// Keeps what is trusted. Durable when it returns (TRUST-17). Only for a state that the trust rules
    /// gave, see [`super::adopt`]. The fork proof as a file of its own follows it.
    ///
    /// # Errors
    /// When the file system refuses. The state before then still stands, if that itself was not written.
    pub(super) fn set_state(&self, id: &ArchiveId, state: &State) -> Result<(), StoreError> {
        self.files.write(id, STATE, &sealed(STATE_MAGIC, &state.encode(), STATE_BYTES)?)?;
        self.set_proof(id, state.fork.clone())
    }

    /// Keeps a head as the trusted one, without a fork and with nothing seen before it. It asks no trust
    /// rules: for tests and for tools that make a home. Nodes use [`super::adopt`].
    ///
    /// # Errors
    /// When the file system refuses. The one before then still stands.
    pub fn set_trusted(&self, id: &ArchiveId, head: &[u8]) -> Result<(), StoreError> {
        if head.len() > MAX_HEAD_BYTES {
            return Err(too_long());
        }
        self.files.write(id, STATE, &sealed(STATE_MAGIC, &state_of_head(head), STATE_BYTES)?)
    }

    /// Where the fork proof of an archive is kept, while a fork stands: a file, when the home is a plain one.
    pub fn proof_path(&self, id: &ArchiveId) -> PathBuf {
        self.files.path(id, FORK_PROOF)
    }

    fn set_proof(&self, id: &ArchiveId, fork: Option<CheckedFork>) -> Result<(), StoreError> {
        let Some(fork) = fork else { return self.files.remove(id, FORK_PROOF) };
        // One that cannot be read is written anew.
        let kept = self.files.read(id, FORK_PROOF, fork.bytes.len()).ok().flatten();
        if kept.as_ref() == Some(&fork.bytes) {
            return Ok(());
        }
        self.files.write(id, FORK_PROOF, &fork.bytes)
    }

    /// The head of the newest release of which all wanted parts are here.
    ///
    /// # Errors
    /// As [`Self::trusted`].
    pub fn complete(&self, id: &ArchiveId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_sealed(id, COMPLETE, MAGIC, MAX_HEAD_BYTES)
    }

    /// Keeps the head of a release that is here whole. Durable when it returns.
    ///
    /// # Errors
    /// When the file system refuses. The one before then still stands.
    pub fn set_complete(&self, id: &ArchiveId, head: &[u8]) -> Result<(), StoreError> {
        self.files.write(id, COMPLETE, &sealed(MAGIC, head, MAX_HEAD_BYTES)?)
    }

    /// The settings; the default ones when none were kept.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the file's name when they cannot be read.
    pub fn settings(&self, id: &ArchiveId) -> Result<ArchiveSettings, StoreError> {
        let Some(text) = self.files.read(id, SETTINGS, MAX_SETTINGS_BYTES)? else {
            return Ok(ArchiveSettings::default());
        };
        serde_json::from_slice(&text).map_err(|_| self.damaged(id, SETTINGS))
    }

    /// Keeps settings. Durable when it returns.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn set_settings(
        &self,
        id: &ArchiveId,
        settings: &ArchiveSettings,
    ) -> Result<(), StoreError> {
        let _one_at_a_time = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        self.write_settings(id, settings)
    }

    /// Changes something in the settings and nothing else. Durable when it returns.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub fn change_settings(
        &self,
        id: &ArchiveId,
        change: impl FnOnce(&mut ArchiveSettings),
    ) -> Result<(), StoreError> {
        let _one_at_a_time = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.settings(id)?;
        let mut settings = before.clone();
        change(&mut settings);
        if settings == before { Ok(()) } else { self.write_settings(id, &settings) }
    }

    fn write_settings(&self, id: &ArchiveId, settings: &ArchiveSettings) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(settings)
            .map_err(|error| StoreError::io("write settings", io::Error::other(error)))?;
        self.files.write(id, SETTINGS, &text)
    }

    /// The bytes of another sealed file of an archive; `None` when there is none.
    pub(super) fn sealed(
        &self,
        id: &ArchiveId,
        name: &str,
        max: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.read_sealed(id, name, MAGIC, max)
    }

    /// Replaces such a file. Durable when it returns.
    pub(super) fn set_sealed(
        &self,
        id: &ArchiveId,
        name: &str,
        bytes: &[u8],
        max: usize,
    ) -> Result<(), StoreError> {
        self.files.write(id, name, &sealed(MAGIC, bytes, max)?)
    }

    fn read_sealed(
        &self,
        id: &ArchiveId,
        name: &str,
        magic: &[u8; 16],
        max: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(bytes) = self.files.read(id, name, PREFIX + max)? else { return Ok(None) };
        let (prefix, content) =
            bytes.split_at_checked(PREFIX).ok_or_else(|| self.damaged(id, name))?;
        if prefix[..magic.len()] != *magic || prefix[magic.len()..] != Hash::of(content).0 {
            return Err(self.damaged(id, name));
        }
        Ok(Some(content.to_vec()))
    }

    fn damaged(&self, id: &ArchiveId, name: &str) -> StoreError {
        StoreError::Damaged(self.files.path(id, name).display().to_string())
    }
}

/// Content with what tells whether the disk has kept it.
fn sealed(magic: &[u8; 16], content: &[u8], max: usize) -> Result<Vec<u8>, StoreError> {
    if content.len() > max {
        return Err(too_long());
    }
    Ok([magic.as_slice(), &Hash::of(content).0, content].concat())
}

fn too_long() -> StoreError {
    let error = io::Error::new(io::ErrorKind::InvalidInput, "a head that is too long");
    StoreError::io("keep a head", error)
}

#[cfg(test)]
#[path = "heads_tests.rs"]
mod tests;
