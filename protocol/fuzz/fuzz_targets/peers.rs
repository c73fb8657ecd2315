//! Lists of addresses from strangers, and the memory that takes them.
#![no_main]

use core::time::Duration;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::limits::MAX_PEER_LIST;
use yadgar_protocol::peers::{Memory, Peer, Place, Teller, decode_list, encode_list};

fuzz_target!(|data: &[u8]| {
    // The base point of the curve.
    let mut own = [0x66; 32];
    own[0] = 0x58;
    let Ok(own) = PublicKey::from_bytes(own) else { return };
    if let Ok(peer) = Peer::decode(data) {
        assert_eq!(peer.bytes(), data);
    }
    if let Ok(list) = decode_list(data) {
        assert_eq!(encode_list(&list), data);
        let mut memory = Memory::new(own, [1; 32], [2; 32]);
        let teller = Teller { key: own, ip: [9, 9, 9, 9].into() };
        memory.hear(&teller, &list, Duration::ZERO);
        assert!(memory.known().len() <= MAX_PEER_LIST);
        assert!(memory.known().iter().all(|known| known.place == Place::Global));
        let _ = memory.due(Duration::ZERO, &BTreeSet::new(), 0);
    }
    if let Ok(mut memory) = Memory::from_kept(data, own, [2; 32]) {
        memory.situated(Vec::new(), Vec::new(), false);
        let _ = (memory.known(), memory.unsigned());
    }
});
