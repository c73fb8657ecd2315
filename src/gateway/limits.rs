//! Every bound of the gateway, in one place.
//!
//! What strangers can make us hold: each connection has buffers of [`MAX_HEAD_BYTES`] and two blocks of 256 KiB, with
//! [`MAX_CONNECTIONS`] some 50 MiB; each of [`MAX_CARS`] beside it the names of the blocks that it has sent, some 12 MiB.

use std::time::Duration;

/// Connections.
pub const MAX_CONNECTIONS: usize = 96;
/// Connections from one public network (IPv4 /24, IPv6 /48).
pub const MAX_PER_NETWORK: usize = 16;
/// CARs of more than one block that are being sent.
pub const MAX_CARS: usize = 4;
/// Links of a CAR that are still to be followed.
pub const MAX_WAITING: usize = 262_144;
/// Blocks read from the disk at the same time.
pub const READERS: usize = 4;
/// Bytes of the head of a request.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Header lines of a request.
pub const MAX_HEADERS: usize = 64;
/// The longest wait for the head of a request, also between two.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// After an error of the system, no connection is taken for this long.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Pieces of an answer that wait to be sent.
pub const PIECES: usize = 1;
/// How long whoever asks may keep an answer, in seconds. The IPFS texts have about a year; what is withdrawn is to leave
/// caches sooner (GW-8).
pub const MAX_AGE: u64 = 86_400;
