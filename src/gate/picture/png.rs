//! PNG (ISO 15948): a file of chunks.

use super::{Piece, Pieces, be32, trailing};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks of a file.
pub fn pieces(bytes: &[u8]) -> Result<Pieces, &'static str> {
    if !bytes.starts_with(SIGNATURE) {
        return Err("no PNG");
    }
    let mut at = SIGNATURE.len();
    let mut out = vec![(Piece::Drawn, 0, at)];
    loop {
        let length = be32(bytes, at).ok_or("a PNG that is cut off")?;
        let kind = bytes.get(at + 4..at + 8).ok_or("a PNG that is cut off")?;
        let end = at.checked_add(12).and_then(|n| n.checked_add(length));
        let end = end.filter(|end| *end <= bytes.len()).ok_or("a PNG that is cut off")?;
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err("a broken PNG");
        }
        out.push((piece(kind), at, end));
        at = end;
        if kind == b"IEND" {
            if length > 0 {
                return Err("a broken PNG");
            }
            trailing(&mut out, at, bytes);
            return Ok(out);
        }
    }
}

fn piece(kind: &[u8]) -> Piece {
    match kind {
        b"IHDR" | b"PLTE" | b"IDAT" | b"IEND" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"sBIT"
        | b"bKGD" | b"hIST" | b"pHYs" | b"cICP" | b"acTL" | b"fcTL" | b"fdAT" => Piece::Drawn,
        b"eXIf" => Piece::Extra("EXIF"),
        b"tEXt" | b"zTXt" | b"iTXt" => Piece::Extra("text"),
        b"iCCP" => Piece::Extra("colour profile"),
        b"tIME" => Piece::Extra("time"),
        _ => Piece::Extra("data of a program"),
    }
}

/// True when it has several frames.
pub fn is_animated(bytes: &[u8]) -> bool {
    let frames = |(_, from, _): &(Piece, usize, usize)| bytes.get(from + 4..from + 8);
    pieces(bytes).is_ok_and(|pieces| pieces.iter().any(|p| frames(p) == Some(&b"acTL"[..])))
}
