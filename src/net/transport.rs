//! TCP (also to link-local IPv6 addresses, to names, and through relays) and WebSocket, with Noise and yamux on them, and
//! QUIC; or all of it but QUIC and relays through a proxy.

use super::limits::{
    HANDSHAKE_TIMEOUT, MAX_STREAMS_PER_CONNECTION, PROXIED_HANDSHAKE_TIMEOUT,
    QUIC_CONNECTION_BYTES, QUIC_IDLE, QUIC_STREAM_BYTES,
};
use super::muxer::BoundedYamux;
use super::outward::Outward;
use super::room::Room;
use super::ws::Ws;
use super::zoned::Zoned;
use crate::dial::Dialler;
use futures::io::{AsyncRead, AsyncWrite};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OptionalTransport, OrTransport};
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, Transport, noise, quic, relay, tcp};
use std::time::Duration;

/// The transport of a node that stays on a LAN.
///
/// # Errors
/// When the key cannot be used for Noise.
pub fn within_a_room(key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, String> {
    secured(Room::default(), key, HANDSHAKE_TIMEOUT)
}

/// Noise and yamux over plain streams.
fn secured<T>(
    plain: T,
    key: &Keypair,
    patience: Duration,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, String>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send + 'static,
    T::ListenerUpgrade: Send + 'static,
{
    let noise = noise::Config::new(key).map_err(|e| e.to_string())?;
    let upgraded = plain.upgrade(Version::V1Lazy).authenticate(noise).multiplex(BoundedYamux);
    Ok(upgraded.timeout(patience).boxed())
}

/// Builds the transports of a node; `circuits` are those through relays, for nodes that may. Where the dialler has a
/// proxy there is no other transport beside it.
///
/// # Errors
/// When the key cannot be used for Noise.
pub fn build(
    key: &Keypair,
    with_quic: bool,
    dialler: &Dialler,
    circuits: Option<relay::client::Transport>,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, String> {
    let ws = Ws::new(dialler.clone());
    let outward = Outward::new(dialler.clone());
    if dialler.proxy().is_some() {
        let ws = secured(ws, key, PROXIED_HANDSHAKE_TIMEOUT)?;
        let outward = secured(outward, key, PROXIED_HANDSHAKE_TIMEOUT)?;
        return Ok(OrTransport::new(ws, outward).map(|either, _| either.into_inner()).boxed());
    }
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let addresses = OrTransport::new(Zoned, tcp).map(|either, _| either.into_inner());
    let all = OrTransport::new(addresses, outward).map(|either, _| either.into_inner());
    let circuits = circuits.map_or_else(OptionalTransport::none, OptionalTransport::some);
    let all = OrTransport::new(circuits, all);
    let (ws, tcp) = (secured(ws, key, HANDSHAKE_TIMEOUT)?, secured(all, key, HANDSHAKE_TIMEOUT)?);
    let tcp = OrTransport::new(ws, tcp).map(|either, _| either.into_inner()).boxed();
    if !with_quic {
        return Ok(tcp);
    }
    let quic = quic::tokio::Transport::new(quic_config(key))
        .map(|(peer, muxer), _| (peer, StreamMuxerBox::new(muxer)));
    Ok(OrTransport::new(tcp, quic).map(|either, _| either.into_inner()).boxed())
}

fn quic_config(key: &Keypair) -> quic::Config {
    let mut config = quic::Config::new(key);
    config.handshake_timeout = HANDSHAKE_TIMEOUT;
    config.max_idle_timeout = QUIC_IDLE.as_millis() as u32;
    config.keep_alive_interval = QUIC_IDLE / 3;
    config.max_concurrent_stream_limit = MAX_STREAMS_PER_CONNECTION as u32;
    config.max_stream_data = QUIC_STREAM_BYTES;
    config.max_connection_data = QUIC_CONNECTION_BYTES;
    config
}
