//! Icons of Windows: a table of bitmaps and PNGs.

use super::{Piece, Pieces, le16, le32, png};

/// Pictures in an icon at most; real ones have fewer than ten.
const MAX_ENTRIES: usize = 64;

/// The pictures of an icon. Between them nothing may stand.
pub fn pieces(bytes: &[u8]) -> Result<Pieces, &'static str> {
    if bytes.get(..4) != Some(&[0, 0, 1, 0]) {
        return Err("no icon");
    }
    let count = le16(bytes, 4).filter(|n| (1..=MAX_ENTRIES).contains(n)).ok_or("a broken icon")?;
    let mut out = vec![(Piece::Drawn, 0, 6 + 16 * count)];
    for n in 0..count {
        let entry = 6 + 16 * n;
        let length = le32(bytes, entry + 8).ok_or("a broken icon")?;
        let from = le32(bytes, entry + 12).ok_or("a broken icon")?;
        let content = from.checked_add(length).and_then(|to| bytes.get(from..to));
        let content = content.ok_or("a broken icon")?;
        if content.starts_with(b"\x89PNG") {
            let inner = png::pieces(content)?.into_iter();
            out.extend(inner.map(|(piece, a, b)| (piece, from + a, from + b)));
        } else {
            out.push((Piece::Drawn, from, from + length));
        }
    }
    let mut ends: Vec<_> = out.iter().map(|(_, from, to)| (*from, *to)).collect();
    ends.sort_unstable();
    let mut at = 0;
    for (from, to) in ends {
        if from > at {
            out.push((Piece::Extra("data between the pictures"), at, from));
        }
        at = at.max(to);
    }
    super::trailing(&mut out, at, bytes);
    Ok(out)
}
