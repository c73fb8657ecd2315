//! Announcements of many that are not there.

use super::{fetch, mirror, published, tell};
use crate::common;
use crate::lab::{enter, guest, join, machine, on, sh};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Instant;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::beacon::{
    BEACON_PORT, BeaconKey, Body, DATAGRAM_BYTES, Datagram, Kind, NO_ECHO, Ports,
};

/// Set for the process that floods: which archive.
const FLOOD: &str = "YADGAR_TEST_FLOOD";
const FAKES: u32 = 30_000;

/// Announces, as somebody who has the invite, 30,000 nodes at 200 addresses.
#[test]
fn flooder() {
    let Some(archive) = std::env::var_os(FLOOD) else { return };
    let archive: ArchiveId = archive.to_str().unwrap().parse().unwrap();
    let mut slots = [None; 8];
    slots[3] = Some(BeaconKey::of(&archive));
    for n in 0..FAKES {
        let from = Ipv4Addr::new(192, 168, 43, 50 + (n % 200) as u8);
        let socket = UdpSocket::bind((from, 0)).unwrap();
        socket.set_broadcast(true).unwrap();
        let ports = Ports { node: 1024 + (n % 60_000) as u16, page: 0 };
        let body = Body { kind: Kind::Announce, ports, echo: NO_ECHO };
        let mut random = [0; DATAGRAM_BYTES];
        blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut random);
        let datagram = Datagram::seal(random, &slots, &body, from.into());
        socket.send_to(datagram.bytes(), ("192.168.43.255", BEACON_PORT)).unwrap();
    }
}

/// Resident memory in kB, and processor time in clock ticks.
fn costs(pid: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let memory = line.trim().trim_end_matches(" kB").parse().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
    (memory, ticks(11) + ticks(12))
}

#[test]
fn thirty_thousand_fakes_do_not_hinder() {
    if !enter(module_path!(), "thirty_thousand_fakes_do_not_hinder") {
        return;
    }
    let (home, invite) = published();
    guest("host", 1);
    guest("guest", 2);
    machine("evil");
    join("evil");
    sh("for n in $(seq 50 249); do ip -n evil addr add 192.168.43.$n/24 brd + dev wlan0; done");
    let host = mirror("host", &home, &[]);
    host.wait_complete(1);
    let archive = home.ok(&["invite"])["archive"].as_str().unwrap().to_owned();
    let (memory, ticks) = costs(host.pid());
    let mut flood = on("evil", &std::env::current_exe().unwrap());
    flood
        .args(["--exact", &*common::test_name(module_path!(), "flooder")])
        .env(FLOOD, &archive)
        .stdout(std::process::Stdio::null());
    let (mut flood, start) = (flood.spawn().unwrap(), Instant::now());
    tell("during 30,000 fakes", &fetch("guest", &invite, "--lan"));
    assert!(flood.wait().unwrap().success());
    let took = start.elapsed().as_secs_f64();
    let (after, later) = costs(host.pid());
    let cpu = (later - ticks) as f64 / 100.0;
    println!(
        "LAN: 30,000 fakes in {took:.1} s: {cpu:.2} s of processor, {memory} kB before, {after} kB after"
    );
    assert!(after < memory + 20_000, "memory: {memory} kB, then {after} kB");
    tell("after 30,000 fakes", &fetch("guest", &invite, "--lan"));
}
