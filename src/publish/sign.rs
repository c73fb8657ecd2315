//! Trees, release and head out of entries and keys.

use super::parts::PartRules;
use crate::store::{BlockStore, StoreError};
use yadgar_protocol::blocks::{Encoding, Packed};
use yadgar_protocol::envelope::{Context, Envelope};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::release::{CORE, Part, RECORDS_PREFIX, Release};
use yadgar_protocol::tree::{self, Entry};
use yadgar_protocol::trust::{Accepted, Role, TrustRoot};
use yadgar_protocol::{ArchiveId, Codec, Hash, Reject};

/// Why no release came of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Core has rules of its own and these files match no rule.
    #[error("no --part rule matches {0}")]
    NoPart(String),
    /// What was built is not allowed by the format.
    #[error("the release is not valid: {0}")]
    Invalid(#[from] Reject),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// What was to be signed is not allowed by the format.
    #[error(transparent)]
    Invalid(#[from] Reject),
    /// The signing process could not be started or used.
    #[error("the signing process: {0}")]
    Process(#[source] std::io::Error),
    /// The signing process said why: a file, a passphrase, a payload.
    #[error("{what}")]
    Failed {
        /// What happened.
        what: String,
        /// What the user can do.
        advice: Option<String>,
        /// Exit code that the command should have.
        exit: u8,
    },
}

/// Whoever has the keys: another process ([`super::apart::Apart`]), or, in tests, this one.
pub trait Signer {
    /// The public keys, each of which will sign.
    fn public(&self) -> &[PublicKey];

    /// Signatures over a payload, one for each key, in the order of [`Signer::public`].
    ///
    /// # Errors
    /// See [`SignError`].
    fn sign(
        &self,
        context: Context,
        archive: &ArchiveId,
        payload: &[u8],
    ) -> Result<Vec<(PublicKey, [u8; 64])>, SignError>;
}

/// The parts of a release, with their trees put into the store.
pub struct BuiltParts {
    /// As they stand in the release.
    pub parts: Vec<Part>,
    /// Entries under `records/`.
    pub records: u64,
}

/// Sorts entries into parts and builds each part's tree. Parts without files are left out, except core.
///
/// # Errors
/// See [`BuildError`].
pub fn build_parts(
    store: &dyn BlockStore,
    entries: Vec<Entry>,
    rules: &PartRules,
) -> Result<BuiltParts, BuildError> {
    let names = rules.names();
    let mut groups: Vec<Vec<Entry>> = names.iter().map(|_| Vec::new()).collect();
    let is_record = |e: &&Entry| e.path.as_str().starts_with(RECORDS_PREFIX);
    let records = entries.iter().filter(is_record).count() as u64;
    for entry in entries {
        let part = rules.part_of(&entry.path);
        let at = part.and_then(|name| names.iter().position(|n| n == name));
        match at {
            Some(at) => groups[at].push(entry),
            None => return Err(BuildError::NoPart(entry.path.to_string())),
        }
    }
    let mut parts = Vec::new();
    for (name, entries) in names.iter().zip(groups) {
        if entries.is_empty() && name != CORE {
            continue;
        }
        let built = tree::build(&entries)?;
        let nodes = built.nodes.into_iter();
        store.put(
            nodes.map(|(id, data)| Packed { id, encoding: Encoding::Plain, data }).collect(),
        )?;
        let (bytes, files) = (built.bytes, built.files);
        parts.push(Part { name: name.clone(), root: built.root, bytes, files });
    }
    Ok(BuiltParts { parts, records })
}

/// The release that follows `trusted` (or the first one).
pub fn next_release(
    archive: ArchiveId,
    root_version: u64,
    trusted: Option<&Accepted>,
    built: BuiltParts,
    date: String,
) -> Release {
    Release {
        date,
        kind: "release".into(),
        prev: trusted.map(Accepted::release_hash),
        parts: built.parts,
        format: yadgar_protocol::cbor::FORMAT,
        archive,
        records: built.records,
        sequence: trusted.map_or(1, |t| t.release.sequence + 1),
        withdrawn: trusted.map_or(vec![], |t| t.release.withdrawn.clone()),
        root_version,
    }
}

/// Signs a release and gives the head.
///
/// # Errors
/// See [`SignError`].
pub fn sign_release(
    roots: Vec<Envelope>,
    release: &Release,
    signer: &dyn Signer,
) -> Result<Head, SignError> {
    let mut envelope = Envelope::unsigned(release.encode());
    add_signatures(&mut envelope, Context::Release, &release.archive, signer)?;
    Ok(Head::new(roots, envelope))
}

/// Version 1 of a trust root, signed by all keys of `signer`.
///
/// # Errors
/// When the name or the thresholds are not allowed; see [`SignError`].
pub fn create_archive(
    name: &str,
    root: Role,
    release: Role,
    nonce: [u8; 16],
    signer: &dyn Signer,
) -> Result<(ArchiveId, Envelope), SignError> {
    let payload = {
        let root = TrustRoot::first(name, root, release, nonce);
        root.check()?;
        root.encode()
    };
    let archive = ArchiveId(Hash::of(&payload));
    let mut envelope = Envelope::unsigned(payload);
    add_signatures(&mut envelope, Context::TrustRoot, &archive, signer)?;
    yadgar_protocol::trust::check_chain(&archive, std::slice::from_ref(&envelope))?;
    Ok((archive, envelope))
}

/// Adds the signatures of all keys of `signer` to an envelope.
///
/// # Errors
/// See [`SignError`].
pub fn add_signatures(
    envelope: &mut Envelope,
    context: Context,
    archive: &ArchiveId,
    signer: &dyn Signer,
) -> Result<(), SignError> {
    for (key, signature) in signer.sign(context, archive, &envelope.payload)? {
        envelope.add(key, &signature);
    }
    Ok(())
}

/// The blocks that a release itself adds: its payload and the head.
pub fn head_blocks(head: &Head) -> Vec<Packed> {
    vec![
        Packed::plain(Codec::DagCbor, head.release.payload.clone()),
        Packed::plain(Codec::DagCbor, head.encode()),
    ]
}
