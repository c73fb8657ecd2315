//! How much of its bounds a node uses.

use super::limits::{MAX_STREAMS_PER_CONNECTION, NetLimits};
use serde::Serialize;

/// Connections now, and the most of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct NetLoad {
    /// Connections that others opened.
    pub inbound: usize,
    /// Connections that we opened.
    pub outbound: usize,
    /// Those of both that lead through relays.
    pub relayed: usize,
    /// Inbound connections in their handshake.
    pub pending_inbound: usize,
    /// Outbound connections in their handshake.
    pub pending_outbound: usize,
    /// The bounds.
    pub most: NetLimits,
    /// Most streams of one connection.
    pub streams_most: usize,
    /// Most memory, in bytes, of data that strangers can make us hold unread.
    pub memory_most: usize,
}

impl NetLoad {
    /// Nothing yet, within these bounds.
    pub fn within(most: NetLimits) -> Self {
        let (streams_most, memory_most) = (MAX_STREAMS_PER_CONNECTION, most.memory());
        Self { most, streams_most, memory_most, ..Self::default() }
    }
}
