//! WebP: a RIFF file of chunks.

use super::{Piece, Pieces, le32, trailing};

const CUT_OFF: &str = "a WebP that is cut off";
/// Bits of `VP8X` that say: there is a colour profile, EXIF, XMP.
const EXTRA_BITS: u8 = 0x20 | 0x08 | 0x04;
/// The chunk header and the position of frames inside `ANMF`.
const FRAME_HEADER: usize = 16;

/// The chunks of a file.
pub fn pieces(bytes: &[u8]) -> Result<Pieces, &'static str> {
    let size = le32(bytes, 4).ok_or(CUT_OFF)?;
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WEBP") {
        return Err("no WebP");
    }
    let end = size.checked_add(8).filter(|end| *end <= bytes.len()).ok_or(CUT_OFF)?;
    let mut out = vec![(Piece::Drawn, 0, 12)];
    let mut at = 12;
    while at < end {
        let (kind, from, to) = chunk(bytes, at, end)?;
        let piece = match kind {
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" => Piece::Drawn,
            b"ANMF" => frame(bytes, from, to)?,
            b"EXIF" => Piece::Extra("EXIF"),
            b"XMP " => Piece::Extra("XMP"),
            b"ICCP" => Piece::Extra("colour profile"),
            _ => Piece::Extra("data of a program"),
        };
        // Chunks are padded to an even length; some programs leave the last byte out.
        let next = (to + (to - from) % 2).min(end);
        out.push((piece, at, next));
        at = next;
    }
    trailing(&mut out, end, bytes);
    Ok(out)
}

/// Kind, and where the content of a chunk begins and ends.
fn chunk(bytes: &[u8], at: usize, end: usize) -> Result<(&[u8], usize, usize), &'static str> {
    let kind = bytes.get(at..at + 4).ok_or(CUT_OFF)?;
    let length = le32(bytes, at + 4).ok_or(CUT_OFF)?;
    let from = at + 8;
    let to = from.checked_add(length).filter(|to| *to <= end).ok_or(CUT_OFF)?;
    Ok((kind, from, to))
}

/// A frame holds chunks too.
fn frame(bytes: &[u8], from: usize, to: usize) -> Result<Piece, &'static str> {
    let mut at = from + FRAME_HEADER;
    while at < to {
        let (kind, begin, end) = chunk(bytes, at, to)?;
        if !matches!(kind, b"VP8 " | b"VP8L" | b"ALPH") {
            return Err("a WebP with data in its frames");
        }
        at = end + (end - begin) % 2;
    }
    Ok(Piece::Drawn)
}

/// True when it has several frames.
pub fn is_animated(bytes: &[u8]) -> bool {
    let kind = |(_, from, _): &(Piece, usize, usize)| bytes.get(*from..from + 4);
    pieces(bytes).is_ok_and(|pieces| pieces.iter().any(|p| kind(p) == Some(&b"ANMF"[..])))
}

/// Writes the size of a file whose chunks changed, and takes back what its header says of removed ones.
pub fn mend(bytes: &mut [u8]) {
    let size = u32::try_from(bytes.len().saturating_sub(8)).unwrap_or(u32::MAX);
    if let Some(field) = bytes.get_mut(4..8) {
        field.copy_from_slice(&size.to_le_bytes());
    }
    if bytes.get(12..16) == Some(b"VP8X")
        && let Some(flags) = bytes.get_mut(20)
    {
        *flags &= !EXTRA_BITS;
    }
}
