//! The real program as its users run it, in homes of its own in temporary folders: commands, their texts and files, and what
//! is left when they are killed.
//!
//! One program, since each is linked with everything, and most of it waits: what waits together takes no longer than the
//! slowest. What is missing on a machine is said and passed over, unless a `YADGAR_REQUIRE_…` says that it has to be there.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/fake_clock.rs"]
mod fake_clock;
#[path = "../common/lab.rs"]
mod lab;
#[path = "../common/nginx.rs"]
mod nginx;
#[allow(dead_code)] // The generator has more than this program uses.
#[path = "../../examples/fictional/people/mod.rs"]
mod people;
#[path = "../common/sample.rs"]
mod sample;
#[path = "../../examples/fictional/series.rs"]
mod series;
#[path = "../common/socks.rs"]
mod socks;
#[allow(dead_code)] // The faults use more of it.
#[path = "../faults/strace.rs"]
mod strace;
#[path = "../../examples/fictional/table.rs"]
mod table;
#[path = "../common/vectors.rs"]
mod vectors;

mod at_rest;
mod bad_input;
mod carriers;
mod checkout;
mod clock;
mod courier;
mod crash;
mod doctor;
mod evidence;
mod gate;
mod invite;
mod journey;
mod keys;
mod memorial_journey;
mod open;
mod persian_search;
mod profiles;
mod publish;
mod records;
mod records_import;
mod release;
mod settle;
mod site;
mod static_mirror;
mod static_site;
mod static_site_program;
mod succession;
mod wipe;
mod withdraw_command;
