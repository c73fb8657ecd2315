//! A SOCKS5 proxy of the tests' own: it leads what it is asked for where the test says, and notes it.
#![allow(dead_code)] // Each test file uses some of it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// Where `host:port`, as it was asked for, leads; what is not in it is refused.
pub type Map = BTreeMap<String, SocketAddr>;

/// A running proxy on loopback. Takes no more connections once it is dropped.
pub struct Socks {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Socks {
    pub fn start(leads: &[(&str, SocketAddr)]) -> Self {
        let map: Map = leads.iter().map(|(from, to)| ((*from).to_owned(), *to)).collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, over): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>) = Default::default();
        let (told, end) = (asked.clone(), over.clone());
        let thread = std::thread::spawn(move || serve(&listener, &map, &told, &end));
        Self { port, asked, over, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("socks5h://127.0.0.1:{}", self.port)
    }

    /// What was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Socks {
    fn drop(&mut self) {
        self.over.store(true, SeqCst);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves until `end` is set and one more connection comes.
pub fn serve(
    listener: &TcpListener,
    map: &Map,
    told: &Arc<Mutex<Vec<String>>>,
    end: &Arc<AtomicBool>,
) {
    for client in listener.incoming() {
        if end.load(SeqCst) {
            return;
        }
        let (client, map, told) = (client.unwrap(), map.clone(), told.clone());
        std::thread::spawn(move || one(client, &map, &told));
    }
}

/// One connection; ends early when the client does not speak SOCKS5.
fn one(mut client: TcpStream, map: &Map, told: &Mutex<Vec<String>>) -> Option<()> {
    let [version, methods] = bytes(&mut client)?;
    client.read_exact(&mut vec![0; methods.into()]).ok()?;
    assert_eq!(version, 5, "another protocol than SOCKS5");
    client.write_all(&[5, 0]).ok()?;
    let [5, command, 0, kind] = bytes(&mut client)? else { return None };
    assert_eq!(command, 1, "only connections are asked for, never datagrams");
    let host = match kind {
        1 => Ipv4Addr::from(bytes::<4>(&mut client)?).to_string(),
        3 => {
            let [length] = bytes(&mut client)?;
            let mut name = vec![0; length.into()];
            client.read_exact(&mut name).ok()?;
            String::from_utf8(name).ok()?
        }
        4 => IpAddr::from(Ipv6Addr::from(bytes::<16>(&mut client)?)).to_string(),
        _ => return None,
    };
    let target = format!("{host}:{}", u16::from_be_bytes(bytes(&mut client)?));
    told.lock().unwrap().push(target.clone());
    let host = map.get(&target).and_then(|at| TcpStream::connect(at).ok());
    let Some(host) = host else {
        client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
        return None;
    };
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    let (mut up, mut down) = (client.try_clone().ok()?, host.try_clone().ok()?);
    let other = std::thread::spawn(move || copy(&mut up, &mut down));
    copy(&mut host.try_clone().ok()?, &mut client.try_clone().ok()?);
    other.join().ok()
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn copy(from: &mut TcpStream, to: &mut TcpStream) {
    let _ = std::io::copy(from, to);
    let _ = to.shutdown(Shutdown::Write);
}
