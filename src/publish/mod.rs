//! From a maintainer's folder to a signed release.
//!
//! `keys` and `backup` hold signing keys, so nothing here imports `net`, and only the commands that run
//! apart use them (architecture tests check that).

pub mod apart;
pub mod backup;
pub mod changes;
pub mod draft;
pub mod ingest;
pub mod keys;
pub mod known;
pub mod notes;
pub mod parts;
pub mod pending;
pub mod reading;
pub mod roots;
pub mod sign;
pub mod signed;
pub mod stamp;
pub mod succession;
pub mod walk;
