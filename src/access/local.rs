//! A home that this process holds itself.

use super::{AccessError, Adopted, Archives};
use crate::store::acts::{self, Approved, BulletinTaken, HeldAct, NoticeVerdict, Writer};
use crate::store::adopt::adopt;
use crate::store::complete::{self, Completed, mark_complete};
use crate::store::disk::{DiskStore, ScanEvent, ScanReport, StoreOptions};
use crate::store::gc::{self, GcOptions, GcReport};
use crate::store::heads::{ArchiveSettings, ArchiveStates};
use crate::store::vault::{self, SealedFiles, Vault, VaultOptions};
use crate::store::{BlockStore, MemoryStore};
use std::path::Path;
use std::sync::Arc;
use yadgar_protocol::trust::Verdict;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, Hash};

/// Store and states of a home.
#[derive(Clone)]
pub struct Local {
    /// Its blocks.
    pub store: Arc<dyn BlockStore>,
    /// Its archives.
    pub states: Arc<ArchiveStates>,
    blocks: Blocks,
}

/// Where the blocks are.
#[derive(Clone)]
enum Blocks {
    Plain(Arc<DiskStore>),
    Encrypted(Arc<Vault>),
    Memory,
}

impl Local {
    /// Opens the store and the states under `home`. The caller holds the home's lock.
    ///
    /// # Errors
    /// When either cannot be opened.
    pub fn open(home: &Path, quota: Option<u64>) -> Result<Self, AccessError> {
        clean(home)?;
        let options = StoreOptions { quota, ..StoreOptions::default() };
        let store = Arc::new(DiskStore::open(&home.join("store"), options)?);
        let states = Arc::new(ArchiveStates::open(&home.join("archives"))?);
        Self { store: store.clone(), states, blocks: Blocks::Plain(store) }.resume()
    }

    /// Opens an encrypted home with its keys. The caller holds the home's lock.
    ///
    /// # Errors
    /// When store or states cannot be opened.
    pub fn open_encrypted(
        home: &Path,
        keys: vault::seal::Keys,
        quota: Option<u64>,
    ) -> Result<Self, AccessError> {
        clean(home)?;
        let keys = Arc::new(keys);
        let options = VaultOptions { quota, ..VaultOptions::default() };
        let store = Arc::new(Vault::open(&home.join(vault::DATA), keys.clone(), options)?);
        let files = SealedFiles::open(&home.join(vault::FILES), keys)?;
        let states = Arc::new(ArchiveStates::on(Box::new(files))?);
        Self { store: store.clone(), states, blocks: Blocks::Encrypted(store) }.resume()
    }

    /// A home that is gone with the process and takes at most `quota` bytes.
    pub fn in_memory(quota: u64) -> Self {
        let store = Arc::new(MemoryStore::with_quota(quota));
        Self { store, states: Arc::new(ArchiveStates::in_memory()), blocks: Blocks::Memory }
    }

    /// A withdrawal that a crash cut off is finished before anything is served or shown (WD-6).
    fn resume(self) -> Result<Self, AccessError> {
        acts::resume(&self.states, &*self.store)?;
        complete::resume(&self.states, &*self.store)?;
        Ok(self)
    }

    /// Reads everything that the store has on the disk and shows what is found.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn scan(&self, visit: &mut dyn FnMut(ScanEvent)) -> Result<ScanReport, AccessError> {
        match &self.blocks {
            Blocks::Plain(store) => Ok(store.scan(visit)?),
            Blocks::Encrypted(store) => Ok(store.scan(visit)?),
            Blocks::Memory => Ok(ScanReport::default()),
        }
    }
}

/// Removes what killed writes of files beside the store left (identity, addresses of others, key).
fn clean(home: &Path) -> Result<(), AccessError> {
    let what = || format!("clean up {}", home.display());
    // A home that is not there yet is made by the store.
    match crate::durable::clean_temps(home) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(crate::store::StoreError::io(what(), error).into())
        }
        _ => Ok(()),
    }
}

impl From<Verdict> for Adopted {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accept(_) | Verdict::Settled { .. } => Self::Accepted,
            Verdict::Known => Self::Known,
            Verdict::Older => Self::Older,
            Verdict::Fork(_) | Verdict::Forked => Self::Fork,
            Verdict::RootFork => Self::RootFork,
            Verdict::SupersededRoot => Self::SupersededRoot,
            Verdict::NeedsAncestor(_) => Self::NeedsAncestor,
            Verdict::Refuse(reject) => Self::Refused(reject.to_string()),
        }
    }
}

/// True when parts that were kept are not any more. The files of these must not be missed (HOLD-1).
fn is_narrower(before: Option<&[String]>, now: Option<&[String]>) -> bool {
    match (before, now) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(before), Some(now)) => before.iter().any(|part| !now.contains(part)),
    }
}

impl Archives for Local {
    fn list(&self) -> Result<Vec<ArchiveId>, AccessError> {
        Ok(self.states.list()?)
    }

    fn trusted(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError> {
        Ok(self.states.trusted(archive)?)
    }

    fn complete(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError> {
        Ok(self.states.complete(archive)?)
    }

    fn settings(&self, archive: &ArchiveId) -> Result<ArchiveSettings, AccessError> {
        Ok(self.states.settings(archive)?)
    }

    fn set_settings(
        &self,
        archive: &ArchiveId,
        settings: &ArchiveSettings,
    ) -> Result<(), AccessError> {
        let before = self.states.settings(archive)?.parts;
        self.states.set_settings(archive, settings)?;
        if is_narrower(before.as_deref(), settings.parts.as_deref()) {
            acts::forget_ledger(&self.states, archive)?;
        }
        Ok(())
    }

    fn adopt(&self, archive: &ArchiveId, head: &[u8]) -> Result<Adopted, AccessError> {
        Ok(adopt(&self.states, &*self.store, archive, head, &*self.store)?.into())
    }

    fn mark_complete(&self, archive: &ArchiveId, head: &[u8]) -> Result<Completed, AccessError> {
        Ok(mark_complete(&self.states, &*self.store, archive, head)?)
    }

    fn denied(&self, archive: &ArchiveId) -> Result<Arc<Denied>, AccessError> {
        Ok(acts::denied(&self.states, archive)?)
    }

    fn begin_writing(&self, archive: &ArchiveId) -> Result<Option<Writer>, AccessError> {
        Ok(Some(Writer::begin(&self.states, *archive)?))
    }

    fn end_writing(&self, _: &ArchiveId, writer: Option<Writer>) -> Result<(), AccessError> {
        Ok(writer.map_or(Ok(()), |writer| writer.finish(&*self.store))?)
    }

    fn held(&self, archive: &ArchiveId) -> Result<Vec<HeldAct>, AccessError> {
        Ok(acts::held(&self.states, archive)?)
    }

    fn approve(&self, archive: &ArchiveId, act: &Hash) -> Result<Approved, AccessError> {
        Ok(acts::approve(&self.states, &*self.store, archive, act)?)
    }

    fn take_notice(
        &self,
        archive: &ArchiveId,
        envelope: &[u8],
    ) -> Result<NoticeVerdict, AccessError> {
        Ok(acts::take_notice(&self.states, &*self.store, archive, envelope)?)
    }

    fn take_bulletin(
        &self,
        archive: &ArchiveId,
        bulletin: &[u8],
    ) -> Result<BulletinTaken, AccessError> {
        Ok(acts::take_bulletin(&self.states, &*self.store, archive, bulletin)?)
    }

    fn bulletin(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError> {
        Ok(acts::bulletin(&self.states, archive)?)
    }

    fn gc(&self, options: &GcOptions) -> Result<GcReport, AccessError> {
        Ok(gc::collect(&self.states, &*self.store, options)?)
    }

    fn node_status(&self) -> Result<Option<serde_json::Value>, AccessError> {
        Ok(None)
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
