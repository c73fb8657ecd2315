//! What can go wrong, in words for people.

use super::gate::GateError;
use crate::dial::ConnectError;
use libp2p::core::transport::TransportError;
use libp2p::swarm::{self, ConnectionDenied};
use libp2p::{Multiaddr, PeerId};
use std::io;

/// The network could not be started or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// Another program has the port.
    #[error("{0} is in use by another program")]
    AddressInUse(Multiaddr),
    /// An address that is not of a LAN, for a profile that stays there.
    #[error("{0} is not an address of a local network")]
    NotLan(Multiaddr),
    /// A WebSocket without TLS on an address that is not private.
    #[error("{0} would be a WebSocket without TLS in the open")]
    OpenWs(Multiaddr),
    /// An address that others could come in by, past the proxy.
    #[error(
        "with a proxy nothing is listened on but this machine's own addresses, and {0} is none"
    )]
    PastProxy(Multiaddr),
    /// An address cannot be listened on.
    #[error("cannot listen on {addr}: {why}")]
    Listen {
        /// The address.
        addr: Multiaddr,
        /// The reason.
        why: String,
    },
    /// The network stack could not be set up.
    #[error("cannot start the network: {0}")]
    Setup(String),
    /// The node has stopped.
    #[error("the network has stopped")]
    Stopped,
    /// A message that is too long for gossip, or gossip is off.
    #[error("not published: {0}")]
    NotPublished(String),
}

/// An address could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The dialler did not get there, or refused: a name, a proxy, an onion service.
    #[error(transparent)]
    Way(ConnectError),
    /// No transport of ours understands the address.
    #[error("this kind of address is not supported")]
    Unsupported,
    /// The connection was refused: nobody listens there.
    #[error("nobody listens there (connection refused)")]
    Refused,
    /// No answer.
    #[error("no answer in time")]
    Timeout,
    /// No route.
    #[error("the network is not reachable")]
    Unreachable,
    /// Another peer than expected answered.
    #[error("another node answered there: {0}")]
    WrongPeer(PeerId),
    /// The address is our own.
    #[error("this is our own address")]
    Ourselves,
    /// Our own limits or bans forbid it.
    #[error("not dialled: {0}")]
    Denied(String),
    /// Not begun: there is no place for it at the moment.
    #[error("not dialled: there is no place for it now")]
    Busy,
    /// The node has stopped.
    #[error("the network has stopped")]
    Stopped,
    /// Any other failure.
    #[error("{0}")]
    Other(String),
}

impl DialError {
    /// Why a dial did not begin. That our own places are taken says nothing of the address; later, after a handshake, the same
    /// refusal does not mean that.
    pub(super) fn not_begun(error: swarm::DialError) -> Self {
        match &error {
            swarm::DialError::Denied { cause } if is_full(cause) => Self::Busy,
            _ => error.into(),
        }
    }
}

fn is_full(cause: &ConnectionDenied) -> bool {
    matches!(cause.downcast_ref::<GateError>(), Some(GateError::Full(_)))
}

impl From<swarm::DialError> for DialError {
    fn from(error: swarm::DialError) -> Self {
        match error {
            swarm::DialError::LocalPeerId { .. } => Self::Ourselves,
            swarm::DialError::WrongPeerId { obtained, .. } => Self::WrongPeer(obtained),
            swarm::DialError::Denied { cause } => Self::Denied(denied(&cause)),
            swarm::DialError::Transport(errors) => {
                let last = errors.into_iter().next_back();
                last.map_or(Self::Unsupported, |(_, error)| transport(error))
            }
            other => Self::Other(other.to_string()),
        }
    }
}

fn denied(cause: &ConnectionDenied) -> String {
    cause.downcast_ref::<GateError>().map_or_else(|| cause.to_string(), ToString::to_string)
}

fn transport(error: TransportError<io::Error>) -> DialError {
    let error = match error {
        TransportError::MultiaddrNotSupported(_) => return DialError::Unsupported,
        TransportError::Other(error) => error,
    };
    let kind = match connect_error(&error) {
        // As the system said it.
        Some(ConnectError::Connect { kind, .. }) => *kind,
        Some(other) => return DialError::Way(other.clone()),
        None => kind_of(&error),
    };
    match kind {
        io::ErrorKind::ConnectionRefused => DialError::Refused,
        io::ErrorKind::TimedOut => DialError::Timeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            DialError::Unreachable
        }
        _ => DialError::Other(innermost(&error)),
    }
}

/// What the dialler said, however deep it is.
fn connect_error(error: &io::Error) -> Option<&ConnectError> {
    let mut next = error.get_ref().map(|e| e as &(dyn std::error::Error + 'static));
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<ConnectError>() {
            return Some(found);
        }
        // The source of a system error is not what it holds, but the source of that.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = held.map(|e| e as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    None
}

/// The kind of the system error inside an error. libp2p wraps it in several types, some of which
/// hide it from `source`, so the number that every system error prints is looked for as well.
pub fn kind_of(error: &io::Error) -> io::ErrorKind {
    if error.kind() != io::ErrorKind::Other {
        return error.kind();
    }
    let text = innermost(error);
    let number = text.rsplit_once("(os error ").and_then(|(_, end)| end.split(')').next());
    if let Some(number) = number.and_then(|n| n.parse().ok()) {
        return io::Error::from_raw_os_error(number).kind();
    }
    if text.to_lowercase().contains("timeout") {
        return io::ErrorKind::TimedOut;
    }
    io::ErrorKind::Other
}

fn innermost(error: &io::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.get_ref().map(|e| e as &(dyn std::error::Error + 'static));
    while let Some(error) = next {
        text = error.to_string();
        next = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_found_however_deep() {
        let system = || io::Error::from(io::ErrorKind::AddrInUse);
        assert_eq!(kind_of(&system()), io::ErrorKind::AddrInUse);
        let number = io::Error::from_raw_os_error(address_in_use());
        assert_eq!(kind_of(&io::Error::other(number.to_string())), io::ErrorKind::AddrInUse);
        let timeout = io::Error::other("Timeout has been reached");
        assert_eq!(kind_of(&timeout), io::ErrorKind::TimedOut);
        assert_eq!(kind_of(&io::Error::other("x")), io::ErrorKind::Other);
    }

    /// The number of "address in use" on this system, as the system says it.
    fn address_in_use() -> i32 {
        let first = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let again = std::net::TcpListener::bind(first.local_addr().unwrap());
        again.unwrap_err().raw_os_error().unwrap()
    }
}
