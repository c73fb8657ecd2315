//! Couriers of a home: what is newest and what was withdrawn, as text that travels ahead of the blocks
//! (spec: courier.md).
//!
//! [`write()`] makes one of what is known here, [`take`] judges one as everything from outside is judged: a text
//! proves nothing by itself, the signatures in it do.

mod take;
mod write;

pub use take::{Learnt, Reading, TakeError, Told, look, take};
pub use write::{Back, WriteError, Written, write};

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
