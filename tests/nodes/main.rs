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

use std::sync::Arc;
use std::time::Duration;
use yadgar::net::NetConfig;
use yadgar::node::mirror::{HOSTS_EVERY, MirrorConfig};
use yadgar::store::{ArchiveStates, BlockStore};

/// A mirror that keeps no addresses, announces nothing on the LAN, and asks for heads when a connection comes up and then not
/// before the test is over.
fn quiet(store: Arc<dyn BlockStore>, states: Arc<ArchiveStates>, net: NetConfig) -> MirrorConfig {
    MirrorConfig {
        store,
        states,
        net,
        timing: nets::TIMING,
        heads_every: Duration::from_secs(36_000),
        hosts_every: HOSTS_EVERY,
        beacon: false,
        peers: None,
    }
}
