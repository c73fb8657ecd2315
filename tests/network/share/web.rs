//! A browser without a browser: plain requests from a chosen address.

pub use crate::common::reply::Reply;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

/// Ends a test that hangs; nothing depends on it.
const PATIENCE: Duration = Duration::from_secs(180);

/// Connects from an address of this machine.
pub fn connect_from(from: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stream = runtime.block_on(async {
        let socket = match to {
            SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
            SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
        };
        socket.bind(SocketAddr::new(from, 0))?;
        socket.connect(to).await?.into_std()
    })?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

pub fn request(stream: &mut TcpStream, path: &str, host: &str, extra: &str) -> std::io::Result<()> {
    let close = "Connection: close\r\n";
    let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{close}{extra}\r\n");
    stream.write_all(text.as_bytes())
}

pub fn read(mut stream: TcpStream) -> Reply {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    Reply::parse(&all)
}

pub fn get(from: IpAddr, to: SocketAddr, path: &str, extra: &str) -> Reply {
    let mut stream = connect_from(from, to).unwrap();
    request(&mut stream, path, &to.to_string(), extra).unwrap();
    read(stream)
}
