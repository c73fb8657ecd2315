//! Dials of the node's own.

use super::Actor;
use crate::net::addr::peer_of;
use crate::net::error::DialError;
use crate::net::handle::Answer;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::{Multiaddr, PeerId};
use yadgar_protocol::peers::Learnt;

/// A dial under way.
pub(super) struct Dialling {
    pub(super) answer: Answer<Result<PeerId, DialError>>,
    /// Only to see who is there: a connection that there is already is no answer, and stays the only one.
    pub(super) check: bool,
}

impl Actor {
    pub(super) fn dial(
        &mut self,
        addr: Multiaddr,
        learnt: Learnt,
        answer: Answer<Result<PeerId, DialError>>,
    ) {
        let (peer, check) = (peer_of(&addr), learnt == Learnt::Check);
        if let Some(peer) = peer.filter(|peer| !check && self.swarm.is_connected(peer)) {
            return drop(answer.send(Ok(peer)));
        }
        if peer == Some(*self.swarm.local_peer_id()) {
            return drop(answer.send(Err(DialError::Ourselves)));
        }
        let ours = self.dials_from_port(&addr, check);
        let known = |peer| DialOpts::peer_id(peer).condition(PeerCondition::Always);
        let opts = match (peer, ours) {
            (Some(peer), true) => known(peer).addresses(vec![addr]).build(),
            (Some(peer), false) => known(peer).addresses(vec![addr]).allocate_new_port().build(),
            (None, true) => DialOpts::unknown_peer_id().address(addr).build(),
            (None, false) => DialOpts::unknown_peer_id().address(addr).allocate_new_port().build(),
        };
        let id = opts.connection_id();
        // Who is not connected yet, and is there, stays.
        let there = peer.is_some_and(|peer| self.swarm.is_connected(&peer));
        let learnt = if check && !there { Learnt::Remembered } else { learnt };
        self.swarm.behaviour_mut().gate.expect(id, learnt);
        match self.swarm.dial(opts) {
            Ok(()) => drop(self.dials.insert(id, Dialling { answer, check })),
            Err(error) => drop(answer.send(Err(DialError::not_begun(error)))),
        }
    }
}
