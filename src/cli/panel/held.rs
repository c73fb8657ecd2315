//! What waits for the person's yes on the first screen, and doing it.

use super::keeper::Keeper;
use super::take::store_note;
use crate::access::{Access, AccessError};
use crate::panel::Waiting;
use crate::panel::job::What;
use crate::panel::words::{Note, Outcome};
use crate::store::StoreError;
use crate::store::acts::Approved;
use yadgar_protocol::{ArchiveId, Hash};

/// All that waits, of every archive. One whose state cannot be read is left out.
pub fn waiting(access: &Access) -> Vec<Waiting> {
    let mut all = Vec::new();
    for archive in access.archives.list().unwrap_or_default() {
        let acts = access.archives.held(&archive).unwrap_or_default();
        if acts.is_empty() {
            continue;
        }
        let head = access.trusted(&archive).ok().flatten();
        let name = head.map(|head| head.name().to_owned()).unwrap_or_default();
        all.extend(acts.into_iter().map(|act| Waiting { archive, name: name.clone(), act }));
    }
    all
}

impl Keeper {
    /// Erasing can take long, and nothing else may be taken in meanwhile: so it is work like any other.
    pub(super) fn begin_approve(&self, archive: ArchiveId, act: Hash) -> Result<(), Note> {
        let is_it = |w: &Waiting| w.archive == archive && Hash::from_hex(&w.act.id) == Some(act);
        let waits = waiting(&self.access()?).into_iter().find(is_it).ok_or(Note::NotWaiting)?;
        self.begin_job(What::Approve, move |_, taking| {
            match taking.access.archives.approve(&archive, &act) {
                Ok(Approved::Done) => Ok(Outcome::Approved(waits)),
                Ok(Approved::Unknown) => Err(Note::NotWaiting),
                Err(AccessError::Store(StoreError::Refused(_))) => Err(Note::Disputed),
                Err(AccessError::Store(e)) => Err(store_note(&e)),
                Err(_) => Err(Note::Failed),
            }
        })
    }
}
