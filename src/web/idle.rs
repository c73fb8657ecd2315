//! Connections that are kept open while nothing is asked on them.

use super::dial::Ask;
use super::limits::MAX_IDLE;
use std::sync::{Mutex, PoisonError};

/// Where a connection leads: scheme, host, port.
pub(super) type Site = (String, String, u16);

/// Connections that wait to be used again.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<(Site, Ask)>>);

impl Idle {
    /// One that may be used again.
    pub(super) fn give(&self, site: Site, ask: Ask) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, ask)| !ask.is_closed());
        if idle.len() < MAX_IDLE && !ask.is_closed() {
            idle.push((site, ask));
        }
    }

    /// One that leads there.
    pub(super) fn take(&self, site: &Site) -> Option<Ask> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, ask)| !ask.is_closed());
        let at = idle.iter().rposition(|(to, _)| to == site)?;
        Some(idle.swap_remove(at).1)
    }

    /// Closes all that wait for this site: where one is dead without a word, as after a sleep, the others are.
    pub(super) fn forget(&self, site: &Site) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(to, _)| to != site);
    }
}
