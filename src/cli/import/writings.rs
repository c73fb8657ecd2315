//! What is withdrawn while an import puts blocks must be gone when it ends (WD-7).

use crate::access::{Access, AccessError, Writing};
use std::cell::RefCell;
use std::sync::Arc;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::withdraw::Denied;

/// The archives that blocks are taken of.
pub struct Writings<'a> {
    access: &'a Access,
    open: RefCell<Vec<Writing>>,
}

impl<'a> Writings<'a> {
    /// None yet.
    pub fn of(access: &'a Access) -> Self {
        Self { access, open: RefCell::default() }
    }

    /// What must not be taken of an archive. From now on blocks of it are being put (WD-7).
    pub fn denied(&self, archive: &ArchiveId) -> Result<Arc<Denied>, AccessError> {
        self.open.borrow_mut().push(Writing::begin(&self.access.archives, *archive)?);
        self.access.archives.denied(archive)
    }

    /// Erases what was withdrawn while it was taken.
    pub fn finish(self) -> Result<(), AccessError> {
        self.open.into_inner().into_iter().try_for_each(Writing::finish)
    }
}
