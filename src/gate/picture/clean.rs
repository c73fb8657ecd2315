//! How a picture is rid of everything that does not draw it.

use super::{Format, Piece, looked_into, pieces, png, webp};
use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Longest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 20_000;
/// Memory for decoding at most: 512 MiB, about 130 megapixels.
const MAX_ALLOC: u64 = 512 << 20;
/// Quality of a JPEG that is drawn anew.
const QUALITY: u8 = 90;

/// Why a picture cannot be cleaned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Uncleanable {
    /// It is broken, or of a form that is not known.
    #[error("{0}")]
    Form(&'static str),
    /// The decoder refuses it.
    #[error("it cannot be decoded: {0}")]
    Decode(#[from] ImageError),
}

/// The same picture without anything else, and whether it was drawn anew. A single picture is turned as its EXIF says and drawn anew; of
/// several frames the pieces that draw them are kept as they are.
///
/// # Errors
/// See [`Uncleanable`]; nothing is known of a picture that gives an error.
pub fn clean(format: Format, bytes: &[u8]) -> Result<(Vec<u8>, bool), Uncleanable> {
    let redrawn = match format {
        Format::Jpeg => true,
        Format::Png => !png::is_animated(bytes),
        Format::Webp => !webp::is_animated(bytes),
        Format::Gif | Format::Ico => false,
    };
    let out = match format {
        Format::Jpeg => redraw(bytes, ImageFormat::Jpeg)?,
        Format::Png if redrawn => redraw(bytes, ImageFormat::Png)?,
        Format::Webp if redrawn => redraw(bytes, ImageFormat::WebP)?,
        Format::Png | Format::Gif => strip(format, bytes)?,
        Format::Webp => {
            let mut out = strip(format, bytes)?;
            webp::mend(&mut out);
            out
        }
        Format::Ico => return Err(Uncleanable::Form("an icon cannot be cleaned")),
    };
    match looked_into(format, &out) {
        Ok(extra) if extra.is_empty() => Ok((out, redrawn)),
        Ok(_) => Err(Uncleanable::Form("something is left after cleaning")),
        Err(why) => Err(Uncleanable::Form(why)),
    }
}

fn strip(format: Format, bytes: &[u8]) -> Result<Vec<u8>, Uncleanable> {
    let mut out = Vec::with_capacity(bytes.len());
    for (piece, from, to) in pieces(format, bytes).map_err(Uncleanable::Form)? {
        if piece == Piece::Drawn {
            out.extend_from_slice(bytes.get(from..to).unwrap_or_default());
        }
    }
    Ok(out)
}

fn redraw(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>, Uncleanable> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    let mut out = Vec::new();
    match format {
        ImageFormat::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut out, QUALITY);
            match is_grey(&picture) {
                true => picture.to_luma8().write_with_encoder(encoder)?,
                false => picture.to_rgb8().write_with_encoder(encoder)?,
            }
        }
        ImageFormat::Png => picture.write_with_encoder(PngEncoder::new(&mut out))?,
        _ => {
            let encoder = WebPEncoder::new_lossless(&mut out);
            match picture.color().has_alpha() {
                true => picture.to_rgba8().write_with_encoder(encoder)?,
                false => picture.to_rgb8().write_with_encoder(encoder)?,
            }
        }
    }
    Ok(out)
}

fn is_grey(picture: &DynamicImage) -> bool {
    !picture.color().has_color()
}
