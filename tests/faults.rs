//! Faults of the machine: kills, refusals of the disk and the network at any call, power cuts that take what was not
//! synced, bit rot, too few handles, too little memory. docs/durability.md says what is shown here and how a failure
//! is replayed.

#[path = "common/mod.rs"]
mod common;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/limits.rs"]
mod limits;
#[path = "common/nets.rs"]
mod nets;
#[path = "faults/oplog.rs"]
mod oplog;
#[path = "faults/power.rs"]
mod power;
#[path = "faults/program.rs"]
mod program;
#[path = "faults/programs.rs"]
mod programs;
#[path = "common/sample.rs"]
mod sample;
#[path = "faults/store_crash.rs"]
mod store_crash;
#[path = "faults/strace.rs"]
mod strace;
#[path = "faults/sweep.rs"]
mod sweep;
#[path = "faults/vault_crash.rs"]
mod vault_crash;
#[path = "faults/victims.rs"]
mod victims;
