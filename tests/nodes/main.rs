//! Real nodes on loopback, in the process of the test: mirrors, readers and hostile ones.
//!
//! One program, since each is linked with everything, and most of it waits: what waits together takes no longer than the
//! slowest.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/nets.rs"]
mod nets;
#[path = "../common/sample.rs"]
mod sample;

mod dispute;
mod hostile;
mod mirrors;
mod on_demand;
mod peers;
mod two_nodes;
mod upkeep;
mod withdraw;
mod withdraw_swarm;
