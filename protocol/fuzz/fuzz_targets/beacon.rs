//! Datagrams of the LAN: any bytes, and ours with some bytes changed.
#![no_main]

use core::net::IpAddr;
use libfuzzer_sys::fuzz_target;
use yadgar_protocol::beacon::{BeaconKey, Body, DATAGRAM_BYTES, Datagram, Kind, NO_ECHO, Ports};
use yadgar_protocol::{ArchiveId, Hash};

fuzz_target!(|data: &[u8]| {
    let key = BeaconKey::of(&ArchiveId(Hash([7; 32])));
    let from = IpAddr::from([192, 168, 1, 7]);
    if let Ok(datagram) = Datagram::from_bytes(data) {
        assert_eq!(&datagram.bytes()[..], data);
        let _ = datagram.open(&key, from);
    }
    // The input says what is changed: places and bytes.
    let mut slots = [None; 8];
    slots[3] = Some(key);
    let ports = Ports { node: 4774, page: 0 };
    let body = Body { kind: Kind::Announce, ports, echo: NO_ECHO };
    let sealed = Datagram::seal([5; DATAGRAM_BYTES], &slots, &body, from);
    assert!(sealed.open(&key, from).is_ok_and(|body| body.is_some()));
    assert!(sealed.open(&key, IpAddr::from([192, 168, 1, 8])).is_err());
    let mut bytes = *sealed.bytes();
    for change in data.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % DATAGRAM_BYTES;
        bytes[at] ^= change[2];
    }
    if let Ok(changed) = Datagram::from_bytes(&bytes) {
        if let Ok(Some(opened)) = changed.open(&key, from) {
            // Only what is not of its slot was changed.
            assert_eq!((opened.kind, opened.ports.node), (Kind::Announce, 4774));
        }
    }
});
