//! Pictures with planted data: all of it is seen, and none is left after cleaning.

use super::*;
use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::prelude::*;
use std::io::Cursor;

/// A small picture whose pixels differ.
fn picture(width: u32, height: u32) -> DynamicImage {
    let pixel = |x: u32, y: u32| image::Rgb([(x * 16) as u8, (y * 16) as u8, 128]);
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, pixel))
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture(12, 8).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker][..], &length, body].concat()
}

fn insert(bytes: &[u8], at: usize, more: &[u8]) -> Vec<u8> {
    [&bytes[..at], more, &bytes[at..]].concat()
}

fn jpeg_with(marker: u8, body: &[u8]) -> Vec<u8> {
    insert(&encoded(ImageFormat::Jpeg), 2, &segment(marker, body))
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    let crc = crc(&[&kind[..], body].concat()).to_be_bytes();
    [&length[..], kind, body, &crc].concat()
}

/// CRC-32 as PNG has it.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
        crc
    })
}

fn png_with(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    insert(&encoded(ImageFormat::Png), 33, &chunk(kind, body))
}

fn webp_with(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let plain = encoded(ImageFormat::WebP);
    let mut header = vec![0u8; 10];
    header[0] = match kind {
        b"ICCP" => 0x20,
        b"EXIF" => 0x08,
        _ => 0x04,
    };
    header[4..7].copy_from_slice(&[11, 0, 0]);
    header[7..10].copy_from_slice(&[7, 0, 0]);
    let riff = |kind: &[u8; 4], body: &[u8]| {
        let pad = vec![0; body.len() % 2];
        [&kind[..], &(body.len() as u32).to_le_bytes(), body, &pad].concat()
    };
    let (more, header) = (riff(kind, body), riff(b"VP8X", &header));
    // The order of the specification: the profile before the picture, the rest behind it.
    let mut out = match kind {
        b"ICCP" => [&plain[..12], &header, &more, &plain[12..]].concat(),
        _ => [&plain[..12], &header, &plain[12..], &more].concat(),
    };
    let size = (out.len() as u32 - 8).to_le_bytes();
    out[4..8].copy_from_slice(&size);
    out
}

/// Two frames of one pixel each.
fn gif_with(extension: &[u8]) -> Vec<u8> {
    let frame = b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let play = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    [&head[..], play, extension, frame, frame, b"\x3b"].concat()
}

/// Orientation 6 (a quarter turn) and a position, as a camera writes them.
fn exif() -> Vec<u8> {
    let tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    [&b"Exif\0\0"[..], tiff].concat()
}

fn seen(format: Format, bytes: &[u8]) -> Vec<&'static str> {
    looked_into(format, bytes).unwrap()
}

#[test]
fn what_our_own_encoders_write_is_clean() {
    for (format, of) in [
        (Format::Jpeg, ImageFormat::Jpeg),
        (Format::Png, ImageFormat::Png),
        (Format::Webp, ImageFormat::WebP),
    ] {
        assert_eq!(seen(format, &encoded(of)), [""; 0]);
    }
    assert_eq!(seen(Format::Gif, &gif_with(b"")), [""; 0]);
}

#[test]
fn jpeg_segments() {
    for (marker, body, name) in [
        (0xe1, &exif()[..], "EXIF"),
        (0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>", "XMP"),
        (0xed, b"Photoshop 3.0\0", "IPTC"),
        (0xfe, b"taken by", "comment"),
        (0xe2, b"ICC_PROFILE\0", "colour profile"),
        (0xe2, b"MPF\0", "further pictures"),
        (0xe0, b"JFXX\0\x10", "thumbnail"),
        (0xe5, b"maker", "data of a program"),
    ] {
        let planted = jpeg_with(marker, body);
        assert_eq!(seen(Format::Jpeg, &planted), [name]);
        let (clean, redrawn) = clean(Format::Jpeg, &planted).unwrap();
        assert!(redrawn && seen(Format::Jpeg, &clean).is_empty());
    }
    // A JFIF header with a thumbnail of one pixel.
    let thumb = jpeg_with(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc");
    assert_eq!(seen(Format::Jpeg, &thumb), ["thumbnail"]);
    let behind = [encoded(ImageFormat::Jpeg), b"a second picture".to_vec()].concat();
    assert_eq!(seen(Format::Jpeg, &behind), ["data behind the picture"]);
}

#[test]
fn a_picture_is_turned_before_it_forgets_how_it_was_held() {
    let (clean, _) = clean(Format::Jpeg, &jpeg_with(0xe1, &exif())).unwrap();
    let turned = image::load_from_memory(&clean).unwrap();
    assert_eq!((turned.width(), turned.height()), (8, 12));
    // A quarter turn to the right: what was at the lower left is now at the upper left.
    let corner = turned.to_rgb8().get_pixel(0, 0).0;
    assert!(corner[0] < 30 && corner[1] > 90, "{corner:?}");
}

#[test]
fn png_chunks() {
    for (kind, name) in [
        (b"tEXt", "text"),
        (b"zTXt", "text"),
        (b"iTXt", "text"),
        (b"eXIf", "EXIF"),
        (b"tIME", "time"),
        (b"iCCP", "colour profile"),
        (b"prVt", "data of a program"),
    ] {
        let planted = png_with(kind, b"Author\0somebody");
        assert_eq!(seen(Format::Png, &planted), [name]);
    }
    let planted = [png_with(b"tEXt", b"Author\0somebody"), b"PK\x03\x04".to_vec()].concat();
    assert_eq!(seen(Format::Png, &planted), ["data behind the picture", "text"]);
    let (clean, _) = clean(Format::Png, &planted).unwrap();
    let (before, after) = (picture(12, 8), image::load_from_memory(&clean).unwrap());
    assert_eq!(before.to_rgb8(), after.to_rgb8(), "no pixel is lost");
}

#[test]
fn gif_and_webp() {
    let comment = gif_with(b"\x21\xfe\x05hello\0");
    assert_eq!(seen(Format::Gif, &comment), ["comment"]);
    assert_eq!(clean(Format::Gif, &comment).unwrap(), (gif_with(b""), false));
    let xmp = gif_with(b"\x21\xff\x0bXMP DataXMP\x02ab\0");
    assert_eq!(seen(Format::Gif, &xmp), ["XMP"]);
    for (kind, name) in [(b"EXIF", "EXIF"), (b"XMP ", "XMP"), (b"ICCP", "colour profile")] {
        let planted = webp_with(kind, b"somebody");
        assert_eq!(seen(Format::Webp, &planted), [name]);
        let (clean, redrawn) = clean(Format::Webp, &planted).unwrap();
        assert!(redrawn && seen(Format::Webp, &clean).is_empty());
        let after = image::load_from_memory(&clean).unwrap();
        assert_eq!(picture(12, 8).to_rgb8(), after.to_rgb8());
    }
}

#[test]
fn frames_of_an_animation_stay_as_they_are() {
    let animated =
        insert(&png_with(b"tEXt", b"a\0b"), 33, &chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]));
    assert!(png::is_animated(&animated));
    let (clean, redrawn) = clean(Format::Png, &animated).unwrap();
    assert!(!redrawn && seen(Format::Png, &clean).is_empty());
    let body = [&[0u8; 16][..], b"VP8L\x02\0\0\0ab"].concat();
    let webp = [
        &b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x0e\0\0\0\0\0\0\0\0\0ANMF"[..],
        &(body.len() as u32).to_le_bytes(),
        &body,
        b"EXIF\x02\0\0\0ab",
    ];
    let mut webp = webp.concat();
    let size = (webp.len() as u32 - 8).to_le_bytes();
    webp[4..8].copy_from_slice(&size);
    assert_eq!(seen(Format::Webp, &webp), ["EXIF"]);
    let (clean, redrawn) = super::clean(Format::Webp, &webp).unwrap();
    assert!(!redrawn && clean.len() == webp.len() - 10);
    assert_eq!(clean[20], 0x02, "the header no longer says that there is EXIF");
    assert_eq!(looked_into(Format::Webp, &clean), Ok(vec![]));
}

#[test]
fn icons() {
    let inner = encoded(ImageFormat::Png);
    let icon = |inner: &[u8]| {
        let mut out = vec![0, 0, 1, 0, 1, 0, 12, 8, 0, 0, 1, 0, 24, 0];
        out.extend((inner.len() as u32).to_le_bytes());
        out.extend(22u32.to_le_bytes());
        out.extend(inner);
        out
    };
    assert_eq!(seen(Format::Ico, &icon(&inner)), [""; 0]);
    assert_eq!(seen(Format::Ico, &icon(&png_with(b"tEXt", b"a\0b"))), ["text"]);
    assert_eq!(seen(Format::Ico, &[icon(&inner), vec![1]].concat()), ["data behind the picture"]);
    assert!(clean(Format::Ico, &icon(&inner)).is_err());
}

#[test]
fn a_picture_of_absurd_size_is_not_decoded() {
    let mut huge = encoded(ImageFormat::Png);
    huge[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    let crc = crc(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&crc);
    assert!(matches!(clean(Format::Png, &huge), Err(Uncleanable::Decode(_))));
}

const FORMATS: [(Format, ImageFormat); 3] = [
    (Format::Jpeg, ImageFormat::Jpeg),
    (Format::Png, ImageFormat::Png),
    (Format::Webp, ImageFormat::WebP),
];

proptest! {
    /// Any segments and chunks anywhere between the header and the picture: seen, and gone after cleaning.
    #[test]
    fn nothing_is_left_after_cleaning(
        planted in prop::collection::vec((0xe1u8..0xee, prop::collection::vec(any::<u8>(), 0..40)), 1..5),
        tail in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut jpeg = encoded(ImageFormat::Jpeg);
        let mut png = encoded(ImageFormat::Png);
        let mut gif = Vec::new();
        for (marker, body) in &planted {
            jpeg = insert(&jpeg, 2, &segment(*marker, body));
            png = insert(&png, 33, &chunk(b"tEXt", &[b"k\0", &body[..]].concat()));
            gif.extend([&[0x21, 0xfe, 1 + body.len() as u8, 1][..], body, &[0]].concat());
        }
        jpeg.extend(&tail);
        png.extend(&tail);
        for (format, bytes) in [(Format::Jpeg, jpeg), (Format::Png, png), (Format::Gif, gif_with(&gif))] {
            prop_assert!(!looked_into(format, &bytes).unwrap().is_empty());
            // A decoder may refuse a segment that is broken inside; then nothing is written at all.
            if let Ok((clean, _)) = clean(format, &bytes) {
                prop_assert_eq!(looked_into(format, &clean), Ok(vec![]));
            }
        }
    }

    /// Damage is an error or a picture, never a panic; and what passes the cleaning is clean.
    #[test]
    fn damage_is_survived(which in 0usize..4, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let (format, mut bytes) = match FORMATS.get(which) {
            Some((format, of)) => (*format, encoded(*of)),
            None => (Format::Gif, gif_with(b"")),
        };
        let place = at.index(bytes.len());
        bytes[place] = byte;
        let whole = bytes.clone();
        bytes.truncate(cut.index(bytes.len()) + 1);
        for bytes in [whole, bytes] {
            let _ = looked_into(format, &bytes);
            if let Ok((clean, _)) = clean(format, &bytes) {
                prop_assert_eq!(looked_into(format, &clean), Ok(vec![]));
            }
        }
    }
}
