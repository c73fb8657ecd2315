//! Hashes, block ids, archive ids, keys (spec: encoding.md, ID-1 to ID-5).

use crate::reject::Reject;
use ::cid::Cid;
use ed25519_dalek::VerifyingKey;
use multihash::Multihash;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

/// Multihash code of BLAKE3.
const BLAKE3: u64 = 0x1e;
/// Length of a binary block id.
pub const BLOCK_ID_BYTES: usize = 36;

/// A BLAKE3-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// BLAKE3 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Lower-case hex, as `b3sum` prints it.
    pub fn to_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// The hash of that hex.
    pub fn from_hex(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex()[..16])
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        crate::cbor::bytes_array::deserialize(d).map(Self)
    }
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// Bytes of a file (0x55).
    Raw,
    /// Structure in DAG-CBOR (0x71): tree node, block list node, release payload, head.
    DagCbor,
}

impl Codec {
    /// The multicodec number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Raw => 0x55,
            Self::DagCbor => 0x71,
        }
    }
}

/// The name of a block: CIDv1 with BLAKE3-256 and one of two codecs (ID-1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId {
    /// What the block holds.
    pub codec: Codec,
    /// BLAKE3 of the block.
    pub hash: Hash,
}

impl BlockId {
    /// The id of `bytes` as a block of `codec`.
    pub fn of(codec: Codec, bytes: &[u8]) -> Self {
        Self { codec, hash: Hash::of(bytes) }
    }

    /// The id of content.
    pub fn raw(bytes: &[u8]) -> Self {
        Self::of(Codec::Raw, bytes)
    }

    /// The id of structure.
    pub fn dag_cbor(bytes: &[u8]) -> Self {
        Self::of(Codec::DagCbor, bytes)
    }

    /// True when `bytes` are the block of this id.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        Hash::of(bytes) == self.hash
    }

    /// The binary form: `01 codec 1e 20 digest`.
    pub fn to_bytes(&self) -> [u8; BLOCK_ID_BYTES] {
        let mut out = [0; BLOCK_ID_BYTES];
        out[..4].copy_from_slice(&[1, self.codec.code(), BLAKE3 as u8, 32]);
        out[4..].copy_from_slice(&self.hash.0);
        out
    }

    /// Reads the binary form, which must be exactly 36 bytes.
    ///
    /// # Errors
    /// `ID-1` for any other version, codec, hash or length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Reject> {
        let cid = Cid::try_from(bytes).map_err(|_| Reject::new("ID-1", "not a block id"))?;
        let id = Self::from_cid(&cid)?;
        if id.to_bytes() != bytes {
            return Err(Reject::new("ID-1", "not the shortest form of a block id"));
        }
        Ok(id)
    }

    fn from_cid(cid: &Cid) -> Result<Self, Reject> {
        let bad = Reject::new("ID-1", "a block id of another kind");
        let codec = match cid.codec() {
            0x55 => Codec::Raw,
            0x71 => Codec::DagCbor,
            _ => return Err(bad),
        };
        if cid.version() != ::cid::Version::V1 || cid.hash().code() != BLAKE3 {
            return Err(bad);
        }
        let hash = <[u8; 32]>::try_from(cid.hash().digest()).map_err(|_| bad)?;
        Ok(Self { codec, hash: Hash(hash) })
    }

    fn to_cid(self) -> Cid {
        // 32 bytes always fit a 64-byte multihash.
        #[allow(clippy::expect_used)]
        let hash = Multihash::wrap(BLAKE3, &self.hash.0).expect("a digest of 32 bytes");
        Cid::new_v1(u64::from(self.codec.code()), hash)
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_cid().fmt(f)
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}:{:?}", self.codec, self.hash)
    }
}

impl FromStr for BlockId {
    type Err = Reject;
    fn from_str(text: &str) -> Result<Self, Reject> {
        let cid = Cid::try_from(text).map_err(|_| Reject::new("ID-1", "not a block id"))?;
        let id = Self::from_cid(&cid)?;
        if id.to_string() != text {
            return Err(Reject::new("ID-1", "not the text form of a block id"));
        }
        Ok(id)
    }
}

/// A block id inside a structure: CBOR tag 42 around `00` + binary id (ID-2).
impl Serialize for BlockId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut bytes = vec![0];
        bytes.extend(self.to_bytes());
        ciborium::tag::Required::<_, 42>(serde_bytes::ByteBuf::from(bytes)).serialize(s)
    }
}

impl<'de> Deserialize<'de> for BlockId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let tagged = ciborium::tag::Required::<serde_bytes::ByteBuf, 42>::deserialize(d)?;
        match tagged.0.split_first() {
            Some((0, id)) => Self::from_bytes(id).map_err(D::Error::custom),
            _ => Err(D::Error::custom("link")),
        }
    }
}

/// The identity of an archive for life: BLAKE3 of the payload of trust root version 1 (ID-3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArchiveId(pub Hash);

impl fmt::Display for ArchiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32(&self.0.0))
    }
}

impl fmt::Debug for ArchiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ArchiveId {
    type Err = Reject;
    fn from_str(text: &str) -> Result<Self, Reject> {
        let bad = Reject::new("ID-3", "not an archive id");
        let bytes = from_base32(text).ok_or(bad.clone())?;
        let hash = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| bad)?;
        Ok(Self(Hash(hash)))
    }
}

/// An Ed25519 public key that is not weak (ID-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// `ID-4` when the bytes are no point of the curve, not canonical, or of small order.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, Reject> {
        let key = VerifyingKey::from_bytes(&bytes)
            .map_err(|_| Reject::new("ID-4", "not an Ed25519 public key"))?;
        if key.is_weak() || key.to_edwards().compress().to_bytes() != bytes {
            return Err(Reject::new("ID-4", "a weak public key"));
        }
        Ok(Self(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The short name of the key that people see (ID-5), 16 characters.
    pub fn key_id(&self) -> String {
        base32(&blake3::derive_key("yadgar 2026 key id", &self.0)[..10])
    }

    /// True when `signature` over `message` is valid under the strict rules (ENV-3).
    pub fn verify_strict(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key_id())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = crate::cbor::bytes_array::deserialize(d)?;
        Self::from_bytes(bytes).map_err(D::Error::custom)
    }
}

/// Base32 of RFC 4648, lower case, no padding.
pub fn base32(bytes: &[u8]) -> String {
    multibase::Base::Base32Lower.encode(bytes)
}

/// The bytes of lower-case base32 without padding; `None` unless it is the one text form of them.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let bytes = multibase::Base::Base32Lower.decode(text).ok()?;
    (base32(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_1_text_and_binary() {
        let id = BlockId::raw(b"hello");
        assert_eq!(id.to_string().parse::<BlockId>().unwrap(), id);
        assert_eq!(BlockId::from_bytes(&id.to_bytes()).unwrap(), id);
        assert!(id.to_string().starts_with("bafkr4i"));
        let mut sha = id.to_bytes();
        sha[2] = 0x12;
        assert_eq!(BlockId::from_bytes(&sha).unwrap_err().clause, "ID-1");
    }

    #[test]
    fn id_2_link_is_tag_42() {
        let id = BlockId::dag_cbor(b"x");
        let bytes = crate::cbor::encode(&id);
        assert_eq!(bytes[..5], [0xd8, 0x2a, 0x58, 0x25, 0x00]);
        assert_eq!(crate::cbor::decode::<BlockId>(&bytes, 64).unwrap(), id);
    }

    #[test]
    fn id_4_weak_keys() {
        let refused = |hex: &str| {
            let bytes = <[u8; 32]>::try_from(hex::decode(hex).unwrap()).unwrap();
            assert_eq!(PublicKey::from_bytes(bytes).unwrap_err().clause, "ID-4", "{hex}");
            let coded = [&[0x58, 32], &bytes[..]].concat();
            assert!(crate::cbor::decode::<PublicKey>(&coded, 64).is_err(), "{hex}");
        };
        let zeros = "0".repeat(62);
        let ones = "f".repeat(60);
        // The points of small order, then such and others that are not in canonical form.
        for order in [
            format!("01{zeros}"),
            format!("ec{ones}7f"),
            format!("00{zeros}"),
            format!("00{}80", "0".repeat(60)),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".to_owned(),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85".to_owned(),
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a".to_owned(),
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa".to_owned(),
            format!("01{}80", "0".repeat(60)),
            format!("ec{ones}ff"),
            format!("ed{ones}7f"),
            format!("ed{ones}ff"),
            format!("ee{ones}7f"),
            format!("ee{ones}ff"),
            format!("f0{ones}7f"),
            format!("02{zeros}"),
        ] {
            refused(&order);
        }
    }
}
