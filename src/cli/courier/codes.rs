//! The lines of a courier as QR codes: on a terminal, and as a drawing to print.

use crate::share::qr::{MAX_SIDE, codes};
use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, QrCode};
use std::fmt::Write as _;

/// Modules of a side that fit on a terminal of 80 columns with the empty ones around.
const TERMINAL_SIDE: usize = 72;
/// Empty modules around a code, as the standard wants them.
const QUIET: usize = 4;
/// Height of the number below a code, in modules.
const CAPTION: usize = 8;

/// Codes of characters, numbered when they are several.
pub fn terminal(lines: &[String]) -> (String, usize) {
    let codes = codes(lines, TERMINAL_SIDE);
    let mut out = String::new();
    for (n, code) in codes.iter().enumerate() {
        if codes.len() > 1 {
            let _ = writeln!(out, "{}/{}", n + 1, codes.len());
        }
        out.push_str(&code.render::<Dense1x2>().quiet_zone(true).build());
        out.push('\n');
    }
    (out, codes.len())
}

/// A drawing of all codes, one below the other, black on white; it says nothing but their numbers.
pub fn drawing(lines: &[String]) -> (String, usize) {
    let codes = codes(lines, MAX_SIDE);
    let many = codes.len() > 1;
    let below = if many { CAPTION } else { 0 };
    let side = codes.iter().map(QrCode::width).max().unwrap_or(0) + 2 * QUIET;
    let height: usize = codes.iter().map(|code| code.width() + 2 * QUIET + below).sum();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {height}\" \
         shape-rendering=\"crispEdges\">\n<rect width=\"{side}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let mut top = 0;
    for (n, code) in codes.iter().enumerate() {
        let _ = writeln!(out, "<path d=\"{}\" fill=\"#000\"/>", path(code, top + QUIET));
        top += code.width() + 2 * QUIET + below;
        if many {
            let (middle, line) = (side / 2, top - CAPTION / 2);
            let _ = writeln!(
                out,
                "<text x=\"{middle}\" y=\"{line}\" font-size=\"6\" font-family=\"monospace\" \
                 text-anchor=\"middle\">{}/{}</text>",
                n + 1,
                codes.len()
            );
        }
    }
    out.push_str("</svg>\n");
    (out, codes.len())
}

fn path(code: &QrCode, top: usize) -> String {
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, c)| **c == Color::Dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + top);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::courier::{armour, read};

    /// Reads codes in black and white as a phone would, by another program than the one that made them.
    fn scan(dark: impl Fn(usize, usize) -> bool, width: usize, height: usize) -> Vec<String> {
        const SCALE: usize = 4;
        let pixel = |x: usize, y: usize| if dark(x / SCALE, y / SCALE) { 0 } else { 255 };
        let image =
            rqrr::PreparedImage::prepare_from_greyscale(width * SCALE, height * SCALE, pixel);
        let mut image = image;
        image.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect()
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut out = vec![0; length];
        blake3::Hasher::new().finalize_xof().fill(&mut out);
        out
    }

    #[test]
    fn cou_5_what_is_drawn_is_read_by_another_program() {
        for length in [300, 950, 2_500] {
            let bytes = noise(length);
            let lines = armour(&bytes).unwrap();
            let (svg, count) = drawing(&lines);
            let number = |from: &str| -> usize {
                let digits: String = from.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().unwrap()
            };
            let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap();
            let (width, height) = (number(size), number(size.split(' ').nth(1).unwrap()));
            let mut dark = vec![false; width * height];
            for module in svg.split('M').skip(1) {
                let (x, y) = (number(module), number(module.split(' ').nth(1).unwrap()));
                dark[y * width + x] = true;
            }
            let texts = scan(|x, y| dark[y * width + x], width, height);
            assert_eq!(texts.len(), count, "{length}");
            assert_eq!(
                count,
                [1, 1, 3][[300, 950, 2_500].iter().position(|l| *l == length).unwrap()]
            );
            let found = read(&texts.join("")).unwrap();
            assert_eq!(found.whole, [bytes]);
            assert_eq!(svg.matches("<text").count(), if count > 1 { count } else { 0 });
        }
    }

    #[test]
    fn a_terminal_of_80_columns_is_wide_enough() {
        let lines = armour(&noise(2_500)).unwrap();
        let (text, count) = terminal(&lines);
        assert!(text.lines().all(|line| line.chars().count() <= 80));
        assert!(count > 1 && text.contains(&format!("1/{count}\n")));
        assert!(codes(&lines, TERMINAL_SIDE).iter().all(|code| code.width() <= TERMINAL_SIDE));
        assert_eq!(terminal(&armour(b"x").unwrap()).1, 1);
    }
}
