//! Listens at a machine's network card, as a neighbour could, and takes packets apart.

use crate::common::test_name;
use crate::lab::sh;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{Read as _, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Stdio};

/// Set for the process that listens: the file that it writes.
const TAP: &str = "YADGAR_TEST_TAP";
/// ETH_P_ALL: every packet, those that leave too.
const ALL: i32 = 0x0003;

/// The process that listens, until it is killed; without a file nothing.
#[test]
fn listens() {
    let Some(path) = std::env::var_os(TAP) else { return };
    let protocol = Protocol::from(i32::from((ALL as u16).to_be()));
    let mut socket = Socket::new(Domain::PACKET, Type::RAW, Some(protocol)).unwrap();
    socket.set_recv_buffer_size(64 << 20).unwrap();
    let mut file = std::fs::File::create(path).unwrap();
    let mut frame = vec![0; 70_000];
    loop {
        let length = socket.read(&mut frame).unwrap();
        let bytes = [&(length as u32).to_le_bytes()[..], &frame[..length]].concat();
        file.write_all(&bytes).unwrap();
    }
}

/// A tap at a machine, until it is read.
pub struct Tap {
    child: Child,
    file: tempfile::TempPath,
    card: [u8; 6],
}

impl Tap {
    /// At the Wi-Fi of a machine.
    pub fn at(machine: &str) -> Self {
        Self::on(machine, "wlan0")
    }

    /// At a card of a machine; every packet of other cards is left out by its address.
    pub fn on(machine: &str, card: &str) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::remove_file(&file).unwrap();
        let mut child = crate::lab::on(machine, &std::env::current_exe().unwrap());
        child
            .args(["--exact", &*test_name(module_path!(), "listens")])
            .env(TAP, &*file)
            .stdout(Stdio::null());
        let child = child.spawn().unwrap();
        while !Path::new(&*file).exists() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let text = sh(&format!("ip netns exec {machine} cat /sys/class/net/{card}/address"));
        let mut card = [0; 6];
        for (byte, hex) in card.iter_mut().zip(text.trim().split(':')) {
            *byte = u8::from_str_radix(hex, 16).unwrap();
        }
        Self { child, file, card }
    }

    /// What the machine sent on its network card.
    pub fn sent(mut self) -> Vec<Packet> {
        // What is on its way is still heard.
        std::thread::sleep(std::time::Duration::from_millis(300));
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let bytes = std::fs::read(&self.file).unwrap();
        let (mut rest, mut packets) = (&bytes[..], Vec::new());
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            let Some((frame, after)) = after.split_at_checked(length) else { break };
            if frame.get(6..12) == Some(&self.card[..]) {
                packets.push(Packet::of(frame));
            }
            rest = after;
        }
        packets
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Arp,
    Igmp,
    /// The type of the message.
    Icmp4(u8),
    /// The same of IPv6.
    Icmp6(u8),
    Tcp,
    Udp,
    /// Ethernet's type, or the protocol of IP.
    Other(u16),
}

#[derive(Debug, Clone)]
pub struct Packet {
    pub kind: Kind,
    pub to: Option<IpAddr>,
    /// Of TCP and UDP: from which port to which.
    pub ports: (u16, u16),
    /// Of TCP: nobody listens there, the system says.
    #[allow(dead_code)] // Only captures of mirrors look at it.
    pub reset: bool,
    /// Of TCP: it asks for a connection.
    #[allow(dead_code)] // Only captures of mirrors look at it.
    pub opens: bool,
    /// What TCP or UDP carries.
    pub payload: Vec<u8>,
    /// Of the whole frame.
    #[allow(dead_code)] // Not every test that reads captures counts them.
    pub bytes: usize,
}

impl Packet {
    fn of(frame: &[u8]) -> Self {
        let ether = u16::from_be_bytes([frame[12], frame[13]]);
        let mut packet = Self {
            kind: Kind::Other(ether),
            to: None,
            ports: (0, 0),
            reset: false,
            opens: false,
            payload: Vec::new(),
            bytes: frame.len(),
        };
        match ether {
            0x0806 => packet.kind = Kind::Arp,
            0x0800 => {
                let ip = &frame[14..];
                packet.to = Some(IpAddr::from(<[u8; 4]>::try_from(&ip[16..20]).unwrap()));
                let total = usize::from(u16::from_be_bytes([ip[2], ip[3]])).min(ip.len());
                packet.inner(ip[9], &ip[usize::from(ip[0] & 15) * 4..total]);
            }
            0x86dd => {
                let ip = &frame[14..];
                packet.to = Some(IpAddr::from(<[u8; 16]>::try_from(&ip[24..40]).unwrap()));
                let total = (40 + usize::from(u16::from_be_bytes([ip[4], ip[5]]))).min(ip.len());
                let (mut next, mut at) = (ip[6], 40);
                if next == 0 {
                    (next, at) = (ip[40], 40 + 8 * (1 + usize::from(ip[41])));
                }
                packet.inner(next, &ip[at..total]);
            }
            _ => {}
        }
        packet
    }

    fn inner(&mut self, protocol: u8, bytes: &[u8]) {
        let port = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        match protocol {
            1 => self.kind = Kind::Icmp4(bytes[0]),
            2 => self.kind = Kind::Igmp,
            6 => {
                (self.kind, self.ports) = (Kind::Tcp, (port(0), port(2)));
                (self.reset, self.opens) = (bytes[13] & 4 != 0, bytes[13] & 0b1_0010 == 0b10);
                self.payload = bytes[usize::from(bytes[12] >> 4) * 4..].to_vec();
            }
            17 => {
                (self.kind, self.ports) = (Kind::Udp, (port(0), port(2)));
                self.payload = bytes[8..].to_vec();
            }
            58 => self.kind = Kind::Icmp6(bytes[0]),
            other => self.kind = Kind::Other(u16::from(other)),
        }
    }

    /// What the system says of itself on any link, whatever runs: ARP, groups, IPv6 neighbours.
    pub fn is_the_systems(&self) -> bool {
        match self.kind {
            Kind::Arp | Kind::Igmp => true,
            // Router and neighbour solicitation and advertisement, reports of groups.
            Kind::Icmp6(kind) => matches!(kind, 131 | 133 | 135 | 136 | 143),
            _ => false,
        }
    }
}
