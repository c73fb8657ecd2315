//! What a path may be, and the media type it implies (spec: path.md).

use crate::ids::Hash;
use crate::limits::{MAX_PATH_BYTES, MAX_PATH_DEPTH, MAX_SEGMENT_BYTES};
use crate::reject::Reject;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::collections::BTreeMap;
use std::fmt;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A path that is safe as a name on every system we know of (PATH-1 to PATH-5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Path(String);

impl Path {
    /// Checks `text`.
    ///
    /// # Errors
    /// The clause of path.md that it breaks.
    pub fn new(text: &str) -> Result<Self, Reject> {
        if text.is_empty() || text.len() > MAX_PATH_BYTES {
            return Err(Reject::new("PATH-1", "a path has 1 to 512 bytes"));
        }
        if !is_nfc(text) {
            return Err(Reject::new("PATH-1", "a path is in Unicode form NFC"));
        }
        if text.split('/').count() > MAX_PATH_DEPTH {
            return Err(Reject::new("PATH-2", "more than 32 folders deep"));
        }
        text.split('/').try_for_each(check_segment)?;
        Ok(Self(text.to_owned()))
    }

    /// The text of the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The media type by the table of PATH-8.
    pub fn media_type(&self) -> &'static str {
        let name = self.0.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((_, ext)) => media_type_of(&ext.to_ascii_lowercase()),
            None => OCTETS,
        }
    }

    /// The key under which equal-looking paths collide (PATH-6).
    pub fn fold_key(&self) -> String {
        fold(&self.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(d)?).map_err(D::Error::custom)
    }
}

/// Bidi controls, separators and other characters that make a name look like another (PATH-3).
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
        || (c as u32) & 0xfffe == 0xfffe
}

/// True for text that may be shown as a name: no control and no bidi control characters.
pub fn is_plain_text(text: &str) -> bool {
    is_nfc(text) && !text.chars().any(|c| c.is_control() || is_deceptive(c))
}

fn check_segment(segment: &str) -> Result<(), Reject> {
    if segment.is_empty() || segment == "." || segment == ".." {
        return Err(Reject::new("PATH-2", "an empty, '.' or '..' part of a path"));
    }
    if segment.len() > MAX_SEGMENT_BYTES {
        return Err(Reject::new("PATH-2", "a name is at most 240 bytes long"));
    }
    let forbidden = |c: char| c.is_control() || r#"\:*?"<>|"#.contains(c) || is_deceptive(c);
    if segment.chars().any(forbidden) {
        return Err(Reject::new("PATH-3", "a control, bidi or reserved character in a name"));
    }
    if segment.ends_with(['.', ' ']) || segment.starts_with(' ') {
        return Err(Reject::new("PATH-4", "a name begins with a space or ends in a space or dot"));
    }
    if is_reserved(segment) {
        return Err(Reject::new("PATH-5", "a name that Windows keeps for devices"));
    }
    Ok(())
}

fn is_reserved(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let Some(port) = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) else {
        return false;
    };
    let mut rest = port.chars();
    let digit = rest.next().is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c));
    digit && rest.next().is_none()
}

fn fold(text: &str) -> String {
    caseless::default_case_fold_str(text).nfc().collect()
}

/// Finds paths of one release that cannot live side by side (PATH-6, PATH-7).
///
/// Feed every path of every part; memory is a hash of each path and folder, and the spelling of those
/// that are not folded already.
#[derive(Default)]
pub struct Collisions {
    /// Hashes of folded names, and whether each is a folder.
    seen: BTreeMap<Key, bool>,
    /// How a name is spelled, where that is not the folded form.
    spelled: BTreeMap<Key, Box<str>>,
}

/// Half a hash: two names with the same one are as good as impossible.
type Key = [u8; 16];

impl Collisions {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next path.
    ///
    /// # Errors
    /// The path or folder seen before that this one collides with, and the clause.
    pub fn add(&mut self, path: &Path) -> Result<(), (String, Reject)> {
        let text = path.as_str();
        let ends = text.match_indices('/').map(|(at, _)| (at, true));
        for (end, folder) in ends.chain([(text.len(), false)]) {
            self.put(&text[..end], folder)?;
        }
        Ok(())
    }

    fn put(&mut self, text: &str, folder: bool) -> Result<(), (String, Reject)> {
        let folded = fold(text);
        let mut key = Key::default();
        key.copy_from_slice(&Hash::of(folded.as_bytes()).0[..size_of::<Key>()]);
        let Some(old_folder) = self.seen.get(&key) else {
            self.seen.insert(key, folder);
            if folded != text {
                self.spelled.insert(key, text.into());
            }
            return Ok(());
        };
        let old = self.spelled.get(&key).map_or(folded, |spelled| spelled.to_string());
        let reject = match (old == text, *old_folder, folder) {
            (true, true, true) => return Ok(()),
            (true, false, false) => "the same path twice",
            (true, _, _) => {
                return Err((old, Reject::new("PATH-7", "a file and a folder of one name")));
            }
            (false, _, _) => "two names that differ only in capital letters",
        };
        Err((old, Reject::new("PATH-6", reject)))
    }
}

const OCTETS: &str = "application/octet-stream";

fn media_type_of(ext: &str) -> &'static str {
    match ext {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        "zip" => "application/zip",
        "mp3" => "audio/mpeg",
        "ogg" | "opus" => "audio/ogg",
        "m4a" => "audio/mp4",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        _ => OCTETS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(text: &str) -> &'static str {
        Path::new(text).unwrap_err().clause
    }

    #[test]
    fn path_1_to_5() {
        assert!(Path::new("en/people/p01.html").is_ok());
        assert!(Path::new("یادها/می\u{200c}روم.html").is_ok());
        assert_eq!(clause(""), "PATH-1");
        assert_eq!(clause("e\u{301}"), "PATH-1");
        assert_eq!(clause("a/../b"), "PATH-2");
        assert_eq!(clause("/a"), "PATH-2");
        assert_eq!(clause("a\\b"), "PATH-3");
        assert_eq!(clause("a\u{202e}gpj.exe"), "PATH-3");
        assert_eq!(clause("a\n"), "PATH-3");
        assert_eq!(clause("a."), "PATH-4");
        assert_eq!(clause("aux.html"), "PATH-5");
        assert_eq!(clause("x/com¹.txt"), "PATH-5");
        assert!(Path::new("com10").is_ok());
    }

    #[test]
    fn path_6_and_7_collisions() {
        let add = |paths: &[&str]| {
            let mut c = Collisions::new();
            paths.iter().try_for_each(|p| c.add(&Path::new(p).unwrap()))
        };
        assert!(add(&["a/b", "a/c", "b"]).is_ok());
        assert_eq!(add(&["A.html", "a.html"]).unwrap_err().1.clause, "PATH-6");
        assert_eq!(add(&["x/A/1", "x/a/2"]).unwrap_err().1.clause, "PATH-6");
        assert_eq!(add(&["a", "a/b"]).unwrap_err().1.clause, "PATH-7");
        // Arabic and Persian yeh are different letters and both may live.
        assert!(add(&["\u{64a}", "\u{6cc}"]).is_ok());
    }
}
