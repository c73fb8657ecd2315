//! Who may sign, and which head is taken (spec: trust.md).
//!
//! `root` holds the trust root, `judge` the acceptance rules as one pure function.

mod judge;
mod root;

pub use judge::{Accepted, Trusted, Verdict, check_head, judge};
pub use root::{Base, Role, TrustRoot, check_chain};
