//! TCP (also to link-local IPv6 addresses) + Noise + yamux, and QUIC.

use super::limits::{
    HANDSHAKE_TIMEOUT, MAX_STREAMS_PER_CONNECTION, QUIC_CONNECTION_BYTES, QUIC_IDLE,
    QUIC_STREAM_BYTES,
};
use super::muxer::BoundedYamux;
use super::room::Room;
use super::zoned::Zoned;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OrTransport};
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, Transport, noise, quic, tcp};

/// The transport of a node that stays on a LAN.
///
/// # Errors
/// When the key cannot be used for Noise.
pub fn within_a_room(key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, String> {
    secured(Room::default(), key)
}

/// Noise and yamux over plain streams.
fn secured<T>(plain: T, key: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>, String>
where
    T: Transport<Output = tcp::tokio::TcpStream> + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send + 'static,
    T::ListenerUpgrade: Send + 'static,
{
    let noise = noise::Config::new(key).map_err(|e| e.to_string())?;
    let upgraded = plain.upgrade(Version::V1Lazy).authenticate(noise).multiplex(BoundedYamux);
    Ok(upgraded.timeout(HANDSHAKE_TIMEOUT).boxed())
}

/// Builds the transports of a node.
///
/// # Errors
/// When the key cannot be used for Noise.
pub fn build(key: &Keypair, with_quic: bool) -> Result<Boxed<(PeerId, StreamMuxerBox)>, String> {
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let tcp = secured(OrTransport::new(Zoned, tcp).map(|either, _| either.into_inner()), key)?;
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
