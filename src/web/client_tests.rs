use super::*;
use crate::dial::{Proxy, Roots};
use crate::web::lab::{self, Lab, Send, answer};
use crate::web::{BaseUrl, UrlError};
use std::path::Path;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Only where it is waited for; elsewhere a busy machine must not matter.
const STALL: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(120);

fn config() -> ClientConfig {
    ClientConfig {
        dialler: Dialler::default(),
        other_hosts: false,
        plain: true,
        stall: LONG,
        paces: Vec::new(),
        volume: Arc::default(),
    }
}

fn client(config: ClientConfig) -> Client {
    Client::new(config)
}

fn through(proxy: &str) -> Dialler {
    Dialler::new(Some(Proxy::parse(proxy).unwrap()), Roots::default())
}

fn url(lab: &Lab, path: &str) -> Url {
    Url::parse(&format!("http://{}{path}", lab.at)).unwrap()
}

async fn get(lab: &Lab, path: &str) -> Result<Vec<u8>, WebError> {
    client(config()).get(&url(lab, path), 1000).await?.all().await
}

async fn part(lab: &Lab, path: &str, span: Span) -> Result<(bool, Vec<u8>), WebError> {
    let reply = client(config()).part(&url(lab, path), span, 10).await?;
    Ok((reply.whole, reply.body.all().await?))
}

#[tokio::test]
async fn a_request_says_only_what_it_must_and_a_connection_is_used_again() {
    let lab = Lab::start(|_| vec![answer("200 OK", &[], b"bytes")]).await;
    let client = client(config());
    for _ in 0..3 {
        let body = client.get(&url(&lab, "/a/head"), 5).await.unwrap();
        assert_eq!(body.all().await.unwrap(), b"bytes");
    }
    assert_eq!((lab.seen().len(), lab.connections()), (3, 1));
    let mut lines: Vec<String> = lab.seen()[0].lines().map(str::to_lowercase).collect();
    lines.retain(|line| !line.is_empty());
    lines.sort();
    let host = format!("host: {}", lab.at);
    let least = ["accept-encoding: identity", "accept: */*", "get /a/head http/1.1", &host];
    assert_eq!(lines, least);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let lab = Lab::start(|_| vec![answer("200 OK", &[], b"x"), Send::Close]).await;
    let client = client(config());
    for _ in 0..3 {
        assert_eq!(client.get(&url(&lab, "/"), 5).await.unwrap().all().await.unwrap(), b"x");
    }
    assert_eq!(lab.connections(), 3);
}

/// As after a sleep of this machine or on another Wi-Fi: nobody says that the connection is gone.
#[tokio::test]
async fn a_kept_connection_that_is_dead_without_a_word_is_made_anew_once() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let lab = Lab::start(move |_| match asked.fetch_add(1, Relaxed) {
        0 | 2 => vec![answer("200 OK", &[], b"x")],
        _ => vec![Send::Silence],
    })
    .await;
    let client = client(ClientConfig { stall: Duration::from_secs(2), ..config() });
    for _ in 0..2 {
        assert_eq!(client.get(&url(&lab, "/"), 5).await.unwrap().all().await.unwrap(), b"x");
    }
    assert_eq!((lab.seen().len(), lab.connections()), (3, 2));
    // A host that is silent is asked twice, never more.
    assert_eq!(client.get(&url(&lab, "/"), 5).await.err(), Some(WebError::Stalled));
    assert_eq!((lab.seen().len(), lab.connections()), (5, 3));
}

#[tokio::test]
async fn every_body_has_a_bound_and_an_end() {
    let lab = Lab::start(|head| match head.split(' ').nth(1).unwrap() {
        "/long" => vec![answer("200 OK", &[], &[0; 1001])],
        "/endless" => {
            let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            (0..100).for_each(|_| {
                bytes.extend_from_slice(b"20\r\n01234567890123456789012345678901\r\n")
            });
            vec![Send::Bytes(bytes), Send::Silence]
        }
        "/short" => {
            vec![
                Send::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".to_vec()),
                Send::Close,
            ]
        }
        "/headers" => {
            let line = format!("X-A: {}\r\n", "x".repeat(1000)).repeat(60);
            vec![Send::Bytes(format!("HTTP/1.1 200 OK\r\n{line}\r\n").into_bytes()), Send::Silence]
        }
        "/packed" => vec![answer("200 OK", &["Content-Encoding: gzip"], b"abc")],
        "/gone" => vec![answer("404 Not Found", &[], b"no")],
        _ => vec![Send::Bytes(b"SSH-2.0-x\r\n".to_vec()), Send::Silence],
    })
    .await;
    assert_eq!(get(&lab, "/long").await, Err(WebError::TooLong));
    assert_eq!(get(&lab, "/endless").await, Err(WebError::TooLong));
    assert_eq!(get(&lab, "/short").await, Err(WebError::Short));
    let headers = get(&lab, "/headers").await;
    assert!(matches!(headers, Err(WebError::Wrong(_))), "{headers:?}");
    assert!(matches!(get(&lab, "/packed").await, Err(WebError::Wrong(_))));
    assert_eq!(get(&lab, "/gone").await, Err(WebError::Status(404)));
    assert!(matches!(get(&lab, "/other").await, Err(WebError::Wrong(_))));
}

#[tokio::test]
async fn a_host_without_progress_is_left() {
    let lab = Lab::start(|head| {
        let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n".to_vec();
        match head.split(' ').nth(1).unwrap() {
            "/silent" => vec![Send::Silence],
            "/stuck" => vec![Send::Bytes(begun), Send::Bytes(vec![0; 100]), Send::Silence],
            _ => vec![Send::Bytes(begun), Send::Slowly(vec![0; 900], STALL / 3)],
        }
    })
    .await;
    for path in ["/silent", "/stuck", "/trickle"] {
        let client = client(ClientConfig { stall: STALL, ..config() });
        let came = async { client.get(&url(&lab, path), 1000).await?.all().await };
        assert_eq!(came.await, Err(WebError::Stalled), "{path}");
    }
}

#[tokio::test]
async fn parts_are_those_that_were_asked_for() {
    let lab = Lab::start(|head| {
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let range = |told: &str, body: &[u8]| {
            vec![answer("206 Partial Content", &[&format!("Content-Range: bytes {told}")], body)]
        };
        match &*path {
            "/good" => range("2-4/10", b"cde"),
            "/star" => range("2-4/*", b"cde"),
            "/other" => range("3-5/10", b"def"),
            "/less" => range("2-4/10", b"cd"),
            "/more" => range("2-4/10", b"cdef"),
            "/untold" => vec![answer("206 Partial Content", &[], b"cde")],
            "/whole" => vec![answer("200 OK", &[], b"abcdefghij")],
            "/wholer" => vec![answer("200 OK", &[], b"abcdefghijk")],
            "/cut" => vec![answer("200 OK", &[], b"abc")],
            _ => vec![answer("416 Range Not Satisfiable", &[], b"")],
        }
    })
    .await;
    let span = Span { start: 2, length: 3 };
    assert_eq!(part(&lab, "/good", span).await, Ok((false, b"cde".to_vec())));
    assert!(lab.seen()[0].to_lowercase().contains("range: bytes=2-4\r\n"));
    assert_eq!(part(&lab, "/star", span).await, Ok((false, b"cde".to_vec())));
    assert_eq!(part(&lab, "/whole", span).await, Ok((true, b"abcdefghij".to_vec())));
    for path in ["/other", "/untold"] {
        assert!(matches!(part(&lab, path, span).await, Err(WebError::Wrong(_))), "{path}");
    }
    for path in ["/more", "/wholer"] {
        assert_eq!(part(&lab, path, span).await, Err(WebError::TooLong), "{path}");
    }
    for path in ["/less", "/cut"] {
        assert_eq!(part(&lab, path, span).await, Err(WebError::Short), "{path}");
    }
    assert_eq!(part(&lab, "/no", span).await, Err(WebError::Status(416)));
}

#[tokio::test]
async fn redirects_are_few_and_stay_with_the_host() {
    let other = Lab::start(|_| vec![answer("200 OK", &[], b"other")]).await;
    let port = other.at.port();
    let lab = Lab::start(move |head| {
        let to = |to: &str| vec![answer("302 Found", &[&format!("Location: {to}")], b"")];
        match head.split(' ').nth(1).unwrap() {
            "/near" => to("/here?signed=1"),
            "/here?signed=1" => vec![answer("200 OK", &[], b"here")],
            "/far" => to(&format!("http://localhost:{port}/")),
            "/file" => to("file:///etc/passwd"),
            "/nowhere" => vec![answer("302 Found", &[], b"")],
            _ => to("/round"),
        }
    })
    .await;
    assert_eq!(get(&lab, "/near").await, Ok(b"here".to_vec()));
    for path in ["/far", "/file", "/round", "/nowhere"] {
        assert!(matches!(get(&lab, path).await, Err(WebError::Redirect(_))), "{path}");
    }
    assert_eq!(other.connections(), 0);
    let follows = client(ClientConfig { other_hosts: true, ..config() });
    let far = follows.get(&url(&lab, "/far"), 9).await.unwrap();
    assert_eq!(far.all().await.unwrap(), b"other");
    // Never away from TLS, whatever is allowed.
    let secure = Url::parse("https://a.example/x").unwrap();
    assert!(follows.elsewhere(&secure, "http://a.example/x").is_err());
    assert!(follows.elsewhere(&secure, "https://b.example/x").is_ok());
    // Nor to what is near, nor from what is near or in Tor to the open network.
    let from = |text: &str| Url::parse(text).unwrap();
    for near in
        ["127.0.0.1", "10.0.0.1", "100.64.0.1", "0.0.0.0", "localhost", "a.local", "a.localhost"]
    {
        assert!(follows.elsewhere(&secure, &format!("https://{near}/")).is_err(), "{near}");
    }
    for (at, to) in [
        ("http://192.168.1.5/x", "https://b.example/x"),
        ("http://a.onion/x", "https://b.example/x"),
        ("https://a.example/x", "https://b.onion/x"),
        ("http://a.onion/x", "http://192.168.1.5/x"),
    ] {
        assert!(follows.elsewhere(&from(at), to).is_err(), "{at} {to}");
    }
    for (at, to) in [
        ("http://192.168.1.5/x", "http://192.168.1.6/x"),
        ("http://a.onion/x", "http://b.onion/x"),
        ("http://a.example/x", "https://a.example/x"),
    ] {
        assert!(follows.elsewhere(&from(at), to).is_ok(), "{at} {to}");
    }
}

#[tokio::test]
async fn through_a_proxy_names_are_not_resolved_here_and_nothing_goes_past_it() {
    let lab = Lab::start(|_| vec![answer("200 OK", &[], b"x")]).await;
    let (socks, names) = lab::socks(lab.at).await;
    let (tunnel, heads) = lab::tunnel(lab.at).await;
    let hidden = Url::parse("http://no-such-name.invalid:81/head").unwrap();
    for proxy in [format!("socks5://{socks}"), format!("http://u:p@{tunnel}")] {
        let client = client(ClientConfig { dialler: through(&proxy), ..config() });
        assert_eq!(client.get(&hidden, 9).await.unwrap().all().await.unwrap(), b"x");
    }
    assert_eq!(*names.lock().unwrap(), ["no-such-name.invalid:81"]);
    let head = heads.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("connect no-such-name.invalid:81 "), "{head}");
    assert!(head.contains("proxy-authorization: basic dtpw"), "{head}");
    // A proxy that is not there is an error; what is near is not asked for through one.
    let before = lab.connections();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for kind in ["socks5h", "http"] {
        let proxy = format!("{kind}://{free}");
        let client = client(ClientConfig { dialler: through(&proxy), ..config() });
        let error = client.get(&hidden, 9).await.err();
        assert!(matches!(error, Some(WebError::Proxy(_))), "{error:?}");
        let error = client.get(&url(&lab, "/head"), 9).await.err();
        assert!(matches!(error, Some(WebError::Forbidden(_))), "{error:?}");
    }
    assert_eq!(lab.connections(), before);
}

/// A host with TLS by a certificate of its own.
async fn secure(dir: &Path) -> (Url, std::path::PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = dir.join("ca.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.key_pair.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let lab = Lab { at, seen: Arc::default(), connections: Arc::default() };
            let script = Arc::new(|_: &str| vec![answer("200 OK", &[], b"secret")]);
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(lab::serve(stream, lab, script));
            }
        }
    });
    (Url::parse(&format!("https://localhost:{}/", at.port())).unwrap(), file)
}

#[tokio::test]
async fn who_cannot_prove_to_be_the_host_is_not_asked() {
    let dir = tempfile::tempdir().unwrap();
    let (url, ca) = secure(dir.path()).await;
    let stranger = client(config()).get(&url, 9).await.err();
    assert!(matches!(stranger, Some(WebError::Tls(_))), "{stranger:?}");
    let mut roots = Roots::default();
    roots.add_file(&ca).unwrap();
    let known = client(ClientConfig { dialler: Dialler::new(None, roots.clone()), ..config() });
    assert_eq!(known.get(&url, 9).await.unwrap().all().await.unwrap(), b"secret");
    // The certificate is for another name.
    let mut other = url.clone();
    other.set_host(Some("127.0.0.1")).unwrap();
    assert!(matches!(known.get(&other, 9).await.err(), Some(WebError::Tls(_))));
    // No TLS at all, and a file without a certificate.
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = plain.local_addr().unwrap();
    tokio::spawn(async move { drop(plain.accept().await.unwrap()) });
    let plain = Url::parse(&format!("https://{at}/")).unwrap();
    assert!(known.get(&plain, 9).await.is_err());
    std::fs::write(&ca, "nothing").unwrap();
    assert!(roots.add_file(&ca).is_err());
}

#[tokio::test]
async fn a_folder_of_this_machine_is_read_as_a_host_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("i")).unwrap();
    std::fs::write(dir.path().join("head"), b"0123456789").unwrap();
    let base = BaseUrl::named(dir.path().to_str().unwrap(), false).unwrap();
    assert_eq!(BaseUrl::named(&base.to_string(), false).as_ref(), Ok(&base));
    // Nobody but the user can name one: neither an invite nor a host that sends us elsewhere.
    assert_eq!(BaseUrl::parse(&base.to_string(), true), Err(UrlError::NotAUrl));
    // Through a proxy that is not there: nothing is dialled.
    let client = client(ClientConfig { dialler: through("socks5h://127.0.0.1:1"), ..config() });
    let head = base.file("head");
    assert_eq!(client.get(&head, 10).await.unwrap().all().await.unwrap(), b"0123456789");
    assert_eq!(client.get(&head, 9).await.err(), Some(WebError::TooLong));
    let part = async |start, length| {
        let reply = client.part(&head, Span { start, length }, 10).await.unwrap();
        assert!(!reply.whole);
        reply.body.all().await
    };
    assert_eq!(part(3, 4).await.unwrap(), b"3456");
    assert_eq!(part(8, 4).await, Err(WebError::Short));
    for missing in ["tail", "i", "head/x"] {
        let told = client.get(&base.file(missing), 10).await.err();
        assert!(matches!(told, Some(WebError::Status(404) | WebError::Broken(_))), "{told:?}");
    }
    assert_eq!(client.received(), 16);
}
