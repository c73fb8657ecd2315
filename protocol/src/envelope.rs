//! A signed payload, and the only function that counts signatures (spec: envelope.md).

use crate::ids::{ArchiveId, Hash, PublicKey};
use crate::limits::{MAX_PAYLOAD_BYTES, MAX_SIGNATURES};
use crate::reject::Reject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What kind of payload a signature is for; bound into it, so that one cannot pass as the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A trust root.
    TrustRoot,
    /// A release.
    Release,
    /// An urgent notice.
    Notice,
}

impl Context {
    /// Every context.
    pub const ALL: [Self; 3] = [Self::TrustRoot, Self::Release, Self::Notice];

    /// The context of this text (ENV-2).
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.text() == text)
    }

    /// The text that is bound into signatures (ENV-2).
    pub const fn text(self) -> &'static str {
        match self {
            Self::TrustRoot => "yadgar trust-root v1",
            Self::Release => "yadgar release v1",
            Self::Notice => "yadgar notice v1",
        }
    }
}

/// Bytes of a COSE_Sign1 in our one profile, before the signature (ENV-1).
const SIGN1_PREFIX: [u8; 10] = [0xd2, 0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0, 0xf6, 0x58, 0x40];
/// Length of a COSE_Sign1 in our profile.
pub const SIGN1_BYTES: usize = SIGN1_PREFIX.len() + 64;

/// The signature inside a COSE_Sign1 of exactly our profile.
///
/// # Errors
/// `ENV-1` for every other COSE structure.
pub fn parse_sign1(bytes: &[u8]) -> Result<[u8; 64], Reject> {
    let bad = Reject::new("ENV-1", "not a COSE_Sign1 of the one allowed form");
    let signature = bytes.strip_prefix(&SIGN1_PREFIX).ok_or(bad.clone())?;
    signature.try_into().map_err(|_| bad)
}

/// Wraps an Ed25519 signature as COSE_Sign1.
pub fn build_sign1(signature: &[u8; 64]) -> Vec<u8> {
    [&SIGN1_PREFIX[..], signature].concat()
}

/// The bytes that a signer signs and a verifier verifies (ENV-2).
pub fn to_be_signed(context: Context, archive: &ArchiveId, payload: &[u8]) -> Vec<u8> {
    let external = [context.text().as_bytes(), &[0], &archive.0.0].concat();
    let protected = coset::ProtectedHeader {
        original_data: Some(vec![0xa1, 0x01, 0x27]),
        header: coset::HeaderBuilder::new().algorithm(coset::iana::Algorithm::EdDSA).build(),
    };
    coset::sig_structure_data(
        coset::SignatureContext::CoseSign1,
        protected,
        None,
        &external,
        payload,
    )
}

/// One signature: who, and the COSE_Sign1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(pub PublicKey, #[serde(with = "serde_bytes")] pub Vec<u8>);

/// A payload as received, with signatures over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The encoded trust root, release or notice. What is verified is these bytes.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
    /// Sorted by public key, each key once (ENV-4).
    pub signatures: Vec<Signature>,
}

impl Envelope {
    /// A payload that nobody has signed yet.
    pub fn unsigned(payload: Vec<u8>) -> Self {
        Self { payload, signatures: Vec::new() }
    }

    /// Hash of the payload: how later versions and releases refer to it.
    pub fn payload_hash(&self) -> Hash {
        Hash::of(&self.payload)
    }

    /// Puts a signature in its place, replacing an earlier one by the same key.
    pub fn add(&mut self, key: PublicKey, signature: &[u8; 64]) {
        self.signatures.retain(|s| s.0 != key);
        let at = self.signatures.partition_point(|s| s.0 < key);
        self.signatures.insert(at, Signature(key, build_sign1(signature)));
    }

    /// Checks form and every signature, and gives the keys that signed.
    ///
    /// This is the one place where signatures are counted: each key once, and every signature
    /// must be valid and by one of `allowed`.
    ///
    /// # Errors
    /// `ENV-1` to `ENV-7`.
    pub fn signers(
        &self,
        context: Context,
        archive: &ArchiveId,
        allowed: &BTreeSet<PublicKey>,
    ) -> Result<BTreeSet<PublicKey>, Reject> {
        if self.payload.is_empty() || self.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(Reject::new("ENV-7", "a payload of impossible size"));
        }
        if self.signatures.len() > MAX_SIGNATURES {
            return Err(Reject::new("ENV-5", "too many signatures"));
        }
        if !self.signatures.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(Reject::new("ENV-4", "signatures out of order or twice by one key"));
        }
        let message = to_be_signed(context, archive, &self.payload);
        for Signature(key, sign1) in &self.signatures {
            let signature = parse_sign1(sign1)?;
            if !allowed.contains(key) {
                return Err(Reject::new("ENV-5", "signed by a key that has no such role"));
            }
            if !key.verify_strict(&message, &signature) {
                return Err(Reject::new("ENV-3", "a signature that is not valid"));
            }
        }
        Ok(self.signatures.iter().map(|s| s.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    fn signed(context: Context) -> (Envelope, PublicKey, ArchiveId) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
        let archive = ArchiveId(Hash::of(b"a"));
        let mut e = Envelope::unsigned(b"payload".to_vec());
        let signature = key.sign(&to_be_signed(context, &archive, &e.payload));
        e.add(public, &signature.to_bytes());
        (e, public, archive)
    }

    #[test]
    fn env_1_prefix_is_what_coset_writes() {
        let sign1 = coset::CoseSign1Builder::new()
            .protected(coset::HeaderBuilder::new().algorithm(coset::iana::Algorithm::EdDSA).build())
            .signature(vec![9; 64])
            .build();
        let bytes = coset::TaggedCborSerializable::to_tagged_vec(sign1).unwrap();
        assert_eq!(bytes, build_sign1(&[9; 64]));
    }

    #[test]
    fn env_2_context_and_archive_are_bound() {
        let (e, key, archive) = signed(Context::Release);
        let allowed = BTreeSet::from([key]);
        assert_eq!(e.signers(Context::Release, &archive, &allowed).unwrap(), allowed);
        let other = ArchiveId(Hash::of(b"b"));
        assert_eq!(e.signers(Context::Release, &other, &allowed).unwrap_err().clause, "ENV-3");
        let wrong = e.signers(Context::TrustRoot, &archive, &allowed);
        assert_eq!(wrong.unwrap_err().clause, "ENV-3");
    }

    #[test]
    fn env_4_and_5() {
        let (mut e, key, archive) = signed(Context::Release);
        assert_eq!(
            e.signers(Context::Release, &archive, &BTreeSet::new()).unwrap_err().clause,
            "ENV-5"
        );
        e.signatures.push(e.signatures[0].clone());
        let twice = e.signers(Context::Release, &archive, &BTreeSet::from([key]));
        assert_eq!(twice.unwrap_err().clause, "ENV-4");
    }
}
