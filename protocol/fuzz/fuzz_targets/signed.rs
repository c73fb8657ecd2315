//! The CBOR gate: what passes it has one encoding, and can be judged without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::ArchiveId;
use yadgar_protocol::bulletin::Bulletin;
use yadgar_protocol::head::Head;
use yadgar_protocol::notice::Notice;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Fork, TrustRoot, check_head};

fuzz_target!(|data: &[u8]| {
    if let Ok(head) = Head::decode(data) {
        assert_eq!(head.encode(), data);
        if let Some(root) = head.roots.first() {
            let archive = ArchiveId(root.payload_hash());
            let _ = check_head(&archive, data);
        }
    }
    if let Ok(release) = Release::decode(data) {
        assert_eq!(release.encode(), data);
    }
    if let Ok(root) = TrustRoot::decode(data) {
        assert_eq!(root.encode(), data);
    }
    if let Ok(notice) = Notice::decode(data) {
        assert_eq!(notice.encode(), data);
    }
    if let Ok(bulletin) = Bulletin::decode(data) {
        assert_eq!(bulletin.encode(), data);
    }
    if let Ok(fork) = Fork::decode(data) {
        assert_eq!(fork.encode(), data);
        if let Some(root) = fork.roots.first() {
            let _ = fork.check(&ArchiveId(root.payload_hash()));
        }
    }
});
