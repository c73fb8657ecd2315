//! What is held against a peer, and for how long (spec: score.md).
//!
//! Points are counted for faults, and halve with time; what is decided here, the network applies: gossip ignored, the
//! peer refused, its address refused. No clock: time is an argument, from any start.

mod bans;
mod points;

pub use bans::Bans;
pub use points::{Fault, Scores, Standing, crowded};

#[cfg(test)]
#[path = "score_tests.rs"]
mod score_tests;
