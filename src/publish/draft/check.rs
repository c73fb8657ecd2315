//! Reading a draft: nothing of it is shown or signed before all of this holds (DRAFT-1 to DRAFT-6).

use super::{Act, Draft, sign_chars};
use std::collections::{BTreeMap, BTreeSet};
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::envelope::{Context, Envelope};
use yadgar_protocol::head::Head;
use yadgar_protocol::ids::PublicKey;
use yadgar_protocol::limits::{MAX_BLOCK_BYTES, MAX_ROOTS};
use yadgar_protocol::notice::Notice;
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::{Accepted, Role, TrustRoot, check_chain, check_head};
use yadgar_protocol::{ArchiveId, BlockId, Reject};

/// What is to be signed, decoded.
#[derive(Debug, Clone)]
pub enum Body {
    /// A release.
    Release(Release),
    /// A version of the trust root.
    TrustRoot(TrustRoot),
    /// An urgent notice.
    Notice(Notice),
}

/// A role that has to sign, and who of it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// `release`, `root`, or `new-root` (the root role of the trust root that is to be signed).
    pub role: &'static str,
    /// Its keys.
    pub keys: Vec<PublicKey>,
    /// How many must sign.
    pub threshold: u64,
    /// Its keys that have signed.
    pub signed: Vec<PublicKey>,
}

impl Quorum {
    fn of(name: &'static str, role: &Role, signers: &BTreeSet<PublicKey>) -> Self {
        let signed = role.keys.iter().filter(|k| signers.contains(k)).copied().collect();
        Self { role: name, keys: role.keys.clone(), threshold: role.threshold, signed }
    }

    /// How many signatures are missing.
    pub fn missing(&self) -> u64 {
        self.threshold.saturating_sub(self.signed.len() as u64)
    }
}

/// A draft that was checked.
#[derive(Debug, Clone)]
pub struct Checked {
    /// As it was read.
    pub draft: Draft,
    /// Its archive.
    pub archive: ArchiveId,
    /// The trust roots in force, decoded.
    pub roots: Vec<TrustRoot>,
    /// The head that it follows, where the draft has one.
    pub prev: Option<Accepted>,
    /// What is to be signed.
    pub body: Body,
    /// Who signed; every signature is valid.
    pub signers: BTreeSet<PublicKey>,
    /// Its blocks, each of the right hash.
    pub blocks: BTreeMap<BlockId, Vec<u8>>,
}

impl Checked {
    /// Reads and checks a draft.
    ///
    /// # Errors
    /// The clause that is broken: `DRAFT-1` to `DRAFT-6`, and those of what is inside.
    pub fn read(bytes: &[u8]) -> Result<Self, Reject> {
        Self::of(Draft::decode(bytes)?)
    }

    /// Checks a draft.
    ///
    /// # Errors
    /// See [`Checked::read`].
    pub fn of(draft: Draft) -> Result<Self, Reject> {
        let (archive, roots) = roots_of(&draft)?;
        let body = body_of(&draft, &archive, &roots)?;
        let allowed = signing_roles(&body, &roots).iter().flat_map(|(_, r)| r.key_set()).collect();
        let signers = draft.signed.signers(context(draft.act), &archive, &allowed)?;
        let prev = prev_of(&draft, &archive, &body)?;
        let blocks = blocks_of(&draft)?;
        Ok(Self { draft, archive, roots, prev, body, signers, blocks })
    }

    /// What a signature on this is for.
    pub fn context(&self) -> Context {
        context(self.draft.act)
    }

    /// The roles that have to sign.
    pub fn quorums(&self) -> Vec<Quorum> {
        let roles = signing_roles(&self.body, &self.roots);
        roles.into_iter().map(|(name, role)| Quorum::of(name, role, &self.signers)).collect()
    }

    /// Keys whose signature counts here.
    pub fn allowed(&self) -> BTreeSet<PublicKey> {
        self.quorums().into_iter().flat_map(|q| q.keys).collect()
    }

    /// True when enough have signed.
    pub fn is_signed(&self) -> bool {
        self.quorums().iter().all(|q| q.missing() == 0)
    }

    /// What people compare by voice (DRAFT-11).
    pub fn chars(&self) -> String {
        sign_chars(&self.draft.signed.payload)
    }

    /// The release that the act follows: of the head inside, else the payload among `blocks` that the
    /// act names by its hash.
    pub fn before(&self, blocks: &dyn ReadBlocks) -> Option<Release> {
        if let Some(prev) = &self.prev {
            return Some(prev.release.clone());
        }
        let hash = match &self.body {
            Body::Release(release) => release.prev?,
            Body::TrustRoot(root) => root.base?.1,
            Body::Notice(_) => return None,
        };
        let id = BlockId { codec: yadgar_protocol::Codec::DagCbor, hash };
        Release::decode(&blocks.block(&id).ok()??).ok()
    }

    /// The head that a release draft becomes.
    pub fn head(&self) -> Head {
        Head::new(self.draft.roots.clone(), self.draft.signed.clone())
    }

    /// The list of trust roots that a trust root draft becomes.
    pub fn new_roots(&self) -> Vec<Envelope> {
        let mut roots = self.draft.roots.clone();
        roots.push(self.draft.signed.clone());
        roots
    }

    /// Name of the archive.
    pub fn name(&self) -> &str {
        match (&self.body, self.roots.last()) {
            (Body::TrustRoot(root), _) | (_, Some(root)) => &root.name,
            (_, None) => "",
        }
    }
}

const fn context(act: Act) -> Context {
    match act {
        Act::Release => Context::Release,
        Act::TrustRoot => Context::TrustRoot,
        Act::Notice => Context::Notice,
    }
}

/// DRAFT-2.
fn roots_of(draft: &Draft) -> Result<(ArchiveId, Vec<TrustRoot>), Reject> {
    if draft.roots.is_empty() && draft.act == Act::TrustRoot {
        return Ok((ArchiveId(draft.signed.payload_hash()), Vec::new()));
    }
    let first = draft.roots.first().ok_or(Reject::new("DRAFT-2", "a draft without trust root"))?;
    let archive = ArchiveId(first.payload_hash());
    if draft.act == Act::TrustRoot && draft.roots.len() >= MAX_ROOTS {
        return Err(Reject::new("TRUST-1", "a head has 1 to 256 trust roots"));
    }
    Ok((archive, check_chain(&archive, &draft.roots)?))
}

/// DRAFT-3.
fn body_of(draft: &Draft, archive: &ArchiveId, roots: &[TrustRoot]) -> Result<Body, Reject> {
    let payload = &draft.signed.payload;
    let version = roots.last().map_or(0, |r| r.version);
    match draft.act {
        Act::Release => {
            let release = Release::decode(payload)?;
            if release.archive != *archive || release.root_version != version {
                return Err(Reject::new("TRUST-6", "a release of another archive or trust root"));
            }
            check_base(&release, roots)?;
            Ok(Body::Release(release))
        }
        Act::TrustRoot => {
            let root = TrustRoot::decode(payload)?;
            check_follows(draft, archive, roots, &root)?;
            Ok(Body::TrustRoot(root))
        }
        Act::Notice => {
            let notice = Notice::decode(payload)?;
            if notice.archive != *archive || notice.root_version != version {
                return Err(Reject::new("WD-5", "a notice of another archive or trust root"));
            }
            Ok(Body::Notice(notice))
        }
    }
}

/// TRUST-19.
fn check_base(release: &Release, roots: &[TrustRoot]) -> Result<(), Reject> {
    let Some(base) = roots.last().and_then(|root| root.base) else { return Ok(()) };
    let next = release.sequence.checked_sub(1) == Some(base.0);
    if release.sequence <= base.0 || (next && release.prev != Some(base.1)) {
        return Err(Reject::new("TRUST-19", "a release that does not go on from the base"));
    }
    Ok(())
}

/// TRUST-5 and TRUST-18, as far as they do not count signatures.
fn check_follows(
    draft: &Draft,
    archive: &ArchiveId,
    roots: &[TrustRoot],
    root: &TrustRoot,
) -> Result<(), Reject> {
    let (Some(before), Some(envelope)) = (roots.last(), draft.roots.last()) else {
        let first = root.version == 1;
        return if first {
            Ok(())
        } else {
            Err(Reject::new("TRUST-2", "a gap in the trust roots"))
        };
    };
    let follows = root.version == before.version + 1
        && root.prev == Some(envelope.payload_hash())
        && root.archive.as_ref() == Some(archive);
    if !follows {
        return Err(Reject::new("TRUST-5", "a trust root that does not follow the one before"));
    }
    let settled = |root: &TrustRoot| root.base.map_or(0, |base| base.0);
    let same = settled(root) == settled(before);
    if settled(root) < settled(before) || (same && root.base != before.base) {
        return Err(Reject::new("TRUST-18", "a base that goes back"));
    }
    Ok(())
}

/// The roles of which enough must sign. Their order is that in which they are shown.
fn signing_roles<'a>(body: &'a Body, roots: &'a [TrustRoot]) -> Vec<(&'static str, &'a Role)> {
    match (body, roots.last()) {
        (Body::TrustRoot(root), None) => vec![("root", &root.root)],
        (Body::TrustRoot(root), Some(before)) if before.root == root.root => {
            vec![("root", &before.root)]
        }
        (Body::TrustRoot(root), Some(before)) => {
            vec![("root", &before.root), ("new-root", &root.root)]
        }
        (_, Some(root)) => vec![("release", &root.release)],
        (_, None) => Vec::new(),
    }
}

/// DRAFT-5.
fn prev_of(draft: &Draft, archive: &ArchiveId, body: &Body) -> Result<Option<Accepted>, Reject> {
    let Some(bytes) = &draft.prev else { return Ok(None) };
    let prev = check_head(archive, bytes)?;
    let older = prev.head.roots.len() <= draft.roots.len()
        && prev.head.roots.iter().zip(&draft.roots).all(|(a, b)| a.payload == b.payload);
    if !older {
        return Err(Reject::new("DRAFT-5", "the head before has other trust roots"));
    }
    let hash = Some(prev.release_hash());
    let fits = match body {
        Body::Release(release) => {
            release.prev == hash && release.sequence.checked_sub(1) == Some(prev.release.sequence)
        }
        Body::TrustRoot(root) => {
            root.base.map(|base| (base.0, base.1))
                == Some((prev.release.sequence, prev.release_hash()))
        }
        Body::Notice(notice) => notice.sequence == prev.release.sequence,
    };
    if fits {
        Ok(Some(prev))
    } else {
        Err(Reject::new("DRAFT-5", "the act does not follow the head that is given with it"))
    }
}

/// DRAFT-6.
fn blocks_of(draft: &Draft) -> Result<BTreeMap<BlockId, Vec<u8>>, Reject> {
    if !draft.blocks.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(Reject::new("DRAFT-6", "blocks out of order, or one twice"));
    }
    if draft.blocks.iter().any(|b| b.1.len() > MAX_BLOCK_BYTES || !b.0.matches(&b.1)) {
        return Err(Reject::new("DRAFT-6", "a block with another hash"));
    }
    Ok(draft.blocks.iter().map(|b| (b.0, b.1.clone())).collect())
}
