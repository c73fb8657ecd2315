//! The invite: an archive id and addresses as a short text (spec: invite.md, INV-1 to INV-4).

use crate::ids::{ArchiveId, base32};
use crate::limits::{MAX_INVITE_ADDRESSES, MAX_INVITE_BYTES};
use crate::reject::Reject;
use std::fmt;

const SCHEME: &str = "yadgar:";
/// Where the archive id begins, of 52 characters.
const ID: usize = SCHEME.len();
/// Where the check begins: base32 of 5 bytes, so 8 characters.
const CHECK: usize = ID + 52;
/// Where the addresses begin.
const QUERY: usize = CHECK + 8;
/// What stands before each address; `?` once, `&` between.
const FIELD: &str = "a=";

/// Which archive, and where it may be found. Nobody signs it: the id is the check of everything
/// that is found there (INV-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The archive.
    pub archive: ArchiveId,
    /// Multiaddrs in text form, at most 8; only their first character is checked here.
    pub addresses: Vec<String>,
}

impl Invite {
    /// An invite whose text is within the limits.
    ///
    /// # Errors
    /// See [`Invite::check`].
    pub fn new(archive: ArchiveId, addresses: Vec<String>) -> Result<Self, Reject> {
        let invite = Self { archive, addresses };
        invite.check()?;
        Ok(invite)
    }

    /// Checks what [`Invite::parse`] would refuse in the text of this invite.
    ///
    /// # Errors
    /// `INV-2` for too many addresses, one that is no multiaddr, or a text of more than 2048 bytes.
    pub fn check(&self) -> Result<(), Reject> {
        if self.addresses.len() > MAX_INVITE_ADDRESSES {
            return Err(Reject::new("INV-2", "more than 8 addresses"));
        }
        if self.addresses.iter().any(|a| !a.starts_with('/') || a.len() < 2) {
            return Err(Reject::new("INV-2", "an address begins with /"));
        }
        if self.to_string().len() > MAX_INVITE_BYTES {
            return Err(Reject::new("INV-2", "an invite longer than 2048 bytes"));
        }
        Ok(())
    }

    /// Reads an invite as it was typed, pasted or scanned.
    ///
    /// # Errors
    /// `INV-1` when it does not look like an invite, `INV-2` for its addresses, `INV-3` when it was
    /// mistyped. Nothing is guessed.
    pub fn parse(text: &str) -> Result<Self, Reject> {
        let text = without_ignored(text)?;
        let not_one = Reject::new("INV-1", "not an invite: it begins with yadgar:");
        let start = text.get(..ID).ok_or(not_one.clone())?;
        if !start.eq_ignore_ascii_case(SCHEME) {
            return Err(not_one);
        }
        let short = Reject::new("INV-1", "the invite is cut off");
        // `get`, because a wrong character can be longer than one byte and lie across a border.
        let id = text.get(ID..CHECK).ok_or(short.clone())?.to_ascii_lowercase();
        let check = text.get(CHECK..QUERY).ok_or(short.clone())?.to_ascii_lowercase();
        let query = text.get(QUERY..).ok_or(short)?;
        if check_of(&id, query) != check {
            return Err(Reject::new("INV-3", "the invite was mistyped: its check does not fit"));
        }
        let invite = Self { archive: id.parse()?, addresses: parse_query(query)? };
        invite.check()?;
        // One text for one invite: no needless or lower-case percent-encoding.
        if query_of(&invite.addresses) != query {
            return Err(Reject::new("INV-2", "an address with needless percent-encoding"));
        }
        Ok(invite)
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, query) = (self.archive.to_string(), query_of(&self.addresses));
        write!(f, "{SCHEME}{id}{}{query}", check_of(&id, &query))
    }
}

impl std::str::FromStr for Invite {
    type Err = Reject;
    fn from_str(text: &str) -> Result<Self, Reject> {
        Self::parse(text)
    }
}

/// INV-1: over the whole text but the check itself.
fn check_of(id: &str, query: &str) -> String {
    let text = [SCHEME, id, query].concat();
    base32(&blake3::derive_key("yadgar 2026 invite check", text.as_bytes())[..5])
}

/// INV-3: what line breaking, messengers and right-to-left text put in between.
fn without_ignored(text: &str) -> Result<String, Reject> {
    let ignored = |c: char| {
        c.is_whitespace()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut out = String::new();
    for c in text.chars().filter(|c| !ignored(*c)) {
        if out.len() + c.len_utf8() > MAX_INVITE_BYTES {
            return Err(Reject::new("INV-1", "an invite longer than 2048 bytes"));
        }
        out.push(c);
    }
    Ok(out)
}

fn query_of(addresses: &[String]) -> String {
    let mut out = String::new();
    for (i, address) in addresses.iter().enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        out.push_str(FIELD);
        for byte in address.bytes() {
            match byte {
                b'%' | b'&' => out.push_str(&format!("%{byte:02X}")),
                0x21..=0x7e => out.push(char::from(byte)),
                _ => out.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    out
}

fn parse_query(query: &str) -> Result<Vec<String>, Reject> {
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let bad = Reject::new("INV-2", "not the addresses of an invite");
    let fields = query.strip_prefix('?').ok_or(bad.clone())?;
    if fields.split('&').count() > MAX_INVITE_ADDRESSES {
        return Err(Reject::new("INV-2", "more than 8 addresses"));
    }
    let address = |field: &str| {
        let text = field.strip_prefix(FIELD)?;
        percent_decode(text)
    };
    fields.split('&').map(|field| address(field).ok_or(bad.clone())).collect()
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |b: u8| char::from(b).to_digit(16);
        let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
        out.push((high * 16 + low) as u8);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
#[path = "invite_tests.rs"]
mod tests;
