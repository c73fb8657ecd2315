//! Pictures: what they carry beside the picture, and how they are rid of it.
//!
//! [`looked_into`] walks the structure of a file and decodes nothing: whatever is not needed to draw the picture is
//! metadata. [`clean`] draws the picture anew, or, where there are several frames, keeps only what draws them; its result passes
//! [`looked_into`].

mod clean;
mod gif;
mod ico;
mod jpeg;
mod png;
mod webp;

pub use clean::{Uncleanable, clean};

/// Largest picture that is looked into, in bytes: 64 MiB.
pub const MAX_PICTURE_BYTES: u64 = 64 << 20;

/// The formats that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG, also animated.
    Png,
    /// GIF.
    Gif,
    /// WebP, also animated.
    Webp,
    /// Icons of Windows; they cannot be cleaned.
    Ico,
}

impl Format {
    /// The media type that a record names.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Ico => "image/x-icon",
        }
    }

    /// Of a picture whose name is that of a page.
    pub const fn misnamed(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG, though its name is that of a text",
            Self::Png => "PNG, though its name is that of a text",
            Self::Gif => "GIF, though its name is that of a text",
            Self::Webp => "WebP, though its name is that of a text",
            Self::Ico => "an icon, though its name is that of a text",
        }
    }
}

/// What a piece of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// It is needed to draw the picture.
    Drawn,
    /// It is not: what it is called.
    Extra(&'static str),
}

/// A piece and where it stands: from, to.
type Pieces = Vec<(Piece, usize, usize)>;

/// Everything in a picture that does not draw it, each name once. Empty when it is clean.
///
/// # Errors
/// Why it cannot be looked into: broken, cut off, or of a form that is not known.
pub fn looked_into(format: Format, bytes: &[u8]) -> Result<Vec<&'static str>, &'static str> {
    let pieces = pieces(format, bytes)?;
    let mut names: Vec<_> = pieces
        .iter()
        .filter_map(|(piece, ..)| match piece {
            Piece::Extra(name) => Some(*name),
            Piece::Drawn => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

fn pieces(format: Format, bytes: &[u8]) -> Result<Pieces, &'static str> {
    match format {
        Format::Jpeg => jpeg::pieces(bytes),
        Format::Png => png::pieces(bytes),
        Format::Gif => gif::pieces(bytes),
        Format::Webp => webp::pieces(bytes),
        Format::Ico => ico::pieces(bytes),
    }
}

/// What stands behind the end of a picture.
fn trailing(pieces: &mut Pieces, at: usize, bytes: &[u8]) {
    if at < bytes.len() {
        pieces.push((Piece::Extra("data behind the picture"), at, bytes.len()));
    }
}

/// A big-endian number of two bytes.
fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes(two)))
}

/// A little-endian number of two bytes.
fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(two)))
}

/// A big-endian number of four bytes.
fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// A little-endian number of four bytes.
fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
