//! JPEG (ITU T.81): a file of segments.

use super::{Piece, Pieces, be16, trailing};

const CUT_OFF: &str = "a JPEG that is cut off";

/// The segments of a file.
pub fn pieces(bytes: &[u8]) -> Result<Pieces, &'static str> {
    if bytes.get(..2) != Some(&[0xff, 0xd8]) {
        return Err("no JPEG");
    }
    let mut out = vec![(Piece::Drawn, 0, 2)];
    let mut at = 2;
    loop {
        if bytes.get(at) != Some(&0xff) {
            return Err("a broken JPEG");
        }
        // Any number of fill bytes may stand before a marker.
        let start = at;
        while bytes.get(at) == Some(&0xff) {
            at += 1;
        }
        let marker = *bytes.get(at).ok_or(CUT_OFF)?;
        at += 1;
        if marker == 0xd9 {
            out.push((Piece::Drawn, start, at));
            trailing(&mut out, at, bytes);
            return Ok(out);
        }
        let length = be16(bytes, at).filter(|n| *n >= 2).ok_or(CUT_OFF)?;
        let end = at + length;
        let body = bytes.get(at + 2..end).ok_or(CUT_OFF)?;
        out.push((piece(marker, body)?, start, end));
        at = end;
        if marker == 0xda {
            at = scan(bytes, end)?;
            out.push((Piece::Drawn, end, at));
        }
    }
}

fn piece(marker: u8, body: &[u8]) -> Result<Piece, &'static str> {
    let extra = |name| Ok(Piece::Extra(name));
    match marker {
        // Tables, frames, scans, restart interval, arithmetic coding.
        0xc0..=0xc7 | 0xc9..=0xcf | 0xda..=0xdd => Ok(Piece::Drawn),
        0xe0 if body.starts_with(b"JFIF\0") && body.len() == 14 && body.ends_with(&[0, 0]) => {
            Ok(Piece::Drawn)
        }
        0xe0 => extra("thumbnail"),
        0xee if body.starts_with(b"Adobe") && body.len() == 12 => Ok(Piece::Drawn),
        0xe1 if body.starts_with(b"Exif\0") => extra("EXIF"),
        0xe1 if body.starts_with(b"http://ns.adobe.com/") => extra("XMP"),
        0xe2 if body.starts_with(b"ICC_PROFILE") => extra("colour profile"),
        0xe2 if body.starts_with(b"MPF") => extra("further pictures"),
        0xed => extra("IPTC"),
        0xe1..=0xef => extra("data of a program"),
        0xfe => extra("comment"),
        0xc8 | 0xde | 0xdf | 0xf0..=0xfd => extra("extension"),
        _ => Err("a JPEG with an unknown marker"),
    }
}

/// The end of the data of a scan: a marker that is no restart and no stuffed zero.
fn scan(bytes: &[u8], from: usize) -> Result<usize, &'static str> {
    let mut at = from;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(0xff), Some(0x00 | 0xd0..=0xd7)) => at += 2,
            (Some(0xff), Some(0xff)) => at += 1,
            (Some(0xff), Some(_)) => return Ok(at),
            (Some(_), Some(_)) => at += 1,
            _ => return Err(CUT_OFF),
        }
    }
}
