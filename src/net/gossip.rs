//! Gossip of new heads (SYNC-9): few messages of a few kB, public topics, hostile peers.

use super::limits::{
    GOSSIP_OVERHEAD_BYTES, GOSSIP_QUEUE, GOSSIP_REMEMBERED, MAX_GOSSIP_CONTROL_BYTES,
    MAX_GOSSIP_IDS, MAX_GOSSIP_IHAVE, MAX_GOSSIP_RPC_MESSAGES, MAX_GOSSIP_TOPICS,
};
use super::unaddressed::Unaddressed;
use libp2p::gossipsub::{
    Behaviour, ConfigBuilder, IdentTopic, IdentityTransform, MaxCountSubscriptionFilter,
    MessageAuthenticity, MessageId, PeerScoreParams, PeerScoreThresholds, TopicHash,
    TopicScoreParams, TopicSubscriptionFilter, ValidationMode,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use yadgar_protocol::limits::{MAX_GOSSIP_BYTES, SCORE_IGNORE};

/// The topics of the archives that are followed: nothing else is subscribed to, or remembered of others. Cheap to clone.
#[derive(Clone, Default)]
pub struct Topics(Arc<Mutex<BTreeSet<TopicHash>>>);

impl Topics {
    /// Follows a topic, or no more.
    pub fn set(&self, topic: TopicHash, on: bool) {
        // What a thread that panicked left is still a set.
        let mut topics = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match on {
            true => drop(topics.insert(topic)),
            false => drop(topics.remove(&topic)),
        }
    }
}

impl TopicSubscriptionFilter for Topics {
    fn can_subscribe(&mut self, topic: &TopicHash) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(topic)
    }
}

/// Gossip with a bound on what is remembered of the topics of a peer, and with no address of any.
pub type Gossip = Unaddressed<Inner>;
type Inner = Behaviour<IdentityTransform, MaxCountSubscriptionFilter<Topics>>;

/// Gossip as SYNC-9 wants it: anonymous, named by content, forwarded only after our verdict.
///
/// # Errors
/// When gossipsub refuses its settings.
pub fn gossip(topics: Topics) -> Result<Gossip, String> {
    let config = ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(|m| MessageId::new(blake3::hash(&m.data).as_bytes()))
        .max_transmit_size(MAX_GOSSIP_BYTES + GOSSIP_OVERHEAD_BYTES)
        .validate_messages()
        .flood_publish(true)
        .duplicate_cache_time(GOSSIP_REMEMBERED)
        .connection_handler_queue_len(GOSSIP_QUEUE)
        .max_publish_messages(MAX_GOSSIP_RPC_MESSAGES)
        .max_control_message_size(MAX_GOSSIP_CONTROL_BYTES)
        .max_control_messages_sent(MAX_GOSSIP_IDS)
        .max_ihave_messages_heartbeat(MAX_GOSSIP_IHAVE)
        .build()
        .map_err(|e| e.to_string())?;
    let filter = MaxCountSubscriptionFilter {
        filter: topics,
        max_subscribed_topics: MAX_GOSSIP_TOPICS,
        max_subscriptions_per_request: MAX_GOSSIP_TOPICS,
    };
    let anonymous = MessageAuthenticity::Anonymous;
    let mut gossip = Inner::new_with_subscription_filter(anonymous, config, filter)?;
    gossip.with_peer_score(peer_params(), thresholds())?;
    Ok(Unaddressed(gossip))
}

/// What counts against a peer in gossip: what is not valid, and breaking the rules of the mesh. How many come from one
/// address is counted by ourselves (SCORE-7), since private ranges must not count.
fn peer_params() -> PeerScoreParams {
    PeerScoreParams {
        topic_score_cap: 20.0,
        app_specific_weight: 1.0,
        ip_colocation_factor_weight: 0.0,
        behaviour_penalty_weight: -5.0,
        behaviour_penalty_threshold: 4.0,
        behaviour_penalty_decay: 0.9,
        decay_interval: Duration::from_secs(5),
        decay_to_zero: 0.05,
        // Who was here is forgotten soon; what is held against a peer we remember ourselves (SCORE-1).
        retain_score: Duration::from_secs(60),
        // A slow line is no fault.
        slow_peer_weight: 0.0,
        ..PeerScoreParams::default()
    }
}

/// As deep as [`SCORE_IGNORE`] goes, a peer is not heard any more.
fn thresholds() -> PeerScoreThresholds {
    let ignore = -f64::from(SCORE_IGNORE);
    PeerScoreThresholds {
        gossip_threshold: ignore / 4.0,
        publish_threshold: ignore / 2.0,
        graylist_threshold: ignore,
        // Nothing is taken from PRUNE messages: addresses come signed (PEER-5).
        accept_px_threshold: 1_000.0,
        opportunistic_graft_threshold: 1.0,
    }
}

/// For a topic with a message a week: silence is no fault, so nothing is expected of a mesh peer.
fn topic_params() -> TopicScoreParams {
    TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.01,
        time_in_mesh_quantum: Duration::from_secs(10),
        time_in_mesh_cap: 300.0,
        first_message_deliveries_weight: 1.0,
        first_message_deliveries_decay: 0.999,
        first_message_deliveries_cap: 5.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        // The square counts: two are past the threshold at which a peer gets nothing more, three past the last.
        invalid_message_deliveries_weight: -8.0,
        invalid_message_deliveries_decay: 0.99,
        ..TopicScoreParams::default()
    }
}

/// Follows a topic, or no more.
pub fn subscribe(gossip: &mut Gossip, topics: &Topics, topic: &str, on: bool) {
    let topic = IdentTopic::new(topic);
    // Who says that it follows more than that is not heard at all; news of these comes when heads are asked for (SYNC-8).
    if on && gossip.topics().count() >= MAX_GOSSIP_TOPICS {
        tracing::warn!(
            "{MAX_GOSSIP_TOPICS} archives have gossip; news of {topic} come when it is asked for"
        );
    } else if on {
        topics.set(topic.hash(), true);
        let subscribed = gossip.subscribe(&topic).map_err(|e| e.to_string());
        let scored = gossip.set_topic_params(topic, topic_params()).map_err(str::to_owned);
        if let Err(error) = subscribed.and(scored) {
            tracing::warn!("a topic could not be followed: {error}");
        }
    } else {
        gossip.unsubscribe(&topic);
        topics.set(topic.hash(), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_followed_is_remembered() {
        let topics = Topics::default();
        let mut gossip = gossip(topics.clone()).unwrap();
        let strange = IdentTopic::new("yadgar/1/strange");
        assert!(gossip.subscribe(&strange).is_err());
        subscribe(&mut gossip, &topics, "yadgar/1/ours", true);
        assert_eq!(gossip.topics().count(), 1);
        assert!(gossip.get_topic_params(&IdentTopic::new("yadgar/1/ours")).is_some());
        subscribe(&mut gossip, &topics, "yadgar/1/ours", false);
        assert_eq!(gossip.topics().count(), 0);
        assert!(!topics.clone().can_subscribe(&IdentTopic::new("yadgar/1/ours").hash()));
    }

    #[test]
    fn who_follows_many_archives_is_heard() {
        let id = yadgar_protocol::ArchiveId(yadgar_protocol::ids::Hash::of(b"root"));
        let length = yadgar_protocol::sync::gossip_topic(&id).len();
        // All are told in one message when a connection begins: each with its length, a flag, and their lengths.
        assert!(MAX_GOSSIP_TOPICS * (length + 8) <= MAX_GOSSIP_BYTES + GOSSIP_OVERHEAD_BYTES);
        let topics = Topics::default();
        let mut gossip = gossip(topics.clone()).unwrap();
        for n in 0..MAX_GOSSIP_TOPICS + 10 {
            subscribe(&mut gossip, &topics, &format!("yadgar/1/{n}"), true);
        }
        assert_eq!(gossip.topics().count(), MAX_GOSSIP_TOPICS);
    }
}
