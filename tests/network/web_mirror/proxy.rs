//! A SOCKS5 proxy that leads every name to one port of this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// A running proxy. Takes no more connections once it is dropped.
pub struct Proxy {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Proxy {
    /// The names and ports that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub fn start(to: u16) -> Proxy {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, over): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>) = Default::default();
    let (told, end) = (asked.clone(), over.clone());
    let thread = std::thread::spawn(move || {
        for client in listener.incoming() {
            if end.load(SeqCst) {
                return;
            }
            let (client, told) = (client.unwrap(), told.clone());
            std::thread::spawn(move || serve(client, to, &told));
        }
    });
    Proxy { port, asked, over, thread: Some(thread) }
}

fn serve(mut client: TcpStream, to: u16, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut hello = [0; 3];
    client.read_exact(&mut hello).ok()?;
    assert_eq!(hello, [5, 1, 0]);
    client.write_all(&[5, 0]).ok()?;
    let mut start = [0; 5];
    client.read_exact(&mut start).ok()?;
    // A name: nobody has resolved it.
    assert_eq!(start[..4], [5, 1, 0, 3]);
    let mut name = vec![0; start[4].into()];
    client.read_exact(&mut name).ok()?;
    let mut port = [0; 2];
    client.read_exact(&mut port).ok()?;
    let name = format!("{}:{}", String::from_utf8(name).unwrap(), u16::from_be_bytes(port));
    asked.lock().unwrap().push(name);
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    let host = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).ok()?;
    let (mut up, mut down) = (client.try_clone().ok()?, host.try_clone().ok()?);
    let other = std::thread::spawn(move || copy(&mut up, &mut down));
    copy(&mut host.try_clone().ok()?, &mut client.try_clone().ok()?);
    other.join().ok()
}

fn copy(from: &mut TcpStream, to: &mut TcpStream) {
    let _ = std::io::copy(from, to);
    let _ = to.shutdown(Shutdown::Write);
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, SeqCst);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
