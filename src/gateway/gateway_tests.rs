use super::*;
use crate::carrier::lab::{Lab, noise};
use crate::net::Rates;
use crate::net::volume::{Moved, PerDay};
use crate::store::MemoryStore;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use yadgar_protocol::carrier::{CarReader, Event};
use yadgar_protocol::gateway::links;
use yadgar_protocol::{ArchiveId, BlockId};

const PATIENCE: Duration = Duration::from_secs(60);

struct Told(ArchiveId, Vec<u8>);

impl Tell for Told {
    fn head(&self, archive: &ArchiveId) -> Option<Vec<u8>> {
        (*archive == self.0).then(|| self.1.clone())
    }

    fn bulletin(&self, _: &ArchiveId) -> Option<Vec<u8>> {
        None
    }
}

struct Scene {
    lab: Lab,
    store: Arc<MemoryStore>,
    gateway: Gateway,
}

async fn scene(up: Option<u64>) -> Scene {
    scene_of(up, Arc::default()).await
}

async fn scene_of(up: Option<u64>, volume: Arc<Volume>) -> Scene {
    let mut lab = Lab::new(3);
    let page = |n: u64| (format!("p{n}.html"), noise(900, n));
    let pages: Vec<_> = (0..60).map(page).collect();
    let pages: Vec<(&str, Vec<u8>)> = pages.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
    lab.publish(&[("core", &pages), ("media", &[("film.bin", noise(300_000, 99))])]);
    let store = Arc::new(MemoryStore::new());
    let mut copy = |id: &BlockId| {
        store.put(vec![lab.store.get_packed(id).unwrap().unwrap()]).unwrap();
        std::ops::ControlFlow::Continue(())
    };
    lab.store.all_ids(&mut copy).unwrap();
    let tell = Arc::new(Told(lab.archive, lab.head().bytes.clone()));
    let up = Rates { up, ..Rates::default() }.shared().up;
    let listen = "127.0.0.1:0".parse().unwrap();
    let config = GatewayConfig {
        listen,
        store: store.clone(),
        tell,
        up,
        volume,
        bounds: limits::Bounds::MOST,
    };
    Scene { lab, store, gateway: Gateway::start(config).await.unwrap() }
}

/// Status, headers in lower case, body; chunks are put together.
#[derive(Debug, PartialEq)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
    /// The body ended as it should.
    whole: bool,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &&str| line.split_once(": ").is_some_and(|(n, _)| n == name);
        self.head.lines().find(line)?.split_once(": ").map(|(_, value)| value)
    }
}

fn chunks(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    loop {
        let Some(end) = bytes.windows(2).position(|w| w == b"\r\n") else { return (out, false) };
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        bytes = &bytes[end + 2..];
        if size == 0 {
            return (out, true);
        }
        if bytes.len() < size + 2 {
            return (out, false);
        }
        out.extend_from_slice(&bytes[..size]);
        bytes = &bytes[size + 2..];
    }
}

impl Scene {
    async fn send(&self, request: &str) -> Reply {
        let mut stream = TcpStream::connect(self.gateway.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let lower = |line: &str| {
            line.split_once(": ").map_or(line.into(), |(n, v)| format!("{}: {v}", n.to_lowercase()))
        };
        let head: String = head.lines().map(|line| lower(line) + "\n").collect();
        let body = &bytes[end + 4..];
        let chunked = head.contains("transfer-encoding: chunked");
        let (body, whole) = if chunked { chunks(body) } else { (body.to_vec(), true) };
        Reply { status, head, body, whole }
    }

    async fn ask(&self, method: &str, path: &str, headers: &[&str]) -> Reply {
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let close = "Host: localhost\r\nConnection: close\r\n";
        self.send(&format!("{method} {path} HTTP/1.1\r\n{close}{headers}\r\n")).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, &[]).await
    }

    /// A block of a file.
    fn content(&self) -> BlockId {
        let mut found = None;
        let mut look = |id: &BlockId| {
            found = (id.codec == yadgar_protocol::Codec::Raw).then_some(*id).or(found);
            std::ops::ControlFlow::Continue(())
        };
        self.store.all_ids(&mut look).unwrap();
        found.unwrap()
    }

    fn release(&self) -> BlockId {
        self.lab.head().head.link
    }
}

/// The blocks of a CAR, each checked by the reader, in their order.
fn blocks_of(car: &[u8]) -> Vec<BlockId> {
    let (mut reader, mut out) = (CarReader::new(), Vec::new());
    reader.feed(car);
    while let Some(event) = reader.next(true) {
        match event {
            Event::Block { id, .. } => out.push(id),
            Event::Header { root } => assert!(root.is_some()),
            other => panic!("{other:?}"),
        }
    }
    out
}

#[tokio::test]
async fn gw_2_and_8_a_block_and_what_is_said_of_it() {
    let scene = scene(None).await;
    let id = scene.content();
    let bytes = scene.store.get(&id).unwrap().unwrap();
    let path = format!("/ipfs/{id}?format=raw");
    let reply = scene.get(&path).await;
    assert_eq!((reply.status, &reply.body), (200, &bytes));
    let file = format!("attachment; filename=\"{id}.bin\"");
    let (etag, roots, length) = (format!("\"{id}.raw\""), id.to_string(), bytes.len().to_string());
    let asked = format!("/ipfs/{id}");
    for (name, value) in [
        ("content-type", "application/vnd.ipld.raw"),
        ("content-disposition", &file),
        ("content-length", &length),
        ("cache-control", "public, max-age=86400, immutable"),
        ("etag", &etag),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-ipfs-path", &asked),
        ("x-ipfs-roots", &roots),
        ("vary", "Accept"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
    assert_eq!(reply.header("server"), None);
    let head = scene.ask("HEAD", &path, &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(&*length));
    let by_header = scene.ask("GET", &asked, &["Accept: application/vnd.ipld.raw"]).await;
    assert_eq!(by_header.body, bytes);
    let again = scene.ask("GET", &path, &[&format!("If-None-Match: W/{etag}, \"x\"")]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(scene.gateway.load()().blocks, 2, "what was not sent is not counted");
    scene.gateway.stop().await;
}

#[tokio::test]
async fn gw_9_what_is_not_to_be_had_is_answered_alike() {
    let scene = scene(None).await;
    let id = scene.content();
    scene.store.erase(&[id]).unwrap();
    let gone = scene.get(&format!("/ipfs/{id}?format=raw")).await;
    let never = BlockId::raw(b"never here");
    let other = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n";
    let archive = ArchiveId(yadgar_protocol::Hash([9; 32]));
    let date = |reply: Reply| {
        let head = reply.head.lines().filter(|line| !line.starts_with("date")).collect::<Vec<_>>();
        (reply.status, head.join("\n"), reply.body)
    };
    let gone = date(gone);
    assert_eq!(gone.0, 404);
    for path in [
        format!("/ipfs/{never}?format=raw"),
        format!("/ipfs/{never}?format=car"),
        format!("/ipfs/{other}?format=raw"),
        format!("/yadgar/1/{archive}/head"),
        "/".into(),
        "/ipns/x?format=raw".into(),
    ] {
        assert_eq!(date(scene.get(&path).await), gone, "{path}");
    }
    let ready = "Cache-Control: only-if-cached";
    let path = format!("/ipfs/{never}?format=raw");
    assert_eq!(scene.ask("GET", &path, &[ready]).await.status, 412);
    assert_eq!(scene.get("/ipfs/x?format=raw").await.status, 400);
    assert_eq!(scene.get(&format!("/ipfs/{never}")).await.status, 400);
    assert_eq!(
        scene.ask("GET", &format!("/ipfs/{never}"), &["Accept: text/html"]).await.status,
        406
    );
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let reply = scene.ask(method, &path, &[]).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")));
    }
    scene.gateway.stop().await;
}

#[tokio::test]
async fn gw_5_a_car_has_all_that_hangs_on_a_block_depth_first_and_once() {
    let scene = scene(None).await;
    let root = scene.release();
    let reply = scene.get(&format!("/ipfs/{root}?format=car")).await;
    assert_eq!((reply.status, reply.whole), (200, true));
    let kind = "application/vnd.ipld.car; version=1; order=dfs; dups=n";
    assert_eq!(reply.header("content-type"), Some(kind));
    let etag = format!("W/\"all.{root}.car\"");
    assert_eq!(reply.header("etag"), Some(&*etag));
    let blocks = blocks_of(&reply.body);
    let mut expected = Vec::new();
    let mut seen = BTreeSet::new();
    fn walk(
        store: &MemoryStore,
        id: BlockId,
        seen: &mut BTreeSet<BlockId>,
        out: &mut Vec<BlockId>,
    ) {
        if seen.insert(id) {
            out.push(id);
            let bytes = store.get(&id).unwrap().unwrap();
            for link in links(&id, &bytes).unwrap() {
                walk(store, link, seen, out);
            }
        }
    }
    walk(&scene.store, root, &mut seen, &mut expected);
    assert_eq!(blocks, expected);
    // All of the store but the head itself, if that is there.
    assert!(blocks.len() as u64 >= scene.store.stats().unwrap().blocks - 1, "{}", blocks.len());
    assert!(blocks.len() > 60);

    let one = scene.get(&format!("/ipfs/{root}?format=car&dag-scope=block")).await;
    assert_eq!(blocks_of(&one.body), [root]);
    // What was withdrawn is left out, and the rest is there.
    let gone = scene.content();
    scene.store.erase(&[gone]).unwrap();
    let rest = scene.get(&format!("/ipfs/{root}?format=car&dag-scope=all")).await;
    let rest = blocks_of(&rest.body);
    assert_eq!(rest.len(), blocks.len() - 1);
    assert!(!rest.contains(&gone));
    scene.gateway.stop().await;
}

#[tokio::test]
async fn gw_6_and_7_the_probe_and_what_is_told_of_an_archive() {
    let scene = scene(None).await;
    let raw = scene.get("/ipfs/bafkqaaa?format=raw").await;
    assert_eq!((raw.status, raw.body.len()), (200, 0));
    let car = scene.get("/ipfs/bafkqaaa?format=car").await;
    assert_eq!((car.status, car.body.len()), (200, 26));
    let path = format!("/yadgar/1/{}/head", scene.lab.archive);
    let head = scene.get(&path).await;
    assert_eq!((head.status, &head.body), (200, &scene.lab.head().bytes));
    assert_eq!(head.header("cache-control"), Some("no-cache"));
    let etag = head.header("etag").unwrap().to_owned();
    let again = scene.ask("GET", &path, &[&format!("If-None-Match: {etag}")]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let none = scene.get(&format!("/yadgar/1/{}/bulletin", scene.lab.archive)).await;
    assert_eq!(none.status, 404);
    scene.gateway.stop().await;
}

#[tokio::test]
async fn what_is_sent_at_a_rate_is_the_same_and_too_many_cars_wait() {
    let scene = scene(Some(4_000_000)).await;
    let root = scene.release();
    let path = format!("/ipfs/{root}?format=car");
    let slow = scene.get(&path).await;
    assert!(slow.whole && blocks_of(&slow.body).len() > 60);
    let film = scene.content();
    let bytes = scene.store.get(&film).unwrap().unwrap();
    assert_eq!(scene.get(&format!("/ipfs/{film}?format=raw")).await.body, bytes);

    let cars = scene.gateway.shared.cars.clone();
    let taken: Vec<_> = (0..9).filter_map(|_| cars.enter(None)).collect();
    assert_eq!(taken.len(), limits::MAX_CARS);
    for method in ["GET", "HEAD"] {
        let full = scene.ask(method, &path, &[]).await;
        assert_eq!((full.status, full.header("retry-after")), (503, Some("30")));
    }
    assert_eq!(scene.get(&format!("{path}&dag-scope=block")).await.status, 200);
    drop(taken);
    assert_eq!(scene.get(&path).await.status, 200);
    scene.gateway.stop().await;
}

#[tokio::test]
async fn garbage_and_long_heads_end_the_connection() {
    let scene = scene(None).await;
    for bad in ["\x13/multistream/1.0.0\n".to_owned(), "GET / HTTP/9\r\n\r\n".to_owned()] {
        let mut stream = TcpStream::connect(scene.gateway.address()).await.unwrap();
        stream.write_all(format!("{bad}\r\n\r\n").as_bytes()).await.unwrap();
        let mut out = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut out)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&out).to_lowercase();
        assert!(!text.contains("yadgar") && !text.contains("multistream"), "{text}");
    }
    let long = format!("X: {}", "x".repeat(limits::MAX_HEAD_BYTES));
    let status = scene.ask("GET", "/ipfs/bafkqaaa?format=raw", &[&long]).await.status;
    assert_eq!(status, 431);
    assert_eq!(scene.get("/ipfs/bafkqaaa?format=raw").await.status, 200);
    scene.gateway.stop().await;
}

#[path = "bounds_tests.rs"]
mod bounds_tests;
