//! The carrier reader: it ends, and what it gives is right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yadgar_protocol::carrier::{CarReader, Event};

fn take(reader: &mut CarReader, at_end: bool, input: &[u8], left: &mut usize) {
    while let Some(event) = reader.next(at_end) {
        *left = left.checked_sub(1).expect("more events than bytes");
        if let Event::Block { id, data, offset } = event {
            assert!(id.matches(&data));
            let offset = offset as usize;
            assert_eq!(&input[offset..offset + data.len()], data);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&piece, input)) = data.split_first() else { return };
    let mut reader = CarReader::new();
    let mut left = input.len() + 4;
    for bytes in input.chunks(usize::from(piece) + 1) {
        reader.feed(bytes);
        take(&mut reader, false, input, &mut left);
    }
    take(&mut reader, true, input, &mut left);
    assert_eq!(reader.position() as usize, input.len());
});
