//! QR codes: of an address, and of a Wi-Fi that can be joined; for the terminal and for a page.

use maud::{Markup, html};
use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Empty modules around a code, as the standard wants them.
const QUIET: usize = 4;
/// Modules of a side that a phone still reads from a page or a sheet of paper (version 25).
pub const MAX_SIDE: usize = 117;
/// Codes of news on a page at most: nobody scans more.
pub const MAX_CODES: usize = 4;
/// Longest name of a Wi-Fi, in bytes.
const MAX_SSID_BYTES: usize = 32;
/// Lengths of a WPA passphrase, in bytes; 64 hex digits are the key itself.
const PASSPHRASE_BYTES: std::ops::RangeInclusive<usize> = 8..=64;

/// Why a Wi-Fi cannot be put into a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WifiError {
    /// Its name.
    #[error("the name of a Wi-Fi has 1 to 32 bytes and no control characters")]
    Name,
    /// Its password.
    #[error("the password of a Wi-Fi has 8 to 64 characters, of ASCII only")]
    Password,
}

/// A Wi-Fi that guests join. Shown only where the host asked for it.
#[derive(Clone)]
pub struct Wifi {
    name: String,
    password: Option<Zeroizing<String>>,
}

impl Wifi {
    /// A network of this name; without a password it is an open one.
    ///
    /// # Errors
    /// When no network can have such a name or password.
    pub fn new(name: &str, password: Option<Zeroizing<String>>) -> Result<Self, WifiError> {
        let bad = |text: &str| text.chars().any(char::is_control);
        if name.is_empty() || name.len() > MAX_SSID_BYTES || bad(name) {
            return Err(WifiError::Name);
        }
        let fits =
            |p: &Zeroizing<String>| PASSPHRASE_BYTES.contains(&p.len()) && p.is_ascii() && !bad(p);
        if !password.as_ref().is_none_or(fits) {
            return Err(WifiError::Password);
        }
        Ok(Self { name: name.to_owned(), password })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text that phones read from a code.
    pub fn text(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::from("WIFI:"));
        match &self.password {
            Some(password) => {
                out.push_str("T:WPA;S:");
                escape(&self.name, &mut out);
                out.push_str(";P:");
                escape(password, &mut out);
            }
            None => {
                out.push_str("T:nopass;S:");
                escape(&self.name, &mut out);
            }
        }
        out.push_str(";;");
        out
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',' | ':' | '"') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// A code of characters, for a terminal; `None` when the text is too long.
pub fn terminal(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    Some(code.render::<Dense1x2>().quiet_zone(true).build())
}

/// A code as a drawing in a page, black on white whatever the page's colours; `None` when the text is too long.
pub fn drawing(text: &str, label: &str) -> Option<Markup> {
    Some(svg(&QrCode::new(text).ok()?, label))
}

/// The codes of the lines of a courier, each with as many whole lines as fit, as evenly as possible. A line is of the
/// alphanumeric mode; the lowest level of correction, since each line has a check of its own (COU-2).
pub fn codes(lines: &[String], side: usize) -> Vec<QrCode> {
    let code =
        |lines: &[String]| QrCode::with_error_correction_level(lines.concat(), EcLevel::L).ok();
    let fits = |count: &usize| code(&lines[..*count]).is_some_and(|code| code.width() <= side);
    let most = (1..=lines.len()).take_while(fits).last().unwrap_or(1);
    let each = lines.len().div_ceil(lines.len().div_ceil(most).max(1)).max(1);
    lines.chunks(each).filter_map(code).collect()
}

/// These codes as drawings in a page; none when they are more than [`MAX_CODES`].
pub fn drawings(lines: &[String], label: &str) -> Vec<Markup> {
    let codes = codes(lines, MAX_SIDE);
    if codes.len() > MAX_CODES { Vec::new() } else { codes.iter().map(|c| svg(c, label)).collect() }
}

fn svg(code: &QrCode, label: &str) -> Markup {
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, c)| **c == Color::Dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let side = width + 2 * QUIET;
    html! {
        svg.qr viewBox=(format!("0 0 {side} {side}")) role="img" aria-label=(label)
            shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, password: Option<&str>) -> String {
        let password = password.map(|p| Zeroizing::new(p.to_owned()));
        Wifi::new(name, password).unwrap().text().to_string()
    }

    #[test]
    fn wifi_texts_are_escaped() {
        assert_eq!(text("room", Some("long enough")), "WIFI:T:WPA;S:room;P:long enough;;");
        assert_eq!(text("room", None), "WIFI:T:nopass;S:room;;");
        let odd = text(r#"a;b,c:d\e"f"#, Some(r#"p;q:r,s\"t"#));
        assert_eq!(odd, r#"WIFI:T:WPA;S:a\;b\,c\:d\\e\"f;P:p\;q\:r\,s\\\"t;;"#);
        assert_eq!(text("خانه", None), "WIFI:T:nopass;S:خانه;;");
    }

    #[test]
    fn what_no_wifi_can_have() {
        let new = |name: &str, p: Option<&str>| {
            Wifi::new(name, p.map(|p| Zeroizing::new(p.to_owned()))).err()
        };
        assert_eq!(new("", None), Some(WifiError::Name));
        assert_eq!(new(&"ن".repeat(17), None), Some(WifiError::Name));
        assert_eq!(new("a\nb", None), Some(WifiError::Name));
        assert_eq!(new("a", Some("seven77")), Some(WifiError::Password));
        assert_eq!(new("a", Some(&"x".repeat(65))), Some(WifiError::Password));
        assert_eq!(new("a", Some("گذرواژهٔ بلند")), Some(WifiError::Password));
        assert_eq!(new("a", Some("eight888")), None);
    }

    /// What is drawn is what the library made, module by module.
    #[test]
    fn the_drawing_is_the_code() {
        let address = "http://10.42.0.1:8080/";
        let drawn = drawing(address, "address").unwrap().into_string();
        let code = QrCode::new(address).unwrap();
        let dark = code.to_colors().iter().filter(|c| **c == Color::Dark).count();
        assert_eq!(drawn.matches('M').count(), dark);
        // The three finder patterns begin in the corners.
        let last = code.width() + QUIET - 1;
        for corner in ["M4 4h1".to_owned(), format!("M{last} 4h1"), format!("M4 {last}h1")] {
            assert!(drawn.contains(&corner), "{corner}");
        }
        assert!(!drawn.contains("style="), "the page's policy allows no style attribute");
        assert!(drawing(&"x".repeat(4000), "").is_none() && terminal(&"x".repeat(4000)).is_none());
        assert!(terminal(address).unwrap().lines().count() > 10);
    }
}
