//! What goes wrong on the way out.

use std::io;

/// Why there is no connection. Nothing else was tried instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The name of the host is none, or nobody knows it.
    #[error("the name of the host is not known: {0}")]
    Name(String),
    /// The host does not take the connection.
    #[error("no connection: {text}")]
    Connect {
        /// What the system calls it.
        kind: io::ErrorKind,
        /// In words.
        text: String,
    },
    /// The proxy itself is not there. Nothing was tried without it.
    #[error("the proxy is not there: {0}")]
    NoProxy(String),
    /// The proxy is there and does not connect. Nothing was tried without it.
    #[error("the proxy does not connect: {0}")]
    Proxy(String),
    /// The other side does not prove to be the host.
    #[error("TLS: {0}")]
    Tls(String),
    /// An address of this machine or a private network, which a proxy far away must not be asked for.
    #[error("a private address is not asked for through a proxy")]
    Private,
    /// Not TCP (QUIC, for example), or with more around it.
    #[error("addresses of this kind are not dialled through a proxy")]
    NoTcp,
    /// An onion service without a SOCKS5 proxy: no name server may learn of it.
    #[error("an onion service is reached only through a SOCKS5 proxy of Tor")]
    Onion,
}

impl ConnectError {
    /// The refusal of a system, in its words.
    pub(super) fn system(error: &io::Error) -> Self {
        Self::Connect { kind: error.kind(), text: error.to_string() }
    }

    /// Nothing came in time.
    pub(super) fn late() -> Self {
        Self::Connect { kind: io::ErrorKind::TimedOut, text: "no answer in time".into() }
    }
}
