//! Every bound of the network layer, in one place, with the memory it implies.
//!
//! The defaults of libp2p are generous or absent (512 streams and 1 GiB of receive window for a
//! connection, no cap on connections). A stranger chooses how much of them is used, so each is set
//! here.
//!
//! What strangers can make us hold: a connection holds at most [`RECEIVE_WINDOW_BYTES`] of data
//! that was received and not read yet. Data is left unread only on streams that are still being
//! negotiated ([`MAX_NEGOTIATING_STREAMS`] of [`STREAM_WINDOW_BYTES`] each, 2 MiB) and on sync
//! streams whose other side does not take its answers ([`MAX_SYNC_STREAMS_IN`]). With the default
//! of 64 connections the hard bound is 64 * 12 MiB = 768 MiB, and what an attacker reaches without
//! being read is about a third of it. On a small machine there are fewer ([`NetLimits::for_memory`]).

use serde::Serialize;
use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Streams of one connection, both directions together.
pub const MAX_STREAMS_PER_CONNECTION: usize = 32;
/// First receive window of a stream (fixed by yamux).
pub const STREAM_WINDOW_BYTES: usize = 256 * KIB;
/// Receive windows of a yamux connection together. Every stream has its first window for sure;
/// the 4 MiB above that let a busy stream grow to what a long line needs.
pub const RECEIVE_WINDOW_BYTES: usize = MAX_STREAMS_PER_CONNECTION * STREAM_WINDOW_BYTES + 4 * MIB;
/// Receive window of a QUIC connection.
pub const QUIC_CONNECTION_BYTES: u32 = 8 * MIB as u32;
/// Receive window of a QUIC stream.
pub const QUIC_STREAM_BYTES: u32 = 4 * MIB as u32;
/// Inbound streams of a connection whose protocol is not agreed yet; more are reset.
pub const MAX_NEGOTIATING_STREAMS: usize = 8;
/// Sync streams that a peer may have open to us on one connection; more are reset.
pub const MAX_SYNC_STREAMS_IN: usize = 8;
/// Sync streams that we open on one connection.
pub const MAX_SYNC_STREAMS_OUT: usize = 8;

/// Time for a connection to come up: TCP, Noise, yamux.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// The same through a proxy: longer than [`crate::dial::limits::CONNECT_PROXIED`] by what Noise and yamux need.
pub const PROXIED_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(120);
/// Time for a stream to come up.
pub const STREAM_TIMEOUT: Duration = Duration::from_secs(20);
/// A reader's connection without streams is closed after this.
pub const READER_IDLE: Duration = Duration::from_secs(60);
/// A mirror's connection without streams is closed after this; longer than the time between two
/// head exchanges (SYNC-8), so that mirrors stay connected.
pub const MIRROR_IDLE: Duration = Duration::from_secs(12 * 60);
/// Time between pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(15);
/// A ping without an answer for so long has failed.
pub const PING_TIMEOUT: Duration = Duration::from_secs(15);
/// A silent QUIC connection is closed after this.
pub const QUIC_IDLE: Duration = Duration::from_secs(30);

/// Longest message, and longest frame of one, that a WebSocket may send us: what other programs put into one, with
/// room to spare. One of them is held for a connection until it is complete.
pub const WS_MESSAGE_BYTES: usize = MIB;
/// Bytes that we put into one message of a WebSocket.
pub const WS_PIECE_BYTES: usize = 64 * KIB;
/// Bytes read at once from a WebSocket, and written together to one.
pub const WS_BUFFER_BYTES: usize = 16 * KIB;
/// Time for the head of a request to the front: who writes more slowly only holds a place.
pub const FRONT_HEAD_TIME: Duration = Duration::from_secs(10);
/// Bytes of the head of a request to the front, and what is read ahead of it.
pub const FRONT_HEAD_BYTES: usize = 16 * KIB;
/// Header lines of a request to the front.
pub const FRONT_HEADERS: usize = 64;
/// Bytes of a request's body that the front passes over before it answers.
pub const FRONT_BODY_BYTES: usize = 64 * KIB;
/// Bytes of a path of a WebSocket.
pub const MAX_WS_PATH_BYTES: usize = 256;

/// A search of the DHT ends after this, whatever it has.
pub const DHT_QUERY_TIMEOUT: Duration = Duration::from_secs(60);
/// Time between two refreshes of the table.
pub const DHT_REFRESH: Duration = Duration::from_secs(10 * 60);
/// Requests and answers of the DHT taken from one connection at once.
pub const DHT_REQUEST_BURST: u32 = 64;
/// After a burst, one more is taken in this time.
pub const DHT_REQUEST_REFILL: Duration = Duration::from_millis(50);
/// Dials of searches at once.
pub const DHT_DIAL_BURST: u32 = 32;
/// After a burst, one more dial in this time.
pub const DHT_DIAL_REFILL: Duration = Duration::from_secs(1);
/// Dials in vain after which a node leaves the table.
pub const DHT_FAILS: u32 = 3;
/// Nodes outside the table whose dials in vain are counted, for a while.
pub const DHT_FAILS_KEPT: usize = 256;
/// A message of the DHT, in bytes: 40 nodes with two addresses each have room.
pub const MAX_DHT_PACKET_BYTES: usize = 16 * KIB;
/// Nodes told of one answer, addresses looked at of one node, faults told at once.
pub const MAX_DHT_TOLD: usize = 32;
/// A connection that a search opened ends after this, unless it turned out to be of use.
pub const SEARCH_LINGER: Duration = Duration::from_secs(15);

/// LAN candidates remembered, in peers. One host can announce tens of thousands.
pub const MAX_CANDIDATES: usize = 64;
/// Addresses remembered of a candidate.
pub const MAX_CANDIDATE_ADDRESSES: usize = 4;
/// A candidate not announced again for so long is forgotten, whatever lifetime it claims.
pub const CANDIDATE_TIME: Duration = Duration::from_secs(10 * 60);
/// Time between two questions to the LAN.
pub const MDNS_QUERY: Duration = Duration::from_secs(15);
/// Time after which LAN peers that still announce themselves are told of again.
pub const MDNS_AGAIN: Duration = Duration::from_secs(30);
/// Names that the mDNS part may collect before it is restarted empty.
pub const MAX_MDNS_NODES: usize = 512;
/// Pause before the mDNS part is started again after a failure or a flood.
pub const MDNS_PAUSE: Duration = Duration::from_secs(60);

/// Bytes of a gossip RPC beside the message: topic, control messages.
pub const GOSSIP_OVERHEAD_BYTES: usize = 4 * KIB;
/// Gossip topics that a node subscribes to, and those of one peer that are remembered.
pub const MAX_GOSSIP_TOPICS: usize = 256;
/// Gossip messages taken from one peer at once.
pub const GOSSIP_BURST: u32 = 16;
/// After a burst, one more gossip message of a peer is taken in this time.
pub const GOSSIP_REFILL: Duration = Duration::from_secs(2);

/// Addresses that we ask about whether they are ours, within [`CANDIDATES_EVERY`].
pub const MAX_OWN_CANDIDATES: usize = 8;
/// Those of them that peers of one public network tell.
pub const MAX_CANDIDATES_TOLD: usize = 2;
/// After this an address may be asked about again.
pub const CANDIDATES_EVERY: Duration = Duration::from_secs(3600);
/// Addresses asked about at once, and how often is looked whether there are any.
pub const MAX_PROBES: usize = 4;
/// See [`MAX_PROBES`].
pub const PROBE_EVERY: Duration = Duration::from_secs(15);
/// Who asked for so long and got no answer is taken to be unreachable; twice as long where there are several to ask.
pub const UNREACHED_AFTER: Duration = Duration::from_secs(30);
/// Dials that strangers caused (AutoNAT's dial-backs, hole punching) at once, all peers together.
pub const STRANGER_DIALS: u32 = 16;
/// After that, one more in this time.
pub const STRANGER_DIALS_REFILL: Duration = Duration::from_secs(2);
/// The same for one peer.
pub const STRANGER_DIALS_OF_PEER: u32 = 8;
/// The same for one peer.
pub const STRANGER_DIALS_OF_PEER_REFILL: Duration = Duration::from_secs(60);
/// Addresses of one such dial; more are refused together. Each counts for PEER-10.
pub const MAX_STRANGER_ADDRESSES: usize = 4;
/// Peers whose dials are counted; the one that asked longest ago is forgotten first.
pub const MAX_STRANGERS: usize = 256;

/// Relays that an unreachable mirror keeps a place at.
pub const RELAYS_WANTED: usize = 2;
/// A relay that refused or was lost is asked again after this.
pub const RELAY_PAUSE: Duration = Duration::from_secs(120);
/// How long a dial through a relay waits for what the relay says of our own address, which hole punching needs.
pub const RELAY_SETTLES: Duration = Duration::from_secs(5);
/// A connection through a relay is closed when one without has stood for this long.
pub const RELAY_GRACE: Duration = Duration::from_secs(10);
/// As a relay: peers that have a place with us are this part at most of the guests that we have places for, since they
/// stay and do nothing.
pub const RELAY_RESERVATIONS_SHARE: usize = 4;
/// Places that one peer has.
pub const RELAY_RESERVATIONS_OF_PEER: usize = 1;
/// How long a place lasts; it is asked for again before.
pub const RELAY_RESERVATION_TIME: Duration = Duration::from_secs(3600);
/// Circuits at once, and of one peer.
pub const RELAY_CIRCUITS: usize = 16;
/// Circuits of one peer.
pub const RELAY_CIRCUITS_OF_PEER: usize = 2;
/// How long a circuit lasts.
pub const RELAY_CIRCUIT_TIME: Duration = Duration::from_secs(300);
/// Bytes of a circuit in each direction: heads, and small archives.
pub const RELAY_CIRCUIT_BYTES: u64 = 8 * MIB as u64;
/// Places, and circuits, that one peer may ask for at once; then one more in [`RELAY_ASKS_REFILL`].
pub const RELAY_ASKS: u32 = 10;
/// See [`RELAY_ASKS`].
pub const RELAY_ASKS_REFILL: Duration = Duration::from_secs(60);

/// A connection on which no sync stream moved for so long may be let go when it is crowded.
pub const GUEST_IDLE: Duration = Duration::from_secs(10);
/// Guests that are let go in a second, when as many others find no place; of fewer than 48 places fewer
/// ([`LET_GO_SHARE`]).
pub const MAX_LET_GO: usize = 4;
/// At most one of so many places for guests is emptied in a second.
pub const LET_GO_SHARE: usize = 12;
/// Of the places for handshakes that others begin one public network has this part at most (IPv4 /24, IPv6 /48),
pub const HANDSHAKES_NETWORK_SHARE: usize = 8;
/// and the larger one around it this (IPv4 /16, IPv6 /32): who has three of those still leaves places.
pub const HANDSHAKES_RANGE_SHARE: usize = 4;
/// Networks that were full when somebody came, and are remembered for a second.
pub const MAX_CROWDS: usize = 16;
/// Gossip RPCs waiting to be sent to one peer.
pub const GOSSIP_QUEUE: usize = 64;
/// Messages of one gossip RPC that are read.
pub const MAX_GOSSIP_RPC_MESSAGES: usize = 32;
/// Control messages of one gossip RPC that are read, in bytes.
pub const MAX_GOSSIP_CONTROL_BYTES: usize = 8 * KIB;
/// Message ids that are asked of one peer, or told to one, in a heartbeat. Heads are rare.
pub const MAX_GOSSIP_IDS: usize = 64;
/// Announcements of message ids (IHAVE) taken from one peer in a heartbeat.
pub const MAX_GOSSIP_IHAVE: usize = 8;
/// How long the ids of gossip messages are remembered.
pub const GOSSIP_REMEMBERED: Duration = Duration::from_secs(120);

/// Commands waiting for the swarm actor.
pub const COMMAND_QUEUE: usize = 64;
/// Events waiting for the owner of the node.
pub const EVENT_QUEUE: usize = 256;

/// How many connections a node keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NetLimits {
    /// Connections that others opened.
    pub inbound: usize,
    /// Connections that we opened.
    pub outbound: usize,
    /// Connections together.
    pub total: usize,
    /// Connections with one peer: both may dial at the same time, and both may dial back at the same time because the
    /// other asked whether it can be reached. One fewer, and a mirror that is reached would be told that it is not.
    pub per_peer: usize,
    /// Inbound connections from one public network (IPv4 /24, IPv6 /48). Private ranges are
    /// exempt: a hotspot or a building often looks like one address.
    pub per_network: usize,
    /// Inbound connections from one larger public network (IPv4 /16, IPv6 /32): who has a whole one does not hold all places
    /// for guests.
    pub per_range: usize,
    /// Connections through relays, in both directions. They count for no network: it would be the relay's.
    pub relayed: usize,
    /// Inbound connections still in their handshake.
    pub pending_inbound: usize,
    /// Outbound connections still in their handshake.
    pub pending_outbound: usize,
}

/// Fewest connections of a mirror: with fewer it would be of no use, and could be shut out by a few strangers.
pub const LEAST_CONNECTIONS: usize = 8;
/// Most that can be asked for.
pub const MOST_CONNECTIONS: usize = 1024;

impl NetLimits {
    /// A mirror's limits with so many connections in all, between [`LEAST_CONNECTIONS`] and [`MOST_CONNECTIONS`]; the
    /// others stand to them as in [`NetLimits::MIRROR`].
    pub fn of_total(total: usize) -> Self {
        let total = total.clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS);
        Self {
            inbound: total - total / 4,
            outbound: total / 2,
            total,
            per_peer: Self::MIRROR.per_peer,
            per_network: total / 4,
            per_range: total * 3 / 8,
            relayed: total / 4,
            // They cost little, and an eighth of few would be none for who shares an address with many.
            pending_inbound: total.max(Self::MIRROR.pending_inbound),
            pending_outbound: total / 2,
        }
    }

    /// A mirror's limits on a machine with so many bytes of memory: what all connections may hold together stays below
    /// half of it, and there are no more than of [`NetLimits::MIRROR`].
    pub fn for_memory(bytes: u64) -> Self {
        let fit = bytes / 2 / RECEIVE_WINDOW_BYTES as u64;
        Self::of_total(usize::try_from(fit).unwrap_or(usize::MAX).min(Self::MIRROR.total))
    }

    /// As a relay: peers that have a place with us, see [`RELAY_RESERVATIONS_SHARE`].
    pub fn reservations(&self) -> usize {
        (self.inbound / RELAY_RESERVATIONS_SHARE).max(1)
    }

    /// Most memory, in bytes, of data that strangers can make us hold unread.
    pub fn memory(&self) -> usize {
        self.total.saturating_mul(RECEIVE_WINDOW_BYTES)
    }

    /// For a mirror. Inbound stays below the total, so that strangers cannot take every place: there are those kept for
    /// the user's own (SLOT-1), and as many for others that we dial.
    pub const MIRROR: Self = Self {
        inbound: 48,
        outbound: 32,
        total: 64,
        per_peer: 4,
        per_network: 16,
        per_range: 24,
        relayed: 16,
        pending_inbound: 64,
        pending_outbound: 32,
    };

    /// For a share: a room full of guests, and nobody that it would dial.
    pub const SHARE: Self = Self {
        inbound: 48,
        outbound: 0,
        total: 48,
        per_peer: 2,
        per_network: 0,
        per_range: 0,
        relayed: 0,
        pending_inbound: 32,
        pending_outbound: 0,
    };

    /// For a reader: dials only.
    pub const READER: Self = Self {
        inbound: 0,
        outbound: 16,
        total: 16,
        per_peer: 2,
        per_network: 0,
        per_range: 0,
        relayed: 8,
        pending_inbound: 0,
        pending_outbound: 16,
    };
}

/// Bytes that a stream under a rate limit moves in one turn.
pub const PACED_PIECE_BYTES: usize = 16 * 1024;
/// Structure is sent this much beyond the bytes of a day, in hundredths of them; content is not.
pub const STRUCTURE_BEYOND_PERCENT: u64 = 10;
/// Least rate that can be asked for, in bytes a second: below it peers take a node for stalled.
pub const LEAST_RATE: u64 = 16 * 1024;

/// How often it is looked whether the other side of a web connection takes what is sent.
pub const SLOW_WINDOW: std::time::Duration = std::time::Duration::from_secs(30);
/// Bytes that it has to take in that time, if something waits for it.
pub const SLOW_BYTES: u64 = 8 * 1024;
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_machine_has_fewer_connections() {
        let gib = 1 << 30;
        assert_eq!(NetLimits::for_memory(64 * gib), NetLimits::MIRROR);
        assert_eq!(NetLimits::for_memory(2 * gib), NetLimits::MIRROR);
        let small = NetLimits::for_memory(gib / 2);
        assert!(small.memory() as u64 <= gib / 4 && small.total >= 16, "{small:?}");
        assert!(small.inbound < small.total && small.outbound < small.total);
        assert_eq!(NetLimits::for_memory(0).total, LEAST_CONNECTIONS);
        for total in 0..2000 {
            let limits = NetLimits::of_total(total);
            assert!(limits.inbound < limits.total && limits.outbound > 0, "{limits:?}");
            assert!(limits.per_network < limits.per_range && limits.per_range < limits.inbound);
            assert!(limits.per_network > 0 && limits.pending_outbound > 0, "{limits:?}");
        }
    }
}
