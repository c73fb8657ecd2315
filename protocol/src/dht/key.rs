//! The key of an archive (DHT-2).

use crate::ids::ArchiveId;

/// Name of the protocol.
pub const PROTOCOL: &str = "/yadgar/kad/1";

/// Multihash code of BLAKE3 and the length of the digest: keys look like those of other libp2p networks.
const PREFIX: [u8; 2] = [0x1e, 0x20];

/// The key under which the mirrors of an archive are found. It does not tell the archive's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DhtKey([u8; 34]);

impl DhtKey {
    /// The key of an archive.
    pub fn of(archive: &ArchiveId) -> Self {
        let digest = blake3::derive_key("yadgar 2026 dht key", &archive.0.0);
        let mut key = [0; 34];
        key[..2].copy_from_slice(&PREFIX);
        key[2..].copy_from_slice(&digest);
        Self(key)
    }

    /// Bytes that may be the key of some archive; `None` for what is none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = <[u8; 34]>::try_from(bytes).ok()?;
        key.starts_with(&PREFIX).then_some(Self(key))
    }

    /// The bytes that go over the wire.
    pub fn as_bytes(&self) -> &[u8; 34] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hash;

    #[test]
    fn dht_2_a_key_has_one_form() {
        let key = DhtKey::of(&ArchiveId(Hash([7; 32])));
        assert_eq!(DhtKey::from_bytes(key.as_bytes()), Some(key));
        assert_ne!(key, DhtKey::of(&ArchiveId(Hash([8; 32]))));
        let digest = &key.as_bytes()[2..];
        for bad in [
            digest.to_vec(),
            [&[0x12, 0x20], digest].concat(),
            [key.as_bytes(), &[0][..]].concat(),
            vec![],
        ] {
            assert_eq!(DhtKey::from_bytes(&bad), None, "{bad:?}");
        }
    }
}
