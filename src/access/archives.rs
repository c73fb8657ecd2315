//! The archive states of a home, as commands see them.

use super::AccessError;
use crate::store::WebHost;
use crate::store::acts::{Approved, BulletinTaken, HeldAct, NoticeVerdict, Writer};
use crate::store::complete::Completed;
use crate::store::gc::{GcOptions, GcReport};
use crate::store::heads::ArchiveSettings;
use std::sync::Arc;
use yadgar_protocol::withdraw::Denied;
use yadgar_protocol::{ArchiveId, Hash};

/// What became of a head that was offered to a home.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adopted {
    /// It is the trusted head now.
    Accepted,
    /// It was that already.
    Known,
    /// The home trusts a newer one.
    Older,
    /// Another release stands where this one would (TRUST-12, TRUST-15).
    Fork,
    /// Another trust root stands where this head's would (TRUST-10).
    RootFork,
    /// Signed under a trust root that was replaced (TRUST-14).
    SupersededRoot,
    /// A release in between is not known here (TRUST-15).
    NeedsAncestor,
    /// Not valid; the clause and reason.
    Refused(String),
}

/// Archive states of a home.
pub trait Archives: Send + Sync {
    /// Ids of all archives known here.
    fn list(&self) -> Result<Vec<ArchiveId>, AccessError>;
    /// Bytes of the trusted head.
    fn trusted(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError>;
    /// Bytes of the head whose wanted parts are all here.
    fn complete(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError>;
    /// Settings of an archive.
    fn settings(&self, archive: &ArchiveId) -> Result<ArchiveSettings, AccessError>;
    /// Replaces the settings; the archive is known here from then on.
    fn set_settings(
        &self,
        archive: &ArchiveId,
        settings: &ArchiveSettings,
    ) -> Result<(), AccessError>;
    /// Judges a head and takes it if it is accepted, durably.
    fn adopt(&self, archive: &ArchiveId, head: &[u8]) -> Result<Adopted, AccessError>;
    /// Notes that all wanted parts of this head's release are here. It is shown from then on, unless
    /// it drops too much (HOLD-3).
    fn mark_complete(&self, archive: &ArchiveId, head: &[u8]) -> Result<Completed, AccessError>;
    /// What must not be kept of an archive (WD-7).
    fn denied(&self, archive: &ArchiveId) -> Result<Arc<Denied>, AccessError>;
    /// Notes that blocks of an archive are going to be put: to be called before it is asked what is denied.
    /// Commands use [`super::Writing`]. `None` when the running node keeps the note.
    fn begin_writing(&self, archive: &ArchiveId) -> Result<Option<Writer>, AccessError>;
    /// The other end: erases blocks of denied files that were put.
    fn end_writing(&self, archive: &ArchiveId, writer: Option<Writer>) -> Result<(), AccessError>;
    /// Acts that wait for the operator (HOLD-2, HOLD-3).
    fn held(&self, archive: &ArchiveId) -> Result<Vec<HeldAct>, AccessError>;
    /// The operator's yes to an act (HOLD-7).
    fn approve(&self, archive: &ArchiveId, act: &Hash) -> Result<Approved, AccessError>;
    /// Judges an urgent notice, the encoded envelope, and takes it if it is right (WD-5).
    fn take_notice(
        &self,
        archive: &ArchiveId,
        envelope: &[u8],
    ) -> Result<NoticeVerdict, AccessError>;
    /// Judges everything in a bulletin.
    fn take_bulletin(
        &self,
        archive: &ArchiveId,
        bulletin: &[u8],
    ) -> Result<BulletinTaken, AccessError>;
    /// What others must know before anything else; `None` when there is nothing.
    fn bulletin(&self, archive: &ArchiveId) -> Result<Option<Vec<u8>>, AccessError>;
    /// Erases what no kept release reaches, in the process that holds the home.
    fn gc(&self, options: &GcOptions) -> Result<GcReport, AccessError>;
    /// The running node forgets the addresses of others; false when no node runs.
    fn forget_peers(&self) -> Result<bool, AccessError> {
        Ok(false)
    }
    /// The running node asks web hosts for the newest release of an archive now. False when no node runs, or when it has
    /// too many to ask.
    fn ask_hosts(&self, _: &ArchiveId, _: &[WebHost]) -> Result<bool, AccessError> {
        Ok(false)
    }
    /// What the running node says of itself; `None` when no node runs.
    fn node_status(&self) -> Result<Option<serde_json::Value>, AccessError>;
}
