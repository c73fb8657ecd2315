//! Couriers: a carrier of head and bulletin as text, for messengers and QR codes (spec: courier.md).
//!
//! [`armour`] writes lines, [`pieces`] puts them into messages, [`read`] finds them in whatever text they came
//! back in. Nothing here is trusted: what was read is a carrier like any other (CAR-7).

mod line;

use crate::ids::Hash;
use crate::limits::{
    COURIER_LINE_BYTES, MAX_COURIER_BYTES, MAX_COURIER_LINES, MAX_COURIER_TEXT_BYTES,
    MAX_COURIER_TEXTS,
};
use line::{Line, Tag};
use std::collections::BTreeMap;

const _: () = assert!(MAX_COURIER_BYTES == COURIER_LINE_BYTES * MAX_COURIER_LINES as usize);

/// Why something cannot be a courier, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CourierError {
    /// Nothing, or more than [`MAX_COURIER_BYTES`] (COU-3).
    #[error("COU-3: a courier has 1 to {MAX_COURIER_BYTES} bytes")]
    Size,
    /// A message this short does not hold one line (COU-5).
    #[error("COU-5: a piece must have room for a line of {0} characters")]
    Piece(usize),
    /// More text than is looked at (COU-6).
    #[error("COU-6: a text of more than {MAX_COURIER_TEXT_BYTES} bytes is not looked at")]
    TextTooLong,
}

/// What was found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The bytes of those that are whole, in the order in which they begin.
    pub whole: Vec<Vec<u8>>,
    /// Those of which something is missing.
    pub cut: Vec<Cut>,
    /// Things that begin as a line does, but are damaged or of no whole courier.
    pub altered: usize,
}

/// A courier of which lines are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Lines of the whole.
    pub lines: u16,
    /// Numbers of those that are not there, from 1, ascending.
    pub missing: Vec<u16>,
}

/// The lines of a courier with these bytes (COU-2, COU-3), without line ends.
///
/// # Errors
/// `Size` when there is nothing, or too much.
pub fn armour(bytes: &[u8]) -> Result<Vec<String>, CourierError> {
    let count = bytes.len().div_ceil(COURIER_LINE_BYTES);
    if count == 0 || count > usize::from(MAX_COURIER_LINES) {
        return Err(CourierError::Size);
    }
    let (tag, count) = (tag(bytes), count as u16);
    let lines = bytes.chunks(COURIER_LINE_BYTES).zip(1..=count);
    Ok(lines.map(|(data, number)| line::write(tag, number, count, data)).collect())
}

/// Puts lines into messages of at most `limit` characters each, `between` between the lines (COU-5). Any
/// order of them reads back.
///
/// # Errors
/// `Piece` when a line is longer than `limit`.
pub fn pieces(lines: &[String], limit: usize, between: &str) -> Result<Vec<String>, CourierError> {
    let longest = lines.iter().map(String::len).max().unwrap_or(0);
    if longest > limit {
        return Err(CourierError::Piece(longest));
    }
    let mut out: Vec<String> = Vec::new();
    for line in lines {
        match out.last_mut() {
            Some(piece) if piece.len() + between.len() + line.len() <= limit => {
                piece.push_str(between);
                piece.push_str(line);
            }
            _ => out.push(line.clone()),
        }
    }
    Ok(out)
}

/// Finds couriers in a text, whatever stands around and between their lines (COU-4, COU-6).
///
/// # Errors
/// `TextTooLong`. A text without any courier is no error.
pub fn read(text: &str) -> Result<Found, CourierError> {
    if text.len() > MAX_COURIER_TEXT_BYTES {
        return Err(CourierError::TextTooLong);
    }
    let (lines, mut altered) = line::scan(text);
    let mut sets: Vec<(Tag, u16, BTreeMap<u16, Vec<u8>>)> = Vec::new();
    for Line { tag, number, count, data } in lines {
        let known = sets.iter().position(|(t, c, _)| (*t, *c) == (tag, count));
        let at = known.unwrap_or(sets.len());
        if at >= MAX_COURIER_TEXTS {
            altered += 1;
            continue;
        }
        if known.is_none() {
            sets.push((tag, count, BTreeMap::new()));
        }
        // Two that differ under one number: the hash over all says whether the first was right.
        sets[at].2.entry(number).or_insert(data);
    }
    let mut found = Found { altered, ..Found::default() };
    for (wanted, count, have) in sets {
        let missing: Vec<u16> = (1..=count).filter(|n| !have.contains_key(n)).collect();
        if !missing.is_empty() {
            found.cut.push(Cut { lines: count, missing });
            continue;
        }
        let bytes: Vec<u8> = have.into_values().flatten().collect();
        match tag(&bytes) == wanted {
            true => found.whole.push(bytes),
            false => found.altered += 1,
        }
    }
    Ok(found)
}

fn tag(bytes: &[u8]) -> Tag {
    line::short(Hash::of(bytes))
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
