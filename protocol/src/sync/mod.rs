//! Sync between two nodes, and what to ask of whom (spec: sync.md).
//!
//! State machines only: bytes, answers and the ids of sources are arguments, frames and wants are
//! results. No clock and no socket, so that thousands of nodes can be simulated with a seed.

pub mod bundle;
pub mod frame;
pub mod gossip;
mod plan;
pub mod planner;
pub mod requester;
pub mod responder;
pub mod turns;

pub use bundle::Bundle;
pub use frame::{Frame, FrameReader, PROTOCOL, gossip_topic};
pub use gossip::Gossip;
pub use planner::{Budget, Came, PlanError, Planner, Progress, SourceId, Status, Want};
pub use requester::{Answer, Received, Requester};
pub use responder::{Ask, OWED_BYTES, Responder};
pub use turns::Turns;

/// Unanswered get-heads and get-bulletins on one stream, counted together (SYNC-3). Each is 32 bytes
/// that a responder must remember; a node that follows more archives asks in turn.
pub const MAX_OUTSTANDING_HEADS: usize = 64;
