//! A beacon as bytes (BEA-1 to BEA-5).

use crate::ids::ArchiveId;
use crate::limits::BEACON_SLOTS;
use crate::reject::Reject;
use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use core::net::IpAddr;

/// Bytes of the salt.
pub const SALT_BYTES: usize = 24;
/// Bytes of the tag of a slot.
pub const TAG_BYTES: usize = 8;
/// Bytes of a body.
pub const BODY_BYTES: usize = 13;
/// Bytes of the authenticator of a body.
const AUTH_BYTES: usize = 16;
/// Bytes of a slot.
pub const SLOT_BYTES: usize = TAG_BYTES + BODY_BYTES + AUTH_BYTES;
/// Bytes of a datagram.
pub const DATAGRAM_BYTES: usize = SALT_BYTES + BEACON_SLOTS * SLOT_BYTES;

const ANNOUNCE: u8 = 1;
const ASK: u8 = 2;

/// What an archive's beacons are keyed with. Worth keeping: deriving it costs a hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BeaconKey([u8; 32]);

impl BeaconKey {
    /// The key of an archive (BEA-2).
    pub fn of(archive: &ArchiveId) -> Self {
        Self(blake3::derive_key("yadgar 2026 beacon", &archive.0.0))
    }

    /// Tag and key of the slot in a datagram with this salt.
    fn slot(&self, salt: &[u8; SALT_BYTES]) -> ([u8; TAG_BYTES], [u8; 32]) {
        let mut out = [0; TAG_BYTES + 32];
        blake3::Hasher::new_keyed(&self.0).update(salt).finalize_xof().fill(&mut out);
        let (mut tag, mut key) = ([0; TAG_BYTES], [0; 32]);
        tag.copy_from_slice(&out[..TAG_BYTES]);
        key.copy_from_slice(&out[TAG_BYTES..]);
        (tag, key)
    }
}

/// What a datagram says about its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The sender serves the archive.
    Announce,
    /// The sender looks for the archive.
    Ask,
}

/// Where the sender can be reached, at the address that the datagram comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Ports {
    /// TCP port of the libp2p node; 0 for none.
    pub node: u16,
    /// Port of the web page; 0 for none.
    pub page: u16,
}

impl Ports {
    /// True when there is something to reach.
    pub fn any(self) -> bool {
        self.node != 0 || self.page != 0
    }

    /// Ports of common services are not dialled because a stranger says so (BEA-3).
    fn allowed(self) -> bool {
        self.heard() == self
    }

    /// Without those that nobody would believe (BEA-3).
    pub fn heard(self) -> Self {
        let may = |port: &u16| *port >= 1024 || *port == 80 || *port == 443;
        let or_none = |port| Some(port).filter(may).unwrap_or(0);
        Self { node: or_none(self.node), page: or_none(self.page) }
    }
}

/// The first bytes of an ask's salt, which its answer repeats; zero for none.
pub type Echo = [u8; 8];
/// No echo.
pub const NO_ECHO: Echo = [0; 8];

/// What a slot says (BEA-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Body {
    /// What for.
    pub kind: Kind,
    /// Where to reach the sender.
    pub ports: Ports,
    /// Of an answer: which ask it answers.
    pub echo: Echo,
}

impl Body {
    fn encode(&self) -> [u8; BODY_BYTES] {
        let mut out = [0; BODY_BYTES];
        out[0] = match self.kind {
            Kind::Announce => ANNOUNCE,
            Kind::Ask => ASK,
        };
        out[1..3].copy_from_slice(&self.ports.node.to_be_bytes());
        out[3..5].copy_from_slice(&self.ports.page.to_be_bytes());
        out[5..].copy_from_slice(&self.echo);
        out
    }

    fn decode(bytes: [u8; BODY_BYTES]) -> Result<Self, Reject> {
        let [kind, n0, n1, p0, p1, echo @ ..] = bytes;
        let kind = match kind {
            ANNOUNCE => Kind::Announce,
            ASK => Kind::Ask,
            _ => return Err(Reject::new("BEA-3", "an unknown kind of beacon")),
        };
        let ports =
            Ports { node: u16::from_be_bytes([n0, n1]), page: u16::from_be_bytes([p0, p1]) };
        let body = Self { kind, ports, echo };
        body.check().map(|()| body)
    }

    fn check(&self) -> Result<(), Reject> {
        if !self.ports.allowed() {
            return Err(Reject::new("BEA-3", "a port that is not dialled"));
        }
        match self.kind {
            Kind::Announce if !self.ports.any() => {
                Err(Reject::new("BEA-3", "an announce without a port"))
            }
            Kind::Ask if self.echo != NO_ECHO => {
                Err(Reject::new("BEA-3", "an ask that answers something"))
            }
            _ => Ok(()),
        }
    }
}

/// One datagram.
#[derive(Clone, PartialEq, Eq)]
pub struct Datagram(Box<[u8; DATAGRAM_BYTES]>);

impl Datagram {
    /// Takes bytes as they came.
    ///
    /// # Errors
    /// `BEA-1` for any other length than 320 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Reject> {
        let exact = <[u8; DATAGRAM_BYTES]>::try_from(bytes);
        exact
            .map(|bytes| Self(Box::new(bytes)))
            .map_err(|_| Reject::new("BEA-1", "a beacon has 320 bytes"))
    }

    /// The bytes to send.
    pub fn bytes(&self) -> &[u8; DATAGRAM_BYTES] {
        &self.0
    }

    /// Makes a datagram. All of `random` must be unpredictable and never used before: its first 24
    /// bytes are the salt, the rest fills the slots without an archive. `slots` says which archive
    /// goes where; the places must be chosen at random (BEA-4). `from` is the address that it will be
    /// sent from.
    pub fn seal(
        random: [u8; DATAGRAM_BYTES],
        slots: &[Option<BeaconKey>; BEACON_SLOTS],
        body: &Body,
        from: IpAddr,
    ) -> Self {
        let mut datagram = Self(Box::new(random));
        let salt = datagram.salt();
        for (at, key) in slots.iter().enumerate().filter_map(|(at, key)| Some((at, (*key)?))) {
            let (tag, key) = key.slot(&salt);
            let mut text = body.encode();
            let cipher = ChaCha20Poly1305::new(&key.into());
            let auth = cipher.encrypt_in_place_detached(&Nonce::default(), &bound(from), &mut text);
            // Fails only for a text of more than 256 GiB.
            let Ok(auth) = auth else { continue };
            let slot = &mut datagram.0[SALT_BYTES + at * SLOT_BYTES..][..SLOT_BYTES];
            slot[..TAG_BYTES].copy_from_slice(&tag);
            slot[TAG_BYTES..TAG_BYTES + BODY_BYTES].copy_from_slice(&text);
            slot[TAG_BYTES + BODY_BYTES..].copy_from_slice(&auth);
        }
        datagram
    }

    /// The salt.
    pub fn salt(&self) -> [u8; SALT_BYTES] {
        let mut salt = [0; SALT_BYTES];
        salt.copy_from_slice(&self.0[..SALT_BYTES]);
        salt
    }

    /// What an answer to this ask repeats.
    pub fn echo(&self) -> Echo {
        let mut echo = [0; 8];
        echo.copy_from_slice(&self.0[..8]);
        echo
    }

    /// What it says about an archive. `None` when it says nothing that we could know of.
    ///
    /// # Errors
    /// `BEA-5` when the tag is there but the body does not open: damaged, or sent from another address
    /// than `from`. `BEA-3` for a body that breaks the rules. Both are to be ignored.
    pub fn open(&self, key: &BeaconKey, from: IpAddr) -> Result<Option<Body>, Reject> {
        let (tag, key) = key.slot(&self.salt());
        let slots = self.0[SALT_BYTES..].chunks_exact(SLOT_BYTES);
        let Some(slot) = { slots }.find(|slot| slot[..TAG_BYTES] == tag) else { return Ok(None) };
        let mut body = [0; BODY_BYTES];
        body.copy_from_slice(&slot[TAG_BYTES..TAG_BYTES + BODY_BYTES]);
        let auth = Tag::from_slice(&slot[TAG_BYTES + BODY_BYTES..]);
        ChaCha20Poly1305::new(&key.into())
            .decrypt_in_place_detached(&Nonce::default(), &bound(from), &mut body, auth)
            .map_err(|_| Reject::new("BEA-5", "a beacon that does not open"))?;
        Body::decode(body).map(Some)
    }
}

/// The address as the body is bound to it.
fn bound(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

#[cfg(test)]
#[path = "datagram_tests.rs"]
mod tests;
