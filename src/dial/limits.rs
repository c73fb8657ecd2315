//! Every bound of dialling, in one place.

use std::time::Duration;

/// The longest wait for a connection, with the name that is looked up.
pub const CONNECT: Duration = Duration::from_secs(30);
/// The longest wait for a connection through a proxy. Tor looks for an onion service for a while before it gives up.
pub const CONNECT_PROXIED: Duration = Duration::from_secs(90);
/// The longest wait for the handshake of TLS.
pub const TLS_HANDSHAKE: Duration = Duration::from_secs(30);
/// The longest wait for one of several addresses of a name.
pub const CONNECT_ONE: Duration = Duration::from_secs(15);
/// The next address of a name is tried, too, when the one before said nothing for so long.
pub const STAGGER: Duration = Duration::from_secs(1);
/// Addresses of a name that are tried; what a resolver says beyond is left out.
pub const MAX_RESOLVED: usize = 8;
/// Names that one dialler looks up at the same time. A resolver of the system that hangs holds a thread.
pub const MAX_LOOKUPS: usize = 4;
/// Bytes of a name of a host (RFC 1035).
pub const MAX_NAME_BYTES: usize = 253;
/// Bytes of a file with additional authorities.
pub const MAX_CA_BYTES: u64 = 1024 * 1024;
