//! Every bound of a share, in one place.
//!
//! What guests can make us hold: each connection has buffers of at most [`MAX_HEAD_BYTES`] and one piece of a
//! download, at most [`PIECE_BYTES`] and a block (256 KiB), of which one more may be on its way to the system:
//! with [`MAX_DOWNLOADS`] some 40 MiB. Pages are a few hundred kB each while they are sent.

use std::time::Duration;

/// How long a share lasts when nothing else is said.
pub const DEFAULT_MINUTES: u64 = 10;
/// The longest share. What has to last longer is a mirror's work.
pub const MAX_MINUTES: u64 = 120;

/// Connections that are served at once.
pub const MAX_CONNECTIONS: usize = 256;
/// Connections beyond these that are told to come again; still more are closed.
pub const MAX_REFUSALS: usize = 32;
/// Connections of one address while there is much room. A browser opens six.
pub const MAX_PER_ADDRESS: usize = 24;
/// The same once half of all places are taken.
pub const MAX_PER_ADDRESS_FULL: usize = 8;
/// Files that are sent at once. The other places are left to pages.
pub const MAX_DOWNLOADS: usize = 64;
/// Files that one address takes at once: a phone may fetch a file in several pieces.
pub const MAX_DOWNLOADS_PER_ADDRESS: usize = 4;
/// Addresses that are remembered, to count guests.
pub const MAX_KNOWN: usize = 1024;
/// Reads from the disk at the same time for downloads.
pub const READERS: usize = 4;

/// Time for the head of a request to arrive, also on a connection that is kept open.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for somebody who is refused to take the answer.
pub const REFUSAL_TIME: Duration = Duration::from_secs(5);
/// Largest head of a request, in bytes.
pub const MAX_HEAD_BYTES: usize = 16_384;
/// Most headers of a request.
pub const MAX_HEADERS: usize = 64;
/// Bytes of a file that are read at once, if a block is not longer.
pub const PIECE_BYTES: usize = 64 * 1024;
/// When somebody who was refused should come again, in seconds.
pub const RETRY_SECONDS: u64 = 15;

/// Bytes of a megabyte, as files of volumes are named in.
pub const MEGA: u64 = 1_000_000;
/// Sizes into which an archive can be split, in bytes, largest first: what FAT32 takes, a CD, an e-mail, a messenger.
pub const SPLITS: [u64; 4] = [4294 * MEGA, 650 * MEGA, 100 * MEGA, 20 * MEGA];
/// Most files into which it is split: more nobody taps on.
pub const MAX_FILES: u64 = 200;

/// Programs of an archive that are offered.
pub const MAX_PROGRAMS: usize = 24;

/// How often the addresses of this machine are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How often the time is looked at.
pub const TICK: Duration = Duration::from_secs(1);
/// Who asked for something within this time is a guest now.
pub const PRESENT: Duration = Duration::from_secs(60);
/// Pause after the system refused to hand over a connection (no file descriptors left).
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Ports that are tried until one is free on every address.
pub const PORT_TRIES: usize = 16;
