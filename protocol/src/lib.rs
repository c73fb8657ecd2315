//! Formats, trust rules and state machines of yadgar.
//!
//! This crate decides; it never acts. It has no files, sockets, clock, environment, threads or
//! randomness of its own: what it needs of them are arguments. The normative text is in `spec/`;
//! clause numbers in comments and errors (`ENC-4`, `TRUST-12`) are those of the spec.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod beacon;
pub mod blocks;
pub mod bulletin;
pub mod carrier;
pub mod cbor;
pub mod chunk;
pub mod courier;
pub mod dht;
pub mod envelope;
pub mod gateway;
pub mod have;
pub mod head;
pub mod ids;
pub mod invite;
pub mod ledger;
pub mod limits;
pub mod mirrors;
pub mod notice;
pub mod pack;
pub mod path;
pub mod peers;
pub mod persian;
pub mod place;
pub mod proof;
pub mod record;
pub mod reject;
pub mod release;
pub mod score;
pub mod series;
pub mod sync;
pub mod tree;
pub mod trust;
pub mod way;
pub mod withdraw;
pub mod words;

pub use ids::{ArchiveId, BlockId, Codec, Hash};
pub use path::Path;
pub use reject::Reject;
