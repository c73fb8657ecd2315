//! How text and attributes are written, for the HTML and the XML parser alike.

use super::lists::{VOID, has};

/// Text of a document.
pub fn text(out: &mut String, text: &str, xml: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => {}
            '\u{a0}' if !xml => out.push_str("&nbsp;"),
            // A bare one would be read as a new line.
            '\r' => out.push_str("&#13;"),
            c if xml && !is_xml(c) => {}
            c => out.push(c),
        }
    }
}

/// An attribute with a space before it.
pub fn attribute(out: &mut String, name: &str, value: &str, xml: bool) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => {}
            '\u{a0}' if !xml => out.push_str("&nbsp;"),
            '\r' => out.push_str("&#13;"),
            '\n' if xml => out.push_str("&#10;"),
            '\t' if xml => out.push_str("&#9;"),
            c if xml && !is_xml(c) => {}
            c => out.push(c),
        }
    }
    out.push('"');
}

/// True for elements of HTML that have no end.
pub fn is_void(name: &str) -> bool {
    has(VOID, name)
}

/// Characters that XML can hold.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
