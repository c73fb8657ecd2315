//! Reading a carrier as a stream, and going on after damage (CAR-3 to CAR-6).
//!
//! **After damage** at a section three things are tried, in this order:
//! 1. Its id is right and only its length is wrong: then some end before a plausible next section
//!    gives the right hash. The block is given all the same, only the length counts as skipped.
//! 2. Its length is right and something else is wrong: then a good section, or the end of the
//!    input, is where the length says.
//! 3. A search forward, byte by byte, for a section with the right hash.
//!
//! So one changed byte anywhere, in a carrier that is whole otherwise, costs at most the block that
//! it is in, whatever the blocks contain. **Work is bounded**: all three together hash at most
//! [`CREDIT_START`] bytes and [`CREDIT_PER_BYTE`] for each byte of input that was passed; what is
//! beyond is skipped untried. Without that, bytes made of nothing but section beginnings would cost
//! 256 KiB of hashing every 40 bytes.

use super::frame::{
    HEADER_BYTES, MAX_SECTION, MAX_VARINT, PREFIX, is_prefix, parse_header, parse_length,
    seems_section,
};
use crate::ids::{BLOCK_ID_BYTES, BlockId};
use crate::limits::MAX_BLOCK_BYTES;
use crate::reject::Reject;

/// Bytes that may be hashed in vain at the very start. Covers steps 1 and 2 of one damage in the
/// worst block there can be, 52429 plausible ends at [`TRY_COST`] each, with room to spare.
const CREDIT_START: u64 = 16 << 20;
/// Bytes that may be hashed in vain for each byte of input.
const CREDIT_PER_BYTE: u64 = 8;
/// What one comparison of step 1 counts, in hashed bytes: a hash is closed in about four
/// compressions of 64 bytes more.
const TRY_COST: u64 = 256;
/// Bytes that must be at hand before damage is judged: the longest section, and the one after.
const LOOKAHEAD: usize = 2 * MAX_SECTION;
/// Consumed bytes are dropped from the buffer when there are this many.
const COMPACT: usize = 1 << 18;

/// What is found in a carrier, in the order of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Comes once, first. `None` when the header is damaged; a range that is skipped follows.
    Header {
        /// The block id of the head. Not checked: anybody can write one.
        root: Option<BlockId>,
    },
    /// A block whose hash is right.
    Block {
        /// Its id.
        id: BlockId,
        /// Its bytes.
        data: Vec<u8>,
        /// Where its first byte is in the input.
        offset: u64,
    },
    /// Bytes that are no header and no section with a right hash.
    Skipped {
        /// The first of them.
        from: u64,
        /// The first one after them.
        to: u64,
        /// What was wrong at `from`.
        why: Reject,
    },
}

enum State {
    Header,
    Section,
    /// Damage at the read position, not judged yet.
    Damaged {
        header: bool,
        why: Reject,
    },
    /// Searching; bytes from `from` on are skipped.
    Search {
        from: u64,
        why: Reject,
    },
}

/// What one step of the reader came to.
enum Step {
    Emit(Event),
    /// Another step is possible at once.
    Again,
    /// More input is needed, or there is none.
    Wait,
}

/// Reads a carrier from pieces of any size.
///
/// Call [`CarReader::next`] until it gives `None` after each [`CarReader::feed`]: then at most
/// about 1 MiB and what was fed last is held.
pub struct CarReader {
    buf: Vec<u8>,
    /// Read position in `buf`.
    at: usize,
    /// Position of `buf[0]` in the input.
    base: u64,
    /// Bytes hashed in vain so far.
    spent: u64,
    state: State,
    /// To be given next.
    pending: Option<Event>,
}

impl Default for CarReader {
    fn default() -> Self {
        Self::new()
    }
}

impl CarReader {
    /// A reader at the start of a carrier.
    pub fn new() -> Self {
        Self { buf: Vec::new(), at: 0, base: 0, spent: 0, state: State::Header, pending: None }
    }

    /// Takes the next bytes of the input.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.at >= COMPACT || self.at == self.buf.len() {
            self.buf.drain(..self.at);
            self.base += self.at as u64;
            self.at = 0;
        }
        self.buf.extend_from_slice(bytes);
    }

    /// The next event. `at_end` says that everything has been fed. `None`: feed more, or, at the
    /// end, all is read.
    pub fn next(&mut self, at_end: bool) -> Option<Event> {
        if let Some(event) = self.pending.take() {
            return Some(event);
        }
        loop {
            let step = match &self.state {
                State::Header => self.header(at_end),
                State::Section => self.section(at_end),
                State::Damaged { .. } => self.damaged(at_end),
                State::Search { .. } => self.search(at_end),
            };
            match step {
                Step::Emit(event) => return Some(event),
                Step::Again => {}
                Step::Wait => return None,
            }
        }
    }

    /// Position of the next byte to be read, in the input.
    pub fn position(&self) -> u64 {
        self.base + self.at as u64
    }

    fn rest(&self) -> &[u8] {
        &self.buf[self.at..]
    }

    fn header(&mut self, at_end: bool) -> Step {
        if self.rest().len() < HEADER_BYTES && !at_end {
            return Step::Wait;
        }
        let bytes = self.rest().get(..HEADER_BYTES).unwrap_or_default();
        match parse_header(bytes) {
            Ok(root) => {
                self.at += HEADER_BYTES;
                self.state = State::Section;
                Step::Emit(Event::Header { root: Some(root) })
            }
            Err(why) => {
                self.state = State::Damaged { header: true, why };
                Step::Emit(Event::Header { root: None })
            }
        }
    }

    fn section(&mut self, at_end: bool) -> Step {
        let rest = self.rest();
        if rest.is_empty() || (rest.len() < MAX_VARINT + BLOCK_ID_BYTES && !at_end) {
            return Step::Wait;
        }
        match whole_section(rest) {
            Ok(None) if !at_end => Step::Wait,
            Ok(Some((id, start, end))) if id.matches(&rest[start..end]) => {
                let (data, offset) = (rest[start..end].to_vec(), self.position() + start as u64);
                self.at += end;
                Step::Emit(Event::Block { id, data, offset })
            }
            Ok(Some(_)) => self.damage(Reject::new("CAR-3", "a block with the wrong hash")),
            Ok(None) => self.damage(Reject::new("CAR-5", "it ends in the middle of a block")),
            Err(why) => self.damage(why),
        }
    }

    fn damage(&mut self, why: Reject) -> Step {
        self.state = State::Damaged { header: false, why };
        Step::Again
    }

    /// Judges damage at the read position: steps 1 and 2, else begins step 3.
    fn damaged(&mut self, at_end: bool) -> Step {
        if self.rest().len() < LOOKAHEAD && !at_end {
            return Step::Wait;
        }
        let State::Damaged { header, why } = std::mem::replace(&mut self.state, State::Section)
        else {
            return Step::Again;
        };
        let from = self.position();
        if !header && let Some((number, event)) = self.only_length_is_wrong(at_end) {
            let to = from + number as u64;
            self.pending = Some(event);
            return Step::Emit(Event::Skipped { from, to, why });
        }
        let end = if header { Some(HEADER_BYTES) } else { claimed_end(self.rest()) };
        if let Some(end) = end
            && self.good_here(end, at_end)
        {
            self.at += end;
            return Step::Emit(Event::Skipped { from, to: self.position(), why });
        }
        // Where a section failed none can begin; where the header failed, one can.
        self.at += usize::from(!header);
        self.state = State::Search { from, why };
        Step::Again
    }
    /// Step 1: the block at the read position, if some end gives its hash. Moves past it.
    fn only_length_is_wrong(&mut self, at_end: bool) -> Option<(usize, Event)> {
        let rest = &self.buf[self.at..];
        // Two prefixes cannot stand one or two bytes apart, so there is one way at most.
        let number = (1..=MAX_VARINT).find(|n| is_prefix(rest.get(*n..).unwrap_or_default()))?;
        let start = number + BLOCK_ID_BYTES;
        let id = BlockId::from_bytes(rest.get(number..start)?).ok()?;
        let mut hasher = blake3::Hasher::new();
        let mut hashed = start;
        for end in start..=rest.len().min(start + MAX_BLOCK_BYTES) {
            let at_last = at_end && end == rest.len();
            if !at_last && seems_section(&rest[end..]).is_none() {
                continue;
            }
            if !pay(&mut self.spent, self.base + self.at as u64, (end - hashed) as u64 + TRY_COST) {
                return None;
            }
            hasher.update(&rest[hashed..end]);
            hashed = end;
            if *hasher.finalize().as_bytes() == id.hash.0 {
                let offset = self.base + (self.at + start) as u64;
                let event = Event::Block { id, data: rest[start..end].to_vec(), offset };
                self.at += end;
                return Some((number, event));
            }
        }
        None
    }

    /// Step 2: true when `end` bytes on is a section with the right hash, or the end of the input.
    fn good_here(&mut self, end: usize, at_end: bool) -> bool {
        let rest = &self.buf[self.at..];
        if end >= rest.len() {
            return at_end && end == rest.len();
        }
        let Ok(Some((id, from, to))) = whole_section(&rest[end..]) else {
            return false;
        };
        let position = self.base + self.at as u64;
        pay(&mut self.spent, position, (to - from) as u64)
            && id.matches(&rest[end + from..end + to])
    }

    /// Step 3: forward to the next section with the right hash.
    fn search(&mut self, at_end: bool) -> Step {
        while self.at < self.buf.len() {
            let rest = &self.buf[self.at..];
            if rest.len() < MAX_VARINT + PREFIX && !at_end {
                return Step::Wait;
            }
            if seems_section(rest).is_some() {
                match whole_section(rest) {
                    Ok(None) if !at_end => return Step::Wait,
                    Ok(Some((id, from, to))) => {
                        let position = self.base + self.at as u64;
                        let paid = pay(&mut self.spent, position, (to - from) as u64);
                        if paid && id.matches(&rest[from..to]) {
                            return self.found();
                        }
                    }
                    _ => {}
                }
            }
            self.at += 1;
        }
        if at_end { self.found() } else { Step::Wait }
    }

    /// Ends a search at the read position.
    fn found(&mut self) -> Step {
        let to = self.position();
        match std::mem::replace(&mut self.state, State::Section) {
            State::Search { from, why } if from < to => {
                Step::Emit(Event::Skipped { from, to, why })
            }
            _ => Step::Again,
        }
    }
}

/// Counts hashing that may be in vain; false when there was too much of it up to `position`.
fn pay(spent: &mut u64, position: u64, cost: u64) -> bool {
    if *spent + cost > CREDIT_START + CREDIT_PER_BYTE * position {
        return false;
    }
    *spent += cost;
    true
}

/// The id of the section at the start of `rest`, and where its block begins and ends. `None` when
/// it goes on behind `rest`. The hash is not checked.
fn whole_section(rest: &[u8]) -> Result<Option<(BlockId, usize, usize)>, Reject> {
    let (number, length) = parse_length(rest)?;
    let start = number + BLOCK_ID_BYTES;
    let Some(id) = rest.get(number..start) else {
        return Ok(None);
    };
    let id = BlockId::from_bytes(id)?;
    let end = number + length;
    Ok((end <= rest.len()).then_some((id, start, end)))
}

/// Where the section at the start of `rest` ends by its own account.
fn claimed_end(rest: &[u8]) -> Option<usize> {
    parse_length(rest).ok().map(|(number, length)| number + length)
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
