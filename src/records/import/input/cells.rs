//! The text of one cell: what a spreadsheet would do with it, and how it is cleaned.

use super::super::columns::{Column, Shape};
use super::super::limits::MAX_CELL_BYTES;
use super::super::problem::Code;
use unicode_normalization::{UnicodeNormalization, is_nfc_quick};
use yadgar_protocol::persian::ascii_digit;

/// What people write for "nothing". As a value it would be published.
const NOTHING: [&str; 17] = [
    "-",
    "--",
    "---",
    "–",
    "—",
    "_",
    "?",
    "؟",
    "??",
    "n/a",
    "na",
    "nil",
    "null",
    "unknown",
    "نامعلوم",
    "نامشخص",
    "ندارد",
];

/// What spreadsheets write where they could not compute.
const ERRORS: [&str; 9] =
    ["#ref!", "#n/a", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#spill!", "#####"];

/// A cleaned cell.
pub struct Cell {
    /// What it says; empty when that cannot be used.
    pub text: String,
    /// What is wrong with it.
    pub problem: Option<Code>,
    /// Whether marks of direction were taken out.
    pub marks: bool,
}

/// Cleans a cell: white space at the ends, forms of line ends, normal form C, marks of direction.
pub fn clean(raw: &str, column: &Column) -> Cell {
    let bad = |code| Cell { text: String::new(), problem: Some(code), marks: false };
    if raw.len() > MAX_CELL_BYTES {
        return bad(Code::LongCell);
    }
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}');
    let text = raw.trim_matches(is_edge);
    if text.is_empty() {
        return Cell { text: String::new(), problem: None, marks: false };
    }
    let is_mark = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let marks = text.contains(is_mark);
    let mut text = if marks { text.replace(is_mark, "") } else { text.to_owned() };
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if !matches!(is_nfc_quick(text.chars()), unicode_normalization::IsNormalized::Yes) {
        text = text.nfc().collect();
    }
    let text = text.trim_matches(is_edge).to_owned();
    match wrong(&text, column) {
        Some(code) => bad(code),
        None => Cell { text, problem: None, marks },
    }
}

fn wrong(text: &str, column: &Column) -> Option<Code> {
    let lower = text.to_lowercase();
    if ERRORS.iter().any(|error| lower == *error) {
        return Some(Code::SpreadsheetError);
    }
    let closed = matches!(
        column.shape,
        Shape::Word(_) | Shape::Words(_) | Shape::Country | Shape::Countries | Shape::Key
    );
    if !closed && NOTHING.contains(&lower.as_str()) {
        return Some(Code::Placeholder);
    }
    if is_formula(text) {
        return Some(Code::Formula);
    }
    let control = |c: char| c.is_control() && !(column.shape == Shape::Long && c == '\n');
    text.chars().any(control).then_some(Code::ControlCharacter)
}

/// Whether a spreadsheet would take the text for a formula: it begins like one and is no number.
fn is_formula(text: &str) -> bool {
    let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t'];
    if !text.starts_with(signs) {
        return false;
    }
    let digits: String =
        text.chars().map(ascii_digit).map(|c| if c == '٫' { '.' } else { c }).collect();
    let number = digits.parse::<f64>().is_ok_and(f64::is_finite);
    !number || text.starts_with(['=', '@'])
}
