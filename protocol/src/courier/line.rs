//! One line of a courier: `90`, base32 of what it is and of its bytes, `09` (COU-2).

use crate::ids::Hash;
use crate::limits::{COURIER_LINE_BYTES, MAX_COURIER_LINES};
use data_encoding::BASE32_NOPAD;

/// The first bytes of a hash.
pub(super) type Tag = [u8; 4];

/// Begins a line. Neither of its digits is in the alphabet of base32.
const BEGIN: &[u8; 2] = b"90";
/// Ends a line.
const END: &[u8; 2] = b"09";
/// Tag, number, count.
const FRONT_BYTES: usize = 8;
/// The check at the end.
const CHECK_BYTES: usize = 4;
/// Fewer characters than this after `90` are other people's text, not the rest of a line.
const LEAST_CHARACTERS: usize = 20;

/// A line as read; its check was right.
pub(super) struct Line {
    pub tag: Tag,
    /// From 1.
    pub number: u16,
    pub count: u16,
    pub data: Vec<u8>,
}

/// The first four bytes.
pub(super) fn short(hash: Hash) -> Tag {
    let [a, b, c, d, ..] = hash.0;
    [a, b, c, d]
}

pub(super) fn write(tag: Tag, number: u16, count: u16, data: &[u8]) -> String {
    let mut body = Vec::with_capacity(FRONT_BYTES + data.len() + CHECK_BYTES);
    body.extend(tag);
    body.extend(number.to_be_bytes());
    body.extend(count.to_be_bytes());
    body.extend(data);
    let check = short(Hash::of(&body));
    body.extend(check);
    format!("90{}09", BASE32_NOPAD.encode(&body))
}

/// All lines in a text whose check is right, and the number of things that begin like one and are none.
/// Linear: a character is looked at twice at most.
pub(super) fn scan(text: &str) -> (Vec<Line>, usize) {
    let clean: Vec<u8> = text.chars().filter_map(plain).collect();
    let (mut lines, mut altered, mut at) = (Vec::new(), 0, 0);
    while at < clean.len() {
        if !clean[at..].starts_with(BEGIN) {
            at += 1;
            continue;
        }
        let body = &clean[at + BEGIN.len()..];
        let length = body.iter().take_while(|c| matches!(c, b'A'..=b'Z' | b'2'..=b'7')).count();
        let (body, rest) = body.split_at(length);
        let line = rest.starts_with(END).then(|| parse(body)).flatten();
        at += if line.is_some() { BEGIN.len() + length + END.len() } else { 1 + length };
        match line {
            Some(line) => lines.push(line),
            None => altered += usize::from(length >= LEAST_CHARACTERS),
        }
    }
    (lines, altered)
}

/// The character as the armour has it; `None` for what messengers and people put in between.
fn plain(c: char) -> Option<u8> {
    let digit = |first: char| b'0' + (u32::from(c) - u32::from(first)) as u8;
    match c {
        '0'..='9' | 'A'..='Z' | 'a'..='z' => Some((c as u8).to_ascii_uppercase()),
        '\u{6f0}'..='\u{6f9}' => Some(digit('\u{6f0}')),
        '\u{660}'..='\u{669}' => Some(digit('\u{660}')),
        _ => None,
    }
}

fn parse(body: &[u8]) -> Option<Line> {
    let longest = BASE32_NOPAD.encode_len(FRONT_BYTES + COURIER_LINE_BYTES + CHECK_BYTES);
    if body.len() > longest {
        return None;
    }
    let bytes = BASE32_NOPAD.decode(body).ok()?;
    let (rest, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
    let (front, data) = rest.split_first_chunk::<FRONT_BYTES>()?;
    let [a, b, c, d, n1, n2, c1, c2] = *front;
    let (number, count) = (u16::from_be_bytes([n1, n2]), u16::from_be_bytes([c1, c2]));
    let fits = match number == count {
        true => (1..=COURIER_LINE_BYTES).contains(&data.len()),
        false => data.len() == COURIER_LINE_BYTES,
    };
    let right = short(Hash::of(rest)) == *check
        && (1..=MAX_COURIER_LINES).contains(&count)
        && (1..=count).contains(&number)
        && fits;
    right.then(|| Line { tag: [a, b, c, d], number, count, data: data.to_vec() })
}
