//! One archive as a mirror sees it, and its state on the disk.

use super::Keep;
use super::job::Job;
use super::status::ArchiveStatus;
use crate::net::PeerId;
use crate::store::StoreError;
use crate::store::adopt::{complete_head, trusted_head};
use crate::store::heads::ArchiveSettings;
use std::collections::BTreeSet;
use std::time::Instant;
use yadgar_protocol::invite::Invite;
use yadgar_protocol::sync::gossip_topic;
use yadgar_protocol::trust::Accepted;
use yadgar_protocol::{ArchiveId, Hash};

/// Addresses remembered of an archive.
const MAX_ADDRESSES: usize = 32;

/// The state of an archive as read from the disk.
pub struct Loaded {
    /// Which.
    pub archive: ArchiveId,
    trusted: Option<Accepted>,
    complete: Option<Accepted>,
    /// What is wanted of it, and where it may be found.
    pub settings: ArchiveSettings,
}

/// Reads the state of an archive.
///
/// # Errors
/// When it cannot be read or is damaged.
pub async fn load(keep: &Keep, archive: ArchiveId) -> Result<Loaded, StoreError> {
    keep.blocking(move |keep| {
        Ok(Loaded {
            archive,
            trusted: trusted_head(&keep.states, &archive)?,
            complete: complete_head(&keep.states, &archive)?,
            settings: keep.states.settings(&archive)?,
        })
    })
    .await
}

/// One archive that is followed.
pub struct Archive {
    /// Its gossip topic.
    pub topic: String,
    /// The trusted head.
    pub trusted: Option<Accepted>,
    /// Hash and sequence of the newest release that is complete.
    pub complete: Option<(Hash, u64)>,
    /// The parts wanted; `None` for all.
    pub parts: Option<Vec<String>>,
    /// The fetch under way.
    pub job: Option<Job>,
    /// Connected peers that have the trusted release.
    pub sources: BTreeSet<PeerId>,
    /// What the operator should know.
    pub warning: Option<String>,
    /// After a failure, not fetched again before this.
    pub not_before: Option<Instant>,
    /// Whether everything is here is to be looked at, even if it was noted once: other parts may be
    /// wanted now, or the disk may have lost something.
    pub recheck: bool,
}

impl Archive {
    /// An archive of which nothing is known yet.
    pub fn new(id: &ArchiveId) -> Self {
        Self {
            topic: gossip_topic(id),
            trusted: None,
            complete: None,
            parts: None,
            job: None,
            sources: BTreeSet::new(),
            warning: None,
            not_before: None,
            recheck: true,
        }
    }

    /// True when the trusted release was noted as complete.
    pub fn is_complete(&self) -> bool {
        let trusted = self.trusted.as_ref().map(Accepted::release_hash);
        trusted.is_some() && trusted == self.complete.map(|(hash, _)| hash)
    }

    /// The head to fetch now, if one is to be.
    pub fn to_fetch(&self, now: Instant) -> Option<&Accepted> {
        let head = self.trusted.as_ref()?;
        let is_running = self.job.as_ref().is_some_and(|j| j.release == head.release_hash());
        let is_early = self.not_before.is_some_and(|time| time > now);
        let is_needed = self.recheck || !self.is_complete();
        (is_needed && !is_running && !is_early).then_some(head)
    }

    /// Makes a head the one to fetch. Reports may overtake each other, so an older one changes
    /// nothing. True when it is new.
    pub fn take(&mut self, head: Accepted) -> bool {
        let newest = self.trusted.as_ref().map_or(0, |known| known.release.sequence);
        if head.release.sequence <= newest {
            return false;
        }
        self.trusted = Some(head);
        self.sources.clear();
        self.job = None;
        self.not_before = None;
        true
    }

    /// Takes over what is on the disk.
    pub fn load(&mut self, loaded: Loaded) {
        if let Some(head) = loaded.trusted {
            self.take(head);
        }
        if self.parts != loaded.settings.parts {
            (self.job, self.recheck) = (None, true);
        }
        self.parts = loaded.settings.parts;
        self.complete = loaded.complete.map(|head| (head.release_hash(), head.release.sequence));
        self.not_before = None;
    }

    /// For the status of the node.
    pub fn status(&self, id: &ArchiveId) -> ArchiveStatus {
        ArchiveStatus {
            archive: id.to_string(),
            name: self.trusted.as_ref().map(|head| head.name().to_owned()),
            trusted: self.trusted.as_ref().map(|head| head.release.sequence),
            complete: self.complete.map(|(_, sequence)| sequence),
            fetching: self.job.as_ref().map(Job::status),
            warning: self.warning.clone(),
        }
    }
}

/// Writes down the addresses of an invite; the archive is known here from then on.
///
/// # Errors
/// When the state cannot be read or written.
pub async fn remember(keep: &Keep, invite: &Invite) -> Result<(), StoreError> {
    let (archive, addresses) = (invite.archive, invite.addresses.clone());
    keep.blocking(move |keep| {
        let mut settings = keep.states.settings(&archive)?;
        for address in addresses.into_iter().rev() {
            settings.addresses.retain(|known| *known != address);
            settings.addresses.insert(0, address);
        }
        settings.addresses.truncate(MAX_ADDRESSES);
        keep.states.set_settings(&archive, &settings)
    })
    .await
}
