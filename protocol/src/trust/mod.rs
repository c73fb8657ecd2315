//! Who may sign, and which head is taken (spec: trust.md).
//!
//! `root` holds the trust root, `accepted` what is checked of a head by itself, `fork` the fork proof,
//! `state` what is trusted so far, `judge` the acceptance rules as one pure function, with `follow`
//! for going back along a chain and `part` for what happens where two chains part.

mod accepted;
mod follow;
mod fork;
mod judge;
mod part;
mod root;
mod state;

pub use accepted::{Accepted, check_head};
pub use fork::{Agreed, Branch, CheckedFork, Fork};
pub use judge::{Aside, Judged, Verdict, judge, judge_fork};
pub use root::{Base, Role, TrustRoot, check_chain};
pub use state::{STATE_BYTES, Seen, State, head_of_state, state_of_head};
