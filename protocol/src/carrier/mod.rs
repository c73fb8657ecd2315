//! A carrier: one file that holds a head and any set of blocks (spec: carrier.md).
//!
//! Bytes in, bytes out, no files: [`header`] and [`section`] write, [`CarReader`] reads a stream
//! and goes on after damage.

mod frame;
mod reader;

pub use frame::{HEADER_BYTES, header, section, section_len};
pub use reader::{CarReader, Event};
