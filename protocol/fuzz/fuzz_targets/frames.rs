//! Frames: however a stream is cut, the same frames come out, and each has one encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::Reject;
use yadgar_protocol::sync::{Frame, FrameReader};

fn read(stream: &[u8], piece: usize) -> (Vec<Frame>, Option<Reject>) {
    let (mut reader, mut frames) = (FrameReader::new(), Vec::new());
    for mut bytes in stream.chunks(piece) {
        while !bytes.is_empty() {
            let taken = reader.feed(bytes);
            bytes = &bytes[taken..];
            match reader.next() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => assert!(bytes.is_empty()),
                Err(reject) => return (frames, Some(reject)),
            }
        }
    }
    (frames, None)
}

fuzz_target!(|data: &[u8]| {
    let Some((&piece, stream)) = data.split_first() else { return };
    let whole = read(stream, stream.len().max(1));
    assert_eq!(whole, read(stream, usize::from(piece) + 1));
    let mut again = Vec::new();
    whole.0.iter().for_each(|frame| frame.encode(&mut again));
    assert!(stream.starts_with(&again));
});
