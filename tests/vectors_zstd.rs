//! The vectors of SYNC-1 against the decompressor that the program uses.

use serde_json::Value;
use yadgar::store::pack::inflate;
use yadgar_protocol::sync::{Frame, FrameReader};

#[test]
fn sync_1_every_case() {
    let text = include_str!("../protocol/vectors/sync/zstd.json");
    let file: Value = serde_json::from_str(text).unwrap();
    let mut counts = (0, 0);
    for case in file["cases"].as_array().expect("a list of cases") {
        let name = case["name"].as_str().unwrap();
        assert_eq!(case["kind"], "block-frame", "{name}");
        let bytes = hex::decode(case["input"]["hex"].as_str().unwrap()).unwrap();
        let taken = take(&bytes);
        assert_eq!(taken.is_some(), case["expect"] == "accept", "{name}");
        match taken {
            Some(plain) => {
                assert_eq!(case["hash"], blake3::hash(&plain).to_hex().as_str(), "{name}");
                counts.0 += 1;
            }
            None => counts.1 += 1,
        }
    }
    assert!(counts.0 > 0 && counts.1 > 0, "{counts:?}");
}

/// The plain block of one frame.
fn take(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = FrameReader::new();
    loop {
        let used = reader.feed(bytes);
        bytes = &bytes[used..];
        match reader.next() {
            Ok(Some(Frame::Block(packed))) => return packed.unpack(&inflate).ok(),
            Ok(None) if !bytes.is_empty() => {}
            _ => return None,
        }
    }
}
