//! What a search tries, and what it is to bring.

use super::fetcher::FetchOnceError;
use crate::net::Multiaddr;
use crate::web::HostSource;
use std::sync::Arc;
use yadgar_protocol::trust::Accepted;

/// What was tried.
pub enum Place {
    /// An address of a peer.
    Address(Multiaddr),
    /// A static mirror.
    Host(Arc<HostSource>),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Host(host) => host.url().fmt(f),
        }
    }
}

/// The parts of a release that are wanted, in its order.
///
/// # Errors
/// [`FetchOnceError::NoSuchPart`].
pub fn wanted(head: &Accepted, names: Option<&[String]>) -> Result<Vec<String>, FetchOnceError> {
    let all: Vec<String> = head.release.parts.iter().map(|p| p.name.clone()).collect();
    let Some(names) = names else { return Ok(all) };
    match names.iter().find(|name| !all.contains(name)) {
        Some(name) => Err(FetchOnceError::NoSuchPart(name.clone())),
        None => Ok(all.into_iter().filter(|name| names.contains(name)).collect()),
    }
}
