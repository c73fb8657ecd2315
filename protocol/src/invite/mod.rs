//! The invite: an archive id and addresses as a short text (spec: invite.md, INV-1 to INV-8), and in words
//! that can be said (INV-9 to INV-12).

mod spoken;

pub use spoken::{Spoken, SpokenError};

use crate::ids::{ArchiveId, base32};
use crate::limits::{MAX_INVITE_ADDRESSES, MAX_INVITE_BYTES};
use crate::place::{Place, WebUrl};
use crate::reject::Reject;
use crate::words::looks_like_words;
use std::fmt;

const SCHEME: &str = "yadgar:";
/// Where the archive id begins, of 52 characters.
const ID: usize = SCHEME.len();
/// Where the check begins: base32 of 5 bytes, so 8 characters.
const CHECK: usize = ID + 52;
/// Where the addresses begin.
const QUERY: usize = CHECK + 8;
/// Name of the fields with multiaddrs.
const PEER: char = 'a';
/// Name of the fields with web addresses.
const WEB: char = 'u';

/// Which archive, and where it may be found. Nobody signs it: the id is the check of everything
/// that is found there (INV-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The archive.
    pub archive: ArchiveId,
    /// Multiaddrs in text form; only their first character is checked here.
    pub addresses: Vec<String>,
    /// Web addresses of static mirrors (INV-6).
    pub urls: Vec<WebUrl>,
    /// Addresses of kinds that this program does not know (INV-7). They are not written again.
    pub unknown: usize,
}

impl Invite {
    /// Which archive, without an address.
    pub const fn of(archive: ArchiveId) -> Self {
        Self { archive, addresses: Vec::new(), urls: Vec::new(), unknown: 0 }
    }

    /// An invite whose text is within the limits.
    ///
    /// # Errors
    /// See [`Invite::check`].
    pub fn new(archive: ArchiveId, addresses: Vec<String>) -> Result<Self, Reject> {
        let invite = Self { addresses, ..Self::of(archive) };
        invite.check()?;
        Ok(invite)
    }

    /// An invite with addresses of both kinds, within the limits.
    ///
    /// # Errors
    /// See [`Invite::check`].
    pub fn with(
        archive: ArchiveId,
        places: impl IntoIterator<Item = Place>,
    ) -> Result<Self, Reject> {
        let mut invite = Self::of(archive);
        for place in places {
            match place {
                Place::Peer(text) => invite.addresses.push(text),
                Place::Web(url) => invite.urls.push(url),
            }
        }
        invite.check()?;
        Ok(invite)
    }

    /// All addresses, peers first.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let peers = self.addresses.iter().cloned().map(Place::Peer);
        peers.chain(self.urls.iter().cloned().map(Place::Web))
    }

    /// Checks what [`Invite::parse`] would refuse in the text of this invite.
    ///
    /// # Errors
    /// `INV-2` for too many addresses, one that is no multiaddr, or a text of more than 2048 bytes.
    pub fn check(&self) -> Result<(), Reject> {
        if self.addresses.len() + self.urls.len() > MAX_INVITE_ADDRESSES {
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

    /// Reads an invite in either form: the text of [`Invite::parse`], or words ([`Invite::from_words`]).
    ///
    /// # Errors
    /// Why it is not the one that it looks like.
    pub fn read(text: &str) -> Result<Self, SpokenError> {
        let bare = without_ignored(text).map(|text| text.to_ascii_lowercase());
        let scheme = bare.as_ref().is_ok_and(|bare| bare.starts_with(SCHEME));
        if !scheme && looks_like_words(text) {
            return Self::from_words(text);
        }
        Ok(Self::parse(text)?)
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
        let mut invite = Self::of(id.parse()?);
        for (name, address) in parse_query(query)? {
            match name {
                PEER => invite.addresses.push(address),
                WEB => invite.urls.push(WebUrl::parse(&address)?),
                _ => invite.unknown += 1,
            }
        }
        invite.check()?;
        Ok(invite)
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, query) = (self.archive.to_string(), self.query());
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

impl Invite {
    fn query(&self) -> String {
        let peers = self.addresses.iter().map(|address| (PEER, address.as_str()));
        let fields = peers.chain(self.urls.iter().map(|url| (WEB, url.as_str())));
        query_of(fields)
    }
}

fn query_of<'a>(fields: impl Iterator<Item = (char, &'a str)>) -> String {
    let mut out = String::new();
    for (i, (name, address)) in fields.enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        out.extend([name, '=']);
        out.push_str(&quote(address));
    }
    out
}

fn quote(address: &str) -> String {
    let mut out = String::new();
    for byte in address.bytes() {
        match byte {
            b'%' | b'&' => out.push_str(&format!("%{byte:02X}")),
            0x21..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Names and values of the fields, their names ascending (INV-7).
fn parse_query(query: &str) -> Result<Vec<(char, String)>, Reject> {
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let bad = Reject::new("INV-2", "not the addresses of an invite");
    let fields = query.strip_prefix('?').ok_or(bad.clone())?;
    if fields.split('&').count() > MAX_INVITE_ADDRESSES {
        return Err(Reject::new("INV-2", "more than 8 addresses"));
    }
    let mut out: Vec<(char, String)> = Vec::new();
    for field in fields.split('&') {
        let (name, text) = field.split_once('=').ok_or(bad.clone())?;
        let (&[byte @ b'a'..=b'z'], false) = (name.as_bytes(), text.is_empty()) else {
            return Err(bad);
        };
        let name = char::from(byte);
        if out.last().is_some_and(|(before, _)| *before > name) {
            return Err(Reject::new("INV-7", "the addresses are not in order of their kinds"));
        }
        let value = percent_decode(text).ok_or(bad.clone())?;
        // One text for one invite: no needless or lower-case percent-encoding.
        if quote(&value) != text {
            return Err(Reject::new("INV-2", "an address with needless percent-encoding"));
        }
        out.push((name, value));
    }
    Ok(out)
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
