//! The tree of a part: an ordered map from path to entry, the same for the same files on every
//! machine (spec: tree.md).
//!
//! `entry` is one file, `node` what a block of the tree holds and how it is checked on arrival,
//! `build` makes a tree, `read` looks things up, `diff` compares two trees without reading
//! what they share, `proof` shows that a path is or is not in a signed tree.

mod build;
mod diff;
mod entry;
mod node;
mod proof;
mod read;

pub use build::{BuiltTree, build};
pub use diff::{Change, diff};
pub use entry::{Content, Entry};
pub use node::{Child, Expect, Node, decode_node};
pub use proof::{prove, verify_proof};
pub use read::{for_each, get};

#[cfg(test)]
mod lab;
#[cfg(test)]
mod node_tests;
#[cfg(test)]
mod tree_tests;
