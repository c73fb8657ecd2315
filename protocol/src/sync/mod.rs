//! Sync between two nodes, and what to ask of whom (spec: sync.md).
//!
//! State machines only: bytes, answers and the ids of sources are arguments, frames and wants are
//! results. No clock and no socket, so that thousands of nodes can be simulated with a seed.

pub mod frame;
mod plan;
pub mod planner;
pub mod requester;
pub mod responder;

pub use frame::{Frame, FrameReader, PROTOCOL, gossip_topic};
pub use planner::{Budget, PlanError, Planner, Progress, SourceId, Status, Want};
pub use requester::{Answer, Received, Requester};
pub use responder::{Ask, Responder};

/// Unanswered get-heads on one stream. Each is 32 bytes that a responder must remember; a node
/// that follows more archives asks for their heads in turn.
pub const MAX_OUTSTANDING_HEADS: usize = 64;
