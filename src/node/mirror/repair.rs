//! What is done about blocks that the store has lost.

use super::Mirror;
use crate::node::follow::Follow;
use crate::node::mend::{Mended, mend};
use tokio::sync::oneshot;
use yadgar_protocol::Hash;

impl Mirror {
    /// The store has lost something: what is missing of any archive is fetched.
    pub(super) fn look_again(&mut self) {
        self.follows.values_mut().for_each(Follow::look_again);
        let archives: Vec<_> = self.follows.keys().copied().collect();
        archives.into_iter().for_each(|archive| self.fetch(archive));
    }

    /// Blocks that are lost and in no release that is fetched are asked of whoever may have them.
    pub(super) fn mend(&mut self, lost: Vec<Hash>, answer: oneshot::Sender<Mended>) {
        let archives = self.follows.keys().copied().collect();
        let peers = self.connected.iter().copied().collect();
        let sources = (peers, self.hosts.lines.all());
        let mending = mend(self.ground.clone(), archives, sources, lost);
        self.tasks.spawn(async move { drop(answer.send(mending.await)) });
    }
}
