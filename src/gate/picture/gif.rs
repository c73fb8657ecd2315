//! GIF 87a and 89a: a file of blocks.

use super::{Piece, Pieces, trailing};

const CUT_OFF: &str = "a GIF that is cut off";

/// The blocks of a file.
pub fn pieces(bytes: &[u8]) -> Result<Pieces, &'static str> {
    if !(bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a")) {
        return Err("no GIF");
    }
    let flags = *bytes.get(10).ok_or(CUT_OFF)?;
    let mut at = 13 + table(flags);
    let mut out = vec![(Piece::Drawn, 0, at)];
    loop {
        let start = at;
        let piece = match bytes.get(at).ok_or(CUT_OFF)? {
            0x3b => {
                out.push((Piece::Drawn, at, at + 1));
                trailing(&mut out, at + 1, bytes);
                return Ok(out);
            }
            0x2c => {
                let flags = *bytes.get(at + 9).ok_or(CUT_OFF)?;
                // Behind the table stands one byte, then the data.
                at = blocks(bytes, at + 10 + table(flags) + 1)?;
                Piece::Drawn
            }
            0x21 => {
                let piece = extension(bytes, at)?;
                at = blocks(bytes, at + 2)?;
                piece
            }
            _ => return Err("a broken GIF"),
        };
        out.push((piece, start, at));
    }
}

/// Bytes of a colour table.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn extension(bytes: &[u8], at: usize) -> Result<Piece, &'static str> {
    Ok(match bytes.get(at + 1).ok_or(CUT_OFF)? {
        0xf9 if bytes.get(at + 2) == Some(&4) && bytes.get(at + 7) == Some(&0) => Piece::Drawn,
        0xfe => Piece::Extra("comment"),
        0x01 => Piece::Extra("text"),
        0xff => match bytes.get(at + 2..at + 14).ok_or(CUT_OFF)? {
            // How often it is played: three bytes, and nothing else.
            b"\x0bNETSCAPE2.0" | b"\x0bANIMEXTS1.0"
                if bytes.get(at + 14) == Some(&3) && bytes.get(at + 18) == Some(&0) =>
            {
                Piece::Drawn
            }
            b"\x0bXMP DataXMP" => Piece::Extra("XMP"),
            b"\x0bICCRGBG1012" => Piece::Extra("colour profile"),
            _ => Piece::Extra("data of a program"),
        },
        _ => Piece::Extra("extension"),
    })
}

/// The end of a row of blocks, each with its length in front, the last one empty.
fn blocks(bytes: &[u8], from: usize) -> Result<usize, &'static str> {
    let mut at = from;
    loop {
        let length = usize::from(*bytes.get(at).ok_or(CUT_OFF)?);
        at += 1 + length;
        if length == 0 {
            return Ok(at);
        }
    }
}
