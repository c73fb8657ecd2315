//! From a maintainer's folder to a signed release.
//!
//! This module holds signing keys, so it never imports `net` (an architecture test checks that).

pub mod changes;
pub mod draft;
pub mod ingest;
pub mod keys;
pub mod parts;
pub mod pending;
pub mod roots;
pub mod sign;
pub mod walk;
