//! Texts in any charset of the web, as UTF-8.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Bytes at the beginning in which a page may name its charset.
const PRESCAN: usize = 1024;

/// The text, and the charset it was in when that was not UTF-8. `told` is what a server said.
pub fn decode(bytes: &[u8], told: Option<&str>) -> (String, Option<&'static str>) {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(skip..).unwrap_or_default());
        return (text.into_owned(), (encoding != UTF_8).then_some(encoding.name()));
    }
    let named = told
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .or_else(|| named_inside(bytes))
        // A page that is UTF-16 without a mark cannot name it in ASCII.
        .map(|e| if e.is_ascii_compatible() { e } else { UTF_8 });
    // Whatever it says: what reads as UTF-8 is hardly anything else.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), None);
    }
    let encoding = named.filter(|e| *e != UTF_8).unwrap_or(WINDOWS_1252);
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    (text.into_owned(), Some(encoding.name()))
}

/// What `<meta charset>`, `@charset` or an XML declaration says.
fn named_inside(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..PRESCAN.min(bytes.len()))?.to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head).into_owned();
    for word in ["charset", "encoding"] {
        for (at, _) in head.match_indices(word) {
            let rest = head.get(at + word.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches([' ', '=', '"', '\'']);
            let label: String = rest
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
                .collect();
            if let Some(found) = Encoding::for_label(label.as_bytes()) {
                return Some(found);
            }
        }
    }
    None
}
