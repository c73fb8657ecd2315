//! The one way out of a node: straight, or through the user's proxy, never one for the other.
//!
//! Peers (`net`) and web hosts (`web`) are dialled here and nowhere else. With a proxy no name is looked up on
//! this machine and nothing but the proxy is connected to; a proxy that is not there is an error.

mod error;
mod handshake;
pub mod limits;
mod names;
mod proxy;
mod roots;

pub use error::ConnectError;
pub use names::Family;
pub use proxy::{Proxy, ProxyError};
pub use roots::{Roots, RootsError};
pub use tokio_rustls::client::TlsStream;
pub use url::Host;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use limits::{CONNECT, CONNECT_ONE, CONNECT_PROXIED, MAX_NAME_BYTES, STAGGER, TLS_HANDSHAKE};
use names::Names;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig};
use yadgar_protocol::place;
use yadgar_protocol::way::Way;

/// Makes connections. Clones share the bound on names that are looked up.
#[derive(Debug, Clone, Default)]
pub struct Dialler {
    proxy: Option<Proxy>,
    roots: Roots,
    names: Names,
    config: Arc<OnceLock<Result<ClientConfig, rustls::Error>>>,
}

impl Dialler {
    /// Dials through `proxy`, or straight where there is none; `roots` say who is believed about names in TLS.
    pub fn new(proxy: Option<Proxy>, roots: Roots) -> Self {
        Self { proxy, roots, ..Self::default() }
    }

    /// The same way out, where others are believed about names in TLS.
    pub fn with_roots(&self, roots: Roots) -> Self {
        let (proxy, names) = (self.proxy.clone(), self.names.clone());
        Self { proxy, roots, names, config: Arc::default() }
    }

    /// Through which everything goes.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// A connection to a port of a host.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn tcp(&self, host: &Host, port: u16) -> Result<TcpStream, ConnectError> {
        self.tcp_of(host, port, Family::Any).await
    }

    /// The same; of the addresses that a name has here, only those of one family. A proxy chooses by itself.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn tcp_of(
        &self,
        host: &Host,
        port: u16,
        family: Family,
    ) -> Result<TcpStream, ConnectError> {
        self.may(host)?;
        let Some(proxy) = &self.proxy else {
            let straight = self.straight(host, port, family);
            return tokio::time::timeout(CONNECT, straight)
                .await
                .map_err(|_| ConnectError::late())?;
        };
        let late = |_| ConnectError::Proxy("no answer in time".into());
        let through = async {
            let stream = self.straight(proxy.host(), proxy.port(), Family::Any).await;
            let stream = stream.map_err(|e| ConnectError::NoProxy(e.to_string()))?;
            handshake::ask(proxy, stream, host, port).await
        };
        tokio::time::timeout(CONNECT_PROXIED, through).await.map_err(late)?
    }

    /// Speaks TLS on a connection, with the host that proves to be `name`; `alpn` are the protocols that are
    /// offered, which everyone on the way reads, as they read `name`.
    ///
    /// # Errors
    /// [`ConnectError::Tls`], or [`ConnectError::Connect`] when the line is cut meanwhile.
    pub async fn tls<S>(
        &self,
        name: &str,
        alpn: &[&[u8]],
        stream: S,
    ) -> Result<TlsStream<S>, ConnectError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let tls = |e: &dyn std::fmt::Display| ConnectError::Tls(e.to_string());
        let config = self.config.get_or_init(|| self.roots.config());
        let mut config = config.as_ref().map_err(|e| tls(e))?.clone();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| tls(&"the name of the host is none"))?;
        let speaking = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let spoken = tokio::time::timeout(TLS_HANDSHAKE, speaking).await;
        spoken.map_err(|_| ConnectError::late())?.map_err(tls_error)
    }

    /// What is never dialled, or not this way.
    fn may(&self, host: &Host) -> Result<(), ConnectError> {
        if let Host::Domain(name) = host {
            if name.is_empty() || name.len() > MAX_NAME_BYTES {
                return Err(ConnectError::Name("too long, or empty".into()));
            }
            if is_onion(name) && !self.proxy.as_ref().is_some_and(Proxy::is_socks) {
                return Err(ConnectError::Onion);
            }
        }
        // What is near lies on the other side of no proxy: asked for there it would be a neighbour of the proxy, and
        // the proxy would learn how the network here is built.
        if self.proxy.is_some() && is_near(host) {
            return Err(ConnectError::Private);
        }
        Ok(())
    }

    /// Without a proxy.
    async fn straight(
        &self,
        host: &Host,
        port: u16,
        family: Family,
    ) -> Result<TcpStream, ConnectError> {
        let found = match host {
            Host::Ipv4(ip) => vec![SocketAddr::new((*ip).into(), port)],
            Host::Ipv6(ip) => vec![SocketAddr::new((*ip).into(), port)],
            Host::Domain(name) => within(host, self.names.look_up(name, port, family).await?)?,
        };
        first(found).await
    }
}

/// What was found for a name. One that is of this network leads to no other place, whoever answered for it: it counts as
/// near, and what is near is asked more freely (WAY-1).
fn within(host: &Host, mut found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, ConnectError> {
    if is_near(host) {
        let way = |at: &SocketAddr| Way::of_host(&place::Host::Ip(at.ip().to_canonical()));
        found.retain(|at| way(at) == Way::Lan);
        if found.is_empty() {
            return Err(ConnectError::Name(format!("{host}: it leads out of this network")));
        }
    }
    Ok(found)
}

/// The first connection that comes up. The addresses are tried in their order; one that says nothing does not
/// hold up the next for long.
async fn first(addresses: Vec<SocketAddr>) -> Result<TcpStream, ConnectError> {
    let mut waiting = addresses.into_iter();
    let mut under_way = FuturesUnordered::new();
    let mut last = ConnectError::late();
    loop {
        if let Some(at) = waiting.next() {
            under_way.push(one(at));
        }
        if under_way.is_empty() {
            return Err(last);
        }
        let patience = if waiting.len() > 0 { STAGGER } else { CONNECT_ONE * 2 };
        match tokio::time::timeout(patience, under_way.next()).await {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(error))) => last = error,
            Ok(None) | Err(_) => {}
        }
    }
}

async fn one(at: SocketAddr) -> Result<TcpStream, ConnectError> {
    let connecting = tokio::time::timeout(CONNECT_ONE, TcpStream::connect(at));
    let stream = connecting.await.map_err(|_| ConnectError::late())?;
    let stream = stream.map_err(|e| ConnectError::system(&e))?;
    // Small questions are not to wait for more.
    stream.set_nodelay(true).map_err(|e| ConnectError::system(&e))?;
    Ok(stream)
}

/// True for names of onion services, which no name server may be asked for (RFC 7686).
pub fn is_onion(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.len() > 6 && name.as_bytes()[name.len() - 6..].eq_ignore_ascii_case(b".onion")
}

/// True for what is on this machine or in a private network: names of this machine, private, link-local and
/// unspecified addresses.
pub fn is_near(host: &Host) -> bool {
    let ip = match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            return name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local");
        }
        Host::Ipv4(ip) => IpAddr::V4(*ip),
        Host::Ipv6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(*ip), IpAddr::V4),
    };
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
            let here = ip.is_loopback() || ip.is_unspecified() || ip.is_broadcast();
            here || ip.is_private() || ip.is_link_local() || ip.is_multicast() || shared
        }
        IpAddr::V6(ip) => {
            let here = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
            here || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}

fn tls_error(error: std::io::Error) -> ConnectError {
    // Without a reason of TLS it is the line that was cut, perhaps by somebody on the way.
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(reason) => ConnectError::Tls(reason.to_string()),
        None => ConnectError::Connect {
            kind: error.kind(),
            text: format!("cut off during the handshake of TLS: {error}"),
        },
    }
}

#[cfg(test)]
#[path = "dial_tests.rs"]
mod tests;
