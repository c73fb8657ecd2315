//! What a node trusts so far, and its canonical bytes (TRUST-17, TRUST-25).

use super::accepted::{Accepted, check_head, lesser};
use super::fork::{Agreed, CheckedFork, Fork};
use crate::envelope::{Envelope, Signature};
use crate::ids::{ArchiveId, Hash};
use crate::limits::MAX_ANCESTORS;
use crate::reject::Reject;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;

/// Longest encoded state, in bytes: more than a head, a fork and 4096 releases seen can take.
pub const STATE_BYTES: usize = 16 * 1024 * 1024;

/// A signed release that was judged. Its payload is a block (codec dag-cbor) with that hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Hash of the payload.
    pub hash: Hash,
    /// The signatures, as received.
    pub signatures: Vec<Signature>,
}

impl Seen {
    /// What is noted of a signed release.
    pub(super) fn of(envelope: &Envelope) -> Self {
        Self { hash: envelope.payload_hash(), signatures: envelope.signatures.clone() }
    }
}

/// What is trusted so far. Callers never change it: [`super::judge`] gives the one that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The trusted head. While a fork stands, that of the agreed release when it was seen, else that
    /// of the first branch (TRUST-25).
    pub trusted: Accepted,
    /// By sequence: the signed releases seen under its trust root on its chain below it; while a fork
    /// stands, below the agreed release. The newest 4096.
    pub seen: BTreeMap<u64, Seen>,
    /// The fork that stands.
    pub fork: Option<CheckedFork>,
}

impl State {
    /// The head to fetch and to take as newest (TRUST-24): the trusted one. `None` while a fork stands whose
    /// agreed release was not seen, since the trusted head is one of its branches then.
    pub fn followed(&self) -> Option<&Accepted> {
        let agreed = |fork: &CheckedFork| fork.agreed.hash == Some(self.trusted.release_hash());
        self.fork.as_ref().is_none_or(agreed).then_some(&self.trusted)
    }
}

/// The encoding. Field order is ENC-4's.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fork: Option<Fork>,
    kind: String,
    seen: Vec<(u64, Hash, Vec<Signature>)>,
    format: u64,
    trusted: ByteBuf,
}

impl Form {
    fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let form: Self = crate::cbor::decode(bytes, STATE_BYTES)?;
        crate::cbor::check_format(form.format, "TRUST-17")?;
        let ordered = form.seen.is_sorted_by(|a, b| a.0 < b.0);
        if form.kind != "state" || !ordered || form.seen.len() as u64 > MAX_ANCESTORS {
            return Err(Reject::new("TRUST-17", "not a state"));
        }
        Ok(form)
    }
}

impl State {
    /// The state after a first head (TRUST-16).
    pub fn of(trusted: Accepted) -> Self {
        Self { trusted, seen: BTreeMap::new(), fork: None }
    }

    /// The release that is shown where it is held (TRUST-24): the agreed one while a fork stands, the
    /// trusted one otherwise. Sequence 0 without a hash when a fork goes back to the first release.
    pub fn shown_rule(&self) -> Agreed {
        let (sequence, hash) = self.top();
        Agreed { sequence, hash }
    }

    /// The canonical bytes: equal states, equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        let seen = self.seen.iter().map(|(at, s)| (*at, s.hash, s.signatures.clone())).collect();
        let fork = self.fork.as_ref().map(|fork| fork.fork.clone());
        encode_form(fork, seen, &self.trusted.bytes)
    }

    /// Decodes a state and checks it again: head, fork, and that they belong together.
    ///
    /// # Errors
    /// The clause that is broken; `TRUST-17` for what is no state.
    pub fn decode(archive: &ArchiveId, bytes: &[u8]) -> Result<Self, Reject> {
        let form = Form::decode(bytes)?;
        let trusted = check_head(archive, &form.trusted)?;
        let fork = form.fork.map(|fork| fork.check(archive)).transpose()?;
        let of = |(at, hash, signatures)| (at, Seen { hash, signatures });
        let state = Self { trusted, seen: form.seen.into_iter().map(of).collect(), fork };
        let fits = state.fork.as_ref().is_none_or(|fork| {
            let release = state.trusted.release_hash();
            let branch = fork.fork.branches[0].release.payload_hash();
            fork.fork.roots == state.trusted.head.roots
                && (fork.agreed.hash == Some(release) || branch == release)
        });
        let last = state.seen.last_key_value().map_or(0, |(at, _)| *at);
        if !fits || last >= state.trusted.release.sequence {
            return Err(Reject::new("TRUST-17", "a state whose parts do not fit"));
        }
        Ok(state)
    }

    /// The last release of the chain that is agreed on: the trusted one, or the agreed one of a fork.
    pub(super) fn top(&self) -> (u64, Option<Hash>) {
        match &self.fork {
            Some(fork) => (fork.agreed.sequence, fork.agreed.hash),
            None => (self.trusted.release.sequence, Some(self.trusted.release_hash())),
        }
    }

    /// True when the signed release at the top is the trusted one.
    pub(super) fn holds_top(&self) -> bool {
        self.top().1 == Some(self.trusted.release_hash())
    }

    /// Everything seen on the agreed chain, the top included when it was seen.
    pub(super) fn points(&self) -> BTreeMap<u64, Seen> {
        let mut points = self.seen.clone();
        if self.holds_top() {
            let release = &self.trusted.head.release;
            points.insert(self.trusted.release.sequence, Seen::of(release));
        }
        points
    }

    /// Payloads that the state itself has.
    pub(super) fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        let branches = self.fork.iter().flat_map(CheckedFork::payloads);
        std::iter::once(self.trusted.head.release.payload.as_slice()).chain(branches)
    }

    /// The same state with `roots` in place of the trust root envelopes; the payloads are the same.
    pub(super) fn with_roots(
        &self,
        archive: &ArchiveId,
        roots: Vec<Envelope>,
    ) -> Result<Self, Reject> {
        let again = |fork: &CheckedFork| {
            let branches = fork.fork.branches.clone();
            CheckedFork::of_parts(archive, roots.clone(), branches, fork.agreed)
        };
        let fork = self.fork.as_ref().map(again).transpose()?;
        let trusted = self.trusted.with_roots(roots)?;
        Ok(Self { trusted, seen: self.seen.clone(), fork })
    }
}

/// Keeps the newest of what was seen, so that a state is bounded.
pub(super) fn newest(mut seen: BTreeMap<u64, Seen>) -> BTreeMap<u64, Seen> {
    while seen.len() as u64 > MAX_ANCESTORS {
        seen.pop_first();
    }
    seen
}

/// For each version, the lesser of the two envelopes of one trust root; the rest of the longer list.
pub(super) fn join_roots(a: &[Envelope], b: &[Envelope]) -> Vec<Envelope> {
    let rest = if a.len() > b.len() { &a[b.len()..] } else { &b[a.len()..] };
    let both = a.iter().zip(b).map(|(x, y)| lesser(x, y));
    both.chain(rest).cloned().collect()
}

fn encode_form(
    fork: Option<Fork>,
    seen: Vec<(u64, Hash, Vec<Signature>)>,
    trusted: &[u8],
) -> Vec<u8> {
    let (kind, format) = ("state".to_owned(), crate::cbor::FORMAT);
    crate::cbor::encode(&Form { fork, kind, seen, format, trusted: trusted.to_vec().into() })
}

/// The state bytes of a head alone, which is not checked here. For tests and tools that make homes.
pub fn state_of_head(head: &[u8]) -> Vec<u8> {
    encode_form(None, Vec::new(), head)
}

/// The trusted head in encoded state bytes that were kept here: decoded, not checked again.
///
/// # Errors
/// Encoding clauses, `TRUST-17`.
pub fn head_of_state(bytes: &[u8]) -> Result<Vec<u8>, Reject> {
    Ok(Form::decode(bytes)?.trusted.into_vec())
}
