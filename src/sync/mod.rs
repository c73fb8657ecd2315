//! Heads and blocks between nodes: IO around the machines of the protocol crate.
//!
//! [`serve`] answers, [`session`] asks on one stream, [`fetch`] gets a whole release from many
//! sources. Nothing here knows what an archive is trusted for; that is the node's.

mod batch;
mod engine;
pub mod fetch;
mod flusher;
mod giver;
mod hurry;
mod io;
mod memory;
mod news;
mod places;
pub mod serve;
pub mod session;
mod source;
mod sources;
mod turns;
mod window;

pub use fetch::{
    FetchError, FetchJob, FetchProgress, FetchSummary, SourceCount, WireCount, fetch_release,
};
pub use giver::{Asked, Giver, Host, Line, in_any_order};
pub use hurry::Hurry;
pub use serve::{ServeError, ServeLimits, ServeLoad, Server, Tell};
pub use session::{End, Session, Shown, ask_blocks, ask_shown};
pub use source::{Reconnect, Wants};

use std::time::Duration;

/// A side that owes an answer and makes no progress for this long is left (SYNC-7).
pub const STALL: Duration = Duration::from_secs(30);

/// Times of the sync engine. The defaults are the protocol's; tests take shorter ones.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// See [`STALL`].
    pub stall: Duration,
    /// First pause before a lost stream is opened again; doubles up to 32 times this.
    pub reopen: Duration,
    /// A source that lacked something is asked again, since it may be filling up: at first after a
    /// sixteenth of this, then each time after twice as long, up to this.
    pub ask_again: Duration,
    /// A source that delivers nothing for this long while another has nothing to do loses its
    /// wants to that one.
    pub slow: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            stall: STALL,
            reopen: Duration::from_millis(500),
            ask_again: Duration::from_secs(20),
            slow: Duration::from_secs(5),
        }
    }
}
