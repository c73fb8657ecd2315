//! Just enough zstd (RFC 8878) for the vectors: one frame with its size in it, of raw and
//! run-length blocks. The real decompressor is an argument of this crate.

/// The plain bytes; `None` for anything else, or for more than `max` bytes.
pub fn inflate(data: &[u8], max: usize) -> Option<Vec<u8>> {
    let rest = data.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd, 0xa0])?;
    let (size, mut rest) = rest.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    let mut out = Vec::new();
    loop {
        let (head, behind) = rest.split_first_chunk::<3>()?;
        let head = u32::from_le_bytes([head[0], head[1], head[2], 0]);
        let length = usize::try_from(head >> 3).ok()?;
        if length > size.min(max) - out.len().min(size.min(max)) {
            return None;
        }
        let taken = match head >> 1 & 3 {
            0 => length,
            1 => 1,
            _ => return None,
        };
        let body = behind.get(..taken)?;
        out.extend(body.repeat(if taken == length { 1 } else { length }));
        rest = &behind[taken..];
        if head & 1 == 1 {
            return (rest.is_empty() && out.len() == size).then_some(out);
        }
    }
}
