//! The DHT between real networks on the loopback.
use std::time::Duration;
use tokio::sync::mpsc;
use yadgar::net::{Multiaddr, NetConfig, NetEvent, NetHandle, PeerId, PeerInfo, addr, start};
use yadgar_protocol::dht::{Act, DhtKey};
use yadgar_protocol::peers::Learnt;
use yadgar_protocol::{ArchiveId, Hash};

/// This only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Peers, and the addresses under which they were named.
type Nodes = Vec<(PeerId, Vec<Multiaddr>)>;

/// A node, and what was found by it.
struct One {
    net: NetHandle,
    found: mpsc::Receiver<(DhtKey, Nodes)>,
}

impl One {
    async fn start(config: NetConfig) -> Self {
        let (net, mut events) = start(config).await.unwrap();
        let (tell, found) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let NetEvent::Found { key, nodes } = event {
                    let _ = tell.send((key, nodes)).await;
                }
            }
        });
        Self { net, found }
    }

    async fn mirror() -> Self {
        Self::start(mirror()).await
    }

    async fn address(&self) -> Multiaddr {
        self.net.listeners().await.remove(0)
    }

    async fn dial(&self, other: &Self) {
        self.net.dial(other.address().await).await.unwrap();
    }

    async fn knows(&self, others: usize) {
        wait("others in the table", || async { self.net.dht().others >= others }).await;
    }

    /// Searches until somebody is found.
    async fn finds(&mut self, key: DhtKey) -> Vec<(PeerId, Vec<Multiaddr>)> {
        for _ in 0..20 {
            self.net.seek(Act::Look(key)).await;
            let next = tokio::time::timeout(Duration::from_secs(5), self.found.recv());
            if let Ok(Some((of, nodes))) = next.await
                && of == key
                && !nodes.is_empty()
            {
                return nodes;
            }
        }
        panic!("nothing was found");
    }
}

fn mirror() -> NetConfig {
    let listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
    NetConfig { mdns: false, quic: false, loopback_dht: true, ..NetConfig::mirror(listen) }
}

async fn wait<T: Future<Output = bool>>(what: &str, is: impl Fn() -> T) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while !is().await {
        assert!(tokio::time::Instant::now() < until, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn key(n: u8) -> DhtKey {
    DhtKey::of(&ArchiveId(Hash([n; 32])))
}

/// `a` and `c` know nobody but `hub`, which has nothing to do with the archive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dht_7_and_8_who_tells_is_found_through_a_stranger() {
    let (a, hub, mut c) = (One::mirror().await, One::mirror().await, One::mirror().await);
    a.dial(&hub).await;
    c.dial(&hub).await;
    a.knows(1).await;
    c.knows(1).await;
    wait("the record arrives", || async {
        a.net.seek(Act::Tell(key(1))).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        hub.net.dht().records > 0
    })
    .await;
    let nodes = c.finds(key(1)).await;
    let address = a.address().await;
    let of_a = nodes.iter().find(|(peer, _)| *peer == a.net.local_peer()).unwrap();
    let plain = |addr: &Multiaddr| addr::to_tcp(addr);
    assert!(of_a.1.iter().any(|addr| plain(addr) == plain(&address)), "{of_a:?}, {address}");
    assert_eq!(c.net.dial_as(address, Learnt::Found).await, Ok(a.net.local_peer()));
}

/// Only who answers at an address that we dialled comes into the table; who dials us does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dht_6_who_dials_is_not_in_the_table_until_it_is_reached() {
    let (a, b) = (One::mirror().await, One::mirror().await);
    a.dial(&b).await;
    a.knows(1).await;
    let connected = || async { !b.net.connected().await.is_empty() };
    wait("connected", connected).await;
    assert_eq!(b.net.dht().others, 0);
    b.net.check(a.address().await).await.unwrap();
    b.knows(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dht_1_who_cannot_be_reached_answers_nobody() {
    let (a, b) = (One::mirror().await, One::mirror().await);
    b.net.set_reachable(Some(false)).await;
    a.dial(&b).await;
    // A third shows that time passed in which `b` could have come into the table.
    let c = One::mirror().await;
    a.dial(&c).await;
    a.knows(1).await;
    assert_eq!(a.net.dht().others, 1, "c, and not b");
    b.net.set_reachable(None).await;
    a.knows(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dht_1_readers_and_shares_take_no_part() {
    let a = One::mirror().await;
    let reader = One::start(NetConfig { dht: true, ..NetConfig::reader() }).await;
    reader.dial(&a).await;
    reader.net.seek(Act::Look(key(1))).await;
    reader.net.seek(Act::Tell(key(1))).await;
    let b = One::mirror().await;
    b.dial(&a).await;
    b.knows(1).await;
    assert_eq!((reader.net.dht().others, a.net.dht().records), (0, 0));
    let there: Vec<PeerInfo> = a.net.connected().await;
    assert_eq!(there.len(), 2, "and nobody minds");
}

/// A connection that only a search made ends by itself; one that turned out to be of use stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_of_searches_end_unless_they_are_kept() {
    let (a, b, hub, c) =
        (One::mirror().await, One::mirror().await, One::mirror().await, One::mirror().await);
    for (one, n) in [(&a, 1), (&b, 2)] {
        hub.dial(one).await;
        hub.knows(n).await;
    }
    c.dial(&hub).await;
    let met = || async { c.net.connected().await.len() == 3 };
    let looking = async {
        loop {
            c.net.seek(Act::Look(key(7))).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::select! {
        () = wait("a search meets both", met) => {}
        () = looking => {}
    }
    c.net.keep(a.net.local_peer());
    let left = || async { c.net.connected().await.len() == 2 };
    wait("one goes", left).await;
    let peers: Vec<_> = c.net.connected().await.into_iter().map(|info| info.peer).collect();
    assert!(peers.contains(&a.net.local_peer()) && peers.contains(&hub.net.local_peer()));
}
