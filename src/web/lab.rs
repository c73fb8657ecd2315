//! Small servers for tests: a web host that does what the test says, and proxies.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a host sends.
#[derive(Debug, Clone)]
pub enum Send {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes, one after the other, with a pause after each.
    Slowly(Vec<u8>, Duration),
    /// Nothing, until others are here, too.
    Meet(Arc<tokio::sync::Barrier>),
    /// Nothing more, while the connection stays.
    Silence,
    /// The end of the connection.
    Close,
}

/// An answer with a status line, headers and a body.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Send {
    let mut out = format!("HTTP/1.1 {status}\r\n");
    headers.iter().for_each(|header| out += &format!("{header}\r\n"));
    if !headers.iter().any(|header| header.starts_with("Transfer-Encoding")) {
        out += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut bytes = (out + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    Send::Bytes(bytes)
}

/// A host in this process.
#[derive(Clone)]
pub struct Lab {
    pub at: SocketAddr,
    /// The heads of all requests so far.
    pub seen: Arc<Mutex<Vec<String>>>,
    /// Connections so far.
    pub connections: Arc<Mutex<usize>>,
}

impl Lab {
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// A host; `script` says what is sent for the head of a request.
    pub async fn start(
        script: impl Fn(&str) -> Vec<Send> + std::marker::Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let lab = Self { at, seen: Arc::default(), connections: Arc::default() };
        let (host, script) = (lab.clone(), Arc::new(script));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                *host.connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, host.clone(), script.clone()));
            }
        });
        lab
    }
}

/// Reads the head of a request; `None` at the end of the connection.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

/// Serves one connection.
pub async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    lab: Lab,
    script: Arc<impl Fn(&str) -> Vec<Send>>,
) {
    while let Some(head) = head(&mut stream).await {
        let sends = script(&head);
        lab.seen.lock().unwrap().push(head);
        for send in sends {
            match send {
                Send::Bytes(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                }
                Send::Slowly(bytes, pause) => {
                    for byte in bytes {
                        if stream.write_all(&[byte]).await.is_err() {
                            return;
                        }
                        tokio::time::sleep(pause).await;
                    }
                }
                Send::Meet(barrier) => {
                    barrier.wait().await;
                }
                Send::Silence => std::future::pending().await,
                Send::Close => return,
            }
        }
    }
}

/// A SOCKS5 proxy that leads everything to `to`; the names and ports that were asked for.
pub async fn socks(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = asked.clone();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let told = told.clone();
            tokio::spawn(async move {
                let mut hello = [0; 3];
                client.read_exact(&mut hello).await.unwrap();
                assert_eq!(hello, [5, 1, 0]);
                client.write_all(&[5, 0]).await.unwrap();
                let mut start = [0; 5];
                client.read_exact(&mut start).await.unwrap();
                // A name, not an address: nobody resolved it here.
                assert_eq!(start[..4], [5, 1, 0, 3]);
                let mut name = vec![0; start[4].into()];
                client.read_exact(&mut name).await.unwrap();
                let port = client.read_u16().await.unwrap();
                told.lock().unwrap().push(format!("{}:{port}", String::from_utf8(name).unwrap()));
                client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
                let mut host = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut host).await;
            });
        }
    });
    (at, asked)
}

/// A proxy that tunnels by CONNECT to `to`; the heads of the requests.
pub async fn tunnel(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = asked.clone();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let told = told.clone();
            tokio::spawn(async move {
                let head = head(&mut client).await.unwrap();
                told.lock().unwrap().push(head);
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut host = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut host).await;
            });
        }
    });
    (at, asked)
}
