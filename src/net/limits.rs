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
//! being read is about a third of it. A small machine sets lower [`NetLimits`].

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

/// How long a peer that broke the rules is refused (SYNC-6).
pub const BAN_TIME: Duration = Duration::from_secs(30 * 60);
/// How long an address is refused from which several peers broke the rules. Short: many people may
/// share it.
pub const ADDRESS_BAN_TIME: Duration = Duration::from_secs(2 * 60);
/// Peers that break the rules from one public address within [`BAN_TIME`] before it is refused.
pub const ADDRESS_OFFENDERS: usize = 3;
/// Bans remembered; the oldest is forgotten first.
pub const MAX_BANS: usize = 1024;

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
/// Gossip topics of one peer that are remembered.
pub const MAX_GOSSIP_TOPICS: usize = 64;
/// Gossip messages taken from one peer at once.
pub const GOSSIP_BURST: u32 = 16;
/// After a burst, one more gossip message of a peer is taken in this time.
pub const GOSSIP_REFILL: Duration = Duration::from_secs(2);

/// Commands waiting for the swarm actor.
pub const COMMAND_QUEUE: usize = 64;
/// Events waiting for the owner of the node.
pub const EVENT_QUEUE: usize = 256;

/// How many connections a node keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetLimits {
    /// Connections that others opened.
    pub inbound: usize,
    /// Connections that we opened.
    pub outbound: usize,
    /// Connections together.
    pub total: usize,
    /// Connections with one peer: both may dial at the same time.
    pub per_peer: usize,
    /// Inbound connections from one public network (IPv4 /24, IPv6 /48). Private ranges are
    /// exempt: a hotspot or a building often looks like one address.
    pub per_network: usize,
    /// Inbound connections still in their handshake.
    pub pending_inbound: usize,
    /// Outbound connections still in their handshake.
    pub pending_outbound: usize,
}

impl NetLimits {
    /// For a mirror. Inbound stays below the total, so that strangers cannot take every place.
    pub const MIRROR: Self = Self {
        inbound: 56,
        outbound: 32,
        total: 64,
        per_peer: 2,
        per_network: 16,
        pending_inbound: 64,
        pending_outbound: 16,
    };

    /// For a share: a room full of guests, and nobody that it would dial.
    pub const SHARE: Self = Self {
        inbound: 48,
        outbound: 0,
        total: 48,
        per_peer: 2,
        per_network: 0,
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
        pending_inbound: 0,
        pending_outbound: 16,
    };
}

/// Bytes that a stream under a rate limit moves in one turn.
pub const PACED_PIECE_BYTES: usize = 16 * 1024;
/// Least rate that can be asked for, in bytes a second: below it peers take a node for stalled.
pub const LEAST_RATE: u64 = 16 * 1024;
