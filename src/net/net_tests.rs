//! Real nodes on the loopback.
use super::*;
use crate::dial::ConnectError;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use std::time::Duration;

fn listen(quic: bool) -> Vec<Multiaddr> {
    let addr = if quic { "/ip4/127.0.0.1/udp/0/quic-v1" } else { "/ip4/127.0.0.1/tcp/0" };
    vec![addr.parse().unwrap()]
}

fn mirror(quic: bool) -> NetConfig {
    NetConfig { mdns: false, ..NetConfig::mirror(listen(quic)) }
}

async fn next(events: &mut mpsc::Receiver<NetEvent>) -> NetEvent {
    tokio::time::timeout(Duration::from_secs(60), events.recv()).await.unwrap().unwrap()
}

async fn next_stream(events: &mut mpsc::Receiver<NetEvent>) -> NetEvent {
    loop {
        let event = next(events).await;
        if matches!(event, NetEvent::SyncStream { .. }) {
            return event;
        }
    }
}

async fn connected(events: &mut mpsc::Receiver<NetEvent>) -> PeerId {
    loop {
        if let NetEvent::Connected { peer, .. } = next(events).await {
            return peer;
        }
    }
}

async fn streams(quic: bool) {
    let (a, mut a_events) = start(mirror(quic)).await.unwrap();
    let (b, _b_events) = start(NetConfig::reader()).await.unwrap();
    let addr = a.listeners().await.remove(0);
    assert_eq!(b.dial(addr.clone()).await.unwrap(), a.local_peer());
    assert_eq!(b.dial(addr).await.unwrap(), a.local_peer());
    assert_eq!(connected(&mut a_events).await, b.local_peer());
    let mut out = b.open_sync(a.local_peer()).await.unwrap();
    out.write_all(b"hello").await.unwrap();
    out.close().await.unwrap();
    let NetEvent::SyncStream { peer, mut stream } = next(&mut a_events).await else {
        panic!("no stream");
    };
    assert_eq!(peer, b.local_peer());
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    assert_eq!(text, b"hello");
    // A reader serves nobody.
    assert_eq!(a.open_sync(b.local_peer()).await.unwrap_err(), OpenError::Unsupported);
    assert!(b.listeners().await.is_empty());
    b.shutdown().await;
    loop {
        if let NetEvent::Disconnected { peer: gone } = next(&mut a_events).await {
            assert_eq!(gone, peer);
            break;
        }
    }
    assert_eq!(a.open_sync(peer).await.unwrap_err(), OpenError::NotConnected);
    assert_eq!(b.dial(a.listeners().await.remove(0)).await, Err(DialError::Stopped));
}

#[tokio::test]
async fn streams_over_tcp() {
    streams(false).await;
}

#[tokio::test]
async fn streams_over_quic() {
    streams(true).await;
}

/// Bytes of what others ask are theirs to decide: they end no fetch. They are taken slowly.
#[tokio::test]
async fn what_others_ask_is_not_what_we_fetched() {
    const ASKED: usize = 64 * 1024;
    const ANSWERED: usize = 5_000;
    let most = volume::PerDay { up: None, down: Some(ANSWERED as u64) };
    let counted = Arc::new(Volume::new(most, volume::Moved::default()));
    let config = NetConfig { volume: counted.clone(), ..mirror(false) };
    let (metered, mut metered_events) = start(config).await.unwrap();
    let (other, mut other_events) = start(mirror(false)).await.unwrap();
    other.dial(metered.listeners().await.remove(0)).await.unwrap();
    connected(&mut metered_events).await;
    let begin = std::time::Instant::now();
    let mut asking = other.open_sync(metered.local_peer()).await.unwrap();
    let sending = tokio::spawn(async move {
        asking.write_all(&[7; ASKED]).await.unwrap();
        asking.close().await.unwrap();
    });
    let NetEvent::SyncStream { mut stream, .. } = next_stream(&mut metered_events).await else {
        panic!("no stream");
    };
    let mut asked = Vec::new();
    stream.read_to_end(&mut asked).await.unwrap();
    sending.await.unwrap();
    assert_eq!(asked.len(), ASKED);
    assert_eq!(counted.moved().down, 0);
    assert!(begin.elapsed() >= Duration::from_secs(1), "a second's bytes at most at once");
    // What we asked for counts.
    let mut fetching = metered.open_sync(other.local_peer()).await.unwrap();
    fetching.close().await.unwrap();
    let NetEvent::SyncStream { mut stream, .. } = next_stream(&mut other_events).await else {
        panic!("no stream");
    };
    stream.write_all(&[7; ANSWERED]).await.unwrap();
    stream.close().await.unwrap();
    fetching.read_to_end(&mut asked).await.unwrap();
    assert_eq!(counted.moved().down, ANSWERED as u64);
    assert!(counted.is_received());
}

#[tokio::test]
async fn dials_fail_with_reasons() {
    let (a, _events) = start(mirror(false)).await.unwrap();
    let (b, _b_events) = start(NetConfig::reader()).await.unwrap();
    let addr = a.listeners().await.remove(0);
    let free = {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.local_addr().unwrap().port()
    };
    let nobody: Multiaddr = format!("/ip4/127.0.0.1/tcp/{free}").parse().unwrap();
    assert_eq!(b.dial(nobody).await, Err(DialError::Refused));
    assert_eq!(b.dial("/memory/7".parse().unwrap()).await, Err(DialError::Unsupported));
    let mut bare = addr.clone();
    bare.pop();
    let other = bare.clone().with_p2p(PeerId::random()).unwrap();
    assert_eq!(b.dial(other).await, Err(DialError::WrongPeer(a.local_peer())));
    assert_eq!(a.dial(addr).await, Err(DialError::Ourselves));
    assert_eq!(b.dial(bare).await, Ok(a.local_peer()));
}

#[tokio::test]
async fn a_port_in_use_is_said() {
    let (a, _events) = start(mirror(false)).await.unwrap();
    let mut taken = a.listeners().await.remove(0);
    taken.pop();
    let again = NetConfig { listen: vec![taken.clone()], ..mirror(false) };
    match start(again).await {
        Err(NetError::AddressInUse(addr)) => assert_eq!(addr, taken),
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[tokio::test]
async fn limits_and_bans() {
    let limits = NetLimits { inbound: 3, ..NetLimits::MIRROR };
    let (a, mut events) = start(NetConfig { limits, ..mirror(false) }).await.unwrap();
    let addr = a.listeners().await.remove(0);
    let mut peers = Vec::new();
    for _ in 0..3 {
        let (peer, peer_events) = start(NetConfig::reader()).await.unwrap();
        peer.dial(addr.clone()).await.unwrap();
        connected(&mut events).await;
        peers.push((peer, peer_events));
    }
    // The fourth: the handshake may still succeed on its side, but it is never let in.
    let (fourth, mut fourth_events) = start(NetConfig::reader()).await.unwrap();
    if fourth.dial(addr.clone()).await.is_ok() {
        while !matches!(next(&mut fourth_events).await, NetEvent::Disconnected { .. }) {}
    }
    assert_eq!(a.connected().await.len(), 3);
    let banned = peers[0].0.local_peer();
    a.ban(banned).await;
    while !matches!(next(&mut events).await, NetEvent::Disconnected { peer } if peer == banned) {}
    // There is room again, but not for the banned one.
    if peers[0].0.dial(addr.clone()).await.is_ok() {
        while !matches!(next(&mut peers[0].1).await, NetEvent::Disconnected { .. }) {}
    }
    fourth.dial(addr).await.unwrap();
    assert_eq!(connected(&mut events).await, fourth.local_peer());
    assert!(a.connected().await.iter().all(|info| info.peer != banned));
}

#[tokio::test]
async fn streams_of_a_connection_are_bounded() {
    let (a, _a_events) = start(mirror(false)).await.unwrap();
    let (b, _b_events) = start(NetConfig::reader()).await.unwrap();
    b.dial(a.listeners().await.remove(0)).await.unwrap();
    let mut open = Vec::new();
    for _ in 0..limits::MAX_SYNC_STREAMS_OUT {
        open.push(b.open_sync(a.local_peer()).await.unwrap());
    }
    assert_eq!(b.open_sync(a.local_peer()).await.unwrap_err(), OpenError::TooMany);
    open.pop();
    assert!(b.open_sync(a.local_peer()).await.is_ok());
}

#[tokio::test]
async fn gossip_waits_for_the_verdict() {
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let (node, events) = start(mirror(false)).await.unwrap();
        node.subscribe("topic".into()).await;
        nodes.push((node, events));
    }
    let middle = nodes[1].0.listeners().await.remove(0);
    nodes[0].0.dial(middle.clone()).await.unwrap();
    nodes[2].0.dial(middle).await.unwrap();
    // Subscriptions travel in their own time: publish until somebody is there.
    while nodes[0].0.publish("topic".into(), b"bad".to_vec()).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while nodes[1].0.publish("topic".into(), b"from the middle".to_vec()).await.unwrap() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (id, source, data) = gossip(&mut nodes[1].1).await;
    assert_eq!((source, data.as_slice()), (nodes[0].0.local_peer(), &b"bad"[..]));
    nodes[1].0.report(id, source, MessageAcceptance::Ignore).await;
    nodes[0].0.publish("topic".into(), b"good".to_vec()).await.unwrap();
    let (id, source, data) = gossip(&mut nodes[1].1).await;
    assert_eq!(data, b"good");
    assert_eq!(id, MessageId::new(blake3::hash(b"good").as_bytes()));
    nodes[1].0.report(id, source, MessageAcceptance::Accept).await;
    let mut seen = Vec::new();
    while !seen.contains(&b"good".to_vec()) {
        seen.push(gossip(&mut nodes[2].1).await.2);
    }
    assert!(!seen.contains(&b"bad".to_vec()));
}

async fn gossip(events: &mut mpsc::Receiver<NetEvent>) -> (MessageId, PeerId, Vec<u8>) {
    loop {
        if let NetEvent::Gossip { id, source, data, .. } = next(events).await {
            return (id, source, data);
        }
    }
}

#[tokio::test]
async fn a_share_listens_on_the_lan_only() {
    for bad in
        ["/ip4/0.0.0.0/tcp/0", "/ip4/127.0.0.1/tcp/0", "/ip6/::/tcp/0", "/ip4/203.0.113.1/tcp/0"]
    {
        let refused = start(NetConfig::share(vec![bad.parse().unwrap()])).await.err().unwrap();
        assert!(matches!(refused, NetError::NotLan(_)), "{bad}: {refused}");
    }
}

/// What identify tells somebody whom a reader dialled, or who dialled a mirror: a name that all programs have, no
/// address on which anybody could be found, and of a reader nothing that it could be asked.
#[tokio::test]
async fn identify_tells_nothing_of_its_own() {
    use futures::StreamExt as _;
    use libp2p::{identify, swarm::SwarmEvent};
    let key = libp2p::identity::Keypair::generate_ed25519();
    let config = identify::Config::new("/other/1".into(), key.public());
    let mut other = libp2p::Swarm::new(
        transport::build(&key, false, &Default::default(), None).unwrap(),
        identify::Behaviour::new(config),
        key.public().to_peer_id(),
        libp2p::swarm::Config::with_tokio_executor(),
    );
    other.listen_on(listen(false).remove(0)).unwrap();
    let (reader, _reader_events) = start(NetConfig::reader()).await.unwrap();
    let (host, _host_events) = start(mirror(false)).await.unwrap();
    let (fronted, _fronted_events) =
        start(NetConfig { fronted: true, ..mirror(false) }).await.unwrap();
    let mut seen = std::collections::BTreeMap::new();
    while seen.len() < 3 {
        let event = tokio::time::timeout(Duration::from_secs(60), other.select_next_some());
        match event.await.unwrap() {
            SwarmEvent::NewListenAddr { address, .. } => {
                other.dial(host.listeners().await.remove(0)).unwrap();
                other.dial(fronted.listeners().await.remove(0)).unwrap();
                let reader = reader.clone();
                tokio::spawn(async move { reader.dial(address).await });
            }
            SwarmEvent::Behaviour(identify::Event::Received { peer_id, info, .. }) => {
                seen.insert(peer_id, info);
            }
            _ => {}
        }
    }
    for info in seen.values() {
        assert_eq!((&*info.agent_version, &*info.protocol_version), ("libp2p", "ipfs/0.1.0"));
        assert_eq!((&info.listen_addrs, &info.signed_peer_record), (&Vec::new(), &None));
    }
    let names = |peer: PeerId| {
        let mut names: Vec<_> = seen[&peer].protocols.iter().map(ToString::to_string).collect();
        names.sort();
        names
    };
    let usual = ["/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0"];
    assert_eq!(names(reader.local_peer()), usual);
    assert!(names(host.local_peer()).contains(&"/yadgar/sync/1".to_owned()));
    // Behind a website: nothing of being reached, and no addresses of others.
    let telling = ["autonat", "relay", "dcutr", "/yadgar/peers"];
    let telling = |name: &String| telling.iter().any(|of| name.contains(of));
    assert!(names(host.local_peer()).iter().any(telling));
    assert_eq!(names(fronted.local_peer()).into_iter().find(telling), None);
}

/// Bytes that are sent under a rate of as many a second and half of them more.
const PACED: usize = 300_000;

/// A mirror sends what it may, and shares it among those who wait.
#[tokio::test]
async fn a_rate_holds_for_all_streams_together() {
    let rates = Rates { up: Some(PACED as u64 * 2 / 3), ..Rates::default() };
    let (a, mut events) = start(NetConfig { rates, ..mirror(false) }).await.unwrap();
    let addr = a.listeners().await.remove(0);
    let mut readers = Vec::new();
    for _ in 0..2 {
        let (b, _events) = start(NetConfig::reader()).await.unwrap();
        b.dial(addr.clone()).await.unwrap();
        let mut asked = b.open_sync(a.local_peer()).await.unwrap();
        asked.write_all(b"?").await.unwrap();
        let mut answer = loop {
            if let NetEvent::SyncStream { stream, .. } = next(&mut events).await {
                break stream;
            }
        };
        let began = std::time::Instant::now();
        tokio::spawn(async move {
            answer.write_all(&vec![7; PACED / 2]).await.unwrap();
            answer.close().await.unwrap();
        });
        readers.push(tokio::spawn(async move {
            let mut all = Vec::new();
            asked.read_to_end(&mut all).await.unwrap();
            b.shutdown().await;
            (all.len(), began.elapsed())
        }));
    }
    let mut longest = Duration::ZERO;
    for reader in readers {
        let (bytes, took) = reader.await.unwrap();
        assert_eq!(bytes, PACED / 2);
        longest = longest.max(took);
    }
    // 1.5 s, less what may be ahead and what the last piece is paid for.
    assert!(longest >= Duration::from_millis(1200), "{longest:?}");
}

fn through(proxy: std::net::SocketAddr) -> Dialler {
    let proxy = crate::dial::Proxy::parse(&format!("socks5h://{proxy}")).unwrap();
    Dialler::new(Some(proxy), Default::default())
}

#[tokio::test]
async fn behind_a_proxy_nothing_is_listened_on_but_loopback() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let behind = |addr: &str| NetConfig {
        dialler: through(free),
        ..NetConfig::mirror(vec![addr.parse().unwrap()])
    };
    for bad in [
        "/ip4/0.0.0.0/tcp/0",
        "/ip6/::/tcp/0",
        "/ip4/192.168.1.1/tcp/0",
        "/ip4/127.0.0.1/udp/0/quic-v1",
    ] {
        let refused = start(behind(bad)).await.err().unwrap();
        assert!(matches!(refused, NetError::PastProxy(_)), "{bad}: {refused}");
    }
    let (hidden, _events) = start(behind("/ip4/127.0.0.1/tcp/0")).await.unwrap();
    // Whom Tor brings is let in.
    let (reader, _reader_events) = start(NetConfig::reader()).await.unwrap();
    let addr = hidden.listeners().await.remove(0);
    assert_eq!(reader.dial(addr).await.unwrap(), hidden.local_peer());
}

/// There is somebody at the address, so that a dial past the proxy would come up.
#[tokio::test]
async fn a_proxy_that_is_not_there_is_never_gone_past() {
    let (host, mut host_events) = start(mirror(false)).await.unwrap();
    let (quic, _quic_events) = start(mirror(true)).await.unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = NetConfig { dialler: through(free), ..NetConfig::reader() };
    let (reader, _events) = start(config).await.unwrap();
    let near = reader.dial(host.listeners().await.remove(0)).await.unwrap_err();
    assert_eq!(near, DialError::Way(ConnectError::Private));
    let datagrams = reader.dial(quic.listeners().await.remove(0)).await.unwrap_err();
    assert_eq!(datagrams, DialError::Way(ConnectError::NoTcp));
    for far in ["/ip4/203.0.113.7/tcp/4774", "/dns4/a.example/tcp/4774", "/ip6/2001:db8::1/tcp/1"] {
        let error = reader.dial(far.parse().unwrap()).await.unwrap_err();
        assert!(matches!(error, DialError::Way(ConnectError::NoProxy(_))), "{far}: {error:?}");
    }
    // Nobody came to where somebody listens.
    while let Ok(event) = host_events.try_recv() {
        assert!(matches!(event, NetEvent::Listening(_)), "{event:?}");
    }
}

#[tokio::test]
async fn names_are_dialled_and_what_goes_wrong_with_them_is_told_apart() {
    let (host, _host_events) = start(mirror(false)).await.unwrap();
    let (reader, _events) = start(NetConfig::reader()).await.unwrap();
    let text = host.listeners().await.remove(0).to_string();
    let by_name = text.replace("/ip4/127.0.0.1/", "/dns4/localhost/");
    assert_eq!(reader.dial(by_name.parse().unwrap()).await.unwrap(), host.local_peer());
    let unknown = "/dns4/no-such-name.invalid/tcp/1".parse().unwrap();
    let error = reader.dial(unknown).await.unwrap_err();
    assert!(matches!(error, DialError::Way(ConnectError::Name(_))), "{error:?}");
    let onion = "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:4774";
    let error = reader.dial(onion.parse().unwrap()).await.unwrap_err();
    assert_eq!(error, DialError::Way(ConnectError::Onion));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = reader.dial(format!("/dns4/localhost/tcp/{free}").parse().unwrap()).await;
    assert_eq!(refused.unwrap_err(), DialError::Refused);
}
