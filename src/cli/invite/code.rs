//! The invite as a QR code that a phone still reads off a screen.

use crate::share::qr::MAX_SIDE;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use serde_json::{Value, json};
use yadgar_protocol::invite::Invite;
use yadgar_protocol::place::Place;

/// Modules of a side up to which level M is taken (version 15). Above, small modules are the greater risk, and a
/// screen is neither dirty nor torn: level L.
const COMFORTABLE: usize = 77;

/// A code, and what it does not say.
pub struct Code {
    code: QrCode,
    level: EcLevel,
    /// Addresses that would have made it too large.
    pub left_out: Vec<Place>,
}

/// The code of an invite, with as many of its addresses as it can have.
pub fn of(invite: &Invite) -> Option<Code> {
    let mut places: Vec<Place> = invite.places().collect();
    let mut left_out = Vec::new();
    loop {
        let shorter = Invite::with(invite.archive, places.iter().cloned()).ok()?;
        let text = scanned(&shorter);
        for (level, most) in [(EcLevel::M, COMFORTABLE), (EcLevel::L, MAX_SIDE)] {
            let code = QrCode::with_error_correction_level(&text, level).ok();
            if let Some(code) = code.filter(|code| code.width() <= most) {
                left_out.reverse();
                return Some(Code { code, level, left_out });
            }
        }
        left_out.push(places.pop()?);
    }
}

/// The text of a code: its first part in upper case, which the reader takes (INV-3) and a code packs closer.
fn scanned(invite: &Invite) -> String {
    let text = invite.to_string();
    let (head, addresses) = text.split_at(text.find('?').unwrap_or(text.len()));
    head.to_ascii_uppercase() + addresses
}

impl Code {
    /// As characters of a terminal.
    pub fn terminal(&self) -> String {
        self.code.render::<Dense1x2>().quiet_zone(true).build()
    }

    /// For scripts.
    pub fn describe(&self) -> Value {
        let level = if self.level == EcLevel::M { "M" } else { "L" };
        let left_out: Vec<_> = self.left_out.iter().map(Place::as_str).collect();
        json!({ "side": self.code.width(), "level": level, "left_out": left_out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yadgar_protocol::{ArchiveId, Hash};

    /// Pixels of a module.
    const SCALE: usize = 4;

    /// What a reader sees in the characters on the screen.
    fn read(terminal: &str) -> String {
        let rows: Vec<Vec<char>> = terminal.lines().map(|line| line.chars().collect()).collect();
        let dark = |x: usize, y: usize| {
            let full = rows[y / 2][x];
            full == '█' || full == if y.is_multiple_of(2) { '▀' } else { '▄' }
        };
        let (width, height) = (rows[0].len() * SCALE, rows.len() * 2 * SCALE);
        let pixel = |x: usize, y: usize| if dark(x / SCALE, y / SCALE) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    fn invite(places: impl IntoIterator<Item = String>) -> Invite {
        let places = places.into_iter().map(|text| Place::parse(&text).unwrap());
        Invite::with(ArchiveId(Hash::of(b"qr")), places).unwrap()
    }

    fn long(n: usize) -> String {
        let peer = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
        format!("/ip4/203.0.113.{n}/udp/4774/quic-v1/p2p/{peer}")
    }

    #[test]
    fn invites_of_every_size_are_read_by_a_scanner() {
        let web = "https://mirror.example.org/yadgar/".to_owned();
        for (places, level) in [
            (vec![], "M"),
            (vec![web.clone()], "M"),
            (vec![long(1), web.clone()], "M"),
            ((1..8).map(long).chain([web]).collect(), "L"),
            ((1..9).map(long).collect(), "L"),
        ] {
            let invite = invite(places);
            let code = of(&invite).unwrap();
            assert!(code.left_out.is_empty(), "{}", code.describe());
            assert_eq!(code.describe()["level"], level);
            assert_eq!(Invite::parse(&read(&code.terminal())), Ok(invite));
        }
    }

    #[test]
    fn what_would_make_it_too_large_is_left_out_and_told() {
        let places: Vec<_> =
            (1..9).map(|n| format!("/dns4/{}{n}/tcp/1", "x".repeat(210))).collect();
        let code = of(&invite(places.clone())).unwrap();
        assert!(code.code.width() <= MAX_SIDE && !code.left_out.is_empty());
        let read = Invite::parse(&read(&code.terminal())).unwrap();
        let left_out = code.left_out.iter().map(Place::to_string);
        let all: Vec<_> = read.addresses.iter().cloned().chain(left_out).collect();
        assert_eq!(all, places, "in their order");
    }
}
