use super::*;
use std::io::ErrorKind;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Nothing here depends on speed; this only ends a test that hangs.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

fn through(proxy: &str) -> Dialler {
    Dialler::new(Some(Proxy::parse(proxy).unwrap()), Roots::default())
}

/// A proxy that reads `question` bytes (or to the end of a head), notes them, and sends `answer` at once.
async fn proxy(
    question: Option<&'static [usize]>,
    answers: &'static [&'static [u8]],
) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
    let told = seen.clone();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        for (at, answer) in answers.iter().enumerate() {
            let mut bytes = Vec::new();
            match question {
                Some(lengths) => {
                    bytes.resize(lengths[at], 0);
                    client.read_exact(&mut bytes).await.unwrap();
                }
                None => {
                    while !bytes.ends_with(b"\r\n\r\n") {
                        bytes.push(client.read_u8().await.unwrap());
                    }
                }
            }
            told.lock().unwrap().extend(bytes);
            client.write_all(answer).await.unwrap();
        }
        // Open until the other side goes.
        let _ = client.read_u8().await;
    });
    (port, seen)
}

async fn first_bytes(dialler: Dialler, to: &str, port: u16) -> Result<[u8; 5], ConnectError> {
    let mut stream = tokio::time::timeout(PATIENCE, dialler.tcp(&host(to), port)).await.unwrap()?;
    let mut bytes = [0; 5];
    tokio::time::timeout(PATIENCE, stream.read_exact(&mut bytes)).await.unwrap().unwrap();
    Ok(bytes)
}

#[tokio::test]
async fn bytes_that_come_with_the_answer_of_a_proxy_are_not_lost() {
    let answers: &[&[u8]] = &[&[5, 0], b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00hello"];
    // 5 1 0; then 5 1 0 3, the length of the name, the name, the port.
    let (port, seen) = proxy(Some(&[3, 4 + 1 + 12 + 2]), answers).await;
    let got = first_bytes(through(&format!("socks5://127.0.0.1:{port}")), "name.invalid", 4774);
    assert_eq!(got.await, Ok(*b"hello"));
    assert_eq!(seen.lock().unwrap()[3..], *b"\x05\x01\x00\x03\x0cname.invalid\x12\xa6");
    // An address goes as one, also of IPv6.
    let (port, seen) = proxy(Some(&[3, 4 + 16 + 2]), answers).await;
    let got = first_bytes(through(&format!("socks5://127.0.0.1:{port}")), "[2001:db8::7]", 1);
    assert_eq!(got.await, Ok(*b"hello"));
    assert_eq!(seen.lock().unwrap()[3..9], [5, 1, 0, 4, 0x20, 0x01]);
    let (port, seen) = proxy(None, &[b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello"]).await;
    let got = first_bytes(through(&format!("http://127.0.0.1:{port}")), "name.invalid", 4774);
    assert_eq!(got.await, Ok(*b"hello"));
    assert!(seen.lock().unwrap().starts_with(b"CONNECT name.invalid:4774 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_proxy_that_refuses_and_one_that_is_not_there_are_told_apart() {
    let refuses: &[&[u8]] = &[&[5, 0], &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]];
    let (port, _) = proxy(Some(&[3, 19]), refuses).await;
    let got = first_bytes(through(&format!("socks5h://127.0.0.1:{port}")), "name.invalid", 1);
    let error = got.await.unwrap_err();
    assert!(matches!(error, ConnectError::Proxy(_)), "{error:?}");
    let (port, _) = proxy(None, &[b"HTTP/1.1 403 Forbidden\r\n\r\n"]).await;
    let got = first_bytes(through(&format!("http://127.0.0.1:{port}")), "name.invalid", 1);
    let error = got.await.unwrap_err();
    assert!(matches!(error, ConnectError::Proxy(_)), "{error:?}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = first_bytes(through(&format!("socks5h://{free}")), "name.invalid", 1).await;
    assert!(matches!(error, Err(ConnectError::NoProxy(_))), "{error:?}");
}

#[tokio::test]
async fn what_is_near_is_not_asked_for_through_a_proxy_nor_an_onion_service_without() {
    // Its proxy is not there: asking it would be another error.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for near in [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.251",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[ff02::fb]",
        "localhost",
        "printer.local",
        "LOCALHOST.",
    ] {
        for kind in ["socks5h", "http"] {
            let error = through(&format!("{kind}://{free}")).tcp(&host(near), 1).await.unwrap_err();
            assert_eq!(error, ConnectError::Private, "{near}");
        }
    }
    for diallers in [Dialler::default(), through(&format!("http://{free}"))] {
        let error = diallers.tcp(&host("abc.Onion."), 1).await.unwrap_err();
        assert_eq!(error, ConnectError::Onion);
    }
    let asked = through(&format!("socks5h://{free}")).tcp(&host("abc.onion"), 1).await;
    assert!(matches!(asked, Err(ConnectError::NoProxy(_))), "{asked:?}");
    for far in ["8.8.8.8", "[2001:db8::1]", "a.example", "onion", "local"] {
        assert!(!is_near(&host(far)) && !is_onion(far), "{far}");
    }
}

#[tokio::test]
async fn straight_by_name_to_whichever_address_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let dialler = Dialler::default();
    // "localhost" may be ::1 first, where nobody listens.
    dialler.tcp(&host("localhost"), at.port()).await.unwrap();
    dialler.tcp_of(&host("localhost"), at.port(), Family::V4).await.unwrap();
    drop(listener);
    let error = dialler.tcp(&host("127.0.0.1"), at.port()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Connect { kind: ErrorKind::ConnectionRefused, .. }));
    let error = dialler.tcp(&host("no-such-name.invalid"), 1).await.unwrap_err();
    assert!(matches!(error, ConnectError::Name(_)), "{error:?}");
    let long = Host::Domain("x".repeat(300));
    assert!(matches!(dialler.tcp(&long, 1).await, Err(ConnectError::Name(_))));
}

#[test]
fn a_name_of_this_network_leads_nowhere_else() {
    let found = |list: &[&str]| -> Vec<SocketAddr> {
        list.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 1)).collect()
    };
    let all = found(&["8.8.8.8", "192.168.1.7", "100.64.0.1", "2001:db8::1", "fe80::1", "::1"]);
    let near = found(&["192.168.1.7", "fe80::1", "::1"]);
    for name in ["printer.local", "localhost", "a.localhost", "LOCALHOST."] {
        assert_eq!(within(&host(name), all.clone()), Ok(near.clone()), "{name}");
        let none = within(&host(name), found(&["8.8.8.8"]));
        assert!(matches!(none, Err(ConnectError::Name(_))), "{none:?}");
    }
    assert_eq!(within(&host("a.example"), all.clone()), Ok(all));
}

#[tokio::test]
async fn an_address_that_says_nothing_does_not_hold_up_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let good = listener.local_addr().unwrap();
    let refused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(first(vec![refused, good]).await.is_ok());
    let error = first(vec![refused, refused]).await.unwrap_err();
    assert!(matches!(error, ConnectError::Connect { kind: ErrorKind::ConnectionRefused, .. }));
    assert!(first(Vec::new()).await.is_err());
}

#[tokio::test]
async fn tls_is_with_the_name_that_is_given() {
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    let made = rcgen::generate_simple_self_signed(["front.example".to_owned()]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ca.pem"), made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.key_pair.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let names: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = names.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                // Behind the tickets by which a session could be taken up again.
                let _ = stream.write_all(b"x").await;
                let name = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
                told.lock().unwrap().push(name);
            }
        }
    });
    let mut roots = Roots::default();
    roots.add_file(&dir.path().join("ca.pem")).unwrap();
    let dialler = Dialler::new(None, roots);
    let connect = || dialler.tcp(&Host::Ipv4(std::net::Ipv4Addr::LOCALHOST), at.port());
    let stream = connect().await.unwrap();
    let mut spoken = dialler.tls("front.example", &[b"http/1.1"], stream).await.unwrap();
    assert_eq!(spoken.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    // The next visit has nothing to do with this one.
    assert_eq!(spoken.read_u8().await.unwrap(), b'x');
    let stream = connect().await.unwrap();
    let again = dialler.tls("front.example", &[b"http/1.1"], stream).await.unwrap();
    assert_eq!(again.get_ref().1.handshake_kind(), Some(rustls::HandshakeKind::Full));
    let other = dialler.tls("other.example", &[], connect().await.unwrap()).await.err();
    assert!(matches!(other, Some(ConnectError::Tls(_))), "{other:?}");
    let stranger = Dialler::default().tls("front.example", &[], connect().await.unwrap()).await;
    assert!(matches!(stranger.err(), Some(ConnectError::Tls(_))));
    assert_eq!(names.lock().unwrap()[0], "front.example");
}
