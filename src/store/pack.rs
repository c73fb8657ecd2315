//! zstd for blocks: at rest and on the wire (SYNC-1).

use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{find_frame_compressed_size, get_frame_content_size};

/// Level 3: what zstd itself takes for fast and good enough.
const LEVEL: i32 = 3;
/// Below this a frame's own header eats what is saved.
const SMALLEST: usize = 64;
/// Larger blocks are tried on a piece first.
const PROBE_ABOVE: usize = 16 * 1024;
/// Length of that piece, from the middle: heads of media files mislead.
const PROBE: usize = 4 * 1024;

thread_local! {
    /// Setting up a context costs more than a small block; each thread keeps one.
    static INFLATER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    static DEFLATER: RefCell<Deflater> = RefCell::default();
}

/// As [`Deflater::deflate`], with the deflater of this thread.
pub fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    DEFLATER.with_borrow_mut(|deflater| deflater.deflate(plain))
}

/// One zstd frame of many blocks together, shorter than they are, or `None`. All of it is tried: what lies in the
/// middle says nothing about the rest.
pub fn deflate_together(plain: &[u8]) -> Option<Vec<u8>> {
    DEFLATER.with_borrow_mut(|deflater| {
        let packed = deflater.compressor()?.compress(plain).ok()?;
        (packed.len() < plain.len()).then_some(packed)
    })
}

/// Decompresses exactly one zstd frame of at most `max` plain bytes; `None` for anything else.
/// Fits [`yadgar_protocol::blocks::Inflate`].
pub fn inflate(data: &[u8], max: usize) -> Option<Vec<u8>> {
    if find_frame_compressed_size(data).ok()? != data.len() {
        return None;
    }
    let capacity = match get_frame_content_size(data).ok()? {
        Some(size) => usize::try_from(size).ok().filter(|size| *size <= max)?,
        None => max,
    };
    INFLATER.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Some(Decompressor::new().ok()?);
        }
        slot.as_mut()?.decompress(data, capacity).ok()
    })
}

/// The plain length of a frame, by its header where that says it. `None` when it cannot be read or
/// is over `max`.
pub(crate) fn plain_len(data: &[u8], max: usize) -> Option<usize> {
    match get_frame_content_size(data).ok()? {
        Some(size) => usize::try_from(size).ok().filter(|size| *size <= max),
        None => inflate(data, max).map(|plain| plain.len()),
    }
}

/// Compresses blocks where that pays.
#[derive(Default)]
pub struct Deflater {
    compressor: Option<Compressor<'static>>,
}

impl Deflater {
    fn compressor(&mut self) -> Option<&mut Compressor<'static>> {
        if self.compressor.is_none() {
            self.compressor = Some(Compressor::new(LEVEL).ok()?);
        }
        self.compressor.as_mut()
    }

    /// One zstd frame that saves at least a sixteenth of `plain`, or `None`.
    pub fn deflate(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        if plain.len() < SMALLEST {
            return None;
        }
        let compressor = self.compressor()?;
        if plain.len() > PROBE_ABOVE {
            let middle = (plain.len() - PROBE) / 2;
            let piece = plain.get(middle..middle + PROBE)?;
            // A piece saves less than the whole: half of what is asked of the whole is enough.
            if compressor.compress(piece).ok()?.len() > PROBE - PROBE / 32 {
                return None;
            }
        }
        let packed = compressor.compress(plain).ok()?;
        (packed.len() <= plain.len() - plain.len() / 16).then_some(packed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use yadgar_protocol::limits::MAX_BLOCK_BYTES;

    #[test]
    fn only_one_whole_frame_within_bounds() {
        let plain = vec![7; 5000];
        let frame = Deflater::default().deflate(&plain).unwrap();
        assert_eq!(inflate(&frame, 5000).unwrap(), plain);
        assert_eq!(plain_len(&frame, 5000), Some(5000));
        assert_eq!(inflate(&frame, 4999), None);
        assert_eq!(plain_len(&frame, 4999), None);
        let twice = [frame.clone(), frame.clone()].concat();
        assert_eq!(inflate(&twice, MAX_BLOCK_BYTES), None);
        assert_eq!(inflate(&frame[..frame.len() - 1], MAX_BLOCK_BYTES), None);
        assert_eq!(inflate(&[], 10), None);
    }

    #[test]
    fn a_frame_without_its_size_is_bounded_too() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        std::io::Write::write_all(&mut encoder, &[1; 300_000]).unwrap();
        let frame = encoder.finish().unwrap();
        assert_eq!(inflate(&frame, MAX_BLOCK_BYTES), None);
        assert_eq!(plain_len(&frame, 300_000), Some(300_000));
    }

    #[test]
    fn what_does_not_shrink_stays() {
        let mut noise = vec![0; 100_000];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        assert_eq!(Deflater::default().deflate(&noise), None);
        assert_eq!(Deflater::default().deflate(&noise[..2000]), None);
        assert_eq!(Deflater::default().deflate(&[0; 63]), None);
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = inflate(&bytes, MAX_BLOCK_BYTES);
            let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd];
            frame.extend(bytes);
            let _ = inflate(&frame, MAX_BLOCK_BYTES);
            let _ = plain_len(&frame, MAX_BLOCK_BYTES);
        }
    }
}
