//! What a prober asks a website, and what it is answered: every byte but the date.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(60);
const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Questions by what they are, with their answers.
pub type Answers = BTreeMap<String, String>;

/// A web server on loopback that is asked.
#[derive(Debug, Clone)]
pub struct Server {
    pub port: u16,
    /// The file of its certificate.
    pub ca: String,
}

/// The same questions got the same answers.
pub fn same(without: &Answers, with: &Answers) {
    assert_eq!(without.keys().collect::<Vec<_>>(), with.keys().collect::<Vec<_>>());
    for (asked, answer) in without {
        assert_eq!(&with[asked], answer, "{asked}");
    }
}

fn config(server: &Server, provider: CryptoProvider) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read(&server.ca).unwrap();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn tcp(server: &Server) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What comes until the end, without dates.
fn answer(mut stream: impl Read + Write, sent: &[u8]) -> String {
    // Who is refused early cannot always send all.
    let _ = stream.write_all(sent).and_then(|()| stream.flush());
    let mut out = Vec::new();
    let end = stream.read_to_end(&mut out).map(|_| ()).map_err(|e| e.kind());
    assert_ne!(
        end,
        Err(std::io::ErrorKind::WouldBlock),
        "no end: {}",
        String::from_utf8_lossy(&out)
    );
    let text = String::from_utf8_lossy(&out).into_owned();
    let dated = |line: &&str| !line.starts_with("Date: ");
    text.split("\r\n").filter(dated).collect::<Vec<_>>().join("\r\n")
}

fn over_tls(server: &Server, sent: &[u8]) -> String {
    let config = config(server, ring::default_provider());
    let name = ServerName::try_from("localhost").unwrap();
    let tls = ClientConnection::new(Arc::new(config), name).unwrap();
    answer(StreamOwned::new(tls, tcp(server)), sent)
}

/// An upgrade that is correct but for the path. The connection stays open, so the next request closes it.
pub fn upgrade(server: &Server, path: &str) -> String {
    let next = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    over_tls(
        server,
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n{next}").as_bytes(),
    )
}

/// Everything that a prober asks; `path` is where nothing is, it thinks.
pub fn all(server: &Server, path: &str) -> Answers {
    let mut answers = Answers::new();
    let mut ask = |what: String, answer: String| {
        assert!(answers.insert(what, answer).is_none());
    };
    let wrong = [
        UPGRADE.replace("13", "12"),
        UPGRADE.replace("dGhl", "dGh"),
        UPGRADE.replace("Sec-WebSocket-Version: 13\r\n", ""),
        UPGRADE.replace("websocket\r\n", "h2c\r\n"),
        UPGRADE.replace("Upgrade: websocket\r\n", ""),
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n".into(),
        "Range: bytes=0-1\r\n".into(),
        "Expect: 100-continue\r\nContent-Length: 0\r\n".into(),
        "Content-Length: 5\r\n".into(),
        String::new(),
    ];
    for method in ["GET", "HEAD", "POST", "PUT", "OPTIONS", "PROPFIND", "GUESS"] {
        for (n, headers) in (0..).zip(&wrong) {
            for version in ["1.0", "1.1"] {
                let body = if headers.contains("Length: 5") { "hello" } else { "" };
                let close = "Connection: close\r\n";
                let close = if headers.contains("Connection") { "" } else { close };
                let next = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{close}\r\n");
                let next = if close.is_empty() {
                    next.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
                } else {
                    String::new()
                };
                let head = format!(
                    "{method} {path} HTTP/{version}\r\nHost: localhost\r\n{headers}{close}\r\n"
                );
                let sent = format!("{head}{body}{next}");
                ask(format!("{method} nothing {n} {version}"), over_tls(server, sent.as_bytes()));
            }
        }
    }
    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
        for place in
            ["/", "/tea/green.html", "/tea", "/tea/", "/ws", "/p2p", "/socket.io/", "/%2e%2e/", "*"]
        {
            for headers in ["", UPGRADE] {
                let close = "Connection: close\r\n";
                let request =
                    format!("{method} {place} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
                let next = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{close}\r\n");
                let what = format!("{method} {place} {}", !headers.is_empty());
                ask(what, over_tls(server, format!("{request}{next}").as_bytes()));
            }
        }
    }
    for (what, sent) in [
        ("multistream", b"\x13/multistream/1.0.0\n".to_vec()),
        ("multistream and noise", b"\x13/multistream/1.0.0\n\x07/noise\n\0\x20".to_vec()),
        ("garbage", vec![0xff, 0, 1, 2, b'\n', b'\n']),
        ("garbage with lines", b"hello\r\n\r\n".to_vec()),
        ("http 2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("long line", format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(60_000)).into_bytes()),
        (
            "long header",
            format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(60_000)).into_bytes(),
        ),
        ("no host", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("old", b"GET /\r\n".to_vec()),
        ("frame", b"\x82\x85\0\0\0\0hello\n\n".to_vec()),
    ] {
        ask(format!("{what} in TLS"), over_tls(server, &sent));
        ask(format!("{what} without TLS"), answer(tcp(server), &sent));
    }
    answers
}

/// A scan of what TLS says: for each kind of handshake, what was agreed or why it failed.
pub fn tls(server: &Server) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for suite in ring::default_provider().cipher_suites {
        for alpn in ["", "http/1.1", "h2", "h2 http/1.1", "libp2p"] {
            let provider =
                CryptoProvider { cipher_suites: vec![suite], ..ring::default_provider() };
            let mut config = config(server, provider);
            config.alpn_protocols = alpn.split_whitespace().map(|p| p.into()).collect();
            let name = ServerName::try_from("localhost").unwrap();
            let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
            let mut stream = tcp(server);
            let done = tls.complete_io(&mut stream).map_err(|e| e.to_string()).map(|_| ());
            let agreed = (tls.protocol_version(), tls.alpn_protocol(), tls.peer_certificates());
            found.insert(format!("{suite:?} {alpn:?}"), format!("{done:?} {agreed:?}"));
        }
    }
    if Path::new("/usr/bin/openssl").exists() {
        for version in ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"] {
            for more in [&[][..], &["-servername", "other.example"], &["-noservername"]] {
                found.insert(format!("{version} {more:?}"), openssl(server, version, more));
            }
        }
    }
    found
}

/// What openssl agrees with the server, without what is new each time.
fn openssl(server: &Server, version: &str, more: &[&str]) -> String {
    let mut command = Command::new("/usr/bin/openssl");
    let at = format!("127.0.0.1:{}", server.port);
    command.args(["s_client", "-brief", "-connect", &at, version]).args(more);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    // Errors begin with the number of a thread.
    let line = |line: &str| line.split_once(":error:").map_or(line, |(_, e)| e).to_owned();
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
