//! The actor's part in gossip.

use super::Actor;
use crate::net::error::NetError;
use crate::net::gossip;
use crate::net::handle::NetEvent;
use crate::net::limits::{GOSSIP_BURST, GOSSIP_REFILL};
use crate::net::rate::Bucket;
use libp2p::PeerId;
use libp2p::gossipsub::{self, IdentTopic, MessageAcceptance, PublishError};
use std::time::Instant;
use yadgar_protocol::score::{Fault, Standing};

impl Actor {
    pub(super) fn publish(&mut self, topic: &str, data: Vec<u8>) -> Result<usize, NetError> {
        let Some(gossip) = self.swarm.behaviour_mut().gossip.as_mut() else {
            return Ok(0);
        };
        let topic = IdentTopic::new(topic).hash();
        let peers = gossip.all_peers().filter(|(_, topics)| topics.contains(&&topic)).count();
        match gossip.publish(topic, data) {
            Ok(_) | Err(PublishError::Duplicate) => Ok(peers),
            Err(PublishError::NoPeersSubscribedToTopic | PublishError::AllQueuesFull(_)) => Ok(0),
            Err(error) => Err(NetError::NotPublished(error.to_string())),
        }
    }

    pub(super) fn subscribe(&mut self, topic: &str, on: bool) {
        if let Some(followed) = self.swarm.behaviour_mut().gossip.as_mut() {
            gossip::subscribe(followed, &self.seeks.topics, topic, on);
        }
    }

    pub(super) fn report(
        &mut self,
        id: &gossipsub::MessageId,
        source: &PeerId,
        verdict: MessageAcceptance,
    ) {
        if let Some(gossip) = self.swarm.behaviour_mut().gossip.as_mut() {
            let invalid = matches!(verdict, MessageAcceptance::Reject);
            gossip.report_message_validation_result(id, source, verdict);
            if invalid {
                self.blame(*source, Fault::InvalidGossip);
            }
        }
    }

    pub(super) fn gossip(
        &mut self,
        source: PeerId,
        id: gossipsub::MessageId,
        message: gossipsub::Message,
    ) {
        let now = Instant::now();
        let fresh = || Bucket::new(GOSSIP_BURST, GOSSIP_REFILL, now);
        let allowed = self.gossip_rate.entry(source).or_insert_with(fresh).take(now);
        let topic = message.topic.into_string();
        let event = NetEvent::Gossip { id: id.clone(), source, topic, data: message.data };
        let good = allowed && self.seeks.standing(&source) == Standing::Good;
        if !good || self.events.try_send(event).is_err() {
            self.report(&id, &source, MessageAcceptance::Ignore);
        }
        if !allowed {
            self.blame(source, Fault::Flood);
        }
    }
}
