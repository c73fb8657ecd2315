//! Two copies of a draft become one that has the signatures of both (DRAFT-9).

use super::check::{Body, Checked};
use super::review::{Review, review};
use super::{Act, Block, Draft, Over};
use std::collections::BTreeMap;
use yadgar_protocol::Reject;
use yadgar_protocol::blocks::ReadBlocks;
use yadgar_protocol::cbor;
use yadgar_protocol::envelope::{Envelope, Signature};
use yadgar_protocol::release::Release;
use yadgar_protocol::trust::TrustRoot;

/// Why two drafts do not become one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unlike {
    /// What is to be signed differs.
    #[error("the two drafts are not the same act")]
    Payload,
    /// Together they are not a draft.
    #[error("the two drafts together: {0}")]
    Invalid(#[from] Reject),
}

/// Joins two drafts of the same act. The order of the two, and of several merges, makes no difference.
///
/// # Errors
/// [`Unlike::Payload`] when they are to be signed as different bytes.
pub fn merge(a: &Checked, b: &Checked) -> Result<Checked, Unlike> {
    let (x, y) = (&a.draft, &b.draft);
    if x.act != y.act || x.signed.payload != y.signed.payload || a.archive != b.archive {
        return Err(Unlike::Payload);
    }
    // Same payload: the trust roots have the same payloads too, and may differ in who signed them.
    let roots = x.roots.iter().zip(&y.roots).map(|(r, s)| least(r, s).clone()).collect();
    let prev = match (&x.prev, &y.prev) {
        (Some(p), Some(q)) => Some(p.min(q).clone()),
        (p, q) => p.as_ref().or(q.as_ref()).cloned(),
    };
    let blocks: BTreeMap<_, _> =
        a.blocks.iter().chain(&b.blocks).map(|(id, bytes)| (*id, bytes.clone())).collect();
    let mut draft = Draft::new(
        x.act,
        x.signed.payload.clone(),
        roots,
        prev,
        blocks.into_iter().map(|(id, bytes)| Block(id, bytes)).collect(),
    );
    draft.signed.signatures = signatures(&x.signed, &y.signed);
    let bytes = draft.encode();
    Ok(Checked::read(&bytes)?)
}

fn least<'a>(a: &'a Envelope, b: &'a Envelope) -> &'a Envelope {
    if cbor::encode(a) <= cbor::encode(b) { a } else { b }
}

/// One signature a key. A key can make several valid ones; then the least counts.
fn signatures(a: &Envelope, b: &Envelope) -> Vec<Signature> {
    let mut out: BTreeMap<_, &Signature> = BTreeMap::new();
    for signature in a.signatures.iter().chain(&b.signatures) {
        let kept = out.entry(signature.0).or_insert(signature);
        if signature.1 < kept.1 {
            *kept = signature;
        }
    }
    out.into_values().cloned().collect()
}

/// How two drafts differ in what is to be signed.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// Field, as the first has it, as the second has it.
    pub fields: Vec<(&'static str, String, String)>,
    /// Files that differ from the first to the second; `None` when the blocks to tell are missing.
    pub files: Option<Review>,
}

/// Compares two drafts of which [`merge`] said that they differ.
pub fn differences(a: &Checked, b: &Checked, store: Option<&dyn ReadBlocks>) -> Difference {
    let mut fields = vec![
        ("act", a.draft.act.word().to_owned(), b.draft.act.word().to_owned()),
        ("archive", a.archive.to_string(), b.archive.to_string()),
    ];
    let mut files = Some(Review::default());
    match (&a.body, &b.body) {
        (Body::Release(x), Body::Release(y)) => {
            fields.extend(release_fields(x, y));
            if a.archive == b.archive {
                let mine = Over(&b.blocks, store);
                files = review(&Over(&a.blocks, Some(&mine)), Some(x), y).ok();
            }
        }
        (Body::TrustRoot(x), Body::TrustRoot(y)) => fields.extend(root_fields(x, y)),
        (Body::Notice(x), Body::Notice(y)) => fields.extend([
            ("date", x.date.clone(), y.date.clone()),
            ("sequence", x.sequence.to_string(), y.sequence.to_string()),
            ("root-version", x.root_version.to_string(), y.root_version.to_string()),
            ("withdrawn", list(&x.withdrawn), list(&y.withdrawn)),
        ]),
        _ => {}
    }
    fields.retain(|(_, x, y)| x != y);
    Difference { fields, files }
}

fn release_fields(x: &Release, y: &Release) -> Vec<(&'static str, String, String)> {
    let prev = |r: &Release| r.prev.map_or("-".to_owned(), |h| h.to_hex());
    let parts = |r: &Release| {
        let part = |p: &yadgar_protocol::release::Part| {
            format!("{} ({} files, {} B)", p.name, p.files, p.bytes)
        };
        r.parts.iter().map(part).collect::<Vec<_>>().join(", ")
    };
    vec![
        ("date", x.date.clone(), y.date.clone()),
        ("sequence", x.sequence.to_string(), y.sequence.to_string()),
        ("prev", prev(x), prev(y)),
        ("root-version", x.root_version.to_string(), y.root_version.to_string()),
        ("records", x.records.to_string(), y.records.to_string()),
        ("parts", parts(x), parts(y)),
        ("withdrawn", list(&x.withdrawn), list(&y.withdrawn)),
    ]
}

fn root_fields(x: &TrustRoot, y: &TrustRoot) -> Vec<(&'static str, String, String)> {
    let role = |r: &yadgar_protocol::trust::Role| {
        let keys: Vec<_> = r.keys.iter().map(|k| k.key_id()).collect();
        format!("{} of {}", r.threshold, keys.join(" "))
    };
    let base =
        |r: &TrustRoot| r.base.map_or("-".to_owned(), |b| format!("{}:{}", b.0, b.1.to_hex()));
    let prev = |r: &TrustRoot| r.prev.map_or("-".to_owned(), |h| h.to_hex());
    let nonce =
        |r: &TrustRoot| r.nonce.map_or("-".to_owned(), |n| yadgar_protocol::ids::base32(&n));
    vec![
        ("name", x.name.clone(), y.name.clone()),
        ("version", x.version.to_string(), y.version.to_string()),
        ("prev", prev(x), prev(y)),
        ("base", base(x), base(y)),
        ("nonce", nonce(x), nonce(y)),
        ("root", role(&x.root), role(&y.root)),
        ("release", role(&x.release), role(&y.release)),
    ]
}

fn list(withdrawn: &[yadgar_protocol::withdraw::Withdrawal]) -> String {
    let one = |w: &yadgar_protocol::withdraw::Withdrawal| {
        let item = &w.item.to_hex()[..12];
        format!("{item} {} {} {}", w.reason.word(), w.date, w.sequence)
    };
    withdrawn.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Difference {
    /// True when only the date is another.
    pub fn is_date_only(&self) -> bool {
        self.fields.iter().all(|f| f.0 == "date")
            && self.files.as_ref().is_some_and(|f| f.files.is_empty())
    }
}

/// Acts are compared by word in messages.
impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
