//! Faults of the machine: kills, refusals of the disk and the network at any call, power cuts that take what was not
//! synced, bit rot, too few handles, too little memory. docs/durability.md says what is shown here and how a failure
//! is replayed.

#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/oplog.rs"]
mod oplog;
#[path = "faults/power.rs"]
mod power;
#[path = "common/sample.rs"]
mod sample;
#[path = "faults/strace.rs"]
mod strace;
#[path = "faults/sweep.rs"]
mod sweep;
#[path = "faults/victims.rs"]
mod victims;
