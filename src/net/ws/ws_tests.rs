//! The front as a prober meets it, and nodes that talk through it.
use crate::net::{self, DialError, Multiaddr, NetConfig, NetError, NetEvent, NetHandle};
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

const SECRET: &str = "/x-parity-ws/%2Fmfrggzdfmztwq2lknnwg23tp";
/// Only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

fn config(listen: &str) -> NetConfig {
    NetConfig { mdns: false, ..NetConfig::mirror(vec![listen.parse().unwrap()]) }
}

async fn node() -> (NetHandle, mpsc::Receiver<NetEvent>, Multiaddr) {
    let listen = format!("/ip4/127.0.0.1/tcp/0{SECRET}");
    let (node, events) = net::start(config(&listen)).await.unwrap();
    let addr = node.listeners().await.remove(0);
    (node, events, addr)
}

fn port(addr: &Multiaddr) -> u16 {
    net::addr::tcp_port(addr).unwrap()
}

#[tokio::test]
async fn bytes_go_both_ways() {
    let (node, mut events, addr) = node().await;
    let (reader, _events) = net::start(NetConfig::reader()).await.unwrap();
    assert_eq!(reader.dial(addr).await, Ok(node.local_peer()));
    let mut out = reader.open_sync(node.local_peer()).await.unwrap();
    let sent: Vec<u8> = (0..3_000_000u32).map(|n| (n ^ (n >> 8)) as u8).collect();
    let echo = async {
        let mut stream = loop {
            match events.recv().await.unwrap() {
                NetEvent::SyncStream { stream, .. } => break stream,
                _ => continue,
            }
        };
        let mut piece = vec![0; 100_000];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            stream.write_all(&piece[..read]).await.unwrap();
            stream.flush().await.unwrap();
        }
    };
    let ask = async {
        let (mut read, mut write) = (&mut out).split();
        let mut back = vec![0; sent.len()];
        let writing = async {
            write.write_all(&sent).await.unwrap();
            write.flush().await.unwrap();
        };
        let (_, read) = tokio::join!(writing, read.read_exact(&mut back));
        read.unwrap();
        assert!(back == sent, "other bytes came back");
        write.close().await.unwrap();
    };
    tokio::time::timeout(PATIENCE, async { tokio::join!(echo, ask) }).await.unwrap();
}

#[tokio::test]
async fn without_the_path_there_is_no_node() {
    let (node, _events, addr) = node().await;
    let (reader, _reader_events) = net::start(NetConfig::reader()).await.unwrap();
    let port = port(&addr);
    for other in [
        "ws",
        "x-parity-ws/%2Fmfrggzdfmztwq2lknnwg23tq",
        "x-parity-ws/%2Fmfrggzdfmztwq2lknnwg23tp%2F",
    ] {
        let other = format!("/ip4/127.0.0.1/tcp/{port}/{other}").parse().unwrap();
        let Err(DialError::Other(why)) = reader.dial(other).await else { panic!("reached") };
        assert!(why.contains("404"), "{why}");
    }
    // Where there is no web server at all, and where raw libp2p is spoken to the front.
    let raw = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    assert!(reader.dial(raw).await.is_err());
    drop(node);
}

/// Sends bytes, gives what comes until the end. Without `end` our side stays open.
async fn say(port: u16, bytes: &[u8], end: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    if end {
        stream.shutdown().await.unwrap();
    }
    let mut out = Vec::new();
    // What a reset brings is an end, too.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut out)).await.expect("it hangs");
    out
}

/// An answer without its date.
fn undated(answer: &[u8]) -> String {
    let text = String::from_utf8(answer.to_vec()).unwrap();
    let keep = |line: &&str| !line.to_ascii_lowercase().starts_with("date:");
    text.split("\r\n").filter(keep).collect::<Vec<_>>().join("\r\n")
}

#[tokio::test]
async fn a_prober_meets_a_small_web_server() {
    let (_node, _events, addr) = node().await;
    let port = port(&addr);
    let secret = "/mfrggzdfmztwq2lknnwg23tp";
    let ask = |line: &str, more: &str| format!("{line} HTTP/1.1\r\nHost: a.example\r\n{more}\r\n");
    let good = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let missing = undated(&say(port, ask("GET /", "").as_bytes(), false).await);
    assert!(missing.starts_with("HTTP/1.1 404 Not Found\r\n"), "{missing}");
    assert!(missing.ends_with("</html>\r\n"), "{missing}");
    let upgrade = |path: &str, more: &str| ask(&format!("GET {path}"), more);
    for request in [
        ask(&format!("GET {secret}"), ""),
        upgrade("/", good),
        upgrade("/other", good),
        upgrade(&format!("{secret}/"), good),
        upgrade(&format!("{secret}?"), good),
        upgrade(&format!("{secret}?a=b"), good),
        upgrade(&format!("http://a.example{secret}"), good),
        upgrade(secret, &good.replace("13", "12")),
        upgrade(secret, &good.replace("dGhl", "dGh")),
        upgrade(secret, &good.replace("websocket", "h2c")),
        upgrade(secret, &good.replace(": Upgrade", ": close")),
        upgrade(secret, &format!("{good}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
        ask(&format!("POST {secret}"), &format!("{good}Content-Length: 0\r\n")),
        ask("POST /form", "Content-Length: 5\r\n") + "hello",
        ask("DELETE /", ""),
        ask("OPTIONS *", ""),
    ] {
        let answer = undated(&say(port, request.as_bytes(), false).await);
        assert_eq!(answer, missing, "{request}");
    }
    let head = undated(&say(port, ask("HEAD /", "").as_bytes(), false).await);
    assert_eq!(head, missing.split_inclusive("\r\n\r\n").next().unwrap());
    let old = undated(&say(port, b"GET / HTTP/1.0\r\n\r\n", false).await);
    assert!(old.starts_with("HTTP/1.0 404 Not Found\r\n"), "{old}");
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(40_000));
    let headers = ask("GET /", &"A: b\r\n".repeat(200));
    for (sent, status) in [
        (&b"\x13/multistream/1.0.0\n\x07/noise\n"[..], "400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"),
        (b"garbage\r\n\r\n", "400"),
        (long.as_bytes(), "4"),
        (headers.as_bytes(), "431"),
    ] {
        let answer = say(port, sent, true).await;
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        assert!(text.starts_with(&format!("http/1.1 {status}")), "{text}");
        for word in ["libp2p", "soketto", "yadgar", "multistream", "noise", "websocket", "server:"]
        {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    let yes = undated(&say_and_leave(port, upgrade(secret, good).as_bytes()).await);
    assert!(yes.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{yes}");
    assert!(yes.contains("\r\nSec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{yes}");
    assert!(yes.contains("\r\nConnection: Upgrade\r\n"), "{yes}");
    assert!(!yes.to_lowercase().contains("server:"), "{yes}");
}

/// The head of an answer.
async fn say_and_leave(port: u16, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut out = Vec::new();
    while !out.ends_with(b"\r\n\r\n") {
        let read = tokio::time::timeout(PATIENCE, stream.read_u8()).await.expect("it hangs");
        out.push(read.unwrap());
    }
    out
}

/// Who never ends its request is not waited for.
#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let (_node, _events, addr) = node().await;
    let answer = say(port(&addr), b"GET / HTTP/1.1\r\nHost: ", false).await;
    assert_eq!(String::from_utf8(answer).unwrap(), "");
    let answer = say(port(&addr), b"", false).await;
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn in_the_open_only_who_means_it() {
    for open in
        ["/ip4/0.0.0.0/tcp/0/ws", "/ip6/::/tcp/0/ws", "/ip4/203.0.113.1/tcp/0/x-parity-ws/%2Fa"]
    {
        let refused = net::start(config(open)).await;
        assert!(matches!(refused, Err(NetError::OpenWs(_))), "{open}");
    }
    let meant = NetConfig { open_ws: true, ..config("/ip4/0.0.0.0/tcp/0/ws") };
    let (node, _events) = net::start(meant).await.unwrap();
    assert_eq!(node.listeners().await.len(), 1);
}

#[tokio::test]
async fn a_taken_port_is_said() {
    let (_node, _events, mut addr) = node().await;
    addr.pop();
    let again = net::start(config(&addr.to_string())).await;
    assert!(matches!(again, Err(NetError::AddressInUse(at)) if at == addr));
}

/// A message that is no bytes, one that is too long, and a frame that a client did not mask: the end.
#[tokio::test]
async fn what_breaks_the_rules_of_frames_is_cut_off() {
    let (_node, _events, addr) = node().await;
    let request = "GET /mfrggzdfmztwq2lknnwg23tp HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for frame in [
        &b"\x81\x82\0\0\0\0hi"[..],
        b"\x82\xff\x00\x00\x00\x00\x00\x20\x00\x00\0\0\0\0",
        b"\x82\x02hi",
        b"\xf2\x82\0\0\0\0hi",
    ] {
        let answer = say(port(&addr), &[request.as_bytes(), frame].concat(), false).await;
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{:?}", String::from_utf8_lossy(&answer));
    }
}
