//! Pictures of nobody: a plain outline of head and shoulders before a pattern, as a baseline JPEG.

use super::rng::Rng;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 400;
/// Bytes of a picture at most.
pub const MAX_BYTES: usize = 60_000;

/// Draws one; `None` when it would not fit in [`MAX_BYTES`] at any quality.
pub fn draw(rng: &mut Rng) -> Option<Vec<u8>> {
    let image = paint(rng);
    [95, 92, 88, 82, 74, 60].into_iter().find_map(|quality| {
        let mut out = Vec::new();
        JpegEncoder::new_with_quality(&mut out, quality).encode_image(&image).ok()?;
        (out.len() <= MAX_BYTES).then_some(out)
    })
}

fn paint(rng: &mut Rng) -> RgbImage {
    let mut color = |from, to| [rng.within(from, to), rng.within(from, to), rng.within(from, to)];
    let (top, bottom, cloth) = (color(120, 230), color(60, 160), color(30, 90));
    let (wave, slant) = (rng.within(9, 30) as u32, rng.within(1, 3) as u32);
    let (head, grain) = (rng.within(52, 64) as i64, rng.within(26, 34));
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (dx, dy) = (i64::from(x) - i64::from(WIDTH / 2), i64::from(y));
        let in_head = dx * dx * 5 / 4 + (dy - 165) * (dy - 165) < head * head;
        let in_body = dy > 215 && dx * dx < (dy - 205) * 118;
        let band = u64::from((x * slant + y) / wave % 2) * 14;
        // Grain, as of a printed picture.
        let noise = rng.below(grain);
        let at = |n: usize| {
            let back =
                (top[n] * u64::from(HEIGHT - y) + bottom[n] * u64::from(y)) / u64::from(HEIGHT);
            let tone = if in_head || in_body { cloth[n] + band / 2 } else { back + band - 7 };
            (tone + noise).min(255) as u8
        };
        Rgb([at(0), at(1), at(2)])
    })
}
