//! The reference for a fetch without a rate limit: one stream of libp2p over TCP, Noise and yamux between two processes,
//! with the settings of a node, and nothing else.

use crate::Res;
use futures::{AsyncReadExt as _, AsyncWriteExt as _, StreamExt as _};
use libp2p::core::Transport as _;
use libp2p::core::muxing::{StreamMuxerBox, StreamMuxerExt as _};
use libp2p::core::transport::{Boxed, DialOpts, ListenerId, PortUse, TransportEvent};
use libp2p::core::{Endpoint, upgrade::Version};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId, noise, tcp};
use std::future::poll_fn;
use std::io::Write as _;
use std::time::{Duration, Instant};
use yadgar::net::muxer::BoundedYamux;

/// Bytes given to the stream at once.
const PIECE: usize = 64 << 10;

/// How long the end of the connection is waited for.
const LEAVE: Duration = Duration::from_secs(5);

fn transport() -> Res<Boxed<(PeerId, StreamMuxerBox)>> {
    let key = Keypair::generate_ed25519();
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let noise = noise::Config::new(&key)?;
    Ok(tcp.upgrade(Version::V1Lazy).authenticate(noise).multiplex(BoundedYamux).boxed())
}

/// Listens, says where, and gives the first comer `bytes` bytes on the stream that it opens.
///
/// # Errors
/// When the connection breaks.
pub fn serve(at: &str, bytes: u64) -> Res<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut transport = transport()?;
        transport.listen_on(ListenerId::next(), at.parse::<Multiaddr>()?)?;
        let upgrade = loop {
            match transport.select_next_some().await {
                TransportEvent::NewAddress { listen_addr, .. } => {
                    println!("{listen_addr}");
                    std::io::stdout().flush()?;
                }
                TransportEvent::Incoming { upgrade, .. } => break upgrade,
                TransportEvent::ListenerError { error, .. } => return Err(error.into()),
                _ => {}
            }
        };
        let (_, mut muxer) = upgrade.await?;
        let mut stream = poll_fn(|cx| muxer.poll_inbound_unpin(cx)).await?;
        let driver = drive(muxer);
        let mut asked = [0; 1];
        stream.read_exact(&mut asked).await?;
        let piece = vec![0x5a; PIECE];
        let mut left = bytes as usize;
        while left > 0 {
            let now = left.min(PIECE);
            stream.write_all(&piece[..now]).await?;
            left -= now;
        }
        stream.flush().await?;
        // The other side says when it has everything, and leaves when it has heard that this was heard.
        stream.read_exact(&mut asked).await?;
        stream.close().await?;
        let _ = tokio::time::timeout(LEAVE, driver).await;
        Ok(())
    })
}

/// Takes `bytes` bytes from a [`serve`] and prints the seconds from the first question on.
///
/// # Errors
/// When the connection breaks or there are fewer bytes.
pub fn fetch(from: &str, bytes: u64) -> Res<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut transport = transport()?;
        let options = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
        let dial = transport.dial(from.parse()?, options)?;
        let (_, mut muxer) = dial.await?;
        let mut stream = poll_fn(|cx| muxer.poll_outbound_unpin(cx)).await?;
        let driver = drive(muxer);
        let start = Instant::now();
        stream.write_all(b"1").await?;
        stream.flush().await?;
        let mut piece = vec![0; PIECE];
        let mut left = bytes as usize;
        while left > 0 {
            let now = left.min(PIECE);
            match stream.read(&mut piece[..now]).await? {
                0 => return Err(format!("{left} bytes are missing").into()),
                read => left -= read,
            }
        }
        println!("{}", start.elapsed().as_secs_f64());
        stream.write_all(b"2").await?;
        stream.flush().await?;
        let _ = tokio::time::timeout(LEAVE, stream.read(&mut piece)).await;
        driver.abort();
        Ok(())
    })
}

/// A connection moves only while it is asked to, as the swarm of a node does it in a task of its own.
fn drive(mut muxer: StreamMuxerBox) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let _ = poll_fn(|cx| muxer.poll_unpin(cx)).await;
    })
}
