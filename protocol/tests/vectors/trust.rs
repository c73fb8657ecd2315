//! trust.md: the verdicts.

use crate::case::{Case, Outcome, bytes, list};
use crate::formula::given;
use std::collections::BTreeMap;
use yadgar_protocol::trust::{State, Verdict, check_head, judge as decide};
use yadgar_protocol::{ArchiveId, BlockId, Hash};

/// A candidate head against nothing or a trusted one.
pub fn judge(case: &Case) -> Outcome {
    assert_eq!(case.kind, "judge");
    let archive = ArchiveId(Hash(bytes(case.input, "archive").try_into().unwrap()));
    let trusted = case.input["trusted"].as_str().map(|text| {
        let head = hex::decode(text).unwrap();
        State::of(check_head(&archive, &head).expect("a trusted head that is good by itself"))
    });
    let ancestors: BTreeMap<BlockId, Vec<u8>> = list(case.input, "ancestors")
        .iter()
        .map(|a| hex::decode(a.as_str().unwrap()).unwrap())
        .map(|payload| (BlockId::dag_cbor(&payload), payload))
        .collect();
    let candidate = given(&case.input["candidate"]);
    let verdict = decide(&archive, trusted.as_ref(), &candidate, &ancestors).verdict;
    let out = Outcome::good().with("verdict", word(&verdict));
    match verdict {
        Verdict::NeedsAncestor(id) => out.with("missing", id.hash.to_hex()),
        Verdict::Refuse(reject) => Outcome { error: Some(reject.clause.into()), ..out },
        _ => out,
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accept(_) => "accept",
        Verdict::Known => "known",
        Verdict::Older => "older",
        Verdict::Settled { .. } => "settled",
        Verdict::Fork(_) => "fork",
        Verdict::Forked => "forked",
        Verdict::RootFork => "root-fork",
        Verdict::SupersededRoot => "superseded-root",
        Verdict::NeedsAncestor(_) => "needs-ancestor",
        Verdict::Refuse(_) => "refuse",
    }
}
