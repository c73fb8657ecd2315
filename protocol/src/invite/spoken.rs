//! The invite in words, to be read aloud and copied by hand (spec: invite.md, INV-9 to INV-12).

use super::Invite;
use crate::ids::{ArchiveId, Hash};
use crate::limits::{MAX_SPOKEN_ADDRESSES, MAX_SPOKEN_WORDS};
use crate::place::{Begins, Host, Place, WebUrl, begins};
use crate::reject::Reject;
use crate::words::{CHECK, Word, WordsError, from_words, to_words};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Version of the form, in 2 bits. Not 0, so that the first word never is number 0: one that is missing there would
/// otherwise not be noticed by the check.
const VERSION: u128 = 1;
/// Words of an invite without an address: 261 bits and the check words.
const LEAST: usize = 29 + CHECK;
/// What names and web addresses are spelt with, 6 bits each.
const SIGNS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-._~:/%ABCDEF";
/// Longest text that is spelt.
const LONGEST: usize = 127;
/// How the path begins of a WebSocket in TLS that has one; it is a name of the multiaddr, so it has no other `/`.
const PATH: &str = "/x-parity-wss/%2F";

/// Why words are no invite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpokenError {
    /// A word is wrong, missing, or at another place.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The words are right, what they say is not; or the text is wrong.
    #[error(transparent)]
    Form(#[from] Reject),
}

/// An invite in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The words, to be numbered from 1.
    pub words: Vec<Word>,
    /// Addresses that are not in it: of a kind that cannot be spelt, or too long.
    pub left_out: Vec<Place>,
}

/// An address as it is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Ip4Tcp,
    Ip4Quic,
    Ip6Tcp,
    Ip6Quic,
    NameTcp,
    NameQuic,
    NameTlsWs,
    Https,
    Http,
    NameWssPath,
}

const KINDS: [Kind; 10] = [
    Kind::Ip4Tcp,
    Kind::Ip4Quic,
    Kind::Ip6Tcp,
    Kind::Ip6Quic,
    Kind::NameTcp,
    Kind::NameQuic,
    Kind::NameTlsWs,
    Kind::Https,
    Kind::Http,
    Kind::NameWssPath,
];

/// Bits, most significant first.
#[derive(Default, Clone)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u128, width: usize) {
        self.0.extend((0..width).rev().map(|at| value >> at & 1 == 1));
    }

    fn words(&self) -> Vec<u16> {
        let number = |bits: &[bool]| {
            let padded = bits.iter().copied().chain(std::iter::repeat(false)).take(9);
            padded.fold(0, |number, bit| number << 1 | u16::from(bit))
        };
        self.0.chunks(9).map(number).collect()
    }
}

impl Invite {
    /// The invite in words. At most 4 addresses are spelt, in their order, as far as they fit; the id of a peer
    /// (`/p2p/...`) is not: the archive id is the check of what comes from there.
    pub fn to_words(&self) -> Spoken {
        let (mut addresses, mut left_out, mut count) = (Bits::default(), Vec::new(), 0);
        for place in self.places() {
            let mut longer = addresses.clone();
            let spelt = spell(&place, &mut longer).is_some() && count < MAX_SPOKEN_ADDRESSES;
            if spelt && LEAST + longer.0.len().div_ceil(9) <= MAX_SPOKEN_WORDS {
                addresses = longer;
                count += 1;
            } else {
                left_out.push(place);
            }
        }
        let mut bits = Bits::default();
        bits.put(VERSION, 2);
        bits.put(count as u128, 3);
        self.archive.0.0.iter().for_each(|byte| bits.put(u128::from(*byte), 8));
        bits.0.extend(addresses.0);
        Spoken { words: to_words(&bits.words()), left_out }
    }

    /// Reads an invite in words, of either language or both. Words that were not understood stand as `?`.
    ///
    /// # Errors
    /// Which word is wrong, missing, one too many or at another's place; `INV-9` for what no program writes, `ENC-9`
    /// for a newer form.
    pub fn from_words(text: &str) -> Result<Self, SpokenError> {
        let read = |numbers: &[u16]| read(&mut Reader { numbers, at: 0 });
        // Of a newer form nobody here knows how long it is.
        let whole = |numbers: &[u16]| match read(numbers) {
            Ok(_) => true,
            Err(reject) => reject.needs_newer_version() && numbers[0] != 0,
        };
        Ok(read(&from_words(text, LEAST..=MAX_SPOKEN_WORDS, &whole)?)?)
    }
}

/// Puts an address behind the others; `None` when it cannot be spelt.
fn spell(place: &Place, bits: &mut Bits) -> Option<()> {
    match place {
        Place::Web(url) => {
            let kind = if url.is_tls() { Kind::Https } else { Kind::Http };
            bits.put(kind as u128, 4);
            text(url.as_str().split_once("://")?.1, bits)
        }
        Place::Peer(address) => {
            let start = begins(address)?;
            let (kind, path) = kind_of(&start)?;
            bits.put(kind as u128, 4);
            match start.host {
                Host::Ip(IpAddr::V4(ip)) => bits.put(ip.to_bits().into(), 32),
                Host::Ip(IpAddr::V6(ip)) => bits.put(ip.to_bits(), 128),
                Host::Name(name) => text(name, bits)?,
            }
            bits.put(start.port.into(), 16);
            path.map_or(Some(()), |path| text(path, bits))
        }
    }
}

/// The kind, and the path if that has one.
fn kind_of<'a>(start: &Begins<'a>) -> Option<(Kind, Option<&'a str>)> {
    // Only a plain peer id at the end is left out: what is behind it in an address through a relay says who is meant.
    let (rest, id) = start.rest.split_once("/p2p/").unwrap_or((start.rest, ""));
    if id.contains('/') {
        return None;
    }
    let path = rest.strip_prefix(PATH).filter(|path| is_path(path));
    let kind = match (start.kind, start.quic, rest) {
        ("ip4", false, "") => Kind::Ip4Tcp,
        ("ip4", true, "") => Kind::Ip4Quic,
        ("ip6", false, "") => Kind::Ip6Tcp,
        ("ip6", true, "") => Kind::Ip6Quic,
        ("dns" | "dns4", false, "") => Kind::NameTcp,
        ("dns" | "dns4", true, "") => Kind::NameQuic,
        ("dns" | "dns4", false, "/tls/ws" | "/wss") => Kind::NameTlsWs,
        ("dns" | "dns4", false, _) if path.is_some() => Kind::NameWssPath,
        _ => return None,
    };
    Some((kind, path))
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.contains('/')
}

fn text(text: &str, bits: &mut Bits) -> Option<()> {
    bits.put(Some(text.len()).filter(|length| *length <= LONGEST)? as u128, 7);
    for byte in text.bytes() {
        bits.put(SIGNS.iter().position(|sign| *sign == byte)? as u128, 6);
    }
    Some(())
}

struct Reader<'a> {
    numbers: &'a [u16],
    at: usize,
}

const CUT: Reject = Reject::new("INV-9", "the words of the invite end within an address");
const ADDRESS: Reject = Reject::new("INV-9", "not an address as it is spelt");

impl Reader<'_> {
    fn take(&mut self, width: usize) -> Result<u128, Reject> {
        let mut value = 0;
        for at in self.at..self.at + width {
            let number = self.numbers.get(at / 9).ok_or(CUT)?;
            value = value << 1 | u128::from(number >> (8 - at % 9) & 1);
        }
        self.at += width;
        Ok(value)
    }

    fn port(&mut self) -> Result<u16, Reject> {
        // 16 bits.
        Ok(self.take(16)? as u16)
    }

    fn text(&mut self) -> Result<String, Reject> {
        let length = self.take(7)?;
        let sign = |_| {
            let at = usize::try_from(self.take(6)?).unwrap_or(usize::MAX);
            SIGNS.get(at).copied().map(char::from).ok_or(ADDRESS)
        };
        (0..length).map(sign).collect()
    }

    fn place(&mut self, kind: Kind) -> Result<Place, Reject> {
        let text = match kind {
            Kind::Ip4Tcp | Kind::Ip4Quic => {
                // 32 bits.
                format!("/ip4/{}", Ipv4Addr::from_bits(self.take(32)? as u32))
            }
            Kind::Ip6Tcp | Kind::Ip6Quic => {
                format!("/ip6/{}", Ipv6Addr::from_bits(self.take(128)?))
            }
            Kind::NameTcp | Kind::NameQuic | Kind::NameTlsWs | Kind::NameWssPath => {
                format!("/dns/{}", self.text()?)
            }
            Kind::Https => format!("https://{}", self.text()?),
            Kind::Http => format!("http://{}", self.text()?),
        };
        let text = match kind {
            Kind::Https | Kind::Http => return WebUrl::parse(&text).map(Place::Web),
            Kind::Ip4Quic | Kind::Ip6Quic | Kind::NameQuic => {
                format!("{text}/udp/{}/quic-v1", self.port()?)
            }
            Kind::NameTlsWs => format!("{text}/tcp/{}/tls/ws", self.port()?),
            Kind::NameWssPath => {
                let (port, path) = (self.port()?, self.text()?);
                Some(()).filter(|()| is_path(&path)).ok_or(ADDRESS)?;
                format!("{text}/tcp/{port}{PATH}{path}")
            }
            Kind::Ip4Tcp | Kind::Ip6Tcp | Kind::NameTcp => format!("{text}/tcp/{}", self.port()?),
        };
        begins(&text).map(|_| ()).ok_or(ADDRESS)?;
        Ok(Place::Peer(text))
    }
}

fn read(bits: &mut Reader<'_>) -> Result<Invite, Reject> {
    if bits.take(2)? != VERSION {
        return Err(Reject::new("ENC-9", "an invite in words of a newer form"));
    }
    let count = usize::try_from(bits.take(3)?).unwrap_or(usize::MAX);
    if count > MAX_SPOKEN_ADDRESSES {
        return Err(Reject::new("INV-9", "more than 4 addresses in words"));
    }
    let mut id = [0; 32];
    for byte in &mut id {
        // 8 bits.
        *byte = bits.take(8)? as u8;
    }
    let mut places = Vec::new();
    for known in 0..count {
        let kind = bits.take(4)?;
        let Some(kind) = KINDS.into_iter().find(|one| *one as u128 == kind) else {
            // Its length is not known, so all behind it is not either.
            let mut invite = Invite::with(ArchiveId(Hash(id)), places)?;
            invite.unknown = count - known;
            return Ok(invite);
        };
        places.push(bits.place(kind)?);
    }
    let left = 9 * bits.numbers.len() - bits.at;
    if left >= 9 || bits.take(left)? != 0 {
        return Err(Reject::new("INV-9", "something stands behind the last address"));
    }
    Invite::with(ArchiveId(Hash(id)), places)
}

#[cfg(test)]
#[path = "spoken_tests.rs"]
mod tests;
