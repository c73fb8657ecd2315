//! What becomes of a fetch that ended.

use super::{Mirror, RETRY};
use crate::node::follow::{Fetched, Shown};
use crate::node::handle::News;
use crate::node::urgent;
use crate::store::complete::{Completed, mark_complete};
use crate::sync::FetchError;
use std::time::Instant;
use yadgar_protocol::trust::Accepted;

impl Mirror {
    pub(super) async fn fetched(&mut self, fetched: Fetched) {
        let Fetched { archive, number, release, wire, result } = fetched;
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        follow.wire += wire;
        if !follow.ended(number, result.is_ok()) {
            return;
        }
        self.rest_hosts(archive);
        let Some(follow) = self.follows.get_mut(&archive) else { return };
        let shown = Shown::of(&release);
        follow.refresh(&self.ground);
        if follow.trusted.as_ref().map(Accepted::release_hash) != Some(shown.hash) {
            // Set aside, or disputed, since it was begun.
            return self.fetch(archive);
        }
        let kept = match result {
            Ok(summary) => {
                let (states, store) = (self.ground.states.clone(), self.ground.store.clone());
                let work = move || mark_complete(&states, &*store, &archive, &release.bytes);
                urgent::blocking(work).await.map(|done| (done, summary))
            }
            Err(FetchError::Cancelled) => return,
            Err(e) => Err(e.to_string()),
        };
        match kept {
            Ok((Completed::Held(act), _)) => {
                if follow.held.replace(shown.hash) != Some(shown.hash) {
                    self.say(News::Held { archive, act });
                }
            }
            Ok((Completed::Shown, summary)) => {
                follow.complete = Some(shown);
                self.tell_complete(archive, summary).await;
                self.fetch(archive);
            }
            Err(what) => {
                self.say(News::Problem { archive, what });
                self.retry.insert(archive, Instant::now() + RETRY);
            }
        }
    }
}
