//! Who may sign, and which head is taken (spec: trust.md).
//!
//! `root` holds the trust root, `accepted` what is checked of a head by itself, `fork` the fork proof,
//! `judge` the acceptance rules as one pure function.

mod accepted;
mod fork;
mod judge;
mod root;

pub use accepted::{Accepted, check_head};
pub use fork::{Agreed, Branch, CheckedFork, Fork};
pub use judge::{Trusted, Verdict, judge};
pub use root::{Base, Role, TrustRoot, check_chain};
